"""Which modifiers fit a code, and whether one may stand on it. The verdicts themselves: test_reconcile."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from assistant.answer import Status
from tests.assistant.said import broken_promises, evidence, statement

if TYPE_CHECKING:
    from assistant.chain import Assistant

ASKED = [
    ("Is modifier 51 allowed on 63044?", "No: modifier 51 on 63044 is not usable: add-on codes never take it."),
    ("Is modifier 51 allowed on 63042?", "Yes: modifier 51 on 63042 is usable"),
    ("63044-50", "Only on a condition: modifier 50 on 63044"),
    ("Can 25 be used on 20610?", "No: modifier 25 on 20610 is not usable"),
    ("Can 25 be used on 99213?", "Only on a condition: modifier 25 on 99213"),
    ("Is modifier 80 allowed on 64721?", "No: modifier 80 on 64721 is not usable: the law bars"),
    ("Is modifier TC allowed on 93010?", "No: modifier TC on 93010 is not usable"),
    ("Is modifier TC allowed on 71046?", "Yes: modifier TC on 71046 is usable"),
]


@pytest.mark.parametrize(("text", "verdict"), ASKED)
def test_the_verdict_asked_for(text: str, verdict: str, assistant: Assistant) -> None:
    answer = assistant.ask(text)
    assert answer.statements[0].text.startswith(verdict)
    assert answer.statements[0].citations
    assert not broken_promises(answer)


def test_every_modifier_stands_under_one_heading(assistant: Assistant) -> None:
    answer = assistant.ask("Which modifiers fit 63044?")
    (table,) = answer.tables
    listed: dict[str, list[str]] = {}
    for said in answer.statements:
        if said.heading.endswith("63044"):
            listed.setdefault(said.heading, []).extend(said.text.partition(":")[0].split(", "))
    assert sorted(row[0] for row in table.rows) == sorted(name for names in listed.values() for name in names)
    assert "51" in listed["Not usable on 63044"]
    assert "62" in listed["Usable on 63044"]
    assert "50" in listed["Usable on a condition on 63044"]


def test_a_modifier_that_no_fact_decides_is_told_by_its_own_rule(assistant: Assistant) -> None:
    answer = assistant.ask("Is modifier KX allowed on 71046?")
    assert answer.statements[0].text.startswith("No indicator of 71046 decides on modifier KX; its own rule does: ")
    assert evidence(answer, "its own rule does")


def test_a_diagnosis_takes_none(assistant: Assistant) -> None:
    answer = assistant.ask("Which modifiers fit E11.9?")
    assert "E11.9 is a diagnosis code: modifiers go on CPT and HCPCS codes only" in answer.text
    assert not broken_promises(answer)


def test_without_a_release_nothing_is_usable(assistant: Assistant) -> None:
    answer = assistant.ask("Which modifiers fit 63042?", date=date(2015, 6, 1))
    assert answer.status is Status.NO_DATA
    assert statement(answer, "^No data on 63042 in the fee schedule for 2015-06-01")
    assert not [s for s in answer.statements if s.heading.startswith("Usable on 63042")]


def test_unknown_codes(assistant: Assistant) -> None:
    assert assistant.ask("Which modifiers fit 99999?").status is Status.NO_DATA
    assert statement(assistant.ask("Which modifiers fit 63042 and 99999?"), "no data on 99999")
