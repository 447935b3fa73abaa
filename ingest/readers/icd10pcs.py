"""ICD-10-PCS, all codes of a fiscal year: the order file with headers and two titles, or the code file with one.

Columns of the order file, counted from 1: order number 1-5, code 7-13, flag 15 (1 = valid, 0 = header), short title 17-76, long title from 78
(layout: icd10pcsOrderFile.pdf in the archive of CMS). The code file has code 1-7 and the long title from 9. The order file of ICD-10-CM has the
same columns; its codes are not all three or seven characters long. The year stands only in the name; that a file is the update within the
year is told by the addenda that lie in the same archive.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import PurePosixPath

from corpus.model import SourceKind
from ingest.readers import icd10pcs_addenda, pcs
from ingest.readers.base import OfficialFile, Reading, batched, damage, fail
from ingest.readers.names import ICD10CM, in_name, year_in_name

TITLE = "ICD-10-PCS codes and titles"
COLUMNS = ("system", "code", "title", "short", "parent", "kind", "billable", "position")
ORDER = re.compile(r"(\d{5}) (?:([0-9A-HJ-NP-Z]{3})     (0)|([0-9A-HJ-NP-Z]{7}) (1)) (\S.*)")
CODES = re.compile(r"([0-9A-HJ-NP-Z]{7}) (\S.*)")
STEM = 3  # characters that name a table
Record = tuple[str, str, str, str, str | None, str, int, int]


def _lines(head: bytes) -> list[str]:
    """The whole lines of the first bytes."""
    lines = head.decode("cp1252", "replace").splitlines(keepends=True)
    return [line.rstrip() for line in lines if line.endswith(("\n", "\r")) and line.strip()] or [line.rstrip() for line in lines[:1]]


def sniff(head: bytes) -> bool:
    """Lines of the order file or the code file throughout, with a code that ICD-10-CM cannot have."""
    lines = _lines(head)
    for layout in (ORDER, CODES):
        found = [layout.fullmatch(line) for line in lines]
        if found and all(found):
            codes = [next(part for part in match.groups()[layout is ORDER :] if part) for match in found if match]
            return any(not ICD10CM.fullmatch(code) for code in codes)
    return False


def read(file: OfficialFile) -> Reading:
    """Read the codes and, from an order file, the headers."""
    year = year_in_name(file)
    reading = Reading(pcs.release(SourceKind.ICD10PCS, TITLE, year, _start(file, year)), {"listing": COLUMNS}, iter(()))
    ordered = bool(ORDER.fullmatch(_lines(file.head())[0]))
    reading.batches = batched("listing", _records(file, reading, ordered))
    return reading


def _start(file: OfficialFile, year: int) -> date | None:
    """The first day of an update within the fiscal year; None for the release of October 1."""
    if in_name(file, r"(?<![a-z])apr(il)?(?![a-z])"):
        return pcs.update_day(year)
    if not file.member:
        return None
    folder = str(PurePosixPath(file.member).parent)
    with damage(file), zipfile.ZipFile(file.path) as packed:
        beside = [name for name in packed.namelist() if "addenda" in name.lower() and str(PurePosixPath(name).parent) == folder]
    told = (icd10pcs_addenda.start(OfficialFile(file.path, name, file.within)) for name in beside if name.lower().endswith(".txt"))
    return next((day for of_year, day in filter(None, told) if of_year == year and day.year == year), None)


def _records(file: OfficialFile, reading: Reading, ordered: bool) -> Iterator[Record]:
    seen: set[str] = set()
    layout, wanted = (ORDER, "order number, code, flag and titles") if ordered else (CODES, "code and title")
    with file.text() as text:
        for line, row in enumerate(text, start=1):
            row = row.rstrip("\r\n\x1a ")
            if not row:
                continue
            if not layout.fullmatch(row) or (ordered and len(row) < 77):
                fail(file, line, f"{row[:40]!r} is not {wanted} in their columns; download it again")
            record = _ordered(row) if ordered else _plain(row, line)
            if record[1] in seen:
                reading.skip("repeated")
                continue
            seen.add(record[1])
            yield record


def _ordered(row: str) -> Record:
    code, billable = row[6:13].strip(), int(row[14])
    parent, kind = (code[:STEM], "code") if billable else (None, "category")
    return "ICD10PCS", code, row[77:].strip(), row[16:76].strip(), parent, kind, billable, int(row[:5])


def _plain(row: str, line: int) -> Record:
    return "ICD10PCS", row[:7], row[8:].strip(), "", row[:STEM], "code", 1, line
