"""The page of all loaded sources: what Codebook knows, of which release, from when, and what is out of date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import streamlit as st

from assistant.answer import FactTable
from assistant.pages import backend, tables
from corpus.errors import CodebookError
from corpus.model import Source, SourceKind
from corpus.shelf import is_partial, is_stale

_RELEASES = "Each release speaks for the dates it is in force; several releases lie side by side."
_WRITTEN = "Written for Codebook"
_DATA: dict[str, tuple[SourceKind, ...]] = {
    "Fee schedules and payment": (
        SourceKind.FEE_SCHEDULE, SourceKind.QPP_FACTOR, SourceKind.GPCI, SourceKind.LOCALITY, SourceKind.ZIP_CODE, SourceKind.ANESTHESIA_FACTOR,
        SourceKind.OPPS_CAP, SourceKind.OPPS, SourceKind.ASC, SourceKind.PLACE_OF_SERVICE, SourceKind.CONTRACTOR,
    ),
    "NCCI edits": (SourceKind.PTP, SourceKind.PTP_CHANGES, SourceKind.MUE, SourceKind.ADD_ON),
    "HCPCS and CPT": (SourceKind.HCPCS, SourceKind.HCPCS_NOTES, SourceKind.DESCRIPTORS),
    "ICD-10-CM": (SourceKind.ICD10CM, SourceKind.ICD10CM_LIST, SourceKind.ICD10CM_ADDENDA, SourceKind.ICD10CM_INDEX),
    "ICD-10-PCS": (
        SourceKind.ICD10PCS, SourceKind.ICD10PCS_ADDENDA, SourceKind.ICD10PCS_TABLES, SourceKind.ICD10PCS_INDEX, SourceKind.ICD10PCS_DEFINITIONS,
        SourceKind.ICD10PCS_CONVERSION,
    ),
    "Mappings and classes": (
        SourceKind.GEM, SourceKind.HCC, SourceKind.CCSR, SourceKind.CCIR, SourceKind.POA_EXEMPT, SourceKind.MCE, SourceKind.RBCS,
    ),
    "Coverage": (SourceKind.COVERAGE,),
    "Manuals and guidelines": (SourceKind.MANUAL,),
    "Documents of your own": (SourceKind.DOCUMENT,),
}  # fmt: skip
_OTHERS: dict[str, tuple[str, tuple[SourceKind, ...]]] = {
    "Publications": ("Manuals, statutes and guidelines that answers point into.", (SourceKind.PUBLICATION,)),
    _WRITTEN: ("Pages, modifiers and articles in our own words, each naming its official source.", (SourceKind.SHIPPED, SourceKind.INDICATORS)),
}


def draw() -> None:
    """Draw the page."""
    st.title("Sources")
    st.html('<p class="about">Everything an answer can rest on. What is not listed here is answered with “no data”.</p>')
    try:
        sources = backend.sources()
    except CodebookError as error:
        st.info(str(error))
        return
    about = _RELEASES
    for title, kinds in _DATA.items():
        if chosen := [source for source in sources if source.kind in kinds]:
            rows = [row for kind in kinds for row in _of_data([s for s in chosen if s.kind is kind], date.today())]
            _section(title, about, rows)
            about = ""
    for title, (about, kinds) in _OTHERS.items():
        if chosen := [source for source in sources if source.kind in kinds]:
            _section(title, about, [{**_row(s), "Publisher": s.publisher if title != _WRITTEN else ""} for s in chosen])


def _section(title: str, about: str, rows: list[dict[str, str]]) -> None:
    """A heading and one row a source; columns that are empty throughout are left out."""
    columns = [column for column in rows[0] if any(row[column] for row in rows)]
    table = FactTable(title, tuple(columns), tuple(tuple(row[column] for column in columns) for row in rows), ())
    st.subheader(title)
    st.html((f'<p class="about">{about}</p>' if about else "") + tables.bare(table))


def _of_data(sources: Iterable[Source], today: date) -> list[dict[str, str]]:
    """The releases of each publication together, the newest first, with what they are today."""
    publications: dict[tuple[str, str], list[Source]] = {}
    for source in sources:
        publications.setdefault((source.series or "", str(source.setting or "")), []).append(source)
    rows = []
    for _, releases in sorted(publications.items()):
        releases.sort(key=lambda source: source.valid_from or date.min, reverse=True)
        begun = next((source for source in releases if (source.valid_from or date.min) <= today), None)
        rows += [
            {**_row(source), "Holds": "a selection" if is_partial(source) else "all of it", "Today": _today(source, begun, today)}
            for source in releases
        ]
    return rows


def _today(source: Source, begun: Source | None, today: date) -> str:
    """What a release is today, beside the newest one that has begun."""
    if source.valid_from and source.valid_from > today:
        return "to come"
    if source is not begun:
        return "earlier"
    return "out of date" if is_stale(source, today) else "in force"


def _row(source: Source) -> dict[str, str]:
    return {
        "Source": source.title,
        "Release": source.release,
        "Setting": str(source.setting or ""),
        "Valid from": source.valid_from.isoformat() if source.valid_from else "",
        "Valid to": source.valid_to.isoformat() if source.valid_to else "",
        "Rows": f"{source.rows:,}" if source.rows else "",
    }
