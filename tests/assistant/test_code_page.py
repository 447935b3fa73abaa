"""The whole page of a code as JSON."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from assistant.code_page import code_page, page_text
from corpus.model import Setting, System

if TYPE_CHECKING:
    from assistant.chain import Assistant


def test_a_procedure(assistant: Assistant) -> None:
    """63044: RVU26C, MUE 4 (MAI 2), add-on type 1 to 63042."""
    page = code_page(assistant, "63044", None, None, None)
    assert (
        list(page)
        == (
            "system code title date_of_service summary when steps afterwards record billing neighbors synonyms anesthesia diagnoses sources"
            " descriptors fee_schedule mue primaries add_ons modifiers history"
        ).split()
    )
    assert page["fee_schedule"]["release"] == "RVU26C"
    (row,) = page["fee_schedule"]["rows"]
    assert (row["status"], row["global_days"], row["bilateral"], row["team"]) == ("C", "ZZZ", "1", "0")
    assert page["mue"]["practitioner"]["rows"][0]["units"] == 4
    assert page["mue"]["practitioner"]["stale"] is True  # April 2026 for a day in November
    assert [r["primary"] for r in page["primaries"]["rows"]] == ["63042"]
    assert {"modifier": "51", "verdict": "not usable", "why": "add-on codes never take it"} in page["modifiers"]
    assert [e["date"] for e in page["history"]][:3] == ["2001-01-01", "2007-01-01", "2011-01-01"]
    json.dumps(page)


def test_texts_have_no_markers(assistant: Assistant) -> None:
    for code in assistant.codebook.document_keys["page"]:
        page = code_page(assistant, code, None, None, None)
        shown = json.dumps([page[name] for name in ("summary", "when", "steps", "afterwards", "record", "billing", "neighbors", "diagnoses")])
        assert "[1]" not in shown, code
        assert page["sources"], code


def test_a_date_and_a_setting(assistant: Assistant) -> None:
    page = code_page(assistant, "99213", None, date(2020, 11, 15), Setting.FACILITY)
    assert page["date_of_service"] == "2020-11-15"
    assert page["fee_schedule"]["release"] == "RVU20D"
    assert page["fee_schedule"]["rows"][0]["work"] == 0.97
    assert page["mue"]["practitioner"] is None  # no MUE table before 2024


def test_a_diagnosis(assistant: Assistant) -> None:
    for name in ("M54.5", "m545", "M54.5 "):
        page = code_page(assistant, name, None, None, None)
        assert (page["code"], page["billable"]) == ("M54.5", False)
        assert [c["code"] for c in page["children"]] == ["M54.50", "M54.51", "M54.59"]
    assert {"at", "kind", "text"} == page["notes"][0].keys()


def test_a_modifier(assistant: Assistant) -> None:
    page = code_page(assistant, "xs", System.MODIFIER, None, None)
    assert (page["system"], page["code"]) == ("MODIFIER", "XS")
    assert page["when"]
    assert page["sources"]


UNKNOWN = [
    ("2O610", None, "did you mean 20610"),
    ("99999", None, "'99999' is not a code in what is loaded"),
    ("", None, "'' is not a code"),
    ("63044", System.ICD10CM, "is not a code"),
    ("E11.9", System.CPT, "is not a code"),
    ("25", System.CPT, "is not a code"),
]


@pytest.mark.parametrize(("name", "system", "words"), UNKNOWN)
def test_what_is_no_code(name: str, system: System | None, words: str, assistant: Assistant) -> None:
    with pytest.raises(ValueError, match=words) as raised:
        code_page(assistant, name, system, None, None)
    assert "\n" not in str(raised.value)


def test_the_page_for_a_terminal(assistant: Assistant) -> None:
    text = page_text(code_page(assistant, "63044", None, None, None))
    assert "code: 63044" in text
    assert "  - modifier 51, verdict not usable, why add-on codes never take it" in text
    assert "None" not in text
    assert "{" not in text


def test_empty_values_are_left_out() -> None:
    assert page_text({"a": None, "b": [], "c_d": "x", "e": {"f": 1, "g": ""}, "h": ["y", {"k": 2, "l": None}]}) == (
        "c d: x\ne:\n  f: 1\nh:\n  - y\n  - k 2"
    )
