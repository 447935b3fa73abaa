"""The golden questions over the default edition; each states its facts, and no answer names a code that does not exist."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from assistant.batch import ask
from assistant.evaluation import faults_of, read_golden, unknown_codes
from assistant.question import Kind
from tests.conftest import ROOT

if TYPE_CHECKING:
    from assistant.chain import Assistant

GOLDEN = read_golden(ROOT / "tests" / "golden")


@pytest.mark.parametrize("entry", GOLDEN, ids=[entry["id"] for entry in GOLDEN])
def test_golden_question(entry: dict[str, Any], assistant: Assistant) -> None:
    on = entry.get("date")
    row = {"text": entry["ask"], "date": on and str(on), "setting": entry.get("setting"), "history": entry.get("history")}
    answer = ask(assistant, row)
    assert not faults_of(entry, answer), answer["text"]
    assert not unknown_codes(assistant, answer, entry)
    assert not dangling_markers(answer)


def dangling_markers(answer: dict[str, Any]) -> list[int]:
    """Citation numbers of statements that no citation has."""
    known = {citation["n"] for citation in answer["citations"]}
    return [n for statement in answer["statements"] for n in statement["citations"] if n not in known]


def test_at_least_eighty_questions_over_all_kinds() -> None:
    kinds = Counter(entry["kind"] for entry in GOLDEN)
    assert len(GOLDEN) >= 80
    assert set(kinds) == {str(kind) for kind in Kind}
