from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.readers import add_on as reader
from ingest.readers import recognise
from ingest.readers.base import OfficialFile, ReadError, Reading, RefusedError
from tests.ingest.official import add_on_line, archive, mue, put
from tests.ingest.official_ncci import AOC_LABELS, add_on_sheet, chosen, outcome, records, workbook

NAME = "AOC_V2026Q3-F-MCR.txt"
SHEET = "AOC_V2026Q2-MCR.xlsx"


def read(folder: Path, name: str, content: str | bytes) -> Reading:
    file = OfficialFile(put(folder, name, content))
    assert recognise(file) is reader
    return reader.read(file)


@pytest.mark.parametrize(
    ("line", "record"),
    [
        (add_on_line(1, "63044", "63042"), ("63044", "63042", 1, 20130401, 99991231, "")),
        (add_on_line(2, "0054T", "CCCCC", note="Contractor Defined"), ("0054T", "CCCCC", 2, 20130401, 99991231, "Contractor Defined")),
        (add_on_line(3, "G2212", "99205", "2024366", "2026090"), ("G2212", "99205", 3, 20241231, 20260331, "")),
        ("163044202600163042       2013091\r\n", ("63044", "63042", 1, 20130401, 20260101, "")),  # the add-on code itself ended
        ("163044       6304220263652013091\r\n", ("63044", "63042", 1, 20130401, 20261231, "")),  # the primary code ended
        ("1630442026365630422026181" + "20130912026090\r\n", ("63044", "63042", 1, 20130401, 20260331, "")),  # the codes outlive the edit
        (
            add_on_line(1, "96376", "96365", note='"Facilities only'),
            ("96376", "96365", 1, 20130401, 99991231, "Facilities only"),
        ),
    ],
)
def test_fixed_width(tmp_path: Path, line: str, record: tuple[object, ...]) -> None:
    reading = read(tmp_path, NAME, line + "\r\n\x1a")
    assert reading.tables == {"add_on": reader.COLUMNS}
    assert records(reading) == [record]


SHEET_ROWS: list[tuple[list[Any], tuple[object, ...]]] = [
    ([1, "63044", None, "63042", None, 2013091, None, None], ("63044", "63042", 1, 20130401, 99991231, "")),
    ([2, "0054T", None, "CCCCC", None, "2013091", None, "(Contractor Defined)"], ("0054T", "CCCCC", 2, 20130401, 99991231, "(Contractor Defined)")),
    ([3, "G2212", None, 99205, None, 2024366, 2026090, '"Note"'], ("G2212", "99205", 3, 20241231, 20260331, "Note")),
    ([1, 1953, 2025365, 1952, 2026090, date(2013, 4, 1), None, None], ("01953", "01952", 1, 20130401, 20251231, "")),
]


@pytest.mark.parametrize(("row", "record"), SHEET_ROWS)
def test_spreadsheet(tmp_path: Path, row: list[Any], record: tuple[object, ...]) -> None:
    assert records(read(tmp_path, SHEET, add_on_sheet([row, [None] * 8]))) == [record]


@pytest.mark.parametrize(
    "labels",
    [
        AOC_LABELS,
        ("AOC Edit Type", "Add-On Code", "AOC Del Dt (Julian)", "Primary Code", "Primary Code Del Dt (Julian)", "AOC Edit Eff Dt (Julian)",
         "AOC Edit Del Dt (Julian)", "Special Instruction/Notes"),
        ("AOC Edit Type", "Add-on Code", "Add-on Code Deletion Date", "Primary Code", "Primary Code Deletion Date", "Effective Date",
         "Deletion Date", "Special Instruction"),
    ],
)  # fmt: skip
def test_columns_are_found_by_name_in_any_order(tmp_path: Path, labels: tuple[str, ...]) -> None:
    row, record = [3, "G2212", 2026365, "99205", 2026181, 2024366, 2026090, "Note"], ("G2212", "99205", 3, 20241231, 20260331, "Note")
    assert records(read(tmp_path, SHEET, add_on_sheet([row], labels))) == [record]
    turned = [0, 1, 7, 6, 5, 4, 3, 2]
    moved = add_on_sheet([[row[i] for i in turned]], [labels[i] for i in turned])
    assert records(read(tmp_path, SHEET, moved)) == [record]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ((*AOC_LABELS[:6], "Special_Instruction_Notes"), "wanted type"),  # no deletion of the edit
        ((*AOC_LABELS, "Region"), "wanted type"),  # unknown
        ((*AOC_LABELS, "AOC_Edit_DelDT"), "wanted type"),  # twice
        (("AOC_Edit_Type", "Add-On_Code", "Region"), "header is missing"),
    ],
)
def test_other_columns_are_refused(tmp_path: Path, labels: tuple[str, ...], message: str) -> None:
    with pytest.raises(ReadError, match=message):
        records(read(tmp_path, SHEET, add_on_sheet([], labels)))


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (0, 4, "type '4', wanted 1, 2 or 3"),
        (0, None, "type '', wanted"),
        (1, "6304", None),  # 06304
        (1, "630441", "no add-on edit"),
        (3, "CCCC", "no add-on edit"),
        (5, 20130401, "'20130401' is not a day YYYYDDD"),
        (6, "2013400", "'2013400' is not a day YYYYDDD"),
        (6, "soon", "'soon' is not a day YYYYDDD"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, place: int, value: object, message: str | None) -> None:
    row: list[Any] = [1, "63044", None, "63042", None, 2013091, None, None]
    row[place] = value
    reading = read(tmp_path, SHEET, add_on_sheet([SHEET_ROWS[0][0], row]))
    if message is None:
        assert len(records(reading)) == 2
        return
    with pytest.raises(ReadError, match=rf"^AOC_V2026Q2-MCR\.xlsx:4: .*{message}"):
        records(reading)


@pytest.mark.parametrize(("name", "release"), [(NAME, "2026Q3"), ("AOC-effective-01012026.txt", "2026Q1")])
def test_release(tmp_path: Path, name: str, release: str) -> None:
    found = read(tmp_path, name, add_on_line(1, "63044", "63042")).release
    assert (found.key, found.setting) == (f"add-on/{release}", None)


def test_the_member_tells_its_quarter_before_the_archive_does(tmp_path: Path) -> None:
    members: dict[str, str | bytes] = {SHEET: add_on_sheet([SHEET_ROWS[0][0]]), "a.txt": add_on_line(1, "63044", "63042")}
    path = archive(tmp_path, "add-code-edits-medicare-effective-07012026.zip", members)
    assert reader.read(OfficialFile(path, SHEET)).release.release == "2026Q2"
    assert reader.read(OfficialFile(path, "a.txt")).release.release == "2026Q3"


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("add-code-edits-medicare-effective-06012026.txt", ReadError, "release stands only in the file name"),  # no first day of a quarter
        ("AOC_V2026Q3-MCD.txt", RefusedError, "Medicaid"),
        ("AOC_V2026Q3-Changes-MCR.txt", RefusedError, "changes of a quarter"),
    ],
)
def test_other_names_are_refused(tmp_path: Path, name: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read(tmp_path, name, add_on_line(1, "63044", "63042"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (add_on_line(1, "63044", "63042", "2013400"), "'2013400' is not a day YYYYDDD"),
        (add_on_line(1, "63044", "63042", "2013 91"), "'2013 91' is not a day YYYYDDD"),
        (add_on_line(4, "63044", "63042"), "type 4"),
        (add_on_line(1, "63044", "6304X"), "'6304X' is no add-on edit"),
        ("Type Add-on Primary\r\n", "is no line of 32"),
        ("163044 63042\r\n", "is no line of 32"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(ReadError, match=rf"^AOC_V2026Q3-F-MCR\.txt:2: .*{message}"):
        records(read(tmp_path, NAME, add_on_line(1, "63035", "63030") + line))


def test_of_two_rows_for_a_pair_and_day_the_longer_is_kept(tmp_path: Path) -> None:
    lines = (add_on_line(1, "63044", "63042", deleted="2026090"), add_on_line(1, "63044", "63042"), add_on_line(1, "63044", "63042"))
    reading = read(tmp_path, NAME, "".join(lines))
    assert records(reading) == [("63044", "63042", 1, 20130401, 99991231, "")]
    assert reading.skipped == {"same pair and effective date, ends earlier": 1, "repeated": 1}


def test_derived_file(tmp_path: Path) -> None:
    text = '"primary_code","add_on_code","aoc_edit_type"\n"CCCCC","0054T",2\n"63042","63044",1\n"63042","63044",1\n'
    reading = read(tmp_path, "aoc_2024Q2.csv", text)
    assert list(reading.batches) == [("add_on", [("0054T", "CCCCC", 2, 0, 99991231, ""), ("63044", "63042", 1, 0, 99991231, "")])]
    assert reading.skipped == {"repeated": 1}


@pytest.mark.parametrize(
    "content",
    [
        "100100\r\n",
        "463044       63042       2013091\r\n",
        "63044,63042,1\n",
        "1 63044 63042 2013091\r\n",
        "AOC Edit Type, Add-On Code and Primary Code are explained below\n".replace(", Add", " and Add"),
        workbook(a=[["Type", "Add-On Code", "Primary Code"]]),
        mue([("63044", 4, "2 Policy", "x")]),
    ],
)
def test_near_misses_are_not_recognised(tmp_path: Path, content: str | bytes) -> None:
    assert not reader.sniff(OfficialFile(put(tmp_path, NAME, content)).head())


codes = st.from_regex(r"\A(?:[0-9]{4}[0-9AFTUM]|[A-V][0-9]{4})\Z")
days = st.dates(date(1996, 1, 1), date(2030, 12, 31))
edits = st.tuples(st.integers(1, 3), codes, codes | st.just("CCCCC"), days, st.none() | days, st.sampled_from(["", "Note", "One, two"]))
tables = st.lists(edits, min_size=1, unique_by=lambda e: e[1:4])
Rows = list[tuple[int, str, str, date, date | None, str]]


def julian(day: date | None) -> str:
    return day.strftime("%Y%j") if day else ""


def as_read(rows: Rows) -> list[tuple[Any, ...]]:
    return [(a, p, k, int(e.strftime("%Y%m%d")), int(d.strftime("%Y%m%d")) if d else 99991231, note) for k, a, p, e, d, note in rows]


@settings(deadline=None)
@given(tables)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: Rows) -> None:
    text = "".join(add_on_line(kind, add_on, primary, julian(day), julian(end), note) for kind, add_on, primary, day, end, note in rows)
    assert records(read(tmp_path_factory.mktemp("aoc"), NAME, text)) == as_read(rows)


@settings(deadline=None, max_examples=20)
@given(tables)
def test_what_is_written_to_a_spreadsheet_is_read(tmp_path_factory: pytest.TempPathFactory, rows: Rows) -> None:
    content = add_on_sheet([(kind, add_on, None, primary, None, julian(day), julian(end), note) for kind, add_on, primary, day, end, note in rows])
    assert records(read(tmp_path_factory.mktemp("aoc"), SHEET, content)) == as_read(rows)


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_are_records_or_an_error(tmp_path_factory: pytest.TempPathFactory, tail: bytes) -> None:
    folder = tmp_path_factory.mktemp("aoc")
    labels = (",".join(AOC_LABELS) + "\n").encode()
    for head in (add_on_line(1, "63044", "63042").encode(), labels, b"primary_code,add_on_code,aoc_edit_type\n"):
        found = outcome(reader.read, OfficialFile(put(folder, NAME, head + tail)))
        assert all(len(record) == len(reader.COLUMNS) and record[2] in (1, 2, 3) for record in found)


def number(text: str) -> int:
    return int(datetime.strptime(text, "%Y%j").strftime("%Y%m%d"))


@pytest.mark.data
def test_the_official_text_is_read_whole(data: Path) -> None:
    path = data / "ncci" / "AOC_V2026Q3-F-MCR.reconstructed.txt"
    reading = reader.read(OfficialFile(path))
    found = records(reading)
    lines = path.read_text("cp1252").splitlines()
    assert (len(found), reading.skipped) == (7_743, {})
    assert [found[i][:5] for i in chosen(found)] == [
        (line[1:6], line[13:18], int(line[0]), number(line[25:32]), 99991231) for line in (lines[i] for i in chosen(found))
    ]
    assert ("63044", "63042", 1) in {record[:3] for record in found}


@pytest.mark.data
def test_the_derived_file_is_read_whole(data: Path) -> None:
    path = data / "ncci" / "aoc_2024Q2.derived.csv"
    found = records(reader.read(OfficialFile(path)))
    with path.open(encoding="utf-8", newline="") as file:
        assert found == [(r["add_on_code"], r["primary_code"], int(r["aoc_edit_type"]), 0, 99991231, "") for r in csv.DictReader(file)]
    assert len(found) == 7_465
