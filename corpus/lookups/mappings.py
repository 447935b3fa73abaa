"""From a code to other codes and classes, and back: GEMs, conversions, CCSR, chronic conditions, RBCS, HCC, POA and MCE lists.

A release speaks for a pair of code set and target only where it holds such mappings, so "not loaded" (`Dated.source` None), "not listed" (an empty
tuple) and "the file says that there is none" (`Mapping.is_none`) stay apart.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select

from corpus import schema
from corpus.model import Dated, Source
from corpus.rows import to_number
from corpus.schema import IN_FORCE, UNKNOWN
from corpus.shelf import Shelf, distance, is_partial, is_stale

NONE = "no map"
M, C, F, H = schema.mapping.c, schema.category.c, schema.hcc_coefficient.c, schema.hcc_hierarchy.c
_OF = select(schema.mapping).where(
    M.system == bindparam("system"), M.code == bindparam("code"), M.target_system == bindparam("into"), M.source == bindparam("source")
)
_TO = select(schema.mapping).where(
    M.target_system == bindparam("into"), M.target == bindparam("target"), M.system == bindparam("system"), M.source == bindparam("source")
)
_CATEGORY = select(schema.category).where(C.scheme == bindparam("scheme"), C.value == bindparam("value"), C.source == bindparam("source"))


@dataclass(frozen=True)
class Mapping:
    """One line of a mapping. `detail` holds what else the file says: flags, dates YYYYMMDD, defaults.

    Of a combination (`scenario` above 0), one target is taken from each `choice` of a scenario.
    """

    system: str
    code: str  # "" where a new code had none before
    target_system: str
    target: str  # "" where the file says that there is none
    relation: str
    scenario: int
    choice: int
    source: Source
    detail: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def is_none(self) -> bool:
        """Whether the file says that nothing corresponds."""
        return self.relation == NONE

    def in_force(self, on: date) -> bool:
        """Whether the line holds on a day, where the file gives it a span (`from`, `to`)."""
        return int(self.detail.get("from", UNKNOWN)) <= to_number(on) <= int(self.detail.get("to", IN_FORCE))


@dataclass(frozen=True)
class Category:
    """A value of a classification and what it is called."""

    scheme: str
    value: str
    title: str
    parent: str
    source: Source


@dataclass(frozen=True)
class Factor:
    """A relative factor of a risk adjustment model, without unit; `name` is the segment and variable as CMS writes them: "CNA_HCC37"."""

    model: str
    name: str
    factor: float
    source: Source


class Mappings:
    """The room of mappings. Which releases hold which pair of code set and target is looked up once and kept."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._held: dict[tuple[str, str], tuple[Source, ...]] = {}
        self._tables: dict[tuple[str, str], tuple[Source, ...]] = {}
        self._pairs: tuple[tuple[str, str], ...] | None = None

    def of(self, code: str, system: str, target_system: str, on: date) -> Dated[tuple[Mapping, ...]]:
        """What a code maps to on a day; an empty tuple when the release does not list the code."""
        return self._dated(self.releases(target_system, system), on, _OF, system=str(system), code=code, into=str(target_system))

    def to(self, target: str, target_system: str, on: date, system: str | None = None) -> Dated[tuple[Mapping, ...]]:
        """What maps to a target on a day, from one code set or from all; of several releases `source` is the newest."""
        if system is not None:
            return self._dated(self.releases(target_system, system), on, _TO, system=str(system), target=target, into=str(target_system))
        answers = [self.to(target, target_system, on, of) for of, into in self.pairs() if into == target_system]
        covered = [answer for answer in answers if answer.source]
        if not covered:
            return min(answers, key=lambda answer: distance(answer.nearest, on) if answer.nearest else 0, default=Dated(None, None))
        lines = tuple(mapping for answer in covered for mapping in answer.value or ())
        newest = max((answer.source for answer in covered if answer.source), key=lambda source: source.valid_from or date.min)
        return Dated(lines, newest, stale=all(answer.stale for answer in covered))

    def category(self, scheme: str, value: str, on: date) -> Dated[Category]:
        """What a value of a classification is called; a release without names gives way to the nearest one that has them."""
        sources = self._holding(C.scheme, C.source, scheme)
        source = _speaking(sources, on)[:1] or ([_nearest(sources, on)] if sources else [])
        if not source:
            return Dated(None, None)
        rows = self._rows(_CATEGORY, scheme=scheme, value=value, source=source[0].id)
        return Dated(next((Category(row.scheme, row.value, row.title, row.parent, source[0]) for row in rows), None), source[0], None,
                     is_stale(source[0], on))  # fmt: skip

    def factors(self, model: str, hcc: str, on: date) -> Dated[tuple[Factor, ...]]:
        """The relative factors of an HCC by segment, in the payment year that a day of service counts for."""
        source, nearest = _newest(self._holding(F.model, F.source, model), on)
        if source is None:
            return Dated(None, None, nearest)
        rows = self._rows(select(F.name, F.factor).where(F.model == model, F.hcc == hcc, F.source == source.id).order_by(F.name, F.position))
        return Dated(tuple(Factor(model, row.name, row.factor, source) for row in rows), source, stale=is_stale(source, on))

    def drops(self, model: str, hcc: str, on: date) -> Dated[tuple[str, ...]]:
        """The HCCs of the same model that do not count beside this one."""
        source, nearest = _newest(self._holding(H.model, H.source, model), on)
        if source is None:
            return Dated(None, None, nearest)
        rows = self._rows(select(H.dropped).where(H.model == model, H.hcc == hcc, H.source == source.id))
        return Dated(tuple(sorted((row.dropped for row in rows), key=int)), source, stale=is_stale(source, on))

    def releases(self, target_system: str, system: str | None = None) -> tuple[Source, ...]:
        """The releases that map into a code set or classification, oldest first."""
        if system is None:
            found = {source.id for of, into in self.pairs() if into == target_system for source in self.releases(into, of)}
            return tuple(source for source in self._shelf.sources() if source.id in found)
        key = (str(system), str(target_system))
        if key not in self._held:
            self._held[key] = self._ordered(select(M.source).where(M.target_system == key[1], M.system == key[0]).distinct())
        return self._held[key]

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The pairs of code set and target that are loaded: ("ICD10CM", "HCC-V28") …"""
        if self._pairs is None:
            found: list[tuple[str, str]] = []
            for into in self._distinct(select(func.min(M.target_system)), M.target_system):
                systems = self._distinct(select(func.min(M.system)).where(M.target_system == into), M.system)
                found += [(system, into) for system in systems]
            self._pairs = tuple(found)
        return self._pairs

    def _distinct(self, lowest: Select[Any], column: Any) -> list[str]:
        """The values of an indexed column, one step a value."""
        values: list[str] = []
        query = lowest
        while (value := self._rows(query)[0][0]) is not None:
            values.append(value)
            query = lowest.where(column > value)
        return values

    def _holding(self, column: Any, source: Any, value: str) -> tuple[Source, ...]:
        """The releases that have rows of a scheme or model in a table, oldest first; looked up once."""
        key = (str(column.table.name), value)
        if key not in self._tables:
            self._tables[key] = self._ordered(select(source).where(column == value).distinct())
        return self._tables[key]

    def _ordered(self, query: Select[Any]) -> tuple[Source, ...]:
        ids = {id for (id,) in self._rows(query)}
        found = [source for source in self._shelf.sources() if source.id in ids]
        return tuple(sorted(found, key=lambda source: (source.valid_from or date.min, source.key)))

    def _dated(self, sources: Sequence[Source], on: date, query: Select[Any], **wanted: str) -> Dated[tuple[Mapping, ...]]:
        """The newest release that has begun; a partial one without the code gives way to an older one."""
        speaking = _speaking(sources, on)
        if not speaking:
            return Dated(None, None, _nearest(sources, on) if sources else None)
        for source in speaking:
            rows = self._rows(query, source=source.id, **wanted)
            if rows or not is_partial(source):
                lines = (_mapping(row, source) for row in rows)
                return Dated(tuple(line for line in lines if line.in_force(on)), source, stale=is_stale(source, on))
        return Dated((), speaking[0], stale=is_stale(speaking[0], on))

    def _rows(self, query: Select[Any], **wanted: Any) -> Sequence[Row[Any]]:
        with self._shelf.connection() as connection:
            return connection.execute(query, wanted).all()


def _speaking(sources: Sequence[Source], on: date) -> list[Source]:
    """The releases that have begun, newest first; one without a date counts as begun."""
    return [source for source in reversed(sources) if source.valid_from is None or source.valid_from <= on]


def _nearest(sources: Sequence[Source], on: date) -> Source:
    return min(reversed(sources), key=lambda source: distance(source, on))


def _newest(sources: Sequence[Source], on: date) -> tuple[Source | None, Source | None]:
    """The newest release that has begun, else None and the nearest."""
    speaking = _speaking(sources, on)
    return (speaking[0], None) if speaking else (None, _nearest(sources, on) if sources else None)


def _mapping(row: Row[Any], source: Source) -> Mapping:
    detail = json.loads(row.detail) if row.detail else {}
    return Mapping(row.system, row.code, row.target_system, row.target, row.relation, row.scenario, row.choice, source, detail)
