from pathlib import Path

import pytest

from ingest.readers import mcd
from ingest.readers.base import ReadError
from tests.ingest.official_mcd import SHARED, STAMP, article, contractor
from tests.ingest.test_mcd import contents, files

ARTICLES = {"article": [article("1", "Invented")]}
OF_ARTICLE = [["1", "3", "6", "10", "12", "1", STAMP], ["1", "3", "6", "11", "12", "1", STAMP], ["1", "3", "6", "10", "12", "1", STAMP]]


def test_contractors_of_a_document_are_named_by_number(tmp_path: Path) -> None:
    rows = [*OF_ARTICLE, ["1", "3", "6", "77", "12", "1", STAMP]]
    with files(tmp_path, ARTICLES | SHARED | {"article_x_contractor": rows}) as found:
        reading = mcd.read(found["article_x_contractor"])
        assert contents(reading)["coverage_contractor"] == [
            {"document": "A1", "version": 3, "contractor": "05102"},
            {"document": "A1", "version": 3, "contractor": "11"},  # it has no number
        ]
    assert reading.skipped == {"a contractor that contractor.csv does not have": 1}


def test_states_of_contractors(tmp_path: Path) -> None:
    with files(tmp_path, ARTICLES | SHARED) as found:
        reading = mcd.read(found["contractor_jurisdiction"])
        assert contents(reading)["contractor"] == [
            {"id": "05102", "state": "IA", "name": "Invented Plains", "kind": "MAC - Part B", "jurisdiction": "J - 5"},
            {"id": "11", "state": "NY", "name": "Invented North", "kind": "MAC - Part B", "jurisdiction": "J - 5"},
        ]
    assert reading.skipped == {"no longer of the contractor": 1, "a contractor or state that the tables beside it do not have": 1}


def test_names_of_types_and_regions_may_be_missing(tmp_path: Path) -> None:
    tables = {name: SHARED[name] for name in ("contractor", "contractor_jurisdiction", "state_lookup")}
    with files(tmp_path, ARTICLES | tables) as found:
        first = contents(mcd.read(found["contractor_jurisdiction"]))["contractor"][0]
    assert (first["kind"], first["jurisdiction"]) == ("", "")


def test_a_part_of_a_state_without_the_state_keeps_its_letters(tmp_path: Path) -> None:
    tables = SHARED | {"state_lookup": [["1", "IA", "Iowa"], ["3", "UN", "New York - Upstate"]]}
    with files(tmp_path, ARTICLES | tables) as found:
        assert [row["state"] for row in contents(mcd.read(found["contractor_jurisdiction"]))["contractor"]] == ["IA", "UN"]


@pytest.mark.parametrize(
    ("table", "missing"),
    [("article_x_contractor", "contractor"), ("contractor_jurisdiction", "contractor"), ("contractor_jurisdiction", "state_lookup")],
)
def test_the_tables_beside_it_are_needed(tmp_path: Path, table: str, missing: str) -> None:
    tables = ARTICLES | SHARED | {"article_x_contractor": OF_ARTICLE}
    with files(tmp_path, {name: rows for name, rows in tables.items() if name != missing}) as found, pytest.raises(ReadError) as caught:
        mcd.read(found[table])
    assert f"{missing}.csv does not lie beside it" in str(caught.value)


def test_a_damaged_table_beside_it_is_named(tmp_path: Path) -> None:
    tables = ARTICLES | SHARED | {"contractor": [contractor("10", "Invented")[:5]]}
    with files(tmp_path, tables) as found, pytest.raises(ReadError, match=r"contractor.csv:2: 5 columns, wanted 23"):
        mcd.read(found["contractor_jurisdiction"])
