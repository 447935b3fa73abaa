"""The room of mappings; codes and classes are invented."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from corpus.lookups.mappings import Mappings
from corpus.model import SourceKind
from corpus.shelf import INCOMPLETE, Shelf
from tests.corpus.small import Row, day, made, source

D = day("2025-06-01")
SOURCES = [
    source(1, SourceKind.GEM, "FY2018", "2017-10-01") | {"series": "icd9cm-icd10cm"},
    source(2, SourceKind.HCC, "PY2025", "2024-01-01", "2024-12-31"),
    source(3, SourceKind.HCC, "PY2026", "2025-01-01", "2025-12-31"),
    source(4, SourceKind.RBCS, "RY2024", "2014-01-01", "2024-12-31"),
    source(5, SourceKind.CCSR, "undated"),
    source(6, SourceKind.CCIR, "v2023.1", "2022-10-01", "2023-09-30"),
    source(7, SourceKind.CCIR, "v2024.1", "2023-10-01", "2024-09-30", file=f"few.csv{INCOMPLETE}"),
]


def mapping(source: int, system: str, code: str, into: str, target: str, relation: str = "member", **fields: Any) -> Row:
    detail = fields.pop("detail", {})
    return {"source": source, "system": system, "code": code, "target_system": into, "target": target, "relation": relation, "scenario": 0,
            "choice": 0, "detail": json.dumps(detail) if detail else ""} | fields  # fmt: skip


ROWS = [
    mapping(1, "ICD9CM", "724.02", "ICD10CM", "M48.061", "exact", detail={"flags": "00000"}),
    mapping(1, "ICD9CM", "365.70", "ICD10CM", "", "no map", detail={"flags": "11000"}),
    mapping(1, "ICD9CM", "250.60", "ICD10CM", "E11.40", "approximate", scenario=1, choice=1),
    mapping(1, "ICD9CM", "250.60", "ICD10CM", "E11.49", "approximate", scenario=1, choice=2),
    mapping(2, "ICD10CM", "E11.40", "HCC-V28", "18"),
    mapping(3, "ICD10CM", "E11.40", "HCC-V28", "37"),
    mapping(2, "ICD10CM", "E11.40", "HCC-V24", "18"),
    mapping(4, "CPT", "0001U", "RBCS", "Test / A", detail={"from": 20140101, "to": 20151231}),
    mapping(4, "CPT", "0001U", "RBCS", "Test / B", scenario=1, detail={"from": 20160101, "to": 99991231}),
    mapping(4, "HCPCS", "G0008", "RBCS", "Test / B"),
    mapping(5, "ICD10CM", "E11.40", "CCSR", "END003"),
    mapping(6, "ICD10CM", "E11.40", "CHRONIC", "1"),
    mapping(6, "ICD10CM", "R05", "CHRONIC", "9"),
    mapping(7, "ICD10CM", "R05", "CHRONIC", "0"),
]
CATEGORIES = [
    {"scheme": "HCC-V28", "value": "37", "source": 3, "title": "Invented class", "parent": ""},
    {"scheme": "CCSR", "value": "END003", "source": 5, "title": "Invented", "parent": "END"},
]

FACTORS = [
    {"model": "HCC-V28", "name": name, "position": position, "source": 2, "hcc": hcc, "factor": factor}
    for name, position, hcc, factor in (("CNA_HCC37", 0, "37", 0.166), ("CFA_HCC37", 0, "37", 0.2), ("CNA_F65_69", 0, "", 0.3))
]
DROPS = [{"model": "HCC-V28", "hcc": "35", "dropped": dropped, "source": 2} for dropped in ("36", "37", "9")]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mappings]:
    shelf = Shelf(
        made(
            Path(tmp_path_factory.mktemp("edition")), source=SOURCES, mapping=ROWS, category=CATEGORIES, hcc_coefficient=FACTORS, hcc_hierarchy=DROPS
        )
    )
    yield Mappings(shelf)
    shelf.close()


def targets(room: Mappings, code: str, system: str, into: str, on: date = D) -> list[str] | None:
    found = room.of(code, system, into, on).value
    return None if found is None else [line.target for line in found]


def test_a_map_no_map_not_listed_and_not_loaded_stay_apart(room: Mappings) -> None:
    assert targets(room, "724.02", "ICD9CM", "ICD10CM") == ["M48.061"]
    none = room.of("365.70", "ICD9CM", "ICD10CM", D)
    assert none.covered
    assert none.value
    assert none.value[0].is_none
    unlisted = room.of("999.99", "ICD9CM", "ICD10CM", D)
    assert (unlisted.value, unlisted.covered) == ((), True)
    unloaded = room.of("724.02", "ICD9CM", "ICD10PCS", D)
    assert (unloaded.value, unloaded.source, unloaded.nearest) == (None, None, None)


def test_parts_of_a_combination(room: Mappings) -> None:
    found = room.of("250.60", "ICD9CM", "ICD10CM", D).value
    assert found
    assert [(line.target, line.scenario, line.choice) for line in found] == [("E11.40", 1, 1), ("E11.49", 1, 2)]


@pytest.mark.parametrize(
    ("on", "into", "target", "release", "stale"),
    [
        ("2024-06-01", "HCC-V28", "18", "PY2025", False),
        ("2025-06-01", "HCC-V28", "37", "PY2026", False),
        ("2027-06-01", "HCC-V28", "37", "PY2026", True),
        ("2025-06-01", "HCC-V24", "18", "PY2025", True),  # the newer release does not hold this model: it says nothing of it
    ],
)
def test_the_release_of_the_day(room: Mappings, on: str, into: str, target: str, release: str, stale: bool) -> None:
    found = room.of("E11.40", "ICD10CM", into, day(on))
    assert found.value
    assert found.source
    assert (found.value[0].target, found.source.release, found.stale) == (target, release, stale)


def test_a_day_before_all_releases(room: Mappings) -> None:
    found = room.of("E11.40", "ICD10CM", "HCC-V28", day("2020-01-01"))
    assert not found.covered
    assert found.nearest
    assert found.nearest.release == "PY2025"


def test_lines_with_a_span(room: Mappings) -> None:
    assert targets(room, "0001U", "CPT", "RBCS", day("2015-06-01")) == ["Test / A"]
    assert targets(room, "0001U", "CPT", "RBCS", day("2020-06-01")) == ["Test / B"]


def test_a_release_without_a_date_always_speaks(room: Mappings) -> None:
    assert targets(room, "E11.40", "ICD10CM", "CCSR", day("2001-01-01")) == ["END003"]


def test_a_partial_release_gives_way(room: Mappings) -> None:
    on = day("2024-01-01")
    assert targets(room, "R05", "ICD10CM", "CHRONIC", on) == ["0"]
    found = room.of("E11.40", "ICD10CM", "CHRONIC", on)
    assert found.value
    assert found.value[0].source.release == "v2023.1"
    assert room.of("Z99", "ICD10CM", "CHRONIC", on).value == ()


def test_back_from_a_target(room: Mappings) -> None:
    found = room.to("E11.40", "ICD10CM", D)
    assert found.value
    assert [line.code for line in found.value] == ["250.60"]
    both = room.to("Test / B", "RBCS", day("2020-06-01"))
    assert both.value
    assert {(line.system, line.code) for line in both.value} == {("CPT", "0001U"), ("HCPCS", "G0008")}
    assert room.to("Test / B", "RBCS", D, "HCPCS").value
    assert room.to("37", "HCC-V28", day("2020-01-01")).nearest
    assert room.to("37", "NOPE", D).source is None


def test_names_of_classes(room: Mappings) -> None:
    found = room.category("HCC-V28", "37", D).value
    assert found
    assert found.title == "Invented class"
    assert room.category("HCC-V28", "37", day("2020-01-01")).value  # the only release with names
    assert room.category("HCC-V28", "99", D).value is None
    assert room.category("NOPE", "1", D).source is None


def test_factors_and_hierarchies(room: Mappings) -> None:
    found = room.factors("HCC-V28", "37", day("2024-06-01"))
    assert found.value
    assert [(factor.name, factor.factor) for factor in found.value] == [("CFA_HCC37", 0.2), ("CNA_HCC37", 0.166)]
    assert room.factors("HCC-V28", "37", D).stale  # the newer release has none of its own
    assert room.factors("HCC-V28", "99", D).value == ()
    assert room.factors("NOPE", "1", D).source is None
    assert room.factors("HCC-V28", "37", day("2020-01-01")).nearest
    assert room.drops("HCC-V28", "35", D).value == ("9", "36", "37")
    assert room.drops("HCC-V28", "37", D).value == ()
    assert room.drops("NOPE", "37", D).source is None


def test_what_is_loaded(room: Mappings) -> None:
    assert ("ICD9CM", "ICD10CM") in room.pairs()
    assert len(room.pairs()) == 7
    assert [source.release for source in room.releases("HCC-V28")] == ["PY2025", "PY2026"]
    assert [source.release for source in room.releases("HCC-V24", "ICD10CM")] == ["PY2025"]
    assert room.releases("NOPE") == ()


def test_an_empty_edition(tmp_path: Path) -> None:
    shelf = Shelf(made(tmp_path / "empty"))
    room = Mappings(shelf)
    assert room.pairs() == ()
    assert room.of("724.02", "ICD9CM", "ICD10CM", D).source is None
    assert room.to("M48.061", "ICD10CM", D).source is None
    shelf.close()


def test_speed(room: Mappings) -> None:
    """Ten thousand look-ups take a second or so; the bound leaves room for a busy machine."""
    started = time.process_time()
    for _ in range(10_000):
        room.of("E11.40", "ICD10CM", "HCC-V28", D)
    assert time.process_time() - started < 4
