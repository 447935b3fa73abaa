"""Add-on codes and their primaries, both ways (add-on edits of 2026Q3)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from assistant.answer import Status
from tests.assistant.said import broken_promises, evidence, statement

if TYPE_CHECKING:
    from assistant.chain import Assistant

PRIMARIES = [
    ("63044", "63042"),
    ("63043", "63040"),
    ("63035", "63020, 63030"),
    ("63048", "63045, 63046, 63047"),
    ("90472", "90460, 90471, 90473, G0008, G0009, G0010"),
    ("99417", "98003, 98007, 98011, 98015, 99205, 99215, 99245, 99345, 99350, 99483, G0463"),
]


@pytest.mark.parametrize(("code", "primaries"), PRIMARIES)
def test_an_add_on_and_its_primaries(code: str, primaries: str, assistant: Assistant) -> None:
    answer = assistant.ask(f"Is {code} an add-on code?")
    assert answer.statements[0].text == f"{code} is an add-on code to {primaries}: never report it alone."
    assert [e.locator for e in evidence(answer, "never report it alone")] == [f"row {code}/{p}" for p in primaries.split(", ")]
    assert not broken_promises(answer)


@pytest.mark.parametrize("code", ["63042", "99213", "27447", "20610"])
def test_no_add_on(code: str, assistant: Assistant) -> None:
    answer = assistant.ask(f"Is {code} an add-on code?")
    assert answer.statements[0].text.startswith(f"{code} is not an add-on code: its global period is ")
    assert f"{code} is an add-on" not in answer.text


def test_the_add_ons_of_a_primary(assistant: Assistant) -> None:
    answer = assistant.ask("Which add-on codes go with 99215?")
    listed = {s.text.split()[0].rstrip(":") for s in answer.statements if s.heading == "Add-on codes of 99215"}
    assert {"99417", "G2211", "G2212", "99415"} <= listed
    assert "63044" not in listed


def test_primaries_that_the_contractor_defines(assistant: Assistant) -> None:
    """20985 has no primary code of its own; 64727 has twelve, and the contractor may add to them."""
    assert "(type 2): the contractor defines its primary codes" in assistant.ask("Is 20985 an add-on code?").text
    mixed = assistant.ask("Is 64727 an add-on code?").statements[0].text
    assert mixed.startswith("64727 is an add-on code to 64702, 64704")
    assert mixed.endswith("never report it alone; the contractor may define further primary codes.")
    assert "CCCCC" not in mixed


def test_a_diagnosis_is_none(assistant: Assistant) -> None:
    answer = assistant.ask("Is E11.9 an add-on code?")
    assert answer.text.startswith("E11.9 is a diagnosis code")
    assert not broken_promises(answer)


def test_unknown_codes_are_told_beside_known_ones(assistant: Assistant) -> None:
    answer = assistant.ask("Are 63044 and 99999 add-on codes?")
    assert statement(answer, "no data on 99999")
    assert "99999 is" not in answer.text


def test_before_the_first_release(assistant: Assistant) -> None:
    """Add-on edits begin in April 2024; the fee schedule of 2020 shows the add-on by its ZZZ."""
    answer = assistant.ask("Is 63044 an add-on code?", date=date(2020, 11, 15))
    assert "its global period is ZZZ" in answer.text
    assert "63042" not in answer.statements[0].text
    assert assistant.ask("Is 63044 an add-on code?", date=date(2015, 6, 1)).status is Status.NO_DATA
