from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.phi import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("SSN 123-45-6789 on file", "SSN [SSN] on file"),
        ("ssn: 123456789", "ssn: [SSN]"),
        ("call (555) 123-4567 now", "call [PHONE] now"),
        ("555-123-4567", "[PHONE]"),
        ("+1 555.123.4567", "[PHONE]"),
        ("mail jane.doe+x@mail.example.org.", "mail [EMAIL]."),
        ("MRN 00123", "MRN [MRN]"),
        ("mrn: A12-3456 seen", "mrn: [MRN] seen"),
        ("chart 12345678", "chart [MRN]"),
        ("DOB 3/4/1961", "DOB [DATE OF BIRTH]"),
        ("dob: 1961-03-04, 99213", "dob: [DATE OF BIRTH], 99213"),
        ("Date of birth was March 4, 1961", "Date of birth was [DATE OF BIRTH]"),
        ("born 4 March 1961", "born [DATE OF BIRTH]"),
        ("Mr. Smith had 63042", "Mr. [NAME] had 63042"),
        ("mrs smith had 63042", "mrs [NAME] had 63042"),
        ("patient John Q. Public, 99213", "patient [NAME], 99213"),
        ("Patient Mary-Ann O'Neil", "Patient [NAME]"),
        ("patient name is john, 20610", "patient name is [NAME], 20610"),
    ],
)
def test_identifiers_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "What is CPT code 63044?",
        "Can I bill 99213-25 with 20610-RT on 2026-03-04?",  # a date of service is not a date of birth
        "63042, 63043 63044 99213 20610",  # five digits each, in a row
        "ICD-10-PCS 0016070 and 3E03317",  # seven digits that are a code
        "M54.16 E11.9 S72.001A",
        "J1100 G2212 0001F 0042T",
        "new patient or established patient with Medicare",
        "patient Medicare coverage",  # a capital letter that is no name
        "the patient is 65 years old",
        "born alive",
        "MRN is missing",
        "conversion factor 33.4009, 150 %, $1,234.56",
        "",
    ],
)
def test_questions_about_coding_stay(text: str) -> None:
    assert mask(text) == text


@given(st.text())
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


@given(st.from_regex(r"[0-9]{3}-[0-9]{2}-[0-9]{4}", fullmatch=True), st.sampled_from(["", "SSN ", "99213 for ", "("]))
def test_no_social_security_number_survives(number: str, before: str) -> None:
    assert number not in mask(f"{before}{number}")
