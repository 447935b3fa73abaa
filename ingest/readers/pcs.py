"""What the files of ICD-10-PCS share: their releases, and their XML piece by piece.

ICD-10-PCS changes on October 1 and, since fiscal year 2022, on April 1; before that the updates within a year came on August 1, 2020 and
January 1, 2021, as the conversion table tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, cast
from xml.etree import ElementTree

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, ReadError, Release, damage, fiscal_year

URL = "https://www.cms.gov/medicare/coding-billing/icd-10-codes"
UPDATES = {2020: (8, 1), 2021: (1, 1)}  # day of the update within a fiscal year
USUAL_UPDATE = (4, 1)
CHUNK = 1 << 16


def update_day(year: int) -> date:
    """The day of the update within a fiscal year."""
    month, day = UPDATES.get(year, USUAL_UPDATE)
    return date(year, month, day)


def release(kind: SourceKind, title: str, year: int, start: date | None = None) -> Release:
    """The release of a fiscal year, or of the update within it that takes effect on `start`."""
    first, last = fiscal_year(year)
    start = start or first
    name = f"FY{year}" if start == first else f"{start:%B} {start.day}, {start.year}"
    return Release(kind, name, title, "CMS", valid_from=start, valid_to=last, url=URL)


def xml_head(root: str) -> re.Pattern[bytes]:
    """What the XML of a PCS book begins with."""
    return re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<ICD10PCS\." + root.encode() + rb"[\s>]", re.DOTALL)


def xml_release(file: OfficialFile, kind: SourceKind, title: str) -> Release:
    """The release of an XML file by its own `version`: the fiscal year, with the word April for the update within it."""
    found = re.search(rb"<version>([^<]*?(20\d\d)[^<]*)</version>", file.head())
    if not found:
        raise ReadError(f"{file}: no year in <version>; is this the XML as CMS publishes it?")
    year = int(found[2])
    return release(kind, title, year, update_day(year) if b"apr" in found[1].lower() else None)


def elements(file: OfficialFile, depth: int) -> Iterator[ElementTree.Element]:
    """The elements that lie `depth` levels below the root, whole, in the order of the file; each is let go of afterwards.

    Raises:
        ReadError: when the file is not well-formed or is cut off.
    """
    parser: ElementTree.XMLPullParser[Any] = ElementTree.XMLPullParser(["start", "end"])  # expat itself bounds what entities may grow to
    above: list[ElementTree.Element] = []
    try:
        with damage(file), file.open() as stream:
            for chunk in iter(lambda: stream.read(CHUNK), b""):
                parser.feed(chunk)
                yield from _finished(parser, above, depth)
            parser.close()
            yield from _finished(parser, above, depth)
    except ElementTree.ParseError as error:
        raise ReadError(f"{file}:{error.position[0]}: not well-formed XML ({error}); download it again") from error


def _finished(parser: ElementTree.XMLPullParser[Any], above: list[ElementTree.Element], depth: int) -> Iterator[ElementTree.Element]:
    for what, element in cast(Iterator[tuple[str, ElementTree.Element]], parser.read_events()):
        if what == "start":
            above.append(element)
            continue
        above.pop()
        if len(above) == depth:
            yield element
        if len(above) <= depth and above:
            above[-1].remove(element)


def words(element: ElementTree.Element | None) -> str:
    """The text of an element itself on one line, "" where there is none."""
    return " ".join((element.text or "").split()) if element is not None else ""
