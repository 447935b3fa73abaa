"""Guidelines: an article read into cited statements; nothing where nothing fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant.answer import Status
from assistant.answers.guideline import blocks_of
from assistant.retrieval import content_words
from tests.assistant.said import broken_promises

if TYPE_CHECKING:
    from assistant.chain import Assistant


def test_every_article_is_found_by_its_topics_and_cites_every_block(assistant: Assistant) -> None:
    for id in assistant.codebook.document_keys["article"]:
        article = assistant.codebook.article(id)
        assert article
        answer = assistant.ask(f"What are the guidelines on {article.topics[0]}?")
        assert answer.status is Status.ANSWERED, article.topics[0]
        assert answer.citations, id
        assert not broken_promises(answer), id


def test_the_article_on_a_topic_comes_whole(assistant: Assistant) -> None:
    article = assistant.codebook.article("modifier-25-57-24")
    assert article
    answer = assistant.ask(f"guidelines for {article.topics[0]}")
    assert answer.statements[0].text == f"{article.title}."
    assert len(answer.statements) == len(blocks_of(article.text)) + 1
    assert "[1]" not in " ".join(s.text for s in answer.statements)  # markers became citations
    assert all(s.citations for s in answer.statements)


@pytest.mark.parametrize("text", ["Medicare guideline on quxly zorp flurbing", "policy on blarghosis therapy"])
def test_what_nothing_speaks_of(text: str, assistant: Assistant) -> None:
    answer = assistant.ask(text)
    assert answer.status is Status.NO_DATA, answer.text
    assert not answer.citations


TEXT = """First paragraph
runs on. [1]

## When

- One item [1]
- Two items
  over two lines [2][3]

1. Numbered [1]

| Days | Meaning |
|---|---|
| 000 | minor [1] |
| 090 | major [2] |
"""


def test_an_article_in_blocks() -> None:
    assert blocks_of(TEXT) == [
        ("", "First paragraph runs on. [1]", False),
        ("When", "One item [1]", True),
        ("When", "Two items over two lines [2][3]", True),
        ("When", "Numbered [1]", True),
        ("When", "Days 000: Meaning: minor. [1]", True),
        ("When", "Days 090: Meaning: major. [2]", True),
    ]


def test_words_that_name_a_subject() -> None:
    assert content_words("Does Medicare cover acupuncture for the back") == ["acupuncture", "back"]
