"""Readers of official files, one module a format, each found by its content.

A new format is a new module with `sniff` and `read`, named in `READERS`.
"""

from __future__ import annotations

from ingest.readers import add_on, fee_schedule, mue, ptp
from ingest.readers.base import OfficialFile, Reader

READERS: tuple[Reader, ...] = (fee_schedule, mue, add_on, ptp)


def recognise(file: OfficialFile) -> Reader | None:
    """The reader whose format the first bytes of a file have, None when no reader knows it."""
    head = file.head()
    return next((reader for reader in READERS if reader.sniff(head)), None)


def why_unknown(file: OfficialFile) -> str:
    """Why no reader takes a file, and what to add instead where there is something."""
    head = file.head()
    if not head:
        return "empty"
    if head.startswith(b"PK"):
        return "a spreadsheet or an archive inside an archive; add the csv or txt instead"
    if head.startswith(b"HDR"):
        return "the fee schedule as fixed-width text; add the csv beside it"
    return "no reader knows its content"
