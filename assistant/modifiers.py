"""Modifiers that stand on their own in text: "modifiers 58, 78 and 79", "XS modifier", "-LT", "26/TC", "QK vs QY"."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import pairwise

from assistant.codes import COUNTED, SMALL, WORDS, Known, Placed, Token, spelled_out, tokens

ANNOUNCED = re.compile(r"(?:^|[^a-z])(?:modifiers?|mods?|mdfr)\.?(?:\s*(?:codes?|numbers?|#|:|is|are|of|like))*[\s\-(\"'#]*$", re.IGNORECASE)
NAMED_AFTER = re.compile(r"[\s-]*(?:modifiers?|mods?)\b", re.IGNORECASE)
LISTED = re.compile(r"\s*(?:,|/|&|\+|-|and|or|vs\.?|versus|with|from|to|thru|through)?\s*(?:and|or)?\s*-?\s*", re.IGNORECASE)
OFFERED = re.compile(r"\s*(?:/|,|or|and|vs\.?|versus)\s*", re.IGNORECASE)
RUN = re.compile(r"\s*(?:-|to|thru|through)\s*", re.IGNORECASE)
COMPARED = re.compile(r"\s*(?:/|(?:the )?same as|different (?:from|than|to)|vs\.?|versus|or|and|from|&|,)\s*-?\s*", re.IGNORECASE)
COMPARING = re.compile(r"\b(?:same as|vs\.?|versus|differ(?:s|ence|ent)?|compare[ds]?)\b|/", re.IGNORECASE)
# Words before a modifier that put it on a code: "add 59 to 45380", "need a 26"; and looser ones.
ADDED = re.compile(r"\b(?:append|add|attach|apply|put|take|takes)\s+(?P<article>(?:an?|the)\s+)?$", re.IGNORECASE)
APPLIED = re.compile(
    r"(?:\b(?:use|used|needs?|requires?|with|without|w/?o?)|(?:^|[\d,;:?!.]\s*|\b(?:why|when|if|and|or)\s+)is)(?:\s+|(?<=/))(?P<article>(?:an?|the)\s+)?$",
    re.IGNORECASE,
)
# What stands behind a number with an article where it is a modifier and does not count what follows ("a 50 pack year history").
NOUN_ENDS = re.compile(
    r"\s*(?:$|[?.!,;:)]|(?:on|to|for|with|in|at|by|when|if|because|since|or|and|too|also|here|go|goes|belongs?|be|is|needed|required|allowed|ok)\b)",
    re.IGNORECASE,
)
# Words from a modifier to the code it is for: "26 on 71046", "can 25 be appended to 99213"; and looser ones: "50 with 27447".
_STATE = (
    r"be|is|not|go|goes|ok|okay|allowed|needed|required|appropriate|right|correct|valid|usable|payable|pays?|used|billed|reported|belongs?"
    r"|applies|apply"
)
_ADDED_TO = r"(?:(?:be|is)\s+)?(?:appended|added|attached|applied|apply)\s+to"
_THE = r"(?:(?:the|an?|cpt|hcpcs|code)\s+)*"
PUT_ON = re.compile(rf"[\"')]?\s+(?:(?:{_STATE})\s+)*(?:on|onto|{_ADDED_TO})\s+{_THE}", re.IGNORECASE)
WITH_IT = re.compile(rf"[\"')]?\s+(?:(?:{_STATE})\s+)*(?:with|for)\s+{_THE}", re.IGNORECASE)
# Words from a code to the modifier that it is paid with: "does 27447 pay for 80"; "pay 80" is a price.
PAID_FOR = re.compile(
    r"\s+(?:(?:also|ever|not|be|get|gets|is)\s+)*(?:pays?\s+for|paid\s+(?:for|with)|allows?|permits?|accepts?|supports?)\s+(?P<article>(?:an?|the)\s+)?$",
    re.IGNORECASE,
)
# What may stand before such a modifier; a noun there would make it a level, a page or an age.
OPENED = re.compile(
    r"(?:^|[,;:?!(\"'])\s*$|\b(?:an?|the|is it|is|are|can|could|may|must|should|would|will|does|do|and|or|not|if|why|about|need|use|append|add|attach"
    r"|put|bill|report)\s+$",
    re.IGNORECASE,
)
AN_AGE = re.compile(  # "the patient is 80", "from age 45 or 50"
    r"\b(?!(?:why|when|if|and|or|so|but|where)\b)[a-z]\w*\s+is\s+$|\d\d\s+(?:or|and)\s+$", re.IGNORECASE
)
# Modifiers that are clinical shorthand, too ("PT with 97110", "PA for 27447"): meant only where they are plainly put on a code.
SHORTHAND = frozenset("AF AR CA CC CS CT ED EP ER ET HA HD HF HR IM IV MS OT PA PC PD PI PO PR PS PT RA SC SE ST TB UC US".split())
JOINING = ("vs", "or", "to", "of", "on", "is")  # not modifiers, in capitals or not
DASHED = re.compile(r"(?:^|[\s(\"'/,])-$")
FAMILY = re.compile(r"(?<!\w)x\s?[{(\[]?\s?epsu\s?[})\]]?(?!\w)", re.IGNORECASE)


def modifiers_in(flat: str, codes: list[Placed], known: Known, alone: bool = False) -> list[Placed]:
    """The modifiers of a flattened text that are not attached to a code, in order.

    `alone`: the text is nothing but what it asks about.
    """
    family = [Placed(match.start(), match.end(), modifiers=("XE", "XP", "XS", "XU")) for match in FAMILY.finditer(flat)]
    taken = {spot for placed in (*codes, *family) for spot in range(placed.start, placed.end)}
    row = [t for t in tokens(flat) if len(t.text) == 2 and t.start not in taken and not _is_word(flat, t)]
    gaps = ["", *(flat[one.end : other.start] for one, other in pairwise(row))]
    meant = [_is_announced(flat, t, known) for t in row]
    for i, token in enumerate(row):  # a list goes on from its announced first member
        meant[i] = meant[i] or bool(i and meant[i - 1] and LISTED.fullmatch(gaps[i]) and _could_be(flat, token, known))
    sure = [known.is_modifier(t.text.upper()) and _could_be(flat, t, known) for t in row]
    for i, token in enumerate(row):
        meant[i] = meant[i] or (sure[i] and (_is_compared(flat, row, i, known) or _is_applied(flat, token, codes, alone)))
        meant[i] = meant[i] or bool(i and meant[i - 1] and sure[i] and LISTED.fullmatch(gaps[i]))
    for i in range(len(row) - 2, -1, -1):  # and backwards from "59 or XS modifier", "LT or RT on 20610"
        meant[i] = meant[i] or bool(meant[i + 1] and sure[i] and OFFERED.fullmatch(gaps[i + 1]))
    kept = [token for token, is_meant in zip(row, meant, strict=True) if is_meant]
    return sorted([*family, *_placed(flat, kept, known)], key=lambda placed: placed.start)


def loose_modifiers(flat: str, known: Known) -> tuple[str, ...]:
    """The modifiers of a short follow-up that nothing announces ("or xs?", "does 59 help?"): the talk is what makes them such."""
    row = [t for t in tokens(flat) if len(t.text) == 2 and known.is_modifier(t.text.upper()) and not _is_word(flat, t)]
    small = [t for t in row if t.text.islower() and t.text not in SMALL and t.text.upper() in SHORTHAND]  # "in er", "for ra"
    return tuple(dict.fromkeys(t.text.upper() for t in row if t not in small and _could_be(flat, t, known)))


def _is_word(flat: str, token: Token) -> bool:
    """Whether a token is a small word of the sentence, which no announcement makes a modifier."""
    small = token.text.islower() and token.text.upper() in WORDS and not ANNOUNCED.search(flat[max(0, token.start - 40) : token.start])
    return small or token.text.lower() in JOINING


def _could_be(flat: str, token: Token, known: Known) -> bool:
    """Whether a token reads as a modifier at all; words of English do only where their capitals say something."""
    upper = token.text.upper()
    if COUNTED.match(flat[token.end : token.end + 12]):
        return False
    if upper in WORDS and not spelled_out(flat, token):
        return known.is_modifier(upper) and re.fullmatch(r"[\s?.!]*", flat[token.end :]) is not None
    return known.is_modifier(upper) or spelled_out(flat, token)


def _is_announced(flat: str, token: Token, known: Known) -> bool:
    before, after = flat[max(0, token.start - 40) : token.start], flat[token.end : token.end + 12]
    if ANNOUNCED.search(before):
        return _could_be(flat, token, known)
    if not known.is_modifier(token.text.upper()):
        return False
    if DASHED.search(before):
        return True
    return NAMED_AFTER.match(after) is not None and (spelled_out(flat, token) or token.text.upper() not in WORDS)


def _is_compared(flat: str, row: list[Token], i: int, known: Known) -> bool:
    """Whether a modifier is set against the one beside it ("difference between 59 and XS", "QK vs QY", "26/TC")."""
    pairs = [(row[j], row[j + 1]) for j in (i - 1, i) if 0 <= j < len(row) - 1]
    return any(
        COMPARED.fullmatch(flat[one.end : other.start]) is not None
        and (COMPARING.search(flat[one.end : other.start]) is not None or COMPARING.search(flat[max(0, one.start - 40) : one.start]) is not None)
        and all(known.is_modifier(t.text.upper()) and _could_be(flat, t, known) for t in (one, other))
        for one, other in pairs
    )


def _is_applied(flat: str, token: Token, codes: list[Placed], alone: bool) -> bool:
    """Whether a modifier is put on a code of the text ("can I use 50 on 63044"), or is all the text asks about."""
    if alone:
        return True
    if not codes or not spelled_out(flat, token):
        return False
    before = flat[max(0, token.start - 20) : token.start]
    shorthand = token.text.upper() in SHORTHAND
    verb = ADDED.search(before) or (None if shorthand else APPLIED.search(before))
    if verb and not (verb["article"] and not NOUN_ENDS.match(flat, token.end)):
        return True
    following = bisect_left(codes, token.end, key=lambda placed: placed.start)
    ahead = flat[codes[following - 1].end : token.start] if following and token.start - codes[following - 1].end < 40 else ""
    if PAID_FOR.match(ahead) and not shorthand and NOUN_ENDS.match(flat, token.end):
        return True
    if following == len(codes) or not OPENED.search(before):
        return False
    gap = flat[token.end : codes[following].start] if codes[following].start - token.end < 60 else ""
    return bool(PUT_ON.fullmatch(gap) or (WITH_IT.fullmatch(gap) and not shorthand and not AN_AGE.search(before)))


def _placed(flat: str, row: list[Token], known: Known) -> list[Placed]:
    """The tokens as found, runs such as E1-E4 and 80-82 with the modifiers between their ends."""
    found: list[Placed] = []
    for token in row:
        upper = token.text.upper()
        before = found[-1] if found else None
        if before and RUN.fullmatch(flat[before.end : token.start]) and (run := _run(before.modifiers[-1], upper, known)):
            found[-1] = Placed(before.start, token.end, modifiers=(*before.modifiers, *run))
        else:
            found.append(Placed(token.start, token.end, modifiers=(upper,)))
    return found


def _run(first: str, last: str, known: Known) -> tuple[str, ...]:
    """The modifiers after `first` up to `last`, empty where the two make no run."""
    letter = first[0] if first[0] == last[0] and first[0].isalpha() else ""
    low, high = first[len(letter) :], last[len(letter) :]
    if not (low.isdecimal() and high.isdecimal() and int(low) < int(high)):
        return ()
    between = (f"{letter}{number:0{len(low)}d}" for number in range(int(low) + 1, int(high)))
    return (*(m for m in between if known.is_modifier(m)), last)
