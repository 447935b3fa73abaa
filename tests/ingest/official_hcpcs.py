"""HCPCS Level II files and the AMA's descriptor files in small, in every published layout; wordings are invented."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import wrap

from openpyxl import Workbook  # type: ignore[import-untyped]

# Name and last column of each field of the fixed width, in the order of the spreadsheet's columns.
FIELDS = (
    "HCPC SEQNUM RECID LONG_DESCRIPTION SHORT_DESCRIPTION PRICE1 PRICE2 PRICE3 PRICE4 MULT_PI CIM1 CIM2 CIM3 MCM1 MCM2 MCM3 STATUTE LABCERT1 "
    "LABCERT2 LABCERT3 LABCERT4 LABCERT5 LABCERT6 LABCERT7 LABCERT8 XREF1 XREF2 XREF3 XREF4 XREF5 COV ASC_GRP ASC_DT OPPS OPPS_PI OPPS_DT PROCNOTE "
    "BETOS TOS1 TOS2 TOS3 TOS4 TOS5 ANEST_BU ADD_DT ACT_EFF_DT TERM_DT ACTION_CD"
).split()
PUBLISHED = {"LONG_DESCRIPTION", "SHORT_DESCRIPTION", "ADD_DT", "ACT_EFF_DT", "TERM_DT", "ACTION_CD"}  # written with a blank
HEADER = [name.replace("_", " ") if name in PUBLISHED else name for name in FIELDS]
ENDS = (
    5, 10, 11, 91, 119, 121, 123, 125, 127, 128, 134, 140, 146, 154, 162, 170, 180, 183, 186, 189, 192, 195, 198, 201, 204, 209, 214, 219, 224,
    229, 230, 232, 240, 243, 244, 252, 256, 259, 261, 262, 263, 264, 265, 268, 276, 284, 292, 293,
)  # fmt: skip
RIGHT = {"HCPC", "TOS1"}  # a modifier stands in columns 4-5; column 260 is not used
DISCLAIMERS = ("***Disclaimers", "", "*Inclusion of an invented item says nothing.\xa0", "\xa0\xa0 It goes on.", "")
Row = dict[str, str]


def entry(code: str, long: str = "Invented item", **fields: str) -> Row:
    """A code, or a modifier when it has two characters; `fields` by their names with underscores."""
    common = {"HCPC": code.rjust(5), "SEQNUM": "0010", "RECID": "7" if len(code) == 2 else "3", "LONG_DESCRIPTION": long}
    return common | {"SHORT_DESCRIPTION": long[:28], "COV": "C", "ADD_DT": "19860101", "ACT_EFF_DT": "20040101", "ACTION_CD": "N"} | fields


def _line(values: Row, width: int) -> str:
    text, start = "", 0
    for name, end in zip(FIELDS, ENDS, strict=True):
        value = values.get(name, "")
        assert len(value) <= end - start, (name, value)
        text += value.rjust(end - start) if name in RIGHT else value.ljust(end - start)
        start = end
    return text.ljust(width)[:width]


def fixed(rows: Iterable[Row], width: int = 320, continued: int = 320, disclaimers: Sequence[str] = ()) -> bytes:
    """The txt; a long description goes on over continuation rows of 80 characters each."""
    lines = list(disclaimers)
    for row in rows:
        pieces = wrap(row["LONG_DESCRIPTION"], 79, break_on_hyphens=False) or [""]
        lines.append(_line(row | {"LONG_DESCRIPTION": pieces[0], "SEQNUM": "00100"}, width))
        for number, piece in enumerate(pieces[1:], start=2):
            more = {"HCPC": row["HCPC"], "SEQNUM": f"{number:03}00", "RECID": str(int(row["RECID"]) + 1), "LONG_DESCRIPTION": piece}
            lines.append(_line(more, continued))
    return "".join(line + "\r\n" for line in lines).encode("cp1252")


def cells(row: Row) -> list[str]:
    """The row of a spreadsheet."""
    return [row.get(name, "") for name in FIELDS]


def comma(rows: Iterable[Row], header: Sequence[str] = HEADER) -> str:
    """The csv."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([header, *map(cells, rows)])
    return text.getvalue()


def workbook(path: Path, rows: Iterable[Sequence[object]], above: Sequence[str] = ()) -> Path:
    """A spreadsheet of these rows below some lines of text."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for text in above:
        sheet.append([text])
    for row in rows:
        sheet.append([None if cell == "" else cell for cell in row])
    book.save(path)
    return path


AMA = (
    "CPT® {edition}\r\nTo order more invented products, contact the American Medical\r\nAssociation at its address.\r\n\r\nA further notice.\r\n\r\n"
)


def descriptors(rows: Iterable[tuple[str, str]], separator: str = "\t", width: int = 0, notice: str = AMA.format(edition=2026)) -> bytes:
    """A file of CPT descriptors below the notice, padded to `width`."""
    lines = (f"{code}{separator}{text}".ljust(width) + "\r\n" for code, text in rows)
    return (notice + "".join(lines)).encode("cp1252")
