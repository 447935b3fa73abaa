"""Which modifiers fit a code, or whether one modifier may stand on it: usable, not usable, or on a condition, with why."""

from __future__ import annotations

from assistant.answer import Answer, Composer, Status
from assistant.answers.parts import say_missing, say_stale
from assistant.answers.unknown import ask_for_code, only_procedures, say_all_unknown, split_known
from assistant.context import Context, answers
from assistant.evidence import cited, of_modifier
from assistant.facts import CodeFacts, facts_of
from assistant.question import Kind, Question
from assistant.reconcile import Fit, Verdict, reconcile
from corpus.model import SourceKind, System

HEADINGS = {Fit.USABLE: "Usable", Fit.CONDITION: "Usable on a condition", Fit.NOT_USABLE: "Not usable"}
LEADS = {
    Fit.USABLE: "Yes: modifier {} on {} is usable",
    Fit.CONDITION: "Only on a condition: modifier {} on {}",
    Fit.NOT_USABLE: "No: modifier {} on {} is not usable",
}


@answers(Kind.MODIFIERS_FOR_CODE)
def answer(question: Question, context: Context) -> Answer:
    """All modifiers for the codes named, or the verdict on the modifiers named."""
    if not question.codes:
        return ask_for_code(question, context, "Which modifiers fit 63044?")
    known, unknown = split_known(question, context)
    procedures = [code for code in known if code.system in (System.CPT, System.HCPCS)]
    if not procedures:
        return only_procedures(question, context, known, unknown, "modifiers go on CPT and HCPCS codes only")
    composer = context.composer(question)
    attached = tuple(m for mention in question.codes for m in mention.modifiers)
    asked = tuple(dict.fromkeys((*question.modifiers, *attached)))
    status = Status.ANSWERED
    for code in procedures:
        composer.about(code.system, code.code)
        facts = facts_of(code, context)
        if facts.row is None:
            composer.heading("")
            say_missing(composer, f"{code.code} in the fee schedule", facts.fee, SourceKind.FEE_SCHEDULE, context)
            status = Status.NO_DATA if len(procedures) == 1 else status
        verdicts = reconcile(facts)
        if asked:
            _asked(composer, facts, asked, verdicts)
        elif facts.row is not None:
            _all(composer, facts, verdicts)
            status = Status.ANSWERED
        say_stale(composer, facts.fee, facts.primaries)
    say_all_unknown(composer, unknown, context)
    return composer.answer(status)


def _all(composer: Composer, facts: CodeFacts, verdicts: list[Verdict]) -> None:
    code = facts.code.code
    for fit, heading in HEADINGS.items():
        composer.heading(f"{heading} on {code}")
        grouped: dict[str, list[Verdict]] = {}
        for verdict in verdicts:
            if verdict.fit is fit:
                grouped.setdefault(verdict.why, []).append(verdict)
        for why, members in grouped.items():
            names = ", ".join(v.modifier for v in members)
            composer.say(f"{names}: {why}.", *members[0].evidence, bullet=True)
    rows = [(v.modifier, str(v.fit), v.why) for v in verdicts]
    composer.table(f"Modifiers on {code}", ("Modifier", "Verdict", "Why"), rows, *(v.evidence[0] for v in verdicts if v.evidence))
    usable = [v.modifier for v in verdicts if v.fit is not Fit.NOT_USABLE]
    composer.suggest(*(f"What is modifier {m}?" for m in usable[:2]), f"What is {code}?")


def _asked(composer: Composer, facts: CodeFacts, asked: tuple[str, ...], verdicts: list[Verdict]) -> None:
    by_modifier = {v.modifier: v for v in verdicts}
    code = facts.code.code
    for name in asked:
        composer.heading("")
        modifier = facts.context.codebook.modifier(name)
        verdict = by_modifier.get(name)
        if verdict:
            composer.say(f"{LEADS[verdict.fit].format(name, code)}: {verdict.why}.", *verdict.evidence)
        elif facts.row is None:
            composer.say(f"Without the facts of {code} for this date I give no verdict on modifier {name}.")
        elif modifier:
            text = f"No indicator of {code} decides on modifier {name}; its own rule does: {modifier.meaning}"
            item = cited(text, modifier.citations, of_modifier(modifier, "meaning", modifier.meaning))
            composer.say(item.text, *item.evidence)
        else:
            composer.say(f"I have no modifier {name}.")
        if modifier:
            composer.about(System.MODIFIER, name)
            for text in modifier.when_not[:3]:
                composer.heading(f"When not to use {name}")
                item = cited(text, modifier.citations, of_modifier(modifier, "when not", text))
                composer.say(item.text, *item.evidence, bullet=True)
            composer.suggest(f"What is modifier {name}?")
    composer.suggest(f"Which modifiers fit {code}?")
