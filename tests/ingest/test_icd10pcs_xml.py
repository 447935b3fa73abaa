"""The XML books of ICD-10-PCS: tables, index, definitions."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from itertools import product
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.readers import icd10pcs_definitions, icd10pcs_index, icd10pcs_tables
from ingest.readers.base import OfficialFile
from tests.ingest.official_icd import gathered, leaves_others_alone, never_breaks, only, put, refuses, sampled

READERS = (icd10pcs_tables, icd10pcs_index, icd10pcs_definitions)
TOP = '<?xml version="1.0" encoding="utf-8"?>\r\n<ICD10PCS.{0}>\r\n  <version>{1}</version>\r\n  <title>Invented</title>\r\n'


def axis(number: int, name: str, *values: str) -> str:
    labels = "".join(f'<label code="{value}">Label {value}</label>' for value in values)
    return f'<axis pos="{number}" values="{len(values)}"><title>{name}</title>{labels}</axis>'


def tables(*rows: tuple[str, int], stem: str = "0X1", version: str = "2023") -> str:
    top = "".join(axis(n, name, value) for n, name, value in zip((1, 2, 3), ("Section", "Body System", "Operation"), stem, strict=True))
    body = "".join(f'<pcsRow codes="{codes}">{axes}</pcsRow>' for axes, codes in rows)
    return TOP.format("tabular", version) + f"<pcsTable>{top}{body}</pcsTable></ICD10PCS.tabular>\r\n"


ROW = axis(4, "Body Part", "6", "7") + axis(5, "Approach", "0", "3", "4") + axis(6, "Device", "Z") + axis(7, "Qualifier", "Z")
INDEX = (
    TOP.format("index", "2023")
    + """
<letter><title>A</title>
  <mainTerm><title>Aaa</title><see>Bbb, Ccc<codes>0X1A</codes><tab>0X2</tab></see></mainTerm>
  <mainTerm><title>Ddd</title>
    <term level="1"><title>eee</title><code>0X10AA1</code>
      <term level="2"><title>fff</title><codes>0X1B</codes></term></term>
    <term level="1"><use>Ggg, Left</use></term>
    <term level="1"><title>hhh</title><tab>0X3</tab><odd>x</odd></term>
  </mainTerm></letter></ICD10PCS.index>"""
)
DEFINITIONS = (
    TOP.format("definitions", "2023")
    + """
<section code="0"><title>Inv Section</title><axis pos="3"><title>Operation</title>
  <terms><title>Aaa</title><definition>Says what</definition><explanation>More.</explanation><includes>one, two</includes></terms>
  <terms><title>Bbb</title><title>Ccc</title><includes>three</includes><includes>four</includes></terms>
</axis></section>
<deviceAggregation><aggregate><device>Ddd</device><operation>All applicable</operation><bodySys>E</bodySys><bodySys>F</bodySys>
  <parent value="7">Ggg</parent></aggregate></deviceAggregation></ICD10PCS.definitions>"""
)


def test_tables(tmp_path: Path) -> None:
    reading = icd10pcs_tables.read(put(tmp_path, "t.xml", tables((ROW, 6))))
    assert (reading.release.key, reading.release.valid_from, reading.release.valid_to) == (
        "icd10pcs-tables/FY2023", date(2022, 10, 1), date(2023, 9, 30),
    )  # fmt: skip
    rows = only(reading)
    assert [(row["row"], row["axis"], row["value"]) for row in rows] == [
        (0, 1, "0"), (0, 2, "X"), (0, 3, "1"), (1, 4, "6"), (1, 4, "7"), (1, 5, "0"), (1, 5, "3"), (1, 5, "4"), (1, 6, "Z"), (1, 7, "Z"),
    ]  # fmt: skip
    assert (rows[4]["stem"], rows[4]["name"], rows[4]["label"]) == ("0X1", "Body Part", "Label 7")


def test_release_of_an_april_update(tmp_path: Path) -> None:
    release = icd10pcs_tables.read(put(tmp_path, "t.xml", tables((ROW, 6), version="April 1, 2026"))).release
    assert (release.release, release.valid_from) == ("April 1, 2026", date(2026, 4, 1))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (tables((ROW, 7)), "table 0X1, row 1: its values make 6 codes, it says 7"),
        (tables((ROW.replace('pos="7"', 'pos="8"'), 6)), "table 0X1, row 1: axes"),
        (tables((ROW.replace('code="4"', 'code="3"'), 6)), "axis 5: values"),
        (tables((ROW, 6), version="soon"), "no year in <version>"),
        (tables((ROW, 6))[:-60], "not well-formed XML"),
        (
            tables((ROW, 6)).replace("</pcsTable>", "</pcsTable>" + tables((ROW, 6)).split("<title>Invented</title>")[1].split("</ICD10PCS")[0]),
            "'0X1'",
        ),
    ],
)
def test_tables_that_are_refused(tmp_path: Path, text: str, words: str) -> None:
    refuses(icd10pcs_tables, put(tmp_path, "t.xml", text), re.escape(words))


def test_index(tmp_path: Path) -> None:
    reading = icd10pcs_index.read(put(tmp_path, "i.xml", INDEX))
    found = gathered(reading)
    assert [(row["path"], row["code"], row["see"]) for row in found["index_term"]] == [
        ("Aaa", "0X1A", "Bbb, Ccc"),
        ("Aaa", "0X2", "Bbb, Ccc"),
        ("Ddd > eee", "0X10AA1", ""),
        ("Ddd > eee > fff", "0X1B", ""),
        ("Ddd", "", "use Ggg, Left"),
        ("Ddd > hhh", "0X3", ""),
    ]
    assert reading.skipped == {"unknown element <odd>": 1}
    assert [row["code"] for row in found["passage"]] == ["0X1", "0X2", "0X10AA1", "0X1", None, "0X3"]
    assert {row["embed"] for row in found["passage"]} == {0}
    assert len({row["key"] for row in found["passage"]}) == 6
    assert found["passage"][3]["title"] == "Ddd, eee, fff"


def test_definitions(tmp_path: Path) -> None:
    found = gathered(icd10pcs_definitions.read(put(tmp_path, "d.xml", DEFINITIONS)))
    rows = found["pcs_definition"]
    assert [(row["section"], row["axis"], row["position"], row["term"]) for row in rows] == [
        ("0", 3, 1, "Aaa"), ("0", 3, 2, "Bbb"), ("0", 3, 3, "Ccc"), ("", 6, 1, "Ddd"),
    ]  # fmt: skip
    assert (rows[0]["definition"], rows[0]["explanation"], rows[2]["includes"]) == ("Says what", "More.", "three\nfour")
    assert (rows[3]["value"], rows[3]["definition"], rows[3]["includes"]) == ("7", "Ggg", "E\nF")
    assert [row["text"] for row in found["passage"]] == ["Says what. More. one, two.", "three; four.", "three; four."]


def test_sniff() -> None:
    texts = (tables((ROW, 6)), INDEX, DEFINITIONS)
    assert [[reader.sniff(text.encode()) for reader in READERS] for text in texts] == [
        [True, False, False], [False, True, False], [False, False, True],
    ]  # fmt: skip
    for reader in READERS:
        leaves_others_alone(reader)


@pytest.mark.parametrize(("reader", "text"), [(icd10pcs_tables, tables((ROW, 6))), (icd10pcs_index, INDEX), (icd10pcs_definitions, DEFINITIONS)])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(60, 900), put_in=st.one_of(st.binary(max_size=30), st.sampled_from([b"<axis/>", b"<terms/>", b"<term/>", b"<section/>"])))
def test_any_bytes(tmp_path: Path, reader: ModuleType, text: str, place: int, put_in: bytes) -> None:
    never_breaks(reader, tmp_path, "x.xml", text.encode()[:place] + put_in + text.encode()[place:])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.tuples(*(st.sets(st.sampled_from("0123ABXZ"), min_size=1, max_size=5).map(sorted) for _ in range(4))))
def test_tables_round_trip(tmp_path: Path, values: tuple[list[str], ...]) -> None:
    axes = "".join(axis(number, "Name", *one) for number, one in enumerate(values, start=4))
    rows = only(icd10pcs_tables.read(put(tmp_path, "t.xml", tables((axes, len(list(product(*values))))))))
    assert [[row["value"] for row in rows if row["axis"] == number] for number in (4, 5, 6, 7)] == list(values)


@pytest.mark.data
def test_the_published_books(data: Path) -> None:
    archive = data / "icd10pcs" / "icd10pcs_xml_2023.zip"
    rows = only(icd10pcs_tables.read(OfficialFile(archive, "icd10pcs_tables_2023.xml")))
    assert len({row["stem"] for row in rows}) == 901
    root = ElementTree.fromstring(zipfile.ZipFile(archive).read("icd10pcs_tables_2023.xml"))
    assert len(rows) == sum(1 for _ in root.iter("label"))
    assert sum(int(row.get("codes", "0")) for row in root.iter("pcsRow")) == 78_530
    have = {(row["stem"], row["row"], row["axis"], row["value"], row["label"]) for row in rows}
    for table in sampled(list(root.iter("pcsTable")), 60):
        stem = "".join(label.get("code", "") for label in table.findall("axis/label"))
        for number, row in enumerate(table.findall("pcsRow"), start=1):
            for one in row.findall("axis"):
                assert all((stem, number, int(one.get("pos", "")), label.get("code"), label.text) in have for label in one.findall("label"))

    reading = icd10pcs_index.read(OfficialFile(archive, "icd10pcs_index_2023.xml"))
    terms = gathered(reading)["index_term"]
    root = ElementTree.fromstring(zipfile.ZipFile(archive).read("icd10pcs_index_2023.xml"))
    assert reading.skipped == {}
    assert sum(bool(term["code"]) for term in terms) == sum(1 for tag in ("code", "codes", "tab") for _ in root.iter(tag))

    found = gathered(icd10pcs_definitions.read(OfficialFile(archive, "icd10pcs_definitions_2023.xml")))
    assert (len(found["pcs_definition"]), len(found["passage"])) == (1_031 + 60, 1_031)
