"""The Chronic Condition Indicator Refined (AHRQ, HCUP): whether a diagnosis is chronic. csv with two title rows, fields in single quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, ReadError, Reading, Record, Release, dotted, fail, fiscal_year, sorted_out
from ingest.readers.names import CATEGORY, ICD10CM, MAPPING, bare

TITLE = "Chronic Condition Indicator Refined for ICD-10-CM"
URL = "https://hcup-us.ahrq.gov/toolssoftware/chronic_icd10/chronic_icd10.jsp"
FIRST = re.compile(rb"\W{0,4}Chronic Condition Indicators? Refined[^\n]*?v(20\d\d)[.-](\d)", re.IGNORECASE)
HEADER = ("ICD-10-CM CODE", "ICD-10-CM CODE DESCRIPTION", "CHRONIC INDICATOR")
SCHEME = "CHRONIC"
MEANING = re.compile(r"(\d)\s*=\s*(.*?)(?=,?\s+(?:and\s+)?\d\s*=|\)|$)")


def sniff(head: bytes) -> bool:
    """The title with its version, and the header."""
    return bool(FIRST.match(head)) and b"ICD-10-CM CODE" in head and b"CHRONIC INDICATOR" in head


def read(file: OfficialFile) -> Reading:
    """Read the indicator of each code, and what its values mean."""
    found = FIRST.match(file.head())
    if not found:
        raise ReadError(f"{file}: the first row does not tell the version")
    first, last = fiscal_year(int(found[1]))
    release = Release(SourceKind.CCIR, f"v{int(found[1])}.{int(found[2])}", TITLE, "AHRQ", valid_from=first, valid_to=last, url=URL)
    reading = Reading(release, {"mapping": MAPPING, "category": CATEGORY}, iter(()))
    reading.batches = sorted_out(_records(file, reading))
    return reading


def _records(file: OfficialFile, reading: Reading) -> Iterator[tuple[str, Record]]:
    seen: set[str] = set()
    values: set[str] = set()
    started = False
    with file.table() as rows:
        for row in rows:
            cells = [bare(cell) for cell in row]
            if not any(cells):
                continue
            if not started:
                started = tuple(cell.upper() for cell in cells[:3]) == HEADER
                fresh = [] if started else [pair for pair in MEANING.findall(cells[0]) if pair[0] not in values]
                values.update(value for value, _ in fresh)
                yield from (("category", (SCHEME, value, meaning.strip(), "")) for value, meaning in fresh)
                continue
            code, value = cells[0], cells[2] if len(cells) > 2 else ""
            if not ICD10CM.fullmatch(code) or value not in (values or {"0", "1", "9"}):
                fail(file, rows.line_num, f"code {code!r} with indicator {value!r}: wanted an ICD-10-CM code and one of the values in the title")
            if code in seen:
                reading.skip("repeated")
                continue
            seen.add(code)
            yield "mapping", ("ICD10CM", dotted(code), SCHEME, value, "member", 0, 0, "")
    if not started:
        raise ReadError(f"{file}: no header {', '.join(HEADER)}")
