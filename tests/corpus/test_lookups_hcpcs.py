from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from corpus.lookups.hcpcs import Hcpcs
from corpus.model import SourceKind, System
from corpus.schema import IN_FORCE, hcpcs
from corpus.shelf import Shelf
from tests.corpus.small import Row, day, made, number, source

SOURCES = [
    source(1, SourceKind.HCPCS, "2019", "2019-01-01", "2019-12-31"),
    source(2, SourceKind.HCPCS, "2026Q4", "2026-10-01", "2026-12-31"),
    source(3, SourceKind.HCPCS_NOTES, "2019", "2019-01-01", "2019-12-31"),
    source(4, SourceKind.HCPCS_NOTES, "2026Q1", "2026-01-01", "2026-03-31"),
]


def listed(code: str, source: int, title: str = "Invented item", system: str = "HCPCS", added: str | None = None, ended: str | None = None) -> Row:
    return {"system": system, "code": code, "source": source, "title": title, "short": "Item", "added": number(added) or 0, "effective": 20200101,
            "ended": number(ended) or IN_FORCE}  # fmt: skip


def detailed(code: str, source: int, system: str = "HCPCS", **fields: str) -> Row:
    blank: dict[str, Any] = dict.fromkeys((c.name for c in hcpcs.columns), "")
    return blank | {"system": system, "code": code, "source": source} | fields


LISTING = [
    listed("E0210", 1, "An old invented chair", added="1986-01-01"),
    listed("E0210", 2, "An invented chair", added="1986-01-01", ended="2025-12-31"),
    listed("G2211", 2, added="2021-01-01"),
    listed("GD", 2, "An invented modifier", "MODIFIER", ended="2019-12-31"),
]
DETAILS = [
    detailed("E0210", 1, coverage="C"),
    detailed(
        "E0210", 2, coverage="D", pricing="32 36", type_of_service="A P R", cross_reference="E0211 E0215", laboratory="310", processing_note="0064"
    ),
    detailed("G2211", 2, coverage="C"),
    detailed("GD", 2, "MODIFIER", coverage="C"),
]
NOTES = [{"number": "0064", "source": 3, "text": "Old note."}, {"number": "0064", "source": 4, "text": "New note."}]


@pytest.fixture
def room(tmp_path: Path) -> Iterable[Hcpcs]:
    shelf = Shelf(made(tmp_path, source=SOURCES, listing=LISTING, hcpcs=DETAILS, hcpcs_note=NOTES))
    yield Hcpcs(shelf)
    shelf.close()


def test_the_fields_of_a_code(room: Hcpcs) -> None:
    found = room.entry("E0210", day("2026-11-01"))
    entry = found.value
    assert entry is not None
    assert (entry.title, entry.short, entry.added, entry.effective, entry.ended) == (
        "An invented chair", "Item", date(1986, 1, 1), date(2020, 1, 1), date(2025, 12, 31),
    )  # fmt: skip
    assert (entry.pricing, entry.type_of_service, entry.cross_reference) == (("32", "36"), ("A", "P", "R"), ("E0211", "E0215"))
    assert (entry.coverage, entry.laboratory, entry.processing_note, entry.ncd) == ("D", ("310",), "0064", "")
    assert entry.source == found.source


@pytest.mark.parametrize(
    ("on", "title", "stale"),
    [("2019-06-01", "An old invented chair", False), ("2023-06-01", "An old invented chair", True), ("2026-10-01", "An invented chair", False)],
)
def test_the_release_of_the_day_speaks(room: Hcpcs, on: str, title: str, stale: bool) -> None:
    found = room.entry("E0210", day(on))
    assert found.value
    assert (found.value.title, found.stale) == (title, stale)


def test_no_release_and_no_row_are_told_apart(room: Hcpcs) -> None:
    before = room.entry("E0299", day("2018-12-31"))
    assert (before.covered, before.value) == (False, None)
    assert before.nearest
    assert before.nearest.release == "2019"
    without = room.entry("E0299", day("2019-06-01"))
    assert (without.covered, without.value) == (True, None)


LIFE = [
    listed("J0001", 1, added="1990-01-01"),  # ended within the year of the first release, which does not tell it
    listed("J0001", 2, added="1990-01-01", ended="2019-06-30"),
    listed("J0002", 2, added="2020-01-01"),  # came between the releases
    listed("J0003", 1, added="1990-01-01", ended="2018-12-31"),  # ended, and came again
    listed("J0003", 2, added="2022-01-01"),
    listed("JG", 1, system="MODIFIER", added="2018-01-01"),
    listed("JG", 2, system="MODIFIER", added="2018-01-01", ended="2024-12-31"),
    listed("J0004", 5),
]


@pytest.mark.parametrize(
    ("code", "system", "on", "id", "in_force"),
    [
        ("J0001", System.HCPCS, "2019-06-30", 1, True),
        ("J0001", System.HCPCS, "2019-07-01", 2, False),
        ("J0001", System.HCPCS, "2018-05-01", 1, True),  # the day is before both: their dates reach back
        ("J0002", System.HCPCS, "2019-06-01", 2, False),
        ("J0002", System.HCPCS, "2023-06-01", 2, True),
        ("J0003", System.HCPCS, "2019-06-01", 1, False),
        ("J0003", System.HCPCS, "2023-06-01", 2, True),
        ("JG", System.MODIFIER, "2024-06-01", 1, True),  # a release without modifiers, of that day, says nothing of them
        ("JG", System.MODIFIER, "2025-03-01", 2, False),
    ],
)
def test_a_later_release_tells_what_began_and_ended_before_it(code: str, system: System, on: str, id: int, in_force: bool, tmp_path: Path) -> None:
    codes_alone = source(5, SourceKind.HCPCS, "2024Q2", "2024-04-01", "2024-06-30")
    details = [detailed(row["code"], row["source"], row["system"]) for row in LIFE]
    shelf = Shelf(made(tmp_path, source=[*SOURCES, codes_alone], listing=LIFE, hcpcs=details))
    entry = Hcpcs(shelf).entry(code, day(on), system, reach=True).value
    shelf.close()
    assert entry
    assert (entry.source.id, entry.in_force(day(on))) == (id, in_force)


def test_modifiers_are_a_system_of_their_own(room: Hcpcs) -> None:
    on = day("2026-11-01")
    assert room.entry("GD", on).value is None
    modifier = room.entry("GD", on, System.MODIFIER).value
    assert modifier
    assert modifier.title == "An invented modifier"


@pytest.mark.parametrize(
    ("code", "system", "on", "in_force"),
    [
        ("E0210", System.HCPCS, "2025-12-31", True),
        ("E0210", System.HCPCS, "2026-01-01", False),
        ("G2211", System.HCPCS, "2020-12-31", False),
        ("G2211", System.HCPCS, "2021-01-01", True),
        ("GD", System.MODIFIER, "2019-12-31", True),
        ("GD", System.MODIFIER, "2020-01-01", False),
    ],
)
def test_in_force_from_the_first_to_the_last_day(room: Hcpcs, code: str, system: System, on: str, in_force: bool) -> None:
    entry = room.entry(code, day("2026-11-01"), system).value
    assert entry
    assert entry.in_force(day(on)) is in_force


def test_notes(room: Hcpcs) -> None:
    old, new = room.note("0064", day("2019-06-01")).value, room.note("0064", day("2026-06-01"))
    assert old
    assert new.value
    assert (old.text, new.value.text, new.stale) == ("Old note.", "New note.", True)
    assert room.note("9999", day("2026-06-01")).value is None


def test_an_edition_without_the_file(tmp_path: Path) -> None:
    shelf = Shelf(made(tmp_path / "bare", source=[]))
    found = Hcpcs(shelf).entry("E0210", day("2026-01-01"))
    shelf.close()
    assert (found.covered, found.nearest) == (False, None)
