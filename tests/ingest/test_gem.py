"""General equivalence mappings, as published and as derived."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.readers import gem
from ingest.readers.base import OfficialFile, ReadError
from tests.ingest.official_icd import counts, leaves_others_alone, never_breaks, only, put, refuses, sampled

HEADER = '"icd10cm","icd9cm","flags","approximate","no_map","combination","scenario","choice_list"\n'


def lines(*rows: str) -> str:
    return "".join(f"{row}\n" for row in rows)


def derived(*rows: tuple[str, str, str], header: str = HEADER) -> str:
    return header + "".join(f'"{a}","{b}","{flags}",{",".join(flags)}\n' for a, b, flags in rows)


@pytest.mark.parametrize(
    ("name", "row", "series", "expected"),
    [
        ("2018_I9gem.txt", "72402 M48061  00000", "icd9cm-icd10cm", ("ICD9CM", "724.02", "ICD10CM", "M48.061", "exact", 0, 0)),
        ("2018_I9gem.txt", "E8120 V435XXA 10112", "icd9cm-icd10cm", ("ICD9CM", "E812.0", "ICD10CM", "V43.5XXA", "approximate", 1, 2)),
        ("2018_I9gem.txt", "V1011 Z85118  10000", "icd9cm-icd10cm", ("ICD9CM", "V10.11", "ICD10CM", "Z85.118", "approximate", 0, 0)),
        ("2018_I9gem.txt", "36570 NoDx    11000", "icd9cm-icd10cm", ("ICD9CM", "365.70", "ICD10CM", "", "no map", 0, 0)),
        ("2018_I10gem.txt", "R402130 NoDx 11000", "icd10cm-icd9cm", ("ICD10CM", "R40.2130", "ICD9CM", "", "no map", 0, 0)),
        ("2018_I10gem.txt", "I10 4019 10000", "icd10cm-icd9cm", ("ICD10CM", "I10", "ICD9CM", "401.9", "approximate", 0, 0)),
        ("2018_gem_i9pcs.txt", "0309 00NT0ZZ 10000", "icd9proc-icd10pcs", ("ICD9PROC", "03.09", "ICD10PCS", "00NT0ZZ", "approximate", 0, 0)),
        ("2018_gem_pcsi9.txt", "00NT0ZZ 0309  00000", "icd10pcs-icd9proc", ("ICD10PCS", "00NT0ZZ", "ICD9PROC", "03.09", "exact", 0, 0)),
    ],
)
def test_the_four_ways(tmp_path: Path, name: str, row: str, series: str, expected: tuple[object, ...]) -> None:
    """A second row shows which way it is where the first one could be of another."""
    sure = {
        "icd9cm-icd10cm": "0010 A000 00000", "icd10cm-icd9cm": "A000 0010 00000",
        "icd9proc-icd10pcs": "0010 0XH0032 10000", "icd10pcs-icd9proc": "0XH0032 0010 10000",
    }  # fmt: skip
    file = put(tmp_path, name, lines(row, sure[series]))
    assert gem.sniff(file.head())
    reading = gem.read(file)
    assert (reading.release.series, reading.release.release) == (series, "FY2018")
    assert (reading.release.valid_from, reading.release.valid_to) == (date(2017, 10, 1), None)
    found = only(reading)[0]
    assert tuple(found.values())[:7] == expected
    assert json.loads(found["detail"]) == {"flags": row.split()[2]}


@pytest.mark.parametrize(("code", "release"), [("F1211", "codes of FY2018"), ("R7303", "codes of FY2017"), ("A000", "codes of FY2016")])
def test_year_of_a_derived_file_is_read_off_its_codes(tmp_path: Path, code: str, release: str) -> None:
    file = put(tmp_path, "gem_2018.csv", derived((code, "0010", "10000")))  # whatever its name says
    assert gem.sniff(file.head())
    reading = gem.read(file)
    assert (reading.release.release, reading.release.series) == (release, "icd10cm-icd9cm")
    assert len(only(reading)) == 1


def test_procedures_without_a_year(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="add the archive itself"):
        gem.read(put(tmp_path, "gem_i9pcs.txt", "0309 00NT0ZZ 10000\n"))


def test_sniff() -> None:
    assert not gem.sniff(b"0010 A000 00000\n0011 A001\n")
    assert not gem.sniff(b"0010 A000 20000\n")  # a flag that is neither 0 nor 1
    leaves_others_alone(gem)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (lines("0010 A000 00000", "0011 A001"), ":2: '0011 A001'"),
        (lines("0010 A000 00000", "0011 NoDx 10000"), ":2: 0011: target 'NoDx' with flags 10000"),
        (lines("0010 A000 00000", "0011 A001 01000"), ":2: 0011: target 'A001' with flags 01000"),
        (lines("E8120 E8120 10000"), "do not show which"),
        (lines("0010 NoDx 11000"), "do not show which"),
        (derived(("A000", "0010", "00000")) + '"A001","0011","10000",0,0,0,0,0\n', ":3: 'A001'"),
        (derived(("A000", "0010", "00000")) + '"A001","0011","10000"\n', ":3: 3 columns"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, text: str, words: str) -> None:
    refuses(gem, put(tmp_path, "2018_I9gem.txt", text), words)


def test_a_row_of_another_way_far_down(tmp_path: Path) -> None:
    text = lines(*(f"{n:04} A000 10000" for n in range(1000, 1500)), "A000 0010 00000")
    refuses(gem, put(tmp_path, "2018_I9gem.txt", text), ":501: 'A000' to '0010'")


def test_repeated_rows_are_counted(tmp_path: Path) -> None:
    reading = gem.read(put(tmp_path, "2018_I9gem.txt", lines("0010 A000 00000", "0010 A000 10000")))
    assert len(only(reading)) == 1
    assert reading.skipped == {"repeated": 1}


FLAGS = st.tuples(st.sampled_from("01"), st.just("0"), st.sampled_from("01"), st.integers(0, 9).map(str), st.integers(0, 9).map(str)).map("".join)
# a diagnosis of 7 letters and digits alone may be a procedure of ICD-10-PCS: the first row is none
PAIRS = st.tuples(st.from_regex(r"[0-9]{3,5}", fullmatch=True), st.from_regex(r"[A-DF-UW-Z][0-9][0-9A-Z]{1,5}", fullmatch=True))
FIRST = {("0010", "A000"): "00000"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(more=st.dictionaries(PAIRS, FLAGS, max_size=20), as_csv=st.booleans())
def test_round_trip(tmp_path: Path, more: dict[tuple[str, str], str], as_csv: bool) -> None:
    rows = FIRST | more
    text = derived(*((a, b, f) for (a, b), f in rows.items())) if as_csv else lines(*(f"{a:5} {b:7} {f}" for (a, b), f in rows.items()))
    found = only(gem.read(put(tmp_path, "2018_I9gem.txt", text)))
    assert {(row["code"].replace(".", ""), row["target"].replace(".", "")): json.loads(row["detail"])["flags"] for row in found} == rows


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tail=st.binary(max_size=200), as_csv=st.booleans())
def test_any_bytes(tmp_path: Path, tail: bytes, as_csv: bool) -> None:
    top = derived(("A000", "0010", "00000")) if as_csv else lines("0010 A000 00000")
    never_breaks(gem, tmp_path, "2018_I9gem.txt", top.encode() + tail)


@pytest.mark.data
def test_the_published_file(data: Path) -> None:
    path = data / "gems" / "2018_I9gem.txt"
    rows = only(gem.read(OfficialFile(path)))
    assert len(rows) == 24_860
    published = [line.split() for line in path.read_text().splitlines()]
    assert counts(rows, lambda row: row["relation"]) == {
        "exact": sum(line[2][:2] == "00" for line in published),
        "approximate": sum(line[2][:2] == "10" for line in published),
        "no map": sum(line[2][1] == "1" for line in published),
    }
    have = {(row["code"].replace(".", ""), row["target"].replace(".", "") or "NoDx", json.loads(row["detail"])["flags"]) for row in rows}
    assert all(tuple(line) in have for line in sampled(published))


@pytest.mark.data
def test_the_derived_file(data: Path) -> None:
    path = data / "gems" / "icd10cmtoicd9gem.derived.csv.gz"
    reading = gem.read(OfficialFile(path))
    rows = only(reading)
    assert len(rows) == 78_838
    assert reading.release.release == "codes of FY2016"  # none of the codes of 2017 and 2018 is in it
    with gzip.open(path, "rt", newline="") as text:
        lines = list(csv.DictReader(text))
    for line, row in sampled(list(zip(lines, rows, strict=True))):
        assert (row["code"].replace(".", ""), row["target"].replace(".", "") or "NoDx") == (line["icd10cm"], line["icd9cm"])
        assert (row["scenario"], row["choice"]) == (int(line["scenario"]), int(line["choice_list"]))


def test_the_package() -> None:
    names = [path.name for path in gem.files()]
    assert sorted(names) == ["CCIR_v2023-1.csv", "dx_cat1_mapping.json", "icd10cmtoicd9gem.csv", "icd9toicd10cmgem.csv"]
