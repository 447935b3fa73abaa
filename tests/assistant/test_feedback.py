from __future__ import annotations

import json
import stat
from datetime import date
from pathlib import Path

import pytest

from assistant import feedback
from assistant.answer import Answer, Composer, Evidence
from assistant.question import Kind, Question
from corpus.model import Source, SourceKind

FEES = Source(1, "fee-schedule/T1", SourceKind.FEE_SCHEDULE, "Invented fee schedule", "Nobody", "T1")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CODEBOOK_HOME", str(tmp_path / "var"))
    return tmp_path / "var"


def answer(text: str = "What is 63044?") -> Answer:
    composer = Composer(Question(text, Kind.CODE), date(2026, 8, 1))
    composer.say("The words of the answer.", Evidence(FEES, "row", "excerpt"))
    composer.about("CPT", "63044")
    return composer.answer()


def test_a_verdict_is_one_line_with_what_it_is_about(home: Path) -> None:
    feedback.record("a", answer(), "down", "units are wrong")
    (line,) = (home / "feedback.jsonl").read_text().splitlines()
    kept = json.loads(line)
    assert kept.pop("at").endswith("+00:00")
    assert kept == {
        "id": "a",
        "verdict": "down",
        "reason": "units are wrong",
        "question": "What is 63044?",
        "kind": "code",
        "status": "answered",
        "codes": [{"system": "CPT", "code": "63044"}],
        "date_of_service": "2026-08-01",
        "written_by": "composed",
    }


def test_a_reason_given_later_is_another_line_of_the_same_id(home: Path) -> None:
    feedback.record("a", answer(), "up")
    feedback.record("b", answer(), "down")
    feedback.record("a", answer(), "down", "changed my mind")
    kept = [json.loads(line) for line in (home / "feedback.jsonl").read_text().splitlines()]
    assert [(line["id"], line["verdict"], line["reason"]) for line in kept] == [("a", "up", ""), ("b", "down", ""), ("a", "down", "changed my mind")]


def test_identifiers_are_not_kept(home: Path) -> None:
    feedback.record("a", answer("Mr. Smith, SSN 123-45-6789: 63042?"), "down", "call 555-123-4567\nplease")
    kept = (home / "feedback.jsonl").read_text()
    for identifier in ("Smith", "123-45-6789", "555-123-4567"):
        assert identifier not in kept
    assert "63042" in kept
    assert len(kept.splitlines()) == 1


def test_only_the_owner_may_read_it(home: Path) -> None:
    feedback.record("a", answer(), "up")
    assert stat.S_IMODE((home / "feedback.jsonl").stat().st_mode) == 0o600
