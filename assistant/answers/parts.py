"""Statements that several answers share."""

from __future__ import annotations

from assistant.answer import Composer, Evidence
from assistant.context import Context
from assistant.evidence import cited, day, how_to_load, number, of_add_on, of_code, of_fee, of_indicator, of_page, of_source, of_units
from assistant.facts import COLUMN_NAMES, CodeFacts
from corpus.model import Code, CodePage, Dated, FeeRow, SourceKind, System
from corpus.shelf import SHIPPED_FACTS, is_partial

CONTRACTOR = "CCCCC"  # in the place of a primary code: the contractor defines it


def say_missing(composer: Composer, what: str, dated: Dated[object], kind: SourceKind, context: Context) -> None:
    """Say that a fact is missing: no release for the date, the code not among the shipped ones, or not in the release."""
    if dated.source is None:
        if dated.nearest and dated.nearest.valid_from:
            end = f" to {day(dated.nearest.valid_to)}" if dated.nearest.valid_to else ""
            composer.say(
                f"No data on {what} for {day(context.date)}: the nearest release loaded is {dated.nearest.release} "
                f"({day(dated.nearest.valid_from)}{end}). {how_to_load(kind)}"
            )
        else:
            composer.say(f"No data on {what}: no release is loaded. {how_to_load(kind)}")
    elif is_partial(dated.source) and dated.source.file != SHIPPED_FACTS:
        composer.say(f"No data on {what}: {dated.source.label} is loaded in part only. {how_to_load(kind)}")
    elif is_partial(dated.source):
        composer.say(f"No data on {what}: it is not among the codes that ship with Codebook. {how_to_load(kind)}")
    else:
        composer.say(f"{dated.source.label} has no entry for {what}.", of_source(dated.source, "whole file", f"no row for {what}"))


def descriptor_note(code: Code) -> str:
    """What the title of a code without a page is: the wording of HCPCS Level II, of the user's licensed copy, or of a fee schedule."""
    if code.source.kind is SourceKind.HCPCS:
        return f"official description, HCPCS Level II {code.source.release}"
    if code.source.kind is SourceKind.DESCRIPTORS:
        return f"descriptor of your licensed copy, {code.source.release}, © AMA"
    if code.source.kind is not SourceKind.FEE_SCHEDULE:
        return code.source.label
    return "short descriptor of the fee schedule that you loaded" + (", © AMA" if code.system is System.CPT else "")


def title_evidence(facts: CodeFacts) -> Evidence:
    """Where the title of a code without a page stands."""
    code, row = facts.code, facts.row
    return of_fee(row) if row and code.source.kind is SourceKind.FEE_SCHEDULE else of_code(code)


def say_stale(composer: Composer, *answers: Dated[object]) -> None:
    """Tell which releases used are older than the date of service; a release that lacks the code was used too."""
    old = {d.source.key: d.source for d in answers if d.stale and d.source and (d.value is not None or not is_partial(d.source))}
    if old:
        names = ", ".join(f"{s.title} {s.release} (to {day(s.valid_to)})" for s in old.values() if s.valid_to)
        composer.heading("Releases")
        composer.say(f"Newest releases loaded, older than the date of service: {names}. Later changes are not in them.")


def say_section(composer: Composer, page: CodePage, heading: str, section: str, texts: tuple[str, ...], limit: int | None = None) -> None:
    """A section of a code page as a list, each item with the publication that it names, or else the page."""
    composer.heading(heading)
    for text in texts[:limit]:
        item = cited(text, page.citations, of_page(page, section, text))
        composer.say(item.text, *item.evidence, bullet=True)


def say_primaries(composer: Composer, facts: CodeFacts) -> None:
    """Whether the code is an add-on, and to what."""
    code, rows = facts.code.code, facts.primaries.value or []
    primaries = [item.primary for item in rows if item.primary != CONTRACTOR]
    if rows and not primaries:
        composer.say(f"{code} is an add-on code (type {rows[0].type}): the contractor defines its primary codes.", of_add_on(rows[0]))
    elif rows:
        shown = ", ".join(primaries[:12]) + (f" and {len(primaries) - 12} more" if len(primaries) > 12 else "")
        also = "; the contractor may define further primary codes" if len(primaries) < len(rows) else ""
        shown_rows = [item for item in rows if item.primary in (*primaries[:12], CONTRACTOR)]
        composer.say(f"{code} is an add-on code to {shown}: never report it alone{also}.", *(of_add_on(item) for item in shown_rows))
    elif facts.is_add_on and facts.row:
        composer.say(f"{code} is an add-on code: its global period is ZZZ.", of_fee(facts.row))


def say_units(composer: Composer, facts: CodeFacts) -> None:
    """The MUE of the code in the setting asked for."""
    limit = facts.units.value
    if not limit:
        return
    mai = facts.context.codebook.indicator("mai", str(limit.mai))
    meaning = f" {mai.meaning}" if mai else ""
    noun = "unit" if limit.units == 1 else "units"
    composer.say(
        f"MUE: {limit.units} {noun} ({limit.setting}), MAI {limit.mai}.{meaning} Rationale: {limit.rationale}.",
        of_units(limit),
        *meaning_evidence(facts, "mai", str(limit.mai)),
        bullet=True,
    )


def meaning_evidence(facts: CodeFacts, field: str, value: str) -> tuple[Evidence, ...]:
    """The evidence for what an indicator means."""
    found = facts.context.codebook.indicator(field, value)
    return (of_indicator(found),) if found else ()


def say_values(composer: Composer, row: FeeRow) -> None:
    """RVUs and conversion factor, where the fee schedule has any."""
    if row.total_nonfacility or row.total_facility:
        parts = [f"work {number(row.work)}", f"total {number(row.total_nonfacility)} non-facility", f"{number(row.total_facility)} facility"]
        if row.na_nonfacility:
            parts[1] += " (rarely or never done there)"
        if row.na_facility:
            parts[2] += " (NA: not priced there)"
        composer.say(f"RVUs: {', '.join(parts)}; conversion factor {number(row.conversion_factor, 4)}.", of_fee(row), bullet=True)


def say_indicator(composer: Composer, facts: CodeFacts, field: str) -> None:
    """One indicator of the fee schedule with its meaning."""
    row = facts.row
    if not row:
        return
    value = getattr(row, field)
    meaning = facts.meaning(field)
    if value and meaning:
        composer.say(f"{COLUMN_NAMES[field]} {value}: {meaning.meaning}", *facts.indicator_evidence(field), bullet=True)


def fee_tables(composer: Composer, facts: CodeFacts) -> None:
    """Indicators with their meaning, and RVUs of the code and its components."""
    row = facts.row
    if not row:
        return
    indicators = [
        (name, getattr(row, field), meaning.meaning if (meaning := facts.meaning(field)) else "")
        for field, name in COLUMN_NAMES.items()
        if getattr(row, field)
    ]
    composer.table(f"Medicare fee schedule indicators, {row.source.release}", ("Indicator", "Value", "Meaning"), indicators, of_fee(row))
    book = facts.context.codebook
    parts = (book.fee(row.code, facts.context.date, modifier).value for modifier in book.fee_modifiers(row.code, row.source))
    rows = [row, *(part for part in parts if part)]
    if any(r.total_nonfacility or r.total_facility for r in rows):
        table = [_values(r) for r in rows]
        columns = ("Code", "Work", "PE non-facility", "PE facility", "Malpractice", "Total non-facility", "Total facility")
        composer.table(f"Relative value units, {row.source.release}", columns, table, *(of_fee(r) for r in rows))


def _values(row: FeeRow) -> tuple[str, ...]:
    """The RVUs of a row; "NA" marks a setting in which the service is rarely or never done."""
    nonfacility = number(row.pe_nonfacility) + (" (NA)" if row.na_nonfacility else "")
    facility = number(row.pe_facility) + (" (NA)" if row.na_facility else "")
    name = f"{row.code}-{row.modifier}" if row.modifier else row.code
    return (name, number(row.work), nonfacility, facility, number(row.malpractice), number(row.total_nonfacility), number(row.total_facility))
