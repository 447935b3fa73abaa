"""Greeting, help, and questions outside the subject."""

from __future__ import annotations

from assistant.answer import Answer, Status
from assistant.context import Context, answers
from assistant.question import Kind, Question

EXAMPLES = (
    "What is CPT code 63044?",
    "Can 20610 and 99213 go together?",
    "Which modifiers fit 63044?",
    "ICD-10 for type 2 diabetes with neuropathy",
)


@answers(Kind.GREETING)
def greet(question: Question, context: Context) -> Answer:
    """What Codebook answers, with examples."""
    composer = context.composer(question)
    composer.say(
        "I answer questions about US medical coding: CPT and HCPCS codes, ICD-10-CM, modifiers, NCCI edits, MUE, global periods and coding "
        "guidelines. Every fact comes from data loaded here, with its source and date; what is not loaded I say so."
    )
    composer.suggest(*EXAMPLES)
    return composer.answer()


@answers(Kind.OUT_OF_SCOPE)
def decline(question: Question, context: Context) -> Answer:
    """Outside the subject."""
    composer = context.composer(question)
    composer.say("That is outside what I know: I answer questions about US medical coding only.")
    composer.suggest(*EXAMPLES)
    return composer.answer(Status.OUT_OF_SCOPE)
