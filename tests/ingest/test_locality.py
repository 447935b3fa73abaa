from __future__ import annotations

import csv
import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers import locality as reader
from ingest.readers.base import OfficialFile, ReadError, RefusedError
from tests.ingest.official_payment import as_csv, as_xlsx, put, records

TITLE = "COUNTIES INCLUDED IN 2025 LOCALITIES. (ALPHABETICALLY BY STATE AND LOCALITY NAME WITHIN STATE)"
HEADER = ["Medicare Adminstrative Contractor", "Locality Number", "State ", "Fee Schedule Area ", "Counties"]
BLANK = [""] * 5
ROWS = [
    ["10112", "0", "ALABAMA ", "STATEWIDE ", "ALL COUNTIES "],
    BLANK,
    ["9102", "3", "FLORIDA", "NORTH*", "ONE, TWO AND ST. THREE"],
    ["9102", "99", "", "REST OF STATE*", "ALL OTHER  COUNTIES"],
    ["9102", "99", "", "REST OF STATE", "ALL OTHER COUNTIES"],
    BLANK,
    ["1212", "1", "HAWAII/GUAM", "STATEWIDE", "ALL COUNTIES"],
    ["1212", "1", "", "STATEWIDE", "AN ISLAND MORE"],
]


def table(rows: list[list[str]]) -> list[list[str]]:
    return [[TITLE, *BLANK[1:]], BLANK, HEADER, BLANK, *rows, BLANK, ["*  Payment locality is serviced by two carriers.", *BLANK[1:]]]


def test_csv_and_spreadsheet_hold_the_same(tmp_path: Path) -> None:
    wide = [[row[0].zfill(5), row[1].zfill(2), *row[2:]] if row[0] else row for row in ROWS]
    for file in (put(tmp_path, "x.csv", as_csv(table(ROWS))), OfficialFile(as_xlsx(tmp_path, "x.xlsx", table(wide)))):
        assert reader.sniff(file.head())
        reading = reader.read(file)
        assert reading.release.key == "locality/2025"
        assert [record for _, batch in reading.batches for record in batch] == [
            ("10112", "00", 1, "AL", "STATEWIDE", "ALL COUNTIES"),
            ("09102", "03", 1, "FL", "NORTH", "ONE, TWO AND ST. THREE"),
            ("09102", "99", 1, "FL", "REST OF STATE", "ALL OTHER COUNTIES"),
            ("01212", "01", 1, "HI GU", "STATEWIDE", "ALL COUNTIES"),
            ("01212", "01", 2, "HI GU", "STATEWIDE", "AN ISLAND MORE"),
        ]
        assert reading.skipped == {"repeated": 1, "footnote": 1}


def test_the_text_is_refused(tmp_path: Path) -> None:
    text = f"{TITLE}\r\n\r\nMedicare AdmiLocality         State{'':50}Fee Schedule Area{'':66}Counties\r\n\r\n    10112       00    ALABAMA\r\n"
    file = put(tmp_path, "25LOCCO.txt", text)
    assert reader.sniff(file.head())
    with pytest.raises(RefusedError, match=r"25LOCCO\.txt: .*csv and xlsx"):
        reader.read(file)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["10112", "0", "", "STATEWIDE", "ALL"], r"x\.csv:5: the first row of a group, and no state"),
        (["10112", "0", "ATLANTIS", "STATEWIDE", "ALL"], r"x\.csv:5: 'ATLANTIS' is no state"),
        (["1O112", "0", "ALABAMA", "STATEWIDE", "ALL"], r"x\.csv:5: contractor '1O112'"),
        (["10112", "100", "ALABAMA", "STATEWIDE", "ALL"], r"x\.csv:5: locality '100'"),
        (["10112", "0", "ALABAMA"], r"x\.csv:5: 3 columns, wanted 5"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, row: list[str], message: str) -> None:
    with pytest.raises(ReadError, match=message):
        records(reader, put(tmp_path, "x.csv", as_csv(table([row]))))


@pytest.mark.parametrize("content", [b"", b"COUNTIES\r\n", b"A page on COUNTIES INCLUDED IN 2025 LOCALITIES", b"Contractor,Locality\r\n"])
def test_other_content_is_not_taken(content: bytes) -> None:
    assert not reader.sniff(content)


words = st.from_regex(r"\A[A-Z][A-Z,'/;. ]{0,40}\Z")
rows = st.tuples(st.integers(1, 99999), st.integers(0, 99), st.sampled_from(sorted(reader.STATES)), words)


@given(st.lists(rows, min_size=1, unique_by=lambda row: row[:2]))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int, str, str]]) -> None:
    lines = [[str(contractor), str(locality), state, "AREA", counties] for contractor, locality, state, counties in rows]
    found = records(reader, put(tmp_path_factory.mktemp("locality"), "x.csv", as_csv(table(lines))))
    assert [(r["contractor"], r["locality"], r["state"], r["counties"]) for r in found] == [
        (f"{contractor:05}", f"{locality:02}", reader.STATES[state], " ".join(counties.split())) for contractor, locality, state, counties in rows
    ]


@given(st.binary(max_size=200), st.integers(0, 600))
def test_damaged_bytes_are_read_or_said_to_be_wrong(tmp_path_factory: pytest.TempPathFactory, noise: bytes, cut: int) -> None:
    try:
        records(reader, put(tmp_path_factory.mktemp("locality"), "x.csv", as_csv(table(ROWS)).encode()[:cut] + noise))
    except ReadError as error:
        assert str(error).startswith("x.csv")  # noqa: PT017


@pytest.mark.data
def test_the_official_layouts_hold_the_same_localities(data: Path) -> None:
    path = data / "pfs" / "rvu25d.zip"
    one, two = (records(reader, OfficialFile(path, f"25LOCCO.{end}", within=("rvu25d.zip",))) for end in ("csv", "xlsx"))
    assert len(one) == 109  # 110 lines, one of them twice
    assert one == two
    with pytest.raises(RefusedError):
        reader.read(OfficialFile(path, "25LOCCO.txt", within=("rvu25d.zip",)))
    with zipfile.ZipFile(path).open("25LOCCO.csv") as inner:
        plain = [row for row in csv.reader(inner.read().decode("cp1252").splitlines()) if row[0].isdigit()]
    found = {(r["contractor"], r["locality"]): r for r in one}
    for row in random.Random(4).sample(plain, 50):
        assert found[row[0].zfill(5), row[1].zfill(2)]["counties"] == " ".join(row[4].split())
    assert {r["state"] for r in one if r["contractor"] in ("01112", "01182")} == {"CA"}
