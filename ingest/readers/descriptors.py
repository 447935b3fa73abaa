"""The AMA's wordings of CPT codes, from the user's own licensed copy: nothing of them ships with the program.

CPT Standard Data Files: the long descriptors (LONGULT, LONGUT: code TAB text; LONGULF, LONGUF: code, a blank, text), the medium ones
(MEDU, at most 48 characters) and the short ones (SHORTU, at most 28), all capitals, below the AMA's notice; and two tables with a
header line, Consumer Friendly Descriptors and Clinician Descriptors, txt or xlsx. Layouts as the read-me of the data files tells. The
edition is the year that follows "CPT" in the notice or that stands in the file name; the year of the copyright is another one.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from corpus.model import SourceKind
from ingest.readers.base import CPT, OfficialFile, ReadError, Reading, Record, Release, batched, fail

TITLES = {
    "long": "CPT Long Descriptors",
    "medium": "CPT Medium Descriptors",
    "short": "CPT Short Descriptors",
    "consumer": "CPT Consumer Friendly Descriptors",
    "clinician": "CPT Clinician Descriptors",
}
URL = "https://www.ama-assn.org/practice-management/cpt"
COLUMNS = ("code", "kind", "position", "text")
WIDTHS = {"short": 28, "medium": 48}  # characters, at most
NOTICE = re.compile(rb"American\s+Medical\s+Association", re.IGNORECASE)
LINE = re.compile(r"(\d{4}[0-9AFTUM])[\t ](?=\S)([^\t]*[A-Za-z][^\t]*)")
LEAST = 2  # lines with a code that a file is recognised by
MOST_NOTICE = 100  # lines
TABLE = re.compile(
    rb'^(?:\xef\xbb\xbf)?"?Concept Id"?[\t,]"?CPT Code"?[\t,]"?'
    rb'(?:(Consumer Friendly Descriptor)|Clinician Descriptor Id"?[\t,]"?Clinician Descriptor)"?\s*$',
    re.IGNORECASE | re.MULTILINE,
)
EDITION = re.compile(r"CPT(?:®|\(R\))?\)?,?\s+(20\d\d)(?!\d)")
YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


def sniff(head: bytes) -> bool:
    """The header of a table, or the AMA's notice with lines below it that are a CPT code and its wording and nothing else."""
    return bool(TABLE.match(head)) or bool(NOTICE.search(head) and _samples(head))


def read(file: OfficialFile) -> Reading:
    """Read all wordings of one kind; the kinds are series of their own.

    Raises:
        ReadError: when the edition stands neither in the notice nor in the name of the file or its archive.
    """
    table = TABLE.match(file.head())
    kind = ("consumer" if table[1] else "clinician") if table else _kind(_samples(file.head()))
    rows = _table(file, kind) if table else _lines(file, kind)
    year = _edition(file)
    release = Release(SourceKind.DESCRIPTORS, str(year), TITLES[kind], "AMA", None, date(year, 1, 1), date(year, 12, 31), URL, kind)
    reading = Reading(release, {"descriptor": COLUMNS}, iter(()))
    reading.batches = batched("descriptor", _records(rows, kind, reading))
    return reading


def _samples(head: bytes) -> list[str]:
    """The wordings in the first lines; none when a line after the first of them is anything else."""
    lines = head.decode(_encoding(head), "replace").splitlines()
    if len(head) >= 64 * 1024:
        lines.pop()  # cut off
    start = next((number for number, line in enumerate(lines) if LINE.fullmatch(line)), len(lines))
    found = [LINE.fullmatch(line) for line in lines[start:] if line.strip("\x1a \t")]
    texts = [match[2].rstrip() for match in found if match]
    return texts if start <= MOST_NOTICE and LEAST <= len(texts) == len(found) else []


def _kind(texts: list[str]) -> str:
    """Long, medium or short: the last two are all capitals and limited in width."""
    longest = max(map(len, texts))
    if any(text != text.upper() for text in texts):
        return "long"
    return next((kind for kind, width in WIDTHS.items() if longest <= width), "long")


def _edition(file: OfficialFile) -> int:
    top = file.head()[:8192].decode(_encoding(file.head()), "replace")
    found = EDITION.search(top) or YEAR.search(file.name) or YEAR.search(file.archive or "")
    if not found:
        raise ReadError(f"{file}: the edition (year) does not stand in the file; put it into the name, as in LONGULT_2026.txt, and add it again")
    return int(found[1])


def _encoding(head: bytes) -> str:
    """UTF-8 where the first lines are; cp1252 as in the older editions otherwise."""
    try:
        head.rpartition(b"\n")[0].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _lines(file: OfficialFile, kind: str) -> Iterator[tuple[str, str]]:
    """Code and text of each line below the notice."""
    width, begun = WIDTHS.get(kind), False
    with file.text(_encoding(file.head())) as text:
        for line, content in enumerate(text, start=1):
            content = content.rstrip("\r\n\x1a \t")
            if not (found := LINE.fullmatch(content)):
                if begun and content:
                    fail(file, line, f"{content[:40]!r} is not a CPT code, a tab or blank, and its descriptor")
                continue
            begun = True
            if width and len(found[2]) > width:
                fail(file, line, f"the descriptor of {found[1]} has {len(found[2])} characters; a {kind} one has at most {width}")
            yield found[1], found[2]


def _table(file: OfficialFile, kind: str) -> Iterator[tuple[str, str]]:
    """Code and text of each row of a table with a header."""
    width = 3 if kind == "consumer" else 4
    tabs = b"\t" in file.head().partition(b"\n")[0]
    layout = {"delimiter": "\t", "quoting": csv.QUOTE_NONE} if tabs else {}
    with file.table(_encoding(file.head()), **layout) as rows:
        next(rows)
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) < width:
                fail(file, rows.line_num, f"{len(row)} columns, wanted {width}: {' '.join(row)[:60]!r}")
            code, text = row[1].strip().zfill(5), row[width - 1].strip()
            if not CPT.fullmatch(code) or not text:
                fail(file, rows.line_num, f"CPT Code {row[1]!r} with descriptor {text[:40]!r}: wanted a CPT code and its wording")
            yield code, text


def _records(rows: Iterator[tuple[str, str]], kind: str, reading: Reading) -> Iterator[Record]:
    """Records; `position` counts the wordings of a code."""
    seen: set[tuple[str, str]] = set()
    counts: Counter[str] = Counter()
    for code, text in rows:
        text = " ".join(text.split())
        if (code, text) in seen:
            reading.skip("repeated")
            continue
        seen.add((code, text))
        yield code, kind, counts[code], text
        counts[code] += 1
