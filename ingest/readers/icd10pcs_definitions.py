"""The ICD-10-PCS Definitions (XML): what a value of an axis means, section by section, and which devices belong to a broader value.

Several values that mean the same share one entry (`terms` with several titles). `deviceAggregation` names, for a device, the value that stands for it
in the tables of some operations and body systems.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from corpus.model import SourceKind
from ingest.readers import pcs
from ingest.readers.base import PASSAGE, OfficialFile, ReadError, Reading, Record, sorted_out

TITLE = "ICD-10-PCS Definitions"
COLUMNS = ("section", "axis", "position", "section_name", "name", "term", "value", "definition", "explanation", "includes")
HEAD = pcs.xml_head("definitions")
DEVICES = "Device Aggregation"


def sniff(head: bytes) -> bool:
    """The root element of the definitions."""
    return bool(HEAD.match(head))


def read(file: OfficialFile) -> Reading:
    """Read a row for each term; each term that has a text is a passage too, found by its words only."""
    release = pcs.xml_release(file, SourceKind.ICD10PCS_DEFINITIONS, TITLE)
    return Reading(release, {"pcs_definition": COLUMNS, "passage": PASSAGE}, sorted_out(_records(file, release.release)))


def _records(file: OfficialFile, release: str) -> Iterator[tuple[str, Record]]:
    for part in pcs.elements(file, 1):
        if part.tag == "section":
            yield from _section(file, part, release)
        elif part.tag == "deviceAggregation":
            for position, aggregate in enumerate(part.findall("aggregate"), start=1):
                yield "pcs_definition", _device(aggregate, position)


def _section(file: OfficialFile, section: Element, release: str) -> Iterator[tuple[str, Record]]:
    code, title = section.get("code", ""), pcs.words(section.find("title"))
    for axis in section.findall("axis"):
        number, name = axis.get("pos", ""), pcs.words(axis.find("title"))
        if len(code) != 1 or number not in "1234567" or len(number) != 1:
            raise ReadError(f"{file}: section {code!r}, axis {number!r}: wanted one character and a number from 1 to 7")
        position = 0
        for entry in axis.findall("terms"):
            definition, explanation = pcs.words(entry.find("definition")), pcs.words(entry.find("explanation"))
            includes = [pcs.words(item) for item in entry.findall("includes")]
            for term in entry.findall("title"):
                position += 1
                label = pcs.words(term)
                yield "pcs_definition", (code, int(number), position, title, name, label, "", definition, explanation, "\n".join(includes))
                text = " ".join(part if part.endswith(".") else f"{part}." for part in (definition, explanation, "; ".join(includes)) if part)
                key, place = f"definition/ICD10PCS/{release}/{code}/{number}/{position}", f"Section {code} {title}, {name}"
                yield "passage", (key, "manual", "ICD10PCS", None, f"{label} ({name}, ICD-10-PCS)", text, "", place, 0)


def _device(aggregate: Element, position: int) -> Record:
    """A device, the broader value that stands for it, and where: a row of section "" on axis 6."""
    parent = aggregate.find("parent")
    value = parent.get("value", "") if parent is not None else ""
    systems = "\n".join(pcs.words(system) for system in aggregate.findall("bodySys"))
    device, operation = pcs.words(aggregate.find("device")), pcs.words(aggregate.find("operation"))
    return "", 6, position, "", DEVICES, device, value, pcs.words(parent), operation, systems
