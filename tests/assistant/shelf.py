"""A few known codes and modifiers, for tests of what a question means."""

from __future__ import annotations

from datetime import date

from assistant.question import Question, parse
from corpus.model import System

TODAY = date(2026, 11, 22)
CODES = {
    System.ICD10CM: "A00 A00-B99 B99 E08 E09 E10 E11 E11.4 E11.40 E11.9 E13 M54.1 M54.16 M54.5 M54.50 R07.9 R07.89 I10 J11.00 N95 H40.1121 F32.A",
    System.CPT: "63020 63030 63035 63042 63043 63044 99202 99203 99204 99205 99211 99212 99213 99214 99215 20610 45378 45380 71046 1000U",
    System.HCPCS: "J3301 J1100 G0008 G2211",
}
MODIFIERS = "22 24 25 26 50 51 52 57 58 59 62 66 76 78 79 80 81 82 LT RT TC E1 E2 E3 E4 T1 XE XP XS XU AS AT GA QK QY P1 P2 P3 ED CT PT RA".split()


class Shelf:
    """A few known codes and modifiers."""

    def __init__(self) -> None:
        self._codes = {system: set(codes.split()) for system, codes in CODES.items()}

    def exists(self, system: System, code: str) -> bool:
        return code in self._codes.get(system, ())

    def is_modifier(self, code: str) -> bool:
        return code in MODIFIERS


SHELF = Shelf()


def understand(text: str) -> Question:
    return parse(text, SHELF, TODAY)
