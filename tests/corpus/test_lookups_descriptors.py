from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from corpus.lookups.descriptors import Descriptors
from corpus.model import SourceKind
from corpus.shelf import Shelf
from tests.corpus.small import Row, day, made, source


def edition(id: int, kind: str, year: int) -> Row:
    found = source(id, SourceKind.DESCRIPTORS, str(year), f"{year}-01-01", f"{year}-12-31")
    return found | {"series": kind, "key": f"descriptors/{kind}/{year}"}


def wording(code: str, kind: str, source: int, text: str, position: int = 0) -> Row:
    return {"code": code, "kind": kind, "source": source, "text": text, "position": position}


SOURCES = [edition(1, "long", 2025), edition(2, "long", 2026), edition(3, "short", 2026), edition(4, "clinician", 2026)]
WORDINGS = [
    wording("63044", "long", 1, "Old invented wording"),
    wording("63044", "long", 2, "Invented wording"),
    wording("63044", "short", 3, "INVENTED"),
    wording("63044", "clinician", 4, "Invented, second", 1),
    wording("63044", "clinician", 4, "Invented, first", 0),
    wording("99213", "short", 3, "INVENTED VISIT"),
]


@pytest.fixture
def room(tmp_path: Path) -> Iterable[Descriptors]:
    shelf = Shelf(made(tmp_path, source=SOURCES, descriptor=WORDINGS))
    yield Descriptors(shelf)
    shelf.close()


@pytest.mark.parametrize(
    ("on", "texts", "stale"),
    [
        ("2026-06-01", ["Invented wording", "INVENTED", "Invented, first", "Invented, second"], False),
        ("2025-06-01", ["Old invented wording"], False),
        ("2027-01-01", ["Invented wording", "INVENTED", "Invented, first", "Invented, second"], True),
    ],
)
def test_the_edition_of_the_day(room: Descriptors, on: str, texts: list[str], stale: bool) -> None:
    found = room.of("63044", day(on))
    assert [wording.text for wording in found.value or []] == texts
    assert found.stale is stale
    assert found.source
    assert found.source.series == "long"


def test_a_code_that_one_kind_has(room: Descriptors) -> None:
    found = room.of("99213", day("2026-06-01"))
    assert [(w.kind, w.text, w.source.id) for w in found.value or []] == [("short", "INVENTED VISIT", 3)]
    assert found.source
    assert found.source.id == 3


def test_no_edition_and_no_wording_are_told_apart(room: Descriptors) -> None:
    assert (room.of("00100", day("2026-06-01")).covered, room.of("00100", day("2026-06-01")).value) == (True, None)
    before = room.of("63044", day("2020-06-01"))
    assert (before.covered, before.value) == (False, None)
    assert before.nearest
    assert before.nearest.release == "2025"


def test_an_edition_without_licensed_files(tmp_path: Path) -> None:
    shelf = Shelf(made(tmp_path / "bare", source=[]))
    found = Descriptors(shelf).of("63044", day("2026-01-01"))
    shelf.close()
    assert (found.value, found.covered, found.nearest) == (None, False, None)
