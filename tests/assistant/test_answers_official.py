"""What answers tell out of the official files: HCPCS Level II, and the AMA's descriptors of a licensed copy. All wordings are invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from assistant.answer import Answer, Status
from assistant.answers.parts import descriptor_note
from assistant.code_page import _dated
from assistant.context import REGISTRY, Context
from assistant.question import CodeMention, Kind, Question
from corpus.codebook import Codebook
from corpus.model import Code, Setting, Source, SourceKind, System
from corpus.schema import IN_FORCE, hcpcs
from tests.assistant.said import broken_promises, evidence, statement
from tests.corpus.small import Row, code, made, source

ON = date(2026, 11, 22)
CHAIR = {
    "coverage": "D",
    "pricing": "32 36",
    "type_of_service": "A R",
    "cross_reference": "E0211",
    "processing_note": "0064",
    "betos": "D1E",
    "action": "N",
}
MEANINGS = [
    ("hcpcs_coverage", "D", "Special coverage instructions."),
    ("hcpcs_pricing", "32", "Inexpensive equipment."),
    ("hcpcs_pricing", "36", "Capped rental."),
    ("hcpcs_type_of_service", "A", "Used equipment."),
]


def edition(id: int, kind: str) -> Row:
    return source(id, SourceKind.DESCRIPTORS, "2026", "2026-01-01", "2026-12-31") | {"series": kind, "key": f"descriptors/{kind}/2026"}


SOURCES = [
    source(1, SourceKind.HCPCS, "2026Q4", "2026-10-01", "2026-12-31"),
    source(2, SourceKind.HCPCS_NOTES, "2026Q1", "2026-01-01", "2026-03-31"),
    source(3, SourceKind.PUBLICATION, "layout"),
    edition(4, "long"),
    edition(5, "clinician"),
]


def listed(code: str, title: str, system: str = "HCPCS", added: int = 19860101, ended: int = IN_FORCE) -> Row:
    return {"system": system, "code": code, "source": 1, "title": title, "short": "", "added": added, "effective": added, "ended": ended}


def detailed(code: str, system: str = "HCPCS", **fields: str) -> Row:
    blank: dict[str, Any] = dict.fromkeys((c.name for c in hcpcs.columns), "")
    return blank | {"system": system, "code": code, "source": 1} | fields


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Codebook]:
    found = Codebook(
        made(
            tmp_path,
            source=SOURCES,
            code=[
                code("HCPCS", "E0210", "Newest"),
                code("HCPCS", "E0211", ""),
                code("HCPCS", "E0212", "Later"),
                code("CPT", "63044", "Long", source=4),
            ],
            listing=[
                listed("E0210", "Invented chair"),
                listed("E0211", "Old invented chair", ended=20181231),
                listed("E0212", "Later invented chair", added=20270101),
                listed("V9", "Invented modifier", "MODIFIER", ended=20191231),
            ],
            hcpcs=[detailed("E0210", **CHAIR), detailed("E0211"), detailed("E0212"), detailed("V9", "MODIFIER", coverage="D")],
            hcpcs_note=[{"number": "0064", "source": 2, "text": "AN INVENTED NOTE."}],
            indicator=[{"field": f, "value": v, "meaning": m, "source": 3, "place": "field"} for f, v, m in MEANINGS],
            descriptor=[
                {"code": "63044", "kind": "long", "position": 0, "source": 4, "text": "Invented operation"},
                *({"code": "63044", "kind": "clinician", "position": n, "source": 5, "text": f"Invented way {n}"} for n in range(5)),
            ],
        )
    )
    yield found
    found.close()


def ask(book: Codebook, kind: Kind, *codes: tuple[System, str], modifiers: tuple[str, ...] = (), on: date = ON) -> Answer:
    mentions = tuple(CodeMention(name, name, system) for system, name in codes)
    question = Question("", kind, mentions, modifiers=modifiers)
    return REGISTRY[kind](question, Context(book, cast(Any, None), ON, on, Setting.PRACTITIONER))


CHAIR_CODE, OLD, LATER, OPERATION = (
    (System.HCPCS, "E0210"), (System.HCPCS, "E0211"), (System.HCPCS, "E0212"), (System.CPT, "63044"),
)  # fmt: skip


def test_a_level_ii_code(book: Codebook) -> None:
    answer = ask(book, Kind.CODE, CHAIR_CODE)
    assert answer.text.startswith("HCPCS E0210: Invented chair (official description, HCPCS Level II 2026Q4).")
    assert "E0210 is listed since 1986-01-01, without a last day." in answer.text
    for words in ("Coverage D: Special coverage instructions.", "Pricing 32: Inexpensive equipment.", "Pricing 36: Capped rental."):
        row, meaning = evidence(answer, f"^{words}")
        assert (row.source.release, row.locator) == ("2026Q4", "code E0210")
        assert meaning.source.release == "layout"
    assert "coverage D | pricing 32 36 | type of service A R" in evidence(answer, "^Coverage")[0].excerpt
    assert evidence(answer, "^Processing note 0064: AN INVENTED NOTE.")[1].source.release == "2026Q1"
    assert evidence(answer, "^Cross reference: E0211.")
    table = next(t for t in answer.tables if t.title == "HCPCS Level II, 2026Q4")
    assert ("Type of service", "R", "") in table.rows  # no meaning is known, so none is told
    assert ("BETOS", "D1E", "") in table.rows
    assert not broken_promises(answer)


@pytest.mark.parametrize(
    ("asked", "on", "words"),
    [
        (OLD, ON, "E0211 ended on 2018-12-31: not valid on 2026-11-22."),
        (LATER, ON, "E0212 begins on 2027-01-01: not valid on 2026-11-22."),
        (CHAIR_CODE, ON, "E0210 is listed since 1986-01-01, without a last day."),
        (LATER, date(2027, 1, 1), "E0212 is listed since 2027-01-01, without a last day."),
    ],
)
def test_first_and_last_day(book: Codebook, asked: tuple[System, str], on: date, words: str) -> None:
    assert statement(ask(book, Kind.CODE, asked, on=on), words)
    validity = ask(book, Kind.VALIDITY, asked, on=on)
    assert validity.status is Status.ANSWERED
    assert statement(validity, words).text.startswith("No: " if "not valid" in words else "Yes: ")
    assert not broken_promises(validity)


def test_an_older_release_is_told(book: Codebook) -> None:
    answer = ask(book, Kind.CODE, CHAIR_CODE, on=date(2027, 2, 1))
    assert "older than the date of service: Invented hcpcs 2026Q4 (to 2026-12-31)" in answer.text


def test_before_the_first_release_nothing_is_told(book: Codebook) -> None:
    answer = ask(book, Kind.CODE, CHAIR_CODE, on=date(2020, 1, 1))
    assert "Invented chair" not in answer.text
    assert "Coverage" not in answer.text


def test_the_descriptor_of_a_licensed_copy(book: Codebook) -> None:
    answer = ask(book, Kind.CODE, OPERATION)
    opening = "^CPT 63044: Invented operation .long descriptor of your licensed copy, 2026, © AMA..$"
    assert evidence(answer, opening)[0].locator == "63044, long descriptor"
    assert not broken_promises(answer)


def test_a_modifier_that_only_the_file_has(book: Codebook) -> None:
    answer = ask(book, Kind.MODIFIER, modifiers=("V9",))
    assert answer.text.startswith("Modifier V9: Invented modifier.")
    assert evidence(answer, "V9 ended on 2019-12-31: not valid on 2026-11-22.")[0].locator == "modifier V9"
    assert evidence(answer, "^Coverage D")
    assert not broken_promises(answer)
    unknown = ask(book, Kind.MODIFIER, modifiers=("V8",))
    assert (unknown.status, unknown.text.startswith("I have no modifier V8")) == (Status.NO_DATA, True)


def test_the_json_of_a_page(book: Codebook) -> None:
    entry = _dated(book.hcpcs.entry("E0210", ON))
    assert entry
    assert (entry["release"], entry["rows"][0]["coverage"], entry["rows"][0]["added"]) == ("2026Q4", "D", "1986-01-01")
    wordings = _dated(book.descriptors.of("63044", ON))
    assert wordings
    assert [row["kind"] for row in wordings["rows"]] == ["long", *["clinician"] * 5]


@pytest.mark.parametrize(
    ("kind", "system", "note"),
    [
        (SourceKind.HCPCS, System.HCPCS, "official description, HCPCS Level II T"),
        (SourceKind.DESCRIPTORS, System.CPT, "descriptor of your licensed copy, T, © AMA"),
        (SourceKind.FEE_SCHEDULE, System.CPT, "short descriptor of the fee schedule that you loaded, © AMA"),
        (SourceKind.FEE_SCHEDULE, System.HCPCS, "short descriptor of the fee schedule that you loaded"),
        (SourceKind.SHIPPED, System.CPT, "Invented, T"),
    ],
)
def test_a_title_says_whose_it_is(kind: SourceKind, system: System, note: str) -> None:
    assert descriptor_note(Code(system, "E0210", "A title", True, Source(1, "k", kind, "Invented", "Nobody", "T"))) == note
