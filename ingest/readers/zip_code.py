"""ZIP codes with the contractor and locality that price them, file ZIP5 (txt of fixed width, xlsx).

Record layout: ZIP5lyout.txt in the same archive. The first of the two rural indicators is the one in force.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, Reading, Record, Release, batched, fail, quarter_of
from ingest.readers.values import CONTRACTOR, LOCALITY, column, digits, label

TITLE = "Medicare ZIP code to carrier and locality file"
URL = "https://www.cms.gov/medicare/payment/fee-schedules"
COLUMNS = ("zip", "state", "contractor", "locality", "rural", "plus_four")
ZIP = 5  # digits
WIDTH = 80
TEXT_ROW = re.compile(rb"[A-Z]{2}\d{5}\d{5}\d\d[ RB][ A-Z0-9]{5}[01][ A-Z]{2} {52}20\d\d[1-4]\r?\n")
HEADER = re.compile(rb"\W*STATE,ZIP CODE,CARRIER,LOCALITY,RURAL IND", re.IGNORECASE)
SPANS = ((2, 7), (0, 2), (7, 12), (12, 14), (14, 15), (20, 21), (75, 80))  # zip, state, contractor, locality, rural, +4 flag, quarter
LABELS = ("^ZIP CODE$", "^STATE$", "^CARRIER$", "^LOCALITY$", "^RURAL IND$", "^PLUS 4 FLAG$", "^YEAR/QTR$")


def sniff(head: bytes) -> bool:
    """A row of 80 characters that ends in year and quarter with an empty +4 field, or the header of the spreadsheet."""
    return bool(TEXT_ROW.match(head)) or bool(HEADER.match(head))


def read(file: OfficialFile) -> Reading:
    """Read the ZIP codes of one quarter, which stands on every row."""
    rows = _table_rows(file) if HEADER.match(file.head()) else _text_rows(file)
    first = next(rows, None)
    if first is None:
        fail(file, 1, "no row in it; is the file cut off?")
    period = first[1][-1]
    if not re.fullmatch(r"20\d\d[1-4]", period):
        fail(file, first[0], f"{period!r} is no year and quarter")
    release, start, end = quarter_of(int(period[:4]), int(period[4]))
    reading = Reading(Release(SourceKind.ZIP_CODE, release, TITLE, "CMS", None, start, end, URL), {"zip_code": COLUMNS}, iter(()))
    reading.batches = batched("zip_code", _records(file, chain([first], rows), period))
    return reading


def _records(file: OfficialFile, rows: Iterator[tuple[int, list[str]]], period: str) -> Iterator[Record]:
    for line, (zip_code, state, contractor, locality, rural, plus_four, own) in rows:
        if own != period:
            fail(file, line, f"year and quarter {own!r} in a file of {period}")
        if not re.fullmatch("[A-Z]{2}", state) or rural not in ("", "R", "B") or plus_four not in ("0", "1"):
            fail(file, line, f"state {state!r}, rural indicator {rural!r}, +4 flag {plus_four!r}: wanted two letters, blank, R or B, and 0 or 1")
        yield (
            digits(zip_code, ZIP, file, line, "ZIP code"),
            state,
            digits(contractor, CONTRACTOR, file, line, "carrier"),
            digits(locality, LOCALITY, file, line, "locality"),
            rural,
            int(plus_four),
        )


def _text_rows(file: OfficialFile) -> Iterator[tuple[int, list[str]]]:
    with file.text() as lines:
        for number, line in enumerate(lines, start=1):
            line = line.rstrip("\r\n\x1a")
            if not line.strip():
                continue
            if len(line) != WIDTH:
                fail(file, number, f"{len(line)} characters, wanted {WIDTH}: {line[:40]!r}")
            yield number, [line[first:last].strip() for first, last in SPANS]


def _table_rows(file: OfficialFile) -> Iterator[tuple[int, list[str]]]:
    with file.table() as rows:
        labels = [label(cell) for cell in next(rows, [])]
        places = [column(labels, pattern, file, 1) for pattern in LABELS]
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) <= max(places):
                fail(file, rows.line_num, f"{len(row)} columns, wanted {max(places) + 1}: {','.join(row)[:60]!r}")
            yield rows.line_num, [row[place].strip() for place in places]
