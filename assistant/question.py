"""Text → `Question`: kind, codes with their systems, modifiers, date of service, setting, payer, quantities.

`parse` reads one text by itself; `assistant.conversation` gives it the turns before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.codes import CodeMention as CodeMention
from assistant.codes import Known as Known
from assistant.codes import Placed, codes_in, flatten
from assistant.dates import NoDate, Said, dates_in, no_dates_in
from assistant.kinds import Kind as Kind
from assistant.kinds import implied_modifiers, kind_of
from assistant.modifiers import modifiers_in
from assistant.spelling import mended
from corpus.model import Setting, System


@dataclass(frozen=True)
class Question:
    """A question understood. `text` stands alone: what `conversation.resolve` made of the words typed.

    `modifiers` are all that the text names, those attached to a code among them.
    """

    text: str
    kind: Kind
    codes: tuple[CodeMention, ...] = ()
    modifiers: tuple[str, ...] = ()
    date: date | None = None  # None: no date in the text
    no_dates: tuple[NoDate, ...] = ()  # what the text means as dates and names no day: "02/30/2024"
    setting: Setting | None = None
    system: System | None = None  # the code set asked for, when searching by words
    payer: str | None = None
    quantity: int | None = None
    subject: str = ""  # the words that carry the meaning, for search
    why: bool = False  # asks for the reason behind the previous answer
    offered: tuple[CodeMention, ...] = ()  # codes that the answer named, set by the caller so that "the first one" finds them


_PLACE = r"(?:(?:for|in|at|by|from|as|to)\s+)(?:an?\s+|the\s+|our\s+|my\s+)?"
_ALONE = r"^\W*(?:(?:and|or|but|so|then|what about|how about|in|for|as|an?|the)\W+)*"  # said by itself, as in a follow-up
# ASC claims run against the practitioner tables: NCCI Policy Manual 2026, Introduction.
SETTINGS: tuple[tuple[Setting, re.Pattern[str]], ...] = (
    (Setting.DME, re.compile(rf"\bdme(?:pos)?\b|\bdurable medical equipment\b|{_PLACE}supplier\b")),
    (
        Setting.PRACTITIONER,
        re.compile(
            rf"\bnon-?\s?facility\b|{_PLACE}(?:physician|practitioner|doctor|office|clinic|private practice|asc)\b(?! visit)"
            r"|\bambulatory surg\w+ cent\w+\b"
            r"|\b(?:physician|practitioner|professional|pro-?fee) (?:side|billing|claims?|edits?|setting|services|table|mue)\b"
            rf"|\bpractitioner\b|\basc\b|{_ALONE}(?:physician|office|doctor|professional)\W*$"
        ),
    ),
    (
        Setting.FACILITY,
        re.compile(
            rf"{_PLACE}(?:outpatient )?(?:hospital|facility|hopd)\b|\boutpatient hospital\b|\bhospital outpatient\b|\bhopd\b|\bopps\b"
            r"|\b(?:facility|hospital) (?:side|billing|claims?|edits?|setting|table|mue)\b"
            r"|\boutpatient (?:side|billing|claims?|edits?|table|mue)\b"
            rf"|{_ALONE}(?:facility|hospital|outpatients?(?: setting)?)\W*$"
        ),
    ),
)
NOT_A_SETTING = re.compile(r"\b(?:skilled )?nursing facilit(?:y|ies)|\bhospital (?:discharge|admission|visit|care|bed|stay)\w*")
PAYERS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rf"\b(?:{words})\b"))
    for name, words in (
        ("Medicare Advantage", r"medicare advantage|ma plans?|part c"),
        ("Medicare", r"medicare|cms|part b"),
        ("Medicaid", r"medicaid|medi-cal"),
        ("UnitedHealthcare", r"uhc|united ?health ?care|united health"),
        ("Aetna", r"aetna"),
        ("Anthem", r"anthem"),
        ("Blue Cross Blue Shield", r"bcbs\w*|blue cross(?: blue shield)?|blue shield"),
        ("Cigna", r"cigna"),
        ("Humana", r"humana"),
        ("Kaiser Permanente", r"kaiser(?: permanente)?"),
        ("TRICARE", r"tricare"),
        ("workers' compensation", r"workers?'? comp(?:ensation)?"),
        ("commercial payers", r"commercial (?:payers?|insurance|plans?)|private insurance"),
    )
)
NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
QUANTITY = re.compile(
    rf"(?<![\w.$-])(?P<n>\d{{1,4}}|{'|'.join(NUMBERS)})\s+(?:more\s+)?(?:units?|times)\b"
    r"|(?:\bx|×|\bqty\.?|\bquantity(?: of)?)\s?(?P<x>\d{1,4})\b(?![.,]\d)"
)
ASKED_SYSTEM: tuple[tuple[System, re.Pattern[str]], ...] = tuple(
    (system, re.compile(rf"\b(?:{words})(?:\s+codes?)?(?!\s*(?:codes?\s*)?(?:CODE|MODIFIER))(?!\w)"))
    for system, words in (
        (System.ICD10PCS, r"icd-?\s?10-?\s?pcs|pcs"),
        (System.ICD9CM, r"icd-?\s?9(?:-?\s?cm)?"),
        (System.ICD10CM, r"icd-?\s?10(?:-?\s?cm)?|icd(?!-?\s?\d)|dx|diagnos[ie]s"),
        (System.HCPCS, r"hcpcs|level ii|j-?codes?"),
        (System.CPT, r"cpt|procedure codes?"),
        (System.MODIFIER, r"modifiers?"),
    )
)
WHY = re.compile(r"^\W*(?:but )?(?:why|how come)\b|\band why\W*$|\bwhy(?: not| is that| so)?\W*$")

_CODE_SET = r"(?:icd-?\s?(?:9|10)?(?:-?\s?(?:cm|pcs))?|cpt|hcpcs(?: level ii)?|dx)"
_SYSTEM = rf"(?:{_CODE_SET}|diagnos[ie]s|procedure|j-?|billing|medical)"
_NO_CODE = r"(?!\s+\S*\d\S*\d)"  # "CPT code 63044" is named, "dx code knee pain" is searched
_PAYER = f"(?:{'|'.join(pattern.pattern for _, pattern in PAYERS)})"
_LEAD = re.compile(
    rf"(?:please|can you|could you|would you|tell me|show me|give me|find|look up|search(?: for)?|i need|i want|need|what(?:'s|s)?|which"
    rf"|is|are|was|were|does|the|a|an|me|about|(?:{_SYSTEM}\s+)?(?:codes?|coding|modifiers?)\s+(?:do|should|would|can)\s+(?:i|we|you)\s+(?:use|bill|report|code)(?:\s+(?:for|on|with))?"
    rf"|how\s+(?:do|would|should|can)\s+(?:i|we|you)\s+(?:code|bill|report)(?:\s+for)?|how\s+to\s+(?:code|bill|report)(?:\s+for)?"
    rf"|(?:{_SYSTEM}\s+)?(?:codes?|coding|modifiers?)\s+(?:is\s+used\s+|are\s+used\s+|to\s+use\s+|that\s+describes\s+)?(?:for|of)|{_SYSTEM}\s+(?:for|of)"
    rf"|{_SYSTEM}\s+codes?\b{_NO_CODE}|{_CODE_SET}\b(?!-?\s?(?:9|10)\b|\s+(?:codes?|coding|sets?|guidelines?|manual|conventions?)\b){_NO_CODE}"
    rf"|(?:(?:will|do|would)\s+)?{_PAYER}\s+(?:covers?|pays?(?:\s+for)?|reimburses?(?:\s+for)?)|(?:{_PAYER}\s+)?coverage\s+(?:of|for)"
    rf"|explain|define|definition\s+of|meaning\s+of|guidelines?\s+(?:for|on|about)|rules?\s+(?:for|on|about)|hi|hello|hey)(?:\s+|\s*[,:]\s*)",
    re.IGNORECASE,
)
_TRAIL = re.compile(
    rf"(?:\s+(?:(?:{_SYSTEM}\s+)?codes?|{_CODE_SET}|modifiers?|please|meaning|mean|for|in|on|as of|during|since"
    rf"|(?:an?\s+)?covered(?:\s+(?:service|benefit))?(?:\s+(?:by|under)\s+{_PAYER})?))+$",
    re.IGNORECASE,
)
# The phrase that asks after something was told: "58 y/o, lives alone, what code for low back pain".
_ASKING = re.compile(
    rf"\b(?:what|which)(?:'?s|\s+is|\s+are)?\s+(?:(?:the|best|right|correct)\s+){{0,3}}(?:{_SYSTEM}\s+)?(?:(?:codes?|modifiers?)\b|(?:{_CODE_SET}|diagnosis)\b)"
    r"(?:\s+(?:is used|are used|to use|(?:do|should|would|can)\s+(?:i|we|you)\s+(?:use|bill|report)))?\s+(?:for|of)\s+"
    r"|\bhow\s+(?:to|(?:do|would|should|can)\s+(?:i|we|you))\s+(?:code|bill|report)\s+(?:for\s+)?"
    rf"|[,.;:!?\])]\s*(?:{_SYSTEM}\s+)?(?:codes?|{_CODE_SET}|diagnosis)\s+(?:for|of)\s+",
    re.IGNORECASE,
)
_SAID_BEFORE = re.compile(r"(?:it|this|that|them|these|those|her|him)\b|(?:this|that) (?:patient|case)\b", re.IGNORECASE)
PUNCTUATION = " ?!.,;:"


def template_of(flat: str, placed: Sequence[Placed], dates: Sequence[Said | NoDate]) -> str:
    """The text in small letters with `CODE`, `MODIFIER` and `DATE` in place of what was found."""
    marks = [(p.start, p.end, "CODE" if p.codes else "MODIFIER") for p in placed]
    marks += [(said.start, said.end, "DATE") for said in dates]
    parts, end = [], 0
    for start, stop, mark in sorted(marks):
        if start >= end:
            parts += [flat[end:start].lower(), mark]
            end = stop
    return re.sub(r"\s+", " ", "".join([*parts, flat[end:].lower()])).strip()


def subject_of(flat: str, dates: Sequence[Said | NoDate]) -> str:
    """The words that carry the meaning: the text without its dates, the phrase that asks, and what is told before that phrase."""
    starts, ends = [0, *(said.end for said in dates)], [*(said.start for said in dates), len(flat)]
    pieces = [flat[start:end] for start, end in zip(starts, ends, strict=True)]
    undated = [re.sub(r"\b(?:as of|in|on|during|since|for)\s*$", "", piece) for piece in pieces[:-1]]
    plain = re.sub(r"\s+", " ", "".join([*undated, pieces[-1]])).strip().strip(PUNCTUATION)
    rest = _asked_for(plain)
    while (match := _LEAD.match(rest)) and match.end() < len(rest):
        rest = rest[match.end() :]
    return _TRAIL.sub("", rest) or plain


def _asked_for(plain: str) -> str:
    """What stands behind the last phrase that asks; the whole text where none does, or where it points back ("what code for this")."""
    asking = [match.end() for match in _ASKING.finditer(plain)]
    rest = plain[asking[-1] :] if asking else ""
    return plain if not rest or _SAID_BEFORE.match(rest) else rest


def place(flat: str, dates: Sequence[Said | NoDate], known: Known) -> list[Placed]:
    """Codes and modifiers of a flattened text in order; what is part of a date is none."""
    for said in dates:
        flat = flat[: said.start] + " " * (said.end - said.start) + flat[said.end :]
    alone = len(flat) < 80 and re.fullmatch(r"-?[A-Za-z0-9.]+", _LEAD_ONLY.sub("", flat).strip(" ?!.,;:()\"'")) is not None
    codes = codes_in(flat, known, alone)
    return sorted([*codes, *modifiers_in(flat, codes, known, alone)], key=lambda p: p.start)


_LEAD_ONLY = re.compile(
    r"^\W*(?:(?:what(?:'s|s)?|is|does|are|was|tell|me|about|define|explain|describe|look|up|the|a|please|show|code|codes|cpt|hcpcs|modifier)\s+)*"
    r"|\s+(?:mean|meaning|valid|still|active|code|codes|please|stand for)\b(?=\W*$)",
    re.IGNORECASE,
)


def parse(text: str, known: Known, today: date) -> Question:
    """Understand a text by itself, slips in its command words mended. Never raises; `today` gives "last year" its meaning."""
    text = mended(text)
    flat = flatten(text)
    dates, no_dates = dates_in(flat, today), no_dates_in(flat, today)
    said: list[Said | NoDate] = [*dates, *no_dates]
    said.sort(key=lambda one: one.start)
    placed = place(flat, said, known)
    template = template_of(flat, placed, said)
    codes = tuple({(c.system, c.code, c.modifiers): c for p in placed for c in p.codes}.values())
    named = tuple(dict.fromkeys(m for p in placed for m in (*p.modifiers, *(m for c in p.codes for m in c.modifiers))))
    kind = kind_of(template, len({c.code for c in codes}), len(named))
    if kind is Kind.MODIFIERS_FOR_CODE and not named:
        named = implied_modifiers(template)
    return Question(
        text=text.strip(),
        kind=kind,
        codes=codes,
        modifiers=named,
        date=dates[0].date if dates else None,
        no_dates=tuple(no_dates),
        setting=setting_in(template),
        system=next((s for s, pattern in ASKED_SYSTEM if pattern.search(template)), None) if kind in (Kind.FIND, Kind.CODE, Kind.CHANGES) else None,
        payer=next((name for name, pattern in PAYERS if pattern.search(template)), None),
        quantity=_quantity(template),
        subject=subject_of(flat, said),
        why=bool(WHY.search(template)),
    )


def setting_in(template: str) -> Setting | None:
    """Who bills, where the text says so."""
    plain = NOT_A_SETTING.sub(" ", template)
    return next((setting for setting, pattern in SETTINGS if pattern.search(plain)), None)


def _quantity(template: str) -> int | None:
    match = QUANTITY.search(template)
    if not match:
        return None
    said = match["n"] or match["x"]
    return NUMBERS.get(said) or int(said)
