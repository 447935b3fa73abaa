"""The command line: exit codes, the JSON contract, one-line errors, and a fast way for a question that names a code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any

import pytest

from assistant import __main__ as command_line
from tests.conftest import ROOT

Run = Callable[..., tuple[int, str, str]]
DAY = ("--date", "2026-11-22")


@pytest.fixture
def run(default_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command as the shell would: exit code, stdout, stderr."""
    monkeypatch.setenv("CODEBOOK_HOME", str(default_home))
    monkeypatch.delenv("CODEBOOK_CHAT_MODEL", raising=False)

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["assistant", *arguments])
        try:
            command_line.main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return command


def answer_of(out: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(out)
    assert out.count("\n") == 1  # one line of JSON and nothing else
    return made


# ask

ASKED = [
    ("What is CPT code 63044?", "code", "answered"),
    ("What is 99999?", "code", "no_data"),
    ("What is modifier?", None, "unclear"),
    ("write me a poem about spring", "out_of_scope", "out_of_scope"),
]


@pytest.mark.parametrize(("text", "kind", "status"), ASKED)
def test_ask(text: str, kind: str | None, status: str, run: Run) -> None:
    code, out, err = run("ask", text, *DAY, "--json")
    assert (code, err) == (0, "")
    made = answer_of(out)
    assert list(made) == "question kind status text statements citations codes date_of_service elapsed_ms".split()
    assert all(list(s) == ["text", "citations"] for s in made["statements"])
    assert all(list(c) == ["n", "source", "release", "locator", "excerpt", "url"] for c in made["citations"])
    assert all(list(c) == ["system", "code"] for c in made["codes"])
    assert made["question"] == text
    assert made["date_of_service"] == "2026-11-22"
    assert made["elapsed_ms"] > 0
    if kind:
        assert (made["kind"], made["status"]) == (kind, status)


def test_ask_in_words(run: Run) -> None:
    code, out, _ = run("ask", "What is the global period of 27447?", *DAY)
    assert code == 0
    assert out.startswith("The global period of 27447 is 090 (RVU26C).")
    assert "\n[1] Medicare Physician Fee Schedule" in out
    assert "row 27447" in out


def test_ask_for_a_date_and_a_setting(run: Run) -> None:
    hospital = answer_of(run("ask", "How many units of 96372?", "--date", "2024-05-01", "--setting", "facility", "--json")[1])
    assert "At most 5 units" in hospital["text"]
    assert hospital["date_of_service"] == "2024-05-01"
    office = answer_of(run("ask", "How many units of 96372?", "--date", "2026-05-01", "--setting", "practitioner", "--json")[1])
    assert "At most 4 units" in office["text"]


# code, search


def test_code(run: Run) -> None:
    code, out, err = run("code", "63044", *DAY, "--json")
    assert (code, err) == (0, "")
    assert answer_of(out)["fee_schedule"]["release"] == "RVU26C"
    code, out, _ = run("code", "63044", *DAY)
    assert code == 0
    assert "code: 63044" in out


def test_search(run: Run) -> None:
    code, out, _ = run("search", "low back pain", "--system", "ICD10CM", "--limit", "3", "--json")
    assert code == 0
    made = answer_of(out)
    assert list(made) == ["results"]
    assert len(made["results"]) == 3
    assert all(list(r) == ["system", "code", "title", "score"] for r in made["results"])
    assert made["results"][0]["code"].startswith("M54.5")
    assert run("search", "low back pain", "--system", "ICD10CM")[1].startswith("ICD10CM   M54.5")


# batch, evaluate


def test_batch(run: Run, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": 1, "text": "What is 63044?"}\n{broken\n', encoding="utf-8")
    code, out, _ = run("batch", str(source), str(target), "--task", "ask", "--json")
    assert code == 0  # a row that fails is told in the file
    assert {k: answer_of(out)[k] for k in ("task", "rows", "failed")} == {"task": "ask", "rows": 2, "failed": 1}
    assert [json.loads(line).keys() >= {"id"} for line in target.read_text(encoding="utf-8").splitlines()] == [True, True]
    assert "2 rows, 1 failed" in run("batch", str(source), str(target))[1]


@pytest.mark.parametrize(("must", "exit_code"), [("090", 0), ("091", 1)])
def test_evaluate_fails_when_a_question_does(must: str, exit_code: int, run: Run, tmp_path: Path) -> None:
    (tmp_path / "some.yaml").write_text(
        f"- {{id: a, ask: global period of 27447, kind: global_period, must: ['{must}'], source: RVU26C}}\n", encoding="utf-8"
    )
    code, out, _ = run("evaluate", "--golden", str(tmp_path), "--json")
    assert code == exit_code
    assert answer_of(out)["passed"] == 1 - exit_code
    assert run("evaluate", "--golden", str(tmp_path))[1].strip().endswith("golden questions passed")


# Problems and wrong usage


def test_a_problem_is_one_line(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problems = [
        (("code", "99999"), "is not a code"),
        (("code", "2O610", "--json"), "did you mean 20610"),
    ]
    same = tmp_path / "same.jsonl"
    same.write_text("{}\n", encoding="utf-8")
    problems.append((("batch", str(same), str(same)), "name another one to write"))
    problems.append((("batch", str(same), str(tmp_path / "no" / "such" / "folder")), "No such file"))
    for arguments, words in problems:
        code, out, err = run(*arguments)
        assert (code, out) == (1, ""), arguments
        assert err.startswith("error: ")
        assert words in err
        assert err.count("\n") == 1
    monkeypatch.setenv("CODEBOOK_HOME", str(tmp_path))
    code, out, err = run("ask", "What is 63044?")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "run `python -m ingest build`" in err


WRONG = [
    ("ask",),
    ("ask", "x", "--date", "2026-02-30"),
    ("ask", "x", "--date", "yesterday"),
    ("ask", "x", "--setting", "moon"),
    ("ask", "x", "--no-such-option"),
    ("code", "63044", "--system", "ICD12"),
    ("search", "x", "--limit", "0"),
    ("batch", "no-such-file.jsonl", "out.jsonl"),
    ("batch", __file__, "out.jsonl", "--task", "dance"),
    ("no-such-command",),
]


@pytest.mark.parametrize("arguments", WRONG, ids=[" ".join(w)[-40:] for w in WRONG])
def test_wrong_usage(arguments: tuple[str, ...], run: Run) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert "Usage:" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", ["ask", "code", "search", "batch", "evaluate"])
def test_every_command_has_help_and_json(command: str, run: Run) -> None:
    code, out, _ = run(command, "--help")
    assert code == 0
    assert "--json" in out


# A fresh process

HEAVY = ("torch", "chromadb", "polars", "streamlit", "langchain", "langchain_core", "sentence_transformers", "transformers", "numpy")
FRESH = f"""
import sys
sys.argv = ["assistant", "ask", "What is CPT code 63044?", "--json"]
from assistant.__main__ import main
try:
    main()
finally:
    sys.stderr.write(" ".join(name for name in {HEAVY!r} if name in sys.modules))
"""


def fresh(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CODEBOOK_HOME": str(home)}
    environment.pop("CODEBOOK_CHAT_MODEL", None)
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_code_asked_for_by_name_loads_nothing_heavy(default_home: Path) -> None:
    before = getrusage(RUSAGE_CHILDREN)
    done = fresh("-c", FRESH, home=default_home)
    after = getrusage(RUSAGE_CHILDREN)
    assert (done.returncode, done.stderr) == (0, "")
    assert answer_of(done.stdout)["status"] == "answered"
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1.5  # seconds of work, whatever else runs here


def test_the_module_exits_as_the_shell_expects(default_home: Path) -> None:
    for arguments, code in ((["code", "99999"], 1), (["ask"], 2)):
        done = fresh("-m", "assistant", *arguments, home=default_home)
        assert done.returncode == code
        assert "Traceback" not in done.stderr
