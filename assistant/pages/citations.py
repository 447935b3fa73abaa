"""The row of sources under an answer: each opens the words or the row that stand there, with release, dates and place."""

from __future__ import annotations

from html import escape

from assistant.answer import Answer, Citation
from assistant.export import in_force
from assistant.pages.words import Mark

_LABEL = 34  # characters of a source's title that a chip shows


def marks(answer: Answer, turn: int) -> Mark:
    """Markers that lead to the sources of this answer; a browser opens the folded source it is sent into."""
    known = {citation.n for citation in answer.citations}
    return lambda n: f'<a class="mark" href="#{_place(turn, n)}" aria-label="Source {n}">[{n}]</a>' if n in known else f"[{n}]"


def row(answer: Answer, turn: int) -> str:
    """The sources as HTML; empty when there are none."""
    if not answer.citations:
        return ""
    chips = "".join(_chip(citation, turn) for citation in answer.citations)
    return f'<section class="sources" aria-label="Sources"><h5>Sources</h5><div class="chips">{chips}</div></section>'


def _chip(citation: Citation, turn: int) -> str:
    evidence = citation.evidence
    source = evidence.source
    title = source.title if len(source.title) <= _LABEL else source.title[: _LABEL - 1].rstrip() + "…"
    dates = in_force(source)
    facts = [f"Release {escape(source.release)}", escape(dates) if dates else "", escape(source.publisher)]
    url = evidence.url or source.url or ""
    web = url.startswith(("https://", "http://"))
    link = f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">Open the publication</a>' if web else ""
    return (
        f'<details class="source"><summary><b>{citation.n}</b> {escape(title)} <i>{escape(source.release)}</i></summary>'
        f'<div class="evidence" id="{_place(turn, citation.n)}"><strong>{escape(source.title)}</strong>'
        f'<span class="where">{escape(evidence.locator)}</span><blockquote>{escape(evidence.excerpt)}</blockquote>'
        f'<span class="release">{" · ".join(fact for fact in facts if fact)}</span>{link}</div></details>'
    )


def _place(turn: int, n: int) -> str:
    return f"source-{turn}-{n}"
