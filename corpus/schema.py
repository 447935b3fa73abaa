"""The tables of an edition (SQLAlchemy Core).

Dates are stored as integers YYYYMMDD: 0 = unknown start, 99991231 = in force. The edit table is clustered on its look-up
key and holds numbers for settings, rationales and sources, because it has millions of rows.
"""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, MetaData, PrimaryKeyConstraint, String, Table, Text

VERSION = 1  # raised whenever a table changes: an edition of another version is rebuilt
IN_FORCE = 99991231
UNKNOWN = 0
SETTINGS = {"practitioner": 1, "facility": 2, "dme": 3}

metadata = MetaData()

source = Table(
    "source",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("setting", String),
    Column("title", String, nullable=False),
    Column("publisher", String, nullable=False),
    Column("release", String, nullable=False),
    Column("valid_from", Integer),
    Column("valid_to", Integer),
    Column("url", String),
    Column("file", String),
    Column("sha256", String),
    Column("rows", Integer, nullable=False, default=0),
    Column("skipped", Text),  # JSON: reason -> rows
    Column("seconds", Float),
    Column("loaded_at", String),
)

code = Table(
    "code",
    metadata,
    Column("system", String, nullable=False),
    Column("code", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("parent", String),
    Column("kind", String, nullable=False),
    Column("billable", Integer, nullable=False),
    Column("has_page", Integer, nullable=False, default=0),
    Column("position", Integer, nullable=False),  # order of the tabular list
    Column("source", Integer, nullable=False),
    PrimaryKeyConstraint("system", "code"),
    Index("code_parent", "system", "parent"),
    sqlite_with_rowid=False,
)

note = Table(
    "note",
    metadata,
    Column("code", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("position", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("source", Integer, nullable=False),
    PrimaryKeyConstraint("code", "kind", "position"),
    sqlite_with_rowid=False,
)

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

fee = Table(
    "fee",
    metadata,
    Column("code", String, nullable=False),
    Column("modifier", String, nullable=False),
    Column("source", Integer, nullable=False),
    Column("descriptor", String, nullable=False),
    Column("status", String, nullable=False),
    Column("work", Float),
    Column("pe_nonfacility", Float),
    Column("na_nonfacility", String, nullable=False),
    Column("pe_facility", Float),
    Column("na_facility", String, nullable=False),
    Column("malpractice", Float),
    Column("total_nonfacility", Float),
    Column("total_facility", Float),
    Column("pc_tc", String, nullable=False),
    Column("global_days", String, nullable=False),
    Column("pre", Float),
    Column("intra", Float),
    Column("post", Float),
    Column("multiple", String, nullable=False),
    Column("bilateral", String, nullable=False),
    Column("assistant", String, nullable=False),
    Column("co_surgeons", String, nullable=False),
    Column("team", String, nullable=False),
    Column("endoscopic_base", String, nullable=False),
    Column("conversion_factor", Float),
    Column("supervision", String, nullable=False),
    Column("imaging_family", String, nullable=False),
    PrimaryKeyConstraint("code", "modifier", "source"),
    sqlite_with_rowid=False,
)

mue = Table(
    "mue",
    metadata,
    Column("code", String, nullable=False),
    Column("setting", Integer, nullable=False),
    Column("source", Integer, nullable=False),
    Column("units", Integer, nullable=False),
    Column("mai", Integer, nullable=False),
    Column("rationale", String, nullable=False),
    PrimaryKeyConstraint("code", "setting", "source"),
    sqlite_with_rowid=False,
)

add_on = Table(
    "add_on",
    metadata,
    Column("add_on", String, nullable=False),
    Column("primary", String, nullable=False),
    Column("source", Integer, nullable=False),
    Column("type", Integer, nullable=False),
    Column("effective", Integer, nullable=False),
    Column("deleted", Integer, nullable=False),
    Column("note", String, nullable=False),
    PrimaryKeyConstraint("add_on", "primary", "source", "effective"),
    Index("add_on_primary", "primary"),
    sqlite_with_rowid=False,
)

rationale = Table(
    "rationale",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("text", String, nullable=False, unique=True),
)

ptp = Table(
    "ptp",
    metadata,
    Column("column1", String, nullable=False),
    Column("column2", String, nullable=False),
    Column("setting", Integer, nullable=False),
    Column("source", Integer, nullable=False),
    Column("deleted", Integer, nullable=False),
    Column("effective", Integer, nullable=False),
    Column("indicator", Integer, nullable=False),
    Column("rationale", Integer, nullable=False),
    PrimaryKeyConstraint("column1", "column2", "setting", "source", "deleted", "effective"),
    Index("ptp_column2", "column2", "setting"),  # a load in bulk drops it and makes it anew
    sqlite_with_rowid=False,
)

# What a code is seen to do from release to release; made when fee schedules are loaded.
event = Table(
    "event",
    metadata,
    Column("system", String, nullable=False),
    Column("code", String, nullable=False),
    Column("date", Integer, nullable=False),
    Column("event", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("source", Integer, nullable=False),
    Column("place", String, nullable=False),
    PrimaryKeyConstraint("system", "code", "date", "event", "source"),
    sqlite_with_rowid=False,
)

# Everything that can be found by words. Chroma holds the vectors of the same keys.
passage = Table(
    "passage",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),  # "page", "article", "modifier", "term"
    Column("system", String),
    Column("code", String),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("place", String, nullable=False),
    Column("source", Integer, nullable=False),
    Column("embedded", Integer, nullable=False, default=1),  # 0: found by words only
    Index("passage_code", "system", "code"),
)

# SQLite only; PostgreSQL would use a tsvector column instead.
FULL_TEXT = (
    "CREATE VIRTUAL TABLE passage_text USING fts5("
    "title, text, content='passage', content_rowid='id', tokenize=\"porter unicode61 remove_diacritics 2\")"
)
