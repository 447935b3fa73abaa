"""The whole page of a code as one JSON object: text, facts with releases, reconciled modifiers, history."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from assistant.chain import Assistant, KnownCodes
from assistant.context import Context
from assistant.evidence import MARKERS, day
from assistant.facts import CodeFacts, facts_of
from assistant.question import parse
from assistant.reconcile import reconcile
from corpus.lookups.hcpcs import HcpcsEntry
from corpus.model import Citation, Code, Dated, Modifier, Setting, Source, System

Json = dict[str, Any]


def code_page(assistant: Assistant, text: str, system: System | None, on: date | None, setting: Setting | None) -> Json:
    """The page of a code.

    Raises:
        ValueError: when nothing of that name is known; the message says what could be meant.
    """
    book = assistant.codebook
    context = Context(book, assistant.finder, assistant.today, on or assistant.today, setting or Setting.PRACTITIONER)
    name = text.strip().upper()
    if system in (None, System.MODIFIER) and (modifier := book.modifier(name)):
        return _modifier(modifier, book.hcpcs.entry(modifier.code, context.date, System.MODIFIER))
    mentions = parse(text, KnownCodes(book), assistant.today).codes
    code = next((c for m in mentions if (c := book.code(m.code, system or m.system))), None) or book.code(name, system)
    if code is None:
        from assistant.answers.unknown import candidates

        near = [c.code for m in mentions for c in candidates(m, context)]
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        raise ValueError(f"{text!r} is not a code in what is loaded{hint}")
    return _diagnosis(code, context) if code.system is System.ICD10CM else _procedure(facts_of(code, context))


def _plain(text: str) -> str:
    return MARKERS.sub("", text).strip()


def _source(source: Source) -> Json:
    return {"title": source.title, "release": source.release, "valid_from": day(source.valid_from) if source.valid_from else None}


def _citations(citations: tuple[Citation, ...]) -> list[Json]:
    return [{**_source(c.source), "place": c.place, "url": c.source.url} for c in citations]


def _modifier(modifier: Modifier, entry: Dated[HcpcsEntry]) -> Json:
    return {
        "system": "MODIFIER",
        "code": modifier.code,
        "title": modifier.title,
        "meaning": _plain(modifier.meaning),
        "when": [_plain(t) for t in modifier.when],
        "when_not": [_plain(t) for t in modifier.when_not],
        "example": _plain(modifier.example),
        "payment": _plain(modifier.payment),
        "with": [{"modifier": code, "note": _plain(note)} for code, note in modifier.together],
        "settings": list(modifier.settings),
        "hcpcs": _dated(entry),
        "sources": _citations(modifier.citations),
    }


def _dated(dated: Dated[Any]) -> Json | None:
    """A fact with its release, or why there is none."""
    if dated.value is None:
        return None
    values = dated.value if isinstance(dated.value, list) else [dated.value]
    rows = [{k: day(v) if isinstance(v, date) else v for k, v in asdict(value).items() if k != "source"} for value in values]
    release = _source(dated.source) if dated.source else {}
    return {**release, "stale": dated.stale, "rows": rows}


def _procedure(facts: CodeFacts) -> Json:
    page, code = facts.page, facts.code
    result: Json = {"system": str(code.system), "code": code.code, "title": code.title, "date_of_service": day(facts.context.date)}
    if page:
        result |= {
            "summary": _plain(page.summary),
            **{name: [_plain(t) for t in getattr(page, name)] for name in ("when", "steps", "afterwards", "record", "billing")},
            "neighbors": [{"code": n.code, "difference": _plain(n.difference)} for n in page.neighbors],
            "synonyms": list(page.synonyms),
            "anesthesia": {"code": page.anesthesia_code, "note": page.anesthesia_note and _plain(page.anesthesia_note)},
            "diagnoses": [{"code": icd, "why": _plain(why)} for icd, why in page.diagnoses],
            "sources": _citations(page.citations),
        }
    book, on = facts.context.codebook, facts.context.date
    events = book.history(code.code, code.system)
    if code.system is System.HCPCS:
        result["hcpcs"] = _dated(book.hcpcs.entry(code.code, on))
    else:
        result["descriptors"] = _dated(book.descriptors.of(code.code, on))
    result |= {
        "fee_schedule": _dated(facts.fee),
        "mue": {str(setting): _dated(book.unit_limit(code.code, on, setting)) for setting in Setting},
        "primaries": _dated(facts.primaries),
        "add_ons": _dated(book.add_ons(code.code, on)),
        "modifiers": [{"modifier": v.modifier, "verdict": str(v.fit), "why": v.why} for v in reconcile(facts)],
        "history": [{"date": day(e.date), "event": e.event, "text": e.text, **_source(e.citation.source)} for e in events],
    }
    return result


def _diagnosis(code: Code, context: Context) -> Json:
    book = context.codebook
    return {
        "system": str(code.system),
        "code": code.code,
        "title": code.title,
        "billable": code.billable,
        "parents": [{"code": c.code, "title": c.title} for c in book.ancestors(code)],
        "children": [{"code": c.code, "title": c.title, "billable": c.billable} for c in book.children(code.code)],
        "notes": [{"at": n.code, "kind": n.kind, "text": n.text} for n in book.notes(code)],
        "source": _source(code.source),
    }


def page_text(page: Json, indent: int = 0) -> str:
    """The page for a terminal: names and values, lists as bullets."""
    pad, lines = "  " * indent, []
    for name, value in page.items():
        if value in (None, [], {}, ""):
            continue
        label = name.replace("_", " ")
        if isinstance(value, dict):
            lines += [f"{pad}{label}:", page_text(value, indent + 1)]
        elif isinstance(value, list):
            lines.append(f"{pad}{label}:")
            lines += [
                f"{pad}  - " + (", ".join(f"{k} {v}" for k, v in v.items() if v not in (None, "")) if isinstance(v, dict) else str(v)) for v in value
            ]
        else:
            lines.append(f"{pad}{label}: {value}")
    return "\n".join(lines)
