"""What Medicare pays with: indices and factors by locality, ZIP codes, caps, outpatient and surgery center rates, places of service.

Every answer is a `Dated`: which release speaks for the day, and what it says. Look-ups only; no fee is computed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Table, select

from corpus import schema
from corpus.model import Dated, Source, SourceKind
from corpus.shelf import Shelf

T = TypeVar("T")
ZIP_DIGITS = 5
ADDENDA = ("AA", "BB")


@dataclass(frozen=True)
class Gpci:
    """Geographic practice cost indices of a locality, dimensionless.

    `work` is the index that is paid; `work_without_floor` None where the file does not tell. `state` is in postal letters.
    """

    contractor: str
    locality: str
    state: str
    name: str
    work: float
    work_without_floor: float | None
    pe: float
    malpractice: float
    source: Source


@dataclass(frozen=True)
class Locality:
    """A fee schedule locality and its counties, as the file words them; `states` in postal letters."""

    contractor: str
    locality: str
    states: tuple[str, ...]
    name: str
    counties: str
    source: Source


@dataclass(frozen=True)
class ZipCode:
    """The contractor and locality that price a ZIP code.

    `rural` is "" (urban), "R" (rural) or "B" (super rural); with `plus_four` part of the ZIP code is priced by its +4 extension.
    """

    zip: str
    state: str
    contractor: str
    locality: str
    rural: str
    plus_four: bool
    source: Source


@dataclass(frozen=True)
class AnesthesiaFactor:
    """An anesthesia conversion factor in US dollars a unit; `factor_qpp` that of qualifying APM participants, None before 2026."""

    contractor: str
    locality: str
    name: str
    factor: float
    factor_qpp: float | None
    source: Source


@dataclass(frozen=True)
class OppsCap:
    """Amounts under the OPPS cap in US dollars. Where contractors price the code (`status` "C") they are the cap alone."""

    code: str
    modifier: str
    contractor: str
    locality: str
    status: str
    facility: float | None
    nonfacility: float | None
    source: Source


@dataclass(frozen=True)
class OppsRate:
    """A row of OPPS Addendum B: amounts in US dollars, None where the file has none; `status` is the status indicator."""

    code: str
    descriptor: str
    status: str
    apc: str
    weight: float | None
    rate: float | None
    copayment: float | None
    minimum_copayment: float | None
    note: str
    source: Source


@dataclass(frozen=True)
class AscRate:
    """A row of ASC Addendum AA or BB: `rate` in US dollars, `discounted` "Y" where multiple procedures are discounted."""

    code: str
    addendum: str
    descriptor: str
    discounted: str
    indicator: str
    weight: float | None
    rate: float | None
    source: Source


@dataclass(frozen=True)
class PlaceOfService:
    """A place of service; `facility` "F" is paid at the facility rate, "N" at the non-facility rate, "" where the list does not tell."""

    code: str
    name: str
    facility: str
    source: Source


@dataclass(frozen=True)
class Contractor:
    """A contractor of a state; `id` is its number, or the jurisdiction where the list has no numbers."""

    id: str
    state: str
    name: str
    kind: str
    jurisdiction: str
    source: Source


class Payment:
    """The look-ups of this room."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def gpci(self, contractor: str, locality: str, on: date) -> Dated[Gpci]:
        """The indices of a contractor ("10112") and locality ("00")."""
        table = schema.gpci
        where = (table.c.contractor == contractor, table.c.locality == locality)
        return self._one(SourceKind.GPCI, table, where, self._maker(Gpci), on)

    def localities(self, on: date, state: str | None = None) -> Dated[tuple[Locality, ...]]:
        """The localities with their counties in the order of the file, all or those of a state."""
        table = schema.locality
        rows = self._shelf.rows(select(table).order_by(table.c.contractor, table.c.locality, table.c.position))
        kept = (row for row in rows if state is None or state.upper() in row.state.split())
        return self._shelf.dated(SourceKind.LOCALITY, on, _grouped(kept, self._locality))

    def counties(self, contractor: str, locality: str, on: date) -> Dated[tuple[Locality, ...]]:
        """One locality; the file may list it in several rows."""
        table = schema.locality
        where = (table.c.contractor == contractor, table.c.locality == locality)
        rows = self._shelf.rows(select(table).where(*where).order_by(table.c.position))
        return self._shelf.dated(SourceKind.LOCALITY, on, _grouped(rows, self._locality))

    def _locality(self, row: Row[Any]) -> Locality:
        return Locality(row.contractor, row.locality, tuple(row.state.split()), row.name, row.counties, self._shelf.source(row.source))

    def locality_of_zip(self, zip_code: str, on: date) -> Dated[tuple[ZipCode, ...]]:
        """What prices a ZIP code of five digits; a +4 extension is left out of account."""
        table = schema.zip_code
        rows = self._shelf.rows(select(table).where(table.c.zip == zip_code.strip()[:ZIP_DIGITS]).order_by(table.c.contractor, table.c.locality))
        return self._shelf.dated(SourceKind.ZIP_CODE, on, _grouped(rows, self._zip))

    def _zip(self, row: Row[Any]) -> ZipCode:
        return ZipCode(row.zip, row.state, row.contractor, row.locality, row.rural, bool(row.plus_four), self._shelf.source(row.source))

    def anesthesia_factor(self, contractor: str, locality: str, on: date) -> Dated[AnesthesiaFactor]:
        """The anesthesia conversion factor of a contractor and locality."""
        table = schema.anesthesia_factor
        where = (table.c.contractor == contractor, table.c.locality == locality)
        return self._one(SourceKind.ANESTHESIA_FACTOR, table, where, self._maker(AnesthesiaFactor), on)

    def opps_cap(self, code: str, modifier: str, contractor: str, locality: str, on: date) -> Dated[OppsCap]:
        """The amounts under the OPPS cap of a code and modifier ("" = global, "TC") in a locality."""
        c = schema.opps_cap.c
        where = (c.code == code, c.modifier == modifier, c.contractor == contractor, c.locality == locality)
        return self._one(SourceKind.OPPS_CAP, schema.opps_cap, where, self._maker(OppsCap), on)

    def opps(self, code: str, on: date) -> Dated[OppsRate]:
        """Status indicator, APC and rate of a code in an outpatient hospital."""
        return self._one(SourceKind.OPPS, schema.opps, (schema.opps.c.code == code,), self._maker(OppsRate), on)

    def asc(self, code: str, on: date) -> Dated[AscRate]:
        """Payment indicator and rate of a code in an ambulatory surgical center, from whichever addendum lists it.

        Where neither does, that is known only if both cover the day.
        """
        table = schema.asc
        make = self._maker(AscRate)
        found = {row.source: make(row) for row in self._shelf.rows(select(table).where(table.c.code == code))}
        answers = [self._shelf.dated(SourceKind.ASC, on, found, series=addendum) for addendum in ADDENDA]
        listed = [answer for answer in answers if answer.value]
        open_ = [answer for answer in answers if not answer.covered]
        return (listed or sorted(open_, key=lambda answer: answer.nearest is None) or answers)[0]

    def qpp_factor(self, on: date) -> Dated[float]:
        """The conversion factor of qualifying APM participants, US dollars per RVU; there is one from 2026 on."""
        rows = self._shelf.rows(select(schema.qpp_factor))
        return self._shelf.dated(SourceKind.QPP_FACTOR, on, {row.source: float(row.factor) for row in rows})

    def place_of_service(self, code: str, on: date) -> Dated[PlaceOfService]:
        """What a place of service is called and which rate it is paid at."""
        table = schema.place_of_service
        return self._one(SourceKind.PLACE_OF_SERVICE, table, (table.c.code == code,), self._maker(PlaceOfService), on)

    def places_of_service(self, on: date) -> Dated[tuple[PlaceOfService, ...]]:
        """All places of service of a day, in order."""
        table = schema.place_of_service
        rows = self._shelf.rows(select(table).order_by(table.c.code))
        return self._shelf.dated(SourceKind.PLACE_OF_SERVICE, on, _grouped(rows, self._maker(PlaceOfService)))

    def contractors_of_state(self, state: str, on: date) -> Dated[tuple[Contractor, ...]]:
        """The contractors of a state, in postal letters, by kind."""
        table = schema.contractor
        rows = self._shelf.rows(select(table).where(table.c.state == state.upper()).order_by(table.c.kind, table.c.id))
        return self._shelf.dated(SourceKind.CONTRACTOR, on, _grouped(rows, self._maker(Contractor)))

    def _one(self, kind: SourceKind, table: Table, where: Iterable[ColumnElement[bool]], make: Callable[[Row[Any]], T], on: date) -> Dated[T]:
        """The single row of a release."""
        rows = self._shelf.rows(select(table).where(*where))
        return self._shelf.dated(kind, on, {row.source: make(row) for row in rows})

    def _maker(self, kind: Callable[..., T]) -> Callable[[Row[Any]], T]:
        """How a row of a table becomes the dataclass with the same names."""
        return lambda row: kind(**{**row._asdict(), "source": self._shelf.source(row.source)})


def _grouped(rows: Iterable[Row[Any]], make: Callable[[Row[Any]], T]) -> dict[int, tuple[T, ...]]:
    """Rows by release, in their order."""
    found: dict[int, list[T]] = {}
    for row in rows:
        found.setdefault(row.source, []).append(make(row))
    return {source: tuple(values) for source, values in found.items()}
