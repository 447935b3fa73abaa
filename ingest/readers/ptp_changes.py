"""Additions, deletions and revisions of PTP edits in a quarter, which CMS publishes beside the whole file, and without a licence page.

No file was at hand; the layout is that which public programs read. An archive a setting holds `MCR_NCCI_Additions_Eff_07-01-2026.txt`,
`…_Deletions_…` and `…_CCMIChgs_…` (changes of the modifier indicator), tab-separated, and a spreadsheet with a sheet for each. A notice
stands above the labels Column 1, Column 2, Modifier Indicator; these and further columns (dates, rationale, the indicator before) are found by
their names in any order. What a file lists stands only in the name of the sheet or file, the setting in that of the archive.

Each of the three lists is a publication of its own (`series`), replaced whole. Where a file gives no dates, what is added or revised begins on
the first day of the quarter, and what is deleted ends on the day before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from corpus.model import SourceKind
from corpus.rows import to_number
from ingest.readers import ncci, ptp
from ingest.readers.base import CODE, IN_FORCE, UNKNOWN, OfficialFile, ReadError, Reading, Release, Rows, batched, fail

COLUMNS = ("column1", "column2", "action", "effective", "deleted", "indicator", "rationale")
NOT_TOLD = -1  # an indicator that a list of deletions leaves out
COLUMN_1 = re.compile(rb'(?:^|[\r\n\t,])"?Column\s?(?:1|One)(?:\s?Code)?"?(?=([\t,]))', re.IGNORECASE)
COLUMN_2 = re.compile(rb'[\r\n\t,]"?Column\s?(?:2|Two)(?:\s?Code)?"?(?=[\t,\r\n])', re.IGNORECASE)
INDICATOR = re.compile(rb'[\r\n\t,]"?[^\t,\r\n]{0,40}(?:Modifier|CCMI)', re.IGNORECASE)
# series -> (action, names of sheets and files)
LISTS = {
    "additions": ("added", re.compile(r"(?<![a-z])add(?:s|ed|itions?)?(?![a-z])", re.IGNORECASE)),
    "deletions": ("deleted", re.compile(r"(?<![a-z])del(?:s|eted|etions?)?(?![a-z])", re.IGNORECASE)),
    "revisions": ("revised", re.compile(r"(?<![a-z])(?:ccmi|modifier|indicator|revis)", re.IGNORECASE)),
}
DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)|(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
Record = tuple[str, str, str, int, int, int, str]


def sniff(head: bytes) -> bool:
    """Labels of two columns of codes and a modifier indicator, without the `*` column of the whole file."""
    return bool(COLUMN_1.search(head) and COLUMN_2.search(head) and INDICATOR.search(head) and not ptp.PUBLISHED.search(head))


def read(file: OfficialFile) -> Reading:
    """Read one of the three lists of one quarter and setting.

    Raises:
        ReadError: when no name tells list, setting or quarter.
        RefusedError: for the edits of Medicaid.
    """
    ncci.refuse_medicaid(file)
    series, action = _list(file)
    setting, name = ncci.setting(file)
    release, start, end = ncci.quarter(file)
    source = Release(SourceKind.PTP_CHANGES, release, f"{ptp.TITLE}, {series}, {name}", "CMS", setting, start, end, ptp.URL, series)
    reading = Reading(source, {"ptp_change": COLUMNS}, iter(()))
    reading.batches = batched("ptp_change", _once(_records(file, action, start, reading), file, reading))
    return reading


def _list(file: OfficialFile) -> tuple[str, str]:
    """Which list it is: the name of the sheet tells, else that of the file; that of the archive names all three."""
    for name in ncci.names(file):
        found = [(series, action) for series, (action, pattern) in LISTS.items() if pattern.search(name.replace("_", " "))]
        if len(found) == 1:
            return found[0]
    raise ReadError(f"{file}: no name tells whether it lists additions, deletions or revisions; keep the name it was published under")


def _once(records: Iterator[tuple[int, Record]], file: OfficialFile, reading: Reading) -> Iterator[Record]:
    seen: dict[tuple[Any, ...], Record] = {}
    for line, record in records:
        before = seen.setdefault((record[0], record[1], record[3]), record)
        if before is record:
            yield record
        elif before == record:
            reading.skip("repeated")
        else:
            fail(file, line, f"{record[0]}/{record[1]} stands above with other values")


def _records(file: OfficialFile, action: str, start: date, reading: Reading) -> Iterator[tuple[int, Record]]:
    first, before = to_number(start), to_number(start - timedelta(days=1))
    layout: dict[str, Any] = {"delimiter": "\t"} if not file.is_workbook and _is_tabbed(file.head()) else {}
    with file.table("latin-1", **layout) as rows:
        columns = _columns(file, rows)
        for row in rows:
            line = rows.line_num
            value = {name: row[place].strip() if place < len(row) else "" for name, place in columns.items()}
            filled = [cell.strip() for cell in row if cell.strip()]
            if not filled:
                continue
            if len(filled) == 1 and not CODE.fullmatch(filled[0]):
                reading.skip("footnote")
                continue
            one, two = (value[name].zfill(5) if file.is_workbook and value[name].isdecimal() else value[name] for name in ("column1", "column2"))
            if not CODE.fullmatch(one) or not CODE.fullmatch(two):
                fail(file, line, f"{one[:20]!r} and {two[:20]!r} are no pair of codes")
            indicator = _indicator(value["indicator"], action, file, line)
            effective = _day(value.get("effective", ""), UNKNOWN if action == "deleted" else first, file, line)
            deleted = _day(value.get("deleted", ""), before if action == "deleted" else IN_FORCE, file, line)
            yield line, (one, two, action, effective, deleted, indicator, value.get("rationale", ""))


def _is_tabbed(head: bytes) -> bool:
    found = COLUMN_1.search(head)
    return bool(found and found[1] == b"\t")


def _columns(file: OfficialFile, rows: Rows) -> dict[str, int]:
    """Where each column stands, by its label; above the labels stands the notice."""
    for row in rows:
        labels = [" ".join(cell.lower().split()) for cell in row]
        if {"column1", "column2"} <= {_column(label) for label in labels}:
            break
    else:
        fail(file, rows.line_num, "the labels are missing: Column 1, Column 2, Modifier Indicator")
    columns = {_column(label): place for place, label in enumerate(labels) if label}
    if "" in columns or "indicator" not in columns or len(columns) < sum(map(bool, labels)):
        wanted = "Column 1, Column 2, one modifier indicator, and no others than dates, rationale and the indicator before"
        fail(file, rows.line_num, f"columns {', '.join(labels)[:120]!r}, wanted {wanted}")
    return columns


def _column(label: str) -> str:
    """What a column holds, by its label; "" when that is not known."""
    if "modifier" in label or "ccmi" in label or "indicator" in label:
        return "indicator before" if re.search(r"\b(old|prior|previous|former|before|from)\b", label) else "indicator"
    if found := re.fullmatch(r"column ?(1|2|one|two)( code)?", label):
        return "column1" if found[1] in ("1", "one") else "column2"
    named = {"effective": "effective", "delet": "deleted", "rationale": "rationale", "1996": "older than 1996"}
    return next((name for word, name in named.items() if word in label), "")


def _indicator(text: str, action: str, file: OfficialFile, line: int) -> int:
    if not text and action == "deleted":
        return NOT_TOLD
    if text not in ptp.INDICATORS:
        fail(file, line, f"modifier indicator {text[:20]!r}, wanted 0, 1 or 9")
    return ptp.INDICATORS[text]


def _day(text: str, missing: int, file: OfficialFile, line: int) -> int:
    """A day YYYYMMDD, YYYY-MM-DD or M/D/YYYY; `missing` for a blank and for `*`."""
    if text in ("", "*"):
        return missing
    found = DAY.fullmatch(text)
    try:
        year, month, day = (found[1], found[2], found[3]) if found and found[1] else (found[6], found[4], found[5]) if found else ("", "", "")
        return to_number(datetime(int(year), int(month), int(day)).date())
    except ValueError:
        fail(file, line, f"{text[:20]!r} is not a day YYYYMMDD")
