from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from corpus.editions import current
from corpus.rows import to_source
from corpus.shelf import INCOMPLETE, is_partial
from ingest.build import IngestError, Result, add, remove, status
from ingest.readers.base import ReadError
from ingest.store import reading
from tests.ingest.official import add_on_line, archive, derived_ptp, fee_row, fee_schedule, mue, ptp, put
from tests.ingest.texts import write

FEES = fee_schedule([fee_row("99213"), fee_row("63044", glob="ZZZ", status="C"), fee_row("45378"), fee_row("45378", "53")])
MUE = "MCR_MUE_PractitionerServices_Eff_04-01-2026.csv"
PTP = [
    ("20610", "99213", "2019-12-31", 1, "Standards"),
    ("20610", "99213", "9999-12-31", 1, "Standards"),
    ("45380", "45378", "9999-12-31", 0, "More"),
]


pytestmark = pytest.mark.usefixtures("edition")


def rows(query: str, *values: object) -> list[tuple[Any, ...]]:
    with reading(current().database) as db:
        return db.execute(query, values).fetchall()


def load(*paths: Path) -> Result:
    """Add files beside a small shipped folder, whose facts are of RVU25D, 2026Q2, 2026Q3 and 2024Q3."""
    return add(list(paths), folder=write(paths[0].parent / "shipped"))


def test_each_kind_goes_to_its_table(tmp_path: Path) -> None:
    result = load(
        put(tmp_path, "fees.csv", FEES),
        put(tmp_path, MUE, mue([("63044", 4, "2 Date of Service Edit: Policy", "Anatomic Consideration")])),
        put(tmp_path, "AOC_V2026Q3.txt", add_on_line(1, "63044", "63042")),
        put(tmp_path, "ptp_practitioner_2024Q3.csv.gz", derived_ptp(PTP)),
        put(tmp_path, "ccioph-v302r0.txt", ptp([("45380", "45378", "20200101", "*", "0", "More")])),
    )
    assert [(item.source, item.rows) for item in result.loaded] == [
        ("ptp/facility/2024Q3", 1),
        ("ptp/practitioner/2024Q3", 3),
        ("fee-schedule/RVU25D", 4),
        ("mue/practitioner/2026Q2", 1),
        ("add-on/2026Q3", 1),
    ]
    assert rows("SELECT status, global_days FROM fee WHERE code = '63044'") == [("C", "ZZZ")]
    assert rows("SELECT code, setting, units, mai FROM mue") == [("63044", 1, 4, 2)]
    assert rows('SELECT add_on, "primary", effective, deleted FROM add_on') == [("63044", "63042", 20130401, 99991231)]
    query = "SELECT setting, column1, deleted, indicator, text FROM ptp JOIN rationale r ON r.id = rationale ORDER BY setting, column1, deleted"
    assert rows(query) == [
        (1, "20610", 20191231, 1, "Standards"), (1, "20610", 99991231, 1, "Standards"), (1, "45380", 99991231, 0, "More"),
        (2, "45380", 99991231, 0, "More"),
    ]  # fmt: skip
    listed = {row["key"]: row for row in status()}
    assert listed["fee-schedule/RVU25D"]["valid_from"] == 20251001
    assert listed["ptp/practitioner/2024Q3"]["rows"] == 3


def test_the_same_release_is_replaced_not_doubled(tmp_path: Path) -> None:
    for limit in (1, 2):
        load(put(tmp_path, "fees.csv", FEES), put(tmp_path, MUE, mue([("63044", limit, "2 Policy", "Anatomic")])))
    load(put(tmp_path, MUE, mue([("63042", 1, "2 Policy", "Anatomic")])))
    assert rows("SELECT count(*) FROM fee") == [(4,)]
    assert rows("SELECT code, units FROM mue") == [("63042", 1)]
    assert rows("SELECT count(*) FROM source") == [(2,)]


def test_releases_lie_side_by_side(tmp_path: Path) -> None:
    load(put(tmp_path, "a.csv", FEES), put(tmp_path, "b.csv", fee_schedule([fee_row("99213", work="9.00")], 2026, "July")))
    query = "SELECT s.release, f.work FROM fee f JOIN source s ON s.id = f.source WHERE code = '99213' ORDER BY 1"
    assert rows(query) == [("RVU25D", 1.3), ("RVU26C", 9.0)]


def test_codes_descriptors_and_history_follow_the_fee_schedules(tmp_path: Path) -> None:
    load(put(tmp_path, "a.csv", fee_schedule([fee_row("99213"), fee_row("63042")])))
    load(put(tmp_path, "b.csv", fee_schedule([fee_row("99213", descriptor="Renamed visit"), fee_row("G2211")], 2026, "July")))
    assert rows("SELECT system, code, title FROM code ORDER BY code") == [
        ("CPT", "63042", "Invented 63042"), ("CPT", "99213", "Renamed visit"), ("HCPCS", "G2211", "Invented G2211"),
    ]  # fmt: skip
    assert rows("SELECT code, date, event FROM event WHERE code <> '10001' ORDER BY code, date, event") == [
        ("63042", 20251001, "last seen"),
        ("99213", 20260701, "revised"),
        ("G2211", 20260701, "first seen"),
    ]
    match = "SELECT p.key, p.digest FROM passage_text JOIN passage p ON p.id = passage_text.rowid WHERE passage_text MATCH ?"
    assert rows(match, "renamed") == [("title/CPT/99213", None)]
    assert rows(match, "invented AND 99213") == []  # the older descriptor is not found any more


def test_codes_of_limits_and_add_on_edits_come_from_the_newest_release(tmp_path: Path) -> None:
    newer, older = (put(tmp_path, f"AOC_V{year}Q3.txt", add_on_line(1, "63044", "63042") + add_on_line(2, "63044", "CCCCC")) for year in (2026, 2024))
    load(newer, older)  # the older one gets the higher number
    query = "SELECT c.code, s.release FROM code c JOIN source s ON s.id = c.source ORDER BY 1"
    assert rows(query) == [("63042", "2026Q3"), ("63044", "2026Q3")]


def test_an_archive_gives_what_is_known_and_lists_the_rest(tmp_path: Path) -> None:
    members: dict[str, str | bytes] = {"PPRRVU.csv": FEES, "PPRRVU.txt": "HDR x\n", "GPCI.csv": "MAC,State\n", "RVU25D.xlsx": b"PK\x03\x04"}
    result = load(archive(tmp_path, "rvu25d.zip", members), put(tmp_path, "notes.txt", "hello"))
    assert [item.source for item in result.loaded] == ["fee-schedule/RVU25D"]
    reasons = dict(result.unknown)
    assert reasons["notes.txt"] == "no reader knows its content"
    assert reasons["rvu25d.zip/PPRRVU.txt"] == "no reader knows its content"
    assert reasons["rvu25d.zip/RVU25D.xlsx"].startswith("the packed file is damaged")
    assert "rvu25d.zip/GPCI.csv" in reasons


def test_nothing_known_makes_no_edition(tmp_path: Path) -> None:
    before = current()
    assert load(put(tmp_path, "notes.txt", "hello")).loaded == []
    assert current() == before


def test_labels_without_rows_are_listed_and_change_nothing(tmp_path: Path) -> None:
    before = current()
    result = load(put(tmp_path, "ccipra-v322r0.txt", ptp([])))
    assert result.unknown == [("ccipra-v322r0.txt", "labels and no row in it; is it cut off?")]
    assert current() == before


def test_a_damaged_file_leaves_the_edition_as_it_was(tmp_path: Path) -> None:
    load(put(tmp_path, "fees.csv", FEES))
    before = current()
    bad = ptp([("20610", "99213", "20200101", "*", "7", "x")])
    with pytest.raises(ReadError, match="ccipra"):
        load(put(tmp_path, "ok.csv", FEES.replace("October", "July")), put(tmp_path, "ccipra-v322r0.txt", bad))
    assert current() == before
    assert rows("SELECT key FROM source") == [("fee-schedule/RVU25D",)]
    assert [path.name for path in before.path.parent.glob(".building-*")] == []


class TestParts:
    """CMS publishes a quarter of PTP edits in several files."""

    ONE = ptp([("0001A", "0591T", "20220101", "*", "1", "x"), ("20610", "99213", "20150101", "*", "1", "x")])
    TWO = ptp([("20610", "J1100", "20150101", "*", "1", "x"), ("63042", "69990", "20150101", "*", "0", "x")])
    THREE = ptp([("63044", "99213", "20150101", "*", "1", "x"), ("U0003", "U0004", "20200101", "*", "0", "x")])

    @staticmethod
    def name(part: int) -> str:
        return f"ccipra-v322r0-f{part}.txt"

    @staticmethod
    def source() -> dict[str, Any]:
        (row,) = [row for row in status() if row["key"] == "ptp/practitioner/2026Q3"]
        return row

    def test_parts_add_up_and_the_release_is_whole_only_with_all(self, tmp_path: Path) -> None:
        load(put(tmp_path, self.name(1), self.ONE))
        assert self.source()["file"] == self.name(1) + INCOMPLETE
        load(put(tmp_path, self.name(3), self.THREE))
        assert self.source()["file"].endswith(INCOMPLETE)  # part 2 is missing
        load(put(tmp_path, self.name(2), self.TWO))
        assert self.source()["file"] == ", ".join(self.name(part) for part in (1, 2, 3))
        assert self.source()["rows"] == 6
        assert rows("SELECT count(*) FROM ptp") == [(6,)]

    def test_parts_without_the_last_are_incomplete(self, tmp_path: Path) -> None:
        load(put(tmp_path, self.name(1), self.ONE), put(tmp_path, self.name(2), self.TWO))
        assert self.source()["file"].endswith(INCOMPLETE)

    def test_a_part_loaded_again_replaces_its_own_range(self, tmp_path: Path) -> None:
        load(*(put(tmp_path, self.name(n), part) for n, part in enumerate((self.ONE, self.TWO, self.THREE), start=1)))
        load(put(tmp_path, self.name(2), ptp([("20610", "J1100", "20150101", "*", "0", "x"), ("63042", "69990", "20150101", "*", "0", "x")])))
        assert self.source()["rows"] == 6
        query = "SELECT column1, column2, indicator FROM ptp ORDER BY 1, 2"
        assert rows(query)[1:4] == [("20610", "99213", 1), ("20610", "J1100", 0), ("63042", "69990", 0)]


class TestRemove:
    """Taking a source out again."""

    def test_rows_go_with_their_source(self, tmp_path: Path) -> None:
        load(
            put(tmp_path, "old.csv", fee_schedule([fee_row("99213")], 2019)),
            put(tmp_path, MUE.replace("2026", "2019"), mue([("63044", 4, "2 P", "x")])),
        )
        remove("fee-schedule/RVU19D")
        assert rows("SELECT count(*) FROM fee") == [(0,)]
        assert rows("SELECT key FROM source") == [("mue/practitioner/2019Q2",)]
        assert rows("SELECT code FROM code") == [("63044",)]  # known by its MUE alone
        assert rows("SELECT count(*) FROM event") == [(0,)]

    def test_shipped_rows_of_the_release_come_back(self, tmp_path: Path) -> None:
        load(put(tmp_path, "fees.csv", FEES))
        remove("fee-schedule/RVU25D", write(tmp_path / "shipped"))
        (row,) = [row for row in status() if row["key"] == "fee-schedule/RVU25D"]
        assert (row["file"], row["rows"]) == ("shipped facts", 3)
        assert rows("SELECT code FROM fee") == [("00001",), ("10001",), ("10002",)]
        with pytest.raises(IngestError, match="comes with the program"):
            remove("fee-schedule/RVU25D", write(tmp_path / "shipped"))

    @pytest.mark.parametrize("key", ["fee-schedule/RVU11A", "shipped/codebook", "nonsense"])
    def test_what_was_not_loaded_cannot_go(self, key: str) -> None:
        with pytest.raises(IngestError, match=key):
            remove(key)


def test_shipped_facts_are_partial_and_a_loaded_file_is_not(tmp_path: Path) -> None:
    load(put(tmp_path, "fees.csv", FEES))
    with reading(current().database) as db:
        db.row_factory = sqlite3.Row
        (source,) = [to_source(dict(row)) for row in db.execute("SELECT * FROM source")]
    assert not is_partial(source)


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """A PTP file that takes seconds to load."""
    pairs = ((f"{a:05d}", f"{b:05d}", "9999-12-31", 1, "Standards") for a in range(20000, 20900) for b in range(30000, 30900))
    return put(tmp_path, "ptp_practitioner_2024Q3.csv", derived_ptp(list(pairs)))


def test_a_load_killed_on_the_way_leaves_the_edition_as_it_was(tmp_path: Path, big: Path, home: Path) -> None:
    import os
    import signal
    import subprocess
    import sys
    import time

    load(put(tmp_path, "fees.csv", FEES))
    before = current()
    process = subprocess.Popen([sys.executable, "-m", "ingest", "add", str(big)], env={**os.environ}, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        drafts = list((home / "editions").glob(".building-*/codebook.sqlite"))
        if drafts and process.poll() is None and (home / "editions" / drafts[0].parent.name).is_dir():
            time.sleep(0.3)
            break
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert list((home / "editions").glob(".building-*"))  # it was at work
    assert current() == before
    assert rows("SELECT count(*) FROM fee") == [(4,)]
    load(put(tmp_path, MUE, mue([("63044", 4, "2 P", "x")])))  # the lock is free, and what was left is cleared away
    assert list((home / "editions").glob(".building-*")) == []
    assert rows("SELECT count(*) FROM ptp") == [(0,)]
