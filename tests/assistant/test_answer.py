"""`Composer` and `Answer`: numbers of citations, Markdown, the JSON contract."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from assistant.answer import Answer, Composer, Evidence, Status
from assistant.question import CodeMention, Kind, Question
from corpus.model import System
from tests.assistant.said import MARKER
from tests.assistant.tiny import DAY, FEES, LIMITS, MANUAL, never_answer, page_answer

ROW = Evidence(FEES, "row 63044", "status C")
LIMIT = Evidence(LIMITS, "row 63044", "units 4")
RULE = Evidence(MANUAL, "section E", "In our words: a rule", "https://example.org/section-e")
QUESTION = Question("What is 63044?", Kind.CODE, (CodeMention("63044", "63044", System.CPT),))


@pytest.fixture
def composer() -> Composer:
    return Composer(QUESTION, DAY)


def test_equal_evidence_gets_one_number(composer: Composer) -> None:
    composer.say("One.", ROW, LIMIT)
    composer.say("Two.", LIMIT, ROW)
    composer.say("Three.", RULE, Evidence(FEES, "row 63044", "other words, same place"))
    answer = composer.answer()
    assert [s.citations for s in answer.statements] == [(1, 2), (2, 1), (3, 1)]
    assert [c.n for c in answer.citations] == [1, 2, 3]
    assert answer.citations[0].evidence.excerpt == f"{ROW.excerpt}\nother words, same place"  # the number shows both


def test_one_place_of_two_releases_is_two_citations(composer: Composer) -> None:
    composer.say("One.", ROW, LIMIT)
    assert len(composer.answer().citations) == 2


def test_a_statement_names_a_citation_once(composer: Composer) -> None:
    composer.say("One.", ROW, ROW)
    assert composer.answer().statements[0].citations == (1,)


def test_empty_tables_are_left_out(composer: Composer) -> None:
    composer.table("Empty", ("A",), [], ROW)
    composer.table("Full", ("A",), [("1",)], ROW)
    answer = composer.answer()
    assert [t.title for t in answer.tables] == ["Full"]
    assert len(answer.citations) == 1


def test_suggestions_and_codes_are_named_once(composer: Composer) -> None:
    composer.suggest("a", "b")
    composer.suggest("b", "c", "d", "e")
    composer.about("CPT", "63044")
    composer.about(System.CPT, "63044")
    answer = composer.answer()
    assert answer.suggestions == ("a", "b", "c", "d")
    assert [(c.system, c.code) for c in answer.codes] == [("CPT", "63044")]


# Text

LAYOUT: list[tuple[list[tuple[str, str, bool]], str]] = [
    ([("One.", "", False), ("Two.", "", False)], "One. [1] Two. [1]"),
    ([("One.", "", False), ("a", "H", True), ("b", "H", True)], "One. [1]\n\n**H**\n\n- a [1]\n- b [1]"),
    ([("a", "H", True), ("Then.", "H", False)], "**H**\n\n- a [1]\n\nThen. [1]"),
    ([("One.", "H", False), ("Two.", "H", False)], "**H**\nOne. [1] Two. [1]"),
    ([("One.", "H", False), ("Two.", "I", False)], "**H**\nOne. [1]\n\n**I**\nTwo. [1]"),
    ([("a", "H", True), ("After.", "", False)], "**H**\n\n- a [1]\n\nAfter. [1]"),  # the end of a heading begins a paragraph
    ([("One.", "H", False), ("After.", "", False), ("More.", "", False)], "**H**\nOne. [1]\n\nAfter. [1] More. [1]"),
    ([("a", "", True), ("b", "", True)], "- a [1]\n- b [1]"),
    ([], ""),
]


@pytest.mark.parametrize(("said", "text"), LAYOUT)
def test_markdown(said: list[tuple[str, str, bool]], text: str, composer: Composer) -> None:
    for words, heading, bullet in said:
        composer.heading(heading)
        composer.say(words, ROW, bullet=bullet)
    assert composer.answer().text == text


def test_a_statement_without_evidence_has_no_marker(composer: Composer) -> None:
    composer.say("No data.")
    assert composer.answer().text == "No data."


@pytest.mark.parametrize("answer", [page_answer(), never_answer()])
def test_every_marker_of_the_text_is_a_citation(answer: Answer) -> None:
    assert {int(n) for n in MARKER.findall(answer.text)} <= {c.n for c in answer.citations}


# JSON

KEYS = "question kind status text statements citations codes date_of_service elapsed_ms".split()


def test_the_ask_contract(composer: Composer) -> None:
    composer.about("CPT", "63044")
    composer.say("Status C.", ROW, RULE)
    composer.say("No data.")
    answer = replace(composer.answer(), elapsed_ms=12.3456)
    made = json.loads(json.dumps(answer.as_json()))
    assert list(made) == KEYS
    assert made["question"] == "What is 63044?"
    assert (made["kind"], made["status"]) == ("code", "answered")
    assert made["text"] == answer.text
    assert made["statements"] == [{"text": "Status C.", "citations": [1, 2]}, {"text": "No data.", "citations": []}]
    assert made["citations"] == [
        {"n": 1, "source": FEES.title, "release": "T26A", "locator": "row 63044", "excerpt": "status C", "url": None},
        {"n": 2, "source": MANUAL.title, "release": "chapter I", "locator": "section E", "excerpt": RULE.excerpt, "url": RULE.url},
    ]
    assert made["codes"] == [{"system": "CPT", "code": "63044"}]
    assert made["date_of_service"] == "2026-03-01"
    assert made["elapsed_ms"] == 12.3


def test_the_address_of_the_source_stands_in_for_the_place(composer: Composer) -> None:
    composer.say("One.", Evidence(replace(FEES, url="https://example.org"), "row 1", "x"))
    assert composer.answer().as_json()["citations"][0]["url"] == "https://example.org"


@pytest.mark.parametrize("status", list(Status))
def test_status_words(status: Status, composer: Composer) -> None:
    assert composer.answer(status).as_json()["status"] in ("answered", "no_data", "unclear", "out_of_scope")
