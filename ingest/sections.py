"""What readers of running text share: pages and their numbers, outlines, paragraphs, and pieces that are short enough to cite.

The text of a PDF has no blank lines and no indents: a paragraph ends where a line is short and ends a sentence, or where the next line
begins with the mark of a list; a heading is told from an item of a list by the order of its marks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from ingest.readers.base import ReadError, Record
from ingest.readers.official import PAGE_BREAK, OfficialFile

MOST_WORDS = 220  # of a piece
SHORT_LINE = 0.8  # of the usual width: the last line of a paragraph
LEADER = re.compile(r"(?:\.{4,}|…|(?:\. ){4,})[\s.…]*[\w-]*\s*$")  # the dots of a table of contents
BULLET = re.compile(r"^\s*(?:[•●○▪◦–*]|o)\s+(?=\S)")
SENTENCE_END = re.compile(r"(?:(?<=[.?!;])|(?<=[.?!;][”\"')\]]))\s+(?=[A-Z0-9“\"(•])")
ENDS = re.compile(r"[.?!:;][”\"')\]]*$")
# The mark of an item: "A.", "1.", "a.", "1)", "(a)", "(1)"; not "e.g.", "U.S." or "1.5".
MARK = re.compile(r"^(?:(?P<point>[A-Z]|\d{1,2}|[a-z])\.(?![A-Za-z]\.)(?=\s|[A-Z“(])|(?P<half>\d{1,2})\)|\((?P<both>[a-z]{1,4}|\d{1,2})\))\s*(?=\S)")
ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii", "xix", "xx")


@dataclass(frozen=True)
class Line:
    """A line of text and the number of its page as printed, "" where none is known."""

    text: str
    page: str


@dataclass
class Section:
    """A part of a text under one heading; `above` are the headings over it, outermost first."""

    name: str
    title: str
    above: tuple[str, ...] = ()
    lines: list[Line] = field(default_factory=list)
    revision: str = ""  # that last changed it, where the text tells


@dataclass(frozen=True)
class Piece:
    """Some paragraphs that are cited as one; `page` is where they begin."""

    text: str
    page: str


def pages_of(file: OfficialFile) -> Iterator[tuple[str, str]]:
    """Each page of a PDF, or each part of a text between form feeds, with its number; a text without form feeds is one part without a number."""
    if file.is_pdf:
        yield from ((str(number), page) for number, page in enumerate(file.pages(), 1))
        return
    with file.text("utf-8") as text:
        content = text.read()
    if "\ufffd" in content:
        with file.text("cp1252") as text:
            content = text.read()
    parts = content.split(PAGE_BREAK)
    yield from ((str(number) if len(parts) > 1 else "", part) for number, part in enumerate(parts, 1))


def printed_pages(pages: Iterable[tuple[str, str]], label: re.Pattern[str]) -> Iterator[tuple[str, list[str]]]:
    """Pages under their printed numbers, group 1 of `label`, which stands on a line of its own at the foot.

    A part that holds several labels is a text whose pages were put together, and is cut after each of them; one without a label keeps the
    number it has.
    """
    for number, content in pages:
        lines = [line.strip() for line in content.splitlines()]
        found = [(position, match[1].replace(" ", "")) for position, line in enumerate(lines) if (match := label.match(line))]
        if len(found) < 2 and number:
            yield found[0][1] if found else number, lines
            continue
        start = 0
        for position, name in found:
            yield name, lines[start : position + 1]
            start = position + 1
        if any(lines[start:]):
            yield number, lines[start:]


def is_contents(lines: Sequence[str]) -> bool:
    """Whether a page is one of a table of contents."""
    return sum(bool(LEADER.search(line)) for line in lines) >= 3


class Outline:
    """The marks that lead to where the reader is, each with its kind, so that an item of a list is not taken for a heading.

    A mark belongs to the outline when it follows the last one of its kind, or is the first of a kind that is not yet there. `order` names
    the kinds from the outermost in; without it a kind may stand under any other.
    """

    def __init__(self, order: Sequence[str] = ()) -> None:
        self._order = tuple(order)
        self.marks: list[tuple[str, str]] = []  # (kind, value)

    def step(self, line: str) -> tuple[str, str] | None:
        """Go on to the mark that a line begins with: its kind and the rest of the line, None when it is no mark of the outline."""
        match = MARK.match(line)
        if not match:
            return None
        for kind, value in _readings(match):
            if self._goes_on(kind, value):
                return kind, line[match.end() :].strip()
        return None

    def _goes_on(self, kind: str, value: str) -> bool:
        kinds = [known for known, _ in self.marks]
        if kind in kinds:
            depth = kinds.index(kind)
            if value != _following(kind, self.marks[depth][1]):
                return False
        else:
            depth = len(kinds)
            if value != _first(kind) or (self._order and not self._fits(kind, kinds)):
                return False
        self.marks[depth:] = [(kind, value)]
        return True

    def _fits(self, kind: str, kinds: list[str]) -> bool:
        return kind in self._order and (not kinds or self._order.index(kind) > self._order.index(kinds[-1]))

    @property
    def path(self) -> tuple[str, ...]:
        """The values of the marks, outermost first."""
        return tuple(value for _, value in self.marks)


def _readings(match: re.Match[str]) -> Iterator[tuple[str, str]]:
    """The kinds a mark may be of: "(i)" is the letter after h, or the first Roman number."""
    value = match["point"] or match["half"] or match["both"]
    shape = "{}." if match["point"] else "{})" if match["half"] else "({})"
    if value.isdigit():
        yield shape.format("1"), str(int(value))
    elif value.isupper():
        yield shape.format("A"), value
    else:
        if len(value) == 1:
            yield shape.format("a"), value
        if value in ROMAN:
            yield shape.format("i"), value


def _first(kind: str) -> str:
    return kind.strip("().")


def _following(kind: str, value: str) -> str:
    if value.isdigit():
        return str(int(value) + 1)
    if kind.strip("().") == "i":
        return ROMAN[(ROMAN.index(value) + 1) % len(ROMAN)]
    return chr(ord(value) + 1)


def paragraphs(lines: Sequence[Line]) -> list[Piece]:
    """Lines put together into paragraphs; each item of a list is one of its own."""
    found: list[Piece] = []
    width = max((len(line.text) for line in lines), default=0)
    current: list[str] = []
    page = ""
    for line in lines:
        text = line.text.strip()
        if current and (not text or starts_item(text) or _is_end(current[-1], width)):
            found.append(Piece(joined(current), page))
            current = []
        if text:
            page = page if current else line.page
            current.append(BULLET.sub("• ", text))
    if current:
        found.append(Piece(joined(current), page))
    return found


def starts_item(text: str) -> bool:
    """Whether a line begins with a bullet or the mark of an item."""
    return bool(BULLET.match(text) or MARK.match(text))


def _is_end(line: str, width: int) -> bool:
    return bool(ENDS.search(line)) and len(line) < SHORT_LINE * width


def joined(lines: Iterable[str]) -> str:
    """Lines as one text; a word that was broken at its hyphen loses the break and keeps the hyphen."""
    text = ""
    for line in lines:
        broken = text.endswith("-") and text[-2:-1].isalnum() and line[:1].isalnum()
        text += line if broken or not text else f" {line}"
    return " ".join(text.split())


def pieces(found: Sequence[Piece], most: int = MOST_WORDS) -> Iterator[Piece]:
    """Paragraphs packed into pieces of at most `most` words, cut at the ends of paragraphs, else of sentences, else between words."""
    held: list[str] = []
    size, page = 0, ""
    for part in _parts(found, most):
        words = len(part.text.split())
        if held and size + words > most:
            yield Piece("\n".join(held), page)
            held, size = [], 0
        page = page if held else part.page
        held.append(part.text)
        size += words
    if held:
        yield Piece("\n".join(held), page)


def _parts(found: Sequence[Piece], most: int) -> Iterator[Piece]:
    """Paragraphs, those that are too long cut into sentences put together."""
    for paragraph in found:
        if len(paragraph.text.split()) <= most:
            yield paragraph
            continue
        held: list[str] = []
        for sentence in (short for whole in SENTENCE_END.split(paragraph.text) for short in _cut(whole, most)):
            if held and len(" ".join([*held, sentence]).split()) > most:
                yield Piece(" ".join(held), paragraph.page)
                held = []
            held.append(sentence)
        if held:
            yield Piece(" ".join(held), paragraph.page)


def _cut(sentence: str, most: int) -> Iterator[str]:
    words = sentence.split()
    yield from (" ".join(words[start : start + most]) for start in range(0, len(words), most))


def decoded(head: bytes) -> str:
    """The first bytes of a file as text: UTF-8, where the last character may be cut off, else cp1252."""
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError as error:
        return head.decode("utf-8", "ignore") if error.start > len(head) - 4 else head.decode("cp1252", "replace")


def checked(found: Iterable[Record], file: OfficialFile) -> Iterator[Record]:
    """The records of a manual; an error when there is none."""
    records = iter(found)
    first = next(records, None)
    if first is None:
        raise ReadError(f"{file}: titled as a manual, but no section was found in it; is the file cut off?")
    yield from chain([first], records)


def records(
    series: str, release: str, sections: Iterable[Section], titled: Callable[[Section], str], placed: Callable[[Section, str], str]
) -> Iterator[Record]:  # fmt: skip
    """Passages of a manual, `PASSAGE` records numbered through: `titled` and `placed` say how a section, on a page, is called and cited."""
    number = 0
    for section in sections:
        for piece in pieces(paragraphs(section.lines)):
            number += 1
            key = f"manual/{series}/{release.replace('/', '-')}/{number}"
            also = "; ".join(section.above)
            yield key, "manual", None, section.name, titled(section), piece.text, also, placed(section, piece.page), 1
