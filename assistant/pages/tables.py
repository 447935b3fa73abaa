"""Fact tables: real HTML tables, so that the browser finds words in them, screen readers read them and they paste into a sheet."""

from __future__ import annotations

from html import escape

from assistant.answer import FactTable
from assistant.pages.words import Mark

_SHORT = 14  # characters


def drawn(facts: FactTable, mark: Mark) -> str:
    """A table of an answer, under its title and citations."""
    return f'<div class="facts"><h5>{escape(facts.title)} {"".join(map(mark, facts.citations))}</h5>{bare(facts)}</div>'


def bare(facts: FactTable) -> str:
    """The table alone; it scrolls by itself where it is wider than the screen or long."""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in facts.columns)
    rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in facts.rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(facts.title)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _cell(text: str) -> str:
    """A cell; codes, dates and numbers stay on one line."""
    kind = ' class="short"' if len(text) <= _SHORT else ""
    return f"<td{kind}>{escape(text)}</td>"
