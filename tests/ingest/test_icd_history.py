from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.model import System
from ingest import icd_history
from ingest.archives import opened
from ingest.icd_history import ABSENT, BILLABLE, CATEGORY, RELEASES
from ingest.readers import icd10cm, recognise
from ingest.readers.base import ReadError, Reading, batched
from ingest.shipped import FACTS, FOLDER

JANUARY, FY2024, FY2023 = RELEASES
LISTING = ("system", "code", "title", "billable")


def reading(key: str, *rows: tuple[str, object]) -> Reading:
    """A list or addenda with these codes: billable or not, or the action."""
    release = RELEASES[key]
    if key == FY2023:
        return Reading(release, {"change": ("code", "action")}, batched("change", rows))
    return Reading(release, {"listing": LISTING}, batched("listing", ((System.ICD10CM, code, "Invented", billable) for code, billable in rows)))


@pytest.fixture
def _two_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = {e.code: e for e in (icd10cm.codes()[code] for code in ("M54.5", "M54.50", "I10"))}
    monkeypatch.setattr(icd10cm, "codes", lambda: entries)


@pytest.mark.usefixtures("_two_codes")
def test_what_differs_from_the_tabular_list() -> None:
    readings = [
        reading(JANUARY, ("M54.5", 1), ("I10", 1)),
        reading(FY2024, ("M54.50", 1), ("I10", 1), ("W19.XXXA", 1)),  # a category of the tabular list follows from its codes
        reading(FY2023, ("B37.3", "not billable"), ("F01.A", "added"), ("F01.A", "not billable")),
    ]
    assert set(icd_history.rows(readings)) == {
        (JANUARY, "M54.5", BILLABLE),
        (JANUARY, "M54.50", ABSENT),
        (FY2024, "W19.XXXA", BILLABLE),
        (FY2024, "W19", CATEGORY),
        (FY2024, "M54", CATEGORY),
        (FY2023, "B37.3", "not billable"),
        (FY2023, "F01.A", "added, not billable"),
    }


def test_a_release_that_is_missing_is_told() -> None:
    with pytest.raises(ReadError, match="FY2023: no official file of it"):
        list(icd_history.rows([reading(JANUARY), reading(FY2024)]))


def test_the_shipped_table_as_readings_of_events() -> None:
    found = {made.release.key: [row for _, batch in made.batches for row in batch] for made in icd_history.facts()}
    assert list(found) == list(RELEASES)
    assert all(len(row) == len(icd_history.EVENT) for rows in found.values() for row in rows)
    (m545,) = [row for row in found[JANUARY] if row[1] == "M54.5"]
    assert m545[2:] == (
        20210101, BILLABLE, "In ICD-10-CM order file: codes, categories and titles, FY2021, January 2021: listed as billable.",
        "FY2021, January 2021, M54.5",
    )  # fmt: skip
    assert ("B37.3", 20221001, "not billable") in {row[1:4] for row in found[FY2023]}


def test_a_folder_without_the_table_has_no_facts(tmp_path: Path) -> None:
    assert icd_history.facts(tmp_path) == []


@pytest.mark.parametrize("content", ["code,event\n", "release,code,event\nicd10cm-list/order/FY1999,A00,not listed\n", "release,code,event\nx\n"])
def test_a_damaged_table_is_told(content: str, tmp_path: Path) -> None:
    (tmp_path / FACTS).mkdir(parents=True)
    (tmp_path / FACTS / "icd10cm_history.csv").write_text(content, encoding="utf-8")
    with pytest.raises(ReadError, match=r"icd10cm_history\.csv:"):
        icd_history.facts(tmp_path)


def test_the_shipped_table_is_what_the_official_files_give(data: Path, tmp_path: Path) -> None:
    assert icd_history.make(data, tmp_path) == 6_297
    shipped = FOLDER / FACTS / "icd10cm_history.csv"
    assert (tmp_path / "icd10cm_history.csv").read_bytes() == shipped.read_bytes()


def test_each_list_can_be_made_anew_out_of_the_facts(data: Path, tmp_path: Path) -> None:
    def official() -> Iterator[Reading]:
        with opened([data / "icd10cm" / "icd10cm-order-Jan-2021.zip"], tmp_path) as found:
            for file in found.files:
                if reader := recognise(file):
                    yield reader.read(file)

    (whole,) = official()
    listed = {row[1]: bool(row[6]) for _, batch in whole.batches for row in batch}
    facts = {row[1]: row[3] for made in icd_history.facts() if made.release.key == JANUARY for _, batch in made.batches for row in batch}
    anew = {e.code: e.billable for e in icd10cm.codes().values() if e.kind in ("code", "category") and facts.get(e.code) != ABSENT}
    anew |= {code: event == BILLABLE for code, event in facts.items() if event != ABSENT}
    assert anew == listed
