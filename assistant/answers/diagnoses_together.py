"""Whether diagnosis codes may stand together: the Excludes notes between them (ICD-10-CM guidelines, section I.A.12)."""

from __future__ import annotations

import re
from itertools import permutations

from assistant.answer import Composer
from assistant.context import Context
from assistant.evidence import of_note, of_publication, of_source
from corpus.model import Citation, Code, Note

REFERENCES = re.compile(r"\(([^()]*\d[^()]*)\)")
CODE = r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{0,4})?"
REFERENCE = re.compile(rf"({CODE})(?:-?\s*-\s*({CODE})|-)?")  # a range before a stem: "O13-O16" also begins like "O13-"
ENDING = re.compile(r"\.\d+")
FINAL = re.compile(r"final characters?\s+-?(\w+)")
CHARACTER = re.compile(r"character\s+([0-9A-Z])(?:-([0-9A-Z]))?")
PLACES = {"fifth": 5, "5th": 5, "sixth": 6, "6th": 6, "seventh": 7, "7th": 7}


def names(note: Note, code: str) -> bool:
    """Whether a note's brackets name a code, by itself, by its category ("E10.-") or in a range ("P35-P39")."""
    for bracket in REFERENCES.findall(note.text):
        if not _meets(bracket.partition(" with ")[2], code):
            continue
        for start, end in REFERENCE.findall(bracket):
            first, last = start.rstrip("."), end.rstrip(".")
            if code.startswith(first) or (last and first <= code[: len(first)] and code[: len(last)] <= last):
                return True
    return False


def _meets(condition: str, code: str) -> bool:
    """Whether a code has what a bracket asks for besides: ".52", "fifth character 4", "7th character B", "final characters -23"."""
    if endings := ENDING.findall(condition):
        return any(code[3:].startswith(ending) for ending in endings)
    if final := FINAL.search(condition):
        return code.endswith(final[1])
    wanted, plain = CHARACTER.search(condition), code.replace(".", "")
    places = [place for word, place in PLACES.items() if word in condition]
    if not wanted or not places:
        return True
    return any(wanted[1] <= plain[place - 1 : place] <= (wanted[2] or wanted[1]) for place in places)


def say_excludes(composer: Composer, a: Code, b: Code, context: Context) -> None:
    """State every Excludes note of one code, or of what it stands under, that names the other."""
    book = context.codebook
    rule = book.publication("icd10cm-guidelines")
    found = [
        (one, other, note)
        for one, other in permutations((a, b))
        for note in book.notes(one)
        if note.kind in ("excludes1", "excludes2") and names(note, other.code)
    ]
    for one, other, note in found:
        if note.kind == "excludes1":
            place = of_publication(Citation(rule, "Section I.A.12.a"), "Excludes1: not coded together unless the two conditions are unrelated")
            text = f"No, as a rule: an Excludes1 note at {note.code} names {other.code}, so {one.code} and {other.code} are not coded together"
            composer.say(f"{text} unless the two conditions have nothing to do with each other.", of_note(note), place)
        else:
            place = of_publication(Citation(rule, "Section I.A.12.b"), "Excludes2: not included here; both may be coded when both are present")
            text = f"An Excludes2 note at {note.code} names {other.code}: it is not part of {one.code}, and both may be coded when both are present."
            composer.say(text, of_note(note), place)
    if not found:
        evidence = of_source(a.source, f"Excludes notes of {a.code} and {b.code}", "no note of either names the other")
        composer.say(f"No Excludes note of {a.code} or {b.code}, or of what they stand under, names the other.", evidence)
        composer.say("Each must still be documented and meet the reporting rules of the setting.", evidence)
