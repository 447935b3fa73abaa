"""The ICD-10-CM Official Guidelines for Coding and Reporting (CMS and NCHS), as PDF or as the text of one.

Four sections and an appendix; guidelines are named by their way down, `Section I.C.9.a.2`: marks `A.`, `1.`, `a.`, `1)`, `(a)`, `(i)` in this
order. Three lines at the foot of each page give title, fiscal year and `Page 48 of 121`; the title page gives the days of validity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from corpus.model import SourceKind
from ingest.readers.base import PASSAGE, OfficialFile, ReadError, Reading, Release, batched
from ingest.sections import LEADER, Line, Outline, Section, checked, decoded, is_contents, joined, pages_of, printed_pages, records, starts_item

TITLE = "ICD-10-CM Official Guidelines for Coding and Reporting"
URL = "https://www.cms.gov/medicare/coding-billing/icd-10-codes"
SERIES = "icd10cm-guidelines"
TITLED = re.compile(r"^\s*ICD-10-CM Official Guidelines for Coding and Reporting\s")
YEAR = re.compile(r"\bFY\s*(20\d\d)\b")
VALID = re.compile(r"\(\s*([A-Z][a-z]+ \d{1,2}, ?20\d\d)\s*[-–—]+\s*([A-Z][a-z]+ \d{1,2}, ?20\d\d)\s*\)")
PAGE = re.compile(r"^Page (\d+) of \d+$")
RUNNING = re.compile(rf"^(?:{TITLE}|FY ?20\d\d|Page \d+ of \d+)$")
TOP = re.compile(r"^Section (I{1,3}|IV)\. (\S.*)$")
APPENDIX = re.compile(r"^Appendix (I)\b[:.]?\s*(.*)$")
ORDER = ("A.", "1.", "a.", "1)", "(a)", "(i)")
NEXT = {None: "I", "I": "II", "II": "III", "III": "IV"}
OPEN_END = re.compile(r"(?:,|-|/|\b(?:and|or|of|with|the|for|to|in|a|an|not|other|from|by|on|as|that|due))$", re.IGNORECASE)
LONG_HEADING, SHORT_REST = 40, 40  # characters: a long heading may have the rest of it, a few words, in the line below
RESERVED = re.compile(r"^Reserved for future guideline expansion\.?$", re.IGNORECASE)


def sniff(head: bytes) -> bool:
    """The title and the days of validity on the title page."""
    text = decoded(head)
    return bool(TITLED.match(text) and VALID.search(text) and YEAR.search(text))


def read(file: OfficialFile) -> Reading:
    """The guidelines as passages, one or more for each of them.

    Raises:
        ReadError: when the days of validity on the title page are no dates; on the way, when no guideline is found.
    """
    head = decoded(file.head())
    year, valid = YEAR.search(head), VALID.search(head)
    if not year or not valid:
        raise ReadError(f"{file}: no fiscal year on the title page; add the guidelines as CMS publishes them")
    start, end = (_day(text, file) for text in valid.groups())
    release = f"FY{year[1]}" if (start.month, start.day) == (10, 1) else f"FY{year[1]} from {start}"
    source = Release(SourceKind.MANUAL, release, TITLE, "CMS and NCHS", None, start, end, URL, SERIES)
    reading = Reading(source, {"passage": PASSAGE}, iter(()))
    found = records(SERIES, release, _sections(file, reading), _title, _place)
    reading.batches = batched("passage", checked(found, file))
    return reading


def _day(text: str, file: OfficialFile) -> date:
    try:
        return datetime.strptime(re.sub(r",(?=\d)", ", ", text), "%B %d, %Y").date()
    except ValueError:
        raise ReadError(f"{file}: {text!r} on the title page is no date; download the guidelines again") from None


def _title(section: Section) -> str:
    named = section.name if section.name.startswith("Appendix") else f"Section {section.name}"
    return f"{named}: {section.title}"


def _place(section: Section, page: str) -> str:
    named = section.name if section.name.startswith("Appendix") else f"Section {section.name}"
    return f"{named}, page {page}" if page else named


def _lines(file: OfficialFile) -> list[Line]:
    """The lines after the table of contents, without what is repeated on each page."""
    pages = list(printed_pages(pages_of(file), PAGE))
    contents = [number for number, (_, lines) in enumerate(pages) if is_contents(lines)]
    after = contents[-1] + 1 if contents else 0
    return [Line(text, page) for page, lines in pages[after:] for text in lines if text and not RUNNING.match(text) and not LEADER.search(text)]


def _sections(file: OfficialFile, reading: Reading) -> Iterator[Section]:
    """The guidelines in order; those that have no words of their own are left out."""
    lines = _lines(file)
    outline, top, titles = Outline(ORDER), None, list[str]()
    current: Section | None = None
    position = 0
    while position < len(lines):
        text = lines[position].text
        named: tuple[str, str] | None = None
        depth = 0
        if (match := TOP.match(text)) and match[1] == NEXT.get(top):
            top, outline, named = match[1], Outline(ORDER), (match[1], match[2])
        elif top == "IV" and (match := APPENDIX.match(text)):
            top, outline, named = "Appendix I", Outline(ORDER), ("Appendix I", match[2])
        elif top in NEXT.values() and (step := outline.step(text)):
            depth = len(outline.marks)
            named = ".".join((str(top), *outline.path)), step[1]
        if named is None:
            if current:
                current.lines.append(lines[position])
            position += 1
            continue
        yield from _worded(current, reading)
        count = _heading_lines(lines, position) if named[1] else 2  # of the appendix the title stands in the line below
        title = joined([named[1], *(line.text for line in lines[position + 1 : position + count])])
        titles = [*titles[:depth], title.strip()]
        sentence = title.endswith((".", ",", ";")) and len(title.split()) > 5
        current = Section(named[0], _short(title) if sentence else title.strip(), tuple(titles[:-1]))
        current.lines = [Line(title, lines[position].page)] if sentence else []
        position += count
    yield from _worded(current, reading)


def _worded(section: Section | None, reading: Reading) -> Iterator[Section]:
    if section is None or not section.lines:
        return
    if len(section.lines) == 1 and RESERVED.match(section.lines[0].text):
        reading.skip("reserved for future guideline expansion")
    else:
        yield section


def _heading_lines(lines: Sequence[Line], position: int) -> int:
    """How many lines a heading runs over: what follows begins small or with a number, or the heading cannot end where the line does."""
    count = 1
    while count < 3 and position + count < len(lines):
        above, text = lines[position + count - 1].text, lines[position + count].text
        if starts_item(text) and not OPEN_END.search(above):
            break
        goes_on = text[:1].islower() or text[:1] in "(0123456789" or OPEN_END.search(above)
        if not goes_on and not _is_rest(lines, position + count):
            break
        count += 1
    return count


def _is_rest(lines: Sequence[Line], position: int) -> bool:
    """Whether a line is the last words of the heading above it: few, no sentence, and a new one follows."""
    above, text = lines[position - 1].text, lines[position].text
    following = lines[position + 1].text if position + 1 < len(lines) else ""
    few = len(above) > LONG_HEADING and len(text) < SHORT_REST and not re.search(r"[.:;,]$", text)
    return few and following[:1].isupper() and not OPEN_END.search(text)


def _short(title: str) -> str:
    words = title.split()
    return " ".join(words[:12]) + ("…" if len(words) > 12 else "")
