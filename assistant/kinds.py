"""What kind of question a text asks: a table of rules, the first that fits wins.

Rules read the template of a text: small letters, with CODE, MODIFIER and DATE in capitals where such stand. Whatever no
rule claims is CODE when the text has codes, and FIND when it has none: the search decides, and says so when it finds nothing.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What is asked; one file in `assistant/answers/` answers each."""

    CODE = "code"  # what is a code
    MODIFIER = "modifier"  # what is a modifier
    DIFFERENCE = "difference"  # between codes or modifiers
    MODIFIERS_FOR_CODE = "modifiers_for_code"  # which modifiers fit a code; may I use -59 on it
    ADD_ON = "add_on"  # is it an add-on, to what; which add-ons go with it
    UNITS = "units"  # MUE
    TOGETHER = "together"  # may two or more codes be billed together; with one code: what is bundled with it
    GLOBAL_PERIOD = "global_period"
    FIND = "find"  # a code from words
    GUIDELINE = "guideline"  # guideline or policy
    VALIDITY = "validity"  # is a code valid, on a date
    CHANGES = "changes"  # what a release added to a code set, deleted and revised
    GREETING = "greeting"
    OUT_OF_SCOPE = "out_of_scope"


class Rule(NamedTuple):
    """A kind, the words that ask for it, how many codes and modifiers the text must have, words that speak against it."""

    kind: Kind
    pattern: re.Pattern[str]
    codes: tuple[int, int]
    modifiers: tuple[int, int]
    unless: re.Pattern[str] | None = None


MANY = 10_000
EDGE = 500  # characters
NONE, SOME, PAIR, ANY = (0, 0), (1, MANY), (2, MANY), (0, MANY)


def _words(*phrases: str) -> str:
    """A pattern for any of the phrases as whole words; a phrase may end in `*` to take longer words, too."""
    return "|".join(rf"\b(?:{phrase[:-1]})" if phrase.endswith("*") else rf"\b(?:{phrase})\b" for phrase in phrases)


def _whole(*phrases: str) -> str:
    """A pattern for a text that is nothing but one of the phrases."""
    return rf"^\W*(?:{'|'.join(phrases)})\W*$"


ADD_ON_WORDS = _words(
    "add-?ons?", "add ons?", "(?:primary|parent|base) (?:codes?|procedures?|services?)", "primary (?:for|of|to) CODE", "primaries",
)  # fmt: skip
# What one unit is, which the code says; how many are allowed is its MUE.
ONE_UNIT = _words(
    "(?:what|which) (?:drug|medication)", "per unit", "how much(?: (?:is|per|in|does))*(?: (?:an?|one|1|each|the))?(?: unit)?",
    "(?:what(?: i|'?)s|define) (?:an?|one|1|each|the billing) unit(?! limit| maximum)",
)  # fmt: skip
COLUMN = _words("col(?:umn|\\.)? ?(?:[12]|one|two)", "(?:first|second|1st|2nd) column")  # of an NCCI edit
# Words for the aspects of a code: "MUE of 63044", and as a follow-up "its MUE".
ASPECTS: dict[Kind, str] = {
    Kind.CODE: ONE_UNIT,
    Kind.GLOBAL_PERIOD: _words("global", "post-?op(?:erative)? (?:period|days)", "follow-?up days", "zzz"),
    Kind.ADD_ON: ADD_ON_WORDS + "|" + _words(
        "(?:second|another|additional|extra|third|further|next|more) (?:level|interspace|segment|vertebra|lesion|joint|vessel|tumou?r)s?",
    ),
    Kind.UNITS: _words(
        "mues?", "mai", "units?", "medically unlikely", "(?:how many )?times", "how often", "per day", "max(?:imum)?", "twice", "qty", r"x ?\d+",
    ),
    Kind.MODIFIERS_FOR_CODE: _words("modifiers?", "mods?"),
    Kind.VALIDITY: _words(
        "(?:in)?valid(?:ity)?", "active", "billable", "retired", "deleted", "discontinued", "expired?", "terminated", "obsolete",
        "outdated",
        "replace[sd]", "still (?:used|in use|current|exists?|good|payable|around|ok)", "in force", "effective (?:date|from|until)",
        "exist(?:s|ed)?", "when was CODE (?:added|introduced|revised)",
    ),
    Kind.TOGETHER: COLUMN + "|" + _words(
        "together", "bundle(?! branch| of his)", "bundl(?:es|ed|ing)", "unbundl*", "ncci", "cci", "ptp", "edits?", "inclusive",
    ),
    # "different" alone describes ("of a different polyp"); it asks only where it is said of the codes
    Kind.DIFFERENCE: _words(
        "differ(?:s|ence|ences)?", "different (?:from|than)", "what(?: i|'?)s different", "versus", "vs", "compare[ds]?", "(?:the )?same as",
        "same thing", "distinguish", "tell apart",
    )
    + r"|^\W*how (?:is|are)\b[^?]*\bdifferent\W*$"
    + r"|(?:CODES?|MODIFIERS?|^|\b(?:they|these|those|it|two|codes|modifiers))\W*(?:(?:is|are|be|so|any) )?different\W*$",
}  # fmt: skip

# "45385 or 45380, which one?"
_EITHER = r"(?:CODE,? or|MODIFIER,? or(?: modifier)?) (?:CODE|MODIFIER)"
_WHICH = (
    r"\bwhich(?: (?:one|code|modifier|of (?:them|these|the two)))?"
    r"(?: (?:is|are|do|does|should|would|to|applies|fits)\b|(?=\W*(?:$|CODE|MODIFIER)))"
)
_USE = r"(?:is it |(?:(?:should|do) (?:i|we|you) )?(?:use|code|report|bill) )?(?:modifiers? )?"
WHICH_OF_TWO = f"{_whole(_USE + _EITHER)}|{_EITHER}.*{_WHICH}|{_WHICH}.*{_EITHER}"

# What asks for two codes on one claim, beside the words of TOGETHER.
ONE_CLAIM = _words(
    "(?:same|different|separate|distinct|other|another) (?!as\\b|codes?\\b|thing)\\w+", "(?:that|one) (?:day|visit|session|encounter)", "the day",
    "(?:at|during) the (?:visit|session|encounter)", "day (?:of|before|after)", "at the time of", "decision for surgery",
)  # fmt: skip
_WHEN_WHERE = (
    r"(?:(?:in|on|as of|during|for|at|by|under|with) )?(?:an? |the )?"
    r"(?:DATE|facility|(?:outpatient )?hospital|practitioner|physician|office|asc|dme supplier|medicare|medicaid)"
)
TWO_CODES = (
    _words("combine", "both", "alongside", "in addition to", "separately", "(?:component|part) of", "include[sd]?", "with CODE")
    + r"|CODE.*\b(?:with|plus|on top of|also|as well as|along with|followed by)\b.*CODE"
    + r"|\b(?:bill|(?:i|we|you|to) code|report|charge|claim|submit|use|go|do|did|done|performed)\b[^?]*CODE[^?]*(?:\band\b|\+|&)[^?]*CODE"
    + "|"
    + _whole(rf"(?:{_WHEN_WHERE},? )?CODE(?: (?:(?:and|with|plus) )?CODE| ?[+&] ?CODE)+(?:,? {_WHEN_WHERE}){{0,3}}")
)
DIAGNOSES = r"\b(?:diagnos\w*|dx|icd[\w-]*+(?: 10)?)(?! CODE)"  # "diagnosis codes billed with 20610", not "ICD-10-PCS 0SRD0J9"
ASKS_EACH = r"^\W*(?:what(?! if| about| happens)|which|tell me|describe)\b"  # asks for each code by itself

ASKS_WHAT = r"^\W*(?:what (?:is|are)|what's|tell me about|describe)\b(?!(?: the)? (?:wrong|problem|matter|issue|reason|denial))[^?]*CODE"

# Wordings that stand for a modifier when a code is asked about: "and bilateral?"
IMPLIED: dict[str, str] = {
    "50": _words("bilateral(?:ly)?", "both sides"),
    "80": _words("(?:an )?assistant(?: surgeon| at surgery)", "an assistant"),
    "62": _words("co-?surgeons?", "two surgeons", "second surgeon"),
    "66": _words("team (?:surgery|surgeons?)", "surgical team"),
    "26": _words("professional component"),
    "TC": _words("technical component"),
}

DOCUMENTS = _words(
    "guidelines?", "guidance", "polic(?:y|ies)", "lcds?", "ncds?", "medical(?:ly)? necess*", "prior auth*", "preauth*",
    "audit*", "manual",
)  # fmt: skip
COVERAGE = DOCUMENTS + "|" + _words("cover(?:s|ed|age)?")
_DENIED = _words("den(?:y|ied|ials?)")
POLICY = f"{COVERAGE}|{_DENIED}"
# A place in a manual or in the official guidelines: "section I.C.9.a", "chapter 15, section 30.1".
PLACE = r"\b(?:section|guideline)s? (?:i{1,3}|iv)\b(?!,)|\b(?:i{1,3}|iv)\.[a-u]\.\d{1,2}\b|\bch(?:apter|\.) ?\w{1,5},? (?:section|sec\.|§) ?\w|§ ?\d"
PLACE += r"|\bsection [\w.]{1,9} (?:of|in) (?:the )?ch(?:apter|\.)"
PLACE_OF_SERVICE = _words("place of service", r"pos (?:codes? )?\d\d", "pos (?:codes?|for|of)", "(?:what|which)(?: is| are)?(?: the)? pos")
EXPLAIN = _words("rules?", "meanings?", "define", "definition", "explain", "requirements?", "uncertain diagnos*")
CONCEPTS = _words(
    "excludes? ?-?[12]?", "code first", "use additional", "code also", "(?:7th|seventh) character", "uncertain diagnos*", "sequenc*",
    "principal diagnos*", "first-listed", "(?:up|down)-?cod(?:e|es|ed|ing)", "bundle(?! branch| of his)", "bundl(?:es|ed|ing)", "unbundl*",
    "ncci", "ptp", "mues?", "mai", "separate procedures?", "add-?on codes?", "add on codes?",
    "(?:unlisted|category (?:i+|[123])) (?:codes?|procedures?)", "global (?:surgery|surgical|package|period|days)", "modifiers?",
    "e ?[/&] ?m", "mdm", "medical decision",
    "by time", "incident[ -]to", "split[ /]shared", "(?:teaching|supervising) physician", "place of service", r"pos \d\d", "documentation",
    "abns?", "payers?", "conversion factor", "rvus?", "crosswalks?", "compliance", "false claims",
    "fraud", "(?<!in[ -])laws?", "(?:il)?legal(?:ly)?", "penalt(?:y|ies)",
    "abuse", "stark", "anti-?kickback", "hipaa", "conventions?",
)  # fmt: skip
# A payer or a code set is talked about in these words; elsewhere its name says who pays for, or where to look for, what is searched.
_PAYER = r"(?:medicare|medicaid|cms)"
_SET = r"(?:icd-? ?(?:9|10)?(?:-? ?(?:cm|pcs))?|cpt|hcpcs|dx|diagnosis|procedure)"
_ABOUT = r"(?:(?:what(?: i|'?)s|what are|what does|about|tell me|and|the|us|an?) )*"
NAMED = "|".join((
    _words(
        rf"{_PAYER} (?:advantage|part [abcd]|pays?|payments?|enroll\w*|reimburse\w*)", f"(?:paid|reimbursed|payable) (?:by|under) {_PAYER}",
        rf"what\b.*\b{_SET} (?:stands? for|means?)", f"{_SET} codes? (?:sets?|changes|structure|updates?|mean|work)",
    ),
    _whole(rf"{_ABOUT}{_PAYER}(?: (?:part [abcd]|rules?|program))?", rf"{_ABOUT}{_SET}(?: (?:codes?|level ii|manual|book))?"),
))  # fmt: skip
# What a release did to a code set: "new codes in FY2023", "what changed in ICD-10-CM", "HCPCS 2019 updates".
_CHANGED = "(?:new|added|deleted|revised|discontinued|retired|changed|invalidated|removed)"
_ALL_CODES = rf"(?:{_SET}|codes?|code sets?)"
CHANGES = "|".join((
    _words(
        rf"what(?: i|'?)?(?:s| is| are| was| were|'s)? (?:changed|changes|new)(?: (?:in|for|with|on|to|about|of))?(?: the)? (?:{_ALL_CODES}|DATE)",
        rf"{_CHANGED} (?!patients?\b|onset\b|born\b|technology\b|lens\b)(?:(?!for\b|with\b|of\b)[\w-]+ ){{0,4}}codes\b[^?]*(?:DATE|in {_SET})",
        rf"DATE,? {_CHANGED} (?!patients?\b)(?:[\w-]+ ){{0,4}}codes", rf"{_CHANGED} {_SET} codes",
        rf"codes (?:that )?(?:(?:were|was|are|got|have been|has been) )?(?:newly )?{_CHANGED}\b[^?]*(?:DATE|in {_SET})",
        rf"(?:{_SET}|DATE)(?: codes?)?(?: set)? (?:changes|updates?|additions|deletions|revisions|addenda)\b[^?]*(?:DATE|$)",
        rf"DATE {_SET}(?: codes?)?(?: set)? (?:changes|updates?|additions|deletions|revisions|addenda)",
        rf"(?:changes|updates?|additions|deletions|revisions|addenda) (?:to|in|of|for) (?:the )?(?:DATE )?{_SET}\b[^?]*DATE",
    ),
    r"^\W*what(?:'s| is| was)? (?:changed|new)(?: (?:in|on|for|as of))? DATE\W*$",
    r"\bhow many (?:[\w-]+ ){0,3}codes (?:were |are |was )?(?:added|deleted|revised|new|changed)\b",
))  # fmt: skip
NO_CHANGES = DOCUMENTS + "|" + _words(
    "edits?", "ncci", "ptp", "mues?", "rvus?", "conversion factor", "payments?", "rates?", "fees?", "prices?", "modifiers?",
)  # fmt: skip
ASKS_CODE = (
    _words(
        "cod(?:e|es|ing) (?:for|of|to use|do|should|would|can|is used|are used|describes?|covers?)", "(?:which|what) codes?",
        "how (?:do|would|should|can) (?:i|we|you) (?:code|bill|report)", "how to (?:code|bill|report)", "find", "look up", "search",
        f"{_SET}(?: codes?)? (?:for|of)", "j-?codes?",
        "(?:which|what) modifiers?", "modifiers? (?:for|to|when|if|that|do|should|shows?|means?)",
    )
    + rf"|^(?!\W*(?:how|why|when)\b).*\b{_SET} codes? (?!(?:sets?|changes|structure|updates?|mean|work|first)\b)\w"
    + r"|\bcodes?\W*$|\w{3,}(?<!about)(?<!are) (?:icd-? ?(?:9|10)?(?:-? ?cm)?|cpt|hcpcs|dx|modifiers?)\W*$"
)  # fmt: skip
NO_SEARCH = (
    _words(
        f"(?:what|explain) (?:is|are|does) (?:an? )?(?:add-?on|add on|unlisted|category|{_SET}) codes?(?! (?:for|of))",
        f"{_SET} (?:and|or|versus|vs) {_SET}", "code first",
    )
    + r"|^\W*who\b"
)  # fmt: skip

# Outside the subject whatever else the text says.
FOREIGN = _words(
    "write .*(?:poem|song|story|essay|haiku|lyrics|novel)", "tell me a (?:joke|story)", "sing .*song",
    "(?:python|javascript|java|sql|html) (?:code|script|program|function)", "system prompt", "you are now", "jailbreak*",
    "ignore .*(?:previous|prior|above|earlier|your) .*(?:instructions?|prompts?|rules)",
)  # fmt: skip
_SPORT = "(?:football|soccer|baseball|basketball|hockey|cricket|tennis)"
_LANGUAGE = "(?:spanish|french|german|italian|portuguese|chinese|japanese|korean|russian|arabic|latin|english)"
# Outside the subject unless the text speaks of coding or of an illness, too. Words of daily life stand in titles of ICD-10-CM
# ("exposure to weather", "burn while cooking"), so each phrase is one that asks.
FOREIGN_SUBJECTS: dict[str, str] = {
    "weather": _whole("(?:the )?weather(?: forecast)?") + "|" + _words(
        "weather (?:DATE|forecast|like|report|in|for|this|next)", "(?:i|'?)s the weather", "was the weather", "will it (?:rain|snow)",
    ),
    "sports": _words(
        "world cup", "super bowl", "olympics", "nba", "nfl", "mlb", "nhl", "fifa", "who won", "score of the (?:game|match)", "winner of the",
        f"{_SPORT} (?:scores?|results?|news|standings|teams?)",
    ),
    "news": _words("(?:latest|breaking|world|DATE(?:'?s)?) news", "in the news", "news DATE", "headlines"),
    "politics": _words(
        r"who(?: i|'?)s (?:the )?(?:\w+ )?(?:president|prime minister|governor|senator|mayor|king|queen|pope)", "president of",
        "(?:who|should|will) .*(?:vote|elected)", "republicans", "democrats",
    ),
    "cooking": _words("recipes?", r"(?:how (?:do|can|should|would|long) (?:i|you|we)|how to|let's) (?:\w+ )?(?:cook|bake|fry|grill|roast)"),
    "jokes": _words("jokes?", "riddles?", "something funny"),
    "money": _words("stock (?:prices?|markets?)", "bitcoin", "crypto(?:currency)?", "lottery"),
    "translation": _words("translate (?:this|it|the|to|into)", f"translate .* {_LANGUAGE}", f"how do (?:i|you|we) say .* in {_LANGUAGE}"),
    "programming": _words(
        "(?:program|function|script|regex|loop) in (?:python|javascript|java|sql|rust|go)", "(?:write|debug) .*(?:python|javascript)",
    ),
    "trivia": _words("capital of", "movies?", "horoscope", "meaning of life"),
}  # fmt: skip
CODING = "|".join((
    "CODE|MODIFIER",
    _words("cod(?:e|es|ing)", "bill*", "cpt", "icd*", "hcpcs", "modifiers?", "medicare", "medicaid", "claims?", "diagnos*", "dx", "procedures?"),
    _words(
        "injur*", "fractur*", "burn(?:s|ed)?", "sprain*", "strain*", "wounds?", "lacerat*", "disloc*", "concuss*", "pain*", "fall", "fell",
        "struck", "accident*", "exposure", "disorders?", "patients?", "pt", "exam*", "physicals?", "surgery", "therapy",
    ),
))  # fmt: skip
HELLO = _whole(
    r"(?:(?:hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)|thanks?(?: you)?(?: (?:so|very) much)?|bye|goodbye"
    r"|ok|okay|great|cool|help(?: me)?|start|test|there|codebook|please)\b\W*)*",
    r"what (?:can|do|could) you (?:do|know|help (?:me )?with)",
    r"who are you",
    r"how (?:do|can|should) i use (?:this|you|it)",
    r"how does this work",
    r"how are you",
    r"what is this",
    r"can you help(?: me)?",
)
# Small words around an aspect whose code is missing: "and how many units are allowed?"
_FILL = r"(?:(?:and|but|so|also|what|which|how|is|are|it|its|the|s|about|many|much|an?)\W+)*"
_REST = r"(?:\W+(?:days?|period|limit|allowed|codes?|per|day|fit|apply|are|can|i|use))*"

_ROWS: tuple[tuple[Kind, str, tuple[int, int], tuple[int, int], str], ...] = (
    (Kind.GREETING, HELLO, NONE, NONE, ""),
    (Kind.OUT_OF_SCOPE, FOREIGN, NONE, NONE, ""),
    (Kind.OUT_OF_SCOPE, "|".join(FOREIGN_SUBJECTS.values()), NONE, NONE, f"{CODING}|{COVERAGE}|{CONCEPTS}"),
    (Kind.CHANGES, CHANGES, NONE, NONE, NO_CHANGES),
    # Several codes or modifiers
    (Kind.DIFFERENCE, ASPECTS[Kind.DIFFERENCE], PAIR, ANY, ""),
    (Kind.DIFFERENCE, ASPECTS[Kind.DIFFERENCE] + "|" + _whole("MODIFIER ?/ ?MODIFIER"), NONE, PAIR, ""),
    (Kind.DIFFERENCE, WHICH_OF_TWO, PAIR, ANY, COLUMN),
    (Kind.DIFFERENCE, WHICH_OF_TWO, NONE, PAIR, ""),
    (Kind.TOGETHER, ONE_CLAIM, PAIR, ANY, f"{ASKS_EACH}|{ADD_ON_WORDS}"),
    (Kind.ADD_ON, ASPECTS[Kind.ADD_ON], SOME, ANY, _words("modifiers?")),
    (Kind.TOGETHER, ASPECTS[Kind.TOGETHER], PAIR, ANY, ""),
    (Kind.TOGETHER, TWO_CODES, PAIR, ANY, ASKS_EACH),
    # One code, or several asked for the same
    (Kind.MODIFIERS_FOR_CODE, "", SOME, SOME, f"{ASKS_WHAT}|{COVERAGE}"),
    (Kind.MODIFIERS_FOR_CODE, ASPECTS[Kind.MODIFIERS_FOR_CODE], SOME, ANY, ""),
    (Kind.MODIFIERS_FOR_CODE, "|".join(IMPLIED.values()), SOME, ANY, _words("units?", "mues?", "how many", "global (?:period|days|surg*)")),
    (Kind.GLOBAL_PERIOD, ASPECTS[Kind.GLOBAL_PERIOD], SOME, ANY, ""),
    (Kind.UNITS, ASPECTS[Kind.UNITS] + "|" + _words("how many", "limit", "quantity"), SOME, ANY, ONE_UNIT),
    (Kind.TOGETHER, ASPECTS[Kind.TOGETHER] + "|" + _words("(?:billed|reported|used) with"), SOME, NONE, DIAGNOSES),
    (Kind.VALIDITY, ASPECTS[Kind.VALIDITY], SOME, ANY, ""),
    (Kind.GUIDELINE, f"{DOCUMENTS}|{_DENIED}", SOME, ANY, ""),  # whether a code is covered stands with the code
    (Kind.CODE, "", SOME, ANY, ""),
    (Kind.GUIDELINE, PLACE, NONE, ANY, ""),
    # Modifiers without a code
    (Kind.GUIDELINE, POLICY, NONE, SOME, ""),
    (Kind.MODIFIER, "", NONE, SOME, ""),
    # An aspect without its code, "how many units?": the conversation fills the code in
    (Kind.GLOBAL_PERIOD, _whole(_FILL + "global" + _REST), NONE, NONE, _words("an? global")),
    (Kind.UNITS, _whole(_FILL + "(?:mue|units?)" + _REST), NONE, NONE, _words("an? (?:mue|unit)", "what are units")),
    (Kind.ADD_ON, _whole(_FILL + "(?:add-?ons?|add ons?|primary)" + _REST), NONE, NONE, _words("what(?: i|'?)s an?", "are add")),
    (Kind.MODIFIERS_FOR_CODE, _whole(_FILL + "modifiers?" + _REST), NONE, NONE, _words("an? modifier", "what are modifiers")),
    # Words only
    (Kind.GUIDELINE, f"{POLICY}|{EXPLAIN}|{PLACE_OF_SERVICE}", NONE, NONE, ""),
    (Kind.FIND, ASKS_CODE, NONE, NONE, NO_SEARCH),
    (Kind.GUIDELINE, f"{CONCEPTS}|{NAMED}|{ASPECTS[Kind.DIFFERENCE]}", NONE, NONE, ""),
    (Kind.GUIDELINE, r"^\W*(?:when|why|how|does|do|can|should|must|is|are|who|may|will)\b", NONE, NONE, ""),
    (Kind.FIND, "", ANY, ANY, ""),
)
RULES = tuple(Rule(k, re.compile(p), codes, mods, re.compile(u) if u else None) for k, p, codes, mods, u in _ROWS)


def kind_of(template: str, codes: int, modifiers: int) -> Kind:
    """The kind of a text, from its template and how many different codes and modifiers it names."""
    if len(template) > 2 * EDGE:  # a pasted note: the question stands before or behind it
        template = f"{template[:EDGE]} {template[-EDGE:]}"
    return next(
        rule.kind
        for rule in RULES
        if rule.codes[0] <= codes <= rule.codes[1]
        and rule.modifiers[0] <= modifiers <= rule.modifiers[1]
        and rule.pattern.search(template)
        and not (rule.unless and rule.unless.search(template))
    )


def implied_modifiers(template: str) -> tuple[str, ...]:
    """The modifiers that words stand for ("bilateral" → 50)."""
    return tuple(modifier for modifier, pattern in IMPLIED.items() if re.search(pattern, template))
