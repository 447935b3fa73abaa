from __future__ import annotations

import re
import warnings
from collections import Counter
from pathlib import Path

import pytest

from ingest.readers import icd10cm
from ingest.readers.icd10cm import Entry

with warnings.catch_warnings():  # the package reads its data in a way that Python has deprecated
    warnings.simplefilter("ignore")
    import simple_icd_10_cm as package

TABULAR = """<?xml version="1.0"?><ICD10CM.tabular><version>2026</version><introduction/>
<chapter><name>1</name><desc>A chapter</desc><notes><note>Of the chapter</note></notes>
  <sectionIndex><sectionRef first="A00" last="A01"/></sectionIndex>
  <section id="A00"><desc>One category</desc>
    <diag><name>A00</name><desc>Plain</desc><excludes1><note>other\n   thing (A01.-)</note></excludes1></diag></section>
  <section id="A01-A02"><desc>Two</desc>
    <diag><name>A01</name><desc>Broken bone</desc><inclusionTerm><note>a crack</note></inclusionTerm>
      <sevenChrNote><note>Add a character</note></sevenChrNote>
      <sevenChrDef><extension char="A">initial</extension><note>of the first visit</note><extension char="D">later</extension></sevenChrDef>
      <diag><name>A01.0</name><desc>Broken arm</desc></diag>
      <diag><name>A01.10</name><desc>Broken leg</desc></diag></diag></section>
</chapter></ICD10CM.tabular>"""
LIST = "1\nA00\nA00\nA01-A02\nA01\nA010\nA010XXA\nA010XXD\nA0110\nA0110XA\n"


@pytest.fixture
def small(tmp_path: Path) -> dict[str, Entry]:
    (tmp_path / icd10cm.TABULAR).write_text(TABULAR, encoding="utf-8")
    (tmp_path / icd10cm.LIST).write_text(LIST, encoding="utf-8")
    return {entry.code: entry for entry in icd10cm.read(tmp_path)}


def test_entries_in_the_order_of_the_book(small: dict[str, Entry]) -> None:
    assert [(e.code, e.kind, e.parent) for e in small.values()] == [
        ("1", "chapter", None),
        ("A00-A00", "block", "1"),  # named like its category in the file
        ("A00", "code", "A00-A00"),
        ("A01-A02", "block", "1"),
        ("A01", "category", "A01-A02"),
        ("A01.0", "category", "A01"),
        ("A01.0XXA", "code", "A01.0"),
        ("A01.0XXD", "code", "A01.0"),
        ("A01.10", "category", "A01"),
        ("A01.10XA", "code", "A01.10"),  # no D: the list does not have it
    ]


def test_seventh_characters_come_from_an_ancestor(small: dict[str, Entry]) -> None:
    assert small["A01.0XXA"].title == "Broken arm, initial/of the first visit"
    assert small["A01.10XA"].expanded
    assert [code for code, entry in small.items() if entry.billable] == ["A00", "A01.0XXA", "A01.0XXD", "A01.10XA"]


def test_notes_stand_where_they_are_written(small: dict[str, Entry]) -> None:
    assert small["1"].notes == (("note", "Of the chapter"),)
    assert small["A00"].notes == (("excludes1", "other thing (A01.-)"),)
    assert small["A01"].notes == (
        ("inclusion", "a crack"),
        ("seventh", "Add a character"),
        ("seventh", "A: initial/of the first visit"),
        ("seventh", "D: later"),
    )
    assert small["A01.0"].notes == ()


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().replace("/ ", "/")


def test_agrees_with_the_package_on_every_entry() -> None:
    entries = icd10cm.codes()
    assert len(entries) == 98_505 == len(package.get_all_codes())
    billable = 0
    for code, entry in entries.items():
        if entry.kind in ("chapter", "block"):
            continue
        assert entry.title.replace("/ ", "/") == plain(package.get_description(code)), code
        assert entry.billable == package.is_leaf(code), code
        assert package.get_parent(code) in (entry.parent, str(entry.parent).partition("-")[0]), code
        billable += entry.billable
    assert billable == 74_719


def test_has_every_note_of_the_package() -> None:
    asked = {"includes": package.get_includes, "inclusion": package.get_inclusion_term}
    asked |= {"excludes1": package.get_excludes1, "excludes2": package.get_excludes2}
    for code, entry in icd10cm.codes().items():
        if not entry.expanded and entry.kind not in ("chapter", "block"):
            for kind, ask in asked.items():
                assert [plain(t) for k, t in entry.notes if k == kind] == [plain(t) for t in ask(code)], (code, kind)
    kinds = Counter(kind for entry in icd10cm.codes().values() for kind, _ in entry.notes)
    xml = (icd10cm.folder() / icd10cm.TABULAR).read_text(encoding="utf-8")
    written = {tag: sum(block.count("<note>") for block in re.findall(f"<{tag}>.*?</{tag}>", xml, re.DOTALL)) for tag in icd10cm.NOTES}
    written["sevenChrNote"] += xml.count("<extension ")
    assert {kind: kinds[kind] for kind in icd10cm.NOTES.values()} == {kind: written[tag] for tag, kind in icd10cm.NOTES.items()}


@pytest.mark.parametrize(
    ("code", "billable"),
    [
        ("M54.5", False),
        ("M54.50", True),
        ("S72.001A", True),
        ("S72.001", False),
        ("T36.0X5A", True),
        ("W19.XXXA", True),
        ("W19", False),
        ("I10", True),
        ("A00-A09", False),
        ("1", False),
    ],
)
def test_known_codes(code: str, billable: bool) -> None:
    assert icd10cm.codes()[code].billable is billable


@pytest.mark.parametrize("code", ["M54.51X", "S72.001Z", "A00-A08", "M5450"])
def test_made_up_codes_are_absent(code: str) -> None:
    assert code not in icd10cm.codes()
