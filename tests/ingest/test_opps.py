from __future__ import annotations

import csv
import random
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers import opps as reader
from ingest.readers.base import OfficialFile, ReadError
from tests.ingest.official_payment import archived, as_csv, as_numbers, as_xlsx, put, records

HEADER = [
    "HCPCS Code", "Short Descriptor", "SI", "APC", "Relative Weight", "Payment Rate", "National Unadjusted Copayment",
    " Minimum Unadjusted Copayment", "IRA Coinsurance Percentage", "Adjusted Beneficiary Copayment",
    "Drug and Device Pass-Through Expiration during Calendar Year", "Note", "* Indicates a Change",
]  # fmt: skip
CAPTIONS = [
    ["", text, *[""] * 11] for text in ("Addendum B.-- OPPS Payment by HCPCS Code for CY 2026", "Notice, with a comma", "Two", "Three", "Four")
]
ROWS = [
    ["99213", "Invented visit", "B", *[""] * 10],
    ["63047", "Invented, with a comma", "J1", "5114", "77.1234", "7,012.50", "", "1402.50", "", "", "", "", "*"],
    ["J0000", "Invented drug", "K", "9999", "", "$12.34", "2.40", "2.47", "", "", "", "Expires", ""],
]
DERIVED = "HCPCSCode,ShortDescriptor,StatusIndicator,PaymentRate,Changed?,Source\n"


def test_csv_and_spreadsheet_hold_the_same(tmp_path: Path) -> None:
    numbers = as_numbers([[cell.replace(",", "").replace("$", "") if n > 3 else cell for n, cell in enumerate(row)] for row in ROWS], 4, 5, 6, 7)
    files = [
        put(tmp_path, "addendum_b_2026-07.csv", as_csv([*CAPTIONS, HEADER, *ROWS])),
        OfficialFile(as_xlsx(tmp_path, "2026_July_Web_Addendum_B.06252026.xlsx", [*CAPTIONS, HEADER, *numbers])),
    ]
    for file in files:
        assert reader.sniff(file.head())
        reading = reader.read(file)
        release = reading.release
        assert (release.key, release.valid_from, release.valid_to) == ("opps/2026Q3", date(2026, 7, 1), date(2026, 9, 30))
        assert [record for _, batch in reading.batches for record in batch] == [
            ("99213", "Invented visit", "B", "", None, None, None, None, ""),
            ("63047", "Invented, with a comma", "J1", "5114", 77.1234, 7012.5, None, 1402.5, "changed"),
            ("J0000", "Invented drug", "K", "9999", None, 12.34, 2.4, 2.47, "Expires"),
        ]


def test_a_column_more_between_descriptor_and_status(tmp_path: Path) -> None:
    header = [*HEADER[:2], "CI", *HEADER[2:]]
    file = put(tmp_path, "2026-01.csv", as_csv([*CAPTIONS, header, ["99213", "X", "CH", "B", *[""] * 10]]))
    assert reader.sniff(file.head())
    assert records(reader, file)[0]["status"] == "B"


def test_a_derived_file_tells_its_quarter_on_the_rows(tmp_path: Path) -> None:
    rows = '"99213","Invented","B",,false,"2026-04"\n"63047\xa0","Invented","J1",7012.5,true,"2026-04"\n"not a code","x","N",,false,"2026-04"\n'
    file = put(tmp_path, "any.csv", DERIVED + rows)
    reading = reader.read(file)
    assert reading.release.key == "opps/2026Q2"
    assert [record for _, batch in reading.batches for record in batch] == [
        ("99213", "Invented", "B", "", None, None, None, None, ""),
        ("63047", "Invented", "J1", "", None, 7012.5, None, None, "changed"),
    ]
    assert reading.skipped == {"not a code": 1}


@pytest.mark.parametrize(
    ("archive", "name", "period"),
    [
        ("january-2026-opps-addendum-b.zip", "Addendum_B.csv", "2026Q1"),
        ("b.zip", "2026 October Web Addendum B.csv", "2026Q4"),
        ("b.zip", "April 2026 Addendum B.03212026.csv", "2026Q2"),
    ],
)
def test_the_names_tell_the_quarter(tmp_path: Path, archive: str, name: str, period: str) -> None:
    assert reader.read(archived(tmp_path, archive, name, as_csv([*CAPTIONS, HEADER, *ROWS]))).release.release == period


@pytest.mark.parametrize(
    ("archive", "name", "message"),
    [("b.zip", "Addendum_B.csv", "the quarter must stand in the file name"), ("b.zip", "2025-07.csv", "the caption says 2026 and the name 2025")],
)
def test_without_a_quarter_it_is_an_error(tmp_path: Path, archive: str, name: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        reader.read(archived(tmp_path, archive, name, as_csv([*CAPTIONS, HEADER, *ROWS])))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["99213", "X", "A", "1", "x1", *[""] * 8], r"2026-07\.csv:7: weight 'x1' is not a number"),
        (["99213", "X", "A", "1", "1", "-5", *[""] * 7], r"2026-07\.csv:7: rate '-5' is not a number"),
        (["99213", "X", "A"], r"2026-07\.csv:7: 3 columns, wanted 8"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, row: list[str], message: str) -> None:
    with pytest.raises(ReadError, match=message):
        records(reader, put(tmp_path, "2026-07.csv", as_csv([*CAPTIONS, HEADER, row])))


def test_a_missing_label_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="RELATIVE WEIGHT"):
        records(reader, put(tmp_path, "2026-07.csv", as_csv([*CAPTIONS, HEADER, *ROWS]).replace("Relative Weight", "Weight")))


@pytest.mark.parametrize(
    "content",
    [b"", b"HCPCS Code,Short Descriptor,Payment Rate\r\n", b"APC,Group Title,SI,Relative Weight\r\n", b"A page on Addendum B\r\n", b"HCPCS,MOD\r\n"],
)
def test_other_content_is_not_taken(content: bytes) -> None:
    assert not reader.sniff(content)


rate = st.one_of(st.none(), st.integers(0, 9_999_999).map(lambda cents: cents / 100))
row = st.tuples(st.from_regex(r"\A(?:[0-9]{4}[0-9T]|[A-V][0-9]{4})\Z"), st.text("abc,\"' ", max_size=20), st.sampled_from(["A", "J1", "N"]), rate)


@given(st.lists(row, min_size=1, unique_by=lambda row: row[0]))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str, float | None]]) -> None:
    folder = tmp_path_factory.mktemp("opps")
    published = [[code, words, status, "", "", "" if paid is None else f"${paid:,.2f} ", *[""] * 7] for code, words, status, paid in rows]
    derived = as_csv([[code, words, status, "" if paid is None else paid, "false", "2026-07"] for code, words, status, paid in rows], "\n")
    for file in (put(folder, "2026-07.csv", as_csv([*CAPTIONS, HEADER, *published])), put(folder, "d.csv", DERIVED + derived)):
        assert [(r["code"], r["descriptor"], r["status"], r["rate"]) for r in records(reader, file)] == [
            (code, words.strip(), status, paid) for code, words, status, paid in rows
        ]


@given(st.binary(max_size=200), st.integers(0, 900))
def test_damaged_bytes_are_read_or_said_to_be_wrong(tmp_path_factory: pytest.TempPathFactory, noise: bytes, cut: int) -> None:
    folder = tmp_path_factory.mktemp("opps")
    for content in (as_csv([*CAPTIONS, HEADER, *ROWS]), DERIVED + '"99213","X","B",,false,"2026-04"\n'):
        try:
            records(reader, put(folder, "2026-07.csv", content.encode()[:cut] + noise))
        except ReadError as error:
            assert str(error).startswith("2026-07.csv")  # noqa: PT017


@pytest.mark.data
def test_the_derived_file_is_read_whole(data: Path) -> None:
    path = data / "opps" / "addendum_b_2026-04.derived.csv"
    found = {r["code"]: r for r in records(reader, OfficialFile(path))}
    with path.open(encoding="cp1252", newline="") as lines:
        plain = list(csv.DictReader(lines))
    assert len(found) == len(plain) == 19_059
    assert found["63044"]["status"] == "N"
    for row in random.Random(8).sample(plain, 300):
        r = found[row["HCPCSCode"].strip()]
        assert (r["status"], r["rate"]) == (row["StatusIndicator"], float(row["PaymentRate"]) if row["PaymentRate"] else None)
        assert r["note"] == ("changed" if row["Changed?"] == "true" else "")


@pytest.mark.data
def test_the_published_header_is_recognised(data: Path) -> None:
    file = OfficialFile(data / "opps" / "addendum_b_2026-07.header.csv")
    assert reader.sniff(file.head())
    assert reader.read(file).release.key == "opps/2026Q3"
    assert records(reader, file) == []
