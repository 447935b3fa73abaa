"""Whether diagnoses may stand together: Excludes notes of the tabular list, and the codes that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant.answer import Answer
from assistant.answers.diagnoses_together import names
from corpus.model import Code, Note, System
from tests.assistant.said import broken_promises, evidence, statement
from tests.assistant.tiny import SHIPPED

if TYPE_CHECKING:
    from assistant.chain import Assistant


def ask(assistant: Assistant, *codes: str) -> Answer:
    return assistant.ask(f"Can {' and '.join(codes)} be billed together?")


def test_an_excludes1_note_between_two_diagnoses(assistant: Assistant) -> None:
    answer = ask(assistant, "E10.9", "E11.9")
    first, second = answer.statements
    assert "an Excludes1 note at E10 names E11.9" in first.text
    assert "an Excludes1 note at E11 names E10.9" in second.text
    note, rule = evidence(answer, "at E10 names")
    assert "E11.-" in note.excerpt
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
    assert answer.statements[0].text.startswith("No Excludes note of I10 or M17.11")
    assert answer.statements[0].citations
    assert "must still be documented" in answer.text
    assert "not coded together" not in answer.text


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
