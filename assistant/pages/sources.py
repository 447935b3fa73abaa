"""The page of all loaded sources: what Codebook knows, of which release, from when."""

from __future__ import annotations

import streamlit as st

from assistant.pages import backend
from corpus.codebook import is_partial
from corpus.editions import EditionError
from corpus.model import Source, SourceKind

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
    except EditionError as error:
        st.info(str(error))
        return
    for title, about, kinds in _TABLES:
        chosen = [source for source in sources if source.kind in kinds]
        if chosen:
            st.subheader(title)
            st.html(f'<p class="about">{about}</p>')
            _draw_table(chosen)


def _draw_table(sources: list[Source]) -> None:
    """One row a source; columns that are empty throughout are left out."""
    columns: dict[str, list[object]] = {
        "Source": [source.title for source in sources],
        "Release": [source.release for source in sources],
        "Setting": [str(source.setting or "") for source in sources],
        "Valid from": [source.valid_from for source in sources],
        "Valid to": [source.valid_to for source in sources],
        "Rows": [source.rows or None for source in sources],
        "Holds": [("a selection" if is_partial(source) else "all of it") if source.kind in _DATA else "" for source in sources],
        "Publisher": [source.publisher for source in sources],
        "Link": [source.url for source in sources],
    }
    st.dataframe(
        {name: values for name, values in columns.items() if any(values)},
        hide_index=True,
        column_config={
            "Source": st.column_config.TextColumn(width="large"),
            "Rows": st.column_config.NumberColumn(format="localized"),
            "Link": st.column_config.LinkColumn(display_text="open"),
        },
    )
