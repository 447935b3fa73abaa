from __future__ import annotations

import csv
import gzip
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.model import Setting
from ingest.readers import ncci, recognise
from ingest.readers import ptp as reader
from ingest.readers.base import OfficialFile, ReadError, Reading, RefusedError
from tests.ingest.official import PTP_HEADER, archive, derived_ptp, mue, ptp, put
from tests.ingest.official_ncci import changes, chosen, outcome, ptp_commas, ptp_sheet, records

NAME = "ccipra-v322r0-f1.txt"
WHOLE = "ccipra-v322r0.txt"
ROW = ("20610", "99213", "20150101", "*", "1", "CPT Manual or CMS manual coding instruction")
ROWS = [ROW, ("20610", "J1100", "19960101", "20191231", "0", "Misuse"), ("31231", "30000", "20200101", "20200101", "9", "Caf\xe9")]
READ = [
    ("20610", "99213", 99991231, 20150101, 1, "CPT Manual or CMS manual coding instruction"),
    ("20610", "J1100", 20191231, 19960101, 0, "Misuse"),
    ("31231", "30000", 20200101, 20200101, 9, "Café"),
]


def read(folder: Path, name: str, content: str | bytes) -> Reading:
    file = OfficialFile(put(folder, name, content))
    assert recognise(file) is reader
    return reader.read(file)


def test_published_text(tmp_path: Path) -> None:
    reading = read(tmp_path, NAME, ptp(ROWS))
    assert records(reading) == READ
    assert (reading.tables, reading.span) == ({"ptp": reader.COLUMNS}, (("20610", "99213"), ("31231", "30000")))


def test_published_with_windows_line_ends_and_an_empty_end(tmp_path: Path) -> None:
    assert records(read(tmp_path, NAME, ptp(ROWS).replace(b"\n", b"\r\n") + b"\r\n\t\t\t\t\t\t\r\n")) == READ


def test_published_csv(tmp_path: Path) -> None:
    assert records(read(tmp_path, "ccipra-v322r0.csv", ptp_commas(ROWS).encode("latin-1"))) == READ


def test_published_spreadsheet(tmp_path: Path) -> None:
    rows = [[*row[:2], int(row[2]), row[3] if row[3] == "*" else int(row[3]), int(row[4]), row[5]] for row in ROWS]
    reading = read(tmp_path, "ccipra-v322r0-f1.xlsx", ptp_sheet(rows))
    assert records(reading) == READ
    assert reading.span == (("20610", "99213"), ("31231", "30000"))


def test_a_spreadsheet_drops_zeros_and_turns_days_into_dates(tmp_path: Path) -> None:
    found = records(read(tmp_path, "ccipra-v322r0.xlsx", ptp_sheet([[100, 1966, date(2020, 1, 1), "*", 0, "x"]])))
    assert found == [("00100", "01966", 99991231, 20200101, 0, "x")]


def test_derived(tmp_path: Path) -> None:
    rows = [("63042", "99213", "2019-12-31", 1, "Standards"), ("63042", "99213", "9999-12-31", 1, "Standards, with a comma")]
    reading = read(tmp_path, "ptp_hospital_2024Q3.derived.csv.gz", derived_ptp([*rows, rows[1]]))
    assert (reading.release.key, reading.release.valid_from) == ("ptp/facility/2024Q3", date(2024, 7, 1))
    assert records(reading) == [
        ("63042", "99213", 20191231, 0, 1, "Standards"),
        ("63042", "99213", 99991231, 0, 1, "Standards, with a comma"),
    ]
    assert reading.skipped == {"repeated": 1}


def test_a_row_repeated_across_batches_is_left_out_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "BATCH", 2)
    reading = read(tmp_path, WHOLE, ptp([ROWS[0], ROWS[1], ROWS[1], ROWS[1], ROWS[2]]))
    assert records(reading) == READ
    assert reading.skipped == {"repeated": 2}


@pytest.mark.parametrize(
    ("name", "setting", "release", "part"),
    [
        ("ccipra-v322r0-f1.txt", Setting.PRACTITIONER, "2026Q3", "f1"),
        ("ccipra-v322r0-f4.TXT", Setting.PRACTITIONER, "2026Q3", "f4"),
        ("ccioph-v302r0-f2.txt", Setting.FACILITY, "2024Q3", "f2"),
        ("ccioph-v310r1.txt", Setting.FACILITY, "2025Q1", None),
        ("practitioner_ptp_2023Q4.txt", Setting.PRACTITIONER, "2023Q4", None),
        ("PRA_edits_Eff_07-01-2026.txt", Setting.PRACTITIONER, "2026Q3", None),
        ("oph-2026-q1.txt", Setting.FACILITY, "2026Q1", None),
        ("q2-2026 hospital.txt", Setting.FACILITY, "2026Q2", None),
    ],
)
def test_the_name_gives_setting_quarter_and_part(tmp_path: Path, name: str, setting: Setting, release: str, part: str | None) -> None:
    reading = read(tmp_path, name, ptp([ROW, ("20611", "99213", "20200101", "*", "1", "x")]))
    assert (reading.release.setting, reading.release.release, reading.part) == (setting, release, part)
    assert reading.span == (None if part is None else (("20610", "99213"), ("20611", "99213")))


def test_the_archives_tell_what_the_member_does_not(tmp_path: Path) -> None:
    outer = "medicare-ncci-2026q3-hospital-ptp-edits-ccioph-v322r0-f2.zip"
    file = OfficialFile(archive(tmp_path, outer, {"data/edits.txt": ptp([ROW])}), "data/edits.txt", within=("all-2025q1-practitioner.zip", outer))
    found = reader.read(file)
    assert (found.release.key, found.part) == ("ptp/facility/2026Q3", "f2")  # the inner archive speaks before the outer one


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("edits_2024Q3.txt", "practitioners or hospitals"),
        ("practitioner and hospital 2024Q3.txt", "names both settings"),
        ("ccipra.txt", "release stands only in the file name"),
        ("ccipra_20Q3.txt", "release stands only in the file name"),
        ("ccipra_eff_08-01-2026.txt", "release stands only in the file name"),  # no first day of a quarter
    ],
)
def test_a_name_that_says_nothing_is_an_error(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        read(tmp_path, name, ptp([ROW]))


@pytest.mark.parametrize("name", ["medicaid-ncci-q2-2026-ptp-edits-practitioner.txt", "MCD_ccipra-v322r0.txt"])
def test_edits_of_medicaid_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RefusedError, match="Medicaid"):
        read(tmp_path, name, ptp([ROW]))


@pytest.mark.parametrize(
    "row",
    [
        ("2061", "99213", "20150101", "*", "1", "x"),
        ("20610", "9921E!", "20150101", "*", "1", "x"),
        ("20610", "", "20150101", "*", "1", "x"),
        ("", "99213", "20150101", "*", "1", "x"),
        ("20610", "99213", "20151301", "*", "1", "x"),
        ("20610", "99213", "2015011", "*", "1", "x"),
        ("20610", "99213", "20150101", "20150229", "1", "x"),
        ("20610", "99213", "20150101", "soon", "1", "x"),
        ("20610", "99213", "20150101", "*", "2", "x"),
        ("20610", "99213", "20150101", "*", "", "x"),
    ],
)
@pytest.mark.parametrize("name", [WHOLE, "ccipra-v322r0.xlsx"])
def test_a_wrong_line_is_named(tmp_path: Path, name: str, row: tuple[str, str, str, str, str, str]) -> None:
    if name.endswith("xlsx") and row[0] == "2061":
        return  # 02061 in a spreadsheet
    reading = read(tmp_path, name, ptp_sheet([ROW, row]) if name.endswith("xlsx") else ptp([ROW, row]))
    with pytest.raises(ReadError, match=rf"^{name.replace('.', '[.]')}:8: .* is no PTP edit$"):
        records(reading)


def test_a_line_with_too_few_columns_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r":7: '20610 \| 99213' is no PTP edit"):
        records(read(tmp_path, WHOLE, PTP_HEADER + "20610\t99213\n"))


def test_a_column_that_moved_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r":3: column 'deletion', wanted 'effective'"):
        records(read(tmp_path, WHOLE, PTP_HEADER.replace("Effective\tDeletion", "Deletion\tEffective") + "\t".join(ROW)))


def test_a_part_that_is_cut_off_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="cut off"):
        read(tmp_path, NAME, ptp([ROW]) + b"206")
    with pytest.raises(ReadError, match="cut off"):
        read(tmp_path, "ccipra-v322r0-f1.xlsx", ptp_sheet([]))


@pytest.mark.parametrize(
    "content",
    [
        "Column 1,Column 2\n20610,99213\n",
        '"column1","column2","relation"\n',
        "Column1 and Column2 edits explained\n",
        "Column1/Column2 Edits are a list of pairs; see Column 1, Column 2 and * there\n",
        changes([["20610", "99213", "1"]]),
        mue([("63044", 4, "2 Policy", "x")]),
    ],
)
def test_near_misses_are_not_recognised(tmp_path: Path, content: str | bytes) -> None:
    file = OfficialFile(put(tmp_path, NAME, content))
    assert not reader.sniff(file.head())


codes = st.from_regex(r"\A[0-9A-Z][0-9]{3}[0-9A-Z]\Z")
days = st.dates(date(1996, 1, 1), date(2030, 12, 31)).map(lambda day: day.strftime("%Y%m%d"))
edits = st.tuples(
    codes, codes, days, st.one_of(days, st.just("*")), st.sampled_from("019"), st.sampled_from(["Standards", 'A "quoted" word', "One, two"])
)
tables = st.lists(edits, unique=True, min_size=1)
Rows = list[tuple[str, str, str, str, str, str]]


def as_read(rows: Rows) -> list[tuple[str, str, int, int, int, str]]:
    return [(a, b, 99991231 if end == "*" else int(end), int(start), int(mod), why) for a, b, start, end, mod, why in rows]


@settings(deadline=None)
@given(tables)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: Rows) -> None:
    assert records(read(tmp_path_factory.mktemp("ptp"), WHOLE, ptp(rows))) == as_read(rows)


@settings(deadline=None, max_examples=20)
@given(tables)
def test_what_is_written_to_a_spreadsheet_is_read(tmp_path_factory: pytest.TempPathFactory, rows: Rows) -> None:
    assert records(read(tmp_path_factory.mktemp("ptp"), "ccipra-v322r0.xlsx", ptp_sheet(rows))) == as_read(rows)


@settings(deadline=None)
@given(tables)
def test_what_is_derived_is_read(tmp_path_factory: pytest.TempPathFactory, rows: Rows) -> None:
    text = derived_ptp([(a, b, "9999-12-31" if end == "*" else f"{end[:4]}-{end[4:6]}-{end[6:]}", int(m), "One, two") for a, b, _, end, m, _ in rows])
    found = records(read(tmp_path_factory.mktemp("ptp"), "ccipra-2024Q3.csv", text))
    wanted = [(a, b, end, 0, m, "One, two") for a, b, end, _, m, _ in as_read(rows)]
    assert found == [row for row, last in zip(wanted, [None, *wanted], strict=False) if row != last]


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_are_records_or_an_error(tmp_path_factory: pytest.TempPathFactory, tail: bytes) -> None:
    folder = tmp_path_factory.mktemp("ptp")
    for head in (PTP_HEADER.encode(), ptp([ROW]), derived_ptp([("63042", "99213", "2019-12-31", 1, "x")]).encode()):
        for name in (WHOLE, NAME):
            found = outcome(reader.read, OfficialFile(put(folder, name, head + tail)))
            assert all(len(record) == len(reader.COLUMNS) for record in found)


@given(st.text(max_size=40))
def test_any_name_is_a_quarter_or_an_error(name: str) -> None:
    file = OfficialFile(Path("a.zip"), "x", within=(name or "a",))
    try:
        release, start, end = ncci.quarter(file)
    except ReadError:
        return
    assert start < end
    assert release == f"{start.year}Q{(start.month + 2) // 3}"


@pytest.mark.data
def test_the_published_excerpt(data: Path) -> None:
    reading = reader.read(OfficialFile(data / "ncci" / "ccipra-v322r0-f1.excerpt.txt"))
    found = records(reading)
    assert len(found) == 15
    assert found[0] == ("0001A", "0591T", 20231231, 20220101, 1, "CPT Manual or CMS manual coding instruction")
    assert (reading.release.key, reading.part) == ("ptp/practitioner/2026Q3", "f1")


@pytest.mark.data
@pytest.mark.parametrize(("name", "rows"), [("ptp_practitioner_2024Q3", 2_546_017), ("ptp_hospital_2024Q3", 1_775_818)])
def test_official_files_are_read_whole(data: Path, name: str, rows: int) -> None:
    path = data / "ncci" / f"{name}.derived.csv.gz"
    reading = reader.read(OfficialFile(path))
    wanted = set(chosen(range(rows)))
    with gzip.open(path, "rt", encoding="latin-1", newline="") as file:
        plain = ((row[0], row[1], int(row[2].replace("-", "")), 0, int(row[3]), row[4]) for row in islice(csv.reader(file), 1, None))
        sample = {place: record for place, record in enumerate(plain) if place in wanted}
    place = 0
    for _, batch in reading.batches:
        for record in batch:
            if place in wanted:
                assert record == sample[place]
            place += 1
    assert (place, len(sample), reading.skipped) == (rows, 20_000, {})
