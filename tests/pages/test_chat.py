from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from assistant.pages import sources
from assistant.pages.chat import INPUT, SUBJECTS
from corpus.editions import current
from corpus.model import Setting, Source, SourceKind
from tests.pages.conftest import ROOT, write_edition
from tests.pages.stub import StubAssistant


def shown(app: AppTest) -> str:
    """All HTML on the page."""
    return "\n".join(part.value for part in app.html)


def ask(app: AppTest, text: str) -> AppTest:
    app.chat_input(INPUT).set_value(text).run()
    assert not app.exception
    return app


def test_welcome_has_questions_of_seven_subjects(app: AppTest) -> None:
    assert not app.exception
    assert [pills.label for pills in app.pills] == [
        "CPT codes",
        "Guidelines",
        "Modifiers",
        "Crosswalks",
        "NCCI edits",
        "Compliance",
        "Medicare coverage",
    ]
    assert all(1 <= len(questions) <= 2 for questions in SUBJECTS.values())


@pytest.mark.parametrize(("model", "said"), [("", "Nothing you type leaves this machine."), ("openai:x", "goes to the chat model openai:x.")])
def test_welcome_tells_where_typed_words_go(stub: StubAssistant, monkeypatch: pytest.MonkeyPatch, model: str, said: str) -> None:
    monkeypatch.setenv("CODEBOOK_CHAT_MODEL", model)
    assert said in shown(AppTest.from_file(str(ROOT / "app.py"), default_timeout=20).run())


def test_a_pill_asks_its_question_at_once(app: AppTest, stub: StubAssistant) -> None:
    app.pills(key="subject-0").set_value("What is CPT code 63044?").run()
    assert [asked[0] for asked in stub.asked] == ["What is CPT code 63044?"]
    assert "What is CPT code 63044?" in shown(app)
    assert [pills.label for pills in app.pills] == ["Ask next"]  # the welcome is gone


def test_an_answer_with_sources_and_table(app: AppTest) -> None:
    page = shown(ask(app, "page of 63044"))
    assert "63044 is an invented add-on" in page
    assert 'href="#source-1-1"' in page
    assert "HCPCS 63044 · STATUS C" in page
    assert "<td>Carriers price the code</td>" in page
    assert len(app.chat_message) == 2


def test_suggestions_ask_at_once_with_what_came_before(app: AppTest, stub: StubAssistant) -> None:
    ask(app, "page of 63044")
    (suggestions,) = app.pills
    suggestions.set_value("again And its modifiers?").run()
    text, history, _, _ = stub.asked[-1]
    assert text == "again And its modifiers?"
    assert [question.text for question in history] == ["page of 63044"]
    assert "Understood as: again What are the modifiers of 63044?" in shown(app)
    assert len(app.pills) == 1  # the earlier suggestions are gone


def test_suggestions_are_not_markup(app: AppTest) -> None:
    ask(app, "page")
    assert r"again What about 63043, for \$5 and \*more\*?" in app.pills[0].options


def test_date_and_setting_go_with_the_question(app: AppTest, stub: StubAssistant) -> None:
    app.date_input(key="date_of_service").set_value(date(2025, 3, 1))
    app.segmented_control(key="setting").set_value(Setting.FACILITY)
    ask(app, "page")
    assert stub.asked[-1][2:] == (date(2025, 3, 1), Setting.FACILITY)


def test_neither_date_nor_setting_is_made_up(app: AppTest, stub: StubAssistant) -> None:
    ask(app, "page")
    assert stub.asked[-1][2:] == (None, None)


def test_no_data_is_said_as_no_data(app: AppTest) -> None:
    assert '<span class="notice">No data</span>' in shown(ask(app, "nothing of 2019"))


def test_a_failure_keeps_the_text_and_says_what_happened(app: AppTest, stub: StubAssistant) -> None:
    ask(app, "page")
    ask(app, "break it, please")
    assert "he chat model did not answer within 30 s." in shown(app)
    assert app.chat_input(INPUT).value == "break it, please"
    assert len(app.chat_message) == 2  # no half answer
    ask(app, "break it, please")
    assert "did not answer" not in shown(app)
    assert len(app.chat_message) == 4


def test_an_error_that_is_not_ours_is_told_in_our_words(app: AppTest) -> None:
    ask(app, "breakdown please")
    assert "did not answer" not in shown(app)
    assert "An error inside the program (ConnectionError): ask again" in shown(app)
    assert app.chat_input(INPUT).value == "breakdown please"


def test_a_failure_keeps_the_questions_that_wait(app: AppTest, stub: StubAssistant) -> None:
    stub.breaks = 2
    app.session_state["conversation"].asking += ["break one", "page", "break two"]
    app.run()
    assert [asked[0] for asked in stub.asked] == ["break one", "page", "break two"]
    assert len(app.chat_message) == 2
    assert "did not answer within 30 s." in shown(app)
    assert app.chat_input(INPUT).value == "break one\nbreak two"


def test_a_stream_without_end_is_a_failure(app: AppTest, stub: StubAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stub, "stream", lambda *_: iter(["half an answ"]))
    ask(app, "page")
    assert "The answer broke off" in shown(app)
    assert "half an answ" not in shown(app)


@pytest.mark.parametrize("text", ["", "   "])
def test_blanks_are_not_asked(app: AppTest, stub: StubAssistant, text: str) -> None:
    ask(app, text)
    assert stub.asked == []


def test_a_new_conversation_forgets(app: AppTest, stub: StubAssistant) -> None:
    ask(app, "page")
    app.button[0].click().run()
    assert len(app.chat_message) == 0
    ask(app, "page")
    assert stub.asked[-1][1] == ()


def test_thumbs_with_a_reason(app: AppTest, home: Path) -> None:
    ask(app, "page of Mr. Smith")
    app.feedback[0].set_value(0).run()
    app.text_input[0].set_value("units are wrong, call 555-123-4567").run()
    lines = [json.loads(line) for line in (home / "feedback.jsonl").read_text().splitlines()]
    assert [(line["verdict"], line["reason"]) for line in lines] == [("down", ""), ("down", "units are wrong, call [PHONE]")]
    assert lines[0]["id"] == lines[1]["id"]
    assert lines[0]["question"] == "page of Mr. [NAME]"
    assert "Thank you" in shown(app)


def test_feedback_that_cannot_be_kept_says_so(app: AppTest, home: Path) -> None:
    ask(app, "page")
    (home / "feedback.jsonl").mkdir()
    app.feedback[0].set_value(1).run()
    assert not app.exception
    assert "could not be kept" in app.toast[0].value


def test_export_appears_with_the_first_answer(app: AppTest) -> None:
    assert len(app.download_button) == 0
    ask(app, "page")
    assert [button.label for button in app.download_button] == ["Export as Markdown"]


def test_the_sidebar_names_the_newest_release_of_each_kind(app: AppTest) -> None:
    (status,) = [part.value for part in app.sidebar.html]
    assert "<dt>Fee schedule</dt><dd>NEW<span>2026-07-01</span>" in status
    assert "OLD" not in status
    assert "<dt>PTP, practitioner</dt>" in status


class Day(date):
    """The day of the tests."""

    @classmethod
    def today(cls) -> Day:
        return cls(2026, 11, 22)


def test_the_sources_page_lists_everything_loaded(stub: StubAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "date", Day)
    page = AppTest.from_string("from assistant.pages import sources\nsources.draw()", default_timeout=20).run()
    assert not page.exception
    fees, edits, publications, own = (part.value for part in page.html if "<table>" in part.value)
    assert [heading.value for heading in page.subheader] == ["Fee schedules and payment", "NCCI edits", "Publications", "Written for Codebook"]

    def cells(table: str) -> list[list[str]]:
        return [re.findall(r"<td.*?>(.*?)</td>", row) for row in table.split("<tr>")[2:]]

    assert re.findall(r'<th scope="col">(.*?)</th>', fees) == ["Source", "Release", "Valid from", "Valid to", "Rows", "Holds", "Today"]
    assert cells(fees) == [
        ["Fee schedule", "NEW", "2026-07-01", "2026-09-30", "19,356", "all of it", "out of date"],
        ["Fee schedule", "OLD", "2025-01-01", "", "7", "all of it", "earlier"],
    ]
    assert cells(edits) == [["PTP edits", "Q3", "practitioner", "2026-07-01", "12", "a selection", "in force"]]
    assert ">A manual</td>" in publications
    assert ">Code pages</td>" in own


def test_every_kind_of_source_has_its_place_on_the_page() -> None:
    placed = [kind for kinds in sources._DATA.values() for kind in kinds] + [kind for _, kinds in sources._OTHERS.values() for kind in kinds]
    assert sorted(placed) == sorted(SourceKind)


def test_what_a_release_is_today() -> None:
    days = {"A": (date(2026, 1, 1), date(2026, 3, 31)), "B": (date(2026, 4, 1), date(2026, 6, 30)), "C": (date(2026, 7, 1), None)}
    found = [Source(n, name, SourceKind.MUE, "Limits", "CMS", name, None, *span) for n, (name, span) in enumerate(days.items())]
    for today, states in ((date(2026, 5, 1), ("to come", "in force", "earlier")), (date(2027, 1, 1), ("in force", "earlier", "earlier"))):
        assert tuple(row["Today"] for row in sources._of_data(found, today)) == states
    assert [row["Today"] for row in sources._of_data(found[:2], date(2026, 8, 1))] == ["out of date", "earlier"]


def test_without_an_edition_the_page_says_what_to_do(home: Path) -> None:
    st.cache_resource.clear()
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=20).run()
    assert not app.exception
    assert "python -m ingest build" in shown(app)
    assert "There is no data to answer from." in shown(app)
    assert "No edition in" in app.sidebar.html[0].value


def test_a_damaged_edition_is_said_on_both_pages(home: Path) -> None:
    write_edition(home)
    current(home).database.write_bytes(b"no database at all " * 500)
    st.cache_resource.clear()
    st.cache_data.clear()
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=20).run()
    assert not app.exception
    assert "is damaged: run `python -m ingest build`" in app.sidebar.html[0].value
    page = AppTest.from_string("from assistant.pages import sources\nsources.draw()", default_timeout=20).run()
    assert not page.exception
    assert "is damaged" in page.info[0].value
    ask(app, "What is 63044?")
    assert "is damaged" in shown(app)
    assert app.chat_input(INPUT).value == "What is 63044?"


def test_the_embedding_model_is_warmed_once_for_all_sessions(stub: StubAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.pages.backend._WARM_AFTER", 0)
    for _ in range(2):
        AppTest.from_file(str(ROOT / "app.py"), default_timeout=20).run()
    wait = threading.Event()
    for _ in range(50):
        if stub.warmed:
            break
        wait.wait(0.05)
    assert stub.warmed == 1


def test_the_page_imports_nothing_heavy() -> None:
    heavy = "torch", "chromadb", "polars", "langchain_core", "transformers"
    code = f"import sys, assistant.pages.chat, assistant.pages.sources; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip() == "[]"
