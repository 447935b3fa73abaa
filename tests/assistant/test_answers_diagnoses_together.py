"""Whether diagnoses may stand together: Excludes notes of the tabular list, and the codes that they name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from assistant.answer import Answer, Composer
from assistant.answers.diagnoses_together import names, say_excludes
from assistant.context import Context
from assistant.question import Kind, Question
from corpus.model import Code, Note, Source, System
from tests.assistant.said import broken_promises, evidence, statement
from tests.assistant.tiny import SHIPPED

if TYPE_CHECKING:
    from assistant.chain import Assistant


def ask(assistant: Assistant, *codes: str) -> Answer:
    return assistant.ask(f"Can {' and '.join(codes)} be billed together?")


def test_an_excludes1_note_between_two_diagnoses(assistant: Assistant) -> None:
    answer = ask(assistant, "E10.9", "E11.9")
    verdict = statement(answer, "Excludes1")
    assert "an Excludes1 note at E10 names E11.9 and an Excludes1 note at E11 names E10.9" in verdict.text
    note, back, rule = evidence(answer, "at E10 names")
    assert "E11.-" in note.excerpt
    assert "E10.-" in back.excerpt
    assert rule.locator == "Section I.A.12.a"
    assert not broken_promises(answer)


def test_an_excludes1_note_that_names_a_range(assistant: Assistant) -> None:
    """I10 excludes hypertensive disease complicating pregnancy (O10-O11, O13-O16)."""
    assert "an Excludes1 note at I10 names O14.93" in ask(assistant, "I10", "O14.93").text
    assert "Excludes1 note at I10" not in ask(assistant, "I10", "O26.11").text


def test_an_excludes2_note_lets_both_stand(assistant: Assistant) -> None:
    """The note stands at I20, the code asked for is under it."""
    note = next(n for n in assistant.codebook.notes(code("I10", assistant)) if n.kind == "excludes2")
    named = next(c for c in ("I60.9", "I61.9", "H35.039") if names(note, c))
    told = statement(ask(assistant, "I10", named), "Excludes2 note")
    assert "both may be coded when both are present" in told.text


def code(name: str, assistant: Assistant) -> Code:
    found = assistant.codebook.code(name, System.ICD10CM)
    assert found
    return found


def test_diagnoses_that_no_note_keeps_apart(assistant: Assistant) -> None:
    answer = ask(assistant, "I10", "M17.11")
    only = answer.statements[0]
    assert only.text.startswith("No Excludes, code first, use additional or code also note of I10 or M17.11")
    assert only.citations
    assert "may be coded" not in answer.text


class Book:
    """Two diagnoses of a tabular list, with invented notes."""

    def __init__(self, *notes: tuple[str, str, str], above: dict[str, tuple[str, ...]] | None = None, children: tuple[str, ...] = ()) -> None:
        self._notes, self._above, self._children = notes, above or {}, children

    def publication(self, key: str) -> Source:
        assert key == "icd10cm-guidelines"
        return replace(SHIPPED, title="Guidelines")

    def ancestors(self, code: Code) -> list[Code]:
        return [diagnosis(name) for name in self._above.get(code.code, ())]

    def notes(self, code: Code) -> list[Note]:
        chain = [code.code, *self._above.get(code.code, ())]
        return [Note(*note, SHIPPED) for place in chain for note in self._notes if note[0] == place]

    def children(self, code: str) -> list[Code]:
        return [diagnosis(name) for name in self._children if name.startswith(code)]


RELEASE = replace(SHIPPED, valid_from=date(2026, 4, 1), valid_to=date(2026, 9, 30))


def diagnosis(name: str, billable: bool = True) -> Code:
    return Code(System.ICD10CM, name, "Invented", billable, RELEASE, None, "code", False)


def said(book: Book, a: str, b: str, on: date = date(2026, 5, 1), billable: bool = True, again: bool = False) -> Answer:
    composer = Composer(Question("?", Kind.TOGETHER, (), subject="?"), on)
    context = cast(Context, SimpleNamespace(codebook=book, date=on))
    for _ in range(1 + again):
        say_excludes(composer, diagnosis(a, billable), diagnosis(b), context)
    answer = composer.answer()
    assert not broken_promises(answer)
    return answer


def test_one_verdict_for_many_excludes1_items_and_no_excludes2_besides() -> None:
    items = [("A09", "excludes1", f"{name} NOS (K52.9)") for name in ("colitis", "enteritis")]
    book = Book(*items, ("K52", "excludes2", "infections (A00-A09)"), above={"K52.9": ("K52", "11")})
    answer = said(book, "K52.9", "A09")
    (verdict,) = answer.statements
    assert verdict.text.startswith("No, as a rule: an Excludes1 note at A09 names K52.9")
    assert "colitis NOS (K52.9); enteritis NOS (K52.9)" in evidence(answer, "No, as a rule")[0].excerpt


def test_an_excludes2_note_of_a_chapter_decides_nothing_and_a_sign_follows_the_guidelines() -> None:
    book = Book(("11", "excludes2", "symptoms and signs (R00-R94)"), above={"K35.80": ("K35", "11"), "R10.9": ("R10", "18")})
    answer = said(book, "K35.80", "R10.9")
    assert "may be coded" not in answer.text
    assert "whole chapters" in answer.statements[0].text
    assert [e.locator for e in evidence(answer, "R10.9 is a symptom")][:2] == ["Section I.B.5", "Section I.B.6"]


@pytest.mark.parametrize("pair", [("R10.9", "R05.9"), ("R10.9", "Z79.4"), ("K35.80", "J20.9")])
def test_no_sign_beside_a_definitive_diagnosis(pair: tuple[str, str]) -> None:
    assert "chapter 18" not in said(Book(), *pair).text


FIRST = ("N18", "code_first", "diabetic chronic kidney disease (E08.22, E11.22)")
THEN = ("E11.22", "use_additional", "code to identify stage (N18.1-N18.6)")


@pytest.mark.parametrize("notes", [(FIRST, THEN), (FIRST,), (THEN,)])
@pytest.mark.parametrize("pair", [("E11.22", "N18.30"), ("N18.30", "E11.22")])
def test_code_first_and_use_additional_set_the_order(notes: tuple[tuple[str, str, str], ...], pair: tuple[str, str]) -> None:
    answer = said(Book(*notes, above={"N18.30": ("N18",)}), *pair)
    (only,) = answer.statements
    assert "E11.22 first and N18.30 after it" in only.text
    assert {e.locator for e in evidence(answer, "first and")} >= {"Section I.A.13"}
    assert len(only.citations) == len(notes) + 1


def test_notes_that_contradict_set_no_order() -> None:
    text = said(Book(("A01", "code_first", "x (B01)"), ("B01", "code_first", "y (A01)")), "A01", "B01").text
    assert "do not agree" in text
    assert "after it" not in text


def test_a_code_also_note_sets_no_order() -> None:
    answer = said(Book(("J44", "code_also", "type of asthma, if applicable (J45.-)"), above={"J44.9": ("J44",)}), "J44.9", "J45.909")
    (only,) = answer.statements
    assert "may both be needed" in only.text
    assert "sets no order" in only.text
    assert "Section I.A.17" in {e.locator for e in evidence(answer, "both be needed")}


O80 = ("O80", "inclusion", "This code is for use as a single diagnosis code and is not to be used with any other code from chapter 15.")


@pytest.mark.parametrize(("other", "chapter", "apart"), [("O82", "15", True), ("O70.0", "15", True), ("I10", "9", False)])
@pytest.mark.parametrize("swap", [False, True])
def test_a_single_diagnosis_code(other: str, chapter: str, apart: bool, swap: bool) -> None:
    pair = (other, "O80") if swap else ("O80", other)
    answer = said(Book(O80, above={other: (chapter,), "O80": ("15",)}), *pair)
    assert answer.statements[0].text.startswith("No: the text at O80") is apart
    assert "Section I.C.15.n.1" in {c.evidence.locator for c in answer.citations}


def test_a_single_diagnosis_code_with_the_outcome_it_asks_for() -> None:
    book = Book(O80, ("O80", "use_additional", "code to indicate outcome of delivery (Z37.0)"), above={"Z37.0": ("21",)})
    (only,) = said(book, "O80", "Z37.0").statements
    assert "O80 first and Z37.0 after it" in only.text


def test_a_code_that_is_not_billable_is_named_once_with_those_under_it() -> None:
    answer = said(Book(children=("N18.30", "N18.31")), "N18.3", "I10", billable=False, again=True)
    assert "is not billable; it has more specific codes: use one of N18.30, N18.31." in statement(answer, "not billable").text


@pytest.mark.parametrize(
    ("on", "words"),
    [(date(2026, 3, 31), "takes effect on 2026-04-01"), (date(2026, 4, 1), ""), (date(2026, 9, 30), ""), (date(2026, 10, 1), "ran to 2026-09-30")],
)
def test_a_date_outside_the_release_is_said_once(on: date, words: str) -> None:
    answer = said(Book(), "I10", "M17.11", on, again=True)
    if words:
        assert statement(answer, words)
    else:
        assert "release" not in answer.text


@pytest.mark.parametrize(
    ("kind", "text", "code", "named"),
    [
        ("use_additional", "code from category T31 or T32 to identify extent", "T32.0", True),
        ("use_additional", "code from I11 to identify the type", "I11.9", True),
        ("use_additional", "code from I11 to identify the type", "I12.9", False),
        ("excludes1", "conditions from category T31", "T31.0", False),
        ("code_first", "vitamin B12 deficiency (E53.8)", "B12.9", False),
    ],
)
def test_the_codes_that_an_instruction_names_without_brackets(kind: str, text: str, code: str, named: bool) -> None:
    assert names(Note("X", kind, text, SHIPPED), code) is named


@pytest.mark.parametrize(
    ("note", "code", "named"),
    [
        ("type 2 diabetes mellitus (E11.-)", "E11.9", True),
        ("type 2 diabetes mellitus (E11.-)", "E10.9", False),
        ("gestational hypertension (O13.1)", "O13.1", True),
        ("gestational hypertension (O13.1)", "O13.2", False),
        ("complicating pregnancy (O10-O11, O13-O16)", "O14.93", True),
        ("complicating pregnancy (O10-O11, O13-O16)", "O12.00", False),
        ("burns (T20-T31)", "T31", True),
        ("burns (T20.0-T20.3)", "T20.211A", True),
        ("burns (T20.0-T20.3)", "T20.411A", False),
        ("diabetes (E08.- - E13.-)", "E11.9", True),
        ("burns (T20-T31)", "T32.0", False),
        ("spondylosis (M47.-) and disc disorders (M50.-)", "M50.20", True),
        ("gangrene in diabetes mellitus (E08-E13 with .52)", "E11.52", True),
        ("gangrene in diabetes mellitus (E08-E13 with .52)", "E11.9", False),
        ("skin disorders in diabetes (E08-E13 with .62-)", "E13.621", True),
        ("open skull fracture (S02.- with 7th character B)", "S02.0XXB", True),
        ("open skull fracture (S02.- with 7th character B)", "S02.0XXA", False),
        ("poisoning (T36-T65 with fifth or sixth character 1-4)", "T40.2X1A", True),
        ("poisoning (T36-T65 with fifth or sixth character 1-4)", "T40.2X5A", False),
        ("fluency disorder (I69. with final characters -23)", "I69.323", True),
        ("fluency disorder (I69. with final characters -23)", "I69.320", False),
        ("nephritic syndrome (with C3 glomerulopathy) (N00.6)", "N00.6", True),
        ("stroke, E11 type", "E11.9", False),  # codes count in brackets only
    ],
)
def test_the_codes_that_a_note_names(note: str, code: str, named: bool) -> None:
    assert names(Note("X", "excludes1", note, SHIPPED), code) is named
