"""Golden questions: asked, held against the facts they must and must not state, and timed.

A golden file is a YAML list of entries:
    id, ask, kind, date?, setting?, history? (earlier questions), status? (answered when left out),
    must: texts or regular expressions between slashes that the answer states, must_not: the same for what it may not state,
    codes?: codes the answer must be about, source: where the facts were taken from,
    edition?: "default" where the answer holds only while no official file is loaded, needs?: keys of the official sources ("hcpcs/2019") that
    must be loaded whole for it; such a question is left out otherwise.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from pathlib import Path
from statistics import quantiles
from typing import Any

import yaml

from assistant.batch import ask
from assistant.chain import QUOTED, Assistant, stated_codes
from corpus.model import SourceKind
from corpus.shelf import is_partial

Entry = dict[str, Any]


def read_golden(folder: Path) -> list[Entry]:
    """All entries of the golden files.

    Raises:
        ValueError: for an entry without its fields, or an id used twice; the message names the file.
    """
    entries: list[Entry] = []
    seen: set[str] = set()
    for file in sorted(folder.glob("*.yaml")):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8")) or []:
            missing = {"id", "ask", "kind", "must", "source"} - entry.keys()
            if missing:
                raise ValueError(f"{file}: entry {entry.get('id')} lacks {', '.join(sorted(missing))}")
            if entry["id"] in seen:
                raise ValueError(f"{file}: the id {entry['id']} is used twice")
            seen.add(entry["id"])
            entries.append(entry)
    return entries


def states(text: str, wanted: str) -> bool:
    """Whether a text states something: words in any case and spacing, or a regular expression between slashes."""
    if len(wanted) > 2 and wanted.startswith("/") and wanted.endswith("/"):
        return re.search(wanted[1:-1], text, re.IGNORECASE | re.DOTALL) is not None
    return " ".join(wanted.lower().split()) in " ".join(text.lower().split())


def faults_of(entry: Entry, answer: Entry) -> list[str]:
    """What is wrong with an answer, in words; empty when it passes."""
    text = answer["text"]
    sources = "\n".join(f"{c['source']} {c['release']}" for c in answer["citations"])  # a fact's release stands in its citation
    faults = [f"does not state {wanted!r}" for wanted in entry["must"] if not states(f"{text}\n{sources}", wanted)]
    faults += [f"states {unwanted!r}" for unwanted in entry.get("must_not", []) if states(text, unwanted)]
    if answer["kind"] != entry["kind"]:
        faults.append(f"understood as {answer['kind']}, not {entry['kind']}")
    if answer["status"] != entry.get("status", "answered"):
        faults.append(f"status {answer['status']}")
    codes = {c["code"] for c in answer["codes"]}
    faults += [f"is not about {code}" for code in entry.get("codes", []) if code not in codes]
    if answer["status"] == "answered" and entry["kind"] not in ("greeting",) and not answer["citations"]:
        faults.append("cites nothing")
    return faults


def official_files(assistant: Assistant) -> bool:
    """Whether the user loaded an official file beside the shipped tables."""
    kinds = (SourceKind.FEE_SCHEDULE, SourceKind.MUE, SourceKind.ADD_ON, SourceKind.PTP)
    return any(source.kind in kinds and not is_partial(source) for source in assistant.codebook.sources())


def can_be_asked(entry: Entry, assistant: Assistant) -> bool:
    """Whether the edition is one that the answer is written for."""
    if entry.get("edition") == "default" and official_files(assistant):
        return False
    return set(entry.get("needs", ())) <= {source.key for source in assistant.codebook.sources() if not is_partial(source)}


def unknown_codes(assistant: Assistant, answer: Entry, entry: Entry) -> list[str]:
    """Codes that the answer states though no release has them; those of the question and of words that it quotes do not count."""
    asked = stated_codes(" ".join([entry["ask"].upper(), *entry.get("history", [])]))
    titles = {source.title for source in assistant.codebook.sources() if source.kind in QUOTED}
    quoted = stated_codes(" ".join(c["excerpt"] for c in answer["citations"] if c["source"] in titles))
    return sorted(code for code in stated_codes(answer["text"]) - asked - quoted if not assistant.codebook.exists(code))


def evaluate(assistant: Assistant, folder: Path) -> Entry:
    """Ask every golden question. Latencies are milliseconds of warm questions."""
    assistant.warm()
    entries = [entry for entry in read_golden(folder) if can_be_asked(entry, assistant)]
    by_kind: dict[str, list[bool]] = defaultdict(list)
    failures, strange, times = [], set[str](), []
    for entry in entries:
        row = {"text": entry["ask"], "date": _text(entry.get("date")), "setting": entry.get("setting"), "history": entry.get("history")}
        answer = ask(assistant, row)
        faults = faults_of(entry, answer)
        by_kind[entry["kind"]].append(not faults)
        strange.update(unknown_codes(assistant, answer, entry))
        times.append(answer["elapsed_ms"])
        if faults:
            failures.append({"id": entry["id"], "ask": entry["ask"], "faults": faults})
    cuts = quantiles(times, n=20) if len(times) > 1 else [0.0] * 19
    return {
        "questions": len(entries),
        "passed": len(entries) - len(failures),
        "by_kind": {kind: {"passed": sum(results), "of": len(results)} for kind, results in sorted(by_kind.items())},
        "latency_ms": {"p50": round(cuts[9], 1), "p95": round(cuts[18], 1)},
        "unknown_codes": sorted(strange),
        "failures": failures,
    }


def _text(value: date | str | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


def report_text(report: Entry) -> str:
    """The report for a terminal."""
    lines = [f"{kind:20} {r['passed']:3} of {r['of']:3}" for kind, r in report["by_kind"].items()]
    lines += [f"{f['id']}: {f['ask']!r}: {'; '.join(f['faults'])}" for f in report["failures"]]
    lines.append(f"codes stated that do not exist: {', '.join(report['unknown_codes']) or 'none'}")
    lines.append(f"latency p50 {report['latency_ms']['p50']} ms, p95 {report['latency_ms']['p95']} ms")
    lines.append(f"{report['passed']} of {report['questions']} golden questions passed")
    return "\n".join(lines)
