"""Thumbs with a reason, kept on this machine as JSON lines in `feedback.jsonl` of the local state folder.

A thumb is a line; the reason given afterwards is another line of the same `id`, and the last line of an id holds. The
question is kept as it was understood with identifiers masked, the answer not at all.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from assistant.answer import Answer
from assistant.phi import mask
from corpus.editions import home

Verdict = Literal["up", "down"]


def path() -> Path:
    """The file that holds all feedback."""
    return home() / "feedback.jsonl"


def record(id: str, answer: Answer, verdict: Verdict, reason: str = "") -> None:
    """Keep a verdict on an answer; call it again with the same `id` to add the reason.

    Raises:
        OSError: when the file cannot be written.
    """
    line = {
        "id": id,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "verdict": verdict,
        "reason": mask(reason.strip()),
        "question": mask(answer.question.text),
        "kind": str(answer.question.kind),
        "status": str(answer.status),
        "codes": [{"system": ref.system, "code": ref.code} for ref in answer.codes],
        "date_of_service": answer.date_of_service.isoformat() if answer.date_of_service else None,
        "written_by": answer.written_by,
    }
    path().parent.mkdir(parents=True, exist_ok=True)
    # One write of one line, readable by its owner only: what masking missed is nobody else's.
    descriptor = os.open(path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
