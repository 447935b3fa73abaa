"""Read the shipped files; every fault carries file, line and field."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import ValidationError

from ingest.shipped.formats import ArticleFormat, Crosswalk, Format, ModifierFormat, PageFormat, Publication, Synonym

FormatT = TypeVar("FormatT", bound=Format)
FRONT_MATTER = re.compile(r"\A---\n(.*?\n)---\n(.*)\Z", re.DOTALL)
Location = tuple[int | str, ...]


@dataclass(frozen=True, order=True)
class Fault:
    """Something wrong in a shipped file, at a line counted from 1."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Entry(Generic[FormatT]):
    """A valid entry with the place it was read from."""

    value: FormatT
    file: Path
    line: int
    lines: dict[Location, int]

    def line_of(self, *field: int | str) -> int:
        """The line of a field, or of the nearest field around it."""
        place: Location = field
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, self.line)


def _lines(node: yaml.Node, offset: int, place: Location = ()) -> Iterator[tuple[Location, int]]:
    yield place, node.start_mark.line + 1 + offset
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, offset, (*place, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _lines(item, offset, (*place, index))


def _validate(kind: type[FormatT], data: Any, node: yaml.Node, file: Path, offset: int) -> tuple[Entry[FormatT] | None, list[Fault]]:
    lines = dict(_lines(node, offset))
    entry_line = lines[()]
    try:
        return Entry(kind.model_validate(data), file, entry_line, lines), []
    except ValidationError as error:
        faults = []
        name = data.get("code") or data.get("id") if isinstance(data, dict) else None
        for problem in error.errors():
            place: Location = tuple(problem["loc"])
            line = next((lines[place[:i]] for i in range(len(place), -1, -1) if place[:i] in lines), entry_line)
            field = ".".join(str(part) for part in place)
            faults.append(Fault(file, line, f"{name or 'entry'}: {field + ': ' if field else ''}{problem['msg']}"))
        return None, faults


def read_list(kind: type[FormatT], file: Path) -> tuple[list[Entry[FormatT]], list[Fault]]:
    """Read a YAML file that holds a list of entries of one format."""
    text = file.read_text(encoding="utf-8")
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
        data = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return [], [Fault(file, line, f"not YAML: {error.problem}")]
    if not isinstance(root, yaml.SequenceNode) or not isinstance(data, list):
        return [], [Fault(file, 1, "not a YAML list of entries")]
    entries: list[Entry[FormatT]] = []
    faults: list[Fault] = []
    for value, node in zip(data, root.value, strict=True):
        entry, wrong = _validate(kind, value, node, file, 0)
        faults += wrong
        if entry:
            entries.append(entry)
    return entries, faults


def read_article(file: Path) -> tuple[Entry[ArticleFormat] | None, list[Fault]]:
    """Read one Markdown article with YAML front matter."""
    match = FRONT_MATTER.match(file.read_text(encoding="utf-8"))
    if not match:
        return None, [Fault(file, 1, "no front matter between two lines of ---")]
    try:
        node = yaml.compose(match.group(1), Loader=yaml.CSafeLoader)
        data = yaml.load(match.group(1), Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        return None, [Fault(file, line, f"front matter is not YAML: {error.problem}")]
    if not isinstance(data, dict) or node is None:
        return None, [Fault(file, 1, "front matter is not a mapping")]
    return _validate(ArticleFormat, {**data, "text": match.group(2).strip()}, node, file, 1)


def read_table(kind: type[FormatT], file: Path) -> tuple[list[Entry[FormatT]], list[Fault]]:
    """Read a csv whose header names the fields of a format."""
    entries: list[Entry[FormatT]] = []
    faults: list[Fault] = []
    with file.open(encoding="utf-8", newline="") as text:
        rows = csv.DictReader(text, strict=True)
        columns = tuple(kind.model_fields)
        if tuple(rows.fieldnames or ()) != columns:
            return [], [Fault(file, 1, f"columns {','.join(rows.fieldnames or ())}, wanted {','.join(columns)}")]
        try:
            for row in rows:
                if None in row or None in row.values():
                    faults.append(Fault(file, rows.line_num, f"{len(columns)} columns wanted"))
                    continue
                try:
                    entries.append(Entry(kind.model_validate(row), file, rows.line_num, {(): rows.line_num}))
                except ValidationError as error:
                    for problem in error.errors():
                        field = ".".join(str(part) for part in problem["loc"])
                        faults.append(Fault(file, rows.line_num, f"{next(iter(row.values()))}: {field + ': ' if field else ''}{problem['msg']}"))
        except csv.Error as error:
            faults.append(Fault(file, rows.line_num, f"not csv: {error}"))
    return entries, faults


@dataclass(frozen=True)
class Shipped:
    """Everything in the shipped folder that is valid, and every fault found on the way."""

    publications: list[Entry[Publication]]
    pages: list[Entry[PageFormat]]
    modifiers: list[Entry[ModifierFormat]]
    articles: list[Entry[ArticleFormat]]
    synonyms: list[Entry[Synonym]]
    crosswalks: list[Entry[Crosswalk]]
    faults: list[Fault]


def read_shipped(folder: Path) -> Shipped:
    """Read the whole shipped folder; faults are collected, not raised."""
    faults: list[Fault] = []

    def lists(kind: type[FormatT], pattern: str) -> list[Entry[FormatT]]:
        found: list[Entry[FormatT]] = []
        for file in sorted(folder.glob(pattern)):
            entries, wrong = (read_table if file.suffix == ".csv" else read_list)(kind, file)
            found += entries
            faults.extend(wrong)
        return found

    publications = lists(Publication, "sources.yaml")
    pages = lists(PageFormat, "codes/**/*.yaml")
    modifiers = lists(ModifierFormat, "modifiers/*.yaml")
    articles = []
    for file in sorted(folder.glob("guidelines/**/*.md")):
        article, wrong = read_article(file)
        faults += wrong
        if article:
            articles.append(article)
    return Shipped(publications, pages, modifiers, articles, lists(Synonym, "synonyms/*.csv"), lists(Crosswalk, "crosswalks/*.csv"), faults)
