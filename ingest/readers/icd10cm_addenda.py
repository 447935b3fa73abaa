"""ICD-10-CM addenda: what one release of the order file or of the code file adds, deletes and revises against the one before.

Lines begin with an action in columns 1-13 and go on as the list does: in the order addenda the billable flag, code and both titles, in
the code addenda code and title. Totals stand at the end, under "Headers" and "Codes". A code that becomes a category is deleted with flag
1 and added with flag 0; the code addenda just delete it, and add the codes below it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.model import SourceKind, System
from ingest.readers.base import OfficialFile, Reading, RefusedError, Release, batched, dotted, fail
from ingest.readers.icd10cm_files import CODE, PUBLISHER, URL, Edition, decoded, edition, lines

COLUMNS = ("system", "code", "position", "action", "before", "after")
ACTIONS = {"Add:": "additions", "Delete:": "deletions", "Revise from:": "revisions", "Revise to:": "revised to"}
WIDTH = 13  # of the action
LINE = re.compile(r"(Add:|Delete:|Revise from:|Revise to:) +([01] )?[A-Z][0-9A-Z]{2,6} +\S", re.ASCII)
RELEASES = re.compile(r"\s*(\d+) (codes|headers) in \S*?(20\d\d)\S*", re.ASCII)
TOTAL = re.compile(r"\s*(\d+) (additions|deletions|revisions)\s*", re.ASCII)


@dataclass(frozen=True)
class Line:
    """One line: `billable` is None in the code addenda."""

    number: int
    action: str
    code: str
    title: str
    billable: bool | None


def sniff(head: bytes) -> bool:
    """The action and code of an ICD-10-CM list at the top, or, where nothing changed, the totals alone."""
    top = [decoded(line).rstrip("\r") for line in head.lstrip(b"\xef\xbb\xbf").split(b"\n", 8)[:8]]
    first = next((line for line in top if line.strip()), "")
    if first.strip() in ("Headers", "Codes"):
        return any((found := RELEASES.fullmatch(line)) and "icd10cm" in line.lower() for line in top)
    found = LINE.match(first)
    return bool(found) and not re.match(r".{13}(?:[01] )?[0-9A-Z]{7} ", first)  # codes of 7 characters alone are ICD-10-PCS


def read(file: OfficialFile) -> Reading:
    """Read the changes as rows of `change`; the series of the release tells which list they belong to.

    Raises:
        RefusedError: when the addenda say that nothing changed.
        ReadError: when a line has another shape, revisions do not come in pairs, or the totals at the end differ from the lines.
    """
    found, totals, years = _parsed(file)
    if not found:
        raise RefusedError(f"{file}: says that no code changed")
    order = found[0].billable is not None
    book = edition(file, max(years, default=None))
    if len(set(years)) > 1:
        book = Edition(book.year)
    elif years and book.month is None:
        fail(file, 1, f"an update of FY{book.year}, and its month stands only in the file name; keep the name it was published under")
    if totals:
        _check(file, found, totals)
    records = _order_changes(file, found) if order else _code_changes(file, found)
    changes = ((System.ICD10CM, code, n, *rest) for n, (code, *rest) in enumerate(records, start=1))
    return Reading(release(book, "order" if order else "codes"), {"change": COLUMNS}, batched("change", changes))


def release(book: Edition, series: str) -> Release:
    """The release of addenda: series "order" or "codes"."""
    title = f"ICD-10-CM {'order' if series == 'order' else 'code'} file addenda"
    return Release(SourceKind.ICD10CM_ADDENDA, book.name, title, PUBLISHER, None, book.valid_from, book.valid_to, URL, series)


def _parsed(file: OfficialFile) -> tuple[list[Line], dict[tuple[str, str], int], list[int]]:
    """The lines, the totals by what they count, and the fiscal years of the two releases compared."""
    found: list[Line] = []
    totals: dict[tuple[str, str], int] = {}
    years: list[int] = []
    subject = ""
    for number, line in lines(file):
        if LINE.match(line):
            if subject:
                fail(file, number, f"{line[:40]!r} stands behind the totals; download it again")
            found.append(_line(file, number, line, found))
        elif line.strip() in ("Headers", "Codes"):
            subject = line.strip()
        elif match := RELEASES.fullmatch(line):
            years.append(int(match[3]))
        elif subject and (match := TOTAL.fullmatch(line)):
            totals[subject, match[2]] = int(match[1])
        elif not subject and line.strip():
            fail(file, number, f"{line[:40]!r} is no line of addenda: Add, Delete, Revise from or Revise to, then a code; download it again")
    return found, totals, years


def _line(file: OfficialFile, number: int, line: str, before: list[Line]) -> Line:
    action, rest = line[:WIDTH].strip(), line[WIDTH:]
    flagged = rest[:2] in ("0 ", "1 ")
    code, titles = (rest[2:9].strip(), rest[10:]) if flagged else (rest[:7].strip(), rest[8:])
    title = (titles[61:] or titles).strip() if flagged else titles.strip()
    if action not in ACTIONS or not CODE.fullmatch(code) or not title:
        fail(file, number, f"{line[:40]!r} is no line of addenda: action in 1-13, then {'flag, ' if flagged else ''}code, titles; download it again")
    if before and (before[0].billable is not None) != flagged:
        fail(file, number, f"{line[:40]!r}: with and without a billable flag in one file; download it again")
    return Line(number, action, dotted(code), title, rest[0] == "1" if flagged else None)


def _check(file: OfficialFile, found: list[Line], totals: dict[tuple[str, str], int]) -> None:
    """Compare the totals at the end with the lines."""
    counts = Counter(("Headers" if line.billable is False else "Codes", ACTIONS[line.action]) for line in found)
    for key, total in totals.items():
        if counts[key] != total:
            fail(
                file,
                found[-1].number,
                f"{counts[key]} {key[1]} of {key[0].lower()}, the totals say {total}: lines are missing; download it again",
            )


def _pairs(file: OfficialFile, found: list[Line]) -> Iterator[tuple[Line, Line | None]]:
    """Lines, and those that revise with the line they are revised to."""
    waiting: Line | None = None
    for line in found:
        if (waiting is not None) != (line.action == "Revise to:") or (waiting and waiting.code != line.code):
            fail(file, line.number, f"{line.code}: 'Revise from' and 'Revise to' come in pairs of one code; download it again")
        if line.action == "Revise from:":
            waiting = line
        elif waiting:
            yield waiting, line
            waiting = None
        else:
            yield line, None
    if waiting:
        fail(file, waiting.number, f"{waiting.code}: 'Revise from' without 'Revise to'; download it again")


def _order_changes(file: OfficialFile, found: list[Line]) -> Iterator[tuple[str, str, str, str]]:
    """Code, action, title before and after. A category that is added or deleted is "not billable" too."""
    pairs = list(_pairs(file, found))
    deleted = {line.code: line for line, _ in pairs if line.action == "Delete:"}
    added = {line.code: line for line, _ in pairs if line.action == "Add:"}
    for line, after in pairs:
        if after:
            yield line.code, "revised", line.title, after.title
            if line.billable != after.billable:
                yield line.code, "billable" if after.billable else "not billable", line.title, after.title
        elif line.action == "Delete:":
            other = added.get(line.code)
            if other is None:
                yield line.code, "deleted", line.title, ""
                if not line.billable:
                    yield line.code, "not billable", line.title, ""
            elif line.billable != other.billable:
                yield line.code, "billable" if other.billable else "not billable", line.title, other.title
            elif line.title != other.title:
                yield line.code, "revised", line.title, other.title
        elif line.code not in deleted:
            yield line.code, "added", "", line.title
            if not line.billable:
                yield line.code, "not billable", "", line.title


def _code_changes(file: OfficialFile, found: list[Line]) -> Iterator[tuple[str, str, str, str]]:
    """Code, action, title before and after. A code that is deleted while codes below it are added has become a category."""
    pairs = list(_pairs(file, found))
    above = {line.code[:length] for line, _ in pairs if line.action == "Add:" for length in range(3, len(line.code))}
    for line, after in pairs:
        if after:
            yield line.code, "revised", line.title, after.title
        elif line.action == "Add:":
            yield line.code, "added", "", line.title
        else:
            yield line.code, "not billable" if line.code in above else "deleted", line.title, ""
