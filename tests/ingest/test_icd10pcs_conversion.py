"""The conversion table of ICD-10-PCS, as txt and as spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.readers import icd10pcs_conversion as reader
from ingest.readers.base import OfficialFile
from tests.ingest.official_icd import counts, leaves_others_alone, never_breaks, only, put, refuses, sampled, sheet, table

ROWS = [
    ["0X10AA1", "Invented, new", "2019", "0X10AA2", "Invented, before", "New", "", "10.01"],
    ["0X10AA3", "Invented", "2024", "NoPCS", "No description", "New", "", "04.01"],
    ["0X10AA4", "Invented", "2022", "0X10AA5", "Gone", "Deleted", "a comment", "10.01"],
    ["0X10AA4", "Invented", "2022", "0X10AA5", "Gone", "New", "", "10.01"],
    ["NoPCS", "No description", "2022", "0X10AA6", "Gone", "Deleted", "a comment", "10.01"],
    ["0X10AA7", "New wording", "2017", "0X10AA7", "Old wording", "Revised", "why", "10.01"],
]
HEADER = list(reader.HEADER)


def txt(rows: list[list[str]]) -> str:
    """The txt leaves an empty comment out, with its tab."""
    return table([HEADER, *([*row[:6], *row[6 + (not row[6]) :]] for row in rows)], "\t")


@pytest.mark.parametrize("packing", ["txt", "xlsx"])
def test_both_layouts_say_the_same(tmp_path: Path, packing: str) -> None:
    as_sheet: list[list[object]] = [list(HEADER), *([*row[:2], int(row[2]), *row[3:]] for row in ROWS)]
    file = put(tmp_path, "c.txt", txt(ROWS)) if packing == "txt" else sheet(tmp_path, "c.xlsx", as_sheet)
    assert reader.sniff(file.head())
    reading = reader.read(file)
    assert (reading.release.release, reading.release.valid_from, reading.release.valid_to) == ("April 1, 2024", date(2024, 4, 1), date(2024, 9, 30))
    rows = only(reading)
    assert [(row["code"], row["target"], row["relation"], row["scenario"]) for row in rows] == [
        ("0X10AA2", "0X10AA1", "new", 0),
        ("", "0X10AA3", "new", 0),
        ("0X10AA5", "0X10AA4", "replaced by", 0),
        ("0X10AA5", "0X10AA4", "new", 1),  # the same pair again
        ("0X10AA6", "", "no map", 0),
        ("0X10AA7", "0X10AA7", "revised", 0),
    ]
    assert json.loads(rows[0]["detail"]) == {"effective": 20181001, "title": "Invented, new", "previous_title": "Invented, before"}
    assert json.loads(rows[1]["detail"]) == {"effective": 20240401, "title": "Invented"}
    assert json.loads(rows[4]["detail"]) == {"effective": 20211001, "previous_title": "Gone", "comment": "a comment"}


def test_sniff() -> None:
    assert not reader.sniff(table([HEADER[:-1]], "\t").encode())
    leaves_others_alone(reader)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (ROWS[2][:6], ":8: 6 columns"),
        ([*ROWS[2][:7], "13.01"], "month/day '13.01'"),
        ([*ROWS[2][:2], "20x2", *ROWS[2][3:]], "effective year '20x2'"),
        ([*ROWS[2][:5], "Moved", *ROWS[2][6:]], "change type 'Moved'"),
        (["0X1", *ROWS[2][1:]], "current '0X1'"),
        (["NoPCS", "", "2022", "NoPCS", "", "New", "c", "10.01"], "wanted two codes"),
    ],
)
def test_rows_that_are_refused(tmp_path: Path, row: list[str], words: str) -> None:
    refuses(reader, put(tmp_path, "c.txt", txt(ROWS) + table([row], "\t")), words)


def test_captions_alone(tmp_path: Path) -> None:
    refuses(reader, put(tmp_path, "c.txt", txt([])), "no row")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tail=st.binary(max_size=200))
def test_any_bytes(tmp_path: Path, tail: bytes) -> None:
    never_breaks(reader, tmp_path, "c.txt", txt(ROWS).encode() + tail)


@pytest.mark.data
def test_the_published_files(data: Path, tmp_path: Path) -> None:
    archive = data / "icd10pcs" / "2026-icd-pcs-conversion-table.zip"
    reading = reader.read(OfficialFile(archive, "icd10pcs_conversion_table.txt"))
    rows = only(reading)
    assert (len(rows), reading.release.release) == (17_848, "April 1, 2026")
    packed = zipfile.ZipFile(archive)
    path = Path(packed.extract("icd10pcs_conversion_table.xlsx", tmp_path))
    assert only(reader.read(OfficialFile(path))) == rows
    lines = list(csv.reader(io.StringIO(packed.read("icd10pcs_conversion_table.txt").decode("cp1252"), newline=""), delimiter="\t"))[1:]
    assert counts(rows, lambda row: json.loads(row["detail"])["effective"] // 10000) == _years(lines)
    for line, row in sampled(list(zip(lines, rows, strict=True))):
        assert (row["target"] or "NoPCS", row["code"] or "NoPCS") == (line[0], line[3])
        assert row["relation"] == {"New": "new", "Deleted": "replaced by", "Revised": "revised"}[line[5]] or row["target"] == ""


def _years(lines: list[list[str]]) -> dict[int, int]:
    found: dict[int, int] = {}
    for line in lines:
        year = int(line[2]) - (line[-1] == "10.01")
        found[year] = found.get(year, 0) + 1
    return found
