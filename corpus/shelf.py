"""`Shelf`: an edition opened for reading, its sources, and which release of them speaks for a day.

The rooms of look-ups (`corpus.codebook`, `corpus.lookups`) share one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import URL, Connection, Row, Select, create_engine, event, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from corpus import schema
from corpus.editions import Edition, EditionError
from corpus.model import Dated, Setting, Source, SourceKind
from corpus.rows import to_source

SHIPPED_FACTS = "shipped facts"  # `Source.file` of the small tables: a code missing there may still exist
INCOMPLETE = " (incomplete release)"  # end of `Source.file` while a part of a release published in parts is missing
# Kinds that end with their own calendar; the others hold until the next release is loaded and are stale beyond it.
CLOSED = frozenset({SourceKind.FEE_SCHEDULE, SourceKind.QPP_FACTOR, SourceKind.GPCI, SourceKind.ANESTHESIA_FACTOR, SourceKind.OPPS_CAP})
T = TypeVar("T")


def is_partial(source: Source) -> bool:
    """Whether a source holds a few codes of its release only, so that a missing code says nothing."""
    return source.file == SHIPPED_FACTS or (source.file or "").endswith(INCOMPLETE)


def _engine(edition: Edition) -> Engine:
    # immutable: a published edition never changes, so SQLite needs no locks and no writable folder
    options = {"mode": "ro", "immutable": "1", "uri": "true", "check_same_thread": "false"}
    address = URL.create("sqlite", database=f"file:{quote(str(edition.database))}", query=options)
    engine = create_engine(address, pool_size=4)

    @event.listens_for(engine, "connect")
    def _tune(connection: Any, _: object) -> None:
        connection.execute("PRAGMA mmap_size = 1073741824")
        connection.execute("PRAGMA cache_size = -16000")

    return engine


class Shelf:
    """The tables of one edition.

    Raises:
        EditionError: when they are of another version or cannot be read.
    """

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self._db = _engine(edition)
        try:
            self._sources = self._read_sources()
        except (SQLAlchemyError, sqlite3.Error):  # the driver's own, where a new connection is set up
            self.close()
            raise EditionError(f"edition {edition.id} is damaged: run `python -m ingest build`") from None
        except EditionError:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._db.dispose()

    def _read_sources(self) -> dict[int, Source]:
        with self._db.connect() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar()
            if version != schema.VERSION:
                raise EditionError(f"edition {self.edition.id} has tables of version {version}, not {schema.VERSION}: run `python -m ingest build`")
            return {row.id: to_source(row._asdict()) for row in connection.execute(select(schema.source))}

    def rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        """The rows of a query."""
        with self._db.connect() as connection:
            return connection.execute(query).all()

    def connection(self) -> Connection:
        """A connection for reading, where `rows` does not do."""
        return self._db.connect()

    def source(self, id: int) -> Source:
        """A source by its number."""
        return self._sources[id]

    def sources(self, kind: SourceKind | None = None, series: str | None = None, setting: Setting | None = None) -> list[Source]:
        """All sources, or those of a kind, a series, a setting, oldest first."""
        found = [
            s
            for s in self._sources.values()
            if (kind is None or s.kind is kind) and (series is None or s.series == series) and (setting is None or s.setting == setting)
        ]
        return sorted(found, key=lambda s: (s.kind, s.valid_from or date.min, s.key))

    def covering(self, kind: SourceKind, on: date, setting: Setting | None = None, series: str | None = None) -> tuple[list[Source], Source | None]:
        """The releases that speak for a day, newest first, and the nearest other one when there is none.

        What Medicare pays ends with its calendar year, because conversion factor and RVUs are set by year; the other tables
        hold until the next release is loaded, and are stale beyond their own calendar. A PTP file lists all intervals since 1996, so
        the oldest one loaded speaks for the days before it too.
        """
        of_kind = [s for s in self.sources(kind, series) if s.setting == setting and s.valid_from]
        found = [s for s in of_kind if s.valid_from and s.valid_from <= on and (kind not in CLOSED or not s.valid_to or on <= s.valid_to)]
        found.reverse()
        if not found and kind is SourceKind.PTP:
            return of_kind[:1], None
        if found or not of_kind:
            return found, None
        return [], min(reversed(of_kind), key=lambda s: distance(s, on))  # of releases that end on one day, the newest

    def dated(self, kind: SourceKind, on: date, found: dict[int, T], setting: Setting | None = None, series: str | None = None) -> Dated[T]:
        """Pick among values by source id. Partial releases without the code give way to older ones of the same validity."""
        releases, nearest = self.covering(kind, on, setting, series)
        if not releases:
            return Dated(None, None, nearest)
        for source in releases:
            if source.id in found or not is_partial(source):
                return Dated(found.get(source.id), source, stale=is_stale(source, on))
        return Dated(None, releases[0], stale=is_stale(releases[0], on))


def distance(source: Source, on: date) -> int:
    """Days between a day and the validity of a source."""
    start = source.valid_from or date.min
    if on < start:
        return (start - on).days
    return (on - source.valid_to).days if source.valid_to and on > source.valid_to else 0


def is_stale(source: Source, on: date) -> bool:
    """Whether a day lies beyond the calendar of a source."""
    return source.valid_to is not None and on > source.valid_to
