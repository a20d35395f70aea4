"""What a campaign can be tried with: what lets people in, and what it listens to once they are inside.

Each is said as a line of a scenario makes it happen: one thing, exactly, where the script may wait for
several (« /velos* », « au moins 4 »). What the language would refuse in a scenario is not offered.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dsl.check.text import condition_text, plain
from dsl.diagnostics import Severity
from dsl.service.language_service import LanguageService
from dsl.service.occurrences import walk
from dsl.tree import nodes
from relance.fold import fold, key_of
from relance.phrase import Kind
from server.language.trial_text import LEAD, TrialLine, trial_text

#: The event that makes of somebody a member, whom « Lead membre de la liste (X) » looks for.
_MEMBER, _JOINS = "lists.member", "Ajouté à la liste ({})"
_COMPARATOR = "comparateur"
_EQUAL = "égal à"
_NUMBER = re.compile(r"\d+")
#: How many lists that rest on lists are looked into.
_DEEPEST = 4
_MOST_TIMES = 20


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that happens to somebody. `said`: as the script waits for it; `before`: what makes
    the rest of its condition true."""

    text: str
    said: str
    times: int = 1
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrialOffers:
    """Of one campaign: what lets in, and what is listened to after."""

    campaign: str
    entries: Sequence[Occasion]
    answers: Sequence[Occasion]


def offers(service: LanguageService, file: str) -> Sequence[TrialOffers]:
    """Those of each campaign of a script; KeyError for a file that is none."""
    script, source = service.scripts[file].reading.parsed.script, service.sources[file]
    reader = _Reader(source, _lists(service))
    found = [reader.campaign(one) for one in script.blocks if isinstance(one, nodes.Campaign)]
    return _accepted(service, file, found)


def lines_of(occasion: Occasion, later: str = "") -> Iterator[TrialLine]:
    """The lines that make it happen, the first of them that long after the one before."""
    for text in occasion.before:
        yield TrialLine(text, later)
        later = ""
    yield TrialLine(occasion.text, later)
    for _ in range(occasion.times - 1):
        yield TrialLine(occasion.text, "1 minute")


def _lists(service: LanguageService) -> Mapping[str, tuple[str, nodes.Condition]]:
    """What each dynamic list asks, with the text in which it does."""
    return {
        key_of(block.name.text): (service.sources[file], block.condition)
        for file, one in service.scripts.items()
        for block in one.reading.parsed.script.blocks
        if isinstance(block, nodes.ListLine)
    }


@dataclass(frozen=True, slots=True)
class _Reader:
    source: str
    lists: Mapping[str, tuple[str, nodes.Condition]]

    def campaign(self, one: nodes.Campaign) -> TrialOffers:
        entries = [found for when in one.entries for found in self._entries(when.condition)]
        heard: list[nodes.Condition] = []
        for node in walk(one):
            if isinstance(node, nodes.WaitBranch | nodes.WaitThat):
                heard.append(node.condition)
        for block in one.exits:
            heard += [rule.condition for rule in block.rules if isinstance(rule, nodes.When)]
        answers = [found for condition in heard for found in self._answers(condition)]
        return TrialOffers(plain(one.name.text), _distinct(entries), _distinct(answers))

    def _entries(self, condition: nodes.Condition) -> Iterator[Occasion]:
        before = tuple(dict.fromkeys(self._before(condition, self.source, _DEEPEST)))
        for one in self._answers(condition):
            rest = tuple(text for text in before if text != one.text)
            yield replace(one, said=plain(condition_text(condition)), before=rest)

    def _answers(self, condition: nodes.Condition) -> Iterator[Occasion]:
        for use in _asked(condition):
            if use.phrase is not None and use.phrase.kind is Kind.EVENT:
                yield occasion_of(use, self.source)

    def _before(self, condition: nodes.Condition, source: str, deep: int) -> Iterator[str]:
        """What makes true that somebody is in the lists which a condition names."""
        for use in _asked(condition):
            if use.phrase is None or use.phrase.id != _MEMBER or not deep:
                if source is not self.source and use.phrase and use.phrase.kind is Kind.EVENT:
                    yield occasion_of(use, source).text
                continue
            name = plain(use.slots[0][1].text)
            held = self.lists.get(key_of(name))
            if held is None:
                yield _JOINS.format(name)
            else:
                yield from self._before(held[1], held[0], deep - 1)


def _asked(condition: nodes.Condition) -> Iterator[nodes.PhraseUse]:
    """The phrases that a condition speaks of, each as if it were wanted true; what is denied left out."""
    if isinstance(condition, nodes.PhraseUse):
        yield condition
    elif isinstance(condition, nodes.Conjunction | nodes.Disjunction):
        for item in condition.items:
            yield from _asked(item)


def occasion_of(use: nodes.PhraseUse, source: str) -> Occasion:
    """An event that a script waits for, as one that happens."""
    qualifiers = use.qualifiers
    ends = min((one.span.start for one in qualifiers), default=use.span.end)
    text, compared = source[use.span.start : ends].rstrip(), ""
    named = {name for name, _ in use.slots if _is_comparator(use, name)}
    for name, slot in use.slots:
        if name in named:
            compared = slot.text
    for name, slot in sorted(use.slots, key=lambda pair: -pair[1].span.start):
        at, end = slot.span.start - use.span.start, slot.span.end - use.span.start
        if at < 0 or end > len(text):
            continue
        now = _EQUAL if name in named else _exact(slot.text, compared)
        text = text[:at] + now + text[end:]
    wheres = [one for one in qualifiers if one.kind == "where" and one.field_name and one.value]
    for one in wheres:
        field, value = one.field_name, one.value
        if field is not None and value is not None:
            how = one.comparator.text if one.comparator is not None else ""
            text += f" où ({plain(field.text)}) {_EQUAL} ({_exact(value.text, how)})"
    counts = [one.value.text for one in qualifiers if one.kind == "times" and one.value]
    times = int(counts[0]) if counts and counts[0].isascii() and counts[0].isdigit() else 1
    return Occasion(plain(text), use.written, min(max(times, 1), _MOST_TIMES))


def _is_comparator(use: nodes.PhraseUse, name: str) -> bool:
    patterns = (use.phrase.pattern, *use.phrase.aliases) if use.phrase is not None else ()
    return any(f"{{{name}:{_COMPARATOR}}}" in one for one in patterns)


def _exact(text: str, compared: str) -> str:
    """A value for which a comparison holds, one name among those that « * » stands for."""
    words = fold(compared)
    number = _NUMBER.fullmatch(text.strip())
    if number is not None and words:
        beyond = words.startswith(("superieur", "different", "plus de", "au-dessus", ">"))
        under = words.startswith(("inferieur", "moins de", "au-dessous", "en dessous", "<"))
        return str(int(text) + beyond - under)
    return text.replace("*", "").strip() or "exemple" if "*" in text else text


def _distinct(found: Iterable[Occasion]) -> Sequence[Occasion]:
    return list({(key_of(one.text), one.times, one.before): one for one in found}.values())


def _accepted(
    service: LanguageService, file: str, found: Sequence[TrialOffers]
) -> Sequence[TrialOffers]:
    """The same, without what no scenario may hold."""
    texts = {
        text
        for one in found
        for each in (*one.entries, *one.answers)
        for text in (each.text, *each.before)
    }
    good = accepted(service, file, [f"({LEAD}) : {text}" for text in texts])
    kept = {text for text in texts if f"({LEAD}) : {text}" in good}
    return [
        TrialOffers(one.campaign, _kept(one.entries, kept), _kept(one.answers, kept))
        for one in found
    ]


def _kept(several: Sequence[Occasion], good: set[str]) -> Sequence[Occasion]:
    return [
        replace(one, before=tuple(text for text in one.before if text in good))
        for one in several
        if one.text in good
    ]


def accepted(service: LanguageService, file: str, lines: Sequence[str]) -> Sequence[str]:
    """The lines, among those, that a scenario of that script may hold."""
    source = service.sources[file].rstrip("\n") + "\n\n"
    tried = trial_text("essai des mots de ce script", {}, [], lines)
    first = len(source)
    remarks = service.edited(file, source + tried).diagnostics(file)[file]
    begins = [first]
    for line in tried.splitlines(keepends=True):
        begins.append(begins[-1] + len(line))
    wrong = set[int]()
    for one in remarks:
        if one.severity is Severity.ERROR and one.span.start >= first:
            wrong.add(sum(at <= one.span.start for at in begins) - 1)
    head = tried.splitlines().index(f"  {lines[0]}") if lines else 0
    return [line for at, line in enumerate(lines) if head + at not in wrong]
