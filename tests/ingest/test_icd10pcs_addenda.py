"""The addenda of ICD-10-PCS."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.readers import icd10pcs_addenda
from ingest.readers.base import OfficialFile, ReadError
from tests.ingest.official_icd import addenda_line, counts, leaves_others_alone, never_breaks, only, put, refuses

ADD = addenda_line("Add:", "0X10AA1", "Invented title")
DELETE = addenda_line("Delete:", "0X10AA2", "Gone")
REVISE = addenda_line("Revise from:", "0X10AA3", "Same long", "Old short") + addenda_line("Revise to:", "0X10AA3", "Same long", "New short")
LONG = addenda_line("Revise from:", "0X10AA4", "Old long") + addenda_line("Revise to:", "0X10AA4", "New long")


def summary(before: int, after: int, additions: int = 1, deletions: int = 1, revisions: int = 2) -> str:
    """The end of the file."""
    return (
        f"\r\nHeaders\r\n    914 headers in icd10pcs_order_{before}.txt\r\n    917 headers in icd10pcs_order_{after}.txt\r\n      0 additions\r\n\r\n"
        f"Codes\r\n    1 codes in icd10pcs_order_{before}.txt\r\n    1 codes in icd10pcs_order_{after}.txt\r\n      {additions} additions\r\n"
        f"      {deletions} deletions\r\n      {revisions} revisions\r\n    of which\r\n      1 revisions to short title only\r\n"
    )


def test_changes(tmp_path: Path) -> None:
    file = put(tmp_path, "order_addenda_2026.txt", ADD + DELETE + REVISE + LONG + summary(2025, 2026))
    assert icd10pcs_addenda.sniff(file.head())
    reading = icd10pcs_addenda.read(file)
    assert (reading.release.release, reading.release.valid_from) == ("FY2026", date(2025, 10, 1))
    assert [(row["code"], row["action"], row["before"], row["after"]) for row in only(reading)] == [
        ("0X10AA1", "added", "", "Invented title"),
        ("0X10AA2", "deleted", "Gone", ""),
        ("0X10AA3", "revised", "Old short", "New short"),  # the long title stayed
        ("0X10AA4", "revised", "Old long", "New long"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "day"), [(2025, 2026, date(2025, 10, 1)), (2026, 2026, date(2026, 4, 1)), (2021, 2021, date(2021, 1, 1))]
)  # fmt: skip
def test_start(tmp_path: Path, before: int, after: int, day: date) -> None:
    assert icd10pcs_addenda.start(put(tmp_path, "a.txt", ADD + summary(before, after))) == (after, day)


def test_without_summary_the_name_tells(tmp_path: Path) -> None:
    assert icd10pcs_addenda.read(put(tmp_path, "order_addenda_2026.txt", ADD)).release.release == "FY2026"
    with pytest.raises(ReadError, match="keep the name"):
        icd10pcs_addenda.read(put(tmp_path, "addenda.txt", ADD))


def test_addenda_of_the_code_file_have_one_title(tmp_path: Path) -> None:
    title = "An invented title that is much longer than sixty characters and has no second column"
    (row,) = only(icd10pcs_addenda.read(put(tmp_path, "codes_addenda_2026.txt", f"Add:         0X10AA1 {title}\r\n")))
    assert row["after"] == title


def test_sniff() -> None:
    assert icd10pcs_addenda.sniff(ADD.encode())
    assert not icd10pcs_addenda.sniff(addenda_line("Add:", "B373", "As in ICD-10-CM").encode())
    leaves_others_alone(icd10pcs_addenda)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (addenda_line("Revise from:", "0X10AA3", "Old"), "without `Revise to:`"),
        (addenda_line("Revise to:", "0X10AA3", "New"), "a revision is one line"),
        (addenda_line("Revise from:", "0X10AA3", "Old") + ADD, "a revision is one line"),
        (ADD + "Add:         0X1 short line\r\n", ":2: "),
        (ADD + summary(2025, 2026, additions=2, deletions=0, revisions=0), "cut off"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, text: str, words: str) -> None:
    refuses(icd10pcs_addenda, put(tmp_path, "order_addenda_2026.txt", text), words)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tail=st.binary(max_size=200))
def test_any_bytes(tmp_path: Path, tail: bytes) -> None:
    never_breaks(icd10pcs_addenda, tmp_path, "order_addenda_2026.txt", ADD.encode() + tail)


@pytest.mark.data
def test_the_published_file(data: Path) -> None:
    archive = data / "icd10pcs" / "2026-icd-10-pcs-order-file-long-and-abbreviated-titles.zip"
    reading = icd10pcs_addenda.read(OfficialFile(archive, "order_addenda_2026.txt"))
    assert reading.release.valid_from == date(2026, 4, 1)
    assert counts(only(reading), lambda row: row["action"]) == {"added": 83, "deleted": 2, "revised": 1}
