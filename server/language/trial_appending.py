"""A scenario put at the end of a script: read again there first, under a name that is free."""

from dataclasses import dataclass

from dsl.diagnostics import Severity
from dsl.service.language_service import LanguageService
from dsl.tree import nodes
from relance.fold import key_of
from relance.french import quoted


@dataclass(frozen=True, slots=True)
class Appended:
    """The script with the scenario, and the name that it has there."""

    text: str
    name: str


@dataclass(frozen=True, slots=True)
class Unwritten:
    """Why the script stays as it is."""

    why: str


def free_name(draft: LanguageService, file: str, name: str) -> str:
    """That name, or the first like it that no scenario of the script has."""
    taken = {key_of(one.name.text) for one in _scenarios(draft, file)}
    free, number = name, 1
    while key_of(free) in taken:
        number += 1
        free = f"{name} ({number})"
    return free


def appended(draft: LanguageService, file: str, script: str, scenario: str) -> Appended | Unwritten:
    """That script of the draft, with a scenario more."""
    scenario = scenario.replace("\r\n", "\n").strip("\n") + "\n"
    before = draft.edited(file, script)
    alone = _scenarios(draft.edited(file, scenario), file)
    blocks = draft.edited(file, scenario).scripts[file].reading.parsed.script.blocks
    if len(alone) != 1 or len(blocks) != 1:
        return Unwritten("Ce n’est pas un scénario : rien n’est ajouté.")
    name = alone[0].name
    free = free_name(before, file, name.text.strip())
    if free != name.text.strip():
        first, _, rest = scenario.partition("\n")
        scenario = f"scénario {quoted(free)}\n{rest}" if name.text in first else scenario
    start = script.rstrip("\n") + "\n\n"
    text = start + scenario
    remarks = draft.edited(file, text).diagnostics(file)[file]
    wrong = [
        one.message
        for one in remarks
        if one.severity is Severity.ERROR and one.span.start >= len(start)
    ]
    if wrong:
        return Unwritten(f"Le script a changé, et ce scénario n’y a plus de sens. {wrong[0]}")
    return Appended(text, free)


def _scenarios(draft: LanguageService, file: str) -> list[nodes.Scenario]:
    blocks = draft.scripts[file].reading.parsed.script.blocks
    return [one for one in blocks if isinstance(one, nodes.Scenario)]
