"""Units: the three MUE tables (practitioner 2026-04-01, outpatient and DME 2024-04-01)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from assistant.answer import Status
from corpus.model import Setting
from tests.assistant.said import broken_promises, evidence, statement

if TYPE_CHECKING:
    from assistant.chain import Assistant

P, F, D = Setting.PRACTITIONER, Setting.FACILITY, Setting.DME
LIMITS = [
    ("63044", P, 4, 2, "2026Q2"),
    ("63042", P, 1, 2, "2026Q2"),
    ("63043", P, 4, 3, "2026Q2"),
    ("99213", P, 2, 3, "2026Q2"),
    ("90472", P, 8, 3, "2026Q2"),
    ("96372", P, 4, 3, "2026Q2"),
    ("96372", F, 5, 3, "2024Q2"),
    ("71046", P, 2, 3, "2026Q2"),
    ("71046", F, 3, 3, "2024Q2"),
    ("J3301", P, 16, 3, "2026Q2"),
]


@pytest.mark.parametrize(("code", "setting", "units", "mai", "release"), LIMITS)
def test_the_limit_of_a_setting(code: str, setting: Setting, units: int, mai: int, release: str, assistant: Assistant) -> None:
    answer = assistant.ask(f"How many units of {code}?", setting=setting)
    noun = "unit" if units == 1 else "units"
    assert answer.statements[0].text.startswith(f"At most {units} {noun} of {code} per day for one patient by one provider")
    assert f"({setting}, MUE {release})" in answer.statements[0].text
    assert statement(answer, f"^MAI {mai}: ")
    assert evidence(answer, "^At most")[0].excerpt.startswith(f"{code} | units {units} | MAI {mai} |")
    assert not broken_promises(answer)


QUANTITIES = [(2, "2 units are within the limit of 2"), (3, "3 units are above the limit of 2"), (1, "1 unit is within the limit of 2")]


@pytest.mark.parametrize(("quantity", "words"), QUANTITIES)
def test_a_quantity_is_held_against_the_limit(quantity: int, words: str, assistant: Assistant) -> None:
    assert words in assistant.ask(f"Are {quantity} units of 99213 allowed?").text


def test_above_an_absolute_limit_nothing_is_paid(assistant: Assistant) -> None:
    absolute, clinical = assistant.ask("How many units of 63044?"), assistant.ask("How many units of 63043?")
    assert "more units are not paid" in statement(absolute, "^MAI 2").text
    assert "may be paid on appeal" in statement(clinical, "^MAI 3").text


def test_a_limit_of_none(assistant: Assistant) -> None:
    answer = assistant.ask("How many units of J1100?", setting=D)
    assert answer.statements[0].text.startswith("At most 0 units of J1100")
    assert "No unit of J1100 is paid in this setting" in answer.text


@pytest.mark.parametrize(("on", "release"), [(date(2024, 4, 1), "2024Q2"), (date(2026, 3, 31), "2024Q2"), (date(2026, 4, 1), "2026Q2")])
def test_the_release_of_the_date(on: date, release: str, assistant: Assistant) -> None:
    assert evidence(assistant.ask("How many units of 97110?", date=on), "^At most")[0].source.release == release


def test_no_data_is_no_limit(assistant: Assistant) -> None:
    without = "^Medicare NCCI Medically Unlikely Edits, practitioner services, 2026Q2 has no MUE for G2211"
    for question, on, said in (("How many units of G2211?", None, without), ("How many units of 99213?", date(2024, 3, 31), "^No data on the MUE")):
        answer = assistant.ask(question, date=on)
        assert answer.status is Status.NO_DATA
        assert "At most" not in answer.text
        assert statement(answer, said)


def test_all_settings_stand_in_the_table(assistant: Assistant) -> None:
    (table,) = assistant.ask("How many units of J1100?").tables
    assert [(row[0], row[4]) for row in table.rows] == [("practitioner", "2026Q2"), ("facility", "2024Q2"), ("dme", "2024Q2")]


def test_an_add_on_needs_its_primary_too(assistant: Assistant) -> None:
    assert "primary code on the claim (63042)" in assistant.ask("How many units of 63044?").text
    assert "primary code on the claim" not in assistant.ask("How many units of 63042?").text


def test_diagnoses_and_unknown_codes(assistant: Assistant) -> None:
    assert "E11.9 is a diagnosis code" in assistant.ask("How many units of E11.9?").text
    both = assistant.ask("How many units of 99213 and 99999?")
    assert statement(both, "no data on 99999")
    assert assistant.ask("How many units of 99999?").status is Status.NO_DATA
