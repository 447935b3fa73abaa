"""Guidelines and policy: the article that fits, its rules with the publications behind them."""

from __future__ import annotations

import re

from assistant.answer import Answer, Composer, Status
from assistant.context import Context, answers
from assistant.evidence import MARKERS, cited, of_article, of_passage
from assistant.question import Kind, Question
from assistant.retrieval import PASSAGE_KINDS, share_of_words
from corpus.fulltext import words_of
from corpus.model import Article, Hit

CLOSE, NEAR, MOST_WORDS = 0.5, 0.33, 0.5
GENERIC = frozenset("does cover covered coverage medicare medicaid guideline guidelines rule rules policy bill billing billed mean means".split())
LIST_ITEM = re.compile(r"^\s*(?:[-*]|\d+\.)\s+")


def blocks_of(text: str) -> list[tuple[str, str, bool]]:
    """An article as (heading, text, is a list item), in order; a table row is a list item."""
    blocks: list[tuple[str, str, bool]] = []
    heading, current, bullet = "", list[str](), False
    columns: list[str] = []

    def close() -> None:
        if current:
            blocks.append((heading, " ".join(current), bullet))
            current.clear()

    for line in text.splitlines():
        if not line.lstrip().startswith("|"):
            columns = []
        if line.startswith("#"):
            close()
            heading = line.lstrip("# ").strip()
        elif not line.strip():
            close()
        elif line.lstrip().startswith("|"):
            close()
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if not columns:
                columns = cells
            elif not all(set(cell) <= set("-: ") for cell in cells):
                blocks.append((heading, _row_as_text(columns, cells), True))
        elif LIST_ITEM.match(line):
            close()
            current.append(LIST_ITEM.sub("", line).strip())
            bullet = True
        else:
            if not current:
                bullet = False
            current.append(line.strip())
    close()
    return blocks


def _row_as_text(columns: list[str], cells: list[str]) -> str:
    """A table row as a sentence: the first cell, then each further one under its column's name; markers go to the end."""
    found = [marker for cell in cells for marker in MARKERS.findall(cell)]
    plain = [MARKERS.sub("", cell).strip() for cell in cells]
    rest = [f"{name}: {cell}" for name, cell in zip(columns[1:], plain[1:], strict=False) if cell]
    return f"{plain[0]}. {'; '.join(rest)} {''.join(found)}".strip()


@answers(Kind.GUIDELINE)
def answer(question: Question, context: Context) -> Answer:
    """The best article whole, or single passages when no article fits."""
    subject = question.subject or question.text
    named = " ".join([subject, *(f"modifier {m}" for m in question.modifiers if m.lower() not in subject.lower())])
    article = _by_name(question, context, subject)
    found = context.finder.passages(named, 8) if article is None else []
    strange = [word for word in content_words(named) if not context.codebook.full_text(word, PASSAGE_KINDS, 1)]
    carried = [hit for hit, similarity in found if not strange and _is_carried(named, hit, similarity)]
    if article is None and carried and carried[0].passage.kind == "article":
        article = context.codebook.article(carried[0].passage.key.split("/")[1])
    composer = context.composer(question)
    if article:
        _article(composer, article)
        return composer.answer()
    if carried:
        return _passages(composer, carried)
    about = f"“{', '.join(strange)}”" if strange else f"“{subject}”"
    composer.say(f"Nothing that is loaded speaks of {about}, so I give no answer.")
    near = [hit.passage.title for hit, _ in found if hit.passage.kind == "article"]
    if near:
        composer.say(f"The nearest articles are on other subjects: {'; '.join(dict.fromkeys(near[:3]))}.")
    return composer.answer(Status.NO_DATA)


def content_words(query: str) -> list[str]:
    """The words that name the subject: a passage that holds none of a subject's words cannot answer for it."""
    return [word for word in words_of(query) if word not in GENERIC and len(word) > 3]


def _is_carried(query: str, hit: Hit, similarity: float) -> bool:
    share = share_of_words(" ".join(content_words(query)) or query, f"{hit.passage.title} {hit.passage.text}")
    return similarity >= CLOSE or (share >= MOST_WORDS and (similarity >= NEAR or (similarity == 0 and share >= 0.99)))


def _by_name(question: Question, context: Context, subject: str) -> Article | None:
    """The article one of whose topics is what was asked, word for word, or the one on the only modifier named."""
    wanted = subject.lower().strip(" ?.")
    articles = [a for key in context.codebook.document_keys.get("article", ()) if (a := context.codebook.article(key))]
    for article in articles:
        if wanted in (topic.lower() for topic in article.topics):
            return article
    if question.modifiers and not question.codes:
        fitting = [a for a in articles if set(question.modifiers) <= set(a.modifiers)]
        narrow = sorted(fitting, key=lambda a: (not any(m in a.title for m in question.modifiers), len(a.modifiers), a.id))
        return narrow[0] if narrow else None
    return None


def _article(composer: Composer, article: Article) -> None:
    composer.say(f"{article.title}.", of_article(article, article.title))
    for heading, text, bullet in blocks_of(article.text):
        composer.heading(heading)
        item = cited(text, article.citations, of_article(article, text))
        composer.say(item.text, *item.evidence, bullet=bullet)
    for modifier in article.modifiers[:2]:
        composer.suggest(f"What is modifier {modifier}?")
    for code in article.codes[:2]:
        composer.suggest(f"What is {code}?")


def _passages(composer: Composer, hits: list[Hit]) -> Answer:
    for hit in hits[:3]:
        composer.heading(hit.passage.title)
        composer.say(hit.passage.text, of_passage(hit.passage))
        if hit.passage.system and hit.passage.code:
            composer.about(hit.passage.system, hit.passage.code)
    return composer.answer()
