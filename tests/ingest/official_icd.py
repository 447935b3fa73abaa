"""Files of ICD-10-PCS, mappings and classes in small, laid out as they are published; titles are invented."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]

from ingest.readers.base import OfficialFile, ReadError, Reading, RefusedError

OTHERS = {
    "fee schedule": b"hcpcs,mod,description,status_code,not_used_for_medicare_payment,work_rvu\n99213,,x,A,,1.30\n",
    "ICD-10-CM order": b"00001 A00     0 Invented                                                     Invented\n"
    b"00002 A000    1 Invented                                                     Invented\n",
    "ICD-10-CM codes": b"A000    Invented\nA001    Invented\nS02109B Invented\n",
    "ICD-10-CM addenda": b"Delete:      1 B373    Invented                                                     Invented\n"
    b"Add:         1 B3731   Invented                                                     Invented\n",
    "ICD-10-CM code addenda": b"Delete:      B373    Invented\nAdd:         B3731   Invented\n",
    "ICD-9-CM titles": b"0010  Invented\n0011  Invented\n",
    "ICD-10-CM index": b'<?xml version="1.0"?>\n<ICD10CM.index><version>2027</version></ICD10CM.index>\n',
    "JSON": b'{"A00-B99": "Invented"}',
    "text": b"An invented sentence.\n",
    "empty": b"",
    "web page": b"<!DOCTYPE html><html>DX ICD-10-CM Code</html>",
}


def put(folder: Path, name: str, content: str | bytes) -> OfficialFile:
    """Write a file."""
    path = folder / name
    path.write_bytes(content.encode("cp1252") if isinstance(content, str) else content)
    return OfficialFile(path)


def sheet(folder: Path, name: str, rows: Sequence[Sequence[object]]) -> OfficialFile:
    """Write a spreadsheet."""
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(list(row))
    book.save(folder / name)
    return OfficialFile(folder / name)


def table(rows: Sequence[Sequence[object]], delimiter: str = ",", end: str = "\r\n") -> str:
    """Rows as csv."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    return text.getvalue()


def order_line(number: int, code: str, long: str, short: str | None = None) -> str:
    """A line of an order file."""
    return f"{number:05} {code:7} {int(len(code) == 7)} {short or long[:60]:60} {long}\r\n"


def addenda_line(action: str, code: str, long: str, short: str | None = None) -> str:
    """A line of the addenda of an order file."""
    return f"{action:13}{code:7} {short or long[:60]:60} {long}\r\n"


def gathered(reading: Reading) -> dict[str, list[dict[str, Any]]]:
    """Everything that a reading gives, by table, as column → value."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in reading.tables}
    for name, batch in reading.batches:
        found[name] += [dict(zip(reading.tables[name], record, strict=True)) for record in batch]
    return found


def only(reading: Reading) -> list[dict[str, Any]]:
    """The rows of the only table that was filled."""
    (rows,) = [rows for rows in gathered(reading).values() if rows]
    return rows


def refuses(reader: ModuleType, file: OfficialFile, words: str) -> None:
    """Reading ends in a `ReadError` with these words in it."""
    with pytest.raises(ReadError, match=words):
        gathered(reader.read(file))


def leaves_others_alone(reader: ModuleType) -> None:
    """No file of another format is taken."""
    assert {name for name, head in OTHERS.items() if reader.sniff(head)} == set()


def never_breaks(reader: ModuleType, folder: Path, name: str, content: bytes) -> None:
    """Whatever the bytes, there are records or a `ReadError`."""
    file = put(folder, name, content)
    try:
        if reader.sniff(file.head()):
            gathered(reader.read(file))
    except (ReadError, RefusedError):
        pass


def sampled(rows: Sequence[Any], size: int = 300) -> list[Any]:
    """A random sample that is the same in every run."""
    return random.Random(7).sample(list(rows), min(size, len(rows)))


def counts(rows: Sequence[dict[str, Any]], key: Callable[[dict[str, Any]], Any]) -> Counter[Any]:
    """How often each value stands."""
    return Counter(key(row) for row in rows)
