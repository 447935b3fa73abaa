"""A conversation as a Markdown document that stands alone: questions, answers, tables and every source behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from assistant.answer import Answer, Citation, FactTable
from assistant.phi import mask
from corpus.model import Source

_SPECIAL = re.compile(r"([\\`*_~$^|<>\[\]{}#&])")
_LIST_START = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)")


@dataclass(frozen=True)
class Turn:
    """What was typed and what was answered."""

    text: str
    answer: Answer


def document(turns: Sequence[Turn], on: date) -> str:
    """The conversation as Markdown; identifiers are masked, because a document travels and an answer may repeat the question."""
    parts = ["# Conversation with Codebook", f"Exported {on.isoformat()}. Identifiers are masked in questions and answers."]
    for number, turn in enumerate(turns, start=1):
        parts += _turn(number, turn)
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """Text as one line of Markdown that reads the same: no markup, no mathematics, no link, no list."""
    return _LIST_START.sub(_bare_list, _SPECIAL.sub(r"\\\1", " ".join(text.split())))


def in_force(source: Source) -> str:
    """The days a release speaks for, in words; empty where it carries none."""
    if source.valid_from and source.valid_to:
        return f"in force {source.valid_from.isoformat()} to {source.valid_to.isoformat()}"
    if source.valid_from:
        return f"in force from {source.valid_from.isoformat()}"
    return ""


def _bare_list(match: re.Match[str]) -> str:
    """A sign that would begin a list, made plain; in "1." it is the mark after the number that takes the backslash."""
    space, sign = match.groups()
    return f"{space}{sign[:-1]}\\{sign[-1]}"


def _turn(number: int, turn: Turn) -> Iterator[str]:
    answer = turn.answer
    yield f"## {number}. {escape(mask(turn.text))}"
    if answer.resolved:
        yield f"*Understood as:* {escape(mask(answer.resolved))}"
    if answer.date_of_service:
        yield f"*Date of service:* {answer.date_of_service.isoformat()}"
    yield from _statements(answer)
    for facts in answer.tables:
        yield from _table(facts)
    if answer.citations:
        yield "**Sources**"
        yield from map(_citation, answer.citations)


def _statements(answer: Answer) -> Iterator[str]:
    """Paragraphs and lists under their headings."""
    for heading, under in groupby(answer.statements, key=lambda statement: statement.heading):
        if heading:
            yield f"**{escape(heading)}**"
        for bullet, together in groupby(under, key=lambda statement: statement.bullet):
            sentences = [f"{escape(mask(statement.text))} {_marks(statement.citations)}".rstrip() for statement in together]
            yield "\n".join(f"- {sentence}" for sentence in sentences) if bullet else " ".join(sentences)


def _table(facts: FactTable) -> Iterator[str]:
    yield f"**{escape(facts.title)}** {_marks(facts.citations)}".rstrip()
    lines = [" | ".join(map(escape, line)) for line in (facts.columns, *facts.rows)]
    rule = " | ".join("---" for _ in facts.columns)
    yield "\n".join(f"| {line} |" for line in [lines[0], rule, *lines[1:]])


def _citation(citation: Citation) -> str:
    """Number, source, release, place and dates, and the words that stand there as a quotation."""
    evidence = citation.evidence
    source = evidence.source
    about = [f"{source.title}, {source.release}", evidence.locator, in_force(source)]
    url = evidence.url or source.url
    first = f"{_marks((citation.n,))} {escape('; '.join(fact for fact in about if fact))}" + (f" <{url}>" if url else "")
    return "\n".join([first, *(f"> {escape(line)}  ".rstrip() for line in evidence.excerpt.splitlines())])


def _marks(numbers: Sequence[int]) -> str:
    return "".join(f"\\[{n}\\]" for n in numbers)
