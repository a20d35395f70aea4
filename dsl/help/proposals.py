"""The door every proposal reaches the user by: applied, read again, and compared with what was written.

A message that proposes something is a promise. Whoever finds a fault may propose what they like;
here each proposal is put in its place and the project is checked again. What would be refused
there, or says something else, is not shown, and the message no longer speaks of it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from dsl.diagnostics import Diagnostic, Fix, Severity, Span
from dsl.help.codes import CODES
from dsl.help.fidelity import faithful
from dsl.help.misspelt import Spellings, misspelt
from dsl.help.wording import WHERE_TO_LOOK, did_you_mean

#: What was wrong, by file, and the same once other sources stand in place of these.
DiagnosticsByFile = Mapping[str, Sequence[Diagnostic]]
CheckedAgain = Callable[[Mapping[str, str]], DiagnosticsByFile]

#: Proposals are tried all together; those that fail so, which another may have spoilt, one by one.
_MOST_ALONE = 8
#: In how many errors at a time a misspelt word is looked for: enough for who types, not for an attack.
_MOST_RESPELT = 20
#: Among how many errors of a script it is looked for: each is compared with all that the language says.
_MOST_LOOKED_AT = 100
#: A block opened or closed by a proposal is reported where the block is, not where the proposal is.
_STRUCTURE = frozenset({"R106", "R107", "R108", "R109"})
#: What is wrong with a campaign rather than with the words of a line: a fault that the first one
#: hid is no reason to refuse what mends that one.
_OF_THE_WHOLE = frozenset(
    [
        "R401",
        "R402",
        "R403",
        "R404",
        "R405",
        "R408",
        "R410",
        "R416",
        "R422",
        "R423",
        "R424",
        "R425",
        "R426",
        "R428",
        "R434",
        "R435",
        "R436",
        "R448",
        "R449",
        "R471",
    ]
)


@dataclass(frozen=True, slots=True)
class _Trial:
    """A proposal: whose it is, and the file it would change."""

    file: str
    found: Diagnostic
    fix: Fix


def admitted(
    sources: Mapping[str, str],
    diagnostics: DiagnosticsByFile,
    again: CheckedAgain,
    spellings: Spellings | None = None,
) -> dict[str, tuple[Diagnostic, ...]]:
    """The diagnostics with only the proposals that are accepted in their place and mean the same.

    `spellings`: where nothing is proposed, a word that may be misspelt is looked for.
    """
    found = _admitted(sources, diagnostics, again)
    return found if spellings is None else _respelt(sources, found, again, spellings)


def _respelt(
    sources: Mapping[str, str],
    diagnostics: DiagnosticsByFile,
    again: CheckedAgain,
    spellings: Spellings,
) -> dict[str, tuple[Diagnostic, ...]]:
    """The same, errors that another spelling mends said by the word misspelt."""
    amended: dict[str, list[Diagnostic]] = {}
    slips: dict[tuple[str, int], Diagnostic] = {}
    for name, several in diagnostics.items():
        amended[name] = list(several)
        for index, one in enumerate(several[:_MOST_LOOKED_AT]):
            if len(slips) < _MOST_RESPELT and (other := spellings.amended(sources[name], one)):
                amended[name][index] = slips[name, index] = other
    if not slips:
        return {name: tuple(several) for name, several in diagnostics.items()}
    tried = _admitted(sources, amended, again)
    for name, index in slips:
        one = tried[name][index]
        amended[name][index] = (
            misspelt(sources[name], one) if one.fixes else diagnostics[name][index]
        )
    return {name: tuple(several) for name, several in amended.items()}


def _admitted(
    sources: Mapping[str, str], diagnostics: DiagnosticsByFile, again: CheckedAgain
) -> dict[str, tuple[Diagnostic, ...]]:
    if not any(one.fixes for several in diagnostics.values() for one in several):
        return {name: tuple(several) for name, several in diagnostics.items()}
    kept: set[tuple[str, Diagnostic, Fix]] = set()
    alone: list[_Trial] = []
    for trials in _together(sources, diagnostics):
        passed = set(_passing(sources, diagnostics, trials, again))
        kept.update((one.file, one.found, one.fix) for one in passed)
        alone += [one for one in trials if one not in passed]
    for one in islice(alone, _MOST_ALONE):
        if list(_passing(sources, diagnostics, [one], again)):
            kept.add((one.file, one.found, one.fix))
    return {
        name: tuple(
            _proposing(one, [fix for fix in one.fixes if (name, one, fix) in kept])
            for one in several
        )
        for name, several in diagnostics.items()
    }


def _proposing(found: Diagnostic, fixes: Sequence[Fix]) -> Diagnostic:
    """The diagnostic with these proposals only."""
    if tuple(fixes) == found.fixes:
        return found
    shown = did_you_mean([fix.text for fix in fixes])
    # « une valeur n’est pas entre parenthèses » was said because of what is no longer proposed.
    code = "R201" if found.code == "R202" else found.code
    if found.plain is not None:
        message = found.plain + (shown or (WHERE_TO_LOOK if code == "R201" else ""))
    else:
        message = found.message.replace(did_you_mean([one.text for one in found.fixes]), shown)
    if any(fix.text.strip() and fix.text in message for fix in found.fixes if fix not in fixes):
        message = f"{CODES[code]}."
    return replace(found, code=code, message=message, fixes=tuple(fixes))


def _together(sources: Mapping[str, str], diagnostics: DiagnosticsByFile) -> Iterator[list[_Trial]]:
    """The proposals that mean the same, in rounds: the first of each diagnostic, the second…"""
    offered = [
        (name, one, [fix for fix in one.fixes if _means_it(sources[name], fix)])
        for name, several in diagnostics.items()
        for one in several
    ]
    for rank in range(max((len(fixes) for _, _, fixes in offered), default=0)):
        yield [_Trial(name, one, fixes[rank]) for name, one, fixes in offered if rank < len(fixes)]


def _means_it(source: str, fix: Fix) -> bool:
    written = source[fix.span.start : fix.span.end]
    return fix.compared or faithful(written, fix.text)


def _passing(
    sources: Mapping[str, str],
    diagnostics: DiagnosticsByFile,
    trials: Sequence[_Trial],
    again: CheckedAgain,
) -> Iterator[_Trial]:
    """Those of the trials that, applied at once, leave their lines with a fault less and no other."""
    by_file: dict[str, list[_Trial]] = {}
    for one in sorted(trials, key=lambda one: one.fix.span):
        several = by_file.setdefault(one.file, [])
        if not several or several[-1].fix.span.end <= one.fix.span.start:
            several.append(one)
    amended = {name: _amended(sources[name], several) for name, several in by_file.items()}
    after = again({name: text for name, (text, _) in amended.items()})
    for name, several in by_file.items():
        text, places = amended[name]
        if not _structure(after[name]) <= _structure(diagnostics[name]):
            continue
        for one, place in zip(several, places, strict=True):
            before = _around(sources[name], diagnostics[name], one.fix.span)
            now = _around(text, after[name], place)
            if _alike(one.found, now) < _alike(one.found, before) and (
                _errors(text, now) <= _errors(sources[name], before)
            ):
                yield one


def _amended(source: str, trials: Sequence[_Trial]) -> tuple[str, list[Span]]:
    """The source with every proposal in its place, and where each then stands."""
    parts: list[str] = []
    places: list[Span] = []
    length = position = 0
    for one in trials:
        before = source[position : one.fix.span.start]
        length += len(before)
        places.append(Span(length, length + len(one.fix.text)))
        parts += (before, one.fix.text)
        length += len(one.fix.text)
        position = one.fix.span.end
    return "".join((*parts, source[position:])), places


def _around(source: str, diagnostics: Iterable[Diagnostic], stretch: Span) -> list[Diagnostic]:
    """The diagnostics of the lines that a stretch is in."""
    start = source.rfind("\n", 0, stretch.start) + 1
    end = source.find("\n", stretch.end)
    end = len(source) if end < 0 else end
    return [one for one in diagnostics if one.span.start <= end and start <= one.span.end]


def _structure(diagnostics: Iterable[Diagnostic]) -> Counter[str]:
    """The faults of blocks, by code."""
    return Counter(one.code for one in diagnostics if one.code in _STRUCTURE)


def _errors(source: str, diagnostics: Iterable[Diagnostic]) -> Counter[tuple[str, str]]:
    """The errors, those of the whole left out, by code and by the words they are about."""
    return Counter(
        (one.code, source[one.span.start : one.span.end])
        for one in diagnostics
        if one.severity is Severity.ERROR and one.code not in _OF_THE_WHOLE
    )


def _alike(found: Diagnostic, diagnostics: Iterable[Diagnostic]) -> int:
    """How many diagnostics say the same."""
    return sum(one.code == found.code for one in diagnostics)
