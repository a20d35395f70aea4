"""Orders given to the blocks of a script, from its tree: what each makes of the text, or why it cannot be.

What would add an error is refused by what that error says; what is only taken away is the author's to mend.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from dsl.diagnostics import Diagnostic, Severity
from dsl.language.fr.constructs import form
from dsl.language.fr.intentions import ACT, COURSE, DECIDE, WAIT
from dsl.language.fr.outcomes import OUTCOMES
from dsl.service.block_edits import inserted, removed
from dsl.service.block_moves import moved
from dsl.service.block_outline import BlockOutline
from dsl.service.blocks import ArrangedText, Block, BlockPlace, named
from dsl.service.choices import Insertion
from dsl.service.jumps import led_to
from dsl.service.language_service import LanguageService
from dsl.service.rename import Refusal
from relance.phrase import Kind

_LONGEST = 2_000
_DELAY = "3 jours"
_TOP = "Ce bloc est déjà le premier."
_BOTTOM = "Ce bloc est déjà le dernier."
_NO_BLOCK = "Cet endroit n’est pas un bloc."


class ArrangeVerb(Enum):
    """What may be ordered."""

    UP = "monter"
    DOWN = "descendre"
    MOVE = "deplacer"
    REMOVE = "retirer"
    INSERT = "ajouter"
    LEAD = "mener"


#: What is ordered of a place rather than of a block.
_OF_PLACES = frozenset((ArrangeVerb.INSERT, ArrangeVerb.LEAD))


@dataclass(frozen=True, slots=True)
class ArrangeOrder:
    """`at`: the block, or where to add; `to`: where it goes, or what it leads to; `phrase`: what is added."""

    verb: ArrangeVerb
    at: BlockPlace
    to: BlockPlace | None = None
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class OfferedWords:
    """What may be added, under what it is for."""

    intention: str
    label: str
    insertion: Insertion
    help: str = ""


def outline_of(service: LanguageService, file: str) -> BlockOutline:
    """The blocks of a script. KeyError for a file that is none of the project's."""
    return BlockOutline(service.sources[file], service.scripts[file].reading)


def arranged(service: LanguageService, file: str, order: ArrangeOrder) -> ArrangedText | Refusal:
    """What the script becomes."""
    outline = outline_of(service, file)
    found = _arranged(service, outline, order)
    adds = order.verb in (ArrangeVerb.INSERT, ArrangeVerb.REMOVE)
    if isinstance(found, Refusal) or adds:
        return found
    before = Counter(one.code for one in _errors(service, file))
    for one in _errors(service.edited(file, found.text), file):
        before[one.code] -= 1
        if before[one.code] < 0:
            return Refusal(f"Rien n’est changé. {one.message}")
    return found


def _errors(service: LanguageService, file: str) -> list[Diagnostic]:
    return [one for one in service.diagnostics(file)[file] if one.severity is Severity.ERROR]


def _arranged(
    service: LanguageService, outline: BlockOutline, order: ArrangeOrder
) -> ArrangedText | Refusal:
    line = order.at.line
    if order.verb not in _OF_PLACES and order.at != BlockPlace(line):
        return Refusal(_NO_BLOCK)
    match order.verb:
        case ArrangeVerb.INSERT:
            stops = {one.insertion.text: one.insertion.stops for one in offered(service)}
            stop = next(iter(stops.get(order.phrase, ())), None)
            return inserted(outline, order.at, order.phrase[:_LONGEST], stop)
        case ArrangeVerb.REMOVE:
            return removed(outline, line)
        case ArrangeVerb.LEAD:
            return led_to(outline, order.at, order.to.line if order.to is not None else 0)
        case ArrangeVerb.MOVE:
            return moved(outline, line, order.to or BlockPlace(0))
    block = outline.block(line)
    return block if isinstance(block, Refusal) else _next(outline, block, order.verb)


def _next(outline: BlockOutline, block: Block, verb: ArrangeVerb) -> ArrangedText | Refusal:
    up = verb is ArrangeVerb.UP
    place = outline.above(block) if up else outline.below(block)
    if place is None:
        return Refusal(_TOP if up else _BOTTOM)
    return moved(outline, block.line, place)


def offered(service: LanguageService) -> Iterator[OfferedWords]:
    """All that may be added, by intention: what decides comes with its branches."""
    choices = service.desk.choices
    words = {key: one.insertion for key, one in choices.words.items()}
    end, soon, late = form("END"), form("AS_SOON"), form("TIMEOUT")
    decision, wait, split = form("IF"), words["WAIT"], words["SPLIT"]
    at = len(decision) + 1
    bound = f"{wait.text} au plus "
    event = f"{bound}{_DELAY}\n  {soon} \n  {late}\n{end}"
    shares = f"{split.text}\n  50 % «\u00a0A\u00a0»\n  50 % «\u00a0B\u00a0»\n{end}"
    repeat = f"{form('REPEAT')} 3 fois au plus\n{end}"
    yield OfferedWords(
        DECIDE,
        "Décision",
        Insertion(f"{decision} \n{form('ELSE')}\n{end}", ((at, at),)),
        "Deux branches : si c’est vrai, et sinon.",
    )
    yield OfferedWords(
        DECIDE,
        "Répartition",
        Insertion(shares, split.stops),
        "Des parts tirées au hasard.",
    )
    yield OfferedWords(
        WAIT,
        "Attendre que quelque chose arrive",
        Insertion(event, ((len(bound), len(bound) + len(_DELAY)),)),
        "Une branche dès que cela arrive, une autre passé le délai.",
    )
    yield OfferedWords(WAIT, "Attendre une condition", words["WAIT_THAT"])
    for one in choices.of_kinds(Kind.WAIT):
        yield OfferedWords(WAIT, one.label, one.insertion, one.help)
    for one in choices.of_kinds(Kind.ACTIVITY):
        yield OfferedWords(ACT, one.label, one.insertion, one.help)
    yield OfferedWords(COURSE, "Étape", words["STEP"], "Un nom où l’on peut revenir.")
    yield OfferedWords(
        COURSE, "Répétition", Insertion(repeat), "Ce qui se fait plusieurs fois de suite."
    )
    for outcome in OUTCOMES.values():
        yield OfferedWords(COURSE, f"Sortir ({outcome})", Insertion(f"{form('QUIT')} ({outcome})"))


def by_intention(service: LanguageService) -> dict[str, list[OfferedWords]]:
    """The same, each under what it is for."""
    found: dict[str, list[OfferedWords]] = {}
    for one in offered(service):
        found.setdefault(one.intention, []).append(one)
    return found


def where(outline: BlockOutline, line: int) -> str:
    """Where a block stands, in words: after what, or at the beginning of what."""
    block = outline.blocks.get(line)
    if block is None:
        return ""
    series, at = outline.siblings(block)
    if at:
        return f"après {named(series.blocks[at - 1].said)}"
    return f"au début de {named(series.said) if series.owner else 'la campagne'}"
