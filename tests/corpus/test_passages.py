from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import passages
from corpus.editions import EditionError
from corpus.embedder import embedder
from corpus.passages import COLLECTIONS, IndexMismatchError, PassageIndex, collection_of

TEXTS = {
    "back": "Low back pain",
    "lumbago": "Lumbago with sciatica",
    "colon": "Screening colonoscopy",
    "eye": "Cataract surgery with lens",
}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PassageIndex]:
    opened = PassageIndex(tmp_path / "chroma", writable=True)
    yield opened
    opened.close()


def nearest(index: PassageIndex, collection: str, query: str, limit: int = 10) -> list[tuple[str, float]]:
    return index.nearest(collection, embedder().encode([query])[0], limit)


@pytest.mark.parametrize(
    ("kind", "system", "collection"),
    [
        ("term", "ICD10CM", "icd10cm-terms"),
        ("term", "CPT", "procedure-terms"),
        ("term", "HCPCS", "procedure-terms"),
        ("term", "MODIFIER", "modifier-terms"),
        ("page", "CPT", "pages"),
        ("page", "HCPCS", "pages"),
        ("article", None, "articles"),
        ("modifier", "MODIFIER", "modifiers"),
    ],
)
def test_a_collection_for_each_kind(kind: str, system: str | None, collection: str) -> None:
    assert collection_of(kind, system) == collection
    assert collection in COLLECTIONS


def test_an_unknown_kind_has_none() -> None:
    with pytest.raises(KeyError, match="poem"):
        collection_of("poem", None)


def test_the_nearest_comes_first(index: PassageIndex) -> None:
    index.add("pages", list(TEXTS), list(TEXTS.values()))
    hits = nearest(index, "pages", "pain in the lower back")
    assert [key for key, _ in hits][:2] == ["back", "lumbago"]
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)
    assert len(hits) == 4  # no more than there are
    assert nearest(index, "pages", "pain in the lower back", 1) == hits[:1]


def test_the_score_is_the_cosine(index: PassageIndex) -> None:
    index.add("pages", list(TEXTS), list(TEXTS.values()))
    query, *vectors = embedder().encode(["removal of the lens of the eye", *TEXTS.values()])
    wanted = {key: float(query @ vector) for key, vector in zip(TEXTS, vectors, strict=True)}
    assert dict(index.nearest("pages", query, 10)) == pytest.approx(wanted, abs=1e-3)
    assert dict(nearest(index, "pages", TEXTS["eye"]))["eye"] == pytest.approx(1, abs=1e-3)


def test_collections_are_apart(index: PassageIndex) -> None:
    index.add("pages", ["back"], [TEXTS["back"]])
    index.add("articles", ["colon", "eye"], [TEXTS["colon"], TEXTS["eye"]])
    assert [key for key, _ in nearest(index, "pages", "colonoscopy")] == ["back"]
    assert [key for key, _ in nearest(index, "articles", "colonoscopy")] == ["colon", "eye"]
    assert nearest(index, "modifiers", "colonoscopy") == []
    assert (index.keys("pages"), index.keys("articles"), index.keys("modifiers")) == ({"back"}, {"colon", "eye"}, set())
    assert index.count() == 3


def test_a_key_that_is_there_is_replaced(index: PassageIndex) -> None:
    index.add("pages", ["one", "two"], [TEXTS["back"], TEXTS["colon"]])
    index.add("pages", ["one"], [TEXTS["eye"]])
    assert index.count() == 2
    ((key, score), _) = nearest(index, "pages", TEXTS["eye"])
    assert (key, round(score, 2)) == ("one", 1)
    assert all(score < 0.9 for _, score in nearest(index, "pages", TEXTS["back"]))


def test_removed_keys_are_gone(index: PassageIndex) -> None:
    index.add("pages", list(TEXTS), list(TEXTS.values()))
    index.remove("pages", iter(["back", "colon"]))
    assert index.keys("pages") == {"lumbago", "eye"}
    assert {key for key, _ in nearest(index, "pages", TEXTS["back"])} == {"lumbago", "eye"}
    index.remove("pages", [])
    index.remove("pages", ["never there"])
    assert index.count() == 2


def test_nothing_to_add(index: PassageIndex) -> None:
    index.add("pages", [], [])
    assert index.count() == 0


def test_more_rows_than_one_call_takes(index: PassageIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passages, "ROWS_A_CALL", 3)
    keys = [str(number) for number in range(8)]
    steps: list[int] = []
    index.add("pages", keys, [f"{number} patients" for number in keys], steps.append)
    assert index.keys("pages") == set(keys)
    assert sum(steps) == 8
    assert nearest(index, "pages", "7 patients")[0][0] == "7"
    index.remove("pages", keys[:7])
    assert index.keys("pages") == {"7"}


def test_an_index_is_there_when_it_is_opened_again_and_moved(tmp_path: Path) -> None:
    first = PassageIndex(tmp_path / ".building-x", writable=True)
    first.add("pages", list(TEXTS), list(TEXTS.values()))
    wanted = nearest(first, "pages", "lens")
    first.close()
    (tmp_path / ".building-x").rename(tmp_path / "x")
    second = PassageIndex(tmp_path / "x")
    assert nearest(second, "pages", "lens") == wanted
    second.close()


def test_vectors_of_another_model_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(passages, "MODEL", "another-model")
        old = PassageIndex(tmp_path / "chroma", writable=True)
        old.add("pages", ["back"], [TEXTS["back"]])
        old.close()
    index = PassageIndex(tmp_path / "chroma", writable=True)
    message = r"^collection pages was built by another-model, not all-MiniLM-L6-v2: run `python -m ingest build`$"
    for look in (lambda: index.keys("pages"), index.count, lambda: nearest(index, "pages", "x"), lambda: index.remove("pages", ["back"])):
        with pytest.raises(IndexMismatchError, match=message):
            look()
    with pytest.raises(IndexMismatchError, match=message):
        index.add("pages", ["eye"], [TEXTS["eye"]])
    assert index.keys("articles") == set()  # a collection of this model is used as ever
    index.close()


def test_reading_makes_nothing(tmp_path: Path) -> None:
    missing = r"^the index of this edition is missing: run `python -m ingest build`$"
    with pytest.raises(EditionError, match=missing):
        PassageIndex(tmp_path / "chroma")
    assert not (tmp_path / "chroma").exists()
    (tmp_path / "empty").mkdir()
    with pytest.raises(EditionError, match=missing):
        PassageIndex(tmp_path / "empty")
    written = PassageIndex(tmp_path / "chroma", writable=True)
    written.add("pages", ["back"], [TEXTS["back"]])
    written.close()
    index = PassageIndex(tmp_path / "chroma")
    assert nearest(index, "pages", "back")[0][0] == "back"
    for look in (lambda: index.keys("articles"), index.count, lambda: nearest(index, "articles", "x")):
        with pytest.raises(EditionError, match=missing):
            look()
    index.close()
