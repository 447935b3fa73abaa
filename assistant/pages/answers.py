"""One answer as HTML: how it was understood, its text, its tables, its sources, and the date it holds for."""

from __future__ import annotations

from html import escape

from assistant.answer import Answer, Status
from assistant.pages import citations, tables, words

_NOTICES = {
    Status.NO_DATA: "No data",
    Status.UNCLEAR: "Not clear yet",
    Status.OUT_OF_SCOPE: "Outside the subject",
}


def welcome(chat_model: str) -> str:
    """What to expect, and where the words go that are typed."""
    place = f"What you type goes to the chat model {chat_model}." if chat_model else "Nothing you type leaves this machine."
    return (
        '<div class="welcome"><h1>Ask about a code, a rule or an edit</h1><p>Every answer names its source, its release and its date. '
        f"What the loaded data does not hold is said to be missing, never guessed. {escape(place)}</p></div>"
    )


def question(text: str) -> str:
    """What was typed, as it was typed."""
    return f'<div class="asked">{escape(text)}</div>'


def streaming(text: str) -> str:
    """What has come so far."""
    return f'<div class="answer">{words.streaming(text)}</div>'


def finished(answer: Answer, turn: int) -> str:
    """The whole answer; `turn` numbers it in the conversation and so keeps its sources apart from those of others."""
    mark = citations.marks(answer, turn)
    parts = [
        f'<p class="understood">Understood as: {escape(answer.resolved)}</p>' if answer.resolved else "",
        f'<span class="notice">{_NOTICES[answer.status]}</span>' if answer.status in _NOTICES else "",
        words.finished(answer, mark),
        *(tables.drawn(facts, mark) for facts in answer.tables),
        citations.row(answer, turn),
        _basis(answer),
    ]
    return f'<div class="answer {answer.status.value}">{"".join(parts)}</div>'


def failure(message: str) -> str:
    """What went wrong, and that nothing typed is lost."""
    kept = "Your question is back in the box below."
    return f'<div class="failure" role="alert"><strong>That did not work.</strong> {sentence(message)}<br>{kept}</div>'


def no_edition(message: str) -> str:
    """What to do before anything can be asked."""
    return f'<div class="failure"><strong>There is no data to answer from.</strong> {sentence(message)}</div>'


def sentence(message: str) -> str:
    """An error's message, which is written to follow a colon, as a sentence."""
    return escape(message[:1].upper() + message[1:].removesuffix(".")) + "."


def _basis(answer: Answer) -> str:
    """What the answer rests on, in small print."""
    facts = [f"For date of service {answer.date_of_service.isoformat()}" if answer.date_of_service and answer.citations else ""]
    if answer.written_by != "composed":
        facts.append(f"written by {answer.written_by} from the sources above")
    shown = " · ".join(fact for fact in facts if fact)
    return f'<p class="basis">{escape(shown)}</p>' if shown else ""
