"""Formats of the shipped files as pydantic models; `corpus/shipped/README.md` describes them for the people who edit them."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MARKER = re.compile(r"\[(\d{1,2})\]")
SYSTEM_SHAPES = {"CPT": re.compile(r"\d{4}[0-9AFTUM]"), "HCPCS": re.compile(r"[A-V]\d{4}")}
ICD10CM_SHAPE = re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?")
FILLER = re.compile(r"it is important to note|please note|needless to say|state-of-the-art|in order to", re.IGNORECASE)

GROUPS = Literal[
    "evaluation", "global", "distinct", "side", "component", "surgeon", "repeat", "reduced", "anesthesia", "laboratory",
    "therapy", "telehealth", "coverage", "drug", "quality", "preventive", "anatomy", "research", "other",
]  # fmt: skip


def _plain(text: str) -> str:
    """Refuse empty text, stray blanks and filler."""
    if text != text.strip() or not text:
        raise ValueError("is empty or has blanks at an end")
    if found := FILLER.search(text):
        raise ValueError(f"has the filler {found.group()!r}")
    return text


Text = Annotated[str, AfterValidator(_plain)]


def markers(text: str) -> list[int]:
    """The numbers of the citation markers in a text, in order."""
    return [int(n) for n in MARKER.findall(text)]


class Format(BaseModel):
    """Base of all formats: unknown fields are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Cited(Format):
    """A publication and the place in it."""

    source: str
    place: Text


class Publication(Format):
    """One entry of `sources.yaml`."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Text
    publisher: Text
    release: Text
    valid_from: date | None = None
    url: str | None = None
    license: str | None = None


class Neighbor(Format):
    """A code that the page's code is mixed up with."""

    code: str
    difference: Text


class Anesthesia(Format):
    """The anesthesia code usually paired with a procedure; `code` None where none is usual."""

    code: str | None
    note: str | None = None

    @model_validator(mode="after")
    def _says_why_none(self) -> Self:
        if self.code is None and not self.note:
            raise ValueError("code is null and no note says why")
        return self


class Diagnosis(Format):
    """A likely ICD-10-CM code and why."""

    code: Annotated[str, Field(pattern=f"^{ICD10CM_SHAPE.pattern}$")]
    why: Text


class Event(Format):
    """Something that happened to a code on a date."""

    date: date
    event: Literal["added", "revised", "deleted"]
    text: Text
    source: str
    place: Text


def _check_markers(texts: list[str], sources: int, field: str, required: bool) -> None:
    for text in texts:
        numbers = markers(text)
        if required and not numbers:
            raise ValueError(f"{field}: no citation marker in {text[:60]!r}")
        if wrong := [n for n in numbers if not 1 <= n <= sources]:
            raise ValueError(f"{field}: marker {wrong[0]} is beyond the {sources} sources in {text[:60]!r}")


class PageFormat(Format):
    """One code page of `codes/*.yaml`."""

    code: str
    system: Literal["CPT", "HCPCS"]
    depth: Literal["full", "short"]
    title: Annotated[Text, Field(max_length=120)]
    summary: Text
    when: Annotated[list[Text], Field(min_length=1)]
    steps: list[Text] = []
    afterwards: list[Text] = []
    record: Annotated[list[Text], Field(min_length=1)]
    billing: Annotated[list[Text], Field(min_length=1)]
    neighbors: list[Neighbor]
    synonyms: Annotated[list[Text], Field(min_length=1)]
    anesthesia: Anesthesia | None = None
    diagnoses: list[Diagnosis]
    history: list[Event]
    sources: Annotated[list[Cited], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if not SYSTEM_SHAPES[self.system].fullmatch(self.code):
            raise ValueError(f"code: {self.code!r} has not the shape of {self.system}")
        if self.title.endswith("."):
            raise ValueError("title: ends in a period")
        if self.depth == "full" and not (4 <= len(self.steps) <= 8 and self.afterwards and self.anesthesia):
            raise ValueError("depth full needs 4 to 8 steps, afterwards and anesthesia")
        sources = len(self.sources)
        _check_markers(self.billing, sources, "billing", required=True)
        free = {"summary": [self.summary], "when": self.when, "steps": self.steps, "afterwards": self.afterwards, "record": self.record}
        for field, texts in free.items():
            _check_markers(texts, sources, field, required=False)
        _check_markers([n.difference for n in self.neighbors], sources, "neighbors", required=False)
        return self


class Together(Format):
    """A modifier that goes with another or excludes it."""

    modifier: str
    note: Text


class ModifierFormat(Format):
    """One modifier of `modifiers/*.yaml`."""

    code: Annotated[str, Field(pattern=r"^[0-9A-Z]{2}$")]
    kind: Literal["cpt", "physical-status", "category-ii", "hcpcs"]
    group: GROUPS
    title: Annotated[Text, Field(max_length=100)]
    meaning: Text
    when: Annotated[list[Text], Field(min_length=1)]
    when_not: Annotated[list[Text], Field(min_length=1)]
    example: Text
    payment: Text
    with_: Annotated[list[Together], Field(alias="with")]
    settings: Annotated[list[Literal["practitioner", "facility", "asc", "dme"]], Field(min_length=1)]
    synonyms: Annotated[list[Text], Field(min_length=1)]
    valid_from: date | None = None
    sources: Annotated[list[Cited], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_cited(self) -> Self:
        sources = len(self.sources)
        _check_markers([self.payment], sources, "payment", required=True)
        free = [self.meaning, self.example, *self.when, *self.when_not, *(t.note for t in self.with_)]
        _check_markers(free, sources, "text", required=False)
        return self


class ArticleFormat(Format):
    """Front matter of `guidelines/*.md` and its text."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Text
    topics: Annotated[list[Text], Field(min_length=1)]
    codes: list[str] = []
    modifiers: list[str] = []
    valid_from: date | None = None
    ncd: Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,2}){1,3}$")] | None = None  # of a national coverage topic: the section of the NCD manual
    sources: Annotated[list[Cited], Field(min_length=1)]
    text: str

    @model_validator(mode="after")
    def _is_cited(self) -> Self:
        words = len(re.findall(r"\w[\w'’./-]*", MARKER.sub("", self.text)))
        if not 150 <= words <= 500:
            raise ValueError(f"text: {words} words, wanted 150 to 500")
        if found := FILLER.search(self.text):
            raise ValueError(f"text: has the filler {found.group()!r}")
        if "## Example" not in self.text:
            raise ValueError("text: no section '## Example'")
        _check_markers(list(article_blocks(self.text)), len(self.sources), "text", required=True)
        return self


def article_blocks(text: str) -> list[str]:
    """Paragraphs and list items of an article, without headings and table rules; a table is one block."""
    blocks: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = [line for line in paragraph.splitlines() if line.strip() and not line.startswith("#")]
        if not lines:
            continue
        if lines[0].lstrip().startswith("|"):
            blocks.append("\n".join(lines))
            continue
        current: list[str] = []
        for line in lines:
            if re.match(r"\s*([-*]|\d+\.)\s", line) and current:
                blocks.append(" ".join(current))
                current = []
            current.append(line.strip())
        blocks.append(" ".join(current))
    return blocks


System = Literal["CPT", "HCPCS", "ICD10CM", "MODIFIER"]


class Synonym(Format):
    """A row of `synonyms/*.csv`: what people say, and the code or category that it leads to; several rows for several codes."""

    term: Annotated[Text, Field(max_length=80)]
    kind: Literal["abbreviation", "lay", "eponym", "brand", "misspelling", "short"]
    system: System
    code: Text


class Crosswalk(Format):
    """A row of `crosswalks/*.csv`: from one code to another, with the publication that says so."""

    system: Literal["CPT", "HCPCS"]
    code: Text
    relation: Literal["anesthesia", "equivalent", "replaced by"]
    target_system: Literal["CPT", "HCPCS"]
    target: str  # "" where a deleted code has no successor
    date: str  # first day of a replacement, YYYY-MM-DD; "" for the other relations
    note: str
    source: Text
    place: Text

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.relation == "replaced by") != bool(self.date):
            raise ValueError("date: only a replacement has one, and needs it")
        if not self.target and self.relation != "replaced by":
            raise ValueError("target: is empty")
        return self
