"""What every reader of an official file shares: the file, the release it belongs to, and records in bulk.

ReadError      the file cannot be read, or a line of it is not what its format says
└─ RefusedError     the file was recognised but must not be loaded; the message says why
"""

from __future__ import annotations

import csv
import gzip
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any, NoReturn, Protocol, cast

from corpus.errors import CodebookError
from corpus.model import Setting, SourceKind, System
from corpus.schema import IN_FORCE, UNKNOWN

__all__ = ["IN_FORCE", "UNKNOWN"]  # how a record writes "not deleted" and "from an unknown day"

GZIP = b"\x1f\x8b"
DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, RuntimeError, csv.Error, ValueError)
TOLD = 100  # characters of a library's message that are repeated
HEAD = 64 * 1024  # bytes that recognition may look at
BATCH = 50_000  # records handed over at a time
CODE = re.compile(r"[0-9A-Z]\d{3}[0-9A-Z]")
CPT = re.compile(r"\d{4}[0-9AFTUM]")
HCPCS = re.compile(r"[A-V]\d{4}")


class Rows(Protocol):
    """Rows of a csv as they are read, and the number of the last line read."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


class ReadError(CodebookError):
    """What is wrong, where (file, line, value) and what to do, in one line."""


class RefusedError(ReadError):
    """The file is known and left out on purpose."""


def system_of(code: str) -> System | None:
    """The code set of a five-character procedure code by its shape; None when it has neither shape."""
    if CPT.fullmatch(code):
        return System.CPT
    return System.HCPCS if HCPCS.fullmatch(code) else None


@dataclass(frozen=True)
class OfficialFile:
    """A file as the user gave it, or one member of a zip archive; gzip is undone on the way."""

    path: Path
    member: str | None = None

    @property
    def name(self) -> str:
        """The innermost file name, without folders and without `.gz`."""
        return Path(self.member or self.path.name).name.removesuffix(".gz")

    def __str__(self) -> str:
        return f"{self.path.name}/{self.member}" if self.member else self.path.name

    def open(self) -> IO[bytes]:
        """The unpacked bytes, from the start; the caller closes them."""
        if self.member:
            inner = cast(zipfile.ZipExtFile, zipfile.ZipFile(self.path).open(self.member))  # noqa: SIM115
            packed = inner.peek(2)[:2] == GZIP
            return cast(IO[bytes], gzip.GzipFile(fileobj=inner) if packed else inner)
        with self.path.open("rb") as file:
            packed = file.read(2) == GZIP
        return cast(IO[bytes], gzip.open(self.path)) if packed else self.path.open("rb")

    def head(self) -> bytes:
        """The first unpacked bytes.

        Raises:
            ReadError: when they cannot be unpacked.
        """
        with damage(self), self.open() as file:
            return file.read(HEAD)

    @contextmanager
    def text(self, encoding: str = "cp1252") -> Iterator[TextIOWrapper]:
        """The unpacked text with its line ends; bytes that the encoding lacks become a replacement mark, damage a `ReadError`."""
        with damage(self), TextIOWrapper(self.open(), encoding=encoding, errors="replace", newline="") as text:
            yield text

    @contextmanager
    def table(self, encoding: str = "cp1252", **layout: Any) -> Iterator[Rows]:
        """The rows of a csv, `layout` as `csv.reader` takes it; damage becomes a `ReadError` with the line."""
        with self.text(encoding) as text:
            rows = csv.reader(text, **layout)
            with damage(self, lambda: rows.line_num):
                yield rows


@contextmanager
def damage(file: object, line: Callable[[], int] | None = None) -> Iterator[None]:
    """Say in one line what is wrong with a file that cannot be unpacked or parsed. `line`: the last line that was read."""
    try:
        yield
    except DAMAGE as error:
        where = f"{file}:{line()}" if line and line() else f"{file}"
        raise ReadError(f"{where}: {_why(error)}") from error


def _why(error: Exception) -> str:
    """What became of the file, and what to do."""
    told = " ".join(str(error).split())[:TOLD]
    if isinstance(error, EOFError):
        return "the packed file is cut off; download it again"
    if isinstance(error, NotImplementedError):
        return f"packed in a way that cannot be undone here ({told}); unpack it and add what is inside"
    if isinstance(error, RuntimeError):  # zipfile: the member is encrypted
        return f"cannot be unpacked ({told}); unpack it and add what is inside"
    if isinstance(error, csv.Error | ValueError):
        return f"not what its format says ({told}); download it again"
    return f"the packed file is damaged ({told}); download it again"


def unpack(path: Path) -> list[OfficialFile]:
    """The file itself, or the members of a zip archive (a spreadsheet is a zip too, and stays one file)."""
    if not path.is_file():
        raise ReadError(f"{path}: no such file")
    if not zipfile.is_zipfile(path):
        return [OfficialFile(path)]
    with damage(path.name), zipfile.ZipFile(path) as archive:
        members = sorted(info.filename for info in archive.infolist() if not info.is_dir())
    return [OfficialFile(path)] if "[Content_Types].xml" in members else [OfficialFile(path, member) for member in members]


@dataclass(frozen=True)
class Release:
    """One release of one publication: a source that has no number in a store yet."""

    kind: SourceKind
    release: str
    title: str
    publisher: str
    setting: Setting | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    url: str | None = None

    @property
    def key(self) -> str:
        """The stable name, e.g. `ptp/practitioner/2024Q3`."""
        return "/".join([self.kind, *([self.setting] if self.setting else []), self.release])


@dataclass
class Reading:
    """A file being read: its release, the table it fills, and batches of records in the order of `columns`.

    `skipped` counts lines left out by reason, and is complete when the batches are used up. `part` tells that the release
    is published in several files and this is one of them; `span` is then its first and last pair of codes.
    """

    release: Release
    table: str
    columns: tuple[str, ...]
    batches: Iterator[list[tuple[Any, ...]]]
    skipped: dict[str, int] = field(default_factory=dict)
    part: str | None = None
    span: tuple[tuple[str, str], tuple[str, str]] | None = None

    def skip(self, reason: str) -> None:
        """Count a line that is left out."""
        self.skipped[reason] = self.skipped.get(reason, 0) + 1


class Reader(Protocol):
    """A module of this package that reads one official format."""

    def sniff(self, head: bytes) -> bool:
        """Whether the first bytes are of this format."""

    def read(self, file: OfficialFile) -> Reading:
        """Start to read a file that `sniff` recognised."""


def fail(file: OfficialFile, line: int, message: str) -> NoReturn:
    """Raise the one-line error for a line counted from 1."""
    raise ReadError(f"{file}:{line}: {message}")


def quarter(text: str, file: OfficialFile) -> tuple[str, date, date]:
    """The quarter in a file name, `2026Q3`, as release, first and last day."""
    found = re.search(r"(20\d\d)Q([1-4])", text, re.IGNORECASE)
    if not found:
        raise ReadError(f"{file}: the release stands only in the file name, and this one has none; keep the name it was published under")
    return quarter_of(int(found[1]), int(found[2]))


def quarter_of(year: int, number: int) -> tuple[str, date, date]:
    """A calendar quarter, 1 to 4, as release, first and last day."""
    start = date(year, 3 * number - 2, 1)
    following = date(year + number // 4, 3 * number % 12 + 1, 1)
    return f"{year}Q{number}", start, following - timedelta(days=1)


def batched(records: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """Hand records over in lists, so that a store can insert them in bulk."""
    batch: list[tuple[Any, ...]] = []
    for record in records:
        batch.append(record)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
