"""Full-text search over the passages of an edition (SQLite FTS5).

Words are stemmed by the index (porter). All words must be found; when nothing holds them all, any will do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import Connection, text

WORD = re.compile(r"[a-z0-9]+(?:\.[0-9]+)?", re.IGNORECASE | re.ASCII)
STOP_WORDS = frozenset(
    """a an and are as at be but by can code codes do does for from has have how i if in into is it its me my of on or
    should than that the their them there these they this to use used was what when where which who will with you your""".split()
)

_QUERY = (
    "SELECT p.key, bm25(passage_text, 4.0, 1.0) AS rank FROM passage_text "
    "JOIN passage p ON p.id = passage_text.rowid "
    "WHERE passage_text MATCH :match AND p.kind IN ({kinds}) {system} ORDER BY rank LIMIT :limit"
)
_HOLDS = "SELECT 1 FROM passage_text JOIN passage p ON p.id = passage_text.rowid WHERE passage_text MATCH :match AND p.kind IN ({kinds}) LIMIT 1"


def words_of(query: str) -> list[str]:
    """The words of a query that can find something, lower case, without accents (as in the index), in order, once each."""
    plain = query if query.isascii() else "".join(c for c in unicodedata.normalize("NFKD", query) if not unicodedata.combining(c))
    found = (word.lower() for word in WORD.findall(plain))
    return list(dict.fromkeys(word for word in found if word not in STOP_WORDS))


def search(connection: Connection, query: str, kinds: Sequence[str], limit: int, system: str | None = None) -> list[tuple[str, float]]:
    """Keys of the best passages with their bm25 rank (lower is better); title words weigh four times."""
    words = words_of(query)
    if not words:
        return []
    marks = ", ".join(f":kind{i}" for i in range(len(kinds)))
    statement = text(_QUERY.format(kinds=marks, system="AND p.system = :system" if system else ""))
    parameters: dict[str, object] = {f"kind{i}": kind for i, kind in enumerate(kinds)} | {"limit": limit}
    if system:
        parameters["system"] = system
    for joiner in (" AND ", " OR "):
        match = joiner.join(f'"{word}"' for word in words)
        rows = connection.execute(statement, parameters | {"match": match}).all()
        if rows:
            return [(str(key), float(rank)) for key, rank in rows]
        if len(words) == 1:
            break
    return []


def holds(connection: Connection, word: str, kinds: Sequence[str]) -> bool:
    """Whether any passage of the kinds holds a word, in whatever form."""
    words = words_of(word)
    if not words:
        return False
    statement = text(_HOLDS.format(kinds=", ".join(f":kind{i}" for i in range(len(kinds)))))
    match = " OR ".join(f'"{one}"' for one in words)
    parameters = {f"kind{i}": kind for i, kind in enumerate(kinds)} | {"match": match}
    return connection.execute(statement, parameters).first() is not None
