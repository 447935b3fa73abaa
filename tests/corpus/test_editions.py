from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from corpus import schema
from corpus.codebook import Codebook
from corpus.editions import Edition, EditionError, current, draft, home
from corpus.model import SourceKind
from tests.conftest import ROOT
from tests.corpus.small import code, source, write


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the editions of the test's own home."""
    monkeypatch.setenv("CODEBOOK_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "editions"


def published(title: str) -> Edition:
    """Publish an edition in which code 10001 has a title."""
    with draft() as edition:
        write(edition, {"source": [source(1, SourceKind.SHIPPED, "1")], "code": [code("CPT", "10001", title)]})
    return current()


def title(codebook: Codebook) -> str:
    found = codebook.code("10001")
    assert found is not None
    return found.title


def folders(base: Path) -> list[str]:
    return sorted(path.name for path in base.iterdir() if path.is_dir())


def test_home_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CODEBOOK_HOME", str(tmp_path))
    assert home() == tmp_path
    monkeypatch.setenv("CODEBOOK_HOME", "")
    assert home() == ROOT / "var"
    monkeypatch.delenv("CODEBOOK_HOME")
    assert home() == ROOT / "var"


class TestNoEdition:
    """What is said when there is none to use."""

    def test_none_was_built(self, base: Path) -> None:
        with pytest.raises(EditionError, match=r"^no edition in .*editions: run `python -m ingest build` first$"):
            current()
        assert not base.exists()  # to look makes nothing

    @pytest.mark.parametrize("pointer", ["20260101T000000.000000Z\n", "", "../..\n"])
    def test_the_pointer_names_nothing(self, base: Path, pointer: str) -> None:
        base.mkdir(parents=True)
        (base / "current").write_text(pointer)
        with pytest.raises(EditionError, match="has no database: run `python -m ingest build`"):
            current()

    @pytest.mark.parametrize(("version", "shown"), [(0, "0"), (99, "99")])
    @pytest.mark.usefixtures("base")
    def test_tables_of_another_version(self, version: int, shown: str) -> None:
        edition = published("one")
        with closing(sqlite3.connect(edition.database)) as db:
            db.execute(f"PRAGMA user_version = {version}")
        wanted = f"^edition {edition.id} has tables of version {shown}, not {schema.VERSION}: run `python -m ingest build`$"
        with pytest.raises(EditionError, match=wanted):
            Codebook(edition)


class TestSwap:
    """A published draft takes the place of the current edition."""

    def test_the_pointer_names_the_newest(self, base: Path) -> None:
        one, two = published("one"), published("two")
        assert one != two
        assert current() == two
        assert two.id > one.id
        assert (base / "current").read_text() == f"{two.id}\n"
        assert sorted(path.name for path in base.iterdir()) == sorted([one.id, two.id, "current"])  # no stray file or folder

    def test_it_is_not_current_before_the_draft_is_left(self, base: Path) -> None:
        one = published("one")
        with draft() as edition:
            write(edition, {})
            assert current() == one
            assert edition.path.parent == base  # on one file system, so that publishing is a rename
            assert edition.path.name.startswith(".")
        assert current() != one

    @pytest.mark.usefixtures("base")
    def test_a_reader_goes_on_with_the_edition_it_opened(self) -> None:
        old = Codebook(published("one"))
        assert title(old) == "one"
        new = Codebook(published("two"))
        assert (title(old), title(new)) == ("one", "two")
        late = Codebook(old.edition)  # the one before is still there to open
        assert title(late) == "one"
        for codebook in (old, new, late):
            codebook.close()

    @pytest.mark.usefixtures("base")
    def test_a_reader_outlives_the_folder_of_its_edition(self) -> None:
        old = Codebook(published("one"))
        for name in ("two", "three"):
            published(name)
        assert not old.edition.path.exists()
        assert title(old) == "one"
        old.close()

    def test_two_are_kept(self, base: Path) -> None:
        editions = [published(str(number)) for number in range(4)]
        assert folders(base) == [edition.id for edition in editions[2:]]
        assert current() == editions[3]

    @pytest.mark.usefixtures("base")
    def test_a_copy_leaves_what_it_was_made_of_alone(self) -> None:
        one = published("one")
        (one.path / "chroma").mkdir()
        (one.path / "chroma" / "vectors").write_text("v")
        with draft(one) as edition:
            assert (edition.chroma / "vectors").read_text() == "v"
            (edition.chroma / "vectors").write_text("w")
            edition.database.write_bytes(b"changed")
        assert current().database.read_bytes() == b"changed"
        assert (one.chroma / "vectors").read_text() == "v"
        before = Codebook(one)
        assert title(before) == "one"
        before.close()

    def test_a_folder_of_its_own(self, base: Path, tmp_path: Path) -> None:
        with draft(folder=tmp_path / "other") as edition:
            write(edition, {})
        assert current(tmp_path / "other").path.parent == tmp_path / "other" / "editions"
        assert not base.exists()


class TestFailure:
    """What goes wrong on the way changes nothing."""

    @pytest.mark.parametrize("error", [ValueError("bad row"), KeyboardInterrupt(), SystemExit(1)])
    def test_a_failed_draft_is_thrown_away(self, base: Path, error: BaseException) -> None:
        one = published("one")

        def fail() -> None:
            with draft(one) as edition:
                edition.database.write_bytes(b"half")
                raise error

        with pytest.raises(type(error)):
            fail()
        assert current() == one
        assert folders(base) == [one.id]
        codebook = Codebook(one)
        assert title(codebook) == "one"
        codebook.close()

    def test_a_first_draft_that_fails_leaves_none(self, base: Path) -> None:
        with pytest.raises(ValueError, match="bad row"), draft():
            raise ValueError("bad row")
        assert list(base.iterdir()) == []
        with pytest.raises(EditionError):
            current()

    def test_a_copy_that_fails_is_thrown_away(self, base: Path) -> None:
        one = published("one")
        gone = Edition(base / "gone")
        with pytest.raises(FileNotFoundError), draft(gone):
            pass
        assert current() == one
        assert folders(base) == [one.id]


KILLED = {
    "in the middle of a draft": """
with draft(current()) as edition:
    edition.database.write_bytes(b"half")
    die()
""",
    "while a copy is made": """
def half(source, target):
    Path(target).mkdir()
    (Path(target) / "codebook.sqlite").write_bytes(b"half")
    die()
shutil.copytree = half
with draft(current()) as edition:
    pass
""",
    "before the pointer is written": """
editions._point_to = lambda base, name: die()
with draft(current()) as edition:
    edition.database.write_bytes(b"whole")
""",
    "before the pointer is swapped": """
Path.replace = lambda self, target: die()
with draft(current()) as edition:
    edition.database.write_bytes(b"whole")
""",
}
SCRIPT = """
import os, shutil, signal
from pathlib import Path
from corpus import editions
from corpus.editions import current, draft

def die():
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("moment", KILLED)
def test_a_killed_process_leaves_the_current_edition_and_the_next_draft_cleans_up(base: Path, moment: str) -> None:
    first, one = published("nought"), published("one")
    process = subprocess.run([sys.executable, "-c", SCRIPT + KILLED[moment]], cwd=ROOT, env={**os.environ}, capture_output=True, text=True)
    assert process.returncode == -signal.SIGKILL, process.stderr
    assert len(folders(base)) == 3  # it was at work
    assert current() == one
    codebook = Codebook(one)
    assert title(codebook) == "one"
    two = published("two")
    assert current() == two
    assert folders(base) == [one.id, two.id]  # what a running app reads stays; the rest goes, `first` by age
    assert sorted(path.name for path in base.iterdir() if path.is_file()) == ["current"]
    assert not first.path.exists()
    assert title(codebook) == "one"
    codebook.close()


def test_what_a_killed_load_left_goes_before_the_next_one_needs_the_room(base: Path) -> None:
    (base / ".building-20260101T000000.000000Z" / "chroma").mkdir(parents=True)
    with draft() as edition:
        assert folders(base) == [edition.path.name]
        write(edition, {})


def test_the_pointer_is_whole_at_every_moment(base: Path) -> None:
    """A reader that looks all the time sees the old name or the new one, never an empty file."""
    from threading import Event, Thread

    known, seen, stop = {published("one").id}, set(), Event()

    def look() -> None:
        while not stop.is_set():
            seen.add((base / "current").read_text().strip())

    reader = Thread(target=look)
    reader.start()
    for number in range(20):
        known.add(published(str(number)).id)
    stop.set()
    reader.join()
    assert seen <= known
    assert len(seen) > 1
