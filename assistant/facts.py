"""The facts of one code on one day, gathered once for the answers that reason over them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from assistant.answer import Evidence
from assistant.context import Context
from assistant.evidence import of_add_on, of_fee, of_indicator
from corpus.model import AddOn, Code, CodePage, Dated, FeeRow, Indicator, Setting, UnitLimit

EVALUATION_HCPCS = frozenset({"G0402", "G0438", "G0439", "G0463", "G2211", "G2212", "G0316", "G0317", "G0318", "G0506"})
COLUMN_NAMES = {
    "status": "Status",
    "global_days": "Global period",
    "pc_tc": "PC/TC",
    "multiple": "Multiple procedures",
    "bilateral": "Bilateral",
    "assistant": "Assistant at surgery",
    "co_surgeons": "Co-surgeons",
    "team": "Team surgery",
    "supervision": "Supervision of diagnostic tests",
    "imaging_family": "Imaging family",
}


@dataclass(frozen=True)
class CodeFacts:
    """What the loaded releases say of a CPT or HCPCS code on a day."""

    code: Code
    page: CodePage | None
    fee: Dated[FeeRow]
    primaries: Dated[list[AddOn]]
    units: Dated[UnitLimit]
    context: Context

    @property
    def row(self) -> FeeRow | None:
        """The fee schedule row, None when no release has it."""
        return self.fee.value

    @cached_property
    def is_add_on(self) -> bool:
        """Add-on by the add-on edits, or by the global days ZZZ that only add-ons have."""
        return bool(self.primaries.value) or bool(self.row and self.row.global_days == "ZZZ")

    @cached_property
    def add_on_evidence(self) -> tuple[Evidence, ...]:
        """What shows that the code is an add-on."""
        edits = tuple(of_add_on(item) for item in (self.primaries.value or [])[:1])
        return edits or ((of_fee(self.row),) if self.row else ())

    @cached_property
    def is_evaluation(self) -> bool:
        """Evaluation and management: CPT 99201–99499 and the G codes of visits (CPT, Evaluation and Management section)."""
        code = self.code.code
        return ("99201" <= code <= "99499" and code.isdigit()) or code in EVALUATION_HCPCS

    @cached_property
    def is_visit(self) -> bool:
        """An E/M service that stands by itself: the add-ons to visits are none, and modifiers 24, 25 and 57 never go on them."""
        return self.is_evaluation and not self.is_add_on

    @cached_property
    def is_eye_visit(self) -> bool:
        """CPT 92002–92014, the general ophthalmological visits: outside the E/M section, and yet visits."""
        return self.code.code in ("92002", "92004", "92012", "92014")

    @cached_property
    def is_anesthesia(self) -> bool:
        """CPT 00100–01999."""
        return self.code.code.isdigit() and "00100" <= self.code.code <= "01999"

    @cached_property
    def is_laboratory(self) -> bool:
        """CPT 80047–89398."""
        return self.code.code.isdigit() and "80047" <= self.code.code <= "89398"

    @cached_property
    def is_surgery(self) -> bool:
        """CPT 10004–69990."""
        return self.code.code.isdigit() and "10004" <= self.code.code <= "69990"

    @cached_property
    def is_drug(self) -> bool:
        """HCPCS drugs: J codes, which all are."""
        return self.code.code[0] == "J"

    @cached_property
    def is_supply(self) -> bool:
        """HCPCS goods and not services: supplies, nutrition, equipment, drugs, orthotics (A, B, E, J, K and L codes)."""
        return self.code.code[0] in "ABEJKL"

    def meaning(self, field: str) -> Indicator | None:
        """What the code's value of an indicator means."""
        return self.context.codebook.indicator(field, getattr(self.row, field)) if self.row else None

    def indicator_evidence(self, field: str) -> tuple[Evidence, ...]:
        """The row and the meaning of one of its values."""
        meaning = self.meaning(field)
        return ((of_fee(self.row),) if self.row else ()) + ((of_indicator(meaning),) if meaning else ())


def facts_of(code: Code, context: Context, setting: Setting | None = None) -> CodeFacts:
    """Gather the facts of a code for the day and setting of a question."""
    book, on = context.codebook, context.date
    return CodeFacts(
        code=code,
        page=book.page(code.code),
        fee=book.fee(code.code, on),
        primaries=book.primaries(code.code, on),
        units=book.unit_limit(code.code, on, setting or context.setting),
        context=context,
    )
