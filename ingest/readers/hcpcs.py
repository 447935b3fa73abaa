"""HCPCS Level II codes and modifiers, the alpha-numeric file that CMS publishes: fixed-width txt, xlsx and csv.

Layout: HCPCSyyyy_recordlayout.txt in the same archive. RECID tells what a row is: 3 a code, 7 a modifier, 4 and 8 more of the
description of the row before; a modifier stands in columns 4-5 of its field. The txt is 320 characters wide, in some years 293
(it ends at the action code), and 91 on the continuation rows of 2017. A spreadsheet has the same fields under their names, below the
disclaimers. The years do not stand in the file; its name has them: HCPC2019_CONTR_ANWEB (whole year), HCPC2026_OCT_ANWEB (from a quarter on).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from corpus.model import SourceKind, System
from ingest.readers.base import CPT, IN_FORCE, UNKNOWN, OfficialFile, ReadError, Reading, Record, Release, fail, quarter_of, sorted_out

TITLE = "HCPCS Level II Codes and Modifiers"
URL = "https://www.cms.gov/medicare/coding-billing/healthcare-common-procedure-system/quarterly-update"
LISTING = ("system", "code", "title", "short", "kind", "billable", "position", "added", "effective", "ended")
COLUMNS = (
    "system", "code", "pricing", "multiple_pricing", "coverage", "betos", "type_of_service", "anesthesia_units", "laboratory", "ncd", "manual",
    "statute", "cross_reference", "asc_group", "processing_note", "action",
)  # fmt: skip
TABLES = {"listing": LISTING, "hcpcs": COLUMNS}
PRICES = ("PRICE1", "PRICE2", "PRICE3", "PRICE4")
SERVICES = ("TOS1", "TOS2", "TOS3", "TOS4", "TOS5")
CERTIFICATES = ("LABCERT1", "LABCERT2", "LABCERT3", "LABCERT4", "LABCERT5", "LABCERT6", "LABCERT7", "LABCERT8")
NCDS = ("CIM1", "CIM2", "CIM3")
MANUALS = ("MCM1", "MCM2", "MCM3")
CROSS_REFERENCES = ("XREF1", "XREF2", "XREF3", "XREF4", "XREF5")
# The columns of the file in the order of `COLUMNS` from `pricing` on.
FIELDS: tuple[tuple[str, ...], ...] = (
    PRICES, ("MULT_PI",), ("COV",), ("BETOS",), SERVICES, ("ANEST_BU",), CERTIFICATES, NCDS, MANUALS, ("STATUTE",), CROSS_REFERENCES,
    ("ASC_GRP",), ("PROCNOTE",), ("ACTION CD",),
)  # fmt: skip
CODE, RECID, LONG, SHORT = "HCPC", "RECID", "LONG DESCRIPTION", "SHORT DESCRIPTION"
DAYS = ("ADD DT", "ACT EFF DT", "TERM DT")
WANTED = (CODE, RECID, LONG, SHORT, *(label for labels in FIELDS for label in labels), *DAYS)


def _spread(first: int, width: int, *labels: str) -> dict[str, slice]:
    """Fields of one width that follow each other; `first` counts from 1, as the record layout does."""
    return {label: slice(first - 1 + width * n, first - 1 + width * (n + 1)) for n, label in enumerate(labels)}


PLACES = (
    _spread(1, 5, CODE) | _spread(11, 1, RECID) | _spread(12, 80, LONG) | _spread(92, 28, SHORT) | _spread(120, 2, *PRICES)
    | _spread(128, 1, "MULT_PI") | _spread(129, 6, *NCDS) | _spread(147, 8, *MANUALS) | _spread(171, 10, "STATUTE")
    | _spread(181, 3, *CERTIFICATES) | _spread(205, 5, *CROSS_REFERENCES) | _spread(230, 1, "COV") | _spread(231, 2, "ASC_GRP")
    | _spread(253, 4, "PROCNOTE") | _spread(257, 3, "BETOS") | _spread(261, 1, *SERVICES) | _spread(266, 3, "ANEST_BU")
    | _spread(269, 8, *DAYS) | _spread(293, 1, "ACTION CD")
)  # fmt: skip
WIDTH = 293  # the least that a row with details has
FIXED = re.compile(rb"^(?:[0-9A-Z]{5}|   [0-9A-Z]{2})\d{5}[37][^\r\n\t]{282}", re.MULTILINE)
ROW = re.compile(r"(?:[0-9A-Z]{5}|   [0-9A-Z]{2})\d{5}[3478]")
HEADER = re.compile(rb'^"?HCPC"?,"?SEQNUM"?,"?RECID"?,"?LONG DESCRIPTION"?,"?SHORT DESCRIPTION"?,', re.MULTILINE)
HEADER_WITHIN = 60  # rows
LEVEL_II = re.compile(r"[A-CE-V]\d{4}")
DENTAL = re.compile(r"D\d{4}")
MODIFIER = re.compile(r"[A-Z][0-9A-Z]|[0-9][A-Z]")
CPT_MODIFIER = re.compile(r"\d\d")
CONTINUES = {"4": "3", "8": "7"}
DAY = re.compile(r"\d{8}|\d{4}-\d\d-\d\d")
QUARTERS = {"jan": 1, "apr": 2, "jul": 3, "oct": 4}
YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
SHORT_YEAR = re.compile(r"HCPCS?(\d\d)(?!\d)", re.IGNORECASE)  # HCPC17_CONTR_ANWEB
MONTH = re.compile(r"(?<![a-z])(jan|apr|jul|oct)(?:uary|il|y|ober)?(?![a-z])", re.IGNORECASE)
Row = dict[str, str]


@dataclass
class Entry:
    """A code or modifier with the line of its first row; `description` holds the pieces of the long description."""

    line: int
    row: Row
    description: list[str]


def sniff(head: bytes) -> bool:
    """A row of the fixed width with its details, or the header of the spreadsheet."""
    return bool(FIXED.search(head) or HEADER.search(head))


def read(file: OfficialFile) -> Reading:
    """Read all codes and modifiers; terminated ones stay, with their last day. Codes and modifiers of the AMA and ADA are left out.

    Raises:
        ReadError: when neither the file nor its archive is named by the year, or the header lacks a column.
    """
    reading = Reading(release_of(file, SourceKind.HCPCS, TITLE, URL), TABLES, iter(()))
    rows = _table(file, *_header(file)) if HEADER.search(file.head()) else _fixed(file)
    reading.batches = sorted_out(_records(file, rows, reading))
    return reading


def release_of(file: OfficialFile, kind: SourceKind, title: str, url: str) -> Release:
    """The release by the name of the file, or else of its archive: `2019`, or `2026Q4` where a month stands with the year."""
    for name in (file.name, file.archive or ""):
        found = YEAR.search(name) or SHORT_YEAR.search(name)
        if not found:
            continue
        year = int(found[1]) % 100 + 2000
        month = MONTH.search(name.replace("_", " "))
        if month:
            release, start, end = quarter_of(year, QUARTERS[month[1].lower()])
        else:
            release, start, end = str(year), date(year, 1, 1), date(year, 12, 31)
        return Release(kind, release, title, "CMS", None, start, end, url)
    raise ReadError(f"{file}: the year stands only in the file name, and this one has none; keep the name it was published under")


def _header(file: OfficialFile) -> tuple[int, dict[str, int]]:
    """The line of the header and the place of each column in it."""
    with file.table() as rows:
        for row in rows:
            if row and row[0].strip() == CODE:
                labels = [label.strip() for label in row]
                if missing := [label for label in WANTED if labels.count(label) != 1]:
                    fail(file, rows.line_num, f"no single column is named {missing[0]!r}; is this an HCPCS file of a new layout?")
                return rows.line_num, {label: labels.index(label) for label in WANTED}
            if rows.line_num > HEADER_WITHIN:
                break
    raise ReadError(f"{file}: no header, HCPC,SEQNUM,RECID …, in the first {HEADER_WITHIN} rows")


def _table(file: OfficialFile, header: int, places: dict[str, int]) -> Iterator[tuple[int, Row]]:
    """The rows of a spreadsheet below its header."""
    width = max(places.values()) + 1
    with file.table() as rows:
        for cells in rows:
            if rows.line_num <= header or not any(cell.strip() for cell in cells):
                continue
            if len(cells) < width:
                fail(file, rows.line_num, f"{len(cells)} columns, wanted {width}: {','.join(cells)[:60]!r}")
            yield rows.line_num, {label: cells[place].strip() for label, place in places.items()}


def _fixed(file: OfficialFile) -> Iterator[tuple[int, Row]]:
    """The rows of the txt; what stands above the first one are disclaimers."""
    begun = False
    with file.text() as text:
        for line, content in enumerate(text, start=1):
            content = content.rstrip("\r\n\x1a")
            if not ROW.match(content):
                if begun and content.strip():
                    fail(file, line, f"{content.strip()[:40]!r} is no row of a code or modifier with RECID 3, 4, 7 or 8")
                continue
            begun = True
            if content[10] in CONTINUES.values() and len(content) < WIDTH:
                fail(file, line, f"{content[:11]!r} has {len(content)} characters, wanted {WIDTH} or more; is the file cut off?")
            yield line, {label: content[place].strip() for label, place in PLACES.items()}


def _entries(file: OfficialFile, rows: Iterator[tuple[int, Row]]) -> Iterator[Entry]:
    """Rows with the description of their continuation rows."""
    entry: Entry | None = None
    for line, row in rows:
        if row[RECID] in CONTINUES:
            if not entry or (entry.row[CODE], entry.row[RECID]) != (row[CODE], CONTINUES[row[RECID]]):
                fail(file, line, f"RECID {row[RECID]} continues {row[CODE]!r}, which is not the code of the row before")
            entry.description.append(row[LONG])
        elif row[RECID] in CONTINUES.values():
            if entry:
                yield entry
            entry = Entry(line, row, [row[LONG]])
        else:
            fail(file, line, f"RECID {row[RECID]!r} of {row[CODE]!r} is not 3, 4, 7 or 8")
    if entry:
        yield entry


def _records(file: OfficialFile, rows: Iterator[tuple[int, Row]], reading: Reading) -> Iterator[tuple[str, Record]]:
    """The record of each table for each code and modifier; `position` counts them."""
    seen: set[tuple[System, str]] = set()
    for entry in _entries(file, rows):
        row, line = entry.row, entry.line
        system, reason = _system(row)
        if reason:
            reading.skip(reason)
            continue
        if system is None:
            fail(file, line, f"{row[CODE]!r} with RECID {row[RECID]} is no code or modifier of HCPCS Level II")
        if (system, row[CODE]) in seen:
            reading.skip("repeated")
            continue
        seen.add((system, row[CODE]))
        added, effective, ended = (day(row[label], file, line, label) for label in DAYS)
        title, short = (" ".join(text.split()) for text in (" ".join(entry.description), row[SHORT]))
        yield "listing", (system, row[CODE], title, short, "code", 1, len(seen), added, effective, ended or IN_FORCE)
        details = (" ".join(" ".join(row[label] for label in labels).split()) for labels in FIELDS)
        yield "hcpcs", (system, row[CODE], *details)


def _system(row: Row) -> tuple[System | None, str | None]:
    """The code set of a row, and why the row is left out when it is."""
    code = row[CODE]
    if row[RECID] == "7":
        return (System.MODIFIER if MODIFIER.fullmatch(code) else None), ("CPT modifier" if CPT_MODIFIER.fullmatch(code) else None)
    if CPT.fullmatch(code):
        return None, "CPT code"
    if DENTAL.fullmatch(code):
        return None, "dental code"
    return (System.HCPCS if LEVEL_II.fullmatch(code) else None), None


def day(text: str, file: OfficialFile, line: int, column: str) -> int:
    """A day YYYYMMDD or YYYY-MM-DD as YYYYMMDD; `UNKNOWN` for blanks and zeros."""
    if not text.strip("0 "):
        return UNKNOWN
    try:
        found = date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        found = None
    if not found:
        fail(file, line, f"{column} {text!r} is not a day YYYYMMDD")
    return found.year * 10000 + found.month * 100 + found.day
