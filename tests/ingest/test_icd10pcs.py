"""The order file and the code file of ICD-10-PCS."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.readers import icd10pcs
from ingest.readers.base import OfficialFile, ReadError
from tests.ingest.official_icd import leaves_others_alone, never_breaks, only, order_line, put, refuses, sampled

LINES = (
    order_line(1, "0X1", "Invented header") + order_line(2, "0X10AA1", "Invented long title", "Inv title") + order_line(3, "B001ZZZ", "Other, two")
)
PCS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
TITLES = st.text("abc XYZ,.()-é", min_size=1, max_size=90).map(str.strip).filter(bool)
SUMMARY = "Headers\r\n    914 headers in icd10pcs_order_{0}.txt\r\n    917 headers in icd10pcs_order_2026.txt\r\n      3 additions\r\n"


def test_order_file(tmp_path: Path) -> None:
    reading = icd10pcs.read(put(tmp_path, "icd10pcs_order_2026.txt", LINES))
    assert (reading.release.key, reading.release.valid_from, reading.release.valid_to) == ("icd10pcs/FY2026", date(2025, 10, 1), date(2026, 9, 30))
    header, code, _ = only(reading)
    assert header == {"system": "ICD10PCS", "code": "0X1", "title": "Invented header", "short": "Invented header", "parent": None,
                      "kind": "category", "billable": 0, "position": 1}  # fmt: skip
    assert code == {"system": "ICD10PCS", "code": "0X10AA1", "title": "Invented long title", "short": "Inv title", "parent": "0X1",
                    "kind": "code", "billable": 1, "position": 2}  # fmt: skip


def test_code_file(tmp_path: Path) -> None:
    file = put(tmp_path, "icd10pcs_codes_2024.txt", "0X10AA1 Invented title\r\nB001ZZZ Other\r\n")
    assert icd10pcs.sniff(file.head())
    assert [(row["code"], row["title"], row["parent"]) for row in only(icd10pcs.read(file))] == [
        ("0X10AA1", "Invented title", "0X1"), ("B001ZZZ", "Other", "B00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "addenda", "release", "start"),
    [
        ("order.zip", None, "FY2026", date(2025, 10, 1)),
        ("order.zip", 2025, "FY2026", date(2025, 10, 1)),  # compared with the year before
        ("order.zip", 2026, "April 1, 2026", date(2026, 4, 1)),  # compared with the same year: an update within it
        ("april-1-2026-order.zip", None, "April 1, 2026", date(2026, 4, 1)),
    ],
)
def test_update_within_the_year_is_told_by_the_addenda_beside_it(
    tmp_path: Path, name: str, addenda: int | None, release: str, start: date
) -> None:  # fmt: skip
    with zipfile.ZipFile(tmp_path / name, "w") as packed:
        packed.writestr("icd10pcs_order_2026.txt", LINES)
        if addenda:
            packed.writestr("order_addenda_2026.txt", SUMMARY.format(addenda))
    found = icd10pcs.read(OfficialFile(tmp_path / name, "icd10pcs_order_2026.txt")).release
    assert (found.release, found.valid_from, found.valid_to) == (release, start, date(2026, 9, 30))


def test_sniff() -> None:
    assert icd10pcs.sniff(LINES.encode())
    assert icd10pcs.sniff(LINES.encode()[:-20])  # the last line is cut where the head ends
    assert not icd10pcs.sniff(order_line(1, "B00", "Only shapes that").encode() + order_line(2, "B001ZZZ", "ICD-10-CM has too").encode())
    leaves_others_alone(icd10pcs)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("00004 0X10 1 short code\r\n", ":4: '00004 0X10 1 short code' is not order number, code"),
        ("00004 0X10AA2 1 no long title\r\n", ":4: "),
        ("0004  0X10AA2 1 " + "x" * 80 + "\r\n", ":4: "),
        ("00004 0I10AA2 1 " + "x" * 80 + "\r\n", ":4: "),  # no I in ICD-10-PCS
    ],
)
def test_lines_that_are_refused(tmp_path: Path, line: str, words: str) -> None:
    refuses(icd10pcs, put(tmp_path, "icd10pcs_order_2026.txt", LINES + line), words)


def test_year_must_stand_in_the_name(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="keep the name"):
        icd10pcs.read(put(tmp_path, "order.txt", LINES))


def test_repeated_lines_are_counted(tmp_path: Path) -> None:
    reading = icd10pcs.read(put(tmp_path, "order_2026.txt", LINES + LINES))
    assert len(only(reading)) == 3
    assert reading.skipped == {"repeated": 3}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.dictionaries(st.text(PCS, min_size=6, max_size=6).map("0".__add__), TITLES, min_size=1, max_size=20))
def test_round_trip(tmp_path: Path, rows: dict[str, str]) -> None:
    file = put(tmp_path, "icd10pcs_order_2026.txt", "".join(order_line(n, code, title) for n, (code, title) in enumerate(rows.items(), 1)))
    assert icd10pcs.sniff(file.head())
    assert {row["code"]: row["title"] for row in only(icd10pcs.read(file))} == rows


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tail=st.binary(max_size=200))
def test_any_bytes(tmp_path: Path, tail: bytes) -> None:
    never_breaks(icd10pcs, tmp_path, "icd10pcs_order_2026.txt", LINES.encode() + tail)
    never_breaks(icd10pcs, tmp_path, "icd10pcs_codes_2026.txt", b"0X10AA1 Invented\n" + tail)


@pytest.mark.data
def test_the_published_file(data: Path) -> None:
    archive = data / "icd10pcs" / "2026-icd-10-pcs-order-file-long-and-abbreviated-titles.zip"
    reading = icd10pcs.read(OfficialFile(archive, "icd10pcs_order_2026.txt"))
    assert reading.release.release == "April 1, 2026"  # its addenda compare two files of 2026
    rows = {row["position"]: row for row in only(reading)}
    assert len(rows) == 80_110
    assert sum(row["billable"] for row in rows.values()) == 79_193  # as the addenda say
    lines = zipfile.ZipFile(archive).read("icd10pcs_order_2026.txt").decode("cp1252").split("\r\n")
    for line in sampled([line for line in lines if line]):
        row = rows[int(line[:5])]
        assert (row["code"], row["billable"], row["short"], row["title"]) == (line[6:13].strip(), int(line[14]), line[16:76].strip(), line[77:])
        assert row["parent"] == (line[6:9] if line[14] == "1" else None)
