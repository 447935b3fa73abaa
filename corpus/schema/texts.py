"""What is read or found by words: documents, indicators, passages."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from corpus.schema.base import metadata

# Pages, modifiers and articles are read whole and never searched by field: one JSON document each, in the shipped format.
document = Table(
    "document",
    metadata,
    Column("kind", String, nullable=False),  # "page", "modifier", "article"
    Column("key", String, nullable=False),  # "63044", "25", "modifier-25"
    Column("body", Text, nullable=False),
    Column("place", String, nullable=False),
    Column("source", Integer, nullable=False),
    PrimaryKeyConstraint("kind", "key"),
    sqlite_with_rowid=False,
)

indicator = Table(
    "indicator",
    metadata,
    Column("field", String, nullable=False),
    Column("value", String, nullable=False),
    Column("meaning", Text, nullable=False),
    Column("source", Integer, nullable=False),
    Column("place", String, nullable=False),
    PrimaryKeyConstraint("field", "value"),
    sqlite_with_rowid=False,
)

# Everything that can be found by words. Chroma holds the vectors of the same keys.
passage = Table(
    "passage",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),  # "page", "article", "modifier", "term", "manual", "coverage", "document"
    Column("system", String),
    Column("code", String),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("also", Text, nullable=False, server_default=""),  # further words that find it and are not shown
    Column("place", String, nullable=False),
    Column("source", Integer, nullable=False),
    Column("digest", Integer),  # of the words that are embedded; NULL: found by words only
    Index("passage_code", "system", "code"),
    Index("passage_source", "source"),
)

# SQLite only; PostgreSQL would use a tsvector column instead.
FULL_TEXT = (
    "CREATE VIRTUAL TABLE passage_text USING fts5("
    "title, text, also, content='passage', content_rowid='id', tokenize=\"porter unicode61 remove_diacritics 2\")"
)
