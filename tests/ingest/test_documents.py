"""The user's own documents: every format with headings and pages, and what is wrong with a file said in one line."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.model import SourceKind
from ingest.documents import reading, slug
from ingest.readers.base import ReadError
from tests.ingest.official_manuals import pdf, write
from tests.ingest.test_manual import Passages, passages

DAY = date(2026, 1, 1)
LONG = " ".join(f"Sentence {n} of the policy speaks of parts and of their mending." for n in range(60))


def read(path: Path, title: str = "Part policy") -> Passages:
    return passages(reading(path, title, DAY))


def told(found: Passages) -> list[tuple[str, str, str]]:
    return [(p["title"], p["place"], p["text"]) for p in found]


MARKDOWN = """# Part policy

Words **before** all [link](https://example.org).

## Prior authorization

Mending needs [1] authorization.

- by phone
- by `fax`

```
# no heading
```

Claims
------

Send them.
"""
HTML = """<!DOCTYPE html><html><head><title>x</title><style>p {color: red}</style><script>alert("# no")</script></head><body>
<h1>Part policy</h1><p>Words <b>before</b>&nbsp;all.<h2>Prior authorization</h2><ul><li>by phone<li>by fax</ul>
<table><tr><td>10001</td><td>yes</td></tr></table></body></html>"""
TEXT = "PART POLICY\n\nWords before all\nover two lines.\n\n1. Prior Authorization\n\nBy phone.\n"


def test_markdown(tmp_path: Path) -> None:
    assert told(read(write(tmp_path, "a.md", MARKDOWN))) == [
        ("Part policy: Part policy", "Part policy", "Words before all link."),
        (
            "Part policy: Part policy > Prior authorization",
            "Part policy > Prior authorization",
            "Mending needs [1] authorization.\n• by phone\n• by fax\n# no heading",
        ),
        ("Part policy: Part policy > Claims", "Part policy > Claims", "Send them."),
    ]


def test_html(tmp_path: Path) -> None:
    assert told(read(write(tmp_path, "a.html", HTML))) == [
        ("Part policy: Part policy", "Part policy", "Words before all."),
        ("Part policy: Part policy > Prior authorization", "Part policy > Prior authorization", "• by phone\n• by fax\n10001\nyes"),
    ]


def test_text(tmp_path: Path) -> None:
    assert told(read(write(tmp_path, "a.txt", TEXT))) == [
        ("Part policy: PART POLICY", "PART POLICY", "Words before all over two lines."),
        ("Part policy: 1. Prior Authorization", "1. Prior Authorization", "By phone."),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    content = "The payer’s words – of café".encode(encoding)
    assert read(write(tmp_path, "a.txt", content))[0]["text"] == "The payer’s words – of café"


def test_docx(tmp_path: Path) -> None:
    document = Document()
    document.add_heading("Part policy", 0)
    document.add_paragraph("Words before all.")
    document.add_heading("Prior authorization", 1)
    document.add_heading("By whom", 2)
    document.add_paragraph("by phone", style="List Bullet")
    table = document.add_table(2, 2)
    for row, cells in zip(table.rows, (("Code", "Covered"), ("10001", "yes")), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.save(str(tmp_path / "a.docx"))
    found = read(tmp_path / "a.docx")
    assert [p["place"] for p in found] == ["Part policy", "Prior authorization > By whom"]
    assert found[1]["text"] == "• by phone\nCode | Covered\n10001 | yes"


def test_pdf_with_pages_and_running_heads(tmp_path: Path) -> None:
    pages = [["Payer Inc. policies", "PRIOR AUTHORIZATION", "Mending needs authorization.", str(n)] for n in (1, 2)]
    pages.append(["Payer Inc. policies", "2. Claims", "Send them", "by fax.", "Page 3 of 3"])
    assert told(read(write(tmp_path, "a.pdf", pdf(pages)))) == [
        ("Part policy: PRIOR AUTHORIZATION", "PRIOR AUTHORIZATION, page 1", "Mending needs authorization."),
        ("Part policy: PRIOR AUTHORIZATION", "PRIOR AUTHORIZATION, page 2", "Mending needs authorization."),
        ("Part policy: 2. Claims", "2. Claims, page 3", "Send them by fax."),
    ]


def test_long_texts_are_cut_at_sentences(tmp_path: Path) -> None:
    found = read(write(tmp_path, "a.txt", LONG))
    assert len(found) == 4
    assert all(len(p["text"].split()) <= 220 and p["text"].endswith(".") for p in found)
    assert " ".join(p["text"] for p in found) == LONG
    assert [p["place"] for p in found] == ["part 1", "part 2", "part 3", "part 4"]


def test_the_release_of_a_document(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "Words.")
    made = reading(path, " Part Policy (2026) ", DAY, " Payer Inc. ", date(2026, 6, 30)).release
    assert (made.kind, made.series, made.release, made.title) == (SourceKind.DOCUMENT, "part-policy-2026", "2026-01-01", "Part Policy (2026)")
    assert (made.publisher, made.valid_from, made.valid_to) == ("Payer Inc.", DAY, date(2026, 6, 30))
    assert made.key == "user-document/part-policy-2026/2026-01-01"
    other = reading(path, "Part policy", date(2026, 7, 1)).release
    assert (other.publisher, other.valid_to, other.url) == ("own document", None, None)


@pytest.mark.parametrize(("title", "series"), [("Aetna: Mending, Part 2", "aetna-mending-part-2"), ("  Ärzte_Regel ", "ärzte-regel"), ("!!", "")])
def test_a_title_as_a_name(title: str, series: str) -> None:
    assert slug(title) == series


def zipped(folder: Path, name: str) -> Path:
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr("readme.txt", "no document")
    return folder / name


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    cases = [
        (write(tmp_path, "empty.txt", ""), "empty"),
        (write(tmp_path, "blank.md", " \n\n\t\n"), "empty"),
        (write(tmp_path, "head.md", "# Only a heading\n"), "no text in it"),
        (write(tmp_path, "image.pdf", pdf([[], []])), "no text in it; a PDF of images"),
        (write(tmp_path, "locked.pdf", pdf([["Words"]], encrypt=True)), "locked with a password"),
        (write(tmp_path, "cut.pdf", pdf([["Words"]])[:60]), "not a PDF that can be read"),
        (write(tmp_path, "old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 words"), "old Word file or one with a password"),
        (write(tmp_path, "photo.txt", b"\x89PNG\r\n\x1a\n"), "not a PDF, DOCX"),
        (zipped(tmp_path, "other.docx"), "no Word document"),
        (write(tmp_path, "cut.docx", b"PK\x03\x04broken"), "no Word document"),
        (tmp_path / "missing.txt", "cannot be read"),
        (tmp_path, "cannot be read"),
    ]
    for path, message in cases:
        with pytest.raises(ReadError, match=message) as error:
            read(path)
        assert str(error.value).startswith(path.name), path
        assert "\n" not in str(error.value)


def test_titles_and_dates_that_cannot_be(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "Words.")
    with pytest.raises(ReadError, match="give it a title"):
        reading(path, "–", DAY)
    with pytest.raises(ReadError, match="lies before"):
        reading(path, "Policy", DAY, until=date(2025, 12, 31))


@settings(max_examples=80, deadline=None)
@given(
    start=st.sampled_from([b"", b"PK\x03\x04", b"%PDF-1.4\n", b"<html>", pdf([["Words of the policy."]]), b"# Title\n\n"]),
    rest=st.binary(max_size=300),
    name=st.sampled_from(["a.txt", "a.md", "a.html", "a.pdf", "a.docx"]),
)
def test_any_bytes_give_passages_or_a_read_error(start: bytes, rest: bytes, name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = write(tmp_path_factory.mktemp("bytes"), name, start + rest)
    try:
        found = read(path)
    except ReadError:
        return
    assert found
    assert all(p["text"].strip() and p["place"] and len(p["text"].split()) <= 220 for p in found)


WORD = st.text("abcdefghij", min_size=2, max_size=8)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(WORD, st.lists(WORD, min_size=1, max_size=300)), min_size=1, max_size=5))
def test_every_word_comes_back(sections: list[tuple[str, list[str]]]) -> None:
    """Sections → Markdown → the same words, in order, none twice."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        text = "".join(f"# {title}\n\n{' '.join(words)}\n\n" for title, words in sections)
        found = read(write(Path(folder), "a.md", text))
    assert " ".join(p["text"] for p in found).split() == [word for _, words in sections for word in words]
    assert {p["place"] for p in found} == {title for title, _ in sections}
