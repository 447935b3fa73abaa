from __future__ import annotations

import csv
import random
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.archives import opened
from ingest.readers import poa_exempt
from ingest.readers.base import OfficialFile, ReadError, RefusedError
from tests.ingest.official_cm import put, records, sheet

HEADER = ["Order26", "POAexemptCode", "Description"]
ROWS = [["01238", "B90.0", "Sequela, invented"], ["30497", "QA0.0101", "Invented syndrome"], ["98181", "Z99.89", "Invented device"]]
WANTED = [("ICD10CM", code, "POA", "exempt", "member") for _, code, _ in ROWS]


def tabbed(rows: list[list[str]], end: str = "\r\n") -> str:
    return "".join("\t".join(row) + end for row in rows)


def mappings(file: OfficialFile) -> list[tuple[object, ...]]:
    return records(poa_exempt.read(file))["mapping"]


def test_text_csv_and_spreadsheet(tmp_path: Path) -> None:
    quoted = tabbed([HEADER, *ROWS]).replace("Sequela, invented", '"Sequela, invented"')
    comma = "".join(f'{a},{b},"{c}"\n' for a, b, c in [HEADER, *ROWS])
    for file in (
        put(tmp_path, "POAexemptCodesFY26.txt", quoted), put(tmp_path, "POAexemptCodesFY26.csv", comma),
        sheet(tmp_path, "POAexemptCodesFY26.xlsx", [HEADER, *ROWS]),
    ):  # fmt: skip
        assert poa_exempt.sniff(file.head()), file
        release = poa_exempt.read(file).release
        assert (release.key, release.valid_from, release.valid_to) == ("poa-exempt/FY2026", date(2025, 10, 1), date(2026, 9, 30))
        assert mappings(file) == WANTED, file


CHANGES = [
    ("POAexemptAddCodesFY26.txt", [HEADER, ["30389", "Q87.87", "Invented"]]),
    ("renamed.txt", [HEADER, ["30389", "Q87.87", "Invented"]]),  # what was added is known by where it begins
    ("POAexemptDeleteCodesFY26.txt", [HEADER[1:], ["Q89.8", "Invented"]]),
    ("POAexemptReviseCodesFY26.txt", [["Order26", "Action", *HEADER[1:]], ["30219", "Revise from:", "Q75.001", "Invented"]]),
]


@pytest.mark.parametrize(("name", "rows"), CHANGES)
def test_changes_are_left_alone(name: str, rows: list[list[str]], tmp_path: Path) -> None:
    file = put(tmp_path, name, tabbed(rows))
    assert poa_exempt.sniff(file.head())
    with pytest.raises(RefusedError):
        poa_exempt.read(file)


@pytest.mark.parametrize("head", ["", "Order26\tCode\tDescription\n", "POAexemptCode\n", "x Order26\tPOAexemptCode\tDescription\n"])
def test_other_formats_are_left_alone(head: str) -> None:
    assert not poa_exempt.sniff(head.encode())


@pytest.mark.parametrize("row", [["x", "B91", "t"], ["1", "B9", "t"], ["1", "B910", "t"], ["1", "B91"]])
def test_faults_are_told_with_their_line(row: list[str], tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r":3: .*wanted an order number, a code with its dot, and a title"):
        mappings(put(tmp_path, "POAexemptCodesFY26.txt", tabbed([HEADER, ROWS[0], row])))


def test_repeated_codes_are_counted(tmp_path: Path) -> None:
    reading = poa_exempt.read(put(tmp_path, "POAexemptCodesFY26.txt", tabbed([HEADER, *ROWS, ROWS[1]])))
    assert (len(records(reading)["mapping"]), reading.skipped) == (3, {"repeated": 1})


@given(content=st.binary(max_size=200), at=st.integers(30, 120))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_any_bytes_give_rows_or_a_read_error(content: bytes, at: int, tmp_path: Path) -> None:
    whole = tabbed([HEADER, *ROWS]).encode()
    with suppress(ReadError):
        mappings(put(tmp_path, "POAexemptCodesFY26.txt", whole[:at] + content + whole[at:]))


def test_the_official_file(data: Path, tmp_path: Path) -> None:
    with opened([data / "icd10cm" / "POAexemptCodesFY26.zip"], tmp_path) as found:
        whole = {file.name: file for file in found.files if file.name.startswith("POAexemptCodes")}
        listed = {name: [row[1] for row in mappings(file)] for name, file in whole.items()}
        for file in found.files:
            if file.name not in whole and poa_exempt.sniff(file.head()):
                with pytest.raises(RefusedError):
                    poa_exempt.read(file)
        with whole["POAexemptCodesFY26.txt"].text() as text:
            plain = [row[1] for row in csv.reader(text, delimiter="\t")][1:]
    assert len(plain) == 38_349
    assert listed["POAexemptCodesFY26.txt"] == listed["POAexemptCodesFY26.xlsx"] == plain
    assert random.Random(1).choice(plain) in listed["POAexemptCodesFY26.xlsx"]
