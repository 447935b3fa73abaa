"""The difference between codes, or between modifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.answer import Status
from tests.assistant.said import broken_promises, statement

if TYPE_CHECKING:
    from assistant.chain import Assistant


def test_two_codes_side_by_side(assistant: Assistant) -> None:
    """99213: work 1.30, total 2.85 and 1.72, MUE 2; 99214 beside it (RVU26C)."""
    answer = assistant.ask("What is the difference between 63042 and 63044?")
    (table,) = answer.tables
    assert table.columns == ("Fact", "63042", "63044")
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["Status"] == ("A", "C")
    assert rows["Global days"] == ("090", "ZZZ")
    assert rows["Work RVU"] == ("18.29", "0.00")
    assert rows["Add-on"] == ("no", "yes")
    assert rows["MUE"] == ("1", "4")
    assert statement(answer, "^63042 against 63044:").citations
    assert not broken_promises(answer)


def test_the_order_of_the_words_is_the_order_of_the_table(assistant: Assistant) -> None:
    assert assistant.ask("63044 vs 63042").tables[0].columns == ("Fact", "63044", "63042")


def test_diagnoses(assistant: Assistant) -> None:
    answer = assistant.ask("difference between E11.9 and E10.9")
    assert "Type 2 diabetes mellitus without complications (billable)" in answer.text
    assert "Type 1 diabetes mellitus without complications (billable)" in answer.text
    assert not answer.tables


def test_an_unknown_code_gets_no_meaning(assistant: Assistant) -> None:
    answer = assistant.ask("difference between 29880 and 99999")
    assert statement(answer, "no data on 99999")
    assert "29880 against" not in answer.text
    assert assistant.ask("difference between 99998 and 99999").status is Status.NO_DATA


def test_modifiers(assistant: Assistant) -> None:
    answer = assistant.ask("difference between modifier 59 and XS")
    assert {"Modifier 59", "Modifier XS"} <= {s.heading for s in answer.statements}
    assert not broken_promises(answer)


def test_modifiers_of_which_none_is_known(assistant: Assistant) -> None:
    answer = assistant.ask("difference between modifier 94 and modifier 97x")
    assert answer.status is not Status.ANSWERED or answer.citations
