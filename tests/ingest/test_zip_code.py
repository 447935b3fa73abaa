from __future__ import annotations

import gzip
import random
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers import zip_code as reader
from ingest.readers.base import OfficialFile, ReadError
from tests.ingest.official_payment import as_xlsx, put, records

HEADER = [
    "STATE",
    "ZIP CODE",
    "CARRIER",
    "LOCALITY",
    "RURAL IND",
    "LAB CB LOCALITY",
    "RURAL IND2",
    "PLUS 4 FLAG",
    "PART B DRUG INDICATOR",
    "YEAR/QTR",
]


def line(state: str, zip_code: str, carrier: str, locality: str, rural: str = " ", flag: int = 0, period: str = "20254") -> str:
    """A row of 80 characters; the second rural indicator says something else."""
    return f"{state}{zip_code}{carrier}{locality}{rural}Z9R  {flag} A{'':52}{period}"


LINES = [line("AK", "99501", "02102", "01"), line("AL", "36006", "10112", "00", "R"), line("WY", "83414", "03602", "21", "B", 1)]
WANT = [
    {"zip": "99501", "state": "AK", "contractor": "02102", "locality": "01", "rural": "", "plus_four": 0},
    {"zip": "36006", "state": "AL", "contractor": "10112", "locality": "00", "rural": "R", "plus_four": 0},
    {"zip": "83414", "state": "WY", "contractor": "03602", "locality": "21", "rural": "B", "plus_four": 1},
]


def test_text_packed_text_and_spreadsheet_hold_the_same(tmp_path: Path) -> None:
    text = "\r\n".join([*LINES, ""])
    cells = [[r["state"], r["zip"], r["contractor"], r["locality"], r["rural"], "Z9", "R", r["plus_four"], "A", 20254] for r in WANT]
    files = [
        put(tmp_path, "a.txt", text),
        put(tmp_path, "a.txt.gz", gzip.compress(text.encode())),
        OfficialFile(as_xlsx(tmp_path, "a.xlsx", [HEADER, *cells])),
    ]
    for file in files:
        assert reader.sniff(file.head())
        release = reader.read(file).release
        assert (release.key, release.valid_from, release.valid_to) == ("zip-code/2025Q4", date(2025, 10, 1), date(2025, 12, 31))
        assert records(reader, file) == WANT


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (LINES[1][:79], r"a\.txt:2: 79 characters, wanted 80"),
        (line("AL", "36006", "10112", "00", period="20261"), r"a\.txt:2: year and quarter '20261' in a file of 20254"),
        (line("AL", "3600X", "10112", "00"), r"a\.txt:2: ZIP code '3600X'"),
        (line("AL", "36006", "1011X", "00"), r"a\.txt:2: carrier '1011X'"),
        (line("AL", "36006", "10112", "0X"), r"a\.txt:2: locality '0X'"),
        (line("AL", "36006", "10112", "00", "Q"), r"a\.txt:2: state 'AL', rural indicator 'Q'"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, bad: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        records(reader, put(tmp_path, "a.txt", f"{LINES[0]}\r\n{bad}\r\n"))


@pytest.mark.parametrize(
    "content",
    [
        "",
        LINES[0][:60] + "\r\n",
        LINES[0][:21] + "1234" + LINES[0][25:] + "\r\n",  # the file of nine digits has the extension there
        LINES[0].replace("20254", "20255") + "\r\n",
        "                       Zip5 Record Layout\r\n",
        "STATE,ZIP\r\n",
    ],
)
def test_other_content_is_not_taken(content: str) -> None:
    assert not reader.sniff(content.encode())


row = st.builds(
    line,
    st.sampled_from(["AL", "WY"]),
    st.from_regex(r"\A[0-9]{5}\Z"),
    st.from_regex(r"\A[0-9]{5}\Z"),
    st.from_regex(r"\A[0-9]{2}\Z"),
    st.sampled_from(" RB"),
    st.integers(0, 1),
)


@given(st.lists(row, min_size=1))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[str]) -> None:
    found = records(reader, put(tmp_path_factory.mktemp("zip"), "a.txt", "\r\n".join(rows) + "\r\n"))
    again = [line(r["state"], r["zip"], r["contractor"], r["locality"], r["rural"] or " ", r["plus_four"]) for r in found]
    assert again == rows


@given(st.binary(max_size=200), st.integers(0, 250))
def test_damaged_bytes_are_read_or_said_to_be_wrong(tmp_path_factory: pytest.TempPathFactory, noise: bytes, cut: int) -> None:
    try:
        records(reader, put(tmp_path_factory.mktemp("zip"), "a.txt", "\r\n".join(LINES).encode()[:cut] + noise))
    except ReadError as error:
        assert str(error).startswith("a.txt")  # noqa: PT017


@pytest.mark.data
def test_the_official_file_is_read_whole(data: Path) -> None:
    path = data / "pfs" / "ZIP5_OCT2025.txt.gz"
    found = records(reader, OfficialFile(path))
    assert len(found) == len({r["zip"] for r in found}) == 42_956
    plain = gzip.decompress(path.read_bytes()).decode().splitlines()
    for number in random.Random(5).sample(range(len(plain)), 300):
        text, r = plain[number], found[number]
        assert [r["zip"], r["contractor"], r["locality"], r["rural"] or " ", str(r["plus_four"])] == [
            text[2:7], text[7:12], text[12:14], text[14], text[20]
        ]  # fmt: skip
