"""Places of service: what a code of two digits is called, and which code a place has."""

from __future__ import annotations

import re

from assistant.answer import Composer
from assistant.answers.parts import say_stale
from assistant.context import Context
from assistant.evidence import day, how_to_load, of_source
from assistant.question import Question
from assistant.retrieval import content_words, stem
from corpus.lookups.payment import PlaceOfService
from corpus.model import Dated, SourceKind

ASKED = re.compile(r"\bplaces? of service\b|\bpos\b(?=\s*(?:codes?\b|for\b|of\b|#|\d))", re.IGNORECASE)
NUMBER = re.compile(r"(?<![\w.$-])(\d\d)(?![\w%]|\.\d)")
NAMING = frozenset("place places service pos code codes medicare report use used bill mean means difference different versus vs".split())
RATES = {"F": "the facility rate", "N": "the non-facility rate"}
MOST = 6


def say(composer: Composer, question: Question, context: Context) -> bool:
    """Answer from the list of places of service when the question names one by number or by name; whether it did."""
    if not ASKED.search(question.text) or question.codes:
        return False
    numbers = list(dict.fromkeys(NUMBER.findall(ASKED.split(question.subject or question.text, maxsplit=1)[-1])))
    places = context.codebook.payment.places_of_service(context.date)
    if places.value is None:
        if numbers:
            composer.say(f"No data on places of service: no list of them is loaded. {how_to_load(SourceKind.PLACE_OF_SERVICE)}")
        return bool(numbers)
    words = {stem(word) for word in content_words(question.subject or question.text) if word not in NAMING and not word.isdecimal()}
    named = [p for p in places.value if words and words <= {stem(w) for w in content_words(p.name)}]
    chosen = [p for p in places.value if p.code in numbers] or ([] if numbers else named)
    missing = [number for number in numbers if number not in {p.code for p in chosen}]
    for place in chosen[:MOST]:
        _say(composer, place)
    for number in missing:
        _missing(composer, number, places)
    if chosen or missing:
        say_stale(composer, places)
    return bool(chosen or missing)


def _say(composer: Composer, place: PlaceOfService) -> None:
    evidence = of_source(place.source, f"place of service {place.code}", f"{place.code} {place.name}, {place.facility}")
    rate = f" Medicare pays physician services there at {RATES[place.facility]}." if place.facility in RATES else ""
    composer.say(f"Place of service {place.code}: {place.name}.{rate}", evidence)


def _missing(composer: Composer, number: str, places: Dated[tuple[PlaceOfService, ...]]) -> None:
    source = places.source
    if source and source.valid_from:
        text = f"Place of service {number} is not in {source.title}, {source.release}, in force from {day(source.valid_from)}."
        composer.say(text, of_source(source, "whole list", f"no place of service {number}"))
