"""What follows from the tables of all releases: the list of codes, what became of them, and wordings that can be searched."""

from __future__ import annotations

from datetime import date

from corpus.model import SourceKind, System
from corpus.rows import to_date, to_number
from corpus.shelf import SHIPPED_FACTS
from ingest import index
from ingest.history import Change, Listing, Snapshot, changes
from ingest.readers.base import system_of
from ingest.store import Store

PROCEDURES = (str(System.CPT), str(System.HCPCS))
LISTED = (str(System.ICD10CM), str(System.ICD10PCS))  # systems whose codes come from their own lists alone
# Wordings that get a vector. Those of a fee schedule are all abbreviations, those of ICD-10-PCS are put together from a few hundred words.
IN_WORDS = (SourceKind.HCPCS, SourceKind.DESCRIPTORS)
CODE = ("system", "code", "title", "parent", "kind", "billable", "has_page", "position", "source")
# Codes that limits and add-on edits name, with the newest source: beside max(), SQLite takes the other columns from the row that has it.
NEWEST = """
    SELECT named.code, named.source, max(coalesce(source.valid_from, 0)) FROM (
        SELECT DISTINCT code, source FROM mue
        UNION SELECT DISTINCT add_on, source FROM add_on
        UNION SELECT DISTINCT "primary", source FROM add_on
        UNION SELECT DISTINCT code, source FROM opps
    ) named JOIN source ON source.id = named.source GROUP BY named.code
"""
# The newest release that lists a code speaks; its place in the book comes from the tabular list, where that has it.
FROM_LISTS = """
    INSERT INTO code (system, code, title, parent, kind, billable, has_page, position, source)
    SELECT n.system, n.code, n.title, coalesce(t.parent, n.parent), n.kind, n.billable, 0, coalesce(t.position, n.position), n.source
    FROM (
        SELECT l.*, row_number() OVER (
            PARTITION BY l.system, l.code ORDER BY s.valid_from DESC, s.kind = 'icd10cm' DESC, s.id DESC
        ) AS age FROM listing l JOIN source s ON s.id = l.source WHERE l.system = ?
    ) n
    LEFT JOIN listing t ON t.system = n.system AND t.code = n.code
        AND t.source = (SELECT id FROM source WHERE kind = 'icd10cm' ORDER BY valid_from DESC LIMIT 1)
    WHERE n.age = 1
"""


def derive(store: Store, shipped: list[Change]) -> None:
    """Bring codes, events and wordings in line with the tables. `shipped`: the history that stands in the shipped facts."""
    releases = _releases(store)
    listings = {source: _listings(store, source) for source, _, _, _ in releases}
    for system in LISTED:
        store.db.execute("DELETE FROM code WHERE system = ?", (system,))
        store.db.execute(FROM_LISTS, (system,))
    _procedures(store, releases, listings)
    _wordings(store)
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


def _procedures(store: Store, releases: list[tuple[int, str, date, bool]], listings: dict[int, dict[str, Listing]]) -> None:
    """Procedure codes without a page: titled by the best wording, or without a title where only facts are known."""
    store.db.execute("DELETE FROM code WHERE system IN (?, ?) AND has_page = 0", PROCEDURES)
    with_page = {code for (code,) in store.rows("SELECT code FROM code WHERE has_page = 1")}
    found: dict[str, tuple[str, int]] = {}
    for source, _, _, _ in releases:
        for code, listing in listings[source].items():
            found[code] = (listing.descriptor or found.get(code, ("", 0))[0], source)
    for code, source, _ in store.rows(NEWEST):
        found.setdefault(code, ("", source))
    for code, title, source in _official(store):
        if title or code not in found:
            found[code] = (title, source)
    rows = []
    for position, code in enumerate(sorted(found.keys() - with_page)):
        title, source = found[code]
        if system := system_of(code):
            rows.append((system, code, title, None, "code", 1, 0, position, source))
    store.insert("code", CODE, rows)


def _official(store: Store) -> list[tuple[str, str, int]]:
    """Code, official wording and source, the best wording of a code last: Level II of the newest release, then the AMA's own, longest last."""
    level2 = store.rows(
        "SELECT l.code, l.title, l.source FROM listing l JOIN source s ON s.id = l.source WHERE l.system = 'HCPCS' ORDER BY s.valid_from"
    )
    licensed = store.rows(
        "SELECT d.code, d.text, d.source FROM descriptor d JOIN source s ON s.id = d.source WHERE d.kind IN ('long', 'medium', 'short') "
        "ORDER BY CASE d.kind WHEN 'short' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END, s.valid_from"
    )
    return [*level2, *licensed]


def _wordings(store: Store) -> None:
    """Titles of codes that came out of loaded files, and licensed wordings of codes that have a page, as terms."""
    index.remove(store, "key LIKE ?", f"{index.DERIVED}%")
    titles = (
        "SELECT c.system, c.code, c.title, c.source, s.release FROM code c JOIN source s ON s.id = c.source "
        "WHERE c.has_page = 0 AND c.title <> '' AND c.system <> 'ICD10CM' AND c.kind = 'code' ORDER BY c.source, c.code"
    )
    gone = (  # what an older list of diagnoses has and the tabular list has not
        "SELECT c.system, c.code, c.title, c.source, s.release FROM code c JOIN source s ON s.id = c.source "
        "WHERE c.system = 'ICD10CM' AND s.kind <> 'icd10cm' AND c.title <> '' AND c.kind = 'code' ORDER BY c.source, c.code"
    )
    licensed = (
        "SELECT c.system, c.code, d.text, d.source, s.release, max(length(d.text)) FROM descriptor d JOIN source s ON s.id = d.source "
        "JOIN code c ON c.code = d.code AND c.has_page = 1 GROUP BY c.system, c.code"
    )
    kinds = dict(store.rows("SELECT id, kind FROM source"))
    by_source: dict[int, list[index.Row]] = {}
    for query in (titles, gone, licensed):
        for system, code, title, source, release, *_ in store.rows(query):
            meant = kinds[source] in IN_WORDS
            by_source.setdefault(source, []).append(index.of_title(system, code, title, release, meant))
    for source, rows in by_source.items():
        index.add(store, rows, source)


def _events(store: Store, events: list[Change], sources: dict[str, int]) -> None:
    """Every event once, with the fee schedule that shows it; what is shipped comes first."""
    store.db.execute("DELETE FROM event WHERE system IN (?, ?)", PROCEDURES)  # those of diagnoses are shipped facts
    rows = []
    for event in events:
        if (system := system_of(event.code)) and event.release in sources:
            place = f"{event.release}, {event.code}"
            rows.append((system, event.code, to_number(event.date), event.event, event.text, sources[event.release], place))
    store.insert("event", ("system", "code", "date", "event", "text", "source", "place"), rows, "skip")
