"""What is an ICD-10-PCS code: its title on the day, and what each of its seven characters says."""

from __future__ import annotations

from assistant.answer import Composer
from assistant.answers.standing import say_entry, say_history
from assistant.context import Context
from assistant.evidence import day, of_source
from corpus.model import Code


def say_procedure(composer: Composer, code: Code, context: Context, brief: bool) -> None:
    """A code of ICD-10-PCS, or the stem of one."""
    composer.heading("" if not brief else code.code)
    standing = say_entry(composer, code, context)
    if brief:
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
        if source.valid_to and context.date > source.valid_to:
            composer.say(f"The tables loaded ran to {day(source.valid_to)}.", of_source(source, f"table {code.code[:3]}", source.label))
    say_history(composer, standing, context)
