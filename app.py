"""Codebook in the browser: the list of pages and what surrounds them. Start it with `streamlit run app.py`."""

import streamlit as st

from assistant.pages import chat, chrome, sources

st.set_page_config(page_title="Codebook", page_icon=str(chrome.ICON), layout="centered", initial_sidebar_state="auto")
page = st.navigation(
    [
        st.Page(chat.draw, title="Chat", icon=":material/forum:", default=True),
        st.Page(sources.draw, title="Sources", icon=":material/library_books:", url_path="sources"),
    ]
)
chrome.draw(page.run)
