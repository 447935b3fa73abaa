"""The Medicare Coverage Database: NCDs, LCDs, billing articles, their codes, groups and contractors."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from corpus.schema.base import metadata

# Identifiers are written with their letter, "A56537", "L35456"; an NCD by its manual section, "210.3".
coverage_document = Table(
    "coverage_document",
    metadata,
    Column("id", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("source", Integer, nullable=False),
    Column("kind", String, nullable=False),  # "ncd", "lcd", "article", "merged" (several articles of a code, put together by others)
    Column("title", Text, nullable=False),
    Column("status", String, nullable=False),  # "A" in force; a blank end date does not mean in force
    Column("effective", Integer, nullable=False),
    Column("ended", Integer, nullable=False),
    Column("body", Text, nullable=False),  # plain text
    PrimaryKeyConstraint("id", "version", "source"),
    sqlite_with_rowid=False,
)

# CPT and HCPCS codes of a document, group by group; `paragraph` of a group stands in coverage_group.
coverage_code = Table(
    "coverage_code",
    metadata,
    Column("code", String, nullable=False),
    Column("document", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("group", Integer, nullable=False),
    Column("source", Integer, nullable=False),
    PrimaryKeyConstraint("code", "document", "version", "group", "source"),
    Index("coverage_code_document", "document"),
    sqlite_with_rowid=False,
)

coverage_group = Table(
    "coverage_group",
    metadata,
    Column("document", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String, nullable=False),  # "codes", "covered", "noncovered", "modifiers"
    Column("group", Integer, nullable=False),
    Column("source", Integer, nullable=False),
    Column("paragraph", Text, nullable=False),
    PrimaryKeyConstraint("document", "version", "kind", "group", "source"),
    sqlite_with_rowid=False,
)

coverage_diagnosis = Table(
    "coverage_diagnosis",
    metadata,
    Column("code", String, nullable=False),  # with dot
    Column("document", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("covered", Integer, nullable=False),
    Column("group", Integer, nullable=False),
    Column("source", Integer, nullable=False),
    Column("asterisk", Integer, nullable=False, server_default="0"),  # 1: the paragraph of the group says what more is needed
    PrimaryKeyConstraint("document", "version", "covered", "group", "code", "source"),
    Index("coverage_diagnosis_code", "code"),
    sqlite_with_rowid=False,
)

coverage_contractor = Table(
    "coverage_contractor",
    metadata,
    Column("document", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("contractor", String, nullable=False),
    Column("source", Integer, nullable=False),
    PrimaryKeyConstraint("document", "version", "contractor", "source"),
    sqlite_with_rowid=False,
)

coverage_relation = Table(
    "coverage_relation",
    metadata,
    Column("document", String, nullable=False),
    Column("related", String, nullable=False),
    Column("source", Integer, nullable=False),
    PrimaryKeyConstraint("document", "related", "source"),
    Index("coverage_relation_related", "related"),
    sqlite_with_rowid=False,
)
