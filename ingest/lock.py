"""One ingest at a time: a lock on a file beside the editions, which the system drops when the process ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.errors import CodebookError


class BusyError(CodebookError):
    """Another process writes an edition."""


@contextmanager
def one_at_a_time(home: Path) -> Iterator[None]:
    """Hold the lock.

    Raises:
        BusyError: when another process holds it; the message names that process.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "ingest.lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise BusyError(f"another ingest is at work (process {file.read().strip() or 'unknown'}): wait until it has ended") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
