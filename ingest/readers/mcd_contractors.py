"""Contractors of the Medicare Coverage Database, and the states they serve, joined over several tables of one export.

A contractor is kept by its number ("05102"), as the fee schedule's localities name it, and by its id in the database where it has none.
Parts of a state ("New York - Upstate") that have letters of their own count as the state.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.readers.base import OfficialFile, ReadError, Reading, Record, batched
from ingest.readers.mcd_export import day, encoding, release, sibling, table, whole

POSTAL = frozenset(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX "
    "UT VT VA WA WV WI WY AS GU MP PR VI".split()
)
KEY = ("contractor_id", "contractor_type_id", "contractor_version")
Key = tuple[str, str, str]


def read_contractors(file: OfficialFile, letter: str, series: str, id: str, version: str) -> Reading:
    """Which contractors a document is of.

    Raises:
        ReadError: when contractor.csv does not lie beside it.
    """
    reading = Reading(release(file, series), {"coverage_contractor": ("document", "version", "contractor")}, iter(()))
    known = _contractors(file)

    def records() -> Iterator[Record]:
        seen: set[Record] = set()
        for line, (number, edition, *key) in table(file, (id, version, *KEY)):
            contractor = known.get(_key(key))
            if contractor is None:
                reading.skip("a contractor that contractor.csv does not have")
                continue
            record = (f"{letter}{whole(number, file, line, id)}", whole(edition, file, line, version), contractor[0])
            if record not in seen:
                seen.add(record)
                yield record

    reading.batches = batched("coverage_contractor", records())
    return reading


def read_states(file: OfficialFile) -> Reading:
    """The contractors with each state they serve, from contractor_jurisdiction.csv and the tables beside it.

    Raises:
        ReadError: when contractor.csv or state_lookup.csv does not lie beside it.
    """
    reading = Reading(release(file), {"contractor": ("id", "state", "name", "kind", "jurisdiction")}, iter(()))
    known, states = _contractors(file), _states(file)
    types, regions = _names(file, "contractor_type_lookup.csv", "contractor_type_id"), _jurisdictions(file)
    taken = reading.release.valid_from
    today = taken.year * 10000 + taken.month * 100 + taken.day if taken else 0

    def records() -> Iterator[Record]:
        seen: set[Record] = set()
        for line, (state, *key, ended) in table(file, ("state_id", *KEY), ("term_date",)):
            if (end := day(ended, file, line, "term_date")) and end < today:
                reading.skip("no longer of the contractor")
                continue
            contractor = known.get(_key(key))
            if contractor is None or state.strip() not in states:
                reading.skip("a contractor or state that the tables beside it do not have")
                continue
            number, name, region = contractor
            record = (number, states[state.strip()], name, types.get(key[1].strip(), ""), regions.get(region, ""))
            if record not in seen:
                seen.add(record)
                yield record

    reading.batches = batched("contractor", records())
    return reading


def _key(cells: list[str]) -> Key:
    one, two, three = (cell.strip() for cell in cells)
    return one, two, three


def _beside(file: OfficialFile, name: str) -> OfficialFile:
    found = sibling(file, name)
    if found is None:
        raise ReadError(f"{file}: {name} does not lie beside it; add the zip of the whole export")
    return found


def _contractors(file: OfficialFile) -> dict[Key, tuple[str, str, str]]:
    """Number, name and region of each contractor."""
    beside = _beside(file, "contractor.csv")
    found: dict[Key, tuple[str, str, str]] = {}
    for _, (*key, name, number, region) in table(beside, (*KEY, "contractor_bus_name"), ("contractor_number", "dmerc_rgn"), encoding(beside)):
        found[_key(key)] = (number.strip() or key[0].strip(), " ".join(name.split()), region.strip())
    return found


def _states(file: OfficialFile) -> dict[str, str]:
    """Postal letters by state id; a part of a state has those of the state that its description begins with."""
    beside = _beside(file, "state_lookup.csv")
    rows = [(id.strip(), letters.strip().upper(), name) for _, (id, letters, name) in table(beside, ("state_id", "state_abbrev", "description"))]
    whole_states = {_state_name(name): letters for _, letters, name in rows if letters in POSTAL}
    return {id: letters if letters in POSTAL else whole_states.get(_state_name(name), letters) for id, letters, name in rows}


def _state_name(description: str) -> str:
    return description.partition(" - ")[0].strip().lower()


def _names(file: OfficialFile, name: str, id: str) -> dict[str, str]:
    """Descriptions by id of a small table; empty where it does not lie beside the file."""
    beside = sibling(file, name)
    return {key.strip(): " ".join(text.split()) for _, (key, text) in table(beside, (id, "description"))} if beside else {}


def _jurisdictions(file: OfficialFile) -> dict[str, str]:
    """Jurisdictions by region id, as the MACs are named."""
    beside = sibling(file, "dmerc_region_lookup.csv")
    if beside is None:
        return {}
    rows = table(beside, ("region_id", "description"), ("mac_description", "super_mac_description"))
    return {id.strip(): " ".join((macs or larger or text).split()) for _, (id, text, macs, larger) in rows}
