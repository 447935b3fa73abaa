"""Reading pages and files from the hosts of the catalogue, patiently: retries with back-off, resumed transfers, checksums.

Nothing else in the program opens a connection. `CODEBOOK_FETCH_BASE` puts a server of one's own in place of the publishers (a mirror, or
a test): `https://www.cms.gov/x` is then read from `<base>/www.cms.gov/x`.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from corpus.errors import CodebookError
from ingest.fetching.inspect import BadFileError, inspect
from ingest.load import sha256
from ingest.progress import Advance

BASE = "CODEBOOK_FETCH_BASE"
# Who asks, honestly; several publishers refuse agents that do not begin like a browser's.
AGENT = "Mozilla/5.0 (compatible; Codebook/0.1; medical code look-up, run by its user)"
ATTEMPTS = 5
BACK_OFF = wait_exponential_jitter(initial=1, max=30)
PATIENCE = 300  # seconds that a server may ask to wait
REDIRECTS = 5
PAGE = 64 * 1024**2  # bytes of a page, the largest is a data catalogue
NOTE = ".json"
PART = ".part"


T = TypeVar("T")


class FetchError(CodebookError):
    """What could not be had, why, and what to do, in one line."""


class _PassingError(FetchError):
    """What may go well at the next attempt; `wait`: seconds that the server asks for."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


@dataclass(frozen=True)
class Note:
    """What lies beside a download: where it came from, and what tells whether the publisher has changed it."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    size: int | None = None
    sha256: str | None = None
    fetched_at: str | None = None

    @property
    def validator(self) -> str | None:
        """What a request to resume names: a strong ETag, else the day of the last change."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.last_modified

    @staticmethod
    def beside(path: Path) -> Note | None:
        """The note of a file, None when there is none that can be read."""
        try:
            return Note(**json.loads(path.with_name(path.name + NOTE).read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def write(self, path: Path) -> None:
        """Put it beside a file."""
        path.with_name(path.name + NOTE).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Request:
    """A file to be had: its address, the page to look at when it is not there, and the most bytes it may have."""

    url: str
    landing: str
    limit: int
    query: str = ""  # appended to the address, e.g. the acceptance of a licence
    web_page: bool = False


class Web:
    """A client that speaks only to the hosts it is given."""

    def __init__(self, hosts: frozenset[str], base: str | None = None, sleep: Callable[[float], None] = time.sleep) -> None:
        self._hosts = hosts
        self._base = (base or os.environ.get(BASE) or "").rstrip("/")
        self._sleep = sleep
        headers = {"User-Agent": AGENT, "Accept-Encoding": "identity"}  # as it lies there: lengths and ranges count those bytes
        self._client = httpx.Client(headers=headers, timeout=httpx.Timeout(60, connect=20), trust_env=not self._base)

    def __enter__(self) -> Web:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def page(self, url: str, landing: str | None = None) -> str:
        """The text of a page.

        Raises:
            FetchError: when it cannot be read.
        """
        return self._patiently(lambda: self._page(url, landing or url))

    def _page(self, url: str, landing: str) -> str:
        with self._get(url, {}, landing) as response:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > PAGE:
                    raise FetchError(f"{url}: larger than a page may be")
            return body.decode("utf-8", errors="replace")

    def download(self, request: Request, target: Path, advance: Advance) -> Note:
        """Bring a file to `target`, with a note beside it; resume what is there in part, and keep what has not changed.

        Raises:
            FetchError: when it cannot be had, or is not what it should be; an unfinished part is kept only where it can be resumed.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        return self._patiently(lambda: self._download(request, target, advance))

    def _download(self, request: Request, target: Path, advance: Advance) -> Note:
        held, part = _unchanged(target, request.url), target.with_name(target.name + PART)
        begun = None if held else _resumable(part, request.url)
        with self._get(request.url + request.query, _conditions(held, begun, part), request.landing) as response:
            if response.status_code == httpx.codes.NOT_MODIFIED and held:
                return held
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                _forget(part)
                raise _PassingError(f"{request.url}: the part that was there does not fit any more")
            note = self._receive(response, request, part, begun, advance)
        return _keep(note, request, part, target)

    def _receive(self, response: httpx.Response, request: Request, part: Path, begun: Note | None, advance: Advance) -> Note:
        """Write the body to the part file, from where it had stopped when the server goes on from there."""
        offset = _offset(response, part, begun, request.url)
        length = response.headers.get("Content-Length")
        total = offset + int(length) if length and length.isdigit() else None
        if max(total or 0, offset) > request.limit:
            _forget(part)
            raise FetchError(f"{request.url}: {total or offset:,} bytes, more than such a file may have; see {request.landing}")
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise FetchError(f"{request.url}: sent in an encoding that was not asked for; download it from {request.landing}")
        note = Note(request.url, response.headers.get("ETag"), response.headers.get("Last-Modified"), total)
        note.write(part)
        try:
            with part.open("r+b" if offset else "wb") as file:
                file.seek(offset)
                for chunk in response.iter_raw():  # as it comes: what is collected first would be lost when the transfer breaks
                    file.write(chunk)
                    advance(len(chunk))
                    if file.tell() > request.limit:
                        raise FetchError(f"{request.url}: more bytes than such a file may have; see {request.landing}")
        except BaseException as error:
            if note.validator is None or (isinstance(error, FetchError)):
                _forget(part)
            raise
        if total is not None and part.stat().st_size != total:
            raise _PassingError(f"{request.url}: {part.stat().st_size:,} of {total:,} bytes came")
        return note

    @contextmanager
    def _get(self, url: str, headers: dict[str, str], landing: str) -> Iterator[httpx.Response]:
        """The answer to a request, over the redirects that stay with the hosts of the catalogue."""
        official = url
        try:
            for _ in range(REDIRECTS):
                with self._client.stream("GET", self._address(official), headers=headers) as response:
                    if not response.has_redirect_location:
                        _refuse(response, url, landing)
                        yield response
                        return
                    official = urljoin(official, self._official(response.headers["Location"]))
        except httpx.TransportError as error:
            raise _PassingError(f"{url}: the transfer failed ({' '.join(str(error).split())[:100] or type(error).__name__})") from error
        except (httpx.InvalidURL, ValueError) as error:
            raise FetchError(f"{url}: leads to an address that cannot be one; see {landing}") from error
        raise FetchError(f"{url}: redirected more than {REDIRECTS} times; see {landing}")

    def _address(self, url: str) -> str:
        """Where an official address is read from.

        Raises:
            FetchError: when its host is none of the catalogue's.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.hostname not in self._hosts or parts.port not in (None, 80, 443):
            raise FetchError(f"{url}: not an address of a publisher in the catalogue; it is not read")
        if self._base:
            return f"{self._base}/{parts.hostname}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        return parts._replace(scheme="https").geturl()

    def _official(self, location: str) -> str:
        """The official address that a redirect of the server in place of the publishers means."""
        if self._base and location.startswith(self._base + "/"):
            return "https://" + location.removeprefix(self._base + "/")
        return location

    def _patiently(self, ask: Callable[[], T]) -> T:
        """Ask again after a pause while what is in the way may pass."""
        again = Retrying(
            retry=retry_if_exception_type(_PassingError), stop=stop_after_attempt(ATTEMPTS), wait=_pause, sleep=self._sleep, reraise=True
        )
        return again(ask)


def _pause(state: RetryCallState) -> float:
    """Seconds until the next attempt: what the server asks for, else more each time."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.wait if isinstance(error, _PassingError) else None
    return asked if asked is not None else BACK_OFF(state)


def _refuse(response: httpx.Response, url: str, landing: str) -> None:
    """Say what a status other than success means."""
    status = response.status_code
    by_hand = f"download it from {landing} in a browser and load it with `python -m ingest add FILE`"
    if status in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT, httpx.codes.NOT_MODIFIED, httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE):
        return
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise FetchError(f"{url}: refused ({status}), as some publishers do to programs; {by_hand}")
    if status in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
        raise FetchError(f"{url}: not there any more ({status}); look for it on {landing}, or {by_hand}")
    if status in (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS) or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        wait = _asked(response.headers.get("Retry-After"))
        if wait is not None and wait > PATIENCE:
            raise FetchError(f"{url}: the server asks to wait {wait / 60:,.0f} minutes ({status}); fetch again then, what is here is kept")
        raise _PassingError(f"{url}: the server cannot answer now ({status}); fetch again later", wait)
    raise FetchError(f"{url}: an answer that is no file ({status}); {by_hand}")


def _asked(header: str | None) -> float | None:
    """Seconds that `Retry-After` asks for: a number, or a moment."""
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _unchanged(target: Path, url: str) -> Note | None:
    """The note of a whole download that is as it came."""
    note = Note.beside(target)
    return note if note and note.url == url and target.is_file() and note.sha256 == sha256(target) else None


def _resumable(part: Path, url: str) -> Note | None:
    """The note of a part that can be gone on with; any other part is removed."""
    note = Note.beside(part)
    if note and note.url == url and note.validator and part.is_file() and part.stat().st_size:
        return note
    _forget(part)
    return None


def _conditions(held: Note | None, begun: Note | None, part: Path) -> dict[str, str]:
    """Headers that ask for what is missing only."""
    if held and held.etag:
        return {"If-None-Match": held.etag}
    if held and held.last_modified:
        return {"If-Modified-Since": held.last_modified}
    if begun and begun.validator:
        return {"Range": f"bytes={part.stat().st_size}-", "If-Range": begun.validator}
    return {}


def _offset(response: httpx.Response, part: Path, begun: Note | None, url: str) -> int:
    """Where the body belongs in the part: behind what is there when the server goes on with the same file, else at its start."""
    if response.status_code != httpx.codes.PARTIAL_CONTENT:
        return 0
    told = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    etag = response.headers.get("ETag")
    fits = begun and told and int(told[1]) == part.stat().st_size and told[2] in ("*", str(begun.size or told[2])) and etag in (None, begun.etag)
    if not fits:
        _forget(part)
        raise _PassingError(f"{url}: the file was changed on the way")
    return part.stat().st_size


def _keep(note: Note, request: Request, part: Path, target: Path) -> Note:
    """Look at a whole part and put it in its place with its checksum."""
    try:
        inspect(part, target.name, request.web_page)
    except BadFileError as error:
        _forget(part)
        raise FetchError(f"{request.url}: {error}; see {request.landing}") from error
    size, now = part.stat().st_size, datetime.now(UTC).isoformat(timespec="seconds")
    kept = Note(note.url, note.etag, note.last_modified, size, sha256(part), now)
    part.replace(target)
    kept.write(target)
    _forget(part)
    return kept


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    part.with_name(part.name + NOTE).unlink(missing_ok=True)
