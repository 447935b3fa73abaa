"""From one code to another, to a class, or to a list: GEMs, conversions, CCSR, chronic conditions, HCC, RBCS, MCE, POA."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from corpus.schema.base import metadata

mapping = Table(
    "mapping",
    metadata,
    Column("system", String, nullable=False),
    Column("code", String, nullable=False),
    Column("target_system", String, nullable=False),  # a code set, or a classification: "CCSR", "HCC-V28", "RBCS", "CHRONIC", "POA", "MCE"
    Column("target", String, nullable=False),  # "" where the file says that there is none
    Column("relation", String, nullable=False),  # "exact", "approximate", "no map", "combination", "replaced by", "member" …
    Column("scenario", Integer, nullable=False, default=0),  # GEMs: alternatives of a combination
    Column("choice", Integer, nullable=False, default=0),  # GEMs: the part of the combination that the target fills
    Column("detail", Text, nullable=False, default=""),  # JSON where the file says more: flags, coefficients, dates
    Column("source", Integer, nullable=False),
    PrimaryKeyConstraint("system", "code", "target_system", "target", "scenario", "choice", "source"),
    Index("mapping_target", "target_system", "target"),
    sqlite_with_rowid=False,
)

# What the values of a classification are called.
category = Table(
    "category",
    metadata,
    Column("scheme", String, nullable=False),  # as `mapping.target_system`
    Column("value", String, nullable=False),
    Column("source", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("parent", String, nullable=False, default=""),
    PrimaryKeyConstraint("scheme", "value", "source"),
    sqlite_with_rowid=False,
)

# The tables of ICD-10-PCS: a row lists the values that each axis may take together.
pcs_axis = Table(
    "pcs_axis",
    metadata,
    Column("stem", String, nullable=False),  # the first three characters
    Column("row", Integer, nullable=False),  # 0: the three axes of the stem itself
    Column("axis", Integer, nullable=False),  # 1 to 7
    Column("value", String, nullable=False),
    Column("source", Integer, nullable=False),
    Column("name", String, nullable=False),  # what the axis is: "Body Part"
    Column("label", Text, nullable=False),
    PrimaryKeyConstraint("stem", "row", "axis", "value", "source"),
    sqlite_with_rowid=False,
)
