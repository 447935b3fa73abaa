"""Status indicators and rates of the outpatient prospective payment system, Addendum B, as published (csv, xlsx) and as third parties reshape it.

Captions come first, and one label begins with a blank. The captions tell the year only: the quarter stands in the names of the file
and its archive. The derived file tells it on every row and has no APC, weights and copayments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, ReadError, Reading, Record, Release, batched, fail, system_of
from ingest.readers.values import amount, column, column_or_none, flat, label, names_of, quarter_named

TITLE = "Medicare OPPS Addendum B, payment by HCPCS code"
URL = "https://www.cms.gov/medicare/payment/prospective-payment-systems/hospital-outpatient/addendum-a-addendum-b-updates"
COLUMNS = ("code", "descriptor", "status", "apc", "weight", "rate", "copayment", "minimum_copayment", "note")
PUBLISHED = re.compile(rb"HCPCS Code ?, ?Short Descriptor ?,(?: ?CI ?,)? ?SI ?, ?APC ?,", re.IGNORECASE)
DERIVED = re.compile(rb"\W*HCPCSCode,ShortDescriptor,StatusIndicator,PaymentRate,")
YEAR = re.compile(rb"for CY ?(20\d\d)", re.IGNORECASE)
# column of the table -> label of the published file, of the derived one; "" where it has none
LABELS = {
    "code": ("^HCPCS CODE$", "^HCPCSCODE$"),
    "descriptor": ("^SHORT DESCRIPTOR$", "^SHORTDESCRIPTOR$"),
    "status": ("^SI$", "^STATUSINDICATOR$"),
    "apc": ("^APC$", ""),
    "weight": ("^RELATIVE WEIGHT$", ""),
    "rate": ("^PAYMENT RATE$", "^PAYMENTRATE$"),
    "copayment": ("^NATIONAL UNADJUSTED COPAYMENT$", ""),
    "minimum_copayment": ("^MINIMUM UNADJUSTED COPAYMENT$", ""),
    "note": ("^NOTE$", ""),
    "changed": ("INDICATES A CHANGE", r"^CHANGED\?$"),
}
AMOUNTS = frozenset({"weight", "rate", "copayment", "minimum_copayment"})
OPTIONAL = frozenset({"note", "changed"})
CHANGED = frozenset({"*", "true"})


def sniff(head: bytes) -> bool:
    """The header with status indicator and APC, or that of the derived file."""
    return bool(PUBLISHED.search(flat(head)) or DERIVED.match(head))


def read(file: OfficialFile) -> Reading:
    """Read the codes of one quarter; rates and copayments in US dollars.

    Raises:
        ReadError: when nothing tells the quarter, or the name tells another year than the caption.
    """
    derived = bool(DERIVED.match(file.head()))
    period, start, end = _quarter(file, derived)
    release = Release(SourceKind.OPPS, period, TITLE, "CMS", None, start, end, URL)
    reading = Reading(release, {"opps": COLUMNS}, iter(()))
    reading.batches = batched("opps", _records(file, derived, reading))
    return reading


def _quarter(file: OfficialFile, derived: bool) -> tuple[str, date, date]:
    if derived:
        with file.table() as rows:
            next(rows)
            first = next(rows, [])
        texts = [" ".join(first[-1:])]
    else:
        texts = list(names_of(file))
    found = next((found for found in map(quarter_named, texts) if found), None)
    if not found:
        where = "on the rows" if derived else "in the file name, as in addendum_b_2026-07.csv; keep the name it was published under"
        raise ReadError(f"{file}: the quarter must stand {where}")
    caption = YEAR.search(file.head())
    if caption and not derived and int(caption[1]) != found[1].year:
        raise ReadError(f"{file}: the caption says {int(caption[1])} and the name {found[1].year}; keep the name it was published under")
    return found


def _records(file: OfficialFile, derived: bool, reading: Reading) -> Iterator[Record]:
    places: dict[str, int | None] = {}
    seen = set()
    with file.table() as rows:
        for row in rows:
            line = rows.line_num
            if not places:
                labels = [label(cell) for cell in row]
                if labels[:1] == ["HCPCSCODE" if derived else "HCPCS CODE"]:
                    places = _places(labels, derived, file, line)
                continue
            if not any(cell.strip() for cell in row):
                continue
            needed = max(place for field, place in places.items() if place is not None and field not in OPTIONAL)
            if len(row) <= needed:
                fail(file, line, f"{len(row)} columns, wanted {needed + 1}: {','.join(row)[:60]!r}")
            field = {name: row[place].strip() if place is not None and place < len(row) else "" for name, place in places.items()}
            if system_of(field["code"]) is None:
                reading.skip("not a code")
            elif field["code"] in seen:
                reading.skip("repeated")
            else:
                seen.add(field["code"])
                note = " ".join([field["note"], *(["changed"] if field["changed"].lower() in CHANGED else [])]).strip()
                values = field | {"note": note}
                yield tuple(amount(values[name], file, line, name) if name in AMOUNTS else values[name] for name in COLUMNS)


def _places(labels: list[str], derived: bool, file: OfficialFile, line: int) -> dict[str, int | None]:
    """Where each column stands; a label begins with an asterisk, which `label` leaves at the start."""
    places: dict[str, int | None] = {}
    for name, patterns in LABELS.items():
        pattern = patterns[derived]
        find = column_or_none if name in OPTIONAL else column
        places[name] = find(labels, pattern, file, line) if pattern else None
    return places
