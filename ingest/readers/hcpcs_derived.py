"""HCPCS Level II codes without descriptions, as a third party reshapes the CMS file: a csv with one header line.

Several values of a field are joined by a colon or a comma. The release stands in the file name, as in `…_2024APR_….csv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.model import SourceKind, System
from ingest.readers.base import IN_FORCE, OfficialFile, Reading, Record, fail, sorted_out
from ingest.readers.hcpcs import LEVEL_II, TABLES, TITLE, URL, day, release_of

HEADER = (
    "hcpcs_code", "price", "multi", "cov", "betos", "tos", "action", "cim", "mcm", "statute", "lab", "xref", "asc_grp", "proc", "anes",
    "date_term", "date_added", "date_asc", "date_action",
)  # fmt: skip
# In the order of the columns of the table `hcpcs` from `pricing` on.
FIELDS = ("price", "multi", "cov", "betos", "tos", "anes", "lab", "cim", "mcm", "statute", "xref", "asc_grp", "proc", "action")
DAYS = ("date_added", "date_action", "date_term")
SEVERAL = re.compile(r"\s*[:,]\s*|\s+")


def sniff(head: bytes) -> bool:
    """The header line."""
    return head.partition(b"\n")[0].replace(b'"', b"").strip() == ",".join(HEADER).encode()


def read(file: OfficialFile) -> Reading:
    """Read all codes, with an empty title; terminated ones stay, with their last day."""
    reading = Reading(release_of(file, SourceKind.HCPCS, TITLE, URL), TABLES, iter(()))
    reading.batches = sorted_out(_records(file, reading))
    return reading


def _records(file: OfficialFile, reading: Reading) -> Iterator[tuple[str, Record]]:
    seen: set[str] = set()
    with file.table() as rows:
        next(rows)
        for cells in rows:
            line = rows.line_num
            if len(cells) != len(HEADER):
                fail(file, line, f"{len(cells)} columns, wanted {len(HEADER)}: {','.join(cells)[:60]!r}")
            row = {label: cell.strip() for label, cell in zip(HEADER, cells, strict=True)}
            code = row["hcpcs_code"]
            if not LEVEL_II.fullmatch(code):
                fail(file, line, f"hcpcs_code {code!r} is no code of HCPCS Level II")
            if code in seen:
                reading.skip("repeated")
                continue
            seen.add(code)
            added, effective, ended = (day(row[label], file, line, label) for label in DAYS)
            yield "listing", (System.HCPCS, code, "", "", "code", 1, len(seen), added, effective, ended or IN_FORCE)
            yield "hcpcs", (System.HCPCS, code, *(" ".join(SEVERAL.sub(" ", row[label]).split()) for label in FIELDS))
