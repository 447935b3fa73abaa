"""Validity on a date: fee schedules 2020 to 2026, ICD-10-CM of April 2026 and the facts on older lists."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from assistant.answer import Status
from tests.assistant.said import broken_promises, evidence, statement

if TYPE_CHECKING:
    from assistant.chain import Assistant

PROCEDURES = [
    ("63044", None, "Yes: 63044 is in the Medicare fee schedule of RVU26C with status C"),
    ("99201", date(2020, 11, 15), "Yes: 99201 is in the Medicare fee schedule of RVU20D with status A"),
    ("99201", date(2021, 11, 15), "No: 99201 last stands in the fee schedule of RVU20D"),
    ("99201", None, "No: 99201 last stands in the fee schedule of RVU20D"),
    ("G2211", date(2023, 11, 15), "Yes: G2211 is in the Medicare fee schedule of RVU23D with status B"),
    ("G2211", date(2024, 8, 1), "Yes: G2211 is in the Medicare fee schedule of RVU24C with status A"),
    ("99417", date(2020, 11, 15), "No, not yet: "),
]


@pytest.mark.parametrize(("code", "on", "words"), PROCEDURES)
def test_a_procedure_on_a_date(code: str, on: date | None, words: str, assistant: Assistant) -> None:
    answer = assistant.ask(f"Is {code} valid?", date=on)
    assert answer.statements[0].text.startswith(words)
    assert answer.statements[0].citations
    assert not broken_promises(answer)


DIAGNOSES = [
    ("E11.9", "Yes: E11.9 (Type 2 diabetes mellitus without complications) is valid and billable"),
    ("I10", "Yes: I10 "),
    ("S52.501A", "Yes: S52.501A"),
    ("M54.5", "No: M54.5 (Low back pain) is not billable"),
    ("E11.4", "No: E11.4 "),
    ("S52.501", "No: S52.501 "),
]


@pytest.mark.parametrize(("code", "words"), DIAGNOSES)
def test_a_diagnosis_inside_its_release(code: str, words: str, assistant: Assistant) -> None:
    answer = assistant.ask(f"Is {code} billable?", date=date(2026, 5, 1))
    assert answer.statements[0].text.startswith(words)
    assert ("Use one of" in {s.heading for s in answer.statements}) is words.startswith("No")
    assert "ran to" not in answer.text
    assert not broken_promises(answer)


YEARS = [
    ("Is M54.5 valid in 2020?", "Yes: M54.5 is valid and billable in ICD-10-CM, FY2021, January 2021."),
    ("Is M54.5 valid in 2023?", "No: M54.5 is not billable in ICD-10-CM, FY2024; it has more specific codes."),
    ("Is M54.50 valid in 2020?", "No: M54.50 is not in ICD-10-CM, FY2021, January 2021."),
    ("Was B37.3 billable on 2022-09-30?", "Yes: B37.3 is valid and billable in ICD-10-CM on 2022-09-30."),
    ("Was B37.3 billable on 2022-10-01?", "No: B37.3 is not billable in ICD-10-CM on 2022-10-01; it has more specific codes."),
    ("Was T40.7X1A valid in 2020?", "Yes: T40.7X1A is valid and billable in ICD-10-CM, FY2021, January 2021."),  # no list has it any more
    ("Is I10 valid in 2023?", "Yes: I10 is valid and billable in ICD-10-CM, FY2024."),
]


@pytest.mark.parametrize(("question", "words"), YEARS)
def test_a_diagnosis_in_the_years_before(question: str, words: str, assistant: Assistant) -> None:
    answer = assistant.ask(question)
    assert answer.status is Status.ANSWERED
    assert answer.statements[0].text == words
    assert answer.statements[0].citations
    assert not broken_promises(answer)


def test_a_list_of_an_update_says_that_it_is_one(assistant: Assistant) -> None:
    before, after = (assistant.ask("Is M54.5 valid?", date=on) for on in (date(2020, 12, 31), date(2021, 1, 1)))
    assert statement(before, "update of 2021-01-01").citations
    assert "update of" not in after.text


def test_a_code_that_may_have_come_with_an_update_is_not_said_to_be_valid_before_it(assistant: Assistant) -> None:
    answer = assistant.ask("Was J12.82 valid on 2020-12-15?")
    assert answer.status is Status.NO_DATA
    assert "changed with it" in statement(answer, "^Not known for 2020-12-15").text
    assert "is billable" in statement(answer, "FY2021, January 2021, J12.82").text
    assert assistant.ask("Was J12.82 valid on 2021-01-01?").text.startswith("Yes: J12.82")


def test_what_became_of_a_diagnosis(assistant: Assistant) -> None:
    answer = assistant.ask("Is M54.5 valid?", date=date(2026, 5, 1))
    assert [e.source.release for e in evidence(answer, "no longer billable")] == ["FY2021, January 2021", "FY2024"]
    exact = assistant.ask("Is B37.3 valid?", date=date(2026, 5, 1))
    assert statement(exact, "^2022-10-01: no longer billable").heading == "History"


def test_between_lists_what_both_say_and_no_more(assistant: Assistant) -> None:
    answer = assistant.ask("Was M54.5 valid on 2022-03-01?")
    assert answer.status is Status.NO_DATA
    assert not answer.text.startswith(("Yes", "No:"))
    assert "is billable" in statement(answer, "the nearest").text
    assert "not billable, a category" in statement(answer, "first release behind it").text
    assert not broken_promises(answer)


def test_a_diagnosis_outside_its_release(assistant: Assistant) -> None:
    before = assistant.ask("Is E11.9 valid?", date=date(2019, 6, 1))
    assert before.status is Status.NO_DATA
    assert "2021-01-01" in statement(before, "^No data for 2019-06-01").text
    after = assistant.ask("Is E11.9 valid?", date=date(2026, 10, 1))
    assert "ran to 2026-09-30" in after.text


def test_between_releases_there_is_no_yes(assistant: Assistant) -> None:
    answer = assistant.ask("Is 99213 valid?", date=date(2021, 5, 1))
    assert answer.status is Status.NO_DATA
    assert not answer.text.startswith("Yes")
    assert [e.source.release for e in evidence(answer, "stands in these releases")] == "RVU20D RVU21D RVU22D RVU23D RVU24C RVU25D RVU26C".split()


def test_what_is_not_loaded_is_not_retired(assistant: Assistant) -> None:
    """21632 is in files that are not shipped: neither valid nor invalid."""
    answer = assistant.ask("Is 21632 still billable?")
    assert answer.status is Status.NO_DATA
    assert not answer.text.startswith(("Yes", "No:"))
