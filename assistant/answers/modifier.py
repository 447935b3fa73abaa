"""What is a modifier: meaning, when, when not, an example, the effect on payment."""

from __future__ import annotations

from assistant.answer import Answer, Composer, Status
from assistant.answers.official import say_entry
from assistant.answers.parts import say_stale
from assistant.context import Context, answers
from assistant.evidence import cited, day, of_hcpcs, of_modifier, of_source
from assistant.question import Kind, Question
from corpus.lookups.hcpcs import HcpcsEntry
from corpus.model import Modifier, System

SETTINGS = {"asc": "ASC", "dme": "DME supplier"}


@answers(Kind.MODIFIER)
def answer(question: Question, context: Context) -> Answer:
    """Answer for every modifier named."""
    composer = context.composer(question)
    if not question.modifiers:
        composer.say("Which modifier do you mean? For example: What is modifier 25?")
        composer.suggest("What is modifier 25?", "What is modifier 59?")
        return composer.answer(Status.UNCLEAR)
    status = Status.NO_DATA
    for code in question.modifiers:
        listed = context.codebook.hcpcs.entry(code, context.date, System.MODIFIER)
        entry, brief = listed.value, len(question.modifiers) > 1
        if found := context.codebook.modifier(code):
            describe(composer, found, brief)
            status = Status.ANSWERED
        elif entry:
            composer.heading(code if brief else "")
            composer.say(f"Modifier {code}: {entry.title or 'listed without a description'}.", of_hcpcs(entry))
            composer.about(System.MODIFIER, code)
            status = Status.ANSWERED
        else:
            composer.heading("")
            composer.say(f"I have no modifier {code}.")
            if source := listed.source:
                evidence = of_source(source, "modifiers", f"no row for modifier {code}")
                composer.say(f"{source.label}, the newest list of modifiers loaded for {day(context.date)}, does not have it.", evidence)
        if entry and not brief:
            _say_official(composer, entry, context)
            say_stale(composer, listed)
    return composer.answer(status)


def _say_official(composer: Composer, entry: HcpcsEntry, context: Context) -> None:
    """What the HCPCS Level II file says of a modifier, beside our own page of it."""
    if entry.title and context.codebook.modifier(entry.code):
        composer.heading("Official wording")
        composer.say(f"{entry.title} (HCPCS Level II {entry.source.release}).", of_hcpcs(entry))
    say_entry(composer, entry, context)


def opening(composer: Composer, modifier: Modifier) -> None:
    """Title and meaning."""
    item = cited(modifier.meaning, modifier.citations, of_modifier(modifier, "meaning", modifier.meaning))
    composer.say(f"Modifier {modifier.code}: {modifier.title}.", of_modifier(modifier, "title", modifier.title))
    composer.say(item.text, *item.evidence)
    composer.about(System.MODIFIER, modifier.code)


def describe(composer: Composer, modifier: Modifier, brief: bool = False) -> None:
    """A modifier, whole or in short."""
    composer.heading(modifier.code if brief else "")
    opening(composer, modifier)
    if brief:
        return
    for heading, section, texts in (
        ("When to use it", "when", modifier.when),
        ("When not", "when not", modifier.when_not),
        ("Example", "example", (modifier.example,)),
        ("Payment", "payment", (modifier.payment,)),
        ("Together with", "with", tuple(f"{code}: {note}" for code, note in modifier.together)),
    ):
        composer.heading(heading)
        for text in texts:
            item = cited(text, modifier.citations, of_modifier(modifier, section, text))
            composer.say(item.text, *item.evidence, bullet=len(texts) > 1)
    for code, _ in modifier.together[:2]:
        composer.suggest(f"Difference between modifier {modifier.code} and {code}?")
    composer.heading("Accepted from")
    names = ", ".join(SETTINGS.get(s, s) for s in modifier.settings)
    composer.say(f"{names[:1].upper()}{names[1:]}.", of_modifier(modifier, "settings", ", ".join(modifier.settings)))
