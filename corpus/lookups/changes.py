"""What a release did to a code set: codes added, deleted, revised, made categories, within a span of days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from sqlalchemy import select

from corpus import schema
from corpus.lookups.history import KINDS
from corpus.model import Source, SourceKind, System
from corpus.rows import to_date
from corpus.shelf import SHIPPED_FACTS, Shelf, is_partial

ACTIONS = ("added", "category added", "deleted", "became a category", "became billable", "revised")  # in the order in which they are told
ADDED, DELETED, REVISED = "added", "deleted", "revised"
DAY = timedelta(days=1)
CHANGED_FEES = {"first seen": ADDED, "last seen": DELETED, "revised": REVISED}  # events between two fee schedules


@dataclass(frozen=True)
class Changed:
    """What was done to one code. `first` < `day` where only two releases are compared: not yet on `first`, done on `day`.

    `before` is the title that a revision replaced; `note` is what the file says beside it (the action of HCPCS).
    """

    system: System
    code: str
    action: str
    title: str
    day: date
    first: date
    source: Source
    before: str = ""
    note: str = ""


@dataclass(frozen=True)
class Found:
    """The changes of a code set within a span, and the releases that tell them; none where no release speaks for the span.

    `others`: further releases of the same kind that are loaded, oldest first. `until`: the last day that the releases tell of, where the
    span goes on behind it.
    """

    system: System
    changes: tuple[Changed, ...]
    sources: tuple[Source, ...]
    others: tuple[Source, ...]
    until: date | None = None


class Changes:
    """Look-ups of what changed, a code set at a time."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._cached = lru_cache(maxsize=64)(self._of)

    def of(self, system: System, first: date, last: date) -> Found:
        """What changed in a code set from `first` to `last`: by addenda, by the dates of HCPCS rows, or between fee schedules."""
        return self._cached(system, first, last)

    def _of(self, system: System, first: date, last: date) -> Found:
        if system in KINDS:
            return self._of_addenda(system, first, last)
        found = self._of_rows(first, last) if system is System.HCPCS else None
        return found if found and found.sources else self._of_fees(system, first, last)

    def newest(self, system: System) -> date | None:
        """The first day of the newest release that tells of changes."""
        kind = KINDS[system][1] if system in KINDS else SourceKind.HCPCS if system is System.HCPCS else SourceKind.FEE_SCHEDULE
        days = [s.valid_from for s in self._shelf.sources(kind) if s.valid_from and (system in KINDS or not is_partial(s))]
        return max(days, default=None)

    # ICD-10

    def _of_addenda(self, system: System, first: date, last: date) -> Found:
        """Addenda whose first day lies in the span, the fuller one of those of a day."""
        every = [s for s in self._shelf.sources(KINDS[system][1]) if s.valid_from]
        by_day: dict[date, Source] = {}
        for source in sorted(every, key=lambda s: (s.file != SHIPPED_FACTS, s.series != "codes")):
            if source.valid_from and first <= source.valid_from <= last:
                by_day[source.valid_from] = source
        chosen = tuple(by_day[on] for on in sorted(by_day))
        changes = [change for source in chosen for change in self._of_source(system, source)]
        return Found(system, tuple(_ordered(changes)), chosen, tuple(s for s in every if s not in chosen))

    def _of_source(self, system: System, source: Source) -> Iterator[Changed]:
        table, facts = schema.change, schema.event
        actions: dict[str, set[str]] = defaultdict(set)
        titles: dict[str, tuple[str, str]] = {}
        query = select(table).where(table.c.system == system, table.c.source == source.id).order_by(table.c.position)
        for row in self._shelf.rows(query):
            actions[row.code].add(row.action)
            before, after = titles.get(row.code, ("", ""))
            titles[row.code] = (before or row.before, after or row.after)
        if not actions:
            for row in self._shelf.rows(select(facts.c.code, facts.c.event).where(facts.c.system == system, facts.c.source == source.id)):
                actions[row.code] |= set(row.event.split(", "))
        missing = self._titles(system, [code for code in actions if not any(titles.get(code, ()))])
        start = source.valid_from or date.min
        for code, names in actions.items():
            before, after = titles.get(code, ("", ""))
            if action := _action(names):
                yield Changed(system, code, action, after or before or missing.get(code, ""), start, start, source, before)

    def _titles(self, system: System, codes: list[str]) -> dict[str, str]:
        """Titles out of the newest list."""
        table, found = schema.code, dict[str, str]()
        for start in range(0, len(codes), 500):
            query = select(table.c.code, table.c.title).where(table.c.system == system, table.c.code.in_(codes[start : start + 500]))
            found |= {row.code: row.title for row in self._shelf.rows(query)}
        return found

    # HCPCS Level II

    def _of_rows(self, first: date, last: date) -> Found:
        """The first and last days that rows tell, and the actions dated within the span; of a code that several releases list, the newest."""
        releases = [s for s in self._shelf.sources(SourceKind.HCPCS) if s.valid_from]
        whole = [s for s in releases if not is_partial(s)]
        known = max((s.valid_to or s.valid_from or date.min for s in whole), default=date.min)
        if known < first:
            return Found(System.HCPCS, (), (), tuple(releases))
        listing, details = schema.listing, schema.hcpcs
        same = (listing.c.system == details.c.system) & (listing.c.code == details.c.code) & (listing.c.source == details.c.source)
        columns = [listing.c[name] for name in ("system", "code", "source", "title", "added", "effective", "ended")]
        rows = self._shelf.rows(
            select(*columns, details.c.action)
            .join(details, same)
            .where(listing.c.system.in_((System.HCPCS, System.MODIFIER)), listing.c.source.in_([s.id for s in releases]))
            .where(
                listing.c.added.between(_number(first), _number(last))
                | listing.c.ended.between(_number(first - DAY), _number(last - DAY))
                | listing.c.effective.between(_number(first), _number(last))
            )
        )
        found: dict[tuple[str, str, str], Changed] = {}
        for row in sorted(rows, key=lambda row: self._shelf.source(row.source).valid_from or date.min):
            source = self._shelf.source(row.source)
            for action, day, note in _of_row(to_date(row.added), to_date(row.effective), to_date(row.ended), row.action):
                if first <= day <= last:
                    key = (row.system, row.code, action)
                    title = row.title or (found[key].title if key in found else "")
                    told = source if row.title or key not in found else found[key].source
                    found[key] = Changed(System(row.system), row.code, action, title, day, day, told, note=note)
        used = {change.source.id for change in found.values()}
        sources = tuple(s for s in releases if s.id in used) or tuple(whole[-1:])
        others = tuple(s for s in releases if s not in sources)
        return Found(System.HCPCS, tuple(_ordered(found.values())), sources, others, known if known < last else None)

    # CPT, and HCPCS where no file of it speaks: what comparing fee schedules showed

    def _of_fees(self, system: System, first: date, last: date) -> Found:
        releases = [s for s in self._shelf.sources(SourceKind.FEE_SCHEDULE) if s.valid_from and not is_partial(s)]
        pairs = [(a, b, a.valid_from, b.valid_from) for a, b in pairwise(releases) if a.valid_from and b.valid_from]
        fitting = [(a, b, start, end) for a, b, start, end in pairs if (start < first <= end if first == last else first <= end <= last)]
        if not fitting:
            return Found(system, (), (), tuple(releases))
        table, fee = schema.event, schema.fee
        found: list[Changed] = []
        for before, after, start, end in fitting:
            query = select(table).where(table.c.system == system, table.c.source.in_([before.id, after.id]), table.c.event.in_(CHANGED_FEES))
            wanted = [row for row in self._shelf.rows(query) if row.source == (before.id if row.event == "last seen" else after.id)]
            names = select(fee.c.code, fee.c.source, fee.c.descriptor).where(fee.c.source.in_([before.id, after.id]), fee.c.modifier == "")
            codes = sorted({row.code for row in wanted})
            parts = (self._shelf.rows(names.where(fee.c.code.in_(codes[n : n + 500]))) for n in range(0, len(codes), 500))
            titles = {(row.code, row.source): row.descriptor for part in parts for row in part}
            for row in wanted:
                told, old = titles.get((row.code, row.source), ""), titles.get((row.code, before.id), "") if row.event == "revised" else ""
                found.append(Changed(system, row.code, CHANGED_FEES[row.event], told, end, start, self._shelf.source(row.source), old))
        used = tuple(dict.fromkeys(source for before, after, _, _ in fitting for source in (before, after)))
        return Found(system, tuple(_ordered(found)), used, tuple(s for s in releases if s not in used))


def _action(names: set[str]) -> str | None:
    """What the actions on one code come to."""
    category = "not billable" in names
    if "added" in names:
        return "category added" if category else ADDED
    if "deleted" in names:
        return DELETED
    if category:
        return "became a category"
    return "became billable" if "billable" in names else REVISED if "revised" in names else None


def _of_row(added: date | None, effective: date | None, ended: date | None, action: str) -> Iterator[tuple[str, date, str]]:
    """What the row of a HCPCS file tells of: a start, an end on the day before, another action."""
    if added:
        yield ADDED, added, ""
    if ended:
        yield DELETED, ended + DAY, ""
    if effective and action and action not in "ADN" and effective != added:
        yield REVISED, effective, action


def _ordered(changes: Iterable[Changed]) -> list[Changed]:
    return sorted(changes, key=lambda c: (ACTIONS.index(c.action), c.day, c.system, c.code))


def _number(day: date) -> int:
    return day.year * 10000 + day.month * 100 + day.day
