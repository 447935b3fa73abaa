from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers import add_on as reader
from ingest.readers import recognise
from ingest.readers.base import OfficialFile, ReadError
from tests.ingest.official import add_on_line, put

NAME = "AOC_V2026Q3-F-MCR.txt"


def records(file: OfficialFile) -> list[tuple[object, ...]]:
    return [record for batch in reader.read(file).batches for record in batch]


@pytest.mark.parametrize(
    ("line", "record"),
    [
        (add_on_line(1, "63044", "63042"), ("63044", "63042", 1, 20130401, 99991231, "")),
        (add_on_line(2, "0054T", "CCCCC", note="Contractor Defined"), ("0054T", "CCCCC", 2, 20130401, 99991231, "Contractor Defined")),
        (add_on_line(3, "G2212", "99205", "2024366", "2026090"), ("G2212", "99205", 3, 20241231, 20260331, "")),
        ("163044202600163042       2013091\r\n", ("63044", "63042", 1, 20130401, 20260101, "")),  # the add-on code itself ended
        ("163044       6304220263652013091\r\n", ("63044", "63042", 1, 20130401, 20261231, "")),  # the primary code ended
        (
            add_on_line(1, "96376", "96365", note='"Facilities only'),
            ("96376", "96365", 1, 20130401, 99991231, "Facilities only"),
        ),
    ],
)
def test_fixed_width(tmp_path: Path, line: str, record: tuple[object, ...]) -> None:
    file = OfficialFile(put(tmp_path, NAME, line + "\r\n\x1a"))
    assert recognise(file) is reader
    assert records(file) == [record]


def test_release(tmp_path: Path) -> None:
    release = reader.read(OfficialFile(put(tmp_path, NAME, add_on_line(1, "63044", "63042")))).release
    assert (release.key, release.valid_from, release.valid_to) == ("add-on/2026Q3", date(2026, 7, 1), date(2026, 9, 30))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (add_on_line(1, "63044", "63042", "2013400"), "'2013400' is not a day YYYYDDD"),
        (add_on_line(4, "63044", "63042"), "type 4"),
        (add_on_line(1, "63044", "6304X"), "'6304X' is no add-on edit"),
        ("Type Add-on Primary\r\n", "is no line of 32"),
        ("163044 63042\r\n", "is no line of 32"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    file = OfficialFile(put(tmp_path, NAME, add_on_line(1, "63035", "63030") + line))
    with pytest.raises(ReadError, match=rf"^AOC_V2026Q3-F-MCR\.txt:2: .*{message}"):
        records(file)


def test_derived_file(tmp_path: Path) -> None:
    text = '"primary_code","add_on_code","aoc_edit_type"\n"CCCCC","0054T",2\n"63042","63044",1\n"63042","63044",1\n'
    reading = reader.read(OfficialFile(put(tmp_path, "aoc_2024Q2.csv", text)))
    assert list(reading.batches) == [[("0054T", "CCCCC", 2, 0, 99991231, ""), ("63044", "63042", 1, 0, 99991231, "")]]
    assert reading.skipped == {"repeated": 1}


@pytest.mark.parametrize("content", ["100100\r\n", "463044       63042       2013091\r\n", "63044,63042,1\n", "1 63044 63042 2013091\r\n"])
def test_near_misses_are_not_recognised(tmp_path: Path, content: str) -> None:
    assert recognise(OfficialFile(put(tmp_path, NAME, content))) is None


codes = st.from_regex(r"\A(?:[0-9]{4}[0-9AFTUM]|[A-V][0-9]{4})\Z")
edits = st.tuples(st.integers(1, 3), codes, codes, st.dates(date(1996, 1, 1), date(2030, 12, 31)))


@given(st.lists(edits, min_size=1, unique_by=lambda e: e[1:]))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str, str, date]]) -> None:
    text = "".join(add_on_line(kind, add_on, primary, day.strftime("%Y%j")) for kind, add_on, primary, day in rows)
    found = records(OfficialFile(put(tmp_path_factory.mktemp("aoc"), NAME, text)))
    assert [record[:4] for record in found] == [(a, p, kind, int(day.strftime("%Y%m%d"))) for kind, a, p, day in rows]


@pytest.mark.data
@pytest.mark.parametrize(("name", "rows"), [("AOC_V2026Q3-F-MCR.reconstructed.txt", 7_743), ("aoc_2024Q2.derived.csv", 7_465)])
def test_official_files_are_read_whole(data: Path, name: str, rows: int) -> None:
    found = records(OfficialFile(data / "ncci" / name))
    assert len(found) == rows
    assert ("63044", "63042", 1) in {record[:3] for record in found}
