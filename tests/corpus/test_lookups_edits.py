from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.lookups.edits import EditChange, EditChanges, changed, missing_quarters
from corpus.model import Edit, Setting, Source, SourceKind
from corpus.rows import to_number
from corpus.schema import IN_FORCE, UNKNOWN
from corpus.shelf import Shelf
from tests.corpus.small import Row, day, made, source

Q4 = (date(2024, 10, 1), date(2024, 12, 31))
Q1 = (date(2025, 1, 1), date(2025, 3, 31))
LATER = date(2026, 1, 1)
WHOLE = Source(1, "ptp/practitioner/2024Q3", SourceKind.PTP, "Edits", "CMS", "2024Q3", Setting.PRACTITIONER, date(2024, 7, 1), date(2024, 9, 30))


def listed(quarter: tuple[date, date], series: str = "additions", id: int = 2) -> Source:
    release = f"{quarter[0].year}Q{(quarter[0].month + 2) // 3}"
    key = f"ptp-changes/practitioner/{series}/{release}"
    return Source(id, key, SourceKind.PTP_CHANGES, "Changes", "CMS", release, Setting.PRACTITIONER, *quarter, series=series)


def edit(effective: str | None = "2020-01-01", deleted: str | None = None, indicator: int = 1, pair: str = "20610/99213", of: Source = WHOLE) -> Edit:
    one, two = pair.split("/")
    begin, end = (day(text) if text else None for text in (effective, deleted))
    return Edit(one, two, Setting.PRACTITIONER, begin, end, indicator, "Invented", of)


def change(
    action: str, effective: str | None = None, deleted: str | None = None, indicator: int | None = 1, quarter: tuple[date, date] = Q1,
    pair: str = "20610/99213",
) -> EditChange:  # fmt: skip
    one, two = pair.split("/")
    begin, end = (day(text) if text else None for text in (effective, deleted))
    return EditChange(one, two, Setting.PRACTITIONER, action, begin, end, indicator, "", listed(quarter))


def told(edits: list[Edit]) -> list[tuple[str | None, str | None, int]]:
    """First day, last day, indicator."""
    return [(str(e.effective) if e.effective else None, str(e.deleted) if e.deleted else None, e.indicator) for e in edits]


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        ([], [change("added", "2025-01-01")], [("2025-01-01", None, 1)]),
        ([], [change("added")], [("2025-01-01", None, 1)]),  # the quarter gives the day
        ([edit()], [change("added", "2025-01-01")], [("2020-01-01", None, 1)]),  # the release has it
        ([edit(indicator=0)], [change("added", "2025-01-01")], [("2025-01-01", None, 1), ("2020-01-01", "2024-12-31", 0)]),
        (
            [edit(deleted="2023-12-31")],
            [change("added", "2025-01-01", indicator=0)],
            [("2025-01-01", None, 0), ("2020-01-01", "2023-12-31", 1)],
        ),
        ([edit()], [change("deleted", deleted="2024-12-31")], [("2020-01-01", "2024-12-31", 1)]),
        ([edit()], [change("deleted", indicator=None)], [("2020-01-01", "2024-12-31", 1)]),
        ([edit()], [change("deleted", deleted="2023-03-31")], [("2020-01-01", "2023-03-31", 1)]),  # in retrospect
        ([edit()], [change("deleted", deleted="2020-01-01", indicator=9)], [("2020-01-01", "2020-01-01", 9)]),  # it never held
        ([edit()], [change("deleted", deleted="2020-01-01", indicator=None)], [("2020-01-01", "2020-01-01", 9)]),
        ([edit(None)], [change("deleted", deleted="2024-12-31")], [(None, "2024-12-31", 1)]),
        ([edit(deleted="2022-12-31")], [change("deleted", deleted="2024-12-31")], [("2020-01-01", "2022-12-31", 1)]),  # has ended already
        ([], [change("deleted", deleted="2024-12-31")], []),
        ([edit()], [change("revised", "2025-01-01", indicator=0)], [("2025-01-01", None, 0), ("2020-01-01", "2024-12-31", 1)]),
        ([edit()], [change("revised", "2020-01-01", indicator=0)], [("2020-01-01", None, 0), ("2020-01-01", "2020-01-01", 9)]),  # from the start
        ([edit()], [change("revised", indicator=1)], [("2020-01-01", None, 1)]),  # the release has it
        ([edit()], [change("added", pair="99213/20610")], [("2020-01-01", None, 1), ("2025-01-01", None, 1)]),  # the other way round
        (
            [edit()],
            [change("added", indicator=0), change("deleted", deleted="2024-12-31")],  # deletions come first in a quarter
            [("2025-01-01", None, 0), ("2020-01-01", "2024-12-31", 1)],
        ),
        (
            [edit()],
            [change("added", "2025-01-01"), change("deleted", deleted="2024-09-30", quarter=Q4)],  # whatever order they are given in
            [("2025-01-01", None, 1), ("2020-01-01", "2024-09-30", 1)],
        ),
    ],
)
def test_a_release_brought_forward(before: list[Edit], changes: list[EditChange], after: list[tuple[str | None, str | None, int]]) -> None:
    found = changed(before, changes, LATER)
    assert sorted(told(found), key=str) == sorted(after, key=str)
    pairs = [e for e in found if (e.column1, e.column2) == ("20610", "99213")]
    assert [e.deleted or date.max for e in pairs] == sorted((e.deleted or date.max for e in pairs), reverse=True)  # newest first


def test_changes_of_a_quarter_that_had_not_begun_are_left_out() -> None:
    changes = [change("deleted", deleted="2024-12-31"), change("added", "2024-10-01", pair="20611/99213", quarter=Q4)]
    assert told(changed([edit()], changes, date(2024, 9, 30))) == [("2020-01-01", None, 1)]
    assert len(changed([edit()], changes, date(2024, 12, 31))) == 2
    assert told(changed([edit()], changes[:1], date(2025, 1, 1))) == [("2020-01-01", "2024-12-31", 1)]


def test_an_interval_has_the_source_of_what_made_or_ended_it() -> None:
    old, kept, new = edit(), edit(pair="20611/99213"), change("revised", indicator=0)
    found = {(e.column1, e.indicator): e.source for e in changed([old, kept], [new], LATER)}
    assert found == {("20610", 1): new.source, ("20610", 0): new.source, ("20611", 1): WHOLE}


actions = st.builds(
    change,
    st.sampled_from(["added", "deleted", "revised"]),
    st.none(),
    st.none() | st.sampled_from(["2024-12-31", "2024-06-30", "2020-01-01"]),
    st.sampled_from([0, 1]),
    st.sampled_from([Q4, Q1]),
    st.sampled_from(["20610/99213", "20611/99213"]),
).filter(lambda c: c.action == "deleted" or c.deleted is None)
intervals = st.lists(st.builds(edit, st.sampled_from(["2020-01-01", "2021-01-01", None]), pair=st.sampled_from(["20610/99213", "20611/99213"])),
                     unique_by=lambda e: e.column1)  # fmt: skip


@given(intervals, st.lists(actions))
def test_no_pair_is_ever_in_force_twice_and_nothing_is_lost(before: list[Edit], changes: list[EditChange]) -> None:
    found = changed(before, changes, LATER)
    assert {(e.column1, e.column2) for e in before} <= {(e.column1, e.column2) for e in found}
    for on in (date(2024, 9, 30), date(2024, 10, 1), date(2024, 12, 31), date(2025, 1, 1), LATER):
        pairs = [e.column1 for e in found if e.in_force(on)]
        assert len(pairs) == len(set(pairs))


@given(intervals, st.lists(actions, max_size=1))
def test_a_change_that_is_known_does_no_harm(before: list[Edit], changes: list[EditChange]) -> None:
    once = changed(before, changes, LATER)
    assert told(changed(once, changes, LATER)) == told(once)


@pytest.mark.parametrize(
    ("loaded", "on", "missing"),
    [
        ([], date(2024, 9, 30), []),
        ([], date(2024, 10, 1), ["2024Q4"]),
        ([(Q4, "additions"), (Q4, "deletions")], date(2024, 12, 31), ["2024Q4"]),
        ([(Q4, "additions"), (Q4, "deletions"), (Q4, "revisions")], date(2024, 12, 31), []),
        ([(Q1, "additions"), (Q1, "deletions"), (Q1, "revisions")], date(2025, 3, 31), ["2024Q4"]),
        ([], date(2025, 4, 1), ["2024Q4", "2025Q1", "2025Q2"]),
        ([], date(2020, 1, 1), []),
    ],
)
def test_quarters_of_which_a_list_is_missing(loaded: list[tuple[tuple[date, date], str]], on: date, missing: list[str]) -> None:
    assert missing_quarters(WHOLE, [listed(quarter, series) for quarter, series in loaded], on) == missing


def row(one: str, two: str, of: int, action: str = "added", **fields: Any) -> Row:
    blank = {"setting": 1, "effective": UNKNOWN, "deleted": IN_FORCE, "indicator": 1, "rationale": ""}
    return blank | {"column1": one, "column2": two, "source": of, "action": action} | fields


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    kind = SourceKind.PTP_CHANGES
    sources = [
        source(1, kind, "2025Q1", "2025-01-01", "2025-03-31", Setting.PRACTITIONER) | {"key": "a", "series": "additions"},
        source(2, kind, "2025Q2", "2025-04-01", "2025-06-30", Setting.PRACTITIONER) | {"key": "b", "series": "deletions"},
        source(3, kind, "2025Q1", "2025-01-01", "2025-03-31", Setting.FACILITY) | {"key": "c", "series": "additions"},
    ]
    rows = [
        row("20610", "99213", 2, "deleted", deleted=to_number(date(2025, 3, 31)), indicator=-1),
        row("20610", "99213", 1, effective=to_number(date(2025, 1, 1))),
        row("99213", "20610", 1),
        row("99213", "20611", 1),
        row("20610", "99213", 3, setting=2),
    ]
    return Shelf(made(tmp_path / "edition", source=sources, ptp_change=rows))


def test_changes_between_two_codes(shelf: Shelf) -> None:
    found = EditChanges(shelf).between("99213", "20610")
    assert [(c.column1, c.action, c.effective, c.deleted, c.indicator, c.source.release) for c in found] == [
        ("20610", "added", date(2025, 1, 1), None, 1, "2025Q1"),
        ("99213", "added", None, None, 1, "2025Q1"),
        ("20610", "deleted", None, date(2025, 3, 31), None, "2025Q2"),
    ]
    assert [c.source.key for c in EditChanges(shelf).between("20610", "99213", Setting.FACILITY)] == ["c"]
    assert EditChanges(shelf).between("20610", "20611") == []


@pytest.mark.parametrize(("on", "found"), [("2025-01-01", 3), ("2025-03-31", 3), ("2025-04-01", 1), ("2024-12-31", 0), ("2025-07-01", 0)])
def test_changes_of_a_code_in_a_quarter(shelf: Shelf, on: str, found: int) -> None:
    assert len(EditChanges(shelf).of("99213", day(on))) == found


def test_lists_that_are_loaded(shelf: Shelf) -> None:
    assert [s.key for s in EditChanges(shelf).quarters()] == ["a", "b"]
    assert [s.key for s in EditChanges(shelf).quarters(Setting.FACILITY)] == ["c"]
