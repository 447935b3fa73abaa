"""Whether an ICD-10 code is valid on a day, which release says so, and what became of the code."""

from __future__ import annotations

from assistant.answer import Composer, Evidence
from assistant.context import Context
from assistant.evidence import day, of_code, of_source
from assistant.question import CodeMention
from corpus.lookups.history import KINDS, Seen, State, Turn
from corpus.lookups.validity import Basis, Standing
from corpus.model import Code, Source, System

MOST_CHILDREN = 20
NAMES = {System.ICD10CM: "ICD-10-CM", System.ICD10PCS: "ICD-10-PCS"}
WORDS = {
    "added": "added",
    "deleted": "deleted",
    "became a category": "no longer billable: more specific codes were added under it",
    "billable": "became billable",
    "revised": "title revised",
    "listed": "listed in the oldest release that is loaded",
}


def listed_before(mention: CodeMention, context: Context) -> Code | None:
    """A code that no list has any more, though facts of an older release name it; None when nothing does."""
    system = mention.system
    if system not in KINDS or system is None:
        return None
    history = context.codebook.validity.timeline(mention.code, system)
    return Code(system, mention.code, "", True, history[-1].sources[-1]) if history else None


def say_validity(composer: Composer, code: Code, context: Context) -> bool:
    """Say whether the code is valid on the day; return whether the data decide it."""
    standing = context.codebook.validity.of(code.code, code.system, context.date)
    if standing.seen is None:
        _unknown(composer, standing, code)
    else:
        _known(composer, standing, standing.seen, code)
    _children(composer, standing, code, context)
    _successors(composer, standing)
    say_history(composer, standing, context)
    return standing.state is not State.UNKNOWN


def _known(composer: Composer, standing: Standing, seen: Seen, code: Code) -> None:
    """The answer for the day, with what it rests on."""
    name, evidence = NAMES[standing.system], _of_seen(standing.code, seen)
    title = f" ({seen.title or code.title})" if seen.title or (code.title and code.source.id == seen.source.id) else ""
    where = f"{name}, {seen.source.release}"
    if standing.basis in (Basis.NAMED, Basis.CARRIED):
        where = f"{name} on {day(standing.on)}"
    if seen.state is State.VALID:
        composer.say(f"Yes: {standing.code}{title} is valid and billable in {where}.", evidence)
    elif seen.state is State.NOT_BILLABLE:
        composer.say(f"No: {standing.code}{title} is not billable in {where}; it has more specific codes.", evidence)
    else:
        composer.say(f"No: {standing.code} is not in {where}.", evidence)
    _basis(composer, standing, seen.source, evidence)


def _basis(composer: Composer, standing: Standing, source: Source, evidence: Evidence) -> None:
    """Why a release speaks for a day that it does not cover itself."""
    start = day(source.valid_from) if source.valid_from else "its first day"
    if standing.basis is Basis.UPDATE and (proof := standing.proof):
        shown = f"; the code was the same before, in {proof.label}" if proof.id != source.id else ""
        if proof.kind is KINDS[standing.system][1]:
            shown = "; the addenda of that update do not name the code"
        composer.say(
            f"That release is the update of {start}, the only list of its fiscal year at hand{shown}.",
            evidence,
            of_source(proof, standing.code, f"{standing.code} as in the update of {start}"),
        )
    elif standing.basis is Basis.NAMED:
        composer.say(f"That follows from {source.label}, in force from {start}, which names the code.", evidence)
    elif standing.basis is Basis.CARRIED:
        composer.say(f"That follows from the list of the year next to it and {source.label}, which does not name the code.", evidence)
    if standing.stale and source.valid_to:
        composer.say(f"That release ran to {day(source.valid_to)}; the next fiscal year's changes are not loaded.", evidence)


def _unknown(composer: Composer, standing: Standing, code: Code) -> None:
    """No release speaks for the day: what those around it say."""
    name = NAMES[standing.system]
    words = {standing.before: "last release before that day", standing.after: "first release behind it"}
    around = [(seen, "nearest release" if len(words) < 2 or None in words else when) for seen, when in words.items() if seen]
    nearest = standing.nearest
    if nearest is None:
        composer.say(f"No data for {day(standing.on)}: no {name} release is loaded that tells of {standing.code}.")
        return
    if standing.basis is Basis.UPDATE and standing.after:
        start = standing.after.source.valid_from or standing.on
        composer.say(
            f"Not known for {day(standing.on)}: the only {name} list of that fiscal year at hand is its update of {day(start)}, "
            f"and nothing that is loaded tells whether {standing.code} changed with it."
        )
    elif standing.before is None and standing.after and standing.after.source.valid_from:
        composer.say(
            f"No data for {day(standing.on)}: the first {name} release loaded takes effect on {day(standing.after.source.valid_from)}, "
            "and none speaks for the days before its fiscal year."
        )
    else:
        composer.say(f"No data for {day(standing.on)}: no {name} release that is loaded speaks for that day.")
    for seen, when in around:
        state = {State.VALID: "billable", State.NOT_BILLABLE: "not billable, a category", State.NOT_VALID: "not listed"}[seen.state]
        title = f" ({seen.title or code.title})" if seen.title else ""
        when += " (the nearest)" if seen is nearest and len(around) > 1 else ""
        composer.say(f"In the {when}, {seen.source.release}, {standing.code}{title} is {state}.", _of_seen(standing.code, seen))


def _children(composer: Composer, standing: Standing, code: Code, context: Context) -> None:
    """For a category: the codes under it that are listed on the day."""
    if standing.state is not State.NOT_BILLABLE:
        return
    book = context.codebook
    found = [child for name in standing.children if (child := book.code(name, standing.system))] or book.children(code.code, code.system)
    if not standing.children:
        found = [child for child in found if book.validity.of(child.code, child.system, standing.on).state is not State.NOT_VALID]
    if found:
        composer.heading("Use one of")
    if len(found) > MOST_CHILDREN:
        composer.say(f"{len(found)} codes stand under it; the first {MOST_CHILDREN}:", of_code(code))
    for child in found[:MOST_CHILDREN]:
        composer.say(f"{child.code} {child.title}{'' if child.billable else ' (has more specific codes)'}", of_code(child), bullet=True)
        composer.suggest(f"What is {child.code}?")


def _successors(composer: Composer, standing: Standing) -> None:
    """What a conversion table says of codes before and after."""
    table = next((turn.sources[0] for turn in (standing.ended, standing.began) if turn), standing.source)
    if table and standing.replaced_by and standing.state is not State.VALID:
        words = ", ".join(standing.replaced_by)
        composer.say(f"Replaced by {words}.", of_source(table, standing.code, f"{standing.code} → {words}"))


def say_entry(composer: Composer, code: Code, context: Context) -> Standing:
    """What a code is on the day by the release that speaks for it; its notes and codes below are those of the newest list."""
    standing = context.codebook.validity.of(code.code, code.system, context.date)
    name, newest, seen = NAMES[standing.system], code.source, standing.seen
    start = day(newest.valid_from) if newest.valid_from else newest.release
    if seen is None or (seen.source.id == newest.id and standing.basis is not Basis.UPDATE):
        state = "billable" if code.billable else "not billable"
        composer.say(f"{name} {code.code}: {code.title} ({state}).", of_code(code))
        if seen is None and (nearest := standing.nearest):
            composer.say(
                f"This is the release of {start}; nothing that is loaded tells of {day(standing.on)}, so the code may have differed then.",
                of_code(code), _of_seen(code.code, nearest),
            )  # fmt: skip
        elif standing.stale and newest.valid_to:
            text = f"The release loaded, {newest.release}, ran to {day(newest.valid_to)}; changes of the next fiscal year are not in it."
            composer.say(text, of_code(code))
        return standing
    state = {State.VALID: "billable", State.NOT_BILLABLE: "not billable"}.get(seen.state, "not valid")
    composer.say(f"{name} {code.code}: {seen.title or code.title} ({state} on {day(standing.on)}).", _of_seen(code.code, seen))
    if seen.state is State.NOT_VALID:
        composer.say(
            f"{code.code} is not in {name} on {day(standing.on)}; what follows is the release of {start}.", _of_seen(code.code, seen), of_code(code)
        )
    elif seen.source.id != newest.id:
        composer.say(f"That follows from {seen.source.label}; what follows is the release of {start}.", _of_seen(code.code, seen), of_code(code))
    else:
        _basis(composer, standing, seen.source, _of_seen(code.code, seen))
    return standing


def say_history(composer: Composer, standing: Standing, context: Context) -> None:
    """What happened to the code, as far as the releases loaded tell."""
    turns = context.codebook.validity.timeline(standing.code, standing.system)
    if all(turn.event == "listed" for turn in turns):
        return
    composer.heading("History")
    for turn in turns:
        composer.say(f"{_when(turn)}: {WORDS.get(turn.event, turn.event)}{_titles(turn)}.", *_of_turn(standing.code, turn), bullet=True)


def _when(turn: Turn) -> str:
    """The day, or the two releases between which it happened."""
    if turn.exact:
        return day(turn.last)
    before, after = turn.sources[0], turn.sources[-1]
    return f"Between {before.release} ({day(turn.first)}) and {after.release} ({day(turn.last)})"


def _titles(turn: Turn) -> str:
    """Of a revision: the titles, where both are known."""
    return f', from "{turn.before}" to "{turn.after}"' if turn.event == "revised" and turn.before and turn.after else ""


def _of_turn(code: str, turn: Turn) -> list[Evidence]:
    return [of_source(source, code, f"{code}: {WORDS.get(turn.event, turn.event)} ({_when(turn)})") for source in turn.sources]


def _of_seen(code: str, seen: Seen) -> Evidence:
    """The row of a release, or that it has none."""
    state = {State.VALID: "billable", State.NOT_BILLABLE: "not billable: has more specific codes", State.NOT_VALID: "not listed"}
    return of_source(seen.source, code, f"{code} {seen.title} ({state.get(seen.state, seen.state)})".replace("  ", " "))
