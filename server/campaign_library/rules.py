"""Rules of one campaign that another takes: entries, exits and whole steps, as a change of texts.

Both campaigns are of the same project: the lists, fields, messages and goals a rule speaks of are there
for both. What is not, a step gone to for one, is for the checker to name, once the texts are changed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from dsl.diagnostics import Span
from dsl.formatter import format_source
from dsl.phrases.catalogue import Catalogue
from dsl.tree.nodes import After, Campaign, StepMark, When
from relance.fold import fold, key_of
from relance.french import quoted
from server.campaign_library.copying import NotCopied
from server.campaign_library.written import WrittenCampaign


class RuleKind(StrEnum):
    """What a rule is, by the words that stand above it."""

    ENTRY = "entrée"
    WON = "sortie réussie"
    LOST = "sortie échouée"
    STEP = "étape"


@dataclass(frozen=True, slots=True)
class Rule:
    """One of a campaign. `number`: by which it is chosen, from 1; `text`: its whole lines.

    `said`: the same on one line; of a step, its first. `start`, `end`: where it is in the script.
    """

    number: int
    kind: RuleKind
    said: str
    text: str
    start: int
    end: int
    #: The name of a step.
    step: str = ""


def rules_of(source: str, campaign: Campaign) -> Sequence[Rule]:
    """Its entries, its exits and its steps, in the order of the text; a step goes up to the next."""
    found = sorted(_spans(campaign), key=lambda one: one[1].start)
    made = []
    for number, (kind, span, step) in enumerate(found, 1):
        start, end = _lines(source, span)
        text = source[start:end]
        lines = [line.strip() for line in text.split("\n")]
        bare = [line for line in lines if line and not line.startswith("#")]
        said = bare[0] if step else " ".join(bare)
        made.append(Rule(number, kind, said, text, start, end, step))
    return made


def _spans(campaign: Campaign) -> Iterator[tuple[RuleKind, Span, str]]:
    yield from ((RuleKind.ENTRY, one.span, "") for one in campaign.entries)
    for block in campaign.exits:
        kind = RuleKind.WON if block.success else RuleKind.LOST
        yield from ((kind, rule.span, "") for rule in block.rules)
    marks = [at for at, one in enumerate(campaign.body) if isinstance(one, StepMark)]
    for at, following in pairwise([*marks, len(campaign.body)]):
        mark, last = campaign.body[at], campaign.body[following - 1]
        name = mark.name.text if isinstance(mark, StepMark) else ""
        yield RuleKind.STEP, Span(mark.span.start, last.span.end), name


def _lines(source: str, span: Span) -> tuple[int, int]:
    """The whole lines of a rule, with the comments that stand right above it."""
    start = source.rfind("\n", 0, span.start) + 1
    while start:
        before = source.rfind("\n", 0, start - 1) + 1
        if not source[before:start].strip().startswith("#"):
            break
        start = before
    end = source.find("\n", max(span.end - 1, start))
    return start, len(source) if end < 0 else end + 1


def chosen(rules: Sequence[Rule], asked: Iterable[str], campaign: str) -> Sequence[Rule]:
    """Those meant, each by its number, a step's name or words it alone holds; NotCopied, which there are."""
    found: dict[int, Rule] = {}
    for text in asked:
        mine = [one for one in rules if text.strip() == str(one.number)]
        mine = mine or [one for one in rules if one.step and key_of(one.step) == key_of(text)]
        mine = mine or [one for one in rules if fold(text) in fold(" ".join(one.text.split()))]
        if len(mine) != 1:
            listed = " ; ".join(f"{one.number} ({one.said})" for one in (mine or rules)[:8])
            how = "plusieurs règles répondent" if mine else "aucune règle ne répond"
            raise NotCopied(
                f"Dans {quoted(campaign)}, {how} à {quoted(text)} : {listed or 'aucune'}."
            )
        found[mine[0].number] = mine[0]
    return [found[number] for number in sorted(found)]


def carried(
    scripts: Mapping[str, str],
    origin: WrittenCampaign,
    rules: Sequence[Rule],
    target: WrittenCampaign,
    catalogue: Catalogue,
    *,
    moved: bool,
) -> Mapping[str, str]:
    """The scripts that change, as they will be; NotCopied when the target has such a step already."""
    _free_steps(target, rules)
    edits: dict[str, list[tuple[int, int, str]]] = {}
    for at, text in _additions(scripts[target.script], target.campaign, rules):
        edits.setdefault(target.script, []).append((at, at, text))
    if moved:
        source = scripts[origin.script]
        for start, end in _removals(source, origin.campaign, rules):
            edits.setdefault(origin.script, []).append((start, end, ""))
    made = {}
    for script, changes in edits.items():
        source = scripts[script]
        # From the end; of those of one place, the last first, so that they read in their order.
        for start, end, text in sorted(changes, key=lambda one: one[:2])[::-1]:
            source = source[:start] + text + source[end:]
        made[script] = format_source(source, catalogue)
    return made


def _free_steps(target: WrittenCampaign, rules: Sequence[Rule]) -> None:
    there = {key_of(one.name.text) for one in target.campaign.body if isinstance(one, StepMark)}
    taken = [quoted(one.step) for one in rules if one.step and key_of(one.step) in there]
    if taken:
        raise NotCopied(
            f"La campagne {quoted(target.campaign.name.text)} a déjà une étape {', '.join(taken)} : "
            "changez l’un des deux noms d’abord."
        )


def _additions(source: str, campaign: Campaign, rules: Sequence[Rule]) -> Iterator[tuple[int, str]]:
    """What is written where: beside what is alike, else in a part of its own."""
    heads: list[Span] = [campaign.name.span]
    for part in (campaign.headers, campaign.clauses, campaign.goals):
        heads += [one.span for one in part]
    opening = _after(source, max(one.end for one in heads))
    alike: dict[RuleKind, Sequence[When | After]] = {
        RuleKind.ENTRY: campaign.entries,
        RuleKind.WON: [rule for one in campaign.exits if one.success for rule in one.rules],
        RuleKind.LOST: [rule for one in campaign.exits if not one.success for rule in one.rules],
    }
    before = [one.span.end for those in alike.values() for one in those]
    for kind in RuleKind:
        text = "".join(one.text for one in rules if one.kind is kind)
        if not text:
            continue
        if kind is RuleKind.STEP:
            yield source.rindex("\n", 0, campaign.span.end) + 1, f"\n{text}"
        elif alike[kind]:
            yield _after(source, alike[kind][-1].span.end), text
        else:
            at = opening if kind is RuleKind.ENTRY or not before else _after(source, max(before))
            yield at, f"  {kind.value}\n{text}"


def _after(source: str, place: int) -> int:
    """The beginning of the line that follows."""
    end = source.find("\n", max(place - 1, 0))
    return len(source) if end < 0 else end + 1


def _removals(source: str, campaign: Campaign, rules: Sequence[Rule]) -> Iterator[tuple[int, int]]:
    """What goes: the rules, and the words above them where nothing stays below."""
    gone = {one.number for one in rules}
    every = rules_of(source, campaign)
    for one in rules:
        yield one.start, one.end
    for block in (campaign.entries, *(one.rules for one in campaign.exits)):
        mine = [
            one for one in every if any(one.start <= rule.span.start < one.end for rule in block)
        ]
        if mine and gone.issuperset(one.number for one in mine):
            yield from _above(source, min(one.start for one in mine))


def _above(source: str, place: int) -> Iterator[tuple[int, int]]:
    """The line of words that stands above there, nothing but blanks being between."""
    while place:
        start = source.rfind("\n", 0, place - 1) + 1
        line = fold(source[start:place].strip())
        if line:
            if line.startswith(tuple(fold(one.value) for one in RuleKind)):
                yield start, place
            return
        place = start
