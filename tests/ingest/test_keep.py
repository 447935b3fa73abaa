"""What is loaded stays over a rebuild, comes and goes whole, and comes back the same: many kinds, each in a small file."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from corpus.editions import current
from corpus.model import SourceKind
from corpus.schema import metadata
from ingest.build import IngestError, add, add_readings, build, remove, status
from ingest.documents import reading as document
from ingest.icd_history import RELEASES
from ingest.readers.base import Reading, Release, batched
from ingest.readers.names import MAPPING
from ingest.store import reading
from tests.ingest.official import add_on_line, derived_ptp, fee_row, fee_schedule, mue, ptp, put
from tests.ingest.official_cm import order_file
from tests.ingest.official_hcpcs import entry, fixed
from tests.ingest.official_icd import order_line
from tests.ingest.official_manuals import as_text, guidelines_pages, iom, ncci_pages
from tests.ingest.official_mcd import STAMP, article, export
from tests.ingest.official_payment import as_csv
from tests.ingest.test_build import TABULAR
from tests.ingest.test_gpci import ROWS as GPCI
from tests.ingest.test_gpci import table as gpci
from tests.ingest.test_icd10cm_index import INDEX
from tests.ingest.test_mcd import TABLES as ARTICLES
from tests.ingest.texts import write

MADE_ANEW = {"code", "event"}  # out of the other tables
CODE_END = ["2026", "1", "N", STAMP, "Invented", "Inv"]
OWN = (("Plan rules", date(2025, 1, 1)), ("Plan rules", date(2026, 1, 1)))


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Files of many kinds; of the index, the manual and the fee schedule two releases."""
    folder = tmp_path / "official"
    folder.mkdir()
    pairs = [("20610", "99213", "9999-12-31", 1, "Standards"), ("45380", "45378", "2019-12-31", 0, "More")]
    put(folder, "fees.csv", fee_schedule([fee_row("99213"), fee_row("10001", glob="010"), fee_row("45378", "53")]))
    put(folder, "later.csv", fee_schedule([fee_row("99213"), fee_row("10001")], 2026, "July"))
    put(folder, "MCR_MUE_PractitionerServices_Eff_04-01-2026.csv", mue([("63044", 4, "2 Date of Service Edit: Policy", "Anatomic")]))
    put(folder, "AOC_V2026Q3.txt", add_on_line(1, "63044", "63042"))
    put(folder, "ptp_practitioner_2024Q3.csv", derived_ptp(pairs))
    put(folder, "ccipra-v322r0-f1.txt", ptp([("0001A", "0591T", "20220101", "*", "1", "Invented")]))
    put(folder, "GPCI2025.csv", as_csv(gpci(GPCI)))
    put(folder, "HCPC2019_CONTR_ANWEB.txt", fixed([entry("J1100"), entry("LT", RECID="7")]))
    put(folder, "2018_I9gem.txt", "72402 M48061  00000\n36570 NoDx    11000\n")
    put(folder, "icd10pcs_order_2026.txt", order_line(1, "0X1", "Invented header") + order_line(2, "0X10AA1", "Invented long title", "Inv"))
    put(folder, "icd10cm-index-2027.xml", INDEX)
    put(folder, "icd10cm-index-2026.xml", INDEX.replace("2027", "2026"))
    put(folder, "ncci.txt", as_text(ncci_pages()))
    put(folder, "ncci-before.txt", as_text(ncci_pages("Revision Date (Medicare): 1/1/2025")))
    put(folder, "guidelines.txt", as_text(guidelines_pages()))
    put(folder, "mbpm.txt", iom())
    export(folder, "current_article", ARTICLES)
    return [folder]


def own(folder: Path) -> list[tuple[Path, Any]]:
    path = put(folder, "plan.md", "# Parts\n\nParts are mended with prior approval.\n")
    return [(path, document(path, title, day, "Invented Plan")) for title, day in OWN]


def held() -> dict[str, Counter[Any]]:
    """The rows of every table and of the full text, without the numbers that editions give to sources, passages and rationales."""
    found: dict[str, Counter[Any]] = {}
    with reading(current().database) as db:
        keys = dict(db.execute("SELECT id, key FROM source"))
        rationales = dict(db.execute("SELECT id, text FROM rationale"))
        for name in metadata.tables.keys() - MADE_ANEW - {"source", "rationale"}:
            columns = [column for _, column, *_ in db.execute(f'PRAGMA table_info("{name}")')]
            rows = (dict(zip(columns, row, strict=True)) for row in db.execute(f'SELECT * FROM "{name}"'))
            found[name] = Counter(
                tuple(
                    keys[value] if column == "source" else rationales[value] if name == "ptp" and column == "rationale" else value
                    for column, value in row.items()
                    if column != "id"
                )
                for row in rows
            )
        facts = "SELECT key, kind, series, release, valid_from, valid_to, file, sha256, rows, skipped FROM source"
        found["source"] = Counter(db.execute(facts))
        found["codes"] = Counter(db.execute("SELECT system, code, title FROM code"))
        found["words"] = Counter(
            db.execute("SELECT p.key FROM passage_text t JOIN passage p ON p.id = t.rowid WHERE passage_text MATCH 'parts OR ache'")
        )
    return found


def assert_same(before: dict[str, Counter[Any]]) -> None:
    after = held()
    for name in sorted(before):
        assert after[name] == before[name], name


def loaded_keys() -> set[str]:
    return {str(row["key"]) for row in status() if row["origin"] == "file"}


def test_every_table_is_the_same_after_a_rebuild(home: Path, tmp_path: Path, files: list[Path]) -> None:
    folder = write(tmp_path / "shipped")
    build(folder=folder, tabular=TABULAR)
    result = add(files, folder=folder)
    assert len(result.loaded) > len(loaded_keys())  # the coverage export has many files
    add_readings(own(tmp_path), folder=folder)
    before = held()
    assert len(loaded_keys()) >= 19
    again = build(folder=folder, tabular=TABULAR)
    assert again.add_again == []
    assert again.embedded == 0
    assert_same(before)


def test_each_source_comes_back_the_same(edition: object, tmp_path: Path, files: list[Path]) -> None:
    folder = write(tmp_path / "shipped")
    add(files, folder=folder)
    before = held()
    for key in sorted(loaded_keys()):
        remove(key, folder)
        assert key not in loaded_keys()
        again = add(files, folder=folder)
        assert key in {item.source for item in again.loaded if not item.unchanged}, key
        assert_same(before)


def test_the_release_before_is_found_again(edition: object, tmp_path: Path, files: list[Path]) -> None:
    """Only the newest release of a publication is found by words; when it goes, the one before is."""
    folder = write(tmp_path / "shipped")
    add(files, folder=folder)
    add_readings(own(tmp_path), folder=folder)
    newest = held()["words"]
    for key in ("icd10cm-index/index/FY2027", "manual/ncci-policy-manual/2026", "user-document/plan-rules/2026-01-01"):
        remove(key, folder)
    left = held()
    assert {key for (key,) in left["words"] if key.startswith("index/")} == {key for (key,) in newest if key.startswith("index/")}
    manual = {key for (key,) in newest if "ncci" in key}
    assert {key for (key,) in left["words"] if "ncci" in key} == {key.replace("/2026/", "/2025/") for key in manual}
    assert manual
    assert {key for (key,) in left["words"] if key.startswith("document/")} == {"document/plan-rules/2025-01-01/1"}


def test_what_comes_with_the_program_stays(home: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "shipped")
    build(folder=folder, tabular=TABULAR)
    given = [row for row in status() if str(row["kind"]) == "icd10cm"]
    assert [row["origin"] for row in given] == ["package"]
    with pytest.raises(IngestError, match="comes with the program and stays"):
        remove(str(given[0]["key"]), folder)


def test_facts_on_diagnoses_give_way_to_the_list_and_come_back(home: Path, tmp_path: Path) -> None:
    key, *others = RELEASES
    folder = write(tmp_path / "shipped")
    lines = [f'"{key}",A01.1,listed as billable', *(f'"{other}",B00.1,added' for other in others)]
    put(folder / "facts", "icd10cm_history.csv", "\n".join(["release,code,event", *lines]) + "\n")
    official = put(tmp_path, "icd10cm-order-Jan-2021.txt", order_file())

    def facts() -> list[tuple[str, str]]:
        with reading(current().database) as db:
            assert db.execute("SELECT count(*) FROM event WHERE source NOT IN (SELECT id FROM source)").fetchone() == (0,)
            return db.execute("SELECT e.code, s.file FROM event e JOIN source s ON s.id = e.source WHERE s.key = ?", (key,)).fetchall()

    build(folder=folder, tabular=TABULAR)
    for _ in range(2):
        assert facts() == [("A01.1", "shipped facts")]
        add([official], folder=folder)
        assert facts() == []
        build(folder=folder, tabular=TABULAR)
        assert facts() == []
        remove(key, folder)


def test_one_file_of_an_export_that_changed_brings_the_others_along(edition: object, tmp_path: Path) -> None:
    """Files that fill one table of a release together: when one of them is new, the rows of all are loaded again."""
    folder = write(tmp_path / "shipped")

    def part(name: str, code: str) -> tuple[Path, Reading]:
        path = put(tmp_path, name, code)
        records = batched("mapping", [("ICD9CM", code, "ICD10CM", "A00", "exact", 0, 0, "")])
        return path, Reading(Release(SourceKind.GEM, "FY2018", "Invented", "CMS", series="x"), {"mapping": MAPPING}, records, part=name)

    for second in ("002", "003"):
        add_readings([part("one.csv", "001"), part("two.csv", second)], folder=folder)
    with reading(current().database) as db:
        assert db.execute("SELECT code FROM mapping ORDER BY 1").fetchall() == [("001",), ("003",)]
        assert db.execute("SELECT rows FROM source").fetchall() == [(2,)]


def test_the_same_file_in_two_places_counts_once(edition: object, tmp_path: Path) -> None:
    folder = write(tmp_path / "shipped")
    places = [tmp_path / "one", tmp_path / "two"]
    for place in places:
        place.mkdir()
        put(place, "fees.csv", fee_schedule([fee_row("99213"), fee_row("63042")]))
    result = add(places, folder=folder)
    assert [(item.source, item.rows) for item in result.loaded] == [("fee-schedule/RVU25D", 2)]
    assert [row["rows"] for row in status()] == [2]
    assert result.unknown == [("fees.csv", "the same release as fees.csv")]


def test_two_exports_of_one_day_add_up(edition: object, tmp_path: Path) -> None:
    retired = ARTICLES | {"article": [article("60001", "Retired", status="R")], "article_x_hcpc_code": [["60001", "3", "29877", *CODE_END]]}
    exports = [export(tmp_path, "all_article", retired), export(tmp_path, "current_article", ARTICLES)]
    add(exports, folder=write(tmp_path / "shipped"))
    with reading(current().database) as db:
        for query in ("SELECT DISTINCT id FROM coverage_document", "SELECT DISTINCT document FROM coverage_code"):
            assert sorted(db.execute(query)) == [("A56537",), ("A60001",)]
