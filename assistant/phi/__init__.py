"""Redaction of identifiers in typed text.

`mask` is the floor that everything kept on disk passes: HIPAA's identifiers that have a shape of their own
(45 CFR 164.514(b)(2)(i)): names after a title, telephone, e-mail, Social Security and record numbers, dates of birth.
It would rather mask a word too many than keep a name; medical codes are at most seven characters and stay.
"""

from __future__ import annotations

import re

_WORD = r"[A-Z][\w'’-]+"
_NAME = rf"{_WORD}(?:\s+[A-Z]\.?(?=\s|$))?(?:\s+{_WORD}){{0,2}}"
_NOT_NAMES = r"(?!(?:Medicare|Medicaid|Protection|Safety|Status|Type|Class|Care|Is|Has|Was|With)\b)"
_NUMERIC_DATE = r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{2,4}|\d{8}"
_WORDED_DATE = r"[a-z]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}|\d{1,2}\s+[a-z]{3,9}\.?,?\s+\d{4}"
_RECORD = r"mrn|medical record(?: number| no\.?)?|account(?: number| no\.)|member id|mbi"

# (label, pattern); only group "phi" is replaced where a pattern has one, so the words that give the context stay.
_IDENTIFIERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("EMAIL", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("SSN", re.compile(r"(?<!\d)\d{3}[- ]\d{2}[- ]\d{4}(?!\d)")),
    ("SSN", re.compile(r"(?i)\b(?:ssn|social security(?: number)?)[\s:#]*(?P<phi>\d{9})\b")),
    ("PHONE", re.compile(r"(?<!\d)(?:\+?1[-. ]?)?(?:\(\d{3}\)\s?|\d{3}[-. ])\d{3}[-. ]\d{4}(?!\d)")),
    (
        "DATE OF BIRTH",
        re.compile(rf"(?i)\b(?:d\.?o\.?b\.?|date of birth|born(?: on)?)(?:\s+(?:is|was))?[\s:]*(?P<phi>{_NUMERIC_DATE}|{_WORDED_DATE})"),
    ),
    ("MRN", re.compile(rf"(?i)\b(?:{_RECORD})(?:\s+is)?[\s:#]*(?P<phi>(?=\w*\d)[\w-]{{4,}})")),
    # Seven digits that begin with 0 can be an ICD-10-PCS code.
    ("MRN", re.compile(r"(?<![\w.-])(?:\d{8,}|[1-9]\d{6})(?![\w-])")),
    (
        "NAME",
        re.compile(r"(?i:\b(?:patient|pt)(?:['’]s)?\s+(?:name|named|called)(?:\s+is)?)[\s:]+(?P<phi>[\w'’-]+(?:\s+[A-Z][\w'’-]+){0,2})"),
    ),
    ("NAME", re.compile(rf"\b(?i:patient|pt\.?),?\s+(?P<phi>{_NOT_NAMES}{_NAME})")),
    ("NAME", re.compile(rf"\b(?i:mr|mrs|ms|miss)\.?\s+(?P<phi>{_NAME}|[\w'’-]+)")),
)


def mask(text: str) -> str:
    """The text with every identifier replaced by its kind in brackets, e.g. `[NAME]`."""
    for label, pattern in _IDENTIFIERS:
        text = pattern.sub(lambda match, label=label: _replaced(match, label), text)  # type: ignore[misc]
    return text


def _replaced(match: re.Match[str], label: str) -> str:
    """The match with its identifier replaced and the words around it kept."""
    start, end = match.span("phi") if match.groupdict().get("phi") else match.span()
    return match.string[match.start() : start] + f"[{label}]" + match.string[end : match.end()]
