"""The command line of the ingestion: build, add, document, fetch, status, remove, check. Exit 0 = done, 1 = a problem, 2 = wrong usage."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date as today
from datetime import datetime
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.errors import CodebookError
from corpus.rows import to_date
from ingest.readers.base import ReadError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from ingest.build import Result
    from ingest.calendar import Outdated
    from ingest.progress import Advance

NAMED = 3  # members of an archive, or files of a source, that are told by name
WIDTH = 100  # of the list of sources where nobody's terminal tells one
ORIGINS = {"package": "an installed package", "shipped": "shipped with the program"}

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
        if item.unchanged:
            typer.echo(f"{item.source}: unchanged, {item.file} was loaded before")
            continue
        skipped = "".join(f", {count} {reason}" for reason, count in item.skipped.items())
        typer.echo(f"{item.source}: {item.rows:,} rows in {item.seconds:.1f} s from {item.file}{skipped}")
    for line in _left_out(result.unknown):
        typer.echo(line)
    for fault in result.faults:
        typer.echo(f"left out: {fault}", err=True)
    if result.edition:
        typer.echo(f"edition {result.edition}")


def _left_out(files: list[tuple[str, str]]) -> Iterator[str]:
    """A line for each file that was left out, and one for all members of an archive."""
    from ingest.build import COPY

    archives: dict[str, dict[str, list[str]]] = {}
    for file, reason in files:
        archive, _, member = file.partition("/")
        if member:
            why = "another format of what was loaded" if reason.startswith(COPY) else reason
            archives.setdefault(archive, {}).setdefault(why, []).append(member)
        else:
            yield f"left out: {file}: {reason}"
    for archive, reasons in archives.items():
        yield f"left out of {archive}: " + "; ".join(f"{_some(members)}: {why}" for why, members in reasons.items())


def _some(names: list[str]) -> str:
    """The first names and how many more there are."""
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


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
def add(
    files: Annotated[list[Path], typer.Argument(help="Official files or folders of them: plain, .gz, .xlsx, .pdf or .zip.")], as_json: AsJson = False
) -> None:
    """Recognise official files by their content and load them into a new edition."""
    from ingest.build import add as add_files

    with _problems():
        with _bars() as bars:
            result = add_files(files, bars)
        _show(result, as_json)
        if not result.loaded:
            raise ReadError("nothing was loaded: none of the files is of a known format")


@app.command()
def document(
    files: Annotated[list[Path], typer.Argument(help="PDF, Word, HTML, Markdown or text.")],
    title: Annotated[str, typer.Option(help="What it is called when it is cited; of several files, with the name of each.")],
    date: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day it holds.")],
    payer: Annotated[str | None, typer.Option(help="Whose rules these are: they come first when a question names the payer.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day it holds; else until the next of its title.")] = None,
    as_json: AsJson = False,
) -> None:
    """Load documents of your own, a payer's policy or your department's rules, that are cited like any source."""
    from ingest.build import add_readings
    from ingest.documents import reading

    with _problems():
        names = [title if len(files) == 1 else f"{title}, {file.stem}" for file in files]
        last = until.date() if until else None
        documents = [(file, reading(file, name, date.date(), payer, last)) for file, name in zip(files, names, strict=True)]
        with _bars() as bars:
            result = add_readings(documents, bars)
        _show(result, as_json)


@app.command()
def fetch(
    what: Annotated[list[str] | None, typer.Argument(help="Names out of the list that `fetch` prints alone, or `all`.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Also the releases since this day, not only the newest.")] = None,
    accept_ama_license: Annotated[bool, typer.Option("--accept-ama-license", help="You accept the AMA's licence for CPT; for scripts.")] = False,
    accept_mcd_license: Annotated[bool, typer.Option("--accept-mcd-license", help="You accept the coverage database's licences.")] = False,
    load: Annotated[bool, typer.Option(help="Load what was downloaded.")] = True,
    as_json: AsJson = False,
) -> None:
    """Download official files from their publishers and load them; alone, list what can be had."""
    from ingest.fetch import fetch as fetch_files
    from ingest.fetch import offer

    if not what:
        _print({"offer": offer()}) if as_json else _offer_table(offer())
        return
    switches = {"ama": accept_ama_license, "mcd": accept_mcd_license}
    with _problems():
        with _bars() as bars:
            done = fetch_files(
                what, since=since.date() if since else None, load=load, accepted=frozenset(name for name, yes in switches.items() if yes), report=bars
            )
        if as_json:
            _print({**done.as_json(), "loaded": [asdict(item) for result in done.loaded for item in result.loaded]})
        else:
            for file in done.files:
                typer.echo(f"{file.what}: {file.file.name}, {file.size / 1e6:,.1f} MB")
            for result in done.loaded:
                _show(result, as_json)
        for name, reason in done.failed:
            typer.echo(f"error: {name}: {reason}", err=True)
        if done.failed:
            raise typer.Exit(1)


def _offer_table(rows: list[dict[str, Any]]) -> None:
    """What can be fetched."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("name", no_wrap=True)
    table.add_column("what it is", overflow="fold")
    table.add_column("publisher", no_wrap=True)
    table.add_column("about MB", justify="right")
    table.add_column("licence", overflow="fold")
    table.add_column("what it answers", overflow="fold")
    for row in rows:
        table.add_row(row["what"], row["title"], row["publisher"], f"{row['megabytes']:,}", row["licence"], row["answers"])
    _wide().print(table)


def _wide() -> Console:
    """A console; a pipe gets the same lines, only wide enough that none is folded."""
    from rich.console import Console

    console = Console()
    return Console(width=console.width if console.is_terminal else 200)


def _status_table(rows: list[dict[str, Any]]) -> None:
    """What was loaded, a line a source; the publications that shipped texts cite are only counted."""
    held = [row for row in rows if row["kind"] not in ("publication", "indicators")]
    lines = [("source", "from", "to", "rows", "read from")]
    lines += [(row["key"], _day(row["valid_from"]), _day(row["valid_to"]), f"{row['rows']:,}", _origin(row)) for row in held]
    longest, most = (max(len(line[place]) for line in lines) for place in (0, 3))
    width = get_terminal_size().columns if sys.stdout.isatty() else WIDTH
    for key, first, last, count, origin in lines:
        line = f"{key:{longest}}  {first:10}  {last:10}  {count:>{most}}  {origin}"
        typer.echo(line if len(line) <= width else line[: width - 1] + "…")
    typer.echo(f"{len(rows) - len(held)} publications that pages, modifiers and articles cite; `--json` tells titles, all files and what was skipped")


def _origin(row: dict[str, Any]) -> str:
    """What a source was read from, of an archive its own name."""
    from corpus.shelf import INCOMPLETE

    if row["origin"] in ORIGINS:
        return ORIGINS[row["origin"]]
    file = str(row["file"] or "")
    names = [name.partition("/")[0] for name in file.removesuffix(INCOMPLETE).split(", ")]
    return ("part of it: " if file.endswith(INCOMPLETE) else "") + _some(list(dict.fromkeys(names)))


def _day(number: int | None) -> str:
    """YYYYMMDD as a date; empty where there is none."""
    day = to_date(number)
    return day.isoformat() if day else ""


@app.command()
def status(
    check: Annotated[bool, typer.Option("--check", help="Say which releases are out of date by their own calendar; asks no network.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the sources of the current edition with their releases and rows."""
    from ingest.build import status as sources

    with _problems():
        rows = sources()
        late = _outdated() if check else []
    if as_json:
        told = [
            {"source": item.source.key, "due": item.due, "since": item.since, "fetch": item.fetch, "part": item.part.key if item.part else None}
            for item in late
        ]
        _print({"sources": rows} | ({"outdated": told} if check else {}))
        return
    _status_table(rows)
    for item in late:
        typer.echo(f"out of date: {item}")
    if check and not late:
        typer.echo("every release is the newest by its calendar")


def _outdated() -> list[Outdated]:
    from contextlib import closing

    from corpus.codebook import Codebook
    from corpus.editions import current
    from ingest.calendar import outdated

    with closing(Codebook(current())) as codebook:
        return outdated(codebook.sources(), today.today())


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
