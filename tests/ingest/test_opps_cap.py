from __future__ import annotations

import csv
import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers import opps_cap as reader
from ingest.readers.base import OfficialFile, ReadError, RefusedError
from tests.ingest.official_payment import archived, as_csv, as_numbers, as_xlsx, put, records

HEADER = ["HCPCS", "MOD", "PROCSTAT", "CARRIER", "LOCALITY", "FACILITY PRICE", "NON-FACILTY PRICE"]
ROWS = [["0633T", "TC", "C", "01112", "05", "150.69", "150.70"], ["93990", "", "A", "15202", "00", "97.07", "1197.08"]]


def text(rows: list[list[str]]) -> str:
    """The published text of 38 characters a row."""
    return "".join(f"{code}{mod:2} {status} {mac}  {place}{one:>9}{two:>10}\r\n" for code, mod, status, mac, place, one, two in rows)


def test_csv_text_and_spreadsheet_hold_the_same(tmp_path: Path) -> None:
    files = [
        put(tmp_path, "OPPSCAP_Oct2025.csv", as_csv([HEADER, *ROWS, [""] * 7])),
        put(tmp_path, "OPPSCAP_Oct2025.txt", text(ROWS)),
        OfficialFile(as_xlsx(tmp_path, "OPPSCAP_Oct2025.xlsx", [HEADER, *as_numbers(ROWS, 5, 6)])),
    ]
    for file in files:
        assert reader.sniff(file.head())
        reading = reader.read(file)
        assert reading.release.key == "opps-cap/RVU25D"
        assert [record for _, batch in reading.batches for record in batch] == [
            ("0633T", "TC", "01112", "05", "C", 150.69, 150.7),
            ("93990", "", "15202", "00", "A", 97.07, 1197.08),
        ]


def test_the_archive_tells_the_release(tmp_path: Path) -> None:
    release = reader.read(archived(tmp_path, "rvu26b.zip", "OPPSCAP_Apr.csv", as_csv([HEADER, *ROWS]))).release
    assert (release.release, str(release.valid_from), str(release.valid_to)) == ("RVU26B", "2026-04-01", "2026-12-31")


def test_without_a_release_in_the_names_it_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"OPPSCAP_Oct\.csv: year and month stand only in the names"):
        reader.read(archived(tmp_path, "caps.zip", "OPPSCAP_Oct.csv", as_csv([HEADER, *ROWS])))


def test_the_file_of_qualifying_participants_is_refused(tmp_path: Path) -> None:
    content = as_csv([HEADER, *ROWS])
    with pytest.raises(RefusedError, match="nonQPP"):
        reader.read(archived(tmp_path, "rvu26b.zip", "OPPSCAP_Apr_QPP.csv", content))
    assert reader.read(archived(tmp_path, "rvu26b.zip", "OPPSCAP_Apr_nonQPP.csv", content)).release.release == "RVU26B"


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    reading = reader.read(put(tmp_path, "rvu25d.csv", as_csv([HEADER, ROWS[0], ROWS[0], ["GXXX1", *ROWS[0][1:]]])))
    assert sum(len(batch) for _, batch in reading.batches) == 1
    assert reading.skipped == {"repeated": 1, "not a code": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (as_csv([HEADER, [*ROWS[0][:5], "1O.00", "1"]]), r"rvu25d\.csv:2: facility price '1O.00' is not a number"),
        (as_csv([HEADER, [*ROWS[0][:3], "X", *ROWS[0][4:]]]), r"rvu25d\.csv:2: carrier 'X'"),
        (as_csv([HEADER, ROWS[0][:4]]), r"rvu25d\.csv:2: 4 columns, wanted 7"),
        (as_csv([[*HEADER[:6], "PRICE"], ROWS[0]]), "NON-FACIL"),
        (text(ROWS) + "93990   A 15202  00    97.07\r\n", r"rvu25d\.csv:3: not code, modifier"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        records(reader, put(tmp_path, "rvu25d.csv", content))


@pytest.mark.parametrize("content", [b"", b"HCPCS,MOD,DESCRIPTION\r\n", b"0633TTC C 01112  05\r\n", b"10112       00    ALABAMA  1931\r\n"])
def test_other_content_is_not_taken(content: bytes) -> None:
    assert not reader.sniff(content)


price = st.integers(0, 999_999).map(lambda cents: f"{cents / 100:.2f}")
row = st.tuples(
    st.from_regex(r"\A(?:[0-9]{4}[0-9T]|[A-V][0-9]{4})\Z"), st.sampled_from(["", "TC", "26"]), st.sampled_from("AC"),
    st.from_regex(r"\A[0-9]{5}\Z"), st.from_regex(r"\A[0-9]{2}\Z"), price, price,
)  # fmt: skip


@given(st.lists(row, min_size=1, unique_by=lambda row: (row[0], row[1], row[3], row[4])))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]) -> None:
    folder = tmp_path_factory.mktemp("cap")
    lists = [list(row) for row in rows]
    for file in (put(folder, "rvu25d.txt", text(lists)), put(folder, "rvu25d.csv", as_csv([HEADER, *lists]))):
        found = records(reader, file)
        again = [
            (r["code"], r["modifier"], r["status"], r["contractor"], r["locality"], f"{r['facility']:.2f}", f"{r['nonfacility']:.2f}") for r in found
        ]
        assert again == rows


@given(st.binary(max_size=200), st.integers(0, 200))
def test_damaged_bytes_are_read_or_said_to_be_wrong(tmp_path_factory: pytest.TempPathFactory, noise: bytes, cut: int) -> None:
    folder = tmp_path_factory.mktemp("cap")
    for content in (as_csv([HEADER, *ROWS]), text(ROWS)):
        try:
            records(reader, put(folder, "rvu25d.csv", content.encode()[:cut] + noise))
        except ReadError as error:
            assert str(error).startswith("rvu25d.csv")  # noqa: PT017


@pytest.mark.data
def test_the_three_official_layouts_hold_the_same(data: Path) -> None:
    path = data / "pfs" / "rvu25d.zip"
    one, two, three = (records(reader, OfficialFile(path, f"OPPSCAP_Oct.{end}", within=("rvu25d.zip",))) for end in ("csv", "txt", "xlsx"))
    assert len(one) == 16_100
    assert one == two == three
    with zipfile.ZipFile(path).open("OPPSCAP_Oct.csv") as inner:
        plain = list(csv.reader(inner.read().decode("cp1252").splitlines()))[1:]
    for number in random.Random(7).sample(range(16_100), 200):
        row, found = plain[number], one[number]
        assert [found["code"], found["modifier"], found["status"], found["contractor"], found["locality"]] == row[:5]
        assert [found["facility"], found["nonfacility"]] == [float(row[5]), float(row[6])]
