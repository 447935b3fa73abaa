"""Codes, documents and the edition itself; `test_dated.py` has the look-ups for a date of service."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from corpus import schema
from corpus.codebook import Codebook
from corpus.editions import Edition, EditionError
from corpus.model import Setting, SourceKind, System
from tests.corpus.conftest import Open
from tests.corpus.small import code, day, fee, mue, number, passage, source

FEES, MUE, DME = SourceKind.FEE_SCHEDULE, SourceKind.MUE, Setting.DME

# Codes

TABULAR = [
    code("ICD10CM", "13", "Musculoskeletal", None, "chapter", 1),
    code("ICD10CM", "M50-M54", "Other dorsopathies", "13", "block", 2),
    code("ICD10CM", "M54", "Dorsalgia", "M50-M54", "category", 3),
    code("ICD10CM", "M54.5", "Low back pain", "M54", "category", 4),
    code("ICD10CM", "M54.50", "Low back pain, unspecified", "M54.5", "code", 7),
    code("ICD10CM", "M54.59", "Other low back pain", "M54.5", "code", 5),
    code("ICD10CM", "M54.51", "Vertebrogenic low back pain", "M54.5", "code", 6),
    code("ICD10CM", "M54.6", "Pain in thoracic spine", "M54", "code", 8),
]
PUBLISHED = [source(1, SourceKind.ICD10CM, "2026", "2026-04-01"), source(2, FEES, "RVU25D", "2025-10-01", "2025-12-31")]
PUBLISHED += [source(3, FEES, "RVU26C", "2026-07-01", "2026-12-31"), source(4, MUE, "2026Q2", "2026-04-01", None, DME)]


@pytest.fixture
def codes(opened: Open) -> Codebook:
    return opened(
        source=PUBLISHED,
        code=[*TABULAR, code("CPT", "63044", "Our title") | {"has_page": 1}, code("HCPCS", "J1100", "A drug"), code("CPT", "63047")],
        fee=[fee("63048", 3, descriptor="New words"), fee("63048", 2, descriptor="Old words"), fee("G2211", 2, descriptor="Visit"),
             fee("63049", 2, "26", descriptor="Component only")],
        mue=[mue("A4640", 4, setting=DME)],
        note=[
            {"code": place, "kind": kind, "position": position, "text": text, "source": 1}
            for place, kind, position, text in (
                ("13", "excludes2", 0, "chapter"), ("M54", "excludes1", 1, "second of M54"), ("M54", "excludes1", 0, "first of M54"),
                ("M54.5", "excludes1", 0, "own"), ("M54.6", "excludes1", 0, "sibling"),
            )
        ],
        event=[{"system": "CPT", "code": "63044", "date": number(on), "event": what, "text": "t", "source": 2, "place": "p"}
               for on, what in (("2025-10-01", "first seen"), ("2020-01-01", "revised"))],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "system", "found"),
    [
        ("63044", None, (System.CPT, "Our title", True, "2026")),
        ("63044", System.CPT, (System.CPT, "Our title", True, "2026")),
        ("63044", System.HCPCS, None),
        ("63044", System.ICD10CM, None),
        ("M54.50", None, (System.ICD10CM, "Low back pain, unspecified", True, "2026")),
        ("M54.5", System.ICD10CM, (System.ICD10CM, "Low back pain", False, "2026")),
        ("M54.5", System.CPT, None),
        ("M5450", None, None),  # canonical form only
        ("63048", None, (System.CPT, "New words", True, "RVU26C")),  # from the newest fee schedule
        ("63048", System.CPT, (System.CPT, "New words", True, "RVU26C")),
        ("63048", System.HCPCS, None),
        ("G2211", None, (System.HCPCS, "Visit", True, "RVU25D")),
        ("G2211", System.HCPCS, (System.HCPCS, "Visit", True, "RVU25D")),
        ("G2211", System.CPT, None),
        ("G2211", System.ICD10CM, None),
        ("A4640", None, (System.HCPCS, "", True, "2026Q2")),  # a supply is in no fee schedule
        ("A4640", System.CPT, None),
        ("63050", None, None),
        ("63049", None, None),  # near miss: a component row alone is no code of its own
        ("", None, None),
    ],
)
def test_codes(codes: Codebook, wanted: str, system: System | None, found: tuple[System, str, bool, str] | None) -> None:
    code = codes.code(wanted, system)
    assert (code and (code.system, code.title, code.billable, code.source.release)) == found
    assert codes.exists(wanted, system) is (found is not None)


def test_the_tree_of_codes(codes: Codebook) -> None:
    assert [c.code for c in codes.children("M54.5")] == ["M54.59", "M54.51", "M54.50"]  # in the order of the book
    assert codes.children("M54.50") == []
    leaf, chapter = codes.code("M54.50"), codes.code("13")
    assert leaf is not None
    assert chapter is not None
    assert [c.code for c in codes.ancestors(leaf)] == ["M54.5", "M54", "M50-M54", "13"]
    assert codes.ancestors(chapter) == []
    assert (chapter.kind, chapter.billable, leaf.parent) == ("chapter", False, "M54.5")


def test_notes_of_a_code_come_before_those_of_its_ancestors(codes: Codebook) -> None:
    leaf = codes.code("M54.50")
    assert leaf is not None
    assert [(note.code, note.text) for note in codes.notes(leaf)] == [
        ("M54.5", "own"), ("M54", "first of M54"), ("M54", "second of M54"), ("13", "chapter"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("prefix", "system", "limit", "found"),
    [
        ("M54.5", System.ICD10CM, 20, ["M54.5", "M54.50", "M54.51", "M54.59"]),
        ("M54.5", System.ICD10CM, 2, ["M54.5", "M54.50"]),
        ("M54.5", System.CPT, 20, []),
        ("6304", System.CPT, 20, ["63044", "63047", "63048"]),  # from the code table and the fee schedules
        ("6304", System.HCPCS, 20, []),
        ("G", System.HCPCS, 20, ["G2211"]),
        ("G", System.CPT, 20, []),
        ("9", System.CPT, 20, []),
    ],
)
def test_codes_with_a_prefix(codes: Codebook, prefix: str, system: System, limit: int, found: list[str]) -> None:
    codes_found = codes.codes_with_prefix(prefix, system, limit)
    assert [code.code for code in codes_found] == found
    assert {code.system for code in codes_found} <= {system}


def test_history_oldest_first(codes: Codebook) -> None:
    assert [(e.date, e.event) for e in codes.history("63044", System.CPT)] == [(day("2020-01-01"), "revised"), (day("2025-10-01"), "first seen")]
    assert codes.history("63044", System.HCPCS) == []


# Documents, indicators, passages

BODY = {
    "system": "CPT", "code": "10001", "title": "T", "summary": "S", "when": [], "steps": [], "afterwards": [], "record": [], "billing": [],
    "neighbors": [], "synonyms": [], "anesthesia": None, "diagnoses": [], "sources": [{"source": "manual", "place": "I"}],
    "history": [{"date": "2001-01-01", "event": "added", "text": "New.", "source": "manual", "place": "p 3"}],
}  # fmt: skip
MODIFIER = dict.fromkeys(("code", "kind", "group", "title", "meaning", "example", "payment"), "x")
MODIFIER_BODY: dict[str, Any] = (
    MODIFIER | {name: [] for name in ("when", "when_not", "with", "settings", "synonyms", "sources")} | {"valid_from": None}
)
ARTICLE = {"id": "mending", "title": "T", "topics": [], "codes": [], "modifiers": [], "text": "W", "sources": []}


@pytest.fixture
def documents(opened: Open) -> Codebook:
    bodies = [("page", "10001", BODY), ("modifier", "25", MODIFIER_BODY), ("modifier", "10002", MODIFIER_BODY), ("article", "mending", ARTICLE)]
    return opened(
        source=[
            source(1, SourceKind.SHIPPED, "1"),
            source(2, SourceKind.PUBLICATION, "2026") | {"key": "publication/manual", "title": "A manual"},
        ],
        document=[{"kind": kind, "key": key, "body": json.dumps(body), "place": f"{kind}s/x:1", "source": 1} for kind, key, body in bodies],
        indicator=[{"field": "status", "value": "C", "meaning": "Carrier-priced.", "source": 2, "place": "Attachment A"}],
        event=[{"system": "CPT", "code": "10001", "date": 20000101, "event": "first seen", "text": "t", "source": 1, "place": "p"}],
        passage=[passage(1, "One", "text", "page", "CPT", "page/CPT/10001/summary"), passage(2, "Two", kind="article", system=None)],
    )


def test_documents_by_kind(documents: Codebook) -> None:
    page, modifier, article = documents.page("10001"), documents.modifier("25"), documents.article("mending")
    assert page is not None
    assert (page.place, page.source.kind, page.citations[0].source.title) == ("pages/x:1", SourceKind.SHIPPED, "A manual")
    assert modifier is not None
    assert article is not None
    assert documents.page("10002") is None  # the key of a modifier
    assert documents.modifier("10001") is None
    assert documents.article("25") is None
    assert documents.document_keys == {"article": ("mending",), "modifier": ("10002", "25"), "page": ("10001",)}
    assert [documents.is_modifier(code) for code in ("25", "26", "10001")] == [True, False, False]
    assert documents.publication("manual").release == "2026"
    with pytest.raises(KeyError, match="unheard"):
        documents.publication("unheard")


def test_the_history_of_a_page_joins_that_of_the_releases(documents: Codebook) -> None:
    events = documents.history("10001", System.CPT)
    assert [(event.event, event.citation.source.kind) for event in events] == [("first seen", "shipped"), ("added", "publication")]


@pytest.mark.parametrize(("field", "value", "known"), [("status", "C", True), ("status", "c", False), ("status", "", False), ("global", "C", False)])
def test_indicators(documents: Codebook, field: str, value: str, known: bool) -> None:
    found = documents.indicator(field, value)
    assert (found is not None) is known
    if found:
        assert (found.meaning, found.citation.place, found.citation.source.title) == ("Carrier-priced.", "Attachment A", "A manual")


def test_passages_by_key(documents: Codebook) -> None:
    found = documents.passages(["p2", "unknown", "page/CPT/10001/summary"])
    assert set(found) == {"p2", "page/CPT/10001/summary"}
    assert (found["p2"].system, found["p2"].kind, found["page/CPT/10001/summary"].system) == (None, "article", System.CPT)
    assert documents.passages([]) == {}
    assert documents.full_text("text", ("page",)) == documents.full_text("TEXT", ("page", "term"))
    assert [key for key, _ in documents.full_text("text", ("page",))] == ["page/CPT/10001/summary"]


# The edition itself


def test_nothing_can_be_written(codes: Codebook) -> None:
    with codes.connection() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.exec_driver_sql("DELETE FROM fee")


def test_an_edition_in_a_folder_without_write_permission(opened: Open) -> None:
    book = opened(source=PUBLISHED)
    folder = book.edition.path
    book.close()
    folder.chmod(0o500)
    try:
        again = Codebook(book.edition)
        assert len(again.sources()) == 4
        again.close()
        assert [path.name for path in folder.iterdir()] == ["codebook.sqlite"]  # no journal, no lock
    finally:
        folder.chmod(0o700)


def test_many_threads_read_at_once(opened: Open) -> None:
    sources = [source(n, FEES, f"R{n}", f"{2000 + n}-01-01", f"{2000 + n}-12-31") for n in range(1, 21)]
    book = opened(source=sources, fee=[fee(f"{c:05d}", n, work=float(c + n)) for n in range(1, 21) for c in range(50)])

    def look(number: int) -> bool:
        n, c = number % 20 + 1, number % 50
        found = book.fee(f"{c:05d}", date(2000 + n, 6, 1))
        return found.value is not None and found.value.work == float(c + n)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(look, range(400)))


def cut_short(file: Path) -> None:
    """The first page alone, which holds the version but not the tables."""
    file.write_bytes(file.read_bytes()[:4096])


def without_sources(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db:
        db.execute("ALTER TABLE source RENAME TO gone")


@pytest.mark.parametrize("damage", [cut_short, without_sources, lambda file: file.write_bytes(b"no database at all " * 500), Path.unlink])
def test_a_damaged_database_is_said_to_be_damaged(opened: Open, damage: Callable[[Path], object]) -> None:
    edition = opened(source=PUBLISHED).edition
    damage(edition.database)
    with pytest.raises(EditionError, match=rf"^edition {edition.id} is damaged: run `python -m ingest build`$"):
        Codebook(edition)


def test_tables_of_another_version_are_refused(opened: Open) -> None:
    edition = Edition(opened(source=PUBLISHED).edition.path)
    with closing(sqlite3.connect(edition.database)) as db:
        db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    with pytest.raises(EditionError, match=f"has tables of version {schema.VERSION + 1}, not {schema.VERSION}: run"):
        Codebook(edition)
