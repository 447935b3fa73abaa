"""Readers of official files, one module a format, each found by its content.

A new format is a new module with `sniff` and `read`; it is found by being here.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from ingest.readers.base import OfficialFile, Reader

WEB_PAGE = (b"<!doctype html", b"<html")


@cache
def readers() -> tuple[Reader, ...]:
    """The modules of this package that read a format, by name."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    return tuple(cast(Reader, module) for module in modules if hasattr(module, "sniff"))


def recognise(file: OfficialFile) -> Reader | None:
    """The reader whose format the first bytes of a file have, None when no reader knows it."""
    head = file.head()
    return next((reader for reader in readers() if reader.sniff(head)), None)


def why_unknown(file: OfficialFile) -> str:
    """Why no reader takes a file, and what to do instead where there is something."""
    head = file.head()
    if not head.strip():
        return "a PDF without text" if file.is_pdf else "empty"
    if head.lstrip().lower().startswith(WEB_PAGE):
        return "a web page, not the file itself: the link asked for a licence or was moved; a document of your own goes in with `document`"
    return "no reader knows its content"
