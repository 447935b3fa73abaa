"""Fact tables: real HTML tables, so that the browser finds words in them, screen readers read them and they paste into a sheet."""

from __future__ import annotations

from html import escape

from assistant.answer import FactTable
from assistant.pages.words import Mark


def drawn(facts: FactTable, mark: Mark) -> str:
    """A table that scrolls by itself where it is wider than the screen or long."""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in facts.columns)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in facts.rows)
    marked = "".join(mark(n) for n in facts.citations)
    return (
        f'<div class="facts"><h5>{escape(facts.title)} {marked}</h5>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(facts.title)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></div>"
    )
