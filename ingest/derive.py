"""What follows from the fact tables: the list of procedure codes, what became of them, and descriptors that can be searched."""

from __future__ import annotations

from datetime import date

from corpus.codebook import SHIPPED_FACTS
from corpus.model import SourceKind, System
from corpus.rows import to_date, to_number
from ingest import index
from ingest.history import Change, Listing, Snapshot, changes
from ingest.readers.base import system_of
from ingest.store import Store

PROCEDURES = (str(System.CPT), str(System.HCPCS))
# Codes that limits and add-on edits name, with the newest source: beside max(), SQLite takes the other columns from the row that has it.
NEWEST = """
    SELECT named.code, named.source, max(coalesce(source.valid_from, 0)) FROM (
        SELECT DISTINCT code, source FROM mue
        UNION SELECT DISTINCT add_on, source FROM add_on
        UNION SELECT DISTINCT "primary", source FROM add_on
    ) named JOIN source ON source.id = named.source GROUP BY named.code
"""


def derive(store: Store, shipped: list[Change]) -> None:
    """Bring codes, events and descriptors in line with the fact tables. `shipped`: the history that stands in the shipped facts."""
    releases = _releases(store)
    listings = {source: _listings(store, source) for source, _, _, _ in releases}
    _codes(store, releases, listings)
    _descriptors(store)
    snapshots = [Snapshot(name, day, listings[source], whole) for source, name, day, whole in releases]
    events = [*shipped, *(changes(snapshots) if any(snapshot.whole for snapshot in snapshots) else ())]
    _events(store, events, {name: source for source, name, _, _ in releases})


def _releases(store: Store) -> list[tuple[int, str, date, bool]]:
    """Fee schedules, oldest first: source, release, first day, and whether it is the whole file."""
    query = "SELECT id, release, valid_from, file FROM source WHERE kind = ? ORDER BY valid_from"
    rows = store.rows(query, SourceKind.FEE_SCHEDULE)
    return [(id, release, to_date(day) or date.min, file != SHIPPED_FACTS) for id, release, day, file in rows]


def _listings(store: Store, source: int) -> dict[str, Listing]:
    rows = store.rows("SELECT code, status, global_days, descriptor FROM fee WHERE source = ? AND modifier = ''", source)
    return {code: Listing(*rest) for code, *rest in rows}


def _codes(store: Store, releases: list[tuple[int, str, date, bool]], listings: dict[int, dict[str, Listing]]) -> None:
    """Procedure codes without a page: titled by the newest descriptor, or without a title where only facts are known."""
    store.db.execute("DELETE FROM code WHERE system IN (?, ?) AND has_page = 0", PROCEDURES)
    with_page = {code for (code,) in store.rows("SELECT code FROM code WHERE has_page = 1")}
    found: dict[str, tuple[str, int]] = {}
    for source, _, _, _ in releases:
        for code, listing in listings[source].items():
            found[code] = (listing.descriptor or found.get(code, ("", 0))[0], source)
    for code, source, _ in store.rows(NEWEST):
        found.setdefault(code, ("", source))
    rows = []
    for position, code in enumerate(sorted(found.keys() - with_page)):
        title, source = found[code]
        if system := system_of(code):
            rows.append((system, code, title, None, "code", 1, 0, position, source))
    store.insert("code", ("system", "code", "title", "parent", "kind", "billable", "has_page", "position", "source"), rows)


def _descriptors(store: Store) -> None:
    """Titles that came out of a loaded fee schedule, as terms."""
    index.remove_unembedded(store)
    query = (
        "SELECT c.system, c.code, c.title, c.source, s.release FROM code c JOIN source s ON s.id = c.source "
        "WHERE c.system IN (?, ?) AND c.has_page = 0 AND c.title <> '' ORDER BY c.source, c.code"
    )
    by_source: dict[int, list[index.Row]] = {}
    for system, code, title, source, release in store.rows(query, *PROCEDURES):
        by_source.setdefault(source, []).append(index.of_descriptor(System(system), code, title, release))
    for source, rows in by_source.items():
        index.add(store, rows, source)


def _events(store: Store, events: list[Change], sources: dict[str, int]) -> None:
    """Every event once, with the fee schedule that shows it; what is shipped comes first."""
    store.db.execute("DELETE FROM event")
    rows = []
    for event in events:
        if (system := system_of(event.code)) and event.release in sources:
            place = f"{event.release}, {event.code}"
            rows.append((system, event.code, to_number(event.date), event.event, event.text, sources[event.release], place))
    store.insert("event", ("system", "code", "date", "event", "text", "source", "place"), rows, "IGNORE")
