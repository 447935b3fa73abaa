import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.archives import opened
from ingest.readers import mcd as reader
from ingest.readers import recognise
from ingest.readers.base import OfficialFile, ReadError, Reading, RefusedError
from tests.ingest.official_mcd import HEADERS, SHARED, STAMP, article, as_csv, escaped, export, lcd, ncd, zipped

CODES = [["56537", "3", "29877", "2026", "1", "N", STAMP, "Invented", "Inv"], ["56537", "3", "G0289", "2026", "2", "", STAMP, "Invented", "Inv"]]
COVERED = [
    ["56537", "3", "M23.200", "2026", "1", "B", STAMP, "1", "Invented", "N"],
    ["56537", "3", "M23.201", "2026", "1", "M", STAMP, "2", "Invented", "Y"],
    ["56537", "3", "M23202", "2026", "2", "E", STAMP, "3", "Invented, with commas", ""],
    ["56537", "3", "XX000", "2026", "3", "N", STAMP, "4", "Not applicable", "N"],
]
TABLES: dict[str, list[list[str]]] = SHARED | {
    "article": [article("56537", "Billing and Coding: Invented")],
    "article_x_hcpc_code": [*CODES, ["56537", "3", "XX000", "2026", "1", "N", STAMP, "", ""]],
    "article_x_hcpc_code_group": [["56537", "3", "1", escaped("<p>Group 1 &amp; more</p>"), STAMP], ["56537", "3", "2", "", STAMP]],
    "article_x_hcpc_modifier_group": [["56537", "3", "1", "Use \u2013 sparingly", STAMP]],
    "article_x_icd10_covered": COVERED,
    "article_x_icd10_covered_group": [["56537", "3", "1", "<p>One of:</p>", STAMP, "<p>* needs more</p>"]],
    "article_x_icd10_noncovered": [["56537", "3", "Z00.00", "2026", "1", "N", STAMP, "1", "Invented"]],
    "article_x_icd10_noncovered_group": [["56537", "3", "1", "", STAMP]],
    "article_x_contractor": [["56537", "3", "6", "10", "12", "1", STAMP], ["56537", "3", "6", "99", "12", "1", STAMP]],
    "article_related_documents": [
        ["56537", "3", "1", "", "", "35456", "20", "10", STAMP],
        ["56537", "3", "2", "60000", "1", "0", "", "10", STAMP],
        ["56537", "3", "3", "", "", "35456", "21", "11", STAMP],
    ],
    "article_related_ncd_documents": [["56537", "3", "1", "169", "2", STAMP]],
    "article_x_bill_code": [["56537", "3", "11", "1", STAMP, "Invented"]],
    "update_period": [["1", "2026-08-23 00:00:00", "2026-08-30 00:00:00"]],
}


@contextmanager
def files(
    folder: Path, tables: dict[str, list[list[str]]], name: str = "current_article", encoding: str = "utf-8"
) -> Iterator[dict[str, OfficialFile]]:
    """The tables of an export by name, as they come out of the archive."""
    with opened([export(folder, name, tables, encoding)], folder / "scratch") as found:
        yield {Path(file.name).stem: file for file in found.files if file.name.endswith(".csv")}


def contents(reading: Reading) -> dict[str, list[dict[str, Any]]]:
    """What a reading gives, by table and column."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for table, batch in reading.batches:
        rows[table] += [dict(zip(reading.tables[table], record, strict=True)) for record in batch]
    return rows


def read(
    folder: Path, table: str, tables: dict[str, list[list[str]]] = TABLES, encoding: str = "utf-8"
) -> tuple[Reading, dict[str, list[dict[str, Any]]]]:
    with files(folder, tables, encoding=encoding) as found:
        assert recognise(found[table]) is reader
        reading = reader.read(found[table])
        return reading, contents(reading)


def test_a_whole_export_is_one_release(tmp_path: Path) -> None:
    keys, tables, refused = set(), set(), set()
    with files(tmp_path, TABLES) as found:
        for name, file in found.items():
            assert recognise(file) is reader, name
            try:
                reading = reader.read(file)
            except RefusedError:
                refused.add(name)
                continue
            keys.add(reading.release.key)
            tables |= set(reading.tables)
    assert keys == {"coverage/articles/2026-08-30"}
    assert refused == {"article_x_bill_code", "contractor", "contractor_type_lookup", "dmerc_region_lookup", "state_lookup", "update_period"}
    assert tables == {
        "coverage_document", "passage", "coverage_code", "coverage_group", "coverage_diagnosis", "coverage_contractor", "coverage_relation",
        "contractor",
    }  # fmt: skip


def test_codes(tmp_path: Path) -> None:
    reading, rows = read(tmp_path, "article_x_hcpc_code")
    assert [tuple(row.values()) for row in rows["coverage_code"]] == [("29877", "A56537", 3, 1), ("G0289", "A56537", 3, 2)]
    assert reading.skipped == {"not a CPT or HCPCS code": 1}


def test_diagnoses(tmp_path: Path) -> None:
    reading, rows = read(tmp_path, "article_x_icd10_covered")
    assert [tuple(row.values()) for row in rows["coverage_diagnosis"]] == [
        ("M23.200", "A56537", 3, 1, 1, 0),
        ("M23.201", "A56537", 3, 1, 1, 1),
        ("M23.202", "A56537", 3, 1, 2, 0),
    ]
    assert reading.skipped == {"not an ICD-10-CM code": 1}
    assert reading.part == "article_x_icd10_covered.csv"
    reading, rows = read(tmp_path, "article_x_icd10_noncovered")
    assert [tuple(row.values()) for row in rows["coverage_diagnosis"]] == [("Z00.00", "A56537", 3, 0, 1, 0)]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("article_x_hcpc_code_group", [("codes", 1, "Group 1 & more"), ("codes", 2, "")]),
        ("article_x_hcpc_modifier_group", [("modifiers", 1, "Use \u2013 sparingly")]),
        ("article_x_icd10_covered_group", [("covered", 1, "One of:\n* needs more")]),
        ("article_x_icd10_noncovered_group", [("noncovered", 1, "")]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-8-sig"])
def test_groups(tmp_path: Path, table: str, expected: list[tuple[str, int, str]], encoding: str) -> None:
    _, rows = read(tmp_path, table, encoding=encoding)
    assert [(row["kind"], row["group"], row["paragraph"]) for row in rows["coverage_group"]] == expected
    assert {(row["document"], row["version"]) for row in rows["coverage_group"]} == {("A56537", 3)}


def test_relations(tmp_path: Path) -> None:
    _, rows = read(tmp_path, "article_related_documents")
    assert [row["related"] for row in rows["coverage_relation"]] == ["L35456", "A60000"]
    _, rows = read(tmp_path, "article_related_ncd_documents")
    assert rows["coverage_relation"] == [{"document": "A56537", "related": "NCD169"}]


def test_lcds_and_ncds_are_releases_of_their_own(tmp_path: Path) -> None:
    codes = [["33800", "7", "E0601", "2026", "1", "N", STAMP, "Invented", "Inv"]]
    with files(tmp_path, {"lcd": [lcd("33800", "Invented")], "lcd_x_hcpc_code": codes}, "current_lcd") as found:
        reading = reader.read(found["lcd_x_hcpc_code"])
        assert reading.release.key == "coverage/lcds/2026-08-30"
        assert contents(reading)["coverage_code"] == [{"code": "E0601", "document": "L33800", "version": 7, "group": 1}]
        assert reader.read(found["lcd"]).release == reading.release
    with files(tmp_path, {"ncd_trkg": [ncd("240.2", "Invented")]}, "ncd") as found:
        assert reader.read(found["ncd_trkg"]).release.key == "coverage/ncds/2026-08-30"


def single(folder: Path, content: str, table: str = "article_x_icd10_covered") -> OfficialFile:
    """One table in an archive with an empty article.csv."""
    path = folder / "export.zip"
    path.write_bytes(zipped({"article.csv": b"", f"{table}.csv": content.encode()}))
    return OfficialFile(path, f"{table}.csv")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("x,3,M23.200,1,N", r"export.zip/article_x_icd10_covered.csv:2: article_id 'x' is not a number"),
        ("1,,M23.200,1,N", r":2: article_version '' is not a number"),
        ("1,3,M23.200,one,N", r":2: icd10_covered_group 'one' is not a number"),
        ("1,3,M23.200", r":2: 3 columns, wanted 5"),
    ],
)
def test_a_damaged_row_is_named(tmp_path: Path, row: str, message: str) -> None:
    file = single(tmp_path, f"article_id,article_version,icd10_code_id,icd10_covered_group,asterisk\n{row}\n")
    with pytest.raises(ReadError, match=message):
        contents(reader.read(file))


def test_columns_in_another_order_and_more_of_them(tmp_path: Path) -> None:
    content = "NEW,icd10_covered_group,ICD10_Code_ID,article_version,article_id\n?,4,m54.16,3,1\n"
    assert [tuple(row.values()) for row in contents(reader.read(single(tmp_path, content)))["coverage_diagnosis"]] == [("M54.16", "A1", 3, 1, 4, 0)]


def test_a_missing_column_of_a_document_is_named(tmp_path: Path) -> None:
    file = single(tmp_path, "article_id,article_version,title,status,article_eff_date,description\n1,2,t,A,2020-01-01,d\n", "articles")
    with pytest.raises(ReadError, match="no column article_end_date; its columns are article_id, article_version"):
        contents(reader.read(file))


def test_a_table_without_rows_is_left_out(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="without rows"):
        reader.read(single(tmp_path, HEADERS["article_x_icd10_covered"] + "\r\n"))


@pytest.mark.parametrize(
    ("head", "taken", "why"),
    [
        (b"article_id,article_version,x\n", True, "a table of articles"),
        (b'\xef\xbb\xbf"lcd_id","lcd_version"\r\n1,2\r\n', True, "byte order mark and quotation marks"),
        (b"ncd_vrsn_num,NCD_id\n", True, "another order"),
        (b"state_id,state_abbrev,description\n", True, "a look-up"),
        (b"article_id,title\n", False, "no version"),
        (b"123,4,article_id,article_version!\n", False, "not column names"),
        (b"lcd_id;lcd_version\n", False, "another delimiter"),
        (b"12345,7,letter.pdf,1,2,3,4,2020-01-01\n", False, "the table that has no header"),
        (b"article_id,article_version,article_id\n", False, "a name twice"),
        (b"hcpcs_code,mue_units,mue_mai,mue_rationale,mue_service\n", False, "a derived file of unit limits"),
        (b"", False, "nothing"),
        (b"\xff\xfe\x00", False, "bytes"),
    ],
)
def test_recognition(head: bytes, taken: bool, why: str) -> None:
    assert reader.sniff(head) is taken, why


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.integers(1, 99_999), st.integers(1, 60), st.from_regex(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?", fullmatch=True), st.integers(1, 40),
            st.text("abc,\"\r\n é–", max_size=20), st.booleans(),
        ),
        min_size=1,
        max_size=20,
    )
)  # fmt: skip
def test_rows_come_back(tmp_path: Path, rows: list[tuple[int, int, str, int, str, bool]]) -> None:
    written = [[str(a), str(v), c, "2026", str(g), "N", STAMP, "1", text, "Y" if star else "N"] for a, v, c, g, text, star in rows]
    found = contents(reader.read(single(tmp_path, as_csv(HEADERS["article_x_icd10_covered"].split(","), written))))
    assert [tuple(row.values()) for row in found["coverage_diagnosis"]] == [(c, f"A{a}", v, 1, g, int(star)) for a, v, c, g, _, star in rows]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(HEADERS)), st.binary(max_size=300))
def test_any_bytes_below_a_header_are_records_or_one_error(tmp_path: Path, table: str, content: bytes) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(zipped({"article.csv": b"", f"{table}.csv": HEADERS[table].encode() + b"\r\n" + content}))
    file = OfficialFile(path, f"{table}.csv")
    assert reader.sniff(file.head())
    try:
        contents(reader.read(file))
    except ReadError as error:
        assert "\n" not in str(error)  # noqa: PT017


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_can_be_sniffed(head: bytes) -> None:
    assert reader.sniff(head) in (True, False)


def test_the_written_csv_is_what_the_csv_module_reads(tmp_path: Path) -> None:
    """The rows of a table compared with an independent reading."""
    with files(tmp_path, TABLES) as found, found["article_x_icd10_covered"].open() as stream:
        rows = list(csv.DictReader(io.TextIOWrapper(stream, "utf-8", newline="")))
        got = contents(reader.read(found["article_x_icd10_covered"]))["coverage_diagnosis"]
    assert [row["code"] for row in got] == [row["icd10_code_id"] if "." in row["icd10_code_id"] else "M23.202" for row in rows[:3]]
