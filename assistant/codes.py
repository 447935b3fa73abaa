"""Codes and modifiers in text: which tokens are codes, of which code set, and what is a year, a ZIP code or a price.

A token is read by every shape it fits; what is said before it ("dx", "HCPCS"), then whether the code exists, then how sure
the shape is settles which reading stands. Nothing is read that is not written, but for the members of a range.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from corpus.model import System


class Known(Protocol):
    """What is needed of the store to settle shapes that fit several code sets."""

    def exists(self, system: System, code: str) -> bool:
        """Whether the code, in canonical form, is in any loaded release."""

    def is_modifier(self, code: str) -> bool:
        """Whether two characters are a modifier."""


@dataclass(frozen=True)
class CodeMention:
    """A code in the text. `code` is canonical: upper case, ICD-10-CM with its dot.

    `system` is what its shape says, None where the shape fits none; `modifiers` are those attached ("63044-59").
    `suggestion` is a code of good shape that a typing slip hides ("2061O" → "20610"); `also` are other readings of the
    same letters ("J1100" is HCPCS, and ICD-10-CM J11.00 without its dot).
    """

    text: str
    code: str
    system: System | None
    modifiers: tuple[str, ...] = ()
    suggestion: str | None = None
    also: tuple[tuple[System, str], ...] = ()


@dataclass(frozen=True)
class Placed:
    """What was found at a place of the text: codes (several for a range) or modifiers that stand alone."""

    start: int
    end: int
    codes: tuple[CodeMention, ...] = ()
    modifiers: tuple[str, ...] = ()


class Token(NamedTuple):
    """Letters and digits without a blank, and where they stand."""

    start: int
    end: int
    text: str


class Shape(NamedTuple):
    """How codes of a set look; `sure` shapes need no other sign that a code is meant."""

    system: System
    pattern: re.Pattern[str]
    sure: bool
    canonical: Callable[[str], str] = str


def _dotted(code: str) -> str:
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


# In order of preference. HCPCS stands before undotted ICD-10-CM: it is written as printed, ICD-10-CM usually has its dot.
SHAPES = (
    Shape(System.ICD10CM, re.compile(r"[A-Z]\d[0-9A-Z]\.(?=[0-9A-Z]*\d)[0-9A-Z]{1,4}"), True),
    Shape(System.ICD10CM, re.compile(r"[A-Z]\d[0-9A-Z]\.[A-Z]{1,4}"), False),
    Shape(System.ICD10CM, re.compile(r"[A-Z]{2}\d\.[0-9A-Z]{1,4}"), False),
    Shape(System.ICD9CM, re.compile(r"\d{3}(\.\d{1,2})?|V\d\d(\.\d{1,2})?|E\d{3}(\.\d)?"), False),
    Shape(System.CPT, re.compile(r"\d{5}|[01]\d{3}T|\d{4}F|0\d{3}[UMA]"), True),
    Shape(System.CPT, re.compile(r"\d{4}[UMA]"), False),
    Shape(System.HCPCS, re.compile(r"[A-EGHJ-MP-V]\d{4}"), True),
    Shape(System.ICD10CM, re.compile(r"[A-Z]\d[0-9A-Z]{1,2}"), False, _dotted),
    Shape(System.ICD10CM, re.compile(r"[A-Z]{2}\d[0-9A-Z]{0,4}"), False, _dotted),
    Shape(System.ICD10CM, re.compile(r"[A-TV-Z]\d[0-9AB][0-9X]{1,3}[0-9A-Z]"), True, _dotted),
    Shape(System.ICD10CM, re.compile(r"[A-Z]\d[0-9A-Z]{3,5}"), False, _dotted),
    Shape(System.ICD10PCS, re.compile(r"[0-9BCDFGHX][0-9A-HJ-NP-Z]{2}"), False),  # the stem that names a table
    Shape(System.ICD10PCS, re.compile(r"(?=.*\d.*\d)(?=.*[A-Z])[0-9BCDFGHX][0-9A-HJ-NP-Z]{6}"), True),
    Shape(System.ICD10PCS, re.compile(r"[0-9BCDFGHX][0-9A-HJ-NP-Z]{6}"), False),
)
TOKEN = re.compile(r"(?<![\w])(?<!\d\.)[A-Za-z0-9]{1,12}(?:\.[A-Za-z0-9]{1,6})?(?![\w])(?!,\d{3}\b)")

# Words before a token that name its code set, last one first in force.
_FILL = r"(?:\s*(?:-?cm|codes?|tables?|numbers?|no\.|#|:|is|of|for))*\s*[(\"'#:]?\s*$"
CUES: tuple[tuple[System | None, re.Pattern[str]], ...] = tuple(
    (system, re.compile(rf"(?:^|[^a-z0-9])(?:{words}){_FILL}", re.IGNORECASE))
    for system, words in (
        (System.ICD10PCS, r"icd-?\s?10-?\s?pcs|pcs"),
        (System.ICD9CM, r"icd-?\s?9(?:-?\s?cm)?"),
        (System.ICD10CM, r"icd-?\s?10(?:-?\s?cm)?|icd|dx|diagnos[ie]s"),
        (System.HCPCS, r"hcpcs|level ii"),
        (System.CPT, r"cpt"),
        (None, r"codes?|procedures?"),
    )
)
NOT_A_CODE_BEFORE = re.compile(
    r"(?:[$€£]\s?|(?<![a-z])(?:zip|postal|revenue|rev|denial|reason|remark|carc|rarc|condition|occurrence|value|taxonomy|status|error|place"
    r" of service|pos|mrn|npi|ndc|phone|fax|drg|apc)(?:\s*(?:id|codes?|number|no\.?|is|#|:))*\s*#?"
    r"|(?<![a-z])(?:account|acct|claim|invoice|room|suite|order|member|patient|policy|case|ticket|po box|group)\s*"
    r"(?:id|number|no\.|#|:)(?:\s*(?:is|#|:))*\s*)$",
    re.IGNORECASE,
)
STATES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT "
    "VT VA WA WV WI WY DC PR"
)
ZIP_BEFORE = re.compile(rf"[a-z],?\s(?:{'|'.join(STATES.split())})\s$")
NOT_A_CODE_AFTER = re.compile(
    r"-\d{4}(?!\w)|-\d{3,4}-\d|[.,]\d{3}(?!\d)|\s*(?:dollars?|usd|bucks|mg|mcg|ml|iu|kg|lbs?|percent|%|minutes?|years?)(?!\w)"
    r"|\s+[A-Z]\w+\s(?:Street|St|Avenue|Ave|Road|Rd|Blvd|Drive|Dr|Lane|Ln)\b"
)
COUNTED_AFTER = re.compile(r"\s+(?:units?|patients?|claims?|people|members?|cases?|employees|visits|steps|rvus?)\b", re.IGNORECASE)
ROUND = re.compile(r"[1-9]\d?0{3}")
# Vertebrae, vitamins, laboratory names and the like: codes only where the words say so.
LOOK_ALIKE = re.compile(r"T1[0-2]|B12|A1C|P53|H1N1")
MASK_AFTER = re.compile(r"\s*(?:masks?|respirators?)\b", re.IGNORECASE)
YEAR = re.compile(r"(?:19|20)\d\d")
STEM = 3  # characters of ICD-10-PCS that name a table
TABLE_BEFORE = re.compile(r"\btables?\s*$", re.IGNORECASE)
SLIPS = str.maketrans("OIL", "011")
RANGE_LIMIT = 500  # longest run of numbers that is looked through
LIST_GAP = re.compile(r"\s*(?:,|/|&|\+|;|and|or|vs\.?|versus|with|to|-)*\s*(?:and|or|with)?\s*")
RANGE_GAP = re.compile(r"\s*(?:-|to|thru|through)\s*", re.IGNORECASE)
COMPARED_BEFORE = re.compile(r"\b(?:compare|switch|change|upgrade|downgrade|crosswalk|convert)d?\s+(?:from\s+)?$", re.IGNORECASE)


def flatten(text: str) -> str:
    """The text with typographic dashes, quotes and blanks made plain; as long as before, so that places stay."""
    return text.translate(str.maketrans("‐‑‒–—−\u00a0\u2009\u202f\t\n\r®™“”‘’", "------        \"\"''"))


def tokens(flat: str) -> list[Token]:
    """The tokens of a flattened text in order."""
    return [Token(match.start(), match.end(), match.group()) for match in TOKEN.finditer(flat)]


def codes_in(flat: str, known: Known, alone: bool = False) -> list[Placed]:
    """The codes of a flattened text with the modifiers attached to them, in order.

    `alone`: the text is nothing but what it asks about, so that even an unlikely token is meant as a code.
    """
    found: list[Placed] = []
    cue: tuple[bool, System | None] = (False, None)
    row = tokens(flat)
    position = 0
    while position < len(row):
        token = row[position]
        position += 1
        near = _cue_before(flat, token)
        listed = bool(found) and LIST_GAP.fullmatch(flat[found[-1].end : token.start].lower()) is not None
        cue = near or (cue if listed else (False, None))
        mention = read(flat, token, known, cued=cue[0], system=cue[1], named=near is not None, alone=alone)
        if mention is None:
            continue
        attached, taken = _attached(flat, row, position, mention, known)
        end = row[position + taken - 1].end
        position += taken
        mention = replace(mention, modifiers=mention.modifiers + attached, text=flat[token.start : end])
        before = found[-1] if found else None
        gap = flat[before.end : token.start] if before else ""
        if (
            before
            and RANGE_GAP.fullmatch(gap)
            and len(before.codes) == 1
            and not COMPARED_BEFORE.search(flat[max(0, before.start - 30) : before.start])
        ):
            found[-1] = Placed(before.start, end, tuple(members(before.codes[0], mention, known)))
        else:
            found.append(Placed(token.start, end, (mention,)))
    return found


def read(
    flat: str, token: Token, known: Known, *, cued: bool = False, system: System | None = None, named: bool = False, alone: bool = False
) -> CodeMention | None:
    """The code that a token is, None when it is none.

    `cued`: a word before it or before its list says that codes come, `system` which; `named`: that word stands right before it.
    """
    before, after = flat[max(0, token.start - 40) : token.start], flat[token.end : token.end + 40]
    if not any(c.isdigit() for c in token.text) or len(token.text) < 3 or _is_no_code(before, after, token.text, known):
        return None
    upper = token.text.upper()
    if glued := re.fullmatch(r"(\d{5})\.?([0-9A-Z]{2})", upper):
        return _glued(token.text, glued[1], glued[2], system, known)
    readings = [(shape.system, shape.canonical(upper), shape.sure) for shape in SHAPES if shape.pattern.fullmatch(upper)]
    unsure = bool(LOOK_ALIKE.fullmatch(upper)) or (upper == "N95" and bool(MASK_AFTER.match(after)))
    chosen = None if unsure and not cued else _choose(readings, known, system)
    if chosen and chosen[0] is System.ICD10PCS and len(upper) == STEM and not (alone or system is System.ICD10PCS or TABLE_BEFORE.search(before)):
        return None  # "for 10D"
    if chosen is None and (slip := _slip(upper, known)):
        return CodeMention(token.text, upper, None, suggestion=slip)
    if chosen is None and (cued or alone) and not (unsure and not cued):
        meant = [(s, c) for s, c, _ in readings if (s != System.ICD9CM or "." in c) and (s != System.ICD10PCS or len(c) > STEM)]
        chosen = next(((s, c) for s, c in meant if _digits(c) > 1), None)
    if chosen:
        others = {(s, c): None for s, c, sure in readings if s != chosen[0] and (known.exists(s, c) or (sure and len(c) > 4))}
        return CodeMention(token.text, chosen[1], chosen[0], also=tuple(others))
    if "." in upper and (base := _without_word(token, flat, known)):
        return base
    malformed = (named or alone) and re.fullmatch(r"[A-Z]?\d[0-9A-Z]{2,7}(\.[0-9A-Z]{1,6})?", upper) and _digits(upper) >= 3
    return CodeMention(token.text, upper, None) if malformed else None


def members(first: CodeMention, last: CodeMention, known: Known) -> list[CodeMention]:
    """The codes of a range that exist, its ends among them; both ends where they make no range, one for a block ("E08-E13")."""
    block = f"{first.code}-{last.code}"
    if first.system is System.ICD10CM and known.exists(System.ICD10CM, block):
        return [CodeMention(block, block, System.ICD10CM)]
    stem = _common(first.code, last.code)
    low, high = first.code[len(stem) :], last.code[len(stem) :]
    tail = low[-1] if low[-1:].isalpha() and low[-1:] == high[-1:] else ""
    low, high = low.removesuffix(tail), high.removesuffix(tail)
    ends = first.system == last.system and first.system is not None and len(low) == len(high) and low.isdecimal() and high.isdecimal()
    if not ends or first.modifiers or not 0 < int(high) - int(low) <= RANGE_LIMIT:
        return [first, last]
    system = first.system
    assert system is not None
    inner = (f"{stem}{number:0{len(low)}d}{tail}" for number in range(int(low) + 1, int(high)))
    return [first, *(CodeMention(code, code, system) for code in inner if known.exists(system, code)), last]


def _common(one: str, other: str) -> str:
    length = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:length]


def _cue_before(flat: str, token: Token) -> tuple[bool, System | None] | None:
    before = flat[max(0, token.start - 40) : token.start]
    return next(((True, system) for system, pattern in CUES if pattern.search(before)), None)


def _is_no_code(before: str, after: str, text: str, known: Known) -> bool:
    """Whether the words around a token make it a price, an address, a count or a number of another kind."""
    if NOT_A_CODE_BEFORE.search(before) or YEAR.fullmatch(text):
        return True
    if not text.replace(".", "").isdecimal():
        return False
    if ZIP_BEFORE.search(before) or NOT_A_CODE_AFTER.match(after):
        return True
    counted = bool(COUNTED_AFTER.match(after)) and bool(ROUND.fullmatch(text))
    phone = re.search(r"\d-$", before) is not None and re.search(r"\d{5}-$", before) is None
    return (counted or phone) and not known.exists(System.CPT, text)


def _choose(readings: list[tuple[System, str, bool]], known: Known, system: System | None) -> tuple[System, str] | None:
    """The reading that stands: in the code set named, then one that exists, then one of a sure shape."""
    named = [r for r in readings if r[0] == system]
    existing = next((r for r in named or readings if not re.fullmatch(r"\d{3}", r[1]) and known.exists(r[0], r[1])), None)
    best = existing or (named[0] if named else next((r for r in readings if r[2]), None))
    return (best[0], best[1]) if best else None


def _glued(text: str, code: str, modifier: str, system: System | None, known: Known) -> CodeMention | None:
    """A CPT code with its modifier and no dash ("99213.25", "71046TC"); a price or an ICD-10-PCS code otherwise."""
    if system in (None, System.CPT) and known.is_modifier(modifier) and ("." in text or known.exists(System.CPT, code)):
        return CodeMention(text, code, System.CPT, (modifier,))
    if SHAPES[-2].pattern.fullmatch(text.upper()) or ("." not in text and (system == System.ICD10PCS or known.exists(System.ICD10PCS, text.upper()))):
        return CodeMention(text, text.upper(), System.ICD10PCS)
    return None


def _without_word(token: Token, flat: str, known: Known) -> CodeMention | None:
    """The code before a full stop that has no blank behind it ("E11.The")."""
    stem, rest = token.text.split(".", 1)
    if not rest.isalpha() or len(rest) < 2:
        return None
    return read(flat, Token(token.start, token.start + len(stem), stem), known)


def _slip(upper: str, known: Known) -> str | None:
    """The code that was meant when O, I or L was typed for a digit ("2061O", "J33O1", "OSRD0J9")."""
    if len(upper) < 5 or _digits(upper) < (2 if len(upper) == 7 else 3) or not re.search("[OIL]", upper):
        return None
    for mended in (upper[0] + upper[1:].translate(SLIPS), upper.translate(SLIPS)):
        readings = [(s.system, s.canonical(mended), s.sure) for s in SHAPES if s.pattern.fullmatch(mended)]
        if mended != upper and (chosen := _choose(readings, known, None)):
            return chosen[1]
    return None


def _digits(text: str) -> int:
    return sum(c.isdigit() for c in text)


COUNTED = re.compile(
    r"[\s-]*(?:units?|times|x|minutes?|mins?|hours?|hrs?|years?|yrs?|y/?o|days?|weeks?|wks?|months?|mg|ml|mcg|mm|cm|cc|iu|kg|lbs?|%|percent"
    r"|dollars?|degrees?|patients?|pts|claims?|people|cases?|visits?|sessions?|levels?|views?|total)(?!\w)",
    re.IGNORECASE,
)
# Modifiers that are words, too: meant only in capitals among small letters, after a dash, or as the last word.
WORDS = frozenset("AD AM AS AT BE BY DO GO HA HE HI HO ID IF IN IS IT ME MY NO OF OH OK ON OR PA SO TO UP US WE AN".split())
TIMES = re.compile(r"X[1-9]")  # "97110 x2" counts units; the modifiers X1 to X5 take a dash
SMALL = frozenset(("lt", "rt", "tc"))  # written small without a dash often enough


def _attached(flat: str, row: list[Token], position: int, mention: CodeMention, known: Known) -> tuple[tuple[str, ...], int]:
    """The modifiers that follow a procedure code ("63044-50-LT", "99213 25"), and how many tokens they take."""
    if mention.system not in (System.CPT, System.HCPCS, None):
        return (), 0
    modifiers: list[str] = []
    end = row[position - 1].end
    for token in row[position : position + 8]:
        gap = flat[end : token.start]
        dashed = re.fullmatch(r"\s?-\s?", gap) is not None
        upper = token.text.upper()
        if len(upper) != 2 or not (dashed or re.fullmatch(r"\s|,\s?" if modifiers else r"\s", gap)):
            break
        if not (known.is_modifier(upper) or (dashed and (upper.isdecimal() or token.text.isupper()))):
            break
        if not dashed and (not spelled_out(flat, token) or TIMES.fullmatch(upper) or COUNTED.match(flat[token.end : token.end + 12])):
            break
        modifiers.append(upper)
        end = token.end
    return tuple(modifiers), len(modifiers)


def spelled_out(flat: str, token: Token) -> bool:
    """Whether two characters are written as a modifier: a digit, or capitals where capitals say something."""
    upper = token.text.upper()
    if _digits(upper) or token.text in SMALL:
        return True
    return token.text == upper and not (upper in WORDS and not any(c.islower() for c in flat))
