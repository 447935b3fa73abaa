"""The counties of each fee schedule locality, file LOCCO (csv, xlsx).

The state stands only on the first row of its group, names end in asterisks, and the csv lost its leading zeros. The text of the same
release cuts the lists of counties off after 58 characters and leaves California out, so it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, Reading, Record, RefusedError, Release, batched, fail
from ingest.readers.values import CONTRACTOR, LOCALITY, column, digits, label, name

TITLE = "Medicare Physician Fee Schedule, counties of the localities"
URL = "https://www.cms.gov/medicare/payment/fee-schedules/physician/pfs-relative-value-files"
COLUMNS = ("contractor", "locality", "position", "state", "name", "counties")
CAPTION = re.compile(rb"COUNTIES INCLUDED IN (20\d\d) LOCALITIES", re.IGNORECASE)
STATES = {
    "ALABAMA": "AL", "ALASKA": "AK", "AMERICAN SAMOA": "AS", "ARIZONA": "AZ", "ARKANSAS": "AR", "CALIFORNIA": "CA", "COLORADO": "CO",
    "CONNECTICUT": "CT", "DELAWARE": "DE", "DISTRICT OF COLUMBIA": "DC", "FLORIDA": "FL", "GEORGIA": "GA", "GUAM": "GU", "HAWAII": "HI",
    "IDAHO": "ID", "ILLINOIS": "IL", "INDIANA": "IN", "IOWA": "IA", "KANSAS": "KS", "KENTUCKY": "KY", "LOUISIANA": "LA", "MAINE": "ME",
    "MARYLAND": "MD", "MASSACHUSETTS": "MA", "MICHIGAN": "MI", "MINNESOTA": "MN", "MISSISSIPPI": "MS", "MISSOURI": "MO", "MONTANA": "MT",
    "NEBRASKA": "NE", "NEVADA": "NV", "NEW HAMPSHIRE": "NH", "NEW JERSEY": "NJ", "NEW MEXICO": "NM", "NEW YORK": "NY", "NORTH CAROLINA": "NC",
    "NORTH DAKOTA": "ND", "NORTHERN MARIANA ISLANDS": "MP", "OHIO": "OH", "OKLAHOMA": "OK", "OREGON": "OR", "PENNSYLVANIA": "PA",
    "PUERTO RICO": "PR", "RHODE ISLAND": "RI", "SOUTH CAROLINA": "SC", "SOUTH DAKOTA": "SD", "TENNESSEE": "TN", "TEXAS": "TX", "UTAH": "UT",
    "VERMONT": "VT", "VIRGIN ISLANDS": "VI", "VIRGINIA": "VA", "WASHINGTON": "WA", "WEST VIRGINIA": "WV", "WISCONSIN": "WI", "WYOMING": "WY",
}  # fmt: skip


def sniff(head: bytes) -> bool:
    """The caption with the year of the localities."""
    return bool(CAPTION.match(head.lstrip(b'\xef\xbb\xbf" ')))


def read(file: OfficialFile) -> Reading:
    """Read the localities of one year; `state` is in postal letters, several joined by blanks.

    Raises:
        RefusedError: for the text, which is cut off.
    """
    head = file.head()
    found = CAPTION.search(head)
    if not found:
        fail(file, 1, "no caption like 'COUNTIES INCLUDED IN 2025 LOCALITIES'")
    if b"Locality Number," not in head:
        raise RefusedError(f"{file}: the text cuts the lists of counties off; the csv and xlsx of the same release have them whole, add one of those")
    year = int(found[1])
    release = Release(SourceKind.LOCALITY, str(year), TITLE, "CMS", None, date(year, 1, 1), date(year, 12, 31), URL)
    reading = Reading(release, {"locality": COLUMNS}, iter(()))
    reading.batches = batched("locality", _records(file, reading))
    return reading


def _records(file: OfficialFile, reading: Reading) -> Iterator[Record]:
    places: list[int] = []
    state = ""
    seen: list[Record] = []
    with file.table() as rows:
        for row in rows:
            line = rows.line_num
            if not places:
                labels = [label(cell) for cell in row]
                if "LOCALITY NUMBER" in labels:
                    patterns = ("CONTRACTOR", "^LOCALITY NUMBER$", "^STATE$", "^FEE SCHEDULE AREA$", "^COUNTIES$")
                    places = [column(labels, pattern, file, line) for pattern in patterns]
                continue
            if sum(bool(cell.strip()) for cell in row) < 2:
                if any(cell.strip() for cell in row):
                    reading.skip("footnote")
                else:
                    state = ""  # a blank row ends the group of a state
                continue
            if len(row) <= max(places):
                fail(file, line, f"{len(row)} columns, wanted {max(places) + 1}: {','.join(row)[:60]!r}")
            contractor, locality, named, area, counties = (row[place].strip() for place in places)
            state = _letters(named, file, line) if named else state
            if not state:
                fail(file, line, "the first row of a group, and no state on it")
            key = (digits(contractor, CONTRACTOR, file, line, "contractor"), digits(locality, LOCALITY, file, line, "locality"))
            rest = (state, name(area), " ".join(counties.split()))
            same = [record for record in seen if record[:2] == key]
            if any(record[3:] == rest for record in same):
                reading.skip("repeated")
                continue
            seen.append((*key, len(same) + 1, *rest))
            yield seen[-1]


def _letters(named: str, file: OfficialFile, line: int) -> str:
    """The postal letters of a state, or of several: `HAWAII/GUAM`."""
    names = [part.strip() for part in name(named).upper().split("/")]
    if unknown := [part for part in names if part not in STATES]:
        fail(file, line, f"{unknown[0]!r} is no state")
    return " ".join(STATES[part] for part in names)
