"""Text → Question: tables of texts with near misses, and properties that hold for any text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.standalone import standalone_text
from corpus.model import Setting, System
from tests.assistant.shelf import understand


def mentions(text: str) -> list[str]:
    """The codes found, as SYSTEM:CODE-MODIFIER~SUGGESTION."""
    return [
        f"{c.system or '?'}:{c.code}{''.join(f'-{m}' for m in c.modifiers)}{f'~{c.suggestion}' if c.suggestion else ''}"
        for c in understand(text).codes
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is CPT code 63044?", "CPT:63044"),
        ("63044.", "CPT:63044"),
        ("0421t", "CPT:0421T"),
        ("1000U", "CPT:1000U"),
        ("heparin 5000U", ""),  # a dose: PLA codes begin with 0 unless known
        ("j3301", "HCPCS:J3301"),
        ("G0008", "HCPCS:G0008"),
        ("E0114", "HCPCS:E0114"),  # crutches; not ICD-10-CM without a dot and without the code there
        ("E11.9", "ICD10CM:E11.9"),
        ("e1140", "ICD10CM:E11.40"),  # exists there, and no such HCPCS code is known
        ("M5416", "ICD10CM:M54.16"),
        ("J1100", "HCPCS:J1100"),  # both exist: HCPCS is written as printed
        ("dx J1100", "ICD10CM:J11.00"),
        ("dx codes M5416, J1100", "ICD10CM:M54.16 ICD10CM:J11.00"),  # what announces a list announces its members
        ("HCPCS J1100", "HCPCS:J1100"),
        ("ICD-10 for e1140", "ICD10CM:E11.40"),
        ("M54.5.", "ICD10CM:M54.5"),
        ("It is E11.The rest", "ICD10CM:E11"),
        ("H401121", "ICD10CM:H40.1121"),
        ("F32.A", "ICD10CM:F32.A"),
        ("QA0.0101", "ICD10CM:QA0.0101"),
        ("qa00101", "ICD10CM:QA0.0101"),
        ("pH7.4 and VS1.5", ""),
        ("0SRD0J9", "ICD10PCS:0SRD0J9"),
        ("02703dz", "ICD10PCS:02703DZ"),
        ("the BECAUSE word", ""),  # seven letters of the ICD-10-PCS alphabet
        ("call 5551234", ""),
        ("icd-9 250.00", "ICD9CM:250.00"),
        ("icd 9 code 250", "ICD9CM:250"),
        ("250 patients", ""),
        # Not codes
        ("A1C", ""),
        ("what is T12", ""),
        ("T12 fracture", ""),
        ("S1 radiculopathy", ""),
        ("C5-C6 fusion", ""),
        ("L4-5 discectomy", ""),
        ("vitamin B12 deficiency", ""),
        ("H1N1 influenza", ""),
        ("covid 19", ""),
        ("COVID-19", ""),
        ("chest x-ray 2 views", ""),
        ("T2DM", ""),
        ("stage T2N0M0", ""),
        ("n95 mask", ""),
        ("in 2024", ""),
        ("CPT 2024 changes", ""),
        ("zip 63044", ""),
        ("St. Louis, MO 63044", ""),
        ("63044-1234", ""),
        ("$63044", ""),
        ("63044 dollars", ""),
        ("99213 rvu", "CPT:99213"),
        ("a bonus from 12000 rvus on", ""),
        ("12,345", ""),
        ("99213.37", ""),  # an amount: 37 is no modifier
        ("claim number 12345", ""),
        ("NPI 1234567890", ""),
        ("revenue code 0450", ""),
        ("NDC 12345-6789-01", ""),
        ("10000 units of heparin", ""),
        ("555-12345", ""),
        ("caf\u00e963044", ""),
        ("zip is not it, but CPT 63044 is", "CPT:63044"),
        # Ranges and lists
        ("99202-99205", "CPT:99202 CPT:99203 CPT:99204 CPT:99205"),
        ("63020 to 63035", "CPT:63020 CPT:63030 CPT:63035"),
        ("99213\u201399215", "CPT:99213 CPT:99214 CPT:99215"),  # en dash
        ("E08-E11", "ICD10CM:E08 ICD10CM:E09 ICD10CM:E10 ICD10CM:E11"),
        ("compare 99213 to 99215", "CPT:99213 CPT:99215"),
        ("99215-99213", "CPT:99215 CPT:99213"),
        ("10021-69990", "CPT:10021 CPT:69990"),  # too wide to list
        ("99213, 20610 and J3301", "CPT:99213 CPT:20610 HCPCS:J3301"),
        ("63044,63042", "CPT:63044 CPT:63042"),
        ("CPT® 63044", "CPT:63044"),
        ("A00-B99", "ICD10CM:A00-B99"),
        ("99213/99214", "CPT:99213 CPT:99214"),
        # Attached modifiers
        ("63044-59", "CPT:63044-59"),
        ("63044-50-lt", "CPT:63044-50-LT"),
        ("63044 - 59", "CPT:63044-59"),
        ("63044 59", "CPT:63044-59"),
        ("99213.25", "CPT:99213-25"),
        ("71046TC", "CPT:71046-TC"),
        ("63044-97", "CPT:63044-97"),  # no modifier, said all the same: the answer tells
        ("99213 25 minutes", "CPT:99213"),
        ("63044 as add-on", "CPT:63044"),
        ("63044 AS add-on", "CPT:63044-AS"),
        ("BILL 63044 AS ADD ON", "CPT:63044"),
        # Slips and malformed codes
        ("2061O", "?:2061O~20610"),
        ("J33O1", "?:J33O1~J3301"),
        ("OSRD0J9", "?:OSRD0J9~0SRD0J9"),
        ("CPT 6304", "?:6304"),
        ("633044", "?:633044"),
        ("he paid 633044", ""),
    ],
)
def test_codes(text: str, expected: str) -> None:
    assert mentions(text) == expected.split()


def test_the_other_reading_is_kept() -> None:
    assert understand("J1100").codes[0].also == ((System.ICD10CM, "J11.00"),)
    assert understand("63044").codes[0].also == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is modifier 25", "25"),
        ("mod 59", "59"),
        ("-LT", "LT"),
        ("modifiers 58, 78 and 79", "58 78 79"),
        ("XS modifier", "XS"),
        ("59 or XS modifier", "59 XS"),
        ("26/TC", "26 TC"),
        ("is modifier 59 the same as XS", "59 XS"),
        ("QK vs QY", "QK QY"),
        ("difference between 59 and XS", "59 XS"),
        ("X{EPSU}", "XE XP XS XU"),
        ("modifiers E1-E4", "E1 E2 E3 E4"),
        ("modifiers 80-82", "80 81 82"),
        ("modifiers 50-LT", "50 LT"),
        ("can I use 50 on 63044", "50"),
        ("63044 with modifier 59 and 20610-RT", "59 RT"),
        ("what is modifier AS?", "AS"),
        ("modifier as", "AS"),
        ("WHICH MODIFIER IS RIGHT", ""),
        ("which modifier is right for it", ""),
        ("modifier to use", ""),
        ("bill 63044 with 25 minutes", ""),
        ("the ED visit with CT", ""),
        ("PT evaluation", ""),
        ("25 patients vs 26 patients", ""),
        # Bare beside a code
        ("26 on 71046 ok?", "26"),
        ("do i need a 26 on 71046 when the hospital owns the machine", "26"),
        ("can 25 be appended to 99213", "25"),
        ("when should 59 be appended to the 45380?", "59"),
        ("add 59 to 45380?", "59"),
        ("50 with 63044", "50"),
        ("is 80 allowed on 63044", "80"),
        ("does 63044 take a 50", "50"),
        ("LT for 20610", "LT"),
        ("LT or RT on 20610?", "LT RT"),
        ("26 and TC on 71046", "26 TC"),
        ("use 50 and 59 for 63044", "50 59"),
        ('"59" on 45380', "59"),
        ("71046 w/ 26", "26"),
        ("add PT to 45380", "PT"),
        ("is it 50 on 63044", "50"),
        ("does 63044 pay for 80", "80"),
        ("will 63044 pay for an 80?", "80"),
        ("does 63044 allow 62?", "62"),
        ("does 63044 pay 80", ""),  # a price
        ("does 20610 pay for 80 patients", ""),
        ("63044 pays for 50 miles", ""),
        ("is it 50 or 60 miles to the 63044 clinic", ""),
        ("how is 59 different from XS", "59 XS"),
        # A dose, an age, a count, a level, a price
        ("20610 with 80 mg", ""),
        ("99213 for a 25 year old", ""),
        ("59 yo man with 99213", ""),
        ("80-year-old with 20610", ""),
        ("99213 with 25 minutes", ""),
        ("20610 at age 80", ""),
        ("20610, the patient is 80", ""),
        ("the patient is 80 with 20610", ""),
        ("45378 at age 45 or 50 with 45380", ""),
        ("45378 and he is 59", ""),
        ("99213 with a 50 pack year history", ""),
        ("level 26 on 99213", ""),
        ("page 26 on 71046", ""),
        ("he paid 50 for 20610", ""),
        ("$50 for 20610", ""),
        ("50% of 63044", ""),
        # Shorthand of the clinic
        ("97110 with PT", ""),
        ("20610 for RA", ""),
        ("PT for 45380", ""),
        ("CT with 71046", ""),
        ("99213 and ED", ""),
        ("he is 59 and well", ""),
    ],
)
def test_modifiers(text: str, expected: str) -> None:
    assert sorted(understand(text).modifiers) == sorted(expected.split())


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("MUE of 63044 for a facility", Setting.FACILITY),
        ("63044 in the outpatient hospital", Setting.FACILITY),
        ("facility?", Setting.FACILITY),
        ("63044 for a physician", Setting.PRACTITIONER),
        ("99213 in the office", Setting.PRACTITIONER),
        ("non-facility RVU", Setting.PRACTITIONER),
        ("63044 in an ASC", Setting.PRACTITIONER),  # ASC claims run against the practitioner edits
        ("E0114 by a DME supplier", Setting.DME),
        ("outpatient?", Setting.FACILITY),
        ("and what about outpatient", Setting.FACILITY),
        ("what about the physician?", Setting.PRACTITIONER),
        ("outpatient office visit", None),
        ("office or other outpatient visit", None),
        ("new patient office visit", None),
        ("hospital discharge code", None),
        ("nursing facility visit", None),
        ("63044", None),
    ],
)
def test_setting(text: str, setting: Setting | None) -> None:
    assert understand(text).setting == setting


@pytest.mark.parametrize(
    ("text", "payer", "quantity"),
    [
        ("does Aetna cover 63044", "Aetna", None),
        ("UHC policy", "UnitedHealthcare", None),
        ("Medicare Advantage rules", "Medicare Advantage", None),
        ("medicaid", "Medicaid", None),
        ("3 units of 63044", None, 3),
        ("three units of 63044", None, 3),
        ("63044 x4", None, 4),
        ("chest x-ray 2 views", None, None),
        ("how many units of 63044", None, None),
    ],
)
def test_payer_and_quantity(text: str, payer: str | None, quantity: int | None) -> None:
    question = understand(text)
    assert (question.payer, question.quantity) == (payer, quantity)


@pytest.mark.parametrize(
    ("text", "system", "subject"),
    [
        ("ICD-10 for type 2 diabetes with neuropathy", System.ICD10CM, "type 2 diabetes with neuropathy"),
        ("What is the dx code for low back pain?", System.ICD10CM, "low back pain"),
        ("CPT for knee replacement", System.CPT, "knee replacement"),
        ("knee replacement cpt code", System.CPT, "knee replacement"),
        ("HCPCS code for triamcinolone", System.HCPCS, "triamcinolone"),
        ("Which modifier for the second surgeon?", System.MODIFIER, "second surgeon"),
        ("what code do I use for carpal tunnel release in 2024?", None, "carpal tunnel release"),
        ("guidelines for E/M by time", None, "E/M by time"),
        ("ICD-10 for 63044", System.ICD10CM, "63044"),
        ("Jane Doe, phone [PHONE], what code for low back pain", None, "low back pain"),
        ("Jane Doe, how do I code low back pain?", None, "low back pain"),
        ("low back pain, what code for this?", None, "low back pain, what code for this"),
        ("dignosis code for low back pain", System.ICD10CM, "low back pain"),
        ("modified barium swallow", None, "modified barium swallow"),
        ("What is CPT code 63044?", None, "CPT code 63044"),
        ("dx code right knee osteoarthritis", System.ICD10CM, "right knee osteoarthritis"),
        ("diagnosis code for low back pain", System.ICD10CM, "low back pain"),
        ("dx for low back pain", System.ICD10CM, "low back pain"),
        ("ICD-10 diagnosis code for asthma", System.ICD10CM, "asthma"),
        ("icd 10 type 2 diabetes with neuropathy", System.ICD10CM, "type 2 diabetes with neuropathy"),
        ("diagnosis code 2nd degree burn", System.ICD10CM, "2nd degree burn"),
        ("low back pain dx", System.ICD10CM, "low back pain"),
        ("dx E11.9", None, "dx E11.9"),
        ("ICD-10 guidelines", None, "ICD-10 guidelines"),
        ("Does Medicare cover screening colonoscopy?", None, "screening colonoscopy"),
        ("is screening colonoscopy covered by Medicare?", None, "screening colonoscopy"),
        ("will Aetna pay for acupuncture", None, "acupuncture"),
        ("medicare coverage of acupuncture", None, "acupuncture"),
        ("what must the documentation for 63044 show?", None, "must the documentation for 63044 show"),
    ],
)
def test_system_and_subject(text: str, system: System | None, subject: str) -> None:
    question = understand(text)
    assert (question.system, question.subject) == (system, subject)


@pytest.mark.parametrize(
    "unit",
    [
        *("63044 ", "modifier 25, ", "?", " ", "99213-99215 ", "1/1/2020 ", "how many units ", "write a ", "hi ", "1.", "what code for ", "x"),
        *("26 on 71046 ", "50 or ", "is a 50 ", "dx code ", "does medicare cover ", "covered by medicare ", "63042 or 63044 which ", "same day "),
    ],
)
def test_long_texts_are_read_at_once(unit: str) -> None:
    started = time.perf_counter()
    understand((unit * 20_000)[:20_000])
    assert time.perf_counter() - started < 2  # some 0.2 s; quadratic patterns take minutes


PIECES = st.sampled_from(
    [
        *("63044", "99213", "99215", "20610", "E11.9", "e1140", "M54.16", "J1100", "J3301", "0SRD0J9", "2061O", "6304", "T12", "250.00"),
        *("E08", "E11"),
        *("-59", "-LT", "modifier", "25", "XS", "and", "with", "to", "-", ",", "vs", "or", "CPT", "icd-9", "dx", "HCPCS", "code", "why", "it"),
        *("26 on", "or 50", "with a", "same day", "different", "which one", "how much is one unit", "denied", "covered by Medicare"),
        *("is", "what", "the", "add-on", "units", "3", "global", "valid", "together", "for a facility", "in 2023", "Medicare", "knee", "?"),
    ]
)  # fmt: skip
TEXTS = st.one_of(st.lists(PIECES, max_size=9).map(" ".join), st.lists(PIECES, max_size=6).map("".join), st.text(max_size=60))


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_no_code_is_made_up(text: str) -> None:
    """Every code stands in the text, or between two that do."""
    written = "".join(c for c in text.upper() if c.isascii() and c.isalnum())
    bare = [c.code.replace(".", "") for c in understand(text).codes]
    present = [code for code in bare if code in written]
    for code in bare:
        assert code in present or any(low < code < high for low in present for high in present)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_the_same_text_is_understood_the_same(text: str) -> None:
    assert understand(text) == understand(text)


@settings(max_examples=500, deadline=None)
@given(TEXTS)
def test_standalone_text_asks_the_same(text: str) -> None:
    question = understand(text)
    again = understand(standalone_text(question))
    assert again.kind == question.kind
    assert [(c.system, c.code, c.modifiers) for c in again.codes] == [(c.system, c.code, c.modifiers) for c in question.codes]
