"""What the user names on the command line, opened up: folders walked, archives listed, archives in archives unpacked.

Nothing is ever written under a name that an archive gives, and an archive that would fill the disk is refused before it is read.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from ingest.readers.base import OfficialFile, ReadError, damage
from ingest.readers.errors import reason
from ingest.readers.official import ZIP, sheet_names

DEPTH = 3  # archives in archives that are followed
LARGEST = 8 * 1024**3  # bytes that an archive may unpack to
SMALL = 256 * 1024**2  # below it, no ratio is suspicious
RATIO = 100  # official files pack to a fortieth at best
MEMBERS = 20_000
SPREADSHEET = "[Content_Types].xml"
IGNORED = ("__MACOSX/", ".DS_Store", "Thumbs.db")


@dataclass
class Opened:
    """The files to recognise, and those that could not be opened, with the reason."""

    files: list[OfficialFile] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def opened(paths: Iterable[Path], scratch: Path) -> Iterator[Opened]:
    """Open everything that is named; archives in archives are unpacked into a folder under `scratch` that is removed on leaving.

    Raises:
        ReadError: when a path does not exist, or an archive is damaged, locked or suspicious.
    """
    found = Opened()
    scratch.mkdir(parents=True, exist_ok=True)
    for stray in scratch.glob(".unpacked-*"):  # left by a killed load; the caller is the only one at work
        shutil.rmtree(stray, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix=".unpacked-") as folder:
        for path in _walked(paths, found):
            found.files += _members(path, (path.name,), Path(folder), found)
        yield found


def _walked(paths: Iterable[Path], found: Opened) -> Iterator[Path]:
    """The files, each once, in the order given; a folder gives what lies in it."""
    seen: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise ReadError(f"{path}: no such file")
        for file in _below(path, found) if path.is_dir() else [path]:
            real = file.resolve()
            if real not in seen and not file.name.startswith("."):
                seen.add(real)
                yield file


def _below(folder: Path, found: Opened) -> Iterator[Path]:
    def unreadable(error: OSError) -> None:
        found.unreadable.append((str(error.filename or folder), error.strerror or "cannot be read"))

    for root, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(root) / name for name in sorted(files))


def _members(path: Path, names: tuple[str, ...], folder: Path, found: Opened) -> Iterator[OfficialFile]:
    """The file itself, the sheets of a spreadsheet, or what an archive holds; `names` are the archives around it, and itself."""
    shown = "/".join(names)
    if not _is_archive(path, shown):
        file = OfficialFile(path)
        try:
            yield from _sheets(file)
        except ReadError as error:
            if not file.is_workbook:
                raise
            found.unreadable.append((shown, reason(error, file)))  # a document of Word, say
        return
    with damage(shown), zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir() and not any(word in info.filename for word in IGNORED)]
        _refuse_dangerous(infos, path, shown)
        for info in sorted(infos, key=lambda info: info.filename):
            inner = OfficialFile(path, info.filename, within=names)
            with damage(inner), archive.open(info.filename) as member:
                start = member.read(len(ZIP))
            try:
                sheets = _sheets_inside(inner) if start == ZIP else [inner]
            except ReadError as error:  # what it is cannot be told
                found.unreadable.append((str(inner), reason(error, inner)))
                continue
            if sheets is not None:
                yield from sheets
            elif len(names) >= DEPTH:
                raise ReadError(f"{inner}: archives in archives, deeper than {DEPTH}; unpack it and add what is inside")
            else:
                yield from _members(_unpacked(archive, info, folder), (*names, info.filename), folder, found)


def _is_archive(path: Path, shown: str) -> bool:
    """Whether it is a zip archive and no spreadsheet, which is a zip too."""
    with path.open("rb") as file:
        if file.read(len(ZIP)) != ZIP:
            return False
    with damage(shown):
        if not zipfile.is_zipfile(path):
            raise ReadError(f"{shown}: the archive is cut off: its list of members is missing; download it again")
        with zipfile.ZipFile(path) as archive:
            return SPREADSHEET not in archive.namelist()


def _refuse_dangerous(infos: list[zipfile.ZipInfo], path: Path, shown: str) -> None:
    """Refuse what would fill the disk, and what names places outside of itself, as no official archive does."""
    size = sum(info.file_size for info in infos)
    if len(infos) > MEMBERS or size > LARGEST or (size > SMALL and size > RATIO * path.stat().st_size):
        raise ReadError(f"{shown}: {len(infos):,} members that unpack to {size / 1e9:.1f} GB: no official archive does; it was left alone")
    for info in infos:
        name = PurePosixPath(info.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts:
            raise ReadError(f"{shown}: the member {info.filename!r} names a place outside of the archive; it was left alone")


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path) -> Path:
    """An archive out of an archive, under a name of our own."""
    handle, name = tempfile.mkstemp(dir=folder, suffix=".zip")
    with os.fdopen(handle, "wb") as target, archive.open(info) as member:
        shutil.copyfileobj(member, target, 1024 * 1024)
    return Path(name)


def _sheets_inside(file: OfficialFile) -> list[OfficialFile] | None:
    """The sheets of a member that is a spreadsheet; None when it is an archive."""
    with damage(file), file.open() as content, zipfile.ZipFile(io.BytesIO(content.read())) as archive:
        if SPREADSHEET not in archive.namelist():
            return None
    return list(_sheets(file))


def _sheets(file: OfficialFile) -> Iterator[OfficialFile]:
    """The file, or each of its sheets where a spreadsheet has several."""
    names = sheet_names(file) if file.is_workbook else []
    if len(names) > 1:
        yield from (replace(file, sheet=name) for name in names)
    else:
        yield file
