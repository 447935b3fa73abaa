"""Anesthesia conversion factors by contractor and locality, file ANES (csv, txt, xlsx).

The table names the national factor in a label; from 2026 there are two columns, for qualifying APM participants and for all others. The
text has neither header nor decimal point, cuts names off after 40 characters, and ends in 0x1A. The year stands only in the names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, ReadError, Reading, Record, Release, batched, fail
from ingest.readers.values import CONTRACTOR, LOCALITY, column, column_or_none, digits, label, name, needed, year_named

TITLE = "Medicare anesthesia conversion factors by locality"
URL = "https://www.cms.gov/medicare/payment/fee-schedules/physician/anesthesiologists-center"
COLUMNS = ("contractor", "locality", "name", "factor", "factor_qpp")
HEADER = re.compile(rb"\W*Contractor,\s*Locality,\s*Locality Name,.*Anes(thesia)? CF", re.IGNORECASE)
TEXT_ROW = re.compile(r"(\d{5}) {7}(\d\d) {4}(\S.{39}) +(\d{4})")
TEXT_HEAD = re.compile(TEXT_ROW.pattern.encode() + rb"\r?\n")


def sniff(head: bytes) -> bool:
    """The header of the table, or a row of the text."""
    return bool(HEADER.match(head) or TEXT_HEAD.match(head))


def read(file: OfficialFile) -> Reading:
    """Read the factors of one year, in US dollars a unit."""
    year = year_named(file)
    if year is None:
        raise ReadError(f"{file}: the year stands only in the file name, as in ANES2025.csv; keep the name it was published under")
    release = Release(SourceKind.ANESTHESIA_FACTOR, str(year), TITLE, "CMS", None, date(year, 1, 1), date(year, 12, 31), URL)
    reading = Reading(release, {"anesthesia_factor": COLUMNS}, iter(()))
    reading.batches = batched("anesthesia_factor", _once(_from_table(file) if HEADER.match(file.head()) else _from_text(file), reading))
    return reading


def _once(records: Iterator[Record], reading: Reading) -> Iterator[Record]:
    seen = set()
    for record in records:
        if record[:2] in seen:
            reading.skip("repeated")
        else:
            seen.add(record[:2])
            yield record


def _from_table(file: OfficialFile) -> Iterator[Record]:
    with file.table() as rows:
        labels = [label(cell) for cell in next(rows, [])]
        contractor, locality, title = (column(labels, pattern, file, 1) for pattern in ("^CONTRACTOR$", "^LOCALITY$", "^LOCALITY NAME$"))
        factor = column(labels, r"^(?!QUALIFYING).*ANES(THESIA)? CF", file, 1)
        qualifying = column_or_none(labels, r"^QUALIFYING.*ANES(THESIA)? CF", file, 1)
        for row in rows:
            line = rows.line_num
            if not any(cell.strip() for cell in row):
                continue
            if len(row) <= max(factor, qualifying or 0):
                fail(file, line, f"{len(row)} columns, wanted {max(factor, qualifying or 0) + 1}: {','.join(row)[:60]!r}")
            yield (
                digits(row[contractor], CONTRACTOR, file, line, "contractor"),
                digits(row[locality], LOCALITY, file, line, "locality"),
                name(row[title]),
                needed(row[factor], file, line, "factor"),
                None if qualifying is None else needed(row[qualifying], file, line, "factor of qualifying participants"),
            )


def _from_text(file: OfficialFile) -> Iterator[Record]:
    with file.text() as lines:
        for number, line in enumerate(lines, start=1):
            line = line.strip("\r\n\x1a")
            if not line.strip():
                continue
            found = TEXT_ROW.fullmatch(line)
            if not found:
                fail(file, number, f"not contractor, locality, name and a factor of four digits: {line[:80]!r}; add the csv or xlsx instead")
            yield found[1], found[2], name(found[3]), int(found[4]) / 100, None
