"""Official manuals in a question: which section it names, and what is quoted of the ones that are loaded.

Works of the US government may be quoted; a quotation is a few whole sentences, and the passage it is from stands behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.answer import Composer, Evidence
from assistant.context import Context
from assistant.evidence import day
from assistant.retrieval import PASSAGE_KINDS, content_words, is_carried, share_of_words
from corpus.lookups.manuals import ManualSection, SectionTitle
from corpus.model import Dated, Passage, SourceKind

QUOTED_WORDS = 70  # of one quotation
MOST_QUOTES, MOST_TITLES = 4, 12
ENOUGH = 0.5  # of the words asked for that the title of a section holds
GUIDELINES, NCCI = "icd10cm-guidelines", "ncci-policy-manual"
TITLES = {GUIDELINES: "the ICD-10-CM Official Guidelines for Coding and Reporting", NCCI: "the Medicare NCCI Policy Manual"}
IOMS = (
    ("mbpm", "the Medicare Benefit Policy Manual", re.compile(r"benefit policy|\bmbpm\b|\b100-?02\b", re.IGNORECASE)),
    ("mcpm", "the Medicare Claims Processing Manual", re.compile(r"claims processing|\bmcpm\b|\b100-?04\b", re.IGNORECASE)),
    ("mpim", "the Medicare Program Integrity Manual", re.compile(r"program integrity|\bmpim\b|\b100-?08\b", re.IGNORECASE)),
    ("ncdm", "the Medicare National Coverage Determinations Manual", re.compile(r"coverage determinations? manual|\b100-?03\b", re.IGNORECASE)),
)
CHAPTER = re.compile(r"\bch(?:apter|\.)?\s*(\d{1,2}[A-Z]?|[IVX]+)\b", re.IGNORECASE)
NCCI_NAMED = re.compile(r"\bncci\b|correct coding|\bcci manual\b", re.IGNORECASE)
NCCI_SECTION = re.compile(r"\b(?:section|sec\.)\s*([A-W])\b(?:(?:\s?[.(]|,? (?:item|subsection) )\s?(\d{1,2}|[a-z])\b)?", re.IGNORECASE)
IOM_SECTION = re.compile(r"(?:section|sec\.|§)\s*(\d+(?:\.\d+)*)(?:\.?([A-Z])\b)?")
STEP = r"\)?[.(]\(?(?:[ivx]{2,4}|[a-z]|\d{1,2})\b"
GUIDELINE = re.compile(
    rf"\b(section|guideline)s?\s+(I{{1,3}}|IV)\b((?:{STEP})*)|(?<![\w.])((?-i:I{{1,3}}|IV))((?-i:\.[A-U])(?:{STEP})+)", re.IGNORECASE
)
GUIDELINES_NAMED = re.compile(r"guidelines?|\bicd", re.IGNORECASE)
NAMING = frozenset("ncci manual chapter section sections say says read quote correct coding initiative guidelines official".split())
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII")
SENTENCES = re.compile(r"(?:(?<=[.?!])|(?<=[.?!][”\"')]))\s+(?=[A-Z0-9“\"(])|\n")
FIRST_WORDS = 14  # of an item that is named and not quoted
ITEM = re.compile(r"^(?:[A-Za-z]|\d{1,2})\.\s*(?=[A-Z“(])")
REFERENCE = re.compile(r"\[(\d{1,3})\]")  # in a quoted text it would read as one of our own markers


@dataclass(frozen=True)
class Named:
    """A manual that a question names: its series and title, and the section or, with `chapter` alone, the chapter."""

    series: str
    title: str
    chapter: str = ""
    section: str = ""  # as `corpus.lookups.manuals` names it: "I.C.9.a", "IV.E.4", "30.1"

    @property
    def place(self) -> str:
        """As it is cited."""
        if self.series == GUIDELINES:
            return f"Section {self.section}"
        rest = self.section.removeprefix(f"{self.chapter}.") if self.series == NCCI else self.section
        return f"chapter {self.chapter}" + (f", section {rest}" if rest else "")


def named_place(text: str) -> Named | None:
    """The place in a manual that a text names, None when it names none."""
    chapter = CHAPTER.search(text)
    iom = next(((short, title) for short, title, pattern in IOMS if pattern.search(text)), None)
    if iom and chapter:
        section = IOM_SECTION.search(text)
        name = ".".join(part for part in section.groups() if part) if section else ""
        return Named(f"{iom[0]}-{chapter[1].lower()}", iom[1], chapter[1], name)
    if chapter and NCCI_NAMED.search(text):
        return _named_ncci(text, chapter[1])
    match = GUIDELINE.search(text)
    if not match:
        return None
    top, rest = (match[2], match[3]) if match[2] else (match[4], match[5])
    if not rest and match[1].lower() == "section" and not GUIDELINES_NAMED.search(text):
        return None
    steps = re.findall(r"[a-z]+|\d+", rest.lower())
    return Named(GUIDELINES, TITLES[GUIDELINES], "", ".".join([top.upper(), *(s.upper() if n == 0 else s for n, s in enumerate(steps))]))


def placed(text: str, context: Context) -> Named | None:
    """The same with what is loaded in mind: of a manual named without its chapter, or a chapter without its manual, the only one loaded."""
    named = named_place(text)
    if named:
        return named
    sources = {s.series: s for s in context.codebook.sources(SourceKind.MANUAL) if s.series}
    short = next((short for short, _, pattern in IOMS if pattern.search(text)), None)
    chapter, section = CHAPTER.search(text), IOM_SECTION.search(text)
    if short:
        fitting = [series for series in sources if series.startswith(f"{short}-")]
    else:
        fitting = [series for series in sources if chapter and section and series.endswith(f"-{chapter[1].lower()}")]
    if len(fitting) != 1:
        return None
    series = fitting[0]
    title = next((title for short, title, _ in IOMS if series.startswith(f"{short}-")), sources[series].title)
    name = ".".join(part for part in section.groups() if part) if section else ""
    return Named(series, title, series.rpartition("-")[2].upper(), name)


def words_beside(text: str) -> str:
    """What a question asks beside the place that it names."""
    for pattern in (GUIDELINE, CHAPTER, NCCI_SECTION, IOM_SECTION, *(pattern for _, _, pattern in IOMS)):
        text = pattern.sub(" ", text)
    return " ".join(word for word in content_words(text) if word not in NAMING)


def _named_ncci(text: str, chapter: str) -> Named | None:
    number = ROMAN[int(chapter) - 1] if chapter.isdigit() and 0 < int(chapter) <= len(ROMAN) else chapter.upper()
    if number not in ROMAN:
        return None
    section = NCCI_SECTION.search(text)
    parts = [number, section[1].upper(), (section[2] or "").lower()] if section else []
    return Named(NCCI, TITLES[NCCI], number, ".".join(part for part in parts if part))


def say_place(composer: Composer, named: Named, text: str, context: Context) -> bool:
    """Quote the place that is named, or say that the manual is not loaded or has no such place; whether it was quoted."""
    manuals = context.codebook.manuals
    if not manuals.loaded(named.series):
        composer.say(f"No data on {named.place} of {named.title}: it is not loaded. Load it from CMS with `python -m ingest add FILE`.")
        return False
    if not named.section:
        return _say_chapter(composer, named, text, context)
    dated = manuals.section(named.series, named.section, context.date)
    value = dated.value
    if dated.source is None and dated.nearest:  # none has begun: the nearest is better than nothing when it says what it is
        value = manuals.section_of(dated.nearest, named.section)
    if value is None:
        release = dated.source or dated.nearest
        composer.say(f"No data on {named.place}: {release.label if release else named.title} has no such section.")
        return False
    _say_section(composer, value, dated, context)
    return True


def _say_section(composer: Composer, section: ManualSection, dated: Dated[ManualSection], context: Context) -> None:
    source = section.source
    first = section.pieces[0]
    composer.say(f"{source.label}: {section.title}.", of_passage(first))
    if dated.source is None and source.valid_from:
        composer.say(f"This release is of {day(source.valid_from)}; none that covers {day(context.date)} is loaded.", of_passage(first))
    elif dated.stale and source.valid_to:
        composer.say(f"This release ran to {day(source.valid_to)}; a later one is not loaded.", of_passage(first))
    quoted = section.own or section.pieces
    for piece in quoted[:MOST_QUOTES]:
        say_quote(composer, piece)
    rest = [piece for piece in section.pieces if piece not in quoted[:MOST_QUOTES]]
    if rest:
        composer.heading("In this section")
    told = {section.name}
    for piece in rest:
        if piece.code and piece.code not in told and len(told) <= MOST_TITLES:
            told.add(piece.code)
            composer.say(_named_only(piece, section), of_passage(piece), bullet=True)


def _named_only(piece: Passage, section: ManualSection) -> str:
    """A section within another: its title, or the words it begins with where it has none of its own."""
    heading = piece.title.partition(": ")[2]
    if heading == section.title.partition(": ")[2]:
        return f"“{quotation(piece.text, FIRST_WORDS)}” ({piece.place})"
    return f"{piece.title} ({piece.place})."


def _say_chapter(composer: Composer, named: Named, text: str, context: Context) -> bool:
    """The section of a chapter that the words fit, else what it says of them, else its sections."""
    manuals = context.codebook.manuals
    inside = [s for s in manuals.sections(named.series, context.date) if named.series != NCCI or s.name.split(".")[0] == named.chapter]
    if not inside:
        composer.say(f"No data on {named.place}: what is loaded of {named.title} for {day(context.date)} has no such chapter.")
        return False
    words = words_beside(text)
    best = max(inside, key=lambda s: (_fit(words, s), -len(s.name)))
    if words and _fit(words, best) >= ENOUGH:
        name = ".".join(best.name.split(".")[:2]) if named.series == NCCI else best.name
        section = manuals.section_of(best.source, name)
        if section:
            _say_section(composer, section, Dated(section, best.source), context)
            return True
    numbers = {s.source.id for s in inside}
    hits = context.finder.passages(words or text, 20, ("manual",))
    fitting = [
        hit.passage
        for hit, near in hits
        if hit.passage.source.id in numbers and {hit.passage.code or ""} & {s.name for s in inside} and is_carried(words, hit.passage, near)
    ]
    if words and fitting:
        composer.say(f"{fitting[0].source.label}, {named.place}.", of_passage(fitting[0]))
        for passage in fitting[:MOST_QUOTES]:
            say_quote(composer, passage)
        return True
    _say_titles(composer, named, inside)
    return True


def _fit(words: str, section: SectionTitle) -> float:
    return share_of_words(words, section.title) if words else 0.0


def _say_titles(composer: Composer, named: Named, inside: Sequence[SectionTitle]) -> None:
    top = {s.title: s for s in reversed(inside) if s.name.count(".") <= 1}
    source = inside[0].source
    composer.say(f"{source.label}, {named.place}, has these sections.", Evidence(source, named.place, "; ".join(reversed(top))))
    for title in list(reversed(top))[: 2 * MOST_TITLES]:
        composer.say(f"{title}.", Evidence(source, named.place, title), bullet=True)


def say_beside(composer: Composer, passages: Iterable[Passage]) -> None:
    """Quotations of manuals beside an answer, under a heading of their own."""
    found = list(passages)
    if found:
        composer.heading("In the official manuals loaded")
    for passage in found:
        say_quote(composer, passage, named=True)


def fitting(words: str, context: Context, most: int) -> list[Passage]:
    """The passages of the manuals that speak for the day and hold what is asked, best first."""
    speaking = context.codebook.manuals.speaking(SourceKind.MANUAL, context.date)
    if not speaking:
        return []
    if not all(context.codebook.holds(word, (*PASSAGE_KINDS, "manual")) for word in content_words(words)):
        return []
    hits = context.finder.passages(words, 20, ("manual",))
    found = [hit.passage for hit, near in hits if hit.passage.source.id in speaking and is_carried(words, hit.passage, near)]
    return list({quotation(passage.text): passage for passage in reversed(found)}.values())[::-1][:most]  # chapters repeat each other


def say_quote(composer: Composer, passage: Passage, named: bool = False) -> None:
    """A quotation and its place; `named` with the title of the manual."""
    place = f"{passage.source.label}, {passage.place}" if named else passage.place
    composer.say(f"“{quotation(passage.text)}” ({place})", of_passage(passage), bullet=True)


def quotation(text: str, most: int = QUOTED_WORDS) -> str:
    """The first whole sentences of a text without the mark of its item, at most `most` words; one sentence that is longer is cut.

    Marks that could be taken for our own citations are changed.
    """
    plain = ITEM.sub("", REFERENCE.sub(r"(\1)", text))
    kept: list[str] = []
    sentences = [part.strip() for part in SENTENCES.split(plain) if part.strip()]
    for sentence in sentences:
        if kept and len(" ".join([*kept, sentence]).split()) > most:
            break
        kept.append(sentence)
    words = " ".join(kept).split()
    cut = len(words) > most or len(kept) < len(sentences)
    return " ".join(words[:most]).rstrip(" ,;") + (" …" if cut else "")


def of_passage(passage: Passage) -> Evidence:
    """A passage of a manual or document: its place and its words."""
    return Evidence(passage.source, passage.place, REFERENCE.sub(r"(\1)", passage.text), passage.source.url)
