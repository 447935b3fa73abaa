"""Geographic practice cost indices by contractor and locality, "Addendum E" of the fee schedule rule (csv, txt, xlsx).

A title names the year; rows follow one header line and end in footnotes. The work index is given with the floor of 1.0, without it,
or both. The text has no separators and its labels are cut off.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, Reading, Record, Release, batched, fail
from ingest.readers.values import CONTRACTOR, LOCALITY, column, column_or_none, digits, label, name, needed

TITLE = "Medicare Physician Fee Schedule, geographic practice cost indices (GPCI)"
URL = "https://www.cms.gov/medicare/payment/fee-schedules/physician/pfs-relative-value-files"
COLUMNS = ("contractor", "locality", "state", "name", "work", "work_without_floor", "pe", "malpractice")
LABELS = re.compile(rb"20\d\d PW GPCI.*20\d\d PE GPCI.*20\d\d MP GPCI")
YEAR = re.compile(rb"(20\d\d) PW GPCI")
TEXT_ROW = re.compile(r"(\d{5})\s+([A-Z]{2})\s+(\d\d)\s+(\S.*?)\s+(\d\.\d{3})\s+(\d\.\d{3})\s+(\d\.\d{3})")


def sniff(head: bytes) -> bool:
    """The labels of the three indices with their year, after the label of the localities."""
    return bool(LABELS.search(head)) and b"Localit" in head


def read(file: OfficialFile) -> Reading:
    """Read the indices of one year. A contractor and locality that stand twice with different values are left out and counted."""
    head = file.head()
    found = YEAR.search(head)
    if not found:
        fail(file, 1, "no label like '2026 PW GPCI'")
    year = int(found[1])
    release = Release(SourceKind.GPCI, str(year), TITLE, "CMS", None, date(year, 1, 1), date(year, 12, 31), URL)
    reading = Reading(release, {"gpci": COLUMNS}, iter(()))
    is_table = b"," in next(line for line in head.splitlines() if YEAR.search(line))
    records = list(_from_table(file, reading) if is_table else _from_text(file, reading))
    reading.batches = batched("gpci", _consistent(records, reading))
    return reading


def _consistent(records: list[Record], reading: Reading) -> Iterator[Record]:
    """Each contractor and locality once."""
    unique = list(dict.fromkeys(records))
    if len(unique) < len(records):
        reading.skip("repeated", len(records) - len(unique))
    count = Counter(record[:2] for record in unique)
    for record in unique:
        if count[record[:2]] > 1:
            reading.skip("contractor and locality stand twice with different values")
        else:
            yield record


def _from_table(file: OfficialFile, reading: Reading) -> Iterator[Record]:
    places: list[int | None] = []
    with file.table() as rows:
        for row in rows:
            line = rows.line_num
            if not places:
                if YEAR.search(",".join(row).encode("cp1252", "replace")):
                    places = _places(row, file, line)
                continue
            if sum(bool(cell.strip()) for cell in row) < 2:
                if any(row):
                    reading.skip("footnote")
                continue
            contractor, locality, state, title, work, bare, pe, malpractice = (row[p] if p is not None and p < len(row) else "" for p in places)
            with_floor, without = (cell if cell.strip() else other for cell, other in ((work, bare), (bare, "")))
            if not re.fullmatch("[A-Z]{2}", state.strip()):
                fail(file, line, f"state {state!r}, wanted two letters")
            yield (
                digits(contractor, CONTRACTOR, file, line, "contractor"),
                digits(locality, LOCALITY, file, line, "locality"),
                state.strip(),
                name(title),
                needed(with_floor, file, line, "work index"),
                needed(without, file, line, "work index without floor") if without.strip() else None,
                needed(pe, file, line, "PE index"),
                needed(malpractice, file, line, "MP index"),
            )


def _places(row: list[str], file: OfficialFile, line: int) -> list[int | None]:
    """Where the columns stand, in the order of `COLUMNS`; the work index may lack one of its two forms."""
    labels = [label(cell) for cell in row]
    work = column_or_none(labels, r"PW GPCI(?!.*WITHOUT)", file, line)
    bare = column_or_none(labels, r"PW GPCI.*WITHOUT", file, line)
    first = [column(labels, pattern, file, line) for pattern in (r"CONTRACTOR|^MAC$", r"^LOCALITY NUMBER", r"^STATE$", r"^LOCALITY NAME")]
    return [*first, work, bare, column(labels, r"\bPE GPCI", file, line), column(labels, r"\bMP GPCI", file, line)]


def _from_text(file: OfficialFile, reading: Reading) -> Iterator[Record]:
    started = False
    with file.text() as lines:
        for number, line in enumerate(lines, start=1):
            text = line.strip(" \r\n\x1a")
            if not started:
                started = bool(YEAR.search(text.encode("cp1252", "replace")))
                if text.count("PW GPCI") > 1:
                    fail(file, number, "two work indices whose labels are cut off; add the csv or xlsx of the same release")
            elif found := TEXT_ROW.fullmatch(text):
                contractor, state, locality, title, work, pe, malpractice = found.groups()
                yield contractor, locality, state, name(title), float(work), None, float(pe), float(malpractice)
            elif re.match(r"\d{5}\s", text):
                fail(file, number, f"not contractor, state, locality, name and three indices: {text[:60]!r}")
            elif text:
                reading.skip("footnote")
