from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers import fee_schedule as reader
from ingest.readers import recognise
from ingest.readers.base import OfficialFile, ReadError, RefusedError, unpack
from tests.ingest.official import archive, derived_fee_schedule, fee_row, fee_schedule, put


def records(file: OfficialFile) -> list[dict[str, Any]]:
    reading = reader.read(file)
    return [dict(zip(reading.columns, record, strict=True)) for batch in reading.batches for record in batch]


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
    found = reader.read(one(tmp_path, "renamed.csv", fee_schedule([fee_row("99213")], year, month))).release
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
    assert sum(len(batch) for batch in reading.batches) == 1
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


def test_the_file_of_qualifying_participants_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="nonQPP"):
        reader.read(one(tmp_path, "p.csv", fee_schedule([fee_row("99213", factor="33.5675")], 2026, "July")))


@pytest.mark.parametrize(
    ("content", "known"),
    [
        (fee_schedule([fee_row("99213")]), True),
        (derived_fee_schedule([fee_row("99213")]), True),
        ("ADDENDUM E. FINAL CY 2026 GEOGRAPHIC PRACTICE COST INDICES (GPCIs),,,\r\nMAC,State,Locality\r\n", False),
        ("HDR CPT codes only are copyright\r\n00100  Invented\r\n", False),
        ("National Physician Fee Schedule Relative Value File, a page about it\r\n", False),
        ("hcpcs,mod,description\r\n99213,,x\r\n", False),
    ],
)
def test_recognised_by_content(tmp_path: Path, content: str, known: bool) -> None:
    assert (recognise(one(tmp_path, "any.name", content)) is reader) is known


def test_found_inside_an_archive_and_packed(tmp_path: Path) -> None:
    text = fee_schedule([fee_row("99213")])
    path = archive(tmp_path, "rvu25d.zip", {"PPRRVU.csv": text, "GPCI.csv": "MAC,State\n", "sub/x.txt": "HDR\n"})
    files = unpack(path)
    assert [str(file) for file in files] == ["rvu25d.zip/GPCI.csv", "rvu25d.zip/PPRRVU.csv", "rvu25d.zip/sub/x.txt"]
    assert [file.name for file in files if recognise(file)] == ["PPRRVU.csv"]
    assert records(next(file for file in files if recognise(file)))[0]["code"] == "99213"
    assert records(one(tmp_path, "packed.csv.gz", text))[0]["code"] == "99213"


def test_a_spreadsheet_is_one_file_of_no_known_format(tmp_path: Path) -> None:
    (file,) = unpack(archive(tmp_path, "p.xlsx", {"[Content_Types].xml": "<x/>", "PPRRVU.csv": fee_schedule([fee_row("99213")])}))
    assert recognise(file) is None


values = st.decimals(min_value=0, max_value=999, places=2).map(str)
codes = st.from_regex(r"\A(?:[0-9]{4}[0-9AFTUM]|[A-V][0-9]{4})\Z")


@given(st.lists(st.tuples(codes, st.sampled_from(["", "26", "TC", "53"]), values, st.text("abc,\"' ", max_size=20)), unique_by=lambda r: r[:2]))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str, str]]) -> None:
    text = fee_schedule([fee_row(code, modifier, work=work, descriptor=words) for code, modifier, work, words in rows])
    found = records(one(tmp_path_factory.mktemp("fee"), "p.csv", text))
    assert [(r["code"], r["modifier"], r["work"], r["descriptor"]) for r in found] == [
        (code, modifier, float(work), words.strip()) for code, modifier, work, words in rows
    ]


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "rows", "skipped"),
    [("PPRRVU2026_Jul_nonQPP.csv", 19_355, {"not a code": 1}), ("rvu25d.zip", 19_090, {}), ("pprrvu_2020_rvu20d_oct.derived.csv.gz", 17_346, {})],
)
def test_official_files_are_read_whole(data: Path, name: str, rows: int, skipped: dict[str, int]) -> None:
    (file,) = [file for file in unpack(data / "pfs" / name) if recognise(file) is reader]
    reading = reader.read(file)
    found = {record[:2]: record for batch in reading.batches for record in batch}
    assert len(found) == rows
    assert reading.skipped == skipped
    row = dict(zip(reading.columns, found["63044", ""], strict=True))
    assert (row["status"], row["global_days"], row["bilateral"], row["co_surgeons"], row["team"], row["supervision"]) == (
        "C",
        "ZZZ",
        "1",
        "2",
        "0",
        "09",
    )
