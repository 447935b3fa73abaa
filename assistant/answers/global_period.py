"""The global period of a code: its days, what it covers, and the modifiers that matter inside it."""

from __future__ import annotations

from assistant.answer import Answer, Composer, Status
from assistant.answers.parts import say_missing, say_stale
from assistant.answers.unknown import ask_for_code, only_procedures, say_all_unknown, split_known
from assistant.context import Context, answers
from assistant.evidence import number, of_add_on, of_fee
from assistant.facts import CodeFacts, facts_of
from assistant.question import Kind, Question
from corpus.model import SourceKind, System


@answers(Kind.GLOBAL_PERIOD)
def answer(question: Question, context: Context) -> Answer:
    """The global days of each code."""
    if not question.codes:
        return ask_for_code(question, context, "What is the global period of 27447?")
    known, unknown = split_known(question, context)
    procedures = [c for c in known if c.system in (System.CPT, System.HCPCS)]
    if not procedures:
        return only_procedures(question, context, known, unknown, "only procedures have a global period")
    composer = context.composer(question)
    found = False
    for code in procedures:
        composer.about(code.system, code.code)
        facts = facts_of(code, context)
        composer.heading("")
        if facts.row:
            found = True
            _days(composer, facts)
        else:
            say_missing(composer, f"{code.code} in the fee schedule", facts.fee, SourceKind.FEE_SCHEDULE, context)
        say_stale(composer, facts.fee)
        composer.suggest(f"Which modifiers fit {code.code}?", "What does the global surgical package include?")
    say_all_unknown(composer, unknown, context)
    return composer.answer(Status.ANSWERED if found else Status.NO_DATA)


def _days(composer: Composer, facts: CodeFacts) -> None:
    row = facts.row
    assert row is not None
    code, days = row.code, row.global_days
    meaning = facts.meaning("global_days")
    words = f" {meaning.meaning}" if meaning else ""
    composer.say(f"The global period of {code} is {days} ({row.source.release}).{words}", *facts.indicator_evidence("global_days"))
    if days == "ZZZ" and facts.primaries.value:
        for item in facts.primaries.value[:5]:
            primary = facts.context.codebook.fee(item.primary, facts.context.date).value
            if primary:
                text = f"Its primary code {item.primary} has the global period {primary.global_days}, which covers {code} too."
                composer.say(text, of_add_on(item), of_fee(primary))
    if row.pre is not None and row.intra is not None and row.post is not None and days in ("010", "090"):
        shares = f"{_percent(row.pre)} before, {_percent(row.intra)} for the operation, {_percent(row.post)} after"
        composer.say(f"Split of the package: {shares}; modifiers 56, 54 and 55 claim these parts.", of_fee(row))
    if days in ("000", "010", "090"):
        composer.heading("In the global period")
        visit = "57 when it led to the decision to operate" if days == "090" else "25 when it is significant and separate"
        when = f"on the day of {code} or the day before" if days == "090" else f"on the day of {code}"
        composer.say(f"A visit {when} needs modifier {visit}.", *facts.indicator_evidence("global_days"), bullet=True)
    if days in ("010", "090"):
        composer.say("An unrelated visit afterwards needs modifier 24.", *facts.indicator_evidence("global_days"), bullet=True)
        text = "A further operation needs 58 (staged or more extensive), 78 (return to the operating room) or 79 (unrelated)."
        composer.say(text, *facts.indicator_evidence("global_days"), bullet=True)


def _percent(share: float) -> str:
    return f"{number(share * 100, 0)} %"
