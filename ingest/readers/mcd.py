"""The Medicare Coverage Database as CMS exports it: zips in zips of csv for articles, LCDs and NCDs.

A table is told by its columns, which may stand in any order. Diagnoses are listed by articles only, range by range but code by code: the
column `range` marks the first, the middle and the last code of a range and adds none. Ids are bare numbers; they are kept
with their letter, A for articles and L for LCDs. NCDs are kept by manual section; other exports name them by a number of their own,
`NCD169`, that `coverage_relation` ties to the section.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

from ingest.readers import mcd_contractors, mcd_documents
from ingest.readers.base import BATCH, Batches, OfficialFile, Reading, Record, RefusedError, batched, dotted, system_of
from ingest.readers.mcd_export import columns, encoding, release, table, whole, wide_fields
from ingest.readers.mcd_html import plain

DIAGNOSIS = re.compile(r"[A-Z]\d[0-9A-Z](?:\.?[0-9A-Z]{1,4})?")
# Each table of the exports has one of these sets of columns.
KEYS = tuple(
    frozenset(names.split())
    for names in (
        "article_id article_version", "lcd_id lcd_version", "ncd_id ncd_vrsn_num", "article_id retire_date", "lcd_id retire_date",
        "contractor_id contractor_type_id", "contractor_type_id description", "contractor_subtype_id description",
        "state_id state_abbrev", "state_id region_id", "region_id description", "period_id begin_date end_date",
        "bnft_ctgry_cd bnft_ctgry_desc", "pblctn_cd pblctn_num", "article_type_id description", "url_type_id description",
        "reason_change_id description", "synopsis_changes_field_id field_name", "contact_id email_address",
    )
)  # fmt: skip
GROUPS = {
    "codes": "hcpc_code_group",
    "covered": "icd10_covered_group",
    "noncovered": "icd10_noncovered_group",
    "modifiers": "hcpc_modifier_group",
}
RELATED = {"r_article_id": "A", "r_lcd_id": "L", "r_ncd_id": "NCD"}
Read = Callable[[OfficialFile], Reading]


@dataclass(frozen=True)
class Owner:
    """The documents that a table belongs to."""

    letter: str
    series: str
    id: str
    version: str


ARTICLES = Owner("A", "articles", "article_id", "article_version")
LCDS = Owner("L", "lcds", "lcd_id", "lcd_version")


def sniff(head: bytes) -> bool:
    """A header of plain column names, among them those that every table of its sort has."""
    names = _header(head)
    return len(names) == len(set(names)) and any(key <= set(names) for key in KEYS)


def _header(head: bytes) -> list[str]:
    first = head[:8192].splitlines()[:1]
    try:
        names = columns(next(csv.reader([first[0].decode("utf-8")]), [])) if first else []
    except (UnicodeDecodeError, csv.Error):
        return []
    return names if all(re.fullmatch(r"\w+", name) for name in names) else []


def read(file: OfficialFile) -> Reading:
    """Read one table of an export.

    Raises:
        RefusedError: for a table that answers no question here, or has no rows.
    """
    names = set(_header(file.head()))
    for marks, reader in _layouts(ARTICLES if "article_id" in names else LCDS):
        if marks <= names:
            with wide_fields(), file.table() as rows:
                if next(islice(rows, 1, None), None) is None:
                    raise RefusedError(f"{file}: a table without rows")
            return reader(file)
    raise RefusedError(f"{file}: a table of the Medicare Coverage Database that is not needed")


def _layouts(owner: Owner) -> Iterator[tuple[set[str], Read]]:
    """The tables that are read: the columns that tell each, and its reader."""
    document = {owner.id, owner.version}
    yield {"ncd_id", "ncd_mnl_sect"}, partial(mcd_documents.read, layout=mcd_documents.NCD)
    yield document | {"title", "status"}, partial(mcd_documents.read, layout=mcd_documents.ARTICLE if owner is ARTICLES else mcd_documents.LCD)
    for kind, group in GROUPS.items():
        yield document | {group, "paragraph"}, partial(_groups, owner=owner, kind=kind, group=group)
    yield document | {"hcpc_code_id", "hcpc_code_group"}, partial(_codes, owner=owner)
    for covered, group in ((1, "icd10_covered_group"), (0, "icd10_noncovered_group")):
        yield document | {"icd10_code_id", group}, partial(_diagnoses, owner=owner, covered=covered, group=group)
    for related in RELATED:
        yield document | {related}, partial(_relations, owner=owner)
    yield document | {"contractor_id"}, partial(mcd_contractors.read_contractors, letter=owner.letter, series=owner.series,
                                                id=owner.id, version=owner.version)  # fmt: skip
    yield {"contractor_id", "state_id", "active_date"}, mcd_contractors.read_states


def _codes(file: OfficialFile, owner: Owner) -> Reading:
    """The CPT and HCPCS codes of documents, group by group."""
    reading = Reading(release(file, owner.series), {"coverage_code": ("code", "document", "version", "group")}, iter(()))

    def records() -> Iterator[Record]:
        names = (owner.id, owner.version, "hcpc_code_id", "hcpc_code_group")
        for line, (id, version, code, group) in table(file, names):
            code = code.strip().upper()
            if system_of(code) is None:
                reading.skip("not a CPT or HCPCS code")
                continue
            yield (code, f"{owner.letter}{whole(id, file, line, owner.id)}", whole(version, file, line, owner.version),
                   whole(group, file, line, "hcpc_code_group"))  # fmt: skip

    reading.batches = batched("coverage_code", records())
    return reading


def _groups(file: OfficialFile, owner: Owner, kind: str, group: str) -> Reading:
    """The groups of codes and the paragraph over each, often none; what the asterisk of a group means stands under its paragraph."""
    reading = Reading(
        release(file, owner.series), {"coverage_group": ("document", "version", "kind", "group", "paragraph")}, iter(()), part=file.name
    )

    def records() -> Iterator[Record]:
        names = (owner.id, owner.version, group, "paragraph")
        for line, (id, version, number, paragraph, asterisk) in table(file, names, ("icd10_covered_ast",), encoding(file)):
            text = "\n".join(part for part in (plain(paragraph), plain(asterisk)) if part)
            yield (f"{owner.letter}{whole(id, file, line, owner.id)}", whole(version, file, line, owner.version), kind,
                   whole(number, file, line, group), text)  # fmt: skip

    reading.batches = batched("coverage_group", records())
    return reading


def _diagnoses(file: OfficialFile, owner: Owner, covered: int, group: str) -> Reading:
    """The diagnoses that articles list as covered or not."""
    tables: dict[str, tuple[str, ...]] = {"coverage_diagnosis": ("code", "document", "version", "covered", "group", "asterisk")}
    reading = Reading(release(file, owner.series), tables, iter(()), part=file.name)
    reading.batches = _diagnosis_batches(file, owner, covered, group, reading)
    return reading


def _diagnosis_batches(file: OfficialFile, owner: Owner, covered: int, group: str, reading: Reading) -> Batches:
    """Batches of diagnoses: the longest table by far, so what repeats from row to row is worked out once."""
    names = (owner.id, owner.version, "icd10_code_id", group)
    places: dict[tuple[str, str, str], tuple[str, int, int]] = {}
    codes: dict[str, str | None] = {}
    batch: list[Record] = []
    for line, (id, version, cell, number, asterisk) in table(file, names, ("asterisk",)):
        place = places.get((id, version, number))
        if place is None:
            place = (f"{owner.letter}{whole(id, file, line, owner.id)}", whole(version, file, line, owner.version), whole(number, file, line, group))
            places[id, version, number] = place
        if cell not in codes:
            code = cell.strip().upper()
            codes[cell] = dotted(code) if DIAGNOSIS.fullmatch(code) else None
        if (diagnosis := codes[cell]) is None:
            reading.skip("not an ICD-10-CM code")  # XX000: no diagnosis applies
            continue
        batch.append((diagnosis, place[0], place[1], covered, place[2], 1 if asterisk in ("Y", "y", "*", "1", "True") else 0))
        if len(batch) == BATCH:
            yield "coverage_diagnosis", batch
            batch = []
    if batch:
        yield "coverage_diagnosis", batch


def _relations(file: OfficialFile, owner: Owner) -> Reading:
    """Which documents go together, each pair once."""
    reading = Reading(release(file, owner.series), {"coverage_relation": mcd_documents.RELATION}, iter(()), part=file.name)

    def records() -> Iterator[Record]:
        seen: set[tuple[str, str]] = set()
        for line, (id, *related) in table(file, (owner.id,), tuple(RELATED)):
            document = f"{owner.letter}{whole(id, file, line, owner.id)}"
            for (column, letter), cell in zip(RELATED.items(), related, strict=True):
                if not cell.strip() or not (number := whole(cell, file, line, column)):
                    continue
                pair = (document, f"{letter}{number}")
                if pair not in seen:
                    seen.add(pair)
                    yield pair

    reading.batches = batched("coverage_relation", records())
    return reading
