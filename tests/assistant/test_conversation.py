"""Follow-ups: whole conversations turn by turn, and properties that hold for any of them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answers.code import ASPECTS as SECTION_WORDS
from assistant.conversation import resolve, standalone_text
from assistant.question import CodeMention, Kind, Question, parse
from corpus.model import Setting, System

TODAY = date(2026, 11, 22)
CODES = {
    System.CPT: "27447 36415 63030 63042 63043 63044 22612 96372 99213 99214 99215 20610 20611 45378 45380 45385 69990".split(),
    System.HCPCS: "J3301 J1100 G2211".split(),
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
        ("and in 2023?", "Can 63043 and 22612 be billed together for a facility on 2023-12-31?"),
        ("with 63030?", "Can 63043 and 63030 be billed together for a facility on 2023-12-31?"),
        ("is it an add-on?", "Is 63043 an add-on for a facility on 2023-12-31?"),
        ("and the global period?", "What is the global period of 63043 for a facility on 2023-12-31?"),
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
        ("what about in 2023?", "Does Medicaid cover screening colonoscopy on 2023-12-31?"),
        ("and in 2024?", "Does Medicaid cover screening colonoscopy on 2024-12-31?"),
        ("and for high risk patients?", "Does Medicaid cover screening colonoscopy on 2024-12-31, for high risk patients?"),
    ],
    [
        ("Is M54.5 valid?", "Is M54.5 valid?"),
        ("and in 2020?", "Is M54.5 valid on 2020-12-31?"),
        ("what about E11.9?", "Is E11.9 valid on 2020-12-31?"),
        ("is it billable", "Is E11.9 billable on 2020-12-31?"),
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


# The questions before, what is typed then, the question it is resolved into.
FOLLOW_UPS: dict[str, list[tuple[str, str]]] = {
    "What is modifier 59?": [
        *((typed, "What is the difference between modifiers 59 and XS?") for typed in (
            "difference to XS?", "difference from XS", "vs XS?", "or XS?", "or xs?", "compare with XS", "how is it different from XS",
            "XS instead?", "when should i use XS instead?", "difference to modifier XS",
        )),
        ("and XS?", "What is modifier XS?"),  # asks the same of another modifier
        ("and 80 patients?", "and 80 patients?"),
        ("difference in the er?", "difference in the er?"),
        *((typed, "What is modifier 59?") for typed in (
            "when not?", "example?", "give me an example", "payment?", "documentation?", "more?", "tell me more",
        )),
        ("when not to use it?", "When not to use modifier 59?"),
        ("how is it paid", "How is modifier 59 paid?"),
        ("example of fraud", "example of fraud"),
        ("can i use it on 45385?", "Can i use modifier 59 on 45385?"),
        ("does it go on 45385", "Does modifier 59 go on 45385?"),
        *((typed, "Is modifier 59 allowed on 45385?") for typed in (
            "on 45385?", "with 45385?", "for 45385?", "and on 45385?", "is it ok with 45385?",
        )),
        ("what about 45385?", "What is 45385?"),
        ("documentation for 45385", "documentation for 45385"),
        ("denied, why?", "What is modifier 59, and why?"),
    ],
    "difference between modifiers 59 and XS": [
        ("and XU?", "What is the difference between modifiers 59 and XU?"),
        ("on 45385?", "Are modifiers 59 and XS allowed on 45385?"),
        ("example?", "What is the difference between modifiers 59 and XS?"),
    ],
    "99214": [
        *((typed, "What must the documentation for 99214 show?") for typed in (
            "documentation?", "what must be documented", "what documentation is needed?", "and the documentation?", "what should the note say?",
        )),
        ("steps?", "What are the steps of 99214?"),
        ("how is it done?", "What are the steps of 99214?"),
        ("recovery?", "What is the recovery after 99214?"),
        *((typed, "Which diagnoses go with 99214?") for typed in ("diagnoses?", "dx?", "which diagnoses?", "icd-10?", "and icd 10 codes?")),
        ("diagnosis code for low back pain", "diagnosis code for low back pain"),
        ("dx E11.9", "dx E11.9"),
        ("anesthesia?", "What is the anesthesia code for 99214?"),
        ("anesthesia for knee replacement", "anesthesia for knee replacement"),
        ("history?", "What is the history of 99214?"),
        ("history of breast cancer", "history of breast cancer"),
        *((typed, "How is 99214 billed?") for typed in ("billing?", "how is it billed", "how do i bill it?", "denials?")),
        ("is it billable?", "Is 99214 billable?"),
        ("indications?", "What are the indications for 99214?"),
        ("when is it used?", "What are the indications for 99214?"),
        ("similar codes?", "Which codes are similar to 99214?"),
        ("similar codes for biopsy", "similar codes for biopsy"),
        *((typed, "What is 99214?") for typed in ("example?", "more?", "payment?", "description?")),
        *((typed, "Can 99214 and HCPCS G2211 be billed together?") for typed in (
            "can i add G2211", "add G2211?", "plus G2211", "also G2211?", "can G2211 be added?", "with G2211 as well", "in addition to G2211",
        )),
        *((typed, "Can 99214 and 36415 be billed together?") for typed in (
            "also 36415?", "together with 36415?", "and bill 36415 too?", "i also did 36415",
        )),
        ("also 36415 same day?", "Can 99214 and 36415 be billed together, same day?"),
        ("what about G2211", "What is HCPCS G2211?"),
        ("what about G2211 too", "What is HCPCS G2211?"),
        ("and G2211?", "What is HCPCS G2211?"),
        ("what is G2211?", "what is G2211?"),
        ("add-on 63044?", "add-on 63044?"),
        ("or 99215?", "What is the difference between 99214 and 99215?"),
        ("difference to 99215?", "What is the difference between 99214 and 99215?"),
        ("add modifier 25?", "Is modifier 25 allowed on 99214?"),
        ("do i need modifier 25?", "Is modifier 25 allowed on 99214?"),
        ("when do i need modifier 25?", "when do i need modifier 25?"),
        ("modifier 25", "modifier 25"),
        ("25?", "Is modifier 25 allowed on 99214?"),
        ("LCD?", "LCD for 99214?"),
        ("and medical necessity?", "Medical necessity for 99214?"),
        ("is it covered?", "Is 99214 covered?"),
        ("LCD for sleep apnea", "LCD for sleep apnea"),
        ("denied, why?", "What is 99214, and why?"),
    ],
    "documentation of 99214": [
        ("and 99215?", "What must the documentation for 99215 show?"),
        ("in 2023?", "What must the documentation for 99214 show on 2023-12-31?"),
        ("more?", "What is 99214?"),
        ("global period?", "What is the global period of 99214?"),
    ],
    "diagnosis code for knee pain": [("more?", "diagnosis code for knee pain"), ("and 99214?", "What is 99214?")],
    "MUE of 96372": [
        ("also 20610?", "How many units of 20610 are allowed?"),
        ("add 20610?", "Can 96372 and 20610 be billed together?"),
        *((typed, "Are 5 units of 96372 allowed?") for typed in (
            "what if i bill 5?", "5 units?", "and 5?", "5?", "if i report five", "can i bill 5?",
        )),
        ("what if i bill 50?", "Are 50 units of 96372 allowed?"),
        ("and 50?", "Is modifier 50 allowed on 96372?"),
        ("and 5 mg?", "and 5 mg?"),
        ("payment?", "What is 96372?"),
        ("denied, why?", "How many units of 96372 are allowed, and why?"),
        ("in the ASC?", "How many units of 96372 are allowed for a practitioner?"),
    ],
    "Can I bill 45378 with 45380?": [
        *((typed, "Can 45378 and 45380 be billed together, and why?") for typed in (
            "denied, why?", "which modifier?", "what modifier do i need?", "can a modifier help?", "who gets denied", "which one is denied?",
            "which code is paid?", "why was it denied?",
        )),
        ("where does the modifier go?", "Can 45378 and 45380 be billed together, and why?"),
        ("its modifiers?", "Which modifiers fit 45378?"),
        ("which modifiers fit each?", "which modifiers fit each?"),
        ("does 59 help?", "Can 45378 and 45380 be billed together with modifier 59?"),
        ("add 45385?", "Can 45378, 45380 and 45385 be billed together?"),
        ("with 45385?", "Can 45378 and 45385 be billed together?"),
        ("last year?", "Can 45378 and 45380 be billed together on 2025-12-31?"),
        ("before 2021?", "Can 45378 and 45380 be billed together on 2020-12-31?"),
        ("as of march 2023?", "Can 45378 and 45380 be billed together on 2023-03-01?"),
        ("outpatient?", "Can 45378 and 45380 be billed together for a facility?"),
        ("in the ASC?", "Can 45378 and 45380 be billed together for a practitioner?"),
        ("physician side?", "Can 45378 and 45380 be billed together for a practitioner?"),
    ],
    "what is upcoding": [
        *((typed, "what is upcoding") for typed in ("example?", "more?", "tell me more", "another example")),
        ("why?", "what is upcoding, and why?"),
        ("denied, why?", "what is upcoding, and why?"),
        ("before 2021?", "what is upcoding on 2020-12-31?"),
        ("documentation?", "documentation?"),
    ],
    "code for knee replacement in 2022": [
        ("example?", "code for knee replacement in 2022"),
        ("why?", "code for knee replacement in 2022, and why?"),
        ("and now?", "code for knee replacement?"),
        ("both knees?", "code for knee replacement in 2022 both knees"),
    ],
    "is 63044 an add-on in 2022": [
        ("and now?", "Is 63044 an add-on code, and what goes with it?"),
        ("outpatient?", "Is 63044 an add-on code, and what goes with it for a facility on 2022-12-31?"),
        ("outpatient visit code", "outpatient visit code"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("before", "typed", "expected"), [(before, typed, expected) for before, rows in FOLLOW_UPS.items() for typed, expected in rows]
)
def test_follow_ups(before: str, typed: str, expected: str) -> None:
    question = talk(before, typed)[-1]
    assert question.text == expected
    assert parse(question.text, SHELF, TODAY) == question


@pytest.mark.parametrize(
    ("before", "typed", "kind"),
    [
        ("What is modifier 59?", "or XS?", Kind.DIFFERENCE),
        ("What is modifier 59?", "when not to use it?", Kind.MODIFIER),
        ("What is modifier 59?", "how is it paid", Kind.MODIFIER),
        ("What is modifier 59?", "can i use it on 45385?", Kind.MODIFIERS_FOR_CODE),
        ("What is modifier 59?", "does it go on 45385", Kind.MODIFIERS_FOR_CODE),
        ("What is modifier 59?", "on 45385?", Kind.MODIFIERS_FOR_CODE),
        ("99214", "also 36415 same day?", Kind.TOGETHER),
        ("Can I bill 45378 with 45380?", "which modifier?", Kind.TOGETHER),
        ("MUE of 96372", "and 5?", Kind.UNITS),
        ("what is upcoding", "example?", Kind.GUIDELINE),
        ("code for knee replacement", "more?", Kind.FIND),
    ],
)
def test_kind_of_a_follow_up(before: str, typed: str, kind: Kind) -> None:
    assert talk(before, typed)[-1].kind is kind


@pytest.mark.parametrize(
    ("typed", "section"),
    [
        *(("documentation?", "record"), ("steps?", "steps"), ("recovery?", "afterwards"), ("dx?", "diagnoses"), ("anesthesia?", "anesthesia")),
        *(("history?", "history"), ("indications?", "when"), ("similar codes?", "neighbors"), ("billing?", "billing")),
    ],
)  # fmt: skip
def test_the_sentence_of_a_section_asks_for_it(typed: str, section: str) -> None:
    for code in ("27447", "J3301"):
        question = talk(code, typed)[-1]
        assert (question.kind, question.codes[0].code) == (Kind.CODE, code)
        assert next(name for name, pattern in SECTION_WORDS.items() if re.search(pattern, question.text, re.IGNORECASE)) == section


def test_fields_of_a_follow_up() -> None:
    last = talk("What is 63044?", "can I bill it with 22612?", "in a facility in 2023?", "for Aetna", "why?")[-1]
    assert last.kind is Kind.TOGETHER
    assert [(c.system, c.code) for c in last.codes] == [(System.CPT, "63044"), (System.CPT, "22612")]
    assert (last.date, last.setting, last.payer, last.why) == (date(2023, 12, 31), Setting.FACILITY, "Aetna", True)


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


OFFERED = tuple(CodeMention(code, code, System.ICD10CM) for code in ("E11.9", "E11.40", "M54.50"))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("the second one", "What is E11.40?"),
        ("the last one", "What is M54.50?"),
        ("what about the third?", "What is M54.50?"),
        ("is it valid?", "Is E11.9 valid?"),
        ("is the last one billable?", "Is M54.50 billable?"),
        ("both?", "What are E11.9, E11.40 and M54.50?"),
        ("all of them", "What are E11.9, E11.40 and M54.50?"),
        ("any of these", "What are E11.9, E11.40 and M54.50?"),
        ("the first two", "What are E11.9 and E11.40?"),
        ("is any of these billable?", "Are E11.9, E11.40 and M54.50 billable?"),
        ("both billable?", "Are E11.9, E11.40 and M54.50 billable?"),
        ("are they valid?", "Are E11.9, E11.40 and M54.50 valid?"),
        ("difference between the first two", "Difference between E11.9 and E11.40?"),
        ("the fifth one", "the fifth one"),  # three were offered
        ("the second surgeon", "the second surgeon"),
        ("both eyes", "code for diabetes both eyes"),
    ],
)
def test_codes_that_an_answer_offered_can_be_chosen(typed: str, expected: str) -> None:
    found = replace(talk("code for diabetes")[0], offered=OFFERED)
    assert resolve(typed, [found], SHELF, TODAY).text == expected


def test_the_documentation_of_a_code_that_was_found() -> None:
    found = replace(talk("code for diabetes")[0], offered=OFFERED)
    assert resolve("documentation?", [found], SHELF, TODAY).text == "What must the documentation for E11.9 show?"
    article = replace(talk("what is upcoding")[0], offered=OFFERED)  # an article names codes only in passing
    assert resolve("documentation?", [article], SHELF, TODAY).codes == ()


def test_wording_names_the_code_set_where_the_shape_does_not_tell() -> None:
    dx = parse("dx J1100", SHELF, TODAY)
    assert standalone_text(dx) == "What is J11.00?"
    assert standalone_text(parse("J1100", SHELF, TODAY)) == "What is HCPCS J1100?"
    assert standalone_text(parse("icd-9 250", SHELF, TODAY)) == "What is ICD-9 250?"


TYPED = st.sampled_from(
    [typed for turns in CONVERSATIONS for typed, _ in turns]
    + [typed for rows in FOLLOW_UPS.values() for typed, _ in rows]
    + ["the last one", "both", "it", "its", "and", "with", "that one?", "or XS"]
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
