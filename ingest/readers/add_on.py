"""Add-on code edits: the fixed-width text and the spreadsheet that CMS publishes, and a derived csv of primary, add-on and type.

Columns of the text, counted from 1: type 1, add-on 2-6, its deletion 7-13, primary 14-18, its deletion 19-25, effective 26-32,
deletion of the edit 33-39, notes from 40. The spreadsheet has a notice and then the same eight columns by name (AOC_Edit_Type,
Add-On_Code, AOC_DelDT, Primary_Code, Primary_Code_DelDT, AOC_Edit_EffDT, AOC_Edit_DelDT, Special_Instruction_Notes; known from public code,
no file was at hand). Dates are YYYYDDD. `CCCCC` as primary: the contractor defines it.

Type 1: the primaries listed are all there are. Type 2: the contractor lists them. Type 3: some are listed, and the contractor may add more.

`deleted` is the last day on which the two codes can be billed together: the first of the three deletions, because an edit does not outlive either
of its codes. A code that ends later than the edit changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from corpus.model import SourceKind
from corpus.rows import to_number
from ingest.readers import ncci
from ingest.readers.base import IN_FORCE, UNKNOWN, OfficialFile, Reading, Release, Rows, batched, fail, system_of

TITLE = "Medicare NCCI Add-on Code Edits"
URL = "https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits/medicare-ncci-add-code-edits"
COLUMNS = ("add_on", "primary", "type", "effective", "deleted", "note")
ANY_PRIMARY = "CCCCC"
PUBLISHED = re.compile(rb"[123][0-9A-Z]{5}[ \d]{7}[0-9A-Z]{5}[ \d]{7}\d{7}")
DERIVED = re.compile(rb'"?primary_code"?,"?add_on_code"?,"?aoc_edit_type"?')
CELL = rb"[^,\t\r\n]*"
SHEET = re.compile(rb"AOC[ _]?(?:Edit[ _]?)?Type\"?[,\t]" + CELL + rb"Add[ _-]?On[ _]?Code", re.IGNORECASE)
TYPES = {"1": 1, "2": 2, "3": 3, "I": 1, "II": 2, "III": 3}
DAY_OF_YEAR = re.compile(r"\d{7}", re.ASCII)
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
NEEDED = ("type", "add_on", "primary", "effective", "deleted")
Record = tuple[str, str, int, int, int, str]


def sniff(head: bytes) -> bool:
    """A first line of the fixed width, the header of the spreadsheet, or that of a derived file."""
    return bool(PUBLISHED.match(head) or DERIVED.match(head) or SHEET.search(head))


def read(file: OfficialFile) -> Reading:
    """Read the edits of one quarter; rows whose deletion has passed stay, with their dates.

    Raises:
        ReadError: when no name tells the quarter.
        RefusedError: for edits of Medicaid, and for the changes of a quarter.
    """
    ncci.refuse_medicaid(file)
    ncci.refuse_changes(file, "file of add-on code edits")
    release, start, end = ncci.quarter(file)
    reading = Reading(Release(SourceKind.ADD_ON, release, TITLE, "CMS", None, start, end, URL), {"add_on": COLUMNS}, iter(()))
    head = file.head()
    records = _derived(file) if DERIVED.match(head) else _published(file) if PUBLISHED.match(head) else _sheet(file)
    reading.batches = batched("add_on", _checked(records, file, reading))
    return reading


def _checked(records: Iterator[tuple[int, Record]], file: OfficialFile, reading: Reading) -> Iterator[Record]:
    """The edits, each pair and effective date once: of several the one that lasts longest."""
    found: dict[tuple[str, str, int], Record] = {}
    for line, record in records:
        add_on, primary, kind, effective, deleted, _ = record
        if system_of(add_on) is None or (primary != ANY_PRIMARY and system_of(primary) is None) or kind not in (1, 2, 3):
            fail(file, line, f"type {kind}, add-on {add_on!r}, primary {primary!r} is no add-on edit")
        before = found.get((add_on, primary, effective))
        if before:
            reading.skip("repeated" if before == record else "same pair and effective date, ends earlier")
        if not before or before[4] < deleted:
            found[add_on, primary, effective] = record
    yield from found.values()


def _published(file: OfficialFile) -> Iterator[tuple[int, Record]]:
    with file.text() as text:
        for line, row in enumerate(text, start=1):
            if not row.strip("\r\n\x1a "):
                continue
            if row[0] not in "0123456789" or len(row.rstrip("\r\n")) < 32:
                fail(file, line, f"{row.strip()[:40]!r} is no line of 32 or more characters that begins with the type")
            effective = _day(row[25:32], file, line, UNKNOWN)
            deletions = [_day(row[place : place + 7], file, line, IN_FORCE) for place in (6, 18, 32)]
            yield line, (row[1:6], row[13:18], int(row[0]), effective, min(deletions), _note(row[39:]))


def _sheet(file: OfficialFile) -> Iterator[tuple[int, Record]]:
    layout: dict[str, Any] = {"delimiter": "\t"} if b"\t" in file.head()[:4096] and not file.is_workbook else {}
    with file.table(**layout) as rows:
        columns = _columns(file, rows)
        for row in rows:
            line = rows.line_num
            if not any(cell.strip() for cell in row):
                continue
            if len(row) <= max(columns[name] for name in NEEDED):
                fail(file, line, f"{len(row)} columns, fewer than the header has: {','.join(row)[:60]!r}")
            value = {name: row[place].strip() if place < len(row) else "" for name, place in columns.items()}
            kind = value["type"].upper().removeprefix("TYPE").strip()
            if kind not in TYPES:
                fail(file, line, f"type {value['type'][:40]!r}, wanted 1, 2 or 3")
            deletions = [_day(value[name], file, line, IN_FORCE) for name in ("add_on_deleted", "primary_deleted", "deleted") if name in value]
            effective = _day(value["effective"], file, line, UNKNOWN)
            codes = (value[name].zfill(5) if value[name].isdecimal() else value[name] for name in ("add_on", "primary"))
            yield line, (*codes, TYPES[kind], effective, min(deletions), _note(value.get("note", "")))  # type: ignore[misc]


def _columns(file: OfficialFile, rows: Rows) -> dict[str, int]:
    """Where each column stands, by its name; above the header stands the notice."""
    for row in rows:
        labels = [re.sub(r"[^a-z]", "", cell.lower()) for cell in row]
        if all(any(word in label for label in labels) for word in ("type", "addoncode", "primarycode")):
            break
    else:
        fail(file, rows.line_num, "the header is missing: type, add-on code, primary code and their dates")
    columns = {_column(label): place for place, label in enumerate(labels) if label}
    if "" in columns or len(columns) < sum(map(bool, labels)) or any(name not in columns for name in NEEDED):
        wanted = "type, add-on code, primary code, their deletions, effective date and deletion of the edit, notes"
        fail(file, rows.line_num, f"columns {','.join(row)[:160]!r}, wanted {wanted}")
    return columns


def _column(label: str) -> str:
    """What a column holds, by the letters of its name; "" when that is not known."""
    if "type" in label:
        return "type"
    if "eff" in label:
        return "effective"
    if "del" in label:
        code = "primary" if "primary" in label else "add_on" if "edit" not in label and label.startswith(("aoc", "addon")) else ""
        return f"{code}_deleted" if code else "deleted"
    named = {"addoncode": "add_on", "primarycode": "primary", "instruction": "note", "note": "note"}
    return next((name for word, name in named.items() if word in label), "")


def _derived(file: OfficialFile) -> Iterator[tuple[int, Record]]:
    with file.table() as rows:
        next(rows)
        for row in rows:
            if len(row) != 3 or row[2] not in TYPES:
                fail(file, rows.line_num, f"wanted primary, add-on and type: {','.join(row)[:60]!r}")
            yield rows.line_num, (row[1], row[0], TYPES[row[2]], UNKNOWN, IN_FORCE, "")


def _note(text: str) -> str:
    return text.strip().strip('"').strip()


def _day(text: str, file: OfficialFile, line: int, missing: int) -> int:
    """A day YYYYDDD, or YYYY-MM-DD where a spreadsheet took it for a date, as YYYYMMDD; `missing` for blanks."""
    text = text.strip()
    if not text:
        return missing
    try:
        if ISO_DAY.fullmatch(text):
            return to_number(date.fromisoformat(text))
        return to_number(datetime.strptime(text if DAY_OF_YEAR.fullmatch(text) else "", "%Y%j").date())
    except ValueError:
        fail(file, line, f"{text[:40]!r} is not a day YYYYDDD")
