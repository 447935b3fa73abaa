"""Which contractor processes the claims of a state: A/B MAC and DME MAC jurisdictions, as a third party put them together (JSON)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, ReadError, Reading, Record, Release, batched

TITLE = "Medicare administrative contractors by state"
URL = "https://www.cms.gov/medicare/coding-billing/medicare-administrative-contractors-macs/who-are-macs"
COLUMNS = ("id", "state", "name", "kind", "jurisdiction")
KINDS = {"ab_mac_jurisdictions": "A/B MAC", "dme_mac_jurisdictions": "DME MAC"}


def sniff(head: bytes) -> bool:
    """An object with the jurisdictions of A/B MACs."""
    return head.lstrip().startswith(b"{") and b'"ab_mac_jurisdictions"' in head


def read(file: OfficialFile) -> Reading:
    """Read the jurisdictions, which hold from the day on that they were taken from the site; `id` is the jurisdiction, for no number is given."""
    with file.text("utf-8") as text:
        found = json.load(text)
    day = found.get("retrieved") if isinstance(found, dict) else None
    if not isinstance(day, str) or not re.fullmatch(r"20\d\d-\d\d-\d\d", day):
        raise ReadError(f"{file}: 'retrieved' {str(day)[:40]!r}, wanted the day on which the list was taken, YYYY-MM-DD")
    try:
        start = date.fromisoformat(day)
    except ValueError:
        raise ReadError(f"{file}: 'retrieved' {day!r} is no day of the calendar") from None
    release = Release(SourceKind.CONTRACTOR, day, TITLE, "CMS", None, start, None, URL)
    return Reading(release, {"contractor": COLUMNS}, batched("contractor", _records(file, found)))


def _records(file: OfficialFile, found: dict[str, Any]) -> Iterator[Record]:
    for group, kind in KINDS.items():
        entries = found.get(group, [])
        for entry in entries if isinstance(entries, list) else [entries]:
            jurisdiction, name, states = (
                (entry.get(key) for key in ("jurisdiction", "contractor", "states")) if isinstance(entry, dict) else (None,) * 3
            )
            if not (isinstance(jurisdiction, str) and isinstance(name, str) and isinstance(states, list)):
                raise ReadError(f"{file}: {group}: wanted jurisdiction, contractor and states, found {str(entry)[:60]!r}")
            for state in states:
                if not isinstance(state, str) or not re.fullmatch("[A-Z]{2}", state):
                    raise ReadError(f"{file}: {group}: {jurisdiction}: state {str(state)[:20]!r}, wanted two letters")
                yield jurisdiction, state, name, kind, jurisdiction
