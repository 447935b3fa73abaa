"""ICD-10-CM codes that are exempt from reporting whether a condition was present on admission, one list a fiscal year.

Tab-separated text or a spreadsheet with the columns Order26, POAexemptCode, Description: the number in the first is the fiscal
year. Beside the whole list the archive has what was added, deleted and revised against the year before, with the same columns or
some of them; these are left alone. (Layout: the read-me file of the archive.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.model import SourceKind, System
from ingest.readers.base import OfficialFile, Reading, Record, RefusedError, Release, batched, fail, fiscal_year
from ingest.readers.icd10cm_files import PUBLISHER, SHOWN

TITLE = "ICD-10-CM codes exempt from present-on-admission reporting"
URL = "https://www.cms.gov/medicare/payment/fee-for-service-providers/hospital-acquired-conditions-hac/coding"
COLUMNS = ("system", "code", "target_system", "target", "relation")
HEADER = re.compile(rb'(?:"?Order(?P<year>\d\d)"?[\t,])?(?P<action>"?Action"?[\t,])?"?POAexemptCode"?[\t,]"?Description"?\s')
FIRST_CATEGORY = "B90"  # the sequelae of tuberculosis have opened every list


def sniff(head: bytes) -> bool:
    """The header of the list, or of the changes beside it."""
    return bool(HEADER.match(head.removeprefix(b"\xef\xbb\xbf") + b"\n"))


def read(file: OfficialFile) -> Reading:
    """Read the whole list as mappings to "exempt".

    Raises:
        RefusedError: for the lists of changes.
    """
    head = file.head().removeprefix(b"\xef\xbb\xbf")
    header = HEADER.match(head + b"\n")
    first = next(iter(re.findall(rb"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]+)?(?=[\t,])", head)), b"").decode()
    if not header or not header["year"] or header["action"] or re.search("add|delet|revis", file.name, re.IGNORECASE):
        raise RefusedError(f"{file}: the changes of a list of POA-exempt codes; the whole list is the file POAexemptCodesFYnn beside it")
    if first and first[:3] > FIRST_CATEGORY:
        raise RefusedError(f"{file}: begins with {first} and not with {FIRST_CATEGORY}: codes added to the POA-exempt list, not the list itself")
    year = 2000 + int(header["year"])
    release = Release(SourceKind.POA_EXEMPT, f"FY{year}", TITLE, PUBLISHER, None, *fiscal_year(year), URL)
    reading = Reading(release, {"mapping": COLUMNS}, iter(()))
    reading.batches = batched("mapping", _records(file, reading))
    return reading


def _records(file: OfficialFile, reading: Reading) -> Iterator[Record]:
    seen: set[str] = set()
    layout = {} if file.is_workbook or b"\t" not in file.head()[:100] else {"delimiter": "\t"}
    with file.table(**layout) as rows:
        next(rows)
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if len(cells) < 3 or not cells[0].isdecimal() or not SHOWN.fullmatch(cells[1]):
                fail(file, rows.line_num, f"{','.join(cells)[:60]!r}: wanted an order number, a code with its dot, and a title; download it again")
            if cells[1] in seen:
                reading.skip("repeated")
                continue
            seen.add(cells[1])
            yield System.ICD10CM, cells[1], "POA", "exempt", "member"
