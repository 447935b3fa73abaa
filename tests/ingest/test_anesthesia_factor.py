from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers import anesthesia_factor as reader
from ingest.readers.base import OfficialFile, ReadError
from tests.ingest.official_payment import archived, as_csv, as_xlsx, put, records

HEADER = ["Contractor", "Locality", "Locality Name", "National Anes CF of 20.3178"]
ROWS = [["10112 ", "00 ", "INVENTED", "19.31 "], ["02102 ", "01 ", "NORTHERN*", "27.86 "], ["", "", "", ""]]
HEADER_2026 = [
    *HEADER[:3],
    "Qualifying APM National Anes CF (with an increase) of 20.599835",
    "Non-Qualifying APM National Anes CF (with an increase)  of 20.49754",
]


def text(rows: list[tuple[str, str, str, int]]) -> str:
    """The published text: no header, no decimal point, 0x1A at the end."""
    return "".join(f"{mac:12}{number:6}{name:40.40}{'':15}{cents:04}\r\n" for mac, number, name, cents in rows) + "\x1a"


def test_csv_text_and_spreadsheet_hold_the_same(tmp_path: Path) -> None:
    files = [
        put(tmp_path, "ANES2025.csv", as_csv([HEADER, *ROWS])),
        put(tmp_path, "ANES2025.txt", text([("10112", "00", "INVENTED", 1931), ("02102", "01", "NORTHERN", 2786)])),
        OfficialFile(as_xlsx(tmp_path, "ANES2025.xlsx", [HEADER, [10112, 0, "INVENTED", 19.31], [2102, 1, "NORTHERN", 27.86]])),
    ]
    for file in files:
        assert reader.sniff(file.head())
        reading = reader.read(file)
        assert reading.release.key == "anesthesia-factor/2025"
        assert [record for _, batch in reading.batches for record in batch] == [
            ("10112", "00", "INVENTED", 19.31, None),
            ("02102", "01", "NORTHERN", 27.86, None),
        ]


def test_two_factors_from_2026(tmp_path: Path) -> None:
    file = put(tmp_path, "ANES2026.csv", as_csv([HEADER_2026, ["10112", "00", "X", "19.71", "19.61"]]))
    assert reader.sniff(file.head())
    (record,) = records(reader, file)
    assert (record["factor"], record["factor_qpp"]) == (19.61, 19.71)


def test_the_archive_may_tell_the_year(tmp_path: Path) -> None:
    assert reader.read(archived(tmp_path, "rvu24a.zip", "ANES.csv", as_csv([HEADER, *ROWS]))).release.release == "2024"


def test_without_a_year_in_the_names_it_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"ANES\.csv: the year stands only in the file name"):
        reader.read(archived(tmp_path, "factors.zip", "ANES.csv", as_csv([HEADER, *ROWS])))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("A2025.csv", as_csv([HEADER, ["10112", "00", "X", "19,3"]]), r"A2025\.csv:2: factor '19,3' is not a number"),
        ("A2025.csv", as_csv([HEADER, ["10112", "00", "X", ""]]), r"A2025\.csv:2: factor is empty"),
        ("A2025.csv", as_csv([HEADER, ["10112", "00", "X"]]), r"A2025\.csv:2: 3 columns, wanted 4"),
        ("A2025.csv", as_csv([HEADER, ["X0112", "00", "X", "1"]]), r"A2025\.csv:2: contractor 'X0112'"),
        ("A2025.txt", text([("10112", "00", "X", 1931)])[:-1] + "10112       00    SHORT\r\n", r"A2025\.txt:2: not contractor"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        records(reader, put(tmp_path, name, content))


@pytest.mark.parametrize("content", [b"", b"Contractor,Locality,Locality Name,Work GPCI\r\n", b"10112       00    NAME\r\n", b"HCPCS,MOD\r\n"])
def test_other_content_is_not_taken(content: bytes) -> None:
    assert not reader.sniff(content)


row = st.tuples(st.from_regex(r"\A[0-9]{5}\Z"), st.from_regex(r"\A[0-9]{2}\Z"), st.from_regex(r"\A[A-Z][A-Z()/]{0,30}\Z"), st.integers(1000, 9999))


@given(st.lists(row, min_size=1, unique_by=lambda row: row[:2]))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str, int]]) -> None:
    folder = tmp_path_factory.mktemp("anes")
    table = as_csv([HEADER, *([*row[:3], f"{row[3] / 100:.2f}"] for row in rows)])
    for file in (put(folder, "a2025.txt", text(rows)), put(folder, "a2025.csv", table)):
        found = records(reader, file)
        assert [(r["contractor"], r["locality"], r["name"], round(r["factor"] * 100)) for r in found] == rows


@given(st.binary(max_size=200), st.integers(0, 200))
def test_damaged_bytes_are_read_or_said_to_be_wrong(tmp_path_factory: pytest.TempPathFactory, noise: bytes, cut: int) -> None:
    folder = tmp_path_factory.mktemp("anes")
    for content in (as_csv([HEADER, *ROWS]), text([("10112", "00", "INVENTED", 1931)] * 3)):
        try:
            records(reader, put(folder, "a2025.csv", content.encode()[:cut] + noise))
        except ReadError as error:
            assert str(error).startswith("a2025.csv")  # noqa: PT017


@pytest.mark.data
def test_the_three_official_layouts_hold_the_same(data: Path) -> None:
    path = data / "pfs" / "rvu25d.zip"
    one, two, three = (records(reader, OfficialFile(path, f"ANES2025.{end}", within=("rvu25d.zip",))) for end in ("csv", "txt", "xlsx"))
    assert len(one) == 109
    assert one == three
    assert [r | {"name": r["name"][:40]} for r in one] == two  # the text cuts names off
    with zipfile.ZipFile(path).open("ANES2025.txt") as inner:
        plain = inner.read().decode("cp1252").splitlines()[:109]
    for number in random.Random(6).sample(range(109), 40):
        assert (one[number]["contractor"], f"{one[number]['factor'] * 100:.0f}") == (plain[number][:5], plain[number][-4:])
