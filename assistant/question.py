"""Text → `Question`: kind, codes with their systems, modifiers, date of service, setting, payer, quantities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from corpus.model import Setting, System


class Kind(StrEnum):
    """What is asked; one file in `assistant/answers/` answers each."""

    CODE = "code"  # what is a code
    MODIFIER = "modifier"  # what is a modifier
    DIFFERENCE = "difference"  # between codes or modifiers
    MODIFIERS_FOR_CODE = "modifiers_for_code"  # which modifiers fit a code; may I use -59 on it
    ADD_ON = "add_on"  # is it an add-on, to what; which add-ons go with it
    UNITS = "units"  # MUE
    TOGETHER = "together"  # may two or more codes be billed together
    GLOBAL_PERIOD = "global_period"
    FIND = "find"  # a code from words
    GUIDELINE = "guideline"  # guideline or policy
    VALIDITY = "validity"  # is a code valid, on a date
    GREETING = "greeting"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True)
class CodeMention:
    """A code in the text. `code` is canonical: upper case, ICD-10-CM with its dot.

    `system` is what its shape says, None where the shape fits none; `modifiers` are those attached ("63044-59").
    """

    text: str
    code: str
    system: System | None
    modifiers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A question understood. `text` stands alone: what `conversation.resolve` made of the words typed."""

    text: str
    kind: Kind
    codes: tuple[CodeMention, ...] = ()
    modifiers: tuple[str, ...] = ()
    date: date | None = None  # None: no date in the text
    setting: Setting | None = None
    system: System | None = None  # the code set asked for, when searching by words
    payer: str | None = None
    quantity: int | None = None
    subject: str = ""  # the words that carry the meaning, for search
    why: bool = False  # asks for the reason behind the previous answer
