"""The command line of the ingestion: build, add, status, remove, check. Exit 0 = done, 1 = a problem, 2 = wrong usage."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.errors import CodebookError
from corpus.rows import to_date
from ingest.readers.base import ReadError

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from ingest.build import Result
    from ingest.progress import Advance

app = typer.Typer(no_args_is_help=True, add_completion=False)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.callback()
def _commands() -> None:
    """Build and fill the editions that the assistant reads."""


class Bars:
    """Progress bars on the terminal, one a task."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._open: TaskID | None = None

    def task(self, name: str, total: int | None = None) -> Advance:
        """Begin a task; the one before it is done."""
        self.done()
        task = self._open = self._progress.add_task(name, total=total)
        return lambda count: self._progress.advance(task, count)

    def done(self) -> None:
        """Close the task that is open."""
        if self._open is not None:
            done = self._progress.tasks[self._open].completed
            self._progress.update(self._open, total=done, completed=done)


@contextmanager
def _bars() -> Iterator[Bars]:
    """Bars on stderr with rate and time left; quiet where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
    from rich.table import Column
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed or 0:,.0f}/s")

    name = TextColumn("{task.description}", table_column=Column(width=36, no_wrap=True, overflow="ellipsis"))
    columns = (name, BarColumn(bar_width=20), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bars = Bars(progress)
        yield bars
        bars.done()


@contextmanager
def _problems() -> Iterator[None]:
    """Say a problem in one line on stderr and exit 1."""
    try:
        yield
    except (CodebookError, OSError, sqlite3.Error) as error:  # sqlite3: the disk is full, or the file is damaged
        typer.echo(f"error: {' '.join(str(error).split())}", err=True)
        raise typer.Exit(1) from None


def _print(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def _show(result: Result, as_json: bool) -> None:
    """Sources, rows and seconds of what was loaded, the files left out, and what has to be added again."""
    for source in result.add_again:
        typer.echo(f"not taken over, add it again: {source}", err=True)
    if as_json:
        unknown = [{"file": file, "reason": reason} for file, reason in result.unknown]
        faults = [str(fault) for fault in result.faults]
        loaded = [asdict(item) for item in result.loaded]
        _print(
            {
                "edition": result.edition,
                "loaded": loaded,
                "unknown": unknown,
                "embedded": result.embedded,
                "faults": faults,
                "add_again": result.add_again,
            }
        )
        return
    for item in result.loaded:
        skipped = "".join(f", {count} {reason}" for reason, count in item.skipped.items())
        typer.echo(f"{item.source}: {item.rows:,} rows in {item.seconds:.1f} s from {item.file}{skipped}")
    for file, reason in result.unknown:
        typer.echo(f"left out: {file}: {reason}")
    for fault in result.faults:
        typer.echo(f"left out: {fault}", err=True)
    if result.edition:
        typer.echo(f"edition {result.edition}")


@app.command()
def build(
    if_missing: Annotated[
        bool, typer.Option(help="Do nothing when there is an edition that this version can read, of the shipped files as they are.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the default edition out of the shipped corpus; official files loaded before stay loaded."""
    from ingest.fresh import is_current

    with _problems():
        if if_missing and is_current():
            return
        from ingest.build import build as build_edition

        with _bars() as bars:
            result = build_edition(bars)
        _show(result, as_json)


@app.command()
def add(files: Annotated[list[Path], typer.Argument(help="Official files, plain, .gz or .zip.")], as_json: AsJson = False) -> None:
    """Recognise official files by their content and load them into a new edition."""
    from ingest.build import add as add_files

    with _problems():
        with _bars() as bars:
            result = add_files(files, bars)
        _show(result, as_json)
        if not result.loaded:
            raise ReadError("nothing was loaded: none of the files is of a known format")


def _status_table(rows: list[dict[str, Any]]) -> None:
    """What was loaded, as a table; the publications that shipped texts cite are only counted."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("source", "release", "from", "to"):
        table.add_column(name, no_wrap=True)
    table.add_column("rows", justify="right")
    table.add_column("file", overflow="fold")
    held = [row for row in rows if row["kind"] not in ("publication", "indicators")]
    for row in held:
        days = (_day(row["valid_from"]), _day(row["valid_to"]))
        table.add_row(row["key"], row["release"], *days, f"{row['rows']:,}", row["file"] or "")
    # A pipe gets the same lines, only wide enough that none is folded.
    console = Console()
    Console(width=console.width if console.is_terminal else 200).print(table)
    typer.echo(f"{len(rows) - len(held)} publications that pages, modifiers and articles cite")


def _day(number: int | None) -> str:
    """YYYYMMDD as a date; empty where there is none."""
    day = to_date(number)
    return day.isoformat() if day else ""


@app.command()
def status(as_json: AsJson = False) -> None:
    """List the sources of the current edition with their releases and rows."""
    from ingest.build import status as sources

    with _problems():
        rows = sources()
    if as_json:
        _print({"sources": rows})
        return
    _status_table(rows)


@app.command()
def remove(source: Annotated[str, typer.Argument(help="Key of a source, as `status` prints it.")], as_json: AsJson = False) -> None:
    """Take a loaded source out; rows of the same release that are shipped come back."""
    from ingest.build import remove as remove_source

    with _problems():
        _show(remove_source(source), as_json)


@app.command()
def check(
    data: Annotated[Path | None, typer.Option(help="Folder of official files to compare the fact tables with.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check the shipped files against each other and the data; exit 1 when there is a fault."""
    from ingest.shipped.check import check as check_shipped

    faults, counts = check_shipped(data=data)
    if as_json:
        _print({"counts": counts, "faults": [{"file": str(f.file), "line": f.line, "message": f.message} for f in faults]})
    else:
        for fault in faults:
            typer.echo(str(fault))
        typer.echo(", ".join(f"{count} {kind}" for kind, count in counts.items()) + f", {len(faults)} faults")
    raise typer.Exit(1 if faults else 0)


if __name__ == "__main__":
    app()
