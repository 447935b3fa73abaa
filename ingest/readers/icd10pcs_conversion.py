"""The ICD-10-PCS Conversion Table (txt with tabs, xlsx): what a code was before, since fiscal year 2016.

"Deleted": the previous code ended and the current one stands for it, `NoPCS`: none does. "New": the previous code was used for it until then
and may go on, `NoPCS`: there was none. "Revised": the title changed, or the code took over what another one was called. The txt leaves the
comment and its tab out where there is none. The effective year is a fiscal year, so 10.01 of 2026 is October 1, 2025
(layout: icd10pcsConversionTable.pdf in the archive of CMS).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta

from corpus.model import SourceKind
from ingest.readers import pcs
from ingest.readers.base import OfficialFile, ReadError, Reading, batched, fail
from ingest.readers.names import MAPPING, PCS

TITLE = "ICD-10-PCS Conversion Table"
HEADER = ("Current code(s) assignment", "Code title", "Effective year", "Previous code(s) assignment", "Predecessor code title", "Change type",
          "Comment", "Effective month/day [MM.DD]")  # fmt: skip
RELATIONS = {"New": "new", "Deleted": "replaced by", "Revised": "revised"}
NONE, NO_TITLE = "NoPCS", "No description"
COMMENT = 6
Row = tuple[int, list[str], date]  # line, the eight cells, the day of the change


def sniff(head: bytes) -> bool:
    """The column captions."""
    first = head.decode("cp1252", "replace").lstrip().splitlines()[:1]
    cells = [cell.strip(' "').lower() for cell in first[0].replace("\t", ",").split(",")] if first else []
    return cells == [name.lower() for name in HEADER]


def read(file: OfficialFile) -> Reading:
    """Read previous code → current code; the release is that of the newest change.

    `detail` is JSON with `effective` (YYYYMMDD), `previous_title`, `title` and `comment`; the code is "" where there was none before,
    the target where there is none now, with the relation "no map".
    """
    newest = max((day for _, _, day in _rows(file)), default=None)
    if newest is None:
        raise ReadError(f"{file}: no row below the captions; is it cut off?")
    year = newest.year + (newest.month >= 10)
    reading = Reading(pcs.release(SourceKind.ICD10PCS_CONVERSION, TITLE, year, newest), {"mapping": MAPPING}, iter(()))
    reading.batches = batched("mapping", _records(file))
    return reading


def _rows(file: OfficialFile) -> Iterator[Row]:
    with file.table(**({} if file.is_workbook else {"delimiter": "\t"})) as rows:
        next(rows, None)
        for row in rows:
            cells = [" ".join(cell.split()) for cell in row]
            if not any(cells):
                continue
            if len(cells) == len(HEADER) - 1:
                cells.insert(COMMENT, "")
            if len(cells) != len(HEADER):
                fail(file, rows.line_num, f"{len(cells)} columns, wanted {len(HEADER)}: {','.join(cells)[:60]!r}")
            yield rows.line_num, cells, _day(file, rows.line_num, cells[2], cells[7])


def _day(file: OfficialFile, line: int, year: str, day: str) -> date:
    month, _, number = day.partition(".")
    try:
        found = date(int(year) - (int(month) >= 10), int(month), int(number))
        _ = found + timedelta(days=366)  # the year after must exist too
    except (ValueError, OverflowError):
        fail(file, line, f"effective year {year!r} and month/day {day!r}, wanted a fiscal year and MM.DD")
    return found


def _records(file: OfficialFile) -> Iterator[tuple[str, str, str, str, str, int, int, str]]:
    seen: dict[tuple[str, str], int] = {}
    for line, cells, day in _rows(file):
        current, title, _, previous, previous_title, change, comment, _ = cells
        before, after = ("" if code == NONE else code for code in (previous, current))
        if not (before or after) or not all(PCS.fullmatch(code) for code in (before, after) if code) or change not in RELATIONS:
            fail(file, line, f"current {current!r}, previous {previous!r}, change type {change!r}: wanted two codes and New, Deleted or Revised")
        again = seen[before, after] = seen.get((before, after), -1) + 1  # a pair may be both New and Deleted
        said = {"effective": day.year * 10000 + day.month * 100 + day.day, "title": title, "comment": comment, "previous_title": previous_title}
        detail = json.dumps({key: value for key, value in said.items() if value and value != NO_TITLE}, sort_keys=True)
        yield "ICD10PCS", before, "ICD10PCS", after, RELATIONS[change] if after else "no map", again, 0, detail
