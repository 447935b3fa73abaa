"""Make editions: the whole default one out of the shipped corpus, or a new one out of the current and official files."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from corpus import schema
from corpus.codebook import SHIPPED_FACTS
from corpus.editions import Edition, EditionError, current, draft, home
from corpus.errors import CodebookError
from corpus.model import System
from ingest import derive, index
from ingest.carry import carry
from ingest.history import Change
from ingest.load import TABLES, Loaded, clear, load, sha256
from ingest.lock import one_at_a_time
from ingest.progress import Report, Silent
from ingest.readers import icd10cm, recognise, shipped, why_unknown
from ingest.readers.base import OfficialFile, Reading, RefusedError, unpack
from ingest.shipped import FOLDER, KEY, checksum
from ingest.shipped.check import usable
from ingest.shipped.read import Fault, read_shipped
from ingest.store import Store, reading, writing

# The sources that a user loaded; an edition of any version has these columns.
LOADED = f"SELECT key, file FROM source WHERE kind IN ({', '.join(repr(str(kind)) for kind in TABLES)}) AND file <> ? ORDER BY key"  # noqa: S608


class IngestError(CodebookError):
    """What cannot be done with the sources, in one line."""


@dataclass
class Result:
    """What became of a build or load: the edition, what was loaded, files left out with the reason, faults of shipped entries.

    `add_again`: loaded sources that the edition before had and the new one lacks.
    """

    edition: str = ""
    loaded: list[Loaded] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    embedded: int = 0
    add_again: list[str] = field(default_factory=list)


def build(report: Report | None = None, folder: Path = FOLDER, tabular: Iterable[icd10cm.Entry] | None = None) -> Result:
    """Make the default edition out of the shipped corpus and ICD-10-CM; official files loaded before stay loaded.

    Entries with faults are left out and reported. `tabular`: entries in place of the whole tabular list, for tests.
    """
    report = report or Silent()
    result = Result()
    with one_at_a_time(home()):
        before = _usable_edition(result)
        with draft() as edition, writing(Store.create(edition.database)) as store:
            also = _shipped(store, folder, result)
            _tabular(store, tabular, report, result)
            for facts in shipped.facts(folder):
                result.loaded.append(load(store, facts, SHIPPED_FACTS, None, report))
            if before:
                result.loaded += carry(store, before)
            derive.derive(store, _history(folder))
            result.embedded = index.embed(store, also, edition.chroma, before, report)
        result.edition = edition.id.removeprefix(".building-")
    return result


def _usable_edition(result: Result) -> Edition | None:
    """The current edition, to take over from; None when there is none, it is damaged, or its tables are of another version."""
    try:
        edition = current()
    except EditionError:
        return None
    try:
        with reading(edition.database) as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            ((state,),) = db.execute("PRAGMA quick_check(1)")
            if (version, state) == (schema.VERSION, "ok"):
                return edition
            result.add_again = [f"{key} ({file})" for key, file in db.execute(LOADED, (SHIPPED_FACTS,))]
    except sqlite3.Error:
        result.add_again = ["every file that was added: the edition before cannot be read"]
    return None


def _shipped(store: Store, folder: Path, result: Result) -> dict[str, str]:
    """Publications, documents and their passages; return the words that find a passage beyond its own, by key."""
    started = time.monotonic()
    digest = checksum(folder)  # before the files are read: a change on the way shows as one
    found, result.faults = usable(read_shipped(folder), folder)
    publications = {}
    for entry in found.publications:
        release = shipped.publication(entry.value)
        publications[entry.value.id] = store.put_source(release, "sources.yaml", key=f"publication/{entry.value.id}")
    source = store.put_source(shipped.RELEASE, sha256=digest, key=KEY)
    documents = [(d.kind, d.key, d.body, d.place, source) for d in shipped.documents(found, folder)]
    store.insert("document", ("kind", "key", "body", "place", "source"), documents)
    pages = sorted((entry.value for entry in found.pages), key=lambda page: page.code)
    codes = [(page.system, page.code, page.title, "code", 1, 1, position, source) for position, page in enumerate(pages)]
    store.insert("code", ("system", "code", "title", "kind", "billable", "has_page", "position", "source"), codes)
    meanings = shipped.table("indicators", shipped.INDICATOR_COLUMNS, folder)
    rows = [(m["field"], m["value"], m["meaning"], publications[m["source"]], m["place"]) for m in meanings if m["source"] in publications]
    store.insert("indicator", ("field", "value", "meaning", "source", "place"), rows)
    passages = [
        *(row for entry in found.pages for row in index.of_page(entry.value, _place(entry.file, folder))),
        *(row for entry in found.modifiers for row in index.of_modifier(entry.value, _place(entry.file, folder))),
        *(row for entry in found.articles for row in index.of_article(entry.value, _place(entry.file, folder))),
    ]
    index.add(store, passages, source)
    seconds = time.monotonic() - started
    store.count(source, len(documents), seconds)
    result.loaded.append(Loaded(KEY, shipped.RELEASE.release, folder.name, len(documents), {}, round(seconds, 2)))
    return {row.key: row.also for row in passages if row.also}


def _place(file: Path, folder: Path) -> str:
    return str(file.relative_to(folder))


def _tabular(store: Store, entries: Iterable[icd10cm.Entry] | None, report: Report, result: Result) -> None:
    """ICD-10-CM with its notes and terms."""
    started = time.monotonic()
    known = {entry.code: entry for entry in (entries if entries is not None else icd10cm.read())}
    advance = report.task(f"{icd10cm.RELEASE.title}, {icd10cm.RELEASE.release}", len(known))
    source = store.put_source(icd10cm.RELEASE, icd10cm.TABULAR)
    codes = ((System.ICD10CM, e.code, e.title, e.parent, e.kind, int(e.billable), 0, position, source) for position, e in enumerate(known.values()))
    columns = ("system", "code", "title", "parent", "kind", "billable", "has_page", "position", "source")
    store.insert("code", columns, sorted(codes))
    notes = ((e.code, kind, position, text, source) for e in known.values() for position, (kind, text) in enumerate(e.notes))
    store.insert("note", ("code", "kind", "position", "text", "source"), notes)
    index.add(store, index.of_tabular(known), source)
    advance(len(known))
    seconds = time.monotonic() - started
    store.count(source, len(known), seconds)
    result.loaded.append(Loaded(icd10cm.RELEASE.key, icd10cm.RELEASE.release, icd10cm.TABULAR, len(known), {}, round(seconds, 2)))


def _history(folder: Path) -> list[Change]:
    rows = shipped.table("code_history", shipped.HISTORY_COLUMNS, folder)
    return [Change(r["code"], date.fromisoformat(r["date"]), r["event"], r["text"], r["release"]) for r in rows]


def add(paths: list[Path], report: Report | None = None, folder: Path = FOLDER) -> Result:
    """Load official files into a new edition; files that no reader knows are listed with the reason.

    Raises:
        EditionError: when there is no edition to add to.
        ReadError: when a file that was recognised is damaged; nothing is loaded then.
    """
    report = report or Silent()
    result = Result()
    known: list[tuple[OfficialFile, Reading]] = []
    for path in paths:
        for file in unpack(path):
            reader = recognise(file)
            try:
                if reader:
                    known.append((file, reader.read(file)))
                else:
                    result.unknown.append((str(file), why_unknown(file)))
            except RefusedError as refusal:
                result.unknown.append((str(file), str(refusal)))
    if not known:
        return result

    def change(store: Store) -> None:
        for file, content in known:
            result.loaded.append(load(store, content, file.name, sha256(file.path), report))

    result.edition = _changed(change, folder)
    return result


def remove(key: str, folder: Path = FOLDER) -> Result:
    """Take a source out of a new edition; where the shipped facts have rows of the same release, these come back."""
    result = Result()

    def change(store: Store) -> None:
        known = store.known(key)
        table = next((table for kind, table in TABLES.items() if key.startswith(f"{kind}/")), None)
        if known is None or table is None:
            raise IngestError(f"{key} is not a source that was loaded; `python -m ingest status` lists them")
        if known.file == SHIPPED_FACTS:
            raise IngestError(f"{key} is shipped with the program and stays")
        clear(store, table, known)
        ours = next((facts for facts in shipped.facts(folder) if facts.release.key == key), None)
        if ours:
            result.loaded.append(load(store, ours, SHIPPED_FACTS, None, Silent()))
        else:
            store.db.execute("DELETE FROM source WHERE id = ?", (known.id,))

    result.edition = _changed(change, folder)
    return result


def _changed(change: Callable[[Store], None], folder: Path) -> str:
    """Publish a copy of the current edition with a change; return its name."""
    with one_at_a_time(home()), draft(current()) as edition, writing(Store(edition.database)) as store:
        change(store)
        derive.derive(store, _history(folder))
    return edition.id.removeprefix(".building-")


def status() -> list[dict[str, object]]:
    """The sources of the current edition."""
    columns = ("key", "kind", "title", "release", "setting", "valid_from", "valid_to", "rows", "file", "seconds", "loaded_at")
    with reading(current().database) as db:
        rows = db.execute(f"SELECT {', '.join(columns)} FROM source ORDER BY kind, valid_from, key").fetchall()  # noqa: S608
    return [dict(zip(columns, row, strict=True)) for row in rows]
