"""Manuals in small, in the layouts they are published in; every word is invented. And a PDF made by hand, since no library here writes one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

COVER = "MEDICARE NATIONAL CORRECT CODING INITIATIVE POLICY MANUAL"
DATE = "Revision Date (Medicare): 1/1/2026"
FILLER = "Parts are mended one after another, and each of them is told in the record with its side."


def ncci_pages(date: str = DATE, whole: bool = True) -> list[list[str]]:
    """Contents, introduction, and two chapters, page by page; `whole` False: chapter IV alone."""

    def foot(label: str) -> list[str]:
        return [date, label]

    contents = ["2026 Complete Table of Contents", "Medicare NCCI Coding Policy Manual", "Chapter I – General", "A. Introduction I-3", "Page 1"]
    first = [
        [*contents, "INTRODUCTION", "FOR", COVER, "Words of law.", *foot("Intro-1")],
        ["Table of Contents", *(f"{name} ................. Intro-3" for name in ("Introduction", "Purpose", "Others")), *foot("Intro-2")],
        ["Introduction", "The manual tells how parts are coded.", "Purpose", FILLER, *foot("Intro-3")],
        ["CHAPTER I", "GENERAL POLICIES", "FOR", COVER, *foot("I-1")],
        ["Table of Contents", *(f"{title} ............ I-3" for title in ("Chapter I", "A. Introduction", "B. Mending", "Q. Gone")), *foot("I-2")],
        ["Chapter I", "General Policies", "A.Introduction", FILLER, "B. Mending of Every Kind of Part of the Body That There Is", "(Mending)",
         "1. The first item, in", "two lines, e.g., this one.", "a. A part of the first item.", "2. The second item spans", *foot("I-3")],
        ["two pages.", "C. Reserved for future use", "D.Last", "A. is no heading here, nor is", "B. this one.", "1. Reserved for future use.",
         "2. Told.", *foot("I-4")],
    ]  # fmt: skip
    fourth = [
        ["CHAPTER IV", "SURGERY: JOINTS", "FOR", COVER, *foot("IV-1")],
        ["Table of Contents", *(f"{title} ............ IV-3" for title in ("Chapter IV", "A. Introduction", "B. Looking")), *foot("IV-2")],
        ["Chapter IV", "Surgery: Joints", "Codes 20000 - 29999", "A. Introduction", FILLER, "B. Looking into Joints", "a. By eye.",
         "b. By lens: code", "29999 names it.", "1. Deeper.", "c. By hand.", *foot("IV-3")],
    ]  # fmt: skip
    return [*first, *fourth] if whole else fourth


def iom(head: str = "(Rev. 13774; Issued: 05-08-26)") -> str:
    """A chapter of an Internet-Only Manual."""
    return f"""Medicare Benefit Policy Manual
Chapter 15 – Covered Parts and Other Services
Table of Contents
{head}
Transmittals for Chapter 15
10 - Parts
10.1 - Mending of Parts and Everything That Belongs to
It
20 – Tools
10 - Parts
(Rev. 1, 10-01-03)
B3-2005.3, HO-228.3
{FILLER}
10.1 - Mending of Parts and Everything That Belongs to
It
(Rev. 23, Issued: 10-08-04, Effective: 10-01-04, Implementation:
10-04-04)
Before the letters stands this.
A. Small Parts
They are mended by hand. See
10.5 - Elsewhere
in another manual.
B. Large Parts
1. By machine.
2. With help.
A. is not a heading again.
20 – Tools
(Rev. 79, 02-08-08)
Tools are covered.
Transmittals Issued for this Chapter
30 - Not a section
(Rev. 5, 01-01-05)
R5BP 01/01/2005 Words 01/01/2005
"""


def guidelines_pages(valid: str = "(October 1, 2025 - September 30, 2026)", year: str = "2026") -> list[list[str]]:
    """Title page with contents, and the guidelines."""
    title = "ICD-10-CM Official Guidelines for Coding and Reporting"

    def foot(number: int) -> list[str]:
        return [title, f"FY {year}", f"Page {number} of 4"]

    contents = [f"{line} ............................ 2" for line in ("Section I. Conventions", "A. Words", "1. Marks")]
    return [
        [title, f"FY {year} -- UPDATED", valid, "Words before.", f"{title} ........ 1", *contents, *foot(1)],
        ["Section I. Conventions, and what", "holds for every chapter", "Of all chapters.", "A. Words", "1. Marks", "Marks are signs.",
         "2. Brackets of every sort that are used in the whole of the", "tabular list", "a. Square", "Square ones.", "1) Inner", "(a) Deep",
         "Deep words, see", "Section I.A.1. Marks", "(i) Deeper", "Deeper words.", *foot(2)],
        ["(ii) Deepest", "Deepest words.", "(b) Next", "Next words.", "2) Outer", "Outer words.", "b. Round", "A. is no heading now.",
         "3. Use of every sign that there is in the book when all of", "them are told, the first counts.", "It is so.",
         "B. General", "1. Chapter 1: Parts", "Reserved for future guideline expansion", *foot(3)],
        ["Section II. Principal", "Of the first.", "Section III. Further", "Of others.", "Section IV. Outpatients", "A. First", "Of visits.",
         "Appendix I", "Present at the Door", "Of doors.", *foot(4)],
    ]  # fmt: skip


def as_text(pages: Sequence[Sequence[str]]) -> str:
    """The pages put together, as a tool that reads PDFs gives them."""
    return "".join("\n".join(lines) + "\n" for lines in pages)


def pdf(pages: Sequence[Sequence[str]], encrypt: bool = False) -> bytes:
    """A PDF of these lines; `encrypt`: it says that it is locked, in a way that no password opens."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"]
    kids = []
    for lines in pages:
        escaped = (line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode("cp1252") for line in lines)
        shown = b"".join(b"(%s) Tj T*\n" % line for line in escaped)
        stream = b"BT /F1 9 Tf 11 TL 40 800 Td\n" + shown + b"ET" if lines else b""
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        resources = b"/Resources << /Font << /F1 3 0 R >> >>"
        objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] %s /Contents %d 0 R >>" % (resources, len(objects)))
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    lock = b" /Encrypt << /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >> /ID [<00> <00>]" % (b"00" * 32, b"11" * 32) if encrypt else b""
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return body + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R%s >>\nstartxref\n%d\n%%%%EOF\n" % (
        count, table, count, lock, len(body),
    )  # fmt: skip


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """A file of this content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path
