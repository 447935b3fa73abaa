"""What Medicare covers: NCDs, LCDs and billing articles, their codes, diagnoses and contractors.

Only articles list diagnoses; LCDs hold the policy. A list says what it says of one document: nothing here joins the groups of codes and the
groups of diagnoses, because only the paragraphs of a group tell how they go together.

An export holds the documents of its day with their own dates, so the oldest one loaded speaks for earlier days too, of
documents that were in force by then; where it knows none, the day is not covered. Where no article export is loaded, a third party's merged lists
speak (`Document.merged`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, and_, exists, or_, select

from corpus import schema
from corpus.model import Dated, Source, SourceKind
from corpus.rows import to_date
from corpus.shelf import Shelf, is_stale

ACTIVE, RETIRED = "A", "R"
COVERED, NOT_COVERED, NOT_LISTED, NO_LIST = "covered", "not covered", "not listed", "no list"
MERGED = "merged"
ALIAS = "NCD"  # before the number by which articles and LCDs name an NCD
CHUNK = 300  # documents asked for in one query
T = TypeVar("T")
Key = tuple[str, int, int]  # document, version, source


@dataclass(frozen=True)
class Document:
    """One version of an NCD ("210.3"), LCD ("L35456") or article ("A56537"), or the merged lists of a code.

    `ended` None: no end date is known, which only with status "A" means in force. `contractors` and `states` are empty where they are not
    known. `body` is plain text, filled by `Coverage.document` and `Coverage.ncd` only.
    """

    id: str
    version: int
    kind: str  # "ncd", "lcd", "article", "merged"
    title: str
    status: str
    effective: date | None
    ended: date | None
    source: Source
    contractors: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    body: str = ""

    @property
    def merged(self) -> bool:
        """Whether a third party merged it from several articles, so that groups, contractors and conditions are lost."""
        return self.kind == MERGED

    def in_force(self, on: date) -> bool:
        """Whether this version holds on a day. Proposed and future ones never do; retired ones until a known last day."""
        if self.status not in (ACTIVE, RETIRED) or (self.effective and on < self.effective):
            return False
        return on <= self.ended if self.ended else self.status == ACTIVE


@dataclass(frozen=True)
class Group:
    """A group of codes in a document and the paragraph over it, which may set conditions."""

    kind: str  # "codes", "covered", "noncovered", "modifiers"
    number: int
    paragraph: str


@dataclass(frozen=True)
class Listed:
    """A diagnosis, or a procedure code, as a document lists it; `asterisk`: the paragraph of the group says what more is needed."""

    code: str
    covered: bool
    group: int
    asterisk: bool
    document: Document


@dataclass(frozen=True)
class Verdict:
    """What one document that names a procedure code says of a diagnosis.

    `place` is "covered", "not covered", "not listed" (the document has lists, and the diagnosis is in none) or "no list". A list of diagnoses
    that are not covered alone says nothing good of the others: `lists` tells which the document has.
    """

    code: str
    diagnosis: str
    place: str
    document: Document
    groups: tuple[Group, ...] = ()  # where the diagnosis is listed
    code_groups: tuple[Group, ...] = ()  # where the procedure code is listed
    asterisk: bool = False
    lists: tuple[str, ...] = ()  # "covered", "not covered"


@dataclass(frozen=True)
class Contractor:
    """A Medicare contractor and the states (postal letters) it serves in one kind of work."""

    id: str
    name: str
    kind: str
    jurisdiction: str
    states: tuple[str, ...]


class Coverage:
    """Look-ups in the Medicare Coverage Database. `Dated` with neither source nor nearest: nothing is loaded."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    # Releases

    def _speaking(self, on: date | None) -> list[Source]:
        """The article and LCD exports that speak for a day (None: the newest), else the merged lists."""
        found = [source for series in ("articles", "lcds") if (source := self._export(series, on))]
        if not any(source.series == "articles" for source in found):
            lists = [s for s in self._shelf.sources(SourceKind.COVERAGE, MERGED) if on is None or not s.valid_from or s.valid_from <= on]
            found += lists[-1:]
        return found

    def _export(self, series: str, on: date | None) -> Source | None:
        """The newest export of a series taken by a day, else the oldest one, which has documents of before."""
        sources = self._shelf.sources(SourceKind.COVERAGE, series)
        by_then = [s for s in sources if on is None or not s.valid_from or s.valid_from <= on]
        speaking = by_then or sources[:1]
        return speaking[-1] if speaking else None

    def _dated(self, sources: Sequence[Source], on: date, found: tuple[T, ...]) -> Dated[tuple[T, ...]]:
        """Found or not, and whose word that is: an export of after the day cannot say that there was nothing."""
        if not sources:
            merged = self._shelf.sources(SourceKind.COVERAGE, MERGED)
            return Dated(None, None, merged[0] if merged else None)
        source = next((s for s in sources if s.series == "articles"), sources[-1])
        if not found and source.valid_from and on < source.valid_from:
            return Dated(None, None, source)
        return Dated(found or None, source, stale=is_stale(source, on))

    # Documents

    def documents_of(
        self, code: str, on: date, state: str | None = None, contractor: str | None = None, in_force: bool = True
    ) -> Dated[tuple[Document, ...]]:
        """The articles and LCDs that name a CPT or HCPCS code, by id.

        `state`: postal letters; `contractor`: a number. Either leaves out documents of others; documents whose contractors are not known stay,
        with empty `contractors`. `in_force` False: also those that do not hold on the day.
        """
        sources = self._speaking(on)
        table = schema.coverage_code
        rows = self._rows(sources, select(table.c.document, table.c.version, table.c.source).distinct(), table.c.source, table.c.code == code)
        found = self._documents(rows, on if in_force else None, state, contractor)
        return self._dated(sources, on, tuple(found.values()))

    def document(self, id: str, on: date | None = None) -> Document | None:
        """A document with its text, by id: the version in force on a day, else the newest that is loaded; None when none is."""
        table = schema.coverage_document
        sources = {s.id: s for s in self._shelf.sources(SourceKind.COVERAGE)}
        rows = [row for row in self._shelf.rows(select(table).where(table.c.id == id)) if row.source in sources]
        versions = [self._to_document(row, body=row.body) for row in rows]
        versions.sort(key=lambda d: (d.version, d.source.valid_from or date.min))
        best = next((d for d in reversed(versions) if on is None or d.in_force(on)), versions[-1] if versions else None)
        if best is None:
            return None
        contractors, states = self._served([_key(best)])
        return _with_places(best, contractors, states)

    def ncd(self, section: str, on: date) -> Dated[Document]:
        """An NCD by its manual section, with its text. It may be retired or begin later: see `Document.in_force`."""
        wanted = section.upper().removeprefix("NCD").strip()
        source = self._export("ncds", on)
        if source is None:
            return Dated(None, None)
        found = self.document(wanted, on)
        if found is None or found.kind != "ncd":
            found = None
        early = source.valid_from is not None and on < source.valid_from
        if early and (found is None or not found.in_force(on)):
            return Dated(None, None, source)
        return Dated(found, found.source if found else source, stale=is_stale(source, on))

    def related(self, id: str) -> tuple[str, ...]:
        """Ids of the documents that a document names or is named by; an NCD by its section where NCDs are loaded, else as `NCD169`."""
        table = schema.coverage_relation
        alias = {
            row.related: row.document for row in self._shelf.rows(select(table).where(table.c.related.like(f"{ALIAS}%"))) if row.document[0].isdigit()
        }
        names = {id, *(number for number, section in alias.items() if section == id)}
        query = select(table.c.document, table.c.related).where(or_(table.c.document.in_(names), table.c.related.in_(names)))
        ends = {end for row in self._shelf.rows(query) for end in row}
        return tuple(sorted({alias.get(end, end) for end in ends} - names))

    def groups_of(self, document: Document) -> tuple[Group, ...]:
        """The groups of a document that have a paragraph, by kind and number."""
        groups = self._groups([_key(document)])
        return tuple(sorted((group for found in groups.values() for group in found.values() if group.paragraph), key=lambda g: (g.kind, g.number)))

    def contractors(self, state: str | None = None, on: date | None = None) -> tuple[Contractor, ...]:
        """The contractors that the exports name, of a state where one is given."""
        table = schema.contractor
        served: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
        for row in self._rows(self._speaking(on), select(table), table.c.source):
            served[row.id, row.name, row.kind, row.jurisdiction].add(row.state)
        found = [Contractor(*key, states=tuple(sorted(states))) for key, states in served.items() if state is None or state.upper() in states]
        return tuple(sorted(found, key=lambda c: (c.id, c.kind)))

    # Diagnoses

    def diagnoses(
        self, code: str, on: date, covered: bool = True, state: str | None = None, contractor: str | None = None
    ) -> Dated[tuple[Listed, ...]]:
        """The diagnoses that documents in force list for a procedure code as covered, or as not covered."""
        sources = self._speaking(on)
        procedures, table = schema.coverage_code, schema.coverage_diagnosis
        keys = self._rows(
            sources, select(procedures.c.document, procedures.c.version, procedures.c.source), procedures.c.source, procedures.c.code == code
        )
        documents = self._documents(keys, on, state, contractor)
        rows = self._of(table, documents, table.c.covered == int(covered))
        found = [Listed(r.code, covered, r.group, bool(r.asterisk), documents[r.document, r.version, r.source]) for r in rows]
        return self._dated(sources, on, tuple(sorted(found, key=lambda d: (d.code, d.document.id, d.group))))

    def codes_of(self, diagnosis: str, on: date, covered: bool = True, state: str | None = None) -> Dated[tuple[Listed, ...]]:
        """The procedure codes of the documents in force that list a diagnosis as covered, or as not covered; `group` is that of the code."""
        sources = self._speaking(on)
        table, procedures = schema.coverage_diagnosis, schema.coverage_code
        columns = select(table.c.document, table.c.version, table.c.source, table.c.asterisk)
        keys = self._rows(sources, columns, table.c.source, table.c.code == diagnosis, table.c.covered == int(covered))
        starred = {(row.document, row.version, row.source) for row in keys if row.asterisk}
        documents = self._documents(keys, on, state)
        found = [
            Listed(r.code, covered, r.group, (r.document, r.version, r.source) in starred, documents[r.document, r.version, r.source])
            for r in self._of(procedures, documents)
        ]
        return self._dated(sources, on, tuple(sorted(found, key=lambda d: (d.code, d.document.id, d.group))))

    def supports(self, code: str, diagnosis: str, on: date, state: str | None = None, contractor: str | None = None) -> Dated[tuple[Verdict, ...]]:
        """What each document in force that names a procedure code says of a diagnosis; one that lists it in both ways gives two verdicts."""
        named = self.documents_of(code, on, state, contractor)
        documents = {_key(document): document for document in named.value or ()}
        diagnoses, codes = schema.coverage_diagnosis, schema.coverage_code
        listed: dict[Key, list[Row[Any]]] = defaultdict(list)
        for row in self._of(diagnoses, documents, diagnoses.c.code == diagnosis):
            listed[row.document, row.version, row.source].append(row)
        code_groups: dict[Key, list[int]] = defaultdict(list)
        for row in self._of(codes, documents, codes.c.code == code):
            code_groups[row.document, row.version, row.source].append(row.group)
        groups, lists = self._groups(documents), self._lists(documents)
        verdicts: list[Verdict] = []
        for key, document in documents.items():
            own = _numbered("codes", code_groups[key], groups[key])
            places = [(COVERED, "covered", 1), (NOT_COVERED, "noncovered", 0)]
            for place, kind, flag in places:
                rows = [row for row in listed[key] if row.covered == flag]
                if rows:
                    where = _numbered(kind, [row.group for row in rows], groups[key])
                    verdicts.append(Verdict(code, diagnosis, place, document, where, own, any(row.asterisk for row in rows), lists[key]))
            if not listed[key]:
                verdicts.append(Verdict(code, diagnosis, NOT_LISTED if lists[key] else NO_LIST, document, (), own, False, lists[key]))
        return Dated(tuple(verdicts) or None, named.source, named.nearest, named.stale)

    # Rows

    def _rows(self, sources: Iterable[Source], query: Any, column: Any, *conditions: ColumnElement[bool]) -> Sequence[Row[Any]]:
        return self._shelf.rows(query.where(column.in_([s.id for s in sources]), *conditions))

    def _of(self, table: Any, keys: Iterable[Key], *conditions: ColumnElement[bool]) -> list[Row[Any]]:
        """The rows of documents in a table that names them."""
        wanted = set(keys)
        ids = sorted({document for document, _, _ in wanted})  # by id alone: that is what the tables are sorted by
        rows = (row for some in _chunks(ids) for row in self._shelf.rows(select(table).where(table.c.document.in_(some), *conditions)))
        return [row for row in rows if (row.document, row.version, row.source) in wanted]

    def _documents(self, keys: Iterable[Any], on: date | None, state: str | None = None, contractor: str | None = None) -> dict[Key, Document]:
        """Documents by key, sorted by id: those in force on a day where one is given, the newest version of each."""
        table = schema.coverage_document
        columns = [column for column in table.c if column.name != "body"]
        wanted = {(row.document, row.version, row.source) for row in keys}
        ids = sorted({document for document, _, _ in wanted})
        rows = [
            row
            for some in _chunks(ids)
            for row in self._shelf.rows(select(*columns).where(table.c.id.in_(some)))
            if (row.id, row.version, row.source) in wanted
        ]
        found = [document for row in rows if (document := self._to_document(row)) and (on is None or document.in_force(on))]
        newest: dict[tuple[str, int, int], Document] = {}
        for document in sorted(found, key=lambda d: d.version):
            newest[document.id, document.source.id, document.version if on is None else 0] = document
        contractors, states = self._served([_key(d) for d in newest.values()])
        placed = (_with_places(d, contractors, states) for d in newest.values())
        kept = [d for d in placed if _serves(d, state, contractor)]
        return {_key(d): d for d in sorted(kept, key=lambda d: (d.id, d.version))}

    def _served(self, keys: Sequence[Key]) -> tuple[dict[Key, set[str]], dict[Key, set[str]]]:
        """Contractors and states of documents."""
        table, contractor = schema.coverage_contractor, schema.contractor
        contractors: dict[Key, set[str]] = defaultdict(set)
        for row in self._of(table, keys):
            contractors[row.document, row.version, row.source].add(row.contractor)
        served: dict[tuple[str, int], set[str]] = defaultdict(set)
        exports = {source for _, _, source in contractors}
        for row in self._shelf.rows(select(contractor.c.id, contractor.c.state, contractor.c.source).where(contractor.c.source.in_(exports))):
            served[row.id, row.source].add(row.state)
        states = {key: {state for number in numbers for state in served[number, key[2]]} for key, numbers in contractors.items()}
        return contractors, states

    def _groups(self, keys: Iterable[Key]) -> dict[Key, dict[tuple[str, int], Group]]:
        found: dict[Key, dict[tuple[str, int], Group]] = defaultdict(dict)
        for row in self._of(schema.coverage_group, keys):
            found[row.document, row.version, row.source][row.kind, row.group] = Group(row.kind, row.group, row.paragraph)
        return found

    def _lists(self, keys: Iterable[Key]) -> dict[Key, tuple[str, ...]]:
        """Which lists of diagnoses each document has."""
        table, listed = schema.coverage_document, schema.coverage_diagnosis
        own = and_(listed.c.document == table.c.id, listed.c.version == table.c.version, listed.c.source == table.c.source)
        has = [exists().where(own, listed.c.covered == flag).label(name) for flag, name in ((1, "covered"), (0, "noncovered"))]
        ids = sorted({document for document, _, _ in keys})
        found: dict[Key, tuple[str, ...]] = defaultdict(tuple)
        for some in _chunks(ids):
            for row in self._shelf.rows(select(table.c.id, table.c.version, table.c.source, *has).where(table.c.id.in_(some))):
                found[row.id, row.version, row.source] = (COVERED,) * row.covered + (NOT_COVERED,) * row.noncovered
        return found

    def _to_document(self, row: Row[Any], body: str = "") -> Document:
        source = self._shelf.source(row.source)
        return Document(row.id, row.version, row.kind, row.title, row.status, to_date(row.effective), to_date(row.ended), source, body=body)


def _key(document: Document) -> Key:
    return document.id, document.version, document.source.id


def _chunks(ids: list[str]) -> Iterable[list[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def _with_places(document: Document, contractors: dict[Key, set[str]], states: dict[Key, set[str]]) -> Document:
    key = _key(document)
    return replace(document, contractors=tuple(sorted(contractors.get(key, ()))), states=tuple(sorted(states.get(key, ()))))


def _serves(document: Document, state: str | None, contractor: str | None) -> bool:
    """Whether a document may be of a state and contractor: what is not known does not leave it out."""
    if contractor and document.contractors and contractor not in document.contractors:
        return False
    return not state or not document.states or state.upper() in document.states


def _numbered(kind: str, numbers: Iterable[int], groups: dict[tuple[str, int], Group]) -> tuple[Group, ...]:
    """Groups by number, with their paragraphs where they have one."""
    return tuple(groups.get((kind, number), Group(kind, number, "")) for number in sorted(set(numbers)))
