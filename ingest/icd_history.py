"""What became of ICD-10-CM codes in the releases that are not shipped: the facts, without a title.

The fact table names each code for which a list differs from the tabular list of the package, and each code that addenda name. A code
without a row stands in that list as it stands in the tabular list. The list of FY2024 has no categories of its own; these follow
from the codes below them.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.model import SourceKind, System
from ingest.archives import opened
from ingest.readers import icd10cm, icd10cm_addenda, icd10cm_list, recognise
from ingest.readers.base import ReadError, Reading, Release, batched
from ingest.readers.icd10cm_files import Edition
from ingest.shipped import FACTS, FOLDER

TABLE = "icd10cm_history"
COLUMNS = ("release", "code", "event")
EVENT = ("system", "code", "date", "event", "text", "place")
OFFICIAL: dict[SourceKind, dict[str, tuple[str, ...]]] = {
    SourceKind.ICD10CM_LIST: {"listing": icd10cm_list.COLUMNS},
    SourceKind.ICD10CM_ADDENDA: {"change": icd10cm_addenda.COLUMNS},
}
BILLABLE, CATEGORY, ABSENT = "listed as billable", "listed as a category", "not listed"
LISTS = (icd10cm_list.release(Edition(2021, "January"), "order"), icd10cm_list.release(Edition(2024), "codes"))
ADDENDA = (icd10cm_addenda.release(Edition(2023), "order"),)
READERS = (icd10cm_list, icd10cm_addenda)
RELEASES = {release.key: release for release in (*LISTS, *ADDENDA)}
Row = tuple[str, str, str]


def make(data: Path, to: Path = FOLDER / FACTS) -> int:
    """Write the fact table out of a folder of official files; return its rows."""
    with TemporaryDirectory() as scratch, opened([data], Path(scratch)) as found:
        names = (file for file in found.files if "icd10cm" in str(file).lower())  # the others are large and tell nothing here
        known = (reader.read(file) for file in names if (reader := recognise(file)) in READERS)
        lines = sorted(rows(known))
    with (to / f"{TABLE}.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(lines)
    return len(lines)


def rows(readings: Iterable[Reading]) -> Iterator[Row]:
    """The rows of the fact table: release, code, event; `readings`: the lists and addenda compared, others are passed over.

    Raises:
        ReadError: when one of `RELEASES` is not among them.
    """
    missing = set(RELEASES)
    for reading in readings:
        key = reading.release.key
        if key in missing:
            missing.remove(key)
            found = _of_addenda(reading) if reading.release in ADDENDA else _of_list(reading)
            yield from ((key, code, event) for code, event in sorted(found))
    if missing:
        raise ReadError(f"{', '.join(sorted(missing))}: no official file of it, and the facts on ICD-10-CM compare with it")


def _of_list(reading: Reading) -> Iterator[tuple[str, str]]:
    """Where a list differs from the tabular list."""
    columns = reading.tables["listing"]
    code, billable = columns.index("code"), columns.index("billable")
    listed = {row[code]: BILLABLE if row[billable] else CATEGORY for _, batch in reading.batches for row in batch}
    now = {e.code: BILLABLE if e.billable else CATEGORY for e in icd10cm.codes().values() if e.kind in ("category", "code")}
    if reading.release.series == "codes":
        above = {found[:length].removesuffix(".") for found in listed for length in range(3, len(found))} - listed.keys()
        # what ends with X and is no entry now is only a beginning: W19.X before W19.XXXA
        listed |= dict.fromkeys((code for code in above if code in now or not code.endswith("X")), CATEGORY)
    for name in listed.keys() | now.keys():
        if (event := listed.get(name, ABSENT)) != now.get(name, ABSENT):
            yield name, event


def _of_addenda(reading: Reading) -> Iterator[tuple[str, str]]:
    """What was done to each code, joined where it is more than one thing."""
    columns = reading.tables["change"]
    code, action = columns.index("code"), columns.index("action")
    found: dict[str, list[str]] = defaultdict(list)
    for _, batch in reading.batches:
        for row in batch:
            found[row[code]].append(row[action])
    return ((name, ", ".join(actions)) for name, actions in found.items())


def facts(folder: Path = FOLDER) -> list[Reading]:
    """The fact table as one reading of rows of `event` for each release; none where the folder has no table.

    A reading names the table that the official file fills too, so that the file takes the place of the facts.

    Raises:
        ReadError: when the table names another release.
    """
    path = folder / FACTS / f"{TABLE}.csv"
    by_release: dict[str, list[tuple[str, str]]] = {key: [] for key in RELEASES}
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        if tuple(next(lines, ())) != COLUMNS:
            raise ReadError(f"{path}:1: wanted the columns {','.join(COLUMNS)}")
        for line in lines:
            if len(line) != len(COLUMNS) or line[0] not in by_release:
                raise ReadError(f"{path}:{lines.line_num}: {','.join(line)[:80]!r}: wanted a release that is compared, a code and an event")
            by_release[line[0]].append((line[1], line[2]))
    found = []
    for key, release in RELEASES.items():
        events = [_event(release, code, event) for code, event in by_release[key]]
        found.append(Reading(release, {"event": EVENT, **OFFICIAL[release.kind]}, batched("event", events)))
    return found


def _event(release: Release, code: str, event: str) -> tuple[object, ...]:
    day = f"{release.valid_from:%Y%m%d}"
    text = f"In {release.title}, {release.release}: {event}."
    return System.ICD10CM, code, int(day), event, text, f"{release.release}, {code}"
