"""Whatever is wrong with what is added, or goes wrong on the way: one line on stderr, exit 1, the edition before, no strays."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]
from typer.testing import CliRunner

from corpus.codebook import Codebook
from corpus.editions import current
from ingest.__main__ import app
from tests.conftest import ROOT
from tests.ingest.official import derived_ptp, fee_row, fee_schedule, mue, put

GOOD = fee_schedule([fee_row("99213")], 2019)
DICE = random.Random(3)
CODES = [str(code) for code in DICE.sample(range(10000, 99999), 3000)]
NOBODY = 65534


def archive(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def workbook(path: Path, rows: list[list[str]]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


@dataclass
class Loaded:
    """A home whose edition holds one fee schedule, and what it was like then."""

    home: Path
    pointer: str

    def assert_as_before(self) -> None:
        """The same edition is current, it answers, and nothing lies about."""
        editions = self.home / "editions"
        assert (editions / "current").read_text() == self.pointer
        assert current().id == self.pointer.strip()
        codebook = Codebook(current())
        fee = codebook.fee("99213", date(2019, 11, 1)).value
        codebook.close()
        assert fee is not None
        assert fee.work == 1.3
        strays = [path.name for path in editions.iterdir() if path.name.startswith(".")]
        assert strays == []
        assert sorted(path.name for path in self.home.iterdir()) == ["editions", "ingest.lock"]


@pytest.fixture
def loaded(edition: object, home: Path, tmp_path: Path) -> Loaded:
    done = CliRunner().invoke(app, ["add", str(put(tmp_path, "good-before.csv", GOOD))])
    assert done.exit_code == 0, done.stderr
    return Loaded(home, (home / "editions" / "current").read_text())


def cut_archive(folder: Path) -> Path:
    path = archive(folder / "bad.zip", {"fees.csv": fee_schedule([fee_row(code) for code in CODES])})
    path.write_bytes(path.read_bytes()[:-200])
    return path


def cut_row(folder: Path) -> Path:
    whole = fee_schedule([fee_row(code) for code in CODES])
    return put(folder, "bad.csv", whole[: whole.rindex(",", 0, -60)])


def other_delimiter(folder: Path) -> Path:
    return put(folder, "bad.csv", GOOD.replace(",", ";"))


def web_page(folder: Path) -> Path:
    return put(folder, "bad.zip", "<!DOCTYPE html>\n<html><body>Please accept the licence.</body></html>")


def moved_header(folder: Path) -> Path:
    rows = [line.split(",") for line in GOOD.splitlines()]
    return workbook(folder / "bad.xlsx", [*rows[:9], *[["moved"]] * 60, *rows[9:]])


def renamed_header(folder: Path) -> Path:
    rows = [[cell.replace("GLOB", "GLOBE").replace("WORK", "LABOR") for cell in line.split(",")] for line in GOOD.splitlines()]
    return workbook(folder / "bad.xlsx", rows)


def other_columns(folder: Path) -> Path:
    rows = [[line.split(",")[-1], *line.split(",")[:-1]] if number > 9 else line.split(",") for number, line in enumerate(GOOD.splitlines())]
    return workbook(folder / "bad.xlsx", rows)


def unknown(folder: Path) -> Path:
    return put(folder, "bad.bin", bytes(range(256)) * 40)


def no_row(folder: Path) -> Path:
    return put(folder, "bad.csv", fee_schedule([]))


def unit_limit_without_number(folder: Path) -> Path:
    text = mue([("99213", 1, "3 Date of Service Edit: Clinical", "x")])
    return put(folder, "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv", text.replace(b",1,", b",many,"))


def word_as_pdf(folder: Path) -> Path:
    return put(folder, "bad.pdf", b"%PDF-1.7\nnot one")


def word_as_workbook(folder: Path) -> Path:
    return archive(folder / "bad.xlsx", {"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<y/>"})


def nothing(folder: Path) -> Path:
    return put(folder, "bad.csv", b"")


def gone(folder: Path) -> Path:
    return folder / "bad-nowhere.csv"


def empty_folder(folder: Path) -> Path:
    (folder / "bad").mkdir()
    return folder / "bad"


def packed_otherwise(folder: Path) -> Path:
    path = folder / "bad.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as file:
        file.writestr("fees.csv", fee_schedule([fee_row(code) for code in CODES]))
    content = bytearray(path.read_bytes())
    content[200:260] = bytes(60)
    path.write_bytes(content)
    return path


def wrong_place(folder: Path) -> Path:
    """An archive whose list of members points before its start."""
    path = archive(folder / "bad.zip", {"fees.csv": GOOD})
    content = bytearray(path.read_bytes())
    place = content.rindex(b"PK\x05\x06") + 16
    content[place : place + 4] = (2**31).to_bytes(4, "little")
    path.write_bytes(content)
    return path


FAULTS = [
    (packed_otherwise, "download it again"),
    (wrong_place, "download it again"),
    (cut_archive, "cut off"),
    (cut_row, ""),
    (other_delimiter, ""),
    (web_page, "a web page, not the file itself"),
    (moved_header, ""),
    (renamed_header, ""),
    (other_columns, ""),
    (unknown, "no reader knows its content"),
    (no_row, "no row in it"),
    (unit_limit_without_number, "many"),
    (word_as_pdf, "bad.pdf"),
    (word_as_workbook, "bad.xlsx"),
    (nothing, "empty"),
    (gone, "no such file"),
    (empty_folder, ""),
]  # fmt: skip


@pytest.mark.parametrize(("make", "message"), FAULTS, ids=[make.__name__ for make, _ in FAULTS])
def test_one_line_exit_1_and_the_edition_as_before(loaded: Loaded, tmp_path: Path, make: Callable[[Path], Path], message: str) -> None:
    done = CliRunner().invoke(app, ["add", str(make(tmp_path))])
    assert done.exit_code == 1, done.stdout
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("error: ")
    assert message in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    loaded.assert_as_before()


RECOGNISED = [(make, message) for make, message in FAULTS if make in (cut_archive, cut_row, no_row, unit_limit_without_number, gone)]


@pytest.mark.parametrize(("make", "message"), RECOGNISED, ids=[make.__name__ for make, _ in RECOGNISED])
def test_a_faulty_file_among_good_ones(loaded: Loaded, tmp_path: Path, make: Callable[[Path], Path], message: str) -> None:
    good = put(tmp_path, "good.csv", fee_schedule([fee_row("99213")], 2020))
    done = CliRunner().invoke(app, ["add", str(good), str(make(tmp_path))])
    assert done.exit_code == 1, done.stdout
    assert message in done.stdout + done.stderr
    loaded.assert_as_before()


def test_files_that_nobody_knows_are_listed_and_the_others_loaded(loaded: Loaded, tmp_path: Path) -> None:
    good = put(tmp_path, "good.csv", fee_schedule([fee_row("99213")], 2020))
    done = CliRunner().invoke(app, ["add", str(good), str(unknown(tmp_path)), str(web_page(tmp_path)), "--json"])
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert [item["source"] for item in said["loaded"] if item["source"].startswith("fee-schedule")] == ["fee-schedule/RVU20D"]
    assert {item["file"]: item["reason"].split(":")[0] for item in said["unknown"]} == {
        "bad.bin": "no reader knows its content",
        "bad.zip": "a web page, not the file itself",
    }
    assert current().id != loaded.pointer.strip()


def packed(content: bytes, cut: int) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as file:
        file.write(content)
    return buffer.getvalue()[:cut]


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.999])
def test_a_file_cut_anywhere(loaded: Loaded, tmp_path: Path, share: float) -> None:
    whole = packed(fee_schedule([fee_row(code) for code in CODES]).encode(), 10**9)
    bad = put(tmp_path, "bad.csv", whole[: int(len(whole) * share)]).rename(tmp_path / "bad.csv.gz")
    done = CliRunner().invoke(app, ["add", str(bad)])
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1), done.stderr
    loaded.assert_as_before()


# What goes wrong outside of the file. Each is tried in a process of its own.

PAIRS = 200_000


@pytest.fixture(scope="module")
def long_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that takes a few seconds to load."""
    ones = [f"{number:05}" for number in range(10000, 10000 + PAIRS // 400)]
    pairs = [(one, f"{two:05}", "9999-12-31", 1, "Invented policy") for one in ones for two in range(20000, 20400)]
    return put(tmp_path_factory.mktemp("long"), "ptp_practitioner_2024Q3.csv", derived_ptp(pairs))


def start(*arguments: str, **options: object) -> subprocess.Popen[str]:
    command, environment = [sys.executable, "-m", "ingest", *arguments], {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload,no-any-return]


def drafts(home: Path) -> list[Path]:
    return list((home / "editions").glob(".building-*/codebook.sqlite"))


def in_the_middle(run: subprocess.Popen[str], home: Path) -> None:
    """Wait until the draft grows."""
    before, until = -1, time.monotonic() + 60
    while run.poll() is None and time.monotonic() < until:
        size = sum(path.stat().st_size for path in (home / "editions").glob(".building-*/codebook.sqlite*") if path.exists())
        if before >= 0 and size > before + 1_000_000:
            return
        before = size if before < 0 and size else before
        time.sleep(0.005)
    raise AssertionError(f"it never came to writing: {run.communicate()}")


def test_an_interrupt_in_the_middle(loaded: Loaded, long_file: Path) -> None:
    with start("add", str(long_file)) as run:
        in_the_middle(run, loaded.home)
        run.send_signal(signal.SIGINT)
        _, told = run.communicate(timeout=60)
    assert run.returncode not in (0, None)
    assert "Traceback" not in told
    loaded.assert_as_before()


def test_a_second_ingest_at_the_same_time(loaded: Loaded, long_file: Path, tmp_path: Path) -> None:
    with start("add", str(long_file)) as first:
        in_the_middle(first, loaded.home)
        first.send_signal(signal.SIGSTOP)
        with start("add", str(put(tmp_path, "good.csv", fee_schedule([fee_row("99213")], 2020)))) as second:
            _, told = second.communicate(timeout=60)
        first.send_signal(signal.SIGCONT)
        assert second.returncode == 1
        assert told == f"error: another ingest is at work (process {first.pid}): wait until it has ended\n"
        _, told = first.communicate(timeout=120)
    assert first.returncode == 0, told
    assert current().id != loaded.pointer.strip()


def test_a_killed_load_leaves_the_edition_and_the_next_one_clears_up(loaded: Loaded, long_file: Path, tmp_path: Path) -> None:
    inside = archive(tmp_path / "outer.zip", {"inner.zip": archive(tmp_path / "inner.zip", {long_file.name: long_file.read_bytes()}).read_bytes()})
    with start("add", str(inside)) as run:
        in_the_middle(run, loaded.home)
        run.kill()
        run.communicate()
    assert (loaded.home / "editions" / "current").read_text() == loaded.pointer
    assert drafts(loaded.home)
    done = CliRunner().invoke(app, ["add", str(put(tmp_path, "good.csv", fee_schedule([fee_row("99213")], 2020)))])
    assert done.exit_code == 0, done.stderr
    assert drafts(loaded.home) == []
    assert sorted(path.name for path in loaded.home.iterdir()) == ["editions", "ingest.lock"]


def test_what_a_library_logs_is_not_shown(loaded: Loaded, tmp_path: Path) -> None:
    with start("add", str(word_as_pdf(tmp_path))) as run:
        _, told = run.communicate(timeout=60)
    assert run.returncode == 1
    assert len(told.splitlines()) == 1, told
    loaded.assert_as_before()


def test_a_full_disk(loaded: Loaded, long_file: Path) -> None:
    size = current().database.stat().st_size + 1_000_000

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    with start("add", str(long_file), preexec_fn=little_room) as run:
        _, told = run.communicate(timeout=120)
    assert run.returncode == 1
    assert len(told.splitlines()) == 1, told
    assert told.startswith("error: ")
    assert "disk" in told or "File too large" in told
    loaded.assert_as_before()


@contextmanager
def without_rights() -> Iterator[None]:
    """As somebody who may write nothing: for root, whom no right stops, as another user for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can look into; those of pytest are its user's own."""
    folder = Path(tempfile.mkdtemp(prefix="codebook-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("locked", [".", "editions"])
def test_a_home_without_rights(loaded: Loaded, open_folder: Path, monkeypatch: pytest.MonkeyPatch, locked: str) -> None:
    good = put(open_folder, "good.csv", fee_schedule([fee_row("99213")], 2020))
    home = open_folder / "home"
    shutil.copytree(loaded.home, home)
    monkeypatch.setenv("CODEBOOK_HOME", str(home))
    if locked == "editions" and os.geteuid() == 0:
        os.chown(home, NOBODY, NOBODY)
        os.chown(home / "ingest.lock", NOBODY, NOBODY)
    (home / locked).chmod(0o555)
    try:
        with without_rights():
            done = CliRunner().invoke(app, ["add", str(good)])
    finally:
        (home / locked).chmod(0o755)
    assert done.exit_code == 1, done.stdout
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "denied" in done.stderr.lower() or "read-only" in done.stderr.lower() or "readonly" in done.stderr.lower()
    Loaded(home, loaded.pointer).assert_as_before()


def test_a_file_that_may_not_be_read(loaded: Loaded, open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = open_folder / "home"
    shutil.copytree(loaded.home, home)
    monkeypatch.setenv("CODEBOOK_HOME", str(home))
    if os.geteuid() == 0:
        for path in (home, *home.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    secret = put(open_folder, "secret.csv", fee_schedule([fee_row("99213")], 2020))
    secret.chmod(0)
    with without_rights():
        done = CliRunner().invoke(app, ["add", str(secret)])
    assert done.exit_code == 1, done.stdout
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "secret.csv" in done.stdout + done.stderr
    assert "denied" in (done.stdout + done.stderr).lower()
    Loaded(home, loaded.pointer).assert_as_before()
