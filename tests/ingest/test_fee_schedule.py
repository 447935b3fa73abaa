from __future__ import annotations

import csv
import gzip
import random
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.model import SourceKind
from ingest.readers import fee_schedule as reader
from ingest.readers import recognise
from ingest.readers.base import OfficialFile, ReadError
from tests.ingest.official import derived_fee_schedule, fee_row, fee_schedule, put
from tests.ingest.official_payment import archived, as_numbers, as_xlsx, fee_text
from tests.ingest.official_payment import records as records_of


def records(file: OfficialFile) -> list[dict[str, Any]]:
    return records_of(reader, file)


def one(folder: Path, name: str, content: str) -> OfficialFile:
    return OfficialFile(put(folder, name, content))


@pytest.mark.parametrize("year", [2025, 2026])
def test_columns_are_found_by_their_stacked_labels(tmp_path: Path, year: int) -> None:
    row = fee_row("99213", pctc="5", glob="090", na="NA", mult="2", bilat="1", supervision="6A", family="88", factor="33.4009")
    (record,) = records(one(tmp_path, "p.csv", fee_schedule([row], year)))
    assert record["code"] == "99213"
    assert record["descriptor"] == "Invented 99213"
    assert (record["work"], record["pe_nonfacility"], record["pe_facility"], record["malpractice"]) == (1.3, 1.4, 0.55, 0.15)
    assert (record["total_nonfacility"], record["total_facility"]) == (2.85, 1.72)
    assert (record["na_nonfacility"], record["na_facility"]) == ("NA", "")
    assert (record["pc_tc"], record["global_days"], record["multiple"], record["bilateral"]) == ("5", "090", "2", "1")
    assert (record["endoscopic_base"], record["conversion_factor"], record["supervision"], record["imaging_family"]) == ("", 33.4009, "6A", "88")


@pytest.mark.parametrize(
    ("year", "month", "release", "start"),
    [
        (2026, "July", "RVU26C", date(2026, 7, 1)),
        (2025, "October", "RVU25D", date(2025, 10, 1)),
        (2026, "January", "RVU26A", date(2026, 1, 1)),
        (2027, "April", "RVU27B", date(2027, 4, 1)),
    ],
)
def test_the_caption_gives_the_release(tmp_path: Path, year: int, month: str, release: str, start: date) -> None:
    found = reader.read(one(tmp_path, "renamed_nonQPP.csv", fee_schedule([fee_row("99213")], year, month))).release
    assert (found.key, found.valid_from, found.valid_to) == (f"fee-schedule/{release}", start, date(year, 12, 31))


def test_a_derived_file_takes_its_release_from_the_name_and_gets_its_zeros_back(tmp_path: Path) -> None:
    rows = [fee_row("192", glob="90", supervision="9"), fee_row("63044", glob="0"), fee_row("99213", glob="XXX", supervision="6A")]
    file = one(tmp_path, "pprrvu_2020_rvu20d_oct.csv.gz", derived_fee_schedule(rows))
    assert reader.read(file).release.release == "RVU20D"
    assert [(r["code"], r["global_days"], r["supervision"]) for r in records(file)] == [
        ("00192", "090", "09"),
        ("63044", "000", "09"),
        ("99213", "XXX", "6A"),
    ]


def test_a_derived_file_without_release_in_its_name_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="release must stand in the file name"):
        reader.read(one(tmp_path, "fees.csv", derived_fee_schedule([fee_row("99213")])))


def test_components_are_rows_of_their_own(tmp_path: Path) -> None:
    rows = [fee_row("71046"), fee_row("71046", "26"), fee_row("71046", "TC"), fee_row("45378", "53")]
    assert [(r["code"], r["modifier"]) for r in records(one(tmp_path, "p.csv", fee_schedule(rows)))] == [
        ("71046", ""), ("71046", "26"), ("71046", "TC"), ("45378", "53"),
    ]  # fmt: skip


def test_quoted_commas_stay_in_the_descriptor(tmp_path: Path) -> None:
    (record,) = records(one(tmp_path, "p.csv", fee_schedule([fee_row("99213", descriptor="One, two, three")])))
    assert record["descriptor"] == "One, two, three"


def test_lines_that_are_no_code_and_repeated_rows_are_counted(tmp_path: Path) -> None:
    reading = reader.read(one(tmp_path, "p.csv", fee_schedule([fee_row("GXXX1"), fee_row("99213"), fee_row("99213")])))
    assert sum(len(batch) for _, batch in reading.batches) == 1
    assert reading.skipped == {"not a code": 1, "repeated": 1}


def test_a_wrong_number_names_file_line_and_value(tmp_path: Path) -> None:
    rows = [fee_row("99212"), fee_row("99213", work="1,3O")]
    with pytest.raises(ReadError, match=r"^p\.csv:12: work '1,3O' is not a number$"):
        records(one(tmp_path, "p.csv", fee_schedule(rows)))


def test_a_row_cut_off_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"p\.csv:11: 12 columns"):
        records(one(tmp_path, "p.csv", fee_schedule([fee_row("99213")[:12]])))


def test_a_missing_column_is_an_error_not_a_shift(tmp_path: Path) -> None:
    text = fee_schedule([fee_row("99213")]).replace("BILAT", "BIL")
    with pytest.raises(ReadError, match="'BILAT SURG'"):
        reader.read(one(tmp_path, "p.csv", text))


QPP = "33.5675"


@pytest.mark.parametrize(
    ("name", "year", "factor", "qpp"),
    [
        ("PPRRVU2026_Jul_nonQPP.csv", 2026, "33.4009", False),
        ("PPRRVU2026_Jul_QPP.csv", 2026, QPP, True),
        ("renamed.csv", 2026, QPP, True),
        ("renamed.csv", 2026, "33.4009", False),
        ("PPRRVU2027_Jan_non-QPP.csv", 2027, "34.0000", False),
        ("PPRRVU2027_Jan_QPP.csv", 2027, "34.2500", True),
        ("renamed.csv", 2025, QPP, False),  # there was no second file before 2026
    ],
)
def test_of_the_second_file_the_factor_alone_is_kept(tmp_path: Path, name: str, year: int, factor: str, qpp: bool) -> None:
    rows = [fee_row("99212", factor=factor), fee_row("99213", factor=factor)]
    reading = reader.read(one(tmp_path, name, fee_schedule(rows, year, "July")))
    assert reading.release.kind is (SourceKind.QPP_FACTOR if qpp else SourceKind.FEE_SCHEDULE)
    assert reading.release.release == f"RVU{year % 100}C"
    found = [(table, record) for table, batch in reading.batches for record in batch]
    assert len(found) == (1 if qpp else 2)
    if qpp:
        assert found == [("qpp_factor", (float(factor),))]


def test_two_factors_in_the_second_file_are_an_error(tmp_path: Path) -> None:
    rows = [fee_row("99212", factor=QPP), fee_row("99213", factor="33.4009")]
    with pytest.raises(ReadError, match="2 conversion factors"):
        records(one(tmp_path, "QPP.csv", fee_schedule(rows, 2026, "July")))


def test_a_year_whose_factors_are_unknown_needs_its_name(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="nonQPP or the QPP"):
        reader.read(one(tmp_path, "renamed.csv", fee_schedule([fee_row("99213")], 2027, "April")))


def test_a_file_without_rows_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no row"):
        reader.read(one(tmp_path, "p.csv", fee_schedule([])))


ROWS = [
    fee_row("99213", factor="32.3465", supervision="6A"),
    fee_row("71046", "TC", na="NA", glob="090", family="88", status="C", pctc="1"),
    fee_row("00192", glob="000", descriptor="Invented, with a comma"),
]
NUMBERS = (5, 6, 8, 10, 11, 12, 15, 16, 17, 24, 28, 29, 30)


def test_csv_text_and_spreadsheet_hold_the_same(tmp_path: Path) -> None:
    rows = list(csv.reader(fee_schedule(ROWS).splitlines()))
    sheet = as_xlsx(tmp_path, "PPRRVU2025_Oct.xlsx", rows[:10] + as_numbers(rows[10:], *NUMBERS))
    text = one(tmp_path, "PPRRVU2025_Oct.txt", fee_text(ROWS))
    want = records(one(tmp_path, "PPRRVU2025_Oct.csv", fee_schedule(ROWS)))
    for file in (OfficialFile(sheet), text):
        assert recognise(file) is reader
        assert reader.read(file).release.key == "fee-schedule/RVU25D"
        assert records(file) == want
    assert want[1]["opps_malpractice"] == 0.0


@pytest.mark.parametrize("name", ["PPRRVU2025_Oct.txt", "PPRRVU25_OCT.txt", "x_rvu25d.txt"])
def test_the_text_takes_its_release_from_its_name(tmp_path: Path, name: str) -> None:
    assert reader.read(one(tmp_path, name, fee_text(ROWS))).release.release == "RVU25D"


def test_the_text_takes_its_release_from_its_archive(tmp_path: Path) -> None:
    assert reader.read(archived(tmp_path, "rvu25b.zip", "PPRRVU.txt", fee_text(ROWS))).release.release == "RVU25B"


def test_a_short_row_of_the_text_is_an_error(tmp_path: Path) -> None:
    lines = fee_text(ROWS).splitlines(keepends=True)
    file = one(tmp_path, "x_rvu25d.txt", "".join(lines[:4]) + lines[4][:150] + "\r\n")
    with pytest.raises(ReadError, match=r"x_rvu25d\.txt:5: 150 characters, wanted 171"):
        records(file)


@pytest.mark.parametrize(
    ("content", "known"),
    [
        (fee_schedule([fee_row("99213")]), True),
        (derived_fee_schedule([fee_row("99213")]), True),
        ("ADDENDUM E. FINAL CY 2026 GEOGRAPHIC PRACTICE COST INDICES (GPCIs),,,\r\nMAC,State,Locality\r\n", False),
        (fee_text([fee_row("99213")]), True),
        ("HDR CPT CODES AND DESCRIPTIONS ONLY ARE COPYRIGHT\r\n00100  Invented\r\n", False),
        ("National Physician Fee Schedule Relative Value File, a page about it\r\n", False),
        ("hcpcs,mod,description\r\n99213,,x\r\n", False),
    ],
)
def test_recognised_by_content(tmp_path: Path, content: str, known: bool) -> None:
    assert (recognise(one(tmp_path, "any.name", content)) is reader) is known


def test_read_from_an_archive_and_packed(tmp_path: Path) -> None:
    text = fee_schedule([fee_row("99213")])
    for file in (archived(tmp_path, "rvu25d.zip", "sub/PPRRVU.csv", text), one(tmp_path, "packed.csv.gz", text)):
        assert recognise(file) is reader
        assert records(file)[0]["code"] == "99213"


values = st.decimals(min_value=0, max_value=999, places=2).map(str)
codes = st.from_regex(r"\A(?:[0-9]{4}[0-9AFTUM]|[A-V][0-9]{4})\Z")


@given(
    st.lists(
        st.tuples(codes, st.sampled_from(["", "26", "TC", "53"]), values, st.text("abc,\"' ", max_size=20)), unique_by=lambda r: r[:2], min_size=1
    )
)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str, str]]) -> None:
    text = fee_schedule([fee_row(code, modifier, work=work, descriptor=words) for code, modifier, work, words in rows])
    found = records(one(tmp_path_factory.mktemp("fee"), "p.csv", text))
    assert [(r["code"], r["modifier"], r["work"], r["descriptor"]) for r in found] == [
        (code, modifier, float(work), words.strip()) for code, modifier, work, words in rows
    ]


@given(st.lists(st.tuples(codes, st.sampled_from(["", "26", "TC", "53"]), values), unique_by=lambda r: r[:2], min_size=1))
def test_what_is_written_as_text_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]) -> None:
    text = fee_text([fee_row(code, modifier, work=work) for code, modifier, work in rows])
    found = records(one(tmp_path_factory.mktemp("fee"), "rvu25d.txt", text))
    assert [(r["code"], r["modifier"], r["work"]) for r in found] == [(code, modifier, float(work)) for code, modifier, work in rows]


START = fee_schedule([fee_row("99213")]).encode()
TEXT = fee_text([fee_row("99213")]).encode()


@given(st.binary(max_size=300), st.integers(0, len(START)), st.sampled_from([START, TEXT]))
def test_damaged_bytes_are_read_or_said_to_be_wrong(tmp_path_factory: pytest.TempPathFactory, noise: bytes, cut: int, start: bytes) -> None:
    path = tmp_path_factory.mktemp("fee") / "rvu25d.csv"
    path.write_bytes(start[:cut] + noise)
    try:
        records(OfficialFile(path))
    except ReadError as error:
        assert str(error).startswith("rvu25d.csv")  # noqa: PT017


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "rows", "skipped"),
    [
        ("PPRRVU2026_Jul_nonQPP.csv", 19_355, {"not a code": 1}),
        ("pprrvu_2020_rvu20d_oct.derived.csv.gz", 17_346, {}),
        ("pprrvu_2024_rvu24c_jul.derived.csv.gz", 18_664, {}),
    ],
)
def test_official_files_are_read_whole(data: Path, name: str, rows: int, skipped: dict[str, int]) -> None:
    file = OfficialFile(data / "pfs" / name)
    assert recognise(file) is reader
    reading = reader.read(file)
    found = {record[:2]: record for _, batch in reading.batches for record in batch}
    assert len(found) == rows
    assert reading.skipped == skipped
    row = dict(zip(reader.COLUMNS, found["63044", ""], strict=True))
    facts = [row[field] for field in ("status", "global_days", "bilateral", "co_surgeons", "team", "supervision")]
    assert facts == ["C", "ZZZ", "1", "2", "0", "09"]


@pytest.mark.data
def test_the_three_layouts_of_a_release_hold_the_same(data: Path) -> None:
    path = data / "pfs" / "rvu25d.zip"
    csv_file, text, sheet = (OfficialFile(path, f"PPRRVU2025_Oct.{end}", within=("rvu25d.zip",)) for end in ("csv", "txt", "xlsx"))
    want = records(csv_file)
    assert len(want) == 19_090
    assert records(text) == want
    assert records(sheet) == want
    with zipfile.ZipFile(path).open("PPRRVU2025_Oct.csv") as inner:
        plain = list(csv.reader(inner.read().decode("cp1252").splitlines()))[10:]
    for number in random.Random(1).sample(range(len(plain)), 200):
        row, found = plain[number], want[number]
        assert [found["code"], found["modifier"], found["status"], found["global_days"], found["team"]] == [row[0], row[1], row[3], row[14], row[22]]
        assert [found["work"], found["total_facility"], found["opps_malpractice"]] == [float(row[5]), float(row[12]), float(row[30])]


@pytest.mark.data
def test_a_sample_of_a_derived_year_agrees_with_the_plain_rows(data: Path) -> None:
    path = data / "pfs" / "pprrvu_2022_rvu22d_oct.derived.csv.gz"
    with gzip.open(path, "rt", encoding="cp1252") as lines:
        plain = list(csv.DictReader(lines))
    found = records(OfficialFile(path))
    assert len(found) == len(plain)
    for number in random.Random(2).sample(range(len(plain)), 200):
        assert found[number]["work"] == round(float(plain[number]["work_rvu"]), 4)
        assert found[number]["global_days"] == plain[number]["glob_days"].zfill(3)
