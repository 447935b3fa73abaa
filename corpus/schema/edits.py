"""The fee schedule and the NCCI tables. The edit table is clustered on its look-up key, because it has millions of rows."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, PrimaryKeyConstraint, String, Table

from corpus.schema.base import metadata

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
    Column("opps_pe_nonfacility", Float),  # RVUs of the OPPS cap
    Column("opps_pe_facility", Float),
    Column("opps_malpractice", Float),
    PrimaryKeyConstraint("code", "modifier", "source"),
    sqlite_with_rowid=False,
)

# From 2026 a second file differs in its conversion factor alone: that of qualifying participants in alternative payment models.
qpp_factor = Table(
    "qpp_factor",
    metadata,
    Column("source", Integer, primary_key=True),
    Column("factor", Float, nullable=False),  # US dollars per RVU
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
    Column("effective", Integer, nullable=False),
    Column("type", Integer, nullable=False),
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
    Column("rationale", Integer, nullable=False),
    Column("indicator", Integer, nullable=False),
    PrimaryKeyConstraint("column1", "column2", "setting", "source", "deleted", "effective", "rationale"),
    Index("ptp_column2", "column2", "setting"),  # a load in bulk drops it and makes it anew
    sqlite_with_rowid=False,
)

# Additions, deletions and revisions of a quarter, published beside the whole file.
ptp_change = Table(
    "ptp_change",
    metadata,
    Column("column1", String, nullable=False),
    Column("column2", String, nullable=False),
    Column("setting", Integer, nullable=False),
    Column("source", Integer, nullable=False),
    Column("action", String, nullable=False),  # "added", "deleted", "revised"
    Column("effective", Integer, nullable=False),
    Column("deleted", Integer, nullable=False),
    Column("indicator", Integer, nullable=False),
    Column("rationale", String, nullable=False),
    PrimaryKeyConstraint("column1", "column2", "setting", "source", "action", "effective"),
    sqlite_with_rowid=False,
)
