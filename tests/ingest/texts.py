"""A shipped folder in small: two pages, two modifiers, an article, and fact tables; codes and facts are invented."""

from __future__ import annotations

from pathlib import Path

from ingest.readers import shipped

SOURCES = """\
- {id: manual, title: A manual, publisher: Somebody, release: "2026", valid_from: 2026-01-01, url: "https://example.org"}
- {id: book, title: A book, publisher: Somebody, release: "2025"}
"""
PAGES = """\
- code: "10001"
  system: CPT
  depth: full
  title: First repair of an invented part
  summary: "Repairs an invented part for the first time [1]. The surgeon opens it and closes it."
  when: ["Torn part: it does not close by itself."]
  steps: ["Opens.", "Looks.", "Repairs.", "Closes."]
  afterwards: ["Rest for a week."]
  record: ["The side and the level."]
  billing: ["One unit a side [1]."]
  neighbors:
    - {code: "10002", difference: "10002 is each further part."}
  synonyms: [part repair, mending]
  anesthesia: {code: "00001", note: null}
  diagnoses:
    - {code: "S72.001A", why: The tear itself.}
  history:
    - {date: 2001-01-01, event: added, text: New code., source: book, place: "Page 3"}
  sources:
    - {source: manual, place: "Chapter I"}
- code: "10002"
  system: CPT
  depth: short
  title: Repair of each further invented part
  summary: "An add-on to 10001 for each further part."
  when: ["Several torn parts: more than one needs repair."]
  record: ["Which parts."]
  billing: ["Report it beside 10001 only, never with modifier 51 [1]."]
  neighbors: []
  synonyms: [more mending]
  diagnoses: []
  history: []
  sources:
    - {source: manual, place: "Chapter II"}
"""
MODIFIERS = """\
- code: "51"
  kind: cpt
  group: repeat
  title: Several procedures
  meaning: Several procedures in one session.
  when: ["Two repairs."]
  when_not: ["Add-on codes."]
  example: "10001 twice."
  payment: "The second is reduced [1]."
  with:
    - {modifier: LT, note: Names the side.}
  settings: [practitioner]
  synonyms: [multiple procedures]
  sources:
    - {source: manual, place: "Chapter III"}
- code: LT
  kind: hcpcs
  group: side
  title: Left side
  meaning: The left side of the body.
  when: ["A paired part."]
  when_not: ["Both sides."]
  example: 10001-LT.
  payment: "None, it informs [1]."
  with: []
  settings: [practitioner, facility]
  synonyms: [left]
  sources:
    - {source: book, place: "Page 1"}
"""
WORDS = " ".join(["Words that fill the article up to the length that is asked for."] * 13)
ARTICLE = f"""\
---
id: mending
title: How parts are mended
topics: [closing a tear]
codes: ["10001"]
modifiers: ["51"]
sources:
  - {{source: manual, place: "Chapter IV"}}
---
Parts are mended one by one [1].

## Rules

{WORDS} [1]

## Example

Two parts: 10001 and 10002 [1].
"""
RELEASE = "fee-schedule,RVU25D,,A fee schedule,CMS,2025-10-01,2025-12-31,"
FEE = "RVU25D,{code},,{status},1.5,1,,1,,0.5,3,3,0,{days},0,0,0,2,1,2,1,0,,32.5,09,99"


def header(columns: tuple[str, ...]) -> str:
    """The first line of a fact table."""
    return ",".join(columns)


def facts() -> dict[str, str]:
    """The fact tables."""
    columns = {name: shipped.columns_of(kind) for kind, (name, _, _) in shipped.TABLES.items()}
    fees = [("00001", "J", "XXX"), ("10001", "A", "090"), ("10002", "A", "ZZZ")]
    lines = {
        "releases": [header(shipped.RELEASE_COLUMNS), RELEASE, "mue,2026Q2,practitioner,Limits,CMS,2026-04-01,2026-06-30,",
                     "add-on,2026Q3,,Add-ons,CMS,2026-07-01,2026-09-30,", "ptp,2024Q3,facility,Edits,CMS,2024-07-01,2024-09-30,"],
        "fee_schedule": [header(columns["fee_schedule"]), *(FEE.format(code=c, status=s, days=d) for c, s, d in fees)],
        "mue": [header(columns["mue"]), "2026Q2,practitioner,10001,2,2,Anatomic Consideration"],
        "add_on": [header(columns["add_on"]), "2026Q3,10002,10001,1,2013-04-01,,"],
        "ptp": [header(columns["ptp"]), "2024Q3,facility,10001,10002,,,0,Standards", "2024Q3,facility,10001,10002,2019-12-31,2010-01-01,1,Standards"],
        "code_history": [header(shipped.HISTORY_COLUMNS), "10001,2025-10-01,first seen,Listed.,RVU25D"],
        "hcpcs": [header(shipped.HCPCS_COLUMNS), "2024Q2,E0001,1990-01-01,"],
        "indicators": [header(shipped.INDICATOR_COLUMNS), "team,0,Not permitted.,manual,Chapter V"],
    }  # fmt: skip
    return {f"facts/{name}.csv": "\n".join(rows) + "\n" for name, rows in lines.items()}


def write(folder: Path, changed: dict[str, tuple[str, str]] | None = None) -> Path:
    """Write the folder; `changed` replaces one text by another in a file."""
    files = {"sources.yaml": SOURCES, "codes/parts.yaml": PAGES, "modifiers/all.yaml": MODIFIERS, "guidelines/mending.md": ARTICLE, **facts()}
    for name, (old, new) in (changed or {}).items():
        assert old in files[name], f"{old!r} is not in {name}"
        files[name] = files[name].replace(old, new)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder
