"""An assistant with set replies, for what the real one does not do on demand: break, stream slowly, show every odd character."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import date

from assistant.answer import Answer, Composer, Evidence, Status
from assistant.question import Kind, Question
from corpus.errors import CodebookError
from corpus.model import Setting, Source, SourceKind

FEES = Source(
    1,
    "fee-schedule/T1",
    SourceKind.FEE_SCHEDULE,
    "Invented fee schedule",
    "Nobody",
    "T1",
    None,
    date(2026, 7, 1),
    date(2026, 9, 30),
    "https://example.org/fees",
)
MANUAL = Source(2, "publication/manual", SourceKind.PUBLICATION, "Invented manual of correct coding with a rather long title", "Nobody", "2026")

ODD = "It costs $5 or $6, ~never~ *less*, a_b_c, 2 < 3 & <b>not bold</b>, :100: `x` -> [9] $x^2$."


FAILURES = {"break": CodebookError, "breakdown": ConnectionError}


class StubAssistant:
    """Answers by the first word: `page`, `odd`, `nothing`, `unclear`, `outside`, `break`, `breakdown`, `again`, `slow`; records what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Question, ...], date | None, Setting | None]] = []
        self.warmed = 0
        self.breaks = 1  # how often `break` breaks before it answers

    def warm(self) -> None:
        self.warmed += 1

    def ask(self, text: str, history: Sequence[Question] = (), date: date | None = None, setting: Setting | None = None) -> Answer:
        self.asked.append((text, tuple(history), date, setting))
        return _reply(text, date)

    def stream(self, text: str, history: Sequence[Question] = (), date: date | None = None, setting: Setting | None = None) -> Iterator[str | Answer]:
        answer = self.ask(text, history, date, setting)
        for word in answer.text.split(" "):
            if text.startswith("slow"):
                time.sleep(0.02)
            yield word + " "
            if text.split()[0] in FAILURES and self.breaks:
                self.breaks -= 1
                raise FAILURES[text.split()[0]]("the chat model did not answer within 30 s")
        yield answer


def _reply(text: str, on: date | None) -> Answer:
    composer = Composer(Question(text, Kind.CODE), on or date(2026, 8, 1))
    row = Evidence(FEES, "row 63044", "HCPCS 63044 · STATUS C · GLOB DAYS ZZZ · BILAT SURG 1")
    words = Evidence(MANUAL, "Chapter VIII, section C", "The words that stand there, with $5 and <i>signs</i>.\nA second line of them.")
    status = Status.ANSWERED
    match text.split()[0]:
        case "nothing":
            status = Status.NO_DATA
            composer.say("No release in force on 2019-03-01 is loaded for the fee schedule. Nearest: T1, from 2026-07-01.")
            composer.say("To load it: `python -m ingest add FILE`.")
        case "unclear":
            status = Status.UNCLEAR
            composer.say("Which code do you mean?")
        case "outside":
            status = Status.OUT_OF_SCOPE
            composer.say("I answer questions about US medical coding.")
        case "odd":
            composer.say(ODD, row)
            composer.heading("Odd $heading$ with _signs_")
            composer.say(ODD, words, bullet=True)
            composer.table("Odd table $x$", ("a_b", "*c*"), [("$1", "$2"), ("<i>x</i>", "~y~")], row)
        case _:
            _page(composer, row, words)
    composer.suggest("again And its modifiers?", "again Can it be billed with 22612?", "again What about 63043, for $5 and *more*?")
    answer = composer.answer(status)
    if text.startswith("again"):
        return Answer(**{**answer.__dict__, "resolved": "again What are the modifiers of 63044?"})
    return answer


def _page(composer: Composer, row: Evidence, words: Evidence) -> None:
    composer.say("63044 is an invented add-on for each further interspace on one side of the lower back.", row)
    composer.say("It is never billed alone and takes its primary code on the same claim and day.", row, words)
    composer.heading("When it is used")
    composer.say("Herniated disc: a fragment presses on the nerve root again.", words, bullet=True)
    composer.say("Stenosis: the canal has narrowed at more than one level, which the imaging and the record must both show.", words, bullet=True)
    composer.heading("How it is billed")
    composer.say("Carriers price the code (status C), so the amount differs from one carrier to the next.", row, bullet=True)
    composer.say("At most 4 units a day.", Evidence(FEES, "row 63044, units", "63044, 4, MAI 2"), bullet=True)
    composer.table(
        "Indicators",
        ("Field", "Value", "Meaning"),
        [
            ("Status", "C", "Carriers price the code"),
            ("Global days", "ZZZ", "Add-on: the period of its primary code counts"),
            ("Bilateral", "1", "150 % when done on both sides"),
            ("Assistant", "2", "An assistant is paid"),
        ],
        row,
    )
