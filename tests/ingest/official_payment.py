"""Payment files in small, in each published layout; names and descriptors are invented."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook  # type: ignore[import-untyped]

from ingest.readers.base import OfficialFile, Reader

Row = Sequence[Any]
NOTICE = "".join(f"HDR {line:46}\r\n" for line in ("CPT CODES AND DESCRIPTIONS ONLY ARE COPYRIGHT", "AN INVENTED NOTICE", "OF THREE LINES."))


def as_csv(rows: Sequence[Row], end: str = "\r\n") -> str:
    """Rows as CMS writes a csv."""
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerows(rows)
    return text.getvalue()


def as_xlsx(folder: Path, name: str, rows: Sequence[Row], sheet: str = "Sheet1") -> Path:
    """Rows as a spreadsheet; give numbers where the published one has numbers."""
    book = Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append([None if cell == "" else cell for cell in row])
    book.save(folder / name)
    return folder / name


def fee_text(rows: Sequence[Sequence[str]]) -> str:
    """Rows of 31 columns, as `official.fee_row` gives them, in the fixed places of the text."""
    lines = []
    for row in rows:
        (code, mod, words, status, unused, work, pe, na, pe_f, na_f, mp, total, total_f, pctc, days, pre, intra, post,
         mult, bilat, asst, co, team, endo, factor, supervision, flag, family, opps_pe, opps_pe_f, opps_mp) = row  # fmt: skip
        shares = "".join(f"{share.lstrip('0'):>3}"[:3] for share in (pre, intra, post))
        lines.append(
            f"{code:5}{mod:2}{words:50.50}{status:1}{unused:1}{work:>6} {pe:>6}{na:2} {pe_f:>6}{na_f:2} {mp:>5} {total:>6}{total_f:>6}"
            f"{pctc:1}{days:3}{shares}{mult}{bilat}{asst}{co}{team}{'':7}{endo:5}{factor:>8} {supervision:2}{flag:1} {family:2}    "
            f"{opps_pe:>6} {opps_pe_f:>6} {opps_mp:>6}"
        )
    return NOTICE + "".join(line + "\r\n" for line in lines)


def as_numbers(rows: Sequence[Sequence[str]], *places: int) -> list[list[Any]]:
    """Rows in which some columns are numbers, as a spreadsheet keeps them."""
    return [[float(cell) if place in places and cell else cell for place, cell in enumerate(row)] for row in rows]


def archived(folder: Path, archive: str, member: str, content: str | bytes) -> OfficialFile:
    """A member of a new archive."""
    with zipfile.ZipFile(folder / archive, "w") as file:
        file.writestr(member, content)
    return OfficialFile(folder / archive, member, within=(archive,))


def put(folder: Path, name: str, content: str | bytes) -> OfficialFile:
    """A file that lies open."""
    (folder / name).write_bytes(content.encode("cp1252") if isinstance(content, str) else content)
    return OfficialFile(folder / name)


def records(reader: Reader, file: OfficialFile) -> list[dict[str, Any]]:
    """All records of the single table that a file fills."""
    reading = reader.read(file)
    ((table, columns),) = reading.tables.items()
    found = list(reading.batches)
    assert {name for name, _ in found} <= {table}
    return [dict(zip(columns, record, strict=True)) for _, batch in found for record in batch]
