"""Facts as evidence: which source, which place, which words."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evidence import cited, day, how_to_load, number, of_add_on, of_code, of_edit, of_fee, of_units
from corpus.model import AddOn, Citation, Code, Edit, FeeRow, Setting, SourceKind, System, UnitLimit
from tests.assistant.tiny import ADD_ONS, FEES, LIMITS, MANUAL, PAIRS, SHIPPED

OWN = of_code(Code(System.CPT, "63044", "A title", True, SHIPPED))
CITATIONS = (Citation(MANUAL, "section A"), Citation(FEES, "Attachment A"), Citation(MANUAL, "section C"))

MARKED = [
    ("Plain text.", "Plain text.", ["63044"]),  # without a marker it stands on the page itself
    ("Text. [1]", "Text.", ["section A"]),
    ("Text [2].", "Text.", ["Attachment A"]),
    ("Text. [1][3]", "Text.", ["section A", "section C"]),
    ("One [1]. Two [2].", "One. Two.", ["section A", "Attachment A"]),
    ("Twice [1]. Again [1].", "Twice. Again.", ["section A"]),
    ("Text. [9]", "Text.", ["63044"]),  # a number that leads nowhere
    ("Text. [0]", "Text.", ["63044"]),
    ("Array[1]x stays", "Array[1]x stays", ["63044"]),  # no marker in the middle of a word
    ("See [123].", "See [123].", ["63044"]),
]


@pytest.mark.parametrize(("text", "plain", "places"), MARKED)
def test_markers_become_publications(text: str, plain: str, places: list[str]) -> None:
    found = cited(text, CITATIONS, OWN)
    assert found.text == plain
    assert [e.locator for e in found.evidence] == places
    assert all(e.excerpt == f"In our words: {plain}" for e in found.evidence if e is not OWN)


@given(st.text(), st.lists(st.integers(0, 9), max_size=4))
def test_a_shipped_text_never_loses_its_evidence(text: str, numbers: list[int]) -> None:
    found = cited(text + "".join(f" [{n}]" for n in numbers), CITATIONS, OWN)
    assert found.evidence
    assert len(set(found.evidence)) == len(found.evidence)


def fee_row(**changes: object) -> FeeRow:
    fields = dict.fromkeys(FeeRow.__dataclass_fields__, "") | {
        "code": "63042", "status": "A", "work": 18.29, "total_nonfacility": 36.52, "total_facility": 36.5, "conversion_factor": 33.4009,
        "global_days": "090", "source": FEES, "pre": None, "intra": None, "post": None,
    }  # fmt: skip
    return FeeRow(**(fields | changes))  # type: ignore[arg-type]


def test_a_fee_row_names_its_columns() -> None:
    evidence = of_fee(fee_row())
    assert evidence.locator == "row 63042"
    assert "status A | global days 090 | work RVU 18.29 | total non-facility 36.52 | total facility 36.50" in evidence.excerpt
    assert "conversion factor 33.4009" in evidence.excerpt
    assert "bilateral" not in evidence.excerpt  # what the file leaves empty


def test_a_component_is_a_row_of_its_own() -> None:
    assert of_fee(fee_row(modifier="26")).locator == "row 63042-26"


def test_no_descriptor_of_the_fee_schedule_leaves_it() -> None:
    assert "Secret words" not in of_fee(fee_row(descriptor="Secret words")).excerpt


def edit(effective: date | None, deleted: date | None) -> Edit:
    return Edit("45380", "45378", Setting.PRACTITIONER, effective, deleted, 0, "Why", PAIRS)


INTERVALS = [
    (None, None, "effective not in this file | deletion in force"),
    (date(1996, 1, 1), None, "effective 1996-01-01 | deletion in force"),
    (date(1996, 1, 1), date(2019, 12, 31), "effective 1996-01-01 | deletion 2019-12-31"),
]


@pytest.mark.parametrize(("effective", "deleted", "words"), INTERVALS)
def test_an_edit_shows_its_interval(effective: date | None, deleted: date | None, words: str) -> None:
    evidence = of_edit(edit(effective, deleted))
    assert words in evidence.excerpt
    assert "modifier indicator 0 | Why" in evidence.excerpt


def test_intervals_of_one_pair_have_places_of_their_own() -> None:
    assert of_edit(edit(None, None)).locator != of_edit(edit(None, date(2019, 12, 31))).locator


def test_rows_of_the_other_files() -> None:
    assert of_units(UnitLimit("63044", Setting.PRACTITIONER, 4, 2, "Why", LIMITS)).excerpt == "63044 | units 4 | MAI 2 | rationale: Why"
    assert of_add_on(AddOn("63044", "63042", 1, date(2013, 4, 1), None, "", ADD_ONS)).excerpt.endswith("type 1 | effective 2013-04-01")
    assert of_add_on(AddOn("63044", "63042", 1, None, None, "", ADD_ONS)).excerpt.endswith("type 1")
    assert of_code(Code(System.ICD10CM, "M54.5", "Low back pain", False, SHIPPED)).excerpt.endswith("(not billable: has more specific codes)")


@pytest.mark.parametrize(("value", "digits", "shown"), [(None, 2, ""), (0.0, 2, "0.00"), (1.3, 2, "1.30"), (33.4009, 4, "33.4009")])
def test_numbers_as_printed(value: float | None, digits: int, shown: str) -> None:
    assert number(value, digits) == shown


def test_days_are_iso() -> None:
    assert day(date(2026, 7, 1)) == "2026-07-01"


@pytest.mark.parametrize("kind", [SourceKind.FEE_SCHEDULE, SourceKind.MUE, SourceKind.ADD_ON, SourceKind.PTP, SourceKind.ICD10CM])
def test_every_kind_of_file_says_how_to_load_it(kind: SourceKind) -> None:
    assert how_to_load(kind).endswith("`python -m ingest add FILE`.")
