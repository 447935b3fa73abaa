"""Facts of the store as evidence: which source, where in it, and the words or row that stand there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.answer import Evidence
from corpus.lookups.descriptors import Descriptor
from corpus.lookups.hcpcs import HcpcsEntry, HcpcsNote
from corpus.model import (
    AddOn,
    Article,
    Citation,
    Code,
    CodePage,
    Edit,
    Event,
    FeeRow,
    Indicator,
    Modifier,
    Note,
    Source,
    SourceKind,
    System,
    UnitLimit,
)

MARKERS = re.compile(r"\s*((?:\[\d{1,2}\])+)(?=[.;,]?(?:\s|$))")
NUMBER = re.compile(r"\d+")


def day(value: date) -> str:
    """A date as ISO, the one form in which dates are shown."""
    return value.isoformat()


@dataclass(frozen=True)
class CitedText:
    """A shipped text without its markers, and the publications that they name."""

    text: str
    evidence: tuple[Evidence, ...]


def cited(text: str, citations: Sequence[Citation], own: Evidence) -> CitedText:
    """Resolve the markers of a shipped text; a text without markers stands on the page itself."""
    numbers = [int(n) for group in MARKERS.findall(text) for n in NUMBER.findall(group)]
    plain = MARKERS.sub("", text).strip()
    named = [of_publication(citations[n - 1], plain) for n in dict.fromkeys(numbers) if 1 <= n <= len(citations)]
    return CitedText(plain, tuple(named) or (own,))


def of_publication(citation: Citation, excerpt: str) -> Evidence:
    """A publication at a place; the excerpt is our wording of what stands there."""
    return Evidence(citation.source, citation.place, f"In our words: {excerpt}", citation.source.url)


def of_page(page: CodePage, section: str, excerpt: str) -> Evidence:
    """A section of a code page."""
    return Evidence(page.source, f"{page.system} {page.code}, {section} ({page.place})", excerpt)


def of_modifier(modifier: Modifier, section: str, excerpt: str) -> Evidence:
    """A section of a modifier's entry."""
    return Evidence(modifier.source, f"Modifier {modifier.code}, {section} ({modifier.place})", excerpt)


def of_article(article: Article, excerpt: str) -> Evidence:
    """A guideline article."""
    return Evidence(article.source, f"{article.title} ({article.place})", excerpt)


def of_code(code: Code) -> Evidence:
    """An entry of a code set; only ICD-10-CM tells what is billable."""
    if code.system in (System.CPT, System.HCPCS):
        return Evidence(code.source, code.code, f"{code.code} {code.title}".strip())
    state = "billable" if code.billable else "not billable: has more specific codes"
    return Evidence(code.source, code.code, f"{code.code} {code.title} ({state})")


def of_note(note: Note) -> Evidence:
    """A note of the tabular list."""
    return Evidence(note.source, f"{note.code}, {note.kind.replace('_', ' ')} note", note.text)


def of_fee(row: FeeRow) -> Evidence:
    """A row of the fee schedule, its columns by name."""
    modifier = f"-{row.modifier}" if row.modifier else ""
    columns = {
        "status": row.status,
        "global days": row.global_days,
        "work RVU": number(row.work),
        "total non-facility": number(row.total_nonfacility),
        "total facility": number(row.total_facility),
        "PC/TC": row.pc_tc,
        "multiple procedure": row.multiple,
        "bilateral": row.bilateral,
        "assistant": row.assistant,
        "co-surgeons": row.co_surgeons,
        "team": row.team,
        "endoscopic base": row.endoscopic_base,
        "supervision": row.supervision,
        "conversion factor": number(row.conversion_factor, 4),
    }
    shown = " | ".join(f"{name} {value}" for name, value in columns.items() if value)
    return Evidence(row.source, f"row {row.code}{modifier}", f"{row.code}{modifier}: {shown}")


def of_units(limit: UnitLimit) -> Evidence:
    """A row of an MUE table."""
    excerpt = f"{limit.code} | units {limit.units} | MAI {limit.mai} | rationale: {limit.rationale}"
    return Evidence(limit.source, f"row {limit.code}", excerpt)


def of_add_on(item: AddOn) -> Evidence:
    """A row of the add-on code edits."""
    since = f" | effective {day(item.effective)}" if item.effective else ""
    return Evidence(item.source, f"row {item.add_on}/{item.primary}", f"add-on {item.add_on} | primary {item.primary} | type {item.type}{since}")


def of_edit(edit: Edit) -> Evidence:
    """One interval of a PTP edit."""
    start = day(edit.effective) if edit.effective else "not in this file"
    end = day(edit.deleted) if edit.deleted else "in force"
    excerpt = (
        f"column 1 {edit.column1} | column 2 {edit.column2} | effective {start} | deletion {end} | "
        f"modifier indicator {edit.indicator} | {edit.rationale}"
    )
    return Evidence(edit.source, f"edit {edit.column1}/{edit.column2}, deletion {end}", excerpt)


def of_hcpcs(entry: HcpcsEntry) -> Evidence:
    """A code or modifier of the HCPCS Level II file, its fields by name."""
    fields = {
        "added": day(entry.added) if entry.added else "",
        "action effective": day(entry.effective) if entry.effective else "",
        "terminated": day(entry.ended) if entry.ended else "",
        "coverage": entry.coverage,
        "pricing": " ".join(entry.pricing),
        "multiple pricing": entry.multiple_pricing,
        "type of service": " ".join(entry.type_of_service),
        "BETOS": entry.betos,
        "cross reference": " ".join(entry.cross_reference),
        "statute": entry.statute,
        "processing note": entry.processing_note,
        "action": entry.action,
    }
    shown = " | ".join((f"{entry.code} {entry.title}".strip(), *(f"{name} {value}" for name, value in fields.items() if value)))
    return Evidence(entry.source, f"{'modifier' if entry.system is System.MODIFIER else 'code'} {entry.code}", shown)


def of_processing_note(note: HcpcsNote) -> Evidence:
    """A processing note of HCPCS Level II."""
    return Evidence(note.source, f"note {note.number}", note.text)


def of_descriptor(descriptor: Descriptor) -> Evidence:
    """A wording of the AMA out of the user's licensed copy."""
    return Evidence(descriptor.source, f"{descriptor.code}, {descriptor.kind} descriptor", f"{descriptor.code} {descriptor.text}")


def of_indicator(indicator: Indicator) -> Evidence:
    """The meaning of an indicator's value."""
    excerpt = f"In our words: {indicator.field.replace('_', ' ')} {indicator.value} = {indicator.meaning}"
    return Evidence(indicator.citation.source, indicator.citation.place, excerpt, indicator.citation.source.url)


def of_event(event: Event) -> Evidence:
    """Something that happened to a code."""
    return Evidence(event.citation.source, event.citation.place, f"{day(event.date)}: {event.text}")


def of_source(source: Source, locator: str, excerpt: str) -> Evidence:
    """A whole release: for what it does not hold."""
    return Evidence(source, locator, excerpt)


def number(value: float | None, digits: int = 2) -> str:
    """An RVU or factor as printed; "" where the file has none."""
    return "" if value is None else f"{value:.{digits}f}"


LOADS = {
    SourceKind.FEE_SCHEDULE: "the PPRRVU file of the fee schedule",
    SourceKind.MUE: "the MUE table",
    SourceKind.ADD_ON: "the add-on code edits",
    SourceKind.PTP: "the PTP edit files",
    SourceKind.ICD10CM: "the ICD-10-CM release",
    SourceKind.ICD10PCS: "the ICD-10-PCS order file",
    SourceKind.PLACE_OF_SERVICE: "the place of service codes",
}


def how_to_load(kind: SourceKind) -> str:
    """The sentence that tells which file to load."""
    return f"Load {LOADS[kind]} from CMS with `python -m ingest add FILE`."
