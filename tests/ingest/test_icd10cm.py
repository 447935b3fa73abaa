from __future__ import annotations

import re
import warnings
from collections import Counter
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.archives import opened
from ingest.readers import icd10cm
from ingest.readers.base import OfficialFile, ReadError, Reading
from ingest.readers.icd10cm import Entry
from tests.ingest.official_cm import put, records

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
    return {entry.code: entry for entry in icd10cm.entries(tmp_path)}


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
    assert small["A01.0XXA"].title == "Broken arm, initial"  # without the note behind the meaning, as in the order file
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


def standalone(folder: Path, text: str = TABULAR, name: str = "icd10cm-tabular-2026.xml") -> Reading:
    return icd10cm.read(put(folder, name, text))


def test_a_downloaded_list_needs_no_code_list(tmp_path: Path) -> None:
    assert icd10cm.sniff(TABULAR.encode())
    reading = standalone(tmp_path)
    assert (reading.release.key, reading.release.valid_from, reading.release.valid_to) == ("icd10cm/FY2026", date(2025, 10, 1), date(2026, 9, 30))
    found = records(reading)
    assert [record[1:] for record in found["listing"]][6:10] == [
        ("A01.0XXA", "Broken arm, initial", "A01.0", "code", 1, 6),
        ("A01.0XXD", "Broken arm, later", "A01.0", "code", 1, 7),
        ("A01.10", "Broken leg", "A01", "category", 0, 8),
        ("A01.10XA", "Broken leg, initial", "A01.10", "code", 1, 9),
    ]
    assert ("A01", "seventh", 2, "A: initial/of the first visit") in found["note"]
    terms = {record[0]: (record[4], record[7]) for record in found["passage"]}
    assert terms["term/ICD10CM/A01/0"] == ("other thing", "A00, Excludes1")
    assert (terms["term/ICD10CM/A01/2"], terms["term/ICD10CM/A01.10/0"]) == (("a crack", "A01, inclusion term"), ("Broken leg", "A01.10"))
    assert not any(code in key for key in terms for code in ("A01.10XA", "A01.0XXA"))


def test_the_update_is_named_by_the_file(tmp_path: Path) -> None:
    release = standalone(tmp_path, name="icd10cm-tabular-April-1-2026.xml").release
    assert (release.key, release.valid_from) == (icd10cm.RELEASE.key, icd10cm.RELEASE.valid_from)


def test_combinations_that_a_note_takes_back(tmp_path: Path) -> None:
    note = "7th characters D and S do not apply to codes in category A01 with 6th character 7 - one thing, or 8 - another."
    text = TABULAR.replace("<name>A01.10</name>", "<name>A01.117</name>").replace(
        "<sevenChrNote>", f"<notes><note>{note}</note></notes><sevenChrNote>"
    )
    reading = standalone(tmp_path, text)
    codes = [record[1] for record in records(reading)["listing"]]
    assert "A01.117A" in codes
    assert "A01.117D" not in codes
    assert reading.skipped == {"7th characters that a note takes back": 1}


FAULTS = [
    (TABULAR.replace("<version>2026</version>", ""), "no <version>"),
    (TABULAR.replace("</section>", "", 1), "not well-formed XML"),
    (TABULAR.replace("<name>A01.0</name>", ""), "a <diag> without <name>"),
    (TABULAR.replace("<desc>Broken arm</desc>", ""), "a <diag> without <desc>: A01.0"),
    (TABULAR.replace('char="A"', ""), "A01: an <extension> with char ''"),
    (TABULAR.replace("A01.10", "A01.0"), "A01.0 stands twice"),
]


@pytest.mark.parametrize(("text", "message"), FAULTS)
def test_faults_are_told(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=message):
        records(standalone(tmp_path, text))


@pytest.mark.parametrize("head", ["", "<ICD10CM.index>", "<ICD10PCS.tabular>", "ICD10CM.tabular"])
def test_other_formats_are_left_alone(head: str) -> None:
    assert not icd10cm.sniff(head.encode())


@given(content=st.binary(max_size=60), at=st.integers(0, 1400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_any_bytes_give_rows_or_a_read_error(content: bytes, at: int, tmp_path: Path) -> None:
    whole = TABULAR.encode()
    with suppress(ReadError):
        records(icd10cm.read(put(tmp_path, "icd10cm-tabular-2026.xml", whole[:at] + content + whole[at:])))


def test_both_ways_to_the_7th_characters_give_the_same_codes() -> None:
    packaged = records(icd10cm.package())
    downloaded = icd10cm.read(OfficialFile(icd10cm.folder() / icd10cm.TABULAR))
    assert records(downloaded) == packaged
    assert {table: len(rows) for table, rows in packaged.items()} == {"listing": 98_505, "note": 26_952, "passage": 64_696}
    assert downloaded.skipped == {"7th characters that a note takes back": 76}


def test_titles_of_7th_characters_are_those_of_the_code_file(data: Path, tmp_path: Path) -> None:
    with opened([data / "icd10cm" / "icd10cm-codes-2024.zip"], tmp_path) as found, found.files[0].open() as raw:
        titles = {line[:7].strip(): line[8:].strip() for line in raw.read().decode().splitlines()}
    both = [(entry.title, titles[key]) for code, entry in icd10cm.codes().items() if entry.expanded and (key := code.replace(".", "")) in titles]
    assert len(both) > 50_000
    assert sum(one != other for one, other in both) < 100  # accents, and titles that were revised since


def test_agrees_with_the_package_on_every_entry() -> None:
    entries = icd10cm.codes()
    assert len(entries) == 98_505 == len(package.get_all_codes())
    billable = 0
    for code, entry in entries.items():
        if entry.kind in ("chapter", "block"):
            continue
        described = plain(package.get_description(code))
        assert described.startswith(entry.title) if entry.expanded else entry.title.replace("/ ", "/") == described, code
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
