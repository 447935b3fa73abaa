"""The Medicare physician fee schedule, file PPRRVU, as CMS publishes it (csv, txt, xlsx) and as third parties reshape it.

In the published table a column's label is stacked over rows 6 to 10 and names repeat, so a column is known by its stacked
label, never by its position: 2026 has a column more than the years before. The text has no labels but fixed places, and tells its
release only by its name. The derived files carry one header line. From 2026 a second file differs in its conversion factor alone; of
it only the factor is kept. Record layout: RVUxxX.pdf in the same archive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, ReadError, Reading, Record, Release, batched, fail, system_of
from ingest.readers.values import amount, qpp_named, rvu_release

TITLE = "Medicare Physician Fee Schedule, National Relative Value File"
QPP_TITLE = "Medicare Physician Fee Schedule, conversion factor of qualifying APM participants"
URL = "https://www.cms.gov/medicare/payment/fee-schedules/physician/pfs-relative-value-files"
LETTERS = {"jan": "A", "apr": "B", "jul": "C", "oct": "D"}
MONTHS = {"A": 1, "B": 4, "C": 7, "D": 10}
CAPTION = re.compile(r"(20\d\d) National Physician Fee Schedule Relative Value File\s+(January|April|July|October)", re.IGNORECASE)
DERIVED_HEADER = b"hcpcs,mod,description,status_code"
NOTICE = b"HDR CPT CODES AND DESCRIPTIONS ONLY ARE COPYRIGHT"
TEXT_ROW = re.compile(rb"^[0-9A-Z]{5}[ 0-9A-Z]{2}.{50}[A-Z][ .\d]{14}[ NA]{3}", re.MULTILINE)
QPP_SINCE = 2026
QPP_FACTORS = {2026: 33.5675}  # US dollars per RVU for qualifying participants in alternative payment models

# column of the fee table -> (stacked label of the published table, header of the derived files, first and last place in the text)
LABELS = {
    "code": ("HCPCS", "hcpcs", (1, 5)),
    "modifier": ("MOD", "mod", (6, 7)),
    "descriptor": ("DESCRIPTION", "description", (8, 57)),
    "status": ("STATUS CODE", "status_code", (58, 58)),
    "work": ("WORK RVU", "work_rvu", (60, 65)),
    "pe_nonfacility": ("NON-FAC PE RVU", "non_fac_pe_rvu", (67, 72)),
    "na_nonfacility": ("NON-FAC NA INDICATOR", "non_fac_indicator", (73, 74)),
    "pe_facility": ("FACILITY PE RVU", "facility_pe_rvu", (76, 81)),
    "na_facility": ("FACILITY NA INDICATOR", "facility_indicator", (82, 83)),
    "malpractice": ("MP RVU", "mp_rvu", (85, 89)),
    "total_nonfacility": ("NON-FACILITY TOTAL", "non_facility_total", (91, 96)),
    "total_facility": ("FACILITY TOTAL", "facility_total", (97, 102)),
    "pc_tc": ("PCTC IND", "pctc_ind", (103, 103)),
    "global_days": ("GLOB DAYS", "glob_days", (104, 106)),
    "pre": ("PRE OP", "pre_op", (107, 109)),
    "intra": ("INTRA OP", "intra_op", (110, 112)),
    "post": ("POST OP", "post_op", (113, 115)),
    "multiple": ("MULT PROC", "mult_proc", (116, 116)),
    "bilateral": ("BILAT SURG", "bilat_surg", (117, 117)),
    "assistant": ("ASST SURG", "asst_surg", (118, 118)),
    "co_surgeons": ("CO- SURG", "co_surg", (119, 119)),
    "team": ("TEAM SURG", "team_surg", (120, 120)),
    "endoscopic_base": ("ENDO BASE", "endo_base", (128, 132)),
    "conversion_factor": ("CONV FACTOR", "conv_factor", (133, 140)),
    "supervision": ("PHYSICIAN SUPERVISION OF DIAGNOSTIC PROCEDURES", "physician_supervision_of_diagnostic_procedures", (142, 143)),
    "imaging_family": ("DIAGNOSTIC IMAGING FAMILY INDICATOR", "diagnostic_imaging_family_indicator", (146, 147)),
    "opps_pe_nonfacility": ("NON-FACILITY PE USED FOR OPPS PAYMENT AMOUNT", "non_facility_pe_used_for_opps_payment_amount", (152, 157)),
    "opps_pe_facility": ("FACILITY PE USED FOR OPPS PAYMENT AMOUNT", "facility_pe_used_for_opps_payment_amount", (159, 164)),
    "opps_malpractice": ("MP USED FOR OPPS PAYMENT AMOUNT", "mp_used_for_opps_payment_amount", (166, 171)),
}
COLUMNS = tuple(LABELS)
SHIPPED_COLUMNS = COLUMNS[: COLUMNS.index("opps_pe_nonfacility")]  # of the shipped fact table
NUMBERS = frozenset(
    {"work", "pe_nonfacility", "pe_facility", "malpractice", "total_nonfacility", "total_facility", "pre", "intra", "post"}
    | {"conversion_factor", "opps_pe_nonfacility", "opps_pe_facility", "opps_malpractice"}
)
WIDTHS = {"code": 5, "global_days": 3, "supervision": 2, "imaging_family": 2}  # fields that a spreadsheet robs of zeros
HEADER_LINES = 10
TEXT_WIDTH = 171
FACTOR = COLUMNS.index("conversion_factor")


def sniff(head: bytes) -> bool:
    """The caption of the published table with its header, the notice and rows of the text, or the header of a derived file."""
    if head.startswith(NOTICE):
        return bool(TEXT_ROW.search(head))
    return (b"National Physician Fee Schedule Relative Value File" in head and b"HCPCS,MOD,DESCRIPTION" in head) or head.startswith(DERIVED_HEADER)


def read(file: OfficialFile) -> Reading:
    """Read every code and modifier of one release; of the file of qualifying APM participants the conversion factor alone.

    Raises:
        ReadError: when the header is not that of a fee schedule, or nothing tells which release it is or which of the two files.
    """
    if file.head().startswith(NOTICE):
        top, rows, year_letter = 0, _text_rows(file), _named(file)
    else:
        derived = file.head().startswith(DERIVED_HEADER)
        top = 1 if derived else HEADER_LINES
        with file.table() as table:
            header = list(islice(table, top))
        rows = _table_rows(file, _places(file, header, derived), top)
        year_letter = _named(file) if derived else _captioned(file, header)
    year, letter = year_letter
    release = _release(SourceKind.FEE_SCHEDULE, TITLE, year, letter)
    reading = Reading(release, {"fee": COLUMNS}, iter(()))
    records = _records(file, rows, reading)
    first = next(records, None)
    if first is None:
        raise ReadError(f"{file}: no row in it; is the file cut off?")
    if _is_qpp(file, year, first):
        reading = Reading(_release(SourceKind.QPP_FACTOR, QPP_TITLE, year, letter), {"qpp_factor": ("factor",)}, iter(()), reading.skipped)
        reading.batches = batched("qpp_factor", _factor(file, first, records))
    else:
        reading.batches = batched("fee", _all(first, records))
    return reading


def _all(first: Record, others: Iterator[Record]) -> Iterator[Record]:
    yield first
    yield from others


def _release(kind: SourceKind, title: str, year: int, letter: str) -> Release:
    start, end = date(year, MONTHS[letter], 1), date(year, 12, 31)
    return Release(kind, f"RVU{year % 100:02}{letter}", title, "CMS", valid_from=start, valid_to=end, url=URL)


def _captioned(file: OfficialFile, header: list[list[str]]) -> tuple[int, str]:
    """Year and letter of the release, from the caption of the published table."""
    caption = CAPTION.search(" ".join(cell for row in header[:5] for cell in row))
    if not caption:
        fail(file, 1, "no caption like '2026 National Physician Fee Schedule Relative Value File July Release'")
    return int(caption[1]), LETTERS[caption[2][:3].lower()]


def _named(file: OfficialFile) -> tuple[int, str]:
    """Year and letter of the release, from a name like `rvu24c` or `PPRRVU2025_Oct`, or from that of the archive."""
    found = rvu_release(file)
    if not found:
        raise ReadError(f"{file}: without a caption the release must stand in the file name, as in pprrvu_rvu24c.csv or PPRRVU2025_Oct.txt")
    return found


def _is_qpp(file: OfficialFile, year: int, first: Record) -> bool:
    """Whether this is the file of qualifying APM participants, by its name or else its conversion factor."""
    named = qpp_named(file.name)
    if named is not None:
        return named
    if year < QPP_SINCE:
        return False
    if year not in QPP_FACTORS:
        raise ReadError(f"{file}: the name does not tell whether it is the nonQPP or the QPP file; keep the name it was published under")
    return first[FACTOR] is not None and abs(first[FACTOR] - QPP_FACTORS[year]) < 0.00005


def _factor(file: OfficialFile, first: Record, others: Iterator[Record]) -> Iterator[Record]:
    """The conversion factor, which must be the same in every row that has one."""
    factors = {record[FACTOR] for record in _all(first, others)} - {None}
    if len(factors) != 1:
        raise ReadError(f"{file}: {len(factors)} conversion factors in a file that should have one; is it the published file?")
    yield (factors.pop(),)


def _places(file: OfficialFile, header: list[list[str]], derived: bool) -> list[int]:
    """Where each column of the fee table stands in the table."""
    if derived:
        labels = header[0]
    else:
        if not header or header[-1][:1] != ["HCPCS"]:
            fail(file, len(header), "the header, HCPCS,MOD,DESCRIPTION, is not in line 10")
        stacked = zip(*header[5:10], strict=True) if len({len(row) for row in header[5:10]}) == 1 else ()
        labels = [" ".join(part.strip() for part in parts if part.strip()) for parts in stacked]
    wanted = [header_label if derived else stack for stack, header_label, _ in LABELS.values()]
    if missing := [label for label in wanted if labels.count(label) != 1]:
        fail(file, len(header), f"no single column is labelled {missing[0]!r}; is this a fee schedule of a new layout?")
    return [labels.index(label) for label in wanted]


def _table_rows(file: OfficialFile, places: list[int], header: int) -> Iterator[tuple[int, list[str]]]:
    """Line number and fields, in the order of `COLUMNS`, of each row below the header."""
    width = max(places) + 1
    with file.table() as rows:
        for row in islice(rows, header, None):
            if any(cell.strip() for cell in row):
                if len(row) < width:
                    fail(file, rows.line_num, f"{len(row)} columns, wanted {width}: {','.join(row)[:60]!r}")
                yield rows.line_num, [row[place] for place in places]


def _text_rows(file: OfficialFile) -> Iterator[tuple[int, list[str]]]:
    """Line number and fields, in the order of `COLUMNS`, of each row of the text."""
    spans = [(first - 1, last) for _, _, (first, last) in LABELS.values()]
    with file.text() as lines:
        for number, line in enumerate(lines, start=1):
            line = line.rstrip("\r\n\x1a")
            if not line.strip() or line.startswith("HDR "):
                continue
            if len(line) < TEXT_WIDTH:
                fail(file, number, f"{len(line)} characters, wanted {TEXT_WIDTH}: {line[:60]!r}")
            yield number, [line[first:last] for first, last in spans]


def _records(file: OfficialFile, rows: Iterator[tuple[int, list[str]]], reading: Reading) -> Iterator[Record]:
    """Each row as a tuple in the order of `COLUMNS`; zeros that a spreadsheet ate are put back."""
    fields = [(column, column in NUMBERS, WIDTHS.get(column)) for column in COLUMNS]
    seen: set[tuple[object, ...]] = set()
    for line, row in rows:
        record: list[str | float | None] = []
        for (column, number, width), cell in zip(fields, row, strict=True):
            value = cell.strip()
            if number:
                record.append(amount(value, file, line, column))
            else:
                record.append(value.zfill(width) if width and value.isdigit() else value)
        if system_of(str(record[0])) is None:
            reading.skip("not a code")
        elif (key := tuple(record[:2])) in seen:
            reading.skip("repeated")
        else:
            seen.add(key)
            yield tuple(record)
