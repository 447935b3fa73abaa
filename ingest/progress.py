"""How a long job tells what it has done: one task after another, each counted in rows or texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Advance = Callable[[int], object]  # called with what was done since the last call


class Report(Protocol):
    """Receives the tasks of a job."""

    def task(self, name: str, total: int | None = None) -> Advance:
        """Begin a task; `total` None where it is not known."""


class Silent:
    """Reports nothing."""

    def task(self, name: str, total: int | None = None) -> Advance:  # noqa: ARG002 - the protocol's signature
        """Begin a task that nobody watches."""
        return lambda _: None
