"""ICD-10-CM lists: the order file (categories and codes, short and long titles) and the code file (billable codes, one title).

Order file: order number 1-5, code 7-13, billable flag 15, short title 17-76, long title from 78. Code file: code 1-7, title from 9.
Neither has a header. Codes stand without their dot, in the order of the book, from A00 to Z99, with U before Z or behind it.
(Layouts: the PDFs that CDC ships beside them, "ICD-10-CM order files" and "ICD-10-CM codes file".)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.model import SourceKind, System
from ingest.readers.base import OfficialFile, Reading, Record, Release, batched, dotted, fail
from ingest.readers.icd10cm_files import CODE, PUBLISHER, URL, Edition, decoded, edition, lines

COLUMNS = ("system", "code", "title", "short", "parent", "kind", "billable", "position")
ORDER = re.compile(r"\d{5} [A-Z][0-9A-Z]{2}[0-9A-Z ]{4} [01] \S", re.ASCII)
CODES = re.compile(r"[A-Z](?:\d[0-9A-Z]|[A-Z]\d)[0-9A-Z]{0,4} +(?<=^.{8})[^\s0-9].*[a-z]")
NO_TITLE = re.compile(r"\S+ +\S+ +\d{5}")  # equivalence maps: code, target, flags
SAMPLE = 40  # lines that must all have the shape


def sniff(head: bytes) -> bool:
    """Whole lines that all have the shape of one of the two lists; ICD-10-PCS has the same, with codes of 3 or 7 characters only."""
    return _shape(head) is not None


def read(file: OfficialFile) -> Reading:
    """Read a list as rows of `listing`; the series of the release tells which list it is.

    Raises:
        ReadError: when a line has another shape, the order numbers have a gap, or the list does not run from A00 to Z: a code that is
            missing must be missing from the code set.
    """
    series = "order" if file.head()[:1].isdigit() else "codes"
    records = _records(file, series == "order")
    return Reading(release(edition(file), series), {"listing": COLUMNS}, batched("listing", records))


def release(book: Edition, series: str) -> Release:
    """The release of a list: series "order" or "codes"."""
    title = {"order": "ICD-10-CM order file: codes, categories and titles", "codes": "ICD-10-CM code file: billable codes and titles"}
    return Release(SourceKind.ICD10CM_LIST, book.name, title[series], PUBLISHER, None, book.valid_from, book.valid_to, URL, series)


def _shape(head: bytes) -> str | None:
    found = [decoded(line).rstrip("\r") for line in head.split(b"\n")[: SAMPLE + 1]]
    sample = [line for line in found[:SAMPLE] if line.strip()]
    if len(found) <= SAMPLE and head[-1:] != b"\n" and len(sample) > 1:
        sample.pop()  # the last line may be cut
    if not sample or all(len(line.split()[:1][0]) == 7 for line in sample):
        return None
    if all(ORDER.match(line) for line in sample):
        return "order" if any(len(line[6:13].strip()) not in (3, 7) for line in sample) else None
    return "codes" if all(CODES.match(line) and not NO_TITLE.fullmatch(line) for line in sample) else None


def _records(file: OfficialFile, order: bool) -> Iterator[Record]:
    """The rows; the parent of a code is the longest category before it that it begins with."""
    seen: set[str] = set()
    headers: set[str] = set()
    number = position = 0
    whole = False
    for number, line in lines(file):
        if not line.strip():
            continue
        code, billable, short, title = _order_line(file, number, line, position + 1) if order else _code_line(file, number, line)
        if code in seen:
            fail(file, number, f"{code} stands twice in the list; download it again")
        if not seen and not code.startswith("A00"):
            fail(file, number, f"begins with {code} and not with A00: only a part of the list; add the whole file")
        seen.add(code)
        position += 1
        whole = whole or code.startswith("Z99")  # the last category but for U, which stands behind it in some years
        parent = next((code[:length] for length in range(len(code) - 1, 2, -1) if code[:length] in headers), None)
        if not billable:
            headers.add(code)
        yield (
            System.ICD10CM, dotted(code), title, short, dotted(parent) if parent else None, "code" if billable else "category", int(billable),
            position,
        )  # fmt: skip
    if not whole:
        fail(file, number, "ends before Z99: the file is cut off; download it again")


def _order_line(file: OfficialFile, number: int, line: str, position: int) -> tuple[str, bool, str, str]:
    """Code, billable, short and long title."""
    code, flag, short, title = line[6:13].strip(), line[14:15], line[16:76].strip(), line[77:].strip()
    if len(line) < 17 or not CODE.fullmatch(code) or flag not in ("0", "1") or not (title or short):
        fail(file, number, f"{line[:40]!r} is no line of an order file: number, code in 7-13, flag in 15, titles from 17; download it again")
    if line[:5] != f"{position:05d}":
        fail(file, number, f"order number {line[:5]!r}, wanted {position:05d}: a line is missing or was changed; download it again")
    return code, flag == "1", short, title or short


def _code_line(file: OfficialFile, number: int, line: str) -> tuple[str, bool, str, str]:
    code, title = line[:8].strip(), line[8:].strip()
    if not CODE.fullmatch(code) or not title:
        fail(file, number, f"{line[:40]!r} is no line of a code file: code in 1-7, title from 9; download it again")
    return code, True, "", title
