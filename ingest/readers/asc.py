"""What ambulatory surgical centers are paid for: Addendum AA (surgical procedures) and BB (ancillary services) (csv, xlsx).

Title lines come first; month and year stand inside the labels (`April 2026 Payment Indicator`), and an empty column may follow the code.
The two addenda of a quarter are two publications.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, Reading, Record, RefusedError, Release, batched, fail, quarter_of, system_of
from ingest.readers.values import amount, column, column_or_none, flat, label, quarter_named

TITLES = {"AA": "Medicare ASC Addendum AA, covered surgical procedures", "BB": "Medicare ASC Addendum BB, covered ancillary services"}
URL = "https://www.cms.gov/medicare/payment/prospective-payment-systems/ambulatory-surgical-center-asc/asc-payment-rates-addenda"
COLUMNS = ("code", "addendum", "descriptor", "discounted", "indicator", "weight", "rate")
HEADER = re.compile(rb"HCPCS Code ?,[ ,]*Short Descriptor ?,([^\x00]{0,300}?)Payment Indicator[^\x00]{0,200}?Payment Rate", re.IGNORECASE)
SURGICAL = re.compile(rb"Subject to Multiple Procedure Discounting", re.IGNORECASE)
ANCILLARY = re.compile(rb"Addendum BB\b", re.IGNORECASE)


def sniff(head: bytes) -> bool:
    """The header with payment indicator and rate, and the column or title of one of the two addenda."""
    return _addendum(head) is not None


def read(file: OfficialFile) -> Reading:
    """Read one addendum of one quarter; rates in US dollars. `discounted` is "Y", "N" or empty.

    Raises:
        RefusedError: for the addenda of a proposed rule.
    """
    addendum = _addendum(file.head())
    if addendum is None:
        fail(file, 1, "neither Addendum AA nor BB")
    labels, line = _header(file)
    place = column(labels, r"PAYMENT INDICATOR$", file, line)
    period, start, end = _quarter(labels[place], file, line)
    release = Release(SourceKind.ASC, period, TITLES[addendum], "CMS", None, start, end, URL, addendum)
    reading = Reading(release, {"asc": COLUMNS}, iter(()))
    reading.batches = batched("asc", _records(file, addendum, reading))
    return reading


def _addendum(head: bytes) -> str | None:
    words = flat(head)
    found = HEADER.search(words)
    if not found:
        return None
    if SURGICAL.search(found[1]):
        return "AA"
    return "BB" if ANCILLARY.search(words[: found.start()]) else None


def _header(file: OfficialFile) -> tuple[list[str], int]:
    """The labels and the line they stand in."""
    with file.table() as rows:
        found = next((row for row in rows if "HCPCS CODE" in map(label, row)), None)
        line = rows.line_num
    if found is None:
        fail(file, 1, "no header with HCPCS Code")
    return [label(cell) for cell in found], line


def _quarter(text: str, file: OfficialFile, line: int) -> tuple[str, date, date]:
    """The quarter in a label; that of a final rule, `FINAL CY 2026`, begins with its year."""
    if "PROPOSED" in text:
        raise RefusedError(f"{file}: rates that a rule proposes, which nobody is paid; add those of the final rule or of a quarter")
    if found := quarter_named(text):
        return found
    year = re.search(r"20\d\d", text)
    if not year:
        fail(file, line, f"{text!r} tells no month and year")
    return quarter_of(int(year[0]), 1)


def _records(file: OfficialFile, addendum: str, reading: Reading) -> Iterator[Record]:
    labels, header = _header(file)
    code, descriptor = (column(labels, pattern, file, header) for pattern in ("^HCPCS CODE$", "^SHORT DESCRIPTOR$"))
    discounted = column_or_none(labels, "^SUBJECT TO MULTIPLE PROCEDURE DISCOUNTING$", file, header)
    indicator, rate = (column(labels, pattern, file, header) for pattern in ("PAYMENT INDICATOR$", "PAYMENT RATE$"))
    weight = column_or_none(labels, "PAYMENT WEIGHT$", file, header)
    width = max(code, descriptor, indicator, rate) + 1
    seen = set()
    with file.table() as rows:
        for row in rows:
            line = rows.line_num
            if line <= header or not any(cell.strip() for cell in row):
                continue
            if len(row) < width:
                fail(file, line, f"{len(row)} columns, wanted {width}: {','.join(row)[:60]!r}")
            value = row[code].strip()
            if system_of(value) is None:
                reading.skip("not a code")
                continue
            if value in seen:
                reading.skip("repeated")
                continue
            seen.add(value)
            yield (
                value,
                addendum,
                row[descriptor].strip(),
                "" if discounted is None else row[discounted].strip(),
                row[indicator].strip(),
                None if weight is None else amount(row[weight], file, line, "weight"),
                amount(row[rate], file, line, "rate"),
            )
