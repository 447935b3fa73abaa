"""The tables of an edition (SQLAlchemy Core), by subject."""

from corpus.schema.base import IN_FORCE, SETTINGS, UNKNOWN, VERSION, metadata
from corpus.schema.codes import change, code, descriptor, event, hcpcs, hcpcs_note, index_term, listing, note, source, source_file
from corpus.schema.coverage import (
    coverage_code,
    coverage_contractor,
    coverage_diagnosis,
    coverage_document,
    coverage_group,
    coverage_relation,
)
from corpus.schema.edits import add_on, fee, mue, ptp, ptp_change, qpp_factor, rationale
from corpus.schema.mappings import category, hcc_coefficient, hcc_hierarchy, mapping, pcs_axis, pcs_definition
from corpus.schema.payment import anesthesia_factor, asc, contractor, gpci, locality, opps, opps_cap, place_of_service, zip_code
from corpus.schema.texts import FULL_TEXT, document, indicator, passage

__all__ = [
    "FULL_TEXT",
    "IN_FORCE",
    "SETTINGS",
    "UNKNOWN",
    "VERSION",
    "add_on",
    "anesthesia_factor",
    "asc",
    "category",
    "change",
    "code",
    "contractor",
    "coverage_code",
    "coverage_contractor",
    "coverage_diagnosis",
    "coverage_document",
    "coverage_group",
    "coverage_relation",
    "descriptor",
    "document",
    "event",
    "fee",
    "gpci",
    "hcc_coefficient",
    "hcc_hierarchy",
    "hcpcs",
    "hcpcs_note",
    "index_term",
    "indicator",
    "listing",
    "locality",
    "mapping",
    "metadata",
    "mue",
    "note",
    "opps",
    "opps_cap",
    "passage",
    "pcs_axis",
    "pcs_definition",
    "place_of_service",
    "ptp",
    "ptp_change",
    "qpp_factor",
    "rationale",
    "source",
    "source_file",
    "zip_code",
]
