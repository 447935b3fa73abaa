"""What is bundled with one code: its PTP edits in force, by column and indicator."""

from __future__ import annotations

from assistant.answer import Answer, Composer, Status
from assistant.answers.parts import say_missing, say_stale
from assistant.context import Context
from assistant.evidence import of_edit
from assistant.question import Question
from corpus.codebook import is_partial
from corpus.model import Code, Edit, SourceKind

MOST = 40


def edits_of_one(question: Question, code: Code, context: Context) -> Answer:
    """List the codes that a code contains and those that contain it."""
    composer = context.composer(question)
    composer.about(code.system, code.code)
    dated = context.codebook.edits_of(code.code, context.date, context.setting)
    edits = dated.value or []
    if not edits:
        say_missing(composer, f"PTP edits of {code.code} ({context.setting})", dated, SourceKind.PTP, context)
        return composer.answer(Status.NO_DATA)
    source = edits[0].source
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


def _listed(composer: Composer, heading: str, edits: list[Edit], column: str) -> None:
    """The other codes, those that a modifier may bypass apart from those that nothing bypasses."""
    composer.heading(heading)
    for indicator, words in ((0, "never, whatever the modifier (indicator 0)"), (1, "a modifier may bypass (indicator 1)")):
        chosen = [edit for edit in edits if edit.indicator == indicator]
        if chosen:
            codes = ", ".join(getattr(edit, column) for edit in chosen[:MOST])
            more = f" and {len(chosen) - MOST} more" if len(chosen) > MOST else ""
            composer.say(f"{words[0].upper()}{words[1:]}: {codes}{more}.", *(of_edit(edit) for edit in chosen[:3]), bullet=True)
