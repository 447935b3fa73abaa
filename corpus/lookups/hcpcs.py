"""What the HCPCS Level II file says of a code or a modifier on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select

from corpus import schema
from corpus.model import Dated, Source, SourceKind, System
from corpus.rows import to_date
from corpus.shelf import Shelf, is_partial, is_stale

Span = tuple[date | None, date | None]  # first and last day as a row prints them, None where it is open


@dataclass(frozen=True)
class HcpcsEntry:
    """A code or modifier as one release lists it; "" and () where the file has a blank.

    `title` is the long description, "" in a release without descriptions. `added`: the day the code began; `effective`: the day of the
    last action, which `action` names; `ended`: its last day, None while it is in force. All as printed in the file: pricing indicators
    (up to four), multiple pricing indicator, coverage code, BETOS, types of service (up to five), anesthesia base units, laboratory
    certification codes, sections of the coverage manual (`ncd`) and of the Medicare Carriers Manual, statute, codes to use instead or
    besides (`cross_reference`), ASC payment group ("YY": on the ASC list), number of the processing note.
    """

    system: System
    code: str
    title: str
    short: str
    added: date | None
    effective: date | None
    ended: date | None
    pricing: tuple[str, ...]
    multiple_pricing: str
    coverage: str
    betos: str
    type_of_service: tuple[str, ...]
    anesthesia_units: str
    laboratory: tuple[str, ...]
    ncd: str
    manual: str
    statute: str
    cross_reference: tuple[str, ...]
    asc_group: str
    processing_note: str
    action: str
    source: Source

    def in_force(self, on: date) -> bool:
        """Whether the code may be used on a day; an unknown start counts as begun."""
        return (self.added is None or self.added <= on) and (self.ended is None or on <= self.ended)


@dataclass(frozen=True)
class HcpcsNote:
    """A processing note by its number, four digits as text."""

    number: str
    text: str
    source: Source


class Hcpcs:
    """The room of HCPCS Level II. A release holds until the next one is loaded, and is stale beyond its own year or quarter."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._lists: dict[tuple[int, System], bool] = {}

    def entry(self, code: str, on: date, system: System = System.HCPCS, reach: bool = False) -> Dated[HcpcsEntry]:
        """A code, or a modifier when `system` says so, as the release of a day lists it.

        `value` None with a `source`: the release does not list it. A terminated code stays listed for some years, so look at `ended`.
        What a later release tells of that day (a last day before it, a first day of a code that the release did not list yet) goes first.
        `reach`: the first release answers for the days before it, too, whose rows tell when a code began.
        """
        listing, details = schema.listing, schema.hcpcs
        same = and_(listing.c.system == details.c.system, listing.c.code == details.c.code, listing.c.source == details.c.source)
        columns = [c for c in details.c if c.name not in ("system", "code", "source")]
        query = select(listing, *columns).join(details, same).where(listing.c.system == system, listing.c.code == code)
        found: dict[int, HcpcsEntry] = {}
        for row in self._shelf.rows(query):
            found[row.source] = HcpcsEntry(
                system=system,
                code=row.code,
                title=row.title,
                short=row.short,
                added=to_date(row.added),
                effective=to_date(row.effective),
                ended=to_date(row.ended),
                pricing=tuple(row.pricing.split()),
                multiple_pricing=row.multiple_pricing,
                coverage=row.coverage,
                betos=row.betos,
                type_of_service=tuple(row.type_of_service.split()),
                anesthesia_units=row.anesthesia_units,
                laboratory=tuple(row.laboratory.split()),
                ncd=row.ncd,
                manual=row.manual,
                statute=row.statute,
                cross_reference=tuple(row.cross_reference.split()),
                asc_group=row.asc_group,
                processing_note=row.processing_note,
                action=row.action,
                source=self._shelf.source(row.source),
            )
        chosen = self.speaking({id: (entry.added, entry.ended) for id, entry in found.items()}, system, on, reach)
        return Dated(found[chosen.value] if chosen.value is not None else None, chosen.source, chosen.nearest, chosen.stale)

    def speaking(self, spans: Mapping[int, Span], system: System, on: date, reach: bool = True) -> Dated[int]:
        """Of the rows of a code, by source id, the one to answer from on a day.

        That of the release of the day, as far as the release lists the code set at all, unless a later one knows better: files
        are not issued anew for what ends or begins within their year, so the rows behind them tell it.
        """
        releases = [s for s in self._shelf.sources(SourceKind.HCPCS) if s.valid_from and (s.id in spans or self._lists_any(s, system))]
        listed: Dated[int] = Dated(None, None, releases[0] if releases else None)
        for source in reversed([s for s in releases if s.valid_from and s.valid_from <= on]):
            if source.id in spans or not is_partial(source):
                listed = Dated(source.id if source.id in spans else None, source, stale=is_stale(source, on))
                break
        if listed.source is None and not reach:
            return listed
        at = listed.source.valid_from if listed.source else None
        later = [s for s in releases if s.id in spans and spans[s.id][0] and (at is None or (s.valid_from and s.valid_from > at))]
        better = next((s for s in later if _knows_better(spans[s.id], spans[listed.value] if listed.value is not None else None, on)), None)
        return Dated(better.id, better, stale=False) if better else listed

    def _lists_any(self, source: Source, system: System) -> bool:
        """Whether a release lists a code set: one of codes alone says nothing of modifiers."""
        key = (source.id, system)
        if key not in self._lists:
            table = schema.listing
            query = select(table.c.code).where(table.c.system == system, table.c.source == source.id).limit(1)
            self._lists[key] = bool(self._shelf.rows(query))
        return self._lists[key]

    def note(self, number: str, on: date) -> Dated[HcpcsNote]:
        """The processing note of a number, as the release of a day words it."""
        table = schema.hcpcs_note
        rows = self._shelf.rows(select(table).where(table.c.number == number))
        found = {row.source: HcpcsNote(row.number, row.text, self._shelf.source(row.source)) for row in rows}
        return self._shelf.dated(SourceKind.HCPCS_NOTES, on, found)


def _knows_better(later: Span, listed: Span | None, on: date) -> bool:
    """Whether a later row tells more of a day than the row of the day's own release, if it has one."""
    first, last = later
    if listed is None or first is None:
        return first is not None
    if _holds(listed, on):
        return first == listed[0] and last is not None and last < on  # ended within the time of the release
    return _holds(later, on)  # ended, and come again


def _holds(span: Span, on: date) -> bool:
    first, last = span
    return (first is None or first <= on) and (last is None or on <= last)
