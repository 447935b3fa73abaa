"""NCCI files in small, as spreadsheets and in the layouts beside those of `official`; every value is invented but the codes."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from openpyxl import Workbook  # type: ignore[import-untyped]

from ingest.readers.base import OfficialFile, ReadError, Reading
from tests.ingest.official import NOTICE, PTP_HEADER, PtpRow

Table = Sequence[Sequence[Any]]
AOC_LABELS = ("AOC_Edit_Type", "Add-On_Code", "AOC_DelDT", "Primary_Code", "Primary_Code_DelDT", "AOC_Edit_EffDT", "AOC_Edit_DelDT",
              "Special_Instruction_Notes")  # fmt: skip
CHANGE_LABELS = ("Column 1", "Column 2", "Modifier\nIndicator\n0=not allowed\n1=allowed\n9=not applicable")


def workbook(**sheets: Table) -> bytes:
    """A spreadsheet of one or more sheets."""
    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def ptp_sheet(rows: Sequence[Sequence[Any]]) -> bytes:
    """The PTP file as a spreadsheet, with the same stacked labels."""
    header = [[cell or None for cell in line.split("\t")] for line in PTP_HEADER.splitlines()]
    return workbook(edits=[*header, *([one, two, None, start, end, mod, why] for one, two, start, end, mod, why in rows)])


def ptp_commas(rows: Sequence[PtpRow]) -> str:
    """The PTP file as a csv."""
    header = PTP_HEADER.replace("\t", ",")
    return header + "".join(f'{one},{two},,{start},{end},{mod},"{why}"\n' for one, two, start, end, mod, why in rows)


def mue_sheet(rows: Table, column: str = "Practitioner Services MUE Values") -> bytes:
    """The MUE file as a spreadsheet."""
    return workbook(mue=[[NOTICE.strip('"')], ["HCPCS/\nCPT Code", column, "MUE Adjudication Indicator", "MUE Rationale"], *rows])


def mue_tabs(rows: Table, column: str = "Practitioner Services MUE Values") -> bytes:
    """The MUE file with tabs."""
    header = f'"HCPCS/\r\nCPT Code"\t{column}\tMUE Adjudication Indicator\tMUE Rationale\r\n'
    return (NOTICE + "\t\t\t\r\n" + header + "".join("\t".join(map(str, row)) + "\r\n" for row in rows)).encode("cp1252")


def add_on_sheet(rows: Table, labels: Sequence[str] = AOC_LABELS) -> bytes:
    """The add-on file as a spreadsheet."""
    return workbook(AOC=[["CPT codes are copyright."], labels, *rows])


def changes(rows: Table, labels: Sequence[str] = CHANGE_LABELS, between: str = "\t") -> str:
    """A list of changes as text; labels may hold line breaks."""
    lines = [["CPT codes are copyright.", *[""] * (len(labels) - 1)], [f'"{label}"' for label in labels], *rows]
    return "".join(between.join(map(str, line)) + "\r\n" for line in lines)


def changes_book(**lists: Table) -> bytes:
    """All lists of changes in one spreadsheet."""
    return workbook(**{name: [["CPT codes are copyright."], CHANGE_LABELS, *rows] for name, rows in lists.items()})


def records(reading: Reading) -> list[tuple[Any, ...]]:
    """The records of a reading of one table."""
    (table,) = reading.tables
    found = list(reading.batches)
    assert all(name == table for name, _ in found)
    return [record for _, batch in found for record in batch]


def chosen(found: Sequence[Any], count: int = 20_000) -> Iterator[int]:
    """Places of a random sample, the same each time."""
    yield from random.Random(2026).sample(range(len(found)), min(count, len(found)))


def outcome(read: Callable[[OfficialFile], Reading], file: OfficialFile) -> list[tuple[Any, ...]]:
    """The records of a file, none where it is refused in one line that names it; any other error goes through."""
    try:
        return records(read(file))
    except ReadError as error:
        told = str(error)
    if not told.startswith(str(file)) or "\n" in told:
        raise AssertionError(told)
    return []
