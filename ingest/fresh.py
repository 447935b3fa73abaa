"""Whether the current edition is up to date; apart from the build, so that the answer takes no heavy import."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from corpus import schema
from corpus.editions import EditionError, current
from ingest.shipped import FOLDER, KEY, checksum
from ingest.store import reading


def is_current(folder: Path = FOLDER) -> bool:
    """Whether the current edition can be read by this version, is whole, and was made of the shipped files as they are now."""
    try:
        database = current().database
        with reading(database) as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            (pages,), (size,) = (db.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
            row = db.execute("SELECT sha256 FROM source WHERE key = ?", (KEY,)).fetchone()
    except (EditionError, sqlite3.Error):
        return False
    return bool(version == schema.VERSION and row == (checksum(folder),) and pages * size == database.stat().st_size)
