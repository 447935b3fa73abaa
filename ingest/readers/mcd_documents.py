"""The documents of the Medicare Coverage Database: article.csv, lcd.csv, ncd_trkg.csv.

A narrative spans several columns; each becomes a section under a heading of ours. Of an export of all documents, retired and proposed ones are
kept as documents, and only those in force can be found by words. NCDs have no status: retired ones say so in the title, and most of
them have no date of termination.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.readers.base import IN_FORCE, PASSAGE, UNKNOWN, OfficialFile, Reading, Record, fail, sorted_out
from ingest.readers.mcd_export import day, encoding, release, table, whole
from ingest.readers.mcd_html import pieces, plain

COLUMNS = ("id", "version", "kind", "title", "status", "effective", "ended", "body")
RELATION = ("document", "related")
ACTIVE, RETIRED = "A", "R"
FIRST, SIZE = 800, 1200  # characters of the piece that is embedded, and of those found by words only
LEVELS = {"1": "full", "2": "restricted", "3": "none"}  # of coverage, by an NCD; others are not documented


@dataclass(frozen=True)
class Layout:
    """Which column says what; of `effective` the first that is filled, of `ended` the earliest."""

    kind: str
    series: str
    letter: str
    id: str
    version: str
    title: str
    status: str | None
    effective: tuple[str, ...]
    ended: tuple[str, ...]
    body: tuple[tuple[str, str], ...]  # column, heading
    words: str

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns without which a document cannot be told or dated: of each kind of date and of the body the first."""
        status = (self.status,) if self.status else ()
        return (self.id, self.version, self.title, *status, self.effective[0], self.ended[0], self.body[0][0])

    @property
    def optional(self) -> tuple[str, ...]:
        """Columns that are read where they are."""
        return (*self.effective[1:], *self.ended[1:], *(column for column, _ in self.body[1:]), self.words)


ARTICLE = Layout(
    "article", "articles", "A", "article_id", "article_version", "title", "status",
    ("article_eff_date", "article_pub_date"), ("article_end_date", "article_rev_end_date", "date_retired"),
    (("description", "Article text"), ("cms_cov_policy", "CMS policy"), ("other_comments", "Other comments"),
     ("add_icd10_info", "Additional diagnosis information"), ("revenue_para", "Revenue codes")),
    "keywords",
)  # fmt: skip
LCD = Layout(
    "lcd", "lcds", "L", "lcd_id", "lcd_version", "title", "status",
    ("rev_eff_date", "orig_det_eff_date"), ("rev_end_date", "ent_det_end_date", "date_retired"),
    (("indication", "Indications and limitations"), ("cms_cov_policy", "CMS policy"), ("issue", "Issue"),
     ("diagnoses_support", "Diagnoses that support"), ("diagnoses_dont_support", "Diagnoses that do not support"),
     ("coding_guidelines", "Coding guidelines"), ("doc_reqs", "Documentation"), ("util_guide", "Utilization"), ("appendices", "Appendices"),
     ("associated_info", "Associated information"), ("add_icd10_info", "Additional diagnosis information"),
     ("summary_of_evidence", "Summary of evidence"), ("analysis_of_evidence", "Analysis of evidence")),
    "keywords",
)  # fmt: skip
NCD = Layout(
    "ncd", "ncds", "", "ncd_mnl_sect", "ncd_vrsn_num", "ncd_mnl_sect_title", None,
    ("ncd_efctv_dt",), ("ncd_trmntn_dt",),
    (("indctn_lmtn", "Indications and limitations"), ("itm_srvc_desc", "Item or service"), ("othr_txt", "Other"),
     ("xref_txt", "Cross-reference")),
    "ncd_keyword",
)  # fmt: skip


def read(file: OfficialFile, layout: Layout) -> Reading:
    """Read the documents of an export, with passages of those in force and, of NCDs, the number by which other exports name them."""
    tables = {"coverage_document": COLUMNS, "passage": PASSAGE}
    if layout is NCD:
        tables["coverage_relation"] = RELATION
    reading = Reading(release(file, layout.series), tables, iter(()))
    reading.batches = sorted_out(_records(file, layout, reading))
    return reading


def _records(file: OfficialFile, layout: Layout, reading: Reading) -> Iterator[tuple[str, Record]]:
    seen: set[tuple[str, int]] = set()
    found: set[str] = set()  # by words: one version of each
    extra = ("ncd_id", "cvrg_lvl_cd") if layout is NCD else ()
    names = (*layout.needed, *layout.optional, *extra)
    for line, cells in table(file, layout.needed, (*layout.optional, *extra), encoding(file)):
        row = dict(zip(names, cells, strict=True))
        version = whole(row[layout.version], file, line, layout.version)
        id = _id(row, layout, file, line)
        if (id, version) in seen:
            reading.skip("repeated")
            continue
        seen.add((id, version))
        title, status = plain(row[layout.title]).replace("\n", " "), _status(row, layout)
        effective, ended = _dates(row, layout, status, file, line)
        sections = [(heading, text) for column, heading in layout.body if (text := plain(row[column]))]
        if extra and (level := row["cvrg_lvl_cd"].strip()):
            sections.insert(0, ("Coverage level", LEVELS.get(level, f"{level}, which CMS does not document")))
        yield "coverage_document", (id, version, layout.kind, title, status, effective, ended, "\n".join(f"{h}\n{t}" for h, t in sections))
        if extra and row["ncd_id"].strip():
            yield "coverage_relation", (id, f"NCD{whole(row['ncd_id'], file, line, 'NCD_id')}")
        if status == ACTIVE and id not in found:
            found.add(id)
            yield from _passages(id, version, title, sections, plain(row[layout.words]).replace("\n", " "))


def _id(row: dict[str, str], layout: Layout, file: OfficialFile, line: int) -> str:
    if layout.letter:
        return f"{layout.letter}{whole(row[layout.id], file, line, layout.id)}"
    section = row[layout.id].strip()
    if not section or len(section) > 20:
        fail(file, line, f"{layout.id} {section[:40]!r} is not a section of the manual")
    return section


def _status(row: dict[str, str], layout: Layout) -> str:
    if layout.status:
        return row[layout.status].strip().upper()
    return RETIRED if row[layout.ended[0]].strip() or "RETIRED" in row[layout.title].upper() else ACTIVE


def _dates(row: dict[str, str], layout: Layout, status: str, file: OfficialFile, line: int) -> tuple[int, int]:
    """First and last day; without an end date a document that is not in force has ended on a day that is not known."""
    starts = (day(row[column], file, line, column) for column in layout.effective)
    ends = [end for column in layout.ended if (end := day(row[column], file, line, column))]
    return next((start for start in starts if start), UNKNOWN), min(ends, default=IN_FORCE if status == ACTIVE else UNKNOWN)


def _passages(id: str, version: int, title: str, sections: list[tuple[str, str]], words: str) -> Iterator[tuple[str, Record]]:
    number = 0
    for heading, text in sections or [("", title)]:
        for piece in pieces(text, SIZE if number else FIRST, SIZE):
            number += 1
            place = f"{id}, version {version}" + (f", {heading.lower()}" if heading else "")
            first = number == 1
            yield "passage", (f"coverage/{id}/{number}", "coverage", None, None, f"{id} {title}", piece, words if first else "", place, int(first))
