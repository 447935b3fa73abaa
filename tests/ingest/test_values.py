from __future__ import annotations

from pathlib import Path

import pytest

from ingest.readers import values
from ingest.readers.base import OfficialFile, ReadError

FILE = OfficialFile(Path("x.csv"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        ("  ", None),
        ("0", 0.0),
        (".00", 0.0),
        ("1.", 1.0),
        ("33.887199999999", 33.8872),
        ("$1,234.50 ", 1234.5),
        ("12,345,678", 12345678.0),
    ],
)
def test_amounts(text: str, found: float | None) -> None:
    assert values.amount(text, FILE, 1, "rate") == found


@pytest.mark.parametrize("text", ["-1", "1,23", "1e5", "nan", "inf", "1_000", "$", ".", "1.2.3", "\N{ARABIC-INDIC DIGIT TWO}", "12 34", "1,2345"])
def test_what_is_no_amount_is_an_error(text: str) -> None:
    with pytest.raises(ReadError, match=r"^x\.csv:7: rate .* is not a number$"):
        values.amount(text, FILE, 7, "rate")


@pytest.mark.parametrize(("text", "found"), [("5", "05"), (" 05 ", "05"), ("99", "99")])
def test_digits_get_their_zeros_back(text: str, found: str) -> None:
    assert values.digits(text, 2, FILE, 1, "locality") == found


@pytest.mark.parametrize("text", ["", "100", "1.0", "A1", "²", "-1"])
def test_what_is_no_number_of_the_width_is_an_error(text: str) -> None:
    with pytest.raises(ReadError, match="wanted up to 2 digits"):
        values.digits(text, 2, FILE, 1, "locality")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("rvu25d.csv", (2025, "D")),
        ("RVU25AR.csv", (2025, "A")),
        ("PPRRVU2025_Oct.txt", (2025, "D")),
        ("PPRRVU24_JAN.txt", (2024, "A")),
        ("PPRRVU24_APR.txt", (2024, "B")),
        ("OPPSCAP_Jul 2026.csv", (2026, "C")),
        ("rvu23b/PPRRVU.txt", (2023, "B")),
        ("OPPSCAP_Oct.csv", None),
        ("2025.csv", None),
        ("projection2025.csv", None),
    ],
)
def test_the_release_of_a_fee_schedule_in_names(path: str, found: tuple[int, str] | None) -> None:
    assert values.rvu_release(OfficialFile(Path("/nothing") / path)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("addendum_b_2026-07.csv", "2026Q3"),
        ("January 2024 Web Addendum B.11302023", "2024Q1"),
        ("2024_July_Web_Addendum_B.07092024", "2024Q3"),
        ("october-2025-opps.zip", "2025Q4"),
        ("2026-02.csv", None),
        ("May 2026", None),
        ("2026", None),
        ("project 2026", None),
    ],
)
def test_a_quarter_in_a_text(text: str, found: str | None) -> None:
    quarter = values.quarter_named(text)
    assert (quarter[0] if quarter else None) == found


@pytest.mark.parametrize(("text", "found"), [("x_QPP.csv", True), ("x_nonQPP.csv", False), ("x_non-QPP.csv", False), ("x.csv", None)])
def test_the_file_of_qualifying_participants_by_its_name(text: str, found: bool | None) -> None:
    assert values.qpp_named(text) is found


def test_a_label_that_stands_twice_is_an_error() -> None:
    with pytest.raises(ReadError, match=r"^x\.csv:3: several columns"):
        values.column(["RATE", "RATE"], "^RATE$", FILE, 3)
