"""Make editions: the whole default one out of the shipped corpus, or a new one out of the current and official files."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path

from corpus import schema
from corpus.editions import Edition, EditionError, current, draft, home
from corpus.errors import CodebookError
from corpus.model import SourceKind
from corpus.shelf import SHIPPED_FACTS
from ingest import derive, icd_history, index
from ingest.archives import opened
from ingest.carry import LOADED, PACKAGE, carry
from ingest.history import Change
from ingest.load import TABLES, Loaded, Loader, clear, mark_excerpts, sha256
from ingest.lock import one_at_a_time
from ingest.progress import Report, Silent
from ingest.readers import gem, hcc, icd10cm, recognise, shipped, why_unknown
from ingest.readers.base import OfficialFile, ReadError, Reading, RefusedError, sorted_out
from ingest.readers.errors import reason
from ingest.readers.official import HEAD
from ingest.shipped import FOLDER, KEY, checksum
from ingest.shipped.check import usable
from ingest.shipped.read import Fault, read_shipped
from ingest.store import Store, reading, writing

PACKAGED = ("gem/", "ccir/", "ccsr/", "hcc/")  # keys of what installed packages bring
COPY = "the same release as"  # begins the reason why another format of a file was left out
FORMATS = (".csv", ".txt", ".xml", ".xlsx", ".xls")  # of files that hold the same release, the one that reads fastest


Known = tuple[OfficialFile, Reading, str]  # with its checksum


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
            loader = Loader(store, report)
            _shipped(store, folder, result)
            result.loaded += [loader.load(content, file) for file, content in _brought(folder, tabular)]
            if tabular is None:
                result.loaded += [loader.load(content, file) for file, content in _of_packages()]
            if before:
                result.loaded += carry(store, before)
            _finish(store, edition, folder, before, report, result)
        result.edition = edition.id.removeprefix(".building-")
    return result


def _tabular(entries: Iterable[icd10cm.Entry] | None) -> Reading:
    """ICD-10-CM with its notes and terms: of the package, or the entries given."""
    content = icd10cm.package()
    if entries is not None:
        content.batches = sorted_out(icd10cm.of_entries({entry.code: entry for entry in entries}))
    content.part = PACKAGE
    return content


def _brought(folder: Path, tabular: Iterable[icd10cm.Entry] | None = None) -> Iterator[tuple[str, Reading]]:
    """What comes with the program, as file and reading: ICD-10-CM and shipped facts."""
    yield icd10cm.TABULAR, _tabular(tabular)
    for facts in (*shipped.facts(folder), *icd_history.facts(folder)):
        yield SHIPPED_FACTS, facts


def _of_packages() -> Iterator[tuple[str, Reading]]:
    """Mappings that installed packages carry."""
    result = Result()  # of files that say the same, nobody needs to know
    files = [OfficialFile(path) for path in (*gem.files(), *hcc.files())]
    for file, content, _ in _without_copies(list(_recognised(files, result)), result):
        content.part = PACKAGE
        yield str(file), content


def _finish(store: Store, edition: Edition, folder: Path, before: Edition | None, report: Report, result: Result) -> None:
    """What follows from the rows of a draft, and its vectors."""
    mark_excerpts(store)
    derive.derive(store, _history(folder))
    result.embedded = index.embed(store, edition.chroma, before, report)


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
            query = f"SELECT key, file FROM source WHERE {LOADED} AND file <> ? ORDER BY key"  # noqa: S608 - an edition of any version has these
            result.add_again = [f"{key} ({file})" for key, file in db.execute(query, (SHIPPED_FACTS, icd10cm.TABULAR))]
    except sqlite3.Error:
        result.add_again = ["every file that was added: the edition before cannot be read"]
    return None


def _shipped(store: Store, folder: Path, result: Result) -> None:
    """Publications, documents and their passages."""
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
    passages += index.of_synonyms([(entry.value, f"{_place(entry.file, folder)}:{entry.line}") for entry in found.synonyms])
    index.add(store, passages, source)
    store.insert("mapping", shipped.MAPPING_COLUMNS, [(*row, source) for row in shipped.mappings(found)], "skip")
    seconds = time.monotonic() - started
    store.count(source, len(documents) + len(found.synonyms) + len(found.crosswalks), seconds)
    result.loaded.append(Loaded(KEY, shipped.RELEASE.release, folder.name, len(documents), {}, round(seconds, 2)))


def _place(file: Path, folder: Path) -> str:
    return str(file.relative_to(folder))


def _history(folder: Path) -> list[Change]:
    rows = shipped.table("code_history", shipped.HISTORY_COLUMNS, folder)
    return [Change(r["code"], date.fromisoformat(r["date"]), r["event"], r["text"], r["release"]) for r in rows]


def add(paths: Sequence[Path], report: Report | None = None, folder: Path = FOLDER) -> Result:
    """Load official files, archives and folders into a new edition; files that no reader knows are listed with the reason.

    Files that the edition has already are left as they are; when that is all of them, there is no new edition.

    Raises:
        EditionError: when there is no edition to add to.
        ReadError: when a file that was recognised is damaged; nothing is loaded then.
    """
    report = report or Silent()
    result = Result()
    with one_at_a_time(home()), opened(paths, home()) as found:
        result.unknown += found.unreadable
        known = _without_copies(list(_recognised(found.files, result)), result)
        known.sort(key=lambda item: (item[1].release.valid_from or date.min, item[1].release.key))  # a later release closes the earlier one
        before = current()
        _load_new(known, before, folder, report, result)
    return result


def add_readings(readings: Sequence[tuple[Path, Reading]], report: Report | None = None, folder: Path = FOLDER) -> Result:
    """Load files that are read in a way of their own: documents that the user names and dates."""
    result = Result()
    with one_at_a_time(home()):
        known = [(OfficialFile(file), content, sha256(file)) for file, content in readings]
        _load_new(known, current(), folder, report or Silent(), result)
    return result


def _load_new(known: list[Known], before: Edition, folder: Path, report: Report, result: Result) -> None:
    """Load what the current edition lacks into a new one."""
    with reading(before.database) as db:
        have = set(db.execute("SELECT s.key, f.file, f.sha256 FROM source_file f JOIN source s ON s.id = f.source"))
    new = [item for item in known if not _held(item, have)]
    cleared = {(content.release.key, table) for _, content, _ in new if not content.span for table in content.tables}
    for file, content, digest in known:
        if not _held((file, content, digest), have):
            continue
        if any((content.release.key, table) in cleared for table in content.tables):  # its rows give way to those of a file beside it
            new.append((file, content, digest))
        else:
            result.loaded.append(Loaded(content.release.key, content.release.release, str(file), 0, {}, 0.0, unchanged=True))
    if not new:
        return
    with draft(before) as edition, writing(Store(edition.database)) as store:
        loader = Loader(store, report)
        for file, content, digest in new:
            result.loaded.append(loader.load(content, str(file), digest))
            content.batches = iter(())  # what the reader held goes
        _finish(store, edition, folder, before, report, result)
    result.edition = edition.id.removeprefix(".building-")


def _held(item: Known, have: set[tuple[str, str, str]]) -> bool:
    """Whether the edition has the very file."""
    file, content, digest = item
    return (content.release.key, str(file), digest) in have


def _recognised(files: Iterable[OfficialFile], result: Result) -> Iterator[Known]:
    """The files that a reader knows; the others are listed."""
    checksums: dict[Path, str] = {}
    for file in files:
        try:
            reader = recognise(file)
        except ReadError as error:
            if not file.is_pdf:
                raise
            result.unknown.append((str(file), reason(error, file)))
            continue
        if reader is None:
            result.unknown.append((str(file), why_unknown(file)))
            continue
        try:
            content = reader.read(file)
        except RefusedError as refusal:
            result.unknown.append((str(file), reason(refusal, file)))
            continue
        if len(file.head()) < HEAD and not file.is_workbook and not file.is_pdf:  # a small file, seen whole
            batches = list(content.batches)
            if not batches:
                result.unknown.append((str(file), "labels and no row in it; is it cut off?"))
                continue
            content.batches = iter(batches)
        if file.path not in checksums:
            checksums[file.path] = sha256(file.path)
        yield file, content, checksums[file.path]


def _without_copies(known: list[Known], result: Result) -> list[Known]:
    """Of files that hold the same release, the one that reads fastest, and of these the last one named."""
    groups: dict[tuple[object, ...], list[Known]] = {}
    for item in known:
        file, content, _ = item
        place = file.within if content.release.kind is SourceKind.COVERAGE else ()  # an export of what is in force and one of all add up
        groups.setdefault((place, content.release.key, frozenset(content.tables), content.part), []).append(item)
    chosen = []
    for group in groups.values():
        best = min(reversed(group), key=lambda item: _format(item[0]))
        chosen.append(best)
        result.unknown += [(str(file), f"{COPY} {best[0].name}") for file, _, _ in group if file is not best[0]]
    return chosen


def _format(file: OfficialFile) -> int:
    suffix = Path(file.name).suffix.lower()
    return FORMATS.index(suffix) if suffix in FORMATS else len(FORMATS)


def remove(key: str, folder: Path = FOLDER, report: Report | None = None) -> Result:
    """Take a source out of a new edition; where the shipped facts have rows of the same release, these come back."""
    result = Result()
    report = report or Silent()
    with one_at_a_time(home()):
        before = current()
        with draft(before) as edition, writing(Store(edition.database)) as store:
            _take_out(store, key, folder, result)
            _finish(store, edition, folder, before, report, result)
    result.edition = edition.id.removeprefix(".building-")
    return result


def _take_out(store: Store, key: str, folder: Path, result: Result) -> None:
    known = store.known(key)
    tables = next((tables for kind, tables in TABLES.items() if key.startswith(f"{kind}/")), None)
    if known is None or tables is None:
        raise IngestError(f"{key} is not a source that was loaded; `python -m ingest status` lists them")
    parts = {part for (part,) in store.rows("SELECT part FROM source_file WHERE source = ?", known.id)}
    if known.file == SHIPPED_FACTS or parts == {PACKAGE}:
        raise IngestError(f"{key} comes with the program and stays")
    clear(store, tables, known.id)
    store.forget(known.id)
    index.search_newest(store)
    loader = Loader(store, Silent())
    brought = chain(_brought(folder), _of_packages() if key.startswith(PACKAGED) else ())
    result.loaded += [loader.load(content, file) for file, content in brought if content.release.key == key]


def status() -> list[dict[str, object]]:
    """The sources of the current edition. `origin` is "file" of those that were loaded, else "package" or "shipped"."""
    columns = "id key kind title release setting series valid_from valid_to rows file skipped seconds loaded_at".split()
    with reading(current().database) as db:
        rows = db.execute(f"SELECT {', '.join(columns)} FROM source ORDER BY kind, series, valid_from, key").fetchall()  # noqa: S608
        query = "SELECT source FROM source_file GROUP BY source HAVING min(part) = ? AND max(part) = ?"
        packaged = {source for (source,) in db.execute(query, (PACKAGE, PACKAGE))}
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    for row in found:
        loaded = row["kind"] in TABLES and row["file"] != SHIPPED_FACTS
        row["origin"] = "package" if row.pop("id") in packaged else "file" if loaded else "shipped"
    return found
