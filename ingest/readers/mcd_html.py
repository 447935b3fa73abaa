"""Narrative fields of the Medicare Coverage Database as plain text: HTML that is escaped up to twice, with structure kept as lines."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.{0,5000}?-->", re.DOTALL)
ESCAPED_TAG = re.compile(r"&(?:amp;)*(?:lt|#60|#x3c);\s*(?:/|&(?:amp;)*(?:sol|#47|#x2f);)?\s*[a-z!]", re.IGNORECASE)
BLOCK = re.compile(r"</?(?:p|div|tr|table|ul|ol|dl|dt|dd|h[1-6]|section|blockquote|caption|pre|hr|br)\b[^<>]*>", re.IGNORECASE)
ITEM = re.compile(r"<li\b[^<>]*>", re.IGNORECASE)
CELL = re.compile(r"</t[dh]\s*>\s*(?=<t[dh]\b)", re.IGNORECASE)
HIDDEN = re.compile(r"<(script|style)\b[^<>]*>[^<]*</\1\s*>", re.IGNORECASE)
ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-f]{1,5}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
SPACE = re.compile(r"\s+")
ESCAPES = 3  # times a field may be escaped over
SENTENCE = re.compile(r"(?<=[.;:!?])\s")


def plain(field: str) -> str:
    """The text of a field: a line for each paragraph, list item ("- …") and table row (cells parted by " | "), no blank lines."""
    for _ in range(ESCAPES):  # only as far as tags come out: "&lt;" within tags is a sign of the text
        if TAG.search(field) or not ESCAPED_TAG.search(field):
            break
        field = html.unescape(field)
    if TAG.search(field):
        field = SPACE.sub(" ", field)  # line ends of HTML mean nothing
        field = HIDDEN.sub(" ", field)
        field = CELL.sub(" | ", field)
        field = ITEM.sub("\n- ", field)
        field = TAG.sub("", BLOCK.sub("\n", field))
    for _ in range(ESCAPES - 1):
        if not ENTITY.search(field):
            break
        field = html.unescape(field)
    lines = (SPACE.sub(" ", line).strip() for line in field.splitlines())
    return "\n".join(line for line in lines if line.strip("-| "))


def pieces(text: str, first: int, size: int) -> Iterator[str]:
    """The text in pieces of whole lines, of at most `first` and then `size` characters; longer lines are parted after a sentence."""
    limit, waiting, length = first, list[str](), 0
    for line in text.splitlines():
        for part in _parts(line, min(first, size)):
            if waiting and length + len(part) > limit:
                yield "\n".join(waiting)
                limit, waiting, length = size, [], 0
            waiting.append(part)
            length += len(part) + 1
    if waiting:
        yield "\n".join(waiting)


def _parts(line: str, size: int) -> Iterator[str]:
    """A line whole, or its sentences joined to at most `size` characters; a sentence beyond that is cut between words."""
    while len(line) > size:
        ends = [found.start() for found in SENTENCE.finditer(line, 0, size)]
        cut = ends[-1] if ends else line.rfind(" ", 0, size)
        cut = cut if cut > 0 else size
        yield line[:cut].rstrip()
        line = line[cut:].lstrip()
    if line:
        yield line
