"""Sections of official manuals, and which manuals and documents of the user's own speak for a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, or_, select

from corpus import schema
from corpus.model import Dated, Passage, Source, SourceKind
from corpus.shelf import Shelf, distance, is_stale


@dataclass(frozen=True)
class SectionTitle:
    """A section of a manual: its name as it is cited ("I.C.9.a.2", "IV.E.4", "30.1"), its title with chapter and section."""

    name: str
    title: str
    source: Source


@dataclass(frozen=True)
class ManualSection:
    """A section with the sections in it, in the order of the book; each piece is at most a page's worth of words."""

    name: str
    title: str
    pieces: tuple[Passage, ...]
    source: Source

    @property
    def own(self) -> tuple[Passage, ...]:
        """The pieces that stand in the section itself and not in one within it."""
        return tuple(piece for piece in self.pieces if piece.code == self.name)


class Manuals:
    """The room of manuals and documents. A manual holds until its next release; a document ends with its last day, too."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def loaded(self, series: str) -> list[Source]:
        """The releases of a manual, oldest first; of one that is published by chapter, those of its chapters too."""
        found = self._shelf.sources(SourceKind.MANUAL)
        return [s for s in found if s.series and (s.series == series or s.series.startswith(f"{series}-"))]

    def section(self, series: str, name: str, on: date) -> Dated[ManualSection]:
        """A section by its name on a day: `source` None when no release covers the day, and then `nearest` with none of its text.

        `value` None with a `source`: the release has no such section.
        """
        speaking = [s for group in _by_series(self.loaded(series)).values() if (s := _newest(group, on))]
        if not speaking:
            loaded = self.loaded(series)
            return Dated(None, None, min(reversed(loaded), key=lambda s: distance(s, on)) if loaded else None)
        found = next((section for source in speaking if (section := self.section_of(source, name))), None)
        source = found.source if found else speaking[-1]
        return Dated(found, source, stale=is_stale(source, on))

    def section_of(self, source: Source, name: str) -> ManualSection | None:
        """A section of one release, None when it has none of that name."""
        table = schema.passage
        inside = table.c.code.between(f"{name}.", f"{name}.\uffff")
        query = select(table).where(table.c.source == source.id, table.c.kind == "manual", or_(table.c.code == name, inside))
        rows = self._shelf.rows(query.order_by(table.c.id))
        if not rows:
            return None
        title = next((row.title for row in rows if row.code == name), None) or _title_above(rows[0], name)
        return ManualSection(name, title, tuple(self._passage(row) for row in rows), source)

    def sections(self, series: str, on: date | None = None) -> list[SectionTitle]:
        """The sections of the release that speaks for a day (of the newest without one), in the order of the book."""
        table = schema.passage
        groups = _by_series(self.loaded(series)).values()
        chosen = [s for group in groups if (s := _newest(group, on) if on else group[-1])]
        found: dict[tuple[int, str], SectionTitle] = {}
        for source in chosen:
            query = select(table.c.code, table.c.title).where(table.c.source == source.id, table.c.kind == "manual").order_by(table.c.id)
            for row in self._shelf.rows(query):
                found.setdefault((source.id, row.code), SectionTitle(row.code, row.title, source))
        return list(found.values())

    def speaking(self, kind: SourceKind, on: date) -> dict[int, Source]:
        """The manuals or documents that speak for a day, by number: of each series the newest that has begun and has not ended."""
        groups = _by_series(self._shelf.sources(kind)).values()
        return {s.id: s for group in groups if (s := _newest(group, on))}

    @property
    def anything(self) -> bool:
        """Whether any manual or document is loaded."""
        return bool(self._shelf.sources(SourceKind.MANUAL) or self.documents())

    def documents(self) -> list[Source]:
        """The user's own documents, oldest first."""
        return self._shelf.sources(SourceKind.DOCUMENT)

    def passages_of(self, source: Source) -> list[Passage]:
        """All passages of a manual or document, in order."""
        table = schema.passage
        query = select(table).where(table.c.source == source.id, table.c.kind.in_(("manual", "document"))).order_by(table.c.id)
        return [self._passage(row) for row in self._shelf.rows(query)]

    def _passage(self, row: Row[Any]) -> Passage:
        return Passage(row.key, row.kind, row.title, row.text, self._shelf.source(row.source), row.place, None, row.code)


def _title_above(row: Row[Any], name: str) -> str:
    """The title of a section that has no words of its own, from the first one in it.

    Items of the NCCI manual bear the title of their section ("Chapter IV, Section E.1: Joints"); the titles above a guideline are in `also`.
    """
    title: str = row.title
    chapter, _, rest = name.partition(".")
    item = row.code.partition(".")[2]
    if title.startswith(f"Chapter {chapter}, Section {item}:"):
        return title.replace(f"Section {item}:", f"Section {rest}:", 1)
    above, depth = row.also.split("; "), name.count(".")
    known = f": {above[depth]}" if title.startswith("Section ") and len(above) > depth else ""
    return title.partition(":")[0].replace(row.code, name) + known


def _by_series(sources: Iterable[Source]) -> dict[str, list[Source]]:
    found: dict[str, list[Source]] = {}
    for source in sources:
        found.setdefault(source.series or "", []).append(source)
    return found


def _newest(releases: list[Source], on: date) -> Source | None:
    """The newest release that has begun; a document that has ended is not replaced by an older one."""
    begun = [s for s in releases if (s.valid_from or date.min) <= on]
    if not begun:
        return None
    newest = max(begun, key=lambda s: s.valid_from or date.min)
    ended = newest.kind is SourceKind.DOCUMENT and is_stale(newest, on)
    return None if ended else newest
