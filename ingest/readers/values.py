"""Fields that the payment files share: amounts, contractors, localities, and columns found by their labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from ingest.readers.base import OfficialFile, fail, quarter_of

AMOUNT = re.compile(r"\$?\s*(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?")
CONTRACTOR = 5  # digits
LOCALITY = 2
QUARTERS = {"jan": 1, "apr": 2, "jul": 3, "oct": 4}
RVU = re.compile(r"rvu(\d\d)([a-d])r?(?![a-z])", re.IGNORECASE)
MONTH = re.compile(r"(?<![a-z])(jan|apr|jul|oct)[a-z]*", re.IGNORECASE)
YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d{3})")
SHORT_YEAR = re.compile(r"rvu(\d\d)(?!\d)", re.IGNORECASE)
NUMBERED_MONTH = re.compile(r"(?<!\d)(20\d\d)[-_ ]?(0[147]|10)(?!\d)")
FOOTNOTE = re.compile(r"[\s*]+$")  # asterisks that lead to a footnote


def amount(value: str, file: OfficialFile, line: int, column: str) -> float | None:
    """A decimal without sign, dollar sign and thousands commas allowed, to at most four places; None for an empty field.

    Raises:
        ReadError: for anything else.
    """
    value = value.strip()
    if not value:
        return None
    if not AMOUNT.fullmatch(value) or not re.search(r"[0-9]", value) or not value.isascii():
        fail(file, line, f"{column} {value[:40]!r} is not a number")
    return round(float(value.lstrip("$").replace(",", "")), 4)


def needed(value: str, file: OfficialFile, line: int, column: str) -> float:
    """An amount that must not be empty."""
    found = amount(value, file, line, column)
    if found is None:
        fail(file, line, f"{column} is empty, wanted a number")
    return found


def digits(value: str, width: int, file: OfficialFile, line: int, column: str) -> str:
    """A number of fixed width as text; a csv or spreadsheet may have eaten its leading zeros.

    Raises:
        ReadError: when it is not digits, or more of them than `width`.
    """
    value = value.strip()
    if not (value.isascii() and value.isdigit()) or len(value) > width:
        fail(file, line, f"{column} {value[:40]!r}, wanted up to {width} digits")
    return value.zfill(width)


def name(value: str) -> str:
    """A name in single blanks and without the asterisks that lead to footnotes."""
    return FOOTNOTE.sub("", " ".join(value.split()))


def label(cell: str) -> str:
    """A column's label in capitals and single blanks, without footnote marks."""
    return name(cell).upper()


def column(labels: Sequence[str], pattern: str, file: OfficialFile, line: int) -> int:
    """The place of the single column whose label holds a pattern.

    Raises:
        ReadError: when no column or several have it.
    """
    found = column_or_none(labels, pattern, file, line)
    if found is None:
        fail(file, line, f"no column is labelled like {pattern!r}; is this a file of a new layout?")
    return found


def column_or_none(labels: Sequence[str], pattern: str, file: OfficialFile, line: int) -> int | None:
    """As `column`, None when no column has the label."""
    places = [place for place, text in enumerate(labels) if re.search(pattern, text)]
    if len(places) > 1:
        fail(file, line, f"several columns are labelled like {pattern!r}; is this a file of a new layout?")
    return places[0] if places else None


def names_of(file: OfficialFile) -> Iterator[str]:
    """What may tell a release that the content does not: the file's name, those of the archives around it, that of an open file's folder."""
    yield file.name
    yield from reversed(file.within or ([file.archive] if file.archive else []))
    if not file.archive:
        yield file.path.absolute().parent.name


def rvu_release(file: OfficialFile) -> tuple[int, str] | None:
    """Year and letter of a fee schedule release, 2025 and "D", as names tell it: `rvu25d`, or `PPRRVU2025_Oct`."""
    for text in names_of(file):
        if found := RVU.search(text):
            return 2000 + int(found[1]), found[2].upper()
        month, year = MONTH.search(text.replace("_", " ")), YEAR.search(text) or SHORT_YEAR.search(text)
        if month and year:
            return 2000 + int(year[1]) % 100, "ABCD"[QUARTERS[month[1].lower()] - 1]
    return None


def qpp_named(text: str) -> bool | None:
    """Whether a name is that of the file of qualifying APM participants: `nonQPP` tells that it is not; None when it tells nothing."""
    found = re.search(r"(non)?[-_ ]?qpp", text, re.IGNORECASE)
    return found[1] is None if found else None


def year_named(file: OfficialFile) -> int | None:
    """The year in the names, `ANES2025` or `rvu25d`."""
    for text in names_of(file):
        if found := YEAR.search(text) or SHORT_YEAR.search(text):
            return 2000 + int(found[1]) % 100
    return None


def quarter_named(text: str) -> tuple[str, date, date] | None:
    """The quarter that a text tells by its first month and year: `January 2026`, `2026_July`, `2026-04`."""
    if found := NUMBERED_MONTH.search(text):
        return quarter_of(int(found[1]), (int(found[2]) + 2) // 3)
    month, year = MONTH.search(text.replace("_", " ").replace("-", " ")), YEAR.search(text)
    return quarter_of(int(year[1]), QUARTERS[month[1].lower()]) if month and year else None


def flat(head: bytes) -> bytes:
    """The first bytes with all white space and quotes as single blanks, for labels that line breaks run through."""
    return re.sub(rb'[\s"]+', b" ", head)
