"""The database of a draft edition, opened for writing in bulk.

Without journal and without waiting for the disk: a draft that fails is thrown away, and `finish` brings the file to the disk before the
edition is published.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex

from corpus import schema
from corpus.rows import to_number
from ingest.readers.base import Release

PRAGMAS = ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "temp_store = MEMORY", "cache_size = -200000")


@dataclass(frozen=True)
class Known:
    """A source that the store has."""

    id: int
    file: str | None
    sha256: str | None
    rows: int


class Store:
    """Sources and their rows."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self.db = sqlite3.connect(address(database, "mode=rw"), isolation_level=None, uri=True)
        for pragma in PRAGMAS:
            self.db.execute(f"PRAGMA {pragma}")
        self.db.execute("BEGIN")

    @classmethod
    def create(cls, database: Path) -> Store:
        """Make an empty store with all tables."""
        from sqlalchemy import URL, create_engine

        engine = create_engine(URL.create("sqlite", database=str(database)))
        with engine.begin() as connection:
            schema.metadata.create_all(connection)
            connection.exec_driver_sql(schema.FULL_TEXT)
            connection.exec_driver_sql(f"PRAGMA user_version = {schema.VERSION}")
        engine.dispose()
        return cls(database)

    def drop_indexes(self, table: Table) -> None:
        """Drop the indexes of a table before many rows go in; `finish` makes them anew, which is faster than keeping them up."""
        for index in table.indexes:
            self.db.execute(f"DROP INDEX IF EXISTS {index.name}")

    def finish(self) -> None:
        """Make the indexes that were dropped, commit, and bring the file to the disk."""
        for table in schema.metadata.tables.values():
            for index in table.indexes:
                self.db.execute(str(CreateIndex(index, if_not_exists=True).compile(dialect=sqlite.dialect())))
        self.db.execute("COMMIT")
        self.db.execute("PRAGMA optimize")
        self.db.close()
        with self.database.open("rb") as file:
            os.fsync(file.fileno())

    def flush(self) -> None:
        """Write what is held in memory to the file, and let go of the memory."""
        self.db.execute("COMMIT")
        self.db.execute("PRAGMA shrink_memory")
        self.db.execute("BEGIN")

    def close(self) -> None:
        """Let go of a file that is thrown away."""
        self.db.close()

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], repeated: str = "fail") -> int:
        """Insert rows in bulk; return how many went in. `repeated`: "fail", "skip" or "replace" a row whose key is there already."""
        names = ", ".join(f'"{column}"' for column in columns)
        marks = ", ".join("?" * len(columns))
        verb, end = {"fail": ("INSERT", ""), "skip": ("INSERT", " ON CONFLICT DO NOTHING"), "replace": ("REPLACE", "")}[repeated]
        return self.db.executemany(f'{verb} INTO "{table}" ({names}) VALUES ({marks}){end}', rows).rowcount

    def rows(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """The rows of a query."""
        yield from self.db.execute(query, values)

    def known(self, key: str) -> Known | None:
        """A source by its key."""
        row = self.db.execute("SELECT id, file, sha256, rows FROM source WHERE key = ?", (key,)).fetchone()
        return Known(*row) if row else None

    def put_source(self, release: Release, file: str | None = None, sha256: str | None = None, key: str | None = None) -> int:
        """Add a source, or bring the one of the same key up to date; return its number."""
        values = {
            "key": key or release.key,
            "kind": release.kind,
            "setting": release.setting,
            "series": release.series,
            "title": release.title,
            "publisher": release.publisher,
            "release": release.release,
            "valid_from": number(release.valid_from),
            "valid_to": number(release.valid_to),
            "url": release.url,
            "loaded_at": datetime.now(UTC).isoformat(timespec="seconds"),
        } | ({"file": file, "sha256": sha256} if file or sha256 else {})
        updates = ", ".join(f"{column} = excluded.{column}" for column in values if column != "key")
        marks = ", ".join("?" * len(values))
        statement = f"INSERT INTO source ({', '.join(values)}, rows) VALUES ({marks}, 0) ON CONFLICT (key) DO UPDATE SET {updates} RETURNING id"  # noqa: S608
        (source,) = self.db.execute(statement, tuple(values.values())).fetchone()
        return int(source)

    def count(self, source: int, rows: int, seconds: float = 0.0, skipped: str = "{}") -> None:
        """Write down what was loaded from a source."""
        self.db.execute("UPDATE source SET rows = ?, seconds = ?, skipped = ? WHERE id = ?", (rows, round(seconds, 2), skipped, source))

    def file_of(self, source: int) -> str | None:
        """The file, or files, that a source was loaded from."""
        row = self.db.execute("SELECT file FROM source WHERE id = ?", (source,)).fetchone()
        return row[0] if row else None

    def put_file(self, source: int, file: str, sha256: str, tables: str, part: str, rows: int) -> None:
        """Write down a file of a release."""
        columns = ("source", "file", "sha256", "tables", "part", "rows")
        self.insert("source_file", columns, [(source, file, sha256, tables, part, rows)], "replace")

    def forget_files(self, source: int, tables: Iterable[str] = (), part: str | None = None) -> None:
        """Drop the files of a release that filled some tables, or that were a part of it."""
        for file, filled, its_part in list(self.rows("SELECT file, tables, part FROM source_file WHERE source = ?", source)):
            if (part is not None and its_part == part) or set(filled.split()) & set(tables):
                self.db.execute("DELETE FROM source_file WHERE source = ? AND file = ?", (source, file))

    def forget(self, source: int) -> None:
        """Drop a source, whose rows are gone, with its files and what it shows of codes."""
        self.db.execute("DELETE FROM event WHERE source = ?", (source,))
        self.db.execute("DELETE FROM source_file WHERE source = ?", (source,))
        self.db.execute("DELETE FROM source WHERE id = ?", (source,))

    def settle(self, source: int, seconds: float, skipped: str) -> None:
        """Sum up a source over its files."""
        files = list(self.rows("SELECT file, sha256, rows FROM source_file WHERE source = ? ORDER BY file", source))
        names, checksums = ", ".join(file for file, _, _ in files), " ".join(sha for _, sha, _ in files if sha)
        self.db.execute("UPDATE source SET file = ?, sha256 = ? WHERE id = ?", (names, checksums, source))
        self.count(source, sum(rows for _, _, rows in files), seconds, skipped)


def address(database: Path, options: str = "mode=ro&immutable=1") -> str:
    """The URI of a database; by default of a published edition, which never changes, for reading."""
    return f"file:{quote(str(database))}?{options}"


@contextmanager
def reading(database: Path) -> Iterator[sqlite3.Connection]:
    """A published edition, which never changes, opened for reading."""
    with closing(sqlite3.connect(address(database), uri=True)) as db:
        yield db


def number(day: date | None) -> int | None:
    """A day as YYYYMMDD; None stays None."""
    return to_number(day) if day else None


@contextmanager
def writing(store: Store) -> Iterator[Store]:
    """Finish the store on leaving; after an error only let go of it."""
    try:
        yield store
    except BaseException:
        store.close()
        raise
    store.finish()
