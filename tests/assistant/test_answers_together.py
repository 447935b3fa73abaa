"""May codes be billed together: PTP edits of 2024Q3 in every state, add-on ties, visits, diagnoses. Facts from the official files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from assistant.answer import Answer, Status
from assistant.answers import together
from assistant.context import Context
from assistant.facts import facts_of
from corpus.model import Dated, Edit, Setting, Source
from tests.assistant.said import broken_promises, evidence, statement
from tests.conftest import TODAY

if TYPE_CHECKING:
    from assistant.chain import Assistant

PERMISSIONS = ("may be billed together", "can be billed together", "are allowed")


def ask(assistant: Assistant, *codes: str, setting: Setting | None = None, on: date | None = None) -> Answer:
    return assistant.ask(f"Can {' and '.join(codes)} be billed together?", date=on, setting=setting)


# column 1, column 2, and the modifier that bypasses, on which code: all in force on 2024-07-01 (practitioner)
BYPASSED = [
    ("20610", "99213", "Append modifier 25 to 99213"),  # 000: a visit beside a minor procedure
    ("96372", "99213", "Append modifier 25 to 99213"),  # XXX
    ("27447", "99213", "Append modifier 57 to 99213 when that visit led to the decision for 27447"),  # 090: major
    ("63042", "99213", "Append modifier 57 to 99213 when that visit led to the decision for 63042"),
    ("99202", "99213", "Two visits of one day by one physician, or by one group and specialty, are combined into one level of service"),
    ("45385", "45380", "Append 59 or, where it says more, XE, XS, XP or XU (or a modifier of side or site) to 45380"),
    ("93000", "93010", "Append 59 or, where it says more, XE, XS, XP or XU (or a modifier of side or site) to 93010"),
    ("20611", "20610", "Append 59 or, where it says more, XE, XS, XP or XU (or a modifier of side or site) to 20610"),
    ("29880", "29881", "Append 59 or, where it says more, XE, XS, XP or XU (or a modifier of side or site) to 29881"),
]
NEVER = [("45380", "45378"), ("80053", "80048"), ("G2212", "99417"), ("96372", "99211")]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(("column1", "column2", "bypass"), BYPASSED)
def test_an_edit_that_a_modifier_may_bypass(column1: str, column2: str, bypass: str, reverse: bool, assistant: Assistant) -> None:
    answer = ask(assistant, *((column2, column1) if reverse else (column1, column2)))
    assert answer.status is Status.ANSWERED
    assert answer.statements[0].text.startswith(f"Only on a condition: a PTP edit is in force between {column1} and {column2}")
    columns = statement(answer, "modifier indicator 1")
    assert f"{column1} is column 1 and is paid, {column2} is column 2 and is denied" in columns.text
    assert "practitioner, release 2024Q3" in columns.text
    row = evidence(answer, "modifier indicator 1")[0]
    assert f"column 1 {column1} | column 2 {column2}" in row.excerpt
    assert "deletion in force" in row.excerpt
    assert statement(answer, "^(Append|Two visits)").text.startswith(bypass)
    assert "no modifier bypasses" not in answer.text
    assert not broken_promises(answer)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(("column1", "column2"), NEVER)
def test_an_edit_that_nothing_bypasses(column1: str, column2: str, reverse: bool, assistant: Assistant) -> None:
    answer = ask(assistant, *((column2, column1) if reverse else (column1, column2)))
    assert answer.statements[0].text.startswith(f"No: {column1} and {column2} are never paid together")
    assert f"{column2} is denied and no modifier bypasses the edit" in statement(answer, "modifier indicator 0").text
    assert not [s for s in answer.statements if s.text.startswith("Append")]
    assert not broken_promises(answer)


def test_both_orders_give_one_verdict_for_all_pages(assistant: Assistant) -> None:
    """Every pair of visits, injections and colonoscopies: the sentences are the same, whichever code comes first."""
    codes = ["99202", "99213", "99215", "20610", "45378", "45380", "93000", "96372", "G2211", "G2212", "99417"]
    for one, other in combinations(codes, 2):
        there, back = ask(assistant, one, other), ask(assistant, other, one)
        told = [{s.text.replace(f"{a} and {b}", "both") for s in answer.statements} for answer, a, b in ((there, one, other), (back, other, one))]
        plain = [{t.replace(f"{b} and {a}", "both") for t in texts} for texts, a, b in zip(told, (one, other), (other, one), strict=True)]
        assert plain[0] == plain[1], f"{one} and {other}"
        assert there.status is back.status


def test_intervals_that_ended_are_told_beside_the_one_in_force(assistant: Assistant) -> None:
    answer = ask(assistant, "99213", "20610")
    assert "ended on 2019-12-31" in statement(answer, "older interval").text
    assert "deletion 2019-12-31" in evidence(answer, "older interval")[0].excerpt


def test_an_edit_that_was_withdrawn_is_none(assistant: Assistant) -> None:
    """97110/97140 stands in the file with indicator 9 alone, deleted in 1999."""
    answer = ask(assistant, "97110", "97140")
    assert answer.statements[0].text.startswith("No PTP edit is in force between 97110 and 97140")
    assert "withdrawn from its first day (indicator 9)" in answer.text
    assert "Only on a condition" not in answer.text


def test_no_edit_is_no_permission(assistant: Assistant) -> None:
    answer = ask(assistant, "71046", "93000")
    assert statement(answer, "No PTP edit is in force").citations
    assert "does not make both payable" in answer.text
    assert not any(words in answer.text for words in PERMISSIONS)
    assert "2024-09-30" in statement(answer, "Newest releases loaded").text


@pytest.mark.parametrize(("one", "other"), [("63044", "22630"), ("27447", "33533"), ("99213", "33533"), ("22630", "33533")])
def test_codes_without_a_page_have_no_data(one: str, other: str, assistant: Assistant) -> None:
    """The shipped edits hold codes with a page among themselves: of others they say nothing, and nothing is no permission."""
    answer = ask(assistant, one, other)
    assert answer.status is Status.NO_DATA
    assert statement(answer, "^No data on PTP edits").text.endswith("`python -m ingest add FILE`.")
    assert "does not mean" in answer.text
    assert "No PTP edit is in force" not in answer.text


@pytest.mark.parametrize("on", [date(2015, 6, 1), date(2024, 6, 30)])
def test_before_the_first_release(on: date, assistant: Assistant) -> None:
    answer = ask(assistant, "45378", "45380", on=on)
    assert answer.status is Status.NO_DATA
    assert f"for {on}: the nearest release loaded is 2024Q3 (2024-07-01" in statement(answer, "^No data on").text
    assert "never paid together" not in answer.text


def test_from_the_first_day_of_the_release(assistant: Assistant) -> None:
    answer = ask(assistant, "45378", "45380", on=date(2024, 7, 1))
    assert "never paid together" in answer.text
    assert "Newest releases loaded" not in answer.text  # the release speaks for that day
    assert "Newest releases loaded" in ask(assistant, "45378", "45380", on=date(2024, 10, 1)).text


DIFFERENT_SETTINGS = [
    ("99213", "20610", "Only on a condition", "No PTP edit is in force"),
    ("27447", "99213", "Only on a condition", "No PTP edit is in force"),
    ("96372", "99211", "No: 96372 and 99211 are never", "Only on a condition"),
    ("99203", "99202", "No: 99203 and 99202 are never", "Only on a condition"),
    ("96372", "99213", "Only on a condition", "Only on a condition"),
]


@pytest.mark.parametrize(("one", "other", "practitioner", "facility"), DIFFERENT_SETTINGS)
def test_the_setting_decides(one: str, other: str, practitioner: str, facility: str, assistant: Assistant) -> None:
    assert ask(assistant, one, other).statements[0].text.startswith(practitioner)
    hospital = ask(assistant, one, other, setting=Setting.FACILITY)
    assert hospital.statements[0].text.startswith(facility)
    assert "facility" in hospital.text
    assert "outpatient hospital" in hospital.citations[0].evidence.source.title


def test_suppliers_have_no_edits(assistant: Assistant) -> None:
    assert ask(assistant, "99213", "20610", setting=Setting.DME).status is Status.NO_DATA


def test_a_visit_without_an_edit_still_meets_the_global_period(assistant: Assistant) -> None:
    hospital = ask(assistant, "99213", "27447", setting=Setting.FACILITY)
    assert "57 (decision for surgery) or 25" in statement(hospital, "has a global period of 090").text
    minor = ask(assistant, "99213", "20610", setting=Setting.FACILITY)
    assert statement(minor, "has a global period of 000").text.endswith("needs modifier 25.")
    add_on = ask(assistant, "G2211", "20610")  # no edit, and G2211 never takes 25
    assert "global period of" not in add_on.text


# Add-on codes


def test_an_add_on_with_its_primary(assistant: Assistant) -> None:
    answer = ask(assistant, "63044", "63042")
    assert "63044 is an add-on to 63042" in answer.statements[0].text
    assert "add-on 63044 | primary 63042" in evidence(answer, "made to be billed together")[0].excerpt
    assert "needs one of its primary codes" not in answer.text


def test_an_add_on_without_its_primary(assistant: Assistant) -> None:
    answer = ask(assistant, "63044", "99213")
    assert statement(answer, "needs one of its primary codes").text.endswith("(63042); 99213 is not one of them.")


def test_a_primary_anywhere_among_the_codes_is_enough(assistant: Assistant) -> None:
    answer = ask(assistant, "63044", "99213", "63042")
    assert "needs one of its primary codes" not in answer.text
    without = ask(assistant, "63044", "99213", "27447")
    assert statement(without, "needs one of its primary codes").text.endswith("(63042); 27447 and 99213 are none of them.")


def test_a_long_list_of_primaries_is_cut_and_says_so(assistant: Assistant) -> None:
    """G2211 has 18 primary codes in 2026Q3, 8 are shown."""
    assert " and 10 more)" in statement(ask(assistant, "G2211", "20610"), "needs one of its primary codes").text


def test_a_tie_decides_where_no_edits_are_loaded(assistant: Assistant) -> None:
    answer = ask(assistant, "63044", "63042", setting=Setting.DME)
    assert answer.status is Status.ANSWERED
    assert "made to be billed together" in answer.text
    assert statement(answer, "^No data on PTP edits")


# More than two codes


def test_every_pair_of_three_codes(assistant: Assistant) -> None:
    answer = ask(assistant, "45378", "45380", "45385")
    headings = list(dict.fromkeys(s.heading for s in answer.statements if s.heading))
    assert headings == ["45378 and 45380", "45378 and 45385", "45380 and 45385", "Releases"]
    under = {h: next(s.text for s in answer.statements if s.heading == h) for h in headings}
    assert under["45378 and 45380"].startswith("No: 45380 and 45378 are never")
    assert under["45380 and 45385"].startswith("Only on a condition: a PTP edit is in force between 45385 and 45380")
    assert answer.text.count("Newest releases loaded") == 1
    assert not broken_promises(answer)


def test_codes_beyond_the_sixth_are_named_as_not_looked_at(assistant: Assistant) -> None:
    answer = ask(assistant, "99203", "20610", "71046", "93000", "36415", "85025", "80053", "83036")
    assert "Not looked at: 80053, 83036" in statement(answer, "I compare 6 codes").text
    assert "80053 and" not in " ".join(s.heading for s in answer.statements)


def test_an_unknown_code_beside_known_ones(assistant: Assistant) -> None:
    answer = ask(assistant, "45378", "45380", "99999")
    assert "never paid together" in answer.text
    assert statement(answer, "no data on 99999")
    alone = ask(assistant, "45378", "99999")
    assert alone.status is Status.NO_DATA
    assert "PTP" not in alone.text


# What no shipped pair shows


def some_edit(source: Source, column1: str, column2: str, **changes: object) -> Edit:
    made = Edit(column1, column2, Setting.PRACTITIONER, date(2020, 1, 1), None, 1, "Invented rationale", source)
    return replace(made, **changes)  # type: ignore[arg-type]


def with_edits(assistant: Assistant, monkeypatch: pytest.MonkeyPatch, *edits: Edit, source: Source | None = None) -> None:
    release = source or edits[0].source
    monkeypatch.setattr(type(assistant.codebook), "edits", lambda *_: Dated(list(edits) or None, release))


def ptp_source(assistant: Assistant) -> Source:
    source = assistant.codebook.edits("45378", "45380", TODAY).source
    assert source
    return source


def test_an_edit_with_its_first_day(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    with_edits(assistant, monkeypatch, some_edit(ptp_source(assistant), "20610", "93000"))
    assert "The edit since 2020-01-01 (practitioner" in ask(assistant, "93000", "20610").text


def test_an_edit_that_ended_only(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    with_edits(assistant, monkeypatch, some_edit(ptp_source(assistant), "20610", "93000", deleted=date(2021, 3, 31)))
    answer = ask(assistant, "93000", "20610")
    assert answer.statements[0].text.startswith("No PTP edit is in force between 93000 and 20610")
    assert statement(answer, "older interval").text.endswith("began on 2020-01-01 and ended on 2021-03-31.")
    on_its_last_day = ask(assistant, "93000", "20610", on=date(2021, 3, 31))
    assert on_its_last_day.statements[0].text.startswith("Only on a condition")


def test_an_edit_that_has_not_begun(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    with_edits(assistant, monkeypatch, some_edit(ptp_source(assistant), "20610", "93000", effective=date(2027, 1, 1)))
    answer = ask(assistant, "93000", "20610")
    assert answer.statements[0].text.startswith("No PTP edit is in force")
    assert "runs from 2027-01-01" in statement(answer, "Another interval").text


def test_neither_25_nor_59_goes_on_an_add_on_to_visits(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    with_edits(assistant, monkeypatch, some_edit(ptp_source(assistant), "G2212", "99417"))
    answer = ask(assistant, "G2212", "99417")
    assert not [s for s in answer.statements if s.text.startswith("Append")]
    assert "the data do not say" in statement(answer, "never go on 99417").text


def test_an_incomplete_release_says_nothing_by_silence(assistant: Assistant) -> None:
    """A release of which a part is missing may hold the edit in that part: not even codes with a page are free of it."""
    context = Context(assistant.codebook, assistant.finder, TODAY, TODAY, Setting.PRACTITIONER)
    a, b = (facts_of(code, context) for name in ("71046", "93000") if (code := assistant.codebook.code(name)))
    shipped = ptp_source(assistant)
    assert together._is_complete(shipped, a, b)
    assert not together._is_complete(shipped, a, replace(b, page=None))
    assert together._is_complete(replace(shipped, file="ccipra-v322r0-f1.txt"), a, replace(b, page=None))


def test_one_code_twice_is_no_pair(assistant: Assistant) -> None:
    answer = assistant.ask("Can 20610-LT and 20610-RT be billed together?")
    assert "PTP edits hold between CPT and HCPCS codes" not in answer.text
    assert not broken_promises(answer)


def test_a_diagnosis_with_a_procedure(assistant: Assistant) -> None:
    answer = ask(assistant, "27447", "M17.11")
    assert answer.status is Status.UNCLEAR
    assert not any(words in answer.text for words in PERMISSIONS)
