from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from corpus.lookups.coverage import Coverage, Group
from corpus.model import SourceKind
from corpus.schema import IN_FORCE, UNKNOWN
from corpus.shelf import Shelf
from tests.corpus import small
from tests.corpus.small import Row, day

MARCH, AUGUST, LCDS, NCDS, MERGED = 1, 2, 3, 4, 5


def source(id: int, series: str, start: str, end: str | None = None) -> Row:
    return small.source(id, SourceKind.COVERAGE, start, start, end) | {"key": f"coverage/{series}/{start}", "series": series}


SOURCES = [
    source(MARCH, "articles", "2026-03-01", "2026-03-07"),
    source(AUGUST, "articles", "2026-08-30", "2026-09-05"),
    source(LCDS, "lcds", "2026-08-30", "2026-09-05"),
    source(NCDS, "ncds", "2026-08-30", "2026-09-05"),
]
MERGED_LISTS = source(MERGED, "merged", "2026-03-01", "2026-05-31")


def document(
    id: str, source: int = AUGUST, version: int = 1, status: str = "A", start: int = 20240101, end: int = IN_FORCE, kind: str = "article"
) -> Row:
    return {"id": id, "version": version, "source": source, "kind": kind, "title": f"Invented {id}", "status": status, "effective": start,
            "ended": end, "body": f"Text of {id} {version}"}  # fmt: skip


def code(code: str, document: str, group: int = 1, source: int = AUGUST, version: int = 1) -> Row:
    return {"code": code, "document": document, "version": version, "group": group, "source": source}


def diagnosis(code: str, document: str, covered: int = 1, group: int = 1, source: int = AUGUST, asterisk: int = 0, version: int = 1) -> Row:
    return {"code": code, "document": document, "version": version, "covered": covered, "group": group, "source": source, "asterisk": asterisk}


def paragraph(document: str, kind: str, group: int, text: str, source: int = AUGUST) -> Row:
    return {"document": document, "version": 1, "kind": kind, "group": group, "source": source, "paragraph": text}


def of(document: str, contractor: str, source: int = AUGUST) -> Row:
    return {"document": document, "version": 1, "contractor": contractor, "source": source}


def contractor(id: str, state: str, source: int = AUGUST) -> Row:
    return {"id": id, "state": state, "source": source, "name": f"Invented {id}", "kind": "MAC - Part B", "jurisdiction": "J - 5"}


WHOLE: dict[str, list[Row]] = {
    "source": SOURCES,
    "coverage_document": [
        document("A1"),
        document("A2"),
        document("A3"),  # names no diagnosis
        document("A4", start=20260601),
        document("A4", MARCH, version=1, start=20230101),
        document("A5", MARCH, start=20230101),  # gone by August
        document("A6", status="P", end=UNKNOWN),
        document("A7", status="R", end=20260831),
        document("L1", LCDS, kind="lcd"),
        document("210.3", NCDS, 4, kind="ncd", start=20230101),
        document("30.4", NCDS, 3, kind="ncd", status="R", start=20230410, end=20210101),
    ],
    "coverage_code": [
        code("29877", "A1"), code("29877", "A1", 2), code("29877", "A2"), code("G0289", "A1"), code("29877", "A3"), code("20610", "A4"),
        code("20610", "A4", source=MARCH), code("20611", "A5", source=MARCH), code("20600", "A6"), code("20605", "A7"),
        code("E0601", "L1", source=LCDS),
    ],
    "coverage_diagnosis": [
        diagnosis("M23.200", "A1", group=1), diagnosis("M23.201", "A1", group=2, asterisk=1), diagnosis("Z00.00", "A1", 0, 1),
        diagnosis("M17.11", "A1", 1, 1), diagnosis("M17.11", "A1", 0, 1), diagnosis("M23.200", "A2", 0, 3),
        diagnosis("M25.50", "A4"), diagnosis("M25.50", "A6"),
    ],
    "coverage_group": [
        paragraph("A1", "codes", 1, "These codes"), paragraph("A1", "covered", 2, "With another"), paragraph("A1", "modifiers", 1, ""),
        paragraph("A2", "noncovered", 3, "Never"),
    ],
    "coverage_contractor": [of("A1", "05102"), of("A2", "13202"), of("A2", "13282"), of("L1", "17013", LCDS)],
    "contractor": [contractor("05102", "IA"), contractor("13202", "NY"), contractor("13282", "NY"), contractor("17013", "IA", LCDS)],
    "coverage_relation": [
        {"document": "A1", "related": "L1", "source": AUGUST}, {"document": "L1", "related": "NCD170", "source": LCDS},
        {"document": "210.3", "related": "NCD170", "source": NCDS}, {"document": "A2", "related": "NCD999", "source": AUGUST},
    ],
}  # fmt: skip


Open = Callable[[dict[str, list[Row]]], Coverage]


@pytest.fixture
def over(tmp_path: Path) -> Iterator[Open]:
    """Look-ups over an edition of its own with the rows given, by table."""
    shelves: list[Shelf] = []

    def opened(tables: dict[str, list[Row]]) -> Coverage:
        shelves.append(Shelf(small.made(tmp_path / str(len(shelves)), **tables)))
        return Coverage(shelves[-1])

    yield opened
    for shelf in shelves:
        shelf.close()


@pytest.fixture
def coverage(over: Open) -> Coverage:
    return over(WHOLE)


def ids(found: Any) -> list[str] | None:
    return [d.id for d in found.value] if found.value else None


def test_documents_of_a_code(coverage: Coverage) -> None:
    found = coverage.documents_of("29877", day("2026-08-31"))
    assert ids(found) == ["A1", "A2", "A3"]
    assert found.source is not None
    assert (found.source.key, found.stale) == ("coverage/articles/2026-08-30", False)
    assert found.value is not None
    assert (found.value[0].contractors, found.value[0].states, found.value[0].merged) == (("05102",), ("IA",), False)
    assert found.value[1].states == ("NY",)


@pytest.mark.parametrize(
    ("code", "on", "expected", "why"),
    [
        ("E0601", "2026-08-31", ["L1"], "an LCD lists codes too"),
        ("20610", "2026-08-31", ["A4"], "in force"),
        ("20610", "2026-04-01", ["A4"], "the version of the export before"),
        ("20611", "2026-04-01", ["A5"], "in force then"),
        ("20611", "2026-08-31", None, "gone by then"),
        ("20600", "2026-08-31", None, "proposed"),
        ("20605", "2026-08-31", ["A7"], "its last day"),
        ("20605", "2026-09-01", None, "retired the day before"),
        ("20611", "2025-01-01", ["A5"], "before the first export: in force by its own date"),
    ],
)
def test_dates_and_status(coverage: Coverage, code: str, on: str, expected: list[str] | None, why: str) -> None:
    assert ids(coverage.documents_of(code, day(on))) == expected, why


def test_the_version_that_speaks_for_the_day(coverage: Coverage) -> None:
    for on, begin in (("2026-08-31", "2026-06-01"), ("2026-04-01", "2023-01-01")):
        found = coverage.documents_of("20610", day(on)).value
        assert found is not None
        assert found[0].effective == day(begin)


def test_none_is_told_apart_from_not_covered_and_not_loaded(coverage: Coverage, over: Open) -> None:
    none = coverage.documents_of("99213", day("2026-08-31"))
    assert (none.value, none.covered) == (None, True)
    before = coverage.documents_of("29877", day("2020-01-01"))
    assert (before.value, before.covered, before.nearest and before.nearest.release) == (None, False, "2026-03-01")
    missing = over({}).documents_of("29877", day("2026-08-31"))
    assert (missing.value, missing.source, missing.nearest) == (None, None, None)


def test_a_day_beyond_the_week_of_the_export_is_stale(coverage: Coverage) -> None:
    assert coverage.documents_of("29877", day("2026-11-22")).stale


@pytest.mark.parametrize(
    ("state", "contractor", "expected"),
    [("IA", None, ["A1", "A3"]), ("ny", None, ["A2", "A3"]), ("TX", None, ["A3"]), (None, "13282", ["A2", "A3"]), ("IA", "13202", ["A3"])],
)
def test_state_and_contractor(coverage: Coverage, state: str | None, contractor: str | None, expected: list[str]) -> None:
    found = coverage.documents_of("29877", day("2026-08-31"), state, contractor)
    assert ids(found) == expected  # A3 stays: whose it is, is not known
    assert found.value is not None
    assert found.value[-1].states == ()


def test_documents_that_do_not_hold_can_be_asked_for(coverage: Coverage) -> None:
    found = coverage.documents_of("20600", day("2026-08-31"), in_force=False)
    assert ids(found) == ["A6"]


@pytest.mark.parametrize(
    ("dx", "expected", "why"),
    [
        ("M23.200", [("A1", "covered", (1,)), ("A2", "not covered", (3,)), ("A3", "no list", ())], "articles differ"),
        ("M23.201", [("A1", "covered", (2,)), ("A2", "not listed", ()), ("A3", "no list", ())], "with an asterisk"),
        ("M17.11", [("A1", "covered", (1,)), ("A1", "not covered", (1,)), ("A2", "not listed", ()), ("A3", "no list", ())], "in both lists"),
        ("M23.2", [("A1", "not listed", ()), ("A2", "not listed", ()), ("A3", "no list", ())], "a category is not its codes"),
    ],
)
def test_supports(coverage: Coverage, dx: str, expected: list[tuple[str, str, tuple[int, ...]]], why: str) -> None:
    found = coverage.supports("29877", dx, day("2026-08-31"))
    assert [(v.document.id, v.place, tuple(g.number for g in v.groups)) for v in found.value or ()] == expected, why


def test_a_verdict_carries_its_paragraphs(coverage: Coverage) -> None:
    verdict = (coverage.supports("29877", "M23.201", day("2026-08-31"), "IA").value or ())[0]
    assert verdict.groups == (Group("covered", 2, "With another"),)
    assert verdict.code_groups == (Group("codes", 1, "These codes"), Group("codes", 2, ""))
    assert (verdict.asterisk, verdict.lists) == (True, ("covered", "not covered"))


def test_a_document_with_a_list_of_denials_only_says_so(coverage: Coverage) -> None:
    verdict = (coverage.supports("29877", "R07.9", day("2026-08-31"), "NY").value or ())[0]
    assert (verdict.document.id, verdict.place, verdict.lists) == ("A2", "not listed", ("not covered",))


def test_diagnoses_of_a_code(coverage: Coverage) -> None:
    found = coverage.diagnoses("29877", day("2026-08-31")).value or ()
    assert [(d.code, d.document.id, d.group, d.asterisk) for d in found] == [
        ("M17.11", "A1", 1, False), ("M23.200", "A1", 1, False), ("M23.201", "A1", 2, True),
    ]  # fmt: skip
    denied = coverage.diagnoses("29877", day("2026-08-31"), covered=False).value or ()
    assert [(d.code, d.document.id) for d in denied] == [("M17.11", "A1"), ("M23.200", "A2"), ("Z00.00", "A1")]


def test_codes_of_a_diagnosis(coverage: Coverage) -> None:
    found = coverage.codes_of("M23.201", day("2026-08-31")).value or ()
    assert [(c.code, c.document.id, c.group, c.asterisk) for c in found] == [
        ("29877", "A1", 1, True), ("29877", "A1", 2, True), ("G0289", "A1", 1, True),
    ]  # fmt: skip
    assert coverage.codes_of("M23.201", day("2026-08-31"), state="NY").value is None
    assert [c.code for c in coverage.codes_of("M25.50", day("2026-08-31")).value or ()] == ["20610"]  # A6 is a proposal


def test_a_document_with_its_text(coverage: Coverage) -> None:
    found = coverage.document("A1")
    assert found is not None
    assert (found.title, found.body, found.states) == ("Invented A1", "Text of A1 1", ("IA",))
    assert coverage.document("A99") is None
    old = coverage.document("A4", day("2026-04-01"))
    assert old is not None
    assert old.source.id == MARCH
    assert coverage.groups_of(found) == (Group("codes", 1, "These codes"), Group("covered", 2, "With another"))


@pytest.mark.parametrize("section", ["210.3", "NCD 210.3", "ncd210.3"])
def test_an_ncd(coverage: Coverage, section: str) -> None:
    found = coverage.ncd(section, day("2026-08-31"))
    assert found.value is not None
    assert (found.value.id, found.value.body, found.covered) == ("210.3", "Text of 210.3 4", True)


def test_ncds_by_date(coverage: Coverage) -> None:
    assert coverage.ncd("210.3", day("2024-01-01")).covered
    early = coverage.ncd("210.3", day("2020-01-01"))
    assert (early.value, early.covered) == (None, False)
    assert early.nearest is not None
    none = coverage.ncd("999.9", day("2026-08-31"))
    assert (none.value, none.covered) == (None, True)
    assert coverage.ncd("A1", day("2026-08-31")).value is None
    retired = coverage.ncd("30.4", day("2026-08-31")).value
    assert retired is not None
    assert not retired.in_force(day("2026-08-31"))


def test_related_documents(coverage: Coverage) -> None:
    assert coverage.related("L1") == ("210.3", "A1")
    assert coverage.related("210.3") == ("L1",)
    assert coverage.related("A2") == ("NCD999",)
    assert coverage.related("A99") == ()


def test_contractors(coverage: Coverage) -> None:
    assert [c.id for c in coverage.contractors("ny")] == ["13202", "13282"]
    assert [(c.id, c.states) for c in coverage.contractors("IA")] == [("05102", ("IA",)), ("17013", ("IA",))]


LISTS: dict[str, list[Row]] = {
    "source": [MERGED_LISTS],
    "coverage_document": [document("27096", MERGED, kind="merged", start=UNKNOWN)],
    "coverage_code": [code("27096", "27096", source=MERGED)],
    "coverage_diagnosis": [diagnosis("M46.1", "27096", source=MERGED)],
    "coverage_relation": [{"document": "27096", "related": "L39383", "source": MERGED}],
}


def test_merged_lists_speak_where_no_articles_are_loaded(over: Open) -> None:
    coverage = over(LISTS)
    found = coverage.supports("27096", "M46.1", day("2026-04-01"))
    assert [(v.place, v.document.merged) for v in found.value or ()] == [("covered", True)]
    assert not found.stale
    assert coverage.supports("27096", "M46.1", day("2026-08-31")).stale
    assert coverage.related("27096") == ("L39383",)
    assert coverage.supports("27096", "M46.1", day("2026-04-01"), state="TX").value is not None
    before = coverage.supports("27096", "M46.1", day("2026-02-28"))
    assert (before.value, before.covered, before.nearest and before.nearest.series) == (None, False, "merged")


def test_merged_lists_are_silent_beside_articles(over: Open) -> None:
    tables = {name: [*WHOLE.get(name, []), *LISTS.get(name, [])] for name in {**WHOLE, **LISTS}}
    found = over(tables).documents_of("27096", day("2026-08-31"))
    assert (found.value, found.source and found.source.series) == (None, "articles")
