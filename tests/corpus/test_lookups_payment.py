from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path

import pytest

from corpus.lookups.payment import Payment
from corpus.model import SourceKind
from corpus.shelf import Shelf
from tests.corpus.small import Row, made, source

Open = Callable[..., Payment]
IN_2025, IN_2026 = date(2025, 6, 1), date(2026, 6, 1)


def of_series(row: Row, series: str) -> Row:
    return row | {"series": series, "key": f"{row['key']}/{series}"}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """The room over an edition with the rows given."""
    shelves: list[Shelf] = []

    def open_with(*sources: Row, **tables: Iterable[Row]) -> Payment:
        shelves.append(Shelf(made(tmp_path / str(len(shelves)), source=sources, **tables)))
        return Payment(shelves[-1])

    yield open_with
    for shelf in shelves:
        shelf.close()


def gpci(source: int, work: float = 1.0, bare: float | None = None) -> Row:
    return {"contractor": "10112", "locality": "00", "source": source, "state": "AL", "name": "INVENTED", "work": work, "work_without_floor": bare,
            "pe": 0.9, "malpractice": 0.6}  # fmt: skip


def test_indices_are_picked_by_year(opened: Open) -> None:
    room = opened(
        source(1, SourceKind.GPCI, "2025", "2025-01-01", "2025-12-31"),
        source(2, SourceKind.GPCI, "2026", "2026-01-01", "2026-12-31"),
        gpci=[gpci(1, 1.01), gpci(2, 1.02, 0.98)],
    )
    one, two, three = (room.gpci("10112", "00", on) for on in (IN_2025, IN_2026, date(2027, 1, 1)))
    assert one.value
    assert (one.value.work, one.value.work_without_floor, one.value.source.release) == (1.01, None, "2025")
    assert two.value
    assert (two.value.work, two.value.work_without_floor) == (1.02, 0.98)
    assert not three.covered
    assert three.value is None
    assert three.nearest
    assert three.nearest.release == "2026"


def test_a_locality_that_is_not_listed_is_told_apart_from_no_data(opened: Open) -> None:
    room = opened(source(1, SourceKind.GPCI, "2025", "2025-01-01", "2025-12-31"), gpci=[gpci(1)])
    missing = room.gpci("10112", "99", IN_2025)
    assert missing.covered
    assert missing.value is None
    empty = opened().gpci("10112", "00", IN_2025)
    assert not empty.covered
    assert empty.nearest is None


def locality(contractor: str, number: str, state: str, counties: str = "ALL COUNTIES", position: int = 1) -> Row:
    return {"contractor": contractor, "locality": number, "position": position, "source": 1, "state": state, "name": "INVENTED", "counties": counties}


def test_localities_of_a_state_with_their_counties(opened: Open) -> None:
    room = opened(
        source(1, SourceKind.LOCALITY, "2025", "2025-01-01", "2025-12-31"),
        locality=[locality("01212", "01", "HI GU"), locality("09102", "03", "FL", "ONE"), locality("09102", "03", "FL", "TWO", 2)],
    )
    assert [x.counties for x in room.localities(IN_2025, "FL").value or ()] == ["ONE", "TWO"]
    assert [x.states for x in room.localities(IN_2025, "gu").value or ()] == [("HI", "GU")]
    assert len(room.localities(IN_2025).value or ()) == 3
    assert [x.counties for x in room.counties("09102", "03", IN_2025).value or ()] == ["ONE", "TWO"]
    later = room.localities(IN_2026, "TX")
    assert later.covered
    assert later.stale
    assert later.value is None


@pytest.mark.parametrize("written", ["99501", "99501-1234", " 99501 "])
def test_zip_codes(opened: Open, written: str) -> None:
    row = {"zip": "99501", "source": 1, "state": "AK", "contractor": "02102", "locality": "01", "rural": "R", "plus_four": 1}
    room = opened(source(1, SourceKind.ZIP_CODE, "2025Q4", "2025-10-01", "2025-12-31"), zip_code=[row])
    (found,) = room.locality_of_zip(written, date(2025, 11, 1)).value or ()
    assert (found.contractor, found.locality, found.rural, found.plus_four) == ("02102", "01", "R", True)
    assert room.locality_of_zip("00000", date(2025, 11, 1)).value is None
    assert not room.locality_of_zip(written, date(2025, 9, 30)).covered


def test_anesthesia_factors_and_the_factor_of_qualifying_participants(opened: Open) -> None:
    row = {"contractor": "10112", "locality": "00", "source": 1, "name": "INVENTED", "factor": 19.6, "factor_qpp": 19.7}
    room = opened(
        source(1, SourceKind.ANESTHESIA_FACTOR, "2026", "2026-01-01", "2026-12-31"),
        source(2, SourceKind.QPP_FACTOR, "RVU26A", "2026-01-01", "2026-12-31"),
        anesthesia_factor=[row],
        qpp_factor=[{"source": 2, "factor": 33.5675}],
    )
    found = room.anesthesia_factor("10112", "00", IN_2026).value
    assert found
    assert (found.factor, found.factor_qpp) == (19.6, 19.7)
    assert room.qpp_factor(IN_2026).value == 33.5675
    assert not room.qpp_factor(IN_2025).covered


def test_the_opps_cap_by_code_modifier_and_locality(opened: Open) -> None:
    row = {
        "code": "71046",
        "modifier": "TC",
        "contractor": "10112",
        "locality": "00",
        "source": 1,
        "status": "A",
        "facility": 20.5,
        "nonfacility": 21.5,
    }
    room = opened(source(1, SourceKind.OPPS_CAP, "RVU25B", "2025-04-01", "2025-12-31"), opps_cap=[row])
    found = room.opps_cap("71046", "TC", "10112", "00", IN_2025).value
    assert found
    assert (found.facility, found.nonfacility) == (20.5, 21.5)
    assert room.opps_cap("71046", "", "10112", "00", IN_2025).value is None


def opps(source: int, status: str) -> Row:
    return {"code": "63044", "source": source, "descriptor": "", "status": status, "apc": "", "weight": None, "rate": None, "copayment": None,
            "minimum_copayment": None, "note": ""}  # fmt: skip


def test_status_indicators_by_quarter(opened: Open) -> None:
    room = opened(
        source(1, SourceKind.OPPS, "2026Q1", "2026-01-01", "2026-03-31"),
        source(2, SourceKind.OPPS, "2026Q2", "2026-04-01", "2026-06-30"),
        opps=[opps(1, "E1"), opps(2, "N")],
    )
    answers = [room.opps("63044", on) for on in (date(2026, 2, 1), date(2026, 6, 30), date(2026, 7, 1))]
    assert [(answer.value.status, answer.stale) for answer in answers if answer.value] == [("E1", False), ("N", False), ("N", True)]


def asc(code: str, source: int, addendum: str) -> Row:
    return {"code": code, "source": source, "addendum": addendum, "descriptor": "", "discounted": "Y", "indicator": "G2", "weight": 1.5, "rate": 99.5}


AA = of_series(source(1, SourceKind.ASC, "2026Q2", "2026-04-01", "2026-06-30"), "AA")
BB = of_series(source(2, SourceKind.ASC, "2026Q2", "2026-04-01", "2026-06-30"), "BB")


def test_surgery_center_rates_from_either_addendum(opened: Open) -> None:
    room = opened(AA, BB, asc=[asc("63047", 1, "AA"), asc("J0000", 2, "BB")])
    found = [room.asc(code, IN_2026).value for code in ("63047", "J0000")]
    assert [(rate.addendum, rate.rate) for rate in found if rate] == [("AA", 99.5), ("BB", 99.5)]
    missing = room.asc("99999", IN_2026)
    assert missing.covered
    assert missing.value is None


def test_one_addendum_alone_does_not_say_that_a_code_is_on_neither(opened: Open) -> None:
    room = opened(AA, asc=[asc("63047", 1, "AA")])
    assert room.asc("63047", IN_2026).value
    assert not room.asc("J0000", IN_2026).covered


def test_places_of_service(opened: Open) -> None:
    row = {"code": "11", "source": 1, "name": "Invented", "facility": "N"}
    room = opened(source(1, SourceKind.PLACE_OF_SERVICE, "2022", "2022-01-01", "2023-09-30"), place_of_service=[row])
    found = room.place_of_service("11", IN_2026)
    assert found.value
    assert (found.value.facility, found.stale) == ("N", True)
    assert room.place_of_service("27", IN_2026).value is None


def test_contractors_of_a_state(opened: Open) -> None:
    rows = [{"id": name, "state": "AL", "source": 1, "name": "Invented", "kind": kind, "jurisdiction": name} for name, kind in
            (("DME C", "DME MAC"), ("JJ", "A/B MAC"))]  # fmt: skip
    room = opened(source(1, SourceKind.CONTRACTOR, "2026-03-01", "2026-03-01"), contractor=rows)
    assert [(x.id, x.kind) for x in room.contractors_of_state("al", IN_2026).value or ()] == [("JJ", "A/B MAC"), ("DME C", "DME MAC")]
    assert not room.contractors_of_state("AL", IN_2025).covered
