"""The layers of the house: who may import whom, and which room alone knows a library."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("corpus", "ingest", "assistant")
FORBIDDEN = {"corpus": ("ingest", "assistant", "app"), "ingest": ("assistant", "app"), "assistant": ("ingest", "app")}
ONLY = {
    "streamlit": ("app.py", "assistant/pages/"),
    "chromadb": ("corpus/passages.py",),
    "sentence_transformers": ("corpus/embedder.py",),
    "torch": ("corpus/embedder.py",),
    "httpx": ("ingest/fetching/web.py",),
    "langchain.chat_models": ("assistant/models.py",),
    "langchain_openai": ("assistant/models.py",),
    "langchain_ollama": ("assistant/models.py",),
    "langchain_anthropic": ("assistant/models.py",),
}
HEAVY = ("torch", "sentence_transformers", "chromadb", "polars", "streamlit", "langchain", "langchain_core", "pandas")


def files(room: str) -> Iterator[Path]:
    yield from sorted((ROOT / room).rglob("*.py"))


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("room", ROOMS)
def test_layers_do_not_reach_up(room: str) -> None:
    for file in files(room):
        reached = {name.split(".")[0] for name in imports(parsed(file))} & set(FORBIDDEN[room])
        assert not reached, f"{file} imports {reached}"


@pytest.mark.parametrize(("library", "allowed"), ONLY.items())
def test_a_library_has_one_room(library: str, allowed: tuple[str, ...]) -> None:
    for file in [ROOT / "app.py", *(f for room in ROOMS for f in files(room))]:
        place = file.relative_to(ROOT).as_posix()
        if place.startswith(allowed):
            continue
        assert not any(name == library or name.startswith(library + ".") for name in imports(parsed(file))), f"{place} imports {library}"


def test_the_rooms_of_the_libraries_exist() -> None:
    for place in {p for allowed in ONLY.values() for p in allowed}:
        assert (ROOT / place).exists(), place


@pytest.mark.parametrize("room", [*ROOMS, "benchmarks"])
def test_files_stay_short(room: str) -> None:
    for file in files(room):
        assert len(file.read_text(encoding="utf-8").splitlines()) <= 400, file


def test_publications_named_in_code_are_in_sources_yaml() -> None:
    known = set(re.findall(r"^- id: (\S+)$", (ROOT / "corpus" / "shipped" / "sources.yaml").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        id
        for file in files("assistant")
        for id in re.findall(r'(?:publication\(|_rulebook\(facts, )"([a-z0-9-]+)"', file.read_text(encoding="utf-8"))
    }
    assert "ncci-manual" in named
    assert named <= known
