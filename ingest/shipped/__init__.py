"""The shipped corpus: formats, reading with file and line of every fault, and checks against each other."""

import hashlib
import re
from pathlib import Path

VERSION = "2026-11-22"  # edition of the shipped texts; raised when they change
FOLDER = Path(__file__).resolve().parents[2] / "corpus" / "shipped"
KEY = "shipped/codebook"  # the source that stands for them in an edition
FACTS = "facts"  # its folder of fact tables
CODE_WORD = re.compile(r"(?<![0-9A-Z.$,])(?<!CMS-)[0-9A-Z]{5}(?![0-9A-Z]|[.,][0-9])")  # a word of a text with the length of a procedure code


def checksum(folder: Path = FOLDER) -> str:
    """The SHA-256 over names and contents of all files of a shipped folder."""
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        whole.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.hexdigest()
