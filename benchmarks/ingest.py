"""Loading and embedding, beside what a user would do instead: pandas into SQLite, plain sentence-transformers, Chroma.from_texts.

Each side runs in a process of its own, in turn for several rounds. Loading takes the PTP practitioner file out of a folder of official files:
Codebook by `ingest.build.add` into an edition of its own (recognised, checked row by row, checksummed, indexed, published), pandas by
`read_csv` and `to_sql` in chunks, with indexes on the same keys. Embedding takes titles of ICD-10-CM, once to vectors, once into a Chroma
collection.

    python -m benchmarks.ingest FOLDER [--rounds 3] [--texts 3000] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PTP = "ptp_practitioner_*.csv*"
CHUNK = 100_000  # rows that pandas takes at a time
PAIRS = {
    "load": ("codebook-load", "pandas"),
    "encode": ("codebook-encode", "sentence-transformers"),
    "collection": ("codebook-collection", "from-texts"),
}


def ptp_file(folder: Path) -> Path:
    """The PTP practitioner file in a folder of official files.

    Raises:
        SystemExit: when there is none.
    """
    found = sorted(folder.rglob(PTP))
    if not found:
        raise SystemExit(f"{folder}: no {PTP} in it")
    return found[0]


def codebook_load(data: Path, folder: Path) -> tuple[int, float]:
    """Rows and seconds of adding the file to an empty edition under `folder`."""
    os.environ["CODEBOOK_HOME"] = str(folder)
    from corpus.editions import draft
    from ingest.build import add
    from ingest.store import Store, writing

    with draft() as edition, writing(Store.create(edition.database)):
        pass
    start = perf_counter()
    result = add([ptp_file(data)])
    return sum(item.rows for item in result.loaded), perf_counter() - start


def pandas_load(data: Path, folder: Path) -> tuple[int, float]:
    """Rows and seconds of `read_csv` and `to_sql` with indexes on the same keys."""
    import pandas  # type: ignore[import-untyped]

    start = perf_counter()
    rows = 0
    database = sqlite3.connect(folder / "pandas.sqlite")
    for chunk in pandas.read_csv(ptp_file(data), dtype=str, chunksize=CHUNK):
        chunk.to_sql("ptp", database, if_exists="append", index=False)
        rows += len(chunk)
    database.execute("CREATE INDEX pair ON ptp (column1, column2, deleted)")
    database.execute("CREATE INDEX column2 ON ptp (column2)")
    database.commit()
    database.close()
    return rows, perf_counter() - start


def titles(count: int) -> list[str]:
    """Titles of ICD-10-CM, the same ones each time."""
    import simple_icd_10_cm

    codes = random.Random(2026).sample(simple_icd_10_cm.get_all_codes(), count)
    return [simple_icd_10_cm.get_description(code) for code in codes]


def plain_model() -> Any:
    """The model as sentence-transformers loads it."""
    from corpus.embedder import model_path

    from sentence_transformers import SentenceTransformer  # isort: skip - after corpus.embedder, which keeps it off the network

    return SentenceTransformer(str(model_path()), device="cpu", local_files_only=True)


def timed(work: Callable[[list[str]], object], texts: list[str]) -> tuple[int, float]:
    """Texts and seconds of some work on them, after a first small turn that loads and warms what it needs."""
    work(texts[:64])
    start = perf_counter()
    work(texts)
    return len(texts), perf_counter() - start


def codebook_encode(texts: list[str], _: Path) -> tuple[int, float]:
    """Vectors by Codebook's embedder."""
    from corpus.embedder import embedder

    return timed(embedder().encode, texts)


def plain_encode(texts: list[str], _: Path) -> tuple[int, float]:
    """Vectors by `SentenceTransformer.encode`."""
    model = plain_model()
    return timed(lambda part: model.encode(part, show_progress_bar=False), texts)


def codebook_collection(texts: list[str], folder: Path) -> tuple[int, float]:
    """Texts into a collection by Codebook's index."""
    from corpus.passages import PassageIndex

    index = PassageIndex(folder, writable=True)
    return timed(lambda part: index.add("icd10cm-terms", [str(place) for place in range(len(part))], part), texts)


def from_texts(texts: list[str], folder: Path) -> tuple[int, float]:
    """Texts into a collection by `Chroma.from_texts`, with the plain model."""
    from chromadb.config import Settings
    from langchain_chroma import Chroma
    from langchain_core.embeddings import Embeddings

    model = plain_model()

    class Plain(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            vectors: list[list[float]] = model.encode(texts, show_progress_bar=False).tolist()
            return vectors

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    def work(part: list[str]) -> object:
        place = str(folder / f"chroma-{len(part)}")
        return Chroma.from_texts(part, Plain(), persist_directory=place, client_settings=Settings(anonymized_telemetry=False, is_persistent=True))

    return timed(work, texts)


SIDES: dict[str, Callable[[Any, Path], tuple[int, float]]] = {
    "codebook-load": codebook_load,
    "pandas": pandas_load,
    "codebook-encode": codebook_encode,
    "sentence-transformers": plain_encode,
    "codebook-collection": codebook_collection,
    "from-texts": from_texts,
}


def here(name: str, data: Path, count: int) -> dict[str, float]:
    """Run one side in this process; memory is its peak in MB."""
    loading = name in PAIRS["load"]
    with tempfile.TemporaryDirectory() as folder:
        done, seconds = SIDES[name](data if loading else titles(count), Path(folder))
    return {"done": done, "seconds": seconds, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def apart(name: str, data: Path, count: int) -> dict[str, float]:
    """Run one side in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.ingest", str(data), "--side", name, "--texts", str(count)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def summary(runs: list[dict[str, float]]) -> dict[str, float]:
    """Medians over rounds."""
    done, seconds = runs[0]["done"], median(run["seconds"] for run in runs)
    return {"done": done, "seconds": round(seconds, 2), "per_second": round(done / seconds), "peak_mb": round(median(run["peak_mb"] for run in runs))}


def compare(data: Path, rounds: int, count: int) -> dict[str, Any]:
    """All pairs of sides, round by round."""
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in SIDES}
    for _ in range(rounds):
        for name, done in runs.items():
            done.append(apart(name, data, count))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    report: dict[str, Any] = {"machine": f"{os.cpu_count()} cores, {memory:.0f} GiB", "rounds": rounds, "file": ptp_file(data).name}
    for task, (ours, theirs) in PAIRS.items():
        sides = {ours: summary(runs[ours]), theirs: summary(runs[theirs])}
        report[task] = sides | {"ratio": round(sides[ours]["per_second"] / sides[theirs]["per_second"], 2)}
    return report


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, help="folder of official files")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--texts", type=int, default=3000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--side", choices=list(SIDES), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        print(json.dumps(here(arguments.side, arguments.folder, arguments.texts)))
        return
    report = compare(arguments.folder.resolve(), arguments.rounds, arguments.texts)
    if arguments.json:
        print(json.dumps(report))
        return
    print(f"{report['machine']}; {report['file']}; {arguments.rounds} rounds")
    print(f"{'':26}{'done':>12}{'seconds':>10}{'a second':>12}{'peak MB':>10}{'ratio':>8}")
    for pair in PAIRS.values():
        task = next(task for task, names in PAIRS.items() if names == pair)
        for name in pair:
            row = report[task][name]
            ratio = report[task]["ratio"] if name == pair[0] else ""
            print(f"{name:26}{row['done']:>12,}{row['seconds']:>10}{row['per_second']:>12,}{row['peak_mb']:>10}{ratio:>8}")


if __name__ == "__main__":
    main()
