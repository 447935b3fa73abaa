"""`Codebook`: every dated look-up the assistant can make. Read-only; safe to share between threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from corpus import fulltext, schema
from corpus.editions import Edition
from corpus.lookups.changes import Changes
from corpus.lookups.coverage import Coverage
from corpus.lookups.descriptors import Descriptors
from corpus.lookups.edits import EditChanges
from corpus.lookups.hcpcs import Hcpcs
from corpus.lookups.index_terms import IndexTerms
from corpus.lookups.manuals import Manuals
from corpus.lookups.mappings import Mappings
from corpus.lookups.payment import Payment
from corpus.lookups.procedures import Procedures
from corpus.lookups.validity import Validity
from corpus.model import (
    AddOn,
    Article,
    Citation,
    Code,
    CodePage,
    Dated,
    Edit,
    Event,
    FeeRow,
    Indicator,
    Modifier,
    Note,
    Passage,
    Setting,
    Source,
    SourceKind,
    System,
    UnitLimit,
)
from corpus.rows import SETTING_OF, to_article, to_date, to_fee, to_modifier, to_page
from corpus.shelf import Shelf


class Codebook:
    """One edition, opened for reading.

    Raises:
        EditionError: when its tables are of another version or cannot be read.
    """

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self._shelf = Shelf(edition)
        self._rows = self._shelf.rows
        self._cached_holds = lru_cache(maxsize=4096)(self._holds)
        self._cached_document = lru_cache(maxsize=2048)(self._read_document)

    def close(self) -> None:
        """Let go of the file."""
        self._shelf.close()

    # Sources and releases

    def sources(self, kind: SourceKind | None = None) -> list[Source]:
        """All sources, or those of a kind, oldest first."""
        return self._shelf.sources(kind)

    def publication(self, id: str) -> Source:
        """A publication of `sources.yaml` by its id."""
        return self._publications[id]

    @cached_property
    def _publications(self) -> dict[str, Source]:
        return {s.key.partition("/")[2]: s for s in self.sources(SourceKind.PUBLICATION)}

    # Codes

    def code(self, code: str, system: System | None = None) -> Code | None:
        """A code by its canonical form; from the code table, else from a fee schedule, MUE table or add-on edit."""
        table = schema.code
        query = select(table).where(table.c.code == code)
        if system:
            query = query.where(table.c.system == system)
        rows = self._rows(query)
        if rows:
            row = rows[0]
            return self._to_code(row)
        found = self._code_of_fee(code)
        return found if found and system in (None, found.system) else None

    def _to_code(self, row: Row[Any]) -> Code:
        source = self._shelf.source(row.source)
        return Code(System(row.system), row.code, row.title, bool(row.billable), source, row.parent, row.kind, bool(row.has_page))

    def _code_of_fee(self, code: str) -> Code | None:
        fee = schema.fee
        rows = self._rows(select(fee.c.descriptor, fee.c.source).where(fee.c.code == code, fee.c.modifier == ""))
        system = System.HCPCS if code[:1].isalpha() else System.CPT
        if not rows:  # supplies, and codes that only an add-on edit names
            queries = (select(t.c.source).where(c == code) for t, c in ((schema.mue, schema.mue.c.code), (schema.add_on, schema.add_on.c.primary)))
            named = next((found for query in queries if (found := self._rows(query))), None)
            return Code(system, code, "", True, self._shelf.source(named[-1].source)) if named else None
        newest = max(rows, key=lambda row: self._shelf.source(row.source).valid_from or date.min)
        titles = [row.descriptor for row in rows if row.source == newest.source]
        return Code(system, code, titles[0], True, self._shelf.source(newest.source))

    def exists(self, code: str, system: System | None = None) -> bool:
        """Whether any loaded source knows the code, on any date."""
        return self.code(code, system) is not None

    def children(self, code: str, system: System = System.ICD10CM) -> list[Code]:
        """The codes directly under a code, in the order of the book."""
        table = schema.code
        query = select(table).where(table.c.system == system, table.c.parent == code).order_by(table.c.position)
        return [self._to_code(row) for row in self._rows(query)]

    def ancestors(self, code: Code) -> list[Code]:
        """Parent, grandparent … up to the chapter."""
        found: list[Code] = []
        parent = code.parent
        while parent and (above := self.code(parent, code.system)):
            found.append(above)
            parent = above.parent
        return found

    def codes_with_prefix(self, prefix: str, system: System, limit: int = 20) -> list[Code]:
        """Codes that begin with a prefix, in order."""
        table = schema.code
        query = select(table).where(table.c.system == system, table.c.code.between(prefix, prefix + "\uffff")).order_by(table.c.code)
        found = {row.code: self._to_code(row) for row in self._rows(query.limit(limit))}
        if system in (System.CPT, System.HCPCS):
            column = schema.fee.c.code
            fees = select(column).distinct().where(column.between(prefix, prefix + "\uffff")).order_by(column).limit(limit)
            found |= {row.code: code for row in self._rows(fees) if row.code not in found and (code := self.code(row.code, system))}
        return [found[code] for code in sorted(found)][:limit]

    def notes(self, code: Code) -> list[Note]:
        """The notes of the tabular list that govern a code: its own first, then those of its ancestors."""
        chain = [code.code, *(c.code for c in self.ancestors(code))]
        table = schema.note
        query = select(table).where(table.c.code.in_(chain))
        if releases := self._shelf.sources(SourceKind.ICD10CM):
            query = query.where(table.c.source == releases[-1].id)
        rows = self._rows(query)
        notes = [(chain.index(r.code), r.position, Note(r.code, r.kind, r.text, self._shelf.source(r.source))) for r in rows]
        return [note for _, _, note in sorted(notes, key=lambda item: item[:2])]

    def history(self, code: str, system: System) -> list[Event]:
        """What happened to a code, oldest first: from its page and from the releases loaded."""
        table = schema.event
        rows = self._rows(select(table).where(table.c.system == system, table.c.code == code))
        seen = [Event(to_date(r.date) or date.min, r.event, r.text, Citation(self._shelf.source(r.source), r.place)) for r in rows]
        page = self.page(code)
        return sorted([*(page.history if page else ()), *seen], key=lambda e: e.date)

    # Documents

    def _read_document(self, kind: str, key: str) -> CodePage | Modifier | Article | None:
        table = schema.document
        rows = self._rows(select(table).where(table.c.kind == kind, table.c.key == key))
        if not rows:
            return None
        row = rows[0]
        make: Any = {"page": to_page, "modifier": to_modifier, "article": to_article}[kind]
        result: CodePage | Modifier | Article = make(row.body, row.place, self._shelf.source(row.source), self.publication)
        return result

    def page(self, code: str) -> CodePage | None:
        """The page of a CPT or HCPCS code."""
        found = self._cached_document("page", code)
        return found if isinstance(found, CodePage) else None

    def modifier(self, code: str) -> Modifier | None:
        """A modifier."""
        found = self._cached_document("modifier", code)
        return found if isinstance(found, Modifier) else None

    def article(self, id: str) -> Article | None:
        """A guideline article."""
        found = self._cached_document("article", id)
        return found if isinstance(found, Article) else None

    @cached_property
    def document_keys(self) -> dict[str, tuple[str, ...]]:
        """The keys of all pages, modifiers and articles, by kind."""
        table = schema.document
        keys: dict[str, tuple[str, ...]] = {}
        for row in self._rows(select(table.c.kind, table.c.key).order_by(table.c.kind, table.c.key)):
            keys[row.kind] = (*keys.get(row.kind, ()), row.key)
        return keys

    def is_modifier(self, code: str) -> bool:
        """Whether a modifier of that name is known."""
        return code in self._modifier_codes

    @cached_property
    def _modifier_codes(self) -> frozenset[str]:
        table = schema.listing
        listed = self._rows(select(table.c.code).distinct().where(table.c.system == System.MODIFIER))
        return frozenset((*self.document_keys.get("modifier", ()), *(row.code for row in listed)))

    # Facts

    def fee(self, code: str, on: date, modifier: str = "") -> Dated[FeeRow]:
        """The fee schedule row of a code (and component) on a day."""
        table = schema.fee
        rows = self._rows(select(table).where(table.c.code == code, table.c.modifier == modifier))
        found = {row.source: to_fee(row._asdict(), self._shelf.source(row.source)) for row in rows}
        return self._shelf.dated(SourceKind.FEE_SCHEDULE, on, found)

    def fee_modifiers(self, code: str, source: Source) -> list[str]:
        """The modifiers that have a row of their own in a fee schedule ("26", "TC", "53")."""
        table = schema.fee
        query = select(table.c.modifier).where(table.c.code == code, table.c.source == source.id, table.c.modifier != "")
        return [row.modifier for row in self._rows(query.order_by(table.c.modifier))]

    def fee_releases(self, code: str) -> list[FeeRow]:
        """The global row of a code in every release loaded, oldest first."""
        table = schema.fee
        rows = self._rows(select(table).where(table.c.code == code, table.c.modifier == ""))
        found = [to_fee(row._asdict(), self._shelf.source(row.source)) for row in rows]
        return sorted(found, key=lambda row: row.source.valid_from or date.min)

    def unit_limit(self, code: str, on: date, setting: Setting = Setting.PRACTITIONER) -> Dated[UnitLimit]:
        """The MUE of a code on a day."""
        table = schema.mue
        rows = self._rows(select(table).where(table.c.code == code, table.c.setting == schema.SETTINGS[setting]))
        found = {r.source: UnitLimit(r.code, setting, r.units, r.mai, r.rationale, self._shelf.source(r.source)) for r in rows}
        return self._shelf.dated(SourceKind.MUE, on, found, setting)

    def _add_ons(self, rows: Sequence[Row[Any]], on: date) -> Dated[list[AddOn]]:
        found: dict[int, list[AddOn]] = {}
        for r in rows:
            in_force = found.setdefault(r.source, [])  # a release that has deleted the edit does not give way to an older one
            item = AddOn(r.add_on, r.primary, r.type, to_date(r.effective), to_date(r.deleted), r.note, self._shelf.source(r.source))
            if (item.effective is None or item.effective <= on) and (item.deleted is None or on <= item.deleted):
                in_force.append(item)
        return self._shelf.dated(SourceKind.ADD_ON, on, found)

    def primaries(self, add_on: str, on: date) -> Dated[list[AddOn]]:
        """The primary codes of an add-on code on a day."""
        table = schema.add_on
        return self._add_ons(self._rows(select(table).where(table.c.add_on == add_on).order_by(table.c.primary)), on)

    def add_ons(self, primary: str, on: date) -> Dated[list[AddOn]]:
        """The add-on codes of a primary code on a day."""
        table = schema.add_on
        return self._add_ons(self._rows(select(table).where(table.c.primary == primary).order_by(table.c.add_on)), on)

    def edits(self, a: str, b: str, on: date, setting: Setting = Setting.PRACTITIONER) -> Dated[list[Edit]]:
        """All intervals of the PTP edits between two codes, both ways, newest first, from the release that covers the day."""
        table = schema.ptp
        both = or_((table.c.column1 == a) & (table.c.column2 == b), (table.c.column1 == b) & (table.c.column2 == a))
        query = (
            select(table, schema.rationale.c.text)
            .join(schema.rationale, schema.rationale.c.id == table.c.rationale)
            .where(both, table.c.setting == schema.SETTINGS[setting])
            .order_by(table.c.deleted.desc())
        )
        found: dict[int, list[Edit]] = {}
        for row in self._rows(query):
            found.setdefault(row.source, []).append(self._to_edit(row))
        dated = self._shelf.dated(SourceKind.PTP, on, found, setting)
        return self.edit_changes.forward(dated, self.edit_changes.between(a, b, setting), on, setting)

    def edits_of(self, code: str, on: date, setting: Setting = Setting.PRACTITIONER) -> Dated[list[Edit]]:
        """All PTP edits of one code in force on a day, those where it is column 1 first."""
        table = schema.ptp
        query = (
            select(table, schema.rationale.c.text)
            .join(schema.rationale, schema.rationale.c.id == table.c.rationale)
            .where(or_(table.c.column1 == code, table.c.column2 == code), table.c.setting == schema.SETTINGS[setting])
        )
        found: dict[int, list[Edit]] = {}
        for row in self._rows(query):
            found.setdefault(row.source, []).append(self._to_edit(row))
        dated = self._shelf.dated(SourceKind.PTP, on, found, setting)
        dated = self.edit_changes.forward(dated, self.edit_changes.touching(code, setting), on, setting)
        in_force = [edit for edit in dated.value or [] if edit.in_force(on)]
        in_force.sort(key=lambda edit: (edit.column1 != code, edit.column1, edit.column2))
        return replace(dated, value=in_force if in_force or dated.value is not None else None)

    def has_edits(self, code: str, source: Source) -> bool:
        """Whether a PTP release holds any edit of a code, ended ones included."""
        table = schema.ptp
        query = select(table.c.column1).where(or_(table.c.column1 == code, table.c.column2 == code), table.c.source == source.id)
        return bool(self._rows(query.limit(1)))

    def _to_edit(self, row: Row[Any]) -> Edit:
        return Edit(
            row.column1, row.column2, SETTING_OF[row.setting], to_date(row.effective), to_date(row.deleted), row.indicator, row.text,
            self._shelf.source(row.source),
        )  # fmt: skip

    def indicator(self, field: str, value: str) -> Indicator | None:
        """What a value of an indicator means."""
        return self._indicators.get((field, value))

    @cached_property
    def _indicators(self) -> dict[tuple[str, str], Indicator]:
        rows = self._rows(select(schema.indicator))
        return {(r.field, r.value): Indicator(r.field, r.value, r.meaning, Citation(self._shelf.source(r.source), r.place)) for r in rows}

    # Rooms of their own

    @cached_property
    def edit_changes(self) -> EditChanges:
        """What the quarters since a whole PTP release changed."""
        return EditChanges(self._shelf)

    @cached_property
    def payment(self) -> Payment:
        """What Medicare pays with: indices, localities, factors, caps, outpatient and surgery center rates, places of service."""
        return Payment(self._shelf)

    @cached_property
    def mappings(self) -> Mappings:
        """From one code to another, to a class, or to a list."""
        return Mappings(self._shelf)

    @cached_property
    def procedures(self) -> Procedures:
        """How ICD-10-PCS codes are built."""
        return Procedures(self._shelf)

    @cached_property
    def coverage(self) -> Coverage:
        """National and local coverage: documents, their codes and diagnoses, who issued them."""
        return Coverage(self._shelf)

    @cached_property
    def manuals(self) -> Manuals:
        """Official manuals by section, and the user's own documents."""
        return Manuals(self._shelf)

    @cached_property
    def hcpcs(self) -> Hcpcs:
        """HCPCS Level II codes and modifiers as their file lists them."""
        return Hcpcs(self._shelf)

    @cached_property
    def descriptors(self) -> Descriptors:
        """The AMA's wordings of CPT codes, where a licensed copy is loaded."""
        return Descriptors(self._shelf)

    @cached_property
    def index_terms(self) -> IndexTerms:
        """The alphabetic indexes: which terms lead to a code."""
        return IndexTerms(self._shelf)

    @cached_property
    def changes(self) -> Changes:
        """What releases added to a code set, deleted and revised."""
        return Changes(self._shelf)

    @cached_property
    def validity(self) -> Validity:
        """Whether a code is valid on a day, and what became of it."""
        return Validity(self._shelf)

    # Finding by words

    def passages(self, keys: Sequence[str]) -> dict[str, Passage]:
        """Passages by key; unknown keys are left out."""
        table = schema.passage
        rows = self._rows(select(table).where(table.c.key.in_(keys)))
        return {
            r.key: Passage(
                r.key, r.kind, r.title, r.text, self._shelf.source(r.source), r.place, System(r.system) if r.system else None, r.code
            )
            for r in rows
        }  # fmt: skip

    def full_text(self, query: str, kinds: Sequence[str], limit: int = 20, system: System | None = None) -> list[tuple[str, float]]:
        """Keys of passages that hold the words, best first, with their bm25 rank."""
        with self._shelf.connection() as connection:
            return fulltext.search(connection, query, kinds, limit, system)

    def holds(self, word: str, kinds: tuple[str, ...]) -> bool:
        """Whether any passage of the kinds holds a word, in whatever form."""
        return self._cached_holds(word, kinds)

    def _holds(self, word: str, kinds: tuple[str, ...]) -> bool:
        with self._shelf.connection() as connection:
            return fulltext.holds(connection, word, kinds)

    def connection(self) -> Connection:
        """A connection for reading that this class has no look-up for: evaluation and checks, not answers."""
        return self._shelf.connection()
