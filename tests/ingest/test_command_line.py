from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.__main__ import app
from ingest.build import Result
from ingest.lock import one_at_a_time
from tests.ingest.official import archive, fee_row, fee_schedule, mue, put

runner = CliRunner()


def test_add_status_and_remove(edition: object, tmp_path: Path) -> None:
    fees = put(tmp_path, "fees.csv", fee_schedule([fee_row("99213"), fee_row("GXXX1")], 2019))
    done = runner.invoke(app, ["add", str(fees), str(put(tmp_path, "x.txt", "hello")), "--json"])
    assert done.exit_code == 0
    added = json.loads(done.stdout)
    (loaded,) = added["loaded"]
    assert {key: loaded[key] for key in ("source", "release", "file", "rows", "skipped")} == {
        "source": "fee-schedule/RVU19D", "release": "RVU19D", "file": "fees.csv", "rows": 1, "skipped": {"not a code": 1},
    }  # fmt: skip
    assert added["unknown"] == [{"file": "x.txt", "reason": "no reader knows its content"}]
    listed = json.loads(runner.invoke(app, ["status", "--json"]).stdout)["sources"]
    assert [(row["key"], row["rows"], row["valid_to"]) for row in listed] == [("fee-schedule/RVU19D", 1, 20191231)]
    assert re.search(r"fee-schedule/RVU19D +2019-10-01 +2019-12-31 +1 +fees.csv", runner.invoke(app, ["status"]).stdout)
    assert runner.invoke(app, ["remove", "fee-schedule/RVU19D"]).exit_code == 0
    assert json.loads(runner.invoke(app, ["status", "--json"]).stdout) == {"sources": []}


def test_text_output(edition: object, tmp_path: Path) -> None:
    done = runner.invoke(app, ["add", str(put(tmp_path, "fees.csv", fee_schedule([fee_row("99213")], 2019)))])
    first, second = done.stdout.splitlines()
    assert first.startswith("fee-schedule/RVU19D: 1 rows in ")
    assert second.startswith("edition 20")


def test_what_is_left_out_of_an_archive_is_one_line(edition: object, tmp_path: Path) -> None:
    fees = fee_schedule([fee_row("99213")], 2019)
    members: dict[str, str | bytes] = {**{f"note{n}.txt": "hello" for n in range(5)}, "fees.csv": fees, "fees.txt": fees, "later.csv": fees}
    word = archive(tmp_path, "rules.docx", {"[Content_Types].xml": "<x/>", "word/document.xml": "<y/>"})
    done = runner.invoke(app, ["add", str(archive(tmp_path, "rvu19d.zip", members)), str(word), str(put(tmp_path, "scan.pdf", b"%PDF-1.7 x"))])
    assert done.exit_code == 0, done.stderr
    first, *left, edition_line = done.stdout.splitlines()
    assert first.startswith("fee-schedule/RVU19D: 1 rows in ")
    told = sorted(left)
    assert told[0] == (
        "left out of rvu19d.zip: note0.txt, note1.txt, note2.txt and 2 more: no reader knows its content; "
        "fees.csv, fees.txt: another format of what was loaded"
    )
    assert told[1].startswith("left out: rules.docx: not a spreadsheet that can be read")
    assert told[2].startswith("left out: scan.pdf: not a PDF that can be read")
    assert edition_line.startswith("edition ")


def test_status_tells_what_came_with_the_program_and_fits_a_page(edition: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"key": "fee-schedule/RVU19D", "kind": "fee-schedule", "valid_from": 20191001, "valid_to": None, "rows": 1234567, "origin": "file"}
    found = [
        row | {"file": "rvu19d.zip/a.csv, rvu19d.zip/b.csv"},
        row | {"file": f"{'long' * 30}.csv (incomplete release)"},
        row | {"file": "shipped facts", "origin": "shipped"},
        row | {"file": "a.csv", "origin": "package"},
        row | {"kind": "publication", "key": "publication/book"},
    ]
    monkeypatch.setattr("ingest.build.status", lambda: found)
    head, *lines, last = runner.invoke(app, ["status"]).stdout.splitlines()
    assert head.split() == ["source", "from", "to", "rows", "read", "from"]
    assert [line.partition("1,234,567  ")[2] for line in lines][::3] == ["rvu19d.zip", "an installed package"]
    assert lines[2].endswith("shipped with the program")
    assert "part of it: long" in lines[1]
    assert lines[1].endswith("…")
    assert max(len(line) for line in lines) == 100
    assert last.startswith("1 publications")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["add", "{folder}/nowhere.csv"], "nowhere.csv: no such file"),
        (["add", "{folder}/x.txt"], "nothing was loaded"),
        (["add", "{folder}/MUE.csv"], "keep the name it was published under"),
        (["remove", "mue/practitioner/1999Q1"], "is not a source that was loaded"),
    ],
)
def test_a_problem_is_one_line_on_stderr_and_exit_1(edition: object, tmp_path: Path, arguments: list[str], message: str) -> None:
    put(tmp_path, "x.txt", "hello")
    put(tmp_path, "MUE.csv", mue([("63044", 4, "2 Policy", "x")]))
    done = runner.invoke(app, [argument.format(folder=tmp_path) for argument in arguments])
    assert done.exit_code == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["status", "add"])
def test_without_an_edition_it_says_to_build(home: Path, tmp_path: Path, command: str) -> None:
    fees = put(tmp_path, "fees.csv", fee_schedule([fee_row("99213")]))
    done = runner.invoke(app, [command, *([str(fees)] if command == "add" else [])])
    assert done.exit_code == 1
    assert "run `python -m ingest build`" in done.stderr


def test_another_ingest_at_work(edition: object, home: Path, tmp_path: Path) -> None:
    fees = put(tmp_path, "fees.csv", fee_schedule([fee_row("99213")]))
    with one_at_a_time(home):
        done = runner.invoke(app, ["add", str(fees)])
    assert done.exit_code == 1
    assert "another ingest is at work" in done.stderr


@pytest.mark.parametrize("arguments", [["add"], ["remove"], ["nothing"], ["status", "--wrong"]])
def test_wrong_usage_is_exit_2(home: Path, arguments: list[str]) -> None:
    assert runner.invoke(app, arguments).exit_code == 2


def test_what_has_to_be_added_again_is_said(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr("ingest.build.build", lambda _: Result("20260101", add_again=["fee-schedule/RVU19D (fees.csv)"]))
    done = runner.invoke(app, ["build", "--if-missing", "--json"])
    assert json.loads(done.stdout)["add_again"] == ["fee-schedule/RVU19D (fees.csv)"]
    assert done.stderr == "not taken over, add it again: fee-schedule/RVU19D (fees.csv)\n"
