"""The room of ICD-10-PCS; tables are invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from corpus.lookups.procedures import Procedures
from corpus.model import SourceKind
from corpus.shelf import Shelf
from tests.corpus.small import Row, day, made, source

D = day("2026-01-01")
NAMES = ("Section", "Body System", "Operation", "Body Part", "Approach", "Device", "Qualifier")


def table(source: int, stem: str, *rows: str) -> list[Row]:
    """A table; a row is four groups of characters."""
    found = [(0, axis, value) for axis, value in enumerate(stem, start=1)]
    for number, row in enumerate(rows, start=1):
        found += [(number, axis, value) for axis, values in enumerate(row.split(), start=4) for value in values]
    return [
        {"source": source, "stem": stem, "row": row, "axis": axis, "value": value, "name": NAMES[axis - 1], "label": f"{NAMES[axis - 1]} {value}"}
        for row, axis, value in found
    ]


def definition(position: int, term: str, axis: int = 3, section: str = "0", **fields: str) -> Row:
    return {"section": section, "axis": axis, "position": position, "source": 3, "section_name": "Inv", "name": NAMES[axis - 1], "term": term,
            "value": "", "definition": "", "explanation": "", "includes": ""} | fields  # fmt: skip


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Procedures]:
    sources = [
        source(1, SourceKind.ICD10PCS_TABLES, "FY2025", "2024-10-01", "2025-09-30"),
        source(2, SourceKind.ICD10PCS_TABLES, "FY2026", "2025-10-01", "2026-09-30"),
        source(3, SourceKind.ICD10PCS_DEFINITIONS, "FY2026", "2025-10-01", "2026-09-30"),
    ]
    axes = [*table(1, "0X1", "67 04 Z Z"), *table(2, "0X1", "67 03 JK 12", "6 0 Z B"), *table(2, "0X2", "A X Z Z"), *table(2, "B00", "0 0 Z Z")]
    meanings = [definition(1, "Bypass", definition="Invented", includes="one\ntwo"), definition(1, "Bypass", section="X"),
                definition(1, "Coil_%", axis=6, section="", value="D", definition="Inv device")]  # fmt: skip
    shelf = Shelf(made(Path(tmp_path_factory.mktemp("edition")), source=sources, pcs_axis=axes, pcs_definition=meanings))
    yield Procedures(shelf)
    shelf.close()


def test_a_table_with_its_rows(room: Procedures) -> None:
    found = room.table("0x1", D)
    assert found.value
    assert [axis.values[0].label for axis in found.value.axes] == ["Section 0", "Body System X", "Operation 1"]
    assert [["".join(value.value for value in axis.values) for axis in row] for row in found.value.rows] == [
        ["67", "03", "JK", "12"],
        ["6", "0", "Z", "B"],
    ]
    assert found.value.source.release == "FY2026"


@pytest.mark.parametrize(
    ("code", "on", "builds"),
    [
        ("0X160J1", D, True),
        ("0x173k2", D, True),  # case aside
        ("0X160ZB", D, True),
        ("0X170ZB", D, False),  # each value stands in the table, in different rows
        ("0X160Z1", D, False),
        ("0X160J", D, False),
        ("0X160J11", D, False),
        ("0X964Z1", D, False),
        ("0X164ZZ", D, False),
        ("0X164ZZ", day("2025-01-01"), True),  # the year before
    ],
)
def test_whether_a_code_can_be_built(room: Procedures, code: str, on: date, builds: bool) -> None:
    found = room.built(code, on)
    assert found.covered
    assert (found.value is not None) is builds
    if found.value:
        assert "".join(axis.values[0].value for axis in found.value) == code.upper()
        assert [axis.number for axis in found.value] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("prefix", "values"),
    [("", "0B"), ("0", "X"), ("0X", "12"), ("0X1", "67"), ("0X16", "03"), ("0X160", "JKZ"), ("0X163", "JK"), ("0X160Z", "B"), ("0X9", None)],
)
def test_what_may_follow(room: Procedures, prefix: str, values: str | None) -> None:
    found = room.options(prefix, D)
    assert found.covered
    assert (found.value and "".join(value.value for value in found.value.values)) == values
    if found.value:
        assert (found.value.number, found.value.name) == (len(prefix) + 1, NAMES[len(prefix)])


def test_nothing_follows_a_whole_code(room: Procedures) -> None:
    with pytest.raises(ValueError, match="7 characters already"):
        room.options("0X160J1", D)


def test_days_outside(room: Procedures) -> None:
    assert room.built("0X160J1", day("2027-01-01")).stale
    before = room.table("0X1", day("2020-01-01"))
    assert (before.value, before.covered) == (None, False)
    assert before.nearest
    assert before.nearest.release == "FY2025"


def test_definitions(room: Procedures) -> None:
    found = room.definitions("bypass", D)
    assert found.value
    assert [meaning.section for meaning in found.value] == ["0", "X"]
    assert found.value[0].includes == ("one", "two")
    assert [len(room.definitions("Bypass", D, section="0", axis=axis).value or ()) for axis in (3, 5)] == [1, 0]
    assert room.definitions("Coil_%", D).value
    assert room.definitions("Coil%", D).value == ()  # no wildcards
    assert room.definitions("Unheard", D).value == ()
    assert not room.definitions("Bypass", day("2020-01-01")).covered
