"""Finding: full text and vectors fused by rank, exact terms first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from assistant.retrieval import CodeHit, Finder, normal, share_of_words, stem
from assistant.retriever import CodebookRetriever
from corpus.model import System

if TYPE_CHECKING:
    from assistant.chain import Assistant

EXACT = [
    ("low back pain, unspecified", System.ICD10CM, "M54.50"),
    ("Low Back Pain (unspecified)", System.ICD10CM, "M54.50"),  # punctuation and case do not count
    ("type 2 diabetes mellitus without complications", System.ICD10CM, "E11.9"),
    ("essential (primary) hypertension", System.ICD10CM, "I10"),
    ("end stage renal disease", System.ICD10CM, "N18.6"),
]


@pytest.mark.parametrize(("term", "system", "code"), EXACT)
def test_a_term_word_for_word_comes_first(term: str, system: System, code: str, assistant: Assistant) -> None:
    best, *rest = assistant.finder.codes(term, system)
    assert best.code == code
    assert best.score > 1  # the exact term outweighs any rank
    assert all(hit.score < best.score for hit in rest)


MEANT = [
    ("sugar disease type 2 with nerve damage", System.ICD10CM, "E11.4"),
    ("kidney failure end stage", System.ICD10CM, "N18.6"),
    ("elevated blood pressure reading", System.ICD10CM, "R03.0"),
    ("knee replacement", System.CPT, "27447"),
    ("carpal tunnel operation", System.CPT, "64721"),
    ("both sides", System.MODIFIER, "50"),
]


@pytest.mark.parametrize(("words", "system", "start"), MEANT)
def test_other_words_for_the_same_thing(words: str, system: System, start: str, assistant: Assistant) -> None:
    assert any(hit.code.startswith(start) for hit in assistant.finder.codes(words, system, 10))


@pytest.mark.parametrize("system", [System.CPT, System.HCPCS, System.ICD10CM, System.MODIFIER])
def test_only_the_system_asked_for(system: System, assistant: Assistant) -> None:
    hits = assistant.finder.codes("injection of the knee", system, 20)
    assert {hit.system for hit in hits} == {system}


def test_codes_come_once_and_best_first(assistant: Assistant) -> None:
    hits = assistant.finder.codes("diabetes with kidney disease", None, 20)
    assert len({(hit.system, hit.code) for hit in hits}) == len(hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len(assistant.finder.codes("diabetes with kidney disease", None, 3)) == 3
    assert hits[:3] == assistant.finder.codes("diabetes with kidney disease", None, 3)


def test_passages_by_kind(assistant: Assistant) -> None:
    for kind in ("article", "page", "modifier"):
        hits = assistant.finder.passages("separate visit on the day of a procedure", 5, (kind,))
        assert hits
        assert {hit.passage.kind for hit, _ in hits} == {kind}
        assert all(hit.passage.source.title and hit.passage.place for hit, _ in hits)


def test_a_passage_that_both_ways_find_leads(assistant: Assistant) -> None:
    (best, similarity), *_ = assistant.finder.passages("modifier 25 separate visit on the day of a procedure")
    assert {"words", "meaning"} <= best.ways.keys()
    assert similarity > 0.3
    assert "25" in best.passage.title or "25" in best.passage.text


def test_fusion_is_by_rank(assistant: Assistant) -> None:
    """1/(60+rank) by each way, summed; where sums are equal, the nearer one leads."""
    keys = [hit.passage.key for hit, _ in assistant.finder.passages("modifier 25", 3)]
    a, b, c = keys
    fused = assistant.finder._fused({"words": [(a, 0.0), (b, 0.0)], "meaning": [(b, 0.9), (c, 0.1)]}, {})
    assert fused[0].passage.key == b
    assert fused[0].score == pytest.approx(1 / 62 + 1 / 61)
    assert fused[0].ways == {"words": 2, "meaning": 1}
    tied = assistant.finder._fused({"words": [(a, 0.0)], "meaning": [(c, 0.5)]}, {c: 0.5})
    assert [hit.passage.key for hit in tied] == [c, a]
    assert not assistant.finder._fused({"words": [("no/such/key", 0.0)]}, {})


@pytest.mark.parametrize("query", ["", "   ", "?", '"', "NEAR(", "' OR 1=1", "😀", "a" * 3000])
def test_no_query_breaks_it(query: str, assistant: Assistant) -> None:
    assistant.finder.codes(query, None, 3)
    assistant.finder.passages(query, 3)


def test_the_search_contract() -> None:
    hit = CodeHit(System.ICD10CM, "I10", "Title", "a term", 0.0327868852, 0.5, 1.0)
    assert hit.as_json() == {"system": "ICD10CM", "code": "I10", "title": "Title", "score": 0.032787}


def test_the_face_of_a_retriever(assistant: Assistant) -> None:
    documents = CodebookRetriever(finder=assistant.finder, limit=4).invoke("modifier 25 and a separate visit")
    assert len(documents) == 4
    for document in documents:
        assert document.page_content
        assert {"title", "source", "release", "place", "system", "code"} == document.metadata.keys()
        assert document.metadata["source"]
        assert document.metadata["place"]


def test_closing_twice_is_no_fault(assistant: Assistant) -> None:
    finder = Finder(assistant.codebook)
    finder.close()
    finder.close()


# Words

SHARES = [
    ("low back pain", "Low back pain, unspecified", 1.0),
    ("diabetic neuropathies", "Diabetes with neuropathy", 1.0),
    ("low back pain", "Pain in the knee", 1 / 3),
    ("fracture", "Hypertension", 0.0),
    ("", "anything", 0.0),
]


@pytest.mark.parametrize(("query", "text", "share"), SHARES)
def test_the_share_of_words(query: str, text: str, share: float) -> None:
    assert share_of_words(query, text) == pytest.approx(share)


@given(st.text(), st.text())
def test_shares_lie_between_nothing_and_all(query: str, text: str) -> None:
    assert 0.0 <= share_of_words(query, text) <= 1.0


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1))
def test_a_stem_begins_its_word(word: str) -> None:
    assert word.startswith(stem(word))
    assert len(stem(word)) >= min(4, len(word))


@pytest.mark.parametrize(("one", "other"), [("Pain, low-back", "pain low back"), ("A  B", "a b"), ("(M54.5)", "m54 5")])
def test_terms_that_differ_in_punctuation_are_equal(one: str, other: str) -> None:
    assert normal(one) == normal(other)


def test_a_question_is_embedded_once_for_all_collections(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    plain = Finder._embedded

    def embedded(finder: Finder, query: str) -> NDArray[np.float32]:
        asked.append(query)
        return plain(finder, query)

    monkeypatch.setattr(Finder, "_embedded", embedded)
    finder = Finder(assistant.codebook)
    for kind in ("article", "page", "manual"):
        finder.passages("rules for consultations", 5, (kind,))
    finder.codes("rules for consultations")
    finder.close()
    assert asked == ["rules for consultations"]
