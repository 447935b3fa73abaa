from __future__ import annotations

import gzip
import json
from collections import Counter
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.readers import mce
from ingest.readers.base import OfficialFile, ReadError
from tests.ingest.official_cm import put, records

CONTENT: dict[str, Any] = {
    "description": "CMS Medicare Code Editor (MCE) diagnosis edit lists",
    "retrieved": "2026-07-11",
    "age_categories": {"newborn": {"min_age": 0, "max_age": 0}},
    "codes": {"manifestation_not_pdx": [{"code": "D630"}, {"code": "D77"}], "age_newborn": [{"code": "A33"}], "another_list": ["QA0.0101"]},
    "counts": {"manifestation_not_pdx": 2, "age_newborn": 1},
}


def file_of(folder: Path, name: str = "mce_edits_2026.json", **changed: Any) -> OfficialFile:
    return put(folder, name, json.dumps(CONTENT | changed))


def test_lists_with_names_and_ages(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    assert mce.sniff(file.head())
    reading = mce.read(file)
    assert (reading.release.key, reading.release.valid_from) == ("mce/FY2026", date(2025, 10, 1))
    found = records(reading)
    assert [record[1:5] for record in found["mapping"]] == [
        ("D63.0", "MCE", "manifestation_not_pdx", "member"),
        ("D77", "MCE", "manifestation_not_pdx", "member"),
        ("A33", "MCE", "age_newborn", "member"),
        ("QA0.0101", "MCE", "another_list", "member"),
    ]
    assert [record[5] for record in found["mapping"]] == ["", "", '{"min_age": 0, "max_age": 0}', ""]
    assert [record[1:] for record in found["category"]][2] == ("another_list", "another list")


YEARS = [("mce.json", "2026-07-11", "FY2026"), ("mce.json", "2026-10-01", "FY2027"), ("mce_FY25.json", "2026-10-01", "FY2025")]


@pytest.mark.parametrize(("name", "retrieved", "release"), YEARS)
def test_the_year(name: str, retrieved: str, release: str, tmp_path: Path) -> None:
    assert mce.read(file_of(tmp_path, name, retrieved=retrieved)).release.release == release


FAULTS = [
    ({"codes": []}, "no lists under 'codes'"),
    ({"codes": {"x": {}}}, "'x' is no list"),
    ({"codes": {"x": [{"code": "6304"}]}}, "x: '6304' is not an ICD-10-CM code"),
    ({"codes": {"x": [{}]}}, "x: 'None' is not"),
    ({"counts": {"age_newborn": 5}}, "'age_newborn' has 1 codes and says 5"),
]


@pytest.mark.parametrize(("changed", "message"), FAULTS)
def test_faults_are_told(changed: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=message):
        records(mce.read(file_of(tmp_path, **changed)))


def test_no_year_no_release(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="neither its name nor 'retrieved'"):
        mce.read(file_of(tmp_path, "mce.json", retrieved="yesterday"))


@pytest.mark.parametrize("head", [b"", b'{"codes": {}}', b'[{"codes": "Medicare Code Editor"}]', b"Medicare Code Editor"])
def test_other_formats_are_left_alone(head: bytes) -> None:
    assert not mce.sniff(head)


@given(content=st.binary(max_size=80), at=st.integers(0, 300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_any_bytes_give_rows_or_a_read_error(content: bytes, at: int, tmp_path: Path) -> None:
    whole = json.dumps(CONTENT).encode()
    with suppress(ReadError):
        records(mce.read(put(tmp_path, "mce_2026.json", whole[:at] + content + whole[at:])))


def test_the_file_at_hand(data: Path) -> None:
    path = data / "codesets" / "mce_edits_2026.derived.json.gz"
    found = records(mce.read(OfficialFile(path)))
    plain = json.loads(gzip.decompress(path.read_bytes()))
    assert Counter(record[3] for record in found["mapping"]) == plain["counts"]
    codes = {(record[1].replace(".", ""), record[3]) for record in found["mapping"]}
    assert codes == {(item["code"], name) for name, listed in plain["codes"].items() for item in listed}
