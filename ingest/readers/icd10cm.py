"""ICD-10-CM: the tabular list with every note, from the XML that CDC publishes and the package `simple-icd-10-cm` carries.

A leaf of the tabular list is not always billable: a 7th character may be due from an ancestor's `sevenChrDef`, after placeholders
X. Which combinations exist follows from that definition and from a note that takes some of them back (category S06); the package has
the list of codes beside the XML, and both ways give the same codes. Titles of such codes are the title of the leaf and the
meaning of the character, as in the order file; a note behind a meaning is no part of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from corpus.model import SourceKind, System
from ingest.readers.base import PASSAGE, OfficialFile, ReadError, Reading, Record, Release, sorted_out
from ingest.readers.icd10cm_files import PUBLISHER, URL, edition, elements, text_of, version

TITLE = "ICD-10-CM Tabular List of Diseases and Injuries"
RELEASE = Release(
    SourceKind.ICD10CM, "April 1, 2026", TITLE, PUBLISHER, valid_from=date(2026, 4, 1), valid_to=date(2026, 9, 30), url=URL
)  # fmt: skip
TABULAR, LIST = "icd10c-tabular-April-1-2026.xml", "code-list-April-2026.txt"
LISTING = ("system", "code", "title", "parent", "kind", "billable", "position")
NOTE = ("code", "kind", "position", "text")
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
BRACKETS = re.compile(r"\s*\(([A-Z][0-9A-Z.]+-?(?:, ?[A-Z][0-9A-Z.]+-?)*)\)$")
# "7th characters D and S do not apply to codes in category S06 with 6th character 7 - …, or 8 - …"
TAKEN_BACK = re.compile(r"7th characters? (\w(?:(?:, | and |, and )\w)*) do(?:es)? not apply to codes in category (\w+) with 6th characters? (.*)")


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


class Seventh(NamedTuple):
    """The 7th characters that an entry defines for what is below it."""

    meanings: dict[str, str]
    notes: dict[str, list[str]]  # character -> what stands behind its meaning
    without: tuple[tuple[str, str, str], ...] = ()  # 7th characters, category, 6th characters: combinations taken back


def sniff(head: bytes) -> bool:
    """The root of the tabular list."""
    return b"<ICD10CM.tabular" in head[:2000]


def read(file: OfficialFile) -> Reading:
    """Read a tabular list as it is downloaded: entries, notes, and the terms that find them."""
    book = edition(file, version(file))
    name = f"{book.month} 1, {book.year}" if book.month else book.name
    release = Release(SourceKind.ICD10CM, name, TITLE, PUBLISHER, valid_from=book.valid_from, valid_to=book.valid_to, url=URL)
    return _reading(release, file, None)


def package() -> Reading:
    """The tabular list of the installed package."""
    data = folder()
    return _reading(RELEASE, OfficialFile(data / TABULAR), _listed(data))


def folder() -> Path:
    """The data folder of the package."""
    spec = find_spec("simple_icd_10_cm")
    if spec is None or not spec.submodule_search_locations:
        raise ReadError("the package simple-icd-10-cm is missing: pip install -r requirements.txt")
    return Path(spec.submodule_search_locations[0]) / "data"


def entries(data: Path | None = None) -> Iterator[Entry]:
    """Every entry of the package with its notes, in the order of the book; `data`: another folder laid out like the package's."""
    data = data or folder()
    return _entries(OfficialFile(data / TABULAR), _listed(data), None)


@lru_cache(maxsize=1)
def codes() -> dict[str, Entry]:
    """Every entry of the package by its code, with dot."""
    return {entry.code: entry for entry in entries()}


def of_entries(known: Mapping[str, Entry]) -> Iterator[tuple[str, Record]]:
    """The records of entries, each with its table: `listing`, `note`, `passage`."""
    for position, e in enumerate(known.values()):
        yield "listing", (System.ICD10CM, e.code, e.title, e.parent, e.kind, int(e.billable), position)
        for number, (kind, text) in enumerate(e.notes):
            yield "note", (e.code, kind, number, text)
    for record in terms(known):
        yield "passage", record


def terms(known: Mapping[str, Entry]) -> Iterator[Record]:
    """Phrases that lead to a code, as `PASSAGE` records: titles, inclusion terms, Includes, and Excludes phrases with a code in brackets.

    A code made by a 7th character is found through its parent.
    """
    found: dict[str, list[tuple[str, str]]] = {}  # code -> (term, place)
    for entry in known.values():
        if entry.expanded:
            continue
        found.setdefault(entry.code, []).append((entry.title, entry.code))
        for kind, text in entry.notes:
            if kind in ("inclusion", "includes"):
                found.setdefault(entry.code, []).append((text, f"{entry.code}, {'inclusion term' if kind == 'inclusion' else 'Includes'}"))
            elif kind in ("excludes1", "excludes2") and (match := BRACKETS.search(text)):
                for code in match[1].split(","):
                    target = code.strip().rstrip("-").rstrip(".")
                    if target in known:
                        found.setdefault(target, []).append((text[: match.start()], f"{entry.code}, {kind.capitalize()}"))
    for code in sorted(found):
        first: dict[str, tuple[str, str]] = {}  # each phrase once
        for term, place in found[code]:
            first.setdefault(term.casefold(), (term, place))
        for number, (term, place) in enumerate(first.values()):
            yield f"term/{System.ICD10CM}/{code}/{number}", "term", System.ICD10CM, code, term, "", "", place, 1


def _reading(release: Release, file: OfficialFile, exists: frozenset[str] | None) -> Reading:
    reading = Reading(release, {"listing": LISTING, "note": NOTE, "passage": PASSAGE}, iter(()))
    reading.batches = sorted_out(_records(file, exists, reading))
    return reading


def _records(file: OfficialFile, exists: frozenset[str] | None, reading: Reading) -> Iterator[tuple[str, Record]]:
    known: dict[str, Entry] = {}
    for entry in _entries(file, exists, reading):
        if entry.code in known:
            raise ReadError(f"{file}: {entry.code} stands twice in the tabular list; download it again")
        known[entry.code] = entry
    yield from of_entries(known)


def _listed(data: Path) -> frozenset[str]:
    """What the code list of the package has, without dots."""
    return frozenset((data / LIST).read_text(encoding="utf-8").split())


def _entries(file: OfficialFile, exists: frozenset[str] | None, reading: Reading | None) -> Iterator[Entry]:
    """The entries of a tabular list. `exists`: the codes of a code list, None where there is none."""
    book = Book(file, exists, reading)
    for chapter in elements(file, "chapter"):
        yield from book.below(chapter, None, Seventh({}, {}))


@dataclass(frozen=True)
class Book:
    """A tabular list while it is read."""

    file: OfficialFile
    exists: frozenset[str] | None
    reading: Reading | None

    def below(self, node: ElementTree.Element, parent: str | None, seventh: Seventh) -> Iterator[Entry]:
        """The entry of a node, then those below it. `seventh`: what an ancestor defines.

        A block that holds a single category has the category's name in the file; here it is written as a range, `B99-B99`.
        """
        name = node.attrib.get("id") or text_of(node.find("name"))
        title = text_of(node.find("desc"))
        if not name or not title:
            raise ReadError(f"{self.file}: a <{node.tag}> without {'<desc>: ' + name if name else '<name>'}; download it again")
        if node.tag == "section" and "-" not in name:
            name = f"{name}-{name}"
        own = self._defined(node.find("sevenChrDef"), name)
        seventh = Seventh(own.meanings, own.notes, seventh.without) if own.meanings else seventh
        notes = [*_written(node), *(("seventh", _told(own, character)) for character in own.meanings)]
        if without := tuple(taken for _, text in notes for taken in _taken_back(text)):
            seventh = seventh._replace(without=(*seventh.without, *without))
        lower = [child for child in node if child.tag in ("section", "diag")]
        expanded = [] if lower or node.tag != "diag" else list(self._expanded(name, seventh))
        kind = {"chapter": "chapter", "section": "block"}.get(node.tag, "category" if lower or expanded else "code")
        yield Entry(name, title, kind, parent, tuple(notes))
        for code, character in expanded:
            yield Entry(code, f"{title}, {seventh.meanings[character]}", "code", name, (), expanded=True)
        for child in lower:
            yield from self.below(child, name, seventh)

    def _expanded(self, name: str, seventh: Seventh) -> Iterator[tuple[str, str]]:
        """The codes with a 7th character under a leaf, with that character."""
        stem = (name if len(name) > 3 else name + ".").ljust(7, "X")
        for character in seventh.meanings:
            code = stem + character
            if self.exists is not None:
                if code.replace(".", "") in self.exists:
                    yield code, character
            elif any(character in last and code.startswith(category) and code[6] in sixth for last, category, sixth in seventh.without):
                if self.reading:
                    self.reading.skip("7th characters that a note takes back")
            else:
                yield code, character

    def _defined(self, definition: ElementTree.Element | None, name: str) -> Seventh:
        seventh = Seventh({}, {})
        last = ""
        for element in definition if definition is not None else ():
            if element.tag == "extension":
                last = element.attrib.get("char", "")
                if len(last) != 1:
                    raise ReadError(f"{self.file}: {name}: an <extension> with char {last!r}, wanted one character; download it again")
                seventh.meanings[last] = text_of(element)
            elif last:
                seventh.notes.setdefault(last, []).append(text_of(element))
        return seventh


def _told(seventh: Seventh, character: str) -> str:
    """A 7th character with its meaning and what stands behind it."""
    return f"{character}: " + "/".join([seventh.meanings[character], *seventh.notes.get(character, ())])


def _written(node: ElementTree.Element) -> Iterator[tuple[str, str]]:
    for child in node:
        if kind := NOTES.get(child.tag):
            for note in child.iter("note"):
                if text := text_of(note):
                    yield kind, text


def _taken_back(text: str) -> Iterator[tuple[str, str, str]]:
    """7th characters, category and 6th characters that a note says do not go together."""
    if found := TAKEN_BACK.fullmatch(text):
        sixth = "".join(re.findall(r"(?:^|\bor |\band )(\w) -", found[3]))
        yield "".join(re.findall(r"\b\w\b", found[1])), found[2], sixth
