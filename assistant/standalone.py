"""Questions in words: each kind has its sentence, and the sentence parses to the question again."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

from assistant.question import CodeMention, Kind, Question
from corpus.model import Setting, System

NAMES = {
    System.CPT: "CPT", System.HCPCS: "HCPCS", System.ICD10CM: "ICD-10-CM", System.ICD10PCS: "ICD-10-PCS", System.ICD9CM: "ICD-9",
    System.MODIFIER: "modifier", None: "code",
}  # fmt: skip
BILLERS = {Setting.PRACTITIONER: "for a practitioner", Setting.FACILITY: "for a facility", Setting.DME: "for a DME supplier"}

# Sections of a code's page: the words that ask for each ("and its dx?"), and the sentence that asks for it of a code.
SECTIONS: tuple[tuple[str, str], ...] = (
    (
        r"\bdocument(?:s|ed|ation)?\b(?: requirements?)?|\b(?:chart|op(?:erative)? note|note|record)s? (?:must|should|needs?|ha(?:s|ve) to)\b"
        r"|\b(?:must|should|does) (?:the |my |our )?(?:chart|op(?:erative)? note|note|record)\b|\bchart(?:ed|ing)\b",
        "What must the documentation for {} show",
    ),
    (r"\bsteps?\b|\btechnique\b|\bhow (?:is|are|was|do (?:i|you|they))\b.{0,60} (?:done|performed)\b", "What are the steps of {}"),
    (r"\bafterwards?\b|\baftercare\b|\brecovery\b|\bfollow-?\s?up\b(?! (?:visit|days|exam|encounter|code))", "What is the recovery after {}"),
    (
        r"\b(?:diagnos[ie]s|dx|icd(?!-?\s?9)(?:-?\s?10)?(?:-?\s?cm)?)\b(?!-?\s?(?:pcs|10|cm))(?: (?:diagnos[ie]s|dx))?(?: codes?)?(?!\W*\w*\d)\b",
        "Which diagnoses go with {}",
    ),
    (
        r"\ban(?:a)?esthesia codes?\b(?!\W*\w*\d)|^[^\d]*\ban(?:a)?esthesia\W*$|\b(?:which|what) an(?:a)?esthesia\b",
        "What is the anesthesia code for {}",
    ),
    (r"\bhistory\b(?! of (?!\W*(?:(?:it|this|that|the|code|cpt|hcpcs)\b|\w*\d)))|\brevised\b|\brevisions?\b", "What is the history of {}"),
    (
        r"\bindications?\b|\bwhen (?:not )?(?:is|are|to|do|does|should|can|would)\b.{0,60} used?\b|^\W*(?:and\W+)?when(?: not)?\W*$",
        "What are the indications for {}",
    ),
    (r"\b(?:similar|related|neighbou?r(?:ing|s)?|alternative)\b(?: codes?)?|\bneighbou?rs\b|\balternatives\b", "Which codes are similar to {}"),
    (
        r"\bhow (?:is|are|do (?:i|we|you)|to|should (?:i|we|you)|would (?:i|we|you))\b.{0,60} bill(?:ed)?\b|\bbilling\b|\bden(?:y|ied|ials?)\b",
        "How {is} {} billed",
    ),
)


def standalone_text(question: Question) -> str:
    """The question in words that need no turn before, with its date, setting and payer.

    Parsing it gives the same kind and codes. Questions in free words keep their own.
    """
    build = TEMPLATES.get(question.kind)
    body = build(question) if build and (question.codes or question.modifiers) else ""
    if not body:
        return question.text
    context = context_of(question.date, question.setting, question.payer)
    return f"{body}{context}{', and why' if question.why else ''}?"


def context_of(day: date | None, setting: Setting | None, payer: str | None) -> str:
    """Date, setting and payer as the end of a sentence, with a blank before it; empty when there are none."""
    parts = [BILLERS[setting] if setting else "", f"under {payer}" if payer else "", f"on {day.isoformat()}" if day else ""]
    return "".join(f" {part}" for part in parts if part)


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def codes_of(codes: Sequence[CodeMention]) -> str:
    """The codes as a list, each with its code set where its shape alone would not tell."""
    mixed = len({c.system for c in codes} - {System.CPT}) > 1
    return _listed([_code(c, mixed) for c in codes])


def _code(mention: CodeMention, mixed: bool = False) -> str:
    plain = mention.system is System.CPT or (mention.system is System.ICD10CM and "." in mention.code and not mixed)
    return "-".join((mention.code if plain else f"{NAMES[mention.system]} {mention.code}", *mention.modifiers))


def modifiers_of(modifiers: Sequence[str]) -> str:
    """The modifiers as a list with the word before them."""
    return f"modifier{'s' if len(modifiers) > 1 else ''} {_listed(modifiers)}"


def _is(items: Sequence[object]) -> str:
    return "Are" if len(items) > 1 else "Is"


def section_of(text: str) -> str | None:
    """The sentence for the section of a code's page that the words ask for; None when they ask for none."""
    return next((sentence for pattern, sentence in SECTIONS if re.search(pattern, text, re.IGNORECASE)), None)


def _what_is(question: Question) -> str:
    plain = bool(question.codes) and not any(c.modifiers for c in question.codes)
    if plain and (sentence := section_of(question.text)):
        return sentence.format(codes_of(question.codes), **{"is": _is(question.codes).lower()})
    if question.system and question.codes:
        return f"Which {NAMES[question.system]} codes fit {codes_of(question.codes)}"
    return f"What {_is(question.codes).lower()} {codes_of(question.codes)}" if question.codes else ""


def _what_modifier(question: Question) -> str:
    return f"What {_is(question.modifiers).lower()} {modifiers_of(question.modifiers)}"


def _difference(question: Question) -> str:
    return f"What is the difference between {codes_of(question.codes) if question.codes else modifiers_of(question.modifiers)}"


def _fit(question: Question) -> str:
    if not question.codes:
        return ""
    loose = [m for m in question.modifiers if not any(m in c.modifiers for c in question.codes)]
    if loose:
        return f"{_is(loose)} {modifiers_of(loose)} allowed on {codes_of(question.codes)}"
    return f"{'Is' if question.modifiers else 'Which modifiers fit'} {codes_of(question.codes)}{' right' if question.modifiers else ''}"


def _add_on(question: Question) -> str:
    codes = question.codes
    return f"{_is(codes)} {codes_of(codes)} {'add-on codes' if len(codes) > 1 else 'an add-on code'}, and what goes with it" if codes else ""


def _units(question: Question) -> str:
    if not question.codes:
        return ""
    if question.quantity is not None:
        return f"Are {question.quantity} units of {codes_of(question.codes)} allowed"
    return f"How many units of {codes_of(question.codes)} are allowed"


def _together(question: Question) -> str:
    if not question.codes:
        return ""
    if len({c.code for c in question.codes}) == 1:
        return f"What is bundled with {codes_of(question.codes)}"
    loose = [m for m in question.modifiers if not any(m in c.modifiers for c in question.codes)]
    return f"Can {codes_of(question.codes)} be billed together{f' with {modifiers_of(loose)}' if loose else ''}"


TEMPLATES: dict[Kind, Callable[[Question], str]] = {
    Kind.CODE: _what_is,
    Kind.MODIFIER: _what_modifier,
    Kind.DIFFERENCE: _difference,
    Kind.MODIFIERS_FOR_CODE: _fit,
    Kind.ADD_ON: _add_on,
    Kind.UNITS: _units,
    Kind.TOGETHER: _together,
    Kind.GLOBAL_PERIOD: lambda q: f"What is the global period of {codes_of(q.codes)}" if q.codes else "",
    Kind.VALIDITY: lambda q: f"{_is(q.codes)} {codes_of(q.codes)} valid" if q.codes else "",
}
