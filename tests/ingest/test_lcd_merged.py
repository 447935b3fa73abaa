import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.readers import lcd_merged as reader
from ingest.readers import recognise
from ingest.readers.base import OfficialFile, ReadError

NAME = "lcd_coverage_2026.derived.json.gz"
CONTENT = {
    "27096": {"covered": ["M46.1", "M53.3"], "lcdIds": ["L39383", "L39462"], "notCovered": []},
    "G0260": {"covered": [], "lcdIds": [], "notCovered": ["Z00.00"]},
}


def put(folder: Path, content: Any, name: str = NAME) -> OfficialFile:
    path = folder / name
    path.write_bytes(gzip.compress(json.dumps(content, indent=2).encode()))
    return OfficialFile(path)


def records(file: OfficialFile) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for table, batch in reader.read(file).batches:
        yield from ((table, record) for record in batch)


def test_a_code_is_one_merged_document(tmp_path: Path) -> None:
    file = put(tmp_path, CONTENT)
    assert recognise(file) is reader
    found = list(records(file))
    assert [record for table, record in found if table == "coverage_diagnosis"] == [
        ("M46.1", "27096", 1, 1, 1, 0), ("M53.3", "27096", 1, 1, 1, 0), ("Z00.00", "G0260", 1, 0, 1, 0),
    ]  # fmt: skip
    assert [record for table, record in found if table == "coverage_relation"] == [("27096", "L39383"), ("27096", "L39462")]
    assert [record[:5] for table, record in found if table == "coverage_document"] == [
        ("27096", 1, "merged", "", "A"),
        ("G0260", 1, "merged", "", "A"),
    ]
    assert [record for table, record in found if table == "coverage_code"] == [("27096", "27096", 1, 1), ("G0260", "G0260", 1, 1)]


def test_the_release_is_a_spring(tmp_path: Path) -> None:
    release = reader.read(put(tmp_path, CONTENT)).release
    assert (release.key, release.valid_from, release.valid_to) == ("coverage/merged/spring 2026", date(2026, 3, 1), date(2026, 5, 31))
    with pytest.raises(ReadError, match="keep the name it was published under"):
        reader.read(put(tmp_path, CONTENT, "lcd_coverage.json.gz"))


@pytest.mark.parametrize(
    ("head", "taken"),
    [
        (b'{"27096": {"covered": [', True),
        (b'\n{\n "G0260":{"lcdIds":[', True),
        (b'{"27096": {"title": [', False),
        (b'{"2709": {"covered": [', False),
        (b'[{"covered": [', False),
        (b"", False),
    ],
)
def test_recognition(head: bytes, taken: bool) -> None:
    assert reader.sniff(head) is taken


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"27096": {"covered": [], "lcdIds": []}}, "27096: no list 'notCovered'"),
        ({"27096": {"covered": ["M461."], "lcdIds": [], "notCovered": []}}, "27096: 'M461.' in 'covered' is not such a code"),
        ({"27096": {"covered": [], "lcdIds": ["39383"], "notCovered": []}}, "'39383' in 'lcdIds'"),
        ({"27096": {"covered": [], "lcdIds": [7], "notCovered": []}}, "'7' in 'lcdIds'"),
        ({"99999X": {"covered": [], "lcdIds": [], "notCovered": []}}, "'99999X' is not a CPT or HCPCS code"),
        ({"27096": []}, "'27096' is not a CPT or HCPCS code with its lists"),
    ],
)
def test_damaged_files(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(ReadError) as caught:
        list(records(put(tmp_path, content)))
    assert message in str(caught.value)
    assert NAME in str(caught.value)


def test_a_file_cut_off_within(tmp_path: Path) -> None:
    path = tmp_path / "lcd_2026.json"
    path.write_text(json.dumps(CONTENT)[:60])
    with pytest.raises(ReadError, match="not what its format says"):
        list(records(OfficialFile(path)))


DIAGNOSES = st.lists(st.from_regex(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?", fullmatch=True), unique=True, max_size=6)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.from_regex(r"[0-9]{4}[0-9T]|[A-V][0-9]{4}", fullmatch=True),
        st.fixed_dictionaries(
            {"covered": DIAGNOSES, "lcdIds": st.lists(st.from_regex(r"L[0-9]{5}", fullmatch=True), unique=True), "notCovered": DIAGNOSES}
        ),
        min_size=1,
        max_size=5,
    )
)
def test_lists_come_back(tmp_path: Path, content: dict[str, dict[str, list[str]]]) -> None:
    back: dict[str, dict[str, list[str]]] = {}
    for table, record in records(put(tmp_path, content)):
        if table == "coverage_document":
            back[record[0]] = {"covered": [], "lcdIds": [], "notCovered": []}
        elif table == "coverage_diagnosis":
            back[record[1]]["covered" if record[3] else "notCovered"].append(record[0])
        elif table == "coverage_relation":
            back[record[0]]["lcdIds"].append(record[1])
    assert back == content


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_are_records_or_one_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lcd_2026.json"
    path.write_bytes(b'{"27096": {"covered": [' + content)
    with pytest.raises(ReadError):
        list(records(OfficialFile(path)))


@pytest.mark.data
def test_the_real_file(data: Path) -> None:
    file = OfficialFile(data / "coverage" / NAME)
    assert recognise(file) is reader
    found = list(records(file))
    content = json.loads(gzip.decompress(file.path.read_bytes()))
    assert Counter(table for table, _ in found)["coverage_document"] == 500 == len(content)
    rows = {(record[1], record[3], record[0]) for table, record in found if table == "coverage_diagnosis"}
    assert len(rows) == sum(len(set(lists["covered"])) + len(set(lists["notCovered"])) for lists in content.values())
    for code in random.Random(7).sample(sorted(content), 60):
        for diagnosis in content[code]["covered"]:
            assert (code, 1, diagnosis) in rows
        for diagnosis in content[code]["notCovered"]:
            assert (code, 0, diagnosis) in rows
