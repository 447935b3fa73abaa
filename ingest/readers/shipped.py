"""The shipped corpus: its documents, and its fact tables as releases of the official files they were taken from."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from corpus.model import Setting, SourceKind
from ingest.readers import add_on, fee_schedule, mue, ptp
from ingest.readers.base import IN_FORCE, UNKNOWN, ReadError, Reading, Release, batched
from ingest.shipped import FACTS, FOLDER, VERSION
from ingest.shipped.formats import Publication
from ingest.shipped.read import Shipped

RELEASE = Release(SourceKind.SHIPPED, VERSION, "Codebook pages, modifiers and articles", "Codebook")
INDICATOR_COLUMNS = ("field", "value", "meaning", "source", "place")
HISTORY_COLUMNS = ("code", "date", "event", "text", "release")
HCPCS_COLUMNS = ("release", "code", "added", "ended")  # Level II codes that no fee schedule has, equipment above all, stand here too
RELEASE_COLUMNS = ("kind", "release", "setting", "title", "publisher", "valid_from", "valid_to", "url")
# kind -> (fact table, table of the store, its columns)
TABLES: dict[SourceKind, tuple[str, str, tuple[str, ...]]] = {
    SourceKind.FEE_SCHEDULE: ("fee_schedule", "fee", fee_schedule.SHIPPED_COLUMNS),
    SourceKind.MUE: ("mue", "mue", mue.COLUMNS),
    SourceKind.ADD_ON: ("add_on", "add_on", add_on.COLUMNS),
    SourceKind.PTP: ("ptp", "ptp", ptp.COLUMNS),
}
Row = dict[str, str]


@dataclass(frozen=True)
class Document:
    """A page, modifier or article in the shipped format, as JSON."""

    kind: str
    key: str
    body: str
    place: str


def documents(shipped: Shipped, folder: Path = FOLDER) -> Iterator[Document]:
    """Every valid document; `place` is its file and line inside the shipped folder."""
    kinds = (("page", shipped.pages), ("modifier", shipped.modifiers), ("article", shipped.articles))
    for kind, entries in kinds:
        for entry in entries:
            key = entry.value.id if kind == "article" else entry.value.code  # type: ignore[union-attr]
            yield Document(kind, key, entry.value.model_dump_json(by_alias=True), f"{entry.file.relative_to(folder)}:{entry.line}")


MAPPING_COLUMNS = ("system", "code", "target_system", "target", "relation", "detail", "source")


def mappings(shipped: Shipped) -> Iterator[tuple[str, str, str, str, str, str]]:
    """Crosswalks of the tables, and what the pages say of anesthesia codes and likely diagnoses; `detail` is JSON: date, note, source, place."""
    targets = {"anesthesia": "ANESTHESIA", "equivalent": "EQUIVALENT", "replaced by": "REPLACEMENT"}
    for row in (entry.value for entry in shipped.crosswalks):
        detail = {key: value for key in ("date", "note", "source", "place") if (value := getattr(row, key))}
        yield row.system, row.code, targets[row.relation], row.target, row.relation, json.dumps(detail, ensure_ascii=False)
    for page in (entry.value for entry in shipped.pages):
        if page.anesthesia and page.anesthesia.code:
            note = json.dumps({"note": page.anesthesia.note} if page.anesthesia.note else {}, ensure_ascii=False)
            yield page.system, page.code, "ANESTHESIA", page.anesthesia.code, "anesthesia", note
        for diagnosis in page.diagnoses:
            yield page.system, page.code, "DIAGNOSIS", diagnosis.code, "likely diagnosis", json.dumps({"note": diagnosis.why}, ensure_ascii=False)


def publication(entry: Publication) -> Release:
    """A publication of `sources.yaml` as a source."""
    return Release(SourceKind.PUBLICATION, entry.release, entry.title, entry.publisher, valid_from=entry.valid_from, url=entry.url)


def table(name: str, columns: tuple[str, ...], folder: Path = FOLDER) -> list[Row]:
    """The rows of a fact table.

    Raises:
        ReadError: when the file is missing or its columns are not those described in its README.
    """
    path = folder / FACTS / f"{name}.csv"
    if not path.is_file():
        raise ReadError(f"{path}: missing; make it with `python -m ingest.make_facts`")
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != columns:
            raise ReadError(f"{path}:1: columns {','.join(rows.fieldnames or ())}, wanted {','.join(columns)}")
        found = []
        for row in rows:
            if None in row or None in row.values():
                raise ReadError(f"{path}:{rows.line_num}: {len(columns)} columns wanted")
            found.append(row)
    return found


def columns_of(kind: SourceKind) -> tuple[str, ...]:
    """The columns of a fact table: release and setting, then those of the official file that are shipped."""
    first = ("release", "setting") if kind in (SourceKind.MUE, SourceKind.PTP) else ("release",)
    return (*first, *(column for column in TABLES[kind][2] if column != "descriptor"))


def facts(folder: Path = FOLDER) -> Iterator[Reading]:
    """One reading a release, as if its official file held only these rows."""
    for row in table("releases", RELEASE_COLUMNS, folder):
        kind = SourceKind(row["kind"])
        setting = Setting(row["setting"]) if row["setting"] else None
        start, end = (date.fromisoformat(row[day]) if row[day] else None for day in ("valid_from", "valid_to"))
        release = Release(kind, row["release"], row["title"], row["publisher"], setting, start, end, row["url"] or None)
        name, store, columns = TABLES[kind]
        rows = [r for r in _table(name, kind, folder) if r["release"] == release.release and r.get("setting", "") == row["setting"]]
        yield Reading(release, {store: columns}, batched(store, [_record(r, columns) for r in rows]))


def _table(name: str, kind: SourceKind, folder: Path) -> list[Row]:
    return table(name, columns_of(kind), folder)


def _day(missing: int, text: str) -> int:
    return int(text.replace("-", "")) if text else missing


def _decimal(text: str) -> float | None:
    return float(text) if text else None


VALUES: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(fee_schedule.NUMBERS, _decimal),
    **dict.fromkeys(("units", "mai", "type", "indicator"), int),
    "effective": partial(_day, UNKNOWN),
    "deleted": partial(_day, IN_FORCE),
}


def _record(row: Row, columns: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(VALUES[column](row[column]) if column in VALUES else row.get(column, "") for column in columns)
