"""An official file as it lies on the disk or inside an archive, whatever it is packed in, as text or as rows.

A spreadsheet is a table like a csv, and a PDF is text with a form feed between pages, so a reader asks for rows or text and
needs to know the packing only where the formats differ.
"""

from __future__ import annotations

import csv
import gzip
import io
import logging
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol, cast

from ingest.readers.errors import ReadError, damage

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
PDF = b"%PDF-"
HEAD = 64 * 1024  # bytes that recognition may look at
HEAD_ROWS = 60  # of a spreadsheet
HEAD_PAGES = 12  # of a PDF
PAGE_BREAK = "\f"


class Rows(Protocol):
    """Rows of a table as they are read, and the number of the last line read."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


class _SheetRows:
    """The rows of a spreadsheet as text, as `csv.reader` would give them."""

    def __init__(self, rows: Iterator[list[Any]], first: int) -> None:
        self._rows = rows
        self.line_num = first

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        row = next(self._rows)
        self.line_num += 1
        return [cell_text(cell) for cell in row]


def cell_text(cell: object) -> str:
    """A cell of a spreadsheet as a csv would have it: whole numbers without a point, days as YYYY-MM-DD."""
    if isinstance(cell, str | bool):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


@dataclass(frozen=True)
class OfficialFile:
    """A file as the user gave it, or one member of a zip archive; gzip is undone on the way.

    `within` names the archives that `path` was unpacked from, outermost first, where archives lie in archives: `path` is then a file
    of the program's own. `sheet` is set where a spreadsheet has several sheets with rows.
    """

    path: Path
    member: str | None = None
    within: tuple[str, ...] = ()
    sheet: str | None = None

    @property
    def name(self) -> str:
        """The innermost file name, without folders and without `.gz`."""
        return Path(self.member or self.path.name).name.removesuffix(".gz")

    @property
    def archive(self) -> str | None:
        """The name of the outermost archive, None for a file that lies open."""
        return (self.within or (self.path.name,))[0] if self.member else None

    def __str__(self) -> str:
        parts = [*(self.within or (self.path.name,)), *([self.member] if self.member else [])]
        return "/".join(parts) + (f" [{self.sheet}]" if self.sheet else "")

    def open(self) -> IO[bytes]:
        """The unpacked bytes, from the start; the caller closes them."""
        if self.member:
            with zipfile.ZipFile(self.path) as archive:  # its file stays open until the member is closed
                inner = cast(zipfile.ZipExtFile, archive.open(self.member))
            if inner.peek(2)[:2] != GZIP:
                return cast(IO[bytes], inner)
            unpacked = gzip.GzipFile(fileobj=inner)
            unpacked.myfileobj = inner  # type: ignore[assignment]  # closed together
            return cast(IO[bytes], unpacked)
        with self.path.open("rb") as file:
            packed = file.read(2) == GZIP
        return cast(IO[bytes], gzip.open(self.path)) if packed else self.path.open("rb")

    @cached_property
    def signature(self) -> bytes:
        """The first eight unpacked bytes."""
        with damage(self), self.open() as file:
            return file.read(8)

    @property
    def is_workbook(self) -> bool:
        """Whether it is a spreadsheet (any zip here: archives were opened before)."""
        return self.signature.startswith(ZIP)

    @property
    def is_pdf(self) -> bool:
        """Whether it is a PDF."""
        return self.signature.startswith(PDF)

    @cached_property
    def _head(self) -> bytes:
        if self.is_workbook:
            with self.table() as rows:
                text = io.StringIO()
                csv.writer(text, lineterminator="\n").writerows(islice(rows, HEAD_ROWS))
            return text.getvalue().encode("cp1252", "replace")
        if self.is_pdf:
            return PAGE_BREAK.join(islice(self.pages(), HEAD_PAGES)).encode("cp1252", "replace")[:HEAD]
        with damage(self), self.open() as file:
            return file.read(HEAD)

    def head(self) -> bytes:
        """The first unpacked bytes; of a spreadsheet its first rows as csv, of a PDF the text of its first pages, in cp1252.

        Raises:
            ReadError: when they cannot be unpacked.
        """
        return self._head

    @contextmanager
    def text(self, encoding: str = "cp1252") -> Iterator[TextIOWrapper]:
        """The unpacked text with its line ends; bytes that the encoding lacks become a replacement mark, damage a `ReadError`."""
        with damage(self), TextIOWrapper(self.open(), encoding=encoding, errors="replace", newline="") as text:
            yield text

    @contextmanager
    def table(self, encoding: str = "cp1252", **layout: Any) -> Iterator[Rows]:
        """The rows of a csv, `layout` as `csv.reader` takes it, or of a spreadsheet; damage becomes a `ReadError` with the line."""
        if self.is_workbook:
            with self._sheet() as rows, damage(self, lambda: rows.line_num):
                yield rows
            return
        with self.text(encoding) as text:
            lines = csv.reader(text, **layout)
            with damage(self, lambda: lines.line_num):
                yield lines

    @contextmanager
    def _sheet(self) -> Iterator[_SheetRows]:
        with _workbook(self) as book:
            sheet = book.get_sheet_by_name(self.sheet or next(iter(book.sheet_names)))
            first = sheet.start[0] if sheet.start else 0  # rows above the first that holds something are not given
            yield _SheetRows(iter(sheet.iter_rows()), first)

    def pages(self) -> Iterator[str]:
        """The text of each page of a PDF.

        Raises:
            ReadError: when it is damaged, or its text is locked by a password.
        """
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError

        logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong is said once, by us
        with damage(self), self.open() as file:
            content = io.BytesIO(file.read())
        try:
            for page in PdfReader(content).pages:
                yield page.extract_text()
        except (PyPdfError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:  # of a damaged file
            raise ReadError(f"{self}: not a PDF that can be read ({' '.join(str(error).split())[:100]})") from error


@contextmanager
def _workbook(file: OfficialFile) -> Iterator[CalamineWorkbook]:
    from python_calamine import CalamineError, load_workbook

    with damage(file), file.open() as packed:
        content = io.BytesIO(packed.read())
    try:
        with load_workbook(content) as book:
            yield book
    except CalamineError as error:
        raise ReadError(f"{file}: not a spreadsheet that can be read ({' '.join(str(error).split())[:100]})") from error


def sheet_names(file: OfficialFile) -> list[str]:
    """The sheets of a spreadsheet that hold anything, in order."""
    with _workbook(file) as book:
        return [name for name in book.sheet_names if len(book.sheet_names) == 1 or book.get_sheet_by_name(name).start]
