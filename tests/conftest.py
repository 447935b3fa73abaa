"""What all tests share: no network but this machine, and the default edition, built once for as long as nothing it is made of changes."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import socket
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from assistant.chain import Assistant

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_HOME = Path(os.environ.get("CODEBOOK_TEST_HOME", ROOT / "var" / "test-home"))
MADE_OF = ("corpus/schema/*.py", "corpus/*.py", "corpus/shipped/**/*", "ingest/**/*.py", "requirements.txt")
KEEP = "keep"  # in place of a checksum: take the edition as it is
TODAY = date(2026, 11, 22)  # the day that golden questions without a date are asked on


class NetworkBlockedError(AssertionError):
    """A test tried to leave this machine."""


def is_local(host: str) -> bool:
    """Whether an address is of this machine."""
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Refuse every connection and every look-up of a name beyond loopback."""
    connect, lookup = socket.socket.connect, socket.getaddrinfo

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_local(str(address[0])):
            raise NetworkBlockedError(f"a connection to {address}")
        connect(self, address)

    def guarded_lookup(host: Any, *rest: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not is_local(name):
            raise NetworkBlockedError(f"a look-up of {name}")
        return lookup(host, *rest, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        patch.setattr(socket, "getaddrinfo", guarded_lookup)
        yield


def fingerprint() -> str:
    """A checksum of everything the default edition is made of."""
    digest = hashlib.sha256()
    for pattern in MADE_OF:
        for file in sorted(p for p in ROOT.glob(pattern) if p.is_file() and p.suffix != ".pyc"):
            digest.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


@pytest.fixture(scope="session")
def default_home() -> Path:
    """A home with the whole default edition. A later run embeds only what changed, and builds nothing when nothing did."""
    from corpus.editions import EditionError, current
    from ingest.build import build

    stamp, wanted = DEFAULT_HOME / "built-from", fingerprint()
    try:
        current(DEFAULT_HOME)
        fresh = stamp.read_text(encoding="utf-8").strip() in (wanted, KEEP)
    except (EditionError, FileNotFoundError):
        fresh = False
    if not fresh:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CODEBOOK_HOME", str(DEFAULT_HOME))
            result = build()
        assert not result.faults, [str(fault) for fault in result.faults]
        stamp.write_text(wanted, encoding="utf-8")
    return DEFAULT_HOME


@pytest.fixture(scope="session")
def assistant(default_home: Path) -> Iterator[Assistant]:
    """An assistant over the default edition, on a fixed day, without a chat model."""
    from assistant.chain import Assistant
    from corpus.codebook import Codebook
    from corpus.editions import current

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CODEBOOK_CHAT_MODEL", raising=False)
        made = Assistant(Codebook(current(default_home)), TODAY)
        yield made
        made.finder.close()
        made.codebook.close()


@pytest.fixture(scope="session")
def official_data() -> Path:
    """The folder of official files; tests that read it skip where it is missing."""
    folder = Path(os.environ.get("CODEBOOK_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no official files in {folder}")
    return folder
