"""Dates of service in text: what each wording stands for, and numbers that are no dates."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.dates import dates_in

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
