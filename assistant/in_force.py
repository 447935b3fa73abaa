"""Codes found by words that may not be used on the day: they give way to the others, and say since when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from assistant.evidence import day
from assistant.retrieval import CodeHit, Finder
from corpus.codebook import Codebook
from corpus.lookups.history import State
from corpus.model import FeeRow, System


def outside(book: Codebook, system: System, code: str, on: date) -> str:
    """Why a procedure code may not be used on the day, "ended on 2018-12-31"; "" for codes that may, and for other systems."""
    if system is System.CPT:
        last = last_row(book, code, on)
        return f"last in the Medicare fee schedule of {last.source.release}" if last else ""
    if system is not System.HCPCS:
        return ""
    entry = book.hcpcs.entry(code, on).value
    if entry is None or entry.in_force(on):
        return ""
    return f"ended on {day(entry.ended)}" if entry.ended and entry.ended < on else f"begins on {day(entry.added)}" if entry.added else ""


def last_row(book: Codebook, code: str, on: date) -> FeeRow | None:
    """Of a CPT code that has left the fee schedule by the day: its last row; None where it is listed, or the data do not tell."""
    if book.validity.of(code, System.CPT, on).state is not State.NOT_VALID:
        return None
    before = [row for row in book.fee_releases(code) if row.source.valid_from and row.source.valid_from <= on]
    return before[-1] if before else None


def in_force_first(book: Codebook, hits: Iterable[CodeHit], on: date) -> list[CodeHit]:
    """The hits with what is outside of its time behind the others and marked; the order stays otherwise."""
    marked = [replace(hit, outside=outside(book, hit.system, hit.code, on)) for hit in hits]
    return sorted(marked, key=lambda hit: bool(hit.outside))


def search(finder: Finder, query: str, system: System | None, limit: int, on: date) -> list[CodeHit]:
    """Codes by words, best first, those that may not be used on the day last."""
    return in_force_first(finder.codebook, finder.codes(query, system, limit), on)
