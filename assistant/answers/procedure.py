"""What is an ICD-10-PCS code: its title on the day, what each of its seven characters says, and of a stem its table."""

from __future__ import annotations

from assistant.answer import Composer
from assistant.answers.standing import say_entry, say_history
from assistant.context import Context
from assistant.evidence import day, of_source
from corpus.lookups.procedures import STEM, Axis
from corpus.model import Code, Source

MOST_ROWS, MOST_VALUES = 12, 12  # of a table in the text


def say_procedure(composer: Composer, code: Code, context: Context, brief: bool) -> None:
    """A code of ICD-10-PCS, or the stem of one."""
    composer.heading("" if not brief else code.code)
    standing = say_entry(composer, code, context)
    if brief:
        return
    if len(code.code) == STEM:
        _say_table(composer, code, context)
        return
    built = context.codebook.procedures.built(code.code, context.date)
    source = built.source or built.nearest
    axes = built.value or (context.codebook.procedures.built(code.code, source.valid_from).value if source and source.valid_from else None)
    if axes and source:
        composer.heading(f"Its characters (tables of {source.release})")
        for axis in axes:
            value = axis.values[0]
            excerpt = f"{code.code}, character {axis.number}, {axis.name}: {value.value} {value.label}"
            composer.say(
                f"{axis.number}. {axis.name}: {value.value} {value.label}", of_source(source, f"table {code.code[:3]}", excerpt), bullet=True
            )
        _say_old(composer, source, code, context)
    say_history(composer, standing, context)


def _say_table(composer: Composer, code: Code, context: Context) -> None:
    """The table that a stem names: its three characters, and the values of the other four that may stand together, row by row."""
    book = context.codebook.procedures
    dated = book.table(code.code, context.date)
    source = dated.source or dated.nearest
    found = dated.value or (book.table(code.code, source.valid_from).value if source and source.valid_from else None)
    if source is None:
        composer.say("Its table is not loaded. Load the tables of ICD-10-PCS (XML) from CMS with `python -m ingest add FILE`.")
        return
    place = f"table {code.code}"
    if found is None:
        composer.say(f"{source.label} has no table {code.code}.", of_source(source, place, f"no table {code.code}"))
        return
    composer.heading(f"Table {code.code} (tables of {source.release})")
    for axis in found.axes:
        composer.say(f"{axis.number}. {axis.name}: {_values(axis)}", of_source(source, place, f"{axis.name}: {_values(axis)}"), bullet=True)
    composer.heading(f"Characters {STEM + 1} to 7, row by row")
    for number, row in enumerate(found.rows[:MOST_ROWS], 1):
        text = " · ".join(f"{axis.number}. {axis.name}: {_values(axis, MOST_VALUES)}" for axis in row)
        whole = " | ".join(f"{axis.number} {axis.name}: {_values(axis)}" for axis in row)
        composer.say(text, of_source(source, f"{place}, row {number}", whole), bullet=True)
    if len(found.rows) > MOST_ROWS:
        composer.say(f"and {len(found.rows) - MOST_ROWS} more rows, all in the table beside.", of_source(source, place, f"{len(found.rows)} rows"))
    columns = tuple(f"{axis.number}. {axis.name}" for axis in found.rows[0]) if found.rows else ()
    composer.table(f"Table {code.code}, {source.release}", columns, [tuple(map(_values, row)) for row in found.rows], of_source(source, place, place))
    _say_old(composer, source, code, context)


def _values(axis: Axis, most: int = 0) -> str:
    """The values of an axis with their labels, all or the first ones."""
    shown = axis.values[:most] if most else axis.values
    more = f" and {len(axis.values) - len(shown)} more" if len(shown) < len(axis.values) else ""
    return "; ".join(f"{value.value} {value.label}" for value in shown) + more


def _say_old(composer: Composer, source: Source, code: Code, context: Context) -> None:
    if source.valid_to and context.date > source.valid_to:
        composer.say(f"The tables loaded ran to {day(source.valid_to)}.", of_source(source, f"table {code.code[:STEM]}", source.label))
