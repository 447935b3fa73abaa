"""The global period: every value of the global days, the modifiers inside it, dates (fee schedules 2020 to 2026)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from assistant.answer import Status
from tests.assistant.said import broken_promises, evidence, statement

if TYPE_CHECKING:
    from assistant.chain import Assistant

DAYS = [
    ("20610", "000", "modifier 25"),
    ("17000", "010", "modifier 25"),
    ("27447", "090", "modifier 57"),
    ("71046", "XXX", None),
    ("63044", "ZZZ", None),
    ("59400", "MMM", None),
    ("0274T", "YYY", None),
]


@pytest.mark.parametrize(("code", "days", "visit"), DAYS)
def test_global_days(code: str, days: str, visit: str | None, assistant: Assistant) -> None:
    answer = assistant.ask(f"What is the global period of {code}?")
    assert answer.statements[0].text.startswith(f"The global period of {code} is {days} (RVU26C). ")
    row, meaning = evidence(answer, "^The global period")
    assert f"global days {days}" in row.excerpt
    assert f"{days} =" in meaning.excerpt
    if visit:
        before = " or the day before" if days == "090" else ""
        assert f"A visit on the day of {code}{before} needs {visit}" in answer.text
    else:
        assert "A visit on the day" not in answer.text
    assert ("modifier 24" in answer.text) is (days in ("010", "090"))
    assert not broken_promises(answer)


def test_an_add_on_lies_in_the_period_of_its_primary(assistant: Assistant) -> None:
    answer = assistant.ask("global period of 63044")
    assert statement(answer, "Its primary code 63042 has the global period 090")
    assert [e.locator for e in evidence(answer, "Its primary code")] == ["row 63044/63042", "row 63042"]


def test_the_parts_of_the_package_make_a_whole(assistant: Assistant) -> None:
    import re

    text = statement(assistant.ask("global period of 27447"), "^Split of the package").text
    assert sum(int(n) for n in re.findall(r"(\d+) %", text)) == 100


@pytest.mark.parametrize("on", [date(2020, 11, 15), date(2021, 11, 15), date(2022, 11, 15), date(2023, 11, 15), date(2024, 8, 1), date(2025, 11, 15)])
def test_each_year(on: date, assistant: Assistant) -> None:
    """One year's file lost the leading zeros: 090 stays 090."""
    answer = assistant.ask("global period of 63042", date=on)
    assert "is 090 (" in answer.statements[0].text
    assert evidence(answer, "^The global period")[0].source.release.startswith(f"RVU{on:%y}")


def test_no_release_no_days(assistant: Assistant) -> None:
    answer = assistant.ask("global period of 63042", date=date(2022, 5, 1))
    assert answer.status is Status.NO_DATA
    assert "is 090" not in answer.text


def test_diagnoses_and_unknown_codes(assistant: Assistant) -> None:
    assert "E11.9 is a diagnosis code: only procedures have a global period" in assistant.ask("global period of E11.9").text
    assert statement(assistant.ask("global period of 27447 and 99999"), "no data on 99999")
    assert assistant.ask("global period of 99999").status is Status.NO_DATA
    assert assistant.ask("what is the global period?").status is not Status.NO_DATA
