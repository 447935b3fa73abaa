"""ICD-10-CM: the tabular list with every note, from the data files of the package `simple-icd-10-cm`.

The XML is read here, not through the package, which takes seconds to import and answers code by code. A leaf of the
tabular list is not always billable: a 7th character may be due from an ancestor's `sevenChrDef`, after placeholders X, and only
the combinations in the code list exist.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

from corpus.model import SourceKind
from ingest.readers.base import ReadError, Release

RELEASE = Release(
    SourceKind.ICD10CM,
    "April 1, 2026",
    "ICD-10-CM Tabular List of Diseases and Injuries",
    "CDC/NCHS",
    valid_from=date(2026, 4, 1),
    valid_to=date(2026, 9, 30),
    url="https://www.cms.gov/medicare/coding-billing/icd-10-codes",
)
TABULAR, LIST = "icd10c-tabular-April-1-2026.xml", "code-list-April-2026.txt"
NOTES = {
    "includes": "includes",
    "inclusionTerm": "inclusion",
    "excludes1": "excludes1",
    "excludes2": "excludes2",
    "codeFirst": "code_first",
    "useAdditionalCode": "use_additional",
    "codeAlso": "code_also",
    "notes": "note",
    "sevenChrNote": "seventh",
}


@dataclass(frozen=True)
class Entry:
    """A chapter, block, category or code of the tabular list, in the order of the book.

    `notes` are (kind, text) that stand at the entry itself. `expanded` marks a code made by a 7th character.
    """

    code: str
    title: str
    kind: str  # "chapter", "block", "category", "code"; a code is what can be billed
    parent: str | None
    notes: tuple[tuple[str, str], ...]
    expanded: bool = False

    @property
    def billable(self) -> bool:
        """Whether the entry can stand on a claim."""
        return self.kind == "code"


def folder() -> Path:
    """The data folder of the package."""
    spec = find_spec("simple_icd_10_cm")
    if spec is None or not spec.submodule_search_locations:
        raise ReadError("the package simple-icd-10-cm is missing: pip install -r requirements.txt")
    return Path(spec.submodule_search_locations[0]) / "data"


def read(data: Path | None = None) -> Iterator[Entry]:
    """Every entry with its notes, in the order of the book.

    A block that holds a single category has the category's name in the file; here it is written as a range, `B99-B99`.
    """
    data = data or folder()
    exists = frozenset((data / LIST).read_text(encoding="utf-8").split())
    root = ElementTree.parse(data / TABULAR).getroot()  # noqa: S314 - a file of an installed package
    for chapter in root.iter("chapter"):
        yield from _entries(chapter, None, None, exists)


@lru_cache(maxsize=1)
def codes() -> dict[str, Entry]:
    """Every entry of the package by its code, with dot."""
    return {entry.code: entry for entry in read()}


def _entries(node: ElementTree.Element, parent: str | None, seventh: dict[str, str] | None, exists: frozenset[str]) -> Iterator[Entry]:
    """The entry of a node, then those below it. `seventh` holds the 7th characters that an ancestor defines."""
    name = node.attrib.get("id") or _text(node.find("name"))
    if node.tag == "section" and "-" not in name:
        name = f"{name}-{name}"
    title = _text(node.find("desc"))
    definition = node.find("sevenChrDef")
    if definition is not None:
        seventh = _seventh(definition)
    below = [child for child in node if child.tag in ("section", "diag")]
    expanded = [] if below or node.tag != "diag" else _expanded(name, seventh or {}, exists)
    kind = {"chapter": "chapter", "section": "block"}.get(node.tag, "category" if below or expanded else "code")
    yield Entry(name, title, kind, parent, tuple(_notes(node, definition)))
    for code, character in expanded:
        yield Entry(code, f"{title}, {(seventh or {})[character]}", "code", name, (), expanded=True)
    for child in below:
        yield from _entries(child, name, seventh, exists)


def _seventh(definition: ElementTree.Element) -> dict[str, str]:
    """7th character -> its meaning; a note behind an extension goes on with it."""
    meanings: dict[str, str] = {}
    last = ""
    for element in definition:
        if element.tag == "extension":
            last = element.attrib["char"]
            meanings[last] = _text(element)
        elif last:
            meanings[last] += "/" + _text(element)
    return meanings


def _expanded(name: str, seventh: dict[str, str], exists: frozenset[str]) -> list[tuple[str, str]]:
    """The codes with a 7th character under a leaf, with that character."""
    stem = (name if len(name) > 3 else name + ".").ljust(7, "X")
    return [(stem + character, character) for character in seventh if stem.replace(".", "") + character in exists]


def _notes(node: ElementTree.Element, definition: ElementTree.Element | None) -> Iterator[tuple[str, str]]:
    for child in node:
        if kind := NOTES.get(child.tag):
            for note in child.iter("note"):
                if text := _text(note):
                    yield kind, text
    for character, meaning in _seventh(definition).items() if definition is not None else ():
        yield "seventh", f"{character}: {meaning}"


def _text(element: ElementTree.Element | None) -> str:
    """The text of an element, blanks joined."""
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip() if element is not None else ""
