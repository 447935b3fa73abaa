"""The one assistant behind all sessions of the app."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from corpus.codebook import Codebook
from corpus.editions import Edition, current
from corpus.errors import CodebookError
from corpus.model import Source

if TYPE_CHECKING:
    from assistant.chain import Assistant

_WARM_AFTER = 2.0  # seconds: the browser loads the page's own files first


@st.cache_resource(show_spinner=False)
def assistant() -> Assistant:
    """The assistant on the current edition.

    Raises:
        EditionError: when there is no edition, or a damaged one; nothing is cached then, so the next question looks again.
    """
    from assistant.chain import open_assistant

    return open_assistant()


def sources() -> tuple[Source, ...]:
    """Every release loaded, as the current edition lists them.

    Raises:
        EditionError: when there is no edition, or a damaged one.
    """
    return _sources(current())


@st.cache_data(show_spinner=False, max_entries=2)
def _sources(edition: Edition) -> tuple[Source, ...]:
    codebook = Codebook(edition)
    try:
        return tuple(codebook.sources())
    finally:
        codebook.close()


def chat_model() -> str:
    """The chat model that writes the answers, empty without one: then nothing typed leaves the machine."""
    return os.environ.get("CODEBOOK_CHAT_MODEL", "")


@st.cache_resource(show_spinner=False)
def warm() -> None:
    """Load the embedding model in the background, once, and not before the first page stands."""
    timer = threading.Timer(_WARM_AFTER, _warm, [assistant()])
    timer.daemon = True
    timer.start()


def _warm(assistant: Assistant) -> None:
    with suppress(CodebookError):  # the question that needs what is missing says so
        assistant.warm()
