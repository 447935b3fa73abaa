"""What every page shares: the look, the mark, and the state of the loaded data in the sidebar."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

import streamlit as st

from assistant.pages import answers, backend
from corpus.errors import CodebookError
from corpus.model import Setting, Source, SourceKind

HERE = Path(__file__).parent
LOGO = HERE / "logo.svg"
ICON = HERE / "icon.svg"
STYLE = HERE / "style.css"

# Kinds whose release decides what an answer says; publications and our own pages are listed on the sources page.
_DATED = {
    SourceKind.FEE_SCHEDULE: "Fee schedule",
    SourceKind.MUE: "MUE",
    SourceKind.ADD_ON: "Add-on codes",
    SourceKind.PTP: "PTP",
    SourceKind.ICD10CM: "ICD-10-CM",
}
_SETTINGS = {Setting.PRACTITIONER: "practitioner", Setting.FACILITY: "facility", Setting.DME: "DME"}


def draw(page: Callable[[], None]) -> None:
    """Draw what surrounds a page, and the page; what takes time comes last, so that nothing waits for it."""
    st.html(STYLE)
    st.logo(str(LOGO), icon_image=str(ICON), size="large")
    page()
    try:
        with st.sidebar:
            draw_data_status(backend.sources())
        backend.warm()
    except CodebookError as error:
        st.sidebar.html(f'<div class="status"><h5>Loaded data</h5><p>{answers.sentence(str(error))}</p></div>')


def draw_data_status(sources: tuple[Source, ...]) -> None:
    """The newest release of each kind of data, in short."""
    newest = newest_of_each(sources)
    rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(source.release)}{_since(source)}</dd></div>" for name, source in newest.items())
    st.html(f'<div class="status"><h5>Loaded data</h5><dl>{rows}</dl></div>')


def newest_of_each(sources: tuple[Source, ...]) -> dict[str, Source]:
    """The release with the latest first day, by kind and setting, in the order of the list above."""
    newest: dict[str, Source] = {}
    for kind, name in _DATED.items():
        for source in sorted((s for s in sources if s.kind is kind), key=lambda s: s.valid_from.isoformat() if s.valid_from else ""):
            newest[f"{name}, {_SETTINGS[source.setting]}" if source.setting else name] = source
    return newest


def _since(source: Source) -> str:
    return f"<span>{source.valid_from.isoformat()}</span>" if source.valid_from else ""
