"""Follow-ups: whole conversations turn by turn, and properties that hold for any of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.conversation import resolve, standalone_text
from assistant.question import CodeMention, Kind, Question, parse
from corpus.model import Setting, System

TODAY = date(2026, 11, 22)
CODES = {
    System.CPT: "63030 63042 63043 63044 22612 99213 99214 99215 20610 20611 45378 45380 69990".split(),
    System.HCPCS: "J3301 J1100".split(),
    System.ICD10CM: "M54.5 M54.50 E11.9 E11.40".split(),
}
MODIFIERS = "24 25 50 59 62 80 LT RT XS XU TC 26 AS".split()


class Shelf:
    """A few known codes and modifiers."""

    def exists(self, system: System, code: str) -> bool:
        return code in CODES.get(system, ())

    def is_modifier(self, code: str) -> bool:
        return code in MODIFIERS


SHELF = Shelf()


def talk(*texts: str) -> list[Question]:
    """The resolved questions of a conversation."""
    history: list[Question] = []
    for text in texts:
        history.append(resolve(text, history, SHELF, TODAY))
    return history


CONVERSATIONS: list[list[tuple[str, str]]] = [
    [
        ("What is CPT code 63044?", "What is CPT code 63044?"),
        ("and its modifiers?", "Which modifiers fit 63044?"),
        ("what about 63043?", "Which modifiers fit 63043?"),
        ("can I bill it with 22612?", "Can 63043 and 22612 be billed together?"),
        ("for a facility?", "Can 63043 and 22612 be billed together for a facility?"),
        ("why?", "Can 63043 and 22612 be billed together for a facility, and why?"),
        ("and in 2023?", "Can 63043 and 22612 be billed together for a facility on 2023-07-01?"),
        ("with 63030?", "Can 63043 and 63030 be billed together for a facility on 2023-07-01?"),
        ("is it an add-on?", "Is 63043 an add-on for a facility on 2023-07-01?"),
        ("and the global period?", "What is the global period of 63043 for a facility on 2023-07-01?"),
        ("What is 99213?", "What is 99213?"),  # a new topic: neither date nor setting stays
        ("for hospital?", "What is 99213 for a facility?"),
    ],
    [
        ("99213", "99213"),
        ("its MUE", "How many units of 99213 are allowed?"),
        ("3 units?", "Are 3 units of 99213 allowed?"),
        ("how many units?", "How many units of 99213 are allowed?"),
        ("the global period", "What is the global period of 99213?"),
        ("what about modifier 25?", "Is modifier 25 allowed on 99213?"),
        ("and 59?", "Is modifier 59 allowed on 99213?"),
        ("with 24?", "Is modifier 24 allowed on 99213?"),
        ("in March 2024", "Is modifier 24 allowed on 99213 on 2024-03-01?"),
        ("why not?", "Is modifier 24 allowed on 99213 on 2024-03-01, and why?"),
    ],
    [
        ("63042", "63042"),
        ("what about a second level?", "Is 63042 an add-on code, and what goes with it?"),
        ("and bilateral?", "Is modifier 50 allowed on 63042?"),
        ("and with an assistant surgeon?", "Is modifier 80 allowed on 63042?"),
        ("can I use 62 on it?", "Can I use 62 on 63042?"),
        ("what about 63044?", "Is modifier 62 allowed on 63044?"),
        ("is it ok to bill with 22612?", "Can 63044 and 22612 be billed together?"),
    ],
    [
        ("Can I bill 99213 with 20610?", "Can I bill 99213 with 20610?"),
        ("and 99214?", "Can 99214 and 20610 be billed together?"),
        ("with modifier 25?", "Can 99214 and 20610 be billed together with modifier 25?"),
        ("and 20611?", "Can 99214 and 20611 be billed together with modifier 25?"),
        ("for Aetna?", "Can 99214 and 20611 be billed together with modifier 25 under Aetna?"),
        ("the second one", "What is 20611 under Aetna?"),
        ("the other one", "What is 99214 under Aetna?"),
    ],
    [
        ("99213 vs 99214", "99213 vs 99214"),
        ("the first one", "What is 99213?"),
        ("the difference?", "What is the difference between 99213 and 99214?"),
        ("and 99215?", "What is the difference between 99213 and 99215?"),
        ("and the global period?", "What is the global period of 99213 and 99215?"),
        ("can they be billed together?", "Can 99213 and 99215 be billed together?"),
    ],
    [
        ("What is modifier 25", "What is modifier 25"),
        ("what about modifier 59?", "What is modifier 59?"),
        ("the difference?", "What is the difference between modifiers 25 and 59?"),
        ("the first one", "What is modifier 25?"),
        ("when can I use it?", "When can I use modifier 25?"),
        ("difference between 59 and XS", "difference between 59 and XS"),
    ],
    [
        ("ICD-10 for type 2 diabetes", "ICD-10 for type 2 diabetes"),
        ("with neuropathy", "ICD-10 for type 2 diabetes with neuropathy"),
        ("what about asthma?", "ICD-10-CM code for asthma"),
        ("thanks", "thanks"),
        ("and for hip pain?", "ICD-10-CM code for hip pain"),  # courtesy is no new topic
    ],
    [
        ("Does Medicare cover screening colonoscopy?", "Does Medicare cover screening colonoscopy?"),
        ("and Medicaid?", "Does Medicaid cover screening colonoscopy?"),
        ("what about in 2023?", "Does Medicaid cover screening colonoscopy on 2023-07-01?"),
        ("and in 2024?", "Does Medicaid cover screening colonoscopy on 2024-07-01?"),
        ("and for high risk patients?", "Does Medicaid cover screening colonoscopy on 2024-07-01, for high risk patients?"),
    ],
    [
        ("Is M54.5 valid?", "Is M54.5 valid?"),
        ("and in 2020?", "Is M54.5 valid on 2020-07-01?"),
        ("what about E11.9?", "Is E11.9 valid on 2020-07-01?"),
        ("is it billable", "Is E11.9 billable on 2020-07-01?"),
        ("MUE for J3301", "MUE for J3301"),
        ("for DME", "How many units of HCPCS J3301 are allowed for a DME supplier?"),
        ("and the MUE of 63042?", "The MUE of 63042 for a DME supplier?"),
    ],
    [
        ("63044-59 ok?", "63044-59 ok?"),
        ("and LT?", "Is modifier LT allowed on 63044?"),
        ("modifiers?", "Which modifiers fit 63044?"),
    ],
    [
        ("What is 63042?", "What is 63042?"),
        ("What is 63044?", "What is 63044?"),
        ("what is the difference?", "What is the difference between 63042 and 63044?"),
        ("are they add-ons?", "Are 63042 and 63044 add-ons?"),
    ],
    [
        ("What is 63042?", "What is 63042?"),
        ("does it need a 26?", "Does 63042 need a 26?"),
        ("with a TC?", "Is modifier TC allowed on 63042?"),
        ("and 26 on 63044?", "26 on 63044?"),  # a question of its own, not the topic's of another code
        ("can i bill it with 22612 same day", "Can i bill 63044 with 22612 same day?"),
        ("and at a different level?", "Can 63044 and 22612 be billed together, at a different level?"),
        ("with a 59?", "Can 63044 and 22612 be billed together with modifier 59?"),
    ],
    [
        ("J3301", "J3301"),
        ("how much is one unit?", "What is HCPCS J3301?"),
        ("how many units?", "How many units of HCPCS J3301 are allowed?"),
    ],
]


@pytest.mark.parametrize("turns", CONVERSATIONS, ids=lambda turns: turns[0][0])
def test_conversations(turns: list[tuple[str, str]]) -> None:
    resolved = talk(*(typed for typed, _ in turns))
    assert [q.text for q in resolved] == [expected for _, expected in turns]


@pytest.mark.parametrize("turns", CONVERSATIONS, ids=lambda turns: turns[0][0])
def test_what_is_shown_is_what_is_answered(turns: list[tuple[str, str]]) -> None:
    for question in talk(*(typed for typed, _ in turns)):
        assert parse(question.text, SHELF, TODAY) == question


def test_fields_of_a_follow_up() -> None:
    last = talk("What is 63044?", "can I bill it with 22612?", "in a facility in 2023?", "for Aetna", "why?")[-1]
    assert last.kind is Kind.TOGETHER
    assert [(c.system, c.code) for c in last.codes] == [(System.CPT, "63044"), (System.CPT, "22612")]
    assert (last.date, last.setting, last.payer, last.why) == (date(2023, 7, 1), Setting.FACILITY, "Aetna", True)


@pytest.mark.parametrize(
    "text",
    [
        "What is 63042?",
        "63042",
        "is it possible to bill 99213 with 20610?",  # this "it" stands for nothing
        "what is 99213 and when is it used?",  # and this one for what the text names
        "code for knee replacement",
        "what is the code for knee replacement?",
        "What is modifier 25?",
        "guidelines for E/M by time",
        "99213 vs 99214",
        "who won the world cup",
        "hi",
        "",
        "Patient seen for low back pain, it started last week and it got worse, sent for imaging, will follow up with it in two weeks",
    ],
)
def test_a_full_question_stands_alone(text: str) -> None:
    before = talk("What is 63044?", "for a facility in 2023?")
    assert resolve(text, before, SHELF, TODAY) == parse(text, SHELF, TODAY)


@pytest.mark.parametrize("text", ["why?", "and its modifiers?", "the first one", "with 22612?", "for a facility?", "the difference?"])
def test_without_history_nothing_is_assumed(text: str) -> None:
    assert resolve(text, [], SHELF, TODAY) == parse(text, SHELF, TODAY)
    assert resolve(text, talk("hi"), SHELF, TODAY) == parse(text, SHELF, TODAY)


def test_codes_that_an_answer_offered_can_be_chosen() -> None:
    found = replace(
        talk("code for diabetes")[0],
        offered=(CodeMention("E11.9", "E11.9", System.ICD10CM), CodeMention("E11.40", "E11.40", System.ICD10CM)),
    )
    assert resolve("the second one", [found], SHELF, TODAY).codes[0].code == "E11.40"
    assert resolve("is it valid?", [found], SHELF, TODAY).text == "Is E11.9 valid?"
    assert resolve("the third one", [found], SHELF, TODAY).codes == ()


def test_wording_names_the_code_set_where_the_shape_does_not_tell() -> None:
    dx = parse("dx J1100", SHELF, TODAY)
    assert standalone_text(dx) == "What is J11.00?"
    assert standalone_text(parse("J1100", SHELF, TODAY)) == "What is HCPCS J1100?"
    assert standalone_text(parse("icd-9 250", SHELF, TODAY)) == "What is ICD-9 250?"


TYPED = st.sampled_from(
    [typed for turns in CONVERSATIONS for typed, _ in turns] + ["the last one", "both", "it", "its", "and", "with", "that one?", "or XS"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(TYPED, TYPED, st.text(max_size=20)), min_size=1, max_size=7))
def test_any_conversation_stands_alone_and_invents_no_code(texts: list[str]) -> None:
    resolved = talk(*texts)
    said = {c.code for text in texts for c in parse(text, SHELF, TODAY).codes}
    for question in resolved:
        assert {c.code for c in question.codes} <= said
        again = parse(question.text, SHELF, TODAY)
        assert (again.kind, again.codes, again.modifiers) == (question.kind, question.codes, question.modifiers)
        assert (again.date, again.setting, again.payer) == (question.date, question.setting, question.payer)
