"""What is a modifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant.answer import Status
from tests.assistant.said import broken_promises

if TYPE_CHECKING:
    from assistant.chain import Assistant


def test_every_modifier_has_an_answer_that_keeps_the_promises(assistant: Assistant) -> None:
    for code in assistant.codebook.document_keys["modifier"]:
        answer = assistant.ask(f"What is modifier {code}?")
        assert answer.status is Status.ANSWERED, code
        assert answer.text.startswith(f"Modifier {code}: "), code
        assert not broken_promises(answer), code


def test_the_sections_of_a_modifier(assistant: Assistant) -> None:
    headings = dict.fromkeys(s.heading for s in assistant.ask("What is modifier 25?").statements)
    assert list(headings) == ["", "When to use it", "When not", "Example", "Payment", "Together with", "Accepted from"]


@pytest.mark.parametrize("text", ["modifiers 25 and 57", "What are modifiers 59, XS and XU?"])
def test_several_modifiers_come_in_short(text: str, assistant: Assistant) -> None:
    answer = assistant.ask(text)
    assert "When to use it" not in {s.heading for s in answer.statements}
    assert len([s for s in answer.statements if s.text.startswith("Modifier ")]) >= 2


def test_an_unknown_modifier_gets_no_meaning(assistant: Assistant) -> None:
    answer = assistant.ask("What is modifier 94?")
    assert answer.status is not Status.ANSWERED
    assert not answer.citations
