"""Sources, codes and what became of them."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from corpus.schema.base import metadata

source = Table(
    "source",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("setting", String),
    Column("series", String),  # the publication, where a kind has several: which manual, which mapping
    Column("title", String, nullable=False),
    Column("publisher", String, nullable=False),
    Column("release", String, nullable=False),
    Column("valid_from", Integer),
    Column("valid_to", Integer),
    Column("url", String),
    Column("file", String),
    Column("sha256", String),
    Column("rows", Integer, nullable=False, server_default="0"),
    Column("skipped", Text),  # JSON: reason -> rows
    Column("seconds", Float),
    Column("loaded_at", String),
)

# The files that a release was read from; most releases have one.
source_file = Table(
    "source_file",
    metadata,
    Column("source", Integer, nullable=False),
    Column("file", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("tables", String, nullable=False),  # the tables that the file fills, joined by blanks
    Column("part", String, nullable=False, server_default=""),
    Column("rows", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("source", "file"),
    sqlite_with_rowid=False,
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
    Column("has_page", Integer, nullable=False, server_default="0"),
    Column("position", Integer, nullable=False),  # order of the tabular list
    Column("source", Integer, nullable=False),
    PrimaryKeyConstraint("system", "code"),
    Index("code_parent", "system", "parent"),
    sqlite_with_rowid=False,
)

# A code set release by release, as its file lists it: `code` holds the newest of these.
listing = Table(
    "listing",
    metadata,
    Column("system", String, nullable=False),
    Column("code", String, nullable=False),
    Column("source", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("short", Text, nullable=False, server_default=""),
    Column("parent", String),
    Column("kind", String, nullable=False, server_default="code"),  # "code", "category", "block", "chapter"
    Column("billable", Integer, nullable=False, server_default="1"),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("added", Integer, nullable=False, server_default="0"),  # where the file tells: the day the code began
    Column("effective", Integer, nullable=False, server_default="0"),  # the day its present wording or coverage began
    Column("ended", Integer, nullable=False, server_default="99991231"),  # its last day; terminated codes stay listed
    PrimaryKeyConstraint("system", "code", "source"),
    sqlite_with_rowid=False,
)

# What an addendum or a conversion table says was done to a code on the first day of its release.
change = Table(
    "change",
    metadata,
    Column("system", String, nullable=False),
    Column("code", String, nullable=False),
    Column("source", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("action", String, nullable=False),  # "added", "deleted", "revised", "billable", "not billable", "replaced by"
    Column("before", Text, nullable=False, server_default=""),  # title or code
    Column("after", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("system", "code", "source", "position"),
    sqlite_with_rowid=False,
)

# What the HCPCS Level II file says of a code or modifier beside its wording. Fields that repeat are joined by blanks.
hcpcs = Table(
    "hcpcs",
    metadata,
    Column("system", String, nullable=False),  # "HCPCS" or "MODIFIER"
    Column("code", String, nullable=False),
    Column("source", Integer, nullable=False),
    Column("pricing", String, nullable=False),
    Column("multiple_pricing", String, nullable=False),
    Column("coverage", String, nullable=False),
    Column("betos", String, nullable=False),
    Column("type_of_service", String, nullable=False),
    Column("anesthesia_units", String, nullable=False),
    Column("laboratory", String, nullable=False),  # certification codes
    Column("ncd", String, nullable=False),  # Coverage Issues Manual sections
    Column("manual", String, nullable=False),  # Medicare Carriers Manual sections
    Column("statute", String, nullable=False),
    Column("cross_reference", String, nullable=False),  # codes
    Column("asc_group", String, nullable=False),
    Column("processing_note", String, nullable=False),
    Column("action", String, nullable=False),
    PrimaryKeyConstraint("system", "code", "source"),
    sqlite_with_rowid=False,
)

hcpcs_note = Table(
    "hcpcs_note",
    metadata,
    Column("number", String, nullable=False),
    Column("source", Integer, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("number", "source"),
    sqlite_with_rowid=False,
)

# Official wordings out of the user's own licensed copy of CPT.
descriptor = Table(
    "descriptor",
    metadata,
    Column("code", String, nullable=False),
    Column("kind", String, nullable=False),  # "long", "medium", "short", "consumer", "clinician"
    Column("position", Integer, nullable=False),  # a code may have several clinician descriptors
    Column("source", Integer, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("code", "kind", "position", "source"),
    sqlite_with_rowid=False,
)

# The alphabetic index of ICD-10-CM (and of ICD-10-PCS): one row a term that leads somewhere.
index_term = Table(
    "index_term",
    metadata,
    Column("system", String, nullable=False),
    Column("position", Integer, nullable=False),
    Column("source", Integer, nullable=False),
    Column("path", Text, nullable=False),  # "Aberrant > vein > cerebral": main term and sub-terms
    Column("modifiers", Text, nullable=False),  # the words in parentheses that do not change the code
    Column("code", String, nullable=False),  # as printed, "H93.29-"; "" where only a reference stands
    Column("see", Text, nullable=False),
    Column("see_also", Text, nullable=False),
    PrimaryKeyConstraint("system", "position", "source"),
    Index("index_term_code", "code"),
    sqlite_with_rowid=False,
)

note = Table(
    "note",
    metadata,
    Column("code", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("position", Integer, nullable=False),
    Column("source", Integer, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("code", "kind", "position", "source"),
    sqlite_with_rowid=False,
)

# What became of a code; made anew from what is loaded, whenever something is loaded.
event = Table(
    "event",
    metadata,
    Column("system", String, nullable=False),
    Column("code", String, nullable=False),
    Column("date", Integer, nullable=False),
    Column("event", String, nullable=False),
    Column("source", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("place", String, nullable=False),
    PrimaryKeyConstraint("system", "code", "date", "event", "source"),
    sqlite_with_rowid=False,
)
