"""Classes of codes: CCIR, CCSR, RBCS."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.readers import ccir, ccsr, rbcs
from ingest.readers.base import OfficialFile, ReadError
from tests.ingest.official_icd import counts, gathered, leaves_others_alone, never_breaks, only, put, refuses, sampled, sheet, table

CCIR = (
    "Chronic Condition Indicator Refined v2024.1,,\r\n(0=Not chronic 1=Chronic and 9=No determination),,\r\n"
    "'ICD-10-CM CODE','ICD-10-CM CODE DESCRIPTION','CHRONIC INDICATOR'\r\n'A000',\"Invented, one\",0\r\n'E1140',Invented,1\r\n'R05',Invented,9\r\n"
)
DX = [
    "'ICD-10-CM CODE'", "'ICD-10-CM CODE DESCRIPTION'", "'Default CCSR CATEGORY IP'", "'Default CCSR CATEGORY DESCRIPTION IP'",
    "'Default CCSR CATEGORY OP'", "'Default CCSR CATEGORY DESCRIPTION OP'",
    *(text for n in range(1, 7) for text in (f"'CCSR CATEGORY {n}'", f"'CCSR CATEGORY {n} DESCRIPTION'")),
    "'Rationale for Default Assignment'",
]  # fmt: skip
WIDE = [
    DX,
    ["'E1140'", "Invented", "'END003'", "Inv 3", "'NVS015'", "Inv 15", "'END003'", "Inv 3", "'NVS015'", "Inv 15", *(["' '", ""] * 4), "why"],
    ["'W000XXA'", "Invented", "'XXX000'", "None", "'XXX111'", "None", "'EXT003'", "Inv ext", *(["' '", ""] * 5), "why"],
]
LONG = [
    ["DXCCSR Mapping", "", ""],
    ["ICD-10-CM Code", "ICD-10-CM Code Description", "CCSR Category", "CCSR Category Description", "Inpatient Default CCSR (Y/N/X)",
     "Outpatient Default CCSR (Y/N/X)", "Rationale"],
    ["E1140", "Invented", "END003", "Inv 3", "Y", "N", "why"],
    ["E1140", "Invented", "NVS015", "Inv 15", "N", "Y", "why"],
    ["W000XXA", "Invented", "EXT003", "Inv ext", "X", "X", "why"],
]  # fmt: skip
PR = [["'ICD-10-PCS'", "'ICD-10-PCS DESCRIPTION'", "'PRCCSR'", "'PRCCSR DESCRIPTION'", "'CLINICAL DOMAIN'"],
      ["'0X10AA1'", "Invented, title", "'CNS001'", "Inv class", "Inv domain"]]  # fmt: skip
RBCS_DERIVED = (
    '"hcpcs_code","rbcs_procedure","rbcs_category","rbcs_subcategory","rbcs_family","hcpcs_date_added","hcpcs_date_ended","rbcs_date_effective"\n'
    '"0001U","Non-Procedure","Test","Inv sub","Inv family","2017-02-01","9999-12-31","2016-01-01"\n'
    '"0001U","Non-Procedure","Test","Inv sub","No family","2017-02-01","9999-12-31","2014-01-01"\n'
    '"G0008","Other","Treatment","Inv other","No family","1993-01-01","2019-12-31","2014-01-01"\n'
)
RBCS_PUBLISHED = (
    "HCPCS_Cd,RBCS_ID,RBCS_Cat,RBCS_Cat_Desc,RBCS_Cat_Subcat,RBCS_Subcat_Desc,RBCS_FamNumb,RBCS_Family_Desc,RBCS_Major_Ind,HCPCS_Cd_Add_Dt,"
    "HCPCS_Cd_End_Dt,RBCS_Latest_Assignment,First_RBCS_Release_Year,RBCS_Analysis_Start_Dt,RBCS_Analysis_End_Dt\n"
    "27447,PM010M,P,Procedure,PM,Inv sub,010,Inv family,M,01/01/1989,,1,2020,01/01/2014,\n"
)


def test_ccir(tmp_path: Path) -> None:
    file = put(tmp_path, "x.csv", CCIR)
    assert ccir.sniff(file.head())
    reading = ccir.read(file)
    assert (reading.release.release, reading.release.valid_from, reading.release.valid_to) == ("v2024.1", date(2023, 10, 1), date(2024, 9, 30))
    found = gathered(reading)
    assert [(row["code"], row["target_system"], row["target"]) for row in found["mapping"]] == [
        ("A00.0", "CHRONIC", "0"), ("E11.40", "CHRONIC", "1"), ("R05", "CHRONIC", "9"),
    ]  # fmt: skip
    assert {row["value"]: row["title"] for row in found["category"]} == {"0": "Not chronic", "1": "Chronic", "9": "No determination"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (CCIR + "'A001',x,2\r\n", ":7: code 'A001' with indicator '2'"),
        (CCIR + "'A001',x\r\n", ":7: "),
        (CCIR + "'99213',x,0\r\n", ":7: "),
        (CCIR.replace("INDICATOR'", "FLAG'"), "no header"),
    ],
)
def test_ccir_that_is_refused(tmp_path: Path, text: str, words: str) -> None:
    refuses(ccir, put(tmp_path, "x.csv", text), words)


@pytest.mark.parametrize("layout", ["wide", "long", "sheet"])
def test_ccsr_of_diagnoses(tmp_path: Path, layout: str) -> None:
    rows = {"wide": WIDE}.get(layout, LONG)
    name = "DXCCSR_v2025-1." + ("xlsx" if layout == "sheet" else "csv")
    file = sheet(tmp_path, name, rows) if layout == "sheet" else put(tmp_path, name, table(rows))
    assert ccsr.sniff(file.head())
    reading = ccsr.read(file)
    assert (reading.release.key, reading.release.valid_from) == ("ccsr/diagnoses/v2025.1", date(2024, 10, 1))
    found = gathered(reading)
    assert [(row["code"], row["target"]) for row in found["mapping"]] == [("E11.40", "END003"), ("E11.40", "NVS015"), ("W00.0XXA", "EXT003")]
    details = [json.loads(row["detail"]) for row in found["mapping"]]
    assert [(detail["default_inpatient"], detail["default_outpatient"]) for detail in details] == [("Y", "N"), ("N", "Y"), ("X", "X")]
    assert [(row["value"], row["title"], row["parent"]) for row in found["category"]] == [
        ("END003", "Inv 3", "END"), ("NVS015", "Inv 15", "NVS"), ("EXT003", "Inv ext", "EXT"),
    ]  # fmt: skip


def test_ccsr_of_procedures(tmp_path: Path) -> None:
    file = put(tmp_path, "PRCCSR_v2025-1.csv", table(PR))
    assert ccsr.sniff(file.head())
    reading = ccsr.read(file)
    assert reading.release.series == "procedures"
    found = gathered(reading)
    assert [(row["system"], row["code"], row["target"], row["detail"]) for row in found["mapping"]] == [("ICD10PCS", "0X10AA1", "CNS001", "{}")]
    assert found["category"][0]["parent"] == "Inv domain"


@pytest.mark.parametrize(("code", "release"), [("E11A", "FY2026"), ("F03911", "FY2023"), ("A000", None)])
def test_ccsr_of_third_parties(tmp_path: Path, code: str, release: str | None) -> None:
    file = put(tmp_path, "x.json", json.dumps({"A001": "DIG001", code: "INF003"}, indent=2))
    assert ccsr.sniff(file.head())
    reading = ccsr.read(file)
    assert reading.release.release == (f"codes of {release}" if release else "undated")
    assert [row["target"] for row in only(reading)] == ["DIG001", "INF003"]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("DXCCSR.csv", table(WIDE), "keep the name"),
        ("DXCCSR_v2025-1.csv", table([*WIDE, ["'99213'", *WIDE[1][1:]]]), ":4: '99213' is not a code"),
        ("DXCCSR_v2025-1.csv", table([*WIDE, WIDE[1][:5]]), ":4: 5 columns"),
        ("DXCCSR_v2025-1.csv", table([*WIDE, ["'A000'", *WIDE[1][1:6], "'END3'", *WIDE[1][7:]]]), ":4: A000: 'END3'"),
        ("x.json", '{"A001": "DIG001", "A002": 3}', "'A002': '3'"),
        ("x.json", '{"A001": "DIG001", "A002": "DIG', "not what its format says"),
    ],
)
def test_ccsr_that_is_refused(tmp_path: Path, name: str, text: str, words: str) -> None:
    refuses(ccsr, put(tmp_path, name, text), words)


def test_rbcs_derived(tmp_path: Path) -> None:
    file = put(tmp_path, "rbcs_2024.csv", RBCS_DERIVED)
    assert rbcs.sniff(file.head())
    reading = rbcs.read(file)
    assert (reading.release.release, reading.release.valid_from, reading.release.valid_to) == ("RY2024", date(2014, 1, 1), date(2024, 12, 31))
    rows = only(reading)
    assert [(row["system"], row["code"], row["target"], row["scenario"]) for row in rows] == [
        ("CPT", "0001U", "Test / Inv sub / No family", 0), ("CPT", "0001U", "Test / Inv sub / Inv family", 1),
        ("HCPCS", "G0008", "Treatment / Inv other / No family", 0),
    ]  # fmt: skip
    spans = [(detail["from"], detail["to"], detail["ended"]) for detail in map(json.loads, (row["detail"] for row in rows))]
    assert spans == [(20140101, 20151231, 99991231), (20160101, 99991231, 99991231), (20140101, 99991231, 20191231)]


def test_rbcs_published(tmp_path: Path) -> None:
    file = put(tmp_path, "RBCS_RY_2025.csv", b"\xef\xbb\xbf" + RBCS_PUBLISHED.encode())
    assert rbcs.sniff(file.head())
    found = gathered(rbcs.read(file))
    (row,) = found["mapping"]
    assert (row["code"], row["target"]) == ("27447", "PM010M")
    detail = json.loads(row["detail"])
    assert (detail["major"], detail["family"], detail["from"], detail["to"], detail["added"]) == ("Major", "Inv family", 20140101, 99991231, 19890101)
    assert [(c["value"], c["parent"]) for c in found["category"]] == [("P", ""), ("PM", "P"), ("PM010M", "PM")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (RBCS_DERIVED + '"0001U"' + RBCS_DERIVED.splitlines()[1][7:] + "\n", ":5: 0001U: its rows do not stand together"),
        (RBCS_DERIVED.replace("2016-01-01", "2016-13-01"), ":2: '2016-13-01'"),
        (RBCS_DERIVED.replace('"G0008"', '"M5416X"'), ":4: 'M5416X'"),
        (RBCS_DERIVED + '"99213","x"\n', ":5: 2 columns"),
        (RBCS_DERIVED.splitlines()[0] + "\n", "no row"),
    ],
)
def test_rbcs_that_is_refused(tmp_path: Path, text: str, words: str) -> None:
    refuses(rbcs, put(tmp_path, "rbcs_2024.csv", text), words)


def test_rbcs_needs_a_year(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="keep the name"):
        rbcs.read(put(tmp_path, "rbcs.csv", RBCS_DERIVED))


def test_sniff() -> None:
    texts = (CCIR, table(WIDE), table(LONG), table(PR), RBCS_DERIVED, RBCS_PUBLISHED)
    assert [[reader.sniff(text.encode()) for reader in (ccir, ccsr, rbcs)] for text in texts] == [
        [True, False, False], *[[False, True, False]] * 3, *[[False, False, True]] * 2,
    ]  # fmt: skip
    for reader in (ccir, ccsr, rbcs):
        leaves_others_alone(reader)


CODES = st.from_regex(r"[A-Z][0-9][0-9A-Z]{1,5}", fullmatch=True)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.dictionaries(CODES, st.sampled_from("019"), min_size=1, max_size=20))
def test_ccir_round_trip(tmp_path: Path, rows: dict[str, str]) -> None:
    head = "".join(CCIR.splitlines(keepends=True)[:3])
    file = put(tmp_path, "x.csv", head + "".join(f"'{code}',\"a, b\",{value}\r\n" for code, value in rows.items()))
    assert {row["code"].replace(".", ""): row["target"] for row in gathered(ccir.read(file))["mapping"]} == rows


@pytest.mark.parametrize(
    ("reader", "name", "text"),
    [(ccir, "x.csv", CCIR), (ccsr, "DXCCSR_v2025-1.csv", table(WIDE)), (ccsr, "PRCCSR_v2025-1.csv", table(PR)), (ccsr, "x.json", '{"A000": "DIG001"'),
     (rbcs, "rbcs_2024.csv", RBCS_DERIVED), (rbcs, "rbcs_2025.csv", RBCS_PUBLISHED)],
)  # fmt: skip
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tail=st.binary(max_size=200))
def test_any_bytes(tmp_path: Path, reader: ModuleType, name: str, text: str, tail: bytes) -> None:
    never_breaks(reader, tmp_path, name, text.encode() + tail)


@pytest.mark.data
def test_the_published_ccir(data: Path) -> None:
    path = data / "classifications" / "CCIR_v2023-1.csv.gz"
    rows = gathered(ccir.read(OfficialFile(path)))["mapping"]
    assert len(rows) == 74_549
    assert counts(rows, lambda row: row["target"]) == {"0": 51_685, "1": 12_504, "9": 10_360}
    with gzip.open(path, "rt", encoding="cp1252", newline="") as text:
        lines = list(csv.reader(text))[3:]
    for line, row in sampled(list(zip(lines, rows, strict=True))):
        assert (row["code"].replace(".", ""), row["target"]) == (line[0].strip("'"), line[2])


@pytest.mark.data
def test_the_derived_classes(data: Path) -> None:
    reading = ccsr.read(OfficialFile(data / "classifications" / "ccsr_category1.derived.json.gz"))
    assert (len(only(reading)), reading.release.release) == (74_549, "codes of FY2023")
    path = data / "classifications" / "rbcs_2024.derived.csv.gz"
    rows = only(rbcs.read(OfficialFile(path)))
    assert len(rows) == 17_033
    with gzip.open(path, "rt", newline="") as text:
        lines = list(csv.DictReader(text))
    have = {(row["code"], row["target"], json.loads(row["detail"])["from"]) for row in rows}
    for line in sampled(lines):
        words = " / ".join(line[f"rbcs_{name}"] for name in ("category", "subcategory", "family"))
        assert (line["hcpcs_code"], words, int(line["rbcs_date_effective"].replace("-", ""))) in have
