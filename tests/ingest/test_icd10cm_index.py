from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.readers import icd10cm_index
from ingest.readers.base import OfficialFile, ReadError
from tests.ingest.official_cm import put, records

INDEX = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.index><version>2027</version><title>ICD-10-CM INDEX TO DISEASES and INJURIES</title><letter><title>A</title>
<mainTerm><title>Ache, aching<nemod>(dull) (sharp)</nemod></title><see>Pain</see>
  <term level="1"><title>invented<nemod>(left)</nemod>, of the arm</title><code>M79.60-</code><seeAlso>Pain, arm</seeAlso>
    <term level="2"><title>in gout</title><code>M10.9</code><manif>M01.1</manif></term></term>
  <term level="1"><title>by category</title><seecat>V01-V09</seecat></term>
  <term level="1"><title>without a code</title></term>
</mainTerm></letter></ICD10CM.index>"""
NEOPLASMS = """<ICD10CM.index><version>2027</version><title>ICD-10-CM TABLE of NEOPLASMS</title>
<indexHeading><head col="1">Neoplasm</head><head col="2">Malignant Primary</head><head col="3">Benign</head></indexHeading>
<letter><title>N</title><mainTerm><title>Neoplasm, invented</title><cell col="2">C80.1</cell><cell col="3">D36.9</cell>
<term level="1"><title>arm</title><cell col="2">C44.60-</cell><cell col="3">--</cell><cell col="9">D49.2</cell>
</term></mainTerm></letter></ICD10CM.index>"""
DRUGS = """<ICD10CM.index><version>2026</version><title>ICD-10-CM TABLE of DRUGS and CHEMICALS</title>
<indexHeading><head col="1">Substance</head><head col="2">Poisoning, Accidental</head></indexHeading>
<letter><mainTerm><title>Inventol</title><cell col="2">T39.311</cell></mainTerm></letter></ICD10CM.index>"""
CAUSES = """<ICD10CM.index><version>2026</version><title>ICD-10-CM EXTERNAL CAUSE of INJURIES INDEX</title>
<letter><mainTerm><title>Fall</title><code>W19</code></mainTerm></letter></ICD10CM.index>"""


def read(folder: Path, text: str, name: str = "icd10cm-index-2027.xml") -> dict[str, list[tuple[object, ...]]]:
    return records(icd10cm_index.read(put(folder, name, text)))


def test_terms_with_codes_and_references(tmp_path: Path) -> None:
    assert icd10cm_index.sniff(INDEX.encode())
    found = read(tmp_path, INDEX)
    assert [record[1:] for record in found["index_term"]] == [
        (1, "Ache, aching", "(dull) (sharp)", "", "Pain", ""),
        (2, "Ache, aching > invented, of the arm", "(dull) (sharp) (left)", "M79.60-", "", "Pain, arm"),
        (3, "Ache, aching > invented, of the arm > in gout", "(dull) (sharp) (left)", "M10.9", "", ""),
        (4, "Ache, aching > invented, of the arm > in gout > manifestation", "(dull) (sharp) (left)", "M01.1", "", ""),
        (5, "Ache, aching > by category", "(dull) (sharp)", "", "category V01-V09", ""),
    ]


def test_codes_in_full_are_found_by_their_terms(tmp_path: Path) -> None:
    found = read(tmp_path, INDEX)["passage"]
    assert [(record[0], record[3], record[4], record[8]) for record in found] == [
        ("index/ICD10CM/3", "M10.9", "Ache, aching, invented, of the arm, in gout", 1),
        ("index/ICD10CM/4", "M01.1", "Ache, aching, invented, of the arm, in gout, manifestation", 1),
    ]


def test_a_table_has_a_term_for_each_cell(tmp_path: Path) -> None:
    reading = icd10cm_index.read(put(tmp_path, "icd10cm-neoplasm-April-1-2027.xml", NEOPLASMS))
    found = records(reading)
    assert (reading.release.key, reading.skipped) == ("icd10cm-index/neoplasms/FY2027, April 2027", {"cells without a code": 1})
    assert [(record[2], record[4]) for record in found["index_term"]] == [
        ("Neoplasm, invented > Malignant Primary", "C80.1"),
        ("Neoplasm, invented > Benign", "D36.9"),
        ("Neoplasm, invented > arm > Malignant Primary", "C44.60-"),
        ("Neoplasm, invented > arm > column 9", "D49.2"),
    ]
    assert next((record[0], record[8]) for record in found["passage"]) == ("index/ICD10CM/neoplasms/1", 0)


@pytest.mark.parametrize(("text", "series"), [(INDEX, "index"), (NEOPLASMS, "neoplasms"), (DRUGS, "drugs"), (CAUSES, "external-causes")])
def test_which_of_the_four_it_is(text: str, series: str, tmp_path: Path) -> None:
    release = icd10cm_index.read(put(tmp_path, "x-2020.xml", text)).release
    assert release.series == series
    assert release.valid_from == date(2026 if "2027" in text else 2025, 10, 1)


@pytest.mark.parametrize("head", ["", "<ICD10PCS.index><version>2026</version>", "<ICD10CM.tabular>", "ICD10CM.index"])
def test_other_formats_are_left_alone(head: str) -> None:
    assert not icd10cm_index.sniff(head.encode())


FAULTS = [
    (INDEX.replace("<version>2027</version>", ""), "no <version>"),
    (INDEX.replace("</letter>", ""), "not well-formed XML"),
    (INDEX.replace('encoding="utf-8"', 'encoding="u-tf-8"'), "unknown encoding: u-tf-8"),
    (INDEX.replace("<title>in gout</title>", ""), "a term without a title under 'Ache, aching > invented, of the arm'"),
    (CAUSES.replace("<code>W19</code>", "<term><title>x</title>" * 30 + "</term>" * 30), "nested too deep"),
]


@pytest.mark.parametrize(("text", "message"), FAULTS)
def test_faults_are_told(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=message):
        read(tmp_path, text)


@given(content=st.binary(max_size=60), at=st.integers(0, 900))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_any_bytes_give_rows_or_a_read_error(content: bytes, at: int, tmp_path: Path) -> None:
    whole = INDEX.encode()
    with suppress(ReadError):
        records(icd10cm_index.read(put(tmp_path, "x-2027.xml", whole[:at] + content + whole[at:])))


def test_the_excerpt_at_hand(data: Path) -> None:
    file = OfficialFile(data / "icd10cm" / "icd10cm_index_2027.excerpt.xml")
    assert icd10cm_index.sniff(file.head())
    found = records(icd10cm_index.read(file))
    terms = {record[2]: record for record in found["index_term"]}
    assert sum(" > " not in path for path in terms) == (data / "icd10cm" / "icd10cm_index_2027.excerpt.xml").read_text().count("<mainTerm>")
    assert terms["Aberrant > vein NEC > cerebral"][3:] == ("(congenital) (peripheral)", "Q28.3", "", "")
    assert terms["Abandonment"][5] == "Maltreatment"
