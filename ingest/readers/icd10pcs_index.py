"""The ICD-10-PCS Index (XML): main terms, terms below them, and where they lead.

A term leads to a code (`code`), the first characters of codes (`codes`), a table (`tab`), another term (`see`) or a word of the tables (`use`);
`see` and `use` may name codes or a table themselves. A term without a title adds a direction to the one above it.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from corpus.model import SourceKind
from ingest.readers import pcs
from ingest.readers.base import PASSAGE, OfficialFile, Reading, Record, fail, sorted_out

TITLE = "ICD-10-PCS Index"
COLUMNS = ("system", "position", "path", "modifiers", "code", "see", "see_also")
HEAD = pcs.xml_head("index")
CODES = ("code", "codes", "tab")
DIRECTIONS = ("see", "use")
STEM = 3
Entry = tuple[tuple[str, ...], str, str]  # titles from the main term down, code as printed, direction


def sniff(head: bytes) -> bool:
    """The root element of the index."""
    return bool(HEAD.match(head))


def read(file: OfficialFile) -> Reading:
    """Read every entry that leads somewhere, each as a row and as a passage that is found by its words only.

    A passage leads to its code, or to the table of its first characters.
    """
    release = pcs.xml_release(file, SourceKind.ICD10PCS_INDEX, TITLE)
    reading = Reading(release, {"index_term": COLUMNS, "passage": PASSAGE}, iter(()))
    reading.batches = sorted_out(_records(file, reading))
    return reading


def _records(file: OfficialFile, reading: Reading) -> Iterator[tuple[str, Record]]:
    position = 0
    for term in pcs.elements(file, 2):
        if term.tag != "mainTerm":
            continue
        for path, code, direction in _entries(term, (), reading):
            if not path:
                fail(file, 0, f"main term {position + 1} has no title; download it again")
            position += 1
            yield "index_term", ("ICD10PCS", position, " > ".join(path), "", code, direction, "")
            text = "; ".join(part for part in (direction, code) if part)
            target = code if len(code) == 7 else code[:STEM] or None
            key = f"index/ICD10PCS/{reading.release.release}/{position}"
            yield "passage", (key, "term", "ICD10PCS", target, ", ".join(path), text, "", f"Index: {path[0]}", 0)


def _entries(term: Element, above: tuple[str, ...], reading: Reading) -> Iterator[Entry]:
    """What a term leads to, then what the terms below it lead to."""
    title = pcs.words(term.find("title"))
    path = (*above, title) if title else above
    for child in term:
        if child.tag in CODES:
            yield path, pcs.words(child), ""
        elif child.tag in DIRECTIONS:
            direction = f"{child.tag} {pcs.words(child)}" if child.tag == "use" else pcs.words(child)
            codes = [pcs.words(code) for code in child if code.tag in CODES]
            yield from ((path, code, direction) for code in codes or [""])
        elif child.tag == "term":
            yield from _entries(child, path, reading)
        elif child.tag != "title":
            reading.skip(f"unknown element <{child.tag}>")
