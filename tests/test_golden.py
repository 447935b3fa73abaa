"""The golden questions over the default edition, and those that need official files over an edition with these.

Each answer states its facts, and none names a code that does not exist.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.batch import ask
from assistant.chain import Assistant
from assistant.evaluation import can_be_asked, faults_of, read_golden, unknown_codes
from assistant.question import Kind
from corpus.codebook import Codebook
from corpus.editions import current
from ingest.build import add
from tests.conftest import ROOT, TODAY

GOLDEN = read_golden(ROOT / "tests" / "golden")
SHIPPED = [entry for entry in GOLDEN if "needs" not in entry]
LOADED = [entry for entry in GOLDEN if "needs" in entry]
# What the questions with `needs` are asked over. The PTP files, by far the largest, are not among it.
FILES = (
    "pfs",
    "hcpcs",
    "icd10cm/*.zip",
    "icd10cm/icd10cm-*-addenda-2023.txt",
    "ncci/AOC*.txt",
    "ncci/*_2024Q2.derived.csv",
    "ncci/MCR_MUE_*04-01*.csv",
)
DATED = re.compile(r"\b(?:19|20)\d\d\b|\d/\d{1,2}/\d")


@pytest.fixture(scope="module")
def official_assistant(assistant: Assistant, official_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """An assistant over the default edition with the small official files in it; their words get no vectors, to save a minute."""
    home = tmp_path_factory.mktemp("official")
    shutil.copytree(assistant.codebook.edition.path.parent, home / "editions")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODEBOOK_HOME", str(home))
        patch.setattr("ingest.index.embed", lambda *_: 0)
        add([file for pattern in FILES for file in sorted(official_data.glob(pattern))])
        made = Assistant(Codebook(current(home)), TODAY)
        yield made
        made.finder.close()
        made.codebook.close()
    shutil.rmtree(home)


def hold(entry: dict[str, Any], assistant: Assistant) -> None:
    """The answer to a golden question is as written."""
    on = entry.get("date")
    row = {"text": entry["ask"], "date": on and str(on), "setting": entry.get("setting"), "history": entry.get("history")}
    answer = ask(assistant, row)
    assert not faults_of(entry, answer), answer["text"]
    assert not unknown_codes(assistant, answer, entry)
    assert not dangling_markers(answer)


@pytest.mark.parametrize("entry", SHIPPED, ids=[entry["id"] for entry in SHIPPED])
def test_golden_question(entry: dict[str, Any], assistant: Assistant) -> None:
    hold(entry, assistant)


@pytest.mark.data
@pytest.mark.parametrize("entry", LOADED, ids=[entry["id"] for entry in LOADED])
def test_golden_question_of_official_files(entry: dict[str, Any], official_assistant: Assistant, assistant: Assistant) -> None:
    assert can_be_asked(entry, official_assistant)
    assert not can_be_asked(entry, assistant)
    hold(entry, official_assistant)


def dangling_markers(answer: dict[str, Any]) -> list[int]:
    """Citation numbers of statements that no citation has."""
    known = {citation["n"] for citation in answer["citations"]}
    return [n for statement in answer["statements"] for n in statement["citations"] if n not in known]


def test_at_least_eighty_questions_over_all_kinds() -> None:
    kinds = Counter(entry["kind"] for entry in GOLDEN)
    assert len(GOLDEN) >= 80
    assert set(kinds) == {str(kind) for kind in Kind}


def test_at_least_sixty_questions_name_a_day() -> None:
    dated = [entry for entry in GOLDEN if entry.get("date") or DATED.search(" ".join([entry["ask"], *entry.get("history", [])]))]
    assert len(dated) >= 60
