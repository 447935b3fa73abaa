"""Tables of sentences that evidence carries or does not, each with the reason; markers; and the cutting of streams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Answer, Statement
from assistant.citations import Checker, Piece, Problem, Sentences, markers, without_markers
from corpus.codebook import Codebook
from tests.assistant.tiny import condition_answer, never_answer, page_answer, tiny_codebook

UNKNOWN, MISSING, WORDS, AGAINST, UNCITED = (
    Problem.UNKNOWN_CODE,
    Problem.NOT_IN_EVIDENCE,
    Problem.OTHER_WORDS,
    Problem.CONTRADICTION,
    Problem.NO_CITATION,
)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Codebook]:
    codebook = tiny_codebook(tmp_path_factory.mktemp("edition"))
    yield codebook
    codebook.close()


PAGE = [
    # Carried: the evidence's own words, put together anew
    ("63044 is an add-on code, and 63042 is its primary [1].", None),
    ("63044 is an add-on code that must be reported with 63042 [1].", None),
    ("CPT 63044 is never reported alone [1].", None),
    ("The status is C, carrier-priced: the contractor sets payment case by case [2][3].", None),
    ("The MUE is 4 units with MAI 2 [4].", None),
    ("The MUE is four units [4].", None),
    ("On 2026-03-01 the MUE of 63044 is 4 units [4].", None),  # the date of service is given
    ("The pair is effective January 1, 1998 [1].", None),
    ("Work RVU is 3.25 in release T26A of the fee schedule [2].", None),
    ("The global period is ZZZ: it follows another service [2].", None),
    ("Modifier 51 is not usable, because add-on codes are exempt from it [5].", None),
    ("Modifier 50 is usable for both sides [2].", None),
    ("**63044** is an `add-on` code of 63042 [1].", None),
    # Not carried
    ("63044 is an add-on code to 63042.", UNCITED),
    ("63044 is an add-on code to 63042 [9].", UNCITED),
    ("63044 is an add-on code to 63042 [1", UNCITED),
    ("63044 is an add-on code to 63049 [1].", UNKNOWN),  # no such code
    ("63044 is an add-on code to 29881 [1].", UNKNOWN),  # deleted
    ("63044 is an add-on code to 27447 [1].", UNKNOWN),  # not on the fee schedule of the day
    ("63044 is an add-on code to 63043 [1].", MISSING),  # exists, but not there
    ("63044 goes with diagnosis M54.50 and its primary code [1].", MISSING),
    ("63044 goes with diagnosis M54.59 and its primary code [1].", UNKNOWN),
    ("The status of 63044 is C with modifier 59 [2].", MISSING),
    ("The status of 63044 is C with modifier Q9 [2].", UNKNOWN),
    ("The status of 63044 is C for the payment of XS [2].", MISSING),
    ("The MUE is 5 units [4].", MISSING),
    ("The MUE is five units [4].", MISSING),
    ("The MUE is 4 units [1].", MISSING),  # the wrong source
    ("The MUE is 4 units, or 16 a week [4].", MISSING),
    ("The conversion factor is 33.4 [2].", MISSING),  # rounded
    ("Work RVU is 3.25, or $108.55 [2].", MISSING),
    ("The pair is effective January 1, 1999 [1].", MISSING),
    ("The pair is effective January 2, 1998 [1].", MISSING),
    ("The global period is XXX [2].", MISSING),
    ("The status is A: the contractor sets the payment [2][3].", MISSING),
    ("The fee schedule row of 63044 is at https://evil.example/63044 [2].", MISSING),
    ("63044 requires prior authorization from the insurer [1].", WORDS),
    ("Robots dream of electric sheep [1].", WORDS),
    ("Yes [1].", WORDS),
    ("Modifier 51 is usable on add-on codes [5].", AGAINST),
    ("Modifier 51 may be appended to add-on codes [5].", AGAINST),
    ("Append modifier 51 to add-on codes [5].", AGAINST),
    ("Modifier 50 is not usable for both sides of one interspace [2].", AGAINST),
    ("The contractor may pay 63044 for each case [2].", AGAINST),  # nothing gives that permission
]


@pytest.mark.parametrize(("sentence", "problem"), PAGE)
def test_sentences_about_one_code(book: Codebook, sentence: str, problem: Problem | None) -> None:
    assert Checker(book, page_answer()).check(sentence).problem is problem


NEVER = [
    ("No, 45380 and 45378 are never paid together for one patient on one day [1].", None),
    ("45378 is the column 2 code and is denied [1].", None),
    ("The modifier indicator is 0, so no modifier bypasses the edit [1].", None),
    ("The MUE of 45380 is 3 units [3].", None),
    ("The MUE is 1 unit for 45378, 3 units for 45380 [2][3].", None),
    ("45378 and 45380 may be billed together [1].", AGAINST),
    ("Yes, 45380 and 45378 are paid together on one day [1].", AGAINST),
    ("It is allowed to bill 45380 and 45378 together on one day [1].", AGAINST),
    ("45380 and 45378 can be paid together for one patient by one provider [1].", AGAINST),
    ("Bill 45380 and 45378 together on one day [1].", AGAINST),
    ("A modifier bypasses the edit [1].", AGAINST),
    ("A modifier may bypass the edit on column 2 code 45378 [1].", AGAINST),
    ("The edit of 45380 and 45378 does not forbid one provider the two together [1].", AGAINST),
    ("45378 is not denied in column 2 of the edit [1].", AGAINST),
    ("PTP edits of the facility allow 45378 and 45380 together [1].", AGAINST),  # there is no data on it
    ("The MUE of 45378 is 3 units [2][3].", MISSING),  # the figure of the other code
    ("The MUE is 3 units for 45378, 1 unit for 45380 [2][3].", MISSING),
]


@pytest.mark.parametrize(("sentence", "problem"), NEVER)
def test_a_never_stays_a_never(book: Codebook, sentence: str, problem: Problem | None) -> None:
    assert Checker(book, never_answer()).check(sentence).problem is problem


CONDITION = [
    ("A modifier may bypass the PTP edit between 20610 and 99213 [1].", None),
    ("Append modifier 25 to 99213 when the visit is significant and separately identifiable [2].", None),
    ("Modifier 25 is never appended to 20610 [2].", None),
    ("No modifier may bypass the PTP edit between 20610 and 99213 [1].", AGAINST),
    ("Append 25 to 20610 [2].", AGAINST),
    ("99213-25 is right when the visit is significant and separately identifiable [2].", None),
    ("20610-25 is right when the visit is significant and separately identifiable [1][2].", MISSING),  # the manual says never
    ("99213 is identifiable from 20610 by modifier 25 on 20610 [2].", MISSING),
    ("20610 is in column 1 of the edit in force [1].", None),
    ("99213 is the column 1 code of the edit in force [1].", MISSING),
    ("A modifier may always bypass the PTP edit between 20610 and 99213 [1].", AGAINST),
    ("A modifier may bypass the edit between 20610 and 99213 without a condition [1].", AGAINST),
    ("Never append modifier 25 to 99213 when the visit is significant [2].", AGAINST),
]


@pytest.mark.parametrize(("sentence", "problem"), CONDITION)
def test_a_condition_stays_a_condition(book: Codebook, sentence: str, problem: Problem | None) -> None:
    assert Checker(book, condition_answer()).check(sentence).problem is problem


def test_a_code_of_the_question_may_be_named_though_unknown(book: Codebook) -> None:
    answer = page_answer("Is 63044 the new 63049?")
    assert Checker(book, page_answer()).check("63049 is an add-on code to 63042 [1].").problem is UNKNOWN
    assert Checker(book, answer).check("63049 is an add-on code to 63042 [1].").problem is MISSING


@pytest.mark.parametrize(
    ("share", "sentence", "carried"),
    [
        (1.0, "The contractor sets payment for each case [3].", True),
        (0.75, "The local contractor sets payment for this case [3].", True),
        (0.5, "The contractor decides payment individually [3].", True),
        (0.4, "The local contractor decides payment individually [3].", False),
        (0.25, "The local contractor usually decides [3].", False),
    ],
)
def test_half_of_the_words_is_enough(book: Codebook, share: float, sentence: str, carried: bool) -> None:
    assert (Checker(book, page_answer()).check(sentence).problem is None) is carried, share


def test_what_passes_is_plain_text_with_known_numbers(book: Codebook) -> None:
    checked = Checker(book, page_answer()).check("**63044** is an [1] _add-on_ code of 63042 [12][1, 2]<br>.")
    assert (checked.text, checked.citations) == ("63044 is an add-on code of 63042.", (1, 2))


@pytest.mark.parametrize(
    ("heading", "kept"),
    [
        ("Usable", "Usable"),
        ("## Units", "Units"),
        ("**Status and payment:**", "Status and payment"),
        ("In short:", "In short"),
        ("63044", "63044"),
        ("PWNED", None),
        ("Always covered", None),
        ("Modifier 51 is allowed", None),
        ("99999", None),
        ("", None),
    ],
)
def test_headings_claim_nothing(book: Codebook, heading: str, kept: str | None) -> None:
    assert Checker(book, page_answer()).heading(heading) == kept


def test_a_sentence_is_read_under_its_heading(book: Codebook) -> None:
    checker = Checker(book, page_answer())
    assert checker.check("51: add-on codes are exempt [5].", "Not usable").problem is None
    assert checker.check("51: add-on codes are exempt [5].", "Usable").problem is AGAINST


def test_what_may_not_be_left_out(book: Codebook) -> None:
    never, page = Checker(book, never_answer()), Checker(book, page_answer())
    verdict, notice = never_answer().statements[0], never_answer().statements[-1]
    assert never.omitted([Statement("The MUE of 45378 is 1 unit.", (2,))]) == (verdict, notice)
    assert never.omitted([Statement("They are never paid together.", (1,))]) == (notice,)
    assert [s.heading for s in page.omitted([])] == ["Releases"]


@pytest.mark.parametrize("part", ["63044 may ", "modifier 25, ", "25 to ", "not ", "[1", "* ", "1,", "a.b", "on 63044 "])
def test_a_flood_is_checked_at_once(book: Codebook, part: str) -> None:
    start = monotonic()
    for length in (990, 20_000):
        for piece in cut((part * length)[:length] + " [1].", [50]):
            Checker(book, page_answer()).check(piece.text)
    assert monotonic() - start < 3


def test_an_answer_without_evidence_carries_nothing(book: Codebook) -> None:
    bare: Answer = replace(page_answer(), citations=(), statements=(), tables=())
    assert Checker(book, bare).check("63044 is an add-on code [1].").problem is UNCITED


# Markers


@pytest.mark.parametrize(
    ("text", "numbers", "plain"),
    [
        ("It is C [2].", [2], "It is C."),
        ("It is C. [2][3]", [2, 3], "It is C."),
        ("It [1] is [1, 3].", [1, 3], "It is."),
        ("It is [1-3].", [1, 2, 3], "It is."),
        ("It is【2†source】.", [2], "It is."),
        ("It is [", [], "It is"),
        ("It is [1", [], "It is"),
        ("It is [sic].", [], "It is [sic]."),
        ("X[0] is.", [0], "X is."),
        ("[1-999999999] is", [], "[1-999999999] is"),
    ],
)
def test_markers(text: str, numbers: list[int], plain: str) -> None:
    assert (markers(text), without_markers(text)) == (numbers, plain)


# Streams

REPLY = """\
**In short:**
63044 is an add-on code [1]. Work is 2.5 RVU, e.g. In release A. [2][3] See M54.50! [1, 2] Status C. Next

- First item [1].
- Second one; it has v. 2
1. Third [2]. Its other sentence.
## Units
The last one"""
PIECES = [
    Piece("In short:", heading=True),
    Piece("63044 is an add-on code [1]."),
    Piece("Work is 2.5 RVU, e.g. In release A. [2][3]"),
    Piece("See M54.50! [1, 2]"),
    Piece("Status C."),
    Piece("Next"),
    Piece("First item [1].", bullet=True),
    Piece("Second one; it has v. 2", bullet=True),
    Piece("Third [2].", bullet=True),
    Piece("Its other sentence.", bullet=True),
    Piece("Units", heading=True),
    Piece("The last one"),
]


def cut(text: str, sizes: list[int]) -> list[Piece]:
    stream, pieces = Sentences(), list[Piece]()
    while text:
        size = sizes[len(text) % len(sizes)]
        pieces += stream.feed(text[:size])
        text = text[size:]
    return pieces + list(stream.close())


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8))
def test_pieces_do_not_depend_on_the_chunks(sizes: list[int]) -> None:
    assert cut(REPLY, sizes) == PIECES


@given(st.text(alphabet="aB1.[]! \n-*#:,", max_size=60), st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_nothing_but_markup_is_lost(text: str, sizes: list[int]) -> None:
    letters = [c for c in "".join(piece.text for piece in cut(text, sizes)) if c in "aB"]
    assert letters == [c for c in text if c in "aB"]


@pytest.mark.parametrize(
    ("held", "then", "given_out"),
    [
        ("It is C [", "1]. N", "It is C [1]."),
        ("It is C. ", "[1] N", "It is C. [1]"),
        ("It is C. [1", "] N", "It is C. [1]"),
        ("It is C.", "5 [1]. N", "It is C.5 [1]."),
        ("It is C. [1]", "[2] N", "It is C. [1][2]"),
        ("It is C [1]", "\n", "It is C [1]"),
    ],
)
def test_what_is_not_whole_is_held_back(held: str, then: str, given_out: str) -> None:
    stream = Sentences()
    assert list(stream.feed(held)) == []
    assert [piece.text for piece in stream.feed(then)] == [given_out]
