"""What the official files say of a code or modifier in their own words: HCPCS Level II, and the AMA's descriptors that the user loaded."""

from __future__ import annotations

from datetime import date

from assistant.answer import Composer, Evidence
from assistant.context import Context
from assistant.evidence import day, of_descriptor, of_hcpcs, of_indicator, of_processing_note
from corpus.lookups.descriptors import Descriptor
from corpus.lookups.hcpcs import HcpcsEntry
from corpus.model import Code, Dated, System

# field of an entry, its name, and the field of the indicators that says what its values mean
CODED = (
    ("coverage", "Coverage", "hcpcs_coverage"),
    ("pricing", "Pricing", "hcpcs_pricing"),
    ("multiple_pricing", "Multiple pricing", "hcpcs_multiple_pricing"),
    ("type_of_service", "Type of service", "hcpcs_type_of_service"),
    ("action", "Last action", "hcpcs_action"),
)
IN_TEXT = ("coverage", "pricing", "type_of_service")  # the table has them all
PLAIN = (
    ("betos", "BETOS"),
    ("laboratory", "Laboratory certification"),
    ("ncd", "Coverage manual sections"),
    ("manual", "Medicare Carriers Manual sections"),
    ("statute", "Statute"),
    ("cross_reference", "Cross reference"),
    ("asc_group", "ASC payment group"),
    ("processing_note", "Processing note"),
)
DESCRIPTORS = {"long": "Long", "medium": "Medium", "short": "Short", "consumer": "Consumer friendly", "clinician": "Clinician"}
MOST_CLINICIAN = 3


def entry_of(code: Code, context: Context, reach: bool = False) -> Dated[HcpcsEntry]:
    """What HCPCS Level II says of a code on the day; nothing for other systems. `reach`: by the dates of its rows before the first release, too."""
    if code.system is not System.HCPCS:
        return Dated(None, None)
    return context.codebook.hcpcs.entry(code.code, context.date, reach=reach)


def official_title(code: Code, context: Context) -> tuple[str, Evidence] | None:
    """The official wording of a code on the day with what it is, and where it stands; None when no loaded file words it."""
    entry = entry_of(code, context).value
    if entry and entry.title:
        return f"{entry.title} (official description, HCPCS Level II {entry.source.release})", of_hcpcs(entry)
    found = [d for d in _licensed(code, context) if d.kind in ("long", "medium", "short")]
    return (f"{found[0].text} ({_mark(found[0])})", of_descriptor(found[0])) if found else None


def say_wordings(composer: Composer, code: Code, context: Context) -> None:
    """The official wordings beside our own page: the description of Level II, or the AMA's descriptors."""
    entry = entry_of(code, context).value
    licensed = _licensed(code, context)
    if (entry and entry.title) or licensed:
        composer.heading("Official wording")
    if entry and entry.title:
        composer.say(f"{entry.title} (HCPCS Level II {entry.source.release}).", of_hcpcs(entry))
    shown = [d for d in licensed if d.kind not in ("medium", "short") or licensed[0].kind == d.kind]
    clinician = [d for d in shown if d.kind == "clinician"]
    for descriptor in shown:
        if descriptor not in clinician[MOST_CLINICIAN:]:
            composer.say(f"{descriptor.text} ({_mark(descriptor)}).", of_descriptor(descriptor), bullet=True)


def say_level_ii(composer: Composer, code: Code, context: Context) -> Dated[HcpcsEntry]:
    """What the file of HCPCS Level II says: dates, coverage, pricing, type of service, processing note; the rest as a table."""
    found = entry_of(code, context)
    if entry := found.value:
        say_entry(composer, entry, context)
    return found if found.value else Dated(None, None)


def say_entry(composer: Composer, entry: HcpcsEntry, context: Context) -> None:
    """The fields of a code or modifier, with what they mean."""
    composer.heading(f"HCPCS Level II ({entry.source.release})")
    composer.say(_dates(entry, context.date), of_hcpcs(entry), bullet=True)
    rows: list[tuple[str, str, str]] = []
    for field, name, meanings in CODED:
        for value in _values(entry, field):
            meaning = context.codebook.indicator(meanings, value)
            words = meaning.meaning if meaning else ""
            rows.append((name, value, words))
            if field in IN_TEXT and meaning:
                composer.say(f"{name} {value}: {words}", of_hcpcs(entry), of_indicator(meaning), bullet=True)
    if entry.cross_reference:
        composer.say(f"Cross reference: {', '.join(entry.cross_reference)}.", of_hcpcs(entry), bullet=True)
    note = context.codebook.hcpcs.note(entry.processing_note, context.date).value if entry.processing_note else None
    if note:
        composer.say(f"Processing note {note.number}: {note.text}", of_hcpcs(entry), of_processing_note(note), bullet=True)
    rows += [(name, " ".join(values), "") for field, name in PLAIN if (values := _values(entry, field))]
    composer.table(f"HCPCS Level II, {entry.source.release}", ("Field", "Value", "Meaning"), rows, of_hcpcs(entry))


def say_standing(composer: Composer, entry: HcpcsEntry, context: Context) -> None:
    """Whether a Level II code is in its code set on the day; coverage is another question."""
    if entry.in_force(context.date):
        composer.say(f"Yes: {_dates(entry, context.date)[:-1]} (HCPCS Level II {entry.source.release}).", of_hcpcs(entry))
    else:
        composer.say(f"No: {_dates(entry, context.date)[:-1]} (HCPCS Level II {entry.source.release}).", of_hcpcs(entry))
    meaning = context.codebook.indicator("hcpcs_coverage", entry.coverage) if entry.coverage else None
    if meaning:
        composer.say(f"Coverage {entry.coverage}: {meaning.meaning}", of_hcpcs(entry), of_indicator(meaning))


def _dates(entry: HcpcsEntry, on: date) -> str:
    """First and last day, and the last action, as a sentence."""
    if entry.ended and entry.ended < on:
        return f"{entry.code} ended on {day(entry.ended)}: not valid on {day(on)}."
    if entry.added and on < entry.added:
        return f"{entry.code} begins on {day(entry.added)}: not valid on {day(on)}."
    since = f"since {day(entry.added)}" if entry.added else "without a first day"
    until = f"until {day(entry.ended)}" if entry.ended else "without a last day"
    return f"{entry.code} is listed {since}, {until}."


def _values(entry: HcpcsEntry, field: str) -> tuple[str, ...]:
    value = getattr(entry, field)
    return value if isinstance(value, tuple) else (value,) if value else ()


def _licensed(code: Code, context: Context) -> list[Descriptor]:
    return context.codebook.descriptors.of(code.code, context.date).value or [] if code.system is System.CPT else []


def _mark(descriptor: Descriptor) -> str:
    return f"{DESCRIPTORS[descriptor.kind].lower()} descriptor of your licensed copy, {descriptor.source.release}, © AMA"
