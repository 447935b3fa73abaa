"""A code from words: the best first, near ones named, nothing where nothing fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant.answer import Status
from assistant.answers.find import is_answer, is_near
from assistant.retrieval import CodeHit
from corpus.model import System
from tests.assistant.said import broken_promises

if TYPE_CHECKING:
    from assistant.chain import Assistant

WORDS = [
    ("cpt for total knee replacement", "27447"),
    ("carpal tunnel release code", "64721"),
    ("icd 10 code for type 2 diabetes with neuropathy", "E11.40"),
    ("dx code right knee osteoarthritis", "M17.11"),
    ("code for essential hypertension", "I10"),
    ("chest x ray 2 views", "71046"),
]


@pytest.mark.parametrize(("text", "code"), WORDS)
def test_words_find_their_code(text: str, code: str, assistant: Assistant) -> None:
    answer = assistant.ask(text)
    assert answer.status is Status.ANSWERED
    assert code in [c.code for c in answer.codes][:3]
    assert all(assistant.codebook.exists(c.code) or c.system == "MODIFIER" for c in answer.codes)
    assert [c.code for c in answer.question.offered] == [c.code for c in answer.codes]
    assert not broken_promises(answer)


@pytest.mark.parametrize("text", ["code for flurbing the quxly zorp", "icd 10 for blarghosis of the wibble"])
def test_words_that_mean_nothing_find_nothing(text: str, assistant: Assistant) -> None:
    answer = assistant.ask(text)
    assert answer.status is Status.NO_DATA, answer.text
    assert not answer.codes


def test_an_add_on_never_leads_before_its_primary(assistant: Assistant) -> None:
    answer = assistant.ask("code for redo lumbar laminotomy at the same level for recurrent disc herniation")
    codes = [c.code for c in answer.codes]
    assert codes[0] == "63042"


@pytest.mark.parametrize(
    ("similarity", "share", "verdict"),
    [
        (0.0, 1.0, "answer"),  # every word
        (0.8, 0.0, "answer"),  # means the same
        (0.79, 0.98, "near"),
        (0.6, 0.0, "near"),
        (0.59, 0.5, "neither"),
        (0.35, 0.6, "near"),  # most of the words, not far off
        (0.34, 0.6, "neither"),
        (0.59, 0.59, "neither"),
    ],
)
def test_how_near_is_near_enough(similarity: float, share: float, verdict: str) -> None:
    hit = CodeHit(System.ICD10CM, "I10", "t", "t", 0.01, similarity, share)
    assert verdict == ("answer" if is_answer(hit) else "near" if is_near(hit) else "neither")
