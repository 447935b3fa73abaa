"""What changed in the PTP edits of a quarter, and an older whole release brought forward by such changes.

CMS publishes, beside each whole file, what was added, deleted and revised in the quarter. A whole file needs a licence page and the lists do not, so
an edition may hold an older whole release and the lists since.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import ColumnElement, or_, select

from corpus import schema
from corpus.model import Dated, Edit, Setting, Source, SourceKind
from corpus.rows import to_date
from corpus.shelf import Shelf

NEVER = 9  # the indicator of an edit that was deleted from its first day
LISTS = frozenset({"additions", "deletions", "revisions"})


@dataclass(frozen=True)
class EditChange:
    """An edit that a quarter added, deleted or revised (gave another modifier indicator).

    `effective` is the first day of what was added or revised, of a deletion that of the deleted edit where the file tells it;
    `deleted` the last day of what was deleted. `indicator` is the new one, None where a list of deletions leaves it out.
    """

    column1: str
    column2: str
    setting: Setting
    action: str  # "added", "deleted", "revised"
    effective: date | None
    deleted: date | None
    indicator: int | None
    rationale: str
    source: Source


class EditChanges:
    """The lists of changes that an edition holds."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def between(self, a: str, b: str, setting: Setting = Setting.PRACTITIONER) -> list[EditChange]:
        """What became of the edits between two codes, both ways, oldest quarter first."""
        table = schema.ptp_change
        return self._read(or_((table.c.column1 == a) & (table.c.column2 == b), (table.c.column1 == b) & (table.c.column2 == a)), setting)

    def of(self, code: str, on: date, setting: Setting = Setting.PRACTITIONER) -> list[EditChange]:
        """What the quarter of a day changed in the edits of a code, by column 1 and 2; no list loaded and no change look alike: see `quarters`."""
        table = schema.ptp_change
        found = self._read(or_(table.c.column1 == code, table.c.column2 == code), setting)
        return [change for change in found if _covers(change.source, on)]

    def touching(self, code: str, setting: Setting = Setting.PRACTITIONER) -> list[EditChange]:
        """What any loaded quarter changed in the edits of a code."""
        table = schema.ptp_change
        return self._read(or_(table.c.column1 == code, table.c.column2 == code), setting)

    def forward(self, dated: Dated[list[Edit]], changes: list[EditChange], on: date, setting: Setting) -> Dated[list[Edit]]:
        """A look-up in an older whole release, brought to a day by the quarters since; no longer stale when all their lists are loaded."""
        base = dated.source
        if base is None or base.valid_from is None or not dated.stale:
            return dated
        later = [change for change in changes if change.source.valid_from and change.source.valid_from > base.valid_from]
        value = changed(dated.value or [], later, on) if later else dated.value
        return replace(dated, value=value, stale=bool(missing_quarters(base, self.quarters(setting), on)))

    def quarters(self, setting: Setting = Setting.PRACTITIONER) -> list[Source]:
        """The lists that are loaded, oldest first; three a quarter when it is whole."""
        return [source for source in self._shelf.sources(SourceKind.PTP_CHANGES) if source.setting is setting]

    def _read(self, condition: ColumnElement[bool], setting: Setting) -> list[EditChange]:
        table = schema.ptp_change
        rows = self._shelf.rows(select(table).where(condition, table.c.setting == schema.SETTINGS[setting]))
        found = [
            EditChange(
                row.column1, row.column2, setting, row.action, to_date(row.effective), to_date(row.deleted),
                row.indicator if row.indicator >= 0 else None, row.rationale, self._shelf.source(row.source),
            )
            for row in rows
        ]  # fmt: skip
        return sorted(found, key=lambda change: (change.source.valid_from or date.min, change.column1, change.column2, change.action))


def missing_quarters(base: Source, lists: Iterable[Source], on: date) -> list[str]:
    """The quarters after a whole release, up to that of a day, of which not all three lists are loaded: "2025Q1", in order.

    Only when this is empty does `changed` give what the whole release of that day would say.
    """
    loaded: dict[str, set[str | None]] = {}
    for source in lists:
        loaded.setdefault(source.release, set()).add(source.series)
    if base.valid_from is None:
        return []
    year, number = base.valid_from.year, (base.valid_from.month + 2) // 3
    missing = []
    while (year, number) < (on.year, (on.month + 2) // 3):
        year, number = (year, number + 1) if number < 4 else (year + 1, 1)
        if not loaded.get(f"{year}Q{number}", set()) >= LISTS:
            missing.append(f"{year}Q{number}")
    return missing


def changed(edits: Sequence[Edit], changes: Iterable[EditChange], on: date) -> list[Edit]:
    """The intervals that a whole release gives, brought forward by the changes of later quarters that had begun on a day; newest first.

    A deletion ends the interval that is open; an addition opens one; a revision ends the open interval on the day before and opens one
    with the new indicator. What a change says already is left as it is, so that changes which the release knows do no harm. An interval that a
    change made or ended has its source.

    Args:
        edits: intervals of any pairs, of one whole release.
        changes: of the same setting, of quarters after that release.
    """
    found = list(edits)
    for change in sorted(changes, key=_order):
        if change.source.valid_from and change.source.valid_from <= on:
            _apply(found, change)
    return sorted(found, key=lambda edit: (edit.deleted or date.max, edit.effective or date.min), reverse=True)


def _order(change: EditChange) -> tuple[date, int]:
    """By quarter; in one quarter what ends comes before what begins."""
    return change.source.valid_from or date.min, ("deleted", "revised", "added").index(change.action)


def _apply(found: list[Edit], change: EditChange) -> None:
    """Change the intervals of a pair."""
    pair = (change.column1, change.column2)
    places = [place for place, edit in enumerate(found) if (edit.column1, edit.column2) == pair and edit.indicator != NEVER]
    still_open = [place for place in places if found[place].deleted is None]
    if change.action == "deleted":
        last = change.deleted or (change.source.valid_from or date.max) - timedelta(days=1)
        for place in still_open:
            found[place] = _ended(found[place], last, change)
        return
    begin = change.effective or change.source.valid_from
    if begin is None or change.indicator is None or any(found[place].indicator == change.indicator for place in still_open):
        return
    rationale = change.rationale or next((found[place].rationale for place in still_open), "")
    for place in places:  # one that was to end later gives way too: a pair has one edit a day
        if (found[place].deleted or date.max) >= begin:
            found[place] = _ended(found[place], begin - timedelta(days=1), change)
    found.append(Edit(*pair, change.setting, begin, change.deleted, change.indicator, rationale, change.source))


def _ended(edit: Edit, last: date, change: EditChange) -> Edit:
    """An interval with its last day. One that is deleted on its first day, or revised before it, never held: CMS marks it with indicator 9."""
    never = change.indicator == NEVER or last == edit.effective if change.action == "deleted" else False
    if never or (edit.effective and last < edit.effective):
        return replace(edit, deleted=edit.effective or last, indicator=NEVER, source=change.source)
    return replace(edit, deleted=last, source=change.source)


def _covers(source: Source, on: date) -> bool:
    return bool(source.valid_from and source.valid_to and source.valid_from <= on <= source.valid_to)
