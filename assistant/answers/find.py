"""A code from words."""

from __future__ import annotations

from assistant.answer import Answer, Composer, Evidence, Status
from assistant.answers.modifier import opening
from assistant.context import Context, answers
from assistant.evidence import cited, of_code, of_fee, of_modifier, of_page
from assistant.in_force import in_force_first, last_row
from assistant.phi import mask
from assistant.question import Kind, Question
from assistant.retrieval import CodeHit
from corpus.model import Code, System

MOST = 8
# A hit is the answer when its term holds all the words or means nearly the same; it is worth showing when it is near.
SAME, CLOSE, NEAR, MOST_WORDS = 0.8, 0.6, 0.35, 0.6
MARGIN = 0.15  # further hits that are less like the words than the best one by more than this are left out


def is_answer(hit: CodeHit) -> bool:
    """Whether a hit says what was asked."""
    return hit.similarity >= SAME or hit.share >= 0.99


def is_near(hit: CodeHit) -> bool:
    """Whether a hit is near enough to be shown."""
    return is_answer(hit) or hit.similarity >= CLOSE or (hit.share >= MOST_WORDS and hit.similarity >= NEAR)


@answers(Kind.FIND)
def answer(question: Question, context: Context) -> Answer:
    """The codes whose terms mean what the words say, the best first."""
    composer = context.composer(question)
    subject = question.subject or question.text
    found = _primaries_first([hit for hit in context.finder.codes(subject, question.system, MOST) if is_near(hit)], context)
    if not found:
        composer.say(f"I found no code for “{mask(subject)}” in what is loaded. Try other words, or name the code set.")
        composer.suggest("What can you answer?")
        return composer.answer(Status.NO_DATA)
    hits = [hit for hit in found if hit.share >= found[0].share or hit.similarity >= found[0].similarity - MARGIN]
    hits = in_force_first(context.codebook, hits, context.date)
    if is_answer(hits[0]):
        _best(composer, hits[0], context)
        others, heading = hits[1:], "Also near"
    else:
        composer.say(f"No term that is loaded says exactly “{mask(subject)}”.")
        others, heading = hits, "The nearest entries"
    composer.heading(heading)
    for hit in others:
        _line(composer, hit, context)
    for hit in hits[:3]:
        what = "modifier " if hit.system is System.MODIFIER else ""
        composer.suggest(f"What is {what}{hit.code}?")
    return composer.answer()


def _primaries_first(hits: list[CodeHit], context: Context) -> list[CodeHit]:
    """An add-on that leads gives way to its primary code when that was found too: it is never reported alone."""
    if not hits or hits[0].system not in (System.CPT, System.HCPCS):
        return hits
    primaries = {item.primary for item in context.codebook.primaries(hits[0].code, context.date).value or []}
    first = next((hit for hit in hits if hit.code in primaries), None)
    return [first, *(hit for hit in hits if hit is not first)] if first else hits


def _best(composer: Composer, hit: CodeHit, context: Context) -> None:
    book = context.codebook
    composer.about(hit.system, hit.code)
    if hit.system is System.MODIFIER:
        if modifier := book.modifier(hit.code):
            opening(composer, modifier)
        return
    code = book.code(hit.code, hit.system)
    if code is None:
        return
    page = book.page(hit.code)
    if page:
        composer.say(f"{page.system} {page.code}: {page.title}.", of_page(page, "title", page.title))
        summary = cited(page.summary, page.citations, of_page(page, "description", page.summary))
        composer.say(summary.text, *summary.evidence)
        return
    name = "ICD-10-CM" if code.system is System.ICD10CM else str(code.system)
    state = "billable" if code.billable else "not billable"
    note = state if code.system is System.ICD10CM else hit.outside
    composer.say(f"{name} {code.code}: {code.title}{f' ({note})' if note else ''}.", of_code(code), *_of_last(hit, context))
    if hit.term.lower() != code.title.lower():
        composer.say(f"Found by its term “{hit.term}”.", of_code(code))
    _specific(composer, code, context)


def _specific(composer: Composer, code: Code, context: Context) -> None:
    if code.billable:
        return
    composer.heading("More specific codes")
    for child in context.codebook.children(code.code)[:10]:
        composer.say(f"{child.code} {child.title}{'' if child.billable else ' (has more specific codes)'}", of_code(child), bullet=True)


def _line(composer: Composer, hit: CodeHit, context: Context) -> None:
    book = context.codebook
    if hit.system is System.MODIFIER:
        if modifier := book.modifier(hit.code):
            composer.about(hit.system, hit.code)
            composer.say(f"Modifier {hit.code}: {modifier.title}", of_modifier(modifier, "title", modifier.title), bullet=True)
    elif code := book.code(hit.code, hit.system):
        composer.about(hit.system, hit.code)
        page = book.page(hit.code)
        title = page.title if page else code.title
        more = " (has more specific codes)" if code.system is System.ICD10CM and not code.billable else ""
        if hit.outside:
            more = f" ({hit.outside})"
        shown = of_page(page, "title", title) if page else of_code(code)
        composer.say(f"{hit.code}: {title}{more}", shown, *_of_last(hit, context), bullet=True)


def _of_last(hit: CodeHit, context: Context) -> list[Evidence]:
    """Of a CPT code that has left the fee schedule: its last row."""
    last = last_row(context.codebook, hit.code, context.date) if hit.outside and hit.system is System.CPT else None
    return [of_fee(last)] if last else []
