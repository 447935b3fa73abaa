"""Whether a code is valid and billable, on a date."""

from __future__ import annotations

from assistant.answer import Answer, Composer, Status
from assistant.answers.official import entry_of, say_standing
from assistant.answers.parts import say_missing, say_stale
from assistant.answers.standing import listed_before, say_validity
from assistant.answers.unknown import ask_for_code, say_all_unknown, split_known
from assistant.context import Context, answers
from assistant.evidence import day, of_event, of_fee, of_source
from assistant.facts import CodeFacts, facts_of
from assistant.question import Kind, Question
from corpus.lookups.history import KINDS
from corpus.model import Code, Event, FeeRow, Source, SourceKind
from corpus.shelf import is_partial


@answers(Kind.VALIDITY)
def answer(question: Question, context: Context) -> Answer:
    """The validity of each code on the date of service."""
    if not question.codes:
        return ask_for_code(question, context, "Is M54.5 valid?")
    known, unknown = split_known(question, context)
    composer = context.composer(question)
    decided = False
    gone = {mention: code for mention in unknown if (code := listed_before(mention, context))}
    for code in (*known, *gone.values()):
        composer.heading("")
        composer.about(code.system, code.code)
        decide = say_validity if code.system in KINDS else _procedure
        decided = decide(composer, code, context) or decided
    say_all_unknown(composer, [mention for mention in unknown if mention not in gone], context)
    return composer.answer(Status.ANSWERED if decided else Status.NO_DATA)


def _procedure(composer: Composer, code: Code, context: Context) -> bool:
    facts = facts_of(code, context)
    releases = context.codebook.fee_releases(code.code)
    decided = True
    level_ii = entry_of(code, context, reach=True)
    if level_ii.value:
        say_standing(composer, level_ii.value, context)
    if row := facts.row:
        meaning = facts.meaning("status")
        words = f" {meaning.meaning}" if meaning else ""
        opening = code.code if level_ii.value else f"Yes: {code.code}"
        composer.say(
            f"{opening} is in the Medicare fee schedule of {row.source.release} with status {row.status}.{words}",
            *facts.indicator_evidence("status"),
        )
    elif not level_ii.value and not say_absent(composer, facts):
        say_missing(composer, f"{code.code} in the fee schedule", facts.fee, SourceKind.FEE_SCHEDULE, context)
        if releases:
            seen = ", ".join(r.source.release for r in releases)
            composer.say(f"{code.code} stands in these releases: {seen}.", *(of_fee(r) for r in releases))
        decided = False
    events = context.codebook.history(code.code, code.system)
    if events:
        composer.heading("History")
        for event in events:
            composer.say(f"{day(event.date)}: {event.text}", of_event(event), bullet=True)
    say_stale(composer, facts.fee, level_ii)
    composer.suggest(f"What is {code.code}?")
    return decided


def say_absent(composer: Composer, facts: CodeFacts, opening: str = "No: ") -> bool:
    """Say that a code is not in the fee schedule on the day: gone, not there yet, or never in it; False when the data do not tell."""
    code, source, context = facts.code, facts.fee.source, facts.context
    releases = context.codebook.fee_releases(code.code)
    if source and _is_held(source, releases):
        _absent(composer, releases, source, context, opening)
    elif source and not is_partial(source):
        composer.say(f"{opening}{code.code} is not in {source.label}.", of_source(source, "whole file", f"no row for {code.code}"))
    elif gone := _gone(code, context):
        composer.say(f"{opening}{code.code} left the Medicare fee schedule. {gone.text}", of_event(gone))
    else:
        return False
    return True


def _is_held(source: Source, releases: list[FeeRow]) -> bool:
    """Whether a release would list the code if it were in it: the whole file, or shipped tables among whose codes it is."""
    return bool(releases) and (not is_partial(source) or any(is_partial(row.source) for row in releases))


def _absent(composer: Composer, releases: list[FeeRow], source: Source, context: Context, opening: str) -> None:
    """The release of the day does not list the code, others do: it is gone, or not there yet."""
    code, first, last = releases[0].code, releases[0], releases[-1]
    absent = f"the release for {day(context.date)} ({source.release}) does not list it"
    if first.source.valid_from and first.source.valid_from > context.date:
        not_yet = "No, not yet" if opening else "Not yet"
        composer.say(f"{not_yet}: {absent}; {code} first stands in the fee schedule of {first.source.release}.", of_fee(first))
    else:
        before = [row for row in releases if row.source.valid_from and row.source.valid_from <= context.date]
        last = before[-1] if before else last
        composer.say(f"{opening}{code} last stands in the fee schedule of {last.source.release}; {absent}.", of_fee(last))


def _gone(code: Code, context: Context) -> Event | None:
    """What shows that a code had left the fee schedule before the day, though no release covers the day itself."""
    events = [e for e in context.codebook.history(code.code, code.system) if e.date <= context.date]
    ends = [e for e in events if e.event in ("last seen", "deleted")]
    starts = [e for e in events if e.event in ("first seen", "added")]
    return ends[-1] if ends and (not starts or starts[-1].date <= ends[-1].date) else None
