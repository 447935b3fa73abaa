"""What is a code: its page, its facts on a date, one section of it, an entry of ICD-10-CM."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from assistant.answer import Status
from corpus.model import Setting
from tests.assistant.said import broken_promises, evidence, statement

if TYPE_CHECKING:
    from assistant.chain import Assistant


def test_a_code_with_its_facts(assistant: Assistant) -> None:
    """63044 in RVU26C, the MUE of 2026-04-01 and the add-on edits of 2026Q3."""
    answer = assistant.ask("What is CPT code 63044?")
    facts = {
        "^Status C: Carrier-priced": "status C",
        "^Global period ZZZ:": "global days ZZZ",
        "^Bilateral 1:": "bilateral 1",
        "^Assistant at surgery 2:": "assistant 2",
        "^Co-surgeons 2:": "co-surgeons 2",
        "^Team surgery 0:": "team 0",
    }
    for words, column in facts.items():
        row = evidence(answer, words)[0]
        assert (row.source.release, row.locator) == ("RVU26C", "row 63044")
        assert f" {column} |" in row.excerpt
    assert "63044 is an add-on code to 63042: never report it alone" in answer.text
    assert "MUE: 4 units (practitioner), MAI 2." in answer.text
    assert "Anatomic Consideration" in evidence(answer, "^MUE")[0].excerpt
    for day in ("2001-01-01", "2007-01-01", "2011-01-01"):
        assert evidence(answer, f"^{day}:")
    assert "RVUs:" not in answer.text  # the contractor prices it: all are 0.00
    assert not broken_promises(answer)


ALL_RELEASES = {"RVU20D", "RVU21D", "RVU22D", "RVU23D", "RVU24C", "RVU25D", "RVU26C"}
# work RVU and total non-facility of 99213, in each year's file
RVUS = [
    (date(2020, 11, 15), "RVU20D", "work 0.97"),
    (date(2021, 11, 15), "RVU21D", "work 1.30"),
    (date(2022, 11, 15), "RVU22D", "work 1.30"),
    (date(2023, 11, 15), "RVU23D", "work 1.30"),
    (date(2024, 8, 1), "RVU24C", "work 1.30"),
    (date(2025, 11, 15), "RVU25D", "work 1.30"),
    (date(2026, 7, 1), "RVU26C", "work 1.30, total 2.85 non-facility, 1.72 facility; conversion factor 33.4009"),
    (date(2026, 12, 31), "RVU26C", "work 1.30, total 2.85 non-facility"),
]


@pytest.mark.parametrize(("on", "release", "values"), RVUS)
def test_the_release_of_the_date(on: date, release: str, values: str, assistant: Assistant) -> None:
    answer = assistant.ask("What is 99213?", date=on)
    assert answer.date_of_service == on
    assert values in statement(answer, "^RVUs").text
    assert evidence(answer, "^RVUs")[0].source.release == release
    assert {c.evidence.source.release for c in answer.citations if c.evidence.locator.startswith("row 99213")} & ALL_RELEASES == {release}


NO_RELEASE = [
    (date(2015, 6, 1), "RVU20D (2020-10-01 to 2020-12-31)"),  # before the first
    (date(2020, 9, 30), "RVU20D (2020-10-01 to 2020-12-31)"),
    (date(2021, 1, 1), "RVU20D (2020-10-01 to 2020-12-31)"),  # a year's RVUs end with the year
    (date(2021, 9, 1), "RVU21D (2021-10-01 to 2021-12-31)"),  # between releases, nearer to the later one
    (date(2027, 1, 1), "RVU26C (2026-07-01 to 2026-12-31)"),  # after the last
]


@pytest.mark.parametrize(("on", "nearest"), NO_RELEASE)
def test_a_date_without_a_release_names_the_nearest(on: date, nearest: str, assistant: Assistant) -> None:
    answer = assistant.ask("What is 99213?", date=on)
    assert f"for {on}: the nearest release loaded is {nearest}" in statement(answer, "^No data on 99213 in the fee schedule").text
    assert not [s for s in answer.statements if s.text.startswith(("RVUs", "Status "))]


def test_a_date_in_the_words_outweighs_the_one_chosen(assistant: Assistant) -> None:
    answer = assistant.ask("What is 99213 on 2020-11-15?", date=date(2026, 7, 1))
    assert answer.date_of_service == date(2020, 11, 15)
    assert "work 0.97" in answer.text


def test_the_setting_chooses_the_mue(assistant: Assistant) -> None:
    assert "MUE: 4 units (practitioner)" in assistant.ask("What is 96372?").text
    assert "MUE: 5 units (facility)" in assistant.ask("What is 96372?", setting=Setting.FACILITY).text


ASPECTS = [
    ("What are the steps of 63042?", "Steps"),
    ("What happens after surgery 63042, recovery?", "Afterwards"),
    ("What must the documentation for 63042 show?", "What the record must show"),
    ("How is 63042 billed?", "Billing"),
    ("Which diagnoses support 63042?", "Likely diagnoses"),
    ("When is it used, the indications of 63042?", "When it is used"),
]


@pytest.mark.parametrize(("text", "heading"), ASPECTS)
def test_one_section_of_a_page(text: str, heading: str, assistant: Assistant) -> None:
    answer = assistant.ask(text)
    assert {s.heading for s in answer.statements if s.heading} == {heading}
    assert not broken_promises(answer)


def test_a_section_is_whole_and_the_page_shows_its_beginning(assistant: Assistant) -> None:
    page = assistant.codebook.page("63042")
    assert page
    assert len(page.billing) > 5
    shown = [s for s in assistant.ask("What is 63042?").statements if s.heading == "Billing"]
    whole = [s for s in assistant.ask("How is 63042 billed?").statements if s.heading == "Billing"]
    assert (len(shown), len(whole)) == (5, len(page.billing))


def test_a_code_without_a_page_gets_facts_and_no_meaning(assistant: Assistant) -> None:
    """33533 has no page: any words for it would be invented."""
    answer = assistant.ask("What is 33533?")
    assert "no page that describes it" in answer.statements[0].text
    assert "Global period 090" in answer.text
    assert not {"coronary", "graft", "artery", "arterial", "cabg"} & set(answer.text.lower().split())


def test_several_codes_come_in_short(assistant: Assistant) -> None:
    answer = assistant.ask("63042, 63044, 99999")
    assert [c.code for c in answer.codes] == ["63042", "63044"]
    assert not [s for s in answer.statements if s.text.startswith("RVUs")]
    assert statement(answer, "no data on 99999").heading == ""


def test_a_diagnosis_with_the_notes_that_govern_it(assistant: Assistant) -> None:
    answer = assistant.ask("What is E11.42?")
    assert answer.statements[0].text.endswith("(billable).")
    assert "(note at E11)" in statement(answer, "Z79.4").text  # from the category
    assert evidence(answer, "Z79.4")[0].locator == "E11, use additional note"
    assert not broken_promises(answer)


def test_a_diagnosis_that_is_not_billable_names_its_children(assistant: Assistant) -> None:
    answer = assistant.ask("M54.5")
    assert answer.statements[0].text == "ICD-10-CM M54.5: Low back pain (not billable)."
    under = [s.text.split()[0] for s in answer.statements if s.heading == "More specific codes"]
    assert under == ["M54.50", "M54.51", "M54.59"]


def test_without_a_code_it_asks_back(assistant: Assistant) -> None:
    answer = assistant.ask("What is a CPT code?")
    assert answer.status is not Status.ANSWERED or answer.citations


@pytest.mark.parametrize(
    ("code", "said"),
    [("99201", "last stands in the fee schedule of RVU20D"), ("63052", "[Nn]ot yet: .* first stands in the fee schedule of RVU22D")],
)
def test_a_code_outside_its_years_is_said_to_be_gone_or_not_there_yet(code: str, said: str, assistant: Assistant) -> None:
    answer = assistant.ask(f"What is {code}?", date=date(2021, 11, 1))
    assert evidence(answer, said)
    assert "not among the codes that ship" not in answer.text
