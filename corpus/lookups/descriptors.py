"""The AMA's wordings of CPT codes, where the user has loaded a licensed copy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from corpus import schema
from corpus.model import Dated, Source, SourceKind
from corpus.shelf import Shelf

KINDS = ("long", "medium", "short", "consumer", "clinician")  # the order in which they are given; each is a series of its own


@dataclass(frozen=True)
class Descriptor:
    """A wording of a code; `kind` is one of `KINDS`. © AMA: shown only to the user whose copy it is."""

    code: str
    kind: str
    text: str
    source: Source


class Descriptors:
    """The room of CPT descriptors. An edition holds until the next one is loaded, and is stale beyond its year."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def of(self, code: str, on: date) -> Dated[list[Descriptor]]:
        """All wordings of a CPT code on a day, long before short; of each kind the edition that holds on the day.

        `source` is the edition of the first wording. `value` None with a `source`: the editions loaded do not have the code.
        """
        table = schema.descriptor
        rows = self._shelf.rows(select(table).where(table.c.code == code).order_by(table.c.position))
        found: dict[str, dict[int, list[Descriptor]]] = {kind: {} for kind in KINDS}
        for row in rows:
            wording = Descriptor(row.code, row.kind, row.text, self._shelf.source(row.source))
            found[row.kind].setdefault(row.source, []).append(wording)
        answers = [self._shelf.dated(SourceKind.DESCRIPTORS, on, found[kind], series=kind) for kind in KINDS]
        worded = [answer for answer in answers if answer.value]
        if worded:
            wordings = [wording for answer in worded for wording in answer.value or []]
            return Dated(wordings, worded[0].source, stale=any(answer.stale for answer in worded))
        covering = next((answer for answer in answers if answer.covered), None)
        return covering or next((answer for answer in answers if answer.nearest), answers[0])
