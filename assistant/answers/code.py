"""What is a code: the page of a CPT or HCPCS code with its facts, or an entry of ICD-10-CM with its notes."""

from __future__ import annotations

import re

from assistant.answer import Answer, Composer
from assistant.answers.official import official_title, say_level_ii, say_wordings
from assistant.answers.parts import (
    descriptor_note,
    fee_tables,
    say_indicator,
    say_missing,
    say_primaries,
    say_section,
    say_stale,
    say_units,
    say_values,
    title_evidence,
)
from assistant.answers.procedure import say_procedure
from assistant.answers.standing import say_entry, say_history
from assistant.answers.unknown import ask_for_code, say_all_unknown, split_known, unknown_answer
from assistant.answers.validity import say_absent
from assistant.context import Context, answers
from assistant.evidence import cited, day, of_code, of_event, of_note, of_page
from assistant.facts import CodeFacts, facts_of
from assistant.question import Kind, Question
from assistant.reconcile import SURGICAL_DAYS, Fit, Verdict, reconcile
from corpus.lookups.history import State
from corpus.model import Code, CodePage, SourceKind, System

# Words that ask for one section of a page instead of the whole.
ASPECTS = {
    "steps": r"\b(steps?|how is it (done|performed)|procedure in detail|technique)\b",
    "afterwards": r"\b(afterwards?|after (the )?(procedure|surgery|operation)|recovery|follow.?up)\b",
    "record": r"\b(documentation|document|record must|chart must|note must|op(erative)? note)\b",
    "billing": r"\b(how (is|are|do (i|we|you)|to) (\S+ ){0,5}(bill|billed)|billing|denials?)\b",
    "diagnoses": r"\b(diagnos[ie]s|dx|icd.?10 codes? (go|fit|support))\b",
    "anesthesia": r"\banesthesia code\b",
    "history": r"\b(history|added|when was|revised)\b",
    "when": r"\b(indications?|when (is it|do you|to) use)\b",
    "neighbors": r"\b(similar|neighbou?rs?|related codes)\b",
}
INDICATORS = ("status", "global_days", "bilateral", "assistant", "co_surgeons", "team", "pc_tc", "multiple")
ALWAYS_SHOWN = ("status", "global_days")
SURGICAL_INDICATORS = ("bilateral", "assistant", "co_surgeons", "team")  # shown for operations, the other two for all else
NOTE_HEADINGS = {
    "includes": "Includes",
    "inclusion": "Terms under this code",
    "excludes1": "Excludes1: not coded here, never together",
    "excludes2": "Excludes2: not included here, may be coded besides",
    "code_first": "Code first",
    "use_additional": "Use additional code",
    "code_also": "Code also",
    "note": "Notes",
    "seventh": "7th character",
}
MOST_NOTES = 8
MOST_ITEMS = 5  # of each section in the answer; the section itself can be asked for


@answers(Kind.CODE)
def answer(question: Question, context: Context) -> Answer:
    """Answer for every code named; the first one whole, further ones in short when there are several."""
    if not question.codes:
        return ask_for_code(question, context, "What is CPT code 63044?")
    known, unknown = split_known(question, context)
    if not known:
        return unknown_answer(question, context, unknown)
    composer = context.composer(question)
    brief = len(known) > 1
    for code in known:
        composer.about(code.system, code.code)
        if code.system is System.ICD10CM:
            diagnosis(composer, code, context, brief)
        elif code.system is System.ICD10PCS:
            say_procedure(composer, code, context, brief)
        else:
            procedure(composer, code, question, context, brief)
    say_all_unknown(composer, unknown, context)
    return composer.answer()


def procedure(composer: Composer, code: Code, question: Question, context: Context, brief: bool) -> None:
    """A CPT or HCPCS code."""
    facts = facts_of(code, context)
    composer.heading("" if not brief else code.code)
    if page := facts.page:
        opening = cited(page.summary, page.citations, of_page(page, "description", page.summary))
        composer.say(f"{code.system} {code.code}: {page.title}.", of_page(page, "title", page.title))
        if aspect := _aspect(question.text):
            _section(composer, facts, page, aspect)
            return
        composer.say(opening.text, *opening.evidence)
        say_wordings(composer, code, context)
        composer.heading("" if not brief else code.code)
    elif official := official_title(code, context):
        composer.say(f"{code.system} {code.code}: {official[0]}.", official[1])
    elif code.title:
        composer.say(f"{code.system} {code.code}: {code.title} ({descriptor_note(code)}).", title_evidence(facts))
    else:
        composer.say(f"{code.system} {code.code} is a known code; Codebook has no page that describes it, only facts.", of_code(code))
    say_primaries(composer, facts)
    if brief:
        return
    level_ii = say_level_ii(composer, code, context)
    _facts(composer, facts)
    if facts.page:
        say_section(composer, facts.page, "When it is used", "when to use it", facts.page.when, MOST_ITEMS)
        say_section(composer, facts.page, "Billing", "billing", facts.page.billing, MOST_ITEMS)
        _neighbors(composer, facts.page, context, MOST_ITEMS)
    modifiers_in_short(composer, facts)
    _history(composer, facts)
    say_stale(composer, level_ii, facts.fee, facts.units, facts.primaries)
    fee_tables(composer, facts)
    _suggest(composer, facts)


def _facts(composer: Composer, facts: CodeFacts) -> None:
    composer.heading(f"Medicare facts ({facts.row.source.release})" if facts.row else "Medicare facts")
    if facts.row:
        say_values(composer, facts.row)
        for field in INDICATORS:
            if (field in SURGICAL_INDICATORS) is not (facts.row.global_days in SURGICAL_DAYS) and field not in ALWAYS_SHOWN:
                continue
            say_indicator(composer, facts, field)
    elif not say_absent(composer, facts, opening=""):
        say_missing(composer, f"{facts.code.code} in the fee schedule", facts.fee, SourceKind.FEE_SCHEDULE, facts.context)
    if facts.units.value:
        say_units(composer, facts)
    else:
        say_missing(composer, f"the MUE of {facts.code.code}", facts.units, SourceKind.MUE, facts.context)


def modifiers_in_short(composer: Composer, facts: CodeFacts) -> None:
    """The reconciled modifiers in three statements; the answer to 'which modifiers' says why for each."""
    verdicts = reconcile(facts)
    if not verdicts:
        return
    composer.heading("Modifiers")
    wording = {Fit.USABLE: "Usable", Fit.CONDITION: "On a condition", Fit.NOT_USABLE: "Not usable"}
    for fit, name in wording.items():
        chosen = [v for v in verdicts if v.fit is fit]
        if chosen:
            composer.say(f"{name}: {_reasons(chosen)}.", *(e for v in chosen for e in v.evidence), bullet=True)


def _reasons(verdicts: list[Verdict]) -> str:
    """Modifiers that share a reason stand together: "62 (why); 80, 81, AS (why)"."""
    grouped: dict[str, list[str]] = {}
    for verdict in verdicts:
        grouped.setdefault(verdict.why, []).append(verdict.modifier)
    return "; ".join(f"{', '.join(names)} ({why})" for why, names in grouped.items())


def _neighbors(composer: Composer, page: CodePage, context: Context, limit: int | None = None) -> None:
    composer.heading("Neighbors")
    for neighbor in page.neighbors[:limit]:
        item = cited(neighbor.difference, page.citations, of_page(page, "neighbors", neighbor.difference))
        composer.say(f"{neighbor.code}: {item.text}", *item.evidence, bullet=True)
        if context.codebook.page(neighbor.code):
            composer.suggest(f"Difference between {page.code} and {neighbor.code}?")


def _history(composer: Composer, facts: CodeFacts) -> None:
    events = facts.context.codebook.history(facts.code.code, facts.code.system)
    if events:
        composer.heading("History")
        for event in events:
            composer.say(f"{day(event.date)}: {event.text}", of_event(event), bullet=True)


def _aspect(text: str) -> str | None:
    return next((name for name, pattern in ASPECTS.items() if re.search(pattern, text, re.IGNORECASE)), None)


def _section(composer: Composer, facts: CodeFacts, page: CodePage, aspect: str) -> None:
    """Only the section asked for."""
    lists = {
        "steps": ("Steps", page.steps),
        "afterwards": ("Afterwards", page.afterwards),
        "record": ("What the record must show", page.record),
        "billing": ("Billing", page.billing),
        "when": ("When it is used", page.when),
    }
    if aspect in lists:
        heading, texts = lists[aspect]
        if texts:
            say_section(composer, page, heading, aspect, texts)
        else:
            composer.say(f"The page of {page.code} has no section on this.", of_page(page, aspect, "no such section"))
    elif aspect == "diagnoses":
        say_diagnoses(composer, page, facts.context)
    elif aspect == "anesthesia":
        say_anesthesia(composer, page)
    elif aspect == "neighbors":
        _neighbors(composer, page, facts.context)
    else:
        _history(composer, facts)
    composer.suggest(f"What is {page.code}?", f"Which modifiers fit {page.code}?")


def say_diagnoses(composer: Composer, page: CodePage, context: Context) -> None:
    """Likely diagnoses, each an entry of ICD-10-CM."""
    composer.heading("Likely diagnoses")
    for icd, why in page.diagnoses:
        item = cited(why, page.citations, of_page(page, "diagnoses", f"{icd}: {why}"))
        entry = context.codebook.code(icd, System.ICD10CM)
        if entry:
            composer.say(f"{icd} {entry.title}: {item.text}", *item.evidence, of_code(entry), bullet=True)
    if not page.diagnoses:
        composer.say(
            f"The page of {page.code} names no diagnoses: any condition that makes the service necessary fits.",
            of_page(page, "diagnoses", "none"),
        )


def say_anesthesia(composer: Composer, page: CodePage) -> None:
    """The anesthesia code usually paired."""
    note = page.anesthesia_note or ""
    text = f"Anesthesia code for {page.code}: {page.anesthesia_code}. {note}" if page.anesthesia_code else note
    item = cited(text or f"The page of {page.code} names no anesthesia code.", page.citations, of_page(page, "anesthesia", text))
    composer.say(item.text, *item.evidence)


def _suggest(composer: Composer, facts: CodeFacts) -> None:
    code = facts.code.code
    composer.suggest(f"Which modifiers fit {code}?")
    if facts.page and facts.page.record:
        composer.suggest(f"What must the documentation for {code} show?", f"How is {code} billed?")
    composer.suggest(f"How many units of {code}?")


def diagnosis(composer: Composer, code: Code, context: Context, brief: bool) -> None:
    """An entry of ICD-10-CM: what it says, whether it is billable, and the notes that govern it."""
    composer.heading("" if not brief else code.code)
    standing = say_entry(composer, code, context)
    children = [] if code.billable or standing.state is State.VALID else context.codebook.children(code.code, code.system)
    if children:
        composer.heading("More specific codes")
        for child in children:
            more = "" if child.billable else " (has more specific codes)"
            composer.say(f"{child.code} {child.title}{more}", of_code(child), bullet=True)
            composer.suggest(f"What is {child.code}?")
    if brief:
        return
    _notes(composer, code, context)
    above = [c for c in context.codebook.ancestors(code) if c.kind != "chapter"]
    if above:
        composer.heading("Where it stands")
        composer.say("Under " + ", in ".join(f"{c.code} {_bare(c)}" for c in above) + ".", *(of_code(c) for c in above))
    say_history(composer, standing, context)


def _bare(code: Code) -> str:
    """The title of a block without the range that stands before it already."""
    return code.title.removesuffix(f"({code.code})").rstrip()


def _notes(composer: Composer, code: Code, context: Context) -> None:
    notes = context.codebook.notes(code)
    for kind, heading in NOTE_HEADINGS.items():
        chosen = [n for n in notes if n.kind == kind and (kind not in ("inclusion", "includes") or n.code == code.code)]
        chosen = [n for n in chosen if not n.code.isdigit()]  # the notes of whole chapters stand on the code page
        if not chosen:
            continue
        composer.heading(heading)
        for note in chosen[:MOST_NOTES]:
            where = "" if note.code == code.code else f" (note at {note.code})"
            composer.say(note.text.lstrip(" ,") + where, of_note(note), bullet=True)
        if len(chosen) > MOST_NOTES:
            composer.say(f"and {len(chosen) - MOST_NOTES} more.", *(of_note(n) for n in chosen[MOST_NOTES : MOST_NOTES + 2]), bullet=True)
