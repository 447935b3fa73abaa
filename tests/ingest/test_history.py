from __future__ import annotations

from datetime import date

from ingest.history import Listing, Snapshot, baseline, changes


def snapshot(release: str, year: int, whole: bool = True, **listings: tuple[str, str, str]) -> Snapshot:
    return Snapshot(release, date(year, 10, 1), {code.strip("c"): Listing(*values) for code, values in listings.items()}, whole)


A = ("A", "000", "Invented one")


def events(*snapshots: Snapshot) -> list[tuple[str, int, str, str]]:
    return [(change.code, change.date.year, change.event, change.text) for change in changes(list(snapshots))]


def test_first_and_last_seen() -> None:
    found = events(
        snapshot("RVU20D", 2020, c10000=A),
        snapshot("RVU21D", 2021, c10000=A, c20000=A),
        snapshot("RVU22D", 2022, c20000=A),
    )
    assert found == [
        ("10000", 2021, "last seen", "Last listed in RVU21D; RVU22D no longer has it."),
        ("20000", 2021, "first seen", "First listed in RVU21D; not in RVU20D."),
    ]


def test_being_in_the_earliest_release_is_no_first_listing() -> None:
    alone = snapshot("RVU26C", 2026, c10000=A)
    assert events(alone) == []
    assert events(snapshot("RVU20D", 2020, whole=False), alone) == []  # a partial release does not show that it was missing
    assert [(c.code, c.text) for c in baseline([alone])] == [("10000", "Listed in RVU26C, the earliest fee schedule compared.")]


def test_changes_of_status_global_days_and_descriptor() -> None:
    found = events(
        snapshot("RVU21D", 2021, c10000=("I", "090", "Invented two")),
        snapshot("RVU20D", 2020, c10000=A),  # the order given does not matter
    )
    assert found == [
        ("10000", 2021, "global days", "Global days 000 to 090 between RVU20D and RVU21D."),
        ("10000", 2021, "revised", "Short descriptor changed between RVU20D and RVU21D."),
        ("10000", 2021, "status", "Status A to I between RVU20D and RVU21D."),
    ]
    assert not any("Invented" in text for *_, text in found)


def test_blanks_and_case_are_no_revision_and_an_unknown_descriptor_tells_nothing() -> None:
    rewritten = ("A", "000", "INVENTED  ONE")
    unknown = ("A", "000", "")
    found = events(snapshot("RVU20D", 2020, c10000=A), snapshot("RVU21D", 2021, c10000=rewritten), snapshot("RVU22D", 2022, c10000=unknown))
    assert [event for _, _, event, _ in found] == []


def test_a_partial_release_does_not_show_that_a_code_is_missing() -> None:
    found = events(
        snapshot("RVU20D", 2020, c10000=A),
        snapshot("RVU21D", 2021, whole=False, c20000=A),
        snapshot("RVU22D", 2022, c10000=A, c20000=A),
    )
    assert [(code, event) for code, _, event, _ in found] == [("20000", "first seen")]


def test_a_code_that_comes_back() -> None:
    gone = snapshot("RVU21D", 2021)
    found = events(snapshot("RVU20D", 2020, c10000=A), gone, snapshot("RVU22D", 2022, c10000=A))
    assert [(year, event) for _, year, event, _ in found] == [(2020, "last seen"), (2022, "first seen")]
