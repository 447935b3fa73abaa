from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers import contractor as reader
from ingest.readers.base import OfficialFile, ReadError
from tests.ingest.official_payment import put, records


def entry(jurisdiction: Any = "JX", states: Any = ("AL", "GA")) -> dict[str, Any]:
    return {"jurisdiction": jurisdiction, "contractor": "Invented Administrators", "aliases": ["invented"], "states": states}


def listed(*entries: Any, day: Any = "2026-07-11", dme: Any = ()) -> str:
    return json.dumps({"description": "Invented", "retrieved": day, "ab_mac_jurisdictions": entries, "dme_mac_jurisdictions": dme})


def test_one_row_a_state_and_jurisdiction(tmp_path: Path) -> None:
    file = put(tmp_path, "x.json", listed(entry(), dme=[entry("DME X", ["AL"])]))
    assert reader.sniff(file.head())
    release = reader.read(file).release
    assert (release.key, release.valid_from, release.valid_to) == ("contractor/2026-07-11", date(2026, 7, 11), None)
    assert [tuple(r.values()) for r in records(reader, file)] == [
        ("JX", "AL", "Invented Administrators", "A/B MAC", "JX"),
        ("JX", "GA", "Invented Administrators", "A/B MAC", "JX"),
        ("DME X", "AL", "Invented Administrators", "DME MAC", "DME X"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        listed(entry(), day=None),
        listed(entry(), day="July 2026"),
        listed(entry(), day="2026-02-30"),
        listed("JX"),
        listed(entry(jurisdiction=None)),
        listed(entry(states="AL")),
        listed(entry(states=["Alabama"])),
        listed(entry(states=[1])),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: str) -> None:
    with pytest.raises(ReadError, match=r"^x\.json: "):
        records(reader, put(tmp_path, "x.json", content))


@pytest.mark.parametrize("content", [b"", b"{}", b'{"states": {}}', b'"ab_mac_jurisdictions"'])
def test_other_content_is_not_taken(content: bytes) -> None:
    assert not reader.sniff(content)


@given(st.dictionaries(st.from_regex(r"\AJ[A-Z0-9]{1,2}\Z"), st.lists(st.from_regex(r"\A[A-Z]{2}\Z"), unique=True), min_size=1))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, states: dict[str, list[str]]) -> None:
    file = put(tmp_path_factory.mktemp("mac"), "x.json", listed(*(entry(key, names) for key, names in states.items())))
    assert [(r["id"], r["state"]) for r in records(reader, file)] == [(key, name) for key, names in states.items() for name in names]


@given(st.binary(max_size=100), st.integers(0, 250))
def test_damaged_bytes_are_read_or_said_to_be_wrong(tmp_path_factory: pytest.TempPathFactory, noise: bytes, cut: int) -> None:
    try:
        records(reader, put(tmp_path_factory.mktemp("mac"), "x.json", listed(entry()).encode()[:cut] + noise))
    except ReadError as error:
        assert str(error).startswith("x.json")  # noqa: PT017


@pytest.mark.data
def test_the_derived_list_is_read_whole(data: Path) -> None:
    path = data / "codesets" / "mac_jurisdictions.derived.json"
    file = OfficialFile(path)
    assert reader.sniff(file.head())
    found = records(reader, file)
    plain = json.loads(path.read_text())
    groups = [*plain["ab_mac_jurisdictions"], *plain["dme_mac_jurisdictions"]]
    assert len(found) == sum(len(group["states"]) for group in groups) == 111
    assert {r["jurisdiction"] for r in found if r["state"] == "FL"} == {"JN", "DME C"}
