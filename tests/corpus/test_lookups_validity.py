"""Whether a code is valid on a day: which release speaks, what is carried, and what stays unknown. Codes and titles are invented."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from corpus.lookups.history import State, Turn
from corpus.lookups.validity import Basis, Standing
from corpus.model import SourceKind, System
from corpus.shelf import SHIPPED_FACTS
from tests.corpus.small import Row, day, fee, number, source

if TYPE_CHECKING:
    from corpus.codebook import Codebook
    from tests.corpus.conftest import Open

CM = System.ICD10CM
TABULAR, LIST, ADDENDA = SourceKind.ICD10CM, SourceKind.ICD10CM_LIST, SourceKind.ICD10CM_ADDENDA


def release(id: int, kind: SourceKind, name: str, start: str, end: str, series: str | None = None, file: str = "all.txt") -> Row:
    return source(id, kind, name, start, end, file=file) | {"series": series, "key": f"{kind}/{series}/{name}"}


JAN21 = release(1, LIST, "FY2021, January 2021", "2021-01-01", "2021-09-30", "order")
FY24 = release(2, LIST, "FY2024", "2023-10-01", "2024-09-30", "codes")
APR26 = release(3, TABULAR, "April 1, 2026", "2026-04-01", "2026-09-30")
ADD23 = release(4, ADDENDA, "FY2023", "2022-10-01", "2023-09-30", "order")
ADD25 = release(5, ADDENDA, "FY2025", "2024-10-01", "2025-09-30", "codes")


def listed(code: str, source: int, title: str = "Invented", billable: int = 1, parent: str | None = None, **dates: int) -> Row:
    return {"system": CM, "code": code, "source": source, "title": title, "billable": billable, "parent": parent,
            "kind": "code" if billable else "category", "position": source} | dates  # fmt: skip


def changed(code: str, source: int, action: str, before: str = "", after: str = "", position: int = 1) -> Row:
    return {"system": CM, "code": code, "source": source, "position": position, "action": action, "before": before, "after": after}


# M54.5 became a category between two lists, B37.3 on a day that addenda tell; K00 stays; X90 goes, Y90 comes.
SOURCES = [JAN21, FY24, APR26, ADD23]
LISTING = [
    listed("M54.5", 1), listed("M54.5", 3, billable=0), listed("M54.50", 2, parent="M54.5"), listed("M54.50", 3, parent="M54.5"),
    listed("B37.3", 1), listed("B37.31", 2), listed("B37.31", 3, parent="B37.3"), listed("B37.3", 3, billable=0),
    *(listed("K00", id, "Ménière") for id in (1, 3)), listed("K00", 2, "Meniere"),
    listed("X90", 1), listed("Y90", 2), listed("Y90", 3, "Invented anew"), listed("J12.82", 1), listed("Z11", 1, billable=0),
]  # fmt: skip
CHANGES = [changed("B37.3", 4, "not billable", "Invented", "Invented"), changed("B37.31", 4, "added", after="Invented")]


GEM = release(9, SourceKind.GEM, "FY2016", "2015-10-01", "2016-09-30")
MAPPED: list[Row] = [
    {"system": CM, "code": code, "target_system": "ICD9CM", "target": "724.2", "source": 9, "relation": "exact"} for code in ("M54.5", "Z11")
]


@pytest.fixture
def book(opened: Open) -> Codebook:
    return opened(source=[*SOURCES, GEM], listing=LISTING, change=CHANGES, mapping=MAPPED)


def of(book: Codebook, code: str, on: str) -> Standing:
    return book.validity.of(code, CM, day(on))


DAYS = [
    ("M54.5", "2020-09-30", State.UNKNOWN, Basis.NONE, None),
    ("M54.5", "2020-12-31", State.VALID, Basis.UPDATE, 1),  # an older mapping has it
    ("J12.82", "2020-12-31", State.UNKNOWN, Basis.UPDATE, None),  # it may have come with the update
    ("J12.82", "2021-01-01", State.VALID, Basis.LISTED, 1),
    ("Z11", "2020-12-31", State.UNKNOWN, Basis.UPDATE, None),  # a category of the update, a code of the older mapping
    ("M54.5", "2021-01-01", State.VALID, Basis.LISTED, 1),
    ("M54.5", "2021-09-30", State.VALID, Basis.LISTED, 1),
    ("M54.5", "2021-10-01", State.UNKNOWN, Basis.NONE, None),
    ("M54.5", "2023-12-31", State.NOT_BILLABLE, Basis.LISTED, 2),  # the code file has the codes below it
    ("M54.5", "2025-10-01", State.NOT_BILLABLE, Basis.UPDATE, 3),
    ("M54.50", "2021-05-01", State.NOT_VALID, Basis.LISTED, 1),
    ("M54.50", "2024-01-01", State.VALID, Basis.LISTED, 2),
    ("B37.3", "2021-09-30", State.VALID, Basis.LISTED, 1),
    ("B37.3", "2022-09-30", State.VALID, Basis.NAMED, 4),
    ("B37.3", "2022-10-01", State.NOT_BILLABLE, Basis.NAMED, 4),
    ("B37.31", "2022-09-30", State.NOT_VALID, Basis.NAMED, 4),
    ("B37.31", "2023-09-30", State.VALID, Basis.NAMED, 4),
    ("K00", "2022-12-31", State.UNKNOWN, Basis.NONE, None),  # in the lists before and behind, which does not tell of the years between
    ("X90", "2024-01-01", State.NOT_VALID, Basis.LISTED, 2),
    ("Z00.0", "2026-05-01", State.NOT_VALID, Basis.LISTED, 3),
]


@pytest.mark.parametrize(("code", "on", "state", "basis", "id"), DAYS)
def test_a_diagnosis_on_a_day(code: str, on: str, state: State, basis: Basis, id: int | None, book: Codebook) -> None:
    found = of(book, code, on)
    assert (found.state, found.basis, found.source and found.source.id) == (state, basis, id)
    assert not found.stale


def test_a_day_behind_all_releases_is_stale(book: Codebook) -> None:
    found = of(book, "M54.50", "2026-11-22")
    assert (found.state, found.stale, found.source and found.source.id) == (State.VALID, True, 3)


def test_an_unknown_state_stands_between_what_the_releases_around_it_say(book: Codebook) -> None:
    found = of(book, "M54.5", "2022-03-01")
    assert found.before
    assert found.after
    assert (found.before.source.id, found.before.state) == (1, State.VALID)
    assert (found.after.source.id, found.after.state) == (2, State.NOT_BILLABLE)
    assert found.nearest == found.before
    early = of(book, "M54.5", "2015-01-01")
    assert (early.before, early.nearest) == (None, early.after)


def test_the_codes_under_a_category(book: Codebook) -> None:
    assert of(book, "M54.5", "2024-01-01").children == ("M54.50",)  # the code file has no parents
    assert of(book, "M54.5", "2026-05-01").children == ("M54.50",)


def test_the_addenda_of_an_update_tell_what_it_did_not_change(opened: Open) -> None:
    pcs = System.ICD10PCS
    update = release(1, SourceKind.ICD10PCS, "April 1, 2026", "2026-04-01", "2026-09-30")
    addenda = release(2, SourceKind.ICD10PCS_ADDENDA, "April 1, 2026", "2026-04-01", "2026-09-30", "order")
    rows = [row | {"system": pcs} for row in (listed("0016070", 1), listed("XX00000", 1))]
    new = changed("XX00000", 2, "added", after="Invented") | {"system": pcs}
    book = opened(source=[update, addenda], listing=rows, change=[new])
    old, new_one = (book.validity.of(code, pcs, day("2025-12-01")) for code in ("0016070", "XX00000"))
    assert (old.state, old.basis, old.proof and old.proof.id) == (State.VALID, Basis.UPDATE, 2)
    assert (new_one.state, new_one.basis) == (State.NOT_VALID, Basis.NAMED)


def test_a_second_list_of_a_year_ends_the_first(opened: Open) -> None:
    annual = release(6, LIST, "FY2021", "2020-10-01", "2021-09-30", "order")
    book = opened(source=[JAN21, annual], listing=[listed("K00", 6), listed("Z99", 1), listed("Z99", 6)])
    assert [of(book, "K00", on).state for on in ("2020-12-31", "2021-01-01")] == [State.VALID, State.NOT_VALID]
    assert of(book, "K00", "2020-12-31").basis is Basis.LISTED


def test_addenda_carry_what_a_list_says_into_the_years_beside_it(opened: Open) -> None:
    book = opened(source=[FY24, ADD25], listing=[listed("K00", 2), listed("X90", 2)], change=[changed("X90", 5, "deleted", "Invented")])
    found = of(book, "K00", "2025-03-01")
    assert (found.state, found.basis, found.source and found.source.id) == (State.VALID, Basis.CARRIED, 5)
    assert of(book, "X90", "2025-03-01").state is State.NOT_VALID
    # addenda of the code file do not tell of categories, so a code that was none may be one now
    assert (of(book, "Q00", "2024-03-01").state, of(book, "Q00", "2025-03-01").stale) == (State.NOT_VALID, True)
    backward = opened(source=[FY24, release(7, ADDENDA, "FY2024", "2023-10-01", "2024-09-30", "order")], listing=[listed("K00", 2)], change=[])
    assert [of(backward, code, "2023-03-01").state for code in ("K00", "Q00")] == [State.VALID, State.NOT_VALID]
    assert of(backward, "K00", "2022-03-01").state is State.UNKNOWN


def test_a_part_of_a_list_does_not_say_what_is_missing(opened: Open) -> None:
    book = opened(source=[JAN21 | {"file": "order.txt (incomplete release)"}], listing=[listed("K00", 1)])
    assert of(book, "K00", "2021-05-01").state is State.VALID
    assert of(book, "K01", "2021-05-01").state is State.UNKNOWN


def test_without_any_list_nothing_is_known(opened: Open) -> None:
    found = opened().validity.of("K00", CM, date(2024, 1, 1))
    assert (found.state, found.nearest, found.source, found.title) == (State.UNKNOWN, None, None, "")


def test_conversions(opened: Open) -> None:
    rows = [{"system": "ICD10PCS", "code": "0016070", "target_system": "ICD10PCS", "target": "0016071", "relation": "replaced by", "source": 8}]
    pcs = release(8, SourceKind.ICD10PCS, "FY2026", "2025-10-01", "2026-09-30")
    book = opened(source=[pcs], mapping=rows, listing=[listed("0016071", 8) | {"system": "ICD10PCS"}])
    gone, come = (book.validity.of(code, System.ICD10PCS, date(2026, 1, 1)) for code in ("0016070", "0016071"))
    assert (gone.state, gone.replaced_by, gone.replaces) == (State.NOT_VALID, ("0016071",), ())
    assert (come.state, come.replaced_by, come.replaces) == (State.VALID, (), ("0016070",))


# Time lines


def told(turns: list[Turn]) -> list[tuple[str, str, str, list[int]]]:
    return [(turn.event, turn.first.isoformat(), turn.last.isoformat(), [s.id for s in turn.sources]) for turn in turns]


LINES = [
    ("M54.5", [("listed", "2021-01-01", "2021-01-01", [1]), ("became a category", "2021-01-01", "2023-10-01", [1, 2])]),
    ("B37.3", [("listed", "2021-01-01", "2021-01-01", [1]), ("became a category", "2022-10-01", "2022-10-01", [4])]),
    ("B37.31", [("added", "2022-10-01", "2022-10-01", [4])]),
    ("K00", [("listed", "2021-01-01", "2021-01-01", [1])]),  # an accent is no revision
    ("X90", [("listed", "2021-01-01", "2021-01-01", [1]), ("deleted", "2021-01-01", "2023-10-01", [1, 2])]),
    ("Y90", [("added", "2021-01-01", "2023-10-01", [1, 2]), ("revised", "2023-10-01", "2026-04-01", [2, 3])]),
    ("Z00.0", []),
]


@pytest.mark.parametrize(("code", "wanted"), LINES)
def test_what_happened_to_a_code(code: str, wanted: list[Any], book: Codebook) -> None:
    assert told(book.validity.timeline(code, CM)) == wanted


def test_began_and_ended(book: Codebook) -> None:
    before, after = of(book, "B37.3", "2021-05-01"), of(book, "B37.3", "2024-01-01")
    assert before.ended == after.ended
    assert before.ended
    assert before.ended.exact
    assert before.began is None  # being in the oldest list says nothing of its age
    early, late = of(book, "B37.31", "2021-05-01"), of(book, "B37.31", "2024-01-01")
    assert early.began == late.began
    assert late.ended is None


# Shipped facts: where older lists differ from the tabular list, without titles


def test_shipped_facts_stand_for_the_lists(opened: Open) -> None:
    def fact(code: str, source: int, event: str) -> Row:
        return {"system": CM, "code": code, "source": source, "date": 20210101, "event": event, "text": "t", "place": "p"}

    facts = [
        fact("M54.5", 1, "listed as billable"), fact("M54.50", 1, "not listed"), fact("B37.3", 1, "listed as billable"),
        fact("B37.31", 1, "not listed"), fact("B37.3", 4, "not billable"), fact("B37.31", 4, "added"), fact("X90", 1, "listed as billable"),
        fact("X90", 2, "not listed"), fact("Y90", 1, "not listed"),
    ]  # fmt: skip
    sources = [{**s, "file": SHIPPED_FACTS} if s["id"] != 3 else s for s in SOURCES]
    shipped = opened(source=sources, listing=[row for row in LISTING if row["source"] == 3], event=facts)
    whole = opened(source=SOURCES, listing=LISTING, change=CHANGES)
    for code in ("M54.5", "M54.50", "B37.3", "B37.31", "K00", "X90", "Y90", "Z00.0"):
        for on in ("2020-12-31", "2021-05-01", "2022-03-01", "2022-12-31", "2024-01-01", "2026-05-01"):
            one, other = (b.validity.of(code, CM, day(on)) for b in (shipped, whole))
            assert (one.state, one.basis) == (other.state, other.basis), (code, on)
    assert of(shipped, "M54.5", "2021-05-01").title == ""


# HCPCS and CPT

HCPCS19 = source(1, SourceKind.HCPCS, "2019", "2019-01-01", "2019-12-31")


def level_ii(code: str, added: str | None, ended: str | None = None) -> Row:
    dates = {"added": number(added) or 0, "ended": number(ended) or 99991231}
    return {"system": "HCPCS", "code": code, "source": 1, "title": "Invented"} | dates


ROWS = [
    ("J0001", "2018-12-31", State.VALID, Basis.DATES, False),
    ("J0001", "1999-12-31", State.NOT_VALID, Basis.DATES, False),
    ("J0001", "2021-01-01", State.VALID, Basis.DATES, True),
    ("J0002", "2018-03-31", State.VALID, Basis.DATES, False),
    ("J0002", "2018-04-01", State.NOT_VALID, Basis.DATES, False),
    ("J0002", "2026-01-01", State.NOT_VALID, Basis.DATES, False),  # an end stays an end
    ("J0003", "2019-05-01", State.VALID, Basis.LISTED, False),
    ("J0003", "2018-05-01", State.UNKNOWN, Basis.NONE, False),
    ("J0004", "2019-05-01", State.UNKNOWN, Basis.NONE, False),  # neither there nor in a fee schedule
]


@pytest.mark.parametrize(("code", "on", "state", "basis", "stale"), ROWS)
def test_level_ii_by_its_dates(code: str, on: str, state: State, basis: Basis, stale: bool, opened: Open) -> None:
    rows = [level_ii("J0001", "2000-01-01"), level_ii("J0002", "2000-01-01", "2018-03-31"), level_ii("J0003", None)]
    found = opened(source=[HCPCS19], listing=rows).validity.of(code, System.HCPCS, day(on))
    assert (found.state, found.basis, found.stale) == (state, basis, stale)


def test_the_time_line_of_level_ii(opened: Open) -> None:
    book = opened(source=[HCPCS19], listing=[level_ii("J0002", "2000-01-01", "2018-03-31")])
    assert [(turn.event, turn.last) for turn in book.validity.timeline("J0002", System.HCPCS)] == [
        ("added", date(2000, 1, 1)),
        ("ended", date(2018, 3, 31)),
    ]


FEES = [
    source(1, SourceKind.FEE_SCHEDULE, "F20", "2020-10-01", "2020-12-31"),
    source(2, SourceKind.FEE_SCHEDULE, "F21", "2021-10-01", "2021-12-31"),
    source(3, SourceKind.FEE_SCHEDULE, "F22", "2022-10-01", "2022-12-31", file=SHIPPED_FACTS),
]
PROCEDURES = [
    ("10001", "2020-11-01", State.VALID),
    ("10001", "2021-11-01", State.NOT_VALID),  # in another release, not in this whole one
    ("10001", "2022-11-01", State.UNKNOWN),  # shipped facts say nothing of what they lack
    ("10001", "2021-05-01", State.UNKNOWN),
    ("10002", "2021-11-01", State.NOT_VALID),  # status D: deleted
    ("10009", "2021-11-01", State.UNKNOWN),  # in none: the fee schedule does not hold every code
]


@pytest.mark.parametrize(("code", "on", "state"), PROCEDURES)
def test_procedures_by_the_fee_schedule(code: str, on: str, state: State, opened: Open) -> None:
    book = opened(source=FEES, fee=[fee("10001", 1, status="A"), fee("10002", 2, status="D")])
    found = book.validity.of(code, System.CPT, day(on))
    assert found.state is state
    if code == "10001" and state is State.UNKNOWN:
        assert found.before
        assert found.before.source.release == "F20"
