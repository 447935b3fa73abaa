"""What a release did to a code set: from addenda, from the dates of HCPCS rows, from comparing fee schedules. All codes are invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from corpus.codebook import Codebook
from corpus.model import SourceKind, System
from corpus.schema import IN_FORCE, hcpcs
from corpus.shelf import SHIPPED_FACTS
from tests.corpus.small import Row, code, fee, made, source

CM = System.ICD10CM
SOURCES = [
    source(1, SourceKind.ICD10CM_ADDENDA, "FY2023 codes", "2022-10-01", "2023-09-30") | {"series": "codes"},
    source(2, SourceKind.ICD10CM_ADDENDA, "FY2023", "2022-10-01", "2023-09-30") | {"series": "order"},
    source(3, SourceKind.ICD10CM_ADDENDA, "FY2024", "2023-10-01", "2024-09-30", file=SHIPPED_FACTS) | {"series": "order"},
    source(4, SourceKind.HCPCS, "2019", "2019-01-01", "2019-12-31"),
    source(5, SourceKind.HCPCS, "2024Q2", "2024-04-01", "2024-06-30"),
    source(6, SourceKind.FEE_SCHEDULE, "RVU23D", "2023-10-01", "2023-12-31"),
    source(7, SourceKind.FEE_SCHEDULE, "RVU24C", "2024-07-01", "2024-12-31"),
]


def change(name: str, id: int, position: int, action: str, before: str = "", after: str = "") -> Row:
    return {"system": CM, "code": name, "source": id, "position": position, "action": action, "before": before, "after": after}


def event(system: str, name: str, on: int, what: str, id: int) -> Row:
    return {"system": system, "code": name, "date": on, "event": what, "source": id, "text": "", "place": ""}


def listed(name: str, id: int, title: str, added: int, effective: int = 0, ended: int = IN_FORCE) -> Row:
    return {"system": "HCPCS", "code": name, "source": id, "title": title, "billable": 1, "parent": None, "kind": "code", "short": "",
            "added": added, "effective": effective, "ended": ended, "position": 1}  # fmt: skip


def details(name: str, id: int, action: str) -> Row:
    return dict.fromkeys((c.name for c in hcpcs.columns), "") | {"system": "HCPCS", "code": name, "source": id, "action": action}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Codebook]:
    rows = [
        (listed("A0001", 4, "Chair", 20190101), "A"), (listed("A0002", 4, "Bed", 20010101, 20190401), "C"),
        (listed("A0003", 4, "Cup", 20010101, 20181231, 20181231), "D"), (listed("A0004", 4, "Plate", 20010101), "N"),
        (listed("A0001", 5, "", 20190101), "N"), (listed("A0005", 5, "Spoon", 20190701), "N"),
    ]  # fmt: skip
    edition = made(
        tmp_path_factory.mktemp("changes"),
        source=SOURCES,
        code=[code(CM, "X10.9", "Newest title", source=2)],
        change=[
            change("X10.1", 1, 1, "added", after="One"), change("X10.1", 2, 1, "added", after="One"),
            change("X10", 2, 2, "not billable", "Ten", "Ten"), change("X10.2", 2, 3, "added", after="Two"), change("X10.2", 2, 4, "not billable"),
            change("X11", 2, 5, "deleted", "Eleven"), change("X12", 2, 6, "revised", "Old", "New"),
        ],
        event=[event(CM, "X10.9", 20231001, "added, not billable", 3),
               event("CPT", "99001", 20240701, "first seen", 7), event("CPT", "99002", 20231001, "last seen", 6),
               event("CPT", "99003", 20231001, "first seen", 6)],
        listing=[row for row, _ in rows],
        hcpcs=[details(row["code"], row["source"], action) for row, action in rows],
        fee=[fee("99001", 7, descriptor="New service"), fee("99002", 6, descriptor="Old service"), fee("99003", 6)],
    )  # fmt: skip
    found = Codebook(edition)
    yield found
    found.close()


def test_addenda_are_told_once_by_the_fuller_of_two(book: Codebook) -> None:
    found = book.changes.of(CM, date(2022, 10, 1), date(2023, 9, 30))
    assert [source.release for source in found.sources] == ["FY2023"]
    assert [(c.action, c.code, c.title, c.before) for c in found.changes] == [
        ("added", "X10.1", "One", ""),
        ("category added", "X10.2", "Two", ""),
        ("deleted", "X11", "Eleven", "Eleven"),
        ("became a category", "X10", "Ten", "Ten"),
        ("revised", "X12", "New", "Old"),
    ]
    assert {c.day for c in found.changes} == {date(2022, 10, 1)}
    assert book.changes.newest(CM) == date(2023, 10, 1)


def test_shipped_facts_take_their_titles_from_the_newest_list(book: Codebook) -> None:
    (found,) = book.changes.of(CM, date(2023, 10, 1), date(2023, 10, 1)).changes
    assert (found.code, found.action, found.title) == ("X10.9", "category added", "Newest title")


def test_days_that_no_addenda_tell_of(book: Codebook) -> None:
    found = book.changes.of(CM, date(2024, 10, 1), date(2025, 9, 30))
    assert (found.changes, found.sources) == ((), ())
    assert {source.release for source in found.others} == {"FY2023 codes", "FY2023", "FY2024"}


def test_hcpcs_rows_tell_their_days(book: Codebook) -> None:
    found = book.changes.of(System.HCPCS, date(2019, 1, 1), date(2019, 12, 31))
    assert [(c.action, c.code, c.title, c.day, c.note) for c in found.changes] == [
        ("added", "A0001", "Chair", date(2019, 1, 1), ""),
        ("added", "A0005", "Spoon", date(2019, 7, 1), ""),
        ("deleted", "A0003", "Cup", date(2019, 1, 1), ""),  # its last day was the one before
        ("revised", "A0002", "Bed", date(2019, 4, 1), "C"),
    ]
    assert found.changes[0].source.release == "2019"  # which words it; the later one has no title
    assert book.changes.of(System.HCPCS, date(2024, 1, 1), date(2024, 12, 31)).until == date(2024, 6, 30)
    assert book.changes.of(System.HCPCS, date(2026, 1, 1), date(2026, 12, 31)).sources == ()


def test_fee_schedules_are_compared(book: Codebook) -> None:
    found = book.changes.of(System.CPT, date(2024, 1, 1), date(2024, 12, 31))
    assert [(c.action, c.code, c.title) for c in found.changes] == [("added", "99001", "New service"), ("deleted", "99002", "Old service")]
    assert {(c.first, c.day) for c in found.changes} == {(date(2023, 10, 1), date(2024, 7, 1))}
    assert book.changes.of(System.CPT, date(2024, 1, 1), date(2024, 1, 1)).changes == found.changes  # some day between the two
    assert book.changes.of(System.CPT, date(2023, 1, 1), date(2023, 12, 31)).sources == ()  # nothing before the first to compare with
