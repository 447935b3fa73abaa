"""The check that each sentence of a chat model is carried by the evidence it cites, and the markers `[n]` while it streams.

`Sentences` cuts a stream into pieces and holds back what is not whole. `Checker` decides on a piece: it passes when it cites
evidence of the answer, and that evidence holds every code, modifier, number, date and amount in it, most of its words, and
what it permits. Nothing is repaired: what does not pass is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from assistant.answer import Answer, Citation, FactTable, Statement
from assistant.wording import (
    CODE,
    Claim,
    Sign,
    capitals,
    carried,
    claims,
    end_of_sentence,
    exact,
    modifiers,
    number_words,
    placed,
    sentences,
    widenings,
    words,
)
from corpus.codebook import Codebook
from corpus.model import System
from corpus.shelf import is_partial

ENOUGH = 0.5  # share of a sentence's content words that its evidence holds; the table in the tests shows both sides of it
NEAR = 0.3  # likeness from which a text that permits or forbids speaks of the same matter

LONGEST = 1_000  # characters of a sentence; a longer text has no end that could be found

# Markers

_MARKER = re.compile(r"\s*(?:\[\s*(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\s*\]|【\s*(\d{1,3})[^】\n]{0,20}】)")
_HALF_MARKER = re.compile(r"\s*[\[【][\d\s,;–-]*$")


def markers(text: str) -> list[int]:
    """The numbers that a text cites, in order, once each; "[1, 3]" and "[1-3]" count as written out."""
    found: list[int] = []
    for match in _MARKER.finditer(text):
        for part in re.split(r"[,;]", match[1] or match[2]):
            ends = [int(n) for n in re.findall(r"\d+", part)]
            found += range(ends[0], min(ends[-1], ends[0] + 20) + 1)
    return list(dict.fromkeys(found))


def without_markers(text: str) -> str:
    """The text alone; half a marker at its end goes too."""
    plain = _HALF_MARKER.sub("", _MARKER.sub("", text))
    return re.sub(r"\s+([.,;:!?])", r"\1", plain).strip()


# Streaming


@dataclass(frozen=True)
class Piece:
    """A sentence or a heading, as the model wrote it."""

    text: str
    heading: bool = False
    bullet: bool = False


_BULLET = re.compile(r"(?:[-•+]|\*(?!\*)|\d{1,2}[.)](?=\s))\s*")
_HEADING = re.compile(r"#{1,6}\s+(?P<hashed>.+)|(?:\*\*|__)(?P<bold>[^*_]+)(?:\*\*|__)\W*|(?P<colon>[^.!?\[\]]{1,60}:)")


class Sentences:
    """Cuts a stream into pieces; a sentence comes out when the words after it show that it and its markers are whole."""

    def __init__(self) -> None:
        self._held = ""
        self._bullet = False
        self._line_starts = True

    def feed(self, chunk: str) -> Iterator[Piece]:
        """Take in a chunk; give the pieces that it completes."""
        self._held += chunk.replace("\r", "")
        yield from self._pieces(last=False)

    def close(self) -> Iterator[Piece]:
        """The stream has come to its end: what is held back is whole."""
        yield from self._pieces(last=True)

    def _pieces(self, last: bool) -> Iterator[Piece]:
        while self._to_next_text(last):
            line, newline, _ = self._held.partition("\n")
            whole = bool(newline) or last
            if self._line_starts and (heading := _HEADING.fullmatch(line.strip())) and whole:
                self._held = self._held[len(line) :]
                yield Piece(next(text for text in heading.groups() if text).strip(), heading=True)
            elif self._line_starts and not whole and line.startswith(("#", "**", "__")):
                return  # a heading, or bold words at the start of a sentence: its line tells
            elif end := end_of_sentence(self._held, last):
                text, self._held = self._held[:end], self._held[end:]
                self._line_starts = False
                yield Piece(text.strip(), bullet=self._bullet)
            else:
                return

    def _to_next_text(self, last: bool) -> bool:
        """Go on to the next text, noting new lines and bullets; False while what comes cannot be told."""
        text = self._held.lstrip(" \t\n")
        if "\n" in self._held[: len(self._held) - len(text)]:
            self._line_starts, self._bullet = True, False
        self._held = text
        if not text or (self._line_starts and len(text) < 4 and not last and "\n" not in text):
            return False
        if self._line_starts and not self._bullet and (bullet := _BULLET.match(text)):
            self._held, self._bullet = text[bullet.end() :], True
        return bool(self._held)


# Checking


class Problem(StrEnum):
    """Why a sentence is not carried."""

    TOO_LONG = "longer than any sentence"
    NO_CITATION = "no marker of the evidence"
    UNKNOWN_CODE = "a code or modifier that does not exist on the date of service"
    NOT_IN_EVIDENCE = "a code, number, date or amount that the cited evidence does not hold"
    OTHER_WORDS = "too few of its words stand in the cited evidence"
    CONTRADICTION = "permits or forbids what the evidence does not"


@dataclass(frozen=True)
class Checked:
    """A sentence without its markers, the numbers it may carry, and the problem that bars it, if any."""

    text: str
    citations: tuple[int, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True)
class _Unit:
    """A text of the answer: an excerpt with its place and release, a composed statement, or a row of a table."""

    text: str
    citations: frozenset[int]

    @cached_property
    def exact(self) -> frozenset[str]:
        return carried(self.text)

    @cached_property
    def capitals(self) -> set[str]:
        return capitals(self.text) | modifiers(self.text)

    @cached_property
    def codes(self) -> set[str]:
        return {token for token in self.exact if CODE.fullmatch(token)}

    @cached_property
    def words(self) -> frozenset[str]:
        return words(self.text)

    @cached_property
    def marks(self) -> frozenset[str]:
        return self.words | exact(self.text) | self.capitals

    @cached_property
    def claims(self) -> frozenset[Claim]:
        return claims(self.text)


_EMPHASIS = re.compile(r"\*\*|__|`|<[^<>]*>|(?<!\w)[*_]|[*_](?!\w)")
_HEADING_WORDS = words(
    "answer summary overview short brief details key points conclusion billing coding reporting note notes important modifiers units limits "
    "why what how background sources rule rules exceptions conditions documentation result verdict example"
)


class Checker:
    """Decides on the sentences that a chat model writes from one answer."""

    def __init__(self, codebook: Codebook, answer: Answer) -> None:
        self.answer = answer
        self._book = codebook
        self._day = answer.date_of_service or date.today()
        self.known = frozenset(citation.n for citation in answer.citations)
        asked = {mention.code for mention in answer.question.codes}
        self._asked = asked | set(answer.question.modifiers) | exact(answer.question.text) | capitals(answer.question.text)
        self._subjects = asked | {ref.code for ref in answer.codes}

    # What carries

    @cached_property
    def _units(self) -> tuple[_Unit, ...]:
        evidence = (_Unit(_text(c), frozenset({c.n})) for c in self.answer.citations)
        statements = (_Unit(f"{s.heading}: {s.text}" if s.heading else s.text, frozenset(s.citations)) for s in self.answer.statements)
        rows = (unit for table in self.answer.tables for unit in _rows(table))
        return (*evidence, *statements, *rows)

    @cached_property
    def _verdicts(self) -> tuple[_Unit, ...]:
        """The sentences of all units that permit or forbid something; those of an excerpt keep the codes of its place."""
        places = {frozenset({c.n}): c.evidence.locator for c in self.answer.citations}
        lines = [_Unit(s, u.citations) for u in self._units[len(self.answer.citations) :] for s in sentences(u.text)]
        for citation in self.answer.citations:
            n = frozenset({citation.n})
            lines += (_Unit(f"{places[n]}; {line}", n) for line in sentences(citation.evidence.excerpt))
        return tuple(line for line in lines if line.claims)

    def _carriers(self, cited: Collection[int]) -> list[_Unit]:
        return [unit for unit in self._units if not unit.citations.isdisjoint(cited)]

    # Decisions

    def check(self, sentence: str, heading: str = "") -> Checked:
        """Whether the evidence that a sentence cites carries it, also as an item under its heading ("Usable")."""
        if len(sentence) > LONGEST:
            return Checked("", (), Problem.TOO_LONG)
        cited = tuple(n for n in markers(sentence) if n in self.known)
        text = _EMPHASIS.sub("", without_markers(sentence)).strip()
        carriers = self._carriers(cited)
        problem = None
        if not cited:
            problem = Problem.NO_CITATION
        elif not all(self._exists(code) for code in _codes(text)) or not all(self._is_modifier(m) for m in modifiers(text)):
            problem = Problem.UNKNOWN_CODE
        elif not self._holds_tokens(text, carriers):
            problem = Problem.NOT_IN_EVIDENCE
        elif not _holds_words(text, carriers):
            problem = Problem.OTHER_WORDS
        elif self._contradicts(f"{heading}: {text}" if claims(heading) else text, cited):
            problem = Problem.CONTRADICTION
        return Checked(text, cited, problem)

    def heading(self, text: str) -> str | None:
        """A heading that claims nothing: short, of the answer's or plain words, without figures of its own; else None."""
        plain = _EMPHASIS.sub("", without_markers(text)).strip(" :#")
        own = words(plain)
        everything = _HEADING_WORDS.union(words(self.answer.question.subject), *(unit.words for unit in self._units))
        tokens = frozenset[str]().union(*(unit.exact for unit in self._units))
        if plain in {statement.heading for statement in self.answer.statements}:
            return plain or None
        claimless = bool(own or exact(plain)) and own <= everything and exact(plain) <= tokens and not claims(plain)
        return plain if claimless and len(plain.split()) <= 8 else None

    def omitted(self, accepted: Iterable[Statement]) -> tuple[Statement, ...]:
        """The composed statements that no text may leave out and that the accepted ones do not say.

        Those are what the first statement forbids, and the notices without citations: missing data, old releases.
        """
        said = list(accepted)
        notices = tuple(s for s in self.answer.statements if not s.citations)
        first = self.answer.statements[0] if self.answer.statements else None
        if first is None or not first.citations or not _forbids(first.text):
            return notices
        covered = any(_forbids(s.text) and set(s.citations) & set(first.citations) for s in said)
        return notices if covered else (first, *notices)

    # Parts of a decision

    def _exists(self, code: str) -> bool:
        """Whether a code stands in the question or is valid on the date of service."""
        if code in self._asked:
            return True
        found = self._book.code(code)
        if found is None:
            return False
        if not code.isdigit():  # the fee schedule lists every CPT code of category I, but not all of HCPCS
            return True
        row = self._book.fee(code, self._day)
        gone = row.value is None and row.source is not None and not is_partial(row.source)
        return not gone and not self._deleted(code, found.system)

    def _deleted(self, code: str, system: System) -> bool:
        past = [event.event for event in self._book.history(code, system) if event.date <= self._day and event.event in ("added", "deleted")]
        return bool(past) and past[-1] == "deleted"

    def _is_modifier(self, modifier: str) -> bool:
        return modifier in self._asked or self._book.is_modifier(modifier)

    def _holds_tokens(self, text: str, carriers: list[_Unit]) -> bool:
        """Whether the carriers hold every exact token, those of a clause in a text about a code of that clause."""
        held = frozenset[str]().union(*(unit.exact for unit in carriers))
        capital = set[str]().union(*(unit.capitals for unit in carriers), held)
        subject = self._subjects if len(self._subjects) == 1 else set[str]()
        free = subject | {self._day.isoformat()} if self.answer.date_of_service else subject
        tokens = exact(text)
        if not tokens <= held | free or not self._named(text) <= capital:
            return False
        counts = {len(_codes(text)), len(self.answer.question.codes)}  # "the two codes"
        if not {str(n) for n in number_words(text) - counts} <= held:
            return False
        if not self._puts(text) <= _puts_of(carriers, forbidden=_forbids(text)):
            return False
        return all(self._bound(clause, carriers, subject) for clause in re.split(r"[,;]\s|\b(?:while|whereas|but)\b", text))

    def _named(self, text: str) -> set[str]:
        """The modifiers of a text: named as such, or two capitals that are one."""
        return modifiers(text) | {token for token in capitals(text) if token.isalpha() and self._book.is_modifier(token)}

    def _puts(self, text: str) -> set[tuple[str, str]]:
        """Which modifier a text puts on which code; with one code in question there is no other to take it."""
        return {(m, code) for m, code in placed(text) if m in self._named(text) and self._subjects != {code}}

    def _bound(self, clause: str, carriers: list[_Unit], subject: set[str]) -> bool:
        """Whether a clause's figures stand with one of its codes: "63042 has 4 units" needs a text where both meet."""
        codes = set(_codes(clause)) - subject
        if not codes:
            return True
        figures = exact(clause) - codes - subject - {self._day.isoformat()}
        with_code = frozenset[str]().union(*(unit.exact for unit in carriers if unit.codes & codes or not unit.codes))
        return figures <= with_code

    def _contradicts(self, text: str, cited: Collection[int]) -> bool:
        """Whether what a text permits or forbids goes against the evidence text that is most like it.

        Outright permission needs a cited text that gives it and is more like it than any that refuses; all else only must
        not be refuted by a text more like it. Missing data refuses.
        """
        told = words(text) | exact(text) | self._named(text)
        keys = (self._named(text) | set(_codes(text))) - (self._subjects if len(self._subjects) == 1 else set())
        for claim in claims(text):
            giving = [unit for unit in self._verdicts if _says(unit, claim.sign) and not unit.citations.isdisjoint(cited)]
            same = max((_likeness(told, keys, unit) for unit in giving), default=0.0)
            other = max((_likeness(told, keys, unit) for unit in self._verdicts if not _says(unit, claim.sign)), default=0.0)
            if other >= NEAR and other > same:
                return True
            if claim.sign is Sign.PERMITS and not widenings(text) <= set[str]().union(*(widenings(unit.text) for unit in giving)):
                return True
            if claim.sign is Sign.PERMITS and claim.strong and (same < NEAR or same == other):
                return True
        return False


def _text(citation: Citation) -> str:
    """The words of a piece of evidence with its place, release and days."""
    item = citation.evidence
    days = " ".join(day.isoformat() for day in (item.source.valid_from, item.source.valid_to) if day)
    return "\n".join((item.source.label, item.source.publisher, item.locator, days, item.excerpt, item.url or item.source.url or ""))


def _rows(table: FactTable) -> Iterator[_Unit]:
    """The rows of a table, each with its title and the names of its columns."""
    for row in table.rows:
        cells = " | ".join(f"{column} {cell}" for column, cell in zip(table.columns, row, strict=False))
        yield _Unit(f"{table.title}: {cells}", frozenset(table.citations))


def _puts_of(carriers: Iterable[_Unit], forbidden: bool) -> set[tuple[str, str]]:
    """Which modifier the carriers put on which code; sentences that forbid it count for one that forbids it too."""
    lines = [line for unit in carriers for line in sentences(unit.text)]
    return {pair for line in lines if forbidden or not _forbids(line) for pair in placed(line)}


def _codes(text: str) -> list[str]:
    return [token for token in exact(text) if CODE.fullmatch(token)]


def _holds_words(text: str, carriers: list[_Unit]) -> bool:
    own = words(text)
    held = frozenset[str]().union(*(unit.words for unit in carriers))
    return len(own & held) >= ENOUGH * len(own) if own else bool(exact(text))


def _likeness(told: set[str] | frozenset[str], keys: set[str], unit: _Unit) -> float:
    """How alike a sentence and a text are by their words and tokens (Dice), more so when its codes and modifiers all meet."""
    dice = 2 * len(told & unit.marks) / (len(told) + len(unit.marks)) if told else 0.0
    return dice + NEAR * bool(keys and keys <= unit.marks)


def _says(unit: _Unit, sign: Sign) -> bool:
    return any(claim.sign is sign for claim in unit.claims)


def _forbids(text: str) -> bool:
    return any(claim.sign is Sign.FORBIDS for claim in claims(text))
