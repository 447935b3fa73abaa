"""Add-on codes and their primaries, both ways."""

from __future__ import annotations

from assistant.answer import Answer, Composer, Status
from assistant.answers.parts import say_missing, say_primaries, say_stale
from assistant.answers.unknown import ask_for_code, only_procedures, say_all_unknown, split_known
from assistant.context import Context, answers
from assistant.evidence import cited, of_add_on, of_fee, of_page
from assistant.facts import CodeFacts, facts_of
from assistant.question import Kind, Question
from corpus.model import AddOn, SourceKind, System
from corpus.shelf import is_partial

MOST = 25


@answers(Kind.ADD_ON)
def answer(question: Question, context: Context) -> Answer:
    """Whether each code is an add-on, to what, and which add-ons go with it."""
    if not question.codes:
        return ask_for_code(question, context, "Is 63044 an add-on code?")
    known, unknown = split_known(question, context)
    procedures = [code for code in known if code.system in (System.CPT, System.HCPCS)]
    if not procedures:
        return only_procedures(question, context, known, unknown, "add-on and primary codes are procedures")
    composer = context.composer(question)
    decided = False
    for code in procedures:
        composer.about(code.system, code.code)
        facts = facts_of(code, context)
        of_it = context.codebook.add_ons(code.code, context.date)
        composer.heading("")
        decided = decided or facts.is_add_on or bool(of_it.value) or facts.row is not None
        if facts.is_add_on:
            say_primaries(composer, facts)
            _primary_table(composer, facts)
        else:
            _not_add_on(composer, facts, context)
        if of_it.value:
            _its_add_ons(composer, code.code, of_it.value, context)
        say_stale(composer, facts.primaries, of_it)
        _page_words(composer, facts)
    say_all_unknown(composer, unknown, context)
    return composer.answer(Status.ANSWERED if decided else Status.NO_DATA)


def _not_add_on(composer: Composer, facts: CodeFacts, context: Context) -> None:
    row, code = facts.row, facts.code.code
    if row:
        composer.say(f"{code} is not an add-on code: its global period is {row.global_days} and no add-on edit lists it as one.", of_fee(row))
    elif facts.primaries.source is None or is_partial(facts.primaries.source):
        say_missing(composer, f"{code} in the add-on code edits", facts.primaries, SourceKind.ADD_ON, context)


def _primary_table(composer: Composer, facts: CodeFacts) -> None:
    rows = facts.primaries.value or []
    book = facts.context.codebook
    table = []
    for item in rows[:MOST]:
        primary = book.fee(item.primary, facts.context.date).value
        page = book.page(item.primary)
        title = page.title if page else (primary.descriptor if primary else "")
        table.append((item.primary, title, primary.status if primary else "", primary.global_days if primary else "", str(item.type)))
    columns = ("Primary code", "Title", "Status", "Global days", "Edit type")
    composer.table(f"Primary codes of {facts.code.code}", columns, table, *(of_add_on(item) for item in rows[:MOST]))
    composer.suggest(f"Difference between {facts.code.code} and {rows[0].primary}?" if rows else f"What is {facts.code.code}?")


def _its_add_ons(composer: Composer, primary: str, items: list[AddOn], context: Context) -> None:
    composer.heading(f"Add-on codes of {primary}")
    for item in items[:MOST]:
        page = context.codebook.page(item.add_on)
        kind = {1: "", 2: ", the contractor defines further primaries", 3: ", the contractor may define further primaries"}[item.type]
        title = f": {page.title}" if page else ""
        composer.say(f"{item.add_on}{title} (type {item.type}{kind})", of_add_on(item), bullet=True)
        composer.suggest(f"What is {item.add_on}?")
    if len(items) > MOST:
        composer.say(f"and {len(items) - MOST} more.", *(of_add_on(item) for item in items[MOST : MOST + 2]), bullet=True)


def _page_words(composer: Composer, facts: CodeFacts) -> None:
    """What the page says of add-on use."""
    book = facts.context.codebook
    if not facts.page or any(source.valid_from and source.valid_from > facts.context.date for source in book.sources(SourceKind.ADD_ON)):
        return  # the page speaks of the newest file
    texts = [t for t in facts.page.billing if "add-on" in t.lower() or "primary" in t.lower()]
    if texts:
        composer.heading("Billing")
    for text in texts:
        item = cited(text, facts.page.citations, of_page(facts.page, "billing", text))
        composer.say(item.text, *item.evidence, bullet=True)
