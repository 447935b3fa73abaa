"""The Restructured BETOS Classification System (CMS): the category, subcategory and family of each CPT and HCPCS code.

The published csv has RBCS ids and the span of claims years that an assignment is for; the derived one has words only and the day an assignment
began. The release year stands in the file name. A code may have been assigned anew: the spans do not overlap once they are sorted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby

from corpus.model import SourceKind
from ingest.readers.base import IN_FORCE, UNKNOWN, OfficialFile, ReadError, Reading, Record, Release, fail, sorted_out, system_of
from ingest.readers.names import CATEGORY, MAPPING, year_in_name

TITLE = "Restructured BETOS Classification System"
URL = "https://data.cms.gov/provider-summary-by-type-of-service/provider-service-classifications/restructured-betos-classification-system"
SCHEME = "RBCS"
FIRST_YEAR = 2014  # of claims that RBCS classifies
DERIVED = ("hcpcs_code", "rbcs_procedure", "rbcs_category", "rbcs_subcategory", "rbcs_family", "hcpcs_date_added", "hcpcs_date_ended",
           "rbcs_date_effective")  # fmt: skip
PUBLISHED = ("hcpcs_cd", "rbcs_id", "rbcs_cat", "rbcs_cat_desc", "rbcs_cat_subcat", "rbcs_subcat_desc", "rbcs_famnumb", "rbcs_family_desc",
             "rbcs_major_ind")  # fmt: skip
STARTS, ENDS = ("rbcs_analysis_start_dt", "rbcs_assignment_eff_dt"), ("rbcs_analysis_end_dt", "rbcs_assignment_end_dt")
MAJOR = {"M": "Major", "O": "Other", "N": "Non-Procedure"}
DAYS = ("%Y-%m-%d", "%m/%d/%Y", "%Y%m%d")
SEPARATOR = " / "
Cells = dict[str, str]


def _header(first: str) -> list[str]:
    return [cell.strip(' "').lower() for cell in first.lstrip("\ufeffï»¿").split(",")]


def sniff(head: bytes) -> bool:
    """The header of the published or of the derived csv."""
    lines = head.decode("cp1252", "replace").splitlines()
    names = _header(lines[0]) if lines else []
    return tuple(names) == DERIVED or tuple(names[: len(PUBLISHED)]) == PUBLISHED


def read(file: OfficialFile) -> Reading:
    """Read code → RBCS id, or the words of the category where the file has no id.

    `detail` is JSON with the words, `major`, and dates YYYYMMDD: `added` and `ended` of the code, `from` and `to` of the assignment.
    """
    year = year_in_name(file)
    release = Release(SourceKind.RBCS, f"RY{year}", TITLE, "CMS", valid_from=date(FIRST_YEAR, 1, 1), valid_to=date(year, 12, 31), url=URL)
    return Reading(release, {"mapping": MAPPING, "category": CATEGORY}, sorted_out(_records(file)))


def _rows(file: OfficialFile) -> Iterator[tuple[int, Cells]]:
    with file.table("utf-8-sig") as rows:
        header = [cell.strip().lower() for cell in next(rows, [])]
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                fail(file, rows.line_num, f"{len(row)} columns, wanted {len(header)}: {','.join(row)[:60]!r}")
            cells = {name: cell.strip() for name, cell in zip(header, row, strict=True)}
            yield rows.line_num, cells


def _records(file: OfficialFile) -> Iterator[tuple[str, Record]]:
    named: set[str] = set()
    seen: set[str] = set()
    for code, group in groupby(_rows(file), key=lambda item: item[1].get("hcpcs_cd") or item[1].get("hcpcs_code", "")):
        lines = list(group)
        system = system_of(code)
        if system is None:
            fail(file, lines[0][0], f"{code[:20]!r} is not a CPT or HCPCS code")
        if code in seen:
            fail(file, lines[0][0], f"{code}: its rows do not stand together; sort the file by code")
        seen.add(code)
        spans = sorted((_assignment(file, line, cells) for line, cells in lines), key=lambda item: int(item[1]["from"]))
        for number, (target, detail, levels) in enumerate(spans):
            following = int(spans[number + 1][1]["from"]) if number + 1 < len(spans) else 0
            if following and detail["to"] == IN_FORCE:
                detail["to"] = _before(following)
            yield "mapping", (str(system), code, SCHEME, target, "member", number, 0, json.dumps(detail, sort_keys=True))
            for value, title, parent in levels:
                if value not in named:
                    named.add(value)
                    yield "category", (SCHEME, value, title, parent)
    if not seen:
        raise ReadError(f"{file}: no row below the header; is it cut off?")


def _assignment(file: OfficialFile, line: int, cells: Cells) -> tuple[str, dict[str, str | int], list[tuple[str, str, str]]]:
    """Target, detail, and the levels above it as value, title and parent."""
    if "rbcs_date_effective" in cells:
        words = (cells["rbcs_category"], cells["rbcs_subcategory"], cells["rbcs_family"])
        target, major, levels = SEPARATOR.join(words), cells["rbcs_procedure"], []
        begun, ended = cells["rbcs_date_effective"], ""
        added, gone = cells["hcpcs_date_added"], cells["hcpcs_date_ended"]
    else:
        words = (cells["rbcs_cat_desc"], cells["rbcs_subcat_desc"], cells["rbcs_family_desc"])
        target, category, below = cells["rbcs_id"], cells["rbcs_cat"], cells["rbcs_cat_subcat"]
        major = MAJOR.get(cells["rbcs_major_ind"], cells["rbcs_major_ind"])
        levels = [(category, words[0], ""), (below, words[1], category), (target, words[2], below)]
        begun, ended = (next((cells[name] for name in names if name in cells), "") for names in (STARTS, ENDS))
        added, gone = cells.get("hcpcs_cd_add_dt", ""), cells.get("hcpcs_cd_end_dt", "")
    if not target.strip(SEPARATOR):
        fail(file, line, "no RBCS category")
    detail: dict[str, str | int] = {"category": words[0], "subcategory": words[1], "family": words[2], "major": major}
    for name, text, missing in (("from", begun, UNKNOWN), ("to", ended, IN_FORCE), ("added", added, UNKNOWN), ("ended", gone, IN_FORCE)):
        detail[name] = _day(file, line, text, missing)
    return target, detail, levels


def _day(file: OfficialFile, line: int, text: str, missing: int) -> int:
    """A day as YYYYMMDD; `missing` for blanks."""
    if not text or text.upper() == "NA":
        return missing
    days = [found for layout in DAYS if (found := _parsed(text, layout))]
    if not days:
        fail(file, line, f"{text[:20]!r} is not a day YYYY-MM-DD or MM/DD/YYYY")
    return days[0].year * 10000 + days[0].month * 100 + days[0].day


def _parsed(text: str, layout: str) -> date | None:
    try:
        return datetime.strptime(text, layout).date()
    except ValueError:
        return None


def _before(day: int) -> int:
    earlier = date(day // 10000, day // 100 % 100, day % 100) - timedelta(days=1)
    return earlier.year * 10000 + earlier.month * 100 + earlier.day
