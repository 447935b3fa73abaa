"""Slips of the pen in the words that say what is asked: "modifer" → "modifier".

Only those words are mended, never a code, a name or what is searched for: a wrong guess there would change the question.
"""

from __future__ import annotations

import re

COMMANDS = (
    "modifier modifiers global bilateral bilaterally difference differences together guideline guidelines diagnosis diagnoses validity invalid"
).split()
# Words of their own that are one letter away from a command.
OTHER_WORDS = frozenset("modified modifies diagnosed diagnose invalids".split())
# Slips of short words, and of more than one letter.
SLIPS = {
    "untis": "units", "uints": "units", "unist": "units", "vaild": "valid", "vlaid": "valid", "valdi": "valid", "vallid": "valid",
    "mofidier": "modifier", "modifyier": "modifier", "modifyiers": "modifiers", "diffrance": "difference", "diffence": "difference",
    "togather": "together", "guildline": "guideline", "guildlines": "guidelines", "modifier's": "modifiers",
}  # fmt: skip
WORD = re.compile(r"(?<![\w'.@-])[A-Za-z]{5,14}(?:'s)?(?![\w'@]|-\d)")


def mended(text: str) -> str:
    """The text with slips in command words mended, in the case they were typed in; all else as it is."""
    return WORD.sub(lambda match: _mended(match.group()), text)


def _mended(word: str) -> str:
    small = word.lower()
    meant = _meant(small)
    if meant == small:
        return word
    return meant.upper() if word.isupper() else meant.capitalize() if word[0].isupper() else meant


def _meant(word: str) -> str:
    if word in COMMANDS or word in OTHER_WORDS:
        return word
    stem = word.removesuffix("'s")
    meant = SLIPS.get(word) or SLIPS.get(stem) or next((command for command in COMMANDS if _is_near(stem, command)), word)
    return SLIPS.get(f"{meant}'s", meant) if word.endswith("'s") and meant != word else meant


def _is_near(word: str, command: str) -> bool:
    """Whether one letter added, left out or changed, or two neighbors swapped, makes the word the command; the first letter stands."""
    if word[0] != command[0] or abs(len(word) - len(command)) > 1:
        return False
    same = next((i for i, (a, b) in enumerate(zip(word, command, strict=False)) if a != b), min(len(word), len(command)))
    one, other = word[same:], command[same:]
    swapped = len(one) > 1 and one[:2] == other[1::-1] and one[2:] == other[2:]
    return swapped or one[1:] == other[1:] or one[1:] == other or one == other[1:]
