from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.model import Setting
from ingest.readers import mue as reader
from ingest.readers import recognise
from ingest.readers.base import OfficialFile, ReadError, Reading, RefusedError
from tests.ingest.official import archive, mue, ptp, put
from tests.ingest.official_ncci import add_on_sheet, chosen, mue_sheet, mue_tabs, outcome, records, workbook

ROWS = [("63044", 4, "2 Date of Service Edit: Policy", "Anatomic Consideration"), ("A4206", 0, "3 Date of Service Edit: Clinical", "CMS Policy")]
READ = [("63044", 4, 2, "Anatomic Consideration"), ("A4206", 0, 3, "CMS Policy")]
NAME = "MCR_MUE_PractitionerServices_Eff_04-01-2026.csv"
SHEET = NAME.replace("csv", "xlsx")
DERIVED = '"hcpcs_code","mue_units","mue_mai","mue_rationale","mue_service"\n'


def read(folder: Path, name: str, content: str | bytes) -> Reading:
    file = OfficialFile(put(folder, name, content))
    assert recognise(file) is reader
    return reader.read(file)


@pytest.mark.parametrize("layout", [mue, mue_tabs, mue_sheet])
@pytest.mark.parametrize(
    ("column", "setting"),
    [
        ("Practitioner Services MUE Values", Setting.PRACTITIONER),
        ("Outpatient Hospital Services MUE Values", Setting.FACILITY),
        ("Facility Outpatient Services MUE Values", Setting.FACILITY),
        ("DME Supplier Services MUE Values", Setting.DME),
    ],
)
def test_the_setting_is_the_name_of_a_column(tmp_path: Path, column: str, setting: Setting, layout: type) -> None:
    reading = read(tmp_path, NAME, layout(ROWS, column))
    assert reading.release.setting is setting
    assert reading.tables == {"mue": reader.COLUMNS}
    assert records(reading) == READ


@pytest.mark.parametrize(
    ("name", "release", "start", "end"),
    [
        (NAME, "2026Q2", date(2026, 4, 1), date(2026, 6, 30)),
        ("mue Eff 01-01-2025.csv", "2025Q1", date(2025, 1, 1), date(2025, 3, 31)),
        ("MUE_Eff_10-01-2026.csv", "2026Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("mue_practitioner_2024q2.csv", "2024Q2", date(2024, 4, 1), date(2024, 6, 30)),
        ("mue-effective-07012026.csv", "2026Q3", date(2026, 7, 1), date(2026, 9, 30)),
    ],
)
def test_the_quarter_is_in_the_name(tmp_path: Path, name: str, release: str, start: date, end: date) -> None:
    found = read(tmp_path, name, mue(ROWS)).release
    assert (found.key, found.valid_from, found.valid_to) == (f"mue/practitioner/{release}", start, end)


@pytest.mark.parametrize(
    "outer", ["medicare-ncci-2026-q4-practitioner-services-mue-table.zip", "practitionerservicesmuetable-effective-10-01-2026.zip"]
)
def test_the_archive_tells_the_quarter_that_its_member_does_not(tmp_path: Path, outer: str) -> None:
    file = OfficialFile(archive(tmp_path, outer, {"mue.csv": mue(ROWS)}), "mue.csv")
    assert reader.read(file).release.release == "2026Q4"


@pytest.mark.parametrize("name", ["mue.csv", "MUE_Eff_05-01-2026.csv", "MUE_Eff_04-02-2026.csv"])
def test_without_a_quarter_it_asks_for_the_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ReadError, match="keep the name it was published under"):
        read(tmp_path, name, mue(ROWS))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("medicaid-ncci-2026-q3-mue-practitioner.csv", "Medicaid"),
        ("MCD_MUE_Eff_04-01-2026.csv", "Medicaid"),
        ("MCR_MUE_Additions_Eff_04-01-2026.csv", "changes of a quarter"),  # would stand for the table
        ("MCR_MUE_Deletions_Eff_04-01-2026.csv", "changes of a quarter"),
    ],
)
def test_other_tables_of_the_same_layout_are_refused(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        read(tmp_path, name, mue(ROWS))


def test_derived_file(tmp_path: Path) -> None:
    reading = read(tmp_path, "mue_outpatient_2024Q2.derived.csv", DERIVED + '"0001U",1,2,"Code Descriptor","Outpatient Hospital"\n')
    assert reading.release.key == "mue/facility/2024Q2"
    assert list(reading.batches) == [("mue", [("0001U", 1, 2, "Code Descriptor")])]


def test_a_spreadsheet_drops_zeros(tmp_path: Path) -> None:
    assert records(read(tmp_path, SHEET, mue_sheet([(100, 1, "2 x", "y")]))) == [("00100", 1, 2, "y")]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("63042", 1, "4 Something", "x"), "63042: units '1' and MAI '4 Something'"),
        (("63042", 1, "", "x"), "MAI ''"),
        (("63042", 1, "Policy", "x"), "MAI 'Policy'"),
        (("63042", 1, "23", "x"), "MAI '23'"),
        (("63042", "", "2 Policy", "x"), "units ''"),
        (("63042", "-1", "2 Policy", "x"), "units '-1'"),
        (("63042", "1.5", "2 Policy", "x"), "units '1.5'"),
        (("63042", "\xb2", "2 Policy", "x"), "units '\xb2'"),  # a digit, and no number
        (("6304", 1, "2 Policy", "x"), "'6304' is no CPT or HCPCS code"),
        (("Total", 1, "2 Policy", "x"), "'Total' is no CPT or HCPCS code"),
        (("63042",), "1 columns, wanted 4"),
        (("63042", 1, "2 Policy"), "3 columns, wanted 4"),
        (("63044", 5, "2 Policy", "x"), "63044 has 5 units with MAI 2 here, and 4 with MAI 2 above"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, row: tuple[str, ...], message: str) -> None:
    text = mue([ROWS[0]]) + ",".join(map(str, row)).encode("cp1252") + b"\r\n"
    with pytest.raises(ReadError) as caught:
        records(read(tmp_path, NAME, text))
    assert str(caught.value).startswith(f"{NAME}:9: ")
    assert message in str(caught.value)


def test_repeated_lines_footnotes_and_blank_lines(tmp_path: Path) -> None:
    reading = read(tmp_path, NAME, mue([ROWS[0], ROWS[0]]) + b",,,\r\nSee the manual.,,,\r\n")
    assert records(reading) == READ[:1]
    assert reading.skipped == {"repeated": 1, "footnote": 1}


@pytest.mark.parametrize(
    "content",
    [
        "hcpcs_code,units,mai,rationale,service\n",
        "Practitioner Services MUE Values explained\n",
        ptp([("20610", "99213", "20150101", "*", "1", "x")]),
        workbook(mue=[["HCPCS/CPT Code", "Units", "MUE Adjudication Indicator", "MUE Rationale"]]),
        add_on_sheet([]),
    ],
)
def test_near_misses_are_not_recognised(tmp_path: Path, content: str | bytes) -> None:
    assert not reader.sniff(OfficialFile(put(tmp_path, NAME, content)).head())


def test_an_unknown_setting_is_told_short(tmp_path: Path) -> None:
    text = "hcpcs_code,mue_units,mue_mai,mue_rationale,mue_service\n" + "x" * 50_000
    with pytest.raises(ReadError, match="is no setting of MUE") as caught:
        reader.read(OfficialFile(put(tmp_path, "mue_2026Q2.csv", text)))
    assert len(str(caught.value)) < 200


codes = st.from_regex(r"\A(?:[0-9]{4}[0-9AFTUM]|[A-V][0-9]{4})\Z")
limits = st.tuples(codes, st.integers(0, 99_999), st.sampled_from([1, 2, 3]), st.sampled_from(["CMS Policy", "One, two", 'A "word"', "Caf\xe9 \xae"]))
tables = st.lists(limits, min_size=1, unique_by=lambda row: row[0])
Rows = list[tuple[str, int, int, str]]


@settings(deadline=None)
@given(tables)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: Rows) -> None:
    text = mue([(code, units, f"{mai} Invented", why) for code, units, mai, why in rows])
    assert records(read(tmp_path_factory.mktemp("mue"), NAME, text)) == rows


@settings(deadline=None, max_examples=20)
@given(tables)
def test_what_is_written_to_a_spreadsheet_is_read(tmp_path_factory: pytest.TempPathFactory, rows: Rows) -> None:
    content = mue_sheet([(code, units, f"{mai} Invented", why) for code, units, mai, why in rows])
    assert records(read(tmp_path_factory.mktemp("mue"), SHEET, content)) == rows


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_are_records_or_an_error(tmp_path_factory: pytest.TempPathFactory, tail: bytes) -> None:
    folder = tmp_path_factory.mktemp("mue")
    for head in (mue(ROWS), mue_tabs(ROWS), mue([]), (DERIVED + '"0001U",1,2,"x","Practitioner"\n').encode()):
        found = outcome(reader.read, OfficialFile(put(folder, NAME, head + tail)))
        assert all(len(record) == len(reader.COLUMNS) and record[2] in (1, 2, 3) for record in found)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "rows", "setting"),
    [
        ("MCR_MUE_PractitionerServices_Eff_04-01-2026.reconstructed.csv", 15_095, Setting.PRACTITIONER),
        ("mue_practitioner_2024Q2.derived.csv", 14_677, Setting.PRACTITIONER),
        ("mue_outpatient_2024Q2.derived.csv", 14_628, Setting.FACILITY),
        ("mue_dme_2024Q2.derived.csv", 2_928, Setting.DME),
    ],
)
def test_official_files_are_read_whole(data: Path, name: str, rows: int, setting: Setting) -> None:
    path = data / "ncci" / name
    reading = reader.read(OfficialFile(path))
    found = records(reading)
    with path.open(encoding="cp1252", newline="") as file:
        plain = [row[:4] for row in csv.reader(file)][-rows:]
    assert (len(found), reading.release.setting, reading.skipped) == (rows, setting, {})
    assert [found[i] for i in chosen(found)] == [(r[0], int(r[1]), int(r[2][0]), r[3]) for r in (plain[i] for i in chosen(found))]
