"""Codebook runs without the network, and a look-up without its heavy libraries; both are proven in processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

KEPT = ("joint-injection.yaml", "physical-status.yaml", "separate-procedure.md")  # of the pages, modifiers and articles
QUESTIONS = ("What is CPT code 20610?", "20611", "What is modifier P3?", "Can I bill 20610 with 99213?", "What is A01.1?", "Global period of 20600?")

# Python loads this module before any other. What it refuses it also writes down, so that a swallowed error is seen too.
GUARD = """
import ipaddress, os, sys

def local(host):
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

def guard(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a path is a socket of this machine
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if not local(host):
        with open(os.environ["REFUSED"], "a") as log:
            log.write(f"{event} {host}\\n")
        raise PermissionError(f"refused: {event} {host}")

sys.addaudithook(guard)
"""
TRY = """
import json, socket, urllib.request, urllib.error

def refused(what):
    try:
        what()
    except (PermissionError, urllib.error.URLError) as error:
        return "refused: " in str(error)
    return False

def loopback():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        return True

print(json.dumps({
    "address": refused(lambda: socket.create_connection(("192.0.2.1", 443), timeout=1)),
    "name": refused(lambda: socket.getaddrinfo("huggingface.co", 443)),
    "datagram": refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53))),
    "page": refused(lambda: urllib.request.urlopen("https://huggingface.co", timeout=1)),
    "loopback": loopback(),
}))
"""
BUILD = """
import json, sys
from pathlib import Path
from assistant.chain import open_assistant
from corpus.model import System
from ingest.build import build
from ingest.readers.icd10cm import Entry

tabular = [
    Entry("A01", "Torn part", "category", None, (("inclusion", "ripped part"),)),
    Entry("A01.1", "Torn left part", "code", "A01", ()),
    Entry("B00", "Worn joint", "code", None, ()),
]
result = build(folder=Path(sys.argv[1]), tabular=tabular)
assistant = open_assistant()
found = assistant.ask("Which ICD-10-CM code is for a ripped part on the left side?")
exact = assistant.ask("What is CPT code 20610?")
print(json.dumps({
    "faults": [str(fault) for fault in result.faults],
    "embedded": result.embedded,
    "words": found.as_json(),
    "hits": [hit.as_json() for hit in assistant.finder.codes("joint is worn out", System.ICD10CM)],
    "similarity": assistant.finder.codes("joint is worn out", System.ICD10CM)[0].similarity,
    "exact": exact.as_json(),
    "offline": __import__("huggingface_hub").constants.HF_HUB_OFFLINE,
}))
"""
HEAVY = ("torch", "transformers", "sentence_transformers", "chromadb", "polars", "pandas", "streamlit", "langchain", "langchain_core")
LOADED = f"[name for name in {HEAVY} if name in sys.modules]"
LIGHT = f"""
import json, sys
import assistant.chain
imported = {LOADED}
opened = assistant.chain.open_assistant()
answers = {{text: opened.ask(text).as_json()["status"] for text in sys.argv[1:]}}
print(json.dumps({{"imported": imported, "answered": {LOADED}, "answers": answers}}))
"""


class Offline:
    """A home and a shipped folder of their own, and processes that have no network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.refused = folder / "refused"
        self.shipped = folder / "shipped"
        shutil.copytree(ROOT / "corpus" / "shipped", self.shipped)
        for file in self.shipped.glob("[cmg]*/*.*"):
            if file.name not in KEPT:
                file.unlink()
        (folder / "guard").mkdir()
        (folder / "guard" / "sitecustomize.py").write_text(GUARD)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        paths = {"PYTHONPATH": f"{folder / 'guard'}:{ROOT}", "CODEBOOK_HOME": str(folder / "home"), "REFUSED": str(self.refused)}
        # No model may come out of a user's cache, and no setting of a user's may open the hub.
        self.environment = kept | paths | {"HF_HOME": str(folder / "empty"), "HF_HUB_OFFLINE": "0"}

    def run(self, script: str, *arguments: str) -> Any:
        """Run a script; what it prints last, as JSON."""
        command = [*self._without_network(), sys.executable, "-c", script, *arguments]
        done = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def _without_network(self) -> list[str]:
        """Where the system lets us, a network of its own with nothing in it but loopback: it binds native code too."""
        wrap = ["unshare", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
        if not shutil.which("unshare") or not shutil.which("ip"):
            return []
        return wrap if subprocess.run([*wrap, "true"], capture_output=True).returncode == 0 else []

    def attempts(self) -> list[str]:
        """Every attempt to leave the machine so far, which are forgotten then."""
        lines = self.refused.read_text().splitlines() if self.refused.exists() else []
        self.refused.unlink(missing_ok=True)
        return lines


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Offline:
    return Offline(tmp_path_factory.mktemp("offline"))


@pytest.fixture(scope="module")
def built(offline: Offline) -> Any:
    """What a fresh process said that built a small default edition and asked it, and where it wanted to connect to."""
    offline.attempts()
    return {**offline.run(BUILD, str(offline.shipped)), "attempts": offline.attempts()}


def test_the_guard_refuses_all_but_loopback(offline: Offline) -> None:
    assert offline.run(TRY) == {"address": True, "name": True, "datagram": True, "page": True, "loopback": True}
    attempts = [line.split()[1] for line in offline.attempts()]
    assert attempts == ["192.0.2.1", "huggingface.co", "192.0.2.1", "huggingface.co"]


def test_an_edition_is_built_without_the_network(built: Any) -> None:
    assert built["faults"] == []
    assert built["embedded"] > 20
    assert built["attempts"] == []  # nothing even tried
    assert built["offline"] is True  # the hub's own switch, which a model's download would ask


def test_a_question_by_words_is_answered_without_the_network(built: Any) -> None:
    assert built["words"]["status"] == "answered"
    assert "A01" in json.dumps(built["words"]["codes"])
    assert built["hits"][0]["code"] == "B00"
    assert built["similarity"] > 0.5  # found by meaning: the model was at work


def test_an_exact_code_is_answered_without_the_network(built: Any) -> None:
    assert built["exact"]["status"] == "answered"
    assert {"system": "CPT", "code": "20610"} in built["exact"]["codes"]
    assert built["exact"]["citations"]


@pytest.mark.usefixtures("built")
def test_a_look_up_loads_no_heavy_library(offline: Offline) -> None:
    result = offline.run(LIGHT, *QUESTIONS)
    assert result["imported"] == []
    assert result["answered"] == []
    assert result["answers"] == dict.fromkeys(QUESTIONS, "answered")
    assert offline.attempts() == []


@pytest.mark.usefixtures("built")
def test_the_command_line_answers_an_exact_code(offline: Offline) -> None:
    """The command itself, as a user types it."""
    command = [sys.executable, "-X", "importtime", "-m", "assistant", "ask", "What is CPT code 20610?", "--json"]
    done = subprocess.run(command, env=offline.environment, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-500:]
    assert json.loads(done.stdout)["status"] == "answered"
    loaded = {line.split("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "assistant.chain" in loaded
    assert not loaded & set(HEAVY)
