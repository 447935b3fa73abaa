"""Earlier turns + new text → a question that stands alone.

A follow-up is rewritten into words that need no turn before ("and its modifiers?" → "Which modifiers fit 63044?"), and those
words are parsed: what is shown to the user is what is answered. Date, setting and payer stay while the topic does. A text that
names what it is about in a sentence of its own starts a new topic and is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from assistant.codes import flatten
from assistant.dates import dates_in
from assistant.kinds import ASPECTS, IMPLIED, ONE_CLAIM, implied_modifiers
from assistant.question import PAYERS, CodeMention, Kind, Known, Question, parse, place, template_of
from assistant.standalone import BILLERS, NAMES, TEMPLATES, codes_of, context_of, modifiers_of
from assistant.standalone import standalone_text as standalone_text

LED = re.compile(r"^\W*(?:(?:and|but|also|so|then|ok(?:ay)?|or|plus|now|what about|how about|what if)\b\W*)+", re.IGNORECASE)
WHY_ONLY = re.compile(
    r"^\W*(?:(?:but|and|so)\W+)?(?:why(?: not| so| is (?:that|it)(?: so)?)?|how come|what is the reason|(?:please )?explain (?:that|why|this))\W*$"
)
CHOICE = re.compile(
    r"^\W*(?:(?:and|what about|how about|tell me about|what is|use|ok)\W+)*(?:the )?"
    r"(?P<which>first|second|third|last|latter|former|other)(?: (?:one|code|modifier))?\W*$"
)
PRONOUN = re.compile(
    r"\b(?:this|that|the) (?:code|modifier|procedure|one)\b(?! (?:for|of|to|that|when|if)\b)|\bit\b(?!'s\b)"
    r"|(?<=\bis )(?:this|that)\b|(?<=\bof )(?:this|that)\b|(?<=\bbill )(?:this|that)\b|\b(?:this|that)(?=\W*$)"
    r"|(?P<many>\b(?:these|those|them|they)(?: (?:codes|two|both))?\b|\bboth\b(?! sides)|\bthe two(?: codes)?\b)",
    re.IGNORECASE,
)
EMPTY_IT = re.compile(r"\b(?:is|was|would) it (?:be )?(?:ok|okay|possible|allowed|appropriate|correct|legal|necessary|true|fine|CODE|MODIFIER)\b")
POSSESSIVE = re.compile(r"\b(?:its|their)\b")
JOINING = re.compile(r"^\W*(?:(?:and|also|but|what|how|about|if)\W+)*(?:with|plus|alongside|together with)\W+CODE\W*$")
WITH_CODE = re.compile(r"\b(?:with|alongside|together with)\W+(?:an? )?CODE\W*$")
BARE_MODIFIER = re.compile(r"(?:^|\b(?:with|use|add|append|about|and|or|need|take)\s+(?:an?\s+)?)-?(?P<code>[0-9][0-9A-Za-z]|[A-Z][0-9A-Z])\W*$")
ADDITION = re.compile(r"^(?:with|without|due to|in|of|on|from|after|caused by|left|right|both|unspecified|acute|chronic|for)\b", re.IGNORECASE)
FILLER = re.compile(
    r"\b(?:and|or|but|also|so|then|ok|okay|plus|now|what|how|which|who|when|about|if|is|are|was|were|be|been|the|an?|its?|their|s|there|any|all|for|in|at|on"
    r"|of|to|as|under|with|by|from|that|this|them|they|these|those|can|could|may|should|would|will|do|does|did|have|has|need|i|we|you|my|our|me|us|tell|show"
    r"|list|give|please|bill|billed|billing|code|codes|coded|report|reported|use|used|using|allowed|apply|applies|fit|go|goes|many|much|per|day|days|same|two"
    r"|still|limit|period|back|side|case|setting|year|month|one|instead|CODE|MODIFIER|DATE)\b"
)
BILLER_WORDS = re.compile(
    r"\b(?:non-?facility|facility|hospital|outpatient|inpatient|practitioner|physician|doctor|office|clinic|asc|ambulatory surgery center|dme"
    r"|durable medical equipment|supplier|hopd|opps|professional)\b"
)
T = TypeVar("T")
SHORT = 14  # words: a longer text is a question of its own


@dataclass(frozen=True)
class Turn:
    """A new text beside the question before it; `words` is its template (see `assistant.kinds`)."""

    text: str
    asked: Question
    words: str
    topic: Question
    history: Sequence[Question]
    known: Known

    @property
    def led(self) -> bool:
        """Whether the text starts as a follow-up does."""
        return LED.match(self.words) is not None

    @property
    def focus(self) -> tuple[CodeMention, ...]:
        """What "it" stands for: the code that the topic began with."""
        return (self.topic.codes or self.topic.offered)[:1]

    def pair(self) -> tuple[CodeMention, ...]:
        """What "they" stands for: codes named together that the topic is about, else the last two that were asked about."""
        seen: dict[str, CodeMention] = {}
        for question in reversed(self.history):
            if len(question.codes) > 1 and seen.keys() <= {c.code for c in question.codes}:
                return question.codes
            seen |= {c.code: c for c in reversed(question.codes) if c.code not in seen}
            if len(seen) > 1:
                break
        return tuple(reversed(list(seen.values())[:2]))

    def residue(self, *taken: str) -> str:
        """What is left of the words without small words and patterns that were understood."""
        rest = self.words
        for pattern in taken:
            rest = re.sub(pattern, " ", rest)
        return re.sub(r"[\W_]+", " ", FILLER.sub(" ", rest)).strip()


def resolve(text: str, history: Sequence[Question], known: Known, today: date) -> Question:
    """Understand a text with the questions before it, oldest first; its `text` stands alone.

    Never raises, whatever the text. A text that is no follow-up gives what `parse` gives.
    """
    asked = parse(text, known, today)
    topic = next((q for q in reversed(history) if q.kind not in (Kind.GREETING, Kind.OUT_OF_SCOPE)), None)
    flat = flatten(text)
    dates = dates_in(flat, today)
    words = template_of(flat, place(flat, dates, known), dates)
    if topic is None or asked.kind is Kind.OUT_OF_SCOPE or (asked.kind is Kind.GREETING and not CHOICE.match(words)):
        return asked
    if len(words.split()) > SHORT:
        return asked
    turn = Turn(text.strip(), asked, words, topic, history, known)
    rewritten = next((told for step in STEPS if (told := step(turn))), None)
    return parse(rewritten, known, today) if rewritten else asked


# Steps: each rewrites the turns that it understands, the first that does wins


def _follow(turn: Turn, **changes: object) -> str:
    """The topic with changes, in the context of the text and, where that is silent, of the topic."""
    asked, topic = turn.asked, turn.topic
    context = {"date": asked.date or topic.date, "setting": asked.setting or topic.setting, "payer": asked.payer or topic.payer}
    fresh = {"why": False, "quantity": asked.quantity, "system": None}
    return standalone_text(replace(topic, **{**fresh, **context, **changes}))  # type: ignore[arg-type]


def _in_context(turn: Turn, text: str) -> str:
    """Words of the user's own, with the context of the topic where they name none."""
    asked, topic = turn.asked, turn.topic
    carried = context_of(
        topic.date if not asked.date else None, topic.setting if not asked.setting else None, topic.payer if not asked.payer else None
    )
    body = text.strip().rstrip("?.! ")
    return f"{body[:1].upper()}{body[1:]}{carried}?"


def _reason(turn: Turn) -> str | None:
    """ "why?" """
    if not WHY_ONLY.match(turn.words):
        return None
    worded = _follow(turn, why=True, quantity=turn.topic.quantity, system=turn.topic.system)
    return worded if worded.endswith("why?") else f"{worded.rstrip('?.! ')}, and why?"


def _chosen(turn: Turn) -> str | None:
    """ "the first one" """
    match = CHOICE.match(turn.words)
    if not match:
        return None
    current = {c.code for c in turn.topic.codes} | set(turn.topic.modifiers)
    for question in reversed(turn.history):
        codes, modifiers = question.codes if len(question.codes) > 1 else question.offered, question.modifiers
        if codes and (code := _pick(codes, [c.code not in current for c in codes], match["which"])):
            return _follow(turn, kind=Kind.CODE, codes=(code,), modifiers=())
        if len(modifiers) > 1 and (modifier := _pick(modifiers, [m not in current for m in modifiers], match["which"])):
            return _follow(turn, kind=Kind.MODIFIER, codes=(), modifiers=(modifier,))
    return None


def _pick(items: Sequence[T], fresh: Sequence[bool], which: str) -> T | None:
    """The item that an ordinal names; "other" is the first that the topic is not about, or the second."""
    if which == "other":
        return next((item for item, is_fresh in zip(items, fresh, strict=True) if is_fresh), items[1] if len(items) > 1 else None)
    index = {"first": 0, "former": 0, "second": 1, "third": 2, "last": -1, "latter": -1}[which]
    return items[index] if index < len(items) else None


def _elsewhere(turn: Turn) -> str | None:
    """ "for a facility?", "and in 2023?", "what about Medicaid?" """
    asked, topic = turn.asked, turn.topic
    said = asked.date or asked.setting or asked.payer
    if not said or asked.codes or asked.modifiers or turn.residue(BILLER_WORDS.pattern, *(p.pattern for _, p in PAYERS)):
        return None
    if topic.kind in TEMPLATES and (topic.codes or topic.modifiers):
        return _follow(turn, quantity=topic.quantity, system=topic.system)
    return f"{_without_context(topic, asked.payer)}{context_of(asked.date or topic.date, asked.setting or topic.setting, None)}?"


def _without_context(topic: Question, payer: str | None) -> str:
    """Free words without date and setting, and with a new payer in place of the old where there is one."""
    base = flatten(topic.text).strip()
    for said in reversed(dates_in(base, date(2100, 1, 1))):
        base = re.sub(r"\s*\b(?:in|on|as of|during|since|for)?\s*$", "", base[: said.start]) + base[said.end :]
    base = re.sub("|".join(BILLERS.values()), "", base)
    if payer and topic.payer:
        base = re.sub(dict(PAYERS)[topic.payer].pattern, lambda _: payer, base, flags=re.IGNORECASE)
    elif payer:
        base = f"{base.rstrip('?.! ')} under {payer}"
    return re.sub(r"\s+", " ", base).strip().rstrip("?.! ")


def _pronoun(turn: Turn) -> str | None:
    """ "is it an add-on?", "can I bill it with 22612?", "can they be billed together?" """
    match = PRONOUN.search(turn.text)
    ahead = turn.words.split("CODE")[0]
    if not match or not PRONOUN.search(ahead) or (EMPTY_IT.search(turn.words) and not match["many"]):
        return None
    codes = turn.pair() if match["many"] else turn.focus
    if codes:
        named = codes_of([replace(c, modifiers=()) for c in codes])
    elif turn.topic.modifiers:
        named = modifiers_of(turn.topic.modifiers if match["many"] else turn.topic.modifiers[:1])
    else:
        return None
    return _in_context(turn, PRONOUN.sub(lambda _: named, LED.sub("", turn.text), count=1))


def _joined(turn: Turn) -> str | None:
    """ "with 22612?", "can I bill with 22612?" """
    if not turn.asked.codes or not turn.focus or turn.asked.kind not in (Kind.CODE, Kind.TOGETHER):
        return None
    if not (JOINING.match(turn.words) or (WITH_CODE.search(turn.words) and turn.words.count("CODE") == 1 and not turn.residue())):
        return None
    return _follow(turn, kind=Kind.TOGETHER, codes=(*turn.focus, *turn.asked.codes), modifiers=turn.asked.modifiers)


def _other_code(turn: Turn) -> str | None:
    """ "what about 63043?", "and 99214?", and with a question of its own "and the MUE of 63042?" """
    asked, topic = turn.asked, turn.topic
    if not asked.codes or not (turn.led or turn.words.startswith("for ")):
        return None
    if turn.residue() or set(asked.modifiers) - {m for c in asked.codes for m in c.modifiers}:
        return _in_context(turn, LED.sub("", turn.text))
    if topic.kind not in TEMPLATES or not topic.codes:
        return _follow(turn, kind=Kind.CODE, codes=asked.codes, modifiers=())
    loose = tuple(m for m in topic.modifiers if not any(m in c.modifiers for c in topic.codes))
    attached = tuple(m for c in asked.codes for m in c.modifiers)
    return _follow(turn, codes=_replaced(topic, asked.codes), modifiers=loose + attached, quantity=topic.quantity, system=topic.system)


def _replaced(topic: Question, new: tuple[CodeMention, ...]) -> tuple[CodeMention, ...]:
    """The codes of the topic with the new one in place of its next of kin; of two compared codes the last gives way."""
    if len(new) > 1 or topic.kind not in (Kind.TOGETHER, Kind.DIFFERENCE) or len(topic.codes) < 2:
        return new
    likeness = [_likeness(old, new[0]) for old in topic.codes]
    place = likeness.index(max(likeness)) if topic.kind is Kind.TOGETHER and max(likeness) >= 3 else len(likeness) - 1
    return tuple(new[0] if i == place else code for i, code in enumerate(topic.codes))


def _likeness(one: CodeMention, other: CodeMention) -> int:
    if one.system != other.system:
        return 0
    return next((i for i, (a, b) in enumerate(zip(one.code, other.code, strict=False)) if a != b), len(one.code))


def _modifier(turn: Turn) -> str | None:
    """ "what about modifier 59?", "with 59?", "and bilateral?" """
    asked, topic = turn.asked, turn.topic
    if asked.codes:
        return None
    bare = BARE_MODIFIER.search(turn.text)
    implied = implied_modifiers(turn.words) if topic.codes and not turn.residue(*IMPLIED.values()) else ()
    modifiers = asked.modifiers or implied or ((bare["code"].upper(),) if bare and turn.known.is_modifier(bare["code"].upper()) else ())
    if not modifiers or not (turn.led or implied or bare or turn.words.startswith("with ")):
        return None
    if len(modifiers) > 1 and asked.kind is Kind.DIFFERENCE:
        return None
    plain = tuple(replace(c, modifiers=()) for c in topic.codes)
    if topic.kind is Kind.TOGETHER and len(plain) > 1:
        return _follow(turn, codes=plain, modifiers=modifiers)
    return _follow(turn, kind=Kind.MODIFIERS_FOR_CODE if plain else Kind.MODIFIER, codes=plain, modifiers=modifiers)


def _aspect(turn: Turn) -> str | None:
    """ "and its modifiers?", "the global period?", "how many units?", "the difference?", "what about a second level?" """
    asked, topic = turn.asked, turn.topic
    if asked.codes or asked.modifiers:
        return None
    kind = next((kind for kind, pattern in ASPECTS.items() if re.search(pattern, turn.words)), None)
    kind = Kind.UNITS if kind is None and asked.quantity is not None else kind
    if kind is None or not (turn.led or POSSESSIVE.search(turn.words) or not turn.residue(ASPECTS[kind], r"\b\d+\b")):
        return None
    if kind is Kind.DIFFERENCE or (kind is Kind.TOGETHER and "together" in turn.words):
        codes = turn.pair()
        if len(codes) > 1:
            return _follow(turn, kind=kind, codes=codes, modifiers=())
        modifiers = tuple(dict.fromkeys(m for q in turn.history for m in q.modifiers))[-2:]
        return _follow(turn, kind=kind, codes=(), modifiers=modifiers) if kind is Kind.DIFFERENCE and len(modifiers) > 1 else None
    codes = turn.focus if re.search(r"\bits?\b", turn.words) or not topic.codes else topic.codes
    plain = tuple(dict.fromkeys(replace(c, modifiers=()) for c in codes))
    return _follow(turn, kind=kind, codes=plain, modifiers=()) if plain else None


def _circumstance(turn: Turn) -> str | None:
    """ "same day?", "and on a different knee?" after two codes."""
    if turn.topic.kind is not Kind.TOGETHER or not turn.topic.codes or turn.asked.codes or turn.asked.modifiers:
        return None
    if not re.search(ONE_CLAIM, turn.words) or turn.residue(ONE_CLAIM):
        return None
    return f"{_follow(turn).rstrip('?')}, {LED.sub('', turn.text).strip().rstrip('?.! ')}?"


def _more_words(turn: Turn) -> str | None:
    """ "with neuropathy?" after a search, "and for new patients?" after a guideline."""
    asked, topic = turn.asked, turn.topic
    added = LED.sub("", turn.text).strip().rstrip("?.! ")
    if asked.codes or asked.modifiers or topic.kind not in (Kind.FIND, Kind.GUIDELINE) or not added or topic.codes:
        return None
    if not (turn.led or ADDITION.match(added)):
        return None
    base = topic.text.rstrip("?.! ")
    if topic.kind is Kind.GUIDELINE:
        return f"{base}, {added}?"
    if ADDITION.match(added) and not added.lower().startswith("for "):
        return f"{base} {added}"
    return f"{NAMES[topic.system] if topic.system else ''} code for {added.removeprefix('for ')}".strip()


STEPS: tuple[Callable[[Turn], str | None], ...] = (
    _reason, _chosen, _elsewhere, _joined, _pronoun, _other_code, _modifier, _aspect, _circumstance, _more_words,
)  # fmt: skip
