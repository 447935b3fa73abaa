"""The whole of a fetch, from the landing pages of a server on loopback to what is loaded."""

from __future__ import annotations

import ast
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from corpus.editions import Edition, current
from ingest.build import status
from ingest.fetch import Fetched, fetch, offer
from ingest.fetching.catalogue import HOSTS, NAMES
from ingest.fetching.web import FetchError, Web
from ingest.lock import BusyError, one_at_a_time
from tests.conftest import ROOT
from tests.ingest.cms_server import CMS, Publisher, anchor, body, serving, zipped
from tests.ingest.official import fee_row, fee_schedule, mue

PFS = "/medicare/payment/fee-schedules/physician/pfs-relative-value-files"
NCCI = "/medicare/coding-billing/national-correct-coding-initiative-ncci-edits"
PTP = f"{NCCI}/medicare-ncci-procedure-procedure-ptp-edits"
MUES = f"{NCCI}/medicare-ncci-medically-unlikely-edits-mues"
TODAY = date(2026, 11, 22)


@pytest.fixture
def cms(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with serving() as publisher:
        monkeypatch.setenv("CODEBOOK_FETCH_BASE", publisher.base)
        yield publisher


def get(*names: str, since: date = TODAY, load: bool = False, accepted: frozenset[str] = frozenset()) -> Fetched:
    return fetch(names, since=since, load=load, accepted=accepted, web=Web(HOSTS, sleep=lambda _: None))


def files(result: Fetched) -> list[str]:
    return [f"{item.what}/{item.file.name}" for item in result.files]


def lying(home: Path) -> list[str]:
    return sorted(str(path.relative_to(home / "downloads")) for path in (home / "downloads").rglob("*") if path.is_file())


@pytest.fixture
def fees(cms: Publisher) -> Publisher:
    """The fee schedule: a list of releases, over two pages, each release with a page of its own."""
    newer = [anchor(f"{PFS}/rvu{release}", f"RVU{release.upper()}") for release in ("26d", "26c", "26b", "26a")]
    cms.page(PFS, body(*newer, f'<a href="{PFS}?page=1">Next page</a>'))
    for release, year, month in (("26d", 2026, "October"), ("26c", 2026, "July"), ("26b", 2026, "April"), ("26a", 2026, "January")):
        cms.page(
            f"{PFS}/rvu{release}",
            body(anchor(f"/files/zip/rvu{release}.zip", "RVU"), anchor(f"/files/zip/rvu{release}-updated-08-26-2026.zip", "RVU")),
        )
        schedule = fee_schedule([fee_row("99213")], year, month)
        cms.put(f"/files/zip/rvu{release}-updated-08-26-2026.zip", zipped(PPRRVU__csv=schedule, notes__txt="Invented notes."))
    return cms


def test_the_newest_release_by_way_of_its_page(home: Path, fees: Publisher) -> None:
    result = get("pfs")
    assert (files(result), result.failed) == (["pfs/rvu26d-updated-08-26-2026.zip"], [])
    assert fees.paths() == [PFS, f"{PFS}/rvu26d", "/files/zip/rvu26d-updated-08-26-2026.zip"]
    assert lying(home) == ["ingest.lock", "pfs/rvu26d-updated-08-26-2026.zip", "pfs/rvu26d-updated-08-26-2026.zip.json"]
    assert result.files[0].url == "https://www.cms.gov/files/zip/rvu26d-updated-08-26-2026.zip"
    json.dumps(result.as_json())


def test_from_a_day_on(home: Path, fees: Publisher) -> None:
    assert files(get("pfs", since=date(2026, 5, 1))) == [f"pfs/rvu26{letter}-updated-08-26-2026.zip" for letter in "bcd"]


def test_older_releases_stand_on_further_pages(home: Path, fees: Publisher) -> None:
    result = get("pfs", since=date(2025, 11, 1))
    assert len(result.files) == 4
    assert f"{PFS}?page=1" in fees.paths()  # the server answers it with the first page; it is asked for once
    assert fees.paths().count(f"{PFS}?page=1") == 1


@pytest.fixture
def ncci(cms: Publisher) -> Publisher:
    parts = [
        f"/files/zip/medicare-ncci-2026q{q}-{who}-ptp-edits-{n}.zip" for q in (4, 3) for who in ("practitioner", "hospital") for n in ("f1", "f2")
    ]
    changes = [f"/files/zip/medicare-ncci-2026q4-{who}-quarterly-additions-deletions-revisions-ptp.zip" for who in ("practitioner", "hospital")]
    cms.page(PTP, body(*(anchor(f"/license/ama?file={path}", "PTP Edits") for path in parts), *(anchor(path, "Changes") for path in changes)))
    tables = [
        f"/files/zip/medicare-ncci-2026-q4-{who}-services-mue-table.zip" for who in ("practitioner", "facility-outpatient-hospital", "dme-supplier")
    ]
    cms.page(MUES, body(*(anchor(path, "MUE Table") for path in tables)))
    cms.page(f"{NCCI}/medicare-ncci-add-code-edits", body(anchor("/files/zip/add-code-edits-medicare-effective-10012026.zip", "Edits")))
    for path in (*parts, *changes, "/files/zip/add-code-edits-medicare-effective-10012026.zip"):
        cms.put(path, zipped(x__txt=path))
    for path in tables:
        cms.put(path, zipped(**{"MCR_MUE_PractitionerServices_Eff_10-01-2026__csv": mue([("99213", 1, "3 Date of Service Edit: Clinical", "x")])}))
    return cms


def test_what_is_behind_a_licence_is_refused_while_the_rest_goes_on(home: Path, ncci: Publisher) -> None:
    result = get("ncci")
    assert len(result.files) == 6
    assert [what for what, _ in result.failed] == [
        f"ncci: medicare-ncci-2026q4-{who}-ptp-edits-{n}.zip" for who in ("practitioner", "hospital") for n in ("f1", "f2")
    ]
    assert all("--accept-ama-license" in reason and "https://www.cms.gov/license/ama" in reason for _, reason in result.failed)
    assert not any("ptp-edits" in path for path in ncci.paths()[3:])
    assert not (home / "licences.json").exists()


def test_with_the_users_yes_it_is_had(home: Path, ncci: Publisher) -> None:
    result = get("ncci", accepted=frozenset({"ama"}))
    assert (len(result.files), result.failed) == (10, [])
    agreed = [path for path in ncci.paths() if "agree=yes" in path]
    assert agreed == [
        f"/files/zip/medicare-ncci-2026q4-{who}-ptp-edits-{n}.zip?agree=yes" for who in ("practitioner", "hospital") for n in ("f1", "f2")
    ]
    assert (home / "licences.json").exists()
    assert not any("license" in path for path in ncci.paths())


def test_a_licence_before_fixed_addresses(home: Path, cms: Publisher) -> None:
    for name in ("current_lcd", "current_article", "ncd"):
        cms.put(f"//downloads.cms.gov/medicare-coverage-database/downloads/exports/{name}.zip", zipped(x__txt=name))
    assert [what for what, _ in get("mcd", accepted=frozenset({"ama"})).failed] == [
        "mcd: current_lcd.zip",
        "mcd: current_article.zip",
        "mcd: ncd.zip",
    ]
    assert cms.asked == []
    assert files(get("mcd", accepted=frozenset({"mcd"}))) == ["mcd/current_lcd.zip", "mcd/current_article.zip", "mcd/ncd.zip"]


def test_faults_are_told_and_do_not_keep_the_rest(home: Path, fees: Publisher) -> None:
    fees.page(MUES, body(anchor("/files/zip/medicare-ncci-2026-q4-practitioner-services-mue-table.zip", "x"))).faults.append(403)
    fees.page(PTP, body())
    result = get("ncci", "pfs")
    assert files(result) == ["pfs/rvu26d-updated-08-26-2026.zip"]
    reasons = [reason for what, reason in result.failed if what == "ncci"]
    assert len(reasons) == 5  # three kinds that the page of PTP edits lacks, a page refused, a page that is gone
    assert sum("no link to such a file" in reason and PTP in reason for reason in reasons) == 3
    assert any("refused (403)" in reason for reason in reasons)
    assert any("404" in reason and "medicare-ncci-add-code-edits" in reason for reason in reasons)
    assert all("\n" not in reason and "ingest add" in reason for reason in reasons)


def test_a_link_to_another_host_is_a_failure(home: Path, fees: Publisher) -> None:
    fees.page(f"{PFS}/rvu26d", body(anchor("https://evil.example/files/zip/rvu26d.zip", "RVU26D")))
    result = get("pfs")
    assert files(result) == []
    assert "not an address of a publisher" in result.failed[0][1]


def test_a_page_that_is_wanted_itself(home: Path, cms: Publisher) -> None:
    (page,) = NAMES["pos"].pages
    cms.page(page.url.removeprefix("https://www.cms.gov"), body())
    assert files(get("pos")) == ["pos/place-of-service-codes.html"]


@pytest.mark.parametrize("text", ["<html>", "{}", '{"dataset": []}'])
def test_a_catalogue(home: Path, cms: Publisher, text: str) -> None:
    served = cms.put("//data.cms.gov/data.json", text.encode())
    assert "data.json" in get("rbcs").failed[0][1]
    listed = {"title": "Restructured BETOS Classification System", "distribution": [{"downloadURL": "https://data.cms.gov/f/rbcs_2025.csv"}]}
    served.body = json.dumps({"dataset": [listed]}).encode()
    cms.put("//data.cms.gov/f/rbcs_2025.csv", b"x,y")
    assert files(get("rbcs")) == ["rbcs/rbcs_2025.csv"]


def test_names_that_could_be_paths(home: Path, cms: Publisher) -> None:
    cms.page(PFS, body(anchor("/files/zip/..%2f..%2f..%2fetc%2frvu26d.zip", "x"), anchor("/files/zip/.rvu26c.zip", "x")))
    cms.put("/files/zip/..%2f..%2f..%2fetc%2frvu26d.zip", zipped(x__txt="x"))
    result = get("pfs")
    assert [item.file.parent for item in result.files] == [home / "downloads" / "pfs"]
    assert sorted(path.name for path in home.iterdir()) == ["downloads"]


def test_what_cannot_be_fetched_is_said_before_anything_is_asked(home: Path, cms: Publisher) -> None:
    with pytest.raises(FetchError, match="nonsense: not something to fetch; there are pfs, zip, ncci"):
        get("pfs", "nonsense")
    assert cms.asked == []


def test_one_fetch_at_a_time(home: Path, cms: Publisher) -> None:
    with one_at_a_time(home / "downloads"), pytest.raises(BusyError):
        get("pfs")


def test_what_is_offered() -> None:
    rows = offer()
    assert [row["what"] for row in rows] == list(NAMES)
    assert all(row[column] for row in rows for column in ("title", "publisher", "licence", "megabytes", "answers", "page"))


def test_what_was_fetched_is_loaded(edition: Edition, home: Path, fees: Publisher) -> None:
    result = get("pfs", load=True)
    assert result.failed == []
    assert [loaded.source for loaded in result.loaded[0].loaded if loaded.source.startswith("fee-schedule")] == ["fee-schedule/RVU26D"]
    assert "fee-schedule/RVU26D" in [row["key"] for row in status()]
    before = current()
    again = get("pfs", load=True)
    assert fees.asked[-1][1]["If-None-Match"]
    assert again.failed == []
    assert current() == before  # nothing has changed: no new edition


def test_a_faulty_file_keeps_only_its_own_publication_from_being_loaded(edition: Edition, home: Path, fees: Publisher, ncci: Publisher) -> None:
    spoiled = mue([("99213", 1, "3 Date of Service Edit: Clinical", "x")]).replace(b",1,", b",many,")
    for path, served in fees.at.items():
        if path.endswith("mue-table.zip"):
            served.body = zipped(**{"MCR_MUE_PractitionerServices_Eff_10-01-2026__csv": spoiled})
    result = get("ncci", "pfs", load=True)
    assert "fee-schedule/RVU26D" in [row["key"] for row in status()]
    assert any(what == "ncci" and "MUE" in reason for what, reason in result.failed)


INTERRUPTED = """
import ingest.fetch
from datetime import date
ingest.fetch.fetch(["pfs"], since=date(2026, 11, 22), load=False)
"""


def test_an_interrupted_fetch_leaves_a_part_that_the_next_one_finishes(home: Path, fees: Publisher) -> None:
    served = fees.at[f"{CMS}/files/zip/rvu26d-updated-08-26-2026.zip"]
    served.body, served.piece = zipped(x__bin=os.urandom(200_000)), 0.05
    part = home / "downloads" / "pfs" / "rvu26d-updated-08-26-2026.zip.part"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", INTERRUPTED], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        while run.poll() is None and not (part.exists() and part.stat().st_size):
            pass
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=30)
    assert run.returncode != 0
    assert lying(home) == ["ingest.lock", "pfs/rvu26d-updated-08-26-2026.zip.part", "pfs/rvu26d-updated-08-26-2026.zip.part.json"]
    served.piece = 0
    assert files(get("pfs")) == ["pfs/rvu26d-updated-08-26-2026.zip"]
    assert fees.asked[-1][1]["Range"].startswith("bytes=")
    assert lying(home)[1:] == ["pfs/rvu26d-updated-08-26-2026.zip", "pfs/rvu26d-updated-08-26-2026.zip.json"]


def test_only_this_command_knows_the_network() -> None:
    network = {"httpx", "requests", "urllib.request", "http.client", "aiohttp", "socket", "urllib3"}
    for room in ("ingest", "corpus"):
        for file in (ROOT / room).rglob("*.py"):
            place = file.relative_to(ROOT).as_posix()
            names = {
                name
                for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
                for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [getattr(node, "module", None)])
                if isinstance(node, ast.Import | ast.ImportFrom)
            }
            assert place == "ingest/fetching/web.py" or not names & network, place
