"""Guidelines and policy: the article that fits, its rules with the publications behind them."""

from __future__ import annotations

import re
from functools import lru_cache

from assistant import documents, manuals
from assistant.answer import Answer, Composer, Status
from assistant.answers import place_of_service
from assistant.answers.modifier import opening
from assistant.answers.parts import say_section
from assistant.context import Context, answers
from assistant.evidence import MARKERS, cited, of_article, of_page
from assistant.phi import mask
from assistant.question import Kind, Question
from assistant.retrieval import CLOSE, GENERIC, PASSAGE_KINDS, content_words, is_carried, stem
from corpus.fulltext import words_of
from corpus.model import Article, Hit

SAME_TOPIC = 0.6
MOST_PASSAGES, MOST_ITEMS, MOST_QUOTED = 2, 5, 2
MODIFIER_ALONE = 2  # words beside the modifiers up to which a question is about them alone
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
    names = [MARKERS.sub("", name).strip() for name in columns]
    rest = [f"{name}: {cell}" for name, cell in zip(names[1:], plain[1:], strict=False) if cell]
    text = f"{names[0]} {plain[0]}: {'; '.join(rest)}. {''.join(found)}".strip()
    return text[:1].upper() + text[1:]


@answers(Kind.GUIDELINE)
def answer(question: Question, context: Context) -> Answer:
    """The place of a manual that is named; else the best article whole, or single passages of pages and modifiers when no article fits.

    Beside them stand what the loaded manuals say and the user's own documents, the payer's that the question names on top.
    """
    subject = question.subject or question.text
    asked = " ".join([subject, *(f"modifier {m}" for m in question.modifiers if m.lower() not in subject.lower())])
    composer = context.composer(question)
    if place_of_service.say(composer, question, context):
        return composer.answer()
    place = manuals.placed(question.text, context)
    if place:
        if manuals.say_place(composer, place, question.text, context):
            return composer.answer()
        beside = manuals.words_beside(question.text)
        if not beside or context.codebook.manuals.loaded(place.series):
            return composer.answer(Status.NO_DATA)
        asked = subject = beside
    own = documents.asked_of(question, asked, context)
    documents.say(composer, own.above)
    official = _official(composer, question, asked, context)
    documents.say(composer, own.below)
    composer.heading("")
    documents.say_silent(composer, own.silent, context)
    if official or own.anything:
        return composer.answer()
    if not place and not own.silent:
        strange = _strange(asked, context)
        about = mask(", ".join(strange) if strange else subject)
        composer.say(f"I have no guideline on “{about}” in what is loaded, so I give no answer.")
    composer.suggest("What can you answer?")
    return composer.answer(Status.NO_DATA)


def _official(composer: Composer, question: Question, asked: str, context: Context) -> bool:
    """What our article or our pages say, with the manuals beside them; whether there was anything."""
    quoted = manuals.fitting(asked, context, MOST_QUOTED)
    strange = _strange(asked, context)
    article = _on_modifiers(question, context) or _best_article(asked, strange, len(content_words(asked)), context)
    carried: list[Hit] = []
    if article and article.place.startswith("guidelines/coverage/") and question.payer not in (None, "Medicare"):
        return False  # what Medicare covers says nothing of another payer
    if article:
        composer.heading("")
        _article(composer, article)
    elif not strange:
        hits = context.finder.passages(asked, 8, ("page", "modifier"))
        carried = [hit for hit, near in hits if is_carried(asked, hit.passage, near)]
        if carried and not quoted:
            _passages(composer, carried, context)
    manuals.say_beside(composer, quoted)
    return bool(article or carried or quoted)


def _strange(asked: str, context: Context) -> list[str]:
    """The words that nothing which ships with the program holds."""
    return [word for word in content_words(asked) if not context.codebook.holds(word, PASSAGE_KINDS)]


def topic_match(query: str, article: Article) -> float:
    """How well the best topic of an article says what was asked: shared word stems over all of both, 0 to 1."""
    asked = frozenset(stem(word) for word in words_of(query) if word not in GENERIC)
    if not asked:
        return 0.0
    return max((_likeness(asked, topic) for topic in _topic_stems(article.topics)), default=0.0)


def _likeness(asked: frozenset[str], topic: frozenset[str]) -> float:
    """Shared stems over all; a topic that stands whole in a short question is the same topic."""
    if topic <= asked and len(asked) <= len(topic) + 2:
        return max(SAME_TOPIC, len(topic) / len(asked))
    return len(asked & topic) / len(asked | topic)


@lru_cache(maxsize=1024)
def _topic_stems(topics: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    found = (frozenset(stem(word) for word in words_of(topic) if word not in GENERIC) for topic in topics)
    return tuple(stems for stems in found if stems)


def _best_article(query: str, strange: list[str], words: int, context: Context) -> Article | None:
    """The article whose topics and sections together are nearest to what was asked, None when none is near enough."""
    nearest: dict[str, tuple[float, Hit]] = {}
    for hit, similarity in context.finder.passages(query, 40, ("article",)):
        id = hit.passage.key.split("/")[1]
        if id not in nearest or similarity > nearest[id][0]:
            nearest[id] = (similarity, hit)
    articles = [a for key in context.codebook.document_keys.get("article", ()) if (a := context.codebook.article(key))]
    scored = [(topic_match(query, a), nearest.get(a.id), a) for a in articles]
    topic, near, best = max(scored, key=lambda s: (s[0] + (s[1][0] if s[1] else 0.0), s[2].id), default=(0.0, None, None))
    if topic >= SAME_TOPIC:
        return best
    if near is None or 2 * len(strange) >= max(words, 1):
        return None
    similarity, hit = near
    return best if similarity >= CLOSE or (not strange and is_carried(query, hit.passage, similarity)) else None


def _on_modifiers(question: Question, context: Context) -> Article | None:
    """The article on the modifiers named, when the question is about nothing else: the narrowest one."""
    if not question.modifiers or question.codes or len(content_words(question.subject)) > MODIFIER_ALONE:
        return None
    articles = [a for key in context.codebook.document_keys.get("article", ()) if (a := context.codebook.article(key))]
    fitting = [a for a in articles if set(question.modifiers) <= set(a.modifiers)]
    return min(fitting, key=lambda a: (not any(m in a.title for m in question.modifiers), len(a.modifiers), a.id), default=None)


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


def _passages(composer: Composer, hits: list[Hit], context: Context) -> None:
    """What the nearest pages and modifiers say: of pages when the code is used and how it is billed."""
    named = dict.fromkeys((hit.passage.kind, hit.passage.code or "") for hit in hits)
    for kind, code in list(named)[:MOST_PASSAGES]:
        if kind == "modifier" and (modifier := context.codebook.modifier(code)):
            composer.heading(f"Modifier {code}")
            opening(composer, modifier)
        elif page := context.codebook.page(code):
            composer.about(page.system, code)
            composer.heading("")
            composer.say(f"{page.system} {code}: {page.title}.", of_page(page, "title", page.title))
            say_section(composer, page, f"When {code} is used", "when to use it", page.when, MOST_ITEMS)
            say_section(composer, page, f"Billing of {code}", "billing", page.billing, MOST_ITEMS)
            composer.suggest(f"What is {code}?")
