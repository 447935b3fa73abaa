"""What a file's own name, its archive's name, or an installed package tells where the content does not."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

from ingest.readers.base import OfficialFile, ReadError

MAPPING = ("system", "code", "target_system", "target", "relation", "scenario", "choice", "detail")
CATEGORY = ("scheme", "value", "title", "parent")
ICD10CM = re.compile(r"[A-Z]\d[0-9A-Z]{1,5}")  # without its dot
PCS = re.compile(r"[0-9A-HJ-NP-Z]{7}")  # ICD-10-PCS has no I and no O


def in_name(file: OfficialFile, pattern: str) -> re.Match[str] | None:
    """Where a pattern stands in the name of the file, else in the names of what it is packed in, innermost first."""
    names = [file.name, *([file.member] if file.member else []), file.path.name, *reversed(file.within)]
    return next((found for name in names if (found := re.search(pattern, name, re.IGNORECASE))), None)


def year_in_name(file: OfficialFile) -> int:
    """The year in the name of a file or of its archive.

    Raises:
        ReadError: when there is none.
    """
    found = in_name(file, r"(?<!\d)(20[0-4]\d)(?!\d)")
    if not found:
        raise ReadError(f"{file}: the year of the release stands only in the file name, and this one has none; keep the name it was published under")
    return int(found[1])


def bare(cell: str) -> str:
    """A cell without the blanks and the single quotes that AHRQ puts around its fields."""
    return cell.strip().strip("'").strip()


def package_files(package: str, requirement: str, patterns: tuple[str, ...]) -> list[Path]:
    """The data files of an installed package that match, by name.

    Raises:
        ReadError: when the package is not installed.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ReadError(f"the package {requirement} is missing: pip install {requirement}")
    folder = Path(spec.submodule_search_locations[0])
    return sorted(path for pattern in patterns for path in folder.rglob(pattern))
