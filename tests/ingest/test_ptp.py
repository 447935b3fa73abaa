from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.model import Setting
from ingest.readers import ptp as reader
from ingest.readers import recognise
from ingest.readers.base import OfficialFile, ReadError, Reading
from tests.ingest.official import PTP_HEADER, derived_ptp, ptp, put

NAME = "ccipra-v322r0-f1.txt"
ROW = ("20610", "99213", "20150101", "*", "1", "CPT Manual or CMS manual coding instruction")


def read(folder: Path, name: str, content: str | bytes) -> Reading:
    file = OfficialFile(put(folder, name, content))
    assert recognise(file) is reader
    return reader.read(file)


def records(reading: Reading) -> list[tuple[Any, ...]]:
    return [record for batch in reading.batches for record in batch]


def test_published(tmp_path: Path) -> None:
    rows = [ROW, ("20610", "J1100", "19960101", "20191231", "0", "Misuse"), ("31231", "30000", "20200101", "20200101", "9", "Caf\xe9")]
    assert records(read(tmp_path, NAME, ptp(rows))) == [
        ("20610", "99213", 99991231, 20150101, 1, "CPT Manual or CMS manual coding instruction"),
        ("20610", "J1100", 20191231, 19960101, 0, "Misuse"),
        ("31231", "30000", 20200101, 20200101, 9, "Café"),
    ]


def test_derived(tmp_path: Path) -> None:
    rows = [("63042", "99213", "2019-12-31", 1, "Standards"), ("63042", "99213", "9999-12-31", 1, "Standards, with a comma")]
    reading = read(tmp_path, "ptp_hospital_2024Q3.derived.csv.gz", derived_ptp([*rows, rows[1]]))
    assert (reading.release.key, reading.release.valid_from) == ("ptp/facility/2024Q3", date(2024, 7, 1))
    assert records(reading) == [
        ("63042", "99213", 20191231, 0, 1, "Standards"),
        ("63042", "99213", 99991231, 0, 1, "Standards, with a comma"),
    ]
    assert reading.skipped == {"repeated": 1}


@pytest.mark.parametrize(
    ("name", "setting", "release", "part"),
    [
        ("ccipra-v322r0-f1.txt", Setting.PRACTITIONER, "2026Q3", "f1"),
        ("ccipra-v322r0-f4.TXT", Setting.PRACTITIONER, "2026Q3", "f4"),
        ("ccioph-v302r0-f2.txt", Setting.FACILITY, "2024Q3", "f2"),
        ("ccioph-v310r1.txt", Setting.FACILITY, "2025Q1", None),
        ("practitioner_ptp_2023Q4.txt", Setting.PRACTITIONER, "2023Q4", None),
    ],
)
def test_the_name_gives_setting_quarter_and_part(tmp_path: Path, name: str, setting: Setting, release: str, part: str | None) -> None:
    reading = read(tmp_path, name, ptp([ROW, ("20611", "99213", "20200101", "*", "1", "x")]))
    assert (reading.release.setting, reading.release.release, reading.part) == (setting, release, part)
    assert reading.span == (None if part is None else (("20610", "99213"), ("20611", "99213")))


@pytest.mark.parametrize(
    ("name", "message"), [("edits_2024Q3.txt", "practitioners or hospitals"), ("ccipra.txt", "release stands only in the file name")]
)
def test_a_name_that_says_nothing_is_an_error(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        read(tmp_path, name, ptp([ROW]))


@pytest.mark.parametrize(
    "row",
    [
        ("2061", "99213", "20150101", "*", "1", "x"),
        ("20610", "9921E!", "20150101", "*", "1", "x"),
        ("20610", "99213", "20151301", "*", "1", "x"),
        ("20610", "99213", "20150101", "soon", "1", "x"),
        ("20610", "99213", "20150101", "*", "2", "x"),
        ("20610", "99213", "20150101", "*", "", "x"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, row: tuple[str, str, str, str, str, str]) -> None:
    reading = read(tmp_path, "ccipra-v322r0.txt", ptp([ROW, row]))
    with pytest.raises(ReadError, match=r"^ccipra-v322r0\.txt:8: .* is no PTP edit$"):
        records(reading)


def test_a_line_with_too_few_columns_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r":7: '20610 \| 99213' is no PTP edit"):
        records(read(tmp_path, "ccipra-v322r0.txt", PTP_HEADER + "20610\t99213\n"))


def test_a_part_that_is_cut_off_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="cut off"):
        read(tmp_path, NAME, ptp([ROW]) + b"206")


@pytest.mark.parametrize("content", ["Column 1,Column 2\n20610,99213\n", '"column1","column2","relation"\n', "Column1 and Column2 edits explained\n"])
def test_near_misses_are_not_recognised(tmp_path: Path, content: str) -> None:
    assert recognise(OfficialFile(put(tmp_path, NAME, content))) is None


codes = st.from_regex(r"\A[0-9A-Z][0-9]{3}[0-9A-Z]\Z")
days = st.dates(date(1996, 1, 1), date(2030, 12, 31)).map(lambda day: day.strftime("%Y%m%d"))
edits = st.tuples(
    codes, codes, days, st.one_of(days, st.just("*")), st.sampled_from("019"), st.sampled_from(["Standards", 'A "quoted" word', "One, two"])
)


@given(st.lists(edits, unique=True, min_size=1))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str, str, str, str]]) -> None:
    found = records(read(tmp_path_factory.mktemp("ptp"), "ccipra-v322r0.txt", ptp(rows)))
    assert found == [(a, b, 99991231 if end == "*" else int(end), int(start), int(mod), why) for a, b, start, end, mod, why in rows]


@pytest.mark.data
def test_the_published_excerpt(data: Path) -> None:
    reading = reader.read(OfficialFile(data / "ncci" / "ccipra-v322r0-f1.excerpt.txt"))
    found = records(reading)
    assert len(found) == 15
    assert found[0] == ("0001A", "0591T", 20231231, 20220101, 1, "CPT Manual or CMS manual coding instruction")
    assert reading.part == "f1"
