"""Passages: the pieces of text that can be found, as rows, in full text, and as vectors.

A page gives a passage for each section, an article for each `##` section, a modifier one. A term is a phrase that leads to a
code: titles, synonyms, inclusion terms, Includes notes, and Excludes phrases, which lead to the code in their brackets.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from corpus.editions import Edition
from corpus.model import System
from ingest.progress import Report
from ingest.readers.icd10cm import Entry as TabularEntry
from ingest.shipped.formats import MARKER, ArticleFormat, ModifierFormat, PageFormat
from ingest.store import Store, reading

SECTIONS = {"summary": "", "when": "when it is used", "steps": "steps", "afterwards": "afterwards", "record": "what the record must show"}
SECTIONS |= {"billing": "billing", "neighbors": "codes it is mixed up with"}
BRACKETS = re.compile(r"\s*\(([A-Z][0-9A-Z.]+-?(?:, ?[A-Z][0-9A-Z.]+-?)*)\)$")
COLUMNS = ("id", "key", "kind", "system", "code", "title", "text", "place", "source", "embedded")


class Row(NamedTuple):
    """A passage; `also` are further words that find it and are not shown."""

    key: str
    kind: str
    system: str | None
    code: str | None
    title: str
    text: str
    place: str
    embedded: int = 1
    also: str = ""


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
            yield Row(key, "page", page.system, page.code, title, text, where, also=also)
    yield from _terms(page.system, page.code, [page.title, *page.synonyms], place)


def of_modifier(modifier: ModifierFormat, place: str) -> Iterator[Row]:
    """A modifier whole, and its title and synonyms as terms."""
    lines = [modifier.meaning, *modifier.when, *(f"Not: {item}" for item in modifier.when_not), modifier.payment, modifier.example]
    title = f"Modifier {modifier.code}, {modifier.title}"
    text = "\n".join(plain(line) for line in lines)
    system = System.MODIFIER
    yield Row(f"modifier/{modifier.code}", "modifier", system, modifier.code, title, text, place, also=", ".join(modifier.synonyms))
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
            yield Row(f"article/{article.id}/{number}", "article", None, None, title, plain(text), where, also=topics)


def of_tabular(entries: Mapping[str, TabularEntry]) -> Iterator[Row]:
    """Terms of the tabular list. A code made by a 7th character is found through its parent."""
    found: dict[str, list[tuple[str, str]]] = {}  # code -> (term, place)
    for entry in entries.values():
        if entry.expanded:
            continue
        found.setdefault(entry.code, []).append((entry.title, entry.code))
        for kind, text in entry.notes:
            if kind in ("inclusion", "includes"):
                found.setdefault(entry.code, []).append((text, f"{entry.code}, {'inclusion term' if kind == 'inclusion' else 'Includes'}"))
            elif kind in ("excludes1", "excludes2") and (match := BRACKETS.search(text)):
                for code in match[1].split(","):
                    target = code.strip().rstrip("-").rstrip(".")
                    if target in entries:
                        place = f"{entry.code}, {kind.capitalize()}"
                        found.setdefault(target, []).append((text[: match.start()], place))
    for code in sorted(found):
        yield from _placed(System.ICD10CM, code, found[code])


def of_descriptor(system: System, code: str, descriptor: str, release: str) -> Row:
    """The short descriptor of a fee schedule that the user loaded: found by its words only."""
    return Row(f"term/{system}/{code}/0", "term", system, code, descriptor, "", f"{release}, {code}", embedded=0)


def _terms(system: str, code: str, terms: Iterable[str], place: str) -> Iterator[Row]:
    return _placed(system, code, [(term, place) for term in terms])


def _placed(system: str, code: str, terms: list[tuple[str, str]]) -> Iterator[Row]:
    """Terms numbered in order, each once."""
    first: dict[str, tuple[str, str]] = {}
    for term, place in terms:
        first.setdefault(term.casefold(), (term, place))
    for number, (term, place) in enumerate(first.values()):
        yield Row(f"term/{system}/{code}/{number}", "term", system, code, term, "", place)


def add(store: Store, rows: Iterable[Row], source: int) -> int:
    """Add passages with their full text; return how many."""
    (last,) = store.db.execute("SELECT coalesce(max(id), 0) FROM passage").fetchone()
    passages: list[tuple[object, ...]] = []
    words: list[tuple[object, ...]] = []
    for id, row in enumerate(rows, start=last + 1):
        passages.append((id, row.key, row.kind, row.system, row.code, row.title, row.text, row.place, source, row.embedded))
        words.append((id, row.title, f"{row.text}\n{row.also}".strip()))
    store.insert("passage", COLUMNS, passages)
    store.insert("passage_text", ("rowid", "title", "text"), words)
    return len(passages)


def remove_unembedded(store: Store) -> None:
    """Take out the passages that have no vector: the descriptors of fee schedules."""
    gone = list(store.rows("SELECT id, title, text FROM passage WHERE embedded = 0"))
    store.db.executemany("INSERT INTO passage_text (passage_text, rowid, title, text) VALUES ('delete', ?, ?, ?)", gone)
    store.db.execute("DELETE FROM passage WHERE embedded = 0")


def embed(store: Store, also: Mapping[str, str], folder: Path, before: Edition | None, report: Report) -> int:
    """Bring the vectors in line with the passages; return how many were made anew.

    The vectors of the edition before are taken over, and terms that it had in the same words are not embedded again. `also`: further words
    of a passage, by key.
    """
    from corpus.passages import COLLECTIONS, IndexMismatchError, PassageIndex, collection_of

    old: dict[str, str] = {}
    if before and before.chroma.is_dir():
        shutil.copytree(before.chroma, folder)
        old = _titles(before.database)
        index = PassageIndex(folder, writable=True)
        try:
            index.count()
        except IndexMismatchError:
            index.close()
            shutil.rmtree(folder)
            old = {}
            index = PassageIndex(folder, writable=True)
    else:
        index = PassageIndex(folder, writable=True)
    wanted: dict[str, dict[str, str]] = {name: {} for name in COLLECTIONS}
    for key, kind, system, title, text in store.rows("SELECT key, kind, system, title, text FROM passage WHERE embedded = 1"):
        if kind == "term":
            wanted[collection_of(kind, system)][key] = title
        else:
            wanted[collection_of(kind, system)][key] = "\n".join(part for part in (title, also.get(key, ""), text) if part)
    made = 0
    for collection, texts in wanted.items():
        have = index.keys(collection) if old else set()
        fresh = {key: text for key, text in texts.items() if key not in have or old.get(key) != text}
        index.remove(collection, have - texts.keys())
        if fresh:
            index.add(collection, list(fresh), list(fresh.values()), report.task(f"Embedding {collection}", len(fresh)))
        made += len(fresh)
    index.count()  # makes the collections that stayed empty: one that is missing is a fault in reading
    index.close()
    return made


def _titles(database: Path) -> dict[str, str]:
    """Key and words of each term of an edition; what is no term is always embedded anew."""
    with reading(database) as db:
        return dict(db.execute("SELECT key, title FROM passage WHERE embedded = 1 AND kind = 'term'"))
