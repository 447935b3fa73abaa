"""Synonyms and crosswalks: what is read, and what is found wrong with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.editions import current
from ingest.build import build
from ingest.readers.icd10cm import Entry
from ingest.shipped.check import check
from ingest.store import reading
from tests.ingest.texts import write

SYNONYMS = "term,kind,system,code\n"
CROSSWALKS = "system,code,relation,target_system,target,date,note,source,place\n"


def faults(tmp_path: Path, name: str, text: str) -> list[str]:
    folder = write(tmp_path / "shipped")
    path = folder / name
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return [str(fault).partition("shipped/")[2] for fault in check(folder)[0]]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("darning,lay,CPT,10001\n", None),
        ("darning,lay,CPT,10001\ndarning,lay,CPT,10002\n", None),  # one word for two codes
        ("HTN,abbreviation,ICD10CM,I10\n", None),
        ("sugar,lay,ICD10CM,E11\n", None),  # a category may stand
        ("darning,lay,CPT,10001\nDarning,lay,CPT,10001\n", ":3: Darning, 10001: stands already in terms.csv:2"),
        ("darning,lay,CPT,99999\n", ":2: darning: CPT has no 99999"),
        ("sugar,lay,ICD10CM,E11.999\n", ":2: sugar: ICD10CM has no E11.999"),
        ("sugar,lay,MODIFIER,ZZ\n", ":2: sugar: MODIFIER has no ZZ"),
        ("darning,slang,CPT,10001\n", ":2: darning: kind:"),
        (" darning,lay,CPT,10001\n", ":2:  darning: term: Value error, is empty or has blanks at an end"),
        ("darning,lay,CPT\n", ":2: 4 columns wanted"),
    ],
)
def test_synonyms(tmp_path: Path, rows: str, fault: str | None) -> None:
    found = faults(tmp_path, "synonyms/terms.csv", SYNONYMS + rows)
    assert [f.startswith("synonyms/terms.csv" + fault) for f in found] == [True] if fault else found == []


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("CPT,10001,equivalent,CPT,10002,,Another payer,manual,Chapter I\n", None),
        ("CPT,09999,replaced by,CPT,10001,2020-01-01,,manual,Chapter I\n", None),  # older than every fee schedule at hand
        ("CPT,09999,replaced by,CPT,,2020-01-01,,manual,Chapter I\n", None),  # without a successor
        ("CPT,10001,equivalent,CPT,99999,,,manual,Chapter I\n", "no fee schedule lists 99999"),
        ("CPT,10001,anesthesia,CPT,10002,,,manual,Chapter I\n", "10002 is no anesthesia code of the fee schedule"),
        ("CPT,10001,equivalent,CPT,10002,,,unheard,Chapter I\n", "no source unheard in sources.yaml"),
        ("CPT,10001,equivalent,CPT,10002,2020-01-01,,manual,Chapter I\n", "only a replacement has one"),
        ("CPT,10001,replaced by,CPT,10002,,,manual,Chapter I\n", "and needs it"),
        ("CPT,10001,equivalent,CPT,,,,manual,Chapter I\n", "target: is empty"),
        ("CPT,10001,cousin,CPT,10002,,,manual,Chapter I\n", "relation:"),
    ],
)
def test_crosswalks(tmp_path: Path, rows: str, fault: str | None) -> None:
    found = faults(tmp_path, "crosswalks/table.csv", CROSSWALKS + rows)
    assert [(f.startswith("crosswalks/table.csv:2: ") and fault in f) for f in found] == [True] if fault else found == []


def test_a_wrong_header_is_told(tmp_path: Path) -> None:
    assert faults(tmp_path, "synonyms/terms.csv", "term,code\n") == ["synonyms/terms.csv:1: columns term,code, wanted term,kind,system,code"]


def test_they_are_built_in(home: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "shipped")
    for name, text in {
        "synonyms/terms.csv": SYNONYMS + "darning,lay,CPT,10001\nnobody knows it,lay,CPT,10001,\n",
        "crosswalks/table.csv": CROSSWALKS + "CPT,10001,equivalent,CPT,10002,,Another payer,manual,Chapter I\n",
    }.items():
        (folder / name).parent.mkdir()
        (folder / name).write_text(text, encoding="utf-8")
    result = build(folder=folder, tabular=[Entry("1", "A chapter", "chapter", None, ())])
    assert [fault.line for fault in result.faults] == [3]
    with reading(current().database) as db:
        terms = db.execute("SELECT title, code, place FROM passage WHERE key LIKE 'synonym/%'").fetchall()
        assert terms == [("darning", "10001", "synonyms/terms.csv:2")]
        query = "SELECT target, relation FROM mapping WHERE code = '10001' AND target_system = 'EQUIVALENT'"
        assert db.execute(query).fetchall() == [("10002", "equivalent")]
