from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.model import Setting, Source, SourceKind
from corpus.shelf import INCOMPLETE, SHIPPED_FACTS
from ingest import calendar
from ingest.calendar import RHYTHMS, outdated
from ingest.fetching.catalogue import NAMES
from ingest.readers import guidelines

TODAY = date(2026, 11, 22)
DAYS = st.dates(date(2015, 1, 1), date(2039, 12, 31))


def source(
    kind: SourceKind, start: str | None, release: str = "old", series: str | None = None, setting: Setting | None = None, end: str = ""
) -> Source:
    first, last = date.fromisoformat(start) if start else None, date.fromisoformat(end) if end else None
    return Source(1, f"{kind}/{release}", kind, f"Invented {kind}", "Nobody", release, setting, first, last, series=series)


K = SourceKind


@pytest.mark.parametrize(
    ("loaded", "today", "due", "since"),
    [
        (source(K.FEE_SCHEDULE, "2026-07-01", "RVU26C"), "2026-11-22", "RVU26D", "2026-10-01"),
        (source(K.FEE_SCHEDULE, "2026-07-01", "RVU26C"), "2026-09-30", None, None),
        (source(K.FEE_SCHEDULE, "2026-07-01", "RVU26C"), "2026-10-01", "RVU26D", "2026-10-01"),
        (source(K.FEE_SCHEDULE, "2025-10-01", "RVU25D"), "2026-01-01", "RVU26A", "2026-01-01"),
        (source(K.FEE_SCHEDULE, "2027-01-01", "RVU27A"), "2026-11-22", None, None),  # loaded before it begins
        (source(K.PTP, "2024-07-01", "2024Q3"), "2026-11-22", "2026Q4", "2026-10-01"),
        (source(K.MUE, "2026-10-01", "2026Q4"), "2026-12-31", None, None),
        (source(K.ADD_ON, "2026-07-01", "2026Q3"), "2026-11-22", "2026Q4", "2026-10-01"),
        (source(K.HCPCS, "2019-01-01", "2019"), "2026-02-28", "2026Q1", "2026-01-01"),
        (source(K.OPPS, "2026-04-01"), "2026-06-30", None, None),
        (source(K.ASC, "2026-04-01", series="AA"), "2026-07-01", "2026Q3", "2026-07-01"),
        (source(K.ICD10CM, "2026-04-01"), "2026-09-30", None, None),
        (source(K.ICD10CM, "2026-04-01"), "2026-10-01", "FY2027", "2026-10-01"),
        (source(K.ICD10CM, "2025-10-01"), "2026-04-01", "April 1, 2026", "2026-04-01"),
        (source(K.ICD10CM, "2025-10-01"), "2026-03-31", None, None),
        (source(K.ICD10PCS, "2025-10-01"), "2026-11-22", "FY2027", "2026-10-01"),
        (source(K.POA_EXEMPT, "2025-10-01"), "2026-04-01", None, None),  # by fiscal year only
        (source(K.GPCI, "2026-01-01"), "2026-12-31", None, None),
        (source(K.GPCI, "2026-01-01"), "2027-01-01", "2027", "2027-01-01"),
        (source(K.CCSR, "2025-10-01", series="diagnoses"), "2026-11-22", "FY2027", "2026-10-01"),
        (source(K.HCC, "2025-01-01", "PY2026"), "2026-11-22", "PY2027", "2026-01-01"),
        (source(K.MANUAL, "2025-10-01", series="icd10cm-guidelines"), "2026-11-22", "FY2027", "2026-10-01"),
        (source(K.MANUAL, "2025-01-01", series="ncci-policy-manual-iv"), "2026-11-22", "2026", "2026-01-01"),
        (source(K.MANUAL, "2020-01-01", series="clm104-12"), "2026-11-22", None, None),  # changes when it changes
        (source(K.COVERAGE, "2026-11-01", series="lcds", end="2026-11-08"), "2026-11-22", "a newer weekly export", "2026-11-09"),
        (source(K.COVERAGE, "2026-11-01", series="lcds", end="2026-11-08"), "2026-11-08", None, None),
        (source(K.COVERAGE, "2020-01-01", series="merged", end="2020-06-30"), "2026-11-22", None, None),  # made once, by somebody else
        (source(K.GEM, "2017-10-01"), "2026-11-22", None, None),  # closed
        (source(K.PUBLICATION, "2020-01-01"), "2026-11-22", None, None),
        (source(K.SHIPPED, None), "2026-11-22", None, None),
    ],
)  # fmt: skip
def test_what_is_due(loaded: Source, today: str, due: str | None, since: str | None) -> None:
    found = outdated([loaded], date.fromisoformat(today))
    assert [(item.due, item.since.isoformat()) for item in found] == ([(due, since)] if due else [])


def test_only_the_newest_of_a_publication_counts() -> None:
    loaded = [source(K.MUE, day, day, setting=setting) for setting in (Setting.PRACTITIONER, Setting.DME) for day in ("2026-07-01", "2024-04-01")]
    assert [item.source.setting for item in outdated([*loaded, source(K.MUE, "2026-10-01", setting=Setting.DME)], TODAY)] == [Setting.PRACTITIONER]


def test_series_that_stand_for_their_kind_and_those_that_do_not() -> None:
    codes, order = source(K.ICD10CM_LIST, "2023-10-01", series="codes"), source(K.ICD10CM_LIST, "2026-10-01", series="order")
    assert outdated([codes, order], TODAY) == []
    aa, bb = source(K.ASC, "2026-07-01", series="AA"), source(K.ASC, "2026-10-01", series="BB")
    assert [item.source for item in outdated([aa, bb], TODAY)] == [aa]


def test_a_publication_is_judged_by_its_newest_whole_release() -> None:
    whole = source(K.MUE, "2026-04-01", "2026Q2", setting=Setting.PRACTITIONER)
    part = replace(source(K.MUE, "2026-10-01", "2026Q4", setting=Setting.PRACTITIONER), file=f"mue.excerpt.csv{INCOMPLETE}")
    for loaded in ([whole, part], [part, whole]):
        (found,) = outdated(loaded, TODAY)
        assert (found.source, found.part) == (whole, part)
        assert "2026Q2: 2026Q4 is due since 2026-10-01 (of 2026Q4 only a part is loaded): python" in str(found)
    older = replace(part, valid_from=date(2026, 1, 1))
    assert [item.part for item in outdated([older, whole], TODAY)] == [None]
    assert outdated([part, replace(whole, valid_from=date(2026, 10, 1))], TODAY) == []


def test_a_release_that_is_not_whole_is_named_as_such_where_no_whole_one_is_loaded() -> None:
    part = replace(source(K.MUE, "2026-10-01", "2026Q4"), file=f"one of four.txt{INCOMPLETE}")
    (found,) = outdated([part], TODAY)
    assert "2026Q4 (only a part is loaded): 2026Q4 is due since 2026-10-01: " in str(found)
    shipped = replace(source(K.MUE, "2026-07-01", "2026Q3"), file=SHIPPED_FACTS)
    (found,) = outdated([shipped], TODAY)
    assert "2026Q3 (only shipped facts): 2026Q4 is due" in str(found)
    assert outdated([replace(shipped, valid_from=date(2026, 10, 1))], TODAY) == []


def test_it_is_said_with_what_to_do() -> None:
    (found,) = outdated([source(K.FEE_SCHEDULE, "2026-07-01", "RVU26C")], TODAY)
    assert str(found) == "Invented fee-schedule, RVU26C: RVU26D is due since 2026-10-01: python -m ingest fetch pfs"
    (found,) = outdated([source(K.DESCRIPTORS, "2025-01-01", "2025")], TODAY)
    assert str(found).endswith("get the newer one from its publisher")


def test_what_is_to_be_fetched_can_be() -> None:
    assert {fetch for _, fetch in RHYTHMS.values()} - {""} <= set(NAMES)
    assert guidelines.SERIES == calendar.GUIDELINES


@given(st.sampled_from(sorted(RHYTHMS)), DAYS, DAYS)
def test_a_release_is_due_from_its_first_day_until_the_next(kind: SourceKind, day: date, other: date) -> None:
    rhythm = RHYTHMS[kind][0]
    name, start = rhythm(day)
    assert start <= day < start + timedelta(days=367)
    assert rhythm(start) == (name, start)
    assert (rhythm(other)[0] == name) == (rhythm(other)[1] == start)
    held = source(kind, start.isoformat())
    late = outdated([held], other)
    assert bool(late) == (rhythm(other)[1] > start)
