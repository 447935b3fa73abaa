"""What changed in a code set: codes added, deleted and revised by a release, counted and listed, for all codes or a family of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

from assistant.answer import Answer, Composer, Evidence, Status
from assistant.codes import flatten
from assistant.context import Context, answers
from assistant.dates import span_in
from assistant.evidence import day, of_source
from assistant.phi import mask
from assistant.question import Kind, Question
from assistant.retrieval import share_of_words
from corpus.fulltext import words_of
from corpus.lookups.changes import ACTIONS, Changed, Found
from corpus.lookups.history import KINDS
from corpus.model import Source, System

MOST = 20  # of each action in the text; the table holds all
FAMILY = 20  # codes looked at to find the categories of a family
NAMES = {System.ICD10CM: "ICD-10-CM", System.ICD10PCS: "ICD-10-PCS", System.HCPCS: "HCPCS Level II", System.CPT: "CPT"}
LOADS = {
    System.ICD10CM: "Load its addenda with `python -m ingest fetch icd10cm`, or `python -m ingest add FILE`.",
    System.ICD10PCS: "Load its addenda with `python -m ingest fetch icd10pcs`, or `python -m ingest add FILE`.",
    System.HCPCS: "Load the HCPCS Level II file of that time with `python -m ingest fetch hcpcs`, or `python -m ingest add FILE`.",
    System.CPT: "Load the whole fee schedules of that year and the year before with `python -m ingest fetch pfs`, or `python -m ingest add FILE`.",
}
HEADINGS = {
    "added": "Added",
    "category added": "Categories added (not billable)",
    "deleted": "Deleted",
    "became a category": "No longer billable: became a category",
    "became billable": "Became billable",
    "revised": "Revised",
}
# What the words ask for; all of it where they ask for none.
ASKED = (
    (("added", "category added"), re.compile(r"\b(?:new|newly|added|additions?)\b")),
    (("deleted", "became a category"), re.compile(r"\b(?:deleted|deletions?|discontinued|retired|removed|invalidated)\b")),
    (("revised",), re.compile(r"\b(?:revised|revisions?)\b")),
)
LETTER = re.compile(r"\b([B-Vb-v])[- ]?codes\b")  # "new J codes"
NOT_THE_FAMILY = frozenset(
    """added addenda additions addition any august april been changed changes change code codes day december deleted deletions diagnosis discontinued
    effective february fiscal fy icd icd10 10 cm pcs cpt hcpcs dx invalidated january july june level ii list many march may new newly november
    october procedure procedures q1 q2 q3 q4 removed retired revised revisions s september set sets show since tell update updates updated year
    please got were today coding medical me give all about us vs billing""".split()
)


@answers(Kind.CHANGES)
def answer(question: Question, context: Context) -> Answer:
    """The changes of each code set asked for, within the days that the question names, else of its newest release."""
    composer = context.composer(question)
    span = span_in(flatten(question.text), context.today)
    family = " ".join(word for word in words_of(question.subject) if word not in NOT_THE_FAMILY and not word.isdecimal() and len(word) > 1)
    wanted = next((actions for actions, pattern in ASKED if pattern.search(question.text.lower())), ACTIONS)
    systems = _systems(question)
    told = False
    silent: list[tuple[System, Found, tuple[date, date]]] = []
    for system in systems:
        days = _days(system, span, context)
        found = context.codebook.changes.of(system, *days)
        if span and span[0] == span[1] and len(systems) > 1 and any(change.first < change.day for change in found.changes):
            continue  # two fee schedules compared: nothing is known of that very day
        if not found.sources:
            silent.append((system, found, days))
            continue
        _say(composer, found, days, wanted, family, context)
        told = True
    for system, found, days in silent:
        if not told or len(systems) <= len(KINDS):
            composer.heading("")
            _say_missing(composer, system, found, days)
    return composer.answer(Status.ANSWERED if told else Status.NO_DATA)


def _systems(question: Question) -> tuple[System, ...]:
    """The code sets asked for; a fiscal year alone is one of ICD-10."""
    text = question.text.lower()
    if question.system in NAMES and question.system:
        both = question.system is System.ICD10CM and re.search(r"icd-?\s?10(?!-?\s?(?:cm|pcs))", text) and not re.search(r"\bdx\b|diagnos", text)
        return (System.ICD10CM, System.ICD10PCS) if both else (question.system,)
    return (System.ICD10CM, System.ICD10PCS) if re.search(r"\bfy|fiscal", text) else tuple(NAMES)


def _days(system: System, span: tuple[date, date] | None, context: Context) -> tuple[date, date]:
    """The days looked at: a year alone means the fiscal year of that name where ICD-10 is asked about."""
    if span is None and context.date != context.today:  # chosen beside the text
        year = context.date.year + (system in KINDS and context.date.month >= 10)
        return (date(year - 1, 10, 1), date(year, 9, 30)) if system in KINDS else (date(year, 1, 1), date(year, 12, 31))
    if span is None:
        newest = context.codebook.changes.newest(system) or context.date
        return (newest, newest) if system in KINDS else (date(newest.year, 1, 1), date(newest.year, 12, 31))
    first, last = span
    if system in KINDS and (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return date(first.year - 1, 10, 1), date(first.year, 9, 30)
    return first, last


def _said(days: tuple[date, date]) -> str:
    """The days in words."""
    first, last = days
    if first == last:
        return f"on {day(first)}"
    if (first.month, first.day, last.month, last.day) == (10, 1, 9, 30):
        return f"in FY{last.year} ({day(first)} to {day(last)})"
    return f"from {day(first)} to {day(last)}"


def _say(composer: Composer, found: Found, days: tuple[date, date], wanted: Sequence[str], family: str, context: Context) -> None:
    name, system = NAMES[found.system], found.system
    changes = every = [change for change in found.changes if change.action in wanted]
    of_family = f" for “{mask(family)}”" if family else ""
    if found.system is System.HCPCS and (letter := LETTER.search(composer.question.text)):
        changes, of_family = [c for c in changes if c.code.startswith(letter[1].upper())], f"{of_family}, codes that begin with {letter[1].upper()}"
    if family:
        changes = _of_family(changes, family, system, context)
    counts = Counter(change.action for change in changes)
    told = ", ".join(f"{counts[action]:,} {_counted(action)}" for action in ACTIONS if counts[action])
    evidence = [of_source(source, "whole file", f"{source.label}: {told or 'nothing of this'}") for source in found.sources]
    composer.heading("")
    none = f"none of the {len(every):,} changes that are loaded" if every else "nothing of this kind in what is loaded"
    composer.say(f"{name} {_said(days)}{of_family}: {told or none}.", *evidence)
    _say_basis(composer, found, days)
    for action in ACTIONS:
        chosen = [change for change in changes if change.action == action]
        if not chosen:
            continue
        composer.heading(f"{name}: {HEADINGS[action]} ({len(chosen):,})")
        for change in chosen[:MOST]:
            composer.say(_line(change, days, context), _of(change, context), bullet=True)
            if context.codebook.exists(change.code, change.system) and len(chosen) <= MOST:
                composer.about(change.system, change.code)
        if len(chosen) > MOST:
            more = f"and {len(chosen) - MOST:,} more; the table beside lists all {len(chosen):,}."
            composer.say(more, *(of_source(s, "whole file", f"{len(chosen):,} {_counted(action)}") for s in found.sources))
    rows = [(HEADINGS[c.action], _code(c), _title(c, context), day(c.day), c.source.release) for c in changes]
    composer.table(f"{name} {_said(days)}{of_family}: all changes", ("Change", "Code", "Title", "From", "Release"), rows, *evidence)


def _counted(action: str) -> str:
    return {"category added": "categories added", "revised": "revised"}.get(action, action)


def _say_basis(composer: Composer, found: Found, days: tuple[date, date]) -> None:
    """What the answer rests on where that is not the publisher's own list of changes."""
    if found.system in KINDS:
        return
    sources = found.sources
    if any(change.first < change.day for change in found.changes):
        names = " and ".join(source.release for source in sources)
        text = f"This comes from comparing the Medicare fee schedules {names}: a code may have begun or ended on any day between them."
        composer.say(text, *(of_source(s, "whole file", s.label) for s in sources))
    if found.until and found.until < days[1]:
        newest = max(sources, key=lambda s: s.valid_from or date.min)
        composer.say(f"What is loaded tells of days to {day(found.until)} only.", of_source(newest, "whole file", newest.label))


def _of_family(changes: Sequence[Changed], family: str, system: System, context: Context) -> list[Changed]:
    """The changes under the categories that the words find, and those whose title holds all the words."""
    stems: tuple[str, ...] = ()
    if system is System.ICD10CM:
        hits = context.finder.codes(family, system, FAMILY)
        codes = [code for hit in hits if share_of_words(family, hit.title) >= 0.99 and (code := context.codebook.code(hit.code, system))]
        stems = tuple(code.code for code in codes if not code.billable and "-" not in code.code)
        ranges = [code.code.split("-") for code in codes if "-" in code.code]
    else:
        ranges = []
    return [
        change
        for change in changes
        if change.code.startswith(stems or ("\0",))
        or any(low <= change.code[:3] <= high for low, high in ranges)
        or share_of_words(family, f"{_title(change, context)} {change.before}") >= 0.99
    ]


def _code(change: Changed) -> str:
    return f"modifier {change.code}" if change.system is System.MODIFIER else change.code


def _title(change: Changed, context: Context) -> str:
    """Its title in the release, else the one that is known of the code."""
    if change.title or change.system is System.MODIFIER:
        return change.title
    known = context.codebook.code(change.code, change.system)
    return known.title if known else ""


def _line(change: Changed, days: tuple[date, date], context: Context) -> str:
    title = _title(change, context)
    text = f"{_code(change)}: {title}" if title else f"{_code(change)} (listed without a title)"
    if change.action == "revised" and change.before and change.before != title:
        text += f", before: {change.before}"
    if change.note:
        meaning = context.codebook.indicator("hcpcs_action", change.note)
        text += f" (action {change.note}{f': {meaning.meaning}' if meaning else ''})"
    return text if days[0] == days[1] or change.system in KINDS or change.first < change.day else f"{text} ({day(change.day)})"


def _of(change: Changed, context: Context) -> Evidence:
    """The row of the release."""
    excerpt = f"{_code(change)} {change.action} {day(change.day)}: {_title(change, context)}"
    return of_source(change.source, _code(change), f"{excerpt} (before: {change.before})" if change.before else excerpt)


def _say_missing(composer: Composer, system: System, found: Found, days: tuple[date, date]) -> None:
    """No release that tells of these days: which ones are loaded, and what to load."""
    near = _nearest(found.others, days)
    shown = [of_source(near, "whole file", near.label)] if near else []
    loaded = f" The nearest release loaded is {near.release}." if near else ""
    composer.say(f"No data on what changed in {NAMES[system]} {_said(days)}.{loaded} {LOADS[system]}", *shown)


def _nearest(sources: Sequence[Source], days: tuple[date, date]) -> Source | None:
    return min(sources, key=lambda s: abs(((s.valid_from or date.min) - days[0]).days), default=None)
