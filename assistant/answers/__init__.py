"""One file per kind of question; importing the package registers them all with `assistant.context.answers`."""

from assistant.answers import (
    add_on,
    changes,
    code,
    difference,
    find,
    global_period,
    guideline,
    modifier,
    modifiers_for_code,
    small_talk,
    together,
    units,
    validity,
)

__all__ = [
    "add_on",
    "changes",
    "code",
    "difference",
    "find",
    "global_period",
    "guideline",
    "modifier",
    "modifiers_for_code",
    "small_talk",
    "together",
    "units",
    "validity",
]
