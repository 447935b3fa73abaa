"""Manuals by section and day, and which documents speak; over small editions with invented texts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from corpus.lookups.manuals import Manuals
from corpus.model import SourceKind
from corpus.shelf import Shelf
from tests.corpus.small import Row, day, made, source


def manual(id: int, series: str, release: str, start: str, end: str | None = None, kind: SourceKind = SourceKind.MANUAL) -> Row:
    return source(id, kind, release, start, end) | {"series": series, "key": f"{kind}/{series}/{release}"}


def section(id: int, source: int, name: str, title: str, also: str = "", kind: str = "manual") -> Row:
    return {"id": id, "key": f"p{id}", "kind": kind, "system": None, "code": name, "title": title, "text": f"Words {id}.", "also": also,
            "place": f"section {name}, page {id}", "source": source}  # fmt: skip


SOURCES = [
    manual(1, "ncci-policy-manual", "2025", "2025-01-01", "2025-12-31"),
    manual(2, "ncci-policy-manual", "2026", "2026-01-01", "2026-12-31"),
    manual(3, "ncci-policy-manual-v", "2026", "2026-01-01", "2026-12-31"),
    manual(4, "icd10cm-guidelines", "FY2026", "2025-10-01", "2026-09-30"),
]
PASSAGES = [
    section(1, 1, "IV.E.1", "Chapter IV, Section E.1: Looking"),
    section(2, 2, "IV.E.1", "Chapter IV, Section E.1: Looking"),
    section(3, 2, "IV.E.2", "Chapter IV, Section E.2: Looking"),
    section(4, 2, "IV.E.10", "Chapter IV, Section E.10: Looking"),
    section(5, 2, "IV.F", "Chapter IV, Section F: Mending"),
    section(6, 2, "IV.F", "Chapter IV, Section F: Mending"),
    section(7, 3, "V.A", "Chapter V, Section A: Parts"),
    section(8, 4, "I.C.9.a", "Section I.C.9.a: Pressure", "Conventions; Chapters; Circulation"),
    section(9, 4, "I.C.9.a.2", "Section I.C.9.a.2: With kidneys", "Conventions; Chapters; Circulation; Pressure"),
    section(10, 4, "I.C.10.a", "Section I.C.10.a: Breath", "Conventions; Chapters; Lungs"),
]


@contextmanager
def opened(folder: Path, **tables: Any) -> Iterator[Manuals]:
    shelf = Shelf(made(folder, **tables))
    yield Manuals(shelf)
    shelf.close()


@pytest.fixture
def manuals(tmp_path: Path) -> Iterator[Manuals]:
    with opened(tmp_path / "e", source=SOURCES, passage=PASSAGES) as room:
        yield room


FOUND = [
    ("ncci-policy-manual", "IV.E", "2026-03-01", [2, 3, 4], "Chapter IV, Section E: Looking"),
    ("ncci-policy-manual", "IV.E", "2025-03-01", [1], "Chapter IV, Section E: Looking"),
    ("ncci-policy-manual", "IV.E.1", "2026-03-01", [2], "Chapter IV, Section E.1: Looking"),  # not E.10
    ("ncci-policy-manual", "IV.F", "2026-03-01", [5, 6], "Chapter IV, Section F: Mending"),
    ("ncci-policy-manual", "V.A", "2026-03-01", [7], "Chapter V, Section A: Parts"),  # loaded as a chapter by itself
    ("icd10cm-guidelines", "I.C.9.a", "2026-03-01", [8, 9], "Section I.C.9.a: Pressure"),
    ("icd10cm-guidelines", "I.C.9", "2026-03-01", [8, 9], "Section I.C.9: Circulation"),
    ("icd10cm-guidelines", "I.C.1", "2026-03-01", None, ""),  # not I.C.10
    ("ncci-policy-manual", "XIV.A", "2026-03-01", None, ""),
    ("ncci-policy-manual", "%", "2026-03-01", None, ""),
]


@pytest.mark.parametrize(("series", "name", "on", "pieces", "title"), FOUND)
def test_a_section_on_a_day(series: str, name: str, on: str, pieces: list[int] | None, title: str, manuals: Manuals) -> None:
    found = manuals.section(series, name, day(on))
    assert found.covered
    if pieces is None:
        assert found.value is None
        return
    assert found.value
    assert [piece.key for piece in found.value.pieces] == [f"p{n}" for n in pieces]
    assert found.value.title == title
    assert all(piece.code == name for piece in found.value.own)


def test_no_data_is_not_no_section(manuals: Manuals) -> None:
    before = manuals.section("ncci-policy-manual", "IV.E", day("2024-06-01"))
    assert (before.covered, before.value) == (False, None)
    assert before.nearest
    assert before.nearest.release == "2025"
    nothing = manuals.section("mbpm-15", "30.1", day("2026-01-01"))
    assert (nothing.covered, nothing.nearest) == (False, None)
    assert manuals.section("icd10cm-guidelines", "I.C.9.a", day("2026-11-01")).stale


def test_sections_of_a_manual(manuals: Manuals) -> None:
    assert [s.name for s in manuals.sections("ncci-policy-manual", day("2025-03-01"))] == ["IV.E.1"]
    newest = ["IV.E.1", "IV.E.2", "IV.E.10", "IV.F", "V.A"]
    assert [s.name for s in manuals.sections("ncci-policy-manual")] == newest
    assert [s.name for s in manuals.sections("ncci-policy-manual", day("2026-03-01"))] == newest
    assert manuals.sections("mbpm-15") == []
    assert [s.id for s in manuals.loaded("ncci-policy-manual")] == [1, 3, 2]  # oldest first


DOCUMENTS = [
    manual(1, "policy", "2024-01-01", "2024-01-01", None, SourceKind.DOCUMENT),
    manual(2, "policy", "2025-01-01", "2025-01-01", "2025-06-30", SourceKind.DOCUMENT),
    manual(3, "rule", "2024-06-01", "2024-06-01", None, SourceKind.DOCUMENT),
]
SPEAKING = [
    ("2023-12-31", []),
    ("2024-01-01", [1]),
    ("2024-12-31", [1, 3]),
    ("2025-01-01", [2, 3]),
    ("2025-06-30", [2, 3]),
    ("2025-07-01", [3]),  # the newer one ended, and the one before it does not come back
]


@pytest.mark.parametrize(("on", "speaking"), SPEAKING)
def test_documents_speak_from_their_day_to_the_next_or_their_last(on: str, speaking: list[int], tmp_path: Path) -> None:
    words = [section(n, n, "", "Policy", kind="document") for n in (1, 2, 3)]
    with opened(tmp_path / "e", source=DOCUMENTS, passage=words) as room:
        assert sorted(room.speaking(SourceKind.DOCUMENT, day(on))) == speaking
        assert [s.id for s in room.documents()] == [1, 3, 2]  # oldest first
        assert [p.key for p in room.passages_of(room.documents()[2])] == ["p2"]


def test_an_edition_without_any(tmp_path: Path) -> None:
    with opened(tmp_path / "e") as room:
        assert room.documents() == []
        assert not room.anything
        assert room.speaking(SourceKind.MANUAL, date(2026, 1, 1)) == {}
        assert room.sections("ncci-policy-manual") == []
