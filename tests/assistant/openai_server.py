"""A server on the loopback that speaks the OpenAI chat completions protocol with streaming, scripted reply by reply.

Run as a program it serves one reply for every request: `python tests/assistant/openai_server.py 8089 "63044 is … [1]."`
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What the server does with one request.

    `chunks` are sent one by one, `pause` seconds apart; `breaks` hangs up after them without an end; `finish` None leaves
    the end mark out, as a server does whose model was killed; `silence` are seconds before anything is sent.
    """

    chunks: tuple[str, ...] = ()
    status: int = 200
    finish: str | None = "stop"
    breaks: bool = False
    pause: float = 0.0
    silence: float = 0.0
    message: str = "a problem"


def says(text: str, size: int = 7, **more: Any) -> Reply:
    """A reply in chunks of a few characters, so that words, numbers and markers are cut."""
    return Reply(tuple(text[i : i + size] for i in range(0, len(text), size)), **more)


@dataclass
class Script:
    """The replies to come, the last one for all further requests; and the requests that came."""

    replies: list[Reply]
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    address: str = ""

    @property
    def received(self) -> str:
        """Everything that the server was told."""
        return json.dumps(self.requests, ensure_ascii=False)

    def next(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: Script

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/chat/completions"):
            self.script.requests.append(json.loads(body))
            self.script.headers.append({name.lower(): value for name, value in self.headers.items()})
            reply = self.script.next()
            try:
                time.sleep(reply.silence)
                self._stream(reply) if reply.status == 200 else self._refuse(reply)
            except OSError:  # the client hung up first, as it does on a time-out
                self.close_connection = True
        else:
            self.script.requests.append({"path": self.path, "size": len(body)})
            self._refuse(Reply(status=404))

    def _refuse(self, reply: Reply) -> None:
        body = json.dumps({"error": {"message": reply.message, "type": "test", "code": None}}).encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, reply: Reply) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()
        self._event({"role": "assistant", "content": ""})
        for chunk in reply.chunks:
            self._event({"content": chunk})
            time.sleep(reply.pause)
        self.close_connection = True
        if reply.breaks:
            return
        if reply.finish:
            self._event({}, reply.finish)
        self._write("data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _event(self, delta: dict[str, str], finish: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        event = {"id": "reply", "object": "chat.completion.chunk", "created": 0, "model": "test", "choices": [choice]}
        self._write(f"data: {json.dumps(event)}\n\n")

    def _write(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def serving(*replies: Reply, port: int = 0) -> Iterator[Script]:
    """A running server; its base URL is `Script.address`."""
    script = Script(list(replies))
    handler = type("Handler", (_Handler,), {"script": script})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    server.block_on_close = False
    script.address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


if __name__ == "__main__":
    with serving(says(sys.argv[2], pause=0.05), port=int(sys.argv[1])):
        threading.Event().wait()
