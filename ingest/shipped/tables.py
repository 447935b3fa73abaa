"""Checks of the tables that people edit as csv: synonyms and crosswalks."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from ingest.shipped.formats import Crosswalk, Synonym
from ingest.shipped.read import Entry, Fault


def check_synonyms(entries: list[Entry[Synonym]], known: Mapping[str, Container[str]]) -> Iterator[Fault]:
    """Rows that stand twice, or lead to a code that nobody has. `known`: the codes of each system."""
    seen: dict[tuple[str, str, str], Entry[Synonym]] = {}
    for entry in entries:
        row = entry.value
        if row.code not in known[row.system]:
            yield Fault(entry.file, entry.line, f"{row.term}: {row.system} has no {row.code}")
        key = (row.term.casefold(), row.system, row.code)
        if key in seen:
            yield Fault(entry.file, entry.line, f"{row.term}, {row.code}: stands already in {seen[key].file.name}:{seen[key].line}")
        seen.setdefault(key, entry)


def check_crosswalks(entries: list[Entry[Crosswalk]], listed: Container[str], status: Mapping[str, str], sources: Container[str]) -> Iterator[Fault]:
    """Rows that stand twice, whose codes or sources nobody has, or whose anesthesia code is none.

    A code that was replaced may be older than every fee schedule at hand; its successor may not.
    """
    seen: dict[tuple[str, str, str], Entry[Crosswalk]] = {}
    for entry in entries:
        row = entry.value
        name = f"{row.code} {row.relation} {row.target}"
        wanted = [row.target] if row.relation == "replaced by" else [row.code, row.target]
        for code in wanted:
            if code and code not in listed:
                yield Fault(entry.file, entry.line, f"{name}: no fee schedule lists {code}")
        if row.relation == "anesthesia" and status.get(row.target, "J") != "J":
            yield Fault(entry.file, entry.line, f"{name}: {row.target} is no anesthesia code of the fee schedule")
        if row.source not in sources:
            yield Fault(entry.file, entry.line, f"{name}: no source {row.source} in sources.yaml")
        key = (row.code, row.relation, row.target)
        if key in seen:
            yield Fault(entry.file, entry.line, f"{name}: stands already in {seen[key].file.name}:{seen[key].line}")
        seen.setdefault(key, entry)
