from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers import place_of_service as reader
from ingest.readers.base import OfficialFile, ReadError
from tests.ingest.official_payment import put, records


def listed(codes: Any) -> str:
    return json.dumps({"description": "Invented Place of Service list", "note": "facility = F", "codes": codes})


def place(name: str = "Invented", facility: str = "F") -> dict[str, str]:
    return {"name": name, "facility": facility}


def test_the_list_is_read(tmp_path: Path) -> None:
    file = put(tmp_path, "x.json", listed({"11": place("Invented  office", "N"), "22": place(), "99": {"name": "Other"}}))
    assert reader.sniff(file.head())
    assert [tuple(r.values()) for r in records(reader, file)] == [("11", "Invented office", "N"), ("22", "Invented", "F"), ("99", "Other", "")]


@pytest.mark.parametrize(
    ("codes", "start", "end"),
    [
        (["11"], date(2020, 1, 1), date(2021, 12, 31)),
        (["11", "10"], date(2022, 1, 1), date(2023, 9, 30)),
        (["10", "27"], date(2023, 10, 1), date(2024, 7, 31)),
        (["10", "27", "66"], date(2024, 8, 1), None),
        (["10", "66"], date(2024, 8, 1), None),
    ],
)
def test_codes_that_were_added_date_the_list(tmp_path: Path, codes: list[str], start: date, end: date | None) -> None:
    release = reader.read(put(tmp_path, "x.json", listed({code: place() for code in codes}))).release
    assert (release.valid_from, release.valid_to) == (start, end)


@pytest.mark.parametrize(
    "codes",
    [{}, [], {"1": place()}, {"1A": place()}, {"11": "Office"}, {"11": {"facility": "F"}}, {"11": place(facility="X")}, {"11": {"name": 3}}],
)
def test_what_is_wrong_is_said(tmp_path: Path, codes: Any) -> None:
    with pytest.raises(ReadError, match=r"^x\.json: "):
        records(reader, put(tmp_path, "x.json", listed(codes)))


@pytest.mark.parametrize("content", [b"", b"{}", b'{"codes": {"11": {}}}', b'Place of Service "codes" "facility"'])
def test_other_content_is_not_taken(content: bytes) -> None:
    assert not reader.sniff(content)


@given(st.dictionaries(st.from_regex(r"\A[0-9]{2}\Z"), st.sampled_from("FN"), min_size=1))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, codes: dict[str, str]) -> None:
    file = put(tmp_path_factory.mktemp("pos"), "x.json", listed({code: place(facility=rate) for code, rate in codes.items()}))
    assert {r["code"]: r["facility"] for r in records(reader, file)} == codes


@given(st.binary(max_size=100), st.integers(0, 150))
def test_damaged_bytes_are_read_or_said_to_be_wrong(tmp_path_factory: pytest.TempPathFactory, noise: bytes, cut: int) -> None:
    try:
        records(reader, put(tmp_path_factory.mktemp("pos"), "x.json", listed({"11": place()}).encode()[:cut] + noise))
    except ReadError as error:
        assert str(error).startswith("x.json")  # noqa: PT017


@pytest.mark.data
def test_the_derived_list_is_read_whole(data: Path) -> None:
    path = data / "codesets" / "pos_codes.derived.json"
    file = OfficialFile(path)
    assert reader.sniff(file.head())
    found = {r["code"]: (r["name"], r["facility"]) for r in records(reader, file)}
    plain = json.loads(path.read_text())["codes"]
    assert found == {code: (entry["name"], entry["facility"]) for code, entry in plain.items()}
    assert len(found) == 49
    assert (found["11"][1], found["21"][1]) == ("N", "F")
