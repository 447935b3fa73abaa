"""The shipped corpus: formats, reading with file and line of every fault, and checks against each other."""

from pathlib import Path

VERSION = "2026-11-22"  # edition of the shipped texts; raised when they change
FOLDER = Path(__file__).resolve().parents[2] / "corpus" / "shipped"
FACTS = "facts"  # its folder of fact tables
