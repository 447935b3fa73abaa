"""Places that a question names, quotations, and answers out of manuals; the manuals are invented."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Status
from assistant.chain import Assistant
from assistant.manuals import Named, named_place, placed, quotation, words_beside
from assistant.question import Kind
from tests.assistant.quoted import FEE_SCHEDULE, FEES, MANUALS, SECTIONS, assistant_over
from tests.assistant.said import broken_promises, evidence, statement
from tests.assistant.shelf import understand

GUIDELINES, NCCI = "icd10cm-guidelines", "ncci-policy-manual"
PLACES = [
    ("What does section I.C.9.a say?", GUIDELINES, "I.C.9.a"),
    ("section I.C.9.a.2)", GUIDELINES, "I.C.9.a.2"),
    ("I.C.4.a.6.b", GUIDELINES, "I.C.4.a.6.b"),
    ("Section I.C.4.a.6)(b)", GUIDELINES, "I.C.4.a.6.b"),
    ("section i.c.1.d.1.a.ii", GUIDELINES, "I.C.1.d.1.a.ii"),
    ("What do the guidelines say in Section IV.H?", GUIDELINES, "IV.H"),
    ("Section II of the official guidelines", GUIDELINES, "II"),
    ("NCCI manual chapter IV arthroscopy", NCCI, ""),
    ("NCCI policy manual chapter 4 section E", NCCI, "IV.E"),
    ("Chapter I, Section E.d of the NCCI manual", NCCI, "I.E.d"),
    ("NCCI chapter IV section H(7)", NCCI, "IV.H.7"),
    ("NCCI chapter IV section E, subsection 7", NCCI, "IV.E.7"),
    ("Medicare Benefit Policy Manual chapter 15 section 50.4.4.2", "mbpm-15", "50.4.4.2"),
    ("what does MBPM ch. 15 §30.E say?", "mbpm-15", "30.E"),
    ("Pub. 100-04, chapter 12, section 30.6", "mcpm-12", "30.6"),
]
NO_PLACES = ["Does Aetna cover acupuncture?", "section II of the contract", "stage II.A cancer", "type II.a", "grade I.b.2 tumor",
             "NCCI edits of 29999", "chapter 4 of the book", "NCCI manual chapter 99", "What is I10?", ""]  # fmt: skip


@pytest.mark.parametrize(("text", "series", "section"), PLACES)
def test_a_place_that_is_named(text: str, series: str, section: str) -> None:
    place = named_place(text)
    assert place
    assert (place.series, place.section) == (series, section)
    assert understand(text).kind is Kind.GUIDELINE


@pytest.mark.parametrize(
    ("text", "section"),
    [("Benefit Policy Manual incident to", ""), ("section 60.1 of chapter 15", "60.1"), ("Benefit Policy Manual section 30.1", "30.1")],
)
def test_a_manual_of_which_one_chapter_is_loaded_needs_no_chapter(text: str, section: str) -> None:
    def over(*series: str) -> Any:
        sources = [SimpleNamespace(series=one, title=one) for one in series]
        return SimpleNamespace(codebook=SimpleNamespace(sources=lambda _: sources))

    place = placed(text, over("mbpm-15", NCCI))
    assert place
    assert (place.series, place.chapter, place.section) == ("mbpm-15", "15", section)
    assert understand(text).kind is Kind.GUIDELINE
    assert placed(text, over("mbpm-15", "mbpm-1", "mcpm-15")) is None
    assert placed(text, over(NCCI)) is None


@pytest.mark.parametrize("text", NO_PLACES)
def test_what_names_no_place(text: str) -> None:
    assert named_place(text) is None


def test_how_a_place_is_cited() -> None:
    assert Named(GUIDELINES, "", "", "I.C.9").place == "Section I.C.9"
    assert Named(NCCI, "", "IV", "IV.E.4").place == "chapter IV, section E.4"
    assert Named(NCCI, "", "IV").place == "chapter IV"
    assert Named("mbpm-15", "", "15", "30.1").place == "chapter 15, section 30.1"
    assert words_beside("What does the NCCI manual, chapter IV, section E say about arthroscopy?") == "arthroscopy"


QUOTES = [
    ("One. Two.", 10, "One. Two."),
    ("One two three. Four five six.", 4, "One two three. …"),
    ("One two three four five.", 3, "One two three …"),
    ("4. The fourth item. It is short.", 20, "The fourth item. It is short."),
    ("d.Modifier 59: Words.", 20, "Modifier 59: Words."),
    ("As “said.” Then more.", 2, "As “said.” …"),
    ("See [12] there.", 20, "See (12) there."),
    ("", 5, ""),
]


@pytest.mark.parametrize(("text", "most", "quoted"), QUOTES)
def test_a_quotation_is_whole_sentences(text: str, most: int, quoted: str) -> None:
    assert quotation(text, most) == quoted


@given(st.text(), st.integers(1, 30))
def test_a_quotation_is_never_longer_than_it_may_be(text: str, most: int) -> None:
    assert len(quotation(text, most).removesuffix(" …").split()) <= most


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    made = assistant_over(tmp_path_factory.mktemp("edition") / "e", [*MANUALS, FEE_SCHEDULE], SECTIONS, **FEES)
    yield made
    made.finder.close()
    made.codebook.close()


def test_a_section_is_quoted_with_its_place(reader: Assistant) -> None:
    answer = reader.ask("What does section I.C.9.a say?")
    assert answer.status is Status.ANSWERED
    assert not broken_promises(answer)
    assert answer.statements[0].text == "ICD-10-CM Official Guidelines for Coding and Reporting, FY2026: Section I.C.9.a: Hypertension."
    [carried] = evidence(answer, "“High pressure")
    assert (carried.source.release, carried.locator) == ("FY2026", "Section I.C.9.a, page 50")
    assert carried.excerpt == "High pressure of the blood is taken to belong to the heart."
    assert statement(answer, "Hypertensive kidneys").heading == "In this section"


def test_a_section_of_the_ncci_manual(reader: Assistant) -> None:
    """Its items are quoted, its chapter found by a word, and a code that only the manual names is not thrown out."""
    for text in ("NCCI manual chapter IV section E", "NCCI manual chapter IV arthroscopy", "NCCI policy manual, chapter 4: arthroscopy"):
        answer = reader.ask(text)
        assert answer.statements[0].text == "Medicare NCCI Policy Manual, 2026: Chapter IV, Section E: Arthroscopy."
        assert "29999" in statement(answer, "Looking into a joint").text
        assert "side (1)" in statement(answer, "Two joints").text  # no marker of ours
        assert not broken_promises(answer)


def test_a_chapter_without_more_is_listed(reader: Assistant) -> None:
    answer = reader.ask("NCCI manual chapter IV")
    assert [s.text for s in answer.statements if s.bullet] == ["Chapter IV, Section F: Spine."]
    assert answer.status is Status.ANSWERED


NOTHING = [
    ("Medicare Benefit Policy Manual chapter 15 section 30.1", "it is not loaded"),
    ("section I.C.99.z", "FY2026 has no such section"),
    ("NCCI manual chapter V", "has no such chapter"),
    ("NCCI manual chapter IV section Q", "2026 has no such section"),
]


@pytest.mark.parametrize(("text", "words"), NOTHING)
def test_what_is_not_there_is_said(text: str, words: str, reader: Assistant) -> None:
    answer = reader.ask(text)
    assert answer.status is Status.NO_DATA
    assert words in answer.text
    assert answer.text.startswith("No data")


def test_a_day_that_no_release_covers(reader: Assistant) -> None:
    early = reader.ask("What does section I.C.9.a say on 2025-03-01?")
    assert "This release is of 2025-10-01; none that covers 2025-03-01 is loaded." in early.text
    late = reader.ask("What does section I.C.9.a say on 2026-11-01?")
    assert "This release ran to 2026-09-30; a later one is not loaded." in late.text


def test_the_manuals_answer_where_no_article_does(reader: Assistant) -> None:
    answer = reader.ask("What are the rules on looking into a joint?")
    assert answer.status is Status.ANSWERED
    assert statement(answer, "Looking into a joint").heading == "In the official manuals loaded"
    assert "Medicare NCCI Policy Manual, 2026, chapter IV, section E.1, page IV-5" in answer.text
    before = reader.ask("What are the rules on looking into a joint on 2025-03-01?")
    assert before.status is Status.NO_DATA  # the manual of 2026 does not speak for 2025


@pytest.mark.parametrize("text", ["policy on blarghosis of a joint", "guideline on quxly zorp"])
def test_a_word_that_nothing_holds_ends_the_search(text: str, reader: Assistant) -> None:
    assert reader.ask(text).status is Status.NO_DATA


def test_without_manuals_nothing_is_searched(tmp_path: Path) -> None:
    bare = assistant_over(tmp_path / "e", [FEE_SCHEDULE], [], **FEES)
    assert "it is not loaded" in bare.ask("What does section I.C.9.a say?").text
    bare.finder.close()
    bare.codebook.close()
