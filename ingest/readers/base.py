"""What every reader shares: the release a file belongs to, and its records in bulk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NoReturn, Protocol

from corpus.model import Setting, SourceKind, System
from corpus.schema import IN_FORCE, UNKNOWN
from ingest.readers.errors import ReadError, RefusedError, damage
from ingest.readers.official import OfficialFile, Rows

__all__ = ["IN_FORCE", "UNKNOWN", "OfficialFile", "ReadError", "RefusedError", "Rows", "damage"]

BATCH = 50_000  # records handed over at a time
CODE = re.compile(r"[0-9A-Z]\d{3}[0-9A-Z]", re.ASCII)
CPT = re.compile(r"\d{4}[0-9AFTUM]", re.ASCII)
HCPCS = re.compile(r"[A-V]\d{4}", re.ASCII)
# A passage as a reader gives it; see `corpus.schema.passage`. `embed` 0: found by words only.
PASSAGE = ("key", "kind", "system", "code", "title", "text", "also", "place", "embed")

Record = tuple[Any, ...]
Batches = Iterator[tuple[str, list[Record]]]


def system_of(code: str) -> System | None:
    """The code set of a five-character procedure code by its shape; None when it has neither shape."""
    if CPT.fullmatch(code):
        return System.CPT
    return System.HCPCS if HCPCS.fullmatch(code) else None


def dotted(code: str) -> str:
    """An ICD-10-CM code as it is shown: the files leave its dot out."""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 and "." not in code else code


@dataclass(frozen=True)
class Release:
    """One release of one publication: a source that has no number in a store yet.

    `series` names the publication where a kind has several (which manual, which mapping).
    """

    kind: SourceKind
    release: str
    title: str
    publisher: str
    setting: Setting | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    url: str | None = None
    series: str | None = None

    @property
    def key(self) -> str:
        """The stable name, e.g. `ptp/practitioner/2024Q3`, `manual/ncci-policy-manual/2026`."""
        parts = (self.kind, self.setting, self.series, self.release)
        return "/".join(part.replace("/", "-") for part in parts if part)


@dataclass
class Reading:
    """A file being read: its release, the tables it fills, and batches of records, each named by its table.

    `tables` gives the columns of the records of each table, without `source`, and without `setting` where the release has one. The table
    `passage` takes `PASSAGE` records. What the store had of the release in these tables is replaced; a release may be read from
    several files that fill different tables, and `part` tells that files of one table belong together: `span` is then the first and last
    pair of codes of the part. `skipped` counts lines left out by reason and is complete when the batches are used up.
    """

    release: Release
    tables: dict[str, tuple[str, ...]]
    batches: Batches
    skipped: dict[str, int] = field(default_factory=dict)
    part: str | None = None
    span: tuple[tuple[str, str], tuple[str, str]] | None = None

    def skip(self, reason: str, count: int = 1) -> None:
        """Count lines that are left out."""
        self.skipped[reason] = self.skipped.get(reason, 0) + count


class Reader(Protocol):
    """A module of this package that reads one official format."""

    def sniff(self, head: bytes) -> bool:
        """Whether the first bytes, as `OfficialFile.head` gives them, are of this format."""

    def read(self, file: OfficialFile) -> Reading:
        """Start to read a file that `sniff` recognised; what the top of the file tells is checked at once."""


def fail(file: OfficialFile, line: int, message: str) -> NoReturn:
    """Raise the one-line error for a line counted from 1."""
    raise ReadError(f"{file}:{line}: {message}")


def quarter(text: str, file: OfficialFile) -> tuple[str, date, date]:
    """The quarter in a file name, `2026Q3`, as release, first and last day."""
    found = re.search(r"(20\d\d)-?Q([1-4])", text, re.IGNORECASE)
    if not found:
        raise ReadError(f"{file}: the release stands only in the file name, and this one has none; keep the name it was published under")
    return quarter_of(int(found[1]), int(found[2]))


def quarter_of(year: int, number: int) -> tuple[str, date, date]:
    """A calendar quarter, 1 to 4, as release, first and last day."""
    start = date(year, 3 * number - 2, 1)
    following = date(year + number // 4, 3 * number % 12 + 1, 1)
    return f"{year}Q{number}", start, following - timedelta(days=1)


def fiscal_year(year: int) -> tuple[date, date]:
    """The first and last day of a federal fiscal year, by which ICD-10 is updated."""
    return date(year - 1, 10, 1), date(year, 9, 30)


def batched(table: str, records: Iterable[Record]) -> Batches:
    """Records of one table in lists, so that a store can insert them in bulk."""
    batch: list[Record] = []
    for record in records:
        batch.append(record)
        if len(batch) == BATCH:
            yield table, batch
            batch = []
    if batch:
        yield table, batch


def sorted_out(records: Iterable[tuple[str, Record]]) -> Batches:
    """Records that name their table, collected into a list for each table, as they come."""
    waiting: dict[str, list[Record]] = {}
    for table, record in records:
        batch = waiting.setdefault(table, [])
        batch.append(record)
        if len(batch) == BATCH:
            yield table, waiting.pop(table)
    yield from ((table, batch) for table, batch in waiting.items() if batch)
