"""The command line: ask, code, search, batch, evaluate. Exit 0 = answered, 1 = a problem in one line on stderr, 2 = wrong usage."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus.errors import CodebookError
from corpus.model import Setting, System

if TYPE_CHECKING:
    from assistant.chain import Assistant

app = typer.Typer(help="Ask Codebook from the command line.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OnDate = Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Date of service; today when left out.")]
InSystem = Annotated[System | None, typer.Option("--system", help="Code set.")]
InSetting = Annotated[Setting | None, typer.Option("--setting", help="Who bills.")]


def _open() -> Assistant:
    from assistant.chain import open_assistant

    return open_assistant()


def _print(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


def _day(value: datetime | None) -> date | None:
    return value.date() if value else None


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="The question.")],
    on: OnDate = None,
    setting: InSetting = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question."""
    answer = _open().ask(text, date=_day(on), setting=setting)
    if as_json:
        _print(answer.as_json())
        return
    typer.echo(answer.text)
    for citation in answer.citations:
        evidence = citation.evidence
        typer.echo(f"[{citation.n}] {evidence.source.label}: {evidence.locator}")


@app.command()
def code(
    code: Annotated[str, typer.Argument(help="CPT, HCPCS, ICD-10-CM or modifier.")],
    system: InSystem = None,
    on: OnDate = None,
    setting: InSetting = None,
    as_json: AsJson = False,
) -> None:
    """Show the whole page of a code."""
    from assistant.code_page import code_page, page_text

    page = code_page(_open(), code, system, _day(on), setting)
    if as_json:
        _print(page)
    else:
        typer.echo(page_text(page))


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="Words to search for.")],
    system: InSystem = None,
    limit: Annotated[int, typer.Option(min=1, max=50)] = 10,
    as_json: AsJson = False,
) -> None:
    """Find codes by words."""
    from assistant.in_force import search as find

    assistant = _open()
    hits = find(assistant.finder, text, system, limit, assistant.today)
    if as_json:
        _print({"results": [hit.as_json() for hit in hits]})
        return
    for hit in hits:
        typer.echo(f"{hit.system:9} {hit.code:9} {hit.title}{f' ({hit.outside})' if hit.outside else ''}")


@app.command()
def batch(
    source: Annotated[Path, typer.Argument(metavar="IN.jsonl", exists=True, dir_okay=False)],
    target: Annotated[Path, typer.Argument(metavar="OUT.jsonl", dir_okay=False)],
    task: Annotated[str, typer.Option(help="ask or search")] = "ask",
    as_json: AsJson = False,
) -> None:
    """Answer every row of a JSON lines file; a row that fails gives its error and the run goes on."""
    from assistant.batch import TASKS, run

    if task not in TASKS:
        raise typer.BadParameter(f"{task!r} is not a task; choose one of {', '.join(TASKS)}", param_hint="--task")
    summary = run(_open(), source, target, task)
    if as_json:
        _print(summary)
    else:
        typer.echo(f"{summary['rows']} rows, {summary['failed']} failed, {summary['seconds']} s, written to {target}")


@app.command()
def evaluate(
    golden: Annotated[Path | None, typer.Option(help="Folder of golden questions; tests/golden when left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the golden questions: share passed by kind, latency, codes stated that do not exist. Exit 1 when one fails."""
    from assistant.evaluation import evaluate as run
    from assistant.evaluation import report_text

    report = run(_open(), golden or Path(__file__).resolve().parent.parent / "tests" / "golden")
    if as_json:
        _print(report)
    else:
        typer.echo(report_text(report))
    raise typer.Exit(0 if report["passed"] == report["questions"] and not report["unknown_codes"] else 1)


def main() -> None:
    """Run a command; what goes wrong is said in one line."""
    try:
        app()
    except (CodebookError, OSError, ValueError) as error:
        sys.stderr.write(f"error: {' '.join(str(error).split())}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
