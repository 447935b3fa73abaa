"""The app in a real browser: what AppTest does not see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.pages.conftest import Opened, Served

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser


def box(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Ask about")


def ask(page: Page, text: str) -> None:
    answers = page.locator(".answer .sources, .answer .notice").count()
    box(page).fill(text)
    box(page).press("Enter")
    page.locator(".answer .sources, .answer .notice").nth(answers).wait_for()


def test_the_page_is_ready_within_five_seconds(served: Served) -> None:
    assert served.ready_after < 5


def test_nothing_is_fetched_from_elsewhere(opened: Opened, served: Served, browser: object) -> None:
    page = opened()
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.reload()
    box(page).wait_for()
    ask(page, "page of 63044")
    page.get_by_role("link", name="Sources").click()
    page.get_by_role("heading", name="Publications").wait_for()
    assert hosts - {""} == {urlsplit(served.url).netloc}


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_nothing_is_wider_than_the_screen(opened: Opened, width: int, scheme: str) -> None:
    page = opened(width, scheme)
    assert too_wide(page) == []
    for text in ("page of 63044", "odd one", "nothing here"):
        ask(page, text)
        assert too_wide(page) == []
    for source in page.locator("details.source summary").all():
        source.click()
    assert too_wide(page) == []


def too_wide(page: Page) -> list[str]:
    """Elements of the page that reach over its right edge, but for what scrolls by itself."""
    return page.evaluate(  # type: ignore[no-any-return]
        """() => [...document.querySelectorAll('.stMain *')]
        .filter(e => !e.closest('.scroll') && e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => e.className + ' ' + e.textContent.slice(0, 40))"""
    )


def test_a_marker_opens_its_source(opened: Opened) -> None:
    page = opened()
    ask(page, "page of 63044")
    words = page.get_by_text("The words that stand there")
    assert not words.is_visible()
    page.get_by_role("link", name="Source 2").first.click()
    words.wait_for()
    assert page.get_by_text("Chapter VIII, section C").is_visible()


def test_odd_characters_show_as_they_are(opened: Opened) -> None:
    page = opened()
    ask(page, "odd one")
    lead = page.locator(".lead").inner_text()
    assert "It costs $5 or $6, ~never~ *less*, a_b_c, 2 < 3 & <b>not bold</b>, :100: `x` -> [9] $x^2$." in lead
    assert page.locator(".katex, .answer :is(p, li, h4, td, blockquote) :is(b, i, em, del, code)").count() == 0
    assert (
        page.get_by_role("radio", name="again What about 63043, for $5 and *more*?")
        .or_(page.get_by_role("button", name="again What about 63043, for $5 and *more*?"))
        .is_visible()
    )


def test_the_newest_question_stands_on_top(opened: Opened) -> None:
    page = opened()
    for text in ("page one", "page two", "page three"):
        ask(page, text)
    page.wait_for_timeout(500)
    asked = page.locator(".asked").last.bounding_box()
    assert asked is not None
    assert 0 < asked["y"] < 120
    assert box(page).is_visible()


def test_by_keyboard_alone(opened: Opened) -> None:
    page = opened()
    tab_to(page, "What is CPT code 63044?")
    page.keyboard.press("Enter")
    page.locator(".sources").wait_for()
    page.wait_for_timeout(300)
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"  # the next question can be typed at once
    page.keyboard.type("again and its modifiers?")
    page.keyboard.press("Enter")
    page.get_by_text("Understood as").wait_for()
    page.locator(".sources").last.locator("summary").first.focus()
    page.keyboard.press("Enter")
    page.locator(".sources").last.get_by_text("HCPCS 63044 · STATUS C").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Open the publication"


def tab_to(page: Page, text: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip() == text:
            return
    raise AssertionError(f"{text!r} cannot be reached with the Tab key")


def test_a_long_answer_streams(opened: Opened) -> None:
    page = opened()
    box(page).fill("slow 63044")
    box(page).press("Enter")
    page.locator(".answer .more").wait_for()
    early = page.locator(".answer").inner_text()
    box(page).press_sequentially("the next que", delay=20)
    page.locator(".sources").wait_for()
    assert len(early) < len(page.locator(".answer").inner_text())
    assert page.locator(".more").count() == 0
    assert box(page).input_value() == "the next que"  # typing goes on meanwhile


def test_a_question_typed_while_another_streams_is_answered_after_it(opened: Opened) -> None:
    page = opened()
    box(page).fill("slow 63044")
    box(page).press("Enter")
    page.locator(".answer .more").wait_for()
    box(page).fill("nothing of it")
    box(page).press("Enter")
    page.locator(".notice").wait_for()
    assert page.locator(".asked").all_inner_texts() == ["slow 63044", "nothing of it"]
    assert page.locator(".sources").count() == 1


def test_a_failure_gives_the_text_back(opened: Opened) -> None:
    page = opened()
    box(page).fill("break it for John Doe")
    box(page).press("Enter")
    page.get_by_text("he chat model did not answer within 30 s.").wait_for()
    assert box(page).input_value() == "break it for John Doe"
    box(page).press("Enter")
    page.locator(".sources").wait_for()
    assert box(page).input_value() == ""


def test_export_downloads_the_conversation(opened: Opened, tmp_path: Path) -> None:
    page = opened()
    ask(page, "page of 63044")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as Markdown").click()
    assert re.fullmatch(r"codebook-\d{4}-\d\d-\d\d\.md", download.value.suggested_filename)
    download.value.save_as(tmp_path / "x.md")
    assert "## 1. page of 63044" in (tmp_path / "x.md").read_text()


def test_nothing_typed_is_logged(opened: Opened, served: Served) -> None:
    page = opened()
    ask(page, "page about zebrafinch")
    box(page).fill("break zebrafinch")
    box(page).press("Enter")
    page.wait_for_timeout(800)
    assert "zebrafinch" not in served.output.read_text()
    kept = [path for path in served.home.rglob("*") if path.is_file() and b"zebrafinch" in path.read_bytes()]
    assert kept == []


def test_a_conversation_with_the_assistant_itself(opened_for_real: Opened, served_for_real: Served) -> None:
    assert served_for_real.ready_after < 5
    page = opened_for_real()
    assert "ingest build" not in page.locator(".status").inner_text()
    ask(page, "Can I bill 99213 with 20610?")
    page.locator(".answer summary").first.click()
    assert "column 1 20610" in page.locator(".answer blockquote").first.inner_text()
    ask(page, "What is CPT code 63044?")
    ask(page, "and its modifiers?")
    page.get_by_text("Understood as: Which modifiers fit 63044?").wait_for()
    assert "20610" not in served_for_real.output.read_text()
