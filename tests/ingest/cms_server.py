"""A web server on loopback that stands in for the publishers: pages in their layouts, and the faults that servers have.

Addresses are `/<host>/<path>`, as `CODEBOOK_FETCH_BASE` makes them. All names and contents are invented.
"""

from __future__ import annotations

import io
import re
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CMS = "/www.cms.gov"


@dataclass
class Served:
    """What lies at an address. `faults` are used up one a request: a status, "drop" (the body breaks off half way), or a status and headers."""

    body: bytes = b""
    kind: str = "application/zip"
    etag: str | None = '"one"'
    headers: dict[str, str] = field(default_factory=dict)
    faults: list[Any] = field(default_factory=list)
    ranges: bool = True
    length: int | None = None  # a Content-Length that lies
    piece: float = 0.0  # seconds between pieces of a slow body


@dataclass
class Publisher:
    """The server's content, and every request that came: method, address, headers."""

    at: dict[str, Served] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    base: str = ""

    def page(self, path: str, html: str) -> Served:
        """Put a page at a path of CMS."""
        return self.put(path, html.encode(), kind="text/html; charset=utf-8", etag=None)

    def put(self, path: str, body: bytes, **how: Any) -> Served:
        """Put a file at a path of CMS, or of another host when the path begins with two slashes."""
        served = self.at[path[1:] if path.startswith("//") else CMS + path] = Served(body, **how)
        return served

    def paths(self) -> list[str]:
        """The addresses that were asked for, without the host of CMS."""
        return [path.removeprefix(CMS) for path, _ in self.asked]


def _handler(publisher: Publisher) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            publisher.asked.append((self.path, dict(self.headers)))
            served = publisher.at.get(self.path.partition("?")[0])
            if served is None:
                self._answer(404, b"<html>gone</html>", {})
                return
            fault = served.faults.pop(0) if served.faults else None
            if isinstance(fault, tuple):
                self._answer(fault[0], b"", fault[1])
            elif isinstance(fault, int):
                self._answer(fault, b"<html>no</html>", {})
            else:
                self._file(served, broken=fault == "drop")

        def _file(self, served: Served, broken: bool) -> None:
            headers = {"Content-Type": served.kind, **served.headers} | ({"ETag": served.etag} if served.etag else {})
            if served.etag and self.headers.get("If-None-Match") == served.etag:
                self._answer(304, b"", headers)
                return
            body, status = served.body, 200
            asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            if asked and served.ranges and self.headers.get("If-Range") in (None, served.etag, served.headers.get("Last-Modified")):
                start = int(asked[1])
                status, body = 206, body[start:]
                headers["Content-Range"] = f"bytes {start}-{len(served.body) - 1}/{len(served.body)}"
            self._answer(status, body, headers, served, broken)

        def _answer(self, status: int, body: bytes, headers: dict[str, str], served: Served | None = None, broken: bool = False) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(served.length if served and served.length is not None else len(body)))
            self.end_headers()
            sent = body[: len(body) // 2] if broken else body
            try:
                if served and served.piece:
                    for start in range(0, len(sent), 4096):
                        self.wfile.write(sent[start : start + 4096])
                        threading.Event().wait(served.piece)
                else:
                    self.wfile.write(sent)
            except OSError:  # the client has gone
                self.close_connection = True
            if broken or (served and served.length is not None):
                self.close_connection = True

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that goes away in the middle is what these tests are about."""


@contextmanager
def serving() -> Iterator[Publisher]:
    """A running server; its address is `base`."""
    publisher = Publisher()
    server = _Server(("127.0.0.1", 0), _handler(publisher))
    publisher.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield publisher
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def zipped(**members: str | bytes) -> bytes:
    """An archive; `__` in a name is a dot."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return packed.getvalue()


def anchor(href: str, text: str) -> str:
    """A link as CMS's pages write a download."""
    return f'<li class="field__item"><span class="file"><a href="{href}" class="usa-link">{text}\n <span>(ZIP)</span></a></span></li>'


def body(*parts: str) -> str:
    """A page of CMS around its links."""
    return f"""<!DOCTYPE html>
<html lang="en"><head><title>Invented page | CMS</title><link rel="stylesheet" href="/themes/x.css"></head>
<body><nav><a href="#main">Skip</a> <a href="/about-cms">About</a> <a href="mailto:a@b.example">Mail</a></nav>
<main id="main"><h2>Downloads</h2><ul>{"".join(parts)}</ul></main></body></html>"""
