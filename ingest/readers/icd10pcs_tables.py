"""The ICD-10-PCS Tables (XML): which values may stand together in a code.

A `pcsTable` gives one value to each of the axes 1-3, the stem; each `pcsRow` lists the values of the axes 4-7, and every combination of them is a
code. `codes` of a row is how many.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from xml.etree.ElementTree import Element

from corpus.model import SourceKind
from ingest.readers import pcs
from ingest.readers.base import OfficialFile, ReadError, Reading, batched

TITLE = "ICD-10-PCS Tables"
COLUMNS = ("stem", "row", "axis", "value", "name", "label")
HEAD = pcs.xml_head("tabular")
STEM, REST = (1, 2, 3), (4, 5, 6, 7)
Record = tuple[str, int, int, str, str, str]
Axis = tuple[int, str, list[tuple[str, str]]]  # position, name, values with their labels


def sniff(head: bytes) -> bool:
    """The root element of the tables."""
    return bool(HEAD.match(head))


def read(file: OfficialFile) -> Reading:
    """Read every table: row 0 holds the stem, the rows count from 1."""
    release = pcs.xml_release(file, SourceKind.ICD10PCS_TABLES, TITLE)
    return Reading(release, {"pcs_axis": COLUMNS}, batched("pcs_axis", _records(file)))


def _records(file: OfficialFile) -> Iterator[Record]:
    stems: set[str] = set()
    for table in pcs.elements(file, 1):
        if table.tag != "pcsTable":
            continue
        axes = _axes(file, table, f"table {len(stems) + 1}", STEM)
        stem = "".join(value for _, _, values in axes for value, _ in values)
        if len(stem) != len(STEM) or stem in stems:
            raise ReadError(f"{file}: table {len(stems) + 1}: its axes 1 to 3 give {stem!r}, wanted one value each that no other table has")
        stems.add(stem)
        yield from _listed(stem, 0, axes)
        for number, row in enumerate(table.findall("pcsRow"), start=1):
            where = f"table {stem}, row {number}"
            axes = _axes(file, row, where, REST)
            made = prod(len(values) for _, _, values in axes)
            if row.get("codes", str(made)) != str(made):
                raise ReadError(f"{file}: {where}: its values make {made} codes, it says {row.get('codes')}; download it again")
            yield from _listed(stem, number, axes)


def _axes(file: OfficialFile, element: Element, where: str, wanted: tuple[int, ...]) -> list[Axis]:
    axes = []
    for axis in element.findall("axis"):
        values = [(label.get("code", ""), pcs.words(label)) for label in axis.findall("label")]
        axes.append((axis.get("pos", ""), pcs.words(axis.find("title")), values))
    if [position for position, _, _ in axes] != [str(number) for number in wanted]:
        raise ReadError(f"{file}: {where}: axes {', '.join(position for position, _, _ in axes)!r}, wanted {wanted[0]} to {wanted[-1]}")
    for position, _, values in axes:
        codes = [code for code, _ in values]
        if not codes or len(set(codes)) < len(codes) or any(len(code) != 1 or not code.isalnum() for code in codes):
            raise ReadError(f"{file}: {where}, axis {position}: values {codes!r}, wanted single characters, each once")
    return [(int(position), name, values) for position, name, values in axes]


def _listed(stem: str, row: int, axes: list[Axis]) -> Iterator[Record]:
    return ((stem, row, axis, value, name, label) for axis, name, values in axes for value, label in values)
