"""The page of all loaded sources: what Codebook knows, of which release, from when."""

from __future__ import annotations

import streamlit as st

from assistant.answer import FactTable
from assistant.pages import backend, tables
from corpus.errors import CodebookError
from corpus.model import Source, SourceKind
from corpus.shelf import is_partial

_DATA = frozenset({SourceKind.FEE_SCHEDULE, SourceKind.MUE, SourceKind.ADD_ON, SourceKind.PTP, SourceKind.ICD10CM})
_PUBLICATIONS = frozenset({SourceKind.PUBLICATION})
_TABLES = (
    ("Official data", "Each release speaks for the dates it is in force; several releases lie side by side.", _DATA),
    ("Publications", "Manuals, statutes and guidelines that answers point into.", _PUBLICATIONS),
    (
        "Written for Codebook",
        "Pages, modifiers and articles in our own words, each naming its official source.",
        frozenset(SourceKind) - _DATA - _PUBLICATIONS,
    ),
)


def draw() -> None:
    """Draw the page."""
    st.title("Sources")
    st.html('<p class="about">Everything an answer can rest on. What is not listed here is answered with “no data”.</p>')
    try:
        sources = backend.sources()
    except CodebookError as error:
        st.info(str(error))
        return
    for title, about, kinds in _TABLES:
        chosen = [source for source in sources if source.kind in kinds]
        if chosen:
            st.subheader(title)
            st.html(f'<p class="about">{about}</p>{tables.bare(_table(title, chosen))}')


def _table(title: str, sources: list[Source]) -> FactTable:
    """One row a source; columns that are empty throughout are left out."""
    rows = [_row(source) for source in sources]
    columns = [column for column in rows[0] if any(row[column] for row in rows)]
    return FactTable(title, tuple(columns), tuple(tuple(row[column] for column in columns) for row in rows), ())


def _row(source: Source) -> dict[str, str]:
    holds = "a selection" if is_partial(source) else "all of it"
    return {
        "Source": source.title,
        "Release": source.release,
        "Setting": str(source.setting or ""),
        "Valid from": source.valid_from.isoformat() if source.valid_from else "",
        "Valid to": source.valid_to.isoformat() if source.valid_to else "",
        "Rows": f"{source.rows:,}" if source.rows else "",
        "Holds": holds if source.kind in _DATA else "",
        "Publisher": source.publisher if source.kind in _PUBLICATIONS else "",
    }
