"""Add-on code edits: the fixed-width file that CMS publishes, and a derived csv of type, add-on and primary.

Columns of the published file, counted from 1: type 1, add-on 2-6, its deletion 7-13, primary 14-18, its deletion 19-25,
effective 26-32, deletion of the edit 33-39, notes from 40. Dates are YYYYDDD. `CCCCC` as primary: the contractor defines it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from corpus.model import SourceKind
from ingest.readers.base import IN_FORCE, UNKNOWN, OfficialFile, Reading, Release, batched, fail, quarter, system_of

TITLE = "Medicare NCCI Add-on Code Edits"
URL = "https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits/medicare-ncci-add-code-edits"
COLUMNS = ("add_on", "primary", "type", "effective", "deleted", "note")
ANY_PRIMARY = "CCCCC"
PUBLISHED = re.compile(rb"[123][0-9A-Z]{5}[ \d]{7}[0-9A-Z]{5}[ \d]{7}\d{7}")
DERIVED = re.compile(rb'"?primary_code"?,"?add_on_code"?,"?aoc_edit_type"?')
Record = tuple[str, str, int, int, int, str]


def sniff(head: bytes) -> bool:
    """A first line of the fixed width, or the header of a derived file."""
    return bool(PUBLISHED.match(head) or DERIVED.match(head))


def read(file: OfficialFile) -> Reading:
    """Read the edits of one quarter; rows whose deletion has passed stay, with their dates."""
    release, start, end = quarter(file.name, file)
    reading = Reading(Release(SourceKind.ADD_ON, release, TITLE, "CMS", None, start, end, URL), {"add_on": COLUMNS}, iter(()))
    records = _derived(file) if DERIVED.match(file.head()) else _published(file)
    reading.batches = batched("add_on", _checked(records, file, reading))
    return reading


def _checked(records: Iterator[tuple[int, Record]], file: OfficialFile, reading: Reading) -> Iterator[Record]:
    seen: set[tuple[str, str, int]] = set()
    for line, record in records:
        add_on, primary, kind, effective = record[:4]
        if system_of(add_on) is None or (primary != ANY_PRIMARY and system_of(primary) is None) or kind not in (1, 2, 3):
            fail(file, line, f"type {kind}, add-on {add_on!r}, primary {primary!r} is no add-on edit")
        if (add_on, primary, effective) in seen:
            reading.skip("repeated")
            continue
        seen.add((add_on, primary, effective))
        yield record


def _published(file: OfficialFile) -> Iterator[tuple[int, Record]]:
    with file.text() as text:
        for line, row in enumerate(text, start=1):
            if not row.strip("\r\n\x1a "):
                continue
            if not row[0].isdigit() or len(row.rstrip("\r\n")) < 32:
                fail(file, line, f"{row.strip()[:40]!r} is no line of 32 or more characters that begins with the type")
            effective = _day(row[25:32], file, line, UNKNOWN)
            deletions = [_day(row[place : place + 7], file, line, IN_FORCE) for place in (6, 18, 32)]
            note = row[39:].strip().strip('"').strip()
            yield line, (row[1:6], row[13:18], int(row[0]), effective, min(deletions), note)


def _derived(file: OfficialFile) -> Iterator[tuple[int, Record]]:
    with file.table() as rows:
        next(rows)
        for row in rows:
            if len(row) != 3 or not row[2].isdigit():
                fail(file, rows.line_num, f"wanted primary, add-on and type: {','.join(row)[:60]!r}")
            yield rows.line_num, (row[1], row[0], int(row[2]), UNKNOWN, IN_FORCE, "")


def _day(text: str, file: OfficialFile, line: int, missing: int) -> int:
    """A day YYYYDDD as YYYYMMDD; `missing` for blanks."""
    text = text.strip()
    if not text:
        return missing
    try:
        day: date = datetime.strptime(text, "%Y%j").date()
    except ValueError:
        fail(file, line, f"{text!r} is not a day YYYYDDD")
    return day.year * 10000 + day.month * 100 + day.day
