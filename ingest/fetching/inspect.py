"""Whether a download is what its name says, before it is kept: no web page in place of a file, no archive that harms."""

from __future__ import annotations

from pathlib import Path

from ingest.archives import opened
from ingest.readers import WEB_PAGE
from ingest.readers.base import ReadError

ZIPPED = (".zip", ".xlsx")


class BadFileError(Exception):
    """What is wrong with a file; never shown alone."""


def inspect(path: Path, name: str, web_page: bool = False) -> None:
    """Look at the bytes of a file that came as `name`; `web_page`: a page is what was asked for.

    Raises:
        BadFileError: with what came instead, or what is wrong with the archive.
    """
    with path.open("rb") as file:
        head = file.read(1024).removeprefix(b"\xef\xbb\xbf").lstrip()
    is_page = head.lower().startswith(WEB_PAGE)
    if is_page != web_page:
        raise BadFileError("a web page came instead of the file: the link asks for a licence or has moved" if is_page else "no web page came")
    if name.lower().endswith(".pdf") and not head.startswith(b"%PDF-"):
        raise BadFileError("not a PDF")
    if name.lower().endswith(ZIPPED):
        if not head.startswith(b"PK"):
            raise BadFileError("not a zip archive")
        try:
            with opened([path], path.parent):  # lists the members of all archives in it, and refuses what `add` would refuse
                pass
        except ReadError as error:
            raise BadFileError(str(error).replace(path.name, name)) from error
