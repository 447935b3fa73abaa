from __future__ import annotations

from pathlib import Path

import pytest

from ingest.make_facts import make, wanted
from ingest.readers.base import ReadError
from tests.ingest.official import add_on_line, derived_fee_schedule, derived_ptp, fee_row, fee_schedule, mue, put
from tests.ingest.texts import write

EDITS = [
    ("10001", "10002", "2019-12-31", 1, "Misuse of Column Two code with Column One code"),
    ("10001", "10002", "9999-12-31", 0, "Standards"),
    ("10001", "00001", "9999-12-31", 1, "Anesthesia"),  # named, but without a page
]


@pytest.fixture
def official(tmp_path: Path) -> Path:
    folder = tmp_path / "official"
    folder.mkdir()
    rows = [fee_row("10001", glob="090", factor="36.089600000000004"), fee_row("99999")]
    put(folder, "pprrvu_rvu20d.csv.gz", derived_fee_schedule(rows))
    put(folder, "new.csv", fee_schedule([fee_row("10001", glob="010", status="C"), fee_row("10001", "26"), fee_row("10002")]))
    put(folder, "MUE_Eff_04-01-2026.csv", mue([("10001", 2, "2 Policy", "Anatomic"), ("99999", 1, "2 Policy", "x")]))
    put(folder, "MUE_Eff_07-01-2026.excerpt.csv", mue([("10001", 3, "2 Policy", "Anatomic")]))
    lines = [add_on_line(1, "10002", "10001"), add_on_line(1, "99998", "10001"), add_on_line(1, "99998", "99999"), add_on_line(1, "00001", "CCCCC")]
    put(folder, "AOC_V2026Q3.txt", "".join(lines))
    put(folder, "ptp_hospital_2024Q3.csv.gz", derived_ptp(EDITS))
    put(folder, "readme.txt", "no official file")
    return folder


def lines_of(folder: Path, name: str) -> list[str]:
    return (folder / "facts" / f"{name}.csv").read_text(encoding="utf-8").splitlines()[1:]


def test_codes_are_those_of_the_texts(tmp_path: Path) -> None:
    codes = wanted(write(tmp_path))
    assert codes.pages == {"10001", "10002"}
    assert codes.named == {"10001", "10002", "00001"}


def test_a_page_with_faults_counts_too(tmp_path: Path) -> None:
    assert "10001" in wanted(write(tmp_path, {"codes/parts.yaml": ("depth: full", "depth: endless")})).pages


def test_only_wanted_rows_are_taken(tmp_path: Path, official: Path) -> None:
    folder = write(tmp_path / "shipped")
    counts = make(official, folder)
    assert counts == {"releases": 5, "fee_schedule": 4, "mue": 1, "add_on": 3, "ptp": 2, "code_history": 4, "hcpcs": 0}
    assert lines_of(folder, "fee_schedule") == [
        "RVU20D,10001,,A,1.3,1.4,,0.55,,0.15,2.85,1.72,0,090,0,0,0,0,0,0,0,0,,36.0896,09,99",
        "RVU25D,10001,,C,1.3,1.4,,0.55,,0.15,2.85,1.72,0,010,0,0,0,0,0,0,0,0,,32.3465,09,99",
        "RVU25D,10001,26,A,1.3,1.4,,0.55,,0.15,2.85,1.72,0,XXX,0,0,0,0,0,0,0,0,,32.3465,09,99",
        "RVU25D,10002,,A,1.3,1.4,,0.55,,0.15,2.85,1.72,0,XXX,0,0,0,0,0,0,0,0,,32.3465,09,99",
    ]
    assert lines_of(folder, "mue") == ["2026Q2,practitioner,10001,2,2,Anatomic"]
    assert [line.split(",")[1:3] for line in lines_of(folder, "add_on")] == [["00001", "CCCCC"], ["10002", "10001"], ["99998", "10001"]]
    assert lines_of(folder, "ptp") == [
        "2024Q3,facility,10001,10002,,,0,Standards",
        "2024Q3,facility,10001,10002,2019-12-31,,1,Misuse of Column Two code",
    ]
    assert [line.split(",")[:3] for line in lines_of(folder, "code_history")] == [
        ["10001", "2020-10-01", "first seen"],
        ["10001", "2025-10-01", "global days"],
        ["10001", "2025-10-01", "status"],
        ["10002", "2025-10-01", "first seen"],
    ]
    assert not any("Invented" in line for table in counts for line in lines_of(folder, table))  # no descriptor is shipped


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, official: Path) -> None:
    folder = write(tmp_path / "shipped")
    make(official, folder)
    first = {path.name: path.read_bytes() for path in (folder / "facts").iterdir()}
    make(official, folder)
    assert {path.name: path.read_bytes() for path in (folder / "facts").iterdir()} == first


def test_a_damaged_file_leaves_the_tables_as_they_were(tmp_path: Path, official: Path) -> None:
    folder = write(tmp_path / "shipped")
    before = lines_of(folder, "mue")
    put(official, "MUE_Eff_04-01-2025.csv", mue([("10001", 2, "7 None", "x")]))
    with pytest.raises(ReadError, match="MUE_Eff_04-01-2025"):
        make(official, folder)
    assert lines_of(folder, "mue") == before


def test_a_folder_without_official_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no official file here"):
        make(write(tmp_path / "shipped"), tmp_path / "shipped")
