"""Manuals split into sections: the NCCI Policy Manual, whole and by chapter, and chapters of the Internet-Only Manuals."""

from __future__ import annotations

import random
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.model import SourceKind
from ingest.readers import manual
from ingest.readers.base import PASSAGE, OfficialFile, ReadError, Reading
from tests.ingest.official_manuals import DATE, FILLER, as_text, iom, ncci_pages, pdf, write

Passages = list[dict[str, str]]


def passages(reading: Reading) -> Passages:
    """The records by column."""
    assert reading.tables == {"passage": PASSAGE}
    return [dict(zip(PASSAGE, record, strict=True)) for table, batch in reading.batches for record in batch if table == "passage"]


def read(path: Path) -> tuple[Reading, Passages]:
    file = OfficialFile(path)
    assert manual.sniff(file.head())
    reading = manual.read(file)
    return reading, passages(reading)


def named(found: Passages) -> list[tuple[str, str]]:
    return [(p["code"], p["place"]) for p in found]


NCCI = [
    ("Introduction", "Introduction, page Intro-3"),
    ("Introduction", "Introduction, page Intro-3"),
    ("I.A", "chapter I, section A, page I-3"),
    ("I.B.1", "chapter I, section B.1, page I-3"),
    ("I.B.2", "chapter I, section B.2, page I-3"),
    ("I.D", "chapter I, section D, page I-4"),
    ("I.D.2", "chapter I, section D.2, page I-4"),
    ("IV.A", "chapter IV, section A, page IV-3"),
    ("IV.B.a", "chapter IV, section B.a, page IV-3"),
    ("IV.B.b", "chapter IV, section B.b, page IV-3"),
    ("IV.B.c", "chapter IV, section B.c, page IV-3"),
]


@pytest.mark.parametrize("kind", ["txt", "pdf"])
def test_the_ncci_manual_by_section(kind: str, tmp_path: Path) -> None:
    pages = ncci_pages()
    reading, found = read(write(tmp_path, f"any-name.{kind}", pdf(pages) if kind == "pdf" else as_text(pages)))
    release = reading.release
    assert (release.kind, release.series, release.release) == (SourceKind.MANUAL, "ncci-policy-manual", "2026")
    assert (release.valid_from, release.valid_to) == (date(2026, 1, 1), date(2026, 12, 31))
    assert named(found) == NCCI
    assert [p["key"] for p in found] == [f"manual/ncci-policy-manual/2026/{n}" for n in range(1, len(found) + 1)]
    assert {p["kind"] for p in found} == {"manual"}
    assert reading.skipped == {"reserved for future use": 2}


def test_titles_texts_and_what_stands_above(tmp_path: Path) -> None:
    _, found = read(write(tmp_path, "a.txt", as_text(ncci_pages())))
    by_name = {p["code"]: p for p in found}
    assert by_name["I.B.1"]["title"] == "Chapter I, Section B.1: Mending of Every Kind of Part of the Body That There Is (Mending)"
    assert by_name["I.B.1"]["text"] == "1. The first item, in two lines, e.g., this one.\na. A part of the first item."
    assert by_name["I.B.2"]["text"] == "2. The second item spans two pages."  # its page is where it begins
    assert by_name["IV.B.b"]["text"].startswith("b. By lens: code 29999 names it.")
    assert by_name["IV.A"]["also"] == "Chapter IV: Surgery: Joints Codes 20000 - 29999"
    assert found[1]["title"] == "Introduction: Purpose"
    assert "Words of law" not in "".join(p["text"] for p in found)


def test_a_chapter_by_itself_does_not_replace_the_whole(tmp_path: Path) -> None:
    reading, found = read(write(tmp_path, "a.pdf", pdf(ncci_pages(whole=False))))
    assert reading.release.series == "ncci-policy-manual-iv"
    assert named(found) == NCCI[-4:]


def test_the_manual_of_medicaid_is_another_one(tmp_path: Path) -> None:
    text = as_text(ncci_pages("Revision Date (Medicaid): 1/1/2025")).replace("MEDICARE NATIONAL", "MEDICAID NATIONAL")
    reading, _ = read(write(tmp_path, "a.txt", text))
    assert (reading.release.series, reading.release.release) == ("medicaid-ncci-policy-manual", "2025")


@pytest.mark.parametrize("kind", ["txt", "pdf"])
def test_an_internet_only_manual(kind: str, tmp_path: Path) -> None:
    content: str | bytes = pdf([iom().splitlines()]) if kind == "pdf" else iom()
    reading, found = read(write(tmp_path, f"bp102c15.{kind}", content))
    page = ", page 1 of the file" if kind == "pdf" else ""
    assert (reading.release.series, reading.release.release, reading.release.valid_from) == ("mbpm-15", "Rev. 13774", date(2026, 5, 8))
    assert named(found) == [
        ("10", f"chapter 15, section 10, Rev. 1{page}"),
        ("10.1", f"chapter 15, section 10.1, Rev. 23{page}"),
        ("10.1.A", f"chapter 15, section 10.1.A, Rev. 23{page}"),
        ("10.1.B", f"chapter 15, section 10.1.B, Rev. 23{page}"),
        ("20", f"chapter 15, section 20, Rev. 79{page}"),
    ]
    assert found[0]["text"] == FILLER  # without the numbers of the manuals of old
    assert found[1]["title"] == "Chapter 15, Section 10.1: Mending of Parts and Everything That Belongs to It"
    assert found[2]["title"].endswith("Belongs to It, Small Parts")
    assert "10.5 - Elsewhere" in found[2]["text"]
    assert found[3]["text"].splitlines()[0] == "1. By machine."


RELEASES = [
    ("(Rev. 12345, 09-12-25)", "Rev. 12345", date(2025, 9, 12)),
    ("(Rev. 1, 10-01-03)", "Rev. 1", date(2003, 10, 1)),
    ("(Rev. 11021; 10-01-21)", "Rev. 11021", date(2021, 10, 1)),
]


@pytest.mark.parametrize(("head", "release", "start"), RELEASES)
def test_the_revision_of_the_first_page_is_the_release(head: str, release: str, start: date, tmp_path: Path) -> None:
    reading, _ = read(write(tmp_path, "a.txt", iom(head)))
    assert (reading.release.release, reading.release.valid_from) == (release, start)


NOT_MANUALS = [
    ("", "nothing"),
    ("See the Medicare NCCI Policy Manual, chapter I.", "names the manual"),
    (as_text(ncci_pages()).replace(DATE, ""), "no revision date"),
    (as_text(ncci_pages()).replace("NATIONAL CORRECT CODING", "NATIONAL"), "another title"),
    (iom("(no revision)").replace("(Rev. ", "(R. "), "no revision"),
    ("Policy of a payer\n" + iom(), "the title is not at the top"),
    ("code,title\n10001,Medicare Benefit Policy Manual\n", "a table"),
]


@pytest.mark.parametrize(("text", "why"), NOT_MANUALS)
def test_what_is_no_manual(text: str, why: str) -> None:
    assert not manual.sniff(text.encode()), why


WRONG = [
    (as_text(ncci_pages("Revision Date (Medicare): 13/45/2026")), "is no date"),
    (iom("(Rev. 5, 19-45-05)"), "has no date"),
    (as_text(ncci_pages()[:1]), "no section was found"),
    (iom().split("10 - Parts\n(Rev")[0], "no section was found"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_damage_is_told_in_one_line(text: str, message: str, tmp_path: Path) -> None:
    file = OfficialFile(write(tmp_path, "a.txt", text))
    assert manual.sniff(file.head())
    with pytest.raises(ReadError, match=message) as error:
        passages(manual.read(file))
    assert str(error.value).startswith("a.txt")
    assert "\n" not in str(error.value)


@settings(max_examples=60, deadline=None)
@given(start=st.sampled_from(["", as_text(ncci_pages()), iom()]), rest=st.binary(max_size=400), cut=st.integers(0, 3000))
def test_any_bytes_give_passages_or_a_read_error(start: str, rest: bytes, cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("bytes") / "a.txt"
    path.write_bytes(start.encode()[:cut] + rest + start.encode()[cut:])
    file = OfficialFile(path)
    try:
        if not manual.sniff(file.head()):
            return
        found = passages(manual.read(file))
    except ReadError:
        return
    assert all(p["text"] and p["title"] and p["place"] and len(p["text"].split()) <= 220 for p in found)


LINES = st.lists(st.text("abcdefgh ", min_size=3, max_size=60).map(str.strip).filter(len), min_size=1, max_size=4)


@settings(max_examples=30, deadline=None)
@given(sections=st.lists(LINES, min_size=1, max_size=8))
def test_what_is_written_comes_back(sections: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Sections → file → the same sections, in order, with every word."""
    body = "".join(f"{10 * n} - Title {n}\n(Rev. 1, 10-01-03)\n" + "".join(f"{line}\n" for line in lines) for n, lines in enumerate(sections, 1))
    path = write(tmp_path_factory.mktemp("round"), "a.txt", "Medicare Benefit Policy Manual\nChapter 6 - X\n(Rev. 9, 09-12-25)\n" + body)
    _, found = read(path)
    assert [p["code"] for p in found] == [str(10 * n) for n in range(1, len(sections) + 1)]
    assert [p["text"].split() for p in found] == [" ".join(lines).split() for lines in sections]


# The real files


def test_the_real_ncci_manual(data: Path) -> None:
    """Every section of the table of contents is there, on the page it is said to begin on, and no word of the chapters is lost."""
    path = data / "manuals" / "ncci_policy_manual.txt"
    reading, found = read(path)
    assert (reading.release.release, reading.skipped) == ("2026", {"reserved for future use": 10})
    assert len(found) == 1183
    raw = path.read_text(encoding="utf-8")
    contents = raw[: raw.index("INTRODUCTION\n")]
    listed = re.findall(r"^([A-W])\. ?(.+?) ([IVX]+)-(\d+)$", contents, re.MULTILINE)
    begin: dict[str, str] = {}
    for p in found:
        begin.setdefault(".".join(p["code"].split(".")[:2]), p["place"].rpartition("page ")[2])
    missing = [f"{chapter}.{letter}" for letter, title, chapter, _ in listed if f"{chapter}.{letter}" not in begin and "Reserved" not in title]
    assert not missing
    here = [begin[f"{chapter}.{letter}"] == f"{chapter}-{page}" for letter, title, chapter, page in listed if "Reserved" not in title]
    assert sum(here) / len(here) > 0.9  # the contents of the published file are off by a page here and there
    words = " ".join(" ".join(p["text"].split()) for p in found)
    body = [line.strip() for line in raw[raw.index("Medical Unlikely") if "Medical Unlikely" in raw else len(contents) :].splitlines()]
    sample = random.Random(7).sample([line for line in body if len(line) > 60 and "...." not in line and line.endswith(" ") is False], 60)
    lost = [line for line in sample if " ".join(line.rstrip("-").split()[1:-1]) not in words]
    assert len(lost) <= 3, lost  # covers and contents are left out
    assert max(len(p["text"].split()) for p in found) <= 220


def test_the_real_benefit_policy_manual(data: Path) -> None:
    """Every section of the table of contents is there."""
    path = data / "manuals" / "mbpm_ch15.txt"
    reading, found = read(path)
    assert (reading.release.release, reading.release.valid_from) == ("Rev. 13774", date(2026, 5, 8))
    raw = path.read_text(encoding="utf-8").splitlines()
    first = next(n for n, line in enumerate(raw) if line.startswith("10 - ")) + 1
    end = next(n for n, line in enumerate(raw[first:], first) if line.startswith("10 - "))
    listed = {match[1] for line in raw[first - 1 : end] if (match := re.match(r"(\d+(?:\.\d+)*) ?[-–]", line))}
    whole = {re.sub(r"\.[A-Z]$", "", p["code"]) for p in found}
    assert listed - whole == {"50.4", "50.4.4", "80.4", "80.5", "240.1", "280.2", "50.4.8"}  # headings alone; 50.4.8 is moved and has no revision
    assert whole - listed == {"145"}  # not in the contents
    assert len(found) == 788
