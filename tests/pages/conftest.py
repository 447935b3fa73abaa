"""A small edition, the stub assistant behind the app, and the app in a browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal

import pytest
import streamlit as st
from sqlalchemy import create_engine
from streamlit.testing.v1 import AppTest

from corpus import schema
from corpus.editions import draft
from corpus.shelf import SHIPPED_FACTS
from tests.pages.stub import StubAssistant

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ("--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync").split()
NO_CALENDAR = {"valid_from": None, "valid_to": None, "setting": None, "file": None}
SOURCES = (
    {"key": "fee-schedule/OLD", "kind": "fee-schedule", "title": "Fee schedule", "release": "OLD", "valid_from": 20250101, "rows": 7},
    {
        "key": "fee-schedule/NEW",
        "kind": "fee-schedule",
        "title": "Fee schedule",
        "release": "NEW",
        "valid_from": 20260701,
        "valid_to": 20260930,
        "rows": 19356,
    },
    {
        "key": "ptp/practitioner/Q3",
        "kind": "ptp",
        "title": "PTP edits",
        "release": "Q3",
        "setting": "practitioner",
        "valid_from": 20260701,
        "rows": 12,
        "file": SHIPPED_FACTS,
    },
    {"key": "publication/manual", "kind": "publication", "title": "A manual", "release": "2026", "rows": 0},
    {"key": "shipped/pages", "kind": "shipped", "title": "Code pages", "release": "1", "rows": 70},
)


def write_edition(home: Path) -> None:
    """Publish an edition that holds sources and nothing else."""
    with draft(folder=home) as edition:
        engine = create_engine(f"sqlite:///{edition.database}")
        schema.metadata.create_all(engine)
        with engine.begin() as connection:
            connection.exec_driver_sql(f"PRAGMA user_version = {schema.VERSION}")
            connection.execute(schema.source.insert(), [{"publisher": "CMS", **NO_CALENDAR, **row} for row in SOURCES])
        engine.dispose()


@pytest.fixture(name="home")
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The local state, with nothing in it."""
    monkeypatch.setenv("CODEBOOK_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def stub(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StubAssistant]:
    """The stub in place of the assistant, on the small edition."""
    write_edition(home)
    stub = StubAssistant()
    chain = ModuleType("assistant.chain")
    chain.open_assistant = lambda: stub  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "assistant.chain", chain)
    st.cache_resource.clear()
    st.cache_data.clear()
    yield stub
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def app(stub: StubAssistant) -> AppTest:
    """The app on its first page."""
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=20).run()


@dataclass
class Served:
    """The app as a process of its own."""

    url: str
    output: Path
    home: Path
    ready_after: float  # seconds from the start of the process to the first answer


@contextmanager
def serve(script: str, home: Path, output: Path) -> Iterator[Served]:
    """Run the app on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / script), "--server.port", str(port)]
    started = time.monotonic()
    with output.open("w") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, env={**os.environ, "CODEBOOK_HOME": str(home), "CODEBOOK_CHAT_MODEL": ""}
        )
    url = f"http://localhost:{port}"
    try:
        _wait(f"{url}/_stcore/health", process, output)
        yield Served(url, output, home, time.monotonic() - started)
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The app with the stub."""
    folder = tmp_path_factory.mktemp("served")
    write_edition(folder)
    with serve("tests/pages/stub_app.py", folder, folder / "output.txt") as app:
        yield app


@pytest.fixture(scope="session")
def served_for_real(default_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The app as it is, on the default edition."""
    with serve("app.py", default_home, tmp_path_factory.mktemp("served") / "output.txt") as app:
        yield app


def _wait(url: str, process: subprocess.Popen[bytes], output: Path) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError(f"the app did not start: {output.read_text()}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium without a window."""
    if CHROMIUM is None:
        pytest.skip("no Chromium found: install the package chromium to run the browser tests")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


Opened = Callable[..., "Page"]


@contextmanager
def opener(browser: Browser, url: str) -> Iterator[Opened]:
    """Gives a function that opens the app in a fresh browser session; `width` and `scheme` choose the screen."""
    contexts = []

    def open_page(width: int = 1280, scheme: Literal["light", "dark"] = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, accept_downloads=True)
        contexts.append(context)
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto(url)
        page.get_by_role("textbox", name="Ask about").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def opened(browser: Browser, served: Served) -> Iterator[Opened]:
    """Opens the app with the stub."""
    with opener(browser, served.url) as open_page:
        yield open_page


@pytest.fixture
def opened_for_real(browser: Browser, served_for_real: Served) -> Iterator[Opened]:
    """Opens the app as it is."""
    with opener(browser, served_for_real.url) as open_page:
        yield open_page
