from __future__ import annotations

from pathlib import Path

import pytest

from ingest.shipped import FOLDER
from ingest.shipped.check import check, usable
from ingest.shipped.read import read_shipped
from tests.ingest.texts import write

PAGES, MODIFIERS, ARTICLE = "codes/parts.yaml", "modifiers/all.yaml", "guidelines/mending.md"


def test_a_sound_folder_has_no_fault(tmp_path: Path) -> None:
    faults, counts = check(write(tmp_path))
    assert faults == []
    assert counts == {
        "sources": 2, "pages": 2, "modifiers": 2, "articles": 1, "coverage topics": 0, "synonyms": 0, "crosswalks": 0,
        "fee schedule rows": 3, "mue rows": 1, "add on rows": 1, "ptp rows": 2,
        "code history rows": 1, "hcpcs rows": 1, "indicators rows": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (PAGES, '"10001"\n  system', '"10009"\n  system', "10009: no fee schedule at hand lists it"),
        (PAGES, '{code: "10002", diff', '{code: "10003", diff', "10001: neighbor 10003 is in no fee schedule"),
        (PAGES, '{code: "10002", diff', '{code: "10001", diff', "10001: neighbor 10001 is itself"),
        (PAGES, '{code: "00001", note', '{code: "10002", note', "10001: 10002 is no anesthesia code"),
        (PAGES, "S72.001A", "S72.001", "10001: S72.001 is not billable"),
        (PAGES, "S72.001A", "S72.001Z", "10001: ICD-10-CM has no S72.001Z"),
        (PAGES, "An add-on to 10001 for", "Goes with 10001 for", "10002: is an add-on by its global days"),
        (PAGES, "Repairs an invented", "This is an add-on. Repairs an invented", "10001: the summary says add-on, but"),
        (PAGES, "source: book", "source: film", "10001: no source film in sources.yaml"),
        (PAGES, "One unit a side", "One unit a side, never beside 10077", "10001: names 10077, which no fee schedule lists"),
        (PAGES, "Torn part: it", "Torn part as in Q99.99X: it", "10001: names Q99.99X, which ICD-10-CM does not have"),
        (PAGES, "never with modifier 51", "never with modifiers 51 and 52", "10002: names modifier 52, which has no entry"),
        (PAGES, '"10002"\n  system: CPT\n  depth', '"10001"\n  system: CPT\n  depth: short #', "10001: stands already in parts.yaml:1"),
        (PAGES, "One unit a side", "One unit a side, never beside E0002", "10001: names E0002, which no fee schedule lists"),
        (MODIFIERS, "modifier: LT", "modifier: RT", "51: no modifier RT"),
        (MODIFIERS, "10001-LT", "10077-LT", "LT: names 10077"),
        (ARTICLE, 'codes: ["10001"]', 'codes: ["10004"]', "mending: neither a fee schedule nor ICD-10-CM has 10004"),
        (ARTICLE, 'modifiers: ["51"]', 'modifiers: ["52"]', "mending: no modifier 52"),
        (ARTICLE, "10001 and 10002 [1]", "10001 and 10003 [1]", "mending: names 10003"),
        ("facts/indicators.csv", "manual", "film", "team 0: no source film"),
    ],
)
def test_a_fault_names_file_and_line(tmp_path: Path, file: str, old: str, new: str, message: str) -> None:
    faults, _ = check(write(tmp_path, {file: (old, new)}))
    text = (tmp_path / file).read_text(encoding="utf-8")
    line = text[: text.index(new)].count("\n") + 1
    assert any(fault.file == tmp_path / file and fault.line == line and fault.message.startswith(message) for fault in faults), faults


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (PAGES, "One unit a side", "One unit a side, for $10,077 or form CMS-10055 or 10.12345 percent"),
        (PAGES, "One unit a side", "One unit a side, also with E0001"),  # in the Level II list alone
        (PAGES, "text: New code.", "text: Replaced 10077."),  # what is gone may be named in a history
        (PAGES, "Torn part: it", "Torn part as in S72.0: it"),  # a category may be named
        (PAGES, "never with modifier 51", "never with modifier 51, LT or none"),
        (ARTICLE, 'codes: ["10001"]', 'codes: ["10001", "S72.0"]'),
    ],
)
def test_what_only_looks_like_a_fault_is_none(tmp_path: Path, file: str, old: str, new: str) -> None:
    assert check(write(tmp_path, {file: (old, new)}))[0] == []


def test_a_code_that_left_the_fee_schedule_needs_a_deletion_in_its_history(tmp_path: Path) -> None:
    later = "fee-schedule,RVU26C,,A fee schedule,CMS,2026-07-01,2026-12-31,"
    folder = write(tmp_path, {"facts/releases.csv": ("mue,", f"{later}\nmue,")})
    faults, _ = check(folder)
    assert {fault.message for fault in faults} == {
        "10001: not in RVU26C any more, and its history has no deletion",
        "10002: not in RVU26C any more, and its history has no deletion",
    }


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("facts/mue.csv", "release,setting", "release,place", "columns release,place,code"),
        ("facts/mue.csv", ",2,2,", ",2,", "6 columns wanted"),
    ],
)
def test_a_broken_fact_table_is_one_fault(tmp_path: Path, name: str, old: str, new: str, message: str) -> None:
    faults, _ = check(write(tmp_path, {name: (old, new)}))
    assert len(faults) == 1
    assert message in faults[0].message


def test_a_build_takes_what_is_whole(tmp_path: Path) -> None:
    folder = write(tmp_path, {PAGES: ("source: book", "source: film"), MODIFIERS: ("settings: [practitioner]", "settings: [nowhere]")})
    taken, faults = usable(read_shipped(folder), folder)
    assert [entry.value.code for entry in taken.pages] == ["10002"]
    assert [entry.value.code for entry in taken.modifiers] == ["LT"]
    assert len(faults) == 2


def test_the_shipped_corpus_is_sound() -> None:
    faults, _ = check(FOLDER)
    assert [str(fault) for fault in faults] == []


@pytest.mark.data
def test_the_shipped_facts_are_those_of_the_official_files(data: Path) -> None:
    faults, _ = check(FOLDER, data)
    assert [str(fault) for fault in faults] == []
