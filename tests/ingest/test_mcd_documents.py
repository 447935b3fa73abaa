from pathlib import Path
from typing import Any

import pytest

from ingest.readers import mcd
from ingest.readers.base import IN_FORCE, UNKNOWN, ReadError
from tests.ingest.official_mcd import article, escaped, lcd, ncd
from tests.ingest.test_mcd import contents, files

Rows = dict[str, list[dict[str, Any]]]


def read(folder: Path, table: str, rows: list[list[str]], encoding: str = "utf-8") -> Rows:
    with files(folder, {table: rows}, encoding=encoding) as found:
        return contents(mcd.read(found[table]))


def test_an_article(tmp_path: Path) -> None:
    body = escaped("<p>First &amp; foremost</p>\n<ul><li>one</li></ul>")
    row = article("56537", "Billing and Coding: Invented", description=body, other_comments=" ", cms_cov_policy="Policy", keywords="knee,\nhip")
    found = read(tmp_path, "article", [row])
    assert found["coverage_document"] == [
        {
            "id": "A56537", "version": 3, "kind": "article", "title": "Billing and Coding: Invented", "status": "A", "effective": 20240101,
            "ended": IN_FORCE, "body": "Article text\nFirst & foremost\n- one\nCMS policy\nPolicy",
        }
    ]  # fmt: skip
    first, second = found["passage"]
    assert first == {
        "key": "coverage/A56537/1", "kind": "coverage", "system": None, "code": None, "title": "A56537 Billing and Coding: Invented",
        "text": "First & foremost\n- one", "also": "knee, hip", "place": "A56537, version 3, article text", "embed": 1,
    }  # fmt: skip
    assert (second["key"], second["text"], second["also"], second["embed"]) == ("coverage/A56537/2", "Policy", "", 0)


@pytest.mark.parametrize(
    ("fields", "effective", "ended", "why"),
    [
        ({}, 20240101, IN_FORCE, "in force without an end"),
        ({"article_end_date": "2026-12-31 00:00:00"}, 20240101, 20261231, "retirement announced"),
        ({"article_end_date": "2026-12-31", "date_retired": "2026-06-30"}, 20240101, 20260630, "the earlier of two ends"),
        ({"status": "R"}, 20240101, UNKNOWN, "a blank end date does not mean in force"),
        ({"status": "P"}, 20240101, UNKNOWN, "proposed"),
        ({"article_eff_date": "", "article_pub_date": "2019-05-01 00:00:00"}, 20190501, IN_FORCE, "never revised"),
        ({"article_eff_date": ""}, UNKNOWN, IN_FORCE, "no start"),
    ],
)
def test_dates_and_status(tmp_path: Path, fields: dict[str, str], effective: int, ended: int, why: str) -> None:
    (document,) = read(tmp_path, "article", [article("1", "Invented", **fields)])["coverage_document"]
    assert (document["effective"], document["ended"]) == (effective, ended), why


@pytest.mark.parametrize("status", ["R", "P", "F", "D"])
def test_only_documents_in_force_are_found_by_words(tmp_path: Path, status: str) -> None:
    found = read(tmp_path, "article", [article("1", "Invented", status=status, description="Words")])
    assert [d["status"] for d in found["coverage_document"]] == [status]
    assert found["passage"] == []


def test_several_versions_of_a_document(tmp_path: Path) -> None:
    rows = [article("1", "New", "4", description="New"), article("1", "Old", "3", "R", description="Old"), article("1", "Again", "4")]
    found = read(tmp_path, "article", rows)
    assert [(d["id"], d["version"]) for d in found["coverage_document"]] == [("A1", 4), ("A1", 3)]
    assert [p["text"] for p in found["passage"]] == ["New"]


def test_a_long_narrative_with_line_breaks_and_a_cp1252_dash(tmp_path: Path) -> None:
    text = "<p>" + "Invented words \x96 and more. ".replace("\x96", "\u2013") * 8_000 + '</p>\r\n<p>"quoted", last</p>'
    found = read(tmp_path, "article", [article("1", "Long", description=text)], encoding="cp1252")
    body = found["coverage_document"][0]["body"]
    assert len(body) > 128 * 1024
    assert body.endswith('and more.\n"quoted", last')
    assert "\ufffd" not in body
    assert "words \u2013 and" in body
    assert len(found["passage"][0]["text"]) <= 800
    assert max(len(p["text"]) for p in found["passage"]) <= 1200
    assert [p["embed"] for p in found["passage"]][:3] == [1, 0, 0]
    assert [p["key"] for p in found["passage"]] == [f"coverage/A1/{n}" for n in range(1, len(found["passage"]) + 1)]


def test_a_document_without_text_is_found_by_its_title(tmp_path: Path) -> None:
    (passage,) = read(tmp_path, "article", [article("1", "Title only")])["passage"]
    assert (passage["text"], passage["place"], passage["embed"]) == ("Title only", "A1, version 3", 1)


def test_an_lcd(tmp_path: Path) -> None:
    row = lcd("35456", "Invented", indication="<p>When</p>", doc_reqs="What", bibliography="Left out", rev_eff_date="2025-05-01 00:00:00")
    (document,) = read(tmp_path, "lcd", [row])["coverage_document"]
    assert (document["id"], document["version"], document["kind"], document["effective"]) == ("L35456", 7, "lcd", 20250501)
    assert document["body"] == "Indications and limitations\nWhen\nDocumentation\nWhat"


def test_an_lcd_that_was_never_revised(tmp_path: Path) -> None:
    (document,) = read(tmp_path, "lcd", [lcd("35456", "Invented")])["coverage_document"]
    assert document["effective"] == 20151001


def test_an_ncd(tmp_path: Path) -> None:
    row = ncd("240.2", "Home Use", itm_srvc_desc="<p>Thing</p>", indctn_lmtn="<p>When</p>", ncd_keyword="air")
    found = read(tmp_path, "ncd_trkg", [row])
    (document,) = found["coverage_document"]
    assert (document["id"], document["version"], document["kind"], document["status"]) == ("240.2", 2, "ncd", "A")
    assert document["body"] == "Coverage level\nrestricted\nIndications and limitations\nWhen\nItem or service\nThing"
    assert found["coverage_relation"] == [{"document": "240.2", "related": "NCD169"}]
    assert found["passage"][0]["also"] == "air"


@pytest.mark.parametrize(
    ("title", "fields", "status", "ended"),
    [
        ("Electric Sleep - RETIRED", {}, "R", UNKNOWN),
        ("Electric Sleep", {"NCD_trmntn_dt": "2021-01-01 00:00:00"}, "R", 20210101),
        ("Retirement homes", {}, "A", IN_FORCE),
    ],
)
def test_retired_ncds(tmp_path: Path, title: str, fields: dict[str, str], status: str, ended: int) -> None:
    (document,) = read(tmp_path, "ncd_trkg", [ncd("30.4", title, **fields)])["coverage_document"]
    assert (document["status"], document["ended"]) == (status, ended)


@pytest.mark.parametrize(("level", "text"), [("1", "full"), ("3", "none"), ("4", "4, which CMS does not document"), ("", None)])
def test_coverage_levels(tmp_path: Path, level: str, text: str | None) -> None:
    (document,) = read(tmp_path, "ncd_trkg", [ncd("30.4", "Invented", cvrg_lvl_cd=level)])["coverage_document"]
    assert document["body"] == (f"Coverage level\n{text}" if text else "")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ncd("", "Invented"), r"ncd_trkg.csv:2: ncd_mnl_sect '' is not a section of the manual"),
        (ncd("30.4", "Invented", NCD_efctv_dt="soon"), r"ncd_trkg.csv:2: ncd_efctv_dt 'soon' is not a date"),
    ],
)
def test_damaged_ncds(tmp_path: Path, row: list[str], message: str) -> None:
    with pytest.raises(ReadError, match=message):
        read(tmp_path, "ncd_trkg", [row])
