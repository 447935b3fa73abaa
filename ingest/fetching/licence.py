"""Licences that a person has to accept before files may be had: asked in words, recorded, never assumed."""

from __future__ import annotations

import getpass
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

RECORD = "licences.json"  # in the user's folder


@dataclass(frozen=True)
class Licence:
    """Terms that stand before files; `id` is what the record and the switch of the command line call them."""

    id: str
    name: str
    holders: str
    url: str

    @property
    def switch(self) -> str:
        """The switch that says yes in a script."""
        return f"--accept-{self.id}-license"

    def question(self, files: int) -> str:
        """What is accepted, by whom, and where it can be read, in our words."""
        return (
            f"{files} of the files are offered by CMS only to people who accept the {self.name}.\n"
            f"It is an agreement between you (or the organisation that you act for) and {self.holders}; this program is no party to it\n"
            "and cannot accept it for you. It limits what you may do with the codes and descriptors in these files, above all passing them on.\n"
            f"Read it first: {self.url}\n"
            f'Your yes is recorded in {RECORD}, and holds for this year. Type "yes" if you accept it: '
        )


AMA = Licence("ama", "licence for the use of CPT", "the American Medical Association (AMA)", "https://www.cms.gov/license/ama")
MCD = Licence(
    "mcd",
    "licences of the Medicare Coverage Database",
    "the American Medical Association (CPT), the American Dental Association (CDT) and the American Hospital Association (UB-04)",
    "https://www.cms.gov/medicare-coverage-database/downloads/downloads.aspx",
)
LICENCES = {licence.id: licence for licence in (AMA, MCD)}


def records(home: Path) -> list[dict[str, Any]]:
    """What was accepted: licence, link, who, when, how. A file that cannot be read counts as none."""
    try:
        held = json.loads((home / RECORD).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return []
    return [entry for entry in held if isinstance(entry, dict)] if isinstance(held, list) else []


def accepted(licence: Licence, home: Path, now: datetime) -> bool:
    """Whether this user accepted a licence this year: each year's code set has a licence of its own."""
    mine = (entry for entry in records(home) if entry.get("licence") == licence.id and entry.get("who") == _user())
    return any(str(entry.get("when", "")).startswith(f"{now.year}-") and entry.get("url") == licence.url for entry in mine)


def record(licence: Licence, home: Path, now: datetime, how: str) -> None:
    """Write down that the user accepted a licence."""
    entry = {
        "licence": licence.id,
        "name": licence.name,
        "url": licence.url,
        "who": _user(),
        "when": now.isoformat(timespec="seconds"),
        "how": how,
    }
    home.mkdir(parents=True, exist_ok=True)
    fresh = home / f".{RECORD}"
    fresh.write_text(json.dumps([*records(home), entry], indent=1) + "\n", encoding="utf-8")
    fresh.replace(home / RECORD)


class Agreement:
    """The user's own yes: a switch of the command line, a record of this year, or the word typed at a terminal."""

    def __init__(self, home: Path, switches: frozenset[str] = frozenset()) -> None:
        self._home = home
        self._switches = switches
        self._answers: dict[str, bool] = {}

    def given(self, licence: Licence, files: int) -> bool:
        """Whether the licence is accepted; asks once where there is a person to ask. `files`: how many stand behind it."""
        if licence.id not in self._answers:
            self._answers[licence.id] = self._decide(licence, files)
        return self._answers[licence.id]

    def _decide(self, licence: Licence, files: int) -> bool:
        now = datetime.now(UTC)
        if accepted(licence, self._home, now):
            return True
        if licence.id in self._switches:
            how = licence.switch
        elif sys.stdin.isatty() and sys.stderr.isatty():
            typer.echo(licence.question(files), err=True, nl=False)
            if sys.stdin.readline().strip().lower() != "yes":
                return False
            how = "asked at the terminal"
        else:
            return False
        record(licence, self._home, now, how)
        return True


def refusal(licence: Licence) -> str:
    """Why a file was left out, and what to do."""
    return f"stands behind the {licence.name} ({licence.url}), which you have to accept yourself: {licence.switch}, or answer yes at a terminal"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number without a name
        return "unknown"
