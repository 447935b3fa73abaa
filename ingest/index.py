"""Passages: the pieces of text that can be found, as rows, in full text, and as vectors.

A page gives a passage for each section, an article for each `##` section, a modifier one. A term is a phrase that leads to a
code: titles, synonyms, inclusion terms, Includes notes, and Excludes phrases, which lead to the code in their brackets.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from corpus.editions import Edition
from corpus.model import System
from ingest.progress import Report
from ingest.readers.base import PASSAGE
from ingest.shipped.formats import MARKER, ArticleFormat, ModifierFormat, PageFormat, Synonym
from ingest.store import Store, reading

SECTIONS = {"summary": "", "when": "when it is used", "steps": "steps", "afterwards": "afterwards", "record": "what the record must show"}
SECTIONS |= {"billing": "billing", "neighbors": "codes it is mixed up with"}
# Sections of a page that get a vector: what it is, when and how it is used. The others are asked for by the code, or found by their words.
MEANT = ("summary", "when", "billing")
COLUMNS = ("id", "key", "kind", "system", "code", "title", "text", "also", "place", "source", "digest")
WORDS = ("title", "text", "also")  # what full text holds
# Of several releases of one publication only the newest is found by words and vectors. The passages of older ones stay, to be read by their
# place and to be found again when the newest is taken out; their keys end in their release.
OLDER = "@"
SEARCHED = f"instr(key, '{OLDER}') = 0"
EMBEDDED = f"digest IS NOT NULL AND {SEARCHED}"
KEYS_A_CALL = 900  # SQLite takes a thousand values in a query
DERIVED = "title/"  # begins the keys of passages that `ingest.derive` makes anew


class Row(NamedTuple):
    """A passage, in the order of `readers.base.PASSAGE`; `also` are further words that find it and are not shown; `embed` 0: no vector."""

    key: str
    kind: str
    system: str | None
    code: str | None
    title: str
    text: str
    also: str
    place: str
    embed: int = 1


def plain(text: str) -> str:
    """Without citation markers."""
    return re.sub(r" ?" + MARKER.pattern, "", text).strip()


def of_page(page: PageFormat, place: str) -> Iterator[Row]:
    """Sections of a page, and its title and synonyms as terms."""
    for section, heading in SECTIONS.items():
        value = getattr(page, section)
        lines = [value] if isinstance(value, str) else [item if isinstance(item, str) else f"{item.code}: {item.difference}" for item in value]
        if lines:
            title = f"{page.code} {page.title}" + (f": {heading}" if heading else "")
            text = "\n".join(plain(line) for line in lines)
            key, where = f"page/{page.system}/{page.code}/{section}", f"{place}, {section}"
            also = ", ".join(page.synonyms) if section == "summary" else ""
            yield Row(key, "page", page.system, page.code, title, text, also, where, int(section in MEANT))
    yield from _terms(page.system, page.code, [page.title, *page.synonyms], place)


def of_modifier(modifier: ModifierFormat, place: str) -> Iterator[Row]:
    """A modifier whole, and its title and synonyms as terms."""
    lines = [modifier.meaning, *modifier.when, *(f"Not: {item}" for item in modifier.when_not), modifier.payment, modifier.example]
    title = f"Modifier {modifier.code}, {modifier.title}"
    text = "\n".join(plain(line) for line in lines)
    system = System.MODIFIER
    yield Row(f"modifier/{modifier.code}", "modifier", system, modifier.code, title, text, ", ".join(modifier.synonyms), place)
    yield from _terms(system, modifier.code, [modifier.title, *modifier.synonyms], place)


def of_article(article: ArticleFormat, place: str) -> Iterator[Row]:
    """Sections of an article; its topics find each of them."""
    topics = ", ".join(article.topics)
    parts = re.split(r"^## +(.+)$", "\n" + article.text, flags=re.MULTILINE)
    sections = [("", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]
    number = 0
    for heading, text in sections:
        if text.strip():
            number += 1
            title = f"{article.title}: {heading}" if heading else article.title
            where = f"{place}, {heading}" if heading else place
            yield Row(f"article/{article.id}/{number}", "article", None, None, title, plain(text), topics, where)


def of_synonyms(rows: Iterable[tuple[Synonym, str]]) -> Iterator[Row]:
    """What people say, each with its place in the table, as terms that lead to a code."""
    for number, (row, place) in enumerate(rows):
        yield Row(f"synonym/{row.system}/{row.code}/{number}", "term", row.system, row.code, row.term, "", "", place)


def of_title(system: str, code: str, title: str, release: str, embed: bool) -> Row:
    """The official wording of a code that has no page, out of a file that the user loaded."""
    return Row(f"{DERIVED}{system}/{code}", "term", system, code, title, "", "", f"{release}, {code}", int(embed))


def _terms(system: str, code: str, terms: Iterable[str], place: str) -> Iterator[Row]:
    return _placed(system, code, [(term, place) for term in terms])


def _placed(system: str, code: str, terms: list[tuple[str, str]]) -> Iterator[Row]:
    """Terms numbered in order, each once."""
    first: dict[str, tuple[str, str]] = {}
    for term, place in terms:
        first.setdefault(term.casefold(), (term, place))
    for number, (term, place) in enumerate(first.values()):
        yield Row(f"term/{system}/{code}/{number}", "term", system, code, term, "", "", place)


def add(store: Store, rows: Iterable[Row], source: int) -> int:
    """Add passages with their full text; return how many."""
    return add_records(store, list(rows), source, searched=True)


def add_records(store: Store, records: Sequence[Sequence[Any]], source: int, searched: bool) -> int:
    """Add passages as readers give them; those that are not `searched` are only read by their place."""
    (last,) = store.db.execute("SELECT coalesce(max(id), 0) FROM passage").fetchone()
    (release,) = store.db.execute("SELECT release FROM source WHERE id = ?", (source,)).fetchone()
    end = "" if searched else f"{OLDER}{release}"
    rows = [(id, Row(*record)) for id, record in enumerate(records, start=last + 1)]
    passages = [
        (id, r.key + end, r.kind, r.system, r.code, r.title, r.text, r.also, r.place, source, digest(r) if r.embed else None) for id, r in rows
    ]
    if searched:
        store.insert("passage_text", ("rowid", *WORDS), ((id, r.title, r.text, r.also) for id, r in rows))
    return store.insert("passage", COLUMNS, passages)


def search_by_words(store: Store, after: int) -> None:
    """Put the passages numbered beyond `after` into the full text."""
    store.db.execute(
        f"INSERT INTO passage_text (rowid, title, text, also) SELECT id, title, text, also FROM passage WHERE id > ? AND {SEARCHED}",  # noqa: S608
        (after,),
    )


def embedded_text(kind: str, title: str, text: str, also: str) -> str:
    """The words of a passage that its vector stands for: of a term the phrase alone."""
    return title if kind == "term" else "\n".join(part for part in (title, also, text) if part)


def digest(row: Row) -> int:
    """A number that changes with the words that are embedded."""
    words = embedded_text(row.kind, row.title, row.text, row.also)
    return int.from_bytes(blake2b(words.encode(), digest_size=8).digest(), signed=True)


def remove(store: Store, condition: str, *values: object) -> None:
    """Take passages out, with their full text. `condition`: SQL over `passage`."""
    _unsearch(store, condition, *values)
    store.db.execute(f"DELETE FROM passage WHERE {condition}", values)  # noqa: S608


def _unsearch(store: Store, condition: str, *values: object) -> None:
    """Take passages out of the full text; FTS5 wants the words that went in."""
    searched = f"SELECT id, title, text, also FROM passage WHERE ({condition}) AND {SEARCHED}"  # noqa: S608
    gone = list(store.rows(searched, *values))
    store.db.executemany("INSERT INTO passage_text (passage_text, rowid, title, text, also) VALUES ('delete', ?, ?, ?, ?)", gone)


def make_room(store: Store, source: int) -> bool:
    """Before the passages of a release go in: whether they will be searched; if so, those of older releases no longer are."""
    kind, series, own = next(store.rows("SELECT kind, series, coalesce(valid_from, 0) FROM source WHERE id = ?", source))
    query = "SELECT id, release, coalesce(valid_from, 0) FROM source WHERE kind = ? AND series IS ? AND id <> ?"
    others = list(store.rows(query, kind, series, source))
    if any(day > own for _, _, day in others):
        return False
    for id, release, _ in others:
        _unsearch(store, "source = ?", id)
        store.db.execute(f"UPDATE passage SET key = key || ? WHERE source = ? AND {SEARCHED}", (OLDER + release, id))  # noqa: S608
    return True


def search_newest(store: Store) -> None:
    """After a release was taken out: search the newest one that is left of each publication."""
    older = {source for (source,) in store.rows(f"SELECT DISTINCT source FROM passage WHERE NOT {SEARCHED}")}  # noqa: S608
    newest = [source for source, _ in store.rows("SELECT id, max(coalesce(valid_from, 0)) FROM source GROUP BY kind, series")]
    names = ", ".join(PASSAGE).replace("embed", "digest IS NOT NULL")
    for source in older.intersection(newest):
        rows = list(store.rows(f"SELECT {names} FROM passage WHERE source = ? ORDER BY id", source))  # noqa: S608
        remove(store, "source = ?", source)
        add_records(store, [(key.rpartition(OLDER)[0], *rest) for key, *rest in rows], source, searched=True)


def embed(store: Store, folder: Path, before: Edition | None, report: Report) -> int:
    """Bring the vectors in `folder` in line with the passages; return how many were made anew.

    The vectors of the edition before are taken over where the words are the same.
    """
    if before and folder.is_dir() and _digests(before.database) == dict(store.rows(f"SELECT key, digest FROM passage WHERE {EMBEDDED}")):  # noqa: S608
        return 0  # the vectors were copied with the edition; the model stays on its shelf
    from corpus.passages import COLLECTIONS, PassageIndex, collection_of

    store.flush()  # the model needs the room
    old = _digests(before.database) if before and _take_over(before, folder) else {}
    index = PassageIndex(folder, writable=True)
    wanted: dict[str, dict[str, int]] = {name: {} for name in COLLECTIONS}
    for key, kind, system, value in store.rows(f"SELECT key, kind, system, digest FROM passage WHERE {EMBEDDED}"):  # noqa: S608
        wanted[collection_of(kind, system)][key] = value
    made = 0
    for collection, digests in wanted.items():
        have = index.keys(collection) if old else set()
        fresh = [key for key, value in digests.items() if key not in have or old.get(key) != value]
        index.remove(collection, have - digests.keys())
        if fresh:
            index.add(collection, fresh, _texts(store, fresh), report.task(f"Embedding {collection}", len(fresh)))
        made += len(fresh)
    index.count()  # makes the collections that stayed empty: one that is missing is a fault in reading
    index.close()
    return made


def _take_over(before: Edition, folder: Path) -> bool:
    """Copy the vectors of the edition before, unless they lie there already; False where there are none, or of another model."""
    from corpus.passages import IndexMismatchError, PassageIndex

    if not folder.is_dir():
        if not before.chroma.is_dir():
            return False
        shutil.copytree(before.chroma, folder)
    index = PassageIndex(folder, writable=True)
    try:
        index.count()
    except IndexMismatchError:
        shutil.rmtree(folder)
        return False
    finally:
        index.close()
    return True


def _digests(database: Path) -> dict[str, int]:
    """Key and digest of each passage with a vector of an edition."""
    with reading(database) as db:
        return dict(db.execute(f"SELECT key, digest FROM passage WHERE {EMBEDDED}"))  # noqa: S608


def _texts(store: Store, keys: list[str]) -> list[str]:
    """The words to embed, in the order of the keys."""
    found: dict[str, str] = {}
    for start in range(0, len(keys), KEYS_A_CALL):
        part = keys[start : start + KEYS_A_CALL]
        marks = ", ".join("?" * len(part))
        for key, *words in store.rows(f"SELECT key, kind, title, text, also FROM passage WHERE key IN ({marks})", *part):  # noqa: S608
            found[key] = embedded_text(*words)
    return [found[key] for key in keys]
