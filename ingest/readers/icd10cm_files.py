"""What the ICD-10-CM files share: the shape of a code, the release that a name tells, lines of either encoding, and XML.

ICD-10-CM is published for a fiscal year, from October 1, and again where January 1 or April 1 brings an update. What the update
is stands only in the names of the file and of its archive: `icd10cm-order-Jan-2021.txt`, `icd10cm-tabular-April-1-2026.xml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from xml.etree import ElementTree

from ingest.readers.base import OfficialFile, ReadError, damage, fail, fiscal_year

PUBLISHER = "CDC/NCHS"
URL = "https://www.cms.gov/medicare/coding-billing/icd-10-codes"
CODE = re.compile(r"[A-Z](?:\d[0-9A-Z]|[A-Z]\d)[0-9A-Z]{0,4}", re.ASCII)  # without its dot; from FY2026 on some begin with two letters
SHOWN = re.compile(r"[A-Z](?:\d[0-9A-Z]|[A-Z]\d)(\.[0-9A-Z]{1,4})?", re.ASCII)  # with it
YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)|(?<![A-Z])FY[-_ ]?(\d\d)(?!\d)", re.IGNORECASE)
UPDATE = re.compile(r"(?<![A-Z])(Jan|Apr)(?:uary|il)?(?![A-Z])", re.IGNORECASE)
UPDATES = {"jan": "January", "apr": "April"}


@dataclass(frozen=True)
class Edition:
    """A fiscal year's edition, or an update of it; `month` is "January" or "April" for an update."""

    year: int
    month: str | None = None

    @property
    def name(self) -> str:
        """As releases are called: "FY2021", "FY2021, January 2021"."""
        return f"FY{self.year}, {self.month} {self.year}" if self.month else f"FY{self.year}"

    @property
    def valid_from(self) -> date:
        """The day it takes effect."""
        start = {"January": date(self.year, 1, 1), "April": date(self.year, 4, 1)}
        return start[self.month] if self.month else fiscal_year(self.year)[0]

    @property
    def valid_to(self) -> date:
        """The last day of its fiscal year."""
        return fiscal_year(self.year)[1]


def edition(file: OfficialFile, told: int | None = None) -> Edition:
    """The edition of a file: its fiscal year as the content tells it, else from the names, and the update from the names.

    Raises:
        ReadError: when neither tells the year.
    """
    names = [file.name, *reversed((*file.within, *([file.path.name] if file.member and not file.within else ())))]
    year = told or next((found for name in names if (found := _year(name))), None)
    if year is None:
        raise ReadError(f"{file}: the release stands only in the file name, and this one has no year; keep the name it was published under")
    month = next((match[1].lower() for name in names if (match := UPDATE.search(name))), None)
    return Edition(year, UPDATES[month] if month else None)


def _year(name: str) -> int | None:
    found = YEAR.search(name)
    if not found:
        return None
    return 2000 + int(found[1]) if found[1] else int(found[0])


def lines(file: OfficialFile) -> Iterator[tuple[int, str]]:
    """The lines of a text file with their numbers, from 1, without line ends; UTF-8, and cp1252 where a line is not."""
    with damage(file), file.open() as raw:
        for number, line in enumerate(raw, start=1):
            yield number, decoded(line).rstrip("\r\n\x1a")


def decoded(line: bytes) -> str:
    """A line in UTF-8, or in cp1252 where it is not."""
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def elements(file: OfficialFile, *tags: str) -> Iterator[ElementTree.Element]:
    """The elements of an XML file with one of the tags, as each ends; it is emptied when the next is asked for.

    Raises:
        ReadError: when the file is not well formed.
    """
    with damage(file), file.open() as raw:
        try:
            for _, element in ElementTree.iterparse(raw):  # noqa: S314 - expat refuses entities that grow
                if element.tag in tags:
                    yield element
                    element.clear()
        except ElementTree.ParseError as error:
            fail(file, error.position[0], f"not well-formed XML ({error}); download it again")
        except LookupError as error:  # an encoding that no one knows
            fail(file, 1, f"not well-formed XML ({error}); download it again")


def text_of(element: ElementTree.Element | None) -> str:
    """The text of an element and what is in it, blanks joined."""
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def version(file: OfficialFile) -> int:
    """The fiscal year that the XML files name near their top.

    Raises:
        ReadError: when there is none.
    """
    found = re.search(rb"<version>\s*(20\d\d)\b[^<]*</version>", file.head())
    if not found:
        raise ReadError(f"{file}: no <version> with a year near the top; is it an official file of ICD-10-CM?")
    return int(found[1])
