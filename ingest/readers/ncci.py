"""What the readers of NCCI files share: setting and quarter stand in file names, and some files must not be taken for others.

Names are read from the inside out: the sheet, the member, its folders in the archive, the archives around it. CMS marks a quarter as a
version (`v322` is 32.2, the third quarter of 1994 + 32), as `2026Q3`, `2026-q3` or `q3-2026`, or by its first day (`Eff_07-01-2026`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import PurePosixPath

from corpus.model import Setting
from ingest.readers.base import OfficialFile, ReadError, RefusedError, quarter_of

VERSION = re.compile(r"-v(\d\d)([0-3])r\d", re.IGNORECASE)
FIRST_DAY = re.compile(r"eff(?:ective)?[_ -]*(01|04|07|10)-?01-?(20\d\d)(?!\d)", re.IGNORECASE)
QUARTER = re.compile(r"(20\d\d)[_-]?q([1-4])(?!\d)", re.IGNORECASE)
QUARTER_FIRST = re.compile(r"(?<![a-z0-9])q([1-4])[_-]?(20\d\d)(?!\d)", re.IGNORECASE)
SETTINGS = {
    Setting.PRACTITIONER: ("practitioner services", re.compile(r"ccipra|practitioner|(?<![a-z])pra(?![a-z])", re.IGNORECASE)),
    Setting.FACILITY: ("outpatient hospital services", re.compile(r"ccioph|hospital|(?<![a-z])oph(?![a-z])", re.IGNORECASE)),
}
MEDICAID = re.compile(r"medicaid|(?<![a-z])mcd(?![a-z])", re.IGNORECASE)
CHANGES = re.compile(r"additions|deletions|revisions|changes", re.IGNORECASE)


def names(file: OfficialFile) -> Iterator[str]:
    """Every name that a file has, the innermost first."""
    if file.sheet:
        yield file.sheet
    if file.member:
        yield from reversed(PurePosixPath(file.member.replace("\\", "/")).parts)
    yield from reversed(file.within or (file.path.name,))


def quarter(file: OfficialFile) -> tuple[str, date, date]:
    """The quarter that the names tell, as release, first and last day.

    Raises:
        ReadError: when none does.
    """
    for name in names(file):
        if found := VERSION.search(name):
            return quarter_of(1994 + int(found[1]), int(found[2]) + 1)
        if found := FIRST_DAY.search(name):
            return quarter_of(int(found[2]), (int(found[1]) + 2) // 3)
        if found := QUARTER.search(name):
            return quarter_of(int(found[1]), int(found[2]))
        if found := QUARTER_FIRST.search(name):
            return quarter_of(int(found[2]), int(found[1]))
    raise ReadError(f"{file}: the release stands only in the file name, and this one has none; keep the name it was published under")


def setting(file: OfficialFile, title: str = "") -> tuple[Setting, str]:
    """The setting that the title of the table tells, else the names, and its name in words.

    Raises:
        ReadError: when none does, or one names both.
    """
    for name in (title, *names(file)):
        found = [(kind, words) for kind, (words, pattern) in SETTINGS.items() if pattern.search(name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise ReadError(f"{file}: {name[:60]!r} names both settings; load the practitioner and the hospital file each on its own")
    raise ReadError(
        f"{file}: the file does not say whether it is for practitioners or hospitals; its name must hold ccipra or ccioph, practitioner or hospital"
    )


def refuse_medicaid(file: OfficialFile) -> None:
    """Refuse the edits of the Medicaid program: they have the layout of the Medicare files, and differ.

    Raises:
        RefusedError: when a name says Medicaid.
    """
    if any(MEDICAID.search(name) for name in names(file)):
        raise RefusedError(f"{file}: NCCI edits of Medicaid; only those of Medicare are held, so it was left out")


def refuse_changes(file: OfficialFile, table: str) -> None:
    """Refuse a list of changes where a whole table is wanted: it would stand for the table.

    Raises:
        RefusedError: when the sheet or the file is named as one.
    """
    if any(CHANGES.search(name) for name in (file.sheet or "", file.name)):
        raise RefusedError(f"{file}: changes of a quarter only; load the whole {table} of that quarter instead")
