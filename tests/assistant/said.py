"""How the tests read an answer: find a statement, see what carries it, and the promises that hold for every answer."""

from __future__ import annotations

import re

from assistant.answer import Answer, Evidence, Statement, Status

MARKER = re.compile(r"\[(\d+)\]")
# Missing data, releases older than the date, questions back: the only statements that may stand without a citation.
NOTICE = re.compile(
    r"No data\b|Newest releases loaded|I have no (?:data|modifier)|I compare \d|I answer questions|Which (?:code|modifier) do you mean"
    r"|.* has not the form of a code"
)


def statement(answer: Answer, words: str) -> Statement:
    """The only statement that holds the words, or that a regular expression fits."""
    found = [s for s in answer.statements if words in s.text or re.search(words, s.text)]
    assert len(found) == 1, f"{len(found)} statements with {words!r} in:\n{answer.text}"
    return found[0]


def evidence(answer: Answer, words: str) -> list[Evidence]:
    """What carries the statement that holds the words."""
    by_number = {c.n: c.evidence for c in answer.citations}
    return [by_number[n] for n in statement(answer, words).citations]


def broken_promises(answer: Answer) -> list[str]:
    """Every marker resolves, every citation says where it stands, every statement of fact has a citation."""
    known = {c.n for c in answer.citations}
    wrong = [f"[{n}] leads nowhere" for n in {int(m) for m in MARKER.findall(answer.text)} - known]
    wrong += [f"statement cites {n}" for s in answer.statements for n in s.citations if n not in known]
    wrong += [f"table cites {n}" for t in answer.tables for n in t.citations if n not in known]
    wrong += [
        f"[{c.n}] without a place" for c in answer.citations if not (c.evidence.source.title and c.evidence.source.release and c.evidence.locator)
    ]
    wrong += [f"[{c.n}] without words" for c in answer.citations if not c.evidence.excerpt]
    if [c.n for c in answer.citations] != list(range(1, len(known) + 1)):
        wrong.append("citations are not numbered from 1")
    if not answer.text:
        wrong.append("says nothing")
    if answer.status is Status.ANSWERED:
        wrong += [
            f"uncited: {s.text}" for s in answer.statements if re.search(r"\d", s.text) and not s.citations and not NOTICE.match(s.text)
        ]  # fmt: skip
    wrong += [f"table {t.title} is ragged" for t in answer.tables if any(len(row) != len(t.columns) for row in t.rows)]
    return wrong
