"""Medically Unlikely Edits, one setting a file, as CMS publishes them (csv, xlsx, tab-separated) and as third parties reshape them.

The published file opens with one quoted notice of many lines; the header cell of the code holds a line break, and the second
column names the setting. The effective date stands only in the file name. Units may be 0. A code that is not listed may still have a
limit: CMS keeps some to itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from corpus.model import Setting, SourceKind
from ingest.readers import ncci
from ingest.readers.base import OfficialFile, ReadError, Reading, Release, batched, fail, system_of

TITLE = "Medicare NCCI Medically Unlikely Edits"
URL = "https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits/medicare-ncci-medically-unlikely-edits-mues"
COLUMNS = ("code", "units", "mai", "rationale")
SETTINGS = {
    "practitioner": (Setting.PRACTITIONER, "practitioner services"),
    "outpatient hospital": (Setting.FACILITY, "outpatient hospital services"),
    "facility outpatient": (Setting.FACILITY, "outpatient hospital services"),
    "dme supplier": (Setting.DME, "supplier services (DME)"),
}
PUBLISHED = re.compile(rb"(practitioner|outpatient hospital|facility outpatient|dme supplier)[^\"\r\n,\t]*MUE Values?", re.IGNORECASE)
ADJUDICATION = re.compile(rb"MUE Adjudication Indicator", re.IGNORECASE)
DERIVED = re.compile(rb'"?hcpcs_code"?,"?mue_units"?,"?mue_mai"?,"?mue_rationale"?,"?mue_service"?')
LABELS = (re.compile(r"hcpcs"), re.compile(r"mue (values?|units)$"), re.compile(r"mue (adjudication indicator|mai)"), re.compile(r"mue rationale"))
UNITS = re.compile(r"\d{1,9}", re.ASCII)
MAI = re.compile(r"([123])(?!\d)")
Record = tuple[str, int, int, str]


def sniff(head: bytes) -> bool:
    """The column of MUE values with its setting, or the header of a derived file."""
    return bool(PUBLISHED.search(head) and ADJUDICATION.search(head)) or bool(DERIVED.match(head))


def read(file: OfficialFile) -> Reading:
    """Read the limits of one setting for one quarter.

    Raises:
        ReadError: when the header names no setting, or no name tells the quarter.
        RefusedError: for limits of Medicaid, and for the changes of a quarter.
    """
    ncci.refuse_medicaid(file)
    ncci.refuse_changes(file, "table of MUEs")
    setting, name = _setting(file)
    release, start, end = ncci.quarter(file)
    source = Release(SourceKind.MUE, release, f"{TITLE}, {name}", "CMS", setting, start, end, URL)
    reading = Reading(source, {"mue": COLUMNS}, iter(()))
    reading.batches = batched("mue", _records(file, reading))
    return reading


def _setting(file: OfficialFile) -> tuple[Setting, str]:
    head = file.head()
    if DERIVED.match(head):  # the last column of the first row
        first = head.decode("cp1252", "replace").splitlines()[1:2]
        words = first[0].rsplit(",", 1)[-1].strip('" ') if first else ""
    else:
        found = PUBLISHED.search(head)
        words = found[1].decode() if found else ""
    if words.lower() not in SETTINGS:
        raise ReadError(f"{file}: {words[:60]!r} is no setting of MUE; known are practitioner, outpatient hospital and DME supplier")
    return SETTINGS[words.lower()]


def _records(file: OfficialFile, reading: Reading) -> Iterator[Record]:
    seen: dict[str, Record] = {}
    for line, row in _rows(file):
        if not any(cell.strip() for cell in row):
            continue
        if not any(cell.strip() for cell in row[1:]) and system_of(row[0].strip()) is None:
            reading.skip("footnote")
            continue
        record = _record(file, line, row)
        before = seen.setdefault(record[0], record)
        if before is record:
            yield record
        elif before == record:
            reading.skip("repeated")
        else:
            fail(file, line, f"{record[0]} has {record[1]} units with MAI {record[2]} here, and {before[1]} with MAI {before[2]} above")


def _record(file: OfficialFile, line: int, row: list[str]) -> Record:
    if len(row) < len(COLUMNS):
        fail(file, line, f"{len(row)} columns, wanted 4: {','.join(row)[:60]!r}")
    code, units, mai, rationale = (cell.strip() for cell in row[:4])
    if file.is_workbook and code.isdecimal():
        code = code.zfill(5)  # a spreadsheet drops the zeros that a code begins with when it takes it for a number
    if system_of(code) is None:
        fail(file, line, f"{code[:40]!r} is no CPT or HCPCS code")
    indicator = MAI.match(mai)
    if not UNITS.fullmatch(units) or not indicator:
        fail(file, line, f"{code}: units {units[:40]!r} and MAI {mai[:40]!r}, wanted a number and 1, 2 or 3")
    return code, int(units), int(indicator[1]), rationale


def _rows(file: OfficialFile) -> Iterator[tuple[int, list[str]]]:
    """The rows below the header, with their lines; above it stands the notice."""
    layout: dict[str, Any] = {"delimiter": "\t"} if re.search(rb"MUE Values?\"?\t", file.head(), re.IGNORECASE) else {}
    with file.table(**layout) as rows:
        for row in rows:
            labels = [" ".join(cell.lower().replace("_", " ").split()) for cell in row[: len(LABELS)]]
            if len(labels) == len(LABELS) and all(wanted.search(label) for wanted, label in zip(LABELS, labels, strict=True)):
                break
        else:
            fail(file, rows.line_num, "the header is missing: code, MUE values, MUE adjudication indicator, MUE rationale")
        for row in rows:
            yield rows.line_num, row
