"""`Answer`: statements, each with its citations; the same for page, command line, batch and tests.

`Composer` collects them: every `say` names its evidence, and equal evidence gets one number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from assistant.question import Question
from corpus.model import Source


class Status(StrEnum):
    """How an answer ended."""

    ANSWERED = "answered"
    NO_DATA = "no_data"
    UNCLEAR = "unclear"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True)
class Evidence:
    """What carries a statement: a release, the place in it, and the words or row that stand there."""

    source: Source
    locator: str
    excerpt: str
    url: str | None = None


@dataclass(frozen=True)
class Citation:
    """Evidence with its number in the answer, from 1."""

    n: int
    evidence: Evidence

    def as_json(self) -> dict[str, Any]:
        """The form of the command line contract."""
        source = self.evidence.source
        return {
            "n": self.n,
            "source": source.title,
            "release": source.release,
            "locator": self.evidence.locator,
            "excerpt": self.evidence.excerpt,
            "url": self.evidence.url or source.url,
        }


@dataclass(frozen=True)
class Statement:
    """A sentence or two with the numbers of its citations; `heading` groups statements on a page.

    `bullet` statements are items of a list under their heading. Questions back to the user and notices of missing data
    may have no citations; statements of fact always have.
    """

    text: str
    citations: tuple[int, ...]
    heading: str = ""
    bullet: bool = False


@dataclass(frozen=True)
class FactTable:
    """Facts that are tabular: column names, rows of text, and the citations behind them."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    citations: tuple[int, ...]


@dataclass(frozen=True)
class CodeRef:
    """A code that the answer is about."""

    system: str
    code: str


@dataclass(frozen=True)
class Answer:
    """What is shown. `suggestions` are follow-up questions; `resolved` the question as understood, when it differs."""

    question: Question
    status: Status
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    tables: tuple[FactTable, ...] = ()
    codes: tuple[CodeRef, ...] = ()
    suggestions: tuple[str, ...] = ()
    date_of_service: date | None = None
    resolved: str | None = None
    elapsed_ms: float = 0.0
    written_by: str = "composed"  # or the name of the chat model

    @property
    def text(self) -> str:
        """The answer as Markdown: headings, sentences, lists, each with its `[n]` markers."""
        parts: list[str] = []
        heading = ""
        previous_bullet = False
        for statement in self.statements:
            if statement.heading != heading:
                heading = statement.heading
                parts.append(f"\n\n**{heading}**\n" if heading else "\n\n")
                previous_bullet = False
            marks = "".join(f"[{n}]" for n in statement.citations)
            sentence = f"{statement.text} {marks}".rstrip()
            if statement.bullet:
                parts.append(f"\n- {sentence}")
            elif previous_bullet:
                parts.append(f"\n\n{sentence}")
            else:
                parts.append(f" {sentence}" if parts and not parts[-1].endswith("\n") else sentence)
            previous_bullet = statement.bullet
        return "".join(parts).strip()

    def as_json(self) -> dict[str, Any]:
        """The `ask` contract of the command line."""
        return {
            "question": self.question.text,
            "kind": str(self.question.kind),
            "status": str(self.status),
            "text": self.text,
            "statements": [{"text": s.text, "citations": list(s.citations)} for s in self.statements],
            "citations": [c.as_json() for c in self.citations],
            "codes": [{"system": c.system, "code": c.code} for c in self.codes],
            "date_of_service": self.date_of_service.isoformat() if self.date_of_service else None,
            "elapsed_ms": round(self.elapsed_ms, 1),
        }


@dataclass
class Composer:
    """Collects the statements of one answer and numbers their evidence."""

    question: Question
    date_of_service: date
    _statements: list[Statement] = field(default_factory=list)
    _evidence: dict[tuple[int, str], Citation] = field(default_factory=dict)
    _tables: list[FactTable] = field(default_factory=list)
    _codes: dict[CodeRef, None] = field(default_factory=dict)
    _suggestions: list[str] = field(default_factory=list)
    _heading: str = ""

    def cite(self, *evidence: Evidence) -> tuple[int, ...]:
        """The numbers of the evidence, given in order of first use."""
        numbers = []
        for item in evidence:
            key = (item.source.id, item.locator)
            known = self._evidence.get(key)
            if known is None:
                self._evidence[key] = Citation(len(self._evidence) + 1, item)
            elif item.excerpt not in known.evidence.excerpt:  # another sentence from the same place: the number shows both
                both = f"{known.evidence.excerpt}\n{item.excerpt}"
                self._evidence[key] = replace(known, evidence=replace(known.evidence, excerpt=both))
            numbers.append(self._evidence[key].n)
        return tuple(dict.fromkeys(numbers))

    def heading(self, text: str) -> None:
        """Put the statements that follow under a heading."""
        self._heading = text

    def say(self, text: str, *evidence: Evidence, bullet: bool = False) -> None:
        """Add a statement with the evidence that carries it."""
        self._statements.append(Statement(text, self.cite(*evidence), self._heading, bullet))

    def table(self, title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]], *evidence: Evidence) -> None:
        """Add a table of facts; empty ones are left out."""
        if rows:
            self._tables.append(FactTable(title, columns, tuple(rows), self.cite(*evidence)))

    def about(self, system: str, code: str) -> None:
        """Name a code that the answer is about."""
        self._codes[CodeRef(str(system), code)] = None

    def suggest(self, *questions: str) -> None:
        """Add follow-up questions."""
        self._suggestions += [q for q in questions if q not in self._suggestions]

    def answer(self, status: Status = Status.ANSWERED) -> Answer:
        """The finished answer."""
        return Answer(
            question=self.question,
            status=status,
            statements=tuple(self._statements),
            citations=tuple(self._evidence.values()),
            tables=tuple(self._tables),
            codes=tuple(self._codes),
            suggestions=tuple(self._suggestions[:4]),
            date_of_service=self.date_of_service,
        )
