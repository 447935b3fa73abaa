"""The date of service that a text names.

A day stands as said; a month or quarter for its first day; a federal fiscal year for its first day, October 1 of the year
before (the ICD-10 code sets change on it); "before 2021" for the last day before it, "after 2021" for the first day behind
it. A past year alone stands for December 31, when all its releases are in force (fee schedules are loaded by their last
release of a year), the current year for today, a future year for January 1. No date in the text is None, not today.
"""

from __future__ import annotations

import re
from calendar import month_name, monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
YEAR = r"(?P<year>(?:19[89]|20[0-4])\d)"
NO_COUNT = r"(?!\s*(?:mg|mcg|ml|iu|units?|dollars|patients|claims|hours)\b)"
DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
BEGIN, END = r"(?<![\w$/.-])", r"(?![\w%]|[/-]\d|[.,]\d)"
BIRTH = re.compile(r"(?:dob|born|birth|birthday)\W*(?:on|is|of|in)?\W*$", re.IGNORECASE)


class Said(NamedTuple):
    """A date and the place of the words that name it."""

    date: date
    start: int
    end: int


class NoDate(NamedTuple):
    """Words that have the form of a date and name no day, and why not, as the end of a sentence."""

    words: str
    why: str
    start: int
    end: int


def _day(match: re.Match[str], _: date) -> date:
    return date(*_parts(match))


def _parts(match: re.Match[str]) -> tuple[int, int, int]:
    groups = match.groupdict()
    month = int(groups["m"]) if groups.get("m") else _month(groups["month"])
    return _year(match["year"]), month, int(groups.get("d") or 1)


def _year(text: str) -> int:
    return int(text) + 2000 if len(text) == 2 else int(text)


def _month(text: str) -> int:
    return MONTHS.index(text[:3].lower()) + 1


def _whole_year(year: int, today: date) -> date:
    if year == today.year:
        return today
    return date(year, 12, 31) if year < today.year else date(year, 1, 1)


def _recent(month: int, day: int, today: date) -> date:
    """The last such day that is not after today; February 29 is one of a leap year."""
    if 1 <= month <= 12 and 1 <= day <= monthrange(2000, month)[1]:
        years = (year for year in range(today.year, today.year - 9, -1) if day <= monthrange(year, month)[1])
        return next(found for year in years if (found := date(year, month, day)) <= today)
    raise ValueError(f"month {month} has no day {day}")


def _relative(match: re.Match[str], today: date) -> date:
    word, unit = match["word"].lower(), match["unit"].lower()
    step = {"last": -1, "previous": -1, "this": 0, "next": 1}[word]
    if unit == "year":
        return _whole_year(today.year + step, today)
    months = today.year * 12 + today.month - 1 + step * (3 if unit == "quarter" else 1)
    if unit == "quarter":
        months -= months % 3
    return date(months // 12, months % 12 + 1, 1)


def _fiscal(match: re.Match[str], _: date) -> date:
    return date(_year(match["year"]) - 1, 10, 1)


Reader = Callable[[re.Match[str], date], date]

# In order: what a row matches is not read again by the rows below it.
PATTERNS: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(BEGIN + pattern + END, re.IGNORECASE), reader)
    for pattern, reader in (
        (rf"(?:before|prior\s+to)\s+(?:{MONTH}\s+)?{YEAR}{NO_COUNT}", lambda m, _: _before(m)),
        (rf"after\s+{YEAR}{NO_COUNT}", lambda m, _: date(int(m["year"]) + 1, 1, 1)),
        (r"(?P<year>\d{4})-(?P<m>\d\d?)-(?P<d>\d\d?)", _day),
        (r"(?P<m>\d\d?)[/-](?P<d>\d\d?)[/-](?P<year>\d{4}|\d\d)", _day),
        (rf"{MONTH}\s+(?P<d>\d\d?)(?:st|nd|rd|th)?,?\s+{YEAR}", _day),
        (rf"(?P<d>\d\d?)(?:st|nd|rd|th)?\s+(?:of\s+)?{MONTH},?\s+{YEAR}", _day),
        (rf"{MONTH},?\s+(?:of\s+)?{YEAR}", _day),
        (rf"{YEAR}-(?P<m>\d\d)", _day),
        (rf"(?P<m>\d\d?)/{YEAR}", _day),
        (rf"(?:q(?P<q>[1-4])|(?P<q2>[1-4])(?:st|nd|rd|th)\s+quarter)(?:\s+of)?,?\s*{YEAR}", lambda m, _: _quarter(m)),
        (rf"{YEAR}\s?q(?P<q>[1-4])", lambda m, _: _quarter(m)),
        (r"(?:fy|fiscal\s+year)\s*'?(?P<year>20\d\d|\d\d)", _fiscal),
        (rf"(?:cy|calendar\s+year)\s*{YEAR}", lambda m, today: _whole_year(int(m["year"]), today)),
        (r"(?P<word>last|previous|this|next)\s+(?P<unit>year|month|quarter)", _relative),
        (rf"(?:in|since|during|last|from)\s+{MONTH}(?!\s+(?:i|we|it|they)\b)", lambda m, today: _recent(_month(m["month"]), 1, today)),
        (r"(?:on|dos|date of service)\s*:?\s*(?P<m>\d\d?)/(?P<d>\d\d?)", lambda m, today: _recent(int(m["m"]), int(m["d"]), today)),
        (r"(?P<word>today|yesterday|tomorrow)", lambda m, today: today + timedelta(DAYS[m["word"].lower()])),
        (rf"{YEAR}{NO_COUNT}", lambda m, today: _whole_year(int(m["year"]), today)),
    )
)  # fmt: skip


def _before(match: re.Match[str]) -> date:
    return date(int(match["year"]), _month(match["month"] or "jan"), 1) - timedelta(1)


def _quarter(match: re.Match[str]) -> date:
    groups = match.groupdict()
    return date(int(match["year"]), int(groups.get("q") or groups["q2"]) * 3 - 2, 1)


def dates_in(flat: str, today: date) -> list[Said]:
    """The dates of a flattened text in order of their places; impossible ones and dates of birth are left out."""
    return sorted((said for said in _read(flat, today) if isinstance(said, Said)), key=lambda said: said.start)


def no_dates_in(flat: str, today: date) -> list[NoDate]:
    """What a flattened text means as a date though there is no such day, in order of the places: February 30, month 13."""
    return sorted((said for said in _read(flat, today) if isinstance(said, NoDate)), key=lambda said: said.start)


FISCAL_NAMED, QUARTER_NAMED = re.compile(r"\b(?:fy|fiscal)", re.IGNORECASE), re.compile(r"q[1-4]|quarter", re.IGNORECASE)
YEAR_NAMED = re.compile(r"\W*(?:cy|calendar year)?\W*\d{4}|(?:last|previous|this|next) year", re.IGNORECASE)
MONTH_NAMED = re.compile(rf"(?:in|since|during|last|from)?\s*{MONTH},?\s*(?:of\s+)?(?:\d{{4}})?|\d{{4}}-\d\d|\d\d?/\d{{4}}|\w+ month", re.IGNORECASE)


def span_in(flat: str, today: date) -> tuple[date, date] | None:
    """The first and last day that the first date of a text covers: a fiscal year, a year, a quarter, a month, or the day itself."""
    said = next(iter(dates_in(flat, today)), None)
    if said is None:
        return None
    words, start = flat[said.start : said.end].strip(), said.date
    if FISCAL_NAMED.match(words):
        return start, date(start.year + 1, 9, 30)
    if YEAR_NAMED.fullmatch(words):
        return date(start.year, 1, 1), date(start.year, 12, 31)
    months = 3 if QUARTER_NAMED.search(words) else 1 if MONTH_NAMED.fullmatch(words) else 0
    number = start.year * 12 + start.month - 1 + months
    return (start, date(number // 12, number % 12 + 1, 1) - timedelta(1)) if months else (start, start)


def places_in(flat: str, today: date) -> list[tuple[int, int]]:
    """Where dates, and what is meant as one, begin and end, in order."""
    return sorted((said.start, said.end) for said in _read(flat, today))


def _read(flat: str, today: date) -> Iterator[Said | NoDate]:
    rest = flat
    for pattern, reader in PATTERNS:
        for match in pattern.finditer(rest):
            rest = rest[: match.start()] + " " * (match.end() - match.start()) + rest[match.end() :]
            if BIRTH.search(flat[max(0, match.start() - 20) : match.start()]):
                continue
            try:
                yield Said(reader(match, today), match.start(), match.end())
            except ValueError:  # February 30
                if _is_meant(match):
                    yield NoDate(match.group(), _why_not(match), match.start(), match.end())


def _is_meant(match: re.Match[str]) -> bool:
    """Whether numbers that are no day were meant as one: with a year, or as month and day; not "70/30 insulin", not "2023-24"."""
    groups = match.groupdict()
    if groups.get("year") is None:
        return 1 <= int(match["m"]) <= 12 and int(match["d"]) <= 31
    year, month, _ = _parts(match)
    if not groups.get("d"):
        return month != year % 100 + 1
    return 1900 <= year < 2100 and (len(match["year"]) == 4 or "/" in match.group())


def _why_not(match: re.Match[str]) -> str:
    """Why there is no such day, and the day that is meant where month and day are swapped."""
    groups = match.groupdict()
    year, month, day = _parts(match) if groups.get("year") else (2000, int(match["m"]), int(match["d"]))
    if 1 <= month <= 12:
        which = f"{month_name[month]} {year}" if groups.get("year") and month == 2 else month_name[month]
        return f"{which} has {monthrange(year, month)[1]} days"
    month_first = groups.get("year") and groups.get("d") and match.start("m") < match.start("year")
    if month_first and 1 <= day <= 12 and 1 <= month <= monthrange(year, day)[1]:
        return f"there is no month {month}; {date(year, day, month).isoformat()} is written {day}/{month}/{year}"
    return f"there is no month {month}"
