"""The chat: a welcome with questions to begin with, then the conversation."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date

import streamlit as st

from assistant.answer import Answer
from assistant.export import Turn, document, escape
from assistant.pages import answers, backend, feedback
from corpus.errors import CodebookError
from corpus.model import Setting

# --- set-up -----------------------------------------------------------------------------------------------------------

SUBJECTS = {
    "CPT codes": ("What is CPT code 63044?", "99213 or 99214: what is the difference?"),
    "Guidelines": ("How do I choose an E/M level by medical decision making?", "When is a patient new?"),
    "Modifiers": ("When do I use modifier 25?", "Which modifiers fit 63044?"),
    "Crosswalks": ("What is the primary code for 63044?", "Which add-on codes go with 99215?"),
    "NCCI edits": ("Can I bill 99213 with 20610?", "45378 and 45380 together?"),
    "Compliance": ("What is upcoding under the False Claims Act?", "When do I need an ABN?"),
    "Medicare coverage": ("What makes a service medically necessary?", "How many units of 96372 does Medicare allow?"),
}
SETTINGS = {Setting.PRACTITIONER: "Practitioner", Setting.FACILITY: "Facility", Setting.DME: "DME"}
INPUT = "typed"  # key of the chat input
# The question goes to the upper edge, so that its answer is read from the beginning, and the next one can be typed at once;
# on a touch screen the focus would open the keyboard over the answer.
TO_THE_TOP = """<script>{
const toTheTop = () => document.querySelector(".st-key-last")?.scrollIntoView({block: "start"});
toTheTop();
setTimeout(toTheTop, 200);  // once more when the page has settled
if (matchMedia("(hover: hover)").matches) document.querySelector(".st-key-ask textarea")?.focus({preventScroll: true});
}</script>"""
RESTORE = "restore"  # text that goes back into the chat input, which can only be filled before it is drawn
FIRST_DAY = date(1996, 1, 1)  # NCCI began


@dataclass
class Conversation:
    """What a browser session holds.

    `asking` are questions not yet answered: one typed while another is answered interrupts it, and both are answered in turn.
    `failed` says why questions were not answered, `returned` holds them; `fresh` that the last answer is drawn for the first time.
    """

    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    turns: list[Turn] = field(default_factory=list)
    asking: list[str] = field(default_factory=list)
    failed: str = ""
    returned: list[str] = field(default_factory=list)
    fresh: bool = False


def conversation() -> Conversation:
    """The conversation of this browser session."""
    if "conversation" not in st.session_state:
        st.session_state["conversation"] = Conversation()
    return st.session_state["conversation"]  # type: ignore[no-any-return]


def ask(text: str) -> None:
    """Take a question; the run that follows answers it."""
    if text.strip():
        now = conversation()
        now.asking.append(text.strip())
        now.failed, now.returned = "", []


def ask_chosen(key: str) -> None:
    """Take the question of the pill that was chosen."""
    ask(st.session_state[key] or "")


def begin_anew() -> None:
    """Forget the conversation; the date of service and the setting stay."""
    st.session_state["conversation"] = Conversation()


# --- drawing ----------------------------------------------------------------------------------------------------------


def draw() -> None:
    """Draw the page; the input comes first, so that it is there while an answer streams and keeps what is being typed."""
    now = conversation()
    on, setting = draw_sidebar(now)
    above = st.container()
    draw_input(now)
    with above:
        draw_conversation(now, on, setting)
    now.fresh = False


def draw_conversation(now: Conversation, on: date | None, setting: Setting | None) -> None:
    """The turns so far, then the question that waits; without any, the welcome."""
    if not now.turns and not now.asking:
        draw_welcome()
    latest = len(now.turns) + bool(now.asking)
    for number, turn in enumerate(now.turns, start=1):
        with st.container(key="last" if number == latest else f"turn-{number}"):
            draw_turn(now, number, turn)
            if number == latest:
                draw_suggestions(now)
                if now.fresh:
                    st.html(TO_THE_TOP, unsafe_allow_javascript=True)
            else:
                st.empty()  # takes the place of the suggestions at once; they would stay until the run ends
    if now.asking:
        with st.container(key="last"):
            answer_asked(now, on, setting)


def draw_input(now: Conversation) -> None:
    """The chat input; when a question could not be answered, with its text in it and the reason above."""
    if RESTORE in st.session_state:
        st.session_state[INPUT] = st.session_state.pop(RESTORE)
    with st.container(key="ask"):
        if now.failed:
            st.html(answers.failure(now.failed))
        st.chat_input("Ask about a code, a modifier, an edit or a rule", key=INPUT, on_submit=lambda: ask(st.session_state[INPUT]))


def draw_sidebar(now: Conversation) -> tuple[date | None, Setting | None]:
    """The conversation's controls; gives the date of service and the setting that were chosen."""
    with st.sidebar:
        st.button("New conversation", icon=":material/add:", on_click=begin_anew, width="stretch", disabled=not now.turns)
        on = st.date_input(
            "Date of service",
            value=None,
            min_value=FIRST_DAY,
            max_value=date(date.today().year + 2, 12, 31),
            format="YYYY-MM-DD",
            key="date_of_service",
            help="Left empty, the date in the question counts, otherwise today.",
        )
        setting = st.segmented_control(
            "Setting",
            options=list(SETTINGS),
            format_func=SETTINGS.__getitem__,
            key="setting",
            help="Whose NCCI edits and units count. None chosen: as the question says, otherwise practitioner.",
        )
        if now.turns:
            st.download_button(
                "Export as Markdown",
                data=document(now.turns, date.today()),
                file_name=f"codebook-{date.today().isoformat()}.md",
                mime="text/markdown",
                icon=":material/download:",
                on_click="ignore",
                width="stretch",
            )
    return on, setting


def draw_welcome() -> None:
    """What Codebook does, and questions to begin with, by subject."""
    st.html(answers.welcome(backend.chat_model()))
    with st.container(key="subjects"):
        for number, (subject, questions) in enumerate(SUBJECTS.items()):
            key = f"subject-{number}"
            st.pills(subject, questions, format_func=escape, key=key, on_change=ask_chosen, args=(key,))
    try:
        backend.sources()
    except CodebookError as error:
        st.html(answers.no_edition(str(error)))


def draw_turn(now: Conversation, number: int, turn: Turn) -> None:
    """A question and its answer."""
    with st.chat_message("user"):
        st.html(answers.question(turn.text))
    with st.chat_message("assistant"):
        st.html(answers.finished(turn.answer, number))
        feedback.draw(f"{now.id}-{number}", turn.answer)


def answer_asked(now: Conversation, on: date | None, setting: Setting | None) -> None:
    """Answer the question that waits, streamed; when that fails, put it back into the input and say why."""
    text = now.asking[0]
    with st.chat_message("user"):
        st.html(answers.question(text))
    reply = st.chat_message("assistant")
    st.html(TO_THE_TOP, unsafe_allow_javascript=True)
    try:
        answer = _streamed(reply.empty(), text, now, on, setting)
    except Exception as error:  # whatever a backend throws: the text typed must survive it
        now.failed = _reason(error)
        now.returned.append(now.asking.pop(0))
        st.session_state[RESTORE] = "\n".join(now.returned)
        st.rerun()
    now.asking.pop(0)
    now.turns.append(Turn(text, answer))
    now.fresh = True
    st.rerun()


def _streamed(place: st.delta_generator.DeltaGenerator, text: str, now: Conversation, on: date | None, setting: Setting | None) -> Answer:
    """Show the answer while it comes; the last item of the stream is the whole."""
    history = [turn.answer.question for turn in now.turns]
    shown = ""
    for item in backend.assistant().stream(text, history, on, setting):
        if isinstance(item, Answer):
            return item
        shown += item
        place.html(answers.streaming(shown))
    raise CodebookError("the answer broke off before its end")


def _reason(error: Exception) -> str:
    """Why a question was not answered; the message of an error that is not ours may hold a statement of SQL or what was typed."""
    if isinstance(error, CodebookError):
        return str(error)
    return f"an error inside the program ({type(error).__name__}): ask again, or run `python -m ingest build` when it stays"


def draw_suggestions(now: Conversation) -> None:
    """Follow-up questions of the last answer; each is asked at once."""
    suggestions = now.turns[-1].answer.suggestions
    if suggestions:
        key = f"next-{now.id}-{len(now.turns)}"
        st.pills("Ask next", suggestions, format_func=escape, key=key, on_change=ask_chosen, args=(key,))
