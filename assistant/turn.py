"""A new text beside the questions before it: what the steps of a conversation look at, and how they word what they understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.codes import flatten
from assistant.modifiers import loose_modifiers
from assistant.question import CodeMention, Kind, Known, Question
from assistant.standalone import context_of, standalone_text

LED = re.compile(r"^\W*(?:(?:and|but|also|so|then|ok(?:ay)?|or|plus|now|what about|how about|what if)\b\W*)+", re.IGNORECASE)
FILLER = re.compile(
    r"\b(?:and|or|but|also|so|then|ok|okay|plus|now|what|how|which|who|when|where|about|if|is|are|was|were|be|been|being|the|an?|its?|their|s|there|any|all"
    r"|for|in|at|on|of|to|as|under|with|by|from|that|this|them|they|these|those|can|could|may|must|should|would|will|do|does|did|have|has|need|needed"
    r"|required|i|we|you|my|our|me|us|tell|show|say|list|give|please|bill|bills|billed|billing|code|codes|coded|report|reported|use|used|using|add|append"
    r"|appended|allowed|apply|applies|fit|go|goes|get|gets|got|many|much|per|day|days|same|two|too|still|limit|period|back|side|case|setting|year|month|one"
    r"|instead|meant|sorry|perform|performed|before|after|until|till|since|prior|during|CODE|MODIFIER|DATE)\b"
)


def is_topic(question: Question) -> bool:
    """Whether a question says what the next ones are about; "what about 02/30/2024?" does not."""
    if question.kind in (Kind.GREETING, Kind.OUT_OF_SCOPE):
        return False
    if not question.no_dates or question.codes or question.modifiers:
        return True
    rest = flatten(question.text)
    for no_date in question.no_dates:
        rest = rest.replace(no_date.words, " ")
    return bool(re.search(r"\w", FILLER.sub(" ", rest.lower())))


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

    @property
    def subjects(self) -> tuple[CodeMention, ...]:
        """The codes that a word such as "documentation?" is about, without their modifiers."""
        codes = self.topic.codes or (self.focus if self.topic.kind is Kind.FIND else ())
        return tuple(dict.fromkeys(replace(c, modifiers=()) for c in codes))

    @property
    def loose(self) -> tuple[str, ...]:
        """Modifiers without the word for it ("or XS?", "and 59?"); only where the text says little else."""
        return () if self.asked.codes or self.asked.modifiers else loose_modifiers(flatten(self.text), self.known)

    @property
    def loose_words(self) -> str:
        """The pattern that takes the loose modifiers out of the words."""
        return "|".join(rf"\b{modifier.lower()}\b" for modifier in self.loose) or r"(?!)"

    def pair(self) -> tuple[CodeMention, ...]:
        """What "they" stands for: codes named or offered together that the topic is about, else the last two that were asked about."""
        seen: dict[str, CodeMention] = {}
        for question in reversed(self.history):
            codes = question.codes or question.offered
            if len(codes) > 1 and seen.keys() <= {c.code for c in codes}:
                return codes
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

    def follow(self, **changes: object) -> str:
        """The topic with changes, in the context of the text and, where that is silent, of the topic; empty where no sentence says it."""
        asked, topic = self.asked, self.topic
        context = {"date": asked.date or topic.date, "setting": asked.setting or topic.setting, "payer": asked.payer or topic.payer}
        fresh: dict[str, object] = {"why": False, "quantity": asked.quantity, "system": None}
        if changes.get("kind", topic.kind) is not topic.kind:
            fresh["text"] = ""  # another question: its words are not those of the topic
        return standalone_text(replace(topic, **{**fresh, **context, **changes}))  # type: ignore[arg-type]

    def in_context(self, text: str) -> str:
        """Words of the user's own, with the context of the topic where they name none."""
        asked, topic = self.asked, self.topic
        carried = context_of(
            topic.date if not asked.date else None, topic.setting if not asked.setting else None, topic.payer if not asked.payer else None
        )
        body = text.strip().rstrip("?.! ")
        return f"{body[:1].upper()}{body[1:]}{carried}?"
