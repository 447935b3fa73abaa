"""Fields that the payment files share: amounts, contractors, localities, and columns found by their labels."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.readers.base import OfficialFile, fail

AMOUNT = re.compile(r"\$?\s*(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?")
CONTRACTOR = 5  # digits
LOCALITY = 2
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
