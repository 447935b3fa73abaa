"""ICD-10-CM files in small, laid out as they are published; titles are invented, code numbers are real."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openpyxl import Workbook  # type: ignore[import-untyped]

from ingest.readers.base import OfficialFile, Reading

# code without dot, billable, title
ENTRIES: list[tuple[str, bool, str]] = [
    ("A00", False, "Invented fever"),
    ("A000", True, "Invented fever of the left"),
    ("A009", True, "Invented fever, unspecified"),
    ("W19", False, "Invented fall"),
    ("W19XXXA", True, "Invented fall, initial encounter"),
    ("Z99", False, "Invented dependence"),
    ("Z998", False, "Other invented dependence"),
    ("Z9989", True, "Invented dependence, other"),
    ("U07", False, "Invented emergency"),
    ("U071", True, "Invented emergency one"),
]


def order_line(number: int, code: str, billable: bool, title: str, short: str = "") -> str:
    """A line of the order file."""
    return f"{number:05d} {code:7} {int(billable)} {(short or title)[:60]:60} {title}"


def order_file(entries: Iterable[tuple[str, bool, str]] = ENTRIES, end: str = "\r\n") -> str:
    """An order file."""
    return "".join(order_line(number, *entry) + end for number, entry in enumerate(entries, start=1))


def code_file(entries: Iterable[tuple[str, bool, str]] = ENTRIES, end: str = "\n") -> str:
    """A code file: the billable codes."""
    return "".join(f"{code:7} {title}{end}" for code, billable, title in entries if billable)


def put(folder: Path, name: str, content: str | bytes) -> OfficialFile:
    """Write a file."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return OfficialFile(path)


def packed(folder: Path, archive: str, name: str, content: str) -> OfficialFile:
    """Write a file into an archive."""
    with zipfile.ZipFile(folder / archive, "w") as file:
        file.writestr(name, content)
    return OfficialFile(folder / archive, name)


def sheet(folder: Path, name: str, rows: Iterable[Iterable[object]]) -> OfficialFile:
    """Write a spreadsheet."""
    book = Workbook()
    page: Any = book.active
    for row in rows:
        page.append(list(row))
    book.save(folder / name)
    return OfficialFile(folder / name)


def records(reading: Reading) -> dict[str, list[tuple[Any, ...]]]:
    """All records of a reading by table."""
    found: dict[str, list[tuple[Any, ...]]] = {table: [] for table in reading.tables}
    for table, batch in reading.batches:
        found[table] += batch
    return found
