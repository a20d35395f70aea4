"""A condition typed alone, in a field: read and judged as that of a list, by the very same code."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dsl.diagnostics import Severity
from dsl.service.language_service import LanguageService
from dsl.tree.nodes import ListLine
from relance.facts import Condition
from relance.fold import key_of

#: No file of a project: its name begins as hidden ones do.
ALONE = ".condition.relance"
#: The name of nobody's list.
_NOBODYS = "Condition tapée à part"
#: Where lists are written from a page, and nothing else: a script of a campaign may go with it.
LISTS_SCRIPT = "listes.relance"
LONGEST = 2_000
_SIGNS = {"=": "égal à", "==": "égal à", ":": "égal à", "est": "égal à", "≠": "différent de"} | {
    "!=": "différent de",
    "<>": "différent de",
    ">": "supérieur à",
    "<": "inférieur à",
    ">=": "au moins",
    "<=": "au plus",
}
#: « ville = Montréal ».
_AS_A_SHEET = re.compile(
    r"(?P<field>[^=<>:≠!()]{1,60}?)\s*(?P<sign>==|!=|<>|>=|<=|[=:≠<>]|\best\b)\s*(?P<value>[^=<>≠]{1,200})"
)


def list_line(name: str, condition: str) -> str:
    """The line of a script that declares a list."""
    return f"liste «\u00a0{name}\u00a0» : {condition}"


#: What a condition typed alone is the rest of, for whoever asks what may be written in it.
BEFORE = list_line(_NOBODYS, "")


@dataclass(frozen=True, slots=True)
class ConditionRemark:
    """What is to be corrected: the words at fault, where they begin (from 1), and why."""

    column: int
    words: str
    message: str
    code: str
    error: bool


@dataclass(frozen=True, slots=True)
class TypedCondition:
    """`text`: as it was read, on one line; `condition`: None when it holds an error, or nothing."""

    text: str
    condition: Condition | None
    remarks: Sequence[ConditionRemark] = ()
    #: What was perhaps meant, of « ville = Montréal »: a sentence that is right; empty when none is.
    meant: str = ""


@dataclass(frozen=True, slots=True)
class WrittenList:
    """A list of the draft: its line, whole, and the condition as its author put it."""

    name: str
    file: str
    line: int
    condition: str


def typed_condition(service: LanguageService, text: str) -> TypedCondition:
    """What somebody typed, judged within the project."""
    text = " ".join(text.split())[:LONGEST]
    if not text:
        return TypedCondition("", None)
    start = BEFORE
    judged = service.edited(ALONE, f"{start}{text}\n")
    remarks = [
        ConditionRemark(
            max(one.span.start - len(start), 0) + 1,
            text[max(one.span.start - len(start), 0) : max(one.span.end - len(start), 0)],
            one.message,
            one.code,
            one.severity is Severity.ERROR,
        )
        for one in judged.diagnostics(ALONE)[ALONE]
    ]
    if any(one.error for one in remarks):
        return TypedCondition(text, None, remarks, _meant(service, text))
    found = next((one for one in judged.lists(ALONE)), None)
    return TypedCondition(text, None if found is None else found.condition, remarks)


def _meant(service: LanguageService, text: str) -> str:
    """The phrase of a field and a value, for who wrote them as a spreadsheet does; judged as any other."""
    found = _AS_A_SHEET.fullmatch(text)
    if found is None:
        return ""
    name, value = (found[one].strip(" «»\"'\u00a0()") for one in ("field", "value"))
    for head in ("Champ lead", "Champ"):
        said = f"{head} ({name}) est {_SIGNS[found['sign']]} ({value})"
        judged = service.edited(ALONE, f"{list_line(_NOBODYS, said)}\n").diagnostics(ALONE)
        if not any(one.severity is Severity.ERROR for one in judged[ALONE]):
            return said
    return ""


def written_lists(service: LanguageService) -> Sequence[WrittenList]:
    """The lists that the draft declares, in the order of its files."""
    found = []
    for file, script in service.scripts.items():
        for block in script.reading.parsed.script.blocks:
            if isinstance(block, ListLine):
                words = script.text[block.span.start : block.span.end]
                condition = words.partition(":")[2].strip()
                line = script.positions.line(block.span.start)
                found.append(WrittenList(block.name.text, file, line, condition))
    return found


def known_list(lists: Sequence[WrittenList], name: str) -> WrittenList | None:
    """That list of the draft, if it is there."""
    return next((one for one in lists if key_of(one.name) == key_of(name)), None)
