"""Medically Unlikely Edits, one setting a file, as CMS publishes them (csv) and as third parties reshape them.

The published file opens with one quoted notice of many lines; the header cell of the code holds a line break, and the second
column names the setting. The effective date stands only in the file name. Units may be 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from corpus.model import Setting, SourceKind
from ingest.readers.base import OfficialFile, ReadError, Reading, Release, batched, fail, quarter, quarter_of, system_of

TITLE = "Medicare NCCI Medically Unlikely Edits"
URL = "https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits/medicare-ncci-medically-unlikely-edits-mues"
COLUMNS = ("code", "units", "mai", "rationale")
SETTINGS = {
    "practitioner": (Setting.PRACTITIONER, "practitioner services"),
    "outpatient hospital": (Setting.FACILITY, "outpatient hospital services"),
    "facility outpatient": (Setting.FACILITY, "outpatient hospital services"),
    "dme supplier": (Setting.DME, "supplier services (DME)"),
}
PUBLISHED = re.compile(rb"(practitioner|outpatient hospital|facility outpatient|dme supplier)[^\"\n,]*MUE Values", re.IGNORECASE)
DERIVED = re.compile(rb'"?hcpcs_code"?,"?mue_units"?,"?mue_mai"?,"?mue_rationale"?,"?mue_service"?')


def sniff(head: bytes) -> bool:
    """The column of MUE values with its setting, or the header of a derived file."""
    return bool(PUBLISHED.search(head) and b"MUE Adjudication Indicator" in head) or bool(DERIVED.match(head))


def read(file: OfficialFile) -> Reading:
    """Read the limits of one setting for one quarter."""
    head = file.head()
    derived = bool(DERIVED.match(head))
    if derived:
        first = head.decode("cp1252", "replace").splitlines()[1:2]
        words = first[0].rsplit(",", 1)[-1].strip('" ') if first else ""
    else:
        found = PUBLISHED.search(head)
        words = found[1].decode() if found else ""
    if words.lower() not in SETTINGS:
        raise ReadError(f"{file}: {words[:60]!r} is no setting of MUE; known are practitioner, outpatient hospital and DME supplier")
    setting, name = SETTINGS[words.lower()]
    release, start, end = _quarter(file)
    source = Release(SourceKind.MUE, release, f"{TITLE}, {name}", "CMS", setting, start, end, URL)
    reading = Reading(source, {"mue": COLUMNS}, iter(()))
    reading.batches = batched("mue", _records(file, reading))
    return reading


def _quarter(file: OfficialFile) -> tuple[str, date, date]:
    found = re.search(r"Eff[_ -]*(\d\d)-01-(20\d\d)", file.name, re.IGNORECASE)
    if found and int(found[1]) in (1, 4, 7, 10):
        return quarter_of(int(found[2]), (int(found[1]) + 2) // 3)
    return quarter(file.name, file)


def _records(file: OfficialFile, reading: Reading) -> Iterator[tuple[str, int, int, str]]:
    seen: set[str] = set()
    with file.table() as rows:
        started = False
        for row in rows:
            if not started:  # the notice, then the header
                started = len(row) >= 4 and ("mue" in row[1].lower())
                continue
            if not any(cell.strip() for cell in row):
                continue
            if len(row) < 4:
                fail(file, rows.line_num, f"{len(row)} columns, wanted 4: {','.join(row)[:60]!r}")
            code, units, mai, rationale = (cell.strip() for cell in row[:4])
            if system_of(code) is None:
                reading.skip("not a code")
                continue
            if code in seen:
                reading.skip("repeated")
                continue
            if not units.isdigit() or mai[:1] not in ("1", "2", "3"):
                fail(file, rows.line_num, f"{code}: units {units!r} and MAI {mai!r}, wanted a number and 1, 2 or 3")
            seen.add(code)
            yield code, int(units), int(mai[0]), rationale
