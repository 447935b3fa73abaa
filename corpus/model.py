"""The words of the field as small frozen dataclasses. Nothing here knows a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar


class System(StrEnum):
    """Code sets, named as the command line and the batch files name them."""

    CPT = "CPT"
    HCPCS = "HCPCS"
    ICD10CM = "ICD10CM"
    ICD10PCS = "ICD10PCS"
    ICD9CM = "ICD9CM"
    MODIFIER = "MODIFIER"


class Setting(StrEnum):
    """Who bills: the NCCI tables differ by it."""

    PRACTITIONER = "practitioner"
    FACILITY = "facility"
    DME = "dme"


class SourceKind(StrEnum):
    """Kinds of source; releases of one kind (and setting) follow each other in time."""

    FEE_SCHEDULE = "fee-schedule"
    QPP_FACTOR = "qpp-factor"
    GPCI = "gpci"
    LOCALITY = "locality"
    ZIP_CODE = "zip-code"
    ANESTHESIA_FACTOR = "anesthesia-factor"
    OPPS_CAP = "opps-cap"
    OPPS = "opps"
    ASC = "asc"
    PLACE_OF_SERVICE = "place-of-service"
    CONTRACTOR = "contractor"
    MUE = "mue"
    ADD_ON = "add-on"
    PTP = "ptp"
    PTP_CHANGES = "ptp-changes"
    HCPCS = "hcpcs"
    HCPCS_NOTES = "hcpcs-notes"
    DESCRIPTORS = "descriptors"  # the AMA's own wordings, from the user's licensed copy
    ICD10CM = "icd10cm"  # tabular list, with notes
    ICD10CM_LIST = "icd10cm-list"  # order file or code file: codes and titles
    ICD10CM_ADDENDA = "icd10cm-addenda"
    ICD10CM_INDEX = "icd10cm-index"
    ICD10PCS = "icd10pcs"  # order file
    ICD10PCS_ADDENDA = "icd10pcs-addenda"
    ICD10PCS_TABLES = "icd10pcs-tables"
    ICD10PCS_INDEX = "icd10pcs-index"
    ICD10PCS_DEFINITIONS = "icd10pcs-definitions"
    ICD10PCS_CONVERSION = "icd10pcs-conversion"
    GEM = "gem"
    POA_EXEMPT = "poa-exempt"
    MCE = "mce"
    CCSR = "ccsr"
    CCIR = "ccir"
    RBCS = "rbcs"
    HCC = "hcc"
    COVERAGE = "coverage"  # series: "articles", "lcds", "ncds", "merged"
    MANUAL = "manual"  # the text of an official manual or guideline, split into sections
    DOCUMENT = "user-document"  # the user's own: payer policies, department rules
    PUBLICATION = "publication"  # a manual, statute or guideline that is cited by place
    SHIPPED = "shipped"  # our own pages, modifiers and articles
    INDICATORS = "indicators"


@dataclass(frozen=True)
class Source:
    """One release of one publication or file, as loaded.

    `valid_from` is the day the release takes effect, None for publications without one; `valid_to` the last day its own
    calendar gives it (end of quarter, of calendar or fiscal year), None where it has no end.
    """

    id: int
    key: str  # stable name, e.g. "fee-schedule/RVU26C", "ptp/practitioner/2024Q3", "publication/ncci-manual"
    kind: SourceKind
    title: str
    publisher: str
    release: str
    setting: Setting | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    url: str | None = None
    file: str | None = None
    rows: int = 0
    series: str | None = None  # the publication, where a kind has several: which manual, which mapping

    @property
    def label(self) -> str:
        """Title and release on one line."""
        return f"{self.title}, {self.release}"


T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Dated(Generic[T_co]):
    """A look-up for a date of service.

    `source` is the release that covers the date, None when none does; `value` is what it says of the code, None when it
    does not have it. `nearest` is the release closest to a date that no release covers. `stale` tells that the date lies
    beyond the calendar of the release: a newer one exists but is not loaded.
    """

    value: T_co | None
    source: Source | None
    nearest: Source | None = None
    stale: bool = False

    @property
    def covered(self) -> bool:
        """Whether any loaded release speaks for the date."""
        return self.source is not None


@dataclass(frozen=True)
class Code:
    """A code, category, block or chapter of a code set.

    `title` is the official title where the code set is free (ICD-10-CM), our own for code pages, the short descriptor of
    a fee schedule that the user loaded otherwise, and empty when only facts are known.
    """

    system: System
    code: str
    title: str
    billable: bool
    source: Source
    parent: str | None = None
    kind: str = "code"  # "code", "category", "block", "chapter"
    has_page: bool = False


@dataclass(frozen=True)
class Note:
    """A note of the ICD-10-CM tabular list; `code` is where it stands, which may be an ancestor of the code asked for."""

    code: str
    kind: str  # "includes", "inclusion", "excludes1", "excludes2", "code_first", "use_additional", "code_also", "note", "seventh"
    text: str
    source: Source


@dataclass(frozen=True)
class Citation:
    """A publication and the place in it that a shipped text names."""

    source: Source
    place: str


@dataclass(frozen=True)
class Neighbor:
    """A code that another is mixed up with, and the fact that decides."""

    code: str
    difference: str


@dataclass(frozen=True)
class Event:
    """Something that happened to a code."""

    date: date
    event: str  # "added", "revised", "deleted", "first seen", "last seen", "status"
    text: str
    citation: Citation


@dataclass(frozen=True)
class CodePage:
    """A code page in our own words. Texts may end in markers `[n]` into `citations`, counted from 1."""

    system: System
    code: str
    title: str
    summary: str
    when: tuple[str, ...]
    steps: tuple[str, ...]
    afterwards: tuple[str, ...]
    record: tuple[str, ...]
    billing: tuple[str, ...]
    neighbors: tuple[Neighbor, ...]
    synonyms: tuple[str, ...]
    anesthesia_code: str | None
    anesthesia_note: str | None
    diagnoses: tuple[tuple[str, str], ...]  # (ICD-10-CM code, why)
    history: tuple[Event, ...]
    citations: tuple[Citation, ...]
    source: Source
    place: str  # file in the shipped corpus


@dataclass(frozen=True)
class Modifier:
    """A modifier in our own words. Texts may end in markers `[n]` into `citations`, counted from 1."""

    code: str
    kind: str  # "cpt", "physical-status", "category-ii", "hcpcs"
    group: str
    title: str
    meaning: str
    when: tuple[str, ...]
    when_not: tuple[str, ...]
    example: str
    payment: str
    together: tuple[tuple[str, str], ...]  # (modifier, note)
    settings: tuple[str, ...]
    synonyms: tuple[str, ...]
    citations: tuple[Citation, ...]
    source: Source
    place: str
    valid_from: date | None = None


@dataclass(frozen=True)
class Article:
    """A guideline article in our own words; markers `[n]` in `text` count `citations` from 1."""

    id: str
    title: str
    topics: tuple[str, ...]
    codes: tuple[str, ...]
    modifiers: tuple[str, ...]
    text: str
    citations: tuple[Citation, ...]
    source: Source
    place: str


@dataclass(frozen=True)
class FeeRow:
    """One row of the Medicare physician fee schedule (PPRRVU), keyed by code and modifier ("" = global).

    RVUs and the conversion factor are dimensionless and US dollars per RVU; None where the file has no number. Indicators
    are text as printed; `na_nonfacility` and `na_facility` are "NA" or "".
    """

    code: str
    modifier: str
    descriptor: str  # short descriptor, AMA copyright; "" in the shipped tables
    status: str
    work: float | None
    pe_nonfacility: float | None
    na_nonfacility: str
    pe_facility: float | None
    na_facility: str
    malpractice: float | None
    total_nonfacility: float | None
    total_facility: float | None
    pc_tc: str
    global_days: str
    pre: float | None
    intra: float | None
    post: float | None
    multiple: str
    bilateral: str
    assistant: str
    co_surgeons: str
    team: str
    endoscopic_base: str
    conversion_factor: float | None
    supervision: str
    imaging_family: str
    source: Source
    opps_pe_nonfacility: float | None = None  # RVUs of the OPPS cap
    opps_pe_facility: float | None = None
    opps_malpractice: float | None = None


@dataclass(frozen=True)
class UnitLimit:
    """A Medically Unlikely Edit: most units of a code, one patient, one provider, by claim line (MAI 1) or day (MAI 2, 3)."""

    code: str
    setting: Setting
    units: int
    mai: int
    rationale: str
    source: Source


@dataclass(frozen=True)
class AddOn:
    """An add-on code edit; `primary` is "CCCCC" where the contractor defines the primaries."""

    add_on: str
    primary: str
    type: int
    effective: date | None
    deleted: date | None
    note: str
    source: Source


@dataclass(frozen=True)
class Edit:
    """One interval of a procedure-to-procedure edit.

    `effective` None: the file does not tell; `deleted` None: in force. `indicator` 0 = never together, 1 = a modifier may
    bypass, 9 = the edit was deleted from its first day.
    """

    column1: str
    column2: str
    setting: Setting
    effective: date | None
    deleted: date | None
    indicator: int
    rationale: str
    source: Source

    def in_force(self, on: date) -> bool:
        """Whether the interval holds on a day; an unknown start counts as begun."""
        if self.indicator == 9:
            return False
        return (self.effective is None or self.effective <= on) and (self.deleted is None or on <= self.deleted)


@dataclass(frozen=True)
class Indicator:
    """What a value of an indicator field means, in our words."""

    field: str
    value: str
    meaning: str
    citation: Citation


@dataclass(frozen=True)
class Passage:
    """A piece of text that can be found and cited; `key` names it in the vector index too."""

    key: str  # "page/CPT/63044/billing", "article/modifier-25/2", "modifier/25", "term/ICD10CM/E11.40/0"
    kind: str  # "page", "article", "modifier", "term", "manual", "coverage", "document"
    title: str
    text: str
    source: Source
    place: str
    system: System | None = None
    code: str | None = None


@dataclass(frozen=True)
class Hit:
    """A passage or term found, with its rank by each way and the fused score (higher is better)."""

    passage: Passage
    score: float
    ways: dict[str, int] = field(default_factory=dict)
