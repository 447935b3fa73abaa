"""Thumbs under an answer, and the field for the reason that follows them."""

from __future__ import annotations

import streamlit as st

from assistant import feedback
from assistant.answer import Answer

_VERDICTS: tuple[feedback.Verdict, ...] = ("down", "up")  # in the order of the widget's values
_ASKED = {"up": "What helped?", "down": "What is wrong or missing?"}


def draw(id: str, answer: Answer) -> None:
    """Thumbs; a verdict is kept at once, its reason when it is sent."""
    with st.container(key=f"verdict-{id}", horizontal=True, vertical_alignment="center"):
        thumb = st.feedback("thumbs", key=f"thumbs-{id}", on_change=_keep, args=(id, answer))
        if thumb is None:
            return
        if st.session_state.get(f"thanks-{id}"):
            st.html('<p class="thanks">Thank you. Kept on this machine only.</p>')
            return
        st.text_input(
            _ASKED[_VERDICTS[thumb]],
            label_visibility="collapsed",
            key=f"reason-{id}",
            placeholder=f"{_ASKED[_VERDICTS[thumb]]} Kept on this machine only.",
            on_change=_keep,
            args=(id, answer),
        )


def _keep(id: str, answer: Answer) -> None:
    """Write the verdict and the reason as they stand now."""
    thumb = st.session_state.get(f"thumbs-{id}")
    if thumb is None:
        return
    reason = st.session_state.get(f"reason-{id}") or ""
    try:
        feedback.record(id, answer, _VERDICTS[thumb], reason)
    except OSError as error:
        st.toast(f"The feedback could not be kept: {error.strerror} ({feedback.path()})")
        return
    st.session_state[f"thanks-{id}"] = bool(reason)
