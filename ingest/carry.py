"""Take the official files that were loaded before over into a rebuilt edition, without reading them again."""

from __future__ import annotations

from corpus.editions import Edition
from corpus.shelf import SHIPPED_FACTS
from ingest import index
from ingest.load import PASSAGE, TABLES, Loaded, clear
from ingest.store import Store, address

SOURCE = "key, kind, setting, series, title, publisher, release, valid_from, valid_to, url, file, sha256, rows, skipped, seconds, loaded_at"
PACKAGE = "package"  # `source_file.part` of what an installed package brings: made anew by every build, not taken over
LOADED = f"kind IN ({', '.join(repr(str(kind)) for kind in TABLES)}) AND file <> ?"  # what a user loaded, with SHIPPED_FACTS as value


def carry(store: Store, before: Edition) -> list[Loaded]:
    """Copy every source that was loaded from a file, in place of the shipped rows of the same release."""
    store.db.execute("COMMIT")  # SQLite attaches nothing inside a transaction
    store.db.execute("ATTACH ? AS before", (address(before.database),))
    store.db.execute("BEGIN")
    query = (
        f"SELECT id, kind, key, release, file, rows FROM before.source WHERE {LOADED} "  # noqa: S608
        "AND id IN (SELECT source FROM before.source_file WHERE part <> ?) ORDER BY valid_from"
    )
    loaded = []
    for old, kind, key, release, file, rows in list(store.rows(query, SHIPPED_FACTS, PACKAGE)):
        known = store.known(key)
        if known:
            clear(store, TABLES[kind], known.id)
            store.forget(known.id)
        store.db.execute(f"INSERT INTO source ({SOURCE}) SELECT {SOURCE} FROM before.source WHERE id = ?", (old,))  # noqa: S608
        (new,) = store.db.execute("SELECT id FROM source WHERE key = ?", (key,)).fetchone()
        for table in ("source_file", *TABLES[kind]):
            _copy(store, table, old, new)
        loaded.append(Loaded(key, release, file, rows, {}, 0.0))
    index.search_newest(store)
    store.db.execute("COMMIT")
    store.db.execute("DETACH before")
    store.db.execute("BEGIN")
    return loaded


def _copy(store: Store, table: str, old: int, new: int) -> None:
    """The rows of a source; the numbers of sources, rationales and passages differ from edition to edition."""
    values = {name: f't."{name}"' for _, name, *_ in store.rows(f"PRAGMA table_info({table})")}
    values["source"] = str(new)
    if table == "ptp":
        store.db.execute("INSERT OR IGNORE INTO rationale (text) SELECT text FROM before.rationale")
        values["rationale"] = "(SELECT ours.id FROM before.rationale theirs JOIN main.rationale ours USING (text) WHERE theirs.id = t.rationale)"
    if table == PASSAGE:
        if not index.make_room(store, new):  # the program brings a newer one than it did
            (release,) = store.db.execute("SELECT release FROM source WHERE id = ?", (new,)).fetchone()
            values["key"] = f"CASE WHEN {index.SEARCHED} THEN t.key || '{index.OLDER}{release}' ELSE t.key END"
        (last,) = store.db.execute("SELECT coalesce(max(id), 0) FROM passage").fetchone()
        values["id"] = f"{last} + row_number() OVER (ORDER BY t.id)"
    names = ", ".join(f'"{name}"' for name in values)
    store.db.execute(f'INSERT INTO "{table}" ({names}) SELECT {", ".join(values.values())} FROM before."{table}" t WHERE source = ?', (old,))  # noqa: S608
    if table == PASSAGE:
        index.search_by_words(store, last)
