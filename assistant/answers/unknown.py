"""Codes that the store does not know, for every answer that needs a code: what could be meant, never a made-up meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from assistant.answer import Answer, Composer, Status
from assistant.context import Context
from assistant.evidence import how_to_load, of_code, of_source
from assistant.question import CodeMention, Question
from corpus.model import Code, SourceKind, System
from corpus.shelf import is_partial

MOST = 6
NAMES = {System.ICD10CM: "ICD-10-CM", System.ICD10PCS: "ICD-10-PCS", System.ICD9CM: "ICD-9-CM"}
KINDS = {System.ICD10CM: SourceKind.ICD10CM, System.ICD10PCS: SourceKind.ICD10PCS}  # of the list that would hold a code
LETTERS_FOR_DIGITS = str.maketrans({"O": "0", "I": "1", "L": "1", "S": "5", "B": "8", "Z": "2"})


def known_code(mention: CodeMention, context: Context) -> Code | None:
    """The code that a mention names, in the system of its shape."""
    return context.codebook.code(mention.code, mention.system)


def neighbors_in_spelling(code: str) -> Iterator[str]:
    """Codes one slip away: a letter typed for a digit, two characters swapped, one digit wrong."""
    yield code[:1] + code[1:].translate(LETTERS_FOR_DIGITS)
    yield code.translate(LETTERS_FOR_DIGITS)
    swapped = list(code)
    for i, (a, b) in enumerate(pairwise(code)):
        if a != b and "." not in (a, b):
            yield "".join([*swapped[:i], b, a, *swapped[i + 2 :]])
    for i in range(len(code) - 1, -1, -1):
        if code[i].isdigit():
            for digit in "0123456789":
                if digit != code[i]:
                    yield code[:i] + digit + code[i + 1 :]


def candidates(mention: CodeMention, context: Context) -> list[Code]:
    """Valid codes that an unknown one may stand for, best first."""
    book, found = context.codebook, dict[str, Code]()
    if mention.system is System.ICD10CM:
        stem = mention.code
        while len(stem) >= 3 and not found:
            found = {c.code: c for c in book.codes_with_prefix(stem.rstrip("."), System.ICD10CM, MOST) if c.code != mention.code}
            stem = stem[:-1]
    if mention.system is None and re.fullmatch(r"[A-V]?\d{3,4}", mention.code):  # a digit left out at the end
        system = System.HCPCS if mention.code[0].isalpha() else System.CPT
        found |= {c.code: c for c in book.codes_with_prefix(mention.code, system, MOST)}
    for guess in neighbors_in_spelling(mention.code):
        if len(found) >= MOST:
            break
        if guess != mention.code and guess not in found and (code := book.code(guess)):
            found[guess] = code
    return list(found.values())[:MOST]


def say_unknown(composer: Composer, mention: CodeMention, context: Context) -> bool:
    """State that a code is not in the store, what it could be meant, and what to load; whether something else tells of it."""
    book = context.codebook
    if mention.system is System.ICD9CM and _say_mapped(composer, mention, context):
        return True
    kind = KINDS.get(mention.system, SourceKind.FEE_SCHEDULE) if mention.system else SourceKind.FEE_SCHEDULE
    sources = book.sources(kind)
    complete = [s for s in sources if not is_partial(s)]
    if mention.system is None:
        composer.say(
            f"{mention.text} has not the form of a code that I know: CPT has five characters, "
            "HCPCS a letter and four digits, ICD-10-CM three to seven characters."
        )
    elif mention.system is System.ICD9CM or (mention.system is System.ICD10PCS and not sources):
        composer.say(f"{mention.code} has the form of an {NAMES[mention.system]} code; that code set is not loaded, so I say nothing of it.")
    elif complete:
        newest = complete[-1]
        evidence = of_source(newest, "code list", f"{mention.code} is not among its {newest.rows:,} rows")
        composer.say(f"{mention.code} is not in {newest.label}.", evidence)
        parts = [s.release for s in sources if is_partial(s)]
        if parts:
            composer.say(f"Of the other releases ({', '.join(parts)}) only a part is loaded, so it may stand in one of them.")
    else:
        composer.say(f"I have no data on {mention.code}. {how_to_load(kind)}")
    guesses = candidates(mention, context)
    if guesses:
        composer.heading("Did you mean")
        for code in guesses:
            state = "" if code.billable else " (not billable, has more specific codes)"
            composer.say(f"{code.code}: {code.title or 'no descriptor loaded'}{state}", of_code(code), bullet=True)
            composer.suggest(f"What is {code.code}?")
    return False


def _say_mapped(composer: Composer, mention: CodeMention, context: Context) -> bool:
    """An ICD-9-CM code by its general equivalence mapping, which has no titles of that code set; whether the mapping lists it."""
    found = context.codebook.mappings.of(mention.code, System.ICD9CM, System.ICD10CM, context.date)
    if not found.value or not (source := found.source):
        return False
    evidence = of_source(source, mention.code, "; ".join(f"{m.code} → {m.target or 'no code'} ({m.relation})" for m in found.value))
    composer.say(
        f"{mention.code} is an ICD-9-CM code. Its titles are not loaded; the general equivalence mapping of {source.release} tells:", evidence
    )
    for mapping in found.value:
        target = context.codebook.code(mapping.target, System.ICD10CM) if mapping.target else None
        title = f" {target.title}" if target else ""
        part = f", scenario {mapping.scenario}, choice {mapping.choice}" if mapping.scenario else ""
        text = "no ICD-10-CM code corresponds" if mapping.is_none else f"ICD-10-CM {mapping.target}{title} ({mapping.relation} match{part})"
        composer.say(f"{text}.", evidence, *((of_code(target),) if target else ()), bullet=True)
        if target:
            composer.about(System.ICD10CM, target.code)
            composer.suggest(f"What is {target.code}?")
    return True


def unknown_answer(question: Question, context: Context, mentions: list[CodeMention]) -> Answer:
    """The whole answer when codes of the question are unknown."""
    composer = context.composer(question)
    told = say_all_unknown(composer, mentions, context)
    return composer.answer(Status.ANSWERED if told else Status.NO_DATA)


def only_procedures(question: Question, context: Context, known: list[Code], unknown: list[CodeMention], why: str) -> Answer:
    """The whole answer when what is asked belongs to procedures and the question names none that is known."""
    if unknown:
        return unknown_answer(question, context, unknown)
    composer = context.composer(question)
    for code in known:
        composer.about(code.system, code.code)
        composer.say(f"{code.code} is a diagnosis code: {why}.", of_code(code))
        composer.suggest(f"What is {code.code}?")
    return composer.answer()


def say_all_unknown(composer: Composer, mentions: list[CodeMention], context: Context) -> bool:
    """At the end of an answer about other codes: what is not known of these; whether something else tells of one of them."""
    told = False
    for mention in mentions:
        composer.heading("")
        told = say_unknown(composer, mention, context) or told
    return told


def split_known(question: Question, context: Context) -> tuple[list[Code], list[CodeMention]]:
    """The codes of a question that the store knows, and the mentions that it does not."""
    known, unknown = dict[str, Code](), list[CodeMention]()
    for mention in question.codes:
        if code := known_code(mention, context):
            known[code.code] = code
        else:
            unknown.append(mention)
    return list(known.values()), unknown


def ask_for_code(question: Question, context: Context, what: str) -> Answer:
    """Ask back when a question names no code."""
    composer = context.composer(question)
    composer.say(f"Which code do you mean? Name it, for example: {what}")
    composer.suggest(what)
    return composer.answer(Status.UNCLEAR)
