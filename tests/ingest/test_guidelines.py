"""The ICD-10-CM Official Guidelines, by guideline."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.readers import guidelines, manual
from ingest.readers.base import OfficialFile, ReadError, Reading
from tests.ingest.official_manuals import as_text, guidelines_pages, iom, ncci_pages, pdf, write
from tests.ingest.test_manual import Passages, passages


def read(path: Path) -> tuple[Reading, Passages]:
    file = OfficialFile(path)
    assert guidelines.sniff(file.head())
    assert not manual.sniff(file.head())
    reading = guidelines.read(file)
    return reading, passages(reading)


NAMES = [
    ("I", "Conventions, and what holds for every chapter", "2"),
    ("I.A.1", "Marks", "2"),
    ("I.A.2.a", "Square", "2"),
    ("I.A.2.a.1.a", "Deep", "2"),
    ("I.A.2.a.1.a.i", "Deeper", "2"),
    ("I.A.2.a.1.a.ii", "Deepest", "3"),
    ("I.A.2.a.1.b", "Next", "3"),
    ("I.A.2.a.2", "Outer", "3"),
    ("I.A.2.b", "Round", "3"),
    ("I.A.3", "Use of every sign that there is in the book when all…", "3"),
    ("II", "Principal", "4"),
    ("III", "Further", "4"),
    ("IV.A", "First", "4"),
]


@pytest.mark.parametrize("kind", ["txt", "pdf"])
def test_guidelines_as_coders_cite_them(kind: str, tmp_path: Path) -> None:
    pages = guidelines_pages()
    reading, found = read(write(tmp_path, f"any-name.{kind}", pdf(pages) if kind == "pdf" else as_text(pages)))
    release = reading.release
    assert (release.series, release.release, release.key) == ("icd10cm-guidelines", "FY2026", "manual/icd10cm-guidelines/FY2026")
    assert (release.valid_from, release.valid_to) == (date(2025, 10, 1), date(2026, 9, 30))
    assert [(p["code"], p["title"], p["place"]) for p in found] == [
        *((name, f"Section {name}: {title}", f"Section {name}, page {page}") for name, title, page in NAMES),
        ("Appendix I", "Appendix I: Present at the Door", "Appendix I, page 4"),
    ]
    assert reading.skipped == {"reserved for future guideline expansion": 1}
    by_name = {p["code"]: p for p in found}
    assert by_name["I.A.2.b"]["text"] == "A. is no heading now."
    assert by_name["I.A.3"]["text"].startswith("Use of every sign")  # a heading that is a sentence is text, too
    assert by_name["I.A.2.a"]["also"] == "; ".join(
        ("Conventions, and what holds for every chapter", "Words", "Brackets of every sort that are used in the whole of the tabular list")
    )
    assert not any("Words before" in p["text"] or "FY 2026" in p["text"] for p in found)


RELEASES = [
    ("2025", "(October 1, 2024 - September 30, 2025)", "FY2025"),
    ("2025", "(April 1, 2025 – September 30, 2025)", "FY2025 from 2025-04-01"),
    ("2021", "(January 1, 2021 -- September 30, 2021)", "FY2021 from 2021-01-01"),
]


@pytest.mark.parametrize(("year", "valid", "release"), RELEASES)
def test_the_title_page_gives_the_release(year: str, valid: str, release: str, tmp_path: Path) -> None:
    reading, _ = read(write(tmp_path, "a.txt", as_text(guidelines_pages(valid, year))))
    assert reading.release.release == release
    assert reading.release.valid_from


NOT_GUIDELINES = [
    ("", "nothing"),
    ("The ICD-10-CM Official Guidelines for Coding and Reporting FY 2026 (October 1, 2025 - September 30, 2026) say …", "speaks of them"),
    (as_text(guidelines_pages("(from October on)")), "no days of validity"),
    (as_text(ncci_pages()), "the NCCI manual"),
    (iom(), "an Internet-Only Manual"),
    ("code,text\nI10,ICD-10-CM Official Guidelines\n", "a table"),
]


@pytest.mark.parametrize(("text", "why"), NOT_GUIDELINES)
def test_what_are_no_guidelines(text: str, why: str) -> None:
    assert not guidelines.sniff(text.encode()), why


WRONG = [
    (as_text(guidelines_pages("(Octember 1, 2025 - September 30, 2026)")), "is no date"),
    (as_text(guidelines_pages()[:1]), "no section was found"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_damage_is_told_in_one_line(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=message) as error:
        read(write(tmp_path, "a.txt", text))
    assert "\n" not in str(error.value)


@settings(max_examples=60, deadline=None)
@given(rest=st.one_of(st.binary(max_size=300), st.text("IV.ACabc123)( \n", max_size=200).map(str.encode)), cut=st.integers(200, 1800))
def test_any_bytes_give_passages_or_a_read_error(rest: bytes, cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    text = as_text(guidelines_pages()).encode()
    path = tmp_path_factory.mktemp("bytes") / "a.txt"
    path.write_bytes(text[:cut] + rest + text[cut:])
    try:
        found = passages(guidelines.read(OfficialFile(path)))
    except ReadError:
        return
    assert all(p["text"] and p["title"] and p["place"] and len(p["text"].split()) <= 220 for p in found)


def test_the_real_guidelines(data: Path) -> None:
    """Every guideline of the table of contents is there, on its page."""
    path = data / "icd10cm" / "icd10cm_guidelines.txt"
    reading, found = read(path)
    assert (reading.release.release, len(found)) == ("FY2026", 469)
    names = {p["code"] for p in found}
    lines = path.read_text(encoding="utf-8").splitlines()
    chapters = [f"I.C.{n}" for n in range(1, 23)]
    told = [chapter for chapter in chapters if any(name == chapter or name.startswith(f"{chapter}.") for name in names)]
    assert set(chapters) - set(told) == {"I.C.3", "I.C.8", "I.C.11"}  # reserved for future guideline expansion
    contents = [line for line in lines if re.search(r"\.{5,}\s*\d+$", line)]
    letters = [(m[1].strip(), int(m[2])) for line in contents if (m := re.match(r"(?:[a-z]|\d{1,2})\. ([^.]{4,60}) ?\.{5,}\s*(\d+)$", line))]
    assert len(letters) > 100
    pages = {(p["title"].partition(": ")[2][:30].lower(), p["place"].rpartition("page ")[2]) for p in found}
    titles = {title for title, _ in pages} | {above[:30].lower() for p in found for above in p["also"].split("; ")}
    missing = [title for title, _ in letters if title.strip()[:30].lower() not in titles]
    assert len(missing) <= 4, missing  # worded otherwise in the text than in the contents
    off = [(title, page) for title, page in letters if title[:30].lower() in {t for t, _ in pages} and (title[:30].lower(), str(page)) not in pages]
    assert len(off) <= 12, off
