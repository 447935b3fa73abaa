"""Answers on what changed in a code set, over the default edition: ICD-10-CM of FY2023 is the one whose addenda it holds."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from assistant.answer import Status
from tests.assistant.said import broken_promises, evidence

if TYPE_CHECKING:
    from assistant.chain import Assistant

FY2023 = ("1,176 added", "292 categories added", "251 deleted", "36 became a category", "35 revised")


def test_counts_lists_and_the_whole_table(assistant: Assistant) -> None:
    answer = assistant.ask("What changed in ICD-10-CM FY2023")
    assert answer.status is Status.ANSWERED
    assert all(count in answer.statements[0].text for count in FY2023)
    assert "FY2023 (2022-10-01 to 2023-09-30)" in answer.statements[0].text
    added = [s for s in answer.statements if s.heading == "ICD-10-CM: Added (1,176)"]
    assert len(added) == 21
    assert added[-1].text == "and 1,156 more; the table beside lists all 1,176."
    assert evidence(answer, "^B37.31: ")[0].source.release == "FY2023"
    (table,) = answer.tables
    assert len(table.rows) == 1176 + 292 + 251 + 36 + 35
    assert table.columns == ("Change", "Code", "Title", "From", "Release")
    assert not broken_promises(answer)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("new codes in FY2023", FY2023[:2]),
        ("which ICD-10-CM codes were deleted on October 1, 2022", (FY2023[2], FY2023[3])),
        ("revised ICD-10-CM codes in FY2023", FY2023[4:]),
        ("2023 ICD-10-CM code changes", FY2023),  # the code set of a year is that of its fiscal year
        ("what's new in ICD-10-CM?", FY2023[:2]),  # the newest addenda
    ],
)
def test_what_is_asked_for(text: str, counts: tuple[str, ...], assistant: Assistant) -> None:
    told = assistant.ask(text).statements[0].text
    assert [count in told for count in FY2023] == [count in counts for count in FY2023]


def test_a_deleted_code_is_named_though_no_list_has_it(assistant: Assistant) -> None:
    answer = assistant.ask("which codes were deleted on October 1, 2022")
    assert any(s.text.startswith("O35.0XX0") for s in answer.statements)


def test_a_family(assistant: Assistant) -> None:
    answer = assistant.ask("new dementia codes in FY2023")
    assert answer.statements[0].text.startswith("ICD-10-CM in FY2023 (2022-10-01 to 2023-09-30) for “dementia”: ")
    assert {row[1][:3] for row in answer.tables[0].rows} <= {"F01", "F02", "F03", "F06"}
    none = assistant.ask("new diabetes codes in FY2023")
    assert "for “diabetes”: none of the 1,468 changes that are loaded." in none.text


def test_what_is_not_loaded_is_said_with_what_to_load(assistant: Assistant) -> None:
    for text, command in (("What changed in ICD-10-CM FY2025", "icd10cm"), ("what is new in HCPCS 2019", "hcpcs"), ("deleted CPT codes 2024", "pfs")):
        answer = assistant.ask(text)
        assert answer.status is Status.NO_DATA
        assert f"`python -m ingest fetch {command}`" in answer.text


def test_a_day_chosen_beside_the_text(assistant: Assistant) -> None:
    assert "FY2023" in assistant.ask("what's new in ICD-10-CM?", date=date(2022, 11, 1)).statements[0].text
    assert assistant.ask("what's new in ICD-10-CM?", date=date(2024, 11, 1)).status is Status.NO_DATA
