"""Editions in small, made row by row; codes and facts are invented."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert

from corpus import schema
from corpus.editions import Edition
from corpus.model import Setting, SourceKind
from corpus.rows import to_number

Row = dict[str, Any]
Tables = dict[str, Iterable[Row]]


def day(text: str) -> date:
    """A date from YYYY-MM-DD."""
    return date.fromisoformat(text)


def number(text: str | None) -> int | None:
    """YYYY-MM-DD as the store holds it."""
    return to_number(day(text)) if text else None


def source(
    id: int, kind: SourceKind, release: str, start: str | None = None, end: str | None = None, setting: Setting | None = None, file: str = "all.csv"
) -> Row:  # fmt: skip
    """A release; `file` tells whether it is whole."""
    return {
        "id": id, "key": f"{kind}/{setting}/{release}", "kind": kind, "setting": setting, "title": f"Invented {kind}", "publisher": "Nobody",
        "release": release, "valid_from": number(start), "valid_to": number(end), "file": file, "rows": 1,
    }  # fmt: skip


def fee(code: str, source: int, modifier: str = "", **fields: Any) -> Row:
    """A row of a fee schedule, blank where not said."""
    blank = {c.name: None if isinstance(c.type, type(schema.fee.c.work.type)) else "" for c in schema.fee.columns}
    return blank | {"code": code, "source": source, "modifier": modifier} | fields


def mue(code: str, source: int, units: int = 1, setting: Setting = Setting.PRACTITIONER) -> Row:
    """A unit limit."""
    return {"code": code, "setting": schema.SETTINGS[setting], "source": source, "units": units, "mai": 2, "rationale": "Invented policy"}


def add_on(code: str, primary: str, source: int, effective: str | None = None, deleted: str | None = None) -> Row:
    """An add-on edit."""
    dates = {"effective": number(effective) or schema.UNKNOWN, "deleted": number(deleted) or schema.IN_FORCE}
    return {"add_on": code, "primary": primary, "source": source, "type": 1, "note": ""} | dates


def ptp(
    one: str, two: str, source: int, effective: str | None = None, deleted: str | None = None, indicator: int = 1,
    setting: Setting = Setting.PRACTITIONER,
) -> Row:  # fmt: skip
    """An interval of a PTP edit; its rationale is number 1."""
    dates = {"effective": number(effective) or schema.UNKNOWN, "deleted": number(deleted) or schema.IN_FORCE}
    return {"column1": one, "column2": two, "setting": schema.SETTINGS[setting], "source": source, "indicator": indicator, "rationale": 1} | dates


def code(system: str, code: str, title: str = "Invented", parent: str | None = None, kind: str = "code", position: int = 1, source: int = 1) -> Row:
    """An entry of a code set."""
    return {"system": system, "code": code, "title": title, "parent": parent, "kind": kind, "billable": kind == "code", "position": position,
            "source": source}  # fmt: skip


def passage(id: int, title: str, text: str = "", kind: str = "page", system: str | None = "CPT", key: str | None = None, source: int = 1) -> Row:
    """A passage, keyed by its number when no key is said."""
    return {"id": id, "key": key or f"p{id}", "kind": kind, "system": system, "code": None, "title": title, "text": text, "place": "somewhere",
            "source": source}  # fmt: skip


def write(edition: Edition, tables: Tables) -> Edition:
    """Write an edition with these rows, and the full text of its passages; it has no vectors."""
    engine = create_engine(f"sqlite:///{edition.database}")
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA synchronous = OFF")
        schema.metadata.create_all(connection)
        connection.exec_driver_sql(schema.FULL_TEXT)
        connection.exec_driver_sql(f"PRAGMA user_version = {schema.VERSION}")
        connection.execute(insert(schema.rationale), {"id": 1, "text": "Invented rationale"})
        for name, rows in tables.items():
            for row in rows:
                connection.execute(insert(schema.metadata.tables[name]), row)
        connection.exec_driver_sql("INSERT INTO passage_text (passage_text) VALUES ('rebuild')")
    engine.dispose()
    return edition


def made(folder: Path, **tables: Iterable[Row]) -> Edition:
    """An edition in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    return write(Edition(folder), tables)
