from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.readers import hcpcs_derived as reader
from ingest.readers import recognise
from ingest.readers.base import OfficialFile, ReadError
from tests.ingest.official import put
from tests.ingest.test_hcpcs import tables

NAME = "hcpcs_2024APR_nodesc.csv"
HEADER = ",".join(f'"{name}"' for name in reader.HEADER)
CHAIR = ["E0210", "11:21", "C", "D", "D1E", "A:P:R", "A", "60-9", "2130", "1861SSA", "310, 400", "E0211, E0215", "YY", "0088", "0",
         "2024-12-31", "1986-01-01", "2008-01-01", "2024-04-01"]  # fmt: skip


def derived(rows: Sequence[Sequence[str]]) -> str:
    return HEADER + "\n" + "".join(",".join(f'"{cell}"' if cell else "" for cell in row) + "\n" for row in rows)


def test_records(tmp_path: Path) -> None:
    file = OfficialFile(put(tmp_path, NAME, derived([CHAIR, CHAIR, ["A0021", *[""] * 18]])))
    assert recognise(file) is reader
    reading = reader.read(file)
    assert tables(reading) == {
        "listing": [
            ("HCPCS", "E0210", "", "", "code", 1, 1, 19860101, 20240401, 20241231),
            ("HCPCS", "A0021", "", "", "code", 1, 2, 0, 0, 99991231),
        ],
        "hcpcs": [
            ("HCPCS", "E0210", "11 21", "C", "D", "D1E", "A P R", "0", "310 400", "60-9", "2130", "1861SSA", "E0211 E0215", "YY", "0088", "A"),
            ("HCPCS", "A0021", *[""] * 14),
        ],
    }
    assert reading.skipped == {"repeated": 1}
    assert reading.release.key == "hcpcs/2024Q2"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (CHAIR[:18], "18 columns, wanted 19"),
        (["99213", *CHAIR[1:]], "hcpcs_code '99213' is no code of HCPCS Level II"),
        ([*CHAIR[:18], "04/01/2024"], "date_action '04/01/2024' is not a day"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: list[str], message: str) -> None:
    with pytest.raises(ReadError, match=rf"^{NAME}:3: {message}"):
        tables(reader.read(OfficialFile(put(tmp_path, NAME, derived([["A0021", *[""] * 18], row])))))


@pytest.mark.parametrize("header", [HEADER.replace("date_term", "term"), HEADER + ',"more"', '"hcpcs_code","price"'])
def test_near_misses_are_not_recognised(tmp_path: Path, header: str) -> None:
    assert recognise(OfficialFile(put(tmp_path, NAME, header + "\n"))) is None


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_records_or_one_error(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    file = OfficialFile(put(tmp_path_factory.mktemp("junk"), NAME, derived([CHAIR]).encode() + junk))
    try:
        tables(reader.read(file))
    except ReadError as error:
        assert str(error).startswith(NAME)  # noqa: PT017


@pytest.mark.data
def test_official_values(data: Path) -> None:
    path = data / "hcpcs" / "derived_hcpcs_lvl2_2024APR_nodesc.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    found = tables(reader.read(OfficialFile(path)))
    assert len(found["listing"]) == len(found["hcpcs"]) == len(rows) == 8_033
    numbers = random.Random(7).sample(range(len(rows)), 300)
    for row, listing, details in ((rows[n], found["listing"][n], found["hcpcs"][n]) for n in numbers):
        assert (listing[1], str(listing[7]), listing[9]) == (
            row["hcpcs_code"], row["date_added"].replace("-", ""), int(row["date_term"].replace("-", "") or 99991231),
        )  # fmt: skip
        assert (details[4], details[6], details[12]) == (row["cov"], row["tos"].replace(":", " "), row["xref"].replace(",", ""))
