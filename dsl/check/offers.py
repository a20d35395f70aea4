"""What phrases are proposed for, once the whole project is known: those it would refuse are not.

The parser compares a proposal with what was written; only here is it known whether the field it
asks about exists, whether the message it names can be sent, whether its values go together.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from dsl.catalogue import DECISIONS, STATEMENTS, Catalogue
from dsl.check.findings import Findings
from dsl.check.meanings import Meanings
from dsl.check.types import Types
from dsl.diagnostics import Diagnostic, Fix, Severity, Span
from dsl.fidelity import read_phrase, use_of
from dsl.nodes import PhraseUse
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

    def fitting(self, found: Diagnostic, source: str, uses: Sequence[PhraseUse]) -> Diagnostic:
        """The diagnostic of a name or a value, with only what the rest of its phrase accepts."""
        at = bisect_right(uses, found.span.start, key=lambda one: one.span.start) - 1
        if at < 0 or uses[at].phrase is None or not found.fixes:
            return found
        fixes = tuple(fix for fix in found.fixes if self._fits(fix, source, uses[at], found))
        if fixes == found.fixes:
            return found
        before, after = (did_you_mean([fix.text for fix in some]) for some in (found.fixes, fixes))
        return replace(found, fixes=fixes, message=found.message.replace(before, after))

    def _fits(self, fix: Fix, source: str, use: PhraseUse, found: Diagnostic) -> bool:
        """Whether the phrase is still the same with it, and has one fault less."""
        end = use.qualifiers[0].span.start if use.qualifiers else use.span.end
        added = fix.span.start == fix.span.end
        if added or not (use.span.start <= fix.span.start and fix.span.end <= end):
            return True  # in a qualifier, before or past the phrase: nothing of it changes
        text = source[use.span.start : fix.span.start] + fix.text + source[fix.span.end : end]
        text = _opened(text)
        read = read_phrase(self._catalogue, text.strip(), DECISIONS | STATEMENTS)
        if read is None or use_of(read[1]).phrase is not use.phrase:
            return False
        told = [one.text for _, one in use_of(read[1]).slots]
        if told != [fix.text if _within(fix.span, one.span) else one.text for _, one in use.slots]:
            return False
        before = len(self._faults(use)) - (found.severity is Severity.ERROR)
        return len(self._faults(replace(use_of(read[1]), written=text))) <= before

    def _holds(self, text: str) -> bool:
        read = read_phrase(self._catalogue, text, DECISIONS | STATEMENTS)
        if read is None:
            return False
        return self._faults(replace(use_of(read[1]), written=text)) == []

    def _faults(self, use: PhraseUse) -> list[Diagnostic]:
        """What is wrong with a phrase as it stands."""
        aside = Findings("", "")
        meant = self._meanings.of(use, tuple(Kind), aside)
        if meant is None:
            return _errors(aside)
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
        return _errors(aside)


def uses_in(node: object) -> Iterator[PhraseUse]:
    """Every phrase of a tree, in the order written."""
    if isinstance(node, PhraseUse):
        yield node
    elif isinstance(node, tuple):
        for one in node:
            yield from uses_in(one)
    else:
        for name in getattr(type(node), "__dataclass_fields__", ()):
            yield from uses_in(getattr(node, name))


def _errors(findings: Findings) -> list[Diagnostic]:
    return [one for one in findings.all() if one.severity is Severity.ERROR]


def _opened(text: str) -> str:
    """Without the parenthesis before an event, which closes past the phrase that holds it."""
    closed = 0
    for at in reversed(range(len(text))):
        closed += {")": 1, "(": -1}.get(text[at], 0)
        if closed < 0:
            return text[:at] + text[at + 1 :]
    return text


def _within(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
