"""What a sentence says that can be checked: its exact tokens (codes, numbers, dates, amounts), its content words, and
whether it permits or forbids. Plain patterns, no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from assistant.codes import flatten
from assistant.retrieval import stem
from corpus.fulltext import STOP_WORDS

# Exact tokens

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
_MONTH_DAY = re.compile(rf"\b{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})\b", re.IGNORECASE)
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH},?\s+(\d{{4}})\b", re.IGNORECASE)
_MONTH_YEAR = re.compile(rf"\b{_MONTH},?\s+(?:of\s+)?(\d{{4}})\b", re.IGNORECASE)
_SLASHED = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b")
_DATE = re.compile(r"\b(\d{4}-\d{2})(-\d{2})?\b(?!-?\d)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_TOKEN = re.compile(r"(\$\s?)?(?<![A-Za-z0-9])([A-Za-z]*\d[A-Za-z0-9]*(?:\.[A-Za-z0-9]+)*)(\s?%|\s+per\s?cent\b)?")
_UNIT = re.compile(r"(\d+(?:\.\d+)?)(?:st|nd|rd|th|x|mg|mcg|ml|kg|min|h|s)")
_LINK = re.compile(r"(?:https?://|www\.)[^\s\])>]+", re.IGNORECASE)
_GLOBAL = re.compile(r"\b(?:XXX|YYY|ZZZ|MMM)\b")
_LETTER = re.compile(r"\b[Ss]tatus(?:\s+(?:indicator|code|is|of|value))*\s*[:=|]?\s*[\"'(]?([A-Z])\b(?!')")
_MODIFIERS = re.compile(r"\b[Mm]odifiers?:?\s+((?:-?[A-Z0-9]{2}(?!\w|\.\d)(?:\s*(?:,|/|&|and|or)\s*)*)+)")
_ATTACHED = re.compile(r"\b[A-Z0-9]{5}((?:-[A-Z0-9]{2}(?!\w))+)")
_PUT_ON = re.compile(r"([^.;\n]{0,90}?)\b(?:to|on|for)\s+(?:[a-z]+\s+){0,2}?(\d{5}|[A-V]\d{4})\b")
_TAKES = re.compile(r"\b(\d{5}|[A-V]\d{4})(?:(?!\d{5})[^.;\n]){0,60}?\b(?:needs?|takes?|with|requires?)\s+(?:modifiers?\s+)?([A-Z0-9]{2})(?!\w)")
_CAPITALS = re.compile(r"(?<![\w-])[A-Z][A-Z0-9](?![\w-])")
NUMBER_WORDS = dict(zip("two three four five six seven eight nine ten eleven twelve".split(), range(2, 13), strict=True)) | {
    "twice": 2, "dozen": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "hundred": 100,
}  # fmt: skip
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(NUMBER_WORDS)})\b", re.IGNORECASE)
_COLUMN_CODE = re.compile(r"\bcolumn\s+([12])(?:\s+code)?(?:\s+is|:)?\s+([A-Z0-9]{5})\b", re.IGNORECASE)
_CODE_COLUMN = re.compile(r"\b([A-Z0-9]{5})\s+(?:is|in|as|stands)\b(?:\s+\w+){0,3}?\s+column\s+([12])\b")
CODE = re.compile(r"\d{4}[0-9AFTUM]|[A-V]\d{4}|[A-TV-Z]\d[0-9AB]\.[0-9A-Z]{1,4}")


def exact(text: str) -> frozenset[str]:
    """Every token that must stand in the evidence as it is, in one spelling: codes, numbers, ISO dates, "50%", "$12", links."""
    plain = _iso(_THOUSANDS.sub("", flatten(text)))
    found = {link.rstrip(".,;:)") for link in _LINK.findall(plain)}
    plain = _LINK.sub(" ", plain)
    for match in _DATE.finditer(plain):
        found.add(match.group())
    plain = _DATE.sub(" ", plain)
    for dollar, token, percent in _TOKEN.findall(plain):
        found.add(f"{'$' if dollar else ''}{_spelled(token)}{'%' if percent else ''}")
    found |= {f"global:{value}" for value in _GLOBAL.findall(plain)}
    found |= {f"status:{value}" for value in _LETTER.findall(plain)}
    found |= {f"column {n}:{code}" for n, code in _COLUMN_CODE.findall(plain)}
    found |= {f"column {n}:{code}" for code, n in _CODE_COLUMN.findall(plain)}
    return frozenset(found)


def carried(text: str) -> frozenset[str]:
    """The exact tokens that a text of evidence carries: its own, its number words, and the month and year of its dates."""
    found = set(exact(text)) | {str(value) for value in number_words(text)}
    for token in tuple(found):
        if _DATE.fullmatch(token):
            found |= {token[:4], token[:7]}
        found.add(token.strip("$%"))
    return frozenset(found)


def number_words(text: str) -> set[int]:
    """Numbers written as words; "one" says too little to be checked."""
    return {NUMBER_WORDS[word.lower()] for word in _NUMBER_WORD.findall(text)}


def modifiers(text: str) -> set[str]:
    """What is named as a modifier: after the word, or behind the dash of a code."""
    plain = flatten(text)
    named = {m for group in _MODIFIERS.findall(plain) for m in re.findall(r"[A-Z0-9]{2}", group)}
    return named | {m for group in _ATTACHED.findall(plain) for m in group.strip("-").split("-")}


def placed(text: str) -> set[tuple[str, str]]:
    """Which modifier is put on which code: "25 to 99213", "99213 takes 25", "99213-25"."""
    plain = flatten(text)
    found = {(m, match[2]) for match in _PUT_ON.finditer(plain) for m in re.findall(r"(?<![\w-])[A-Z0-9]{2}(?![\w-])", match[1])}
    found |= {(match[2], match[1]) for match in _TAKES.finditer(plain)}
    return found | {(m, match.group()[:5]) for match in _ATTACHED.finditer(plain) for m in match[1].strip("-").split("-")}


def capitals(text: str) -> set[str]:
    """Tokens of two capitals, or a capital and a digit, which may be modifiers ("XS", "F1")."""
    return set(_CAPITALS.findall(flatten(text)))


def _iso(text: str) -> str:
    """The text with its written dates as ISO dates."""
    text = _MONTH_DAY.sub(lambda m: f"{m[3]}-{_number(m[1])}-{int(m[2]):02d}", text)
    text = _DAY_MONTH.sub(lambda m: f"{m[3]}-{_number(m[2])}-{int(m[1]):02d}", text)
    text = _MONTH_YEAR.sub(lambda m: f"{m[2]}-{_number(m[1])}", text)
    return _SLASHED.sub(lambda m: f"{m[3]}-{int(m[1]):02d}-{int(m[2]):02d}", text)


def _number(month: str) -> str:
    return f"{MONTHS.index(month[:3].lower()) + 1:02d}"


def _spelled(token: str) -> str:
    """One spelling for one value: "090" is 90, "4.00" is 4, "2nd" is 2, codes in capitals."""
    if unit := _UNIT.fullmatch(token):
        token = unit[1]
    if re.fullmatch(r"\d{1,3}", token):
        return str(int(token))
    if re.fullmatch(r"\d+\.\d+", token):
        return token.rstrip("0").rstrip(".")
    return token.upper()


# Content words

_WORD = re.compile(r"[^\W\d_]{3,}")
_PLAIN = STOP_WORDS | frozenset(
    """also always any because been being both each either however its more most must such then therefore thus under until upon when
    whether while will would may can could might shall not never only same very well here per via yes""".split()
)


def words(text: str) -> frozenset[str]:
    """The content words, by stem and at most six letters, so that "separate" meets "separately"."""
    return frozenset(stem(word)[:6] for word in _WORD.findall(_iso(flatten(text)).lower()) if word not in _PLAIN)


# Permission


class Sign(StrEnum):
    """What a clause says of an act of billing."""

    PERMITS = "permits"
    FORBIDS = "forbids"


@dataclass(frozen=True)
class Claim:
    """A clause that permits or forbids. `strong`: it says so outright ("may", "allowed"), not in passing ("is reported")."""

    sign: Sign
    strong: bool


_ACT = (
    r"(?:bill|report|code|use|using|append|attach|add|pay|paid|reimburse|charge|claim|submit|list|bypass|override|open|allow|permit|combine"
    r"|unbundle|accept|cover|count|stand|go)(?:s|d|ed|ing|es)?\b(?!-)"
)
_CLAUSES = re.compile(r"[;:,.]\s+|\b(?:but|unless|except|however|although|whereas|while|because|so)\b")
_NOT = re.compile(r"\b(?:never|not|no|none|nothing|neither|nor|cannot|nobody)\b|n't\b|\bcan't\b", re.IGNORECASE)
_OUTRIGHT = re.compile(
    rf"\b(?:may|can|could|might|cannot|can't|(?:is|are)\s+free\s+to)\b.*?\b{_ACT}"
    r"|\b(?:allow(?:s|ed)?|permit(?:s|ted)?|permissible|acceptable|(?:re)?payable|billable|reportable|reimbursable|usable|eligible|ok|okay|fine)\b"
    r"|\b(?:bypass(?:es)?|overrides?)\b|\bpossible\b|^\W*yes\b",
    re.IGNORECASE,
)
_IN_PASSING = re.compile(
    rf"\b(?:should|must|shall|will|is to|are to|has to|have to)\b.*?\b{_ACT}"
    r"|\b(?:is|are|was|were|be|being|gets?)\b(?:\s+\w+){0,3}?\s+(?:billed|reported|coded|used|paid|covered|appended|listed|reimbursed)\b"
    r"|\b(?:appl(?:y|ies)|fits?|go together|goes with)\b"
    r"|^\W*(?:(?:please|just|simply|then|and|always|you)\W+)*(?:bill|report|code|use|append|attach|submit|list|charge|add)\b(?!-)",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"\b(?:prohibit\w*|forbid\w*|forbidden|disallow\w*|denie[ds]|deny|bundle[ds]?|rejected|excluded|non-?payable|non-?covered|unbillable"
    r"|mutually exclusive)\b",
    re.IGNORECASE,
)
_FLAT_NO = re.compile(r"\bno data\b|^\W*no\W*$|^\W*no modifiers?\b|\bnever\b|\bnot?\s+(?:\w+\s+){0,2}together\b", re.IGNORECASE)
_NOT_ALONE = re.compile(r"\b(?:never|not|cannot)\b.*\b(?:alone|by itself|on its own)\b", re.IGNORECASE)


def claims(text: str) -> frozenset[Claim]:
    """What the clauses of a text permit and forbid. "Never alone" does neither: it asks for company."""
    return frozenset(claim for clause in _CLAUSES.split(flatten(text)) if (claim := _claim(clause)))


def _claim(clause: str) -> Claim | None:
    if re.search(r"\bno data\b", clause, re.IGNORECASE):
        return Claim(Sign.FORBIDS, True)
    if _NOT_ALONE.search(clause):
        return None
    if denial := _DENIAL.search(clause):
        negated = _NOT.search(clause[: denial.start()])
        return Claim(Sign.PERMITS if negated else Sign.FORBIDS, True)
    if _FLAT_NO.search(clause):
        return Claim(Sign.FORBIDS, True)
    for pattern, strong in ((_OUTRIGHT, True), (_IN_PASSING, False)):
        if match := pattern.search(clause):
            negated = _NOT.search(clause[: match.end()])
            return Claim(Sign.FORBIDS if negated else Sign.PERMITS, strong)
    return None


_WIDENING = re.compile(r"\b(?:always|without|regardless|any|every|unlimited|freely|automatically|more than|at all times)\b", re.IGNORECASE)


def widenings(text: str) -> set[str]:
    """The words that make a permission wider: "always", "without", "any"."""
    return {word.lower() for word in _WIDENING.findall(text)}


# Sentences

_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'])(?:e\.g|i\.e|vs?|vol|cf|ca|approx|etc|no|nos|sec|sect|ch|chap|fig|pp?|dr|mr|mrs|st|u\.s|incl|max|min|para?)$", re.I
)
_STOP = re.compile(r"\n|[.!?。！？]+[)\"'”’*_]*")
_MARKS = re.compile(r"(?:\s*(?:\[[\d\s,;–-]*\]|【[^】\n]{0,20}】))+")


def end_of_sentence(text: str, last: bool) -> int | None:
    """Where the first sentence of a text ends, its markers included; None while that cannot be told.

    `last`: nothing follows, so what stands there is a sentence as it is.
    """
    for stop in _STOP.finditer(text):
        if stop.group() == "\n":
            return stop.start()
        end, marked = stop.end(), _MARKS.match(text, stop.end())
        if marked:
            end = marked.end()
        rest = text[end:]
        following = rest.lstrip(" \t")
        if not following:
            return end if last else None
        if following[0] in "[【" and not last and not re.search(r"[\]】\n]", following):
            return None  # half a marker
        if not (marked or rest[0].isspace()) or following[0].islower() or _ABBREVIATION.search(text[max(0, stop.start() - 12) : stop.start()]):
            continue
        return end
    return len(text) if last else None


def sentences(text: str) -> Iterator[str]:
    """A whole text by its sentences."""
    while text := text.lstrip():
        end = end_of_sentence(text, last=True) or len(text)
        yield text[:end]
        text = text[end:]
