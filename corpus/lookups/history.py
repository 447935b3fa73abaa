"""What lists and addenda of a code set say of one code: for which days, and what happened between them."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from sqlalchemy import select

from corpus import schema
from corpus.model import Source, SourceKind, System
from corpus.shelf import SHIPPED_FACTS, Shelf, is_partial

# system -> kinds of whole lists, best first where two are of one day, and kind of addenda
KINDS: dict[System, tuple[tuple[SourceKind, ...], SourceKind]] = {
    System.ICD10CM: ((SourceKind.ICD10CM, SourceKind.ICD10CM_LIST), SourceKind.ICD10CM_ADDENDA),
    System.ICD10PCS: ((SourceKind.ICD10PCS,), SourceKind.ICD10PCS_ADDENDA),
}
RANKS = {"listed": 0, "named": 1, "update": 2, "carried": 3}
DAY = timedelta(days=1)


class State(StrEnum):
    """What a code is on a day."""

    VALID = "valid"  # and billable
    NOT_BILLABLE = "not billable"  # a category, block or header: more specific codes stand under it
    NOT_VALID = "not valid"  # the release that speaks for the day does not have it
    UNKNOWN = "unknown"


# What a list differs in from the newest tabular list that is shipped with the program; the rows of `event` of a shipped release.
STATES = {"listed as billable": State.VALID, "listed as a category": State.NOT_BILLABLE, "not listed": State.NOT_VALID}


@dataclass(frozen=True)
class Seen:
    """What one release says of a code; `title` is "" where it is not known."""

    source: Source
    state: State
    title: str = ""


@dataclass(frozen=True)
class Claim:
    """A state on all days from `first` to `last`; `basis` as in `corpus.lookups.validity.Basis`."""

    first: date
    last: date
    seen: Seen
    basis: str

    @property
    def rank(self) -> int:
        """Lower speaks before higher."""
        return RANKS[self.basis]


@dataclass(frozen=True)
class Change:
    """What addenda say of a code on the first day of their release: the state before and after it, None where they do not tell."""

    source: Source
    day: date
    before: State | None
    after: State | None
    title_before: str = ""
    title_after: str = ""


@dataclass(frozen=True)
class Turn:
    """Something that happened to a code, on a day, or between two releases: not yet on `first`, done on `last`.

    `sources` are the release that tells the day, or the two releases compared; `before` and `after` are titles.
    """

    event: str  # "listed", "added", "deleted", "became a category", "billable", "revised", "ended", "first seen", "last seen" …
    first: date
    last: date
    sources: tuple[Source, ...]
    before: str = ""
    after: str = ""
    text: str = ""

    @property
    def exact(self) -> bool:
        """Whether the day itself is known."""
        return self.first == self.last


class Lists:
    """The lists and addenda of the ICD-10 code sets, for one code at a time."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def releases(self, system: System) -> list[Source]:
        """The lists loaded, oldest first, one for each day: with categories before codes alone, whole ones before shipped facts."""
        kinds, _ = KINDS[system]
        found = [s for kind in kinds for s in self._shelf.sources(kind) if s.valid_from]
        found.sort(key=lambda s: (s.valid_from or date.min, s.file == SHIPPED_FACTS, s.series == "codes", s.kind is not SourceKind.ICD10CM))
        first: dict[date | None, Source] = {}
        for source in found:
            first.setdefault(source.valid_from, source)
        return list(first.values())

    def entries(self, code: str, system: System) -> list[Seen]:
        """What each list says of a code, oldest first; what is only a part of its release and cannot tell is left out."""
        table = schema.listing
        rows = {row.source: row for row in self._shelf.rows(select(table).where(table.c.system == system, table.c.code == code))}
        releases = self.releases(system)
        below = self._with_codes_below(code, system) if any(s.id not in rows and not is_partial(s) for s in releases) else set()
        told = self._told(code, system)
        base = self._base()
        seen: dict[int, Seen] = {}
        for source in releases:
            if row := rows.get(source.id):
                seen[source.id] = Seen(source, State.VALID if row.billable else State.NOT_BILLABLE, row.title)
            elif not is_partial(source):
                seen[source.id] = Seen(source, State.NOT_BILLABLE if source.id in below else State.NOT_VALID)
        for source in releases:
            if source.file == SHIPPED_FACTS and source.id not in seen:
                if state := told.get(source.id):
                    seen[source.id] = Seen(source, state)
                elif base and base.id in seen:
                    seen[source.id] = replace(seen[base.id], source=source, title="")
        return [seen[source.id] for source in releases if source.id in seen]

    def _with_codes_below(self, code: str, system: System) -> set[int]:
        """The releases that list a code which begins with this one: lists of billable codes leave categories out."""
        table = schema.listing
        below = table.c.code.between(code + "!", code + "\uffff")
        query = select(table.c.source).distinct().where(table.c.system == system, below)
        return {row.source for row in self._shelf.rows(query)} if len(code) >= 3 else set()

    def _told(self, code: str, system: System) -> dict[int, State]:
        """What the shipped facts say of a code, by release."""
        table = schema.event
        rows = self._shelf.rows(select(table.c.source, table.c.event).where(table.c.system == system, table.c.code == code))
        return {row.source: STATES[row.event] for row in rows if row.event in STATES}

    def _base(self) -> Source | None:
        """The tabular list that the shipped facts were compared with: the one that came with the program."""
        tabular = self._shelf.sources(SourceKind.ICD10CM)
        return tabular[0] if tabular else None

    def children(self, code: str, system: System, source: Source) -> tuple[str, ...]:
        """The codes directly under a code in a release: those that no other code under it stands above.

        None for a block, whose codes do not begin with its name.
        """
        if source.file == SHIPPED_FACTS:
            return ()
        table = schema.listing
        query = select(table.c.code, table.c.parent, table.c.position).where(table.c.system == system, table.c.source == source.id)
        rows = self._shelf.rows(query.where(table.c.code.between(code + "!", code + "\uffff")).order_by(table.c.code))
        placed = sorted((row for row in rows if row.parent == code), key=lambda row: row.position)
        below = [row.code for row in rows]
        return tuple(row.code for row in placed) or tuple(one for one in below if not any(one != o and one.startswith(o) for o in below))

    def changes(self, code: str, system: System) -> list[Change]:
        """What addenda say of a code, oldest first, once a day."""
        table, facts = schema.change, schema.event
        rows = self._shelf.rows(select(table).where(table.c.system == system, table.c.code == code).order_by(table.c.position))
        by_source: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
        for row in rows:
            by_source[row.source].append((row.action, row.before, row.after))
        _, addenda = KINDS[system]
        shipped = {s.id for s in self._shelf.sources(addenda) if s.file == SHIPPED_FACTS}
        for fact in self._shelf.rows(select(facts.c.source, facts.c.event).where(facts.c.system == system, facts.c.code == code)):
            if fact.source in shipped:
                by_source[fact.source] += [(action, "", "") for action in fact.event.split(", ")]
        found = [change for id, actions in by_source.items() if (change := _change(self._shelf.source(id), actions))]
        found.sort(key=lambda c: (c.day, c.source.file == SHIPPED_FACTS, c.source.series == "codes"))
        first: dict[date, Change] = {}
        for change in found:
            first.setdefault(change.day, change)
        return list(first.values())

    def claims(self, code: str, system: System) -> list[Claim]:
        """Every state that a release speaks for, with the days it speaks for."""
        changes = self.changes(code, system)
        found = [*_of_entries(self.entries(code, system)), *(claim for change in changes for claim in _of_change(change))]
        named = {change.day for change in changes if change.before != change.after}
        _, kind = KINDS[system]
        annual = [s for s in self._shelf.sources(kind) if s.valid_from and s.valid_from == _year_start(s) and s.valid_from not in named]
        for source in annual:
            found += _forward(source, found)
        for source in reversed(annual):
            found += _backward(source, found)
        return found

    def unchanged(self, code: str, system: System, update: Claim, claims: Sequence[Claim]) -> Source | None:
        """What shows that a code was before an update of the year what it is in it; None when nothing does.

        The addenda of the update itself name what it changed; a list from before its year, or a mapping of the codes of an older year,
        shows the code as it was. A code that the update does not list was not listed before, unless something older has it.
        """
        _, kind = KINDS[system]
        source, state = update.seen.source, update.seen.state
        whole = [s for s in self._shelf.sources(kind) if s.valid_from == source.valid_from and not is_partial(s)]
        if named := next((s for s in whole if s.series != "codes" or state is State.VALID), None):
            return named
        older = sorted((claim for claim in claims if claim.last < update.first), key=lambda claim: claim.last)
        if older:
            return older[-1].seen.source if older[-1].seen.state is state else None
        mapped = self._mapped(code, system, update.first)
        if state is State.NOT_VALID:
            return None if mapped else source
        return mapped if state is State.VALID else None

    def _mapped(self, code: str, system: System, before: date) -> Source | None:
        """The newest mapping from before a day that lists a code: such tables list billable codes."""
        table = schema.mapping
        rows = self._shelf.rows(select(table.c.source).distinct().where(table.c.system == system, table.c.code == code))
        found = [s for row in rows if (s := self._shelf.source(row.source)).kind is SourceKind.GEM and s.valid_from and s.valid_from < before]
        return max(found, key=lambda s: s.valid_from or date.min, default=None)


def _year_start(source: Source) -> date:
    """The first day of the fiscal year that a release ends with."""
    end = source.valid_to or source.valid_from or date.max
    return date(end.year - (end.month < 10), 10, 1)


def _of_entries(entries: Sequence[Seen]) -> Iterator[Claim]:
    """A list holds to the end of its year or to the next list of that year; the first one of a year holds for the days before it too."""
    for number, seen in enumerate(entries):
        source = seen.source
        if not source.valid_from or not source.valid_to:
            continue
        following = [other.source for other in entries[number + 1 :] if other.source.valid_to == source.valid_to and other.source.valid_from]
        last = (following[0].valid_from or date.max) - DAY if following else source.valid_to
        yield Claim(source.valid_from, last, seen, "listed")
        before = any(other.source.valid_to == source.valid_to for other in entries[:number])
        if not before and source.valid_from > _year_start(source):
            yield Claim(_year_start(source), source.valid_from - DAY, seen, "update")


def _change(source: Source, actions: Sequence[tuple[str, str, str]]) -> Change | None:
    """The actions of one release on a code as one change."""
    if not source.valid_from:
        return None
    names = {action for action, _, _ in actions}
    category = "not billable" in names
    before = next((title for _, title, _ in actions if title), "")
    after = next((title for _, _, title in actions if title), "")
    if "added" in names:
        states = (State.NOT_VALID, State.NOT_BILLABLE if category else State.VALID)
    elif "deleted" in names:
        states = (State.NOT_BILLABLE if category else State.VALID, State.NOT_VALID)
    elif category:
        states = (State.VALID, State.NOT_BILLABLE)
    elif "billable" in names:
        states = (State.NOT_BILLABLE, State.VALID)
    elif "revised" in names:
        return Change(source, source.valid_from, None, None, before, after)
    else:
        return None
    return Change(source, source.valid_from, *states, before, after)


def _of_change(change: Change) -> Iterator[Claim]:
    """The year before and the year behind addenda; those of an update reach back to the first day of their year."""
    source, start = change.source, _year_start(change.source)
    first = start if start < change.day else date(start.year - 1, 10, 1)
    if change.before:
        yield Claim(first, change.day - DAY, Seen(source, change.before, change.title_before), "named")
    if change.after and source.valid_to:
        yield Claim(change.day, source.valid_to, Seen(source, change.after, change.title_after or change.title_before), "named")


def _forward(source: Source, claims: Sequence[Claim]) -> list[Claim]:
    """What addenda that do not name the code carry from the last day before them into their year."""
    start, end = source.valid_from, source.valid_to
    if not start or not end or any(claim.first <= start <= claim.last for claim in claims):
        return []
    return [Claim(start, end, replace(claim.seen, source=source), "carried") for claim in _holding(claims, start - DAY) if _carries(source, claim)]


def _backward(source: Source, claims: Sequence[Claim]) -> list[Claim]:
    """The same from their first day into the year before, where nothing speaks for its last day."""
    start = source.valid_from
    if not start or any(claim.first < start <= claim.last + DAY for claim in claims):
        return []
    year = date(start.year - 1, 10, 1)
    return [Claim(year, start - DAY, replace(claim.seen, source=source), "carried") for claim in _holding(claims, start) if _carries(source, claim)]


def _holding(claims: Sequence[Claim], on: date) -> list[Claim]:
    """The claim that speaks for a day, as a list of one or none."""
    return sorted((claim for claim in claims if claim.first <= on <= claim.last), key=lambda claim: claim.rank)[:1]


def _carries(source: Source, claim: Claim) -> bool:
    """Code addenda do not name categories, so they carry billable codes only; shipped facts name every code that changed."""
    return source.series != "codes" or claim.seen.state is State.VALID


def turns(entries: Sequence[Seen], changes: Sequence[Change]) -> list[Turn]:
    """What happened to a code, oldest first: days from addenda, else the releases between which it must have happened."""
    found = [turn for change in changes for turn in _of_day(change)]
    listed = [seen for seen in entries if seen.state is not State.NOT_VALID]
    if listed and listed[0] is entries[0]:
        first = listed[0]
        day = first.source.valid_from or date.min
        if not any(turn.last <= day for turn in found):
            found.append(Turn("listed", day, day, (first.source,), after=first.title))
    for before, after in pairwise(entries):
        start, end = before.source.valid_from or date.min, after.source.valid_from or date.max
        event = _event(before.state, after.state)
        if event is None and before.title and after.title and _plain(before.title) != _plain(after.title):
            event = "revised"
        if event and not any(turn.event == event and start < turn.last <= end for turn in found):
            found.append(Turn(event, start, end, (before.source, after.source), before.title, after.title))
    return sorted(found, key=lambda turn: (turn.last, turn.first))


def _of_day(change: Change) -> Iterator[Turn]:
    if change.before is None:
        yield Turn("revised", change.day, change.day, (change.source,), change.title_before, change.title_after)
    elif change.after and (event := _event(change.before, change.after)):
        yield Turn(event, change.day, change.day, (change.source,), change.title_before, change.title_after)


def _event(before: State, after: State) -> str | None:
    """What a change of state is called."""
    if before is after:
        return None
    if after is State.NOT_VALID:
        return "deleted"
    if before is State.NOT_VALID:
        return "added"
    return "became a category" if after is State.NOT_BILLABLE else "billable"


def _plain(title: str) -> str:
    """Letters and digits without accents, which not all files keep."""
    return "".join(c for c in unicodedata.normalize("NFKD", title).casefold() if c.isalnum())
