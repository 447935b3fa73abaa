from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.model import Setting, Source, SourceKind, System
from corpus.rows import to_article, to_date, to_fee, to_modifier, to_number, to_page, to_source
from corpus.schema import IN_FORCE, UNKNOWN
from tests.corpus.small import fee, source

MANUAL = Source(7, "publication/manual", SourceKind.PUBLICATION, "A manual", "Nobody", "2026")
OURS = Source(8, "shipped/codebook", SourceKind.SHIPPED, "Pages", "Nobody", "1")


def publication(id: str) -> Source:
    return {"manual": MANUAL}[id]


@given(st.dates())
def test_days_come_back_as_they_were(day: date) -> None:
    assert to_date(to_number(day)) == day


@given(st.dates(), st.dates())
def test_numbers_stand_in_the_order_of_days(one: date, two: date) -> None:
    assert (one < two) == (to_number(one) < to_number(two))


@pytest.mark.parametrize(
    ("number", "day"),
    [(20240229, date(2024, 2, 29)), (20191231, date(2019, 12, 31)), (99991230, date(9999, 12, 30)), (None, None), (UNKNOWN, None), (IN_FORCE, None)],
)
def test_unknown_start_and_in_force_are_no_days(number: int | None, day: date | None) -> None:
    assert to_date(number) == day


def test_a_number_that_is_no_day_is_refused() -> None:
    with pytest.raises(ValueError, match="day is out of range"):
        to_date(20230229)


def test_source() -> None:
    told = {"url": "https://example.org", "series": None}
    row = source(3, SourceKind.PTP, "2024Q3", "2024-07-01", "2024-09-30", Setting.FACILITY, "edits.txt") | told
    found = to_source(row)
    assert (found.id, found.kind, found.setting, found.file, found.rows) == (3, SourceKind.PTP, Setting.FACILITY, "edits.txt", 1)
    assert (found.valid_from, found.valid_to) == (date(2024, 7, 1), date(2024, 9, 30))
    assert found.label == "Invented ptp, 2024Q3"


def test_source_without_setting_and_days() -> None:
    found = to_source(source(3, SourceKind.PUBLICATION, "2026") | {"url": None, "series": None})
    assert (found.setting, found.valid_from, found.valid_to, found.url) == (None, None, None, None)


def test_fee_keeps_missing_numbers_missing_and_zeros_zero() -> None:
    row = to_fee(fee("63044", 3, status="C", work=0.0, na_nonfacility="NA"), OURS)
    assert (row.work, row.malpractice, row.na_nonfacility, row.na_facility, row.source) == (0.0, None, "NA", "", OURS)


PAGE: dict[str, Any] = {
    "system": "CPT", "code": "10001", "title": "T", "summary": "S [1].", "when": ["a: b"], "steps": [], "afterwards": [], "record": ["r"],
    "billing": ["one [1].", "two [1]."], "neighbors": [{"code": "10002", "difference": "D."}], "synonyms": ["s"], "diagnoses": [
        {"code": "M54.50", "why": "w"}], "history": [{"date": "2001-01-01", "event": "added", "text": "New.", "source": "manual", "place": "p 3"}],
    "sources": [{"source": "manual", "place": "Chapter I"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("anesthesia", "code", "note"),
    [({"code": "00630", "note": None}, "00630", None), ({"code": None, "note": "Local."}, None, "Local."), (None, None, None)],
)
def test_page(anesthesia: dict[str, str | None] | None, code: str | None, note: str | None) -> None:
    page = to_page(json.dumps(PAGE | {"anesthesia": anesthesia}), "codes/x.yaml:3", OURS, publication)
    assert (page.anesthesia_code, page.anesthesia_note) == (code, note)
    assert (page.system, page.source, page.place) == (System.CPT, OURS, "codes/x.yaml:3")
    assert (page.steps, page.billing) == ((), ("one [1].", "two [1]."))
    assert page.neighbors[0].difference == "D."
    assert page.diagnoses == (("M54.50", "w"),)
    assert [(c.source, c.place) for c in page.citations] == [(MANUAL, "Chapter I")]
    (event,) = page.history
    assert (event.date, event.event, event.citation.source, event.citation.place) == (date(2001, 1, 1), "added", MANUAL, "p 3")


MODIFIER: dict[str, Any] = {
    "code": "LT", "kind": "hcpcs", "group": "side", "title": "T", "meaning": "M", "when": ["a"], "when_not": ["b"], "example": "e",
    "payment": "p [1].", "with": [{"modifier": "50", "note": "n"}], "settings": ["asc"], "synonyms": ["left"],
    "sources": [{"source": "manual", "place": "x"}],
}  # fmt: skip


@pytest.mark.parametrize(("start", "day"), [("2015-01-01", date(2015, 1, 1)), (None, None)])
def test_modifier(start: str | None, day: date | None) -> None:
    modifier = to_modifier(json.dumps(MODIFIER | {"valid_from": start}), "modifiers/x.yaml:9", OURS, publication)
    assert modifier.valid_from == day
    assert (modifier.together, modifier.settings, modifier.when_not) == ((("50", "n"),), ("asc",), ("b",))
    assert modifier.citations[0].source is MANUAL


def test_article() -> None:
    body = {"id": "x", "title": "T", "topics": ["t"], "codes": ["1"], "modifiers": [], "text": "Words [1].", "sources": MODIFIER["sources"]}
    article = to_article(json.dumps(body), "guidelines/x.md:1", OURS, publication)
    assert (article.id, article.topics, article.codes, article.modifiers, article.text) == ("x", ("t",), ("1",), (), "Words [1].")


def test_a_citation_of_an_unknown_publication_is_an_error_not_a_gap() -> None:
    with pytest.raises(KeyError, match="unheard"):
        to_page(json.dumps(PAGE | {"sources": [{"source": "unheard", "place": "x"}]}), "p", OURS, publication)
