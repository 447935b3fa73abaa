from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assistant.answer import Composer, Evidence
from assistant.export import Turn, document, escape
from assistant.question import Kind, Question
from corpus.model import Source, SourceKind

FEES = Source(
    1,
    "fee-schedule/T1",
    SourceKind.FEE_SCHEDULE,
    "Invented fee schedule",
    "Nobody",
    "T1",
    None,
    date(2026, 7, 1),
    date(2026, 9, 30),
    "https://example.org/x_y",
)


def turn(text: str = "What is 63044?") -> Turn:
    composer = Composer(Question(text, Kind.CODE), date(2026, 8, 1))
    row = Evidence(FEES, "row 63044", "63044 | C\n# ZZZ")
    composer.say("An add-on.", row)
    composer.say("Never alone.", row)
    composer.heading("Billing")
    composer.say("It costs $5 to $6.", row, bullet=True)
    composer.say("Ask a_b_c.", row, bullet=True)
    composer.table("Fields", ("Field", "Value"), [("Status | code", "*C*")], row)
    return Turn(text, composer.answer())


EXPECTED = r"""# Conversation with Codebook

Exported 2026-08-02. Identifiers are masked in questions and answers.

## 1. What is 63044?

*Date of service:* 2026-08-01

An add-on. \[1\] Never alone. \[1\]

**Billing**

- It costs \$5 to \$6. \[1\]
- Ask a\_b\_c. \[1\]

**Fields** \[1\]

| Field | Value |
| --- | --- |
| Status \| code | \*C\* |

**Sources**

\[1\] Invented fee schedule, T1; row 63044; in force 2026-07-01 to 2026-09-30 <https://example.org/x_y>
> 63044 \| C
> \# ZZZ
"""


def test_a_conversation_as_a_document() -> None:
    assert document([turn()], date(2026, 8, 2)) == EXPECTED


def test_turns_are_numbered_and_understood_questions_shown() -> None:
    second = turn("and its modifiers?")
    second = Turn(second.text, replace(second.answer, resolved="Which modifiers fit 63044?"))
    shown = document([turn(), second], date(2026, 8, 2))
    assert "## 2. and its modifiers?\n\n*Understood as:* Which modifiers fit 63044?" in shown
    assert shown.count("Understood as") == 1


def test_identifiers_are_masked_in_questions() -> None:
    shown = document([turn("Mrs. Miller, MRN 445566: 63042?")], date(2026, 8, 2))
    assert "Miller" not in shown
    assert "445566" not in shown
    assert "63042" in shown


def test_identifiers_are_masked_in_what_was_understood_and_answered() -> None:
    composer = Composer(Question("q", Kind.CODE), date(2026, 8, 1))
    composer.say("No word of Mrs. Miller, MRN 445566, is loaded; 63042 is.")
    shown = document([Turn("q", replace(composer.answer(), resolved="Mrs. Miller, MRN 445566: 63042?"))], date(2026, 8, 2))
    assert "Miller" not in shown
    assert "445566" not in shown
    assert r"No word of Mrs. \[NAME\], MRN \[MRN\], is loaded; 63042 is." in shown
    assert r"*Understood as:* Mrs. \[NAME\], MRN \[MRN\]: 63042?" in shown


def test_an_answer_keeps_the_word_after_a_patient_at_the_end_of_a_sentence() -> None:
    composer = Composer(Question("q", Kind.CODE), date(2026, 8, 1))
    composer.say("Staff may see the patient. Incident-to rules hold.")
    assert "the patient. Incident-to rules hold." in document([Turn("q", composer.answer())], date(2026, 8, 2))


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("$5 and $6", r"\$5 and \$6"),
        ("~a~ _b_ *c* `d`", r"\~a\~ \_b\_ \*c\* \`d\`"),
        ("[x](y) <b>", r"\[x\](y) \<b\>"),
        ("1. first", r"1\. first"),
        ("- item", r"\- item"),
        ("1.5 units - not a list", "1.5 units - not a list"),
        ("two\nlines", "two lines"),
        ("plain words, 99213-25.", "plain words, 99213-25."),
        ("&amp; #1", r"\&amp; \#1"),
    ],
)
def test_escape(text: str, escaped: str) -> None:
    assert escape(text) == escaped
