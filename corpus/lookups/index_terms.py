"""The alphabetic indexes: which terms lead to a code, and what stands under a term. They lead to codes; only the tabular list decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, or_, select

from corpus import schema
from corpus.model import Dated, Source, SourceKind, System
from corpus.shelf import Shelf

KINDS = {System.ICD10CM: SourceKind.ICD10CM_INDEX, System.ICD10PCS: SourceKind.ICD10PCS_INDEX}
LEVELS = " > "  # between the terms of a path
MOST = 200


@dataclass(frozen=True)
class IndexTerm:
    """A line of an index that leads somewhere: to a code as printed ("H93.29-" is incomplete), or to other terms.

    `path` are the main term and the terms below it; `modifiers` the words in parentheses that do not change the code.
    """

    path: tuple[str, ...]
    modifiers: str
    code: str
    see: str
    see_also: str
    source: Source

    @property
    def complete(self) -> bool:
        """Whether the code is written in full; a dash asks for further characters."""
        return bool(self.code) and not self.code.endswith("-")


class IndexTerms:
    """Look-ups in the indexes: of diseases, external causes, neoplasms and drugs, and of ICD-10-PCS."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def leading_to(self, code: str, system: System, on: date) -> list[Dated[list[IndexTerm]]]:
        """The terms that lead to a code, or to an incomplete code that it begins with; for each index loaded, as of a day."""
        table = schema.index_term
        stems = [code, *(f"{code[:length]}-" for length in range(3, len(code) + 1)), f"{code[:3]}.-"]
        query = select(table).where(table.c.system == system, table.c.code.in_(stems)).order_by(table.c.position)
        return self._dated(self._shelf.rows(query), system, on)

    def under(self, term: str, system: System, on: date) -> list[Dated[list[IndexTerm]]]:
        """The lines of a main term and of what stands under it, at most 200 of each index, as of a day.

        A main term of several words ("Abdomen, abdominal") is found by its whole wording or its first word; case does not count.
        """
        path = schema.index_term.c.path
        words = term.strip().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        wanted = or_(*(path.ilike(f"{words}{end}", escape="\\") for end in ("", f"{LEVELS}%", ", %")))
        query = select(schema.index_term).where(schema.index_term.c.system == system, wanted).order_by(schema.index_term.c.position)
        return self._dated(self._shelf.rows(query), system, on)

    def _dated(self, rows: Sequence[Row[Any]], system: System, on: date) -> list[Dated[list[IndexTerm]]]:
        """The terms found, by index; an index without any is still named, as one that does not have the term."""
        kind = KINDS[system]
        found: dict[int, list[IndexTerm]] = {}
        for row in rows:
            terms = found.setdefault(row.source, [])
            if len(terms) < MOST:
                path = tuple(row.path.split(LEVELS))
                terms.append(IndexTerm(path, row.modifiers, row.code, row.see, row.see_also, self._shelf.source(row.source)))
        series = list(dict.fromkeys(source.series for source in self._shelf.sources(kind)))
        return [self._shelf.dated(kind, on, found, series=name) for name in series]
