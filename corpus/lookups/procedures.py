"""How ICD-10-PCS codes are built: the tables, the values that each axis may take next, and what the values mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from corpus import schema
from corpus.model import Dated, Source, SourceKind
from corpus.shelf import Shelf

STEM = 3  # characters that name a table
LENGTH = 7
T, D = schema.pcs_axis.c, schema.pcs_definition.c


@dataclass(frozen=True)
class Value:
    """A value of an axis: its character and its label."""

    value: str
    label: str


@dataclass(frozen=True)
class Axis:
    """An axis, 1 to 7, what it is ("Body Part"), and its values in the order of the table."""

    number: int
    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class PcsTable:
    """A table: the axes 1 to 3 with one value each, and rows of the axes 4 to 7 whose values may stand together."""

    stem: str
    axes: tuple[Axis, ...]
    rows: tuple[tuple[Axis, ...], ...]
    source: Source


@dataclass(frozen=True)
class Definition:
    """What a value of an axis means in a section.

    Of a device (section ""), `value` is the character that stands for it, `definition` its label, `explanation` the operations and `includes`
    the body systems.
    """

    section: str
    section_name: str
    axis: int
    name: str
    term: str
    value: str
    definition: str
    explanation: str
    includes: tuple[str, ...]
    source: Source


class Procedures:
    """The room of ICD-10-PCS."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def table(self, stem: str, on: date) -> Dated[PcsTable]:
        """The table of the first three characters; `value` None with a `source`: there is no such table."""
        return self._tables(stem.upper()[:STEM], on)

    def options(self, prefix: str, on: date) -> Dated[Axis]:
        """The axis that follows 0 to 6 characters and the values it may take after them; no values where nothing can follow.

        The name is that of the first table or row that fits.

        Raises:
            ValueError: when the code is whole.
        """
        prefix = prefix.upper()
        number = len(prefix) + 1
        if number > LENGTH:
            raise ValueError(f"{prefix!r} has {len(prefix)} characters already; a code has {LENGTH}")
        if number <= STEM:
            query = select(schema.pcs_axis).where(T.row == 0, T.axis == number, T.stem.startswith(prefix, autoescape=True))
            by_source = _by_source(self._shelf.rows(query.order_by(T.value)))
            return self._shelf.dated(SourceKind.ICD10PCS_TABLES, on, {id: _axes(rows)[0] for id, rows in by_source.items()})
        found = self._tables(prefix[:STEM], on)
        if found.value is None:
            return Dated(None, found.source, found.nearest, found.stale)
        fitting = [row[number - STEM - 1] for row in found.value.rows if _fits(row, prefix[STEM:])]
        values = {value.value: value for axis in fitting for value in axis.values}
        name = fitting[0].name if fitting else ""
        return Dated(Axis(number, name, tuple(values[key] for key in sorted(values))), found.source, found.nearest, found.stale)

    def built(self, code: str, on: date) -> Dated[tuple[Axis, ...]]:
        """The seven axes of a code, each with its one value; `value` None with a `source`: the tables do not allow the code."""
        code = code.upper()
        found = self._tables(code[:STEM], on)
        axes: tuple[Axis, ...] | None = None
        if found.value and len(code) == LENGTH:
            row = next((row for row in found.value.rows if _fits(row, code[STEM:])), None)
            axes = tuple(_single(axis, code[axis.number - 1]) for axis in (*found.value.axes, *row)) if row else None
        return Dated(axes, found.source, found.nearest, found.stale)

    def definitions(self, term: str, on: date, section: str | None = None, axis: int | None = None) -> Dated[tuple[Definition, ...]]:
        """What a term means, by section and axis, case aside; an empty tuple when the release does not define it."""
        query = select(schema.pcs_definition).where(D.term.ilike(_escaped(term), escape="\\"))
        if section is not None:
            query = query.where(D.section == section)
        if axis is not None:
            query = query.where(D.axis == axis)
        by_source = _by_source(self._shelf.rows(query.order_by(D.section, D.axis, D.position)))
        every = {s.id: tuple(_definition(row, s) for row in by_source.get(s.id, ())) for s in self._shelf.sources(SourceKind.ICD10PCS_DEFINITIONS)}
        return self._shelf.dated(SourceKind.ICD10PCS_DEFINITIONS, on, every)

    def _tables(self, stem: str, on: date) -> Dated[PcsTable]:
        query = select(schema.pcs_axis).where(T.stem == stem).order_by(T.row, T.axis, T.value)
        by_source = _by_source(self._shelf.rows(query))
        return self._shelf.dated(SourceKind.ICD10PCS_TABLES, on, {id: _table(stem, rows, self._shelf.source(id)) for id, rows in by_source.items()})


def _escaped(term: str) -> str:
    return term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _by_source(rows: Iterable[Row[Any]]) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.source, []).append(row)
    return found


def _axes(rows: Sequence[Row[Any]]) -> tuple[Axis, ...]:
    """Axes out of rows in their order; a value that several tables have stands once."""
    numbers = sorted({row.axis for row in rows})
    groups = [[row for row in rows if row.axis == number] for number in numbers]
    return tuple(
        Axis(group[0].axis, group[0].name, tuple(Value(value, label) for value, label in {row.value: row.label for row in group}.items()))
        for group in groups
    )


def _table(stem: str, rows: Sequence[Row[Any]], source: Source) -> PcsTable:
    numbers = sorted({row.row for row in rows} - {0})
    groups = {number: [row for row in rows if row.row == number] for number in (0, *numbers)}
    return PcsTable(stem, _axes(groups[0]), tuple(_axes(groups[number]) for number in numbers), source)


def _fits(row: Sequence[Axis], characters: str) -> bool:
    """Whether a row allows the characters from the fourth on."""
    return all(any(value.value == character for value in axis.values) for axis, character in zip(row, characters, strict=False))


def _single(axis: Axis, character: str) -> Axis:
    return Axis(axis.number, axis.name, tuple(value for value in axis.values if value.value == character))


def _definition(row: Row[Any], source: Source) -> Definition:
    includes = tuple(row.includes.split("\n")) if row.includes else ()
    return Definition(
        row.section, row.section_name, row.axis, row.name, row.term, row.value, row.definition, row.explanation, includes, source
    )  # fmt: skip
