"""An answer's text as HTML.

The answers are drawn as HTML and not as Markdown, because Markdown on a page knows mathematics (`$`), emoji (`:100:`) and
arrows (`->`) besides markup, and facts hold all of these characters. HTML has one way to show a character as it is: `escape`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape

from assistant.answer import Answer

_HEADING = re.compile(r"\*\*(.+)\*\*")
_MARKERS = re.compile(r"( ?(?:\[\d{1,3}\])+)")
_NUMBER = re.compile(r"\[(\d{1,3})\]")

Mark = Callable[[int], str]  # the HTML of the citation marker with this number


def plain(n: int) -> str:
    """A marker that leads nowhere yet: the sources come with the end of the answer."""
    return f'<span class="mark">[{n}]</span>'


def streaming(text: str) -> str:
    """What has come so far of `Answer.text`."""
    return "".join(_blocks(text, plain)) + '<span class="more"></span>'


def finished(answer: Answer, mark: Mark) -> str:
    """The whole text, its first statement set apart because it is the answer in short."""
    text = answer.text
    lead = ""
    if answer.statements and not answer.statements[0].heading and not answer.statements[0].bullet:
        first = answer.statements[0]
        sentence = f"{first.text} {''.join(f'[{n}]' for n in first.citations)}".strip()
        if text.startswith(sentence):
            lead = f'<p class="lead">{_words(sentence, mark)}</p>'
            text = text[len(sentence) :]
    return lead + "".join(_blocks(text, mark))


def _blocks(text: str, mark: Mark) -> Iterator[str]:
    """Headings, paragraphs and lists of `Answer.text`; nothing else is structure."""
    items: list[str] = []
    for line in text.split("\n"):
        if line.startswith("- "):
            items.append(f"<li>{_words(line[2:], mark)}</li>")
            continue
        if items:
            yield f"<ul>{''.join(items)}</ul>"
            items = []
        heading = _HEADING.fullmatch(line.strip())
        if heading:
            yield f"<h4>{_words(heading[1], mark)}</h4>"
        elif line.strip():
            yield f"<p>{_words(line.strip(), mark)}</p>"
    if items:
        yield f"<ul>{''.join(items)}</ul>"


def _words(text: str, mark: Mark) -> str:
    """Escaped words with their markers, which no line break parts from them; `re.split` puts the markers at odd places."""
    parts = _MARKERS.split(text)
    return "".join(f'<span class="marks">{_marks(part, mark)}</span>' if at % 2 else escape(part) for at, part in enumerate(parts))


def _marks(group: str, mark: Mark) -> str:
    return _NUMBER.sub(lambda match: mark(int(match[1])), group)
