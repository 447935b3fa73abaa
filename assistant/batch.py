"""Many questions from a JSON lines file: one row in, one row out, `id` kept, failures told and passed over."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from assistant.chain import Assistant, Request
from assistant.question import Question
from corpus.model import Setting, System

Row = dict[str, Any]


def _history(assistant: Assistant, texts: list[str]) -> tuple[Question, ...]:
    """The earlier questions of a conversation, each understood in the light of those before it."""
    history: tuple[Question, ...] = ()
    for text in texts:
        question, _, _ = assistant.understand(Request(text, history))
        history = (*history, question)
    return history


def ask(assistant: Assistant, row: Row) -> Row:
    """`{"id","text","date"?,"setting"?,"history"?}` → the answer of the `ask` contract."""
    on = date.fromisoformat(row["date"]) if row.get("date") else None
    setting = Setting(row["setting"]) if row.get("setting") else None
    return assistant.ask(row["text"], _history(assistant, row.get("history") or []), on, setting).as_json()


def search(assistant: Assistant, row: Row) -> Row:
    """`{"id","query","system"?,"limit"?}` → `{"codes"}`, the best first."""
    system = System(row["system"]) if row.get("system") else None
    hits = assistant.finder.codes(row["query"], system, int(row.get("limit", 10)))
    return {"codes": [hit.code for hit in hits]}


TASKS: dict[str, Callable[[Assistant, Row], Row]] = {"ask": ask, "search": search}


def _answered(assistant: Assistant, line: str, number: int, task: str) -> tuple[Row, bool]:
    row: Row = {}
    try:
        loaded = json.loads(line)
        if not isinstance(loaded, dict):
            raise ValueError("a row is a JSON object")
        row = loaded
        return {"id": row.get("id"), **TASKS[task](assistant, row)}, True
    except KeyError as error:
        return {"id": row.get("id"), "error": f"line {number}: field {error} is missing"}, False
    except Exception as error:  # whatever is wrong with one row must not end the run
        return {"id": row.get("id"), "error": f"line {number}: {type(error).__name__}: {' '.join(str(error).split())[:200]}"}, False


def run(assistant: Assistant, source: Path, target: Path, task: str) -> Row:
    """Work through a file; returns counts and seconds."""
    start, rows, failed = perf_counter(), 0, 0
    with source.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as out:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            result, well = _answered(assistant, line, number, task)
            rows, failed = rows + 1, failed + (not well)
            out.write(json.dumps(result, ensure_ascii=False) + "\n")
    return {"task": task, "rows": rows, "failed": failed, "seconds": round(perf_counter() - start, 2)}
