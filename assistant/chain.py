"""The way of a question: understand → compose (gather facts and passages) → verify; a chat model may then write from it.

The steps are plain functions, so that a look-up pays for no import it does not need; `as_runnable()` gives the same steps as
one LangChain runnable for use in larger chains.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING

import assistant.answers  # noqa: F401  registers every kind of answer
from assistant import documents
from assistant.answer import Answer, Statement, Status
from assistant.context import REGISTRY, Context
from assistant.conversation import resolve
from assistant.evidence import day
from assistant.question import CodeMention, Kind, Question
from assistant.retrieval import Finder
from corpus.codebook import Codebook
from corpus.editions import Edition, EditionError, current
from corpus.model import Setting, SourceKind, System

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

MAX_CHARACTERS = 20_000  # of a question: more is cut, and the answer says so
QUOTED = (
    SourceKind.MANUAL,
    SourceKind.DOCUMENT,
    SourceKind.HCPCS,
    SourceKind.HCPCS_NOTES,
    SourceKind.DESCRIPTORS,
    SourceKind.ICD10CM_ADDENDA,
    SourceKind.ICD10PCS_ADDENDA,
)  # what is quoted is not stated by us
STATED_CODE = re.compile(
    r"(?<![\w.$-])(?<!Rev\. )(\d{4}[0-9AFTUM]|[A-V]\d{4}|[A-TV-Z]\d[0-9AB]\.[0-9A-Z]{1,4})(?![\w-]|\.\d| units?\b)"
)  # "13000 units" is a limit


@dataclass(frozen=True)
class Request:
    """What comes in: the words, the questions before them, and what the user chose beside them."""

    text: str
    history: tuple[Question, ...] = ()
    date: date | None = None
    setting: Setting | None = None


@dataclass(frozen=True)
class KnownCodes:
    """What `question.parse` may ask of the data, to settle shapes that fit two systems."""

    codebook: Codebook

    def exists(self, system: System, code: str) -> bool:
        """Whether the code is in any release loaded."""
        if system is System.ICD9CM:  # known by its mappings only
            return "." in code and bool(self.codebook.mappings.of(code, system, System.ICD10CM, date.today()).value)
        return self.codebook.exists(code, system)

    def is_modifier(self, code: str) -> bool:
        """Whether it is a modifier."""
        return self.codebook.is_modifier(code)


def stated_codes(text: str) -> set[str]:
    """Everything in a text that has the shape of a CPT, HCPCS or dotted ICD-10-CM code."""
    return set(STATED_CODE.findall(text))


class Assistant:
    """Answers questions from one edition; opens a newer one at the next question after it was published."""

    def __init__(self, codebook: Codebook, today: date | None = None) -> None:
        self.codebook = codebook
        self.finder = Finder(codebook)
        self._retired: list[Codebook | Finder] = []  # of the edition before: closed at the next swap, when no question can use it
        self._today = today
        self._lock = Lock()

    @property
    def today(self) -> date:
        """The day that stands for "now"; fixed in tests."""
        return self._today or date.today()

    def refresh(self) -> None:
        """Open the current edition when it is no longer the one in use."""
        if _newer(self.codebook.edition) is None:
            return
        with self._lock:
            edition = _newer(self.codebook.edition)
            if edition is None:
                return
            try:
                codebook = Codebook(edition)
            except EditionError:  # of another version, or damaged: what is open still serves
                return
            for old in self._retired:
                old.close()
            self._retired = [self.finder, self.codebook]
            self.codebook, self.finder = codebook, Finder(codebook)

    def warm(self) -> None:
        """Load the embedding model, the index and the chat model, if any, ahead of the first question that needs them."""
        self.finder.warm()
        if os.environ.get("CODEBOOK_CHAT_MODEL"):
            from assistant.models import ChatModelError, open_model

            with suppress(ChatModelError):  # told with the first answer
                open_model()

    # The steps

    def understand(self, request: Request) -> tuple[Question, Context, Request]:
        """Words → a question that stands alone, with the day and setting it is asked for."""
        known = KnownCodes(self.codebook)
        question = resolve(request.text[:MAX_CHARACTERS], request.history, known, self.today)
        context = Context(
            codebook=self.codebook,
            finder=self.finder,
            today=self.today,
            date=question.date or request.date or self.today,
            setting=question.setting or request.setting or Setting.PRACTITIONER,
        )
        return question, context, request

    def compose(self, understood: tuple[Question, Context, Request]) -> Answer:
        """The facts and passages that answer the question, as cited statements."""
        question, context, request = understood
        answer = _no_day(question, context) if question.no_dates and question.date is None else _composed(question, context)
        if question.no_dates and question.date and answer.status is not Status.OUT_OF_SCOPE:
            told = Statement(f"{_why_no_dates(question)} This is for {day(question.date)}.", ())
            answer = replace(answer, statements=(told, *answer.statements))
        if question.text.strip() != request.text.strip():
            answer = replace(answer, resolved=question.text)
        if not question.codes:  # so that "the first one" finds what was offered
            offered = tuple(CodeMention(c.code, c.code, System(c.system)) for c in answer.codes)
            answer = replace(answer, question=replace(answer.question, offered=offered))
        return answer

    def verify(self, answer: Answer) -> Answer:
        """Drop statements that name a code which neither the store, the question, nor the quoted manual or document knows."""
        asked = {mention.code for mention in answer.question.codes} | stated_codes(answer.question.text.upper())
        quoted = {c.n: stated_codes(c.evidence.excerpt) for c in answer.citations if c.evidence.source.kind in QUOTED}
        kept = tuple(
            s
            for s in answer.statements
            if all(c in asked or any(c in quoted.get(n, ()) for n in s.citations) or self.codebook.exists(c) for c in stated_codes(s.text))
        )
        if not kept and answer.statements:
            kept = (Statement("What was found names codes that are not in the loaded data, so I give no answer.", ()),)
            return replace(answer, statements=kept, status=Status.NO_DATA)
        return answer if len(kept) == len(answer.statements) else replace(answer, statements=kept)

    def as_runnable(self) -> Runnable[Request, Answer]:
        """The steps as one LangChain runnable."""
        from langchain_core.runnables import RunnableLambda

        return RunnableLambda(self.understand) | RunnableLambda(self.compose) | RunnableLambda(self.verify)

    # The ways in

    def ask(
        self, text: str, history: Sequence[Question] = (), date: date | None = None, setting: Setting | None = None
    ) -> Answer:  # fmt: skip
        """The answer, composed or, where a chat model is configured, written by it from the same evidence."""
        final: Answer | None = None
        for piece in self.stream(text, history, date, setting):
            if isinstance(piece, Answer):
                final = piece
        assert final is not None
        return final

    def stream(
        self, text: str, history: Sequence[Question] = (), date: date | None = None, setting: Setting | None = None
    ) -> Iterator[str | Answer]:  # fmt: skip
        """Text as it comes; the last item is the whole answer."""
        start = perf_counter()
        self.refresh()
        request = Request(text, tuple(history), date, setting)
        composed = self.verify(self.compose(self.understand(request)))
        if composed.status is Status.ANSWERED and os.environ.get("CODEBOOK_CHAT_MODEL"):
            yield from self._written(composed, start)
            return
        answer = replace(composed, elapsed_ms=(perf_counter() - start) * 1000)
        yield answer.text
        yield answer

    def _written(self, composed: Answer, start: float) -> Iterator[str | Answer]:
        """The chat model's answer; it falls back to the composed one by itself."""
        from assistant.models import written

        for piece in written(composed, self.codebook):
            yield replace(piece, elapsed_ms=(perf_counter() - start) * 1000) if isinstance(piece, Answer) else piece


def _composed(question: Question, context: Context) -> Answer:
    """The answer of the kind of question, with what is quoted: words that no code has may stand in a manual or document."""
    if question.kind is Kind.FIND and documents.payer_named(question, context):
        return REGISTRY[Kind.GUIDELINE](question, context)
    answer = REGISTRY[question.kind](question, context)
    if question.kind is Kind.FIND and answer.status is Status.NO_DATA and context.codebook.manuals.anything:
        read = REGISTRY[Kind.GUIDELINE](question, context)
        return read if read.status is Status.ANSWERED else answer
    return answer if question.kind is Kind.GUIDELINE else documents.beside(answer, question, context)


def _no_day(question: Question, context: Context) -> Answer:
    """Ask back for the day: an answer for today would pass for one of the day that was meant."""
    if question.kind is Kind.OUT_OF_SCOPE:
        return REGISTRY[question.kind](question, context)
    composer = context.composer(question)
    composer.say(f"{_why_no_dates(question)} Which day do you mean? Write it as 2024-02-29 or 02/29/2024, month first.")
    return replace(composer.answer(Status.UNCLEAR), date_of_service=None)


def _why_no_dates(question: Question) -> str:
    return " ".join(f"“{no_date.words}” is no date: {no_date.why}." for no_date in question.no_dates)


def _newer(edition: Edition) -> Edition | None:
    """The current edition when it differs from the one given and lies in the same home; None otherwise."""
    try:
        pointed = current(edition.path.parent.parent)
    except EditionError:  # a pointer that is gone or broken: what is open still serves
        return None
    return pointed if pointed.path != edition.path else None


def open_assistant(today: date | None = None) -> Assistant:
    """An assistant over the current edition.

    Raises:
        EditionError: when there is none; the message says what to run.
    """
    return Assistant(Codebook(current()), today)
