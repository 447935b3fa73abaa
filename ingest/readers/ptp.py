"""Procedure-to-procedure edits, as CMS publishes them (txt and xlsx, six header lines, Latin-1) and a derived csv.

Published columns: column 1, column 2, `*` where the pair is older than 1996, effective date, deletion date (`*` = none), modifier
indicator, rationale. History is most of a file: each interval of a pair is a row, and a file holds millions, so it is streamed. CMS publishes a
quarter in several files a setting, ccipra (practitioner) and ccioph (hospital), `-f1` to `-f4`, each packed on its own.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date
from itertools import chain, islice
from typing import Any, NoReturn

from corpus.model import SourceKind
from ingest.readers import ncci
from ingest.readers.base import BATCH, CODE, IN_FORCE, UNKNOWN, Batches, OfficialFile, ReadError, Reading, Release, Rows, fail

TITLE = "Medicare NCCI Procedure-to-Procedure Edits"
URL = "https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits/medicare-ncci-procedure-procedure-ptp-edits"
COLUMNS = ("column1", "column2", "deleted", "effective", "indicator", "rationale")
PUBLISHED = re.compile(rb'"?Column ?1"?[\t,]"?Column ?2"?[\t,]"?\*')
DERIVED = re.compile(rb'"?column1"?,"?column2"?,"?deleted"?,"?mod"?,"?rationale"?')
LABELS = ("column 1", "column 2", "*", "effective", "deletion", "modifier", "ptp edit rationale")
INDICATORS = {"0": 0, "1": 1, "9": 9}
DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)
PART = re.compile(r"-(f\d+)\b", re.IGNORECASE)
Record = tuple[str, str, int, int, int, str]
Span = tuple[tuple[str, str], tuple[str, str]]


def sniff(head: bytes) -> bool:
    """The labels of the published file, or the header of a derived one."""
    return bool(PUBLISHED.search(head) or DERIVED.match(head))


def read(file: OfficialFile) -> Reading:
    """Read every interval of every pair; part of a release where a name ends in -f1 and so on.

    Raises:
        ReadError: when no name tells setting and quarter, or a part has no rows.
        RefusedError: for the edits of Medicaid.
    """
    ncci.refuse_medicaid(file)
    derived = bool(DERIVED.match(file.head()))
    setting, name = ncci.setting(file)
    release, start, end = ncci.quarter(file)
    source = Release(SourceKind.PTP, release, f"{TITLE}, {name}", "CMS", setting, start, end, URL)
    reading = Reading(source, {"ptp": COLUMNS}, iter(()))
    records = _derived(file) if derived else _published(file)
    if part := next((found[1] for text in ncci.names(file) if (found := PART.search(text))), None):
        reading.part = part.lower()
        if file.is_workbook:  # unpacking it takes longer than all the rest, so its rows are kept instead of read twice
            kept = list(records)
            records, reading.span = iter(kept), _ends(file, kept[:1], kept[-1:])
        else:
            reading.span = _span(file)
    reading.batches = _once(records, reading)
    return reading


def _once(records: Iterator[Record], reading: Reading) -> Batches:
    """Records in lists, without those that repeat the one before; a list at a time, because a step for each record would show in millions."""
    before: Record | None = None
    while batch := list(islice(records, BATCH)):
        kept = [record for record, last in zip(batch, chain((before,), batch), strict=False) if record != last]
        if len(kept) < len(batch):
            reading.skip("repeated", len(batch) - len(kept))
        before = batch[-1]
        yield "ptp", kept


class Known(dict[str, int]):
    """Days already checked, so that each of the few thousand distinct ones is checked once in millions of rows."""

    def __init__(self, missing: int) -> None:
        super().__init__({"*": missing, "": missing})

    def __missing__(self, text: str) -> int:
        found = DAY.fullmatch(text)
        if not found:
            raise ValueError(text)
        year, month, day = map(int, found.groups())
        if year < 9999:  # 9999-12-31 stands for "in force"
            date(year, month, day)
        value = self[text] = year * 10000 + month * 100 + day
        return value


class Codes(set[str]):
    """Codes already checked."""

    def check(self, *codes: str) -> None:
        """Take codes of the right shape.

        Raises:
            ValueError: for any other.
        """
        for code in codes:
            if not CODE.fullmatch(code):
                raise ValueError(code)
        self.update(codes)


def _published(file: OfficialFile) -> Iterator[Record]:
    deletions, starts, codes = Known(IN_FORCE), Known(UNKNOWN), Codes()
    with _table(file) as rows:
        _header(file, rows)
        for row in _padded(rows) if file.is_workbook else rows:
            try:
                column1, column2, _, start, deleted, mod, rationale = row[:7]
                if column1 not in codes or column2 not in codes:
                    codes.check(column1, column2)
                record = (column1, column2, deletions[deleted], starts[start], INDICATORS[mod], rationale)
            except (ValueError, KeyError):
                if not any(cell.strip() for cell in row) or (not codes and not row[0].strip()):  # an empty line; the rest of the labels
                    continue
                _wrong(file, rows, row)
            yield record


def _derived(file: OfficialFile) -> Iterator[Record]:
    deletions, codes = Known(IN_FORCE), Codes()
    with file.table("latin-1") as rows:
        next(rows)
        for row in rows:
            try:
                column1, column2, deleted, mod, rationale = row
                if column1 not in codes or column2 not in codes:
                    codes.check(column1, column2)
                record = (column1, column2, deletions[deleted], UNKNOWN, INDICATORS[mod], rationale)
            except (ValueError, KeyError):
                _wrong(file, rows, row)
            yield record


def _table(file: OfficialFile) -> AbstractContextManager[Rows]:
    layout: dict[str, Any] = {} if file.is_workbook or b"\t" not in file.head()[:4096] else {"delimiter": "\t", "quoting": csv.QUOTE_NONE}
    return file.table("latin-1", **layout)


def _header(file: OfficialFile, rows: Rows) -> None:
    """Go to the labels and check them: a column that moved must not be read as another."""
    for row in rows:
        labels = [" ".join(cell.lower().split()).replace("column1", "column 1").replace("column2", "column 2") for cell in row[:7]]
        if labels[:1] != ["column 1"]:
            continue
        if len(labels) < len(LABELS):
            fail(file, rows.line_num, f"{len(labels)} columns, wanted those of PTP edits: {', '.join(LABELS)}")
        for label, wanted in zip(labels, LABELS, strict=True):
            if not label.startswith(wanted):
                fail(file, rows.line_num, f"column {label[:40]!r}, wanted {wanted!r}: the columns are not those of PTP edits")
        return
    fail(file, rows.line_num, "the line of labels that begins with 'Column 1' is missing; is the file cut off?")


def _padded(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """Rows of a spreadsheet, which drops the zeros that codes begin with when it takes them for numbers."""
    for row in rows:
        yield [cell.zfill(5) if cell.isdecimal() else cell for cell in row[:2]] + row[2:]


def _wrong(file: OfficialFile, rows: Rows, row: list[str]) -> NoReturn:
    """Say which value of a line is not that of an edit."""
    fail(file, rows.line_num, f"{' | '.join(row)[:80]!r} is no PTP edit")


def _span(file: OfficialFile) -> Span:
    """The first and the last pair of a published text, which is sorted."""
    match = re.compile(r'"?([0-9A-Z]{5})"?[\t,]"?([0-9A-Z]{5})"?[\t,]').match
    first = last = None
    with file.text("latin-1") as text:
        for line in text:
            last = line if line.strip() else last
            first = first or match(line)
    end = match(last or "")
    return _ends(file, [found.groups() for found in (first,) if found], [found.groups() for found in (end,) if found])


def _ends(file: OfficialFile, first: Sequence[Sequence[Any]], last: Sequence[Sequence[Any]]) -> Span:
    if not first or not last:
        raise ReadError(f"{file}: no pair of codes in the first or the last line; is the file cut off?")
    return (first[0][0], first[0][1]), (last[0][0], last[0][1])
