"""Whether diagnosis codes may stand together: the notes of the tabular list between them (ICD-10-CM guidelines, sections I.A.12, 13, 17)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from assistant.answer import Composer, Evidence
from assistant.context import Context
from assistant.evidence import day, of_code, of_note, of_publication, of_source
from corpus.model import Citation, Code, Note

REFERENCES = re.compile(r"\(([^()]*\d[^()]*)\)")
UNBRACKETED = re.compile(r"\bfrom (?:categor(?:y|ies) )?([A-Z]\d[^()]*)")  # "code from category T31 or T32", in instructions only
CODE = r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{0,4})?"
REFERENCE = re.compile(rf"({CODE})(?:-?\s*-\s*({CODE})|-)?")  # a range before a stem: "O13-O16" also begins like "O13-"
ENDING = re.compile(r"\.\d+")
FINAL = re.compile(r"final characters?\s+-?(\w+)")
CHARACTER = re.compile(r"character\s+([0-9A-Z])(?:-([0-9A-Z]))?")
INSTRUCTIONS = ("code_first", "use_additional", "code_also")
ALONE = re.compile(r"not to be used with|single diagnosis")
CHAPTER = re.compile(r"\bchapter (\d+)")
NOT_DIAGNOSES = "RVWXYZ"  # symptoms, external causes, factors: a sign beside one of these has no definitive diagnosis beside it
MOST_CHILDREN = 20
GUIDELINES = {  # sections of the Official Guidelines for Coding and Reporting, in our words
    "I.A.12.a": "Excludes1: not coded together unless the two conditions are unrelated",
    "I.A.12.b": "Excludes2: not included here; both may be coded when both are present",
    "I.A.13": "code first and use additional code notes set the order: the underlying condition before its manifestation",
    "I.A.17": "a code also note says that two codes may be needed, and sets no order",
    "I.B.5": "signs and symptoms that routinely belong to a disease are not coded besides it unless the classification says so",
    "I.B.6": "signs and symptoms that do not routinely belong to a disease are coded when present",
    "I.C.15.n.1": "O80 is not used when another code of chapter 15 is needed for a current complication; "
    "codes of other chapters only when unrelated to the pregnancy and not complicating it",
}
PLACES = {"fifth": 5, "5th": 5, "sixth": 6, "6th": 6, "seventh": 7, "7th": 7}


def names(note: Note, code: str) -> bool:
    """Whether a note's brackets name a code, by itself, by its category ("E10.-") or in a range ("P35-P39")."""
    unbracketed = UNBRACKETED.findall(note.text) if note.kind in INSTRUCTIONS else []
    for bracket in [*REFERENCES.findall(note.text), *unbracketed]:
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


@dataclass(frozen=True)
class Named:
    """A note of `one`, or of what it stands under, that names `other`; notes of one kind at one place count as one."""

    one: Code
    other: Code
    note: Note

    @property
    def place(self) -> str:
        """Where the note stands, in words."""
        return f"chapter {self.note.code}" if self.note.code.isdigit() else self.note.code

    @property
    def words(self) -> str:
        """The note in a sentence."""
        kind = "use additional code" if self.note.kind == "use_additional" else self.note.kind.replace("_", " ")
        title = kind.capitalize() if kind.startswith("excludes") else f'"{kind}"'
        return f"{'an' if title.startswith('E') else 'a'} {title} note at {self.place} names {self.other.code}"


def say_excludes(composer: Composer, a: Code, b: Code, context: Context) -> None:
    """State what the tabular list and the guidelines say of two diagnoses on one claim, each verdict once."""
    _say_release(composer, a, context, before=True)
    rule = context.codebook.publication("icd10cm-guidelines")
    guide = {place: of_publication(Citation(rule, f"Section {place}"), text) for place, text in GUIDELINES.items()}
    found = _named(a, b, context)
    apart = [n for n in found if n.note.kind == "excludes1"]
    wholesale = [n for n in found if n.note.kind == "excludes2" and n.note.code.isdigit()]
    beside = [n for n in found if n.note.kind == "excludes2" and n not in wholesale]
    instructions = [n for n in found if n.note.kind in INSTRUCTIONS]
    alone = _say_alone(composer, a, b, context, guide)
    if apart:
        text = f"No, as a rule: {_joined(apart)}, so {a.code} and {b.code} are not coded together"
        composer.say(f"{text} unless the two conditions have nothing to do with each other.", *_notes(apart), guide["I.A.12.a"])
    if instructions and (apart or alone):
        composer.say(f"{_sentence(_joined(instructions))}, however: read both notes before the pair is reported.", *_notes(instructions))
    else:
        _say_instructions(composer, a, b, instructions, guide)
    if beside and not apart and not alone:
        text = _sentence(_joined(beside))
        composer.say(f"{text}: what it names is not included there, and both may be coded when both are present.", *_notes(beside), guide["I.A.12.b"])
    if not (apart or alone or instructions or beside):
        aside = " (Excludes2 notes of whole chapters, which name other chapters wholesale, left aside)" if wholesale else ""
        evidence = of_source(a.source, f"Notes of {a.code} and {b.code}", "no Excludes, code first, use additional or code also note names the other")
        text = f"No Excludes, code first, use additional or code also note of {a.code} or {b.code}, or of what they stand under, names the other"
        composer.say(f"{text}{aside}.", evidence)
    if not (instructions or beside):
        _say_sign(composer, a, b, guide)
    for code in (a, b):
        _say_not_billable(composer, code, context)
    _say_release(composer, a, context, before=False)


def _named(a: Code, b: Code, context: Context) -> list[Named]:
    """The notes of either code that name the other, with the items of one place and kind put together."""
    found: dict[tuple[str, str, str], Named] = {}
    for one, other in permutations((a, b)):
        for note in context.codebook.notes(one):
            if note.kind in ("excludes1", "excludes2", *INSTRUCTIONS) and names(note, other.code):
                key = (note.code, note.kind, other.code)
                before = found.get(key)
                merged = replace(note, text=f"{before.note.text}; {note.text}") if before else note
                found[key] = Named(one, other, merged)
    return list(found.values())


def _notes(found: Sequence[Named]) -> list[Evidence]:
    return [of_note(n.note) for n in found]


def _joined(found: Sequence[Named]) -> str:
    return " and ".join(n.words for n in found)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _say_alone(composer: Composer, a: Code, b: Code, context: Context, guide: dict[str, Evidence]) -> bool:
    """State a note that keeps a code from standing with others, as at O80; returns whether it keeps these two apart."""
    apart = False
    for one, other in permutations((a, b)):
        for note in context.codebook.notes(one):
            if note.kind not in ("note", "inclusion") or not ALONE.search(note.text):
                continue
            chapter = CHAPTER.search(note.text)
            extra = [guide["I.C.15.n.1"]] if one.code == "O80" else []
            above = [c.code for c in context.codebook.ancestors(other)]
            if not chapter or chapter[1] in above:
                apart = True
                scope = f"with any other code of chapter {chapter[1]}, where {other.code} stands" if chapter else "with another code"
                composer.say(f"No: the text at {note.code} says that it is a single diagnosis code, not to be used {scope}.", of_note(note), *extra)
            elif extra and not any(names(n, other.code) for n in context.codebook.notes(one) if n.kind in INSTRUCTIONS):  # Z37.0
                text = f"{one.code} stands with codes of other chapters only when they are unrelated to the pregnancy and do not complicate it"
                composer.say(f"{text}.", *extra)
    return apart


def _say_instructions(composer: Composer, a: Code, b: Code, found: Sequence[Named], guide: dict[str, Evidence]) -> None:
    """State which code comes first by the code first and use additional code notes, and what a code also note asks for."""
    ordered = [n for n in found if n.note.kind != "code_also"]
    firsts = {(n.other if n.note.kind == "code_first" else n.one).code for n in ordered}
    if len(firsts) == 1:
        first = firsts.pop()
        second = b.code if first == a.code else a.code
        text = f"{a.code} and {b.code} go together when both are documented, {first} first and {second} after it"
        composer.say(f"{text}: {_joined(ordered)}.", *_notes(ordered), guide["I.A.13"])
    elif firsts:
        text = f"{a.code} and {b.code} go together when both are documented, but the notes do not agree on which comes first"
        composer.say(f"{text}: {_joined(ordered)}.", *_notes(ordered), guide["I.A.13"])
    if also := [n for n in found if n.note.kind == "code_also"]:
        text = f"{a.code} and {b.code} may both be needed when both are documented: {_joined(also)}"
        order = "" if ordered else " Such a note sets no order; the circumstances of the encounter do."
        composer.say(f"{text}.{order}", *_notes(also), guide["I.A.17"])


def _say_sign(composer: Composer, a: Code, b: Code, guide: dict[str, Evidence]) -> None:
    """A sign or symptom of chapter 18 beside a definitive diagnosis."""
    for sign, disease in permutations((a, b)):
        if sign.code.startswith("R") and disease.code[0] not in NOT_DIAGNOSES:
            text = (
                f"{sign.code} is a symptom, sign or finding of chapter 18: where it is an integral part of {disease.code} and routinely goes with it"
            )
            text += ", it is not coded besides it unless the classification says so; where it does not routinely go with it, it is coded when present"
            composer.say(f"{text}.", guide["I.B.5"], guide["I.B.6"], of_code(sign))


def _say_not_billable(composer: Composer, code: Code, context: Context) -> None:
    """Name a code that is too short to be reported, and the codes under it."""
    if code.billable:
        return
    children = [child.code for child in context.codebook.children(code.code)]
    more = f" and {len(children) - MOST_CHILDREN} more" if len(children) > MOST_CHILDREN else ""
    under = f": use one of {', '.join(children[:MOST_CHILDREN])}{more}" if children else ""
    _say_once(composer, f"{code.code} ({code.title}) is not billable; it has more specific codes{under}.", of_code(code))


def _say_release(composer: Composer, code: Code, context: Context, before: bool) -> None:
    """State that the date of service lies before, or after, the days of the release."""
    source = code.source
    if before and source.valid_from and context.date < source.valid_from:
        text = f"No data for {day(context.date)}: the ICD-10-CM release loaded takes effect on {day(source.valid_from)}, and no earlier one is loaded"
        _say_once(composer, f"{text}; what follows is read from that nearest release.", of_code(code))
    if not before and source.valid_to and context.date > source.valid_to:
        text = f"The ICD-10-CM release read here ran to {day(source.valid_to)}; the changes that apply on {day(context.date)} are not loaded."
        _say_once(composer, text, of_code(code))


def _say_once(composer: Composer, text: str, evidence: Evidence) -> None:
    """Say what holds for a code or a date once, however many pairs it stands in."""
    if text not in {s.text for s in composer.answer().statements}:
        composer.say(text, evidence)
