"""The Medicare physician fee schedule, file PPRRVU (csv), as CMS publishes it and as third parties reshape it.

In the published file a column's label is stacked over rows 6 to 10 and names repeat, so a column is known by its stacked
label, never by its position: 2026 has a column more than the years before. The derived files carry one header line.
Record layout: RVUxxX.pdf in the same archive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, ReadError, Reading, RefusedError, Release, batched, fail, system_of

TITLE = "Medicare Physician Fee Schedule, National Relative Value File"
URL = "https://www.cms.gov/medicare/payment/fee-schedules/physician/pfs-relative-value-files"
LETTERS = {"January": "A", "April": "B", "July": "C", "October": "D"}
MONTHS = {"A": 1, "B": 4, "C": 7, "D": 10}
CAPTION = re.compile(r"(20\d\d) National Physician Fee Schedule Relative Value File\s+(January|April|July|October)", re.IGNORECASE)
DERIVED_HEADER = b"hcpcs,mod,description,status_code"
QPP_FACTORS = {2026: 33.5675}  # US dollars per RVU for qualifying participants in alternative payment models

# column of the fee table -> (stacked label of the published file, header of the derived files)
LABELS = {
    "code": ("HCPCS", "hcpcs"),
    "modifier": ("MOD", "mod"),
    "descriptor": ("DESCRIPTION", "description"),
    "status": ("STATUS CODE", "status_code"),
    "work": ("WORK RVU", "work_rvu"),
    "pe_nonfacility": ("NON-FAC PE RVU", "non_fac_pe_rvu"),
    "na_nonfacility": ("NON-FAC NA INDICATOR", "non_fac_indicator"),
    "pe_facility": ("FACILITY PE RVU", "facility_pe_rvu"),
    "na_facility": ("FACILITY NA INDICATOR", "facility_indicator"),
    "malpractice": ("MP RVU", "mp_rvu"),
    "total_nonfacility": ("NON-FACILITY TOTAL", "non_facility_total"),
    "total_facility": ("FACILITY TOTAL", "facility_total"),
    "pc_tc": ("PCTC IND", "pctc_ind"),
    "global_days": ("GLOB DAYS", "glob_days"),
    "pre": ("PRE OP", "pre_op"),
    "intra": ("INTRA OP", "intra_op"),
    "post": ("POST OP", "post_op"),
    "multiple": ("MULT PROC", "mult_proc"),
    "bilateral": ("BILAT SURG", "bilat_surg"),
    "assistant": ("ASST SURG", "asst_surg"),
    "co_surgeons": ("CO- SURG", "co_surg"),
    "team": ("TEAM SURG", "team_surg"),
    "endoscopic_base": ("ENDO BASE", "endo_base"),
    "conversion_factor": ("CONV FACTOR", "conv_factor"),
    "supervision": ("PHYSICIAN SUPERVISION OF DIAGNOSTIC PROCEDURES", "physician_supervision_of_diagnostic_procedures"),
    "imaging_family": ("DIAGNOSTIC IMAGING FAMILY INDICATOR", "diagnostic_imaging_family_indicator"),
}
COLUMNS = tuple(LABELS)
NUMBERS = frozenset(
    {"work", "pe_nonfacility", "pe_facility", "malpractice", "total_nonfacility", "total_facility", "pre", "intra", "post"} | {"conversion_factor"}
)
WIDTHS = {"code": 5, "global_days": 3, "supervision": 2, "imaging_family": 2}  # fields that one derived year robbed of zeros


def sniff(head: bytes) -> bool:
    """The caption of the published csv with its header, or the header of a derived file."""
    return (b"National Physician Fee Schedule Relative Value File" in head and b"HCPCS,MOD,DESCRIPTION" in head) or head.startswith(DERIVED_HEADER)


def read(file: OfficialFile) -> Reading:
    """Read every code and modifier of one release.

    Raises:
        RefusedError: for the file of qualifying APM participants, whose conversion factor few claims are paid at.
    """
    derived = file.head().startswith(DERIVED_HEADER)
    with file.table() as rows:
        top = list(islice(rows, 1 if derived else 10))
        first, line = next(rows, []), rows.line_num
    places = _places(file, top, derived)
    release = _release(file, top, derived)
    year = release.valid_from.year if release.valid_from else 0
    place = places["conversion_factor"]
    factor = _number(first[place].strip(), file, line, "conversion_factor") if len(first) > place else None
    if factor and year in QPP_FACTORS and abs(factor - QPP_FACTORS[year]) < 0.00005:
        raise RefusedError(f"{file}: holds the conversion factor of qualifying APM participants (QPP); add the nonQPP file instead")
    reading = Reading(release, "fee", COLUMNS, iter(()))
    reading.batches = batched(_records(file, places, len(top), reading))
    return reading


def _places(file: OfficialFile, top: list[list[str]], derived: bool) -> dict[str, int]:
    """Where each column of the fee table stands in the file."""
    if derived:
        labels = top[0]
    else:
        if not top or top[-1][:1] != ["HCPCS"]:
            fail(file, len(top), "the header, HCPCS,MOD,DESCRIPTION, is not in line 10")
        stacked = zip(*top[5:10], strict=True) if len({len(row) for row in top[5:10]}) == 1 else ()
        labels = [" ".join(part.strip() for part in parts if part.strip()) for parts in stacked]
    wanted = {column: label[1 if derived else 0] for column, label in LABELS.items()}
    if missing := [label for label in wanted.values() if labels.count(label) != 1]:
        fail(file, len(top), f"no single column is labelled {missing[0]!r}; is this a fee schedule of a new layout?")
    return {column: labels.index(label) for column, label in wanted.items()}


def _release(file: OfficialFile, top: list[list[str]], derived: bool) -> Release:
    """The release: from the caption, or from a name like `rvu24c` where the file has no caption."""
    if derived:
        found = re.search(r"rvu(\d\d)([a-d])", file.name, re.IGNORECASE)
        if not found:
            raise ReadError(f"{file}: without a caption the release must stand in the file name, as in pprrvu_rvu24c.csv")
        year, letter = 2000 + int(found[1]), found[2].upper()
    else:
        caption = CAPTION.search(" ".join(cell for row in top[:5] for cell in row))
        if not caption:
            fail(file, 1, "no caption like '2026 National Physician Fee Schedule Relative Value File July Release'")
        year, letter = int(caption[1]), LETTERS[caption[2].capitalize()]
    return Release(
        SourceKind.FEE_SCHEDULE,
        f"RVU{year % 100}{letter}",
        TITLE,
        "CMS",
        valid_from=date(year, MONTHS[letter], 1),
        valid_to=date(year, 12, 31),
        url=URL,
    )


def _records(file: OfficialFile, places: dict[str, int], header: int, reading: Reading) -> Iterator[tuple[str | float | None, ...]]:
    """Each row as a tuple in the order of `COLUMNS`; zeros that a spreadsheet ate are put back."""
    fields = [(column, place, column in NUMBERS, WIDTHS.get(column)) for column, place in places.items()]
    width = max(places.values()) + 1
    seen: set[tuple[str | float | None, ...]] = set()
    with file.table() as rows:
        for row in islice(rows, header, None):
            if not any(row):
                continue
            if len(row) < width:
                fail(file, rows.line_num, f"{len(row)} columns, wanted {width}: {','.join(row)[:60]!r}")
            record: list[str | float | None] = []
            for column, place, number, digits in fields:
                value = row[place].strip()
                if number:
                    record.append(_number(value, file, rows.line_num, column))
                else:
                    record.append(value.zfill(digits) if digits and value.isdigit() else value)
            if system_of(str(record[0])) is None:
                reading.skip("not a code")
            elif (key := tuple(record[:2])) in seen:
                reading.skip("repeated")
            else:
                seen.add(key)
                yield tuple(record)


def _number(value: str, file: OfficialFile, line: int, column: str) -> float | None:
    """A decimal with at most four places; None for an empty field."""
    if not value:
        return None
    try:
        return round(float(value), 4)
    except ValueError:
        fail(file, line, f"{column} {value!r} is not a number")
