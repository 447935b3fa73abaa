"""What the HCPCS Level II file says of a code or a modifier on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select

from corpus import schema
from corpus.model import Dated, Source, SourceKind, System
from corpus.rows import to_date
from corpus.shelf import Shelf


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

    def entry(self, code: str, on: date, system: System = System.HCPCS) -> Dated[HcpcsEntry]:
        """A code, or a modifier when `system` says so, as the release of a day lists it.

        `value` None with a `source`: the release does not list it. A terminated code stays listed for some years, so look at `ended`.
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
        return self._shelf.dated(SourceKind.HCPCS, on, found)

    def note(self, number: str, on: date) -> Dated[HcpcsNote]:
        """The processing note of a number, as the release of a day words it."""
        table = schema.hcpcs_note
        rows = self._shelf.rows(select(table).where(table.c.number == number))
        found = {row.source: HcpcsNote(row.number, row.text, self._shelf.source(row.source)) for row in rows}
        return self._shelf.dated(SourceKind.HCPCS_NOTES, on, found)
