"""Editions: folders `var/editions/<id>/` with `codebook.sqlite` and `chroma/`, and the pointer to the current one.

An edition is written once and never changed afterwards. `draft()` gives a folder to write in; leaving it without error
publishes it by swapping the pointer file, which is atomic, so a killed load leaves the current edition as it was.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from corpus.errors import CodebookError

POINTER = "current"


class EditionError(CodebookError):
    """No edition, or one that cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Edition:
    """A built edition."""

    path: Path

    @property
    def id(self) -> str:
        """Its folder name, which sorts by age."""
        return self.path.name

    @property
    def database(self) -> Path:
        """The SQLite file with facts and full text."""
        return self.path / "codebook.sqlite"

    @property
    def chroma(self) -> Path:
        """The folder of the vector index."""
        return self.path / "chroma"


def home() -> Path:
    """Where editions and local state live: `CODEBOOK_HOME`, else `var/` beside the code."""
    configured = os.environ.get("CODEBOOK_HOME")
    return Path(configured) if configured else Path(__file__).resolve().parent.parent / "var"


def current(folder: Path | None = None) -> Edition:
    """The current edition.

    Raises:
        EditionError: when none was built yet, or the pointer names a folder that is gone.
    """
    base = (folder or home()) / "editions"
    name = _pointed(base)
    if name is None:
        raise EditionError(f"no edition in {base}: run `python -m ingest build` first")
    edition = Edition(base / name)
    if not edition.database.is_file():
        raise EditionError(f"edition {name} in {base} has no database: run `python -m ingest build`")
    return edition


@contextmanager
def draft(base_on: Edition | None = None, folder: Path | None = None) -> Iterator[Edition]:
    """Give a new edition to write, a copy of `base_on` or empty; publish it on leaving, remove it on an error.

    The caller holds the ingest lock (`ingest.lock`): one writer at a time.
    """
    base = (folder or home()) / "editions"
    base.mkdir(parents=True, exist_ok=True)
    name = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    building = base / f".building-{name}"
    for stray in base.glob(".building-*"):  # left by a killed load
        shutil.rmtree(stray, ignore_errors=True)
    try:
        if base_on is None:
            building.mkdir()
        else:
            shutil.copytree(base_on.path, building)
        yield Edition(building)
        building.rename(base / name)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    before = _pointed(base)
    _point_to(base, name)
    _prune(base, {name, before})  # a running app may still read the edition before


def _pointed(base: Path) -> str | None:
    """The folder that the pointer names; None without a pointer."""
    try:
        return (base / POINTER).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None


def _point_to(base: Path, name: str) -> None:
    """Swap the pointer: write beside it, then rename over it."""
    fresh = base / f".{POINTER}"
    with fresh.open("w", encoding="utf-8") as file:
        file.write(name + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(base / POINTER)


def _prune(base: Path, keep: set[str | None]) -> None:
    """Remove all editions but the ones kept; one that a killed load never pointed to goes as well."""
    for path in base.iterdir():
        if path.is_dir() and path.name not in keep:
            shutil.rmtree(path, ignore_errors=True)
