"""What phrases are proposed for, once the whole project is known: those it would refuse are not.

The parser compares a proposal with what was written; only here is it known whether the field it
asks about exists, whether the message it names can be sent, whether its values go together.
"""

from collections.abc import Callable
from dataclasses import replace

from dsl.catalogue import DECISIONS, STATEMENTS, Catalogue
from dsl.check.findings import Findings
from dsl.check.meanings import Meanings
from dsl.check.types import Types
from dsl.diagnostics import Diagnostic, Severity
from dsl.fidelity import read_phrase, use_of
from dsl.suggestions import WHERE_TO_LOOK, did_you_mean
from relance.phrase import Kind


class Offers:
    """Judges the phrases that the diagnostics of a project propose."""

    def __init__(self, catalogue: Catalogue, meanings: Meanings) -> None:
        self._catalogue = catalogue
        self._meanings = meanings

    def kept(self, found: Diagnostic) -> Diagnostic:
        """The diagnostic, with only what would be accepted."""
        if found.plain is None or not found.fixes:
            return found
        fixes = tuple(fix for fix in found.fixes if self._holds(fix.text))
        if fixes == found.fixes:
            return found
        message = found.plain + (did_you_mean([fix.text for fix in fixes]) or WHERE_TO_LOOK)
        # « une valeur n’est pas entre parenthèses » was said because of what is no longer proposed.
        code = "R201" if found.code == "R202" else found.code
        return replace(found, code=code, message=message, fixes=fixes)

    def _holds(self, text: str) -> bool:
        read = read_phrase(self._catalogue, text, DECISIONS | STATEMENTS)
        if read is None:
            return False
        aside = Findings("", "")
        use = replace(use_of(read[1]), written=text)
        meant = self._meanings.of(use, tuple(Kind), aside)
        if meant is None:
            return False
        types = Types(self._meanings.fields, aside, use)
        judge: dict[Kind, Callable[..., object]] = {
            Kind.STATE: types.condition,
            Kind.WAIT: types.wait,
        }
        phrase = use.phrase
        if phrase is not None and phrase.kind in judge:
            judge[phrase.kind](meant[0])
        for effect in meant[0] if isinstance(meant[0], tuple) else ():
            types.effect(effect)
        return not any(one.severity is Severity.ERROR for one in aside.all())
