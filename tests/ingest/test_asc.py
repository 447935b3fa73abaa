"""No published file was at hand: the layout is that of public readers of it, with title lines, an empty column, and the month in the labels."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers import asc as reader
from ingest.readers.base import OfficialFile, ReadError, RefusedError
from tests.ingest.official_payment import as_csv, as_numbers, as_xlsx, put, records


def header(period: str = "April 2026", addendum: str = "AA") -> list[str]:
    middle = "Subject to Multiple Procedure Discounting" if addendum == "AA" else "Drug Pass-Through Expiration during Calendar Year"
    return ["HCPCS Code", "", "Short Descriptor", middle, f"{period} Payment Indicator", f"{period}  Payment Weight  ", f"{period} Payment Rate"]


def table(rows: list[list[str]], period: str = "April 2026", addendum: str = "AA") -> list[list[str]]:
    titles = [[text, *[""] * 6] for text in (f"Addendum {addendum} -- Invented title for CY 2026", "A notice, with a comma", "", "")]
    return [*titles, header(period, addendum), *rows]


ROWS = [
    ["64628", "", "Invented, with a comma", "Y", "J8", "175.6211", "$9,891.33 "],
    ["99213", "*", "Invented", "N", "N1", "", ""],
]
WANT = [
    ("64628", "AA", "Invented, with a comma", "Y", "J8", 175.6211, 9891.33),
    ("99213", "AA", "Invented", "N", "N1", None, None),
]


def test_csv_and_spreadsheet_hold_the_same(tmp_path: Path) -> None:
    numbers = [[cell.strip(" $").replace(",", "") if n > 4 else cell for n, cell in enumerate(row)] for row in ROWS]
    sheet = as_xlsx(tmp_path, "x.xlsx", [*table([]), *as_numbers(numbers, 5, 6)])
    for file in (put(tmp_path, "x.csv", as_csv(table(ROWS))), OfficialFile(sheet)):
        assert reader.sniff(file.head())
        reading = reader.read(file)
        release = reading.release
        assert (release.key, release.valid_from, release.valid_to) == ("asc/AA/2026Q2", date(2026, 4, 1), date(2026, 6, 30))
        assert [record for _, batch in reading.batches for record in batch] == WANT


def test_addendum_bb_is_a_publication_of_its_own(tmp_path: Path) -> None:
    row = ["J0000", "", "Invented drug", "", "K2", "", "12.345"]
    file = put(tmp_path, "x.csv", as_csv(table([row], addendum="BB")))
    assert reader.sniff(file.head())
    assert reader.read(file).release.key == "asc/BB/2026Q2"
    assert records(reader, file) == [
        {"code": "J0000", "addendum": "BB", "descriptor": "Invented drug", "discounted": "", "indicator": "K2", "weight": None, "rate": 12.345}
    ]


def test_without_the_empty_column_and_the_weight(tmp_path: Path) -> None:
    rows = [[cell for place, cell in enumerate(row) if place not in (1, 5)] for row in table(ROWS)]
    assert [r["rate"] for r in records(reader, put(tmp_path, "x.csv", as_csv(rows)))] == [9891.33, None]


@pytest.mark.parametrize(
    ("period", "release"),
    [("January 2025", "2025Q1"), ("October 2026", "2026Q4"), ("Final CY 2026", "2026Q1"), ("CY 2024", "2024Q1")],
)
def test_the_labels_tell_the_quarter(tmp_path: Path, period: str, release: str) -> None:
    assert reader.read(put(tmp_path, "x.csv", as_csv(table(ROWS, period)))).release.release == release


def test_rates_of_a_proposed_rule_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="proposes"):
        reader.read(put(tmp_path, "x.csv", as_csv(table(ROWS, "Proposed CY 2026"))))


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    reading = reader.read(put(tmp_path, "x.csv", as_csv(table([ROWS[0], ROWS[0], ["note", *[""] * 6], [""] * 7]))))
    assert sum(len(batch) for _, batch in reading.batches) == 1
    assert reading.skipped == {"repeated": 1, "not a code": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (as_csv(table([[*ROWS[0][:6], "9,89.1"]])), r"x\.csv:6: rate '9,89.1' is not a number"),
        (as_csv(table([ROWS[0][:4]])), r"x\.csv:6: 4 columns, wanted 7"),
        (as_csv(table(ROWS, "Some")), r"x\.csv:5: 'SOME PAYMENT INDICATOR' tells no month and year"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        records(reader, put(tmp_path, "x.csv", content))


@pytest.mark.parametrize(
    "content",
    [
        "",
        as_csv(table([], addendum="FF")),  # device offsets
        "HCPCS Code,Short Descriptor,SI,APC,Relative Weight,Payment Rate\r\n",
        "A page on the ASC Payment Indicator and Payment Rate\r\n",
    ],
)
def test_other_content_is_not_taken(content: str) -> None:
    assert not reader.sniff(content.encode())


rate = st.one_of(st.none(), st.integers(0, 9_999_999).map(lambda cents: cents / 100))
row = st.tuples(st.from_regex(r"\A(?:[0-9]{4}[0-9T]|[A-V][0-9]{4})\Z"), st.text("abc,\"' ", max_size=20), st.sampled_from("YN"), rate)


@given(st.lists(row, min_size=1, unique_by=lambda row: row[0]))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str, float | None]]) -> None:
    lines = [[code, "", words, cut, "A2", "", "" if paid is None else f"${paid:,.2f} "] for code, words, cut, paid in rows]
    found = records(reader, put(tmp_path_factory.mktemp("asc"), "x.csv", as_csv(table(lines))))
    assert [(r["code"], r["descriptor"], r["discounted"], r["rate"]) for r in found] == [
        (code, words.strip(), cut, paid) for code, words, cut, paid in rows
    ]


@given(st.binary(max_size=200), st.integers(0, 500))
def test_damaged_bytes_are_read_or_said_to_be_wrong(tmp_path_factory: pytest.TempPathFactory, noise: bytes, cut: int) -> None:
    try:
        records(reader, put(tmp_path_factory.mktemp("asc"), "x.csv", as_csv(table(ROWS)).encode()[:cut] + noise))
    except ReadError as error:
        assert str(error).startswith("x.csv")  # noqa: PT017
