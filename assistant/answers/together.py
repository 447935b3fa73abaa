"""May two or more codes be billed together: PTP edits both ways, add-on ties, and what bypasses an edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations

from assistant.answer import Answer, Composer, Evidence, Status
from assistant.answers.diagnoses_together import say_excludes
from assistant.answers.edits_of_one import edits_of_one
from assistant.answers.parts import CONTRACTOR, meaning_evidence, say_missing, say_stale
from assistant.answers.unknown import ask_for_code, say_all_unknown, split_known, unknown_answer
from assistant.context import Context, answers
from assistant.evidence import cited, day, how_to_load, of_add_on, of_edit, of_fee, of_page, of_publication, of_source
from assistant.facts import CodeFacts, facts_of
from assistant.question import Kind, Question
from corpus.model import Citation, Code, Dated, Edit, Source, SourceKind, System
from corpus.shelf import SHIPPED_FACTS, is_partial

MOST_CODES = 6
STILL_APPLY = "add-on rules, MUE, global period, coverage and the payer's own edits still apply"
MOST_PRIMARIES = 8  # of an add-on, in one sentence


@answers(Kind.TOGETHER)
def answer(question: Question, context: Context) -> Answer:
    """Every pair of the codes named, in the setting asked for."""
    if not question.codes:
        return ask_for_code(question, context, "Can 20610 and 99213 go together?")
    known, unknown = split_known(question, context)
    procedures = [c for c in known if c.system in (System.CPT, System.HCPCS)]
    if len(question.codes) == 1 and procedures:
        return edits_of_one(question, procedures[0], context)
    if len(procedures) < 2 and unknown:
        return unknown_answer(question, context, unknown)
    composer = context.composer(question)
    for code in known:
        composer.about(code.system, code.code)
    if len(procedures) < 2:
        return _others(composer, known, context)
    facts = [facts_of(code, context) for code in procedures[:MOST_CODES]]
    pairs = list(combinations(facts, 2))
    looked_up = [_pair(composer, a, b, context, headed=len(pairs) > 1) for a, b in pairs]
    composer.heading("")
    if len(pairs) > 1:
        composer.say(f"That no edit is in force between two codes does not make both payable: {STILL_APPLY}.")
    _lonely_add_ons(composer, facts)
    if left := procedures[MOST_CODES:]:
        composer.say(f"I compare {MOST_CODES} codes at a time. Not looked at: {', '.join(c.code for c in left)}. Ask again for these.")
    say_all_unknown(composer, unknown, context)
    say_stale(composer, *(dated for _, dated in looked_up))
    return composer.answer(Status.ANSWERED if any(decided for decided, _ in looked_up) else Status.NO_DATA)


def _others(composer: Composer, known: list[Code], context: Context) -> Answer:
    """Diagnoses, or a procedure with a diagnosis."""
    diagnoses = [c for c in known if c.system is System.ICD10CM]
    if len(diagnoses) >= 2:
        for a, b in combinations(diagnoses[:MOST_CODES], 2):
            say_excludes(composer, a, b, context)
            composer.suggest(f"What is {a.code}?", f"What is {b.code}?")
        return composer.answer()
    if not diagnoses:
        code = known[0].code
        composer.say(f"PTP edits hold between two codes; {code} twice is a matter of its units (MUE) and of modifiers 50, LT, RT, 76 and 77.")
        composer.suggest(f"How many units of {code}?", f"Which modifiers fit {code}?")
        return composer.answer(Status.UNCLEAR)
    composer.say(
        "PTP edits hold between CPT and HCPCS codes. Whether diagnoses may stand together is said by their Excludes notes: ask about each code."
    )
    return composer.answer(Status.UNCLEAR)


def _pair(composer: Composer, a: CodeFacts, b: CodeFacts, context: Context, headed: bool) -> tuple[bool, Dated[list[Edit]]]:
    """State what holds between two codes; returns whether the data decide, and the release that was asked."""
    one, two = a.code.code, b.code.code
    composer.heading(f"{one} and {two}" if headed else "")
    dated = context.codebook.edits(one, two, context.date, context.setting)
    add_on = _add_on_tie(composer, a, b)
    if dated.source is None or (not dated.value and not _is_complete(dated.source, a, b)):
        say_missing(composer, f"PTP edits between {one} and {two} ({context.setting})", dated, SourceKind.PTP, context)
        composer.say("No data does not mean that they may be billed together.")
        _ask_other(composer, one, two, context)
        return add_on, dated
    edits = dated.value or []
    newer = [f.code.code for f in (a, b) if not edits and not _is_listed(f, dated.source, context)]
    if newer:
        text = f"No data on PTP edits between {one} and {two}: {dated.source.release} ({context.setting}) has no edit of {' or '.join(newer)} at all"
        composer.say(f"{text}, so the code may be newer than that release. {how_to_load(SourceKind.PTP)}")
        composer.say("No data does not mean that they may be billed together.")
        return add_on, dated
    if dated.source.valid_from and context.date < dated.source.valid_from and not (edits and all(e.effective for e in edits)):
        _before_release(composer, one, two, edits, dated.source, context)
        return add_on, dated
    dated = replace(dated, value=edits)  # that there is none is what the release says
    # Intervals do not overlap: of those that end on the day or later, and may have begun, the first to end holds.
    in_force = sorted((e for e in edits if e.in_force(context.date)), key=lambda e: e.deleted or date.max)
    if in_force:
        _edit(composer, in_force[0], {one: a, two: b}, context)
    else:
        _no_edit(composer, a, b, dated, context, headed)
    others = [e for e in edits if e not in in_force[:1]]
    for edit in others:
        _interval(composer, edit, context)
    _ask_other(composer, one, two, context)
    return True, dated


def _is_complete(source: Source, a: CodeFacts, b: CodeFacts) -> bool:
    """Whether a release that does not list a pair says thereby that there is no edit: the shipped one does for codes with a page."""
    return not is_partial(source) or (source.file == SHIPPED_FACTS and a.page is not None and b.page is not None)


def _is_listed(facts: CodeFacts, source: Source, context: Context) -> bool:
    """Whether a PTP release knew a code: it has edits of it, or the code is seen in a fee schedule of that time or earlier."""
    if is_partial(source) or context.codebook.has_edits(facts.code.code, source):
        return True
    day_of_release = source.valid_from or date.max
    return any(row.source.valid_from and row.source.valid_from <= day_of_release for row in context.codebook.fee_releases(facts.code.code))


def _before_release(composer: Composer, one: str, two: str, edits: list[Edit], source: Source, context: Context) -> None:
    """The date lies before the release, whose rows do not tell when an edit began: say what is known, and guess nothing."""
    start = day(source.valid_from) if source.valid_from else ""
    text = f"No data on PTP edits between {one} and {two} ({context.setting}) for {day(context.date)}: the nearest release loaded is {source.release}"
    composer.say(f"{text} ({start}), and it does not tell when its edits began. {how_to_load(SourceKind.PTP)}")
    if not edits:
        evidence = of_source(source, f"edits {one}/{two} and {two}/{one}", "no interval, ended ones included")
        composer.say(f"{source.release} lists no interval of an edit between them, ended ones included.", evidence)
    for edit in edits:
        end = f"ended on {day(edit.deleted)}" if edit.deleted else f"is in force in {source.release}"
        interval = f"(column 1 {edit.column1}, column 2 {edit.column2}, indicator {edit.indicator})"
        composer.say(f"It holds an interval {interval} that {end}.", of_edit(edit))
    composer.say("No data does not mean that they may be billed together.")
    _ask_other(composer, one, two, context)


def _edit(composer: Composer, edit: Edit, facts: dict[str, CodeFacts], context: Context) -> None:
    """An edit in force: what it does, and whether anything bypasses it."""
    evidence = of_edit(edit)
    meaning = meaning_evidence(facts[edit.column1], "ptp_indicator", str(edit.indicator))
    since = f" since {day(edit.effective)}" if edit.effective else ""
    where = f"{edit.setting}, release {edit.source.release}"
    if edit.indicator == 0:
        composer.say(f"No: {edit.column1} and {edit.column2} are never paid together for one patient on one day by one provider.", evidence, *meaning)
        composer.say(
            f"A PTP edit is in force{since} ({where}): column 1 {edit.column1}, column 2 {edit.column2}, modifier indicator 0: "
            f"{edit.column2} is denied and no modifier bypasses the edit.",
            evidence,
            *meaning,
        )
    else:
        composer.say(
            f"Only on a condition: a PTP edit is in force between {edit.column1} and {edit.column2}, and a modifier may bypass it.",
            evidence,
        )
        composer.say(
            f"The edit{since} ({where}): {edit.column1} is column 1 and is paid, {edit.column2} is column 2 and is denied, modifier indicator 1.",
            evidence,
            *meaning,
        )
        _bypass(composer, edit, facts, context)
    composer.say(f"Rationale: {edit.rationale}.", evidence)


def _bypass(composer: Composer, edit: Edit, facts: dict[str, CodeFacts], context: Context) -> None:
    """Which modifier, on which code, and what must be true (NCCI Policy Manual, chapter I, sections D and E)."""
    manual = context.codebook.publication("ncci-manual")
    visit = next((code for code in (edit.column2, edit.column1) if facts[code].is_visit), None)
    other = next((f for code, f in facts.items() if code != visit), None)
    if not visit and facts[edit.column2].is_evaluation:
        rule = of_publication(Citation(manual, "Chapter I, section E"), "59 and X{EPSU} are not for evaluation and management codes")
        composer.say(f"59 and X{{EPSU}} never go on {edit.column2}, and 25 goes on a visit: which modifier fits here, the data do not say.", rule)
    elif visit and other and other.is_visit:
        manual = context.codebook.publication("mcpm-12")
        words = "visits of one day by one physician, or one group and specialty, are one level"
        rule = of_publication(Citation(manual, "sections 30.6.5 and 30.6.7"), words)
        text = "Two visits of one day by one physician, or by one group and specialty, are combined into one level of service"
        composer.say(f"{text}; both are reported only when they were for unrelated problems at different times, with 25 on {visit}.", rule)
    elif visit and other:
        row = other.row
        extra: tuple[Evidence, ...] = (of_fee(row),) if row else ()
        if row and row.global_days == "090":
            rule = of_publication(Citation(manual, "Chapter I, section D"), "modifier 57 on the visit that led to a major operation")
            text = f"Append modifier 57 to {visit} when that visit led to the decision for {other.code.code}, a major operation (global period 090)"
            composer.say(f"{text}; 25 when it is a separate visit for something else.", rule, *extra)
        else:
            rule = of_publication(Citation(manual, "Chapter I, section D"), "modifier 25 on a significant, separately identifiable visit")
            text = f"Append modifier 25 to {visit} when the visit is significant and separately identifiable from {other.code.code}"
            later = [r for r in context.codebook.fee_releases(other.code.code) if r.global_days == "090"]
            words = " 57 takes its place when the visit led to the decision to operate: other releases give the global period 090."
            major = words if later and not row else ""
            composer.say(f"{text}: the usual work before and after the procedure is not enough.{major}", rule, *extra)
        composer.suggest("What is modifier 25?", "When may a visit be billed with a procedure?")
    else:
        rule = of_publication(Citation(manual, "Chapter I, section E"), "59 or X{EPSU}, or an anatomic modifier, for a distinct service")
        text = f"Append 59 or, where it says more, XE, XS, XP or XU (or a modifier of side or site) to {edit.column2}"
        composer.say(f"{text}, only when the record shows a different site, session, lesion, injury or practitioner.", rule)
        composer.suggest("When may modifier 59 be used?", f"Which modifiers fit {edit.column2}?")


def _no_edit(composer: Composer, a: CodeFacts, b: CodeFacts, dated: Dated[list[Edit]], context: Context, headed: bool) -> None:
    one, two = a.code.code, b.code.code
    source = dated.source
    assert source is not None
    evidence = of_source(source, f"edits {one}/{two} and {two}/{one}", f"no edit in force on {day(context.date)}")
    if dated.stale and source.valid_to:
        newest = f"the newest release loaded, {source.release} ({context.setting}, to {day(source.valid_to)})"
        composer.say(f"No PTP edit is in force between {one} and {two} in {newest}; a later one may hold one.", evidence)
    else:
        text = f"No PTP edit is in force between {one} and {two} ({context.setting}, release {source.release}), so NCCI does not bundle them."
        composer.say(text, evidence)
    if not headed:
        composer.say(f"That alone does not make both payable: {STILL_APPLY}.", evidence)
    for f in (a, b):
        if f.row and f.row.status in ("B", "P", "I", "N", "X"):
            meaning = f.meaning("status")
            composer.say(
                f"{f.code.code} has fee schedule status {f.row.status}: {meaning.meaning if meaning else ''}",
                *f.indicator_evidence("status"),
            )
    pair = {one: a, two: b}
    visit = next((code for code, f in pair.items() if f.is_visit), None)
    surgery = next((f for f in pair.values() if f.row and f.row.global_days in ("000", "010", "090")), None)
    if visit and surgery and surgery.row:
        modifier = "57 (decision for surgery) or 25" if surgery.row.global_days == "090" else "25"
        text = f"{surgery.code.code} has a global period of {surgery.row.global_days}: {visit} on the same day needs modifier {modifier}."
        composer.say(text, *surgery.indicator_evidence("global_days"))


def _interval(composer: Composer, edit: Edit, context: Context) -> None:
    """An interval that is not the one in force."""
    evidence = of_edit(edit)
    if edit.indicator == 9:
        composer.say(f"An edit {edit.column1}/{edit.column2} was withdrawn from its first day (indicator 9).", evidence)
    elif edit.deleted and edit.deleted < context.date:
        start = f"began on {day(edit.effective)} and " if edit.effective else ""
        interval = f"(column 1 {edit.column1}, column 2 {edit.column2}, indicator {edit.indicator})"
        composer.say(f"An older interval of the edit {interval} {start}ended on {day(edit.deleted)}.", evidence)
    else:
        end = f" to {day(edit.deleted)}" if edit.deleted else ""
        start = day(edit.effective) if edit.effective else "a date that the file does not give"
        composer.say(f"Another interval of the edit (column 1 {edit.column1}, indicator {edit.indicator}) runs from {start}{end}.", evidence)


def _add_on_tie(composer: Composer, a: CodeFacts, b: CodeFacts) -> bool:
    """Say when one code is the add-on of the other."""
    tied = False
    for add_on, other in ((a, b), (b, a)):
        for item in add_on.primaries.value or []:
            if item.primary == other.code.code:
                tied = True
                text = f"{add_on.code.code} is an add-on to {other.code.code}: they are made to be billed together, {other.code.code} as primary."
                composer.say(text, of_add_on(item))
                _modifier_rules(composer, add_on)
    return tied


def _modifier_rules(composer: Composer, add_on: CodeFacts) -> None:
    """What the page of an add-on to visits says of modifier 25: G2211 is not paid beside every visit that carries it."""
    page = add_on.page
    if page and add_on.is_evaluation:
        for text in (t for t in page.billing if "modifier 25" in t.lower()):
            item = cited(text, page.citations, of_page(page, "billing", text))
            composer.say(item.text, *item.evidence)


def _lonely_add_ons(composer: Composer, facts: Sequence[CodeFacts]) -> None:
    """Say which add-ons lack a primary among the codes named."""
    named = {f.code.code for f in facts}
    for f in facts:
        rows = f.primaries.value or []
        primaries = [item.primary for item in rows if item.primary != CONTRACTOR]
        if not primaries or named & set(primaries):
            continue
        more = f" and {len(primaries) - MOST_PRIMARIES} more" if len(primaries) > MOST_PRIMARIES else ""
        also = " The contractor may define further ones." if len(primaries) < len(rows) else ""
        text = f"{f.code.code} is an add-on and needs one of its primary codes on the claim ({', '.join(primaries[:MOST_PRIMARIES])}{more})"
        others = " and ".join(sorted(named - {f.code.code}))
        verb = "is not one of them" if len(named) == 2 else "are none of them"
        composer.say(f"{text}; {others} {verb}.{also}", *(of_add_on(item) for item in rows[:MOST_PRIMARIES]))


def _ask_other(composer: Composer, one: str, two: str, context: Context) -> None:
    setting = "hospital" if context.setting == "practitioner" else "practitioner"
    composer.suggest(f"Can {one} and {two} go together for a {setting}?", f"What is {one}?", f"What is {two}?")
