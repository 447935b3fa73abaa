import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers.base import OfficialFile, ReadError
from ingest.readers.mcd_export import columns, day, encoding, release, sibling, table, whole
from tests.ingest.official_mcd import zipped


def packed(folder: Path, files: dict[str, bytes], day: tuple[int, int, int, int, int, int] = (2026, 8, 30, 1, 2, 4)) -> Path:
    path = folder / "export.zip"
    path.write_bytes(zipped(files, day))
    return path


@pytest.mark.parametrize(("main", "key"), [("article.csv", "articles"), ("LCD.csv", "lcds"), ("ncd_trkg.csv", "ncds")])
def test_the_release_is_the_day_of_the_archive(tmp_path: Path, main: str, key: str) -> None:
    path = packed(tmp_path, {main: b"a", "contractor.csv": b"b"})
    found = release(OfficialFile(path, "contractor.csv"))
    assert found.key == f"coverage/{key}/2026-08-30"
    assert (found.valid_from, found.valid_to) == (date(2026, 8, 30), date(2026, 9, 5))


def test_all_tables_of_an_export_are_of_one_release(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("article.csv", (2026, 8, 29, 0, 0, 0)), b"")
        archive.writestr(zipfile.ZipInfo("contractor.csv", (2026, 8, 30, 0, 0, 0)), b"")
        archive.writestr(zipfile.ZipInfo("dictionary.pdf", (2026, 9, 30, 0, 0, 0)), b"")
        archive.writestr(zipfile.ZipInfo("other/later.csv", (2026, 10, 30, 0, 0, 0)), b"")
    assert {release(OfficialFile(path, name)).release for name in ("article.csv", "contractor.csv")} == {"2026-08-30"}


@pytest.mark.parametrize(
    ("files", "member", "message"),
    [
        ({"contractor.csv": b""}, "contractor.csv", "none of article.csv, lcd.csv, ncd_trkg.csv lies beside it"),
        ({"article.csv": b"", "b/contractor.csv": b""}, "b/contractor.csv", "none of article.csv"),
        ({"article.csv": b""}, None, "add the zip that the file came in"),
    ],
)
def test_a_table_alone_has_no_release(tmp_path: Path, files: dict[str, bytes], member: str | None, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        release(OfficialFile(packed(tmp_path, files), member))


def test_an_archive_without_dates(tmp_path: Path) -> None:
    path = packed(tmp_path, {"article.csv": b""}, (1980, 1, 1, 0, 0, 0))
    with pytest.raises(ReadError, match="gives its files no date"):
        release(OfficialFile(path, "article.csv"))


def test_siblings_are_of_the_same_folder(tmp_path: Path) -> None:
    path = packed(tmp_path, {"a/article.csv": b"", "a/Contractor.CSV": b"", "b/state_lookup.csv": b""})
    file = OfficialFile(path, "a/article.csv")
    found = sibling(file, "contractor.csv")
    assert found is not None
    assert found.member == "a/Contractor.CSV"
    assert sibling(file, "state_lookup.csv") is None


@pytest.mark.parametrize(
    ("content", "found"), [(b"plain", "utf-8"), ("naïve –".encode(), "utf-8"), (b"cut \x96 dash", "cp1252"), ("é".encode()[:1], "cp1252")]
)
def test_encoding(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    assert encoding(OfficialFile(path)) == found


def test_encoding_beyond_the_first_block(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"x" * (1024 * 1024 - 1) + "é".encode() + b"x")  # a letter across two blocks
    assert encoding(OfficialFile(path)) == "utf-8"
    path.write_bytes(b"x" * (1024 * 1024) + b"\x96")
    assert encoding(OfficialFile(path)) == "cp1252"


@pytest.mark.parametrize("mark", ["\ufeff", "ï»¿", ""])
def test_column_names(mark: str) -> None:
    assert columns([mark + "Article_ID ", "b"]) == ["article_id", "b"]


def lines(tmp_path: Path, content: str, needed: tuple[str, ...], optional: tuple[str, ...] = ()) -> list[tuple[int, tuple[str, ...]]]:
    path = tmp_path / "table.csv"
    path.write_text(content, "utf-8", newline="")
    return list(table(OfficialFile(path), needed, optional, "utf-8"))


def test_columns_in_any_order_and_more_of_them(tmp_path: Path) -> None:
    assert lines(tmp_path, "B,extra,A\n2,x,1\n", ("a", "b"), ("c",)) == [(2, ("1", "2", ""))]


def test_line_breaks_in_fields_and_blank_lines(tmp_path: Path) -> None:
    assert lines(tmp_path, 'a,b\r\n"one\r\ntwo",3\r\n,\r\n\r\n4,5\r\n', ("a", "b")) == [(3, ("one\r\ntwo", "3")), (4, ("", "")), (6, ("4", "5"))]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2,3\n", r"table.csv:2: 3 columns, wanted 2: '1,2,3'"),
        ("a,b\n1\n", r"table.csv:2: 1 columns, wanted 2"),
        ("a,c\n1,2\n", r"table.csv:1: no column b; its columns are a, c"),
        ("", r"table.csv:1: no column a, b"),
    ],
)
def test_damaged_tables(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        lines(tmp_path, content, ("a", "b"))


def test_fields_beyond_the_limit_of_the_csv_module(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    assert len(lines(tmp_path, f'a\n"{"x" * 500_000}"\n', ("a",))[0][1][0]) == 500_000
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("value", "number"),
    [("2026-08-30 00:00:00", 20260830), ("2026-08-30 10:11:12.123000", 20260830), (" 2026-08-30", 20260830), ("8/5/2026", 20260805), (" ", None)],
)
def test_days(value: str, number: int | None) -> None:
    assert day(value, OfficialFile(Path("x")), 1, "c") == number


@pytest.mark.parametrize("value", ["2026-13-01", "20260830", "N/A", "30/8/2026", "2026-08-30x", "٢٠٢٦-08-30x"])
def test_what_is_no_day(value: str) -> None:
    with pytest.raises(ReadError, match=r"x:7: c .* is not a date"):
        day(value, OfficialFile(Path("x")), 7, "c")


@given(st.dates())
def test_any_day_comes_back(when: date) -> None:
    assert day(f"{when.isoformat()} 00:00:00", OfficialFile(Path("x")), 1, "c") == when.year * 10000 + when.month * 100 + when.day


@given(st.integers(0, 999_999_999), st.sampled_from(["{}", " {} ", "{}.0"]))
def test_any_number_comes_back(number: int, written: str) -> None:
    assert whole(written.format(number), OfficialFile(Path("x")), 1, "c") == number


@pytest.mark.parametrize("value", ["", "-1", "1.5", "²", "٣", "1234567890", "one"])
def test_what_is_no_number(value: str) -> None:
    with pytest.raises(ReadError, match=r"x:7: c .* is not a number"):
        whole(value, OfficialFile(Path("x")), 7, "c")
