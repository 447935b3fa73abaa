"""What Medicare pays: geographic indices, localities, ZIP codes, anesthesia, caps, outpatient hospitals, surgery centers."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from corpus.schema.base import metadata

# Contractor ("10112") and locality ("00") are text of fixed width, with leading zeros.
gpci = Table(
    "gpci",
    metadata,
    Column("contractor", String, nullable=False),
    Column("locality", String, nullable=False),
    Column("source", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("name", String, nullable=False),
    Column("work", Float, nullable=False),  # the index that is paid: with the floor of 1.0 where the law sets it
    Column("work_without_floor", Float),  # NULL where the file does not tell
    Column("pe", Float, nullable=False),
    Column("malpractice", Float, nullable=False),
    PrimaryKeyConstraint("contractor", "locality", "source"),
    sqlite_with_rowid=False,
)

locality = Table(
    "locality",
    metadata,
    Column("contractor", String, nullable=False),
    Column("locality", String, nullable=False),
    Column("position", Integer, nullable=False),  # one locality may stand in several rows
    Column("source", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("name", String, nullable=False),
    Column("counties", Text, nullable=False),
    PrimaryKeyConstraint("contractor", "locality", "position", "source"),
    sqlite_with_rowid=False,
)

zip_code = Table(
    "zip_code",
    metadata,
    Column("zip", String, nullable=False),
    Column("contractor", String, nullable=False),
    Column("locality", String, nullable=False),
    Column("source", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("rural", String, nullable=False),  # "" urban, "R" rural, "B" super rural
    Column("plus_four", Integer, nullable=False),  # 1: part of the ZIP code is priced by its +4 extension
    PrimaryKeyConstraint("zip", "contractor", "locality", "source"),
    sqlite_with_rowid=False,
)

anesthesia_factor = Table(
    "anesthesia_factor",
    metadata,
    Column("contractor", String, nullable=False),
    Column("locality", String, nullable=False),
    Column("source", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("factor", Float, nullable=False),  # US dollars a unit
    Column("factor_qpp", Float),  # from 2026: for qualifying APM participants
    PrimaryKeyConstraint("contractor", "locality", "source"),
    sqlite_with_rowid=False,
)

opps_cap = Table(
    "opps_cap",
    metadata,
    Column("code", String, nullable=False),
    Column("modifier", String, nullable=False),
    Column("contractor", String, nullable=False),
    Column("locality", String, nullable=False),
    Column("source", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("facility", Float),  # US dollars
    Column("nonfacility", Float),
    PrimaryKeyConstraint("code", "modifier", "contractor", "locality", "source"),
    sqlite_with_rowid=False,
)

opps = Table(
    "opps",
    metadata,
    Column("code", String, nullable=False),
    Column("source", Integer, nullable=False),
    Column("descriptor", String, nullable=False),
    Column("status", String, nullable=False),  # status indicator
    Column("apc", String, nullable=False),
    Column("weight", Float),
    Column("rate", Float),  # US dollars
    Column("copayment", Float),
    Column("minimum_copayment", Float),
    Column("note", String, nullable=False),  # "changed" and the like, as the file marks it
    PrimaryKeyConstraint("code", "source"),
    sqlite_with_rowid=False,
)

asc = Table(
    "asc",
    metadata,
    Column("code", String, nullable=False),
    Column("source", Integer, nullable=False),
    Column("addendum", String, nullable=False),  # "AA" surgical, "BB" ancillary
    Column("descriptor", String, nullable=False),
    Column("discounted", String, nullable=False),  # "Y" where multiple procedures are discounted
    Column("indicator", String, nullable=False),
    Column("weight", Float),
    Column("rate", Float),  # US dollars
    PrimaryKeyConstraint("code", "addendum", "source"),
    sqlite_with_rowid=False,
)

place_of_service = Table(
    "place_of_service",
    metadata,
    Column("code", String, nullable=False),
    Column("source", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("facility", String, nullable=False),  # "F" facility, "N" non-facility rate, "" not told
    PrimaryKeyConstraint("code", "source"),
    sqlite_with_rowid=False,
)

contractor = Table(
    "contractor",
    metadata,
    Column("id", String, nullable=False),  # contractor number, or a jurisdiction where the file has no number
    Column("state", String, nullable=False),  # postal letters
    Column("kind", String, nullable=False),  # "MAC Part B", "DME MAC" … as the file says
    Column("source", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("jurisdiction", String, nullable=False),
    PrimaryKeyConstraint("id", "state", "kind", "source"),
    Index("contractor_state", "state"),
    sqlite_with_rowid=False,
)
