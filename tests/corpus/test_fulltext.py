from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpus.codebook import Codebook
from corpus.fulltext import STOP_WORDS, words_of
from corpus.model import SourceKind, System
from tests.corpus.small import made, passage, source

PASSAGES = [
    passage(1, "Lumbar decompression", "The disc is removed after an earlier operation."),
    passage(2, "Cervical decompression", "The bone is removed."),
    passage(3, "Injection of a joint", "A needle reaches the lumbar region. Decompression is not part of it; the patient can walk and sit."),
    passage(4, "Fractures of the radius", "", kind="term", system="ICD10CM"),
    passage(5, "Ménière's disease", "", kind="term", system="ICD10CM"),
    passage(6, "Guideline on visits", "A visit with modifier 25 near a procedure. See M54.50.", kind="article", system=None),
    passage(7, "Radius plate", "", kind="term", system="HCPCS"),
    passage(8, "Lumbar pain", "", kind="term", system="ICD10CM"),
    passage(9, "AND OR NOT NEAR", "Words that the query language knows.", kind="article", system=None),
]
KINDS = ("page", "article", "term")
KEYS = {str(p["key"]) for p in PASSAGES}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Codebook]:
    edition = made(tmp_path_factory.mktemp("words"), source=[source(1, SourceKind.SHIPPED, "1")], passage=PASSAGES)
    codebook = Codebook(edition)
    yield codebook
    codebook.close()


def found(book: Codebook, query: str, kinds: tuple[str, ...] = KINDS, system: System | None = None, limit: int = 20) -> list[str]:
    return [key for key, _ in book.full_text(query, kinds, limit, system)]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("lumbar decompression", ["p1", "p3"]),  # both hold both words, p1 in its title; p2 and p8 hold one and stay out
        ("lumbar decompression unicorn", ["p1", "p2", "p3", "p8"]),  # no passage holds all: any word will do
        ("lumbar", ["p1", "p3", "p8"]),
        ("unicorn", []),
        ("fracture", ["p4"]),  # stemming: fractures
        ("fractured", ["p4"]),
        ("removing discs", ["p1"]),
        ("remove", ["p1", "p2"]),
        ("operating", ["p1"]),
        ("radial", []),  # another stem
        ("meniere disease", ["p5"]),
        ("Ménière's disease", ["p5"]),
        ("MÉNIÈRE", ["p5"]),
        ("Me\u0301nie\u0300re", ["p5"]),  # accents as characters of their own
        ("M54.50", ["p6"]),
        ("m54.50", ["p6"]),
        ("what is the lumbar decompression", ["p1", "p3"]),  # stop words need not be held
        ("can it walk", ["p3"]),
        ("", []),
        ("what is it", []),
        ("?!", []),
    ],
)
def test_words_find(book: Codebook, query: str, keys: list[str]) -> None:
    assert sorted(found(book, query)) == keys


def test_title_words_weigh_more_and_the_best_comes_first(book: Codebook) -> None:
    hits = book.full_text("lumbar decompression", KINDS)
    assert [key for key, _ in hits] == ["p1", "p3"]
    assert hits[0][1] < hits[1][1] < 0  # bm25: lower is better
    assert found(book, "lumbar", limit=2)[-1] != "p3"  # both others have it in the title


@pytest.mark.parametrize(
    ("kinds", "system", "keys"),
    [
        (("term",), None, ["p4", "p7"]),
        (("term",), System.ICD10CM, ["p4"]),
        (("term",), System.HCPCS, ["p7"]),
        (("term",), System.CPT, []),
        (("page",), None, []),
        (("page", "term"), System.ICD10CM, ["p4"]),
        ((), None, []),
    ],
)
def test_kind_and_system_filter(book: Codebook, kinds: tuple[str, ...], system: System | None, keys: list[str]) -> None:
    assert sorted(found(book, "radius", kinds, system)) == keys


def test_any_word_only_when_no_passage_of_the_system_holds_all(book: Codebook) -> None:
    assert sorted(found(book, "lumbar decompression", KINDS, System.ICD10CM)) == ["p8"]  # p1 holds both, in another system


def test_limit_cuts_the_worst(book: Codebook) -> None:
    assert found(book, "lumbar decompression", limit=1) == ["p1"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("Lumbar, lumbar LUMBAR", ["lumbar"]),
        ("what does the code 63044 do", ["63044"]),
        ("E11.40 and M54.5.", ["e11.40", "m54.5"]),
        ("Sjögren's", ["sjogren", "s"]),
        ("Guillain\u2013Barré", ["guillain", "barre"]),
        ("ﬁbula", ["fibula"]),  # a ligature
        ('"quoted" col:umn', ["quoted", "col", "umn"]),
        ("一二 !", []),
    ],
)
def test_words_of(query: str, words: list[str]) -> None:
    assert words_of(query) == words


@given(st.text())
def test_words_are_plain_lower_case_and_once(query: str) -> None:
    words = words_of(query)
    assert len(set(words)) == len(words)
    assert not STOP_WORDS & set(words)
    assert all(word.isascii() and word == word.lower() and word.replace(".", "").isalnum() for word in words)


SYNTAX = st.sampled_from(
    ['"', "'", "*", "(", ")", "^", "+", "-", ":", "{", "}", "NEAR(", "NEAR/3", "AND", "OR", "NOT", "title", "title:", "lumbar", "%", ";"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.one_of(st.text(max_size=60), st.lists(SYNTAX, max_size=8).map(" ".join), st.lists(SYNTAX, max_size=8).map("".join)))
@example('"')
@example('lumbar" OR "x')
@example("title: lumbar")
@example("lumbar*")
@example("NOT lumbar")
@example("lumbar NEAR/2 decompression")
@example("'; DROP TABLE passage; --")
@example("\x00lumbar")
@example("\ud800")
def test_no_query_breaks_the_search(book: Codebook, query: str) -> None:
    hits = found(book, query)
    assert set(hits) <= KEYS
    assert len(hits) == len(set(hits))
    if "lumbar" in words_of(query):
        assert {"p1", "p3", "p8"} & set(hits)


@pytest.mark.parametrize("query", ["lumbar NOT decompression", "NOT lumbar decompression", "lumbar AND decompression", "(lumbar) decompression*"])
def test_the_query_language_is_only_words(book: Codebook, query: str) -> None:
    """As an operator, NOT would leave p3 out; as a word it stands in p3."""
    assert "p3" in found(book, query)


def test_quotes_make_no_phrase(book: Codebook) -> None:
    assert sorted(found(book, '"decompression lumbar"')) == ["p1", "p3"]


@pytest.mark.parametrize(
    ("word", "kinds", "held"),
    [
        ("decompression", KINDS, True),
        ("decompressions", KINDS, True),  # stemming as in the search
        ("decompression", ("article",), False),
        ("unicorn", KINDS, False),
        ("Ménière", ("term",), True),
        ("M54.50", ("article",), True),
        ("the", KINDS, False),
    ],
)
def test_whether_anything_holds_a_word(word: str, kinds: tuple[str, ...], held: bool, book: Codebook) -> None:
    assert book.holds(word, kinds) is held
    assert bool(found(book, word, kinds)) is held
