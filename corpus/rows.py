"""Rows and documents of the store into the words of `corpus.model`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from corpus.model import Article, Citation, CodePage, Event, FeeRow, Modifier, Neighbor, Setting, Source, SourceKind, System
from corpus.schema import IN_FORCE, SETTINGS, UNKNOWN

SETTING_OF = {number: Setting(name) for name, number in SETTINGS.items()}
Publications = Callable[[str], Source]  # id in sources.yaml -> its Source


def to_date(number: int | None) -> date | None:
    """YYYYMMDD to a date; None for an unknown start and for "in force"."""
    if number is None or number in (UNKNOWN, IN_FORCE):
        return None
    return date(number // 10000, number // 100 % 100, number % 100)


def to_number(day: date) -> int:
    """A date to YYYYMMDD."""
    return day.year * 10000 + day.month * 100 + day.day


def to_source(row: Mapping[str, Any]) -> Source:
    """A row of `source`."""
    return Source(
        id=row["id"],
        key=row["key"],
        kind=SourceKind(row["kind"]),
        title=row["title"],
        publisher=row["publisher"],
        release=row["release"],
        setting=Setting(row["setting"]) if row["setting"] else None,
        valid_from=to_date(row["valid_from"]),
        valid_to=to_date(row["valid_to"]),
        url=row["url"],
        file=row["file"],
        rows=row["rows"],
        series=row["series"],
    )


def to_fee(row: Mapping[str, Any], source: Source) -> FeeRow:
    """A row of `fee`."""
    return FeeRow(**{**row, "source": source})


def _citations(body: Mapping[str, Any], publication: Publications) -> tuple[Citation, ...]:
    return tuple(Citation(publication(item["source"]), item["place"]) for item in body["sources"])


def to_page(text: str, place: str, source: Source, publication: Publications) -> CodePage:
    """A page document, in the format of `corpus/shipped/README.md`."""
    body = json.loads(text)
    anesthesia = body.get("anesthesia") or {}
    return CodePage(
        system=System(body["system"]),
        code=body["code"],
        title=body["title"],
        summary=body["summary"],
        when=tuple(body["when"]),
        steps=tuple(body["steps"]),
        afterwards=tuple(body["afterwards"]),
        record=tuple(body["record"]),
        billing=tuple(body["billing"]),
        neighbors=tuple(Neighbor(n["code"], n["difference"]) for n in body["neighbors"]),
        synonyms=tuple(body["synonyms"]),
        anesthesia_code=anesthesia.get("code"),
        anesthesia_note=anesthesia.get("note"),
        diagnoses=tuple((d["code"], d["why"]) for d in body["diagnoses"]),
        history=tuple(
            Event(date.fromisoformat(e["date"]), e["event"], e["text"], Citation(publication(e["source"]), e["place"])) for e in body["history"]
        ),
        citations=_citations(body, publication),
        source=source,
        place=place,
    )


def to_modifier(text: str, place: str, source: Source, publication: Publications) -> Modifier:
    """A modifier document."""
    body = json.loads(text)
    return Modifier(
        code=body["code"],
        kind=body["kind"],
        group=body["group"],
        title=body["title"],
        meaning=body["meaning"],
        when=tuple(body["when"]),
        when_not=tuple(body["when_not"]),
        example=body["example"],
        payment=body["payment"],
        together=tuple((t["modifier"], t["note"]) for t in body["with"]),
        settings=tuple(body["settings"]),
        synonyms=tuple(body["synonyms"]),
        citations=_citations(body, publication),
        source=source,
        place=place,
        valid_from=date.fromisoformat(body["valid_from"]) if body.get("valid_from") else None,
    )


def to_article(text: str, place: str, source: Source, publication: Publications) -> Article:
    """An article document."""
    body = json.loads(text)
    return Article(
        id=body["id"],
        title=body["title"],
        topics=tuple(body["topics"]),
        codes=tuple(body["codes"]),
        modifiers=tuple(body["modifiers"]),
        text=body["text"],
        citations=_citations(body, publication),
        source=source,
        place=place,
    )
