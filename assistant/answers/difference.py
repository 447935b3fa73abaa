"""The difference between codes, or between modifiers."""

from __future__ import annotations

from itertools import pairwise

from assistant.answer import Answer, Composer, Status
from assistant.answers.modifier import opening
from assistant.answers.parts import descriptor_note, say_primaries, say_stale, title_evidence
from assistant.answers.unknown import ask_for_code, say_all_unknown, split_known, unknown_answer
from assistant.context import Context, answers
from assistant.evidence import cited, number, of_code, of_fee, of_modifier, of_note, of_page, of_units
from assistant.facts import CodeFacts, facts_of
from assistant.question import Kind, Question
from corpus.model import Modifier, System


@answers(Kind.DIFFERENCE)
def answer(question: Question, context: Context) -> Answer:
    """Compare the codes named, or the modifiers when no codes are."""
    if len(question.codes) < 2 and len(question.modifiers) >= 2:
        return _modifiers(question, context)
    if len(question.codes) < 2:
        return ask_for_code(question, context, "What is the difference between 99213 and 99214?")
    known, unknown = split_known(question, context)
    if not known:
        return unknown_answer(question, context, unknown)
    composer = context.composer(question)
    for code in known:
        composer.about(code.system, code.code)
    facts = [facts_of(c, context) for c in known if c.system in (System.CPT, System.HCPCS)]
    for a, b in pairwise(facts):
        _deciding_fact(composer, a, b)
    for one in facts:
        composer.heading(one.code.code)
        if one.page:
            composer.say(f"{one.page.title}.", of_page(one.page, "title", one.page.title))
            summary = cited(one.page.summary, one.page.citations, of_page(one.page, "description", one.page.summary))
            composer.say(summary.text, *summary.evidence)
        elif one.code.title:
            composer.say(f"{one.code.title} ({descriptor_note(one.code)}).", title_evidence(one))
        else:
            composer.say("Codebook has no page that describes it, only facts.", of_code(one.code))
        say_primaries(composer, one)
    for code in known:
        if code.system is System.ICD10CM:
            composer.heading(code.code)
            composer.say(f"{code.title} ({'billable' if code.billable else 'not billable'}).", of_code(code))
            for note in [n for n in context.codebook.notes(code) if n.code == code.code][:4]:
                composer.say(f"{note.kind.replace('_', ' ').capitalize()}: {note.text}", of_note(note), bullet=True)
    say_all_unknown(composer, unknown, context)
    _table(composer, facts)
    say_stale(composer, *(f.fee for f in facts))
    if len(facts) >= 2:
        composer.suggest(f"Can {facts[0].code.code} and {facts[1].code.code} go together?", *(f"What is {f.code.code}?" for f in facts[:2]))
    return composer.answer()


def _deciding_fact(composer: Composer, a: CodeFacts, b: CodeFacts) -> None:
    """What one page says of the other code."""
    for one, other in ((a, b), (b, a)):
        for neighbor in one.page.neighbors if one.page else ():
            if one.page and neighbor.code == other.code.code:
                item = cited(neighbor.difference, one.page.citations, of_page(one.page, "neighbors", neighbor.difference))
                composer.say(f"{one.code.code} against {other.code.code}: {item.text}", *item.evidence)


def _table(composer: Composer, facts: list[CodeFacts]) -> None:
    rows = [f.row for f in facts]
    if sum(row is not None for row in rows) < 2:
        return
    lines = {
        "Status": [r.status if r else "" for r in rows],
        "Global days": [r.global_days if r else "" for r in rows],
        "Work RVU": [number(r.work) if r else "" for r in rows],
        "Total RVU non-facility": [number(r.total_nonfacility) if r else "" for r in rows],
        "Total RVU facility": [number(r.total_facility) if r else "" for r in rows],
        "Bilateral": [r.bilateral if r else "" for r in rows],
        "Add-on": ["yes" if f.is_add_on else "no" for f in facts],
        "MUE": [str(f.units.value.units) if f.units.value else "" for f in facts],
    }
    evidence = [of_fee(r) for r in rows if r] + [of_units(f.units.value) for f in facts if f.units.value]
    table = [(name, *values) for name, values in lines.items()]
    composer.table("Side by side", ("Fact", *(f.code.code for f in facts)), table, *evidence)


def _modifiers(question: Question, context: Context) -> Answer:
    composer = context.composer(question)
    known = [m for name in question.modifiers if (m := context.codebook.modifier(name))]
    for modifier in known:
        composer.heading("")
        for name, note in modifier.together:
            if name in question.modifiers:
                item = cited(note, modifier.citations, of_modifier(modifier, "with", note))
                composer.say(f"{modifier.code} and {name}: {item.text}", *item.evidence)
    for modifier in known:
        composer.heading(f"Modifier {modifier.code}")
        opening(composer, modifier)
        _use(composer, modifier)
        composer.suggest(f"What is modifier {modifier.code}?")
    composer.heading("")
    for name in question.modifiers:
        if not context.codebook.modifier(name):
            composer.say(f"I have no modifier {name}.")
    return composer.answer(Status.ANSWERED if known else Status.NO_DATA)


def _use(composer: Composer, modifier: Modifier) -> None:
    for lead, section, texts in (("Use it", "when", modifier.when[:2]), ("Not", "when not", modifier.when_not[:1])):
        for text in texts:
            item = cited(text, modifier.citations, of_modifier(modifier, section, text))
            composer.say(f"{lead}: {item.text}", *item.evidence, bullet=True)
