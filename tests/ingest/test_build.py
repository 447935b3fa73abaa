from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from corpus import schema
from corpus.codebook import Codebook
from corpus.editions import current
from corpus.model import Setting, System
from corpus.passages import COLLECTIONS, PassageIndex
from corpus.shelf import is_partial
from ingest.build import Result, add, build
from ingest.fresh import is_current
from ingest.readers.icd10cm import Entry
from ingest.store import reading
from tests.ingest.official import derived_ptp, fee_row, fee_schedule, put
from tests.ingest.texts import write

TABULAR = [
    Entry("1", "A chapter", "chapter", None, ()),
    Entry("A00-A09", "Tears", "block", "1", (("excludes2", "old tears (B00.1, B00.2)"),)),
    Entry(
        "A01", "Torn part", "category", "A00-A09", (("inclusion", "ripped part"), ("excludes1", "worn part (B00.-)"), ("excludes1", "no code here"))
    ),
    Entry("A01.1", "Torn left part", "category", "A01", (("inclusion", "Torn left part"),)),
    Entry("A01.1XXA", "Torn left part, initial", "code", "A01.1", (), expanded=True),
    Entry("B00", "Worn part", "category", "A00-A09", ()),
    Entry("B00.1", "Worn left part", "code", "B00", ()),
    Entry("B00.2", "Worn right part", "code", "B00", ()),
]
TERMS = {
    "term/ICD10CM/1/0": "A chapter",
    "term/ICD10CM/A00-A09/0": "Tears",
    "term/ICD10CM/A01/0": "Torn part",
    "term/ICD10CM/A01/1": "ripped part",
    "term/ICD10CM/A01.1/0": "Torn left part",  # the inclusion term says the same
    "term/ICD10CM/B00/0": "worn part",  # an Excludes phrase leads to the code in its brackets; the title below says the same
    "term/ICD10CM/B00.1/0": "old tears",
    "term/ICD10CM/B00.1/1": "Worn left part",
    "term/ICD10CM/B00.2/0": "old tears",
    "term/ICD10CM/B00.2/1": "Worn right part",
}


def run(folder: Path) -> Result:
    return build(folder=folder, tabular=TABULAR)


def rows(query: str, *values: object) -> list[tuple[Any, ...]]:
    with reading(current().database) as db:
        return db.execute(query, values).fetchall()


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A home with one built edition, which the tests copy."""
    folder = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODEBOOK_HOME", str(folder))
        return folder, run(write(folder / "shipped"))


@pytest.fixture
def built(once: tuple[Path, Result], home: Path, tmp_path: Path) -> Result:
    shutil.copytree(once[0], home)
    shutil.copytree(once[0] / "shipped", tmp_path / "shipped")
    return once[1]


def test_a_built_edition_answers(built: Result) -> None:
    assert built.faults == []
    codebook = Codebook(current())
    page = codebook.page("10001")
    assert page is not None
    assert (page.title, page.place, page.citations[0].source.title) == ("First repair of an invented part", "codes/parts.yaml:1", "A manual")
    assert page.history[0].citation.source.key == "publication/book"
    modifier, article = codebook.modifier("51"), codebook.article("mending")
    assert modifier is not None
    assert modifier.together == (("LT", "Names the side."),)
    assert article is not None
    assert article.topics == ("closing a tear",)
    fee = codebook.fee("10002", date(2025, 11, 1))
    assert fee.value is not None
    assert (fee.value.global_days, fee.value.descriptor, fee.value.conversion_factor) == ("ZZZ", "", 32.5)
    assert fee.source is not None
    assert is_partial(fee.source)
    limit = codebook.unit_limit("10001", date(2026, 5, 1)).value
    assert limit is not None
    assert (limit.units, limit.mai) == (2, 2)
    edits = codebook.edits("10002", "10001", date(2024, 8, 1), Setting.FACILITY).value or []
    assert [(e.effective, e.deleted, e.indicator) for e in edits] == [(None, None, 0), (date(2010, 1, 1), date(2019, 12, 31), 1)]
    meaning = codebook.indicator("team", "0")
    assert meaning is not None
    assert (meaning.meaning, meaning.citation.place) == ("Not permitted.", "Chapter V")
    assert [event.event for event in codebook.history("10001", System.CPT)] == ["added", "first seen"]
    code = codebook.code("A01.1XXA", System.ICD10CM)
    assert code is not None
    assert [above.code for above in codebook.ancestors(code)] == ["A01.1", "A01", "A00-A09", "1"]
    assert [note.text for note in codebook.notes(code) if note.kind == "inclusion"] == ["Torn left part", "ripped part"]
    codebook.close()


def test_procedure_codes_with_and_without_a_page(built: Result) -> None:
    query = "SELECT code, title, has_page FROM code WHERE system = 'CPT' ORDER BY code"
    assert rows(query) == [("00001", "", 0), ("10001", "First repair of an invented part", 1), ("10002", "Repair of each further invented part", 1)]


def test_terms_lead_to_codes(built: Result) -> None:
    assert dict(rows("SELECT key, title FROM passage WHERE kind = 'term' AND system = 'ICD10CM'")) == TERMS
    assert rows("SELECT place FROM passage WHERE key = 'term/ICD10CM/B00/0'") == [("A01, Excludes1",)]
    terms = rows("SELECT key, title FROM passage WHERE kind = 'term' AND system <> 'ICD10CM' ORDER BY key")
    assert terms[:3] == [
        ("term/CPT/10001/0", "First repair of an invented part"), ("term/CPT/10001/1", "part repair"), ("term/CPT/10001/2", "mending"),
    ]  # fmt: skip
    assert ("term/MODIFIER/51/1", "multiple procedures") in terms


def test_passages_of_pages_modifiers_and_articles(built: Result) -> None:
    keys = [key for (key,) in rows("SELECT key FROM passage WHERE kind <> 'term' ORDER BY id")]
    sections = ("summary", "when", "steps", "afterwards", "record", "billing", "neighbors")
    assert keys[:7] == [f"page/CPT/10001/{section}" for section in sections]
    assert "page/CPT/10002/steps" not in keys  # the page has none
    assert keys[-5:] == ["modifier/51", "modifier/LT", "article/mending/1", "article/mending/2", "article/mending/3"]
    assert rows("SELECT text FROM passage WHERE key = 'page/CPT/10001/billing'") == [("One unit a side.",)]  # without the marker
    assert rows("SELECT title, place FROM passage WHERE key = 'article/mending/3'") == [
        ("How parts are mended: Example", "guidelines/mending.md, Example"),
    ]


@pytest.mark.parametrize(
    ("words", "kind", "key"),
    [
        ("ripped", "term", "term/ICD10CM/A01/1"),
        ("tears", "term", "term/ICD10CM/A00-A09/0"),
        ("rest week", "page", "page/CPT/10001/afterwards"),
        ("mending", "page", "page/CPT/10001/summary"),  # by a synonym that the summary does not hold
        ("closing tear", "article", "article/mending/1"),  # by a topic
        ("multiple", "modifier", "modifier/51"),
    ],
)
def test_full_text_finds_it(built: Result, words: str, kind: str, key: str) -> None:
    codebook = Codebook(current())
    assert key in [found for found, _ in codebook.full_text(words, (kind,))]
    codebook.close()


def test_every_embedded_passage_has_a_vector_and_only_new_ones_are_made(built: Result, home: Path, tmp_path: Path) -> None:
    def keys() -> set[str]:
        index = PassageIndex(current().chroma)
        try:
            return {key for name in COLLECTIONS for key in index.keys(name)}
        finally:
            index.close()

    wanted = {key for (key,) in rows("SELECT key FROM passage WHERE digest IS NOT NULL")}
    assert keys() == wanted
    assert built.embedded == len(wanted)
    assert run(tmp_path / "shipped").embedded == 0  # the words are the same
    changed = write(tmp_path / "changed", {"codes/parts.yaml": ("synonyms: [part repair, mending]", "synonyms: [patching]")})
    assert run(changed).embedded == 2  # the new term, and the summary that it also finds
    assert keys() == wanted - {"term/CPT/10001/2"}


def test_official_files_survive_a_rebuild(built: Result, tmp_path: Path) -> None:
    folder = tmp_path / "shipped"
    fees = put(tmp_path, "fees.csv", fee_schedule([fee_row("99213"), fee_row("10001", glob="010")]))
    edits = [("20610", "99213", "9999-12-31", 1, "More"), ("45380", "45378", "2019-12-31", 0, "Standards")]
    add([fees, put(tmp_path, "ptp_practitioner_2024Q3.csv", derived_ptp(edits))], folder=folder)
    ptp = "SELECT setting, column1, column2, deleted, indicator, text FROM ptp JOIN rationale r ON r.id = rationale ORDER BY 1, 2, 4"
    before = rows(ptp)
    assert len(before) == 4
    again = run(folder)
    assert rows(ptp) == before
    assert rows("SELECT f.code, f.global_days FROM fee f JOIN source s ON s.id = f.source WHERE s.release = 'RVU25D' ORDER BY 1") == [
        ("10001", "010"), ("99213", "XXX"),
    ]  # fmt: skip
    assert ("fee-schedule/RVU25D", 2, "fees.csv") in [(item.source, item.rows, item.file) for item in again.loaded]
    assert rows("SELECT title FROM code WHERE code = '99213'") == [("Invented 99213",)]


def test_entries_with_faults_are_left_out_and_told(home: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "shipped", {"codes/parts.yaml": ('source: manual, place: "Chapter II"', 'source: unheard, place: "Chapter II"')})
    result = run(folder)
    assert [str(fault).partition("shipped/")[2] for fault in result.faults] == ["codes/parts.yaml:34: 10002: no source unheard in sources.yaml"]
    assert rows("SELECT key FROM document WHERE kind = 'page'") == [("10001",)]


def test_an_edition_of_another_version_is_not_taken_over_and_its_files_are_named(
    built: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "shipped"
    add([put(tmp_path, "fees.csv", fee_schedule([fee_row("99213")]))], folder=folder)
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    again = run(folder)
    assert (again.embedded, again.add_again) == (built.embedded, ["fee-schedule/RVU25D (fees.csv)"])


def test_an_edition_is_current_while_the_shipped_files_stay(built: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "shipped"
    assert is_current(folder)
    article = folder / "guidelines" / "mending.md"
    text = article.read_text(encoding="utf-8")
    article.write_text(text.replace("one by one", "two by two"), encoding="utf-8")
    assert not is_current(folder)
    article.write_text(text, encoding="utf-8")
    assert is_current(folder)
    article.rename(article.with_name("moved.md"))
    assert not is_current(folder)


@pytest.mark.parametrize("keep", [0.0, 0.6])
def test_a_damaged_edition_is_built_anew(built: Result, tmp_path: Path, keep: float) -> None:
    folder, database = tmp_path / "shipped", current().database
    whole = database.read_bytes()
    database.write_bytes(whole[: int(len(whole) * keep)] or b"no database at all" * 500)
    assert not is_current(folder)
    assert run(folder).edition == current().id
    assert is_current(folder)


def test_a_home_with_signs_that_mean_something_in_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEBOOK_HOME", str(tmp_path / "my #1 home? 100%20"))
    folder = write(tmp_path / "shipped")
    run(folder)
    add([put(tmp_path, "fees.csv", fee_schedule([fee_row("99213")]))], folder=folder)
    run(folder)  # takes the file over
    assert is_current(folder)
    codebook = Codebook(current())
    assert codebook.code("99213", System.CPT) is not None
    codebook.close()
