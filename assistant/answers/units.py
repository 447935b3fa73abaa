"""Units: the Medically Unlikely Edit of a code, its adjudication indicator, and what to do above it."""

from __future__ import annotations

from assistant.answer import Answer, Composer, Status
from assistant.answers.parts import meaning_evidence, say_missing, say_stale
from assistant.answers.unknown import ask_for_code, only_procedures, say_all_unknown, split_known
from assistant.context import Context, answers
from assistant.evidence import cited, of_page, of_source, of_units
from assistant.facts import CodeFacts, facts_of
from assistant.question import Kind, Question
from corpus.model import Setting, SourceKind, System, UnitLimit
from corpus.shelf import is_partial

ABOVE = {
    1: "Each claim line is held against the limit: more units on a further line, with a modifier that says why, may be paid.",
    2: "The limit counts all lines of the day and follows from the code itself, anatomy or statute: more units are not paid.",
    3: "The limit counts all lines of the day and rests on clinical data: more units are denied first and may be paid on appeal.",
}


@answers(Kind.UNITS)
def answer(question: Question, context: Context) -> Answer:
    """The MUE of each code, in the setting asked for and, in a table, in all settings."""
    if not question.codes:
        return ask_for_code(question, context, "How many units of 63044 may be billed?")
    known, unknown = split_known(question, context)
    procedures = [c for c in known if c.system in (System.CPT, System.HCPCS)]
    if not procedures:
        return only_procedures(question, context, known, unknown, "units and MUE belong to procedures and supplies")
    composer = context.composer(question)
    found = False
    for code in procedures:
        composer.about(code.system, code.code)
        facts = facts_of(code, context)
        composer.heading("" if len(procedures) == 1 else code.code)
        if limit := facts.units.value:
            found = True
            _limit(composer, facts, limit, question.quantity)
        else:
            _missing(composer, facts, context)
        _other_settings(composer, facts, context)
        _page_words(composer, facts)
        say_stale(composer, facts.units)
        composer.suggest(f"What is {code.code}?", f"Which modifiers fit {code.code}?", "What do the MUE adjudication indicators mean?")
    say_all_unknown(composer, unknown, context)
    return composer.answer(Status.ANSWERED if found else Status.NO_DATA)


def _limit(composer: Composer, facts: CodeFacts, limit: UnitLimit, quantity: int | None) -> None:
    code, noun = limit.code, "unit" if limit.units == 1 else "units"
    evidence = (of_units(limit), *meaning_evidence(facts, "mai", str(limit.mai)))
    per = "claim line" if limit.mai == 1 else "day"
    composer.say(
        f"At most {limit.units} {noun} of {code} per {per} for one patient by one provider ({limit.setting}, MUE {limit.source.release}).",
        evidence[0],
    )
    if quantity is not None and quantity > limit.units:
        composer.say(f"{quantity} units are above the limit of {limit.units}.", evidence[0])
    elif quantity is not None:
        verb = "unit is" if quantity == 1 else "units are"
        composer.say(f"{quantity} {verb} within the limit of {limit.units}.", evidence[0])
        composer.say("The limit is no allowance: each unit must be needed, done and recorded.", *evidence)
    if limit.units == 0:
        composer.say(f"No unit of {code} is paid in this setting. MAI {limit.mai}. Rationale: {limit.rationale}.", *evidence)
        return
    composer.say(f"MAI {limit.mai}: {ABOVE[limit.mai]} Rationale: {limit.rationale}.", *evidence)
    if facts.is_add_on and facts.primaries.value:
        first = facts.primaries.value[0].primary
        composer.say(f"As an add-on it also needs its primary code on the claim ({first}).", *facts.add_on_evidence)


def _missing(composer: Composer, facts: CodeFacts, context: Context) -> None:
    """No MUE: the shipped tables hold every MUE of a code that has a page, so that for these its absence is a fact."""
    source, code = facts.units.source, facts.code.code
    if facts.page and source and is_partial(source):
        evidence = of_source(source, f"row {code}", f"no row for {code}")
        composer.say(f"{source.label} has no MUE for {code} ({context.setting}). A code without one may still have a confidential limit.", evidence)
    else:
        say_missing(composer, f"the MUE of {code} ({context.setting})", facts.units, SourceKind.MUE, context)


def _other_settings(composer: Composer, facts: CodeFacts, context: Context) -> None:
    """MUE values differ between the three tables."""
    limits = [context.codebook.unit_limit(facts.code.code, context.date, setting).value for setting in Setting]
    found = [item for item in limits if item]
    rows = [(str(i.setting), str(i.units), str(i.mai), i.rationale, i.source.release) for i in found]
    columns = ("Setting", "Units", "MAI", "Rationale", "Release")
    composer.table(f"MUE of {facts.code.code}", columns, rows, *(of_units(item) for item in found))


def _page_words(composer: Composer, facts: CodeFacts) -> None:
    """What the page says of units."""
    if not facts.page:
        return
    texts = [t for t in facts.page.billing if "unit" in t.lower()]
    if texts:
        composer.heading("Counting units")
    for text in texts:
        item = cited(text, facts.page.citations, of_page(facts.page, "billing", text))
        composer.say(item.text, *item.evidence, bullet=True)
