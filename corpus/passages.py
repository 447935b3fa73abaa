"""The vector index: Chroma collections, one per kind of passage, because a filter over one large collection is slow.

A collection's name carries the kind and its metadata the model that built it. Vectors are keyed by `Passage.key`; the
texts themselves live in the database. An index folder is written before its edition is published and only read afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import chromadb
import numpy as np
from chromadb.api.collection_configuration import CreateCollectionConfiguration, CreateHNSWConfiguration
from chromadb.config import Settings
from chromadb.errors import NotFoundError
from numpy.typing import NDArray

from corpus.editions import EditionError
from corpus.embedder import MODEL, Progress, embedder
from corpus.errors import CodebookError

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

COLLECTIONS = ("icd10cm-terms", "procedure-terms", "modifier-terms", "pages", "articles", "modifiers", "manuals", "documents", "coverage")
OF_KIND = {"page": "pages", "article": "articles", "modifier": "modifiers", "manual": "manuals", "document": "documents", "coverage": "coverage"}
DATABASE = "chroma.sqlite3"  # the file in which Chroma keeps its collections
MISSING = "the index of this edition is missing: run `python -m ingest build`"
ROWS_A_CALL = 5000  # Chroma takes at most 5,461
COSINE = CreateCollectionConfiguration(hnsw=CreateHNSWConfiguration(space="cosine", ef_search=100))

logging.getLogger("chromadb").setLevel(logging.ERROR)


class IndexMismatchError(CodebookError):
    """The index was built by another model than the one in use."""


def collection_of(kind: str, system: str | None) -> str:
    """The collection in which a passage of a kind (and code set) lies."""
    if kind == "term":
        return {"ICD10CM": "icd10cm-terms", "MODIFIER": "modifier-terms"}.get(system or "", "procedure-terms")
    return OF_KIND[kind]


class PassageIndex:
    """The vectors of one edition, opened for reading, or `writable` while the edition is made.

    Raises:
        EditionError: when reading finds no folder or, at the look-up, no collection: nothing is made in its place, because an
            empty index answers every question with silence.
    """

    def __init__(self, folder: Path, writable: bool = False) -> None:
        if not writable and not (folder / DATABASE).is_file():
            raise EditionError(MISSING)
        self._writable = writable
        self._client: Any = chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))
        self._open: dict[str, Collection] = {}
        self._filled: set[str] = set()  # collections that hold something: counting takes as long as finding

    def _collection(self, name: str) -> Collection:
        if name not in self._open:
            found = self._found(name)
            built_by = (found.metadata or {}).get("model")
            if built_by != MODEL:
                raise IndexMismatchError(f"collection {name} was built by {built_by}, not {MODEL}: run `python -m ingest build`")
            self._open[name] = found
        return self._open[name]

    def _found(self, name: str) -> Collection:
        found: Collection
        if self._writable:
            found = self._client.get_or_create_collection(name, embedding_function=None, configuration=COSINE, metadata={"model": MODEL})
            return found
        try:
            found = self._client.get_collection(name, embedding_function=None)
        except NotFoundError:
            raise EditionError(MISSING) from None
        return found

    def keys(self, collection: str) -> set[str]:
        """The keys that have a vector."""
        return set(self._collection(collection).get(include=[])["ids"])

    def count(self) -> int:
        """Vectors in all collections."""
        return sum(self._collection(name).count() for name in COLLECTIONS)

    def add(self, collection: str, keys: Sequence[str], texts: Sequence[str], progress: Progress | None = None) -> None:
        """Embed texts and store them under their keys; a key that is there already is replaced."""
        found = self._collection(collection)
        # One encode call over everything would sort best, but a slice bounds memory and keeps progress steady.
        for start in range(0, len(keys), ROWS_A_CALL):
            part = slice(start, start + ROWS_A_CALL)
            vectors = embedder().encode(texts[part], progress)
            found.upsert(ids=list(keys[part]), embeddings=vectors, documents=list(texts[part]))

    def remove(self, collection: str, keys: Iterable[str]) -> None:
        """Take vectors out."""
        ids = list(keys)
        for start in range(0, len(ids), ROWS_A_CALL):
            self._collection(collection).delete(ids=ids[start : start + ROWS_A_CALL])
        self._filled.discard(collection)

    def nearest(self, collection: str, vector: NDArray[np.float32], limit: int) -> list[tuple[str, float]]:
        """The keys nearest to a vector with their cosine similarity, best first."""
        found = self._collection(collection)
        if collection not in self._filled:
            if found.count() == 0:
                return []
            self._filled.add(collection)
        result = found.query(query_embeddings=vector[np.newaxis], n_results=limit, include=["distances"])
        distances = result["distances"] or [[]]
        return [(key, 1.0 - float(d)) for key, d in zip(result["ids"][0], distances[0], strict=True)]

    def close(self) -> None:
        """Let go of the files, so that the folder can be moved."""
        self._open.clear()
        self._client.close()
