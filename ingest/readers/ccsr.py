"""Clinical Classifications Software Refined (AHRQ, HCUP): the categories of diagnoses (DXCCSR) and procedures (PRCCSR).

Layouts, fields in single quotes, columns found by their names:
- DXCCSR csv: a row a code, default categories for inpatient and outpatient data, up to six categories, each with its description;
- DXCCSR mapping sheet: a row for each code and category, with Y, N or X for the default;
- PRCCSR csv or sheet: a row a code, one category, its clinical domain;
- a JSON object of third parties: code → first category.
The version stands in the file name only; the JSON has none, so its fiscal year is read off the newest codes in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, ReadError, Reading, Record, Release, Rows, dotted, fail, fiscal_year, sorted_out
from ingest.readers.names import CATEGORY, ICD10CM, MAPPING, PCS, bare, in_name

URL = "https://hcup-us.ahrq.gov/toolssoftware/ccsr/ccs_refined.jsp"
SCHEME = "CCSR"
DERIVED = re.compile(rb'\s*\{\s*(?:"[A-Z]\d[0-9A-Z]{1,5}"\s*:\s*"[A-Z]{3}\d{3}"\s*,?\s*){1,3}')
CLASS = re.compile(r"[A-Z]{3}\d{3}")
NO_DEFAULT = {"", "XXX000", "XXX111"}
SLOTS = range(1, 7)
# A code that came with each fiscal year: the newest one that is listed tells for which year a list without a version was made.
NEW_CODES = {2026: "E11A", 2025: "E66813", 2024: "E20810", 2023: "F03911", 2022: "U099", 2021: "J8283"}
Row = Mapping[str, str]


def _header(cells: list[str]) -> list[str]:
    return [bare(" ".join(cell.split())).upper() for cell in cells]


def sniff(head: bytes) -> bool:
    """The names of the columns in the first lines, or the first pairs of the JSON object."""
    if DERIVED.match(head):
        return True
    top = b"\n".join(head.splitlines()[:6]).upper()
    wide = b"ICD-10-CM CODE" in top and b"CCSR CATEGORY 1" in top
    return wide or (b"ICD-10-CM CODE" in top and b"CCSR CATEGORY DESCRIPTION" in top) or (b"ICD-10-PCS" in top and b"PRCCSR" in top)


def read(file: OfficialFile) -> Reading:
    """Read code → category; `detail` is JSON with the number of the category and, where the file tells, the defaults."""
    if DERIVED.match(file.head()):
        return _derived(file)
    found = in_name(file, r"v(20\d\d)[-_.](\d)")
    if not found:
        raise ReadError(f"{file}: the version stands only in the file name, and this one has none; keep the name it was published under")
    first, last = fiscal_year(int(found[1]))
    procedures = b"PRCCSR" in file.head().upper()
    of = "ICD-10-PCS procedures" if procedures else "ICD-10-CM diagnoses"
    title, series = f"Clinical Classifications Software Refined, {of}", "procedures" if procedures else "diagnoses"
    release = Release(SourceKind.CCSR, f"v{found[1]}.{found[2]}", title, "AHRQ", valid_from=first, valid_to=last, url=URL, series=series)
    reading = Reading(release, {"mapping": MAPPING, "category": CATEGORY}, iter(()))
    reading.batches = sorted_out(_records(file, reading, procedures))
    return reading


def _derived(file: OfficialFile) -> Reading:
    with file.text("utf-8") as text:
        pairs = json.load(text)
    if not isinstance(pairs, dict):
        raise ReadError(f"{file}: wanted one JSON object of codes and categories")
    for code, value in pairs.items():
        if not ICD10CM.fullmatch(code) or not isinstance(value, str) or not CLASS.fullmatch(value):
            raise ReadError(f"{file}: {code[:20]!r}: {str(value)[:20]!r}: wanted an ICD-10-CM code and a category of three letters and three digits")
    year = next((year for year, code in NEW_CODES.items() if code in pairs), None)
    title = "Clinical Classifications Software Refined, ICD-10-CM diagnoses, first category"
    name, start, end = (f"codes of FY{year}", *fiscal_year(year)) if year else ("undated", None, None)
    release = Release(SourceKind.CCSR, name, title, "AHRQ", valid_from=start, valid_to=end, url=URL, series="diagnoses")
    detail = json.dumps({"category": 1})
    records = (("mapping", ("ICD10CM", dotted(code), SCHEME, value, "member", 0, 0, detail)) for code, value in pairs.items())
    return Reading(release, {"mapping": MAPPING}, sorted_out(records))


def _records(file: OfficialFile, reading: Reading, procedures: bool) -> Iterator[tuple[str, Record]]:
    system, shape = ("ICD10PCS", PCS) if procedures else ("ICD10CM", ICD10CM)
    named: set[str] = set()
    seen: set[tuple[str, str]] = set()
    with file.table() as rows:
        for row in _named_rows(file, rows):
            code = row.get("ICD-10-PCS" if procedures else "ICD-10-CM CODE") or row.get("ICD-10-PCS CODE") or ""
            if not shape.fullmatch(code):
                fail(file, rows.line_num, f"{code[:20]!r} is not a code of {system}")
            for value, words, detail in _classes(row, procedures):
                if not CLASS.fullmatch(value):
                    fail(file, rows.line_num, f"{code}: {value[:20]!r} is not a category of three letters and three digits")
                if value not in named:
                    named.add(value)
                    yield "category", (SCHEME, value, words, detail.pop("domain", "") or value[:3])
                detail.pop("domain", None)
                if (code, value) in seen:
                    reading.skip("repeated")
                    continue
                seen.add((code, value))
                yield "mapping", (system, code if procedures else dotted(code), SCHEME, value, "member", 0, 0, json.dumps(detail, sort_keys=True))


def _named_rows(file: OfficialFile, rows: Rows) -> Iterator[Row]:
    """The rows below the header as column → cell; title rows above it are passed over."""
    header: list[str] = []
    for row in rows:
        if not any(bare(cell) for cell in row):
            continue
        if not header:
            cells = _header(row)
            header = cells if cells[0] in ("ICD-10-CM CODE", "ICD-10-PCS", "ICD-10-PCS CODE") else []
            continue
        if len(row) < len(header):
            fail(file, rows.line_num, f"{len(row)} columns, wanted {len(header)}: {','.join(row)[:60]!r}")
        yield {name: bare(cell) for name, cell in zip(header, row, strict=False)}
    if not header:
        raise ReadError(f"{file}: no header that begins with the code")


def _classes(row: Row, procedures: bool) -> Iterator[tuple[str, str, dict[str, object]]]:
    """The categories of a row with their descriptions and what else is told of them."""
    if procedures:
        yield row.get("PRCCSR", ""), row.get("PRCCSR DESCRIPTION", ""), {"domain": row.get("CLINICAL DOMAIN", "")}
        return
    if "CCSR CATEGORY" in row:
        told = {kind: row.get(f"{kind.upper()} DEFAULT CCSR (Y/N/X)", "") for kind in ("inpatient", "outpatient")}
        yield row["CCSR CATEGORY"], row.get("CCSR CATEGORY DESCRIPTION", ""), {f"default_{kind}": value for kind, value in told.items() if value}
        return
    inpatient, outpatient = row.get("DEFAULT CCSR CATEGORY IP", ""), row.get("DEFAULT CCSR CATEGORY OP", "")
    for slot in SLOTS:
        if value := row.get(f"CCSR CATEGORY {slot}", ""):
            defaults = {
                f"default_{kind}": "X" if default in NO_DEFAULT else "Y" if default == value else "N"
                for kind, default in (("inpatient", inpatient), ("outpatient", outpatient))
            }
            yield value, row.get(f"CCSR CATEGORY {slot} DESCRIPTION", ""), {"category": slot, **defaults}
