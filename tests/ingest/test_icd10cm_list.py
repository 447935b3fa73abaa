from __future__ import annotations

import random
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.archives import opened
from ingest.readers import icd10cm_list
from ingest.readers.base import OfficialFile, ReadError, dotted
from tests.ingest.official_cm import ENTRIES, code_file, order_file, order_line, packed, put, records, sheet

PRINTED = st.characters(min_codepoint=33, max_codepoint=126)
TITLES = st.lists(st.text(PRINTED, min_size=1, max_size=12), min_size=1, max_size=6).map(" ".join)


def read(file: OfficialFile) -> list[dict[str, object]]:
    reading = icd10cm_list.read(file)
    return [dict(zip(icd10cm_list.COLUMNS, record, strict=True)) for record in records(reading)["listing"]]


def test_an_order_file(tmp_path: Path) -> None:
    file = put(tmp_path, "icd10cm-order-Jan-2021.txt", order_file())
    assert icd10cm_list.sniff(file.head())
    release = icd10cm_list.read(file).release
    assert (release.key, release.valid_from, release.valid_to) == (
        "icd10cm-list/order/FY2021, January 2021", date(2021, 1, 1), date(2021, 9, 30),
    )  # fmt: skip
    found = read(file)
    assert [(row["code"], row["kind"], row["billable"], row["parent"], row["position"]) for row in found] == [
        ("A00", "category", 0, None, 1),
        ("A00.0", "code", 1, "A00", 2),
        ("A00.9", "code", 1, "A00", 3),
        ("W19", "category", 0, None, 4),
        ("W19.XXXA", "code", 1, "W19", 5),
        ("Z99", "category", 0, None, 6),
        ("Z99.8", "category", 0, "Z99", 7),
        ("Z99.89", "code", 1, "Z99.8", 8),
        ("U07", "category", 0, None, 9),
        ("U07.1", "code", 1, "U07", 10),
    ]
    assert found[1]["title"] == found[1]["short"] == "Invented fever of the left"


def test_a_code_file(tmp_path: Path) -> None:
    file = put(tmp_path, "icd10cm-codes-2024.txt", code_file())
    assert icd10cm_list.sniff(file.head())
    release = icd10cm_list.read(file).release
    assert (release.key, release.valid_from, release.valid_to) == ("icd10cm-list/codes/FY2024", date(2023, 10, 1), date(2024, 9, 30))
    assert [(row["code"], row["title"], row["billable"], row["parent"]) for row in read(file)] == [
        ("A00.0", "Invented fever of the left", 1, None),
        ("A00.9", "Invented fever, unspecified", 1, None),
        ("W19.XXXA", "Invented fall, initial encounter", 1, None),
        ("Z99.89", "Invented dependence, other", 1, None),
        ("U07.1", "Invented emergency one", 1, None),
    ]


def test_the_archive_names_the_update(tmp_path: Path) -> None:
    file = packed(tmp_path, "april-1-2026-code-descriptions-tabular-order.zip", "icd10cm_order_2026.txt", order_file(end="\n"))
    assert icd10cm_list.read(file).release.release == "FY2026, April 2026"


def test_a_short_title_of_its_own_and_a_long_one_that_is_missing(tmp_path: Path) -> None:
    lines = [order_line(n, *entry) for n, entry in enumerate(ENTRIES, start=1)]
    lines[1] = order_line(2, "A000", True, "Invented fever of the left", "Inv fever, left")
    lines[2] = order_line(3, "A009", True, "Invented fever, unspecified")[:76]
    found = read(put(tmp_path, "icd10cm-order-2026.txt", "\n".join(lines)))
    assert (found[1]["title"], found[1]["short"]) == ("Invented fever of the left", "Inv fever, left")
    assert found[2]["title"] == "Invented fever, unspecified"


OTHERS = [
    ("", "nothing"),
    ("00001 001     0 Invented section            Invented section\n00002 0016070 1 Invented bypass      Invented bypass\n", "ICD-10-PCS order file"),
    ("0016070 Invented bypass of the ventricle\n0016071 Invented bypass too\n", "ICD-10-PCS code file"),
    ("A000    0010 10000\nA001    0011 10000\n", "equivalence map from ICD-10-CM"),
    ("A000    0010  00000\n", "one line of it"),
    ("0010  A000    00000\n", "equivalence map to ICD-10-CM"),
    ("A00\nA000\n", "codes alone"),
    ("Add:         A000    Invented\n", "addenda"),
    ("Order26\tPOAexemptCode\tDescription\n00001\tA00.0\tInvented\n", "POA-exempt list"),
    ("A0021001003Invented ambulance service                \n", "HCPCS record"),
    ("A000    Invented\nTotals follow here\n", "a line that is no code"),
]


@pytest.mark.parametrize(("head", "why"), OTHERS)
def test_other_formats_are_left_alone(head: str, why: str) -> None:
    assert not icd10cm_list.sniff(head.encode()), why


def test_a_spreadsheet_of_the_same_is_left_alone(tmp_path: Path) -> None:
    assert not icd10cm_list.sniff(sheet(tmp_path, "x.xlsx", [["A000", "Invented"], ["A001", "Invented"]]).head())


FAULTS = [
    (order_file().replace("00003", "00004"), r":3: order number '00004', wanted 00003"),
    (order_file().replace("A009    1", "A009    2"), r":3: .*no line of an order file"),
    (order_file().replace("A009 ", "A0-9 "), r":3: .*no line of an order file"),
    (order_file(ENTRIES[:5]), r":5: ends before Z99: the file is cut off"),
    (order_file(ENTRIES[3:]), r":1: begins with W19 and not with A00"),
    (order_file([*ENTRIES[:3], ENTRIES[1], *ENTRIES[3:]]), r":4: A000 stands twice"),
    (code_file().replace("A009    ", "A009 "), r":2: .*no line of a code file"),
    (code_file([*ENTRIES, ENTRIES[1]]), r":6: A000 stands twice"),
    (code_file(ENTRIES[:5]), r":3: ends before Z99"),
]


@pytest.mark.parametrize(("content", "message"), FAULTS)
def test_faults_are_told_with_their_line(content: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=message):
        read(put(tmp_path, "icd10cm-2026.txt", content))


def test_a_name_without_a_year_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="keep the name it was published under"):
        icd10cm_list.read(put(tmp_path, "order.txt", order_file()))


@given(titles=st.lists(TITLES, min_size=len(ENTRIES), max_size=len(ENTRIES)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_rows_come_back_as_they_were_written(titles: list[str], tmp_path: Path) -> None:
    entries = [(code, billable, title) for (code, billable, _), title in zip(ENTRIES, titles, strict=True)]
    found = read(put(tmp_path, "icd10cm-order-2026.txt", order_file(entries)))
    assert [(row["code"], bool(row["billable"]), row["title"]) for row in found] == [(dotted(c), b, t) for c, b, t in entries]
    found = read(put(tmp_path, "icd10cm-codes-2026.txt", code_file(entries)))
    assert [(row["code"], row["title"]) for row in found] == [(dotted(c), t) for c, b, t in entries if b]


@given(content=st.binary(max_size=300), at=st.integers(0, 1200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_any_bytes_give_rows_or_a_read_error(content: bytes, at: int, tmp_path: Path) -> None:
    whole = order_file().encode()
    file = put(tmp_path, "icd10cm-order-2026.txt", whole[:at] + content + whole[at:])
    with suppress(ReadError):
        read(file)


def test_the_official_files(data: Path, tmp_path: Path) -> None:
    wanted = {"icd10cm-order-Jan-2021.zip": (95_358, 72_621), "icd10cm-codes-2024.zip": (74_044, 74_044)}
    for name, (rows, billable) in wanted.items():
        with opened([data / "icd10cm" / name], tmp_path) as found:
            (file,) = found.files
            assert icd10cm_list.sniff(file.head())
            listed = read(file)
            with file.open() as raw:
                plain = raw.read().decode().splitlines()
        assert (len(listed), sum(bool(row["billable"]) for row in listed)) == (rows, billable)
        for number in random.Random(name).sample(range(rows), 500):
            line, row = plain[number], listed[number]
            code, title = (line[6:13], line[77:]) if "order" in name else (line[:7], line[8:])
            assert (str(row["code"]).replace(".", ""), row["title"]) == (code.strip(), title.strip())
            if "order" in name:
                assert (row["billable"], row["short"]) == (int(line[14]), line[16:76].strip())
                assert row["parent"] is None or str(row["code"]).startswith(str(row["parent"]))
