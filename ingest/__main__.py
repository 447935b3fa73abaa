"""The command line of the ingestion: build, add, status, remove, check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="Build and fill the editions that the assistant reads.", no_args_is_help=True, add_completion=False)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def _print(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


@app.callback()
def _commands() -> None:
    """Build and fill the editions that the assistant reads."""


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
