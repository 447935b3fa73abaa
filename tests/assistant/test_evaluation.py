"""Golden questions held against answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from assistant.evaluation import can_be_asked, evaluate, faults_of, read_golden, report_text, states, unknown_codes

if TYPE_CHECKING:
    from assistant.chain import Assistant

ENTRY: dict[str, Any] = {"id": "a", "ask": "What is 63044?", "kind": "code", "must": ["lumbar"], "source": "RVU26C"}
ANSWER: dict[str, Any] = {
    "text": "Lumbar decompression, status C.",
    "kind": "code",
    "status": "answered",
    "codes": [{"system": "CPT", "code": "63044"}],
    "citations": [{"n": 1, "source": "Fee schedule", "release": "RVU26C"}],
    "date_of_service": "2026-07-01",
}

STATES = [
    ("Status  C: priced", "status c", True),  # case and spacing do not count
    ("Status C", "/status\\W{0,4}C\\b/", True),
    ("Status CX", "/status\\W{0,4}C\\b/", False),
    ("line one\nline two", "/one.*two/", True),
    ("a/b", "/", True),  # a slash alone is a text
    ("abc", "//", False),
    ("abc", "d", False),
]


@pytest.mark.parametrize(("text", "wanted", "stated"), STATES)
def test_what_a_text_states(text: str, wanted: str, stated: bool) -> None:
    assert states(text, wanted) is stated


FAULTS: list[tuple[dict[str, Any], dict[str, Any], str | None]] = [
    ({}, {}, None),
    ({"must": ["RVU26C"]}, {}, None),  # the release of a citation counts as stated
    ({"must": ["cervical"]}, {}, "does not state 'cervical'"),
    ({"must_not": ["status C"]}, {}, "states 'status C'"),
    ({"must_not": ["RVU26C"]}, {}, None),  # and not as forbidden
    ({"kind": "units"}, {}, "understood as code, not units"),
    ({}, {"status": "no_data"}, "status no_data"),
    ({"status": "no_data"}, {"status": "no_data"}, None),
    ({"codes": ["63042"]}, {}, "is not about 63042"),
    ({}, {"citations": []}, "cites nothing"),
    ({"kind": "greeting"}, {"kind": "greeting", "citations": []}, None),
]


@pytest.mark.parametrize(("entry", "answer", "fault"), FAULTS)
def test_faults(entry: dict[str, Any], answer: dict[str, Any], fault: str | None) -> None:
    assert faults_of(ENTRY | entry, ANSWER | answer) == ([fault] if fault else [])


def test_codes_that_do_not_exist(assistant: Assistant) -> None:
    text = {"text": "63042, 99997 and 99341, M54.50 and M54.57"}
    assert unknown_codes(assistant, ANSWER | text, ENTRY) == ["99997", "M54.57"]
    assert unknown_codes(assistant, ANSWER | text, ENTRY | {"ask": "99997?", "history": ["m54.57"]}) in ([], ["M54.57"])


def test_questions_wait_for_the_sources_that_they_need(assistant: Assistant) -> None:
    assert can_be_asked(ENTRY, assistant)
    assert can_be_asked(ENTRY | {"edition": "default"}, assistant)
    assert not can_be_asked(ENTRY | {"needs": ["hcpcs/2019"]}, assistant)
    assert not can_be_asked(ENTRY | {"needs": ["fee-schedule/RVU26C"]}, assistant)  # the shipped rows of it are not the whole release


BAD = [
    ("- {id: a, ask: x, kind: code, must: [y]}", "entry a lacks source"),
    ("- {ask: x}", "entry None lacks id, kind, must, source"),
    ("- &e {id: a, ask: x, kind: code, must: [y], source: z}\n- *e", "the id a is used twice"),
]


@pytest.mark.parametrize(("text", "words"), BAD)
def test_golden_files_are_checked(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=words) as raised:
        read_golden(tmp_path)
    assert "bad.yaml" in str(raised.value)


def test_a_report_counts_what_fails(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "some.yaml").write_text(
        "- {id: right, ask: global period of 27447, kind: global_period, must: ['090'], source: RVU26C}\n"
        "- {id: wrong, ask: global period of 20610, kind: global_period, must: ['090'], source: RVU26C}\n"
        "- {id: then, ask: 'and in november 2023?', history: [global period of 63042], kind: global_period, must: [RVU23D], source: RVU23D}\n"
        "- {id: day, ask: is 99201 valid, date: 2020-11-15, kind: validity, must: [/^yes/], source: RVU20D}\n",
        encoding="utf-8",
    )
    report = evaluate(assistant, tmp_path)
    assert (report["questions"], report["passed"]) == (4, 3)
    assert report["by_kind"]["global_period"] == {"passed": 2, "of": 3}
    assert [f["id"] for f in report["failures"]] == ["wrong"]
    assert report["unknown_codes"] == []
    assert 0 < report["latency_ms"]["p50"] <= report["latency_ms"]["p95"]
    text = report_text(report)
    assert text.endswith("3 of 4 golden questions passed")
    assert "wrong: 'global period of 20610': does not state '090'" in text
