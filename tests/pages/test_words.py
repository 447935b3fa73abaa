from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest

from assistant.answer import Answer, Composer, Evidence
from assistant.pages import answers, citations, tables, words
from assistant.question import Kind, Question
from tests.pages.stub import FEES, MANUAL, ODD, StubAssistant

ON = date(2026, 8, 1)


def composed(*texts: str) -> Answer:
    composer = Composer(Question("q", Kind.CODE), ON)
    for at, text in enumerate(texts):
        composer.say(text, Evidence(FEES, f"row {at}", "words"))
    return composer.answer()


def visible(html: str) -> str:
    """What a browser shows of it, blanks aside."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.mark.parametrize(
    "text",
    ["$5 or $6", "$$x^2$$", "~~gone~~", "a_b_c and _d_", "*x* **y**", "`code`", "<b>bold</b>", "a < b & c", ":100: :red[x]", "-> --", "[9] [x](y)"],
)
def test_every_character_shows_as_itself(text: str) -> None:
    shown = words.finished(composed(text), words.plain)
    assert visible(shown) == f"{text} [1]"
    assert "<b>" not in shown
    assert "$" not in text or "$" in shown


def test_markup_never_reaches_the_page_from_any_part() -> None:
    answer = StubAssistant().ask("odd")
    shown = answers.finished(answer, 1)
    assert ODD in unescape(re.sub(r"</?a[^>]*>|</?span[^>]*>", "", shown))
    assert "<i>x" not in shown
    assert "<i>signs" not in shown
    assert "&lt;i&gt;x&lt;/i&gt;" in shown


def test_first_statement_is_set_apart() -> None:
    shown = words.finished(composed("The answer in short.", "More of it."), words.plain)
    assert visible(shown.split("</p>")[0]) == "The answer in short. [1]"
    assert shown.startswith('<p class="lead">')
    assert "More of it." not in shown.split("</p>")[0]


def test_a_list_that_comes_first_has_no_lead() -> None:
    composer = Composer(Question("q", Kind.CODE), ON)
    composer.say("An item.", Evidence(FEES, "row", "words"), bullet=True)
    assert "lead" not in words.finished(composer.answer(), words.plain)


def test_structure_of_an_answer() -> None:
    shown = words.finished(StubAssistant().ask("page"), words.plain)
    assert re.findall(r"<h4>(.*?)</h4>", shown) == ["When it is used", "How it is billed"]
    assert [len(re.findall("<li>", part)) for part in re.findall(r"<ul>(.*?)</ul>", shown)] == [2, 2]


@pytest.mark.parametrize("length", range(0, 120, 7))
def test_any_beginning_of_an_answer_can_be_shown(length: int) -> None:
    text = StubAssistant().ask("odd").text[:length]
    shown = words.streaming(text)
    assert shown.count("<p>") == shown.count("</p>")
    assert "<b>" not in shown


def test_streaming_shows_what_has_come() -> None:
    assert visible(words.streaming("Half a sen")) == "Half a sen"
    assert visible(words.streaming("One [1] and half a mark [")) == "One [1] and half a mark ["


def test_markers_lead_to_their_source_and_unknown_ones_nowhere() -> None:
    answer = composed("Known.")
    mark = citations.marks(answer, turn=3)
    assert 'href="#source-3-1"' in mark(1)
    assert mark(9) == "[9]"
    assert 'id="source-3-1"' in citations.row(answer, 3)


def test_a_source_shows_words_release_dates_and_place() -> None:
    shown = visible(citations.row(composed("x"), 1))
    for fact in ("Invented fee schedule", "T1", "row 0", "words", "in force 2026-07-01 to 2026-09-30", "Nobody", "Open the publication"):
        assert fact in shown


def test_a_long_title_is_cut_in_the_chip_and_whole_inside() -> None:
    composer = Composer(Question("q", Kind.CODE), ON)
    composer.say("x", Evidence(MANUAL, "p", "w"))
    chip, inside = citations.row(composer.answer(), 1).split("</summary>")
    assert MANUAL.title not in chip
    assert "…" in chip
    assert MANUAL.title in inside


def test_only_web_addresses_become_links() -> None:
    composer = Composer(Question("q", Kind.CODE), ON)
    composer.say("x", Evidence(MANUAL, "p", "w", url="javascript:alert(1)"))
    assert "<a" not in citations.row(composer.answer(), 1)


def test_no_sources_no_row() -> None:
    composer = Composer(Question("q", Kind.CODE), ON)
    composer.say("Which code?")
    assert citations.row(composer.answer(), 1) == ""


def test_a_table_keeps_its_cells() -> None:
    facts = StubAssistant().ask("odd").tables[0]
    shown = tables.drawn(facts, words.plain)
    assert re.findall(r"<td.*?>(.*?)</td>", shown) == ["$1", "$2", "&lt;i&gt;x&lt;/i&gt;", "~y~"]
    assert re.findall(r'<th scope="col">(.*?)</th>', shown) == ["a_b", "*c*"]


@pytest.mark.parametrize(
    ("asked", "notice"), [("nothing", "No data"), ("unclear", "Not clear yet"), ("outside", "Outside the subject"), ("page", None)]
)
def test_what_is_no_answer_says_so(asked: str, notice: str | None) -> None:
    shown = answers.finished(StubAssistant().ask(asked), 1)
    assert re.findall(r'<span class="notice">(.*?)</span>', shown) == ([notice] if notice else [])


def test_understood_as_is_shown_only_when_it_differs() -> None:
    assert "Understood as: again What are the modifiers of 63044?" in answers.finished(StubAssistant().ask("again x"), 1)
    assert "Understood as" not in answers.finished(StubAssistant().ask("page"), 1)


def test_the_date_the_answer_holds_for() -> None:
    assert "For date of service 2026-08-01" in answers.finished(StubAssistant().ask("page"), 1)
