from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from corpus.model import SourceKind, System
from tests.corpus.small import Row, source

if TYPE_CHECKING:
    from corpus.codebook import Codebook
    from tests.corpus.conftest import Open

CM, DAY = System.ICD10CM, date(2026, 11, 1)


def term(position: int, path: str, code: str = "", source: int = 1, **fields: str) -> Row:
    blank = {"modifiers": "", "see": "", "see_also": ""}
    return {"system": CM, "position": position, "source": source, "path": path, "code": code} | blank | fields


@pytest.fixture
def book(opened: Open) -> Codebook:
    index = source(1, SourceKind.ICD10CM_INDEX, "FY2027", "2026-10-01", "2027-09-30") | {"series": "index"}
    drugs = source(2, SourceKind.ICD10CM_INDEX, "FY2027", "2026-10-01", "2027-09-30") | {"series": "drugs", "key": "drugs"}
    older = source(3, SourceKind.ICD10CM_INDEX, "FY2026", "2025-10-01", "2026-09-30") | {"series": "index", "key": "older"}
    rows = [
        term(1, "Ache, aching", see="Pain", modifiers="(dull)"),
        term(2, "Ache, aching > arm", "M79.60-"),
        term(3, "Ache, aching > 100% of it", "R52"),
        term(4, "Acher", "Z00.0"),
        term(1, "Inventol > Accidental", "T39.311", source=2),
        term(1, "Ache > arm", "M79.601", source=3),
    ]
    return opened(source=[index, drugs, older], index_term=rows)


def test_terms_that_lead_to_a_code(book: Codebook) -> None:
    found = {dated.source.series: dated for dated in book.index_terms.leading_to("M79.601", CM, DAY) if dated.source}
    index, drugs = found["index"], found["drugs"]
    assert index.value
    assert [(found.path, found.code, found.complete) for found in index.value] == [(("Ache, aching", "arm"), "M79.60-", False)]
    assert drugs.covered
    assert drugs.value is None


def test_an_older_index_speaks_for_older_days(book: Codebook) -> None:
    found = [dated.value for dated in book.index_terms.leading_to("M79.601", CM, date(2026, 5, 1)) if dated.value]
    assert [(terms[0].path, terms[0].complete) for terms in found] == [(("Ache", "arm"), True)]


@pytest.mark.parametrize(("words", "positions"), [("ache, aching", 3), ("Ache", 3), ("Ache, aching > arm", 1), ("ach", 0), ("ache%", 0), ("_che", 0)])
def test_what_stands_under_a_term(words: str, positions: int, book: Codebook) -> None:
    found = [dated.value or [] for dated in book.index_terms.under(words, CM, DAY)]
    assert sorted(len(terms) for terms in found) == [0, positions]


def test_without_an_index_there_is_nothing(opened: Open) -> None:
    assert opened().index_terms.under("Ache", CM, DAY) == []
