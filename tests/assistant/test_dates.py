"""Dates of service in text: what each wording stands for, and numbers that are no dates."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.dates import dates_in, no_dates_in, span_in

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("63044 on 3/15/2023", date(2023, 3, 15)),
        ("63044 on 3/15/23", date(2023, 3, 15)),
        ("2022-05-01", date(2022, 5, 1)),
        ("March 3rd, 2024", date(2024, 3, 3)),
        ("3 March 2024", date(2024, 3, 3)),
        ("in March 2024", date(2024, 3, 1)),
        ("03/2024", date(2024, 3, 1)),
        ("as of Q2 2025", date(2025, 4, 1)),
        ("2nd quarter 2025", date(2025, 4, 1)),
        ("FY2024", date(2023, 10, 1)),
        ("fiscal year 24", date(2023, 10, 1)),
        ("in 2020", date(2020, 12, 31)),
        ("in 2030", date(2030, 1, 1)),
        ("next year", date(2027, 1, 1)),
        ("this year", TODAY),
        ("in 2026", TODAY),
        ("last year", date(2025, 12, 31)),
        ("last month", date(2026, 10, 1)),
        ("in December", date(2025, 12, 1)),  # the last one, today is in November
        ("before 2021", date(2020, 12, 31)),
        ("prior to March 2021", date(2021, 2, 28)),
        ("after 2021", date(2022, 1, 1)),
        ("before 2021 mg", None),
        ("yesterday", date(2026, 11, 21)),
        ("on 3/15", date(2026, 3, 15)),
        ("2/30/2024", None),
        ("born 3/4/1950", None),
        ("on 2/29", date(2024, 2, 29)),  # the last one
        ("May I bill 63044", None),
        ("2000 mg", None),
        ("99213-2024x", None),
        ("$2020", None),
        ("63044", None),
    ],
)
def test_dates(text: str, expected: date | None) -> None:
    assert [said.date for said in dates_in(text, TODAY)] == ([expected] if expected else [])


def test_dates_stand_in_the_order_of_the_text() -> None:
    text = "in 2020, on 3/15/2023 and in March 2021"
    found = dates_in(text, TODAY)
    assert [said.date for said in found] == [date(2020, 12, 31), date(2023, 3, 15), date(2021, 3, 1)]
    assert [text[said.start : said.end] for said in found] == ["2020", "3/15/2023", "in March 2021"[3:]]


@pytest.mark.parametrize(
    ("text", "words", "why"),
    [
        ("63044 on 02/30/2024", "02/30/2024", "February 2024 has 29 days"),
        ("63044 on 2/29/23", "2/29/23", "February 2023 has 28 days"),
        ("valid on 2024-13-01?", "2024-13-01", "there is no month 13"),
        ("as of 2024-00-10", "2024-00-10", "there is no month 0"),
        ("15/03/2024", "15/03/2024", "there is no month 15; 2024-03-15 is written 3/15/2024"),
        ("April 31, 2024", "April 31, 2024", "April has 30 days"),
        ("31st of June 2025", "31st of June 2025", "June has 30 days"),
        ("13/2024", "13/2024", "there is no month 13"),
        ("2024-19", "2024-19", "there is no month 19"),
        ("dos 4/31", "dos 4/31", "April has 30 days"),
    ],
)
def test_what_is_meant_as_a_date_and_is_none(text: str, words: str, why: str) -> None:
    assert dates_in(text, TODAY) == []
    assert [(found.words, found.why) for found in no_dates_in(text, TODAY)] == [(words, why)]


@pytest.mark.parametrize(
    "text",
    ["on 70/30 insulin", "flu vaccine 2023-24", "99-45-12", "born 2/30/1950", "CAS 9004-50-8", "02/29/2024", "63044", "BP 120/80 in 2024"],
)
def test_numbers_that_nobody_means_as_a_date(text: str) -> None:
    assert no_dates_in(text, TODAY) == []


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("new in FY2023", date(2022, 10, 1), date(2023, 9, 30)),
        ("new in fiscal year 23", date(2022, 10, 1), date(2023, 9, 30)),
        ("HCPCS 2019", date(2019, 1, 1), date(2019, 12, 31)),
        ("this year", date(2026, 1, 1), date(2026, 12, 31)),
        ("Q4 2025", date(2025, 10, 1), date(2025, 12, 31)),
        ("2nd quarter of 2025", date(2025, 4, 1), date(2025, 6, 30)),
        ("April 2026", date(2026, 4, 1), date(2026, 4, 30)),
        ("12/2025", date(2025, 12, 1), date(2025, 12, 31)),
        ("in October", date(2026, 10, 1), date(2026, 10, 31)),
        ("last month", date(2026, 10, 1), date(2026, 10, 31)),
        ("on October 1, 2022", date(2022, 10, 1), date(2022, 10, 1)),
        ("2022-10-01", date(2022, 10, 1), date(2022, 10, 1)),
        ("today", TODAY, TODAY),
    ],
)
def test_the_days_that_a_date_covers(text: str, first: date, last: date) -> None:
    assert span_in(text, TODAY) == (first, last)


def test_no_date_covers_no_days() -> None:
    assert span_in("what is new", TODAY) is None
