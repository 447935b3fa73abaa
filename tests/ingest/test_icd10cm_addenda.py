from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.readers import icd10cm_addenda
from ingest.readers.base import OfficialFile, ReadError, RefusedError, dotted
from tests.ingest.official_cm import put, records


def order(action: str, flag: int, code: str, title: str) -> str:
    return f"{action:13}{flag} {code:7} {title:60} {title}\n"


def codes(action: str, code: str, title: str) -> str:
    return f"{action:13}{code:7} {title}\n"


def totals(subject: str, years: tuple[int, int], additions: int, deletions: int, revisions: int) -> str:
    kind = subject.lower()
    return (
        f"\n{subject}\n  10 {kind} in icd10cm_order_{years[0]}.txt\n  12 {kind} in icd10cm_order_{years[1]}.txt\n"
        f"   {additions} additions\n     {deletions} deletions\n    {revisions} revisions\nof which\n"
        f"      {revisions} revisions to both long and short titles\n      0 revisions to long title only\n"
    )


ORDER_LINES = (
    order("Delete:", 1, "B373", "Invented rash")
    + order("Add:", 0, "B373", "Invented rash")
    + order("Add:", 1, "B3731", "Acute invented rash")
    + order("Revise from:", 0, "C844", "Invented lump")
    + order("Revise to:", 0, "C844", "Invented lump, named")
    + order("Revise from:", 1, "C8440", "Invented lump of the arm")
    + order("Revise to:", 1, "C8440", "Invented lump of the arm, named")
    + order("Add:", 0, "F01A", "Mild invention")
    + order("Delete:", 1, "T407X1A", "Invented poisoning")
    + order("Delete:", 0, "T407X1", "Invented poisonings")
)
ORDER = ORDER_LINES + totals("Headers", (2022, 2023), 2, 1, 1) + totals("Codes", (2022, 2023), 1, 2, 1)
CODES = (
    codes("Delete:", "B373", "Invented rash")
    + codes("Add:", "B3731", "Acute invented rash")
    + codes("Revise from:", "C8440", "Invented lump of the arm")
    + codes("Revise to:", "C8440", "Invented lump of the arm, named")
    + codes("Delete:", "T407X1A", "Invented poisoning")
    + totals("Codes", (2022, 2023), 1, 2, 1)
)
NOTHING = totals("Headers", (2026, 2026), 0, 0, 0) + totals("Codes", (2026, 2026), 0, 0, 0)


def changes(file: OfficialFile) -> list[tuple[str, str, str, str]]:
    return [record[1:2] + record[3:] for record in records(icd10cm_addenda.read(file))["change"]]


def test_addenda_of_the_order_file(tmp_path: Path) -> None:
    file = put(tmp_path, "icd10cm-order-addenda-2023.txt", ORDER)
    assert icd10cm_addenda.sniff(file.head())
    release = icd10cm_addenda.read(file).release
    assert (release.key, release.valid_from, release.valid_to) == ("icd10cm-addenda/order/FY2023", date(2022, 10, 1), date(2023, 9, 30))
    assert changes(file) == [
        ("B37.3", "not billable", "Invented rash", "Invented rash"),
        ("B37.31", "added", "", "Acute invented rash"),
        ("C84.4", "revised", "Invented lump", "Invented lump, named"),
        ("C84.40", "revised", "Invented lump of the arm", "Invented lump of the arm, named"),
        ("F01.A", "added", "", "Mild invention"),
        ("F01.A", "not billable", "", "Mild invention"),
        ("T40.7X1A", "deleted", "Invented poisoning", ""),
        ("T40.7X1", "deleted", "Invented poisonings", ""),
        ("T40.7X1", "not billable", "Invented poisonings", ""),
    ]


def test_addenda_of_the_code_file(tmp_path: Path) -> None:
    file = put(tmp_path, "icd10cm-codes-addenda-2023.txt", CODES.replace("\n", "\r\n"))
    assert icd10cm_addenda.sniff(file.head())
    assert icd10cm_addenda.read(file).release.key == "icd10cm-addenda/codes/FY2023"
    assert changes(file) == [
        ("B37.3", "not billable", "Invented rash", ""),
        ("B37.31", "added", "", "Acute invented rash"),
        ("C84.40", "revised", "Invented lump of the arm", "Invented lump of the arm, named"),
        ("T40.7X1A", "deleted", "Invented poisoning", ""),
    ]


def test_a_category_that_becomes_a_code_again(tmp_path: Path) -> None:
    lines = order("Delete:", 0, "B373", "Invented rash") + order("Add:", 1, "B373", "Invented rash") + order("Delete:", 1, "B3731", "Acute")
    assert changes(put(tmp_path, "icd10cm-order-addenda-2023.txt", lines))[0] == ("B37.3", "billable", "Invented rash", "Invented rash")


def test_an_update_is_named_by_the_file(tmp_path: Path) -> None:
    lines = order("Add:", 1, "J1282", "Invented cough") + totals("Codes", (2021, 2021), 1, 0, 0)
    release = icd10cm_addenda.read(put(tmp_path, "icd10cm-order-addenda-January-1-2021.txt", lines)).release
    assert (release.release, release.valid_from) == ("FY2021, January 2021", date(2021, 1, 1))
    with pytest.raises(ReadError, match="an update of FY2021, and its month stands only in the file name"):
        icd10cm_addenda.read(put(tmp_path, "addenda-2021.txt", lines))


def test_nothing_changed(tmp_path: Path) -> None:
    file = put(tmp_path, "icd10cm-order-addenda-April-1-2026.txt", NOTHING)
    assert icd10cm_addenda.sniff(file.head())
    with pytest.raises(RefusedError, match="says that no code changed"):
        icd10cm_addenda.read(file)


OTHERS = [
    ("", "nothing"),
    ("Add:         0016071 Invented bypass\n", "addenda of ICD-10-PCS"),
    ("Add:         1 0016071 Invented bypass\n", "addenda of the PCS order file"),
    ("Codes\n  10 codes in icd10pcs_order_2022.txt\n", "addenda of PCS without changes"),
    ("A000    Invented fever\n", "code file"),
    ("Action\tCode\n", "a table"),
    ("Add: something to the list\n", "prose"),
]


@pytest.mark.parametrize(("head", "why"), OTHERS)
def test_other_formats_are_left_alone(head: str, why: str) -> None:
    assert not icd10cm_addenda.sniff(head.encode()), why


FAULTS = [
    (ORDER.replace("1 additions", "3 additions"), "1 additions of codes, the totals say 3"),
    (ORDER.replace("Revise to:   1 C8440", "Revise to:   1 C8441"), r":7: C84.41: .* come in pairs"),
    (order("Revise from:", 1, "C8440", "Invented"), r":1: C84.40: 'Revise from' without 'Revise to'"),
    (order("Add:", 1, "B3731", "Invented") + codes("Add:", "B3732", "Invented"), r":2: .*with and without a billable flag"),
    (order("Add:", 1, "B3731", "Invented") + "something else\n", r":2: 'something else' is no line of addenda"),
    (CODES + codes("Add:", "B3732", "Invented"), "stands behind the totals"),
    (codes("Add:", "B3-31", "Invented") + codes("Add:", "B3731", "Invented"), r":1: "),
]


@pytest.mark.parametrize(("content", "message"), FAULTS)
def test_faults_are_told(content: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=message):
        changes(put(tmp_path, "icd10cm-order-addenda-2023.txt", content))


LISTED = ["A000", "B3731", "C7A010", "M1A0110", "QA00101", "T407X1A"]


@given(rows=st.lists(st.tuples(st.sampled_from(["Add:", "Delete:"]), st.sampled_from(LISTED)), min_size=1, unique_by=lambda row: row[1]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_additions_and_deletions_come_back(rows: list[tuple[str, str]], tmp_path: Path) -> None:
    names = {"Add:": "added", "Delete:": "deleted"}
    wanted = [(dotted(code), names[action]) for action, code in rows]
    for content in ("".join(codes(a, c, "Invented") for a, c in rows), "".join(order(a, 1, c, "Invented") for a, c in rows)):
        assert [change[:2] for change in changes(put(tmp_path, "icd10cm-addenda-2023.txt", content))] == wanted


@given(content=st.binary(max_size=200), at=st.integers(0, 1500))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_any_bytes_give_rows_or_a_read_error(content: bytes, at: int, tmp_path: Path) -> None:
    whole = ORDER.encode()
    file = put(tmp_path, "icd10cm-order-addenda-2023.txt", whole[:at] + content + whole[at:])
    with suppress(ReadError):
        changes(file)


def test_the_official_files(data: Path) -> None:
    found = {}
    for series, total in (("order", 2_082), ("codes", 1_491)):
        file = OfficialFile(data / "icd10cm" / f"icd10cm-{series}-addenda-2023.txt")
        assert icd10cm_addenda.sniff(file.head())
        found[series] = changes(file)
        assert len(found[series]) == total
    assert Counter(action for _, action, _, _ in found["codes"]) == {"added": 1_176, "deleted": 251, "not billable": 36, "revised": 28}
    both = {series: {(code, action) for code, action, _, _ in rows} for series, rows in found.items()}
    assert both["codes"] <= both["order"]
    lines = (data / "icd10cm" / "icd10cm-codes-addenda-2023.txt").read_text(encoding="utf-8").splitlines()
    added = {line[13:20].strip(): line[21:].strip() for line in lines if line.startswith("Add:")}
    by_code = {code.replace(".", ""): after for code, action, _, after in found["codes"] if action == "added"}
    assert len(added) == len(by_code)
    for code in random.Random(1).sample(sorted(added), 300):
        assert by_code[code] == added[code]
