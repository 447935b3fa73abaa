"""Load what a reader gives into a draft edition: one source a release, its rows replaced whole, in bulk."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from corpus.codebook import INCOMPLETE, SHIPPED_FACTS
from corpus.model import SourceKind
from corpus.schema import SETTINGS, metadata
from ingest.progress import Report
from ingest.readers.base import ReadError, Reading
from ingest.store import Known, Store

TABLES = {SourceKind.FEE_SCHEDULE: "fee", SourceKind.MUE: "mue", SourceKind.ADD_ON: "add_on", SourceKind.PTP: "ptp"}
Rows = Iterator[list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Loaded:
    """What was loaded from a file."""

    source: str
    release: str
    file: str
    rows: int
    skipped: dict[str, int]
    seconds: float


def sha256(path: Path) -> str:
    """The checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load(store: Store, reading: Reading, file: str, checksum: str | None, report: Report) -> Loaded:
    """Load a release, or one part of it; what the store had of it before is replaced."""
    started = time.monotonic()
    release = reading.release
    before = store.known(release.key)
    kept = _clear(store, reading, before)
    files, checksums = _names(reading, before, file, checksum)
    source = store.put_source(release, ", ".join(files), " ".join(checksums) or None)
    advance = report.task(f"{release.title}, {release.release}")
    rows = 0
    store.drop_indexes(metadata.tables[reading.table])
    columns, to_rows = _target(store, reading, source)
    for batch in reading.batches:
        inserted = store.insert(reading.table, columns, to_rows(batch), "IGNORE")
        for _ in range(len(batch) - inserted):
            reading.skip("repeated")
        rows += inserted
        advance(len(batch))
    if rows == 0:
        raise ReadError(f"{file}: no row in it; is the file cut off?")
    if reading.part and not _whole(store, source, files):
        store.db.execute("UPDATE source SET file = file || ? WHERE id = ?", (INCOMPLETE, source))
    seconds = time.monotonic() - started
    store.count(source, kept + rows, seconds, json.dumps(reading.skipped))
    return Loaded(release.key, release.release, file, rows, reading.skipped, round(seconds, 2))


def _clear(store: Store, reading: Reading, before: Known | None) -> int:
    """Delete what the reading replaces; return the rows of the release that stay, which only a part leaves."""
    if before is None:
        return 0
    if reading.part and reading.span and before.file != SHIPPED_FACTS:
        deleted = store.db.execute(
            "DELETE FROM ptp WHERE source = ? AND (column1, column2) BETWEEN (?, ?) AND (?, ?)",
            (before.id, *reading.span[0], *reading.span[1]),
        ).rowcount
        return before.rows - deleted
    clear(store, reading.table, before)
    return 0


def clear(store: Store, table: str, known: Known) -> None:
    """Delete all rows of a source."""
    others = store.db.execute(f'SELECT 1 FROM "{table}" WHERE source <> ? LIMIT 1', (known.id,)).fetchone()  # noqa: S608
    if others:
        store.db.execute(f'DELETE FROM "{table}" WHERE source = ?', (known.id,))  # noqa: S608
    else:  # without a condition SQLite drops the pages instead of every row
        store.db.execute(f'DELETE FROM "{table}"')  # noqa: S608


def _names(reading: Reading, before: Known | None, file: str, checksum: str | None) -> tuple[list[str], list[str]]:
    """File names and checksums of a release: of the parts loaded so far and this one, or of this one alone."""
    named: dict[str, str] = {}
    if reading.part and before and before.file and before.file != SHIPPED_FACTS:
        names = before.file.removesuffix(INCOMPLETE).split(", ")
        named = dict(zip(names, (before.sha256 or "").split(" "), strict=False))
    named[file] = checksum or ""
    ordered = sorted(named)
    return ordered, [named[name] for name in ordered if named[name]]


def _whole(store: Store, source: int, files: list[str]) -> bool:
    """Whether the parts make a release: numbered from 1 without a gap, and reaching into the codes that begin with a letter."""
    (last,) = store.db.execute("SELECT max(column1) FROM ptp WHERE source = ?", (source,)).fetchone()
    return all(f"-f{n}" in "".join(files).lower() for n in range(1, len(files) + 1)) and last[0].isalpha()


def _target(store: Store, reading: Reading, source: int) -> tuple[tuple[str, ...], Callable[[list[tuple[Any, ...]]], Any]]:
    """The columns to insert into, and how a batch of records becomes their rows."""
    setting = reading.release.setting
    own: tuple[Any, ...] = (source, SETTINGS[setting]) if setting else (source,)
    columns = ("source", "setting") if setting else ("source",)
    if reading.table == "ptp":
        return (*columns, *reading.columns), partial(_with_rationale, store, _rationales(store), own)
    return (*columns, *reading.columns), lambda batch: [own + record for record in batch]


def _rationales(store: Store) -> dict[str, int]:
    return {text: id for id, text in store.rows("SELECT id, text FROM rationale")}


def _with_rationale(store: Store, known: dict[str, int], own: tuple[Any, ...], batch: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """PTP rows name their rationale, one of a dozen texts, by number."""
    for text in {record[-1] for record in batch} - known.keys():
        known[text] = len(known) + 1
        store.insert("rationale", ("id", "text"), [(known[text], text)])
    return [(*own, *record[:-1], known[record[-1]]) for record in batch]
