"""Official files in small, laid out as they are published; descriptors are invented."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

STACK_2025 = """\
,,{year} National Physician Fee Schedule Relative Value File {month} Release,,,,,,,,,,,,,,,,,,,,,,,,,,,,
,,Notice one,,,,,,,,,,,,,,,,,,,,,,,,,,,,
,,Notice two,,,,,,,,,,,,,,,,,,,,,,,,,,,,
,, ,,,,,,,,,,,,,,,,,,,,,,,,,,,,
,,RELEASED 09/11/2025,,,,,,,,,,,,,,,,,,,,,,,,,,,,
,, , ,,,,,,,,,,,,,,,,,,,,,,,,,NON-FACILITY,FACILITY,
,,,,NOT USED,,,,,,,,,,,,,,,,,,,,,PHYSICIAN,,DIAGNOSTIC,PE USED,PE USED,MP USED
,,,,FOR,,,NON-FAC,,FACILITY ,,,,,,,,,,,,,,,,SUPERVISION OF,,IMAGING,FOR OPPS,FOR OPPS,FOR OPPS
,,,STATUS,MEDICARE ,WORK,NON-FAC,NA,FACILITY,NA,MP,NON-FACILITY,FACILITY,PCTC,GLOB,PRE,\
INTRA,POST,MULT,BILAT,ASST,CO-,TEAM,ENDO,CONV,DIAGNOSTIC,CALCULATION,FAMILY,PAYMENT,PAYMENT,PAYMENT
HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP,\
OP,OP,PROC,SURG,SURG,SURG,SURG,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,AMOUNT,AMOUNT
"""
PRICE_INDICATOR = 23  # the column that 2026 adds
DERIVED = (
    "hcpcs,mod,description,status_code,not_used_for_medicare_payment,work_rvu,non_fac_pe_rvu,non_fac_indicator,facility_pe_rvu,"
    "facility_indicator,mp_rvu,non_facility_total,facility_total,pctc_ind,glob_days,pre_op,intra_op,post_op,mult_proc,bilat_surg,asst_surg,"
    "co_surg,team_surg,endo_base,conv_factor,physician_supervision_of_diagnostic_procedures,calculation_flag,"
    "diagnostic_imaging_family_indicator,non_facility_pe_used_for_opps_payment_amount,facility_pe_used_for_opps_payment_amount,"
    "mp_used_for_opps_payment_amount"
)


def fee_row(code: str, modifier: str = "", **fields: str) -> list[str]:
    """A row of 31 columns; `fields` by a short name."""
    values = {
        "descriptor": f"Invented {code}", "status": "A", "work": "1.30", "pe": "1.40", "na": "", "total": "2.85", "pctc": "0", "glob": "XXX",
        "mult": "0", "bilat": "0", "factor": "32.3465", "supervision": "09", "family": "99",
    } | fields  # fmt: skip
    v = values
    return [
        code, modifier, v["descriptor"], v["status"], "", v["work"], v["pe"], v["na"], "0.55", "", "0.15", v["total"], "1.72", v["pctc"], v["glob"],
        "0.00", "0.00", "0.00", v["mult"], v["bilat"], "0", "0", "0", "", v["factor"], v["supervision"], "0", v["family"], "0.00", "0.00", "0.00",
    ]  # fmt: skip


def _csv(rows: Sequence[Sequence[str]], end: str = "\r\n") -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerows(rows)
    return text.getvalue()


def fee_schedule(rows: Sequence[Sequence[str]], year: int = 2025, month: str = "October") -> str:
    """The published csv; from 2026 on with the column PRIC IND."""
    head = [line.split(",") for line in STACK_2025.format(year=year, month=month).splitlines()]
    body = [list(row) for row in rows]
    if year >= 2026:
        for number, line in enumerate(head):
            line.insert(PRICE_INDICATOR, {8: "PRIC", 9: "IND"}.get(number, ""))
        for row in body:
            row.insert(PRICE_INDICATOR, "9")
    return _csv([*head, *body])


def derived_fee_schedule(rows: Sequence[Sequence[str]]) -> str:
    """The same values with one header line."""
    return DERIVED + "\n" + _csv(rows, "\n")


NOTICE = '"Codes, descriptions and other data only are copyright.\r\n\r\nCPT® is a registered trademark.\r\n\r\nRestrictions Apply."'


def mue(rows: Sequence[tuple[str, int, str, str]], column: str = "Practitioner Services MUE Values") -> bytes:
    """The published csv in cp1252, with its notice and the line break in the header."""
    header = f'"HCPCS/\r\nCPT Code",{column},MUE Adjudication Indicator,MUE Rationale\r\n'
    return (NOTICE + ",,,\r\n" + header + _csv([[code, str(units), mai, why] for code, units, mai, why in rows])).encode("cp1252")


PTP_HEADER = (
    "CPT only copyright.  All rights reserved.\t\t\t\t\t\t\nColumn1/Column2 Edits\t\t\t\t\t\t\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\n\t\tprior to 1996\tDate\tDate\t0=not allowed\t\n"
    "\t\t\t\t*=no data\t1=allowed\t\n\t\t\t\t\t9=not applicable\t\n"
)
PtpRow = tuple[str, str, str, str, str, str]  # column 1, column 2, effective, deleted, indicator, rationale


def ptp(rows: Sequence[PtpRow]) -> bytes:
    """The published txt in Latin-1."""
    lines = (f"{one}\t{two}\t\t{start}\t{end}\t{indicator}\t{why}\n" for one, two, start, end, indicator, why in rows)
    return (PTP_HEADER + "".join(lines)).encode("latin-1")


def derived_ptp(rows: Sequence[tuple[str, str, str, int, str]]) -> str:
    """The derived csv: column 1, column 2, deleted, indicator, rationale."""
    return '"column1","column2","deleted","mod","rationale"\n' + "".join(f'"{a}","{b}","{d}",{i},"{why}"\n' for a, b, d, i, why in rows)


def add_on_line(kind: int, add_on: str, primary: str, effective: str = "2013091", deleted: str = "", note: str = "") -> str:
    """A line of the fixed width."""
    return f"{kind}{add_on}{'':7}{primary}{'':7}{effective:7}{deleted:7}{note}".rstrip() + "\r\n"


def put(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a file; packed where the name ends in .gz."""
    path = folder / name
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def archive(folder: Path, name: str, members: dict[str, str | bytes]) -> Path:
    """Write a zip archive."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for member, content in members.items():
            file.writestr(member, content)
    return path
