"""The optional chat model: it phrases what was composed, from the same evidence, and every sentence is checked.

`written` streams the answer of the model that `CODEBOOK_CHAT_MODEL` names. Whatever goes wrong, the composed answer is
shown. Errors and notices are our own words: those of a provider may hold the key or the question.

Exceptions: `ChatModelError`, a model that is configured but cannot be used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING, Any

from assistant import settings
from assistant.answer import Answer, Statement, Status
from assistant.citations import Checker, Piece, Sentences
from assistant.prompts import messages
from corpus.codebook import Codebook
from corpus.errors import CodebookError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

ATTEMPTS = 3
FIRST_WAIT = 0.5  # seconds before the second attempt, doubled before the third
NO_KEY = "none"  # for servers of one's own, which ask for none; a provider's key never goes to another address
OVERLOADED = 429
END_MARKS = ("finish_reason", "done_reason", "stop_reason", "stopReason")  # as OpenAI, Ollama, Anthropic and Bedrock name it
CUT = ("length", "max_tokens")  # ends that leave the last sentence unfinished


class ChatModelError(CodebookError):
    """The chat model that is configured cannot be used; the message says what to do."""


class _NoReplyError(Exception):
    """A reply that did not come whole; the message is shown to the user."""


@dataclass(frozen=True)
class ChatModel:
    """A chat model, ready to write. `timeout` is in seconds and holds for a whole reply."""

    name: str
    timeout: float
    chat: BaseChatModel = field(repr=False)  # holds the key


def open_model() -> ChatModel | None:
    """The chat model of the environment, None when none is configured.

    Raises:
        ChatModelError: when its package is missing, its name or another variable cannot be read, or it has no key.
    """
    if not os.environ.get("CODEBOOK_CHAT_MODEL"):
        return None
    try:
        return _open(settings.read())
    except settings.SettingsError as error:
        raise ChatModelError(str(error)) from None


@lru_cache(maxsize=2)
def _open(configured: settings.Settings) -> ChatModel:
    from langchain.chat_models import init_chat_model

    name = configured.chat_model or ""
    try:
        chat = init_chat_model(name, **_options(name, configured))
    except ImportError as error:
        missing = getattr(error.__cause__, "name", None) or error.name or "the provider's package"
        package = missing.partition(".")[0].replace("_", "-")
        raise ChatModelError(
            f"CODEBOOK_CHAT_MODEL={name} needs the package {package}: run `pip install -r requirements-models.txt` or `pip install {package}`"
        ) from None
    except ValueError as error:
        if "provider" not in str(error):
            raise ChatModelError(_unusable(name)) from None
        raise ChatModelError(
            f"CODEBOOK_CHAT_MODEL={name} names no provider that is known: write it as provider:model, for example ollama:llama3"
        ) from None
    except Exception:  # the message of a provider may hold the key
        raise ChatModelError(_unusable(name)) from None
    return ChatModel(name, configured.chat_timeout, chat)


def _unusable(name: str) -> str:
    return f"the chat model {name} cannot be set up: check CODEBOOK_CHAT_API_KEY, CODEBOOK_CHAT_BASE_URL and CODEBOOK_CHAT_TEMPERATURE"


def _options(name: str, configured: settings.Settings) -> dict[str, Any]:
    """What `init_chat_model` takes besides the name; attempts are counted here, so clients make none of their own."""
    key = configured.chat_api_key.get_secret_value() if configured.chat_api_key else None
    options: dict[str, Any] = {"temperature": configured.chat_temperature, "base_url": configured.chat_base_url}
    if name.startswith("ollama:"):
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        options["client_kwargs"] = {"timeout": configured.chat_timeout, "headers": headers}
    else:
        options |= {"timeout": configured.chat_timeout, "max_retries": 0, "api_key": key or (NO_KEY if configured.chat_base_url else None)}
    return {option: value for option, value in options.items() if value is not None}


# Writing


def written(answer: Answer, codebook: Codebook) -> Iterator[str | Answer]:
    """Stream the answer that the configured model writes from a composed one; the last item is the whole answer.

    Whatever goes wrong, before or in writing, the last item is the composed answer with a notice that says so.
    """
    streamed = False
    try:
        model = open_model()
        if model is None:
            yield answer.text
            yield answer
            return
        for piece in write(answer, model, Checker(codebook, answer)):
            streamed = True
            yield piece
        return
    except ChatModelError as error:
        reason = f"cannot be used: {error}"
    except Exception as error:  # its message may hold the question
        reason = f"could not write: {type(error).__name__}"
    composed = _noted(answer, f"The composed answer is shown, because the chat model {reason}.")
    if not streamed:  # else the stream has shown something that the answer replaces
        yield composed.text
    yield composed


def _noted(answer: Answer, notice: str) -> Answer:
    """The composed answer with a notice about the chat model."""
    return replace(answer, statements=(*answer.statements, Statement(notice, (), heading="Chat model")))


def write(answer: Answer, model: ChatModel, checker: Checker) -> Iterator[str | Answer]:
    """Stream the sentences that pass the check; the last item is the whole answer, written or, failing that, composed."""
    if answer.status is not Status.ANSWERED or not answer.citations:  # nothing to write from
        yield answer.text
        yield answer
        return
    draft = _Draft(checker)
    try:
        yield from draft.take(_reply(answer, model))
        if not draft.accepted:
            raise _NoReplyError("wrote nothing that the evidence carries")
    except _NoReplyError as reason:
        composed = _noted(answer, f"The chat model {model.name} {reason}; the composed answer is shown.")
        if not draft.accepted:  # else the stream has shown something that the answer replaces
            yield composed.text
        yield composed
        return
    yield from draft.complete()
    yield replace(answer, statements=draft.statements, written_by=model.name)


class _Draft:
    """The statements accepted so far, and how much of their text was streamed."""

    def __init__(self, checker: Checker) -> None:
        self.accepted: list[Statement] = []
        self.statements: tuple[Statement, ...] = ()
        self._checker = checker
        self._heading = ""
        self._shown = 0

    def take(self, reply: _Reply) -> Iterator[str]:
        """Check a reply as it comes; the text of what passes."""
        pieces = Sentences()
        for text in reply:
            for piece in pieces.feed(text):
                yield from self._add(piece)
        if not reply.cut:
            for piece in pieces.close():
                yield from self._add(piece)

    def complete(self) -> Iterator[str]:
        """Add what may not be left out; the text of it."""
        omitted = [replace(s, heading=s.heading or "Also") for s in self._checker.omitted(self.accepted)]
        self.statements = (*self.accepted, *omitted)
        yield from self._news()

    def _add(self, piece: Piece) -> Iterator[str]:
        if piece.heading:
            self._heading = self._checker.heading(piece.text) or ""
            return
        checked = self._checker.check(piece.text, self._heading)
        if checked.problem is None:
            self.accepted.append(Statement(checked.text, checked.citations, self._heading, piece.bullet))
            self.statements = tuple(self.accepted)
            yield from self._news()

    def _news(self) -> Iterator[str]:
        """What the text of the answer has gained: the stream adds up to `Answer.text`."""
        text = replace(self._checker.answer, statements=self.statements).text
        if news := text[self._shown :]:
            self._shown = len(text)
            yield news


class _Reply:
    """The texts of one streamed reply; `cut` when it ended in the middle of a sentence."""

    def __init__(self, first: Any, rest: Iterator[Any], deadline: float, late: _NoReplyError) -> None:
        self.cut = False
        self._first, self._rest = first, rest
        self._deadline, self._late = deadline, late

    def __iter__(self) -> Iterator[str]:
        ended: str | None = None
        try:
            chunk = self._first
            while chunk is not None:
                ended = next((str(chunk.response_metadata[m]) for m in END_MARKS if chunk.response_metadata.get(m)), ended)
                if text := str(chunk.text):
                    yield text
                if monotonic() > self._deadline:
                    raise self._late
                chunk = _next(self._rest, self._late)
        finally:
            with suppress(Exception):
                self._rest.close()  # type: ignore[attr-defined]  # a generator: hangs up
        if ended is None:  # a connection that closes early looks like an end
            raise _NoReplyError("broke off in the middle of its answer")
        self.cut = ended.lower() in CUT


def _next(stream: Iterator[Any], late: _NoReplyError) -> Any:
    """The next chunk, None at the end."""
    try:
        return next(stream, None)
    except Exception as error:
        raise (late if _is_timeout(error) else _NoReplyError("broke off in the middle of its answer")) from None


def _reply(answer: Answer, model: ChatModel) -> _Reply:
    """Ask the model, again when it is overloaded or fails, until the first text comes.

    Raises:
        _NoReplyError: when no attempt brings one; the message says why.
    """
    from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_before_delay, wait_exponential_jitter

    deadline = monotonic() + model.timeout
    late = _NoReplyError(f"did not answer within {model.timeout:g} s")
    attempts = Retrying(
        stop=stop_after_attempt(ATTEMPTS) | stop_before_delay(model.timeout),
        wait=wait_exponential_jitter(multiplier=FIRST_WAIT, jitter=FIRST_WAIT),
        retry=retry_if_exception(_is_passing),
        reraise=True,
    )
    try:
        first, rest = attempts(_begin(model.chat, messages(answer)))
    except Exception as error:
        raise (late if _is_timeout(error) else _NoReplyError(_reason(error))) from None
    return _Reply(first, rest, deadline, late)


def _begin(chat: BaseChatModel, prompt: list[tuple[str, str]]) -> Callable[[], tuple[Any, Iterator[Any]]]:
    """One attempt: the stream and its first chunk, which comes when the server has accepted the request."""
    from langsmith import tracing_context

    traced = os.environ.get("LANGSMITH_TRACING", "").lower() == "true"

    def attempt() -> tuple[Any, Iterator[Any]]:
        stream = chat.stream(prompt)
        with tracing_context(enabled=traced):  # other variables that would switch it on belong to other programs
            return next(stream, None), stream

    return attempt


def _status(error: BaseException) -> int | None:
    """The HTTP status behind an error, as the clients of all providers carry it."""
    status = getattr(error, "status_code", None) or getattr(getattr(error, "response", None), "status_code", None)
    return status if isinstance(status, int) else None


def _is_passing(error: BaseException) -> bool:
    """Whether another attempt may help: overloaded (429) or a fault of the server (5xx)."""
    status = _status(error)
    return status is not None and (status == OVERLOADED or status >= 500)


def _is_timeout(error: BaseException) -> bool:
    return isinstance(error, TimeoutError) or "Timeout" in type(error).__name__


def _reason(error: BaseException) -> str:
    """Why there is no reply, in words for the user."""
    status = _status(error)
    if status is None:
        return "cannot be reached" if "Connect" in type(error).__name__ else "gave no answer that can be read"
    advice = {
        401: ", check CODEBOOK_CHAT_API_KEY",
        403: ", check CODEBOOK_CHAT_API_KEY",
        404: ", check CODEBOOK_CHAT_MODEL and CODEBOOK_CHAT_BASE_URL",
        429: ", too many requests or no credit left",
    }
    return f"gave no answer (HTTP {status}{advice.get(status, '')})"
