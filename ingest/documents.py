"""The user's own documents, such as payer policies and department rules: PDF, DOCX, HTML, Markdown or text, as passages.

A document stays on this machine. It is text to quote: nothing in it is ever an instruction to the program.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.model import SourceKind
from ingest.readers.base import PASSAGE, ReadError, Reading, Record, Release, batched
from ingest.readers.errors import DAMAGE
from ingest.readers.official import PDF, ZIP
from ingest.sections import Line, Section, decoded, paragraphs, pieces

if TYPE_CHECKING:
    from docx.table import Table

OWN = "own document"  # the publisher where no payer is given
MOST_BYTES = 100_000_000
MOST_HEADING = 120  # characters
PDF_HEADING = re.compile(
    r"^(?:(?:section|chapter|article|part)\s+\w+|\d{1,2}(?:\.\d{1,2})*\.?|[IVX]+\.|[A-Z]\.)\s+[A-Z][^.;,]*[^.;,:]?$", re.IGNORECASE
)
CAPITALS = re.compile(r"^(?=.*[A-Z]{4})[A-Z0-9][A-Z0-9 &/,()'’:–-]{3,79}$")
MARKDOWN_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
UNDERLINE = re.compile(r"^(=+|-+)\s*$")
FENCE = re.compile(r"^\s*(?:```|~~~)")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
HTML = re.compile(r"<(?:!doctype html|html|head|body)\b", re.IGNORECASE)
PAGE_NUMBER = re.compile(r"^(?:page\s+)?\d{1,4}(?:\s+(?:of|/)\s+\d{1,4})?$", re.IGNORECASE)
RUNNING = 3  # pages on whose edge a line stands to be a running head
BLOCKS = frozenset(
    "address article aside blockquote dd div dl dt figcaption footer form header hr li main nav ol p pre section table td th tr ul".split()
)
HIDDEN = frozenset(("script", "style", "template", "noscript", "title"))


def reading(path: Path, title: str, date: date, payer: str | None = None, until: date | None = None) -> Reading:
    """A document as one release of its title, valid from `date` to `until` (or to the next of its title).

    Raises:
        ReadError: in one line, when it is empty, damaged, locked, without text, of no format that is read here, or has no title.
    """
    series = slug(title)
    if not series:
        raise ReadError(f"{path.name}: the title {title!r} has no letter or number; give it a title")
    if until and until < date:
        raise ReadError(f"{path.name}: --until {until} lies before --date {date}")
    sections = _checked(_reader(path)(path), path)
    key = f"document/{series}/{date}"
    release = Release(SourceKind.DOCUMENT, date.isoformat(), title.strip(), (payer or "").strip() or OWN, None, date, until, series=series)
    return Reading(release, {"passage": PASSAGE}, batched("passage", _records(sections, key, title.strip())))


def slug(title: str) -> str:
    """A title as a name for its series: small letters, numbers and hyphens."""
    return re.sub(r"[\W_]+", "-", title.casefold()).strip("-")


def _reader(path: Path) -> Callable[[Path], Iterator[Section]]:
    """How to read a file, by its first bytes; the name tells Markdown from text."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise ReadError(f"{path.name}: cannot be read ({error.strerror or error})") from None
    if size > MOST_BYTES:
        raise ReadError(f"{path.name}: {size / 1e6:.0f} MB is too large for a document; the limit is {MOST_BYTES / 1e6:.0f} MB")
    if not head.strip():
        raise ReadError(f"{path.name}: empty")
    if head.startswith(PDF):
        return _pdf
    if head.startswith(ZIP):
        return _docx
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise ReadError(f"{path.name}: an old Word file or one with a password; save it as DOCX or PDF without a password")
    if (b"\x00" in head and not head.startswith(UTF_16)) or head.startswith((b"\xff\xd8", b"\x89PNG", b"{\\rtf")):
        raise ReadError(f"{path.name}: not a PDF, DOCX, HTML, Markdown or text file; save it as one of them")
    text = decoded(head)
    if HTML.search(text) or path.suffix.lower() in (".html", ".htm"):
        return _html
    return _markdown if path.suffix.lower() in (".md", ".markdown") else _text


def _checked(sections: Iterator[Section], path: Path) -> Iterator[Section]:
    """The sections that have words; an error at once when there is none."""
    worded = (section for section in sections if any(line.text.strip() for line in section.lines))
    first = next(worded, None)
    if first is None:
        hint = "a PDF of images? run text recognition (OCR) over it first" if path.suffix.lower() == ".pdf" else "is it empty?"
        raise ReadError(f"{path.name}: no text in it; {hint}")
    return chain([first], worded)


def _records(sections: Iterator[Section], key: str, title: str) -> Iterator[Record]:
    number = 0
    for section in sections:
        path = " > ".join((*section.above, section.title)) if section.title else ""
        for piece in pieces(paragraphs(section.lines)):
            number += 1
            place = ", ".join(part for part in (path, f"page {piece.page}" if piece.page else "") if part) or f"part {number}"
            yield f"{key}/{number}", "document", None, None, f"{title}: {path}" if path else title, piece.text, "", place, 1


@dataclass
class _Headings:
    """The headings that lead to where the reader is, by level; sections are closed as the next heading comes."""

    path: list[tuple[int, str]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def heading(self, level: int, title: str) -> Iterator[Section]:
        """Close the section before and begin one; `level` 1 is the outermost."""
        yield from self.close()
        self.path = [known for known in self.path if known[0] < level] + [(level, title)]

    def add(self, text: str, page: str = "") -> None:
        """A line of the section."""
        self.lines.append(Line(text, page))

    def close(self) -> Iterator[Section]:
        """The section so far."""
        titles = [title for _, title in self.path]
        if self.lines:
            yield Section("", titles[-1] if titles else "", tuple(titles[:-1]), self.lines)
        self.lines = []


# The formats


def _text_of(path: Path) -> str:
    raw = path.read_bytes()
    if raw.startswith(UTF_16):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _text(path: Path) -> Iterator[Section]:
    """Plain text: lines in capitals or with a number before them, between blank lines, are headings."""
    found = _Headings()
    lines = ["", *(line.strip() for line in _text_of(path).replace("\f", "\n").splitlines()), ""]
    for above, line, below in zip(lines, lines[1:], lines[2:], strict=False):
        if line and not above and not below and _is_heading(line):
            yield from found.heading(1, line)
        else:
            found.add(line)
    yield from found.close()


def _is_heading(line: str) -> bool:
    return len(line) <= MOST_HEADING and bool(CAPITALS.match(line) or PDF_HEADING.match(line))


def _markdown(path: Path) -> Iterator[Section]:
    """Markdown: headings with `#` or underlined; code blocks are text."""
    found, fenced = _Headings(), False
    lines = [*_text_of(path).splitlines(), ""]
    position = 0
    while position < len(lines) - 1:
        line, below = lines[position], lines[position + 1]
        position += 1
        if FENCE.match(line):
            fenced = not fenced
        elif fenced:
            found.add(line)
        elif match := MARKDOWN_HEADING.match(line):
            yield from found.heading(len(match[1]), _plain(match[2]))
        elif line.strip() and (match := UNDERLINE.match(below)) and len(match[1]) > 1 and not line.startswith("|"):
            yield from found.heading(1 if match[1].startswith("=") else 2, _plain(line.strip()))
            position += 1
        else:
            found.add(_plain(line))
    yield from found.close()


def _plain(text: str) -> str:
    """Markdown without emphasis and link targets, which a quoted sentence has no use for; items of lists get one mark."""
    text = re.sub(r"^\s*[-+*]\s+(?=\S)", "• ", text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"(\*\*|__|`)(?=\S)(.+?)(?<=\S)\1", r"\2", text)


def _pdf(path: Path) -> Iterator[Section]:
    """PDF: numbered lines and lines in capitals are headings; what repeats at the edge of pages, and page numbers, are left out."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        document = PdfReader(path)
        if document.is_encrypted and not document.decrypt(""):
            raise ReadError(f"{path.name}: locked with a password; save it without one")
        pages = [[line.strip() for line in page.extract_text().splitlines()] for page in document.pages]
    except ReadError:
        raise
    except (PyPdfError, OSError, LookupError, TypeError, AttributeError, *DAMAGE) as error:
        raise ReadError(f"{path.name}: not a PDF that can be read ({' '.join(str(error).split())[:100] or type(error).__name__})") from None
    edges = [line for lines in pages for line in {*lines[:2], *lines[-2:]} if line]
    running = {line for line in edges if edges.count(line) >= RUNNING}
    found = _Headings()
    for number, lines in enumerate(pages, 1):
        for line in lines:
            if line in running or PAGE_NUMBER.match(line):
                continue
            if _is_heading(line):
                yield from found.heading(1, line)
            else:
                found.add(line, str(number))
    yield from found.close()


def _docx(path: Path) -> Iterator[Section]:
    """DOCX: paragraphs and tables in order, headings by their style; a row of a table is a line."""
    from docx import Document
    from docx.opc.exceptions import OpcError
    from docx.table import Table as WordTable

    found = _Headings()
    try:
        items = list(Document(str(path)).iter_inner_content())
        blocks = [_row_lines(item) if isinstance(item, WordTable) else (item.style.name if item.style else "", item.text) for item in items]
    except (OpcError, SyntaxError, KeyError, AttributeError, OSError, *DAMAGE):
        raise ReadError(f"{path.name}: a zip archive that is no Word document; give the document itself") from None
    for block in blocks:
        if isinstance(block, list):
            for row in block:
                found.add(row)
        elif (match := re.match(r"(?:Heading (\d)|Title)$", block[0] or "")) and block[1].strip():
            yield from found.heading(int(match[1]) if match[1] else 1, block[1].strip())
        else:
            mark = "• " if (block[0] or "").startswith("List") and block[1].strip() else ""
            found.add(mark + " ".join(block[1].split()))
        found.add("")
    yield from found.close()


def _row_lines(table: Table) -> list[str]:
    """The rows of a DOCX table, cells between bars; a cell that spans several columns is told once."""
    lines: list[str] = []
    for row in table.rows:
        cells = [" ".join(cell.text.split()) for cell in row.cells]
        kept = [cell for number, cell in enumerate(cells) if cell and (number == 0 or cell != cells[number - 1])]
        lines += [" | ".join(kept), ""]
    return lines


def _html(path: Path) -> Iterator[Section]:
    """HTML: headings by their tags; scripts, styles and what is hidden are left out."""
    parser = _Page()
    parser.feed(_text_of(path))
    parser.close()
    parser.end_block()
    yield from parser.sections
    yield from parser.found.close()


class _Page(HTMLParser):
    """Collects the blocks of a web page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = _Headings()
        self.sections: list[Section] = []
        self._words: list[str] = []
        self._hidden = 0
        self._level = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Headings and blocks begin a new line."""
        if tag in HIDDEN:
            self._hidden += 1
        elif re.fullmatch(r"h[1-6]", tag):
            self.end_block()
            self._level = int(tag[1])
        elif tag in BLOCKS or tag == "br":
            self.end_block()
            if tag == "li":
                self._words.append("• ")

    def handle_endtag(self, tag: str) -> None:
        """And end it."""
        if tag in HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in BLOCKS or re.fullmatch(r"h[1-6]", tag):
            self.end_block()

    def handle_data(self, data: str) -> None:
        """Words between tags."""
        if not self._hidden:
            self._words.append(data)

    def end_block(self) -> None:
        """The words so far become a heading or a paragraph."""
        text, level = " ".join("".join(self._words).split()), self._level
        self._words, self._level = [], 0
        if text.strip("• ") and level:
            self.sections += self.found.heading(level, text)
        elif text.strip("• "):
            self.found.add(text)
            self.found.add("")
