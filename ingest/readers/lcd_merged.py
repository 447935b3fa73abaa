"""Diagnoses that articles of LCDs cover or not, merged code by code by a third party: a JSON object keyed by CPT or HCPCS code.

The groups of the articles, their paragraphs, contractors and dates are gone, so a code has one document of kind "merged" that stands for all
of its articles. The file holds no date; it was put together in the spring of the year in its name, so it speaks from March on and
is stale from June on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from corpus.model import SourceKind
from ingest.readers.base import IN_FORCE, UNKNOWN, OfficialFile, ReadError, Reading, Record, Release, fail, sorted_out, system_of

TITLE = "Diagnoses in LCD articles, merged by code"
HEAD = re.compile(rb'\s*\{\s*"[0-9A-Z]{5}"\s*:\s*\{\s*"(?:covered|notCovered|lcdIds)"\s*:\s*\[')
LISTS = {"covered": re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?"), "lcdIds": re.compile(r"L\d{5,6}")}
LISTS["notCovered"] = LISTS["covered"]
TABLES = {
    "coverage_document": ("id", "version", "kind", "title", "status", "effective", "ended", "body"),
    "coverage_code": ("code", "document", "version", "group"),
    "coverage_diagnosis": ("code", "document", "version", "covered", "group", "asterisk"),
    "coverage_relation": ("document", "related"),
}
VERSION = GROUP = 1


def sniff(head: bytes) -> bool:
    """A JSON object whose first key is a procedure code with one of the three lists."""
    return bool(HEAD.match(head))


def read(file: OfficialFile) -> Reading:
    """Read the codes, each as one merged document."""
    found = re.search(r"(?<!\d)(20\d\d)(?!\d)", file.name)
    if not found:
        raise ReadError(f"{file}: the year stands only in the file name, and this one has none; keep the name it was published under")
    year = int(found[1])
    start, end = date(year, 3, 1), date(year, 5, 31)
    release = Release(SourceKind.COVERAGE, f"spring {year}", TITLE, "third party, from CMS articles", None, start, end, None, "merged")
    return Reading(release, TABLES, sorted_out(_records(file)))


def _records(file: OfficialFile) -> Iterator[tuple[str, Record]]:
    with file.text("utf-8") as text:
        content = json.load(text)
    for code, lists in content.items():
        if system_of(code) is None or not isinstance(lists, dict):
            fail(file, 1, f"{code[:40]!r} is not a CPT or HCPCS code with its lists")
        covered, not_covered, lcds = (_values(file, code, lists, name) for name in ("covered", "notCovered", "lcdIds"))
        yield "coverage_document", (code, VERSION, "merged", "", "A", UNKNOWN, IN_FORCE, "")
        yield "coverage_code", (code, code, VERSION, GROUP)
        for flag, diagnoses in ((1, covered), (0, not_covered)):
            for diagnosis in diagnoses:
                yield "coverage_diagnosis", (diagnosis, code, VERSION, flag, GROUP, 0)
        for lcd in lcds:
            yield "coverage_relation", (code, lcd)


def _values(file: OfficialFile, code: str, lists: dict[str, Any], name: str) -> list[str]:
    """The distinct entries of a list, in order; a missing list is damage."""
    values = lists.get(name)
    if not isinstance(values, list):
        fail(file, 1, f"{code}: no list {name!r}")
    for value in values:
        if not isinstance(value, str) or not LISTS[name].fullmatch(value):
            fail(file, 1, f"{code}: {str(value)[:40]!r} in {name!r} is not such a code")
    return list(dict.fromkeys(values))
