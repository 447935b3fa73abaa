"""Modifiers reconciled with facts: every rule, with a code for each value of its indicator (fee schedule of July 2026, RVU26C)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from assistant.context import Context
from assistant.facts import CodeFacts, facts_of
from assistant.reconcile import Fit, Verdict, reconcile
from corpus.model import Setting
from tests.conftest import TODAY

if TYPE_CHECKING:
    from assistant.chain import Assistant

YES, MAYBE, NO = Fit.USABLE, Fit.CONDITION, Fit.NOT_USABLE


def facts(assistant: Assistant, code: str, on: date = TODAY) -> CodeFacts:
    found = assistant.codebook.code(code)
    assert found, code
    return facts_of(found, Context(assistant.codebook, assistant.finder, TODAY, on, Setting.PRACTITIONER))


def verdicts(of: CodeFacts) -> dict[str, Verdict]:
    return {verdict.modifier: verdict for verdict in reconcile(of)}


def with_row(of: CodeFacts, **changes: str) -> CodeFacts:
    """The facts of a code with other indicators: for values that no shipped code has."""
    assert of.row
    return replace(of, fee=replace(of.fee, value=replace(of.row, **changes)))  # type: ignore[arg-type]


# (code, modifiers, verdict, words of the reason); None: no fact of the code decides
TABLE: list[tuple[str, str, Fit | None, str]] = [
    # 51: never on add-ons, not on visits; elsewhere by the multiple procedure indicator
    ("63044", "51", NO, "add-on codes never take it"),  # ZZZ, add-on edit to 63042
    ("90472", "51", NO, "add-on codes never take it"),
    ("99417", "51", NO, "add-on codes never take it"),
    ("20930", "51", NO, "add-on codes never take it"),  # XXX, and yet an add-on by the add-on edits
    ("99213", "51", NO, "visits do not take it"),
    ("63042", "51", YES, "indicator 2"),
    ("29880", "51", YES, "indicator 3"),
    ("70450", "51", NO, "reduction is made without it (multiple procedure indicator 4"),
    ("97110", "51", NO, "indicator 5"),
    ("93000", "51", NO, "indicator 6"),
    ("76519", "51", NO, "indicator 7"),
    ("71046", "51", NO, "no multiple procedure rule applies (indicator 0"),
    ("85025", "51", NO, "no multiple procedure rule applies (indicator 9"),
    # 50, LT, RT: by the bilateral indicator
    ("63044", "50", MAYBE, "listed twice"),
    ("90472", "50", NO, "bilateral indicator 0"),
    ("99417", "50", NO, "bilateral indicator 9"),
    ("64721", "50", YES, "150 %"),
    ("63047", "50", NO, "already stands for both sides"),
    ("73562", "50", MAYBE, "each side is paid in full"),
    ("45378", "50", NO, "bilateral indicator 0"),
    ("64721", "LT RT", YES, "one side"),
    ("73562", "LT RT", YES, "one side"),
    ("63047", "LT RT", NO, "bilateral indicator 2"),
    ("85025", "LT RT", NO, "bilateral indicator 9"),
    ("45378", "LT RT", None, ""),  # indicator 0 does not say that there are no sides
    # 26 and TC: by the PC/TC indicator
    ("71046", "26", YES, "PC/TC indicator 1"),
    ("71046", "TC", YES, "PC/TC indicator 1"),
    ("63042", "26 TC", NO, "PC/TC indicator 0"),
    ("93010", "26 TC", NO, "PC/TC indicator 2"),
    ("93005", "26 TC", NO, "PC/TC indicator 3"),
    ("93000", "26 TC", NO, "PC/TC indicator 4"),
    ("96372", "26 TC", NO, "PC/TC indicator 5"),
    ("97110", "26 TC", NO, "PC/TC indicator 7"),
    ("85060", "TC", NO, "PC/TC indicator 8"),
    ("85060", "26", None, ""),
    ("85025", "26 TC", NO, "PC/TC indicator 9"),
    # 80, 81, 82, AS: by the assistant indicator
    ("64721", "80 81 82 AS", NO, "the law bars"),
    ("29880", "80 81 AS", MAYBE, "when the record shows the need"),
    ("29880", "82", MAYBE, "no qualified resident"),
    ("27447", "80 81 AS", YES, "assistant indicator 2"),
    ("27447", "82", MAYBE, "no qualified resident"),
    ("63044", "80 81 AS", YES, "assistant indicator 2"),
    ("71046", "80 81 82 AS 62 66", NO, "global period is XXX"),
    ("99213", "80 81 82 AS 62 66", NO, "global period is XXX"),
    # 62: by the co-surgeon indicator
    ("64721", "62", NO, "co-surgeon indicator 0"),
    ("27447", "62", MAYBE, "co-surgeon indicator 1"),
    ("63042", "62", YES, "co-surgeon indicator 2"),
    ("63044", "62", YES, "co-surgeon indicator 2"),
    # 66: by the team indicator
    ("63042", "66", NO, "team indicator 0"),
    ("20999", "66", MAYBE, "team indicator 1"),
    ("50360", "66", YES, "team indicator 2"),
    # 24, 25, 57: on visits that stand by themselves, and on nothing else
    ("99202", "24 25 57", MAYBE, "visit"),
    ("99211", "24 25 57", MAYBE, "visit"),
    ("99215", "24 25 57", MAYBE, "visit"),
    ("99417", "24 25 57", NO, "not on this add-on"),
    ("G2211", "24 25 57", NO, "not on this add-on"),
    ("G2212", "24 25 57", NO, "not on this add-on"),
    ("63044", "24 25 57", NO, "E/M visits only"),
    ("27447", "24 25 57", NO, "E/M visits only"),
    ("71046", "24 25 57", NO, "E/M visits only"),
    ("85025", "24 25 57", NO, "E/M visits only"),
    ("96372", "24 25 57", NO, "E/M visits only"),
    ("G0008", "24 25 57", NO, "E/M visits only"),
    # 58, 78, 79: in the global period of an operation
    ("20610", "58 78 79", MAYBE, "earlier operation"),  # 000
    ("17000", "58 78 79", MAYBE, "earlier operation"),  # 010
    ("63042", "58 78 79", MAYBE, "earlier operation"),  # 090
    ("0274T", "58 78 79", MAYBE, "earlier operation"),  # YYY
    ("63044", "58 78 79", MAYBE, "as on its primary code"),  # ZZZ
    ("71046", "58 78 79", NO, "global period is XXX"),
    ("99213", "58 78 79", NO, "global period is XXX"),
    ("59400", "58 78 79", NO, "global period is MMM"),
    ("G2211", "58 78 79", NO, "global period is ZZZ"),  # an add-on, to a visit
    # 54, 55, 56: only where there is a package of follow-up care
    ("17000", "54 55 56", MAYBE, "global period 010"),
    ("63042", "54 55 56", MAYBE, "global period 090"),
    ("20610", "54 55 56", NO, "global period 000"),
    ("71046", "54 55 56", NO, "global period XXX"),
    ("63044", "54 55 56", NO, "global period ZZZ"),
    ("59400", "54 55 56", NO, "global period MMM"),
    # 59 and X: never on E/M
    ("99213", "59 XE XS XP XU", NO, "visits take 25"),
    ("99417", "59 XE XS XP XU", NO, ""),
    ("G2211", "59 XE XS XP XU", NO, ""),
    ("20610", "59 XE XS XP XU", MAYBE, "modifier indicator 1"),
    ("71046", "59 XE XS XP XU", MAYBE, "modifier indicator 1"),
    ("85025", "59 XE XS XP XU", MAYBE, "modifier indicator 1"),
    ("97140", "59 XE XS XP XU", MAYBE, "modifier indicator 1"),
    # 22, 52, 53
    ("63042", "22 52 53", MAYBE, ""),
    ("99213", "22 53", NO, "visits do not take it"),
    ("99213", "52", None, ""),
    ("71046", "22 53", None, ""),
    ("71046", "52", MAYBE, "left out"),
    ("85025", "22 52 53", None, ""),
    # 76, 77, 91: 91 is for the laboratory alone
    ("85025", "91", MAYBE, "repeated on the same day"),
    ("80053", "91", MAYBE, "repeated on the same day"),
    ("85025", "76 77", None, ""),
    ("71046", "91", None, ""),
    ("36415", "91", None, ""),  # drawing blood is no test
    ("71046", "76 77", MAYBE, "repeats it"),
    ("99213", "76 77", NO, "visits do not take it"),
    # Anesthesia
    ("00400", "AA QK QX QY QZ", YES, "who gave or directed"),
    ("00400", "P1 P3 P6", YES, "physical status"),
    ("63042", "AA QK QX QY QZ", NO, "anesthesia codes only"),
    ("63042", "P1 P6 23", NO, "anesthesia codes only"),
    # Therapy: multiple procedure indicator 5
    ("97110", "GP GO GN", MAYBE, "plan of care"),
    ("97140", "GP GO GN", MAYBE, "plan of care"),
    ("96372", "GP GO GN", None, ""),
    ("99213", "GP GO GN", None, ""),
]


@pytest.mark.parametrize(("code", "modifiers", "fit", "why"), TABLE, ids=[f"{c}-{m.replace(' ', '-')}" for c, m, _, _ in TABLE])
def test_verdict(code: str, modifiers: str, fit: Fit | None, why: str, assistant: Assistant) -> None:
    found = verdicts(facts(assistant, code))
    for modifier in modifiers.split():
        if fit is None:
            assert modifier not in found, found[modifier].why
        else:
            assert found[modifier].fit is fit, found[modifier].why
            assert why in found[modifier].why


INDICATOR_SHOWN = [
    ("27447", "80", "assistant 2"),
    ("29880", "82", "assistant 0"),
    ("27447", "62", "co-surgeons 1"),
    ("50360", "66", "team 2"),
    ("64721", "50", "bilateral 1"),
    ("71046", "26", "PC/TC 1"),
    ("63042", "51", "multiple procedure 2"),
    ("63042", "54", "global days 090"),
]


@pytest.mark.parametrize(("code", "modifier", "column"), INDICATOR_SHOWN)
def test_a_verdict_shows_the_row_and_what_its_value_means(code: str, modifier: str, column: str, assistant: Assistant) -> None:
    row, meaning = verdicts(facts(assistant, code))[modifier].evidence
    assert row.locator == f"row {code}"
    assert row.source.release == "RVU26C"
    assert f"| {column.replace(' procedure', '')} |" in row.excerpt.replace("multiple procedure", "multiple")
    assert f"{column.split()[-1]} =" in meaning.excerpt


def test_51_on_an_add_on_shows_the_add_on_edit(assistant: Assistant) -> None:
    edit, rule = verdicts(facts(assistant, "63044"))["51"].evidence
    assert "add-on 63044 | primary 63042" in edit.excerpt
    assert rule.source.key == "publication/cpt"


def test_an_indicator_that_permits_outweighs_a_missing_global_period(assistant: Assistant) -> None:
    """93998 is XXX with co-surgeon and team indicators 1, 33928 is XXX with assistant indicator 2."""
    chest = facts(assistant, "71046")
    found = verdicts(with_row(chest, assistant="2", co_surgeons="1", team="1"))
    assert [found[m].fit for m in ("80", "82", "62", "66")] == [YES, MAYBE, MAYBE, MAYBE]
    near_miss = verdicts(with_row(chest, assistant="0", co_surgeons="0", team="9"))
    assert [near_miss[m].fit for m in ("80", "82", "62", "66")] == [NO] * 4


def test_interpretation_by_a_laboratory_physician(assistant: Assistant) -> None:
    """PC/TC 6: 26 for the interpretation, no TC, because the test is on the laboratory fee schedule."""
    found = verdicts(with_row(facts(assistant, "85025"), pc_tc="6"))
    assert (found["26"].fit, found["TC"].fit) == (YES, NO)


def test_eye_visits_are_left_open(assistant: Assistant) -> None:
    """92002–92014 stand outside the E/M section and are visits all the same: neither yes nor no."""
    visit = facts(assistant, "99213")
    for code in ("92002", "92004", "92012", "92014"):
        assert not verdicts(replace(visit, code=replace(visit.code, code=code))).keys() & {"24", "25", "57"}
    assert verdicts(replace(visit, code=replace(visit.code, code="92015")))["25"].fit is NO  # refraction is a test


def test_99201_was_a_visit_while_it_was(assistant: Assistant) -> None:
    found = verdicts(facts(assistant, "99201", date(2020, 11, 15)))
    assert (found["25"].fit, found["59"].fit) == (MAYBE, NO)


def test_verdicts_follow_the_date(assistant: Assistant) -> None:
    """99417 became ZZZ in 2023: by the release of 2021 alone it is no add-on."""
    assert facts(assistant, "99417", date(2023, 11, 15)).is_add_on
    assert not facts(assistant, "99417", date(2021, 11, 15)).is_add_on


def test_without_a_fee_schedule_no_indicator_decides(assistant: Assistant) -> None:
    assert verdicts(facts(assistant, "63042", date(2015, 6, 1))) == {}
    assert verdicts(facts(assistant, "99417", date(2019, 1, 1))) == {}  # not even 25: whether it is an add-on is not known


def test_every_verdict_of_every_code_has_a_reason_a_source_and_a_known_modifier(assistant: Assistant) -> None:
    for code in assistant.codebook.document_keys["page"]:
        found = reconcile(facts(assistant, code))
        names = [verdict.modifier for verdict in found]
        assert len(names) == len(set(names)), f"{code}: two verdicts on one modifier"
        for verdict in found:
            assert verdict.why, code
            assert not verdict.why.endswith("."), verdict.why
            assert verdict.evidence, f"{code}-{verdict.modifier}"
            assert assistant.codebook.modifier(verdict.modifier), verdict.modifier
