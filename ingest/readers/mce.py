"""Medicare Code Editor: the lists of ICD-10-CM codes that an inpatient claim is edited for, as a third party's JSON has them.

`codes` holds the lists by name, each of objects with a code without its dot; `age_categories` the ages in years of the lists named
`age_…`; `counts` the length of each list. CMS publishes the lists in the Definitions of Medicare Code Edits, one version a fiscal year.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from corpus.model import SourceKind, System
from ingest.readers.base import OfficialFile, ReadError, Reading, Record, Release, damage, dotted, fiscal_year, sorted_out
from ingest.readers.icd10cm_files import CODE, YEAR

TITLE = "Medicare Code Editor, diagnosis edits"
URL = "https://www.cms.gov/medicare/payment/prospective-payment-systems/acute-inpatient-pps/ms-drg-classifications-and-software"
SCHEME = "MCE"
MAPPING = ("system", "code", "target_system", "target", "relation", "detail")
CATEGORY = ("scheme", "value", "title")
# What the lists are, in our words.
MEANINGS = {
    "manifestation_not_pdx": "A manifestation: never the principal diagnosis",
    "unacceptable_pdx": "Not acceptable as principal diagnosis",
    "unacceptable_pdx_unless_secondary": "Acceptable as principal diagnosis only with a secondary diagnosis",
    "age_newborn": "For newborns",
    "age_pediatric": "For children",
    "age_maternity": "For patients of childbearing age",
    "age_adult": "For adults",
}


def sniff(head: bytes) -> bool:
    """A JSON object that says what it is and holds lists of codes."""
    return head.lstrip().startswith(b"{") and b"Medicare Code Edit" in head[:4000] and b'"codes"' in head


def read(file: OfficialFile) -> Reading:
    """Read the lists as mappings of a code to a list's name, and the names; ages stand in the detail, in years.

    Raises:
        ReadError: when it is no JSON of this shape, or a list has another length than it says.
    """
    with damage(file), file.text("utf-8") as text:
        content = _json(file, text.read())
    year = _year(file, content)
    release = Release(SourceKind.MCE, f"FY{year}", TITLE, "CMS", None, *fiscal_year(year), URL)
    reading = Reading(release, {"mapping": MAPPING, "category": CATEGORY}, iter(()))
    reading.batches = sorted_out(_records(file, content, reading))
    return reading


def _json(file: OfficialFile, text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReadError(f"{file}: not JSON that can be read ({str(error)[:100]}); get it again") from error
    if not isinstance(content, dict) or not isinstance(content.get("codes"), dict):
        raise ReadError(f"{file}: no lists under 'codes'; is it an export of the Medicare Code Editor?")
    return content


def _year(file: OfficialFile, content: dict[str, Any]) -> int:
    """The fiscal year: as the name tells it, else the one in which the lists were retrieved."""
    if found := YEAR.search(file.name):
        return 2000 + int(found[1]) if found[1] else int(found[0])
    if found := re.fullmatch(r"(20\d\d)-(\d\d)-\d\d", str(content.get("retrieved", "")), re.ASCII):
        return int(found[1]) + (date(2000, 10, 1).month <= int(found[2]))
    raise ReadError(f"{file}: neither its name nor 'retrieved' tells the year of the lists; keep the name it had")


def _records(file: OfficialFile, content: dict[str, Any], reading: Reading) -> Iterator[tuple[str, Record]]:
    ages, counts = content.get("age_categories"), content.get("counts")
    for name, listed in content["codes"].items():
        if not isinstance(listed, list):
            raise ReadError(f"{file}: {name!r} is no list of codes; get it again")
        if isinstance(counts, dict) and counts.get(name, len(listed)) != len(listed):
            raise ReadError(f"{file}: {name!r} has {len(listed)} codes and says {counts[name]}; get it again")
        detail = _detail(name, ages)
        yield "category", (SCHEME, name, MEANINGS.get(name, name.replace("_", " ")))
        seen: set[str] = set()
        for item in listed:
            code = item.get("code") if isinstance(item, dict) else item
            if not isinstance(code, str) or not CODE.fullmatch(code.replace(".", "")):
                raise ReadError(f"{file}: {name}: {str(code)[:40]!r} is not an ICD-10-CM code; get it again")
            code = dotted(code)
            if code in seen:
                reading.skip("repeated")
                continue
            seen.add(code)
            yield "mapping", (System.ICD10CM, code, SCHEME, name, "member", detail)


def _detail(name: str, ages: object) -> str:
    """The ages in years of a list, as JSON; "" where it has none."""
    found = ages.get(name.removeprefix("age_")) if isinstance(ages, dict) and name.startswith("age_") else None
    return json.dumps(found) if found else ""
