"""Whether diagnosis codes may stand together: the Excludes notes between them (ICD-10-CM guidelines, section I.A.12)."""

from __future__ import annotations

import re
from itertools import permutations

from assistant.answer import Composer
from assistant.context import Context
from assistant.evidence import of_note, of_publication, of_source
from corpus.model import Citation, Code, Note

REFERENCES = re.compile(r"\(([^()]*\d[^()]*)\)")
REFERENCE = re.compile(r"([A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{0,4})?)-?(?:\s*-\s*([A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{0,4})?))?")


def names(note: Note, code: str) -> bool:
    """Whether a note's brackets name a code, by itself, by its category ("E10.-") or in a range ("P35-P39")."""
    for bracket in REFERENCES.findall(note.text):
        for start, end in REFERENCE.findall(bracket):
            if end:
                if start[:3] <= code[:3] <= end[:3]:
                    return True
            elif code.startswith(start.rstrip(".")):
                return True
    return False


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
