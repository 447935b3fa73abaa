"""Place of service codes as CMS publishes them: a table on a web page, kept as it was saved (`python -m ingest fetch pos`).

Its columns are code, name and description; several codes that are not in use stand in one row, `28-30`, and are left out. Neither a day nor the
rate that a place is paid at stands on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, ReadError, Reading, Release, batched
from ingest.readers.place_of_service import ADDED, COLUMNS, FIRST, TITLE, URL

PAGE = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html)\b.*?<title>[^<]*place of service codes?(?: sets?)?\s*[|<]", re.IGNORECASE | re.DOTALL
)
HEADER = ("place of service code(s)", "place of service name", "place of service description")
CODE = re.compile(r"\d\d", re.ASCII)
SPAN = re.compile(r"(\d\d) ?[-–] ?(\d\d)", re.ASCII)
FEWEST = 30  # codes; the set has some fifty


class _Rows(HTMLParser):
    """The cells of every table row of a page, without markup."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
        self._open = tag in ("td", "th") or (self._open and tag != "table")

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag not in ("td", "th", "table")

    def handle_data(self, data: str) -> None:
        if self._open and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def sniff(head: bytes) -> bool:
    """A web page that is titled as the code set."""
    return bool(PAGE.match(head))


def read(file: OfficialFile) -> Reading:
    """Read the codes in use; `facility` is empty, because the page does not tell the rate.

    Raises:
        ReadError: when the page has no such table, or a row of it is not a code or a span of codes with a name.
    """
    with file.text("utf-8") as text:
        parser = _Rows()
        parser.feed(text.read())
        parser.close()
    rows = [tuple(" ".join(cell.split()) for cell in row) for row in parser.rows]
    start = next((number for number, row in enumerate(rows) if tuple(cell.lower() for cell in row) == HEADER), None)
    if start is None:
        raise ReadError(f"{file}: no table with the columns {', '.join(HEADER)}; was the page changed?")
    reading = Reading(Release(SourceKind.PLACE_OF_SERVICE, "", TITLE, "CMS"), {"place_of_service": COLUMNS}, iter(()))
    found = dict(_codes(file, rows[start + 1 :], reading))
    if len(found) < FEWEST:
        raise ReadError(f"{file}: {len(found)} codes, and the set has some fifty; was the page cut off?")
    first = max([FIRST, *(day for code, day in ADDED.items() if code in found)])
    last = min((day - timedelta(days=1) for code, day in ADDED.items() if code not in found and day > first), default=None)
    reading.release = Release(SourceKind.PLACE_OF_SERVICE, first.isoformat(), TITLE, "CMS", None, first, last, URL)
    reading.batches = batched("place_of_service", ((code, name, "") for code, name in found.items()))
    return reading


def _codes(file: OfficialFile, rows: list[tuple[str, ...]], reading: Reading) -> Iterator[tuple[str, str]]:
    """Codes with their names; codes that are not in use are counted as left out."""
    for row in rows:
        if len(row) != len(HEADER):
            break  # the table has ended
        code, name = row[0], row[1]
        if name.lower().startswith("unassigned"):
            span = SPAN.fullmatch(code)
            reading.skip("unassigned", int(span[2]) - int(span[1]) + 1 if span else 1)
        elif CODE.fullmatch(code) and name:
            yield code, name
        else:
            raise ReadError(f"{file}: code {code[:20]!r} with the name {name[:60]!r}: wanted two digits and a name")
