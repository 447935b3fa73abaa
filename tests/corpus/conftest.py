"""Editions with the rows that a test gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from corpus.codebook import Codebook
from tests.corpus.small import Row, made

Open = Callable[..., Codebook]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Open an edition of its own with the rows given, by table."""
    books: list[Codebook] = []

    def open_with(**tables: Iterable[Row]) -> Codebook:
        books.append(Codebook(made(tmp_path / str(len(books)), **tables)))
        return books[-1]

    yield open_with
    for book in books:
        book.close()
