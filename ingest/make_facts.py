"""Make the shipped fact tables out of official files: `python -m ingest.make_facts --data FOLDER`.

The tables hold the rows of the codes that the shipped texts name: bare facts with their release, and no descriptor. The output
depends on the shipped texts and the official files alone; each table is sorted and replaced whole.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from corpus.model import SourceKind, System
from ingest import icd_history
from ingest.archives import opened
from ingest.history import Listing, Snapshot, baseline, changes
from ingest.readers import recognise, shipped
from ingest.readers.base import IN_FORCE, UNKNOWN, ReadError, Reading, RefusedError, Release, system_of
from ingest.shipped import CODE_WORD, FACTS, FOLDER

PAGE = re.compile(r"^- code: [\"']?([0-9A-Z]{5})[\"']?\s*$", re.MULTILINE)
TABLES: dict[str, tuple[str, ...]] = {
    "releases": shipped.RELEASE_COLUMNS,
    **{shipped.TABLES[kind][0]: shipped.columns_of(kind) for kind in shipped.TABLES},
    "code_history": shipped.HISTORY_COLUMNS,
    "hcpcs": shipped.HCPCS_COLUMNS,
}
Row = tuple[str, ...]
# A rationale that is also a heading of the NCCI manual, shortened: shipped files repeat no long run of its words.
SHORTENED = {"Misuse of Column Two code with Column One code": "Misuse of Column Two code"}


@dataclass(frozen=True)
class Wanted:
    """The codes that have a page, and every code-like word of the shipped texts."""

    pages: frozenset[str]
    named: frozenset[str]


def wanted(folder: Path) -> Wanted:
    """Read the codes out of the texts, valid or not: facts are needed while a text is still being written."""
    codes = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("codes/**/*.yaml"))]
    others = [file.read_text(encoding="utf-8") for pattern in ("modifiers/*.yaml", "guidelines/**/*.md") for file in sorted(folder.glob(pattern))]
    tables = [file.read_text(encoding="utf-8") for pattern in ("synonyms/*.csv", "crosswalks/*.csv") for file in sorted(folder.glob(pattern))]
    pages = frozenset(code for text in codes for code in PAGE.findall(text))
    named = frozenset(word for text in (*codes, *others, *tables) for word in CODE_WORD.findall(text) if system_of(word))
    return Wanted(pages, named | pages)


def official(data: Path) -> Iterator[Reading]:
    """Every official file in a folder that has rows for the fact tables, excerpts and further formats of a release left out."""
    seen: set[str] = set()
    with TemporaryDirectory() as scratch, opened([data], Path(scratch)) as found:
        for file in found.files:
            if "excerpt" in file.name or not (reader := recognise(file)):
                continue
            try:
                content = reader.read(file)
            except RefusedError:
                continue
            if content.release.kind in (*shipped.TABLES, SourceKind.HCPCS) and content.release.key not in seen:
                seen.add(content.release.key)
                yield content


def make(data: Path, folder: Path = FOLDER, to: Path | None = None) -> dict[str, int]:
    """Write the fact tables for the texts of a folder, into it or elsewhere; return the rows of each.

    Raises:
        ReadError: when the folder has no official file, or one that is damaged.
    """
    want = wanted(folder)
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    snapshots: list[Snapshot] = []
    level2: list[tuple[date, Row]] = []
    for reading in official(data):
        release = reading.release
        if release.kind is SourceKind.HCPCS:
            level2 += _level2(reading, want)
            continue
        listings: dict[str, Listing] = {}
        table = shipped.TABLES[release.kind][0]
        columns = reading.tables[shipped.TABLES[release.kind][1]]
        for _, batch in reading.batches:
            records = (dict(zip(columns, record, strict=True)) for record in _kept(batch, release.kind, want))
            for record in records:
                rows[table].append(_row(table, record, release))
                if release.kind is SourceKind.FEE_SCHEDULE and not record["modifier"]:
                    listings[record["code"]] = Listing(record["status"], record["global_days"], record["descriptor"])
        rows["releases"].append(_row("releases", vars(release), release))
        if release.kind is SourceKind.FEE_SCHEDULE and release.valid_from:
            snapshots.append(Snapshot(release.release, release.valid_from, listings))
    if not rows["releases"]:
        raise ReadError(f"{data}: no official file here")
    rows["code_history"] = [_row("code_history", vars(change), None) for change in sorted([*baseline(snapshots), *changes(snapshots)])]
    rows["hcpcs"] = list({row[1]: row for _, row in sorted(level2)}.values())  # of each code what the newest list says
    for name, columns in TABLES.items():
        _write((to or folder / FACTS) / f"{name}.csv", columns, sorted(rows[name]))
    return {name: len(rows[name]) for name in TABLES}


def _level2(reading: Reading, want: Wanted) -> Iterator[tuple[date, Row]]:
    """Level II codes that the texts name, with the first day of the list, and the day a code was added and its last day."""
    columns = reading.tables["listing"]
    for table, batch in reading.batches:
        for record in (dict(zip(columns, values, strict=True)) for values in batch if table == "listing"):
            if record["system"] == System.HCPCS and record["code"] in want.named:
                added, ended = (_text(record[day], "effective") for day in ("added", "ended"))
                yield reading.release.valid_from or date.min, (reading.release.release, record["code"], added, ended)


def _kept(batch: list[tuple[Any, ...]], kind: SourceKind, want: Wanted) -> Iterable[tuple[Any, ...]]:
    """The records of a batch that the shipped corpus needs; the first two fields are codes where a kind has pairs."""
    if kind is SourceKind.PTP:
        return (record for record in batch if record[0] in want.pages and record[1] in want.pages)
    if kind is SourceKind.ADD_ON:
        return (record for record in batch if record[0] in want.named or record[1] in want.pages)
    return (record for record in batch if record[0] in want.named)


def _row(table: str, record: dict[str, Any], release: Release | None) -> Row:
    values = {**vars(release), **record} if release else record
    return tuple(_text(values[column], column) for column in TABLES[table])


def _text(value: object, column: str) -> str:
    """A field of a fact table: days as ISO dates, empty where a day is unknown or an edit is in force."""
    if value is None or (column in ("effective", "deleted") and value in (UNKNOWN, IN_FORCE)):
        return ""
    if column in ("effective", "deleted"):
        return f"{value:08d}"[:4] + "-" + f"{value:08d}"[4:6] + "-" + f"{value:08d}"[6:]
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else SHORTENED.get(str(value), str(value))


def _write(path: Path, columns: Row, rows: list[Row]) -> None:
    """Write a table beside its place, then put it there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    with fresh.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    fresh.replace(path)


def main(data: Annotated[Path, typer.Option(help="Folder of official files.")] = Path("../shared/data")) -> None:
    """Make the shipped fact tables."""
    try:
        counts = make(data)
        counts[icd_history.TABLE] = icd_history.make(data)
    except ReadError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(", ".join(f"{name} {count}" for name, count in counts.items()))


if __name__ == "__main__":
    typer.run(main)
