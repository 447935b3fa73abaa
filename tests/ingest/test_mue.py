from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from corpus.model import Setting
from ingest.readers import mue as reader
from ingest.readers import recognise
from ingest.readers.base import OfficialFile, ReadError
from tests.ingest.official import mue, put

ROWS = [("63044", 4, "2 Date of Service Edit: Policy", "Anatomic Consideration"), ("A4206", 0, "3 Date of Service Edit: Clinical", "CMS Policy")]
NAME = "MCR_MUE_PractitionerServices_Eff_04-01-2026.csv"


@pytest.mark.parametrize(
    ("column", "setting"),
    [
        ("Practitioner Services MUE Values", Setting.PRACTITIONER),
        ("Outpatient Hospital Services MUE Values", Setting.FACILITY),
        ("Facility Outpatient Services MUE Values", Setting.FACILITY),
        ("DME Supplier Services MUE Values", Setting.DME),
    ],
)
def test_the_setting_is_the_name_of_a_column(tmp_path: Path, column: str, setting: Setting) -> None:
    file = OfficialFile(put(tmp_path, NAME, mue(ROWS, column)))
    assert recognise(file) is reader
    reading = reader.read(file)
    assert reading.release.setting is setting
    assert [r for batch in reading.batches for r in batch] == [("63044", 4, 2, "Anatomic Consideration"), ("A4206", 0, 3, "CMS Policy")]


@pytest.mark.parametrize(
    ("name", "release", "start", "end"),
    [
        (NAME, "2026Q2", date(2026, 4, 1), date(2026, 6, 30)),
        ("mue Eff 01-01-2025.csv", "2025Q1", date(2025, 1, 1), date(2025, 3, 31)),
        ("MUE_Eff_10-01-2026.csv", "2026Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("mue_practitioner_2024q2.csv", "2024Q2", date(2024, 4, 1), date(2024, 6, 30)),
    ],
)
def test_the_quarter_is_in_the_name(tmp_path: Path, name: str, release: str, start: date, end: date) -> None:
    found = reader.read(OfficialFile(put(tmp_path, name, mue(ROWS)))).release
    assert (found.key, found.valid_from, found.valid_to) == (f"mue/practitioner/{release}", start, end)


@pytest.mark.parametrize("name", ["mue.csv", "MUE_Eff_05-01-2026.csv"])
def test_without_a_quarter_it_asks_for_the_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReadError, match="keep the name it was published under"):
        reader.read(OfficialFile(put(tmp_path, name, mue(ROWS))))


def test_derived_file(tmp_path: Path) -> None:
    text = '"hcpcs_code","mue_units","mue_mai","mue_rationale","mue_service"\n"0001U",1,2,"Code Descriptor","Outpatient Hospital"\n'
    reading = reader.read(OfficialFile(put(tmp_path, "mue_outpatient_2024Q2.derived.csv", text)))
    assert reading.release.key == "mue/facility/2024Q2"
    assert list(reading.batches) == [[("0001U", 1, 2, "Code Descriptor")]]


@pytest.mark.parametrize("mai", ["4 Something", "", "Policy"])
def test_a_wrong_adjudication_indicator_names_the_line(tmp_path: Path, mai: str) -> None:
    file = OfficialFile(put(tmp_path, NAME, mue([ROWS[0], ("63042", 1, mai, "x")])))
    with pytest.raises(ReadError, match=r"\.csv:9: 63042: units '1' and MAI"):
        list(reader.read(file).batches)


def test_repeated_and_blank_lines(tmp_path: Path) -> None:
    reading = reader.read(OfficialFile(put(tmp_path, NAME, mue([ROWS[0], ROWS[0]]) + b",,,\r\nTotal,1,2 x,y\r\n")))
    assert [len(batch) for batch in reading.batches] == [1]
    assert reading.skipped == {"repeated": 1, "not a code": 1}


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("MCR_MUE_PractitionerServices_Eff_04-01-2026.reconstructed.csv", 15_095),
        ("mue_practitioner_2024Q2.derived.csv", 14_677),
        ("mue_outpatient_2024Q2.derived.csv", 14_628),
        ("mue_dme_2024Q2.derived.csv", 2_928),
    ],
)
def test_official_files_are_read_whole(data: Path, name: str, rows: int) -> None:
    file = OfficialFile(data / "ncci" / name)
    assert recognise(file) is reader
    reading = reader.read(file)
    assert sum(len(batch) for batch in reading.batches) == rows
    assert reading.skipped == {}


def test_an_unknown_setting_is_told_short(tmp_path: Path) -> None:
    text = "hcpcs_code,mue_units,mue_mai,mue_rationale,mue_service\n" + "x" * 50_000
    with pytest.raises(ReadError, match="is no setting of MUE") as caught:
        reader.read(OfficialFile(put(tmp_path, "mue_2026Q2.csv", text)))
    assert len(str(caught.value)) < 200
