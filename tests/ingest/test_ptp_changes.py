from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.archives import opened
from ingest.readers import ptp_changes as reader
from ingest.readers import recognise
from ingest.readers.base import OfficialFile, ReadError, Reading, RefusedError
from tests.ingest.official import archive, mue, ptp, put
from tests.ingest.official_ncci import add_on_sheet, changes, changes_book, outcome, records

ARCHIVE = "medicare-ncci-2026q3-hospital-quarterly-additions-deletions-revisions-ptp.zip"
ADDED = "practitioner MCR_NCCI_Additions_Eff_07-01-2026.txt"
DELETED = "practitioner MCR_NCCI_Deletions_Eff_07-01-2026.txt"
REVISED = "practitioner MCR_NCCI_CCMIChgs_Eff_07-01-2026.txt"
ROW = ("20610", "99213", "1")


def read(folder: Path, name: str, content: str | bytes) -> Reading:
    file = OfficialFile(put(folder, name, content))
    assert recognise(file) is reader
    return reader.read(file)


@pytest.mark.parametrize(
    ("name", "record", "series"),
    [
        (ADDED, ("20610", "99213", "added", 20260701, 99991231, 1, ""), "additions"),
        (DELETED, ("20610", "99213", "deleted", 0, 20260630, 1, ""), "deletions"),  # ends on the day before
        (REVISED, ("20610", "99213", "revised", 20260701, 99991231, 1, ""), "revisions"),
    ],
)
@pytest.mark.parametrize("between", ["\t", ","])
def test_without_dates_the_quarter_gives_them(tmp_path: Path, name: str, record: tuple[object, ...], series: str, between: str) -> None:
    reading = read(tmp_path, name, changes([ROW], between=between))
    assert records(reading) == [record]
    assert reading.tables == {"ptp_change": reader.COLUMNS}
    release = reading.release
    assert (release.key, release.series) == (f"ptp-changes/practitioner/{series}/2026Q3", series)
    assert (release.valid_from, release.valid_to) == (date(2026, 7, 1), date(2026, 9, 30))


DATED = ("Effective Date", "Column 2", "PTP Edit Rationale", "Column 1", "Prior CCMI", "New CCMI", "Deletion Date\n*=no data")


@pytest.mark.parametrize(
    ("name", "row", "record"),
    [
        (ADDED, ("20260101", "99213", "Misuse", "20610", "", "1", "*"), ("20610", "99213", "added", 20260101, 99991231, 1, "Misuse")),
        (DELETED, ("1/1/2020", "99213", "", "20610", "", "9", "1/1/2020"), ("20610", "99213", "deleted", 20200101, 20200101, 9, "")),
        (DELETED, ("", "99213", "", "20610", "", "", "2026-03-31"), ("20610", "99213", "deleted", 0, 20260331, -1, "")),
        (REVISED, ("20260701", "99213", "", "20610", "1", "0", ""), ("20610", "99213", "revised", 20260701, 99991231, 0, "")),
    ],
)
def test_columns_are_found_by_name_in_any_order(tmp_path: Path, name: str, row: tuple[str, ...], record: tuple[object, ...]) -> None:
    assert records(read(tmp_path, name, changes([row], DATED))) == [record]


def test_an_archive_as_published(tmp_path: Path) -> None:
    lists: dict[str, list[tuple[object, ...]]] = {"Adds": [("20610", "99213", 1)], "Dels": [(100, "99213", 0)], "CCMIChgs": [("20611", "99213", 1)]}
    files: dict[str, str | bytes] = {
        "MCR_NCCI_Additions_Eff_07-01-2026.txt": changes(lists["Adds"]),
        "MCR_NCCI_Changes_Eff_07-01-2026.xlsx": changes_book(**{f"NCCI_{name}_07012026": rows for name, rows in lists.items()}),
    }
    with opened([archive(tmp_path, ARCHIVE, files)], tmp_path / "scratch") as found:
        readings = {str(file).rpartition("/")[2]: reader.read(file) for file in found.files if recognise(file) is reader}
        read = {name: (reading.release.key, records(reading)) for name, reading in readings.items()}
    added = ("ptp-changes/facility/additions/2026Q3", [("20610", "99213", "added", 20260701, 99991231, 1, "")])
    book = "MCR_NCCI_Changes_Eff_07-01-2026.xlsx"
    assert read == {
        "MCR_NCCI_Additions_Eff_07-01-2026.txt": added,
        f"{book} [NCCI_Adds_07012026]": added,
        f"{book} [NCCI_Dels_07012026]": ("ptp-changes/facility/deletions/2026Q3", [("00100", "99213", "deleted", 0, 20260630, 0, "")]),
        f"{book} [NCCI_CCMIChgs_07012026]": (
            "ptp-changes/facility/revisions/2026Q3", [("20611", "99213", "revised", 20260701, 99991231, 1, "")],
        ),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("practitioner changes Eff_07-01-2026.txt", ReadError, "additions, deletions or revisions"),
        ("practitioner additions and deletions 2026Q3.txt", ReadError, "additions, deletions or revisions"),
        ("practitioner addendum 2026Q3.txt", ReadError, "additions, deletions or revisions"),
        ("MCR_NCCI_Additions_Eff_07-01-2026.txt", ReadError, "practitioners or hospitals"),
        ("practitioner additions.txt", ReadError, "release stands only in the file name"),
        ("medicaid practitioner additions 2026Q3.txt", RefusedError, "Medicaid"),
    ],
)
def test_a_name_that_says_too_little_is_an_error(tmp_path: Path, name: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read(tmp_path, name, changes([ROW]))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("2061", "99213", "1"), "'2061' and '99213' are no pair of codes"),
        (("20610", "", "1"), "'20610' and '' are no pair of codes"),
        (("20610", "99213", "2"), "modifier indicator '2'"),
        (("20610", "99213", ""), "modifier indicator ''"),
        (("20610",), "'20610' and '' are no pair of codes"),
        (("20610", "99213"), "modifier indicator ''"),
        (("20610", "99214", "0"), "stands above with other values"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, row: tuple[str, ...], message: str) -> None:
    text = changes([("20610", "99214", "1"), row])
    with pytest.raises(ReadError) as caught:
        records(read(tmp_path, ADDED, text))
    assert str(caught.value).startswith(f"{ADDED}:8: ")  # the label of the indicator has five lines
    assert message in str(caught.value)


@pytest.mark.parametrize("day", ["2026", "20261301", "soon", "31/12/2026"])
def test_a_wrong_day_is_named(tmp_path: Path, day: str) -> None:
    with pytest.raises(ReadError, match="is not a day YYYYMMDD"):
        records(read(tmp_path, ADDED, changes([(*ROW, day)], ("Column 1", "Column 2", "Modifier", "Effective Date"))))


@pytest.mark.parametrize(
    "labels",
    [
        ("Column 1", "Column 2", "Modifier", "Region"),  # unknown
        ("Column 1", "Column 2", "Modifier", "CCMI"),  # which of them holds?
        ("Column 1", "Column 2", "Modifier", "Column 2"),
    ],
)
def test_other_columns_are_refused(tmp_path: Path, labels: tuple[str, ...]) -> None:
    with pytest.raises(ReadError, match="wanted Column 1, Column 2, one modifier indicator"):
        records(read(tmp_path, ADDED, changes([], labels)))


def test_footnotes_empty_lines_and_repeated_ones(tmp_path: Path) -> None:
    reading = read(tmp_path, ADDED, changes([ROW, ("", "", ""), ROW, ("See the manual.",)]))
    assert len(records(reading)) == 1
    assert reading.skipped == {"repeated": 1, "footnote": 1}


@pytest.mark.parametrize(
    "content",
    [
        ptp([("20610", "99213", "20150101", "*", "1", "x")]),  # the whole file
        "Column 1\tColumn 2\tRelation\n",
        "Of an edit, Column 1, Column 2 and the modifier indicator are explained here.\n",
        '"column1","column2","deleted","mod","rationale"\n',
        mue([("63044", 4, "2 Policy", "x")]),
        add_on_sheet([]),
    ],
)
def test_near_misses_are_not_recognised(tmp_path: Path, content: str | bytes) -> None:
    assert not reader.sniff(OfficialFile(put(tmp_path, ADDED, content)).head())


codes = st.from_regex(r"\A[0-9A-Z][0-9]{3}[0-9A-Z]\Z")
days = st.dates(date(1996, 1, 1), date(2030, 12, 31))
edits = st.tuples(codes, codes, st.sampled_from("019"), st.none() | days)
tables = st.lists(edits, min_size=1, unique_by=lambda e: e[:2])
LABELS = ("Column 1", "Column 2", "Modifier Indicator", "Effective Date")
Rows = list[tuple[str, str, str, date | None]]


def as_read(rows: Rows) -> list[tuple[object, ...]]:
    return [(a, b, "added", int(f"{day:%Y%m%d}") if day else 20260701, 99991231, int(mod), "") for a, b, mod, day in rows]


@settings(deadline=None)
@given(tables, st.sampled_from("\t,"), st.sampled_from(["%Y%m%d", "%Y-%m-%d", "%m/%d/%Y"]))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: Rows, between: str, form: str) -> None:
    text = changes([(a, b, mod, day.strftime(form) if day else "") for a, b, mod, day in rows], LABELS, between)
    assert records(read(tmp_path_factory.mktemp("changes"), ADDED, text)) == as_read(rows)


@settings(deadline=None, max_examples=20)
@given(tables)
def test_what_is_written_to_a_spreadsheet_is_read(tmp_path_factory: pytest.TempPathFactory, rows: Rows) -> None:
    content = changes_book(Adds=[(a, b, int(mod)) for a, b, mod, _ in rows])
    found = records(read(tmp_path_factory.mktemp("changes"), ADDED, content))
    assert found == as_read([(a, b, mod, None) for a, b, mod, _ in rows])


@settings(deadline=None)
@given(st.binary(), st.sampled_from([ADDED, DELETED, REVISED]))
def test_any_bytes_are_records_or_an_error(tmp_path_factory: pytest.TempPathFactory, tail: bytes, name: str) -> None:
    folder = tmp_path_factory.mktemp("changes")
    for head in (changes([ROW]), changes([], LABELS), changes([], DATED, ",")):
        found = outcome(reader.read, OfficialFile(put(folder, name, head.encode() + tail)))
        assert all(len(record) == len(reader.COLUMNS) for record in found)


@settings(deadline=None)
@given(st.sampled_from(["01", "04", "07", "10"]), st.integers(2000, 2050))
def test_what_is_deleted_ends_on_the_day_before_the_quarter(tmp_path_factory: pytest.TempPathFactory, month: str, year: int) -> None:
    name = f"practitioner MCR_NCCI_Deletions_Eff_{month}-01-{year}.txt"
    (record,) = records(read(tmp_path_factory.mktemp("changes"), name, changes([ROW])))
    assert record[4] == int(f"{date(year, int(month), 1) - timedelta(days=1):%Y%m%d}")
