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
NOT_LOADED = {System.ICD10PCS: "ICD-10-PCS", System.ICD9CM: "ICD-9-CM"}  # code sets without a reader so far
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


def say_unknown(composer: Composer, mention: CodeMention, context: Context) -> None:
    """State that a code is not in the store, what it could be meant, and what to load."""
    book = context.codebook
    kind = SourceKind.ICD10CM if mention.system is System.ICD10CM else SourceKind.FEE_SCHEDULE
    sources = book.sources(kind)
    complete = [s for s in sources if not is_partial(s)]
    if mention.system is None:
        composer.say(
            f"{mention.text} has not the form of a code that I know: CPT has five characters, "
            "HCPCS a letter and four digits, ICD-10-CM three to seven characters."
        )
    elif mention.system in NOT_LOADED:
        composer.say(f"{mention.code} has the form of an {NOT_LOADED[mention.system]} code; that code set is not loaded, so I say nothing of it.")
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


def unknown_answer(question: Question, context: Context, mentions: list[CodeMention]) -> Answer:
    """The whole answer when codes of the question are unknown."""
    composer = context.composer(question)
    say_all_unknown(composer, mentions, context)
    return composer.answer(Status.NO_DATA)


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


def say_all_unknown(composer: Composer, mentions: list[CodeMention], context: Context) -> None:
    """At the end of an answer about other codes: what is not known of these."""
    for mention in mentions:
        composer.heading("")
        say_unknown(composer, mention, context)


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
