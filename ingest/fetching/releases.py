"""When a published file takes effect, as its name or the text of its link tells.

Names are written by hand and drift: `rvu26d-updated-08-26-2026.zip`, `2026-q4`, `2026q4`, `q2-2026`, `april-1-2026`,
`effective-06012026`, `DXCCSR-v2026-1.zip`. They are only read, never made up.
"""

from __future__ import annotations

import re
from datetime import date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?<![a-z])(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:[a-z]*)"
_YEAR = r"(?P<year>20[0-4]\d)"
_GAP = r"[-_ .,]*"
_MDY = r"(?P<mm>0?[1-9]|1[0-2])[-_./](?P<dd>0?[1-9]|[12]\d|3[01])[-_./](?P<year>20[0-4]\d)"
_MMDDYYYY = r"(?<!\d)(?P<mm>0[1-9]|1[0-2])(?P<dd>0[1-9]|[12]\d|3[01])(?P<year>20[0-4]\d)(?!\d)"
UPDATED = re.compile(rf"(?:updated|posted|revised|corrected|released){_GAP}(?:{_MDY})", re.IGNORECASE)
DATED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"rvu[-_ ]?(?P<yy>\d\d)(?P<letter>[a-d])",
        rf"(?<!\d){_YEAR}[-_ ]?q(?P<quarter>[1-4])(?!\d)",
        rf"(?<![a-z0-9])q(?P<quarter>[1-4])[-_ ]?{_YEAR}(?!\d)",
        rf"{_MONTH}{_GAP}(?:(?P<dd>0?[1-9]|[12]\d|3[01])(?!\d){_GAP})?{_YEAR}(?!\d)",
        rf"(?<!\d){_YEAR}{_GAP}{_MONTH}",
        rf"(?<!\d){_MDY}(?!\d)",
        _MMDDYYYY,
    )
)
YEAR = re.compile(
    r"(?<![\dA-Za-z])(?:v|fy[-_ ]?)?(?P<year>20[0-4]\d)(?![\dA-Za-z])|(?<![A-Za-z])fy[-_ ]?(?P<yy>\d\d)(?!\d)|codesfy(?P<short>\d\d)", re.I
)
VERSION = re.compile(r"v\d+r(\d+)|[-_](\d{1,2})(?=\.\w+$)", re.IGNORECASE)


def starts(text: str, fiscal: bool = False) -> date | None:
    """The first day of the release that a name or link text tells, None where it tells none.

    A quarter or month starts on its first day; a year alone on January 1, or, for `fiscal` publications, on October 1 of the year before.
    """
    plain = UPDATED.sub(" ", text)
    for pattern in DATED:
        found = pattern.search(plain)
        day = _day(found.groupdict()) if found else None
        if day:
            return day
    found = YEAR.search(plain)
    if found:
        year = int(found["year"] or 2000 + int(found["yy"] or found["short"]))
        return date(year - 1, 10, 1) if fiscal else date(year, 1, 1)
    return updated(text)


def _day(parts: dict[str, str | None]) -> date | None:
    """The first day out of the parts of a name; None for a day that does not exist."""
    year = int(parts.get("year") or 2000 + int(parts.get("yy") or 0))
    month, day = 1, int(parts.get("dd") or 1)
    if parts.get("letter"):
        month = 3 * "abcd".index(str(parts["letter"]).lower()) + 1
    elif parts.get("quarter"):
        month = 3 * int(str(parts["quarter"])) - 2
    elif parts.get("month"):
        month = MONTHS.index(str(parts["month"]).lower()) + 1
    elif parts.get("mm"):
        month = int(str(parts["mm"]))
    try:
        return date(year, month, day)
    except ValueError:
        return None


def updated(text: str) -> date | None:
    """The day of a corrected file, from `updated-08-26-2026`."""
    found = UPDATED.search(text)
    return _day({**found.groupdict(), "yy": None}) if found else None


def revision(name: str) -> tuple[date, int]:
    """What orders the files of one release: the day of an update, then the number that the name ends in (`-0`, `_1`, `v323r1`)."""
    found = VERSION.search(name)
    return updated(name) or date.min, int(found[1] or found[2]) if found else -1
