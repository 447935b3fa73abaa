"""Manuals of CMS, as PDF or as the text of one: the NCCI Policy Manual and chapters of the Internet-Only Manuals.

The NCCI manual is published whole and by chapter, its pages numbered `IV-5` beneath the revision date; chapters have sections `A.` with
items `1.` or `a.`. A chapter of an Internet-Only Manual has sections `30.1 - Title`, each with the revision that last changed it in the
line below, and parts `A. Title` in them; its pages bear no number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from corpus.model import SourceKind
from ingest.readers.base import PASSAGE, OfficialFile, ReadError, Reading, Release, batched
from ingest.sections import LEADER, MARK, Line, Outline, Section, checked, decoded, is_contents, joined, pages_of, printed_pages, records

NCCI_URL = "https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits/medicare-ncci-policy-manual"
IOM_URL = "https://www.cms.gov/medicare/regulations-guidance/manuals/internet-only-manuals-ioms"

NCCI = re.compile(r"\b(MEDICARE|MEDICAID) NATIONAL CORRECT CODING INITIATIVE POLICY\s+MANUAL")
NCCI_DATE = re.compile(r"Revision Date \((Medicare|Medicaid)\): ?(\d{1,2})/(\d{1,2})/(20\d\d)")
NCCI_LABEL = re.compile(r"^((?:Intro|[IVX]+) ?- ?\d{1,3})$")
NCCI_WHOLE = re.compile(r"Complete Table of Contents|^\s*INTRODUCTION\s*$", re.MULTILINE)
NCCI_COVER = re.compile(r"^CHAPTER ([IVX]+)\b|^(INTRODUCTION)$")
NCCI_CHAPTER = re.compile(r"^Chapter ([IVX]+)\b\s*[-–—:]?\s*(.*)$")
RESERVED = re.compile(r"reserved for future use\.?$", re.IGNORECASE)

IOM = re.compile(r"^\s*(Medicare [A-Z][\w, &/]+? Manual)\s+Chapter (\d+[A-Z]?)\s*[-–—]?\s+(\S[^\n]*)", re.IGNORECASE)
REVISED = re.compile(r"^\(Rev\. ?(\d+)")
ISSUED = re.compile(r"\(Rev\. ?(\d+)[;,:]?\s*(?:Issued:?\s*)?(\d\d)-(\d\d)-(\d\d)\b")
IOM_HEADING = re.compile(r"^(\d+(?:\.\d+)*)\s?[-–—]\s?(\S.*)$")
IOM_PART = re.compile(r"^([A-Z])\.\s+([A-Z(“].{2,90})$")
OLD_NUMBERS = re.compile(r"^(?:and |or )?(?:[A-Z]{1,3}\d?-[\d.]+[A-Z\d.]*(?:,? and |[,; ]*|-)?)+(?:\([^)]*\))?$")  # of the manuals before 2003
IOM_END = re.compile(r"^Transmittals Issued for this Chapter")
IOM_NAMES = {
    "medicare benefit policy manual": "mbpm",
    "medicare claims processing manual": "mcpm",
    "medicare program integrity manual": "mpim",
    "medicare national coverage determinations manual": "ncdm",
    "medicare general information, eligibility, and entitlement manual": "mgiem",
    "medicare secondary payer manual": "mspm",
    "medicare financial management manual": "mfmm",
    "medicare managed care manual": "mmcm",
}
HEADING_LINES = 3  # over which a heading may run


def sniff(head: bytes) -> bool:
    """The title and the revision date of either kind of manual."""
    text = decoded(head)
    return bool((NCCI.search(text) and NCCI_DATE.search(text)) or (IOM.match(text) and ISSUED.search(text)))


def read(file: OfficialFile) -> Reading:
    """The sections of a manual as passages.

    Raises:
        ReadError: when the first pages have no revision date; on the way, when no section is found.
    """
    text = decoded(file.head())
    return _read_ncci(file, text) if NCCI.search(text) else _read_iom(file, text)


# The NCCI Policy Manual


def _read_ncci(file: OfficialFile, head: str) -> Reading:
    revised, program = NCCI_DATE.search(head), NCCI.search(head)
    if not revised or not program:
        raise ReadError(f"{file}: no revision date on the first pages; add the manual as CMS publishes it")
    try:
        start = date(int(revised[4]), int(revised[2]), int(revised[3]))
    except ValueError:
        raise ReadError(f"{file}: {revised[0]!r} is no date; download the manual again") from None
    medicaid = program[1] == "MEDICAID"
    series, title = ("medicaid-" if medicaid else "") + "ncci-policy-manual", f"{program[1].capitalize()} NCCI Policy Manual"
    chapter = None if NCCI_WHOLE.search(head) else re.search(r"^\s*CHAPTER ([IVX]+)\b", head, re.MULTILINE)
    if chapter:  # published chapter by chapter, too: a chapter does not replace the whole
        series, title = f"{series}-{chapter[1].lower()}", f"{title}, chapter {chapter[1]}"
    release = str(start.year) if (start.month, start.day) == (1, 1) else f"{start:%Y-%m-%d}"
    source = Release(SourceKind.MANUAL, release, title, "CMS", None, start, date(start.year, 12, 31), NCCI_URL, series)
    reading = Reading(source, {"passage": PASSAGE}, iter(()))
    found = records(series, release, _Ncci(reading).sections(file), _ncci_title, _ncci_place)
    reading.batches = batched("passage", checked(found, file))
    return reading


def _ncci_title(section: Section) -> str:
    chapter, _, rest = section.name.partition(".")
    return f"Chapter {chapter}, Section {rest}: {section.title}" if rest else f"{chapter}: {section.title}" if chapter != section.title else chapter


def _ncci_place(section: Section, page: str) -> str:
    chapter, _, rest = section.name.partition(".")
    return (f"chapter {chapter}, section {rest}" if rest else section.name) + (f", page {page}" if page else "")


class _Ncci:
    """The state of reading the NCCI manual, page by page."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._chapter = ""
        self._chapter_title: list[str] = []
        self._in_title = False
        self._contents: list[str] = []  # headings of the introduction, which has no letters
        self._outline = Outline()
        self._section: Section | None = None
        self._heading = ""

    def sections(self, file: OfficialFile) -> Iterator[Section]:
        """Sections and their items, in order."""
        for label, lines in printed_pages(pages_of(file), NCCI_LABEL):
            cover = next((match for line in lines if (match := NCCI_COVER.match(line))), None)
            if cover and "FOR" in lines:
                yield from self._close()
                self._begin(cover[1] or "Introduction")
            elif is_contents(lines):
                self._contents = [re.sub(r"[\s.…]+[\w-]*$", "", line).casefold() for line in lines if LEADER.search(line)]
            elif self._chapter:
                yield from self._page(label, lines)
        yield from self._close()

    def _begin(self, chapter: str) -> None:
        self._chapter, self._chapter_title, self._in_title = chapter, [], False
        self._outline, self._contents, self._heading = Outline(), [], ""

    def _close(self) -> Iterator[Section]:
        section, self._section = self._section, None
        if not section:
            return
        text = joined(line.text for line in section.lines)
        if (RESERVED.search(text) and len(text) < 40) or RESERVED.match(section.title):
            self._reading.skip("reserved for future use")
        elif text:
            yield section

    def _page(self, label: str, lines: list[str]) -> Iterator[Section]:
        skip = False
        for position, line in enumerate(lines):
            if skip or not line or NCCI_DATE.match(line) or NCCI_LABEL.match(line):
                skip = False
            elif self._chapter == "Introduction":
                following = lines[position + 1] if position + 1 < len(lines) else ""
                whole = f"{line} {following}".casefold()
                if line.casefold() in self._contents or line == "Introduction":
                    yield from self._open(self._chapter, line)
                elif whole in self._contents:
                    skip = True
                    yield from self._open(self._chapter, f"{line} {following}")
                else:
                    self._add(line, label)
            else:
                yield from self._line(line, label)

    def _line(self, line: str, label: str) -> Iterator[Section]:
        if (match := NCCI_CHAPTER.match(line)) and match[1] == self._chapter and not self._outline.marks:
            self._in_title = True
            self._chapter_title = [match[2]] if match[2] else []
            return
        step = self._outline.step(line)
        depth = len(self._outline.marks)
        if step and depth == 1:
            self._in_title = False
            yield from self._open(f"{self._chapter}.{self._outline.path[0]}", step[1])
            self._heading = step[1]
        elif step and depth == 2:
            yield from self._open(".".join((self._chapter, *self._outline.path)), self._heading)
            self._add(line, label)
        elif self._in_title:
            self._chapter_title.append(line)
        elif self._section and not self._section.lines and line.startswith("(") and depth == 1:  # a heading of two lines
            self._section.title = self._heading = f"{self._heading} {line}"
        else:
            self._add(line, label)

    def _open(self, name: str, title: str) -> Iterator[Section]:
        yield from self._close()
        chapter = " ".join(self._chapter_title)
        above = (f"Chapter {self._chapter}: {chapter}",) if chapter else ()
        self._section = Section(name, title, above)

    def _add(self, line: str, label: str) -> None:
        if self._section:
            self._section.lines.append(Line(line, label))


# The Internet-Only Manuals


def _read_iom(file: OfficialFile, head: str) -> Reading:
    titled, issued = IOM.match(head), ISSUED.search(head)
    if not titled or not issued:
        raise ReadError(f"{file}: no title or no revision on the first page; add the chapter as CMS publishes it")
    name, chapter = " ".join(titled[1].split()), titled[2]
    try:
        start = date(_year(issued[4]), int(issued[2]), int(issued[3]))
    except ValueError:
        raise ReadError(f"{file}: the revision {issued[0]!r} has no date; download the chapter again") from None
    short = IOM_NAMES.get(name.casefold()) or re.sub(r"\W+", "-", name.casefold()).strip("-")
    series, release = f"{short}-{chapter.lower()}", f"Rev. {issued[1]}"
    source = Release(SourceKind.MANUAL, release, f"{name}, chapter {chapter}", "CMS", None, start, None, IOM_URL, series)
    reading = Reading(source, {"passage": PASSAGE}, iter(()))
    manual = _Iom(chapter, joined([titled[3]]))
    reading.batches = batched("passage", checked(records(series, release, manual.sections(file), manual.title, manual.place), file))
    return reading


def _year(digits: str) -> int:
    return int(digits) + (1900 if int(digits) > 90 else 2000)


@dataclass
class _Iom:
    """A chapter of an Internet-Only Manual."""

    chapter: str
    chapter_title: str

    def title(self, section: Section) -> str:
        """As the section is called."""
        return f"Chapter {self.chapter}, Section {section.name}: {section.title}"

    def place(self, section: Section, page: str) -> str:
        """As the section is cited, with the revision that last changed it."""
        named = (f"chapter {self.chapter}, section {section.name}", section.revision, f"page {page} of the file" if page else "")
        return ", ".join(part for part in named if part)

    def sections(self, file: OfficialFile) -> Iterator[Section]:
        """The sections and their lettered parts; contents, lists of references and transmittals are left out."""
        lines = [Line(text.strip(), page) for page, content in pages_of(file) for text in content.splitlines()]
        starts = list(_iom_headings(lines))
        for number, (_, body, name, title) in enumerate(starts):
            end = starts[number + 1][0] if number + 1 < len(starts) else len(lines)
            revision = REVISED.match(lines[body].text)
            above = (f"Chapter {self.chapter}: {self.chapter_title}",)
            below = [line for line in lines[_after_revision(lines, body) : end] if not OLD_NUMBERS.match(line.text)]
            yield from _iom_parts(Section(name, title, above, below, f"Rev. {revision[1]}" if revision else ""))


def _iom_headings(lines: Sequence[Line]) -> Iterator[tuple[int, int, str, str]]:
    """(first line, line of the revision, number, title) of each heading: a numbered line with a revision beneath it."""
    for start, line in enumerate(lines):
        if IOM_END.match(line.text):
            yield start, start, "", ""
            return
        match = IOM_HEADING.match(line.text)
        if not match or LEADER.search(line.text):
            continue
        following = lines[start + 1 : start + 2 + HEADING_LINES]
        body = next((place for place, below in enumerate(following) if below.text.startswith("(Rev.")), None)
        above = following[: body or 0]
        if body is not None and not any(IOM_HEADING.match(between.text) for between in above):
            yield start, start + 1 + body, match[1], joined([match[2], *(between.text for between in above)])


def _after_revision(lines: Sequence[Line], body: int) -> int:
    """The line after the revision, which may run over two lines."""
    for place in range(body, min(body + 3, len(lines))):
        if lines[place].text.endswith(")"):
            return place + 1
    return body + 1


def _iom_parts(section: Section) -> Iterator[Section]:
    """A section as a whole, or cut at its parts `A. Title`."""
    if not section.name:
        return
    current, expected = Section(section.name, section.title, section.above, [], section.revision), "A"
    for line, following in zip(section.lines, [*section.lines, Line("", "")][1:], strict=True):
        match = IOM_PART.match(line.text)
        sentence = line.text.endswith((".", ",", ";")) or following.text[:1].islower()
        if match and match[1] == expected and MARK.match(line.text) and not sentence:
            if any(line.text for line in current.lines):
                yield current
            current = Section(f"{section.name}.{expected}", f"{section.title}, {match[2]}", section.above, [], section.revision)
            expected = chr(ord(expected) + 1)
        elif line.text != "Back to top of chapter":
            current.lines.append(line)
    if any(line.text for line in current.lines):
        yield current
