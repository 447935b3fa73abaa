"""The default edition as it ships: its size, and facts that are known from the official files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from corpus import schema
from corpus.codebook import Codebook
from corpus.editions import current
from corpus.model import Setting, SourceKind, System
from corpus.passages import COLLECTIONS, PassageIndex
from corpus.shelf import is_partial

JULY_2026 = date(2026, 7, 15)
MAY_2026 = date(2026, 5, 15)
AUGUST_2024 = date(2024, 8, 15)
PAGES = """
    63020 63030 63035 63040 63042 63043 63044 63045 63046 63047 63048 99202 99203 99204 99205 99211 99212 99213 99214 99215 20600 20604 20605
    20606 20610 20611 45378 45379 45380 45381 45382 45384 45385 43235 43239 27447 29880 29881 64721 66984 71045 71046 93000 93005 93010 36415
    80048 80053 83036 85025 90471 90472 96372 97110 97140 99417 G0008 G0105 G0121 G2211 G2212 J1100 J3301
""".split()
CPT_MODIFIERS = """
    22 23 24 25 26 27 32 33 47 50 51 52 53 54 55 56 57 58 59 62 63 66 73 74 76 77 78 79 80 81 82 90 91 92 93 95 96 97 99
    P1 P2 P3 P4 P5 P6 1P 2P 3P 8P
""".split()
LEVEL_II = """
    LT RT E1 E2 E3 E4 FA F1 F2 F3 F4 F5 F6 F7 F8 F9 TA T1 T2 T3 T4 T5 T6 T7 T8 T9 LC LD RC LM RI XE XS XP XU AS GA GX GY GZ GC GP GO GN KX JW JZ
    QW FS AA QK QX QY QZ PT Q0 Q1 SG TC
""".split()
ARTICLES = """
    em-by-mdm em-by-time new-and-established-patients global-surgery modifier-25-57-24 modifier-58-78-79 modifier-59-and-x modifier-50-bilateral
    modifier-51-multiple assistants-and-cosurgeons modifier-26-tc add-on-codes ncci-principles mue-and-mai separate-procedure
    excludes1-and-excludes2 code-first-and-use-additional seventh-characters uncertain-diagnoses medical-necessity-lcd-ncd abn
    upcoding-and-false-claims
""".split()


@pytest.fixture(scope="module")
def book(default_home: Path) -> Iterator[Codebook]:
    codebook = Codebook(current(default_home))
    yield codebook
    codebook.close()


# ICD-10-CM


def test_the_whole_of_icd_10_cm(book: Codebook) -> None:
    table = schema.code
    with book.connection() as connection:
        query = select(table.c.kind, table.c.billable, func.count()).where(table.c.system == System.ICD10CM).group_by(table.c.kind, table.c.billable)
        counts = {(kind, billable): count for kind, billable, count in connection.execute(query)}
    assert sum(counts.values()) == 98_505
    assert counts["chapter", 0] == 22
    assert {kind for kind, billable in counts if billable} == {"code"}
    assert counts["code", 1] == 74_719
    assert ("code", 0) not in counts


@pytest.mark.parametrize(
    ("code", "billable"),
    [
        ("S52.501A", True),
        ("S52.501", False),
        ("S52.501Z", None),  # no such 7th character
        ("T36.0X1A", True),  # a placeholder in the 6th place
        ("T36.0X1", False),
        ("T36.01A", None),
        ("W19.XXXA", True),
        ("W19.XXX", None),
        ("W19", False),
        ("O31.02X2", True),  # a 7th character that counts fetuses
        ("O31.02", False),
        ("M80.08XA", True),
        ("M80.08", False),
        ("S72.001A", True),
        ("E11.40", True),
        ("E11.4", False),
        ("E11", False),
        ("I10", True),  # a category of three characters can be billed where nothing is below it
        ("M54.5", False),
        ("M54.50", True),
        ("M54.51", True),
        ("M54.59", True),
        ("M54.52", None),
        ("M50-M54", False),
        ("13", False),
    ],
)
def test_what_can_be_billed(book: Codebook, code: str, billable: bool | None) -> None:
    found = book.code(code, System.ICD10CM)
    assert (found and found.billable) is billable


def test_every_parent_is_there_and_no_code_that_can_be_billed_has_children(book: Codebook) -> None:
    table = schema.code
    with book.connection() as connection:
        rows = connection.execute(select(table.c.code, table.c.parent, table.c.kind, table.c.billable).where(table.c.system == System.ICD10CM)).all()
    known = {row.code: row for row in rows}
    parents = {row.parent for row in rows if row.parent}
    assert parents <= known.keys()
    assert {row.code for row in rows if row.parent is None} == {row.code for row in rows if row.kind == "chapter"}
    assert not [code for code in parents if known[code].billable]
    assert {row.code for row in rows if row.kind == "category"} <= parents


def test_titles_and_the_way_up(book: Codebook) -> None:
    code = book.code("S52.501A")
    assert code is not None
    assert code.title == "Unspecified fracture of the lower end of right radius, initial encounter for closed fracture"
    assert [above.code for above in book.ancestors(code)] == ["S52.501", "S52.50", "S52.5", "S52", "S50-S59", "19"]
    assert [child.code for child in book.children("M54.5")] == ["M54.50", "M54.51", "M54.59"]
    assert (code.source.kind, code.source.valid_from) == (SourceKind.ICD10CM, date(2026, 4, 1))


@pytest.mark.parametrize(
    ("code", "where", "kind", "words"),
    [
        ("E11.40", "E11", "use_additional", "identify control using"),
        ("E11.40", "E11", "excludes1", "type 1 diabetes mellitus (E10.-)"),
        ("M54.50", "M54.5", "excludes1", "low back strain (S39.012)"),
        ("M54.50", "M54.50", "inclusion", "Loin pain"),
        ("S52.501A", "S52", "excludes1", "traumatic amputation of forearm (S58.-)"),
        ("S52.501A", "S52", "seventh", "A: initial encounter for closed fracture"),
        ("S52.501A", "19", "note", "Use secondary code(s) from Chapter 20"),
        ("G63", "G63", "code_first", "underlying disease"),
    ],
)
def test_notes_of_the_code_and_of_what_stands_above_it(book: Codebook, code: str, where: str, kind: str, words: str) -> None:
    found = book.code(code, System.ICD10CM)
    assert found is not None
    assert [note for note in book.notes(found) if note.code == where and note.kind == kind and words in note.text], book.notes(found)


# Pages, modifiers, articles


def test_pages(book: Codebook) -> None:
    pages = book.document_keys["page"]
    assert set(PAGES) <= set(pages)
    assert len(pages) >= 70
    for code in pages:
        page, known = book.page(code), book.code(code)
        assert page is not None
        assert known is not None
        assert (known.title, known.has_page, known.system) == (page.title, True, page.system), code
        assert page.citations, code
        assert page.billing, code


def test_modifiers(book: Codebook) -> None:
    modifiers = book.document_keys["modifier"]
    assert set(CPT_MODIFIERS) | set(LEVEL_II) <= set(modifiers)
    found = [modifier for code in modifiers if (modifier := book.modifier(code))]
    assert len(found) == len(modifiers)
    assert all(modifier.citations and modifier.payment for modifier in found)
    kinds = Counter(modifier.kind for modifier in found)
    assert kinds["cpt"] == 39
    assert kinds["physical-status"] == 6
    assert kinds["hcpcs"] >= 60


def test_articles(book: Codebook) -> None:
    assert set(ARTICLES) <= set(book.document_keys["article"])
    assert len(ARTICLES) == 22
    for id in book.document_keys["article"]:
        article = book.article(id)
        assert article is not None
        assert article.citations, id
        assert all(citation.place for citation in article.citations), id
        assert "## Example" in article.text, id


# Facts


def test_63044(book: Codebook) -> None:
    fee = book.fee("63044", JULY_2026).value
    assert fee is not None
    assert (fee.status, fee.global_days, fee.pc_tc, fee.multiple) == ("C", "ZZZ", "0", "0")
    assert (fee.bilateral, fee.assistant, fee.co_surgeons, fee.team) == ("1", "2", "2", "0")
    assert (fee.work, fee.total_nonfacility, fee.total_facility) == (0, 0, 0)
    assert fee.source.release == "RVU26C"
    for setting, on in ((Setting.PRACTITIONER, MAY_2026), (Setting.FACILITY, AUGUST_2024)):
        limit = book.unit_limit("63044", on, setting).value
        assert limit is not None
        assert (limit.units, limit.mai, limit.rationale) == (4, 2, "Anatomic Consideration")
    primaries = book.primaries("63044", JULY_2026).value or []
    assert [(item.primary, item.type) for item in primaries] == [("63042", 1)]


def test_63042(book: Codebook) -> None:
    fee = book.fee("63042", JULY_2026).value
    assert fee is not None
    assert (fee.status, fee.global_days, fee.work, fee.total_facility, fee.na_nonfacility) == ("A", "090", 18.29, 36.52, "NA")
    limit = book.unit_limit("63042", MAY_2026).value
    assert limit is not None
    assert limit.units == 1
    assert "63044" in [item.add_on for item in book.add_ons("63042", JULY_2026).value or []]
    assert book.primaries("63042", JULY_2026).value is None


def test_99213(book: Codebook) -> None:
    fee = book.fee("99213", JULY_2026).value
    assert fee is not None
    assert (fee.status, fee.global_days, fee.work, fee.conversion_factor) == ("A", "XXX", 1.30, 33.4009)
    assert (fee.total_nonfacility, fee.total_facility) == (2.85, 1.72)
    limit = book.unit_limit("99213", MAY_2026).value
    assert limit is not None
    assert (limit.units, limit.mai) == (2, 3)


@pytest.mark.parametrize(
    ("on", "release", "work"),
    [
        (date(2020, 12, 31), "RVU20D", 18.76),
        (date(2025, 12, 31), "RVU25D", 18.76),
        (date(2026, 7, 1), "RVU26C", 18.29),
        (date(2026, 6, 30), None, None),  # the release of July says nothing of June
        (date(2027, 1, 1), None, None),
    ],
)
def test_a_fee_schedule_for_each_year(book: Codebook, on: date, release: str | None, work: float | None) -> None:
    found = book.fee("63042", on)
    assert (found.source.release if found.source else None, found.value.work if found.value else None) == (release, work)
    assert found.covered or (found.nearest and found.nearest.release == "RVU26C")


@pytest.mark.parametrize(("a", "b"), [("20610", "99213"), ("99213", "20610"), ("63042", "99213")])
def test_an_edit_that_ended_and_the_one_in_force(book: Codebook, a: str, b: str) -> None:
    edits = book.edits(a, b, AUGUST_2024).value or []
    assert [(e.column1, e.column2, e.deleted, e.indicator) for e in edits] == [
        (min(a, b), "99213", None, 1),
        (min(a, b), "99213", date(2019, 12, 31), 1),
    ]
    assert [e.in_force(AUGUST_2024) for e in edits] == [True, False]


@pytest.mark.parametrize("setting", [Setting.PRACTITIONER, Setting.FACILITY])
def test_never_together(book: Codebook, setting: Setting) -> None:
    (edit,) = book.edits("45378", "45380", AUGUST_2024, setting).value or []
    assert (edit.column1, edit.column2, edit.indicator, edit.in_force(AUGUST_2024)) == ("45380", "45378", 0, True)


@pytest.mark.parametrize("add_on", ["63035", "63043", "63044", "63048", "90472", "99417", "G2211"])
def test_add_on_codes(book: Codebook, add_on: str) -> None:
    fee = book.fee(add_on, JULY_2026).value
    assert fee is not None
    assert fee.global_days == "ZZZ" or book.primaries(add_on, JULY_2026).value


def test_a_code_that_is_not_shipped_is_never_called_absent(book: Codebook) -> None:
    """All shipped tables are partial: what they lack may exist."""
    for dated in (
        book.fee("33426", JULY_2026),
        book.unit_limit("33426", MAY_2026),
        book.primaries("33426", JULY_2026),
        book.edits("33426", "99213", AUGUST_2024),
    ):
        assert dated.value is None
        assert dated.source is not None
        assert is_partial(dated.source)
    assert book.code("33426") is None


def test_every_status_and_indicator_of_the_fee_schedules_has_a_meaning(book: Codebook) -> None:
    table = schema.fee
    fields = {"status": "status", "global_days": "global_days", "pc_tc": "pc_tc", "multiple": "multiple", "bilateral": "bilateral"}
    fields |= {"assistant": "assistant", "co_surgeons": "co_surgeons", "team": "team"}
    with book.connection() as connection:
        for column, field in fields.items():
            for (value,) in connection.execute(select(table.c[column]).distinct()):
                assert book.indicator(field, value) is not None, (field, value)


# Finding


def test_every_passage_can_be_found_by_words_and_by_meaning(book: Codebook) -> None:
    table = schema.passage
    with book.connection() as connection:
        keys = {key for (key,) in connection.execute(select(table.c.key).where(table.c.digest.is_not(None)))}
        (texts,) = connection.exec_driver_sql("SELECT count(*) FROM passage_text_docsize").one()
        (all_rows,) = connection.execute(select(func.count()).select_from(table)).one()
    index = PassageIndex(book.edition.chroma)
    vectors = [key for name in COLLECTIONS for key in index.keys(name)]
    index.close()
    assert len(vectors) == len(set(vectors))
    assert set(vectors) == keys
    assert texts == all_rows


def test_descriptors_of_the_ama_are_not_shipped(book: Codebook) -> None:
    with book.connection() as connection:
        assert connection.execute(select(func.count()).select_from(schema.fee).where(schema.fee.c.descriptor != "")).scalar() == 0
