"""The user's own documents in answers: quoted, named as the user's own, and placed by whose rules they are.

A document of a payer stands above the official rules when the question names that payer, and does not speak when it names another one.
Every other document stands below them. What a document says is quoted; nothing in it is followed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answer import Answer, Citation, Composer, Status
from assistant.context import Context
from assistant.evidence import day
from assistant.manuals import of_passage, quotation
from assistant.question import PAYERS, Question
from assistant.retrieval import PASSAGE_KINDS, content_words, is_carried, share_of_words
from corpus.model import Passage, Source, SourceKind

OWN = "own document"  # the publisher of a document without a payer
MOST = 3  # quotations
WORDS_ALONE = 0.6  # of the words asked for, where a passage is found by words alone
SHORTEST = 5  # letters of a payer's name without the words that many have
COMMON = re.compile(r"(?:,?\s+(?:health\s?care|health|plans?|insurance|benefits?|company|inc\.?|llc|corp\.?|of|the))+$")
OFFICIAL = frozenset(("medicare", "cms"))


@dataclass(frozen=True)
class Spoken:
    """What the documents say to a question: `above` the official rules, `below` them, and which had not begun or had ended on the day."""

    above: tuple[Passage, ...] = ()
    below: tuple[Passage, ...] = ()
    silent: tuple[Source, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether a document speaks."""
        return bool(self.above or self.below)


def names_payer(question: Question, publisher: str) -> bool:
    """Whether a question names the payer whose document it is; Medicare's rules are the official ones."""
    name = publisher.strip().casefold()
    if not name or name == OWN or name in OFFICIAL:
        return False
    if any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", question.text.casefold()) for one in _names(name)):
        return True
    pattern = next((pattern for payer, pattern in PAYERS if payer == question.payer and payer != "Medicare"), None)
    return bool(pattern and pattern.search(name))


def _names(name: str) -> tuple[str, ...]:
    """How a payer is called: whole, and without the words that many payers have, where a name of its own is left."""
    short = COMMON.sub("", name)
    return (name, short) if len(short) >= SHORTEST and short != name else (name,)


def payer_named(question: Question, context: Context) -> list[Source]:
    """The documents of the payer that a question names."""
    return [source for source in context.codebook.manuals.documents() if names_payer(question, source.publisher)]


def speaks(question: Question, source: Source, payers: Sequence[str]) -> bool:
    """Whether a document may speak: not when the question names another payer."""
    if source.publisher == OWN or names_payer(question, source.publisher):
        return True
    named = [payer for payer in payers if names_payer(question, payer)]
    return not named and question.payer in (None, "Medicare")


def asked_of(question: Question, words: str, context: Context) -> Spoken:
    """The passages of the user's documents that hold what is asked, sorted by whose rules they are."""
    documents = context.codebook.manuals.documents()
    if not documents:
        return Spoken()
    payers = [source.publisher for source in documents]
    kinds = (*PASSAGE_KINDS, "manual", "document")
    words = _without_payers(words, [p for p in payers if names_payer(question, p)]) or words
    if not all(context.codebook.holds(word, kinds) for word in content_words(words)):
        return Spoken()
    speaking = context.codebook.manuals.speaking(SourceKind.DOCUMENT, context.date)
    hits = [hit.passage for hit, near in context.finder.passages(words, 20, ("document",)) if is_carried(words, hit.passage, near)]
    found = [p for p in hits if p.source.id in speaking]
    searched = {_newest(documents, source).id for source in documents}
    for source in speaking.values():  # an older version has no vectors: it is read whole
        if source.id not in searched:
            found += _by_words(words, context.codebook.manuals.passages_of(source))
    found = [p for p in found if speaks(question, p.source, payers)]
    series = {source.series for source in speaking.values()}
    silent = {p.source.id: p.source for p in hits if p.source.series not in series and speaks(question, p.source, payers)}
    above = tuple(p for p in found if names_payer(question, p.source.publisher))
    return Spoken(above[:MOST], tuple(p for p in found if p not in above)[:MOST], tuple(silent.values()))


def _newest(documents: Sequence[Source], source: Source) -> Source:
    return [d for d in documents if d.series == source.series][-1]


def _without_payers(words: str, payers: Sequence[str]) -> str:
    """The words asked for without the payer's name, which every part of its documents would fit."""
    for name in (name for payer in payers for name in _names(payer.casefold())):
        words = re.sub(rf"(?<!\w){re.escape(name)}(?:['’]s)?(?!\w)", " ", words, flags=re.IGNORECASE)
    return " ".join(words.split())


def _by_words(words: str, passages: Sequence[Passage]) -> list[Passage]:
    asked = " ".join(content_words(words)) or words
    scored = [(share_of_words(asked, f"{p.title} {p.text}"), p) for p in passages]
    return [p for share, p in sorted(scored, key=lambda item: (-item[0], item[1].key)) if share >= WORDS_ALONE][:MOST]


def say(composer: Composer, passages: Sequence[Passage]) -> None:
    """Quote documents, each under its title, date and payer."""
    for source in dict.fromkeys(p.source for p in passages):
        composer.heading(heading_of(source))
        for passage in passages:
            if passage.source == source:
                composer.say(f"“{quotation(passage.text)}” ({passage.place})", of_passage(passage), bullet=True)


def heading_of(source: Source) -> str:
    """Whose document it is and of what day."""
    owner = "" if source.publisher == OWN else f", {source.publisher}"
    return f"Your own document: {source.title}{owner}, {source.release}"


def say_silent(composer: Composer, sources: Sequence[Source], context: Context) -> None:
    """Say which documents would answer but do not hold on the day."""
    for source in sources:
        if source.valid_from and context.date < source.valid_from:
            composer.say(f"No data from your document “{source.title}” for {day(context.date)}: it begins on {day(source.valid_from)}.")
        elif source.valid_to:
            composer.say(f"No data from your document “{source.title}” for {day(context.date)}: it ended on {day(source.valid_to)}.")


def beside(answer: Answer, question: Question, context: Context) -> Answer:
    """An answer about codes, led by what the document of the payer that the question names says of these codes, or that it holds on other days."""
    named = payer_named(question, context)
    if not named or not question.codes:
        return answer
    codes = [mention.code for mention in question.codes]
    speaking = context.codebook.manuals.speaking(SourceKind.DOCUMENT, context.date)
    passages = [p for source in named if source.id in speaking for p in context.codebook.manuals.passages_of(source)]
    holding = [p for p in passages if _holds(p, codes)]
    series = {source.series for source in speaking.values()}
    others = {s.series: s for s in named if s.series not in series and any(_holds(p, codes) for p in context.codebook.manuals.passages_of(s))}
    if not holding and not others:
        return answer
    composer = context.composer(question)
    say(composer, holding[:MOST])
    composer.heading("Your own documents" if holding else "")
    say_silent(composer, list(others.values()), context)
    composer.heading("Official data")
    return _led_by(composer.answer(Status.ANSWERED if holding else answer.status), answer)


def _holds(passage: Passage, codes: Sequence[str]) -> bool:
    """Whether a passage names one of the codes."""
    return any(re.search(rf"(?<![\w.]){re.escape(code)}(?![\w.]\w|\w)", passage.text) for code in codes)


def _led_by(first: Answer, answer: Answer) -> Answer:
    """Two answers as one: the statements and citations of `first` lead, those of the other are numbered on."""
    count = len(first.citations)
    moved = tuple(replace(s, citations=tuple(n + count for n in s.citations), heading=s.heading or "Official data") for s in answer.statements)
    citations = tuple(Citation(c.n + count, c.evidence) for c in answer.citations)
    tables = tuple(replace(t, citations=tuple(n + count for n in t.citations)) for t in answer.tables)
    return replace(
        answer, status=first.status, statements=(*first.statements, *moved), citations=(*first.citations, *citations), tables=tables
    )  # fmt: skip
