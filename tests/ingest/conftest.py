"""A home of its own for each test, and a bare edition: all tables, no text, no vectors."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.editions import Edition, current, draft
from ingest.store import Store, writing

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`CODEBOOK_HOME` in the test's own folder."""
    folder = tmp_path / "home"
    monkeypatch.setenv("CODEBOOK_HOME", str(folder))
    return folder


@pytest.fixture
def edition(home: Path) -> Edition:
    """An empty current edition."""
    with draft() as fresh, writing(Store.create(fresh.database)):
        pass
    return current()


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of official files, where there is one."""
    if not DATA.is_dir():
        pytest.skip("no official files at hand")
    return DATA
