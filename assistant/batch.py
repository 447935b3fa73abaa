"""Many questions from a JSON lines file: one row in, one row out, `id` kept, failures told and passed over."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

from assistant.chain import Assistant, Request
from assistant.in_force import search as find
from assistant.question import Question
from corpus.model import Setting, System

Row = dict[str, Any]
ChoiceT = TypeVar("ChoiceT", bound=StrEnum)
TYPES: dict[type, str] = {str: "a text", int: "a whole number", list: "a list of texts"}


class RowError(ValueError):
    """What is wrong with a row, in one line."""


def _field(row: Row, name: str, kind: type = str) -> Any:
    """A field that may be left out, of the type that the contract gives it.

    Raises:
        RowError: for another type; the message names field and value.
    """
    value = row.get(name)
    if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
        raise RowError(f"field {name!r} must be {TYPES[kind]}, not {value!r}")
    return value


def _required(row: Row, name: str) -> str:
    if row.get(name) is None:
        raise RowError(f"field {name!r} is missing")
    text: str = _field(row, name)
    return text


def _choice(row: Row, name: str, choices: type[ChoiceT]) -> ChoiceT | None:
    """A field whose value is one of a few words."""
    value = _field(row, name)
    if not value:
        return None
    try:
        return choices(value)
    except ValueError:
        raise RowError(f"field {name!r}: {value!r} is none of {', '.join(choices)}") from None


def _date(row: Row) -> date | None:
    value = _field(row, "date")
    if not value:
        return None
    try:
        return datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError:
        raise RowError(f"field 'date': {value!r} is no date of the form YYYY-MM-DD") from None


def _history(assistant: Assistant, texts: list[str]) -> tuple[Question, ...]:
    """The earlier questions of a conversation, each understood in the light of those before it."""
    history: tuple[Question, ...] = ()
    for text in texts:
        question, _, _ = assistant.understand(Request(text, history))
        history = (*history, question)
    return history


def ask(assistant: Assistant, row: Row) -> Row:
    """`{"id","text","date"?,"setting"?,"history"?}` → the answer of the `ask` contract."""
    earlier = _field(row, "history", list) or []
    if not all(isinstance(text, str) for text in earlier):
        raise RowError("field 'history' must be a list of texts")
    text, on, setting = _required(row, "text"), _date(row), _choice(row, "setting", Setting)
    return assistant.ask(text, _history(assistant, earlier), on, setting).as_json()


def search(assistant: Assistant, row: Row) -> Row:
    """`{"id","query","system"?,"limit"?}` → `{"codes"}`, the best first, those that have ended last."""
    limit = _field(row, "limit", int)
    limit = 10 if limit is None else limit
    if limit < 1:
        raise RowError(f"field 'limit' must be 1 or more, not {limit}")
    hits = find(assistant.finder, _required(row, "query"), _choice(row, "system", System), limit, assistant.today)
    return {"codes": [hit.code for hit in hits]}


TASKS: dict[str, Callable[[Assistant, Row], Row]] = {"ask": ask, "search": search}


def _answered(assistant: Assistant, line: bytes, number: int, task: str) -> tuple[Row, bool]:
    row: Row = {}
    try:
        loaded = json.loads(line)
        if not isinstance(loaded, dict):
            raise RowError("a row is a JSON object")
        row = loaded
        return {"id": row.get("id"), **TASKS[task](assistant, row)}, True
    except RowError as error:
        said = str(error)
    except Exception as error:  # whatever is wrong with one row must not end the run
        said = f"{type(error).__name__}: {error}"
    return {"id": row.get("id"), "error": f"line {number}: {' '.join(said.split())[:200]}"}, False


def run(assistant: Assistant, source: Path, target: Path, task: str) -> Row:
    """Work through a file; returns counts and seconds.

    Raises:
        ValueError: when the rows would be written over the file that they are read from.
    """
    if target.exists() and target.samefile(source):
        raise ValueError(f"{target} is the file that is read: name another one to write")
    start, rows, failed = perf_counter(), 0, 0
    with source.open("rb") as lines, target.open("w", encoding="utf-8") as out:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            result, well = _answered(assistant, line, number, task)
            rows, failed = rows + 1, failed + (not well)
            out.write(json.dumps(result, ensure_ascii=False) + "\n")
    return {"task": task, "rows": rows, "failed": failed, "seconds": round(perf_counter() - start, 2)}
