"""Payment amounts under the OPPS cap on imaging, by code, contractor and locality, file OPPSCAP (csv, txt, xlsx).

The release stands only in the names of the file and its archive. Of codes that contractors price the amount is the cap alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, ReadError, Reading, Record, RefusedError, Release, batched, fail, system_of
from ingest.readers.values import CONTRACTOR, LOCALITY, amount, column, digits, label, qpp_named, rvu_release

TITLE = "Medicare Physician Fee Schedule, payment amounts under the OPPS cap"
URL = "https://www.cms.gov/medicare/payment/fee-schedules/physician/pfs-relative-value-files"
COLUMNS = ("code", "modifier", "contractor", "locality", "status", "facility", "nonfacility")
MONTHS = {"A": 1, "B": 4, "C": 7, "D": 10}
LABELS = ("^HCPCS$", "^MOD$", "^CARRIER$", "^LOCALITY$", "^PROCSTAT$", "^FACILITY PRICE$", "^NON-FACIL?I?TY PRICE$")  # published with a slip
HEADER = re.compile(rb"\W*HCPCS,\s*MOD,\s*PROCSTAT,\s*CARRIER,\s*LOCALITY,\s*FACILITY PRICE,", re.IGNORECASE)
TEXT_ROW = re.compile(r"([0-9A-Z]{5})([0-9A-Z ]{2}) ([A-Z]) (\d{5})  (\d\d) +(\d+\.\d\d) +(\d+\.\d\d)")
TEXT_HEAD = re.compile(TEXT_ROW.pattern.encode() + rb" *\r?\n")


def sniff(head: bytes) -> bool:
    """The header of the table, or a row of the text."""
    return bool(HEADER.match(head) or TEXT_HEAD.match(head))


def read(file: OfficialFile) -> Reading:
    """Read the amounts of one release, in US dollars.

    Raises:
        RefusedError: for the file of qualifying APM participants.
    """
    if qpp_named(file.name):
        raise RefusedError(f"{file}: holds the amounts of qualifying APM participants (QPP); add the nonQPP file instead")
    found = rvu_release(file)
    if not found:
        raise ReadError(f"{file}: year and month stand only in the names; add the archive it came in, or name the file as in OPPSCAP_Oct2025.csv")
    year, letter = found
    start, end = date(year, MONTHS[letter], 1), date(year, 12, 31)
    release = Release(SourceKind.OPPS_CAP, f"RVU{year % 100:02}{letter}", TITLE, "CMS", None, start, end, URL)
    reading = Reading(release, {"opps_cap": COLUMNS}, iter(()))
    rows = _from_table(file) if HEADER.match(file.head()) else _from_text(file)
    reading.batches = batched("opps_cap", _records(file, rows, reading))
    return reading


def _records(file: OfficialFile, rows: Iterator[tuple[int, list[str]]], reading: Reading) -> Iterator[Record]:
    seen = set()
    for line, (code, modifier, contractor, locality, status, facility, nonfacility) in rows:
        if system_of(code) is None:
            reading.skip("not a code")
            continue
        key = (code, modifier, digits(contractor, CONTRACTOR, file, line, "carrier"), digits(locality, LOCALITY, file, line, "locality"))
        if key in seen:
            reading.skip("repeated")
            continue
        seen.add(key)
        yield (*key, status, amount(facility, file, line, "facility price"), amount(nonfacility, file, line, "non-facility price"))


def _from_table(file: OfficialFile) -> Iterator[tuple[int, list[str]]]:
    with file.table() as rows:
        labels = [label(cell) for cell in next(rows, [])]
        places = [column(labels, pattern, file, 1) for pattern in LABELS]
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) <= max(places):
                fail(file, rows.line_num, f"{len(row)} columns, wanted {max(places) + 1}: {','.join(row)[:60]!r}")
            yield rows.line_num, [row[place].strip() for place in places]


def _from_text(file: OfficialFile) -> Iterator[tuple[int, list[str]]]:
    with file.text() as lines:
        for number, line in enumerate(lines, start=1):
            line = line.strip("\r\n\x1a").rstrip()
            if not line:
                continue
            found = TEXT_ROW.fullmatch(line)
            if not found:
                fail(file, number, f"not code, modifier, status, carrier, locality and two prices: {line[:60]!r}")
            code, modifier, status, contractor, locality, facility, nonfacility = found.groups()
            yield number, [code, modifier.strip(), contractor, locality, status, facility, nonfacility]
