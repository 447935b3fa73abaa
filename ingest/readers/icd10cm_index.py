"""ICD-10-CM: the alphabetic index, the index of external causes, the table of neoplasms and the table of drugs, as CDC's XML.

A term holds a title with words that do not change the code (`nemod`), a code, a manifestation code, references, and terms of the next
level; the two tables hold a cell for each column instead of a code, and name their columns in `indexHeading`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from corpus.model import SourceKind, System
from ingest.readers.base import PASSAGE, OfficialFile, ReadError, Reading, Record, Release, sorted_out
from ingest.readers.icd10cm_files import PUBLISHER, SHOWN, URL, edition, elements, text_of, version

COLUMNS = ("system", "position", "path", "modifiers", "code", "see", "see_also")
DEEPEST = 20  # levels of terms; the index has nine
# series -> title, and words of the file's own title or of its columns
SERIES = {
    "drugs": ("ICD-10-CM Table of Drugs and Chemicals", (b"DRUG", b"SUBSTANCE")),
    "neoplasms": ("ICD-10-CM Table of Neoplasms", (b"NEOPLASM",)),
    "external-causes": ("ICD-10-CM External Cause of Injuries Index", (b"EXTERNAL CAUSE",)),
    "index": ("ICD-10-CM Index to Diseases and Injuries", ()),
}
TABLES = ("drugs", "neoplasms")  # tens of thousands of cells that differ by a column: found by their words only


@dataclass
class State:
    """What is known while the terms are read: the columns of a table, and the number of the last row."""

    series: str
    columns: dict[str, str] = field(default_factory=dict)
    position: int = 0


def sniff(head: bytes) -> bool:
    """The root of an index of ICD-10-CM; that of ICD-10-PCS has another name."""
    return b"<ICD10CM.index" in head[:2000]


def read(file: OfficialFile) -> Reading:
    """Read one of the four as rows of `index_term`, and as terms that find the codes which are written in full."""
    book = edition(file, version(file))
    series = _series(file.head())
    release = Release(SourceKind.ICD10CM_INDEX, book.name, SERIES[series][0], PUBLISHER, None, book.valid_from, book.valid_to, URL, series)
    reading = Reading(release, {"index_term": COLUMNS, "passage": PASSAGE}, iter(()))
    reading.batches = sorted_out(_records(file, State(series), reading))
    return reading


def _series(head: bytes) -> str:
    """Which of the four it is, by its title and the names of its columns."""
    top = head.split(b"<letter", 1)[0].upper()
    return next(name for name, (_, words) in SERIES.items() if not words or any(word in top for word in words))


def _records(file: OfficialFile, state: State, reading: Reading) -> Iterator[tuple[str, Record]]:
    for element in elements(file, "mainTerm", "head"):
        if element.tag == "head":
            state.columns[element.attrib.get("col", "")] = text_of(element)
        else:
            yield from _term(file, element, (), (), state, reading)


def _term(
    file: OfficialFile, node: ElementTree.Element, path: tuple[str, ...], modifiers: tuple[str, ...], state: State, reading: Reading
) -> Iterator[tuple[str, Record]]:  # fmt: skip
    """The rows of a term, then those of the terms below it."""
    title = node.find("title")
    words, own = _words(title)
    if not words or len(path) == DEEPEST:
        where = " > ".join(path[:3])
        raise ReadError(f"{file}: {'a term without a title' if not words else 'terms nested too deep'} under {where!r}; download it again")
    path, modifiers = (*path, words), (*modifiers, *own)
    see = "; ".join([*_texts(node, "see"), *(f"category {text}" for text in _texts(node, "seecat"))])
    see_also = "; ".join(_texts(node, "seeAlso"))
    targets = list(_targets(node, state, reading))
    for number, (tail, code) in enumerate(targets or [((), "")]):
        if code or ((see or see_also) and number == 0):
            yield from _rows((*path, *tail), modifiers, code, see if number == 0 else "", see_also if number == 0 else "", state)
    for child in node:
        if child.tag == "term":
            yield from _term(file, child, path, modifiers, state, reading)


def _targets(node: ElementTree.Element, state: State, reading: Reading) -> Iterator[tuple[tuple[str, ...], str]]:
    """What the path goes on with, and the code: of the term, its manifestation, or the cells of a table."""
    for tag, tail in (("code", ()), ("subcat", ()), ("manif", ("manifestation",))):
        for code in _texts(node, tag):
            yield tail, code.strip("[]")
    for cell in node:
        if cell.tag == "cell" and (code := text_of(cell)):
            if re.fullmatch(r"[-–—]+", code):
                reading.skip("cells without a code")
                continue
            column = cell.attrib.get("col", "")
            yield (state.columns.get(column) or f"column {column}",), code


def _rows(
    path: tuple[str, ...], modifiers: tuple[str, ...], code: str, see: str, see_also: str, state: State
) -> Iterator[tuple[str, Record]]:  # fmt: skip
    state.position += 1
    position, also = state.position, " ".join(modifiers)
    yield "index_term", (System.ICD10CM, position, " > ".join(path), also, code, see, see_also)
    if SHOWN.fullmatch(code):
        key = f"index/{System.ICD10CM}/{position}" if state.series == "index" else f"index/{System.ICD10CM}/{state.series}/{position}"
        place = f"{SERIES[state.series][0].removeprefix('ICD-10-CM ')}, {path[0]}"
        yield "passage", (key, "term", System.ICD10CM, code, ", ".join(path), "", also, place, int(state.series not in TABLES))


def _texts(node: ElementTree.Element, tag: str) -> list[str]:
    return [text for child in node if child.tag == tag and (text := text_of(child))]


def _words(title: ElementTree.Element | None) -> tuple[str, list[str]]:
    """The words of a title, and apart from them those in parentheses that do not change the code."""
    if title is None:
        return "", []
    own = [text_of(child) for child in title if child.tag == "nemod"]
    kept = [title.text or ""]
    for child in title:
        kept += ["" if child.tag == "nemod" else "".join(child.itertext()), " ", child.tail or ""]
    return re.sub(r" +([,;])", r"\1", " ".join("".join(kept).split())), [text for text in own if text]
