"""An export of the Medicare Coverage Database: a zip of csv that are read together and make one release.

No table holds the day of the export, and the archives keep one name for ever, so the release is the newest date in the archive's list
of members. The database is published anew every week.
"""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from operator import itemgetter
from pathlib import PurePosixPath

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, ReadError, Release, damage, fail

TITLE = "Medicare Coverage Database"
URL = "https://www.cms.gov/medicare-coverage-database/downloads/downloads.aspx"
SERIES = {"article.csv": "articles", "lcd.csv": "lcds", "ncd_trkg.csv": "ncds"}  # the main table of each export
NAMES = {"articles": "articles", "lcds": "LCDs", "ncds": "NCDs"}
FIRST_YEAR = 2000  # archives packed without a clock say 1980
WEEK = timedelta(days=6)
FIELD = 64 * 1024 * 1024  # characters; narratives go far beyond the csv module's own limit
BLOCK = 1024 * 1024  # bytes
BOM = ("\ufeff", "ï»¿")  # the second: read as cp1252
ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[ T].*)?", re.DOTALL)
SLASHED = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})(?: .*)?", re.DOTALL)


def members(file: OfficialFile) -> dict[str, str]:
    """The csv that lie beside a file in its archive and folder: name in small letters → member."""
    if not file.member:
        raise ReadError(f"{file}: the date of the export stands only in its archive; add the zip that the file came in")
    folder = PurePosixPath(file.member).parent
    with damage(file), zipfile.ZipFile(file.path) as archive:
        paths = {name: PurePosixPath(name) for name in archive.namelist()}
    return {path.name.lower(): name for name, path in paths.items() if path.parent == folder and path.suffix.lower() == ".csv"}


def sibling(file: OfficialFile, name: str) -> OfficialFile | None:
    """A table of the same export by its file name."""
    member = members(file).get(name)
    return OfficialFile(file.path, member, file.within) if member else None


def release(file: OfficialFile, series: str | None = None) -> Release:
    """The release of an export: the newest day on which one of its csv was written. `series` None: told by its main table.

    Raises:
        ReadError: for a csv that lies open, without its archive.
    """
    beside = members(file)
    series = series or next((found for name, found in SERIES.items() if name in beside), None)
    if series is None:
        raise ReadError(f"{file}: none of {', '.join(SERIES)} lies beside it, so it cannot be told which export it is of")
    with damage(file), zipfile.ZipFile(file.path) as archive:
        day = date(*max(archive.getinfo(member).date_time for member in beside.values())[:3])
    if day.year < FIRST_YEAR:
        raise ReadError(f"{file}: the archive gives its files no date, and the release is known by it; download it again")
    return Release(SourceKind.COVERAGE, day.isoformat(), f"{TITLE}, {NAMES[series]}", "CMS", None, day, day + WEEK, URL, series)


def encoding(file: OfficialFile) -> str:
    """UTF-8 where all of the file is UTF-8, else cp1252; exports of one day come in both."""
    if file.is_workbook:
        return "utf-8"
    decoder = codecs.getincrementaldecoder("utf-8")()
    with damage(file), file.open() as stream:
        try:
            while block := stream.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def columns(cells: Sequence[str]) -> list[str]:
    """The column names of a header row as they are compared: small letters, no byte order mark."""
    names = [cell.strip().lower() for cell in cells]
    for mark in BOM:
        names[:1] = [name.removeprefix(mark.lower()).strip('"') for name in names[:1]]
    return names


def table(file: OfficialFile, needed: Sequence[str], optional: Sequence[str] = (), text: str = "cp1252") -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line number and the cells of the named columns of each row, in the order they are named; "" for an optional column that is missing.

    Columns stand in any order and more may be there. `text` is the encoding.

    Raises:
        ReadError: when a needed column is missing or a row is short or long.
    """
    with wide_fields(), file.table(text) as rows:
        names = columns(next(rows, []))
        missing = [name for name in needed if name not in names]
        if missing:
            fail(file, 1, f"no column {', '.join(missing)}; its columns are {', '.join(names)[:200]}: is this a table of a new layout?")
        width = len(names)
        pick = itemgetter(*(names.index(name) if name in names else width for name in (*needed, *optional)), width)
        for row in rows:
            if len(row) != width:
                if not any(cell.strip() for cell in row):
                    continue
                fail(file, rows.line_num, f"{len(row)} columns, wanted {width}: {','.join(row)[:60]!r}")
            row.append("")
            yield rows.line_num, pick(row)[:-1]


@contextmanager
def wide_fields() -> Iterator[None]:
    """Let the csv module read narratives for a while: elsewhere its limit catches a quotation mark that is never closed."""
    before = csv.field_size_limit(FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def whole(value: str, file: OfficialFile, line: int, column: str) -> int:
    """A number without sign; exports write some with ".0".

    Raises:
        ReadError: for anything else.
    """
    digits = value.strip().removesuffix(".0")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
        fail(file, line, f"{column} {value[:40]!r} is not a number")
    return int(digits)


def day(value: str, file: OfficialFile, line: int, column: str) -> int | None:
    """A date or timestamp as YYYYMMDD; None for an empty field.

    Raises:
        ReadError: for anything else.
    """
    value = value.strip()
    if not value:
        return None
    if found := ISO.fullmatch(value):
        year, month, number = (int(part) for part in found.groups())
    elif found := SLASHED.fullmatch(value):
        month, number, year = (int(part) for part in found.groups())
    else:
        fail(file, line, f"{column} {value[:40]!r} is not a date")
    try:
        date(year, month, number)
    except ValueError:
        fail(file, line, f"{column} {value[:40]!r} is not a date")
    return year * 10000 + month * 100 + number
