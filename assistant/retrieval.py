"""Finding: exact code → full text → vectors, fused by rank (reciprocal rank fusion, k = 60).

`Finder` is plain Python and loads the embedding model only when a question needs a vector; `assistant/retriever.py` gives
it the face of a LangChain retriever.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from corpus.codebook import Codebook
from corpus.fulltext import words_of
from corpus.model import Hit, Passage, System

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from corpus.passages import PassageIndex

FUSION_K = 60
POOL = 50  # candidates taken from each way
EXACT = 1.0  # added to the score of a term equal to the query
PASSAGE_KINDS = ("article", "page", "modifier")
COLLECTIONS = {"article": "articles", "page": "pages", "modifier": "modifiers", "manual": "manuals", "document": "documents", "coverage": "coverage"}
CLOSE, NEAR, MOST_WORDS = 0.5, 0.33, 0.5
GENERIC = frozenset(
    """about bill billed billing boss cover coverage covered doctor does explain give giving guideline guidelines happens law laws like mean means
    medicaid medicare need please policy provider really rule rules someone tell want wants work works""".split()
)
TERM_COLLECTIONS = {
    System.ICD10CM: ("icd10cm-terms",),
    System.CPT: ("procedure-terms",),
    System.HCPCS: ("procedure-terms",),
    System.MODIFIER: ("modifier-terms",),
    None: ("icd10cm-terms", "procedure-terms"),  # modifiers are found only when asked for: their words fit everything
}


@dataclass(frozen=True)
class CodeHit:
    """A code found by words: the term that matched, the fused score, the cosine of its best vector (0 without one)."""

    system: System
    code: str
    title: str
    term: str
    score: float
    similarity: float
    share: float  # of the query's words that the matching term holds
    outside: str = ""  # of a code that may not be used on the day asked for: why, see `assistant.in_force`

    def as_json(self) -> dict[str, Any]:
        """A row of the `search` contract; with a note where the code may not be used."""
        row = {"system": str(self.system), "code": self.code, "title": self.title, "score": round(self.score, 6)}
        return row | ({"note": self.outside} if self.outside else {})


def normal(text: str) -> str:
    """Lower case, words only: two terms that differ in punctuation alone are equal."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def stem(word: str) -> str:
    """A crude stem, enough to see whether a word of the query stands in a term."""
    for ending in ("ies", "es", "s", "ing", "ed", "ic", "al", "y", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def share_of_words(query: str, text: str) -> float:
    """The share of the query's words that a text holds, by stem."""
    words = {stem(w) for w in words_of(query)}
    held = {stem(w) for w in words_of(text)}
    return len(words & held) / len(words) if words else 0.0


def content_words(query: str) -> list[str]:
    """The words that name the subject: a passage that holds none of a subject's words cannot answer for it."""
    return [word for word in words_of(query) if word not in GENERIC and len(word) > 2]


def is_carried(query: str, passage: Passage, similarity: float) -> bool:
    """Whether a passage speaks of what is asked: near in meaning, or less near and with half of the words."""
    if similarity >= CLOSE or similarity < NEAR:
        return similarity >= CLOSE
    return share_of_words(" ".join(content_words(query)) or query, f"{passage.title} {passage.text}") >= MOST_WORDS


class Finder:
    """Finds codes and passages in one edition."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook
        self._index: PassageIndex | None = None
        self._lock = Lock()
        self._vector = lru_cache(maxsize=64)(self._embedded)  # one question looks in several collections

    def _passages(self) -> PassageIndex:
        with self._lock:  # two threads that open one Chroma folder at once fail
            if self._index is None:
                from corpus.passages import PassageIndex

                self._index = PassageIndex(self.codebook.edition.chroma)
            return self._index

    def warm(self) -> None:
        """Load model and index, so that the first question by words is as fast as the others."""
        from corpus.passages import COLLECTIONS as EVERY

        self._vectors("warm", EVERY, 1)

    def close(self) -> None:
        """Let go of the index."""
        with self._lock:
            if self._index:
                self._index.close()
                self._index = None

    def _vectors(self, query: str, collections: Iterable[str], limit: int) -> list[tuple[str, float]]:
        index, vector = self._passages(), self._vector(query)
        found = [hit for name in collections for hit in index.nearest(name, vector, limit)]
        return sorted(found, key=lambda hit: -hit[1])[:limit]

    def _embedded(self, query: str) -> NDArray[np.float32]:
        from corpus.embedder import embedder

        vector: NDArray[np.float32] = embedder().encode([query])[0]
        return vector

    def _fused(self, ways: dict[str, list[tuple[str, float]]], similarity: dict[str, float]) -> list[Hit]:
        scores: dict[str, float] = defaultdict(float)
        ranks: dict[str, dict[str, int]] = defaultdict(dict)
        for way, found in ways.items():
            for rank, (key, _) in enumerate(found, 1):
                scores[key] += 1 / (FUSION_K + rank)
                ranks[key][way] = rank
        # A hair of similarity decides between equal ranks, so that the order is stable and sensible.
        ordered = sorted(scores, key=lambda key: (-scores[key] - similarity.get(key, 0) / 1000, key))
        passages = self.codebook.passages(ordered)
        return [Hit(passages[key], scores[key], ranks[key]) for key in ordered if key in passages]

    def passages(self, query: str, limit: int = 6, kinds: Sequence[str] = PASSAGE_KINDS) -> list[tuple[Hit, float]]:
        """Passages for a question, best first, each with the cosine of its vector (0 when found by words alone)."""
        vectors = self._vectors(query, [COLLECTIONS[kind] for kind in kinds], POOL)
        similarity = dict(vectors)
        ways = {"words": self.codebook.full_text(query, kinds, POOL), "meaning": vectors}
        hits = self._fused(ways, similarity)[:limit]
        return [(hit, similarity.get(hit.passage.key, 0.0)) for hit in hits]

    def codes(self, query: str, system: System | None = None, limit: int = 10) -> list[CodeHit]:
        """Codes whose terms mean what the words say, best first, one row a code."""
        vectors = self._vectors(query, TERM_COLLECTIONS.get(system, TERM_COLLECTIONS[None]), POOL)
        similarity = dict(vectors)
        ways = {"words": self.codebook.full_text(query, ("term",), POOL, system), "meaning": vectors}
        best: dict[tuple[System, str], tuple[float, Passage]] = {}
        wanted = normal(query)
        for hit in self._fused(ways, similarity):
            passage = hit.passage
            if not passage.system or not passage.code or passage.system is not (system or passage.system):
                continue
            if system is None and passage.system is System.MODIFIER:
                continue
            score = hit.score + (EXACT if normal(passage.title) == wanted else 0.0) + similarity.get(passage.key, 0.0) / 100
            key = (passage.system, passage.code)
            if key not in best or score > best[key][0]:
                best[key] = (score, passage)
        ordered = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))[:limit]
        return [self._code_hit(query, *key, score, passage, similarity) for key, (score, passage) in ordered]

    def _code_hit(
        self, query: str, system: System, code: str, score: float, passage: Passage, similarity: dict[str, float]
    ) -> CodeHit:  # fmt: skip
        if system is System.MODIFIER:
            modifier = self.codebook.modifier(code)
            title = modifier.title if modifier else passage.title
        else:
            known = self.codebook.code(code, system)
            title = known.title if known else passage.title
        share = share_of_words(query, f"{passage.title} {title}")
        return CodeHit(system, code, title, passage.title, score, similarity.get(passage.key, 0.0), share)
