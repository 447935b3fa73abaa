"""A tiny edition with invented facts, and three composed answers over it for the tests of the chat model."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Table, create_engine, insert

from assistant.answer import Answer, Composer, Evidence
from assistant.question import CodeMention, Kind, Question
from corpus import schema
from corpus.codebook import Codebook
from corpus.editions import Edition
from corpus.model import Source, SourceKind, System

DAY = date(2026, 3, 1)
CPT_CODES = ("20610", "45378", "45380", "63042", "63043", "63044", "99213")
MODIFIERS = ("25", "50", "51", "59", "LT", "TC", "XS")


def _source(id: int, key: str, kind: SourceKind, title: str, release: str) -> Source:
    start = None if kind is SourceKind.PUBLICATION else date(2026, 1, 1)
    return Source(id, key, kind, title, "Nobody", release, None, start, None, None, f"{release}.csv")


FEES = _source(1, "fee-schedule/T26A", SourceKind.FEE_SCHEDULE, "Invented fee schedule", "T26A")
LIMITS = _source(2, "mue/T26A", SourceKind.MUE, "Invented MUE table", "T2026Q1")
ADD_ONS = _source(3, "add-on/T26A", SourceKind.ADD_ON, "Invented add-on edits", "T26-1")
PAIRS = _source(4, "ptp/T26A", SourceKind.PTP, "Invented PTP edits", "T26v1")
MANUAL = _source(5, "publication/manual", SourceKind.PUBLICATION, "Invented manual", "chapter I")
SHIPPED = _source(6, "shipped/pages", SourceKind.SHIPPED, "Invented pages", "1")


def tiny_codebook(folder: Path) -> Codebook:
    """An edition with seven CPT codes on the fee schedule, one diagnosis and seven modifiers; 27447 was deleted in 2025."""
    edition = Edition(folder)
    engine = create_engine(f"sqlite:///{edition.database}")
    schema.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(schema.FULL_TEXT)
        connection.exec_driver_sql(f"PRAGMA user_version = {schema.VERSION}")

        def add(table: Table, *rows: dict[str, Any]) -> None:
            connection.execute(insert(table), list(rows))

        add(schema.source, *(_row(source) for source in (FEES, LIMITS, ADD_ONS, PAIRS, MANUAL, SHIPPED)))
        add(schema.fee, *({c.name: _nothing(c.name) for c in schema.fee.columns} | {"code": code, "source": 1} for code in CPT_CODES))
        codes = [(System.ICD10CM, "M54.50"), (System.CPT, "27447"), (System.CPT, "29881"), (System.HCPCS, "J1100")]
        names = ("system", "code", "title", "kind", "billable", "position", "source")
        add(schema.code, *(dict(zip(names, (system, code, "Invented", "code", 1, n, 6), strict=True)) for n, (system, code) in enumerate(codes)))
        event = {"system": System.CPT, "code": "29881", "date": 20250101, "event": "deleted", "text": "gone", "source": 6, "place": "p"}
        add(schema.event, event)
        add(schema.document, *({"kind": "modifier", "key": m, "body": "{}", "place": "p", "source": 6} for m in MODIFIERS))
    engine.dispose()
    return Codebook(edition)


def _row(source: Source) -> dict[str, Any]:
    start = int(f"{source.valid_from:%Y%m%d}") if source.valid_from else None
    fields = ("id", "key", "kind", "title", "publisher", "release", "file")
    return {name: getattr(source, name) for name in fields} | {"valid_from": start, "rows": 7}


def _nothing(column: str) -> str | float | None:
    return None if isinstance(schema.fee.c[column].type.python_type(), float) else ""


def _question(text: str, kind: Kind, *codes: str) -> Question:
    return Question(text, kind, tuple(CodeMention(code, code, System.CPT) for code in codes), subject=text)


def page_answer(text: str = "What is CPT code 63044?") -> Answer:
    """63044: add-on [1], status and global period [2][3], units [4], a modifier that fits [2] and one that does not [5]; a notice."""
    composer = Composer(_question(text, Kind.CODE, "63044"), DAY)
    composer.about("CPT", "63044")
    pair = Evidence(ADD_ONS, "row 63044/63042", "add-on 63044 | primary 63042 | type 1 | effective 1998-01-01")
    row = Evidence(FEES, "row 63044", "63044: status C | global days ZZZ | work RVU 3.25 | bilateral 1 | conversion factor 33.4009")
    letter = Evidence(MANUAL, "status codes", "In our words: status C = Carrier-priced: the contractor sets the payment for each case")
    limit = Evidence(LIMITS, "row 63044", "63044 | units 4 | MAI 2 | rationale: Invented policy")
    exempt = Evidence(MANUAL, "modifier 51", "In our words: add-on codes are exempt from modifier 51")
    composer.say("63044 is an add-on code to 63042: never report it alone.", pair)
    composer.say("Status C: Carrier-priced: the contractor sets the payment for each case.", row, letter)
    composer.say("MUE: 4 units (practitioner), MAI 2. Rationale: Invented policy.", limit)
    composer.heading("Usable")
    composer.say("50: for both sides of one interspace, bilateral indicator 1.", row, bullet=True)
    composer.heading("Not usable")
    composer.say("51: add-on codes never take it.", exempt, bullet=True)
    composer.heading("Releases")
    composer.say("Newest releases loaded, older than the date of service: Invented MUE table T2026Q1. Later changes are not in them.")
    composer.table("Indicators", ("Indicator", "Value", "Meaning"), [("Global period", "ZZZ", "Follows another service")], row)
    return composer.answer()


def never_answer() -> Answer:
    """45378 and 45380: an edit with indicator 0 [1]; units of both [2][3]; no data on the hospital."""
    composer = Composer(_question("Can I bill 45378 with 45380?", Kind.TOGETHER, "45378", "45380"), DAY)
    edit = Evidence(PAIRS, "edit 45380/45378", "column 1 45380 | column 2 45378 | effective 1996-01-01 | in force | modifier indicator 0")
    composer.say("No: 45380 and 45378 are never paid together for one patient on one day by one provider.", edit)
    composer.say("Column 2 code 45378 is denied and no modifier bypasses the edit.", edit)
    composer.say("MUE of 45378: 1 unit.", Evidence(LIMITS, "row 45378", "45378 | units 1 | MAI 2"))
    composer.say("MUE of 45380: 3 units.", Evidence(LIMITS, "row 45380", "45380 | units 3 | MAI 3"))
    composer.say("No data on PTP edits between 45378 and 45380 (facility): no release is loaded.")
    return composer.answer()


def condition_answer() -> Answer:
    """99213 and 20610: an edit with indicator 1 [1], which modifier 25 may bypass [2]."""
    composer = Composer(_question("Can I bill 99213 with 20610?", Kind.TOGETHER, "99213", "20610"), DAY)
    edit = Evidence(PAIRS, "edit 20610/99213", "column 1 20610 | column 2 99213 | effective 2020-01-01 | in force | modifier indicator 1")
    rule = Evidence(MANUAL, "section D", "In our words: modifier 25 on a significant, separately identifiable visit")
    composer.say("Only on a condition: a PTP edit is in force between 20610 and 99213, and a modifier may bypass it.", edit)
    composer.say("Append modifier 25 to 99213 when the visit is significant and separately identifiable from 20610.", rule)
    composer.say("Never append 25 to 20610.", rule)
    return composer.answer()
