"""Load what readers give into a draft edition: one source a release, its rows replaced whole, in bulk."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.model import SourceKind
from corpus.schema import SETTINGS, metadata
from corpus.shelf import INCOMPLETE, SHIPPED_FACTS
from ingest import index
from ingest.progress import Report
from ingest.readers.base import ReadError, Reading, Record
from ingest.store import Store

PASSAGE = "passage"
# What the sources of a kind fill: where to look when one is removed or taken over.
TABLES: dict[SourceKind, tuple[str, ...]] = {
    SourceKind.FEE_SCHEDULE: ("fee",),
    SourceKind.QPP_FACTOR: ("qpp_factor",),
    SourceKind.GPCI: ("gpci",),
    SourceKind.LOCALITY: ("locality",),
    SourceKind.ZIP_CODE: ("zip_code",),
    SourceKind.ANESTHESIA_FACTOR: ("anesthesia_factor",),
    SourceKind.OPPS_CAP: ("opps_cap",),
    SourceKind.OPPS: ("opps",),
    SourceKind.ASC: ("asc",),
    SourceKind.PLACE_OF_SERVICE: ("place_of_service",),
    SourceKind.CONTRACTOR: ("contractor",),
    SourceKind.MUE: ("mue",),
    SourceKind.ADD_ON: ("add_on",),
    SourceKind.PTP: ("ptp",),
    SourceKind.PTP_CHANGES: ("ptp_change",),
    SourceKind.HCPCS: ("listing", "hcpcs"),
    SourceKind.HCPCS_NOTES: ("hcpcs_note",),
    SourceKind.DESCRIPTORS: ("descriptor",),
    SourceKind.ICD10CM: ("listing", "note", PASSAGE),
    SourceKind.ICD10CM_LIST: ("listing",),
    SourceKind.ICD10CM_ADDENDA: ("change",),
    SourceKind.ICD10CM_INDEX: ("index_term", PASSAGE),
    SourceKind.ICD10PCS: ("listing",),
    SourceKind.ICD10PCS_ADDENDA: ("change",),
    SourceKind.ICD10PCS_TABLES: ("pcs_axis",),
    SourceKind.ICD10PCS_INDEX: ("index_term", PASSAGE),
    SourceKind.ICD10PCS_DEFINITIONS: ("pcs_definition", PASSAGE),
    SourceKind.ICD10PCS_CONVERSION: ("mapping",),
    SourceKind.GEM: ("mapping",),
    SourceKind.POA_EXEMPT: ("mapping", "category"),
    SourceKind.MCE: ("mapping", "category"),
    SourceKind.CCSR: ("mapping", "category"),
    SourceKind.CCIR: ("mapping", "category"),
    SourceKind.RBCS: ("mapping", "category"),
    SourceKind.HCC: ("mapping", "category", "hcc_hierarchy", "hcc_coefficient"),
    SourceKind.COVERAGE: (
        "coverage_document", "coverage_code", "coverage_group", "coverage_diagnosis", "coverage_contractor", "coverage_relation", "contractor",
        PASSAGE,
    ),
    SourceKind.MANUAL: (PASSAGE,),
    SourceKind.DOCUMENT: (PASSAGE,),
}  # fmt: skip


@dataclass(frozen=True)
class Loaded:
    """What was loaded from a file; `unchanged` when the edition had the very file already."""

    source: str
    release: str
    file: str
    rows: int
    skipped: dict[str, int]
    seconds: float
    unchanged: bool = False


def sha256(path: Path) -> str:
    """The checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Loader:
    """Loads readings into one draft. Of a release that comes in several files, the first clears what the store had of it."""

    def __init__(self, store: Store, report: Report) -> None:
        self._store = store
        self._report = report
        self._cleared: set[tuple[int, str]] = set()
        self._rationales: dict[str, int] | None = None

    def load(self, reading: Reading, file: str, checksum: str = "") -> Loaded:
        """Load a release, or one file of it; what the store had of it in the same tables is replaced.

        Raises:
            ReadError: when a line is not what the format says, or there is none.
        """
        started = time.monotonic()
        store, release = self._store, reading.release
        source = store.put_source(release)
        self._clear(reading, source)
        advance = self._report.task(f"{release.title}, {release.release}")
        rows = read = 0
        for table in reading.tables:
            if table != PASSAGE:  # whose indexes are needed to replace passages
                store.drop_indexes(metadata.tables[table])
        targets = {table: self._target(reading, table, columns, source) for table, columns in reading.tables.items()}
        for table, batch in reading.batches:
            inserted = targets[table](batch)
            if inserted < len(batch):
                reading.skip("repeated", len(batch) - inserted)
            rows += inserted
            read += len(batch)
            advance(len(batch))
        if read == 0:  # all repeated is no fault: a release may come as csv, txt and xlsx in one archive
            raise ReadError(f"{file}: no row in it; is the file cut off?")
        seconds = time.monotonic() - started
        tables = " ".join(sorted(reading.tables))
        store.put_file(source, file, checksum, tables, reading.part or "", rows)
        store.settle(source, seconds, json.dumps(reading.skipped))
        if reading.span and not self._whole(source):
            store.db.execute("UPDATE source SET file = file || ? WHERE id = ?", (INCOMPLETE, source))
        return Loaded(release.key, release.release, file, rows, reading.skipped, round(seconds, 2))

    def _clear(self, reading: Reading, source: int) -> None:
        """Delete what the reading replaces."""
        store = self._store
        shipped = store.file_of(source) == SHIPPED_FACTS
        if shipped:  # facts on ICD-10-CM stand in another table than the list that takes their place
            store.db.execute("DELETE FROM event WHERE source = ?", (source,))
        if reading.part and reading.span and not shipped:
            store.db.execute(
                "DELETE FROM ptp WHERE source = ? AND (column1, column2) BETWEEN (?, ?) AND (?, ?)", (source, *reading.span[0], *reading.span[1])
            )
            store.forget_files(source, part=reading.part)
        else:
            fresh = {table for table in reading.tables if (source, table) not in self._cleared}
            clear(store, tuple(fresh), source)
            self._cleared |= {(source, table) for table in fresh}
            store.forget_files(source, fresh)

    def _whole(self, source: int) -> bool:
        """Whether the parts make a release: numbered from 1 without a gap, and reaching into the codes that begin with a letter."""
        parts = {part for (part,) in self._store.rows("SELECT part FROM source_file WHERE source = ?", source)}
        (last,) = self._store.db.execute("SELECT max(column1) FROM ptp WHERE source = ?", (source,)).fetchone()
        return parts == {f"f{n}" for n in range(1, len(parts) + 1)} and last[0].isalpha()

    def _target(self, reading: Reading, table: str, columns: tuple[str, ...], source: int) -> Callable[[list[Record]], int]:
        """How a batch of records gets into a table; the target tells how many went in."""
        store, setting = self._store, reading.release.setting
        if table == PASSAGE:
            searched = index.make_room(store, source)
            return lambda batch: index.add_records(store, batch, source, searched)
        own: tuple[Any, ...] = (source, SETTINGS[setting]) if setting else (source,)
        all_columns = ("source", "setting", *columns) if setting else ("source", *columns)
        if table == "ptp":
            return lambda batch: store.insert(table, all_columns, self._with_rationale(own, batch), "skip")
        return lambda batch: store.insert(table, all_columns, [own + record for record in batch], "skip")

    def _with_rationale(self, own: tuple[Any, ...], batch: list[Record]) -> list[Record]:
        """PTP rows name their rationale, one of a dozen texts, by number."""
        if self._rationales is None:
            self._rationales = {text: id for id, text in self._store.rows("SELECT id, text FROM rationale")}
        known = self._rationales
        for text in {record[-1] for record in batch} - known.keys():
            known[text] = len(known) + 1
            self._store.insert("rationale", ("id", "text"), [(known[text], text)])
        return [(*own, *record[:-1], known[record[-1]]) for record in batch]


def clear(store: Store, tables: tuple[str, ...], source: int) -> None:
    """Delete all rows of a source in some tables."""
    for table in tables:
        if table == PASSAGE:
            index.remove(store, "source = ?", source)
            continue
        others = store.db.execute(f'SELECT 1 FROM "{table}" WHERE source <> ? LIMIT 1', (source,)).fetchone()  # noqa: S608
        if others:
            store.db.execute(f'DELETE FROM "{table}" WHERE source = ?', (source,))  # noqa: S608
        else:  # without a condition SQLite drops the pages instead of every row
            store.db.execute(f'DELETE FROM "{table}"')  # noqa: S608


# Kinds whose releases list everything, so that one far smaller than another is an excerpt or was cut off at the end of a line.
WHOLE = (
    SourceKind.FEE_SCHEDULE, SourceKind.MUE, SourceKind.ADD_ON, SourceKind.PTP, SourceKind.HCPCS, SourceKind.ICD10CM, SourceKind.ICD10CM_LIST,
    SourceKind.ICD10PCS, SourceKind.GPCI, SourceKind.ZIP_CODE, SourceKind.LOCALITY, SourceKind.OPPS, SourceKind.ASC, SourceKind.RBCS,
    SourceKind.POA_EXEMPT, SourceKind.CCIR, SourceKind.CCSR,
)  # fmt: skip
TOO_SMALL = 0.6  # of the largest release of the same kind: the sets grow by a few percent a year


def mark_excerpts(store: Store) -> None:
    """Mark releases that cannot be whole, so that a code missing there says nothing."""
    groups: dict[tuple[Any, ...], list[tuple[int, int, str]]] = {}
    marks = ", ".join("?" * len(WHOLE))
    query = f"SELECT id, kind, setting, series, rows, file FROM source WHERE kind IN ({marks}) AND file <> ?"  # noqa: S608
    for id, kind, setting, series, rows, file in store.rows(query, *WHOLE, SHIPPED_FACTS):
        groups.setdefault((kind, setting, series), []).append((id, rows, file))
    for found in groups.values():
        largest = max(rows for _, rows, _ in found)
        for id, rows, file in found:
            if rows < TOO_SMALL * largest and not file.endswith(INCOMPLETE):
                store.db.execute("UPDATE source SET file = file || ? WHERE id = ?", (INCOMPLETE, id))
