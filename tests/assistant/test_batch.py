"""Batch files: one row in, one row out; a row that fails says why, and the run goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assistant.batch import run

if TYPE_CHECKING:
    from assistant.chain import Assistant

GOOD = {"id": "good", "text": "What is 63044?", "date": "2026-07-01"}


def work(assistant: Assistant, folder: Path, task: str, *rows: dict[str, Any] | str | bytes) -> list[dict[str, Any]]:
    source, target = folder / "in.jsonl", folder / "out.jsonl"
    lines = [r if isinstance(r, bytes) else (r if isinstance(r, str) else json.dumps(r)).encode() for r in rows]
    source.write_bytes(b"\n".join(lines) + b"\n")
    summary = run(assistant, source, target, task)
    written = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert summary["rows"] == len(written)
    assert summary["failed"] == sum("error" in row for row in written)
    return written


BAD: list[tuple[str, str, dict[str, Any] | str | bytes, str]] = [
    ("bad JSON", "ask", '{"id": 1, "text": ', "JSONDecodeError"),
    ("no object", "ask", "[1, 2]", "a row is a JSON object"),
    ("no text", "ask", {"id": 1}, "field 'text' is missing"),
    ("text is no text", "ask", {"id": 1, "text": 5}, "field 'text' must be a text, not 5"),
    ("bad date", "ask", {"id": 1, "text": "What is 63044?", "date": "2026-02-30"}, "'2026-02-30' is no date of the form YYYY-MM-DD"),
    ("date as a number", "ask", {"id": 1, "text": "x", "date": 20260701}, "field 'date' must be a text"),
    ("unknown setting", "ask", {"id": 1, "text": "x", "setting": "moon"}, "'moon' is none of practitioner, facility, dme"),
    ("history is no list", "ask", {"id": 1, "text": "x", "history": "What is 63044?"}, "field 'history' must be a list of texts"),
    ("history of numbers", "ask", {"id": 1, "text": "x", "history": [1]}, "field 'history' must be a list of texts"),
    ("no query", "search", {"id": 1, "text": "x"}, "field 'query' is missing"),
    ("unknown system", "search", {"id": 1, "query": "x", "system": "ICD12"}, "'ICD12' is none of CPT, HCPCS, ICD10CM"),
    ("no limit", "search", {"id": 1, "query": "x", "limit": 0}, "field 'limit' must be 1 or more"),
    ("limit is no number", "search", {"id": 1, "query": "x", "limit": "many"}, "field 'limit' must be a whole number"),
    ("not UTF-8", "ask", b'{"id": 1, "text": "caf\xe9"}', "UnicodeDecodeError"),
]


@pytest.mark.parametrize(("name", "task", "row", "words"), BAD, ids=[name for name, *_ in BAD])
def test_a_bad_row_is_told_and_the_run_goes_on(
    name: str, task: str, row: dict[str, Any] | str | bytes, words: str, assistant: Assistant, tmp_path: Path
) -> None:  # fmt: skip
    good = GOOD if task == "ask" else {"id": "good", "query": "total knee replacement", "system": "CPT"}
    before, bad, after = work(assistant, tmp_path, task, good, row, good)
    assert set(bad) == {"id", "error"}
    assert bad["error"].startswith("line 2: ")
    assert words in bad["error"]
    assert "\n" not in bad["error"]
    assert bad["id"] == (1 if isinstance(row, dict) else None)
    assert before["id"] == after["id"] == "good"
    assert "error" not in before
    assert "error" not in after


def test_a_row_is_the_ask_contract_with_its_id(assistant: Assistant, tmp_path: Path) -> None:
    (row,) = work(assistant, tmp_path, "ask", GOOD)
    assert list(row) == ["id", *"question kind status text statements citations codes date_of_service elapsed_ms".split()]
    assert row["date_of_service"] == "2026-07-01"


def test_history_makes_a_conversation(assistant: Assistant, tmp_path: Path) -> None:
    (row,) = work(assistant, tmp_path, "ask", {"id": 7, "text": "and its modifiers?", "history": ["What is 63044?", "what about 63043?"]})
    assert (row["id"], row["kind"]) == (7, "modifiers_for_code")
    assert row["codes"] == [{"system": "CPT", "code": "63043"}]


def test_the_setting_of_a_row(assistant: Assistant, tmp_path: Path) -> None:
    text = {"text": "How many units of 96372?"}
    office, hospital = work(assistant, tmp_path, "ask", {"id": 1, **text}, {"id": 2, "setting": "facility", **text})
    assert "At most 4 units" in office["text"]
    assert "At most 5 units" in hospital["text"]


def test_search_rows(assistant: Assistant, tmp_path: Path) -> None:
    (row,) = work(assistant, tmp_path, "search", {"id": "a", "query": "low back pain", "system": "ICD10CM", "limit": 3})
    assert set(row) == {"id", "codes"}
    assert len(row["codes"]) == 3
    assert row["codes"][0].startswith("M54.5")


def test_empty_lines_are_no_rows(assistant: Assistant, tmp_path: Path) -> None:
    assert len(work(assistant, tmp_path, "ask", "", GOOD, "   ", GOOD)) == 2


def test_a_file_with_a_byte_order_mark(assistant: Assistant, tmp_path: Path) -> None:
    (row,) = work(assistant, tmp_path, "ask", b"\xef\xbb\xbf" + json.dumps(GOOD).encode())
    assert row["id"] == "good"


def test_the_file_that_is_read_is_not_written(assistant: Assistant, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps(GOOD), encoding="utf-8")
    with pytest.raises(ValueError, match="name another one to write"):
        run(assistant, source, source, "ask")
    assert json.loads(source.read_text(encoding="utf-8")) == GOOD
