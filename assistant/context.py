"""What an answer may use: the codebook, the retriever, the day and the setting asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from assistant.answer import Answer, Composer
from assistant.question import Kind, Question
from corpus.codebook import Codebook
from corpus.model import Setting

if TYPE_CHECKING:
    from assistant.retrieval import Finder


@dataclass(frozen=True)
class Context:
    """The way to the facts for one question."""

    codebook: Codebook
    finder: Finder
    today: date
    date: date  # date of service: from the question, else chosen by the user, else today
    setting: Setting

    def composer(self, question: Question) -> Composer:
        """An empty answer for the question."""
        return Composer(question, self.date)


AnswerFunction = Callable[[Question, Context], Answer]
REGISTRY: dict[Kind, AnswerFunction] = {}


def answers(kind: Kind) -> Callable[[AnswerFunction], AnswerFunction]:
    """Register a function as the one that answers a kind of question."""

    def register(function: AnswerFunction) -> AnswerFunction:
        REGISTRY[kind] = function
        return function

    return register
