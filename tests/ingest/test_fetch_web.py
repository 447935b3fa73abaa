"""Downloads from a server on loopback that does what servers do."""

from __future__ import annotations

import hashlib
import io
import os
import random
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.fetching.web import ATTEMPTS, FetchError, Note, Request, Web
from tests.conftest import ROOT
from tests.ingest.cms_server import Publisher, Served, serving, zipped

CMS = "https://www.cms.gov"
HOSTS = frozenset({"www.cms.gov"})
PACKED = zipped(a__txt=random.Random(1).randbytes(300_000))
REQUEST = Request(f"{CMS}/files/zip/a.zip", f"{CMS}/landing", 10**6)


@pytest.fixture
def cms() -> Iterator[Publisher]:
    with serving() as publisher:
        yield publisher


class Fetcher:
    """A client of the server, what it waited for, and where it puts the file."""

    def __init__(self, publisher: Publisher, folder: Path) -> None:
        self.waited: list[float] = []
        self.target = folder / "downloads" / "a.zip"
        self.came = 0
        self._publisher = publisher

    def _count(self, count: int) -> None:
        self.came += count

    def get(self, request: Request = REQUEST) -> Note:
        self.came = 0
        with Web(HOSTS, self._publisher.base, sleep=self.waited.append) as web:
            return web.download(request, self.target, self._count)

    def page(self, url: str) -> str:
        with Web(HOSTS, self._publisher.base, sleep=self.waited.append) as web:
            return web.page(url)

    def lying(self) -> list[str]:
        return sorted(path.name for path in self.target.parent.iterdir()) if self.target.parent.exists() else []


@pytest.fixture
def fetcher(cms: Publisher, tmp_path: Path) -> Fetcher:
    return Fetcher(cms, tmp_path)


def put(cms: Publisher, body: bytes = PACKED, **how: Any) -> Served:
    return cms.put("/files/zip/a.zip", body, **how)


def headers(cms: Publisher, number: int = -1) -> dict[str, str]:
    return cms.asked[number][1]


def test_a_file_with_its_checksum(cms: Publisher, fetcher: Fetcher) -> None:
    put(cms)
    note = fetcher.get()
    assert fetcher.target.read_bytes() == PACKED
    assert (note.sha256, note.size, note.url) == (hashlib.sha256(PACKED).hexdigest(), len(PACKED), REQUEST.url)
    assert Note.beside(fetcher.target) == note
    assert fetcher.lying() == ["a.zip", "a.zip.json"]
    assert fetcher.came == len(PACKED)
    assert "Codebook" in headers(cms)["User-Agent"]


def test_what_has_not_changed_is_not_sent_again(cms: Publisher, fetcher: Fetcher) -> None:
    served = put(cms)
    first = fetcher.get()
    assert fetcher.get() == first
    assert headers(cms)["If-None-Match"] == '"one"'
    assert fetcher.came == 0
    served.body, served.etag = PACKED[:-1] + b"\0", '"two"'  # the comment length of the archive: still an archive
    served.body = zipped(b__txt="new")
    fetcher.get()
    assert fetcher.target.read_bytes() == served.body


def test_what_was_changed_here_is_had_again(cms: Publisher, fetcher: Fetcher) -> None:
    put(cms)
    fetcher.get()
    fetcher.target.write_bytes(b"spoiled")
    fetcher.get()
    assert "If-None-Match" not in headers(cms)
    assert fetcher.target.read_bytes() == PACKED


@pytest.mark.parametrize("note", ["", "[]", '{"wrong": 1}', '{"url": 3}'])
def test_a_spoiled_note_is_as_none(cms: Publisher, fetcher: Fetcher, note: str) -> None:
    put(cms)
    fetcher.get()
    fetcher.target.with_name("a.zip.json").write_text(note)
    assert fetcher.get().size == len(PACKED)


def test_a_broken_transfer_is_resumed(cms: Publisher, fetcher: Fetcher) -> None:
    put(cms, faults=["drop", "drop"])
    fetcher.get()
    assert fetcher.target.read_bytes() == PACKED
    assert "Range" not in headers(cms, 0)
    assert headers(cms, 1)["Range"].startswith("bytes=")
    assert headers(cms, 1)["If-Range"] == '"one"'
    assert len(cms.asked) == 3
    assert len(fetcher.waited) == 2
    assert fetcher.lying() == ["a.zip", "a.zip.json"]


def test_a_later_call_goes_on(cms: Publisher, fetcher: Fetcher) -> None:
    served = put(cms, faults=["drop", *[503] * 10])
    with pytest.raises(FetchError, match="503"):
        fetcher.get()
    assert fetcher.lying() == ["a.zip.part", "a.zip.part.json"]
    served.faults.clear()
    fetcher.get()
    assert headers(cms)["Range"] == f"bytes={len(PACKED) // 2}-"
    assert fetcher.target.read_bytes() == PACKED
    assert fetcher.came == len(PACKED) - len(PACKED) // 2


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
def test_the_day_of_the_change_validates_too(cms: Publisher, fetcher: Fetcher, etag: str | None) -> None:
    put(cms, faults=["drop"], etag=etag, headers={"Last-Modified": "Wed, 26 Aug 2026 12:00:00 GMT"})
    fetcher.get()
    assert headers(cms)["If-Range"] == "Wed, 26 Aug 2026 12:00:00 GMT"
    assert fetcher.target.read_bytes() == PACKED


def test_without_a_validator_it_begins_anew(cms: Publisher, fetcher: Fetcher) -> None:
    put(cms, faults=["drop"], etag=None)
    fetcher.get()
    assert "Range" not in headers(cms)
    assert fetcher.target.read_bytes() == PACKED


def test_a_file_changed_during_the_resume_is_had_anew(cms: Publisher, fetcher: Fetcher) -> None:
    served = put(cms, faults=["drop", *[503] * 10])
    with pytest.raises(FetchError):
        fetcher.get()
    served.faults.clear()
    served.body, served.etag = zipped(a__txt=random.Random(2).randbytes(300_000)), '"two"'
    fetcher.get()
    assert headers(cms)["Range"].startswith("bytes=")  # asked for the rest, and was given the whole
    assert fetcher.target.read_bytes() == served.body


def test_a_server_that_resumes_another_file_is_not_believed(cms: Publisher, fetcher: Fetcher) -> None:
    served = put(cms, faults=["drop", *[503] * 10])
    with pytest.raises(FetchError):
        fetcher.get()
    served.faults.clear()
    fetcher.target.with_name("a.zip.part").write_bytes(b"x" * 1000)  # the part is not what it was, its note says nothing of it
    served.body = PACKED[:-5]  # and the file has become shorter, under the same tag
    with pytest.raises(FetchError, match=r"cut off|not a zip|damaged"):
        fetcher.get()
    assert fetcher.lying() == []


def test_a_part_beyond_the_end(cms: Publisher, fetcher: Fetcher) -> None:
    served = put(cms, faults=["drop", *[503] * 10])
    with pytest.raises(FetchError):
        fetcher.get()
    served.faults[:] = [416]
    fetcher.get()
    assert fetcher.target.read_bytes() == PACKED


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_passing_fault(cms: Publisher, fetcher: Fetcher, status: int) -> None:
    put(cms, faults=[status, status])
    fetcher.get()
    assert len(fetcher.waited) == 2
    assert 0 < fetcher.waited[0] <= fetcher.waited[1] + 1


def test_a_fault_that_stays(cms: Publisher, fetcher: Fetcher) -> None:
    put(cms, faults=[500] * 50)
    with pytest.raises(FetchError, match=r"a\.zip: the server cannot answer now \(500\); fetch again later"):
        fetcher.get()
    assert len(cms.asked) == ATTEMPTS
    assert fetcher.lying() == []


def test_the_wait_that_the_server_asks_for(cms: Publisher, fetcher: Fetcher) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    put(cms, faults=[(429, {"Retry-After": "7"}), (503, {"Retry-After": moment}), (429, {"Retry-After": "soon"})])
    fetcher.get()
    assert fetcher.waited[0] == 7
    assert 60 < fetcher.waited[1] <= 90
    assert fetcher.waited[2] > 0


def test_a_wait_that_is_too_long(cms: Publisher, fetcher: Fetcher) -> None:
    put(cms, faults=[(429, {"Retry-After": "3600"})])
    with pytest.raises(FetchError, match="asks to wait 60 minutes"):
        fetcher.get()
    assert fetcher.waited == []


@pytest.mark.parametrize(
    ("status", "message"),
    [(403, r"refused \(403\)"), (401, r"refused \(401\)"), (404, r"not there any more \(404\)"), (410, r"\(410\)"), (451, r"no file \(451\)")],
)
def test_what_will_not_pass_names_the_page(cms: Publisher, fetcher: Fetcher, status: int, message: str) -> None:
    put(cms, faults=[status])
    with pytest.raises(FetchError, match=message) as error:
        fetcher.get()
    assert f"{CMS}/landing" in str(error.value)
    assert "python -m ingest add" in str(error.value)
    assert len(cms.asked) == 1
    assert fetcher.lying() == []


def test_a_link_that_moved(cms: Publisher, fetcher: Fetcher) -> None:
    put(cms, faults=[(301, {"Location": "/files/zip/b.zip"})])  # without the folder of the host: the server's own address
    with pytest.raises(FetchError, match="404"):
        fetcher.get()
    put(cms, faults=[(301, {"Location": f"{CMS}/files/zip/b.zip"})])
    cms.put("/files/zip/b.zip", zipped(b__txt="moved"))
    fetcher.get()
    assert fetcher.target.read_bytes() == zipped(b__txt="moved")
    put(cms, faults=[(302, {"Location": f"{cms.base}/www.cms.gov/files/zip/c.zip"})])
    cms.put("/files/zip/c.zip", zipped(c__txt="again"), etag='"c"')
    fetcher.get()
    assert fetcher.target.read_bytes() == zipped(c__txt="again")


@pytest.mark.parametrize(
    "where", ["https://evil.example/x.zip", "ftp://www.cms.gov/x", "file:///etc/passwd", "https://www.cms.gov:8443/x", "http://[x"]
)
def test_a_redirect_to_elsewhere_is_not_followed(cms: Publisher, fetcher: Fetcher, where: str) -> None:
    put(cms, faults=[(302, {"Location": where})])
    with pytest.raises(FetchError, match=r"not an address of a publisher|cannot be one"):
        fetcher.get()
    assert len(cms.asked) == 1


def test_a_circle_of_redirects(cms: Publisher, fetcher: Fetcher) -> None:
    put(cms, faults=[(302, {"Location": REQUEST.url})] * 20)
    with pytest.raises(FetchError, match="redirected more than"):
        fetcher.get()


@pytest.mark.parametrize("url", ["https://elsewhere.example/a.zip", "http://127.0.0.1/a.zip", "file:///etc/passwd"])
def test_other_hosts_are_not_asked(cms: Publisher, fetcher: Fetcher, url: str) -> None:
    with pytest.raises(FetchError, match="not an address of a publisher"):
        fetcher.get(Request(url, "x", 10))
    with pytest.raises(FetchError, match="not an address of a publisher"):
        fetcher.page(url)
    assert cms.asked == []


def climbing() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../etc/cron.d/x", "x")
    return packed.getvalue()


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive, archive.open("zeros.txt", "w", force_zip64=True) as member:
        for _ in range(400):
            member.write(bytes(1024 * 1024))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"\n <!DOCTYPE html><html>Please accept</html>", "a web page came instead of the file"),
        (b"just text", "not a zip archive"),
        (b"", "not a zip archive"),
        (PACKED[: len(PACKED) // 2], "cut off"),
        (PACKED[:-30] + bytes(30), "damaged|cut off"),
        (climbing(), "outside of the archive"),
        (bomb(), "no official archive does"),
        (zipped(inner__zip=climbing()), "outside of the archive"),
    ],
    ids=["web page", "text", "empty", "cut", "overwritten", "climbing", "bomb", "climbing inside"],
)
def test_what_is_not_the_file_is_not_kept(cms: Publisher, fetcher: Fetcher, body: bytes, message: str) -> None:
    put(cms, body)
    with pytest.raises(FetchError, match=message) as error:
        fetcher.get()
    assert f"see {CMS}/landing" in str(error.value)
    assert len(str(error.value).splitlines()) == 1
    assert fetcher.lying() == []


def test_what_is_there_stays_when_the_new_file_is_bad(cms: Publisher, fetcher: Fetcher) -> None:
    served = put(cms)
    fetcher.get()
    served.body, served.etag = b"<html>", '"two"'
    with pytest.raises(FetchError):
        fetcher.get()
    assert fetcher.target.read_bytes() == PACKED
    assert fetcher.lying() == ["a.zip", "a.zip.json"]


def test_a_pdf_and_a_page(cms: Publisher, fetcher: Fetcher) -> None:
    fetcher.target = fetcher.target.with_name("a.pdf")
    put(cms, b"%PDF-1.7 x")
    fetcher.get()
    put(cms, b"no", etag='"two"')
    with pytest.raises(FetchError, match="not a PDF"):
        fetcher.get()
    fetcher.target = fetcher.target.with_name("a.html")
    put(cms, b"<html>x</html>", etag='"three"')
    fetcher.get(Request(REQUEST.url, "x", 100, web_page=True))
    assert fetcher.target.read_bytes() == b"<html>x</html>"


def test_too_large(cms: Publisher, fetcher: Fetcher) -> None:
    put(cms)
    with pytest.raises(FetchError, match="more than such a file may have"):
        fetcher.get(Request(REQUEST.url, "x", 1000))
    assert fetcher.came == 0
    assert fetcher.lying() == []


def test_a_length_that_is_wrong(cms: Publisher, fetcher: Fetcher) -> None:
    served = put(cms, length=len(PACKED) + 100, etag=None)
    with pytest.raises(FetchError, match="the transfer failed"):
        fetcher.get()
    assert fetcher.lying() == []
    served.length = len(PACKED) - 100
    with pytest.raises(FetchError, match=r"cut off|damaged"):
        fetcher.get()
    assert fetcher.lying() == []


def test_an_encoding_that_was_not_asked_for(cms: Publisher, fetcher: Fetcher) -> None:
    put(cms, headers={"Content-Encoding": "gzip"})
    with pytest.raises(FetchError, match="encoding"):
        fetcher.get()


def test_a_licence_is_in_the_address_only(cms: Publisher, fetcher: Fetcher) -> None:
    put(cms)
    fetcher.get(Request(REQUEST.url, "x", 10**6, query="?agree=yes"))
    assert cms.paths() == ["/files/zip/a.zip?agree=yes"]


def test_nobody_answers(tmp_path: Path) -> None:
    waited: list[float] = []
    with Web(HOSTS, "http://127.0.0.1:9", sleep=waited.append) as web, pytest.raises(FetchError, match="the transfer failed"):
        web.page(f"{CMS}/x")
    assert len(waited) == ATTEMPTS - 1


def test_a_page(cms: Publisher, fetcher: Fetcher) -> None:
    cms.page("/x", "<p>é</p>").faults.append(503)
    assert fetcher.page(f"{CMS}/x") == "<p>é</p>"


RUN = """
import sys
from pathlib import Path
from ingest.fetching.web import Request, Web

def tell(count):
    print(count, flush=True)

with Web(frozenset({"www.cms.gov"})) as web:
    web.download(Request("https://www.cms.gov/files/zip/a.zip", "x", 10**6), Path(sys.argv[1]), tell)
"""


def test_an_interrupted_download_is_resumed_by_the_next_call(cms: Publisher, fetcher: Fetcher) -> None:
    served = put(cms, piece=0.02)
    environment = {**os.environ, "CODEBOOK_FETCH_BASE": cms.base, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", RUN, str(fetcher.target)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout
        run.stdout.readline()
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=30)
    assert run.returncode != 0
    assert fetcher.lying() == ["a.zip.part", "a.zip.part.json"]
    have = fetcher.target.with_name("a.zip.part").stat().st_size
    assert 0 < have < len(PACKED)
    served.piece = 0
    fetcher.get()
    assert headers(cms)["Range"] == f"bytes={have}-"
    assert fetcher.target.read_bytes() == PACKED
