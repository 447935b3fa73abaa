"""Place of service codes with the rate that they are paid at, as a third party put them together (JSON).

The list tells no date. Codes that were added on a known day date it: it begins with the youngest of them that it has, and ends before the oldest
that it lacks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, ReadError, Reading, Record, Release, batched

TITLE = "Place of service codes"
URL = "https://www.cms.gov/medicare/coding-billing/place-of-service-codes/code-sets"
COLUMNS = ("code", "name", "facility")
FIRST = date(2020, 1, 1)
ADDED = {"10": date(2022, 1, 1), "27": date(2023, 10, 1), "66": date(2024, 8, 1)}


def sniff(head: bytes) -> bool:
    """A description that names the code set, and codes with their rate."""
    return head.lstrip().startswith(b"{") and b"Place of Service" in head[:600] and b'"codes"' in head and b'"facility"' in head


def read(file: OfficialFile) -> Reading:
    """Read the list; `facility` is "F", "N" or "" where it does not tell."""
    codes = _codes(file)
    start = max([FIRST, *(day for code, day in ADDED.items() if code in codes)])
    end = min((day - timedelta(days=1) for code, day in ADDED.items() if code not in codes and day > start), default=None)
    release = Release(SourceKind.PLACE_OF_SERVICE, start.isoformat(), TITLE, "CMS", None, start, end, URL)
    return Reading(release, {"place_of_service": COLUMNS}, batched("place_of_service", _records(file, codes)))


def _codes(file: OfficialFile) -> dict[str, Any]:
    with file.text("utf-8") as text:
        found = json.load(text)
    codes = found.get("codes") if isinstance(found, dict) else None
    if not isinstance(codes, dict) or not codes:
        raise ReadError(f"{file}: no object 'codes' with the places of service")
    return codes


def _records(file: OfficialFile, codes: dict[str, Any]) -> Iterator[Record]:
    for code, entry in codes.items():
        name, facility = (entry.get("name"), entry.get("facility") or "") if isinstance(entry, dict) else (None, "")
        if not (len(code) == 2 and code.isascii() and code.isdigit()) or not isinstance(name, str) or facility not in ("F", "N", ""):
            raise ReadError(f"{file}: code {code!r}: wanted two digits, a name, and facility F or N, found {str(entry)[:60]!r}")
        yield code, " ".join(name.split()), facility
