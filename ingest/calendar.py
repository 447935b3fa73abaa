"""Which loaded releases are out of date, told by the calendar that each publication keeps; nobody is asked over the network.

Fee schedules, NCCI, HCPCS and the outpatient addenda come each quarter; ICD-10 on October 1 with an update on April 1; factors by year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from corpus.model import Source, SourceKind
from corpus.shelf import SHIPPED_FACTS, is_partial

Rhythm = Callable[[date], tuple[str, date]]  # a day → the release that is in force then by the calendar, and its first day


@dataclass(frozen=True)
class Outdated:
    """A loaded release that a newer one should have followed.

    `due` is the newest release by the calendar, `since` its first day, `fetch` what `python -m ingest fetch` calls it, "" for what cannot
    be fetched. Whether the publisher was on time only its page tells. `part`: a newer release of which only a part is loaded.
    """

    source: Source
    due: str
    since: date
    fetch: str
    part: Source | None = None

    def __str__(self) -> str:
        how = f"python -m ingest fetch {self.fetch}" if self.fetch else "get the newer one from its publisher"
        held = self.source.release + (f" ({_share(self.source)})" if is_partial(self.source) else "")
        part = f" (of {self.part.release} {_share(self.part)})" if self.part else ""
        return f"{self.source.title}, {held}: {self.due} is due since {self.since}{part}: {how}"


def _share(source: Source) -> str:
    """What is loaded of a release that is not whole."""
    return "only shipped facts" if source.file == SHIPPED_FACTS else "only a part is loaded"


def quarterly(day: date) -> tuple[str, date]:
    """`2026Q4`."""
    number = (day.month + 2) // 3
    return f"{day.year}Q{number}", date(day.year, 3 * number - 2, 1)


def relative_values(day: date) -> tuple[str, date]:
    """`RVU26D`: quarters as letters."""
    start = quarterly(day)[1]
    return f"RVU{day.year % 100:02}{'ABCD'[start.month // 3]}", start


def yearly(day: date) -> tuple[str, date]:
    """`2026`, from January 1."""
    return str(day.year), date(day.year, 1, 1)


def payment_year(day: date) -> tuple[str, date]:
    """`PY2027`: what is diagnosed in a year is paid for in the next."""
    return f"PY{day.year + 1}", date(day.year, 1, 1)


def fiscal(day: date) -> tuple[str, date]:
    """`FY2027`, from October 1, 2026."""
    start = date(day.year if day.month >= 10 else day.year - 1, 10, 1)
    return f"FY{start.year + 1}", start


def fiscal_with_update(day: date) -> tuple[str, date]:
    """The fiscal year, or its update from April 1 on."""
    update = date(day.year, 4, 1)
    return (f"April 1, {day.year}", update) if update <= day < date(day.year, 10, 1) else fiscal(day)


RHYTHMS: dict[SourceKind, tuple[Rhythm, str]] = {
    SourceKind.FEE_SCHEDULE: (relative_values, "pfs"),
    SourceKind.QPP_FACTOR: (relative_values, "pfs"),
    SourceKind.OPPS_CAP: (relative_values, "pfs"),
    SourceKind.GPCI: (yearly, "pfs"),
    SourceKind.LOCALITY: (yearly, "pfs"),
    SourceKind.ANESTHESIA_FACTOR: (yearly, "pfs"),
    SourceKind.ZIP_CODE: (quarterly, "zip"),
    SourceKind.OPPS: (quarterly, "opps"),
    SourceKind.ASC: (quarterly, "asc"),
    SourceKind.MUE: (quarterly, "ncci"),
    SourceKind.ADD_ON: (quarterly, "ncci"),
    SourceKind.PTP: (quarterly, "ncci"),
    SourceKind.PTP_CHANGES: (quarterly, "ncci"),
    SourceKind.HCPCS: (quarterly, "hcpcs"),
    SourceKind.HCPCS_NOTES: (quarterly, "hcpcs"),
    SourceKind.DESCRIPTORS: (yearly, ""),
    SourceKind.ICD10CM: (fiscal_with_update, "icd10cm"),
    SourceKind.ICD10CM_LIST: (fiscal_with_update, "icd10cm"),
    SourceKind.ICD10CM_INDEX: (fiscal_with_update, "icd10cm"),
    SourceKind.ICD10CM_ADDENDA: (fiscal, "icd10cm"),
    SourceKind.POA_EXEMPT: (fiscal, "icd10cm"),
    SourceKind.MCE: (fiscal, ""),
    SourceKind.ICD10PCS: (fiscal_with_update, "icd10pcs"),
    SourceKind.ICD10PCS_TABLES: (fiscal_with_update, "icd10pcs"),
    SourceKind.ICD10PCS_INDEX: (fiscal_with_update, "icd10pcs"),
    SourceKind.ICD10PCS_ADDENDA: (fiscal, "icd10pcs"),
    SourceKind.ICD10PCS_DEFINITIONS: (fiscal, "icd10pcs"),
    SourceKind.ICD10PCS_CONVERSION: (fiscal, "icd10pcs"),
    SourceKind.CCSR: (fiscal, "ccsr"),
    SourceKind.CCIR: (fiscal, "ccsr"),
    SourceKind.HCC: (payment_year, "hcc"),
}
GUIDELINES = "icd10cm-guidelines"
NCCI_MANUAL = "ncci-policy-manual"
EXPORTS = ("articles", "lcds", "ncds")  # series of the coverage database, exported each week
# Kinds of which each series is a publication of its own; of the others one series may stand for the kind.
APART = frozenset({SourceKind.MANUAL, SourceKind.COVERAGE, SourceKind.ASC, SourceKind.CCSR})


def outdated(sources: Iterable[Source], today: date) -> list[Outdated]:
    """The newest whole release of each publication, where a newer one is due by its calendar; in the order of the sources.

    A release of which only a part is loaded speaks for its publication where no whole one does, and is then due itself.
    """
    series: dict[tuple[object, ...], list[Source]] = {}
    for source in sources:
        if source.valid_from is not None:
            series.setdefault((source.kind, source.setting, source.series if source.kind in APART else None), []).append(source)
    return [found for loaded in series.values() if (found := _of_series(loaded, today))]


def _of_series(loaded: list[Source], today: date) -> Outdated | None:
    """What is due of one publication."""
    newest = max(loaded, key=_start)
    whole = max((source for source in loaded if not is_partial(source)), key=_start, default=None)
    found = _late(whole or newest, today)
    part = newest if whole and _start(newest) > _start(whole) else None
    return replace(found, part=part) if found else None


def _start(source: Source) -> date:
    return source.valid_from or date.min


def _late(source: Source, today: date) -> Outdated | None:
    if source.kind is SourceKind.COVERAGE:
        if source.series in EXPORTS and source.valid_to and source.valid_to < today:
            return Outdated(source, "a newer weekly export", source.valid_to + timedelta(days=1), "mcd")
        return None
    kept = RHYTHMS.get(source.kind) or _of_manual(source)
    if kept is None or source.valid_from is None:
        return None
    (due, since), fetch = kept[0](today), kept[1]
    missing = is_partial(source) and source.file != SHIPPED_FACTS and source.valid_from == since  # the rest of that very release
    return Outdated(source, due, since, fetch) if missing or source.valid_from < since else None


def _of_manual(source: Source) -> tuple[Rhythm, str] | None:
    """The guidelines follow the fiscal year, the NCCI manual the calendar year; other manuals change when they change."""
    if source.kind is not SourceKind.MANUAL or source.series is None:
        return None
    if source.series == GUIDELINES:
        return fiscal, "guidelines"
    return (yearly, "manuals" if source.series.startswith(NCCI_MANUAL) else "") if NCCI_MANUAL in source.series else None
