import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers.mcd_html import pieces, plain

CASES = [
    ("", "", "nothing"),
    ("plain words", "plain words", "no markup"),
    ("<p>One</p><p>Two</p>", "One\nTwo", "a line for each paragraph"),
    ("&lt;p&gt;One&lt;/p&gt;", "One", "escaped once"),
    ("&amp;lt;p&amp;gt;One&amp;lt;&amp;sol;p&amp;gt;", "One", "escaped twice, slash by name"),
    ("<ul><li>One</li>\n<li>Two</li></ul>", "- One\n- Two", "list items"),
    ("<table><tr><td>a</td> <td>b</td></tr><tr><th>c</th><th>d</th></tr></table>", "a | b\nc | d", "table rows"),
    ("One<br/>Two<br>Three", "One\nTwo\nThree", "breaks"),
    ("<p>age &lt; 5 &amp; weight &gt; 3</p>", "age < 5 & weight > 3", "signs of the text"),
    (html.escape(html.escape("<p>age &lt; 5</p>")), "age < 5", "signs of a text that is escaped twice"),
    ("p < 0.05 and n > 3", "p < 0.05 and n > 3", "signs without markup"),
    ("HbA1c <7 or >9", "HbA1c <7 or >9", "a sign before a number is no tag"),
    ("<p>a&nbsp;&amp;nbsp;b</p>", "a b", "hard blanks, one escaped more often"),
    ("<p>a\r\n b</p>\r\n\r\n<p> </p>", "a b", "line ends of HTML mean nothing"),
    ("line one\r\nline two", "line one\nline two", "line ends of plain text mean lines"),
    ("<script>var a = 1</script><!-- note -->Text", "Text", "what is not shown"),
    ("<p class=\"x\">a<b>b</b>c</p>", "abc", "marks within a word"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "text", "why"), CASES, ids=[why for _, _, why in CASES])
def test_plain(field: str, text: str, why: str) -> None:
    assert plain(field) == text


WORD = st.text("abcxyz0123.,;()", min_size=1, max_size=8).filter(lambda word: word.strip("-| "))


@given(st.lists(st.lists(WORD, min_size=1, max_size=5), max_size=5), st.integers(0, 2))
def test_paragraphs_come_back_however_often_they_were_escaped(paragraphs: list[list[str]], times: int) -> None:
    field = "".join(f"<p>{' '.join(words)}</p>" for words in paragraphs)
    for _ in range(times):
        field = html.escape(field)
    assert plain(field) == "\n".join(" ".join(words) for words in paragraphs)


@given(st.text())
def test_any_text_has_no_blank_lines(field: str) -> None:
    assert all(line.strip() for line in plain(field).splitlines())


@given(st.lists(st.text("ab. ", min_size=1, max_size=60).filter(str.strip), max_size=8), st.integers(5, 40), st.integers(5, 60))
def test_pieces_keep_every_letter_and_the_limit(lines: list[str], first: int, size: int) -> None:
    text = "\n".join(lines)
    found = list(pieces(text, first, size))
    assert "".join("".join(found).split()) == "".join(text.split())
    for number, piece in enumerate(found):
        assert len(piece) <= (size if number else first)


def test_a_long_line_is_parted_after_a_sentence() -> None:
    assert list(pieces("One two three. Four five six.", 18, 18)) == ["One two three.", "Four five six."]
