"""Procedure-to-procedure edits, as CMS publishes them (tab-separated, six header lines, Latin-1) and a derived csv.

History is most of a file: each interval of a pair is a row, and a file holds millions, so it is streamed. `*` stands for
"no deletion date". CMS publishes a quarter in several files a setting, ccipra (practitioner) and ccioph (hospital), named
with a version: v322 is 32.2, the third quarter of 1994 + 32.
"""

from __future__ import annotations

import csv
import re
from datetime import date, datetime
from typing import Any

from corpus.model import Setting, SourceKind
from ingest.readers.base import BATCH, CODE, IN_FORCE, UNKNOWN, Batches, OfficialFile, ReadError, Reading, Release, fail, quarter, quarter_of

TITLE = "Medicare NCCI Procedure-to-Procedure Edits"
URL = "https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits/medicare-ncci-procedure-procedure-ptp-edits"
COLUMNS = ("column1", "column2", "deleted", "effective", "indicator", "rationale")
PUBLISHED = re.compile(rb"Column ?1/Column ?2 Edits")
DERIVED = re.compile(rb'"?column1"?,"?column2"?,"?deleted"?,"?mod"?,"?rationale"?')
SETTINGS = {
    Setting.PRACTITIONER: ("practitioner services", re.compile(r"ccipra|practitioner", re.IGNORECASE)),
    Setting.FACILITY: ("outpatient hospital services", re.compile(r"ccioph|hospital", re.IGNORECASE)),
}
Record = tuple[str, str, int, int, int, str]


def sniff(head: bytes) -> bool:
    """The title line of the published file, or the header of a derived one."""
    return bool(PUBLISHED.search(head) or DERIVED.match(head))


def read(file: OfficialFile) -> Reading:
    """Read every interval of every pair; part of a release where the name ends in -f1 and so on."""
    derived = bool(DERIVED.match(file.head()))
    setting, name = _setting(file)
    release, start, end = _quarter(file)
    part = re.search(r"-(f\d+)\b", file.name, re.IGNORECASE)
    source = Release(SourceKind.PTP, release, f"{TITLE}, {name}", "CMS", setting, start, end, URL)
    reading = Reading(source, {"ptp": COLUMNS}, iter(()))
    if part:
        reading.part, reading.span = part[1].lower(), _span(file)
    reading.batches = _batches(file, derived, reading)
    return reading


def _setting(file: OfficialFile) -> tuple[Setting, str]:
    for setting, (name, pattern) in SETTINGS.items():
        if pattern.search(str(file)):
            return setting, name
    raise ReadError(f"{file}: the file does not say whether it is for practitioners or hospitals; its name must hold ccipra or ccioph")


def _quarter(file: OfficialFile) -> tuple[str, date, date]:
    found = re.search(r"-v(\d\d)([0-3])r\d", file.name, re.IGNORECASE)
    return quarter_of(1994 + int(found[1]), int(found[2]) + 1) if found else quarter(str(file), file)


def _span(file: OfficialFile) -> tuple[tuple[str, str], tuple[str, str]]:
    """The first and the last pair of a published file, which is sorted."""
    pair = re.compile(r"([0-9A-Z]{5})\t([0-9A-Z]{5})\t")
    first = last = None
    with file.text("latin-1") as text:
        for line in text:
            last = line if line.strip() else last
            first = first or pair.match(line)
    end = pair.match(last or "")
    if not first or not end:
        raise ReadError(f"{file}: no pair of codes in the first or the last line; is the file cut off?")
    return (first[1], first[2]), (end[1], end[2])


class _Known(dict[str, int]):
    """Values already checked, so that each of the few thousand distinct ones is checked once in millions of rows."""

    def __init__(self, missing: int) -> None:
        super().__init__({"*": missing, "": missing})

    def __missing__(self, text: str) -> int:
        digits = text.replace("-", "")
        datetime.strptime(digits, "%Y%m%d")
        value = self[text] = int(digits)
        return value


def _batches(file: OfficialFile, derived: bool, reading: Reading) -> Batches:
    """Stream the rows; duplicates of the row before are dropped."""
    deletions, starts, codes = _Known(IN_FORCE), _Known(UNKNOWN), set[str]()
    indicators = {"0": 0, "1": 1, "9": 9}
    layout: dict[str, Any] = {} if derived else {"delimiter": "\t", "quoting": csv.QUOTE_NONE}
    with file.table("latin-1", **layout) as rows:
        for row in rows:  # the header: title lines, labels
            if derived or row[:1] == ["Column 1"]:
                break
        batch: list[tuple[object, ...]] = []
        before: Record | None = None
        try:
            for row in rows:
                if derived:
                    column1, column2, deleted, mod, rationale = row
                    effective = starts[""]
                else:
                    if not row or not row[0].strip():  # the rest of the labels, the last empty line
                        continue
                    column1, column2, _, start, deleted, mod, rationale, *_ = row
                    effective = starts[start]
                if column1 not in codes or column2 not in codes:
                    codes |= _codes(column1, column2)
                record = (column1, column2, deletions[deleted], effective, indicators[mod], rationale)
                if record == before:
                    reading.skip("repeated")
                    continue
                before = record
                batch.append(record)
                if len(batch) == BATCH:
                    yield "ptp", batch
                    batch = []
        except (ValueError, KeyError):
            fail(file, rows.line_num, f"{' | '.join(row)[:80]!r} is no PTP edit")
        if batch:
            yield "ptp", batch


def _codes(*codes: str) -> set[str]:
    for code in codes:
        if not CODE.fullmatch(code):
            raise ValueError(code)
    return set(codes)
