"""The addenda of the ICD-10-PCS order file and code file: what was added, deleted, revised since the file before.

Columns, counted from 1: action 1-13, code 14-20, then of the order file short title 22-81 and long title from 83, of the code file the title
from 22. A revision is two lines. A summary closes the file: it names the two files that were compared and counts what was done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from corpus.model import SourceKind
from ingest.readers import pcs
from ingest.readers.base import OfficialFile, Reading, batched, fail, fiscal_year
from ingest.readers.names import year_in_name

TITLE = "ICD-10-PCS addenda"
COLUMNS = ("system", "code", "position", "action", "before", "after")
ACTIONS = {"Add:": "added", "Delete:": "deleted", "Revise from:": "from", "Revise to:": "revised"}
LINE = re.compile(r"(Add:|Delete:|Revise from:|Revise to:) +(?<=.{13})([0-9A-HJ-NP-Z]{7}|[0-9A-HJ-NP-Z]{3}    ) (\S.*)")
COMPARED = re.compile(r"\s*\d+ (?:headers|codes) in icd10pcs_(?:order|codes)_(20\d\d)", re.IGNORECASE)
COUNTED = re.compile(r"\s*(\d+) (additions|deletions|revisions)")
Record = tuple[str, str, int, str, str, str]
Row = tuple[int, str, str, str, str]  # line, action, code, short title, long title


def sniff(head: bytes) -> bool:
    """An action in columns 1-13, then a code of seven characters (or a header of three) that ICD-10-CM does not write so."""
    first = next((line for line in head.decode("cp1252", "replace").splitlines() if line.strip()), "")
    found = LINE.match(first)
    if not found:
        return False
    codes = [match[2].strip() for line in head.decode("cp1252", "replace").splitlines() if (match := LINE.match(line))]
    others = [line for line in head.decode("cp1252", "replace").splitlines()[:-1] if line.startswith(tuple(ACTIONS)) and not LINE.match(line)]
    return not others and any(code[0].isdigit() or code[1].isalpha() for code in codes)


def start(file: OfficialFile) -> tuple[int, date] | None:
    """The fiscal year that the addenda are for and the day they take effect; None where their summary does not tell.

    Two files of one year were compared: an update within the year.
    """
    with file.text() as text:
        years = [int(found[1]) for row in text if (found := COMPARED.match(row))]
    if not years:
        return None
    return years[-1], pcs.update_day(years[-1]) if years[0] == years[-1] else fiscal_year(years[-1])[0]


def read(file: OfficialFile) -> Reading:
    """Read what was done to each code."""
    year, day = start(file) or (year_in_name(file), None)
    reading = Reading(pcs.release(SourceKind.ICD10PCS_ADDENDA, TITLE, year, day), {"change": COLUMNS}, iter(()))
    reading.batches = batched("change", _records(file))
    return reading


def _records(file: OfficialFile) -> Iterator[Record]:
    pending: Row | None = None
    done = {"additions": 0, "deletions": 0, "revisions": 0}
    for row in _rows(file, done):
        line, action, code, short, long = row
        if (action == "revised") != (pending is not None) or (pending and pending[2] != code):
            fail(file, line, f"{code}: a revision is one line `Revise from:` and then one `Revise to:` of the same code")
        if action == "from":
            pending = row
        elif action == "revised" and pending:
            before = pending[4] if pending[4] != long else pending[3]
            yield "ICD10PCS", code, line, action, before, long if pending[4] != long else short
            pending = None
        else:
            yield ("ICD10PCS", code, line, action, *(("", long) if action == "added" else (long, "")))
    if pending:
        fail(file, pending[0], f"{pending[2]}: `Revise from:` without `Revise to:`; is the file cut off?")


def _rows(file: OfficialFile, done: dict[str, int]) -> Iterator[Row]:
    """The lines with an action; the counts of the summary are checked against them."""
    told = dict.fromkeys(done, 0)
    summed = False
    ordered = b"icd10pcs_codes" not in file.head() and "code" not in file.name.lower()
    line = 0
    with file.text() as text:
        for line, row in enumerate(text, start=1):
            row = row.rstrip("\r\n\x1a ")
            if found := LINE.fullmatch(row):
                action = ACTIONS[found[1]]
                short, long = (row[21:81].strip(), row[82:].strip()) if ordered else ("", row[21:].strip())
                if action != "from":
                    done[{"added": "additions", "deleted": "deletions", "revised": "revisions"}[action]] += 1
                yield line, action, found[2].strip(), short, long or short
            elif count := COUNTED.fullmatch(row):
                summed = True
                told[count[2]] += int(count[1])
            elif row.startswith(tuple(ACTIONS)):
                fail(file, line, f"{row[:40]!r}: wanted an action, a code and a title in their columns; download it again")
    if summed and told != done:
        fail(file, line, f"the summary counts {told}, the file holds {done}; is it cut off?")
