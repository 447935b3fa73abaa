"""Everything published that is at hand, loaded into one edition: its row counts, and random rows of the large files read back through `Codebook`.

What the files say is read here by `csv` and by slicing alone; nothing of `ingest` helps, so a fault in a reader or in the store shows.
"""

from __future__ import annotations

import csv
import gzip
import io
import random
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from corpus.codebook import Codebook
from corpus.editions import current, draft
from corpus.model import Edit, FeeRow, Setting
from ingest.build import add, status
from ingest.store import Store, writing

SAMPLE = 20_000  # random rows of a kind of file
SEED = 20_261_122
FORGOTTEN = "9999-12-31"  # how the derived files say that there is no date of deletion

PTP = {Setting.PRACTITIONER: "ptp_practitioner_2024Q3.derived.csv.gz", Setting.FACILITY: "ptp_hospital_2024Q3.derived.csv.gz"}
PTP_DAY = date(2024, 8, 15)
ONE_IN = 170  # pairs: of the smaller file a little more than half of the sample
MUE = [  # setting, first day of the release, file
    (Setting.PRACTITIONER, date(2024, 4, 1), "mue_practitioner_2024Q2.derived.csv"),
    (Setting.FACILITY, date(2024, 4, 1), "mue_outpatient_2024Q2.derived.csv"),
    (Setting.DME, date(2024, 4, 1), "mue_dme_2024Q2.derived.csv"),
    (Setting.PRACTITIONER, date(2026, 4, 1), "MCR_MUE_PractitionerServices_Eff_04-01-2026.reconstructed.csv"),
]

# Source → (rows that `status` shows, rows that the list of official files in the data folder's README gives, what makes the difference).
# The README counts the lines of a table or the codes of a list; `rows` are those that went into the store.
TWO = "each code is one row of the list of codes and one of the Level II particulars"
PLACEHOLDER = "the line GXXX1 holds a place for a code that is not given out yet"
ROWS: dict[str, tuple[int, int | None, str]] = {
    "fee-schedule/RVU26C": (19_355, 19_356, PLACEHOLDER),
    "fee-schedule/RVU25D": (19_090, 19_090, ""),
    "fee-schedule/RVU24C": (18_664, None, "17-19 thousand a year"),
    "fee-schedule/RVU23D": (18_168, None, "17-19 thousand a year"),
    "fee-schedule/RVU22D": (17_726, None, "17-19 thousand a year"),
    "fee-schedule/RVU21D": (17_432, None, "17-19 thousand a year"),
    "fee-schedule/RVU20D": (17_346, None, "17-19 thousand a year"),
    "gpci/2025": (109, None, "not counted there"),
    "gpci/2026": (
        94,
        109,
        "the file has 109 lines: 6 of title, labels and blanks, 5 of notes, 4 of localities with two values",
    ),
    "locality/2025": (109, None, "not counted there"),
    "anesthesia-factor/2025": (109, None, "not counted there"),
    "opps-cap/RVU25D": (16_100, None, "not counted there"),
    "zip-code/2025Q4": (42_956, 43_000, "rounded there"),
    "ptp/practitioner/2024Q3": (2_546_017, 2_546_017, ""),
    "ptp/facility/2024Q3": (1_775_818, 1_775_818, ""),
    "ptp/practitioner/2026Q3": (15, 15, ""),
    "mue/practitioner/2026Q2": (15_095, 15_095, ""),
    "mue/practitioner/2026Q3": (6, None, "an excerpt that the list leaves out"),
    "mue/practitioner/2024Q2": (14_677, 14_677, ""),
    "mue/facility/2024Q2": (14_628, 14_628, ""),
    "mue/dme/2024Q2": (2_928, 2_928, ""),
    "add-on/2026Q3": (7_743, 7_743, ""),
    "add-on/2024Q2": (7_465, 7_465, ""),
    "hcpcs/2017": (2 * 6_498, None, TWO),
    "hcpcs/2018": (2 * 6_559, None, TWO),
    "hcpcs/2019": (2 * 6_800, None, TWO),
    "hcpcs/2024Q2": (2 * 8_033, 8_033, TWO),
    "hcpcs/2026Q4": (2 * 5, None, TWO),
    "hcpcs-notes/2017": (211, None, "not counted there"),
    "hcpcs-notes/2018": (216, None, "not counted there"),
    "hcpcs-notes/2019": (218, None, "not counted there"),
    "hcpcs-notes/2026Q1": (234, None, "not counted there"),
    "icd10cm-list/order/FY2021, January 2021": (95_358, 95_358, ""),
    "icd10cm-list/codes/FY2024": (74_044, 74_044, ""),
    "icd10cm-addenda/codes/FY2023": (1_491, None, "not counted there"),
    "icd10cm-addenda/order/FY2023": (2_082, None, "not counted there"),
    "icd10cm-index/index/FY2027": (26, 7, "7 main terms and 9 below them; 10 of the 16 lead to a whole code and are passages too"),
    "poa-exempt/FY2026": (38_349, 38_349, ""),
    "icd10pcs/April 1, 2026": (80_110, 80_110, ""),
    "icd10pcs-addenda/April 1, 2026": (86, None, "not counted there"),
    "icd10pcs-conversion/April 1, 2026": (17_848, 17_848, ""),
    "icd10pcs-tables/FY2023": (32_453, None, "not counted there"),
    "icd10pcs-index/FY2023": (37_166, None, "not counted there"),
    "icd10pcs-definitions/FY2023": (2_122, None, "not counted there"),
    "gem/icd9cm-icd10cm/FY2018": (24_860, 24_860, ""),
    "gem/icd10cm-icd9cm/codes of FY2016": (78_838, 78_838, ""),
    "opps/2026Q2": (19_059, 19_060, "counted with the blank line at the end"),
    "coverage/merged/spring 2026": (
        209_800,
        500,
        "500 codes, each with its list; the other rows are 208,029 diagnoses and 771 LCD ids",
    ),
    "manual/icd10cm-guidelines/FY2026": (469, 121, "121 pages; the rows are sections"),
    "manual/ncci-policy-manual/2026": (1_183, 287, "287 pages; the rows are sections"),
    "manual/mbpm-15/Rev. 13774": (788, 308, "308 pages; the rows are sections"),
    "rbcs/RY2024": (17_033, 17_033, ""),
    "ccir/v2023.1": (74_552, 73_000, "rounded there; 74,549 codes and 3 classes"),
    "ccsr/diagnoses/codes of FY2023": (74_549, None, "not counted there"),
    "place-of-service/2022-01-01": (49, 99, "the numbers run from 01 to 99, and the file holds 49 of them"),
    "contractor/2026-07-11": (111, None, "not counted there"),
    "mce/FY2026": (6_652, None, "not counted there"),
}


@pytest.fixture(scope="module")
def home(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose edition holds all of the official files, without vectors: they have no part in what is compared."""
    folder = tmp_path_factory.mktemp("read-back")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODEBOOK_HOME", str(folder))
        patch.setattr("ingest.index.embed", lambda *_: 0)
        with draft() as fresh, writing(Store.create(fresh.database)):
            pass
        add([data])
        yield folder


@pytest.fixture(scope="module")
def codebook(home: Path) -> Iterator[Codebook]:
    opened = Codebook(current(home))
    yield opened
    opened.close()


@pytest.fixture
def chosen() -> random.Random:
    """Chance that falls the same way each time."""
    return random.Random(SEED)


def test_status_shows_the_rows_of_every_source(home: Path) -> None:
    shown = {str(source["key"]): source["rows"] for source in status()}
    assert shown == {key: rows for key, (rows, _, _) in ROWS.items()}
    assert [key for key, (rows, listed, reason) in ROWS.items() if rows != listed and not reason] == []


def lines(file: Path) -> Iterator[list[str]]:
    """The rows of a csv, packed or not."""
    with gzip.open(file, "rt", encoding="cp1252", newline="") if file.suffix == ".gz" else file.open(encoding="cp1252", newline="") as text:
        yield from csv.reader(text)


# Fee schedule

FEE_TEXT = {"descriptor": 2, "status": 3, "na_nonfacility": 7, "na_facility": 9, "pc_tc": 13, "global_days": 14, "multiple": 18, "bilateral": 19}
FEE_TEXT |= {"assistant": 20, "co_surgeons": 21, "team": 22, "endoscopic_base": 23, "supervision": 25, "imaging_family": 27}
FEE_NUMBERS = {"work": 5, "pe_nonfacility": 6, "pe_facility": 8, "malpractice": 10, "total_nonfacility": 11, "total_facility": 12, "pre": 15}
FEE_NUMBERS |= {"intra": 16, "post": 17, "conversion_factor": 24, "opps_pe_nonfacility": 28, "opps_pe_facility": 29, "opps_malpractice": 30}
PRICE_INDICATOR = 23  # the column that 2026 added; the others are numbered as before it


def fee_rows(data: Path) -> list[tuple[date, list[str]]]:
    """Day to ask for and fields of each row of the two published tables, in the 31 columns of 2025."""
    with zipfile.ZipFile(data / "pfs" / "rvu25d.zip") as archive:
        of_2025 = list(csv.reader(io.StringIO(archive.read("PPRRVU2025_Oct.csv").decode("cp1252"), newline="")))[10:]
    of_2026 = list(lines(data / "pfs" / "PPRRVU2026_Jul_nonQPP.csv"))[10:]
    assert {len(row) for row in of_2025} == {31}
    assert {len(row) for row in of_2026} == {32}
    found = [(date(2025, 11, 3), row) for row in of_2025]
    return found + [(date(2026, 9, 8), row[:PRICE_INDICATOR] + row[PRICE_INDICATOR + 1 :]) for row in of_2026 if row[0] != "GXXX1"]


def test_fee_schedule_reads_back(codebook: Codebook, data: Path, chosen: random.Random) -> None:
    wrong = []
    for day, row in chosen.sample(fee_rows(data), SAMPLE):
        got = codebook.fee(row[0].strip(), day, row[1].strip()).value
        if got is None or fee_fields(got) != printed_fields(row):
            wrong.append((row, got))
    assert wrong == []


def printed_fields(row: list[str]) -> dict[str, Any]:
    return {**{name: row[place].strip() for name, place in FEE_TEXT.items()}, **{name: float(row[place]) for name, place in FEE_NUMBERS.items()}}


def fee_fields(row: FeeRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (*FEE_TEXT, *FEE_NUMBERS)}


# PTP edits

Interval = tuple[str, str, date | None, int, str]


def intervals(file: Path) -> Iterator[Interval]:
    """Column 1, column 2, last day, modifier indicator, rationale, of the pairs that chance takes: whole pairs, not single rows."""
    rows = lines(file)
    assert next(rows) == ["column1", "column2", "deleted", "mod", "rationale"]
    for one, two, last, indicator, rationale in rows:
        if crc32((one + two if one < two else two + one).encode(), SEED) % ONE_IN == 0:
            yield one, two, None if last == FORGOTTEN else date.fromisoformat(last), int(indicator), rationale


@pytest.mark.parametrize("setting", PTP)
def test_edits_of_a_pair_read_back_with_all_their_intervals(codebook: Codebook, data: Path, setting: Setting) -> None:
    wanted: dict[tuple[str, str], list[Interval]] = defaultdict(list)
    for interval in intervals(data / "ncci" / PTP[setting]):
        wanted[min(interval[:2]), max(interval[:2])].append(interval)
    assert sum(map(len, wanted.values())) >= SAMPLE // 2
    wrong = []
    for pair, printed in wanted.items():
        got = [interval_of(edit) for edit in codebook.edits(*pair, PTP_DAY, setting).value or []]
        if sorted(got, key=str) != sorted(printed, key=str):
            wrong.append((printed, got))
    assert wrong == []


def interval_of(edit: Edit) -> Interval:
    assert edit.effective is None  # the derived files do not tell
    return edit.column1, edit.column2, edit.deleted, edit.indicator, edit.rationale


# Medically unlikely edits


def limits(file: Path) -> Iterator[tuple[str, int, int, str]]:
    """Code, units, MAI and rationale, of a derived file or of one as published."""
    rows = lines(file)
    header = next(rows)
    if header[0] != "hcpcs_code":  # the first cell is the notice; the labels follow
        assert next(rows)[0].split() == ["HCPCS/", "CPT", "Code"]
    for code, units, mai, rationale, *_ in rows:
        yield code, int(units), int(mai[0]), rationale


def test_unit_limits_read_back(codebook: Codebook, data: Path, chosen: random.Random) -> None:
    printed = [(setting, day, limit) for setting, day, name in MUE for limit in limits(data / "ncci" / name)]
    wrong = []
    for setting, day, limit in chosen.sample(printed, SAMPLE):
        got = codebook.unit_limit(limit[0], day, setting).value
        if got is None or (got.code, got.units, got.mai, got.rationale) != limit:
            wrong.append((setting, limit, got))
    assert wrong == []


# Add-on code edits: the two files have fewer rows than the sample, so all are compared

Tie = tuple[str, str, int, date | None, str]


def julian(digits: str) -> date:
    """YYYYDDD."""
    return date.fromordinal(date(int(digits[:4]), 1, 1).toordinal() + int(digits[4:]) - 1)


def ties(data: Path) -> Iterator[tuple[date, Tie]]:
    """Day to ask for, and add-on, primary, type, first day, note of each row; all rows of the files are in force."""
    rows = lines(data / "ncci" / "aoc_2024Q2.derived.csv")
    assert next(rows) == ["primary_code", "add_on_code", "aoc_edit_type"]
    for primary, add_on, kind in rows:
        yield date(2024, 5, 20), (add_on, primary, int(kind), None, "")
    for line in (data / "ncci" / "AOC_V2026Q3-F-MCR.reconstructed.txt").read_text(encoding="ascii").splitlines():
        assert (line[6:13] + line[18:25] + line[32:39]).isspace()  # nothing is deleted
        yield date(2026, 9, 30), (line[1:6], line[13:18], int(line[0]), julian(line[25:32]), line[39:].strip('" '))


def test_add_on_edits_read_back_from_both_ends(codebook: Codebook, data: Path) -> None:
    by_add_on, by_primary = defaultdict[Any, list[Tie]](list), defaultdict[Any, list[Tie]](list)
    for day, tie in ties(data):
        by_add_on[day, tie[0]].append(tie)
        by_primary[day, tie[1]].append(tie)
    wrong = []
    for printed, ask in ((by_add_on, codebook.primaries), (by_primary, codebook.add_ons)):
        for (day, code), rows in printed.items():
            got = [(tie.add_on, tie.primary, tie.type, tie.effective, tie.note) for tie in ask(code, day).value or []]
            if sorted(got, key=str) != sorted(rows, key=str):
                wrong.append((day, code, rows, got))
    assert wrong == []
