"""Earlier turns + new text → a question that stands alone.

A follow-up is rewritten into words that need no turn before ("and its modifiers?" → "Which modifiers fit 63044?"), and those
words are parsed: what is shown to the user is what is answered. Date, setting and payer stay while the topic does. A text that
names what it is about in a sentence of its own starts a new topic and is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from assistant.codes import flatten
from assistant.dates import dates_in, places_in
from assistant.kinds import ASPECTS, COVERAGE, IMPLIED, ONE_CLAIM, implied_modifiers
from assistant.question import NUMBERS, PAYERS, CodeMention, Kind, Known, Question, parse, place, template_of
from assistant.spelling import mended
from assistant.standalone import BILLERS, NAMES, SECTIONS, TEMPLATES, codes_of, context_of, modifiers_of, section_of
from assistant.standalone import standalone_text as standalone_text
from assistant.turn import LED, Turn, is_topic

WHY_ONLY = re.compile(
    r"^\W*(?:(?:but|and|so)\W+)?(?:why(?: not| so| is (?:that|it)(?: so)?)?|how come|what is the reason|(?:please )?explain (?:that|why|this))\W*$"
)
REASON = r"\b(?:why|how come|reasons?)\b(?: not| so)?"
DENIED = r"\b(?:den(?:y|ies|ied|ials?)|reject(?:ed|s|ions?)?|refused|unpaid|not paid|bounced|kicked back)\b"
BY_WHOM = r"\b(?:claims?|payers?|insurance|keeps?|coming)\b"
PAID = r"\b(?:paid|pays?|payable)\b"
HELP = r"\b(?:modifiers?|help|helps|bypass|override|fix|work|works)\b"
ASKS_MODIFIER = re.compile(rf"^(?!.*\b(?:its|their|each|list|all)\b).*\b(?:which|what|where|is|can|could|do|does|will|would|need|help)\b.*{HELP}")
# "more?", "example?": the answer is whole already, or the whole is what is asked for
MORE = (
    r"\b(?:(?:an)?other )?\b(?:examples?|instances?|scenarios?|more|details?|info(?:rmation)?|elaborate|continue|go on|expand|explain|again|repeat"
    r"|summary|summarize)\b"
)
ENTRY = r"\b(?:payments?|paid|pays?|prices?|costs?|fees?|rvus?|reimburse\w*|description|descriptor|definition|overview|meaning|means?)\b"
WHICH = r"(?P<which>first|second|third|fourth|fifth|last|latter|former|other)"
BOTH = r"\bboth\b(?! (?!codes\b|modifiers\b)\w+s\b| (?:feet|lower|upper|left|right)\b)"  # "both eyes" are no codes
ALL = r"(?:both|all|any|each|either|every)\b(?: (?:one )?of (?:them|these|those))?|(?:the )?first (?:two|three)|these|those"
CHOICE = re.compile(
    r"^\W*(?:(?:and|what about|how about|tell me about|what is|what are|show|use|ok)\W+)*"
    rf"(?:(?:the )?{WHICH}(?: (?:one|code|modifier))?|(?P<all>{ALL}))\W*$"
)
CHOSEN = re.compile(
    rf"\bthe {WHICH} (?:one|code|modifier)\b"
    rf"|(?P<all>\b(?:both|all|any|each|either) of (?:them|these|those)\b|{BOTH}|\bthe first (?:two|three)\b)",
    re.IGNORECASE,
)
ORDER = {"first": 0, "former": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1, "latter": -1}
PRONOUN = re.compile(
    r"\b(?:this|that|the) (?:code|modifier|procedure|one)\b(?! (?:for|of|to|that|when|if)\b)|\bit\b(?!'s\b)"
    r"|(?<=\bis )(?:this|that)\b|(?<=\bof )(?:this|that)\b|(?<=\bbill )(?:this|that)\b|\b(?:this|that)(?=\W*$)"
    rf"|(?P<many>\b(?:these|those|them|they)(?: (?:codes|two|both))?\b|{BOTH}|\bthe two(?: codes)?\b)",
    re.IGNORECASE,
)
EMPTY_IT = re.compile(r"\b(?:is|was|would) it (?:be )?(?:ok|okay|possible|allowed|appropriate|correct|legal|necessary|true|fine|CODE|MODIFIER)\b")
POSSESSIVE = re.compile(r"\b(?:its|their)\b")
JOIN = (
    r"\b(?:with|plus|alongside|along|together|in addition|on top of|besides|add(?!-?\s?ons?\b)|added|adding|also|too|as well(?: as)?|additionally)\b"
)
ALSO = r"\b(?:also|too|as well)\b"  # joins codes, or asks the same of another code
MORE_CODES = r"\b(?:plus|add(?!-?\s?ons?\b)|added|adding|also|too|as well|in addition|on top of|besides)\b"
OF_ANOTHER = re.compile(r"^\W*(?:(?:and|but|so|ok)\W+)*(?:what|how|which|tell|is|are)\b(?! if\b)")
ON_CODE = re.compile(r"\b(?:on|onto|for|with|to)\W+(?:(?:an?|the|cpt|hcpcs|code)\W+)*CODE")
OR_OTHER = r"^\W*(?:(?:and|what about)\W+)?or\b|\binstead(?: of)?\b|\brather than\b"
PUT = r"\b(?:modifiers?|attach(?:ed)?|put|take|takes|needs|ok|okay|help|helps|work|works|right|correct|valid)\b"
ASKS_ENTRY = re.compile(r"\b(?:what|when|why|how|who|which|mean|means|define|explain)\b(?! about)")
QUANTITY = re.compile(rf"(?<![\w.$-])(?P<n>\d{{1,4}}|{'|'.join(NUMBERS)})(?![\w.%-])")
COUNTS = r"\b(?:bill|billed|report|reported|units?|times)\b"
NOW = r"\b(?:now|today|currently|nowadays|these days|at present|at the moment)\b"
ADDITION = re.compile(r"^(?:with|without|due to|in|of|on|from|after|caused by|left|right|both|unspecified|acute|chronic|for)\b", re.IGNORECASE)
BILLER_WORDS = re.compile(
    r"\b(?:non-?facility|facility|hospital|outpatient|inpatient|practitioner|physician|doctor|office|clinic|asc|ambulatory surgery center|dme"
    r"|durable medical equipment|supplier|hopd|opps|professional)\b"
)
T = TypeVar("T")
SHORT = 14  # words: a longer text is a question of its own


def resolve(text: str, history: Sequence[Question], known: Known, today: date) -> Question:
    """Understand a text with the questions before it, oldest first; its `text` stands alone.

    Never raises, whatever the text. A text that is no follow-up gives what `parse` gives.
    """
    text = mended(text)
    asked = parse(text, known, today)
    topic = None if asked.no_dates else next((q for q in reversed(history) if is_topic(q)), None)  # what is no day is asked back for
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


def _reason(turn: Turn) -> str | None:
    """ "why?", "denied, why?", and after codes that may conflict "who gets denied?", "which modifier do I need?" """
    if not (WHY_ONLY.match(turn.words) or _asks_denial(turn)):
        return None
    worded = turn.follow(why=True, quantity=turn.topic.quantity, system=turn.topic.system)
    return worded if worded.endswith("why?") else f"{worded.rstrip('?.! ')}, and why?"


def _asks_denial(turn: Turn) -> bool:
    asked, words, kind = turn.asked, turn.words, turn.topic.kind
    if asked.codes or asked.modifiers:
        return False
    if re.search(REASON, words):
        return bool(re.search(DENIED, words)) and not turn.residue(REASON, DENIED, BY_WHOM)
    if kind is Kind.TOGETHER and ASKS_MODIFIER.search(words) and not turn.loose and not turn.residue(HELP):
        return True
    held = kind in (Kind.TOGETHER, Kind.UNITS, Kind.MODIFIERS_FOR_CODE) and re.search(f"{DENIED}|{PAID}", words)
    return bool(held) and not turn.residue(DENIED, PAID, BY_WHOM)


def _chosen(turn: Turn) -> str | None:
    """ "the first one", "both?" of what was offered"""
    match = CHOICE.match(turn.words)
    codes, modifiers = _picked(turn, match) if match else ((), ())
    if codes:
        return turn.follow(kind=Kind.CODE, codes=codes, modifiers=())
    return turn.follow(kind=Kind.MODIFIER, codes=(), modifiers=modifiers) if modifiers else None


def _chosen_in_sentence(turn: Turn) -> str | None:
    """ "modifiers for the second one", "are any of these billable?" """
    match = CHOSEN.search(turn.text)
    codes, modifiers = _picked(turn, match) if match and not turn.asked.codes else ((), ())
    if not match or not (codes or modifiers):
        return None
    named = codes_of([replace(c, modifiers=()) for c in codes]) if codes else modifiers_of(modifiers)
    text = LED.sub("", f"{turn.text[: match.start()]}{named}{turn.text[match.end() :]}")
    if len(codes) > 1:  # "is any of these valid?", "both billable?"
        text = re.sub(rf"^\W*(?:is\b|(?={re.escape(named)})) ?", "Are ", text, flags=re.IGNORECASE)
    return turn.in_context(text)


def _picked(turn: Turn, match: re.Match[str]) -> tuple[tuple[CodeMention, ...], tuple[str, ...]]:
    """The codes or the modifiers that an ordinal, or "both", names among those of one question or of its answer."""
    if match["all"]:
        offered = turn.topic.offered if len(turn.topic.codes) < 2 else ()
        count = {"two": 2, "three": 3}.get(match["all"].split()[-1].lower(), len(offered))
        return (offered[:count], ()) if len(offered) > 1 else ((), ())
    current = {c.code for c in turn.topic.codes} | set(turn.topic.modifiers)
    for question in reversed(turn.history):
        codes, modifiers = question.codes if len(question.codes) > 1 else question.offered, question.modifiers
        if codes and (code := _pick(codes, [c.code not in current for c in codes], match["which"].lower())):
            return (code,), ()
        if len(modifiers) > 1 and (modifier := _pick(modifiers, [m not in current for m in modifiers], match["which"].lower())):
            return (), (modifier,)
    return (), ()


def _pick(items: Sequence[T], fresh: Sequence[bool], which: str) -> T | None:
    """The item that an ordinal names; "other" is the first that the topic is not about, or the second."""
    if which == "other":
        return next((item for item, is_fresh in zip(items, fresh, strict=True) if is_fresh), items[1] if len(items) > 1 else None)
    return items[ORDER[which]] if ORDER[which] < len(items) else None


def _elsewhere(turn: Turn) -> str | None:
    """ "for a facility?", "and in 2023?", "what about Medicaid?", "and now?" """
    asked, topic = turn.asked, turn.topic
    said = asked.date or asked.setting or asked.payer
    back = not said and re.search(NOW, turn.words)
    if not (said or back) or asked.codes or asked.modifiers or turn.residue(BILLER_WORDS.pattern, NOW, *(p.pattern for _, p in PAYERS)):
        return None
    day = None if back else asked.date or topic.date
    if topic.kind in TEMPLATES and (topic.codes or topic.modifiers):
        return turn.follow(quantity=topic.quantity, system=topic.system, date=day)
    return f"{_without_context(topic, asked.payer)}{context_of(day, asked.setting or topic.setting, None)}?"


def _without_context(topic: Question, payer: str | None) -> str:
    """Free words without date and setting, and with a new payer in place of the old where there is one."""
    base = flatten(topic.text).strip()
    for start, end in reversed(places_in(base, date(2100, 1, 1))):
        base = re.sub(r"\s*\b(?:in|on|as of|during|since|for)?\s*$", "", base[:start]) + base[end:]
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
    if "modifier" in match.group().lower():
        codes = ()
    if codes:
        named = codes_of([replace(c, modifiers=()) for c in codes])
    elif turn.topic.modifiers:
        named = modifiers_of(turn.topic.modifiers if match["many"] else turn.topic.modifiers[:1])
    else:
        return None
    return turn.in_context(PRONOUN.sub(lambda _: named, LED.sub("", turn.text), count=1))


def _compared(turn: Turn) -> str | None:
    """ "difference to XS?", "vs 99215", "or XS?", "when should I use XS instead?" """
    asked, topic = turn.asked, turn.topic
    either = topic.kind in (Kind.CODE, Kind.MODIFIER, Kind.DIFFERENCE) and re.search(OR_OTHER, turn.words)
    if not (either or re.search(ASPECTS[Kind.DIFFERENCE], turn.words)) or turn.residue(
        ASPECTS[Kind.DIFFERENCE], OR_OTHER, turn.loose_words, r"\bmodifiers?\b"
    ):
        return None
    modifiers = asked.modifiers or turn.loose
    if len(asked.codes) == 1 and not modifiers and turn.focus and turn.focus[0].code != asked.codes[0].code:
        return turn.follow(kind=Kind.DIFFERENCE, codes=(replace(turn.focus[0], modifiers=()), *asked.codes), modifiers=())
    if len(modifiers) == 1 and not asked.codes and topic.modifiers[:1] not in ((), modifiers):
        return turn.follow(kind=Kind.DIFFERENCE, codes=(), modifiers=(topic.modifiers[0], *modifiers))
    return None


def _joined(turn: Turn) -> str | None:
    """ "with 22612?", "can I add G2211?", "also 36415?"; "and G2211?" asks the same of another code."""
    asked, topic, words = turn.asked, turn.topic, turn.words
    if not asked.codes or not turn.focus or asked.kind not in (Kind.CODE, Kind.TOGETHER) or turn.residue(JOIN, ONE_CLAIM):
        return None
    if not re.search(JOIN, words.split("CODE")[0]) and words.count("CODE") > 1:
        return None  # a question of its own: "45378 with 45380"
    strong = re.search(JOIN, re.sub(ALSO, " ", words))
    if not strong and (not re.search(ALSO, words) or OF_ANOTHER.match(words) or topic.kind not in (Kind.CODE, Kind.TOGETHER)):
        return None
    day = re.search(ONE_CLAIM, words)
    if day and PRONOUN.search(turn.text):
        return None  # in the user's words: "can I bill it with 22612 same day"
    onto = topic.codes if topic.kind is Kind.TOGETHER and re.search(MORE_CODES, words) else turn.focus
    codes = {c.code: c for c in (*onto, *asked.codes)}
    joined = turn.follow(kind=Kind.TOGETHER, codes=tuple(codes.values()), modifiers=asked.modifiers)
    return f"{joined.rstrip('?')}, {day.group()}?" if day else joined


def _on_code(turn: Turn) -> str | None:
    """ "on 45385?", "is it ok with 99213?" after a modifier."""
    asked, topic = turn.asked, turn.topic
    if topic.codes or not topic.modifiers or not asked.codes or asked.modifiers or not ON_CODE.search(turn.words) or turn.residue(PUT):
        return None
    return turn.follow(kind=Kind.MODIFIERS_FOR_CODE, codes=asked.codes, modifiers=topic.modifiers)


def _section(turn: Turn) -> str | None:
    """ "documentation?", "and the steps?", "how is it billed?" of a code"""
    if turn.asked.codes or turn.asked.modifiers or not turn.subjects or turn.residue(*(pattern for pattern, _ in SECTIONS)):
        return None
    return turn.follow(kind=Kind.CODE, codes=turn.subjects, modifiers=(), text=turn.words) if section_of(turn.words) else None


def _coverage(turn: Turn) -> str | None:
    """ "LCD?", "and medical necessity?" of a code"""
    added = LED.sub("", turn.text).strip().rstrip("?.! ")
    if turn.asked.codes or turn.asked.modifiers or not turn.subjects or not re.search(COVERAGE, turn.words) or turn.residue(rf"(?:{COVERAGE})\w*"):
        return None
    return turn.in_context(f"{added} for {codes_of(turn.subjects)}") if len(added.split()) < 4 else None


def _again(turn: Turn) -> str | None:
    """ "example?", "more?", "payment?", and of a modifier any of its aspects: its answer is the whole entry."""
    topic, words = turn.topic, turn.words
    if turn.asked.codes or turn.asked.modifiers or turn.loose:
        return None
    aspects = [pattern for pattern, _ in SECTIONS] if topic.modifiers and not topic.codes else []
    if re.search(MORE, words) and not turn.residue(MORE):
        return turn.follow(quantity=topic.quantity, system=topic.system, text="" if topic.kind is Kind.CODE else topic.text) or topic.text
    if not any(re.search(pattern, words) for pattern in (ENTRY, *aspects)) or turn.residue(ENTRY, *aspects):
        return None
    if turn.subjects:
        return turn.follow(kind=Kind.CODE, codes=turn.subjects, modifiers=(), text="")
    return turn.follow(text=topic.text) if topic.modifiers else None


def _quantity(turn: Turn) -> str | None:
    """ "what if I bill 5?", "and 5?" after a question of units."""
    match = QUANTITY.search(turn.words)
    if turn.loose and not re.search(COUNTS, turn.words):
        return None  # "and 50?" is a modifier
    if turn.topic.kind is not Kind.UNITS or not turn.topic.codes or not match or turn.asked.codes or turn.residue(QUANTITY.pattern):
        return None
    return turn.follow(quantity=NUMBERS.get(match["n"]) or int(match["n"]))


def _other_code(turn: Turn) -> str | None:
    """ "what about 63043?", "and 99214?", and with a question of its own "and the MUE of 63042?" """
    asked, topic = turn.asked, turn.topic
    if not asked.codes or not (turn.led or turn.words.startswith(("for ", "on "))):
        return None
    if turn.residue() or set(asked.modifiers) - {m for c in asked.codes for m in c.modifiers}:
        return turn.in_context(LED.sub("", turn.text))
    if topic.kind not in TEMPLATES or not topic.codes:
        return turn.follow(kind=Kind.CODE, codes=asked.codes, modifiers=())
    loose = tuple(m for m in topic.modifiers if not any(m in c.modifiers for c in topic.codes))
    attached = tuple(m for c in asked.codes for m in c.modifiers)
    return turn.follow(codes=_replaced(topic, asked.codes), modifiers=loose + attached, quantity=topic.quantity, system=topic.system)


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
    bare = turn.loose if not turn.residue(turn.loose_words, PUT) else ()
    implied = implied_modifiers(turn.words) if topic.codes and not turn.residue(*IMPLIED.values()) else ()
    modifiers = asked.modifiers or implied or bare
    put = (
        bool(topic.codes) and not ASKS_ENTRY.search(turn.words) and not re.fullmatch(r"\W*modifier MODIFIER\W*", turn.words) and not turn.residue(PUT)
    )
    if not modifiers or not (turn.led or implied or bare or put or turn.words.startswith("with ")):
        return None
    if len(modifiers) > 1 and asked.kind is Kind.DIFFERENCE:
        return None
    plain = tuple(replace(c, modifiers=()) for c in topic.codes)
    if topic.kind is Kind.TOGETHER and len(plain) > 1:
        return turn.follow(codes=plain, modifiers=modifiers)
    if topic.kind is Kind.DIFFERENCE and not plain and len(topic.modifiers) > 1:
        return turn.follow(modifiers=(topic.modifiers[0], *modifiers))
    return turn.follow(kind=Kind.MODIFIERS_FOR_CODE if plain else Kind.MODIFIER, codes=plain, modifiers=modifiers)


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
            return turn.follow(kind=kind, codes=codes, modifiers=())
        modifiers = tuple(dict.fromkeys(m for q in turn.history for m in q.modifiers))[-2:]
        return turn.follow(kind=kind, codes=(), modifiers=modifiers) if kind is Kind.DIFFERENCE and len(modifiers) > 1 else None
    codes = turn.focus if re.search(r"\bits?\b", turn.words) or not topic.codes else topic.codes
    plain = tuple(dict.fromkeys(replace(c, modifiers=()) for c in codes))
    return turn.follow(kind=kind, codes=plain, modifiers=()) if plain else None


def _circumstance(turn: Turn) -> str | None:
    """ "same day?", "and on a different knee?" after two codes."""
    if turn.topic.kind is not Kind.TOGETHER or not turn.topic.codes or turn.asked.codes or turn.asked.modifiers:
        return None
    if not re.search(ONE_CLAIM, turn.words) or turn.residue(ONE_CLAIM):
        return None
    return f"{turn.follow().rstrip('?')}, {LED.sub('', turn.text).strip().rstrip('?.! ')}?"


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
    _reason, _chosen, _chosen_in_sentence, _elsewhere, _compared, _joined, _section, _pronoun, _coverage, _on_code, _other_code, _quantity, _modifier,
    _aspect, _again, _circumstance, _more_words,
)  # fmt: skip
