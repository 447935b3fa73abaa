"""Codes on days that several releases tell of: diagnoses, ICD-10-PCS, modifiers, ICD-9-CM, places of service. All wordings are invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from assistant.answer import Answer, Status
from assistant.chain import KnownCodes
from assistant.context import REGISTRY, Context
from assistant.in_force import search
from assistant.kinds import kind_of
from assistant.question import CodeMention, Kind, Question, parse
from assistant.retrieval import CodeHit
from corpus.codebook import Codebook
from corpus.model import Setting, SourceKind, System
from corpus.schema import IN_FORCE, hcpcs
from tests.assistant.said import broken_promises, evidence, statement
from tests.corpus.small import Row, code, made, source

TODAY = date(2026, 11, 22)
CM, PCS, NINE = System.ICD10CM, System.ICD10PCS, System.ICD9CM
SOURCES = [
    source(1, SourceKind.ICD10CM_LIST, "FY2024", "2023-10-01", "2024-09-30") | {"series": "codes"},
    source(2, SourceKind.ICD10CM, "April 1, 2026", "2026-04-01", "2026-09-30"),
    source(3, SourceKind.ICD10PCS, "FY2026", "2025-10-01", "2026-09-30"),
    source(4, SourceKind.ICD10PCS_TABLES, "FY2023", "2022-10-01", "2023-09-30"),
    source(5, SourceKind.GEM, "FY2018", "2017-10-01"),
    source(6, SourceKind.PLACE_OF_SERVICE, "2022-01-01", "2022-01-01", "2023-09-30"),
    source(7, SourceKind.HCPCS, "2019", "2019-01-01", "2019-12-31"),
    source(8, SourceKind.FEE_SCHEDULE, "RVU26C", "2026-07-01", "2026-12-31"),
]


def listed(system: str, name: str, id: int, title: str = "", billable: int = 1, parent: str | None = None) -> Row:
    return {"system": system, "code": name, "source": id, "title": title, "billable": billable, "parent": parent, "kind": "code",
            "short": "", "added": 0, "effective": 0, "ended": IN_FORCE, "position": id}  # fmt: skip


AXES = ["Section", "Body System", "Operation", "Body Part", "Approach", "Device", "Qualifier"]
LISTING = [
    listed(CM, "X10.5", 1, "Old title"), listed(CM, "X10.5", 2, "Category now", 0), listed(CM, "X10.50", 2, "New code", 1, "X10.5"),
    listed(PCS, "0016070", 3, "Invented bypass"), listed("HCPCS", "E0210", 7, "Invented chair"),
    listed("HCPCS", "E0211", 7, "Old invented chair") | {"ended": 20181231},
]  # fmt: skip


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Codebook]:
    axes = [{"stem": "001", "row": int(n > 3), "axis": n, "name": name, "value": value, "label": f"Label {n}", "source": 4}
            for n, (name, value) in enumerate(zip(AXES, "0016070", strict=True), 1)]  # fmt: skip
    found = Codebook(
        made(
            tmp_path,
            source=SOURCES,
            code=[code(CM, "X10.5", "Category now", source=2) | {"billable": 0}, code(CM, "X10.50", "New code", source=2) | {"parent": "X10.5"},
                  code(PCS, "0016070", "Invented bypass", source=3), code(PCS, "001", "Invented table", source=3) | {"billable": 0},
                  code(PCS, "0DB", "Table that is missing", source=3) | {"billable": 0}, code("HCPCS", "E0210", "Invented chair", source=7),
                  code("HCPCS", "E0211", "Old invented chair", source=7)],
            listing=LISTING,
            hcpcs=[dict.fromkeys((c.name for c in hcpcs.columns), "") | {"system": "HCPCS", "code": c, "source": 7} for c in ("E0210", "E0211")],
            pcs_axis=axes,
            mapping=[{"system": NINE, "code": "724.02", "target_system": CM, "target": "X10.50", "source": 5, "relation": "approximate"}],
            place_of_service=[{"code": c, "source": 6, "name": n, "facility": f}
                              for c, n, f in (("11", "Office", "N"), ("20", "Urgent Care Facility", "N"), ("22", "Invented Hospital", "F"))],
        )
    )  # fmt: skip
    yield found
    found.close()


def ask(book: Codebook, kind: Kind, *codes: tuple[System, str], text: str = "", modifiers: tuple[str, ...] = (), on: date = TODAY) -> Answer:
    mentions = tuple(CodeMention(name, name, system) for system, name in codes)
    question = Question(text, kind, mentions, modifiers=modifiers)
    return REGISTRY[kind](question, Context(book, cast(Any, None), TODAY, on, Setting.PRACTITIONER))


def test_what_a_diagnosis_was_on_a_day(book: Codebook) -> None:
    then = ask(book, Kind.CODE, (CM, "X10.50"), on=date(2024, 1, 1))
    assert then.statements[0].text == "ICD-10-CM X10.50: New code (not valid on 2024-01-01)."
    assert statement(then, "^Between FY2024 .* added").heading == "History"
    now = ask(book, Kind.CODE, (CM, "X10.50"))
    assert now.statements[0].text == "ICD-10-CM X10.50: New code (billable)."
    assert "ran to 2026-09-30" in now.text
    category = ask(book, Kind.CODE, (CM, "X10.5"), on=date(2026, 5, 1))
    assert statement(category, "^X10.50 New code").heading == "More specific codes"
    old = ask(book, Kind.CODE, (CM, "X10.5"), on=date(2024, 1, 1))
    assert old.statements[0].text == "ICD-10-CM X10.5: Old title (billable on 2024-01-01)."
    assert "More specific codes" not in old.text
    assert not any(broken_promises(answer) for answer in (then, now, category, old))


def test_the_characters_of_a_procedure(book: Codebook) -> None:
    answer = ask(book, Kind.CODE, (PCS, "0016070"), on=date(2026, 5, 1))
    assert answer.statements[0].text == "ICD-10-PCS 0016070: Invented bypass (billable)."
    assert evidence(answer, "^4. Body Part: 6 Label 4")[0].source.release == "FY2023"
    assert "fee schedule" not in answer.text.lower()


@pytest.mark.parametrize("text", ["what is 0016070", "is 0016070 valid", "icd 9 code 724.02", "what is 724.02"])
def test_codes_of_digits_alone_are_read_where_they_are_known(book: Codebook, text: str) -> None:
    (found,) = parse(text, KnownCodes(book), TODAY).codes
    assert (found.system, found.code) in ((PCS, "0016070"), (NINE, "724.02"))


def test_an_icd9_code_by_its_mapping(book: Codebook) -> None:
    answer = ask(book, Kind.CODE, (NINE, "724.02"))
    assert answer.status is Status.ANSWERED
    assert [e.source.release for e in evidence(answer, "^ICD-10-CM X10.50 New code .approximate match")] == ["FY2018", "April 1, 2026"]
    unknown = ask(book, Kind.CODE, (NINE, "799.99"))
    assert unknown.status is Status.NO_DATA


PLACES = [
    ("what is place of service 22", ["Place of service 22: Invented Hospital. Medicare pays physician services there at the facility rate."]),
    ("POS code for urgent care", ["Place of service 20: Urgent Care Facility."]),
    ("place of service 11 vs 22", ["Place of service 11: Office.", "Place of service 22: Invented Hospital."]),
    ("which POS for an office", ["Place of service 11: Office."]),
    ("POS 27", ["Place of service 27 is not in Invented place-of-service, 2022-01-01"]),
]


@pytest.mark.parametrize(("text", "said"), PLACES)
def test_places_of_service(book: Codebook, text: str, said: list[str]) -> None:
    assert kind_of(text.lower(), 0, 0) is Kind.GUIDELINE
    answer = ask(book, Kind.GUIDELINE, text=text)
    assert answer.status is Status.ANSWERED
    for words in said:
        assert words in answer.text
        assert evidence(answer, words[:20])
    assert "older than the date of service" in answer.text


def test_a_stem_shows_its_table(book: Codebook) -> None:
    answer = ask(book, Kind.CODE, (PCS, "001"), on=date(2026, 5, 1))
    assert statement(answer, "^3. Operation: 1 Label 3$").heading == "Table 001 (tables of FY2023)"
    row = statement(answer, "^4. Body Part: 6 Label 4 · 5. Approach: 0 Label 5 · ")
    assert row.heading == "Characters 4 to 7, row by row"
    assert evidence(answer, "^4. Body Part")[0].locator == "table 001, row 1"
    (table,) = answer.tables
    assert table.columns == ("4. Body Part", "5. Approach", "6. Device", "7. Qualifier")
    assert table.rows == (("6 Label 4", "0 Label 5", "7 Label 6", "0 Label 7"),)
    assert "The tables loaded ran to 2023-09-30." in answer.text
    assert "has no table 0DB" in ask(book, Kind.CODE, (PCS, "0DB"), on=date(2026, 5, 1)).text
    assert not broken_promises(answer)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0DB", "0DB"),
        ("What is ICD-10-PCS 0DB?", "0DB"),
        ("pcs table 0db", "0DB"),
        ("show table 0DB", "0DB"),
        ("antibiotics for 0DB", None),
        ("pcs 3E0", "3E0"),
    ],
)
def test_a_stem_in_a_text(text: str, code: str | None, book: Codebook) -> None:
    assert [(m.system, m.code) for m in parse(text, KnownCodes(book), TODAY).codes] == ([(PCS, code)] if code else [])


def test_a_code_that_has_ended_gives_way_and_says_so(book: Codebook) -> None:
    hits = [CodeHit(System.HCPCS, name, "", "invented chair", 0.9, 0.9, 1.0) for name in ("E0211", "E0210")]
    finder = cast(Any, SimpleNamespace(codes=lambda *_: hits))
    question = Question("invented chair", Kind.FIND, subject="invented chair")
    answer = REGISTRY[Kind.FIND](question, Context(book, finder, TODAY, TODAY, Setting.PRACTITIONER))
    assert answer.statements[0].text == "HCPCS E0210: Invented chair."
    assert statement(answer, "^E0211: Old invented chair .ended on 2018-12-31.$").heading == "Also near"


def test_a_search_puts_what_has_ended_last_and_marks_it(book: Codebook) -> None:
    hits = [CodeHit(System.HCPCS, name, "Chair", "invented chair", 0.9, 0.9, 1.0) for name in ("E0211", "E0210")]
    finder = cast(Any, SimpleNamespace(codes=lambda *_: hits, codebook=book))
    found = search(finder, "invented chair", None, 10, TODAY)
    assert [(hit.code, hit.outside) for hit in found] == [("E0210", ""), ("E0211", "ended on 2018-12-31")]
    assert "note" not in found[0].as_json()
    assert found[1].as_json()["note"] == "ended on 2018-12-31"
    assert [hit.code for hit in search(finder, "invented chair", None, 10, date(2018, 6, 1))] == ["E0211", "E0210"]


def test_old_releases_are_named_once(book: Codebook) -> None:
    answer = ask(book, Kind.CODE, (System.HCPCS, "E0210"))
    assert answer.text.count("older than the date of service") == 1
    assert "\nE0210 is not in Invented fee-schedule, RVU26C." in answer.text
