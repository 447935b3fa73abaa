"""Modifiers reconciled with the facts of a code: usable, not usable, or on a condition, with why and source.

One small function for each family of modifiers; each looks at the code's own facts (add-on, global days, indicators) and
gives verdicts for the modifiers it knows. Rules: CPT appendix A; Medicare Claims Processing Manual, chapter 12, sections
20.4.6, 30.6 and 40; fee schedule record layout, Attachment A.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from assistant.answer import Evidence
from assistant.evidence import of_fee, of_publication
from assistant.facts import CodeFacts
from corpus.model import Citation, FeeRow, Setting


class Fit(StrEnum):
    """Whether a modifier may stand on a code."""

    USABLE = "usable"
    CONDITION = "on a condition"
    NOT_USABLE = "not usable"


@dataclass(frozen=True)
class Verdict:
    """A modifier on a code: the verdict, why, and what shows it."""

    modifier: str
    fit: Fit
    why: str
    evidence: tuple[Evidence, ...]


Rule = Callable[[CodeFacts], Iterator[Verdict]]
RULES: list[Rule] = []


def rule(function: Rule) -> Rule:
    """Register a rule; the order of definition is the order shown."""
    RULES.append(function)
    return function


def reconcile(facts: CodeFacts) -> list[Verdict]:
    """All verdicts that the facts of a code allow; a modifier that no fact decides is left out, and without a fee row all are."""
    if facts.row is None:
        return []
    return [verdict for each in RULES for verdict in each(facts)]


def _rulebook(facts: CodeFacts, id: str, place: str, words: str) -> Evidence:
    return of_publication(Citation(facts.context.codebook.publication(id), place), words)


def _all(modifiers: str, fit: Fit, why: str, evidence: tuple[Evidence, ...]) -> Iterator[Verdict]:
    for modifier in modifiers.split():
        yield Verdict(modifier, fit, why, evidence)


@rule
def evaluation(facts: CodeFacts) -> Iterator[Verdict]:
    """25, 24 and 57 belong to E/M services alone (Claims Processing Manual, chapter 12, sections 30.6.6 and 40.2).

    Nothing is said of eye visits (92002–92014): payers take the three on them, but the sections named speak of E/M only.
    """
    if facts.is_eye_visit:
        return
    why = {
        "25": "when a significant, separately identifiable visit falls on the day of a procedure",
        "24": "when the visit, in the global period of an operation, is unrelated to it",
        "57": "when the visit, on the day of a major operation or the day before, led to the decision to operate",
    }
    source = _rulebook(facts, "mcpm-12", "section 30.6.6", "modifiers 24, 25 and 57 go on evaluation and management codes")
    for modifier, condition in why.items():
        if facts.is_visit:
            yield Verdict(modifier, Fit.CONDITION, condition, (source,))
        else:
            reason = "it goes on the visit itself, not on this add-on" if facts.is_evaluation else "for E/M visits only, and this is not one"
            yield Verdict(modifier, Fit.NOT_USABLE, reason, (source,))


@rule
def multiple(facts: CodeFacts) -> Iterator[Verdict]:
    """51 by add-on status and multiple procedure indicator (chapter 12, section 40.6; CPT, appendices A and D)."""
    if not (row := facts.row):
        return
    evidence = facts.indicator_evidence("multiple")
    if facts.is_add_on:
        source = _rulebook(facts, "cpt", "Appendix A, modifier 51; Introduction, Add-on Codes", "add-on codes are exempt from modifier 51")
        yield Verdict("51", Fit.NOT_USABLE, "add-on codes never take it", (*facts.add_on_evidence, source))
    elif facts.is_evaluation:
        source = _rulebook(facts, "cpt", "Appendix A, modifier 51", "modifier 51 is not for evaluation and management services")
        yield Verdict("51", Fit.NOT_USABLE, "visits do not take it", (source,))
    elif row.multiple in ("1", "2", "3"):
        yield Verdict("51", Fit.USABLE, f"on the second and later procedures of a session (multiple procedure indicator {row.multiple})", evidence)
    elif row.multiple in ("4", "5", "6", "7"):
        why = f"the reduction is made without it (multiple procedure indicator {row.multiple})"
        yield Verdict("51", Fit.NOT_USABLE, why, evidence)
    else:
        yield Verdict("51", Fit.NOT_USABLE, f"no multiple procedure rule applies (indicator {row.multiple})", evidence)


@rule
def sides(facts: CodeFacts) -> Iterator[Verdict]:
    """50, LT and RT by the bilateral indicator (chapter 12, section 40.7)."""
    if not (row := facts.row):
        return
    evidence = facts.indicator_evidence("bilateral")
    value = row.bilateral
    if value == "1" and facts.is_add_on:
        cpt = _rulebook(facts, "cpt", "Appendix A, modifier 50", "modifier 50 is not appended to add-on codes; a bilateral add-on is listed twice")
        why = "Medicare pays 150 % for both sides (bilateral indicator 1); a payer that follows CPT wants the add-on listed twice instead"
        yield Verdict("50", Fit.CONDITION, why, (*evidence, cpt))
    elif value == "1":
        yield Verdict("50", Fit.USABLE, "done on both sides in one session, Medicare pays 150 % (bilateral indicator 1)", evidence)
    elif value == "3":
        yield Verdict("50", Fit.CONDITION, "both sides done: each side is paid in full, without the 150 % rule (bilateral indicator 3)", evidence)
    elif value == "2":
        yield Verdict("50", Fit.NOT_USABLE, "the code already stands for both sides (bilateral indicator 2)", evidence)
    else:
        yield Verdict("50", Fit.NOT_USABLE, f"the bilateral payment rule does not apply (bilateral indicator {value})", evidence)
    if value in ("1", "3"):
        yield from _all("LT RT", Fit.USABLE, "to name the side when one side is done", evidence)
    elif value in ("2", "9"):
        yield from _all("LT RT", Fit.NOT_USABLE, f"side has no meaning for this code (bilateral indicator {value})", evidence)


@rule
def components(facts: CodeFacts) -> Iterator[Verdict]:
    """26 and TC by the PC/TC indicator."""
    if not (row := facts.row):
        return
    evidence = facts.indicator_evidence("pc_tc")
    if row.pc_tc == "1":
        yield Verdict("26", Fit.USABLE, "for the professional component alone (PC/TC indicator 1)", evidence)
        yield Verdict("TC", Fit.USABLE, "for the technical component alone (PC/TC indicator 1)", evidence)
    elif row.pc_tc == "6":
        yield Verdict("26", Fit.USABLE, "for the interpretation by a laboratory physician (PC/TC indicator 6)", evidence)
        yield Verdict("TC", Fit.NOT_USABLE, "the test itself is paid under the laboratory fee schedule (PC/TC indicator 6)", evidence)
    elif row.pc_tc == "8":  # 26 stands on the one HCPCS code of this kind and on no CPT code: left undecided
        yield Verdict("TC", Fit.NOT_USABLE, "only the physician's interpretation is paid (PC/TC indicator 8)", evidence)
    else:
        yield from _all("26 TC", Fit.NOT_USABLE, f"the code has no components to split (PC/TC indicator {row.pc_tc})", evidence)


SURGICAL_DAYS = {"000", "010", "090", "MMM", "YYY", "ZZZ"}


# Modifiers, the indicator that decides on them, what its values mean, and what any other value means.
SURGEONS: tuple[tuple[str, str, dict[str, tuple[Fit, str]], str], ...] = (
    (
        "80 81 AS 82",
        "assistant",
        {
            "0": (Fit.CONDITION, "an assistant is paid only when the record shows the need (assistant indicator 0)"),
            "1": (Fit.NOT_USABLE, "the law bars payment of an assistant (assistant indicator 1)"),
            "2": (Fit.USABLE, "an assistant at surgery may be paid (assistant indicator 2)"),
        },
        "assistants do not apply (assistant indicator {})",
    ),
    (
        "62",
        "co_surgeons",
        {
            "1": (Fit.CONDITION, "two surgeons are paid when the record shows the need for both (co-surgeon indicator 1)"),
            "2": (Fit.USABLE, "two surgeons of different specialties, no documentation asked (co-surgeon indicator 2)"),
        },
        "co-surgeons are not permitted (co-surgeon indicator {})",
    ),
    (
        "66",
        "team",
        {
            "1": (Fit.CONDITION, "a team is paid by report when the record shows the need (team indicator 1)"),
            "2": (Fit.USABLE, "a team is permitted and paid by report (team indicator 2)"),
        },
        "team surgery is not permitted (team indicator {})",
    ),
)


@rule
def surgeons(facts: CodeFacts) -> Iterator[Verdict]:
    """80, 81, 82, AS, 62 and 66 by their indicators (chapter 12, sections 20.4.3 and 40.8; Attachment A).

    Where no global period makes the code an operation, an assistant indicator of 0 says nothing either.
    """
    if not (row := facts.row):
        return
    for modifiers, field, meanings, otherwise in SURGEONS:
        value = getattr(row, field)
        fit, why = meanings.get(value, (Fit.NOT_USABLE, otherwise.format(value)))
        if facts.is_evaluation or (row.global_days not in SURGICAL_DAYS and (fit is Fit.NOT_USABLE or value == "0")):
            yield from _no_operation(modifiers, facts, row)
            continue
        for modifier in modifiers.split():
            if modifier == "82" and fit is not Fit.NOT_USABLE:
                yield Verdict("82", Fit.CONDITION, f"{why}, and no qualified resident was available", facts.indicator_evidence(field))
            else:
                yield Verdict(modifier, fit, why, facts.indicator_evidence(field))


def _no_operation(modifiers: str, facts: CodeFacts, row: FeeRow) -> Iterator[Verdict]:
    """What belongs to operations, on a code that is none by its global days."""
    what = "and this is a visit; its" if facts.is_evaluation else "this code's"
    why = f"for operations, {what} global period is {row.global_days}"
    yield from _all(modifiers, Fit.NOT_USABLE, why, facts.indicator_evidence("global_days"))


GLOBAL_CONDITIONS = {
    "58": "staged, planned or more extensive, in the global period of an earlier operation by the same physician",
    "78": "an unplanned return to the operating room for a complication, in the global period of an earlier operation",
    "79": "unrelated to an earlier operation by the same physician in whose global period it falls",
}
SPLIT_CARE = {
    "54": "when another physician takes the care after the operation",
    "55": "when only the care after the operation is given",
    "56": "when only the care before the operation is given",
}


@rule
def global_period(facts: CodeFacts) -> Iterator[Verdict]:
    """58, 78, 79 and 54, 55, 56 by global days (chapter 12, sections 40.1, 40.2 and 40.4)."""
    if not (row := facts.row):
        return
    days, evidence = row.global_days, facts.indicator_evidence("global_days")
    surgical = days in SURGICAL_DAYS - {"MMM"}
    for modifier, condition in GLOBAL_CONDITIONS.items():
        if facts.is_evaluation or not surgical:
            yield from _no_operation(modifier, facts, row)
        else:
            follows = ", on the add-on as on its primary code" if days == "ZZZ" else ""
            yield Verdict(modifier, Fit.CONDITION, condition + follows, evidence)
    for modifier, condition in SPLIT_CARE.items():
        if days in ("010", "090"):
            yield Verdict(modifier, Fit.CONDITION, f"{condition} (global period {days})", evidence)
        else:
            yield Verdict(modifier, Fit.NOT_USABLE, f"there is no package of follow-up care to split (global period {days})", evidence)


@rule
def distinct(facts: CodeFacts) -> Iterator[Verdict]:
    """59 and X{EPSU}: never on E/M; elsewhere only to bypass an edit with indicator 1 (NCCI Policy Manual, chapter I)."""
    place = "Chapter I, section E"
    if facts.is_evaluation:
        source = _rulebook(facts, "ncci-manual", place, "modifier 59 is not for evaluation and management codes")
        yield from _all("59 XE XS XP XU", Fit.NOT_USABLE, "visits take 25 instead", (source,))
        return
    if facts.is_supply:
        return
    source = _rulebook(facts, "ncci-manual", place, "59 and X{EPSU} bypass an edit only with modifier indicator 1, for a distinct service")
    why = "only to bypass a PTP edit with modifier indicator 1, when the record shows a distinct service"
    yield from _all("59 XE XS XP XU", Fit.CONDITION, why, (source,))


@rule
def extent(facts: CodeFacts) -> Iterator[Verdict]:
    """22, 52 and 53: more or less work than the code stands for."""
    source = _rulebook(facts, "cpt", "Appendix A, modifiers 22, 52 and 53", "22 and 53 are not for evaluation and management services")
    if facts.is_evaluation:
        yield from _all("22 53", Fit.NOT_USABLE, "visits do not take it", (source,))
        return
    if facts.is_surgery:
        yield Verdict("22", Fit.CONDITION, "when the work is substantially greater than usual and the report shows why", (source,))
        yield Verdict("53", Fit.CONDITION, "when the physician stops the procedure for the patient's safety", (source,))
    if not (facts.is_laboratory or facts.is_supply):
        yield Verdict("52", Fit.CONDITION, "when part of the service is left out by the physician's choice", (source,))


@rule
def repeats(facts: CodeFacts) -> Iterator[Verdict]:
    """76, 77 and 91: the same service again on the same day."""
    source = _rulebook(facts, "cpt", "Appendix A, modifiers 76, 77 and 91", "76 and 77 repeat a procedure, 91 repeats a laboratory test")
    if facts.is_laboratory:
        yield Verdict("91", Fit.CONDITION, "when the test is repeated on the same day for a new result", (source,))
    elif facts.is_evaluation:
        yield from _all("76 77", Fit.NOT_USABLE, "visits do not take it", (source,))
    elif not facts.is_supply:
        yield Verdict("76", Fit.CONDITION, "when the same physician repeats it after the first time", (source,))
        yield Verdict("77", Fit.CONDITION, "when another physician repeats it", (source,))


@rule
def anesthesia(facts: CodeFacts) -> Iterator[Verdict]:
    """AA, QK, QX, QY, QZ and P1–P6 belong to anesthesia codes (chapter 12, section 50)."""
    source = _rulebook(facts, "mcpm-12", "section 50", "anesthesia modifiers say who gave or directed the anesthesia")
    if facts.is_anesthesia:
        yield from _all("AA QK QX QY QZ", Fit.USABLE, "one of them says who gave or directed the anesthesia", (source,))
        yield from _all("P1 P2 P3 P4 P5 P6", Fit.USABLE, "one of them gives the physical status", (source,))
    elif facts.row is not None:
        others = "AA QK QX QY QZ P1 P2 P3 P4 P5 P6 23"
        yield from _all(others, Fit.NOT_USABLE, "for anesthesia codes only", (source, of_fee(facts.row)))


@rule
def therapy(facts: CodeFacts) -> Iterator[Verdict]:
    """GP, GO and GN on therapy services: multiple procedure indicator 5 marks them (chapter 5, section 20)."""
    if facts.row and facts.row.multiple == "5":
        evidence = facts.indicator_evidence("multiple")
        yield Verdict("GP", Fit.CONDITION, "when given under a physical therapy plan of care", evidence)
        yield Verdict("GO", Fit.CONDITION, "when given under an occupational therapy plan of care", evidence)
        yield Verdict("GN", Fit.CONDITION, "when given under a speech-language pathology plan of care", evidence)


@rule
def drugs(facts: CodeFacts) -> Iterator[Verdict]:
    """JW and JZ on drugs from single-dose containers (Claims Processing Manual, chapter 17, section 40)."""
    if facts.is_drug:
        words = "JW bills the discarded part of a single-dose container, JZ says that nothing was discarded"
        source = _rulebook(facts, "mcpm-17", "section 40", words)
        yield Verdict("JW", Fit.CONDITION, "on a line of its own for what was discarded of a single-dose container", (source,))
        yield Verdict("JZ", Fit.CONDITION, "when nothing of a single-dose container was discarded", (source,))


@rule
def stopped_in_facility(facts: CodeFacts) -> Iterator[Verdict]:
    """73 and 74 are the facility's modifiers for a procedure that was stopped; the physician uses 53 (CPT, appendix A)."""
    if facts.is_surgery and facts.context.setting is Setting.PRACTITIONER:
        source = _rulebook(facts, "cpt", "Appendix A, modifiers 73 and 74", "73 and 74 are for outpatient hospitals and ambulatory surgical centers")
        yield from _all("73 74", Fit.NOT_USABLE, "for facilities only; the physician uses 53", (source,))
