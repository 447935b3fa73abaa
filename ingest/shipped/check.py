"""Check the shipped files against each other and against the facts: every fault with file and line."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.model import SourceKind
from ingest.readers import icd10cm, shipped
from ingest.readers.base import ReadError, system_of
from ingest.shipped import CODE_WORD, FACTS, FOLDER
from ingest.shipped.formats import ArticleFormat, ModifierFormat, PageFormat
from ingest.shipped.read import Entry, Fault, Shipped, read_shipped
from ingest.shipped.tables import check_crosswalks, check_synonyms

DIAGNOSIS = re.compile(r"\b[A-TV-Z][0-9][0-9A-Z]\.[0-9A-Z]{1,4}\b")
MODIFIERS = re.compile(r"\bmodifiers? ((?:[0-9A-Z]{2}\b(?:,? (?:and|or) |, |/)?)+)")
MODIFIER = re.compile(r"[0-9A-Z]{2}")
IS_ADD_ON = re.compile(r"\b(?:is|as) (?:always )?an add-on\b|^an add-on\b|\bthis add-on\b", re.IGNORECASE)
Location = tuple[int | str, ...]
AnyEntry = Entry[PageFormat] | Entry[ModifierFormat] | Entry[ArticleFormat]


@dataclass(frozen=True)
class Facts:
    """What the fact tables know of codes."""

    listed: dict[str, set[str]]  # code -> releases of the fee schedule that list it
    latest: str  # the newest release
    status: dict[str, str]  # code -> status in the newest release that lists it
    add_ons: frozenset[str]  # codes that follow another one: global days ZZZ, or an add-on edit

    @classmethod
    def read(cls, folder: Path) -> Facts:
        """Read them from the fact tables of a shipped folder."""
        releases = shipped.table("releases", shipped.RELEASE_COLUMNS, folder)
        order = {r["release"]: r["valid_from"] for r in releases if r["kind"] == SourceKind.FEE_SCHEDULE}
        rows = shipped.table("fee_schedule", shipped.columns_of(SourceKind.FEE_SCHEDULE), folder)
        newest = {row["code"]: row for row in sorted(rows, key=lambda row: order[row["release"]]) if not row["modifier"]}
        listed: dict[str, set[str]] = {}
        for row in rows:
            listed.setdefault(row["code"], set()).add(row["release"])
        latest = max(order, key=lambda release: order[release])
        for row in shipped.table("hcpcs", shipped.HCPCS_COLUMNS, folder):
            if row["code"] not in listed:  # no fee schedule has it; a code without a last day counts as current
                listed[row["code"]] = {row["release"]} | (set() if row["ended"] else {latest})
        pairs = shipped.table("add_on", shipped.columns_of(SourceKind.ADD_ON), folder)
        add_ons = {code for code, row in newest.items() if row["global_days"] == "ZZZ"} | {row["add_on"] for row in pairs}
        status = {code: row["status"] for code, row in newest.items()}
        return cls(listed, latest, status, frozenset(add_ons))


def check(folder: Path = FOLDER, data: Path | None = None) -> tuple[list[Fault], dict[str, int]]:
    """All faults, sorted by file and line, and the number of entries by kind.

    `data`: a folder of official files that the fact tables must agree with.
    """
    found = read_shipped(folder)
    faults = list(found.faults)
    counts = {
        "sources": len(found.publications),
        "pages": len(found.pages),
        "modifiers": len(found.modifiers),
        "articles": len(found.articles),
        "coverage topics": sum(entry.value.ncd is not None for entry in found.articles),
        "synonyms": len(found.synonyms),
        "crosswalks": len(found.crosswalks),
    }
    try:
        facts = Facts.read(folder)
        for name, columns in _tables().items():
            counts[name.replace("_", " ") + " rows"] = len(shipped.table(name, columns, folder))
    except ReadError as error:
        return [*faults, Fault(folder / FACTS, 1, str(error))], counts
    faults += _duplicates(found)
    faults += _sources(found, folder)
    modifiers = {entry.value.code for entry in found.modifiers}
    for page in found.pages:
        faults += _page(page, facts)
    for modifier in found.modifiers:
        faults += _modifier(modifier, modifiers)
    for article in found.articles:
        faults += _article(article, facts, modifiers)
    entries: Iterable[AnyEntry] = (*found.pages, *found.modifiers, *found.articles)
    for entry in entries:
        faults += _named(entry, facts, modifiers)
    named: dict[str, Container[str]] = {"CPT": facts.listed, "HCPCS": facts.listed, "ICD10CM": icd10cm.codes(), "MODIFIER": modifiers}
    faults += check_synonyms(found.synonyms, named)
    sources = {entry.value.id for entry in found.publications}
    faults += check_crosswalks(found.crosswalks, facts.listed, facts.status, sources)
    if data:
        faults += _against(folder, data)
    return sorted(set(faults)), counts


def usable(found: Shipped, folder: Path = FOLDER) -> tuple[Shipped, list[Fault]]:
    """What a build can take: entries without faults of format, each key once, citing known sources. All faults go with it."""
    faults = [*found.faults, *_duplicates(found), *_sources(found, folder)]
    lines = {(fault.file, fault.line) for fault in faults}
    sources = {entry.value.id for entry in found.publications}

    def whole(entry: Entry[Any]) -> bool:
        return not any((entry.file, line) in lines for line in {entry.line, *entry.lines.values()})

    return (
        Shipped(
            [entry for entry in found.publications if whole(entry)],
            [entry for entry in found.pages if whole(entry)],
            [entry for entry in found.modifiers if whole(entry)],
            [entry for entry in found.articles if whole(entry)],
            [entry for entry in found.synonyms if whole(entry)],
            [entry for entry in found.crosswalks if whole(entry) and entry.value.source in sources],
            faults,
        ),
        faults,
    )


def _tables() -> dict[str, tuple[str, ...]]:
    facts = {name: shipped.columns_of(kind) for kind, (name, _, _) in shipped.TABLES.items()}
    return {**facts, "code_history": shipped.HISTORY_COLUMNS, "hcpcs": shipped.HCPCS_COLUMNS, "indicators": shipped.INDICATOR_COLUMNS}


def _duplicates(found: Shipped) -> Iterator[Fault]:
    """A code, modifier, article or source that stands twice."""
    keyed: list[list[tuple[str, Path, int]]] = [
        [(e.value.code, e.file, e.line) for e in found.pages],
        [(e.value.code, e.file, e.line) for e in found.modifiers],
        [(e.value.id, e.file, e.line) for e in found.articles],
        [(e.value.id, e.file, e.line) for e in found.publications],
    ]
    for entries in keyed:
        first: dict[str, tuple[Path, int]] = {}
        for key, file, line in entries:
            if key in first:
                yield Fault(file, line, f"{key}: stands already in {first[key][0].name}:{first[key][1]}")
            first.setdefault(key, (file, line))


def _sources(found: Shipped, folder: Path) -> Iterator[Fault]:
    """Citations of publications that `sources.yaml` lacks."""
    known = {entry.value.id for entry in found.publications}
    entries: Iterable[AnyEntry] = (*found.pages, *found.modifiers, *found.articles)
    for entry in entries:
        cited: list[tuple[Location, str]] = [(("sources", i, "source"), s.source) for i, s in enumerate(entry.value.sources)]
        if isinstance(entry.value, PageFormat):
            cited += [(("history", i, "source"), event.source) for i, event in enumerate(entry.value.history)]
        for place, source in cited:
            if source not in known:
                yield Fault(entry.file, entry.line_of(*place), f"{_name(entry)}: no source {source} in sources.yaml")
    for line, row in enumerate(shipped.table("indicators", shipped.INDICATOR_COLUMNS, folder), start=2):
        if row["source"] not in known:
            yield Fault(folder / FACTS / "indicators.csv", line, f"{row['field']} {row['value']}: no source {row['source']} in sources.yaml")


def _name(entry: AnyEntry) -> str:
    return entry.value.id if isinstance(entry.value, ArticleFormat) else entry.value.code


def _page(entry: Entry[PageFormat], facts: Facts) -> Iterator[Fault]:
    """A page against the fact tables and the tabular list."""
    page = entry.value

    def fault(message: str, *place: int | str) -> Fault:
        return Fault(entry.file, entry.line_of(*place), f"{page.code}: {message}")

    releases = facts.listed.get(page.code, set())
    if not releases:
        yield fault("no fee schedule at hand lists it (facts/fee_schedule.csv)", "code")
    elif facts.latest not in releases and not any(event.event == "deleted" for event in page.history):
        yield fault(f"not in {facts.latest} any more, and its history has no deletion", "code")
    says = bool(IS_ADD_ON.search(page.summary) or IS_ADD_ON.search(page.title))
    if page.code in facts.add_ons and "add-on" not in page.summary.lower():
        yield fault("is an add-on by its global days or add-on edits, and the summary does not say so", "summary")
    if says and page.code not in facts.add_ons:
        yield fault("the summary says add-on, but global days and add-on edits do not", "summary")
    for i, neighbor in enumerate(page.neighbors):
        if neighbor.code == page.code or neighbor.code not in facts.listed:
            yield fault(f"neighbor {neighbor.code} is {'itself' if neighbor.code == page.code else 'in no fee schedule'}", "neighbors", i)
    if page.anesthesia and page.anesthesia.code and facts.status.get(page.anesthesia.code) != "J":
        yield fault(f"{page.anesthesia.code} is no anesthesia code of the fee schedule", "anesthesia")
    for i, diagnosis in enumerate(page.diagnoses):
        known = icd10cm.codes().get(diagnosis.code)
        if known is None:
            yield fault(f"ICD-10-CM has no {diagnosis.code}", "diagnoses", i)
        elif not known.billable:
            yield fault(f"{diagnosis.code} is not billable: it has codes below it", "diagnoses", i)


def _modifier(entry: Entry[ModifierFormat], modifiers: set[str]) -> Iterator[Fault]:
    """Modifiers that another goes with or excludes."""
    for i, item in enumerate(entry.value.with_):
        if item.modifier not in modifiers:
            yield Fault(entry.file, entry.line_of("with", i, "modifier"), f"{entry.value.code}: no modifier {item.modifier}")


def _article(entry: Entry[ArticleFormat], facts: Facts, modifiers: set[str]) -> Iterator[Fault]:
    """Codes and modifiers in the front matter of an article."""
    for i, code in enumerate(entry.value.codes):
        if code not in facts.listed and code not in icd10cm.codes():
            yield Fault(entry.file, entry.line_of("codes", i), f"{entry.value.id}: neither a fee schedule nor ICD-10-CM has {code}")
    for i, modifier in enumerate(entry.value.modifiers):
        if modifier not in modifiers:
            yield Fault(entry.file, entry.line_of("modifiers", i), f"{entry.value.id}: no modifier {modifier}")


def _named(entry: AnyEntry, facts: Facts, modifiers: set[str]) -> Iterator[Fault]:
    """Codes and modifiers that stand in a text."""
    for place, text in _texts(entry):
        wrong = [(w, f"{w}, which no fee schedule lists") for w in CODE_WORD.findall(text) if system_of(w) and w not in facts.listed]
        wrong += [(w, f"{w}, which ICD-10-CM does not have") for w in DIAGNOSIS.findall(text) if w not in icd10cm.codes()]
        named = [word for run in MODIFIERS.findall(text) for word in MODIFIER.findall(run)]
        wrong += [(w, f"modifier {w}, which has no entry") for w in named if w not in modifiers]
        for word, what in wrong:
            yield Fault(entry.file, _line(entry, place, word), f"{_name(entry)}: names {what}")


def _line(entry: AnyEntry, place: Location, word: str) -> int:
    """The line of a word: that of its field, or in the text of an article the first that holds it."""
    if place == ("text",):
        lines = entry.file.read_text(encoding="utf-8").splitlines()
        body = lines.index("---", 1) + 1
        return next((n for n, line in enumerate(lines[body:], start=body + 1) if word in line), body + 1)
    return entry.line_of(*place)


def _texts(entry: AnyEntry) -> Iterator[tuple[Location, str]]:
    """Every text of an entry but its sources and synonyms, with its place."""

    def walk(value: object, place: Location) -> Iterator[tuple[Location, str]]:
        if isinstance(value, str):
            yield place, value
        elif isinstance(value, dict):
            for key, item in value.items():
                if key not in ("sources", "synonyms", "topics", "history", "code", "id"):
                    yield from walk(item, (*place, key))
        elif isinstance(value, list):
            for i, item in enumerate(value):
                yield from walk(item, (*place, i))

    yield from walk(entry.value.model_dump(mode="json", by_alias=True), ())


def _against(folder: Path, data: Path) -> Iterator[Fault]:
    """Fact tables that differ from what the official files give."""
    from ingest.make_facts import make

    with tempfile.TemporaryDirectory() as scratch:
        try:
            make(data, folder, Path(scratch))
        except ReadError as error:
            yield Fault(data, 1, str(error))
            return
        for fresh in sorted(Path(scratch).glob("*.csv")):
            shipped_lines = (folder / FACTS / fresh.name).read_text(encoding="utf-8").splitlines()
            fresh_lines = fresh.read_text(encoding="utf-8").splitlines()
            if shipped_lines != fresh_lines:
                line = next((n for n, pair in enumerate(zip(shipped_lines, fresh_lines, strict=False), start=1) if pair[0] != pair[1]), 1)
                yield Fault(folder / FACTS / fresh.name, line, "differs from the official files: run `python -m ingest.make_facts`")
