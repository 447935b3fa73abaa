"""The golden questions are understood as the kind that each names, whatever edition is loaded."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from assistant.conversation import resolve
from assistant.evaluation import Entry, read_golden
from assistant.question import Question
from corpus.model import System

TODAY = date(2026, 11, 22)
GOLDEN = read_golden(Path(__file__).parents[1] / "golden")
SHAPES = {
    System.CPT: re.compile(r"\d{5}|\d{4}[FTUMA]"),
    System.HCPCS: re.compile(r"[A-EGHJ-MP-V]\d{4}"),
    System.ICD10CM: re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?"),
}
MODIFIERS = "22 24 25 26 47 50 51 52 53 57 58 59 62 66 76 77 78 79 80 81 82 91 95 LT RT TC AS GA GX GY GZ KX QW XE XP XS XU".split()


class EveryCode:
    """Says of every code of the right shape that it exists."""

    def exists(self, system: System, code: str) -> bool:
        return system in SHAPES and SHAPES[system].fullmatch(code) is not None

    def is_modifier(self, code: str) -> bool:
        return code in MODIFIERS


def asked(entry: Entry) -> Question:
    """The question of an entry after the questions before it."""
    history: list[Question] = []
    for text in (*entry.get("history", ()), entry["ask"]):
        history.append(resolve(text, history, EveryCode(), TODAY))
    return history[-1]


@pytest.mark.parametrize("entry", GOLDEN, ids=lambda entry: entry["id"])
def test_kind(entry: Entry) -> None:
    assert asked(entry).kind == entry["kind"]


def test_there_are_golden_questions_of_every_kind() -> None:
    assert len({entry["kind"] for entry in GOLDEN}) == 14
