"""Latency and memory of answers, beside what a user would build instead: a LangChain retriever over one Chroma collection.

Both sides run over the current edition, each in its own process, in turn for several rounds, with the same questions (the
golden ones). The retriever's collection holds the same passages with the same vectors. A Codebook answer is composed, cited
and verified; the retriever only returns passages.

    python -m benchmarks.ask [--rounds 3] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from corpus.editions import current

ROOT = Path(__file__).resolve().parent.parent
WARM_UP = 5


def questions() -> list[str]:
    """The golden questions that stand alone."""
    from assistant.evaluation import read_golden

    return [entry["ask"] for entry in read_golden(ROOT / "tests" / "golden") if not entry.get("history")]


def measure(ask: Any) -> dict[str, Any]:
    """Milliseconds of each question after a warm-up, and the peak memory of this process in MB."""
    asked = questions()
    for text in asked[:WARM_UP]:
        ask(text)
    times = []
    for text in asked:
        start = perf_counter()
        ask(text)
        times.append((perf_counter() - start) * 1000)
    return {"times": times, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def codebook_side() -> dict[str, Any]:
    """Ask through the assistant."""
    from assistant.chain import open_assistant

    assistant = open_assistant()
    assistant.warm()
    return measure(assistant.ask)


def chroma_side(folder: Path) -> dict[str, Any]:
    """Ask a plain similarity retriever."""
    import chromadb
    from chromadb.config import Settings
    from langchain_chroma import Chroma

    from corpus.embedder import embedder

    client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    retriever = Chroma(client=client, collection_name="all", embedding_function=embedder()).as_retriever(search_kwargs={"k": 6})
    return measure(retriever.invoke)


def one_collection(folder: Path) -> int:
    """Copy every vector of the edition into one collection, as `Chroma.from_texts` would have made it."""
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    copy = folder / "edition"  # the edition itself is never opened for writing
    shutil.copytree(current().chroma, copy)
    source = chromadb.PersistentClient(str(copy), settings=settings)
    target = chromadb.PersistentClient(str(folder / "all"), settings=settings).get_or_create_collection("all", embedding_function=None)
    for listed in source.list_collections():
        rows = listed.get(include=["embeddings", "documents"])
        for start in range(0, len(rows["ids"]), 5000):
            part = slice(start, start + 5000)
            documents, vectors = rows["documents"], rows["embeddings"]
            assert documents is not None
            assert vectors is not None
            target.add(ids=rows["ids"][part], embeddings=vectors[part], documents=documents[part])
    return target.count()


def side(name: str, folder: Path) -> dict[str, Any]:
    """Run one side in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.ask", "--side", name, "--folder", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def summary(rounds: list[dict[str, Any]]) -> dict[str, float]:
    """Median over rounds of p50, p95 and peak memory."""
    cuts = [quantiles(r["times"], n=20) for r in rounds]
    return {
        "p50_ms": round(median(c[9] for c in cuts), 1),
        "p95_ms": round(median(c[18] for c in cuts), 1),
        "peak_mb": round(median(r["peak_mb"] for r in rounds)),
    }


def rows_loaded() -> int:
    """Rows of all sources in the edition."""
    from corpus.codebook import Codebook

    return sum(source.rows for source in Codebook(current()).sources())


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--side", choices=["codebook", "chroma"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        print(json.dumps(codebook_side() if arguments.side == "codebook" else chroma_side(arguments.folder)))
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        vectors = one_collection(folder)
        runs: dict[str, list[dict[str, Any]]] = {"codebook": [], "chroma": []}
        for _ in range(arguments.rounds):
            for name, done in runs.items():
                done.append(side(name, folder / "all"))
    ours, theirs = summary(runs["codebook"]), summary(runs["chroma"])
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    report = {
        "machine": f"{os.cpu_count()} cores, {memory:.0f} GiB",
        "questions": len(questions()),
        "rows_loaded": rows_loaded(),
        "vectors": vectors,
        "codebook": ours,
        "langchain_chroma_retriever": theirs,
        "ratio": {key: round(ours[key] / theirs[key], 2) for key in ours},
    }
    if arguments.json:
        print(json.dumps(report))
        return
    asked = f"{report['questions']} questions, {arguments.rounds} rounds"
    print(f"{report['machine']}; {asked}; {report['rows_loaded']:,} rows and {vectors:,} vectors loaded")
    print(f"{'':30}{'p50 ms':>10}{'p95 ms':>10}{'peak MB':>10}")
    for label, row in (("Codebook, whole answer", ours), ("LangChain + Chroma, passages", theirs), ("ratio", report["ratio"])):
        assert isinstance(row, dict)
        print(f"{label:30}{row['p50_ms']:>10}{row['p95_ms']:>10}{row['peak_mb']:>10}")


if __name__ == "__main__":
    main()
