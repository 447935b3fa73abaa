"""Codes that the store does not know: what could be meant, never a meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant.answer import Status
from assistant.answers.unknown import neighbors_in_spelling

if TYPE_CHECKING:
    from assistant.chain import Assistant

GUESSES = [
    ("2O610", "20610"),  # the letter O
    ("9921", "99213"),  # a digit left out
    ("M54.55", "M54.50"),  # no such child
    ("E11.999", "E11.9"),
    ("99231A", None),
    ("20160", "20610"),  # two digits swapped
]


@pytest.mark.parametrize(("typed", "meant"), GUESSES)
def test_what_could_be_meant(typed: str, meant: str | None, assistant: Assistant) -> None:
    answer = assistant.ask(f"What is {typed}?")
    offered = [s.text for s in answer.statements if s.heading == "Did you mean"]
    assert answer.status is not Status.ANSWERED
    assert meant is None or any(text.startswith(f"{meant}: ") for text in offered), answer.text


UNKNOWN = "99999 00001 X99.999 A00.99 J9999X Z99.999 99998 Q9999 U9999".split()
QUESTIONS = [
    "What is {}?",
    "Is {} an add-on code?",
    "Which modifiers fit {}?",
    "What is the global period of {}?",
    "How many units of {}?",
    "Can {} and 99999 be billed together?",
    "Is {} valid?",
    "How is {} billed?",
]


@pytest.mark.parametrize("code", UNKNOWN)
@pytest.mark.parametrize("question", QUESTIONS)
def test_unknown_codes_never_get_a_meaning(code: str, question: str, assistant: Assistant) -> None:
    answer = assistant.ask(question.format(code))
    assert answer.status is not Status.ANSWERED, answer.text
    assert code not in {c.code for c in answer.codes}
    for said in answer.statements:
        if said.citations and "is not in" not in said.text:  # what is cited is about other codes, which exist
            assert said.heading == "Did you mean", said.text
            assert assistant.codebook.exists(said.text.partition(":")[0])
        assert not said.text.startswith((f"{code} is a", f"{code}: ")), said.text


def test_spellings_one_slip_away() -> None:
    near = list(neighbors_in_spelling("2O160"))
    assert near[0] == "20160"
    assert len(set(near)) > 20
    assert "20160" in near
    assert "O2160" in near  # swapped
    assert "2O161" in near  # one digit
    assert all(len(guess) == 5 for guess in near)
