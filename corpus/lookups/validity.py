"""Whether a code is valid on a day, and what became of it: from lists, addenda, dated rows and fee schedules. Nothing is guessed.

ICD-10 is listed release by release. A list speaks from its first day to the end of its fiscal year or to the next list of that year; the
first list of a year that is an update speaks for the days before it too, marked `Basis.UPDATE`, where something older or the addenda of the
update show that the code did not change with it; else the state is unknown. Addenda speak for the codes they name, the
year before their first day and the year behind it, and carry what a list says of the others from one year to the next. A
day that none of these reaches is unknown, between what the releases around it say; a day behind them all is answered from the
newest and marked stale. HCPCS rows hold their own dates, and a fee schedule speaks for its own calendar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select

from corpus import schema
from corpus.lookups.hcpcs import Hcpcs
from corpus.lookups.history import KINDS, Claim, Lists, Seen, State, Turn, turns
from corpus.model import Source, SourceKind, System
from corpus.rows import to_date
from corpus.shelf import Shelf, is_partial, is_stale

DELETED = "D"  # status of a fee schedule row: deleted or discontinued
STARTS = ("added", "first seen", "billable")
ENDS = ("deleted", "became a category", "last seen", "ended")


class Basis(StrEnum):
    """How a state is known."""

    LISTED = "listed"  # a release that covers the day lists the code, or is whole and does not
    NAMED = "named"  # addenda name the code
    UPDATE = "update"  # from an update of the same fiscal year, which did not change the code; of an unknown state: it may have
    CARRIED = "carried"  # from the list of the year next to it, as the addenda between them do not name the code
    DATES = "dates"  # the row tells its own first and last day
    NONE = "none"


@dataclass(frozen=True)
class Standing:
    """What is known of a code on a day.

    `seen` is what the release that speaks for the day says, None when the state is unknown; `before` and `after` are then what the
    releases around the day say. `began` and `ended` are the turns that the state lies between, as far as loaded. `stale`: the day lies behind
    the release's own calendar. `proof`: of `Basis.UPDATE`, what shows that the code did not change.
    `children`: for a category, the codes directly under it in that release.
    """

    system: System
    code: str
    on: date
    state: State
    basis: Basis
    seen: Seen | None = None
    stale: bool = False
    before: Seen | None = None
    after: Seen | None = None
    began: Turn | None = None
    ended: Turn | None = None
    replaced_by: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    proof: Source | None = None

    @property
    def source(self) -> Source | None:
        """The release that says so."""
        return self.seen.source if self.seen else None

    @property
    def title(self) -> str:
        """The title in that release, "" where it is not known."""
        return self.seen.title if self.seen else ""

    @property
    def nearest(self) -> Seen | None:
        """Of an unknown state: what the release nearest to the day says."""
        around = [seen for seen in (self.before, self.after) if seen]
        return min(around, key=lambda seen: _distance(seen.source, self.on)) if around else None


class Validity:
    """Look-ups of codes by day."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._lists = Lists(shelf)
        self._hcpcs = Hcpcs(shelf)

    def of(self, code: str, system: System, on: date) -> Standing:
        """What is known of a code, in canonical form, on a day."""
        if system in KINDS:
            return self._of_lists(code, system, on)
        return self._of_dates(code, system, on) or self._of_fees(code, system, on)

    def timeline(self, code: str, system: System) -> list[Turn]:
        """What happened to a code, oldest first, each with the releases that show it."""
        if system in KINDS:
            return turns(self._lists.entries(code, system), self._lists.changes(code, system))
        return sorted([*self._dated_turns(code, system), *self._events(code, system)], key=lambda turn: (turn.last, turn.event))

    # ICD-10: lists and addenda

    def _of_lists(self, code: str, system: System, on: date) -> Standing:
        claims = self._lists.claims(code, system)
        history = self.timeline(code, system)
        holding = [claim for claim in claims if claim.first <= on <= claim.last]
        began, ended = _around(history, on)
        links = self._links(code, system)
        if holding:
            claim = min(holding, key=lambda claim: (claim.rank, -claim.first.toordinal()))
            if claim.basis != Basis.UPDATE:
                return self._standing(code, system, on, claim, False, began, ended, links)
            if proof := self._lists.unchanged(code, system, claim, claims):
                return replace(self._standing(code, system, on, claim, False, began, ended, links), proof=proof)
            older = max((c for c in claims if c.last < claim.first), key=lambda c: (c.last, -c.rank), default=None)
            return Standing(
                system, code, on, State.UNKNOWN, Basis.UPDATE, None, False, older.seen if older else None, claim.seen, began, ended, *links
            )
        if claims and on > (newest := max(claims, key=lambda claim: (claim.last, -claim.rank))).last:
            return self._standing(code, system, on, newest, True, began, ended, links)
        before = max((c for c in claims if c.last < on), key=lambda c: (c.last, -c.rank), default=None)
        after = min((c for c in claims if c.first > on), key=lambda c: (c.first, c.rank), default=None)
        return Standing(
            system, code, on, State.UNKNOWN, Basis.NONE, None, False, before.seen if before else None, after.seen if after else None, began, ended,
            *links,
        )  # fmt: skip

    def _standing(
        self, code: str, system: System, on: date, claim: Claim, stale: bool, began: Turn | None, ended: Turn | None,
        links: tuple[tuple[str, ...], tuple[str, ...]],
    ) -> Standing:  # fmt: skip
        seen = claim.seen
        children = self._lists.children(code, system, seen.source) if seen.state is State.NOT_BILLABLE else ()
        return Standing(system, code, on, seen.state, Basis(claim.basis), seen, stale, None, None, began, ended, *links, children)

    def _links(self, code: str, system: System) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The codes that a conversion table says replace a code, and those that it replaces."""
        table = schema.mapping
        same = (table.c.system == system) & (table.c.target_system == system) & (table.c.relation == "replaced by")
        after = self._shelf.rows(select(table.c.target).distinct().where(same, table.c.code == code, table.c.target != "").order_by(table.c.target))
        before = self._shelf.rows(select(table.c.code).distinct().where(same, table.c.target == code).order_by(table.c.code))
        return tuple(row.target for row in after), tuple(row.code for row in before)

    # HCPCS Level II and modifiers: rows with dates

    def _rows(self, code: str, system: System) -> list[tuple[Source, Row[Any]]]:
        """The rows of a code in the HCPCS files, oldest release first."""
        if system not in (System.HCPCS, System.MODIFIER):
            return []
        table = schema.listing
        rows = self._shelf.rows(select(table).where(table.c.system == system, table.c.code == code))
        return sorted(((self._shelf.source(row.source), row) for row in rows), key=lambda pair: pair[0].valid_from or date.min)

    def _of_dates(self, code: str, system: System, on: date) -> Standing | None:
        """From the row of the release that covers the day, or of the oldest one, whose dates reach back; None where no row decides."""
        rows = self._rows(code, system)
        if not rows:
            return None
        spans = {source.id: (to_date(row.added), to_date(row.ended)) for source, row in rows}
        speaking = self._hcpcs.speaking(spans, system, on)
        if speaking.value is None and speaking.source:
            seen = Seen(speaking.source, State.NOT_VALID)
            return Standing(system, code, on, State.NOT_VALID, Basis.LISTED, seen, speaking.stale, **self._turns(code, system, on))
        source, row = next((pair for pair in rows if pair[0].id == speaking.value), rows[0])
        first, last = to_date(row.added), to_date(row.ended)
        if (source.valid_from or date.min) > on and first is None:
            after = Seen(source, State.VALID, row.title)
            return Standing(system, code, on, State.UNKNOWN, Basis.NONE, after=after, **self._turns(code, system, on))
        state = State.VALID if (first is None or first <= on) and (last is None or on <= last) else State.NOT_VALID
        basis = Basis.DATES if first or last else Basis.LISTED
        stale = is_stale(source, on) and not (last and on > last)
        return Standing(system, code, on, state, basis, Seen(source, state, row.title), stale, **self._turns(code, system, on))

    def _turns(self, code: str, system: System, on: date) -> dict[str, Any]:
        began, ended = _around(self.timeline(code, system), on)
        return {"began": began, "ended": ended}

    def _dated_turns(self, code: str, system: System) -> Iterator[Turn]:
        """When a HCPCS row says that the code was added, and ended, as the newest release has it."""
        for source, row in self._rows(code, system)[-1:]:
            if first := to_date(row.added):
                yield Turn("added", first, first, (source,))
            if last := to_date(row.ended):
                yield Turn("ended", last, last, (source,))

    # CPT, and what HCPCS files do not tell: the fee schedule

    def _of_fees(self, code: str, system: System, on: date) -> Standing:
        table = schema.fee
        rows = self._shelf.rows(select(table.c.source, table.c.status, table.c.descriptor).where(table.c.code == code, table.c.modifier == ""))
        found = {r.source: Seen(self._shelf.source(r.source), State.NOT_VALID if r.status == DELETED else State.VALID, r.descriptor) for r in rows}
        dated = self._shelf.dated(SourceKind.FEE_SCHEDULE, on, found)
        fields = self._turns(code, system, on)
        if dated.value:
            return Standing(system, code, on, dated.value.state, Basis.LISTED, dated.value, dated.stale, **fields)
        if dated.source and found and not is_partial(dated.source):
            return Standing(system, code, on, State.NOT_VALID, Basis.LISTED, Seen(dated.source, State.NOT_VALID), dated.stale, **fields)
        ordered = sorted(found.values(), key=lambda seen: seen.source.valid_from or date.min)
        before = next((seen for seen in reversed(ordered) if (seen.source.valid_from or date.min) <= on), None)
        after = next((seen for seen in ordered if (seen.source.valid_from or date.min) > on), None)
        return Standing(system, code, on, State.UNKNOWN, Basis.NONE, before=before, after=after, **fields)

    def _events(self, code: str, system: System) -> Iterator[Turn]:
        """What comparing the fee schedules showed."""
        table = schema.event
        for row in self._shelf.rows(select(table).where(table.c.system == system, table.c.code == code)):
            day = to_date(row.date) or date.min
            yield Turn(row.event, day, day, (self._shelf.source(row.source),), text=row.text)


def _around(history: Sequence[Turn], on: date) -> tuple[Turn | None, Turn | None]:
    """The last start at or before a day, or the first one behind it where there is none; and the end that follows, or went before."""
    starts = [turn for turn in history if turn.event in STARTS]
    ends = [turn for turn in history if turn.event in ENDS]
    begun = [turn for turn in starts if turn.first <= on]
    gone = [turn for turn in ends if turn.last <= on and (not begun or turn.last >= begun[-1].first)]
    coming = [turn for turn in ends if turn.last > on]
    began = begun[-1] if begun else (starts[0] if starts else None)
    return began, (gone[-1] if gone else coming[0] if coming else None)


def _distance(source: Source, on: date) -> int:
    start, end = source.valid_from or on, source.valid_to or on
    return (start - on).days if on < start else max(0, (on - end).days)
