"""From one code to another, to a class, or to a list: GEMs, conversions, CCSR, chronic conditions, HCC, RBCS, MCE, POA."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from corpus.schema.base import metadata

mapping = Table(
    "mapping",
    metadata,
    Column("system", String, nullable=False),
    Column("code", String, nullable=False),
    Column("target_system", String, nullable=False),  # a code set, or a classification: "CCSR", "HCC-V28", "RBCS", "CHRONIC", "POA", "MCE"
    Column("target", String, nullable=False),  # "" where the file says that there is none
    Column("source", Integer, nullable=False),
    Column("scenario", Integer, nullable=False, server_default="0"),  # GEMs: alternatives of a combination
    Column("choice", Integer, nullable=False, server_default="0"),  # GEMs: the part of the combination that the target fills
    Column("relation", String, nullable=False),  # "exact", "approximate", "no map", "combination", "replaced by", "member" …
    Column("detail", Text, nullable=False, server_default=""),  # JSON where the file says more: flags, coefficients, dates
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
    Column("parent", String, nullable=False, server_default=""),
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

# What the values of the axes of ICD-10-PCS mean, term by term; a row of section "" tells which value stands for a device.
pcs_definition = Table(
    "pcs_definition",
    metadata,
    Column("section", String, nullable=False),  # first character of the codes
    Column("axis", Integer, nullable=False),  # 1 to 7
    Column("position", Integer, nullable=False),
    Column("source", Integer, nullable=False),
    Column("section_name", String, nullable=False),
    Column("name", String, nullable=False),  # what the axis is: "Operation"
    Column("term", Text, nullable=False),  # the label of the value: "Bypass"; a device
    Column("value", String, nullable=False, default=""),  # of a device: the character that stands for it
    Column("definition", Text, nullable=False, default=""),  # of a device: the label of that value
    Column("explanation", Text, nullable=False, default=""),  # of a device: the operations
    Column("includes", Text, nullable=False, default=""),  # one a line; of a device: the body systems
    PrimaryKeyConstraint("section", "axis", "position", "source"),
    sqlite_with_rowid=False,
)

# Which HCC a more severe one of the same model drops.
hcc_hierarchy = Table(
    "hcc_hierarchy",
    metadata,
    Column("model", String, nullable=False),  # as `mapping.target_system`: "HCC-V28"
    Column("hcc", String, nullable=False),
    Column("dropped", String, nullable=False),
    Column("source", Integer, nullable=False),
    PrimaryKeyConstraint("model", "hcc", "dropped", "source"),
    sqlite_with_rowid=False,
)

# Relative factors of a risk adjustment model, without unit.
hcc_coefficient = Table(
    "hcc_coefficient",
    metadata,
    Column("model", String, nullable=False),  # as `mapping.target_system`
    Column("name", String, nullable=False),  # segment and variable, as CMS names them: "CNA_HCC80"
    Column("position", Integer, nullable=False),  # a name may stand twice
    Column("source", Integer, nullable=False),
    Column("hcc", String, nullable=False, default=""),  # where the variable is a single HCC
    Column("factor", Float, nullable=False),
    PrimaryKeyConstraint("model", "name", "position", "source"),
    Index("hcc_coefficient_hcc", "model", "hcc"),
    sqlite_with_rowid=False,
)
