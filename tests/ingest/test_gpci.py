from __future__ import annotations

import csv
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers import gpci as reader
from ingest.readers.base import OfficialFile, ReadError
from tests.ingest.official_payment import as_csv, as_numbers, as_xlsx, put, records

TITLE = "ADDENDUM E. FINAL CY {year} GEOGRAPHIC PRACTICE COST INDICES (GPCIs) BY STATE AND MEDICARE LOCALITY"
WITH, WITHOUT = "{year} PW GPCI (with 1.0 Floor)", "{year} PW GPCI (without 1.0 Floor)"
NOTES = ["MAC Assignments as of an invented day", "", "*A note on one state."]
ROWS = [
    ["10112", "AL", "00", "INVENTED STATE", "1.000", "0.869", "0.575"],
    ["02102", "AK", "01", "NORTHERN STATE*", "1.500", "1.081", "0.592"],
    ["03602", "WY", "21", "WESTERN (SOUTH CNTY)**", "1.000", "1.000", "0.739"],
]


def table(rows: list[list[Any]], year: int = 2025, work: tuple[str, ...] = (WITH,)) -> list[list[Any]]:
    """The published table: title, blank row, header, rows, footnotes."""
    labels = ["Medicare Administrative Contractor (MAC)", "State", "Locality Number", "Locality Name"]
    header = [*labels, *(label.format(year=year) for label in work), f"{year} PE GPCI", f"{year} MP GPCI"]
    width = len(header)
    wide = [[text, *[""] * (width - 1)] for text in (TITLE.format(year=year), "", *NOTES)]
    return [*wide[:2], header, *rows, *wide[2:]]


def text(rows: list[list[str]], year: int = 2025) -> str:
    """The published text, whose labels are cut off."""
    lines = [TITLE.format(year=year), "", f"Medicare Admi State  Locality{'':38}Locality Name{'':38}{year} PW GPCI{year} PE GPCI{year} MP GPCI"]
    lines += [f"{mac}{'':11}{state}      {number}   {name:85}{work:>12}{pe:>12}{mp:>12}" for mac, state, number, name, work, pe, mp in rows]
    return "\r\n".join([*lines, *NOTES, "", ""])


def test_csv_text_and_spreadsheet_hold_the_same(tmp_path: Path) -> None:
    files = [
        put(tmp_path, "any.csv", as_csv(table(ROWS))),
        put(tmp_path, "any.txt", text(ROWS)),
        OfficialFile(as_xlsx(tmp_path, "any.xlsx", as_numbers(table(ROWS)[:3], 99) + as_numbers(ROWS, 4, 5, 6) + table(ROWS)[6:])),
    ]
    for file in files:
        assert reader.sniff(file.head())
        reading = reader.read(file)
        assert reading.release.key == "gpci/2025"
        assert [record for _, batch in reading.batches for record in batch] == [
            ("10112", "00", "AL", "INVENTED STATE", 1.0, None, 0.869, 0.575),
            ("02102", "01", "AK", "NORTHERN STATE", 1.5, None, 1.081, 0.592),
            ("03602", "21", "WY", "WESTERN (SOUTH CNTY)", 1.0, None, 1.0, 0.739),
        ]
        assert reading.skipped == {"footnote": 2}


@pytest.mark.parametrize(
    ("labels", "values", "work", "bare"),
    [
        ((WITH + "***",), ["1.000"], 1.0, None),
        ((WITHOUT, WITH), ["0.988", "1.000"], 1.0, 0.988),
        ((WITH, WITHOUT), ["1.000", "0.988"], 1.0, 0.988),
        ((WITHOUT,), ["0.988"], 0.988, 0.988),
        (("{year} PW GPCI",), ["0.988"], 0.988, None),
    ],
)
def test_the_work_index_with_floor_and_without(tmp_path: Path, labels: tuple[str, ...], values: list[str], work: float, bare: float | None) -> None:
    rows = table([["10112", "AL", "00", "X", *values, "0.9", "0.6"]], 2026, labels)
    (record,) = records(reader, put(tmp_path, "g.csv", as_csv(rows)))
    assert (record["work"], record["work_without_floor"], record["pe"], record["malpractice"]) == (work, bare, 0.9, 0.6)


def test_leading_zeros_are_put_back(tmp_path: Path) -> None:
    (record,) = records(reader, put(tmp_path, "g.csv", as_csv(table([["2102", "AK", "1", "X", "1", "1", "1"]]))))
    assert (record["contractor"], record["locality"]) == ("02102", "01")


def test_contradictions_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [*ROWS, ROWS[0], ["02102", "WA", "01", "OTHER", "1", "1", "1"]]
    reading = reader.read(put(tmp_path, "g.csv", as_csv(table(rows))))
    assert [record[0] for _, batch in reading.batches for record in batch] == ["10112", "03602"]
    assert reading.skipped == {"footnote": 2, "repeated": 1, "contractor and locality stand twice with different values": 2}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["101123", "AL", "00", "X", "1", "1", "1"], r"g\.csv:4: contractor '101123', wanted up to 5 digits"),
        (["10112", "AL", "0A", "X", "1", "1", "1"], r"g\.csv:4: locality '0A'"),
        (["10112", "ALA", "00", "X", "1", "1", "1"], r"g\.csv:4: state 'ALA'"),
        (["10112", "AL", "00", "X", "1,O", "1", "1"], r"g\.csv:4: work index '1,O' is not a number"),
        (["10112", "AL", "00", "X", "1", "", "1"], r"g\.csv:4: PE index is empty"),
        (["10112", "AL", "00", "X", "1", "1"], r"g\.csv:4: MP index is empty"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, row: list[str], message: str) -> None:
    with pytest.raises(ReadError, match=message):
        records(reader, put(tmp_path, "g.csv", as_csv(table([row]))))


def test_a_broken_row_of_the_text_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"g\.txt:4: not contractor"):
        records(reader, put(tmp_path, "g.txt", text([["10112", "AL", "00", "X", "1.0", "1.000", "1.000"]])))


def test_a_missing_label_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="LOCALITY NUMBER"):
        records(reader, put(tmp_path, "g.csv", as_csv(table(ROWS)).replace("Locality Number", "Number")))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "GEOGRAPHIC PRACTICE COST INDICES (GPCIs), a page about it",
        "Contractor,Locality,Locality Name,National Anes CF of 20.3178\r\n",
        "\x00\xff",
    ],
)
def test_other_content_is_not_taken(content: str) -> None:
    assert not reader.sniff(content.encode("cp1252", "replace"))


index = st.integers(0, 2999).map(lambda n: f"{n / 1000:.3f}")
rows = st.tuples(st.from_regex(r"\A\d{5}\Z", alphabet="0123456789"), st.sampled_from(["AL", "WY"]), st.from_regex(r"\A[0-9]{2}\Z"),
                 st.from_regex(r"\A[A-Z][A-Z()/ ]{0,20}[A-Z]\Z"), index, index, index)  # fmt: skip


@given(st.lists(rows, min_size=1, unique_by=lambda row: (row[0], row[2])))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]) -> None:
    folder = tmp_path_factory.mktemp("gpci")
    lists = [list(row) for row in rows]
    want = [(row[0], row[2], row[1], " ".join(row[3].split()), *map(float, row[4:])) for row in rows]
    for file in (put(folder, "g.csv", as_csv(table(lists))), put(folder, "g.txt", text(lists))):
        found = records(reader, file)
        assert [(r["contractor"], r["locality"], r["state"], r["name"], r["work"], r["pe"], r["malpractice"]) for r in found] == want


@given(st.binary(max_size=300), st.integers(0, 400))
def test_damaged_bytes_are_read_or_said_to_be_wrong(tmp_path_factory: pytest.TempPathFactory, noise: bytes, cut: int) -> None:
    folder = tmp_path_factory.mktemp("gpci")
    for content in (as_csv(table(ROWS)), text(ROWS)):
        try:
            records(reader, put(folder, "g.csv", content.encode()[:cut] + noise))
        except ReadError as error:
            assert str(error).startswith("g.csv")  # noqa: PT017


@pytest.mark.data
def test_the_three_official_layouts_hold_the_same(data: Path) -> None:
    path = data / "pfs" / "rvu25d.zip"
    files = [OfficialFile(path, f"GPCI2025.{end}", within=("rvu25d.zip",)) for end in ("csv", "txt", "xlsx")]
    want = records(reader, files[0])
    assert len(want) == 109
    assert all(records(reader, file) == want for file in files[1:])
    with zipfile.ZipFile(path).open("GPCI2025.csv") as inner:
        plain = [row for row in csv.reader(inner.read().decode("cp1252").splitlines()) if row[0].isdigit()]
    for number in random.Random(3).sample(range(109), 40):
        row, found = plain[number], want[number]
        assert [found["contractor"], found["state"], found["locality"]] == row[:3]
        assert [found["work"], found["pe"], found["malpractice"]] == [float(cell) for cell in row[4:]]


@pytest.mark.data
def test_the_indices_of_2026_contradict_themselves_in_four_rows(data: Path) -> None:
    reading = reader.read(OfficialFile(data / "pfs" / "GPCI2026.csv"))
    found = [record for _, batch in reading.batches for record in batch]
    assert len(found) == 94
    assert reading.skipped["contractor and locality stand twice with different values"] == 4
