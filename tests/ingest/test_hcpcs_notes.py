from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.readers import hcpcs_notes as reader
from ingest.readers import recognise
from ingest.readers.base import OfficialFile, ReadError
from tests.ingest.official import put

NAME = "proc_notes_JAN2026.txt"
TOP = "                                        PROCESSING NOTES\r\n ________\r\n_\r\n"
BLANK = " " * 91 + "*\r\n"


def records(file: OfficialFile) -> list[tuple[object, ...]]:
    return [record for table, batch in reader.read(file).batches for record in batch if table == "hcpcs_note"]


def notes(rows: list[tuple[str, list[str]]]) -> str:
    """Notes with their continuation lines, each line closed by an asterisk."""
    text = TOP
    for number, lines in rows:
        text += f"          {number}--{lines[0]}".ljust(91) + "*\r\n"
        text += "".join(f"                {line}".ljust(91) + "*\r\n" for line in lines[1:]) + BLANK
    return text


def test_records(tmp_path: Path) -> None:
    text = (
        notes([("0001", ["INVENTED NOTE."]), ("0064", ["SEE SECTION  1", "AND 2 (G0104,", "G0105)."])])
        + "\t  0065--TABS.\t\t *\t\r\n\t\t\t   * \r\n\r\n"
    )
    file = OfficialFile(put(tmp_path, NAME, text))
    assert recognise(file) is reader
    assert records(file) == [("0001", "INVENTED NOTE."), ("0064", "SEE SECTION 1 AND 2 (G0104, G0105)."), ("0065", "TABS.")]
    release = reader.read(file).release
    assert (release.key, release.valid_from, release.valid_to) == ("hcpcs-notes/2026Q1", date(2026, 1, 1), date(2026, 3, 31))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (notes([("0001", ["A"]), ("0001", ["B"])]), ":6: note 0001 stands twice"),
        (TOP + "A preface\r\n" + notes([("0001", ["A"])])[len(TOP) :], ":4: 'A preface' stands before the first note"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        records(OfficialFile(put(tmp_path, NAME, text)))


def test_without_a_year_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="keep the name it was published under"):
        reader.read(OfficialFile(put(tmp_path, "notes.txt", notes([("0001", ["A"])]))))


@pytest.mark.parametrize(
    "text", ["PROCESSING NOTES\r\n", "NOTES\r\n   0001--A\r\n", "On PROCESSING NOTES\r\n   0001--A\r\n", "PROCESSING NOTES\n0001 A\n"]
)
def test_near_misses_are_not_recognised(tmp_path: Path, text: str) -> None:
    assert recognise(OfficialFile(put(tmp_path, NAME, text))) is None


texts = st.lists(st.text("ABCDEFG ,.()", min_size=1, max_size=60).map(lambda t: "X" + " ".join(t.split()) + "X"), min_size=1, max_size=4)


@given(st.lists(texts, min_size=1, max_size=20))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    numbered = [(f"{n:04}", lines) for n, lines in enumerate(rows, start=1)]
    found = records(OfficialFile(put(tmp_path_factory.mktemp("notes"), NAME, notes(numbered))))
    assert found == [(number, " ".join(lines)) for number, lines in numbered]


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_records_or_one_error(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    file = OfficialFile(put(tmp_path_factory.mktemp("junk"), NAME, TOP.encode() + junk))
    try:
        records(file)
    except ReadError as error:
        assert str(error).startswith(NAME)  # noqa: PT017


@pytest.mark.data
def test_official_notes(data: Path) -> None:
    path = data / "hcpcs" / NAME
    text = path.read_text("cp1252")
    found = [(str(number), str(note)) for number, note in records(OfficialFile(path))]
    assert [number for number, _ in found] == re.findall(r"^\s+(\d{4})--", text, re.MULTILINE)
    assert len(found) == 234
    words = " ".join(text.replace("*", " ").split())
    assert all(f"{number}--{note}" in words for number, note in found)
