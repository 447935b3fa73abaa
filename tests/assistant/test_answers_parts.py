"""Statements that several answers share: missing data and old releases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assistant.answer import Composer
from assistant.answers.parts import say_missing, say_stale
from assistant.context import Context
from assistant.retrieval import Finder
from corpus.codebook import Codebook
from corpus.model import Dated, Setting, SourceKind
from corpus.shelf import SHIPPED_FACTS
from tests.assistant.tiny import DAY, FEES, LIMITS, _question, tiny_codebook

FULL = replace(FEES, valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31))
SHIPPED_RELEASE = replace(FULL, file=SHIPPED_FACTS)
OF_2020 = replace(FULL, release="T20A", valid_from=date(2020, 10, 1), valid_to=date(2020, 12, 31))


@pytest.fixture
def codebook(tmp_path: Path) -> Codebook:
    return tiny_codebook(tmp_path)


def composer() -> Composer:
    from assistant.question import Kind

    return Composer(_question("What is 63044?", Kind.CODE, "63044"), DAY)


MISSING: list[tuple[str, Dated[object], str, bool]] = [
    ("nothing loaded", Dated(None, None), "No data on it: no release is loaded. Load the PPRRVU file", False),
    ("no release for the day", Dated(None, None, OF_2020), "for 2026-03-01: the nearest release loaded is T20A (2020-10-01 to 2020-12-31)", False),
    ("not among the shipped codes", Dated(None, SHIPPED_RELEASE), "it is not among the codes that ship with Codebook", False),
    ("not in the whole release", Dated(None, FULL), "Invented fee schedule, T26A has no entry for it.", True),
]


@pytest.mark.parametrize(("name", "dated", "words", "cited"), MISSING, ids=[m[0] for m in MISSING])
def test_why_a_fact_is_missing(name: str, dated: Dated[object], words: str, cited: bool, codebook: Codebook) -> None:
    context = Context(codebook, Finder(codebook), DAY, DAY, Setting.PRACTITIONER)
    answer = composer()
    say_missing(answer, "it", dated, SourceKind.FEE_SCHEDULE, context)
    (said,) = answer.answer().statements
    assert words in said.text
    assert bool(said.citations) is cited  # only a whole release can say that something is not there
    assert ("ingest add" in said.text) is not cited


def test_old_releases_are_named_once() -> None:
    old = replace(LIMITS, valid_to=date(2026, 1, 31))
    answer = composer()
    say_stale(answer, Dated(1, old, stale=True), Dated(2, old, stale=True), Dated(3, FULL))
    (said,) = answer.answer().statements
    assert said.heading == "Releases"
    assert said.text.count("Invented MUE table T2026Q1 (to 2026-01-31)") == 1
    assert "Invented fee schedule" not in said.text


def test_nothing_is_said_of_releases_that_hold() -> None:
    answer = composer()
    old_and_unused = replace(SHIPPED_RELEASE, valid_to=date(2026, 1, 31))
    say_stale(answer, Dated(1, FULL), Dated(None, None), Dated(None, old_and_unused, stale=True))
    assert not answer.answer().statements
