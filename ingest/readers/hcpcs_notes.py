"""Processing notes of HCPCS Level II, `proc_notes_*.txt`: the texts that the field PROCNOTE of a code or modifier points to.

A note begins with its number, `0064--`, and goes on over indented lines; each line ends in an asterisk at the right edge. The
release stands in the file name: proc_notes_2019, proc_notes_JAN2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, ReadError, Reading, batched, fail
from ingest.readers.hcpcs import URL, release_of

TITLE = "HCPCS Level II Processing Notes"
COLUMNS = ("number", "text")
CAPTION = re.compile(rb"\s*PROCESSING NOTES\s*[\r\n]")
FIRST = re.compile(rb"^\s+\d{4}--", re.MULTILINE)
NOTE = re.compile(r"\s*(\d{4})--(.*)")
RULE = re.compile(r"[\s_]*(?:PROCESSING NOTES)?[\s_]*")


def sniff(head: bytes) -> bool:
    """The caption, and a note below it."""
    return bool(CAPTION.match(head) and FIRST.search(head))


def read(file: OfficialFile) -> Reading:
    """Read all notes; one that is said to be deleted stays, because it says so."""
    reading = Reading(release_of(file, SourceKind.HCPCS_NOTES, TITLE, URL), {"hcpcs_note": COLUMNS}, iter(()))
    reading.batches = batched("hcpcs_note", _notes(file))
    return reading


def _notes(file: OfficialFile) -> Iterator[tuple[str, str]]:
    number, words = "", [""]
    seen: set[str] = set()
    with file.text() as text:
        for line, content in enumerate(text, start=1):
            content = content.strip().removesuffix("*").strip()
            if found := NOTE.fullmatch(content):
                if number:
                    yield number, _joined(words)
                number, words = found[1], [found[2]]
                if number in seen:
                    fail(file, line, f"note {number} stands twice")
                seen.add(number)
            elif number:
                words.append(content)
            elif not RULE.fullmatch(content):
                fail(file, line, f"{content[:40]!r} stands before the first note")
    if not number:
        raise ReadError(f"{file}: no note in it; is the file cut off?")
    yield number, _joined(words)


def _joined(words: list[str]) -> str:
    return " ".join(" ".join(words).split())
