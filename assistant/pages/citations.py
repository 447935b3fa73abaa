"""The row of sources under an answer: each opens the words or the row that stand there, with release, dates and place."""

from __future__ import annotations

from html import escape

from assistant.answer import Answer, Citation
from assistant.export import in_force
from assistant.pages.words import Mark

_LABEL = 44  # characters of a source's title that a chip shows
_NUMBERS = 4  # citations that it names


def marks(answer: Answer, turn: int) -> Mark:
    """Markers that lead to the sources of this answer; a browser opens the folded source it is sent into."""
    known = {citation.n for citation in answer.citations}
    return lambda n: f'<a class="mark" href="#{_place(turn, n)}" aria-label="Source {n}">[{n}]</a>' if n in known else f"[{n}]"


def row(answer: Answer, turn: int) -> str:
    """The sources as HTML, one chip each with all its citations behind it; empty when there are none."""
    if not answer.citations:
        return ""
    by_source: dict[int, list[Citation]] = {}
    for citation in answer.citations:
        by_source.setdefault(citation.evidence.source.id, []).append(citation)
    chips = "".join(_chip(citations, turn) for citations in by_source.values())
    return f'<section class="sources" aria-label="Sources"><h5>Sources</h5><div class="chips">{chips}</div></section>'


def _chip(citations: list[Citation], turn: int) -> str:
    """A source, folded: opened it shows its release and dates once, and every place cited."""
    source = citations[0].evidence.source
    title = source.title if len(source.title) <= _LABEL else source.title[: _LABEL - 1].rstrip() + "…"
    numbers = ", ".join(str(citation.n) for citation in citations[:_NUMBERS]) + ("…" if len(citations) > _NUMBERS else "")
    facts = [f"Release {source.release}", in_force(source), source.publisher]
    about = escape(" · ".join(fact for fact in facts if fact))
    return (
        f'<details class="source"><summary><b>{numbers}</b> {escape(title)} <i>{escape(source.release)}</i></summary>'
        f'<div class="about-source"><strong>{escape(source.title)}</strong><span class="release">{about}</span></div>'
        f"{''.join(_evidence(citation, turn) for citation in citations)}</details>"
    )


def _evidence(citation: Citation, turn: int) -> str:
    """The place and the words or the row that stand there."""
    evidence = citation.evidence
    url = evidence.url or evidence.source.url or ""
    web = url.startswith(("https://", "http://"))
    link = f' <a href="{escape(url)}" target="_blank" rel="noopener noreferrer">Open the publication</a>' if web else ""
    return (
        f'<div class="evidence" id="{_place(turn, citation.n)}"><span class="where"><b>[{citation.n}]</b> {escape(evidence.locator)}{link}</span>'
        f"<blockquote>{escape(evidence.excerpt)}</blockquote></div>"
    )


def _place(turn: int, n: int) -> str:
    return f"source-{turn}-{n}"
