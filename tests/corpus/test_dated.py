"""Look-ups for a date of service: which release answers, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from corpus.codebook import Codebook
from corpus.model import Dated, Edit, Setting, SourceKind
from corpus.shelf import INCOMPLETE, SHIPPED_FACTS, is_partial
from tests.corpus.conftest import Open
from tests.corpus.small import Row, add_on, day, fee, mue, ptp, source

FEES, MUE, ADD_ON, PTP = SourceKind.FEE_SCHEDULE, SourceKind.MUE, SourceKind.ADD_ON, SourceKind.PTP
PRACTITIONER, FACILITY, DME = Setting.PRACTITIONER, Setting.FACILITY, Setting.DME


def release(dated: Dated[Any]) -> str | None:
    return dated.source.release if dated.source else None


def nearest(dated: Dated[Any]) -> str | None:
    return dated.nearest.release if dated.nearest else None


# Releases

YEARS = [
    source(1, FEES, "RVU24D", "2024-10-01", "2024-12-31"),
    source(2, FEES, "RVU25A", "2025-01-01", "2025-12-31"),
    source(3, FEES, "RVU25C", "2025-07-01", "2025-12-31"),
    source(4, FEES, "RVU27A", "2027-01-01", "2027-12-31"),
]


@pytest.mark.parametrize(
    ("on", "covers", "near"),
    [
        ("2019-01-01", None, "RVU24D"),  # before the first
        ("2024-09-30", None, "RVU24D"),
        ("2024-10-01", "RVU24D", None),
        ("2024-12-31", "RVU24D", None),
        ("2025-01-01", "RVU25A", None),  # the new year closes the old schedule
        ("2025-06-30", "RVU25A", None),
        ("2025-07-01", "RVU25C", None),  # a later release of the year closes the earlier
        ("2025-12-31", "RVU25C", None),
        ("2026-01-01", None, "RVU25C"),  # a fee schedule ends with its calendar year; of both of 2025 the newest is named
        ("2026-11-30", None, "RVU27A"),
        ("2027-01-01", "RVU27A", None),
        ("2028-02-29", None, "RVU27A"),
    ],
)
def test_a_fee_schedule_is_picked_by_date(opened: Open, on: str, covers: str | None, near: str | None) -> None:
    book = opened(source=YEARS, fee=[fee("99213", s["id"], work=float(s["id"])) for s in YEARS])
    found = book.fee("99213", day(on))
    assert (release(found), nearest(found), found.covered, found.stale) == (covers, near, covers is not None, False)
    assert (found.value and found.value.source.release) == covers
    assert (found.value and found.value.work) == next((float(s["id"]) for s in YEARS if s["release"] == covers), None)


def test_the_order_of_loading_does_not_matter(opened: Open) -> None:
    sources = [s | {"id": 5 - s["id"]} for s in reversed(YEARS)]
    book = opened(source=sources, fee=[fee("99213", s["id"]) for s in sources])
    assert release(book.fee("99213", day("2025-08-01"))) == "RVU25C"
    assert [s.release for s in book.sources(FEES)] == ["RVU24D", "RVU25A", "RVU25C", "RVU27A"]
    assert [row.source.release for row in book.fee_releases("99213")] == ["RVU24D", "RVU25A", "RVU25C", "RVU27A"]


QUARTERS = [
    source(1, MUE, "2024Q2", "2024-04-01", "2024-06-30", PRACTITIONER),
    source(2, MUE, "2026Q2", "2026-04-01", "2026-06-30", PRACTITIONER),
    source(3, MUE, "2024Q3", "2024-07-01", "2024-09-30", FACILITY),
]


@pytest.mark.parametrize(
    ("on", "setting", "covers", "near", "stale"),
    [
        ("2024-03-31", PRACTITIONER, None, "2024Q2", False),
        ("2024-04-01", PRACTITIONER, "2024Q2", None, False),
        ("2024-06-30", PRACTITIONER, "2024Q2", None, False),
        ("2024-07-01", PRACTITIONER, "2024Q2", None, True),  # holds until it is replaced, but a newer one exists
        ("2026-03-31", PRACTITIONER, "2024Q2", None, True),
        ("2026-04-01", PRACTITIONER, "2026Q2", None, False),
        ("2031-01-01", PRACTITIONER, "2026Q2", None, True),
        ("2024-06-30", FACILITY, None, "2024Q3", False),  # each setting has its own releases
        ("2024-07-01", FACILITY, "2024Q3", None, False),
        ("2026-05-01", FACILITY, "2024Q3", None, True),
        ("2026-05-01", DME, None, None, False),  # nothing is loaded at all
    ],
)
def test_ncci_tables_hold_until_replaced(opened: Open, on: str, setting: Setting, covers: str | None, near: str | None, stale: bool) -> None:
    rows = [mue("63044", s["id"], s["id"], s["setting"]) for s in QUARTERS]
    found = opened(source=QUARTERS, mue=rows).unit_limit("63044", day(on), setting)
    assert (release(found), nearest(found), found.stale) == (covers, near, stale)
    if covers:
        assert found.value is not None
        assert found.value.units == next(s["id"] for s in QUARTERS if s["release"] == covers)
        assert (found.value.setting, found.value.source.setting) == (setting, setting)
    else:
        assert found.value is None


@pytest.mark.parametrize(
    ("file", "partial"),
    [(SHIPPED_FACTS, True), ("a.txt" + INCOMPLETE, True), ("a-f1.txt, a-f2.txt" + INCOMPLETE, True), ("a.csv", False), ("shipped facts.csv", False),
     (None, False)],
)  # fmt: skip
def test_which_sources_are_partial(opened: Open, file: str | None, partial: bool) -> None:
    (found,) = opened(source=[source(1, PTP, "2024Q3", "2024-07-01")]).sources()
    assert is_partial(replace(found, file=file)) is partial


# A code in partial and complete releases. Each look-up is one of the four dated tables; a row of it is `rows(source)`.


def _fee(book: Codebook, on: date) -> Dated[Any]:
    return book.fee("10001", on)


def _units(book: Codebook, on: date) -> Dated[Any]:
    return book.unit_limit("10001", on)


def _primaries(book: Codebook, on: date) -> Dated[Any]:
    return book.primaries("10001", on)


def _add_ons(book: Codebook, on: date) -> Dated[Any]:
    return book.add_ons("10002", on)


def _edits(book: Codebook, on: date) -> Dated[Any]:
    return book.edits("10001", "10002", on)


LOOK_UPS: dict[str, tuple[SourceKind, Setting | None, str, Callable[[int], Row], Callable[[Codebook, date], Dated[Any]]]] = {
    "fee": (FEES, None, "fee", lambda s: fee("10001", s), _fee),
    "units": (MUE, PRACTITIONER, "mue", lambda s: mue("10001", s), _units),
    "primaries": (ADD_ON, None, "add_on", lambda s: add_on("10001", "10002", s), _primaries),
    "add-ons": (ADD_ON, None, "add_on", lambda s: add_on("10001", "10002", s), _add_ons),
    "edits": (PTP, PRACTITIONER, "ptp", lambda s: ptp("10001", "10002", s), _edits),
}
WHOLE, PART = "all.csv", SHIPPED_FACTS


@pytest.mark.parametrize("look_up", LOOK_UPS)
@pytest.mark.parametrize(
    ("old", "new", "holding", "answers", "has_value"),
    [
        (WHOLE, WHOLE, (1, 2), "new", True),
        (WHOLE, WHOLE, (1,), "new", False),  # the later release closes the earlier: the code is gone
        (WHOLE, PART, (1, 2), "new", True),
        (WHOLE, PART, (1,), "old", True),  # a partial table that lacks the code gives way
        (WHOLE, PART, (), "old", False),  # only the complete one may say that there is nothing
        (PART, WHOLE, (1,), "new", False),
        (PART, PART, (1,), "old", True),
        (PART, PART, (), "new", False),
        ("a-f1.txt" + INCOMPLETE, PART, (1,), "old", True),
        (WHOLE, "a-f1.txt" + INCOMPLETE, (1,), "old", True),
        (WHOLE, "a-f1.txt" + INCOMPLETE, (), "old", False),
    ],
)
def test_partial_tables_give_way(opened: Open, look_up: str, old: str, new: str, holding: tuple[int, ...], answers: str, has_value: bool) -> None:
    kind, setting, table, row, look = LOOK_UPS[look_up]
    sources = [
        source(1, kind, "old", "2025-01-01", "2025-12-31", setting, old),
        source(2, kind, "new", "2025-07-01", "2025-12-31", setting, new),
    ]
    found = look(opened(source=sources, **{table: [row(s) for s in holding]}), day("2025-08-01"))
    assert (release(found), found.value is not None) == (answers, has_value)
    assert found.source is not None
    if not has_value and PART in (old, new) and WHOLE not in (old, new):
        assert is_partial(found.source)  # by which an answer sees that the code may still exist


@pytest.mark.parametrize("look_up", [name for name in LOOK_UPS if name != "edits"])
def test_a_date_before_the_first_release_names_it_even_when_the_code_is_unknown(opened: Open, look_up: str) -> None:
    kind, setting, table, row, look = LOOK_UPS[look_up]
    sources = [source(1, kind, "only", "2025-01-01", "2025-12-31", setting)]
    for rows in ([row(1)], []):
        found = look(opened(source=sources, **{table: rows}), day("2024-12-31"))
        assert (found.value, found.source, nearest(found)) == (None, None, "only")


@pytest.mark.parametrize("look_up", [name for name in LOOK_UPS if name != "fee"])
def test_an_older_release_that_answers_is_marked_stale(opened: Open, look_up: str) -> None:
    kind, setting, table, row, look = LOOK_UPS[look_up]
    sources = [
        source(1, kind, "2025Q1", "2025-01-01", "2025-03-31", setting),
        source(2, kind, "2025Q3", "2025-07-01", "2025-09-30", setting, PART),
    ]
    found = look(opened(source=sources, **{table: [row(1)]}), day("2025-08-01"))
    assert (release(found), found.stale) == ("2025Q1", True)


def test_a_partial_table_of_last_year_does_not_answer_for_this_one(opened: Open) -> None:
    sources = [source(1, FEES, "RVU24D", "2024-10-01", "2024-12-31", file=PART), source(2, FEES, "RVU25A", "2025-01-01", "2025-12-31", file=PART)]
    found = opened(source=sources, fee=[fee("10001", 1)]).fee("10001", day("2025-02-01"))
    assert (found.value, release(found)) == (None, "RVU25A")


def test_a_source_without_a_day_is_never_picked(opened: Open) -> None:
    found = opened(source=[source(1, MUE, "undated", setting=PRACTITIONER)], mue=[mue("10001", 1)]).unit_limit("10001", day("2025-02-01"))
    assert found == Dated(None, None, None)


# PTP edits

EDITS = [source(1, PTP, "2024Q3", "2024-07-01", "2024-09-30", PRACTITIONER), source(2, PTP, "2024Q3", "2024-07-01", "2024-09-30", FACILITY)]
IN = day("2024-08-01")


@pytest.mark.parametrize(
    ("effective", "deleted", "indicator", "on", "in_force"),
    [
        ("2015-04-01", "2019-12-31", 1, "2015-03-31", False),
        ("2015-04-01", "2019-12-31", 1, "2015-04-01", True),
        ("2015-04-01", "2019-12-31", 1, "2019-12-31", True),  # the deletion date is the last day in force
        ("2015-04-01", "2019-12-31", 1, "2020-01-01", False),
        ("2015-04-01", None, 0, "2015-03-31", False),
        ("2015-04-01", None, 0, "2099-01-01", True),
        (None, "2019-12-31", 1, "1990-01-01", True),  # an unknown start counts as begun
        (None, "2019-12-31", 1, "2020-01-01", False),
        (None, None, 0, "2024-08-01", True),
        ("2015-04-01", "2015-04-01", 9, "2015-04-01", False),  # deleted from its first day
        ("2015-04-01", None, 9, "2024-08-01", False),
        (None, None, 9, "2024-08-01", False),
        ("2015-04-01", "2015-04-01", 1, "2015-04-01", True),  # near miss: one day in force
    ],
)
def test_when_an_interval_is_in_force(opened: Open, effective: str | None, deleted: str | None, indicator: int, on: str, in_force: bool) -> None:
    book = opened(source=EDITS, ptp=[ptp("20610", "99213", 1, effective, deleted, indicator)])
    (edit,) = book.edits("20610", "99213", IN).value or []
    assert edit.in_force(day(on)) is in_force
    assert (edit.effective, edit.deleted, edit.indicator) == (effective and day(effective), deleted and day(deleted), indicator)


@pytest.fixture
def pairs(opened: Open) -> Codebook:
    """Intervals of a pair, an interval the other way round, a pair beside it, and the hospital's own edit."""
    return opened(
        source=EDITS,
        ptp=[
            ptp("20610", "99213", 1, "2010-01-01", "2012-12-31"),
            ptp("20610", "99213", 1, "2020-01-01", None),
            ptp("20610", "99213", 1, "2013-01-01", "2019-12-31", 0),
            ptp("99213", "20610", 1, "2000-01-01", "2001-12-31"),
            ptp("20610", "99214", 1, "2020-01-01", None),
            ptp("20611", "99213", 1, "2020-01-01", None),
            ptp("20610", "99213", 2, "2021-01-01", None, 0, FACILITY),
        ],
    )


def intervals(edits: list[Edit] | None) -> list[tuple[str, date | None, int]]:
    return [(edit.column1, edit.deleted, edit.indicator) for edit in edits or []]


@pytest.mark.parametrize(("a", "b"), [("20610", "99213"), ("99213", "20610")])
def test_edits_are_found_both_ways_newest_first(pairs: Codebook, a: str, b: str) -> None:
    assert intervals(pairs.edits(a, b, IN).value) == [
        ("20610", None, 1),
        ("20610", day("2019-12-31"), 0),
        ("20610", day("2012-12-31"), 1),
        ("99213", day("2001-12-31"), 1),
    ]


@pytest.mark.parametrize(
    ("on", "columns"), [("2024-08-01", ["20610"]), ("2019-12-31", ["20610"]), ("2001-12-31", ["99213"]), ("2002-01-01", []), ("1999-12-31", [])]
)
def test_at_most_one_interval_is_in_force(pairs: Codebook, on: str, columns: list[str]) -> None:
    edits = pairs.edits("99213", "20610", IN).value or []
    assert [edit.column1 for edit in edits if edit.in_force(day(on))] == columns


def test_each_setting_has_its_own_edits(pairs: Codebook) -> None:
    (edit,) = pairs.edits("99213", "20610", IN, FACILITY).value or []
    assert (edit.indicator, edit.setting, edit.source.setting, edit.rationale) == (0, FACILITY, FACILITY, "Invented rationale")


@pytest.mark.parametrize(("a", "b"), [("20611", "99214"), ("20610", "20611"), ("99213", "99214"), ("20610", "20610"), ("00000", "99213")])
def test_pairs_without_an_edit(pairs: Codebook, a: str, b: str) -> None:
    found = pairs.edits(a, b, IN)
    assert (found.value, release(found)) == (None, "2024Q3")  # complete: no edit is known, and the release says so
    assert not found.source or not is_partial(found.source)


def test_the_oldest_release_tells_of_edits_before_it(opened: Open) -> None:
    """A PTP file lists every interval since 1996."""
    sources = [source(1, PTP, "2024Q3", "2024-07-01", "2024-09-30", PRACTITIONER), source(2, PTP, "2026Q3", "2026-07-01", "2026-09-30", PRACTITIONER)]
    rows = [ptp("20610", "99213", 1, "2010-01-01", "2019-12-31"), ptp("20610", "99213", 2, "2010-01-01", "2018-12-31")]
    book = opened(source=sources, ptp=rows)
    found = book.edits("99213", "20610", day("2015-01-01"))
    assert (release(found), found.stale, nearest(found)) == ("2024Q3", False, None)
    assert [(edit.deleted, edit.in_force(day("2015-01-01"))) for edit in found.value or []] == [(day("2019-12-31"), True)]
    assert book.edits("99213", "20610", day("2015-01-01"), FACILITY) == Dated(None, None, None)


def test_edits_come_from_one_release_never_two(opened: Open) -> None:
    sources = [source(1, PTP, "2024Q3", "2024-07-01", "2024-09-30", PRACTITIONER), source(2, PTP, "2026Q3", "2026-07-01", "2026-09-30", PRACTITIONER)]
    rows = [ptp("20610", "99213", 1), ptp("20610", "99213", 2, None, "2025-12-31")]
    book = opened(source=sources, ptp=rows)
    for on, wanted in (("2024-08-01", [None]), ("2026-06-30", [None]), ("2026-07-01", [day("2025-12-31")])):
        assert [edit.deleted for edit in book.edits("99213", "20610", day(on)).value or []] == wanted


# Add-on codes

ADD_ON_RELEASES = [source(1, ADD_ON, "2024Q2", "2024-04-01", "2024-06-30"), source(2, ADD_ON, "2026Q3", "2026-07-01", "2026-09-30", file=PART)]


@pytest.mark.parametrize(
    ("effective", "deleted", "on", "in_force"),
    [
        ("2024-05-01", None, "2024-04-30", False),
        ("2024-05-01", None, "2024-05-01", True),
        ("2013-04-01", "2024-05-31", "2024-05-31", True),  # the deletion date is the last day in force
        ("2013-04-01", "2024-05-31", "2024-06-01", False),
        (None, None, "2024-04-01", True),
        (None, "2024-05-31", "2024-06-01", False),
    ],
)
def test_add_on_edits_by_their_dates(opened: Open, effective: str | None, deleted: str | None, on: str, in_force: bool) -> None:
    book = opened(source=ADD_ON_RELEASES[:1], add_on=[add_on("63044", "63042", 1, effective, deleted)])
    for found in (book.primaries("63044", day(on)), book.add_ons("63042", day(on))):
        assert release(found) == "2024Q2"
        assert [(item.add_on, item.primary) for item in found.value or []] == ([("63044", "63042")] if in_force else [])


def test_both_sides_of_the_add_on_edits_in_order(opened: Open) -> None:
    pairs = [("63044", "63042"), ("63043", "63040"), ("22840", "63042"), ("22840", "22600"), ("99417", "CCCCC")]
    book = opened(source=ADD_ON_RELEASES[:1], add_on=[add_on(one, other, 1) for one, other in pairs])
    on = day("2024-05-01")
    assert [item.primary for item in book.primaries("22840", on).value or []] == ["22600", "63042"]
    assert [item.add_on for item in book.add_ons("63042", on).value or []] == ["22840", "63044"]
    assert [item.primary for item in book.primaries("99417", on).value or []] == ["CCCCC"]
    assert book.primaries("63042", on).value is None  # a primary is no add-on
    assert book.add_ons("63044", on).value is None


def test_a_release_that_deleted_an_edit_does_not_give_way_to_an_older_one(opened: Open) -> None:
    rows = [add_on("63044", "63042", 1), add_on("63044", "63042", 2, "2013-04-01", "2025-12-31"), add_on("63043", "63040", 1)]
    book = opened(source=ADD_ON_RELEASES, add_on=rows)
    on = day("2026-08-01")
    assert (book.primaries("63044", on).value, release(book.primaries("63044", on))) == ([], "2026Q3")
    assert (book.add_ons("63042", on).value, release(book.add_ons("63042", on))) == ([], "2026Q3")
    assert release(book.primaries("63043", on)) == "2024Q2"  # a pair that the partial release does not hold


# Fee schedule rows


def test_rows_by_component(opened: Open) -> None:
    rows = [fee("71046", 3, modifier, work=work) for modifier, work in (("", 3.0), ("26", 1.0), ("TC", 2.0))]
    book = opened(source=YEARS, fee=[*rows, fee("71046", 2, "53"), fee("99213", 3, conversion_factor=33.4009)])
    on = day("2025-08-01")
    works = {modifier: book.fee("71046", on, modifier).value for modifier in ("", "26", "TC", "53")}
    assert {modifier: row and row.work for modifier, row in works.items()} == {"": 3.0, "26": 1.0, "TC": 2.0, "53": None}
    source_of_2025 = book.fee("71046", on).source
    assert source_of_2025 is not None
    assert book.fee_modifiers("71046", source_of_2025) == ["26", "TC"]
    assert book.fee_modifiers("99213", source_of_2025) == []
    row = book.fee("99213", on).value
    assert row is not None
    assert (row.conversion_factor, row.work, row.status) == (33.4009, None, "")
    assert [row.modifier for row in book.fee_releases("71046")] == [""]


def test_every_day_of_a_year_has_the_release_of_that_day(opened: Open) -> None:
    """Two releases a year: no day falls between them, none has two."""
    book = opened(source=YEARS, fee=[fee("99213", s["id"]) for s in YEARS])
    days = [date(2025, 1, 1) + timedelta(n) for n in range(365)]
    releases = [release(book.fee("99213", on)) for on in days]
    assert releases == ["RVU25A"] * 181 + ["RVU25C"] * 184
