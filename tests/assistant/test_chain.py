"""The way of a question: understand, compose, verify; conversations; a newer edition; promises over all golden questions."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant.answer import Answer, CodeRef, Evidence, Status
from assistant.chain import MAX_CHARACTERS, Assistant, KnownCodes, Request, stated_codes
from assistant.evaluation import read_golden
from assistant.question import Kind, Question
from corpus.codebook import Codebook
from corpus.editions import Edition
from corpus.model import Setting, System
from tests.assistant.said import broken_promises
from tests.assistant.tiny import DAY, FEES, tiny_codebook
from tests.conftest import ROOT

GOLDEN = [entry for entry in read_golden(ROOT / "tests" / "golden") if "needs" not in entry]


def talk(assistant: Assistant, *texts: str, **options: Any) -> list[Answer]:
    """The answers of a conversation, each question with those before it."""
    answers: list[Answer] = []
    for text in texts:
        answers.append(assistant.ask(text, [a.question for a in answers], **options))
    return answers


@pytest.mark.parametrize("entry", GOLDEN, ids=[entry["id"] for entry in GOLDEN])
def test_golden_answers_keep_the_promises(entry: dict[str, Any], assistant: Assistant) -> None:
    setting = Setting(entry["setting"]) if entry.get("setting") else None
    history = [a.question for a in talk(assistant, *entry.get("history", []))]
    answer = assistant.ask(entry["ask"], history, entry.get("date"), setting)
    assert not broken_promises(answer)
    for ref in answer.codes:
        assert ref.system == "MODIFIER" or assistant.codebook.exists(ref.code), ref


# Days that are none


@pytest.mark.parametrize("text", ["Is M54.5 valid on 02/30/2024?", "MUE of 63044 on 2024-13-01", "what about 31 April 2025", "knee pain 15/03/2024"])
def test_a_day_that_is_none_is_asked_back_for(text: str, assistant: Assistant) -> None:
    answer = assistant.ask(text, date=date(2026, 7, 1))  # chosen beside the text, which names another day
    assert answer.status is Status.UNCLEAR
    assert "is no date" in answer.text
    assert "Which day do you mean?" in answer.text
    assert answer.date_of_service is None


def test_a_day_that_is_none_beside_one_that_is(assistant: Assistant) -> None:
    answer = assistant.ask("MUE of 63044 on 2026-07-01, denied 02/30/2026")
    assert answer.status is Status.ANSWERED
    assert answer.text.startswith("“02/30/2026” is no date: February 2026 has 28 days. This is for 2026-07-01.")
    assert answer.date_of_service == date(2026, 7, 1)


def test_the_day_that_is_meant_is_told_next(assistant: Assistant) -> None:
    first, then = talk(assistant, "MUE of 63044 on 06/31/2026", "I meant 2026-07-01")
    assert first.status is Status.UNCLEAR
    assert [c.code for c in then.question.codes] == ["63044"]
    assert then.question.date == date(2026, 7, 1)
    *_, last = talk(assistant, "Is 63044 valid?", "and on 02/30/2026?", "on 2026-07-01")
    assert [c.code for c in last.question.codes] == ["63044"]
    assert assistant.ask("tell me a joke about 02/30/2026").status is Status.OUT_OF_SCOPE


# Codes stated

STATED = [
    ("63044 is an add-on to 63042.", {"63044", "63042"}),
    ("J3301 and G0008", {"J3301", "G0008"}),
    ("0274T, 0518F and 0427U", {"0274T", "0518F", "0427U"}),
    ("M54.50 under M54.5", {"M54.50", "M54.5"}),
    ("S52.501A", {"S52.501A"}),
    ("63044-50", set()),  # a code with its modifier is read elsewhere
    ("$12345 paid", set()),
    ("1.29881", set()),
    ("2026-07-01 and 33.4009", set()),
    ("1234567", set()),
    ("section 20.4.6", set()),
    ("95,358 rows", set()),
]


@pytest.mark.parametrize(("text", "codes"), STATED)
def test_what_has_the_shape_of_a_code(text: str, codes: set[str]) -> None:
    assert stated_codes(text) == codes


# Verify


def doctored(assistant: Assistant, text: str, extra: str) -> Answer:
    """An answer with one statement more than was composed, verified."""
    composed = assistant.compose(assistant.understand(Request(text)))
    statement = replace(composed.statements[0], text=extra)
    return assistant.verify(replace(composed, statements=(*composed.statements, statement)))


@pytest.mark.parametrize("extra", ["See also 99997.", "Bill J9998 instead.", "Use E11.999.", "63042 with 12345."])
def test_a_statement_with_an_invented_code_is_dropped(extra: str, assistant: Assistant) -> None:
    answer = doctored(assistant, "What is 63044?", extra)
    assert extra not in answer.text
    assert answer.statements == assistant.compose(assistant.understand(Request("What is 63044?"))).statements


@pytest.mark.parametrize("extra", ["See also 63042.", "Use E11.9.", "No codes here, 12 months.", "63044 again."])
def test_a_statement_with_known_codes_stays(extra: str, assistant: Assistant) -> None:
    assert extra in doctored(assistant, "What is 63044?", extra).text


def test_the_code_asked_for_may_be_named_though_unknown(assistant: Assistant) -> None:
    assert "99999" in assistant.ask("What is 99999?").text


def test_no_composed_statement_about_a_page_is_lost(assistant: Assistant) -> None:
    """Codes that only the add-on edits name (99341 to G2211) are known too."""
    questions = ("What is {}?", "Is {} an add-on code?", "Which modifiers fit {}?", "How many units of {}?", "global period of {}")
    lost = []
    for code in assistant.codebook.document_keys["page"]:
        for question in questions:
            composed = assistant.compose(assistant.understand(Request(question.format(code))))
            kept = assistant.verify(composed)
            facts = [s for s in composed.statements if s not in kept.statements and s.heading not in ("Neighbors", "Billing")]
            lost += [f"{question.format(code)} {s.text}" for s in facts]
    assert not lost


def test_a_code_that_only_add_on_edits_name_is_known(assistant: Assistant) -> None:
    assert assistant.codebook.exists("99341")  # primary of G2211 since 2026
    assert not assistant.codebook.exists("99997")


# Understand


def test_date_and_setting_of_the_words_come_first(assistant: Assistant) -> None:
    _, context, _ = assistant.understand(Request("MUE of 96372 for a hospital on 2024-05-01", date=date(2026, 1, 1), setting=Setting.DME))
    assert (context.date, context.setting) == (date(2024, 5, 1), Setting.FACILITY)
    _, context, _ = assistant.understand(Request("MUE of 96372", date=date(2026, 1, 1), setting=Setting.DME))
    assert (context.date, context.setting) == (date(2026, 1, 1), Setting.DME)
    _, context, _ = assistant.understand(Request("MUE of 96372"))
    assert (context.date, context.setting) == (assistant.today, Setting.PRACTITIONER)


def test_a_text_of_any_length_is_answered(assistant: Assistant) -> None:
    question, _, _ = assistant.understand(Request("What is 63044? " + "x " * MAX_CHARACTERS))
    assert len(question.text) <= MAX_CHARACTERS


@pytest.mark.parametrize("text", ["", "   ", "?", "\x00", "😀", "[1]", "' OR 1=1 --", '"unbalanced', "NEAR(", "*", "a" * 5000, "63044" * 500])
def test_no_text_breaks_it(text: str, assistant: Assistant) -> None:
    answer = assistant.ask(text)
    assert answer.text
    assert answer.status in Status


def test_known_codes(assistant: Assistant) -> None:
    known = KnownCodes(assistant.codebook)
    assert known.exists(System.CPT, "63044")
    assert not known.exists(System.ICD10CM, "63044")
    assert known.is_modifier("25")
    assert not known.is_modifier("94")


# Conversation


def test_a_conversation_of_six_turns(assistant: Assistant) -> None:
    answers = talk(
        assistant, "What is CPT code 63044?", "and its modifiers?", "what about 63043?", "can I bill it with 63040?", "for a facility?", "why?"
    )  # fmt: skip
    assert [a.question.kind for a in answers] == [Kind.CODE, Kind.MODIFIERS_FOR_CODE, Kind.MODIFIERS_FOR_CODE, *[Kind.TOGETHER] * 3]
    assert [{c.code for c in a.codes} for a in answers] == [{"63044"}, {"63044"}, {"63043"}, *[{"63043", "63040"}] * 3]
    assert "facility" in answers[4].text
    assert answers[0].resolved is None
    assert answers[1].resolved == "Which modifiers fit 63044?"
    assert all(a.resolved for a in answers[1:])


def test_the_first_one_after_a_search(assistant: Assistant) -> None:
    found, first, second = talk(assistant, "icd 10 code for low back pain", "the first one", "the second one")
    offered = [c.code for c in found.codes]
    assert len(offered) > 1
    assert [c.code for c in first.codes] == offered[:1]
    assert [c.code for c in second.codes] == offered[1:2]


def test_offers_are_of_questions_without_codes_alone(assistant: Assistant) -> None:
    assert not assistant.ask("What is 63044?").question.offered


# Stream and runnable


def test_the_stream_ends_with_the_answer(assistant: Assistant) -> None:
    *text, answer = assistant.stream("What is 63044?")
    assert isinstance(answer, Answer)
    assert "".join(map(str, text)) == answer.text
    assert answer.elapsed_ms > 0
    assert answer.written_by == "composed"


def test_the_runnable_gives_the_same_answer(assistant: Assistant) -> None:
    answer = assistant.as_runnable().invoke(Request("What is 63044?"))
    assert answer.text == assistant.ask("What is 63044?").text


# Editions

ASKED = "Is M54.50 valid?"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two editions; the first is current."""
    for name in ("1", "2"):
        (tmp_path / "editions" / name).mkdir(parents=True)
        tiny_codebook(tmp_path / "editions" / name).close()
    (tmp_path / "editions" / "current").write_text("1\n", encoding="utf-8")
    return tmp_path


def test_a_newer_edition_is_opened_at_the_next_question(home: Path) -> None:
    assistant = Assistant(Codebook(Edition(home / "editions" / "1")), DAY)
    before = assistant.finder
    assistant.ask(ASKED)
    assert assistant.codebook.edition.id == "1"
    assert assistant.finder is before  # nothing is opened again while nothing changed
    (home / "editions" / "current").write_text("2\n", encoding="utf-8")
    assistant.ask(ASKED)
    assert assistant.codebook.edition.id == "2"
    assert assistant.finder.codebook is assistant.codebook
    assistant.codebook.close()


@pytest.mark.parametrize("pointer", [None, "", "gone\n"])
def test_a_broken_pointer_leaves_the_open_edition_in_use(pointer: str | None, home: Path) -> None:
    assistant = Assistant(Codebook(Edition(home / "editions" / "1")), DAY)
    file = home / "editions" / "current"
    if pointer is None:
        file.unlink()
    else:
        file.write_text(pointer, encoding="utf-8")
    assert "M54.50" in assistant.ask(ASKED).text
    assert assistant.codebook.edition.id == "1"
    assistant.codebook.close()


def test_an_edition_that_was_removed_still_serves(home: Path) -> None:
    assistant = Assistant(Codebook(Edition(home / "editions" / "1")), DAY)
    assistant.ask(ASKED)
    (home / "editions" / "current").write_text("2\n", encoding="utf-8")
    shutil.rmtree(home / "editions" / "1")
    assert "M54.50" in assistant.ask(ASKED).text
    assistant.codebook.close()


def test_answers_are_values() -> None:
    one = Evidence(FEES, "row 1", "x")
    assert one == Evidence(FEES, "row 1", "x")
    assert CodeRef("CPT", "63044") in {CodeRef("CPT", "63044")}
    assert Question("a", Kind.CODE) == Question("a", Kind.CODE)
