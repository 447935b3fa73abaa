from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.readers.base import OfficialFile, ReadError
from ingest.readers.icd10cm_files import CODE, SHOWN, Edition, decoded, edition, elements, lines, text_of, version
from tests.ingest.official_cm import packed, put

NAMES = [
    ("icd10cm-order-Jan-2021.txt", Edition(2021, "January")),
    ("icd10cm-codes-2024.txt", Edition(2024)),
    ("icd10cm_order_2027.txt", Edition(2027)),
    ("icd10cm-order-April-2026.txt", Edition(2026, "April")),
    ("icd10cm-tabular-April-1-2026-XML.xml", Edition(2026, "April")),
    ("icd10cm-codes-addenda-2023.txt", Edition(2023)),
    ("codes FY26.txt", Edition(2026)),
    ("FY 2025 january order.txt", Edition(2025, "January")),
    ("janitors-2025.txt", Edition(2025)),  # no month
]


@pytest.mark.parametrize(("name", "wanted"), NAMES)
def test_the_edition_in_a_name(name: str, wanted: Edition) -> None:
    assert edition(OfficialFile(Path(name))) == wanted


def test_the_archive_tells_what_its_member_does_not(tmp_path: Path) -> None:
    file = packed(tmp_path, "april-1-2026-code-descriptions-tabular-order.zip", "icd10cm_order_2026.txt", "x")
    assert edition(file) == Edition(2026, "April")
    assert edition(OfficialFile(Path("x"), "order.txt", within=("april-1-2025.zip", "inner.zip"))) == Edition(2025, "April")


def test_the_year_of_the_content_comes_before_that_of_the_name() -> None:
    assert edition(OfficialFile(Path("index-2020.xml")), 2027) == Edition(2027)
    with pytest.raises(ReadError, match="keep the name"):
        edition(OfficialFile(Path("order.txt")))


def test_days_of_an_edition() -> None:
    assert (Edition(2024).name, Edition(2024).valid_from, Edition(2024).valid_to) == ("FY2024", date(2023, 10, 1), date(2024, 9, 30))
    update = Edition(2021, "January")
    assert (update.name, update.valid_from, update.valid_to) == ("FY2021, January 2021", date(2021, 1, 1), date(2021, 9, 30))
    assert Edition(2026, "April").valid_from == date(2026, 4, 1)


@pytest.mark.parametrize("code", ["A00", "A000", "W19XXXA", "C7A", "M1A0110", "QA00101", "Z1A"])
def test_codes(code: str) -> None:
    assert CODE.fullmatch(code)
    assert SHOWN.fullmatch(code[:3] + ("." + code[3:] if code[3:] else ""))


@pytest.mark.parametrize("code", ["", "A0", "0016070", "AAA", "A00.0", "a00", "A0000000", "A٠0"])
def test_what_is_no_code(code: str) -> None:
    assert not CODE.fullmatch(code)


def test_lines_in_either_encoding(tmp_path: Path) -> None:
    file = put(tmp_path, "x.txt", "é utf-8\r\n".encode() + "é cp1252\n".encode("cp1252") + b"end\x1a")
    assert list(lines(file)) == [(1, "é utf-8"), (2, "é cp1252"), (3, "end")]
    assert decoded(b"\xef\xbb\xbfA") == "A"


def test_elements_as_they_end(tmp_path: Path) -> None:
    file = put(tmp_path, "x.xml", "<r><version>2027</version><a>one <b> two</b></a><a/></r>")
    assert [text_of(element) for element in elements(file, "a")] == ["one two", ""]
    assert version(file) == 2027
    with pytest.raises(ReadError, match=r"x.xml:2: not well-formed"):
        list(elements(put(tmp_path, "x.xml", "<r>\n<a></r>"), "a"))
    with pytest.raises(ReadError, match="no <version>"):
        version(put(tmp_path, "x.xml", "<r/>"))
