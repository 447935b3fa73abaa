from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.fetching.licence import AMA, MCD, RECORD, Agreement, accepted, record, records, refusal
from tests.conftest import ROOT

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_switch_is_a_yes_and_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    assert Agreement(tmp_path, frozenset({"ama"})).given(AMA, 4)
    (entry,) = json.loads((tmp_path / RECORD).read_text())
    assert (entry["licence"], entry["url"], entry["how"]) == ("ama", "https://www.cms.gov/license/ama", "--accept-ama-license")
    assert entry["who"]
    assert datetime.fromisoformat(entry["when"]).tzinfo is not None
    assert Agreement(tmp_path).given(AMA, 1)  # remembered
    assert len(records(tmp_path)) == 1


def test_one_licence_is_not_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    assert not Agreement(tmp_path, frozenset({"ama"})).given(MCD, 1)
    assert "--accept-mcd-license" in refusal(MCD)


def test_without_a_terminal_and_a_switch_it_is_no(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))  # a script that pipes yes is no person
    assert not Agreement(tmp_path).given(AMA, 1)
    assert list(tmp_path.iterdir()) == []


def test_a_yes_holds_for_its_year_and_its_link(tmp_path: Path) -> None:
    record(AMA, tmp_path, NOW, "asked")
    assert accepted(AMA, tmp_path, NOW.replace(month=12))
    assert not accepted(AMA, tmp_path, NOW.replace(year=2027))
    assert not accepted(MCD, tmp_path, NOW)
    held = records(tmp_path)
    (tmp_path / RECORD).write_text(json.dumps([{**held[0], "who": "somebody-else"}, {**held[0], "url": "https://other.example"}]))
    assert not accepted(AMA, tmp_path, NOW)


@pytest.mark.parametrize("text", ["", "{", "{}", "[3]", "null"])
def test_a_record_that_cannot_be_read_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / RECORD).write_text(text)
    assert not accepted(AMA, tmp_path, NOW)
    record(AMA, tmp_path, NOW, "asked")
    assert accepted(AMA, tmp_path, NOW)


ASK = """
import sys
from pathlib import Path
from ingest.fetching.licence import AMA, Agreement

agreement = Agreement(Path(sys.argv[1]))
print(agreement.given(AMA, 3), agreement.given(AMA, 3))
"""


@pytest.mark.parametrize(("typed", "answer"), [(b"yes\n", "True True"), (b"YES \n", "True True"), (b"y\n", "False False"), (b"\n", "False False")])
def test_at_a_terminal_the_word_is_asked_for_once(tmp_path: Path, typed: bytes, answer: str) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", ASK, str(tmp_path)], stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
    ) as run:
        os.close(theirs)
        shown = b""
        while b"if you accept it: " not in shown:
            shown += os.read(ours, 4096)
        os.write(ours, typed)
        out, _ = run.communicate(timeout=30)
    os.close(ours)
    assert out.decode().strip() == answer
    text = shown.decode()
    assert "3 of the files" in text
    assert "American Medical Association" in text
    assert "https://www.cms.gov/license/ama" in text
    assert (tmp_path / RECORD).exists() == answer.startswith("True")
