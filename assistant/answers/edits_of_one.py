"""What is bundled with one code: its PTP edits in force, by column and indicator."""

from __future__ import annotations

from datetime import date

from assistant.answer import Answer, Composer, Status
from assistant.answers.parts import say_missing, say_stale
from assistant.context import Context
from assistant.evidence import day, of_edit
from assistant.question import Question
from corpus.model import Code, Edit, SourceKind
from corpus.shelf import is_partial

MOST = 40


def edits_of_one(question: Question, code: Code, context: Context) -> Answer:
    """List the codes that a code contains and those that contain it."""
    composer = context.composer(question)
    composer.about(code.system, code.code)
    dated = context.codebook.edits_of(code.code, context.date, context.setting)
    edits = _one_a_pair(dated.value or [])
    source = dated.source
    before = source is not None and source.valid_from is not None and context.date < source.valid_from
    if source and before and not all(edit.effective for edit in edits):
        nearest = f"{source.release} is the nearest release and gives no start dates"
        composer.say(f"No data on PTP edits of {code.code} for {day(context.date)}: {nearest}.")
        return composer.answer(Status.NO_DATA)
    if not edits:
        say_missing(composer, f"PTP edits of {code.code} ({context.setting})", dated, SourceKind.PTP, context)
        return composer.answer(Status.NO_DATA)
    source = edits[0].source  # not None: it holds edits
    contained = [edit for edit in edits if edit.column1 == code.code]
    containing = [edit for edit in edits if edit.column2 == code.code]
    counts = f"{code.code} is column 1 of {len(contained)} PTP edits in force and column 2 of {len(containing)}"
    composer.say(f"{counts} ({context.setting}, release {source.release}).", *(of_edit(edit) for edit in edits[:2]))
    if is_partial(source):
        composer.say("The tables that ship with Codebook hold the edits between its own pages only: load the PTP files for all of them.")
    _listed(composer, f"Contained in {code.code}, denied beside it", contained, "column2")
    _listed(composer, f"Contain {code.code}: it is denied beside them", containing, "column1")
    say_stale(composer, dated)
    for edit in edits[:2]:
        composer.suggest(f"Can {edit.column1} and {edit.column2} go together?")
    return composer.answer()


def _one_a_pair(edits: list[Edit]) -> list[Edit]:
    """Of the intervals of a pair that may hold on the day, the first to end."""
    found: dict[tuple[str, str], Edit] = {}
    for edit in edits:
        pair = (edit.column1, edit.column2)
        if pair not in found or (edit.deleted or date.max) < (found[pair].deleted or date.max):
            found[pair] = edit
    return list(found.values())


def _listed(composer: Composer, heading: str, edits: list[Edit], column: str) -> None:
    """The other codes, those that a modifier may bypass apart from those that nothing bypasses."""
    composer.heading(heading)
    for indicator, words in ((0, "never, whatever the modifier (indicator 0)"), (1, "a modifier may bypass (indicator 1)")):
        chosen = [edit for edit in edits if edit.indicator == indicator]
        if chosen:
            codes = ", ".join(getattr(edit, column) for edit in chosen[:MOST])
            more = f" and {len(chosen) - MOST} more" if len(chosen) > MOST else ""
            composer.say(f"{words[0].upper()}{words[1:]}: {codes}{more}.", *(of_edit(edit) for edit in chosen[:3]), bullet=True)
