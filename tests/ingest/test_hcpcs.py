from __future__ import annotations

import csv
import random
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.readers import hcpcs as reader
from ingest.readers import recognise
from ingest.readers.base import OfficialFile, ReadError, Reading
from tests.ingest.official import archive, put
from tests.ingest.official_hcpcs import DISCLAIMERS, HEADER, Row, cells, comma, entry, fixed, workbook

NAME = "HCPC2026_OCT_ANWEB"
LONG = "An invented chair with a seat, a back and two arms, and with wheels that are locked by a lever; per chair and per month of its use"
ROWS = [
    entry("A1", "Invented dressing", MCM1="2150", MCM2="5112"),
    entry("GD", LONG, TERM_DT="20191231", COV="D"),
    entry(
        "E0210", LONG, SHORT_DESCRIPTION="Invented chair", PRICE1="11", PRICE2="21", MULT_PI="C", CIM1="60-9", CIM3="60-4", STATUTE="621  MMA",
        LABCERT1="310", LABCERT8="400", XREF1="E0211", XREF5="E0215", ASC_GRP="YY", ASC_DT="20080101", PROCNOTE="0088", BETOS="D1E", TOS1="A",
        TOS5="R", ANEST_BU="  0", ADD_DT="19860101", ACT_EFF_DT="20190101", TERM_DT="20181231", ACTION_CD="D",
    ),
    entry("V5364", ADD_DT="", ACT_EFF_DT=""),
]  # fmt: skip
CHAIR = (
    "HCPCS", "E0210", "11 21", "C", "C", "D1E", "A R", "0", "310 400", "60-9 60-4", "", "621 MMA", "E0211 E0215", "YY", "0088", "D",
)  # fmt: skip


def tables(reading: Reading) -> dict[str, list[tuple[object, ...]]]:
    found: dict[str, list[tuple[object, ...]]] = {"listing": [], "hcpcs": []}
    for table, batch in reading.batches:
        found[table] += batch
    return found


def written(folder: Path, layout: str, rows: list[Row]) -> Path:
    """The rows as CMS publishes them in some year."""
    if layout == "csv":
        return put(folder, f"{NAME}.csv", comma(rows))
    if layout == "xlsx":
        return workbook(folder / f"{NAME}.xlsx", [HEADER, *map(cells, rows)])
    if layout == "xlsx with disclaimers":
        return workbook(folder / f"{NAME}.xlsx", [HEADER, *map(cells, rows)], DISCLAIMERS)
    widths = {"txt 2017": (320, 91), "txt 2018": (320, 320), "txt 2026": (293, 293)}[layout]
    return put(folder, f"{NAME}.txt", fixed(rows, *widths, disclaimers=DISCLAIMERS if layout == "txt 2018" else ()))


LAYOUTS = ["txt 2017", "txt 2018", "txt 2026", "csv", "xlsx", "xlsx with disclaimers"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_records(tmp_path: Path, layout: str) -> None:
    file = OfficialFile(written(tmp_path, layout, ROWS))
    assert recognise(file) is reader
    found = tables(reader.read(file))
    assert found["listing"] == [
        ("MODIFIER", "A1", "Invented dressing", "Invented dressing", "code", 1, 1, 19860101, 20040101, 99991231),
        ("MODIFIER", "GD", LONG, LONG[:28].strip(), "code", 1, 2, 19860101, 20040101, 20191231),
        ("HCPCS", "E0210", LONG, "Invented chair", "code", 1, 3, 19860101, 20190101, 20181231),
        ("HCPCS", "V5364", "Invented item", "Invented item", "code", 1, 4, 0, 0, 99991231),
    ]
    assert found["hcpcs"][2] == CHAIR
    assert found["hcpcs"][0] == ("MODIFIER", "A1", "", "", "C", "", "", "", "", "", "2150 5112", "", "", "", "", "N")
    assert len(found["hcpcs"]) == 4


def test_a_spreadsheet_may_hold_numbers_and_days(tmp_path: Path) -> None:
    row = dict(zip(HEADER, cells(ROWS[2]), strict=True))
    row |= {"ADD DT": 19860101.0, "ACT EFF DT": 20190101, "TERM DT": date(2018, 12, 31)}  # type: ignore[dict-item]
    path = workbook(tmp_path / f"{NAME}.xlsx", [HEADER, list(row.values())])
    assert tables(reader.read(OfficialFile(path)))["listing"][0][-3:] == (19860101, 20190101, 20181231)


def test_a_description_goes_on_in_a_spreadsheet_too(tmp_path: Path) -> None:
    more = entry("E0210", "and a lamp", RECID="4", COV="", ACTION_CD="")
    path = workbook(tmp_path / f"{NAME}.xlsx", [HEADER, *map(cells, [ROWS[2], more])])
    assert tables(reader.read(OfficialFile(path)))["listing"][0][2] == LONG + " and a lamp"


@pytest.mark.parametrize(
    ("code", "reason"),
    [("99213", "CPT code"), ("0001U", "CPT code"), ("D0120", "dental code"), ("25", "CPT modifier")],
)
def test_codes_of_others_are_left_out_and_counted(tmp_path: Path, code: str, reason: str) -> None:
    reading = reader.read(OfficialFile(put(tmp_path, f"{NAME}.txt", fixed([ROWS[0], entry(code), ROWS[2], ROWS[2]]))))
    assert [record[1] for record in tables(reading)["listing"]] == ["A1", "E0210"]
    assert reading.skipped == {reason: 1, "repeated": 1}


@pytest.mark.parametrize(
    ("name", "key", "start", "end"),
    [
        ("HCPC17_CONTR_ANWEB.txt", "hcpcs/2017", date(2017, 1, 1), date(2017, 12, 31)),
        ("HCPC2018_CONTR_ANWEB_disc.txt", "hcpcs/2018", date(2018, 1, 1), date(2018, 12, 31)),
        ("HCPC2026_JAN_ANWEB_12082025.txt", "hcpcs/2026Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("HCPC2025_JUL_ANWEB_v2.txt", "hcpcs/2025Q3", date(2025, 7, 1), date(2025, 9, 30)),
        ("HCPC2026_OCT_ANWEB.excerpt.csv", "hcpcs/2026Q4", date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_the_release_stands_in_the_name(tmp_path: Path, name: str, key: str, start: date, end: date) -> None:
    release = reader.read(OfficialFile(put(tmp_path, name, comma(ROWS) if name.endswith("csv") else fixed(ROWS)))).release
    assert (release.key, release.valid_from, release.valid_to) == (key, start, end)


def test_the_archive_tells_the_release_where_the_file_does_not(tmp_path: Path) -> None:
    path = archive(tmp_path, "april-2025-alpha-numeric-hcpcs-file.zip", {"ANWEB.txt": fixed(ROWS)})
    assert reader.read(OfficialFile(path, "ANWEB.txt")).release.release == "2025Q2"


def test_without_a_year_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"^ANWEB\.txt: the year stands only in the file name.*keep the name"):
        reader.read(OfficialFile(put(tmp_path, "ANWEB.txt", fixed(ROWS))))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (fixed([ROWS[0], entry("E0210", TERM_DT="20191301")]), r"txt:2: TERM DT '20191301' is not a day YYYYMMDD"),
        (fixed([ROWS[0]]) + fixed([ROWS[2]])[:200], r"txt:2: 'E0210001003' has 200 characters, wanted 293"),
        (fixed([ROWS[0]]) + fixed([ROWS[2]])[322:], r"txt:2: RECID 4 continues 'E0210', which is not the code of the row before"),
        (fixed([ROWS[0], entry("W0210")]), r"txt:2: 'W0210' with RECID 3 is no code"),
        (fixed([ROWS[0], entry("E0210", RECID="7")]), r"txt:2: 'E0210' with RECID 7 is no code"),
        (fixed([ROWS[0]]) + b"E0210 Something else\r\n", r"txt:2: 'E0210 Something else' is no row"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    file = OfficialFile(put(tmp_path, f"{NAME}.txt", content))
    assert reader.sniff(file.head())
    with pytest.raises(ReadError, match=message):
        tables(reader.read(file))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (comma(ROWS).replace(",TERM DT", ",TERM"), r"csv:1: no single column is named 'TERM DT'; is this an HCPCS file of a new layout"),
        (comma(ROWS).replace(",XREF2", ",XREF1"), r"csv:1: no single column is named 'XREF1'"),
        (comma(ROWS) + "E0210,0010,3\r\n", r"csv:6: 3 columns, wanted 48"),
        (comma([entry("E0210", RECID="5")]), r"csv:2: RECID '5' of 'E0210' is not 3, 4, 7 or 8"),
        (comma([entry("E0210", ADD_DT="1/1/2026")]), r"csv:2: ADD DT '1/1/2026' is not a day"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        tables(reader.read(OfficialFile(put(tmp_path, f"{NAME}.csv", content))))


@pytest.mark.parametrize(
    "content",
    [
        "HCPCS,MOD,DESCRIPTION\r\nA0021,,Invented\r\n",
        "HCPC,SEQNUM,RECID\r\nA0021,0010,3\r\n",
        " HCPCS/MOD      TYPE OF CHANGE    SHORT DESCRIPTION              LONG DESCRIPTION\r\n      CO             ADD          Invented\r\n",
        fixed(ROWS)[:290],
        fixed(ROWS).replace(b"001003", b"001005").replace(b"001007", b"001009"),
    ],
)
def test_near_misses_are_not_recognised(tmp_path: Path, content: str | bytes) -> None:
    assert not reader.sniff(OfficialFile(put(tmp_path, f"{NAME}.txt", content)).head())


words = st.lists(st.text("abcdefghij-,", min_size=1, max_size=12), min_size=1, max_size=60).map(" ".join)
codes = st.from_regex(r"\A(?:[A-CE-V][0-9]{4}|[A-Z][0-9A-Z])\Z")
days = st.one_of(st.just(""), st.dates(date(1982, 1, 1), date(2035, 12, 31)).map(lambda d: d.strftime("%Y%m%d")))
entries = st.builds(
    lambda code, long, price, cov, added, ended: entry(code, long, PRICE4=price, COV=cov, ADD_DT=added, TERM_DT=ended),
    codes, words, st.sampled_from(["", "00", "99"]), st.sampled_from("CDIMS"), days, days,
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(st.lists(entries, min_size=1, max_size=8, unique_by=lambda row: row["HCPC"]), st.sampled_from(LAYOUTS))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[Row], layout: str) -> None:
    found = tables(reader.read(OfficialFile(written(tmp_path_factory.mktemp("hcpcs"), layout, rows))))
    assert [(r[1], r[2], r[7], r[9]) for r in found["listing"]] == [
        (row["HCPC"].strip(), row["LONG_DESCRIPTION"], int(row["ADD_DT"] or 0), int(row["TERM_DT"] or 99991231)) for row in rows
    ]
    assert [(r[2], r[4]) for r in found["hcpcs"]] == [(row["PRICE4"], row["COV"]) for row in rows]


@settings(deadline=None)
@given(st.binary(max_size=400), st.integers(0, 700))
def test_any_bytes_give_records_or_one_error(tmp_path_factory: pytest.TempPathFactory, junk: bytes, place: int) -> None:
    folder = tmp_path_factory.mktemp("junk")
    for name, good in ((f"{NAME}.txt", fixed(ROWS)), (f"{NAME}.csv", comma(ROWS).encode())):
        file = OfficialFile(put(folder, name, good[:place] + junk + good[place:]))
        try:
            tables(reader.read(file))
        except ReadError as error:
            assert str(error).startswith(name)  # noqa: PT017


YEARS = {"2017": ("HCPC17_CONTR_ANWEB", 6_498), "2018": ("HCPC2018_CONTR_ANWEB_disc", 6_559), "2019": ("HCPC2019_CONTR_ANWEB", 6_800)}


@pytest.mark.data
@pytest.mark.parametrize("year", YEARS)
def test_official_txt_and_xlsx_hold_the_same(data: Path, year: str) -> None:
    """They hold the same but for what the spreadsheets got wrong: action dates in 2017 (3) and 2019 (115 lost), services in 2019 (2)."""
    name, count = YEARS[year]
    path = data / "hcpcs" / f"{year}-Alpha-Numeric-HCPCS-File.zip"
    text, sheet = (tables(reader.read(OfficialFile(path, f"{name}.{end}"))) for end in ("txt", "xlsx"))
    assert len(text["listing"]) == len(text["hcpcs"]) == count
    apart = [(a, b) for a, b in zip(text["listing"], sheet["listing"], strict=True) if a != b]
    assert all((a[:8], a[9]) == (b[:8], b[9]) for a, b in apart)  # but for the action date
    assert [a[1] for a, b in apart if b[8]] == (["L5638", "L5640", "L5643"] if year == "2017" else [])
    assert len(apart) == {"2017": 3, "2018": 0, "2019": 115}[year]
    services = [(a[1], a[6], b[6]) for a, b in zip(text["hcpcs"], sheet["hcpcs"], strict=True) if a != b]
    assert services == ([("E0210", "A L P", "A L P R"), ("E0776", "A E P", "A E P R")] if year == "2019" else [])


@pytest.mark.data
@pytest.mark.parametrize("year", YEARS)
def test_official_rows_by_plain_slicing(data: Path, year: str) -> None:
    name, _ = YEARS[year]
    path = data / "hcpcs" / f"{year}-Alpha-Numeric-HCPCS-File.zip"
    lines = zipfile.ZipFile(path).read(f"{name}.txt").decode("cp1252").split("\r\n")
    found = tables(reader.read(OfficialFile(path, f"{name}.txt")))
    listing = {record[1]: record for record in found["listing"]}
    details = {record[1]: record for record in found["hcpcs"]}
    for line in random.Random(year).sample([line for line in lines if line[10:11] in ("3", "7") and line[5:10].isdigit()], 300):
        code = line[:5].strip()
        more = [other[11:91] for other in lines if other[:5] == line[:5] and other[10:11] in ("4", "8")]
        assert listing[code][2] == " ".join(" ".join([line[11:91], *more]).split())
        assert listing[code][3] == " ".join(line[91:119].split())
        assert listing[code][7:] == (int(line[268:276] or 0), int(line[276:284] or 0), int(line[284:292].strip() or 99991231))
        assert (details[code][4], details[code][5], details[code][14], details[code][15]) == (
            line[229], line[256:259].strip(), line[252:256].strip(), line[292],
        )  # fmt: skip


@pytest.mark.data
def test_official_excerpt_of_2026(data: Path) -> None:
    path = data / "hcpcs" / "HCPC2026_OCT_ANWEB.excerpt.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    found = tables(reader.read(OfficialFile(path)))["listing"]
    assert [(r[1], r[2], r[9]) for r in found] == [(row["HCPC"].strip(), row["LONG DESCRIPTION"], int(row["TERM DT"] or 99991231)) for row in rows]
    assert ("GD", 20191231) in {(r[1], r[9]) for r in found}
