"""Names where they are written: who declares one, who uses it, in scripts and in the files beside them."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache, cached_property
from typing import Any, Final, TypeAlias

from dsl.check.lexicon import CAMPAIGN, FIELD, GOAL, INTEREST, LIST, STEP, Lexicon
from dsl.check.text import plain
from dsl.diagnostics import Span
from dsl.language.fr import headers
from dsl.language.fr.constructs import form
from dsl.phrases.composed import Composed
from dsl.tree import nodes
from relance.fold import fold, identifier_of, key_of
from relance.phrase import Kind, Phrase
from relance.slot import Unreadable
from relance.values import FieldName

#: Kinds of names that no slot has.
SCENARIO: Final = key_of(form("SCENARIO"))
LEAD: Final = key_of(form("LEAD"))
SPLIT: Final = key_of(form("SPLIT"))
LINK: Final = key_of(form("LINK"))
OBJECTIVE: Final = key_of(form("OBJECTIVE"))
CONVERSION: Final = key_of(form("CONVERSION"))
SHARE: Final = "part"
#: What takes any name, in a phrase about events.
_ANY = "*"


class NameRole(Enum):
    """What a name does where it stands."""

    DECLARES = "declares"
    USES = "uses"


@dataclass(frozen=True)
class Occurrence:
    """A name where it is written. `kind` is the key of a slot type, or one of the kinds above.

    `scope` tells apart the steps of two campaigns, the leads of two scenarios: the key of their
    owner; empty where the whole project shares them, or where nothing says whose it is.
    """

    kind: str
    name: str
    role: NameRole
    file: str
    span: Span
    scope: str = ""

    @cached_property
    def key(self) -> str:
        """What it is known by among its kind."""
        return identifier_of(self.name) if self.kind == FIELD else key_of(self.name)


_Found: TypeAlias = Iterator[tuple[str, nodes.Text, NameRole]]


def names_in(file: str, script: nodes.Script, lexicon: Lexicon) -> tuple[Occurrence, ...]:
    """Every name of a script, in the order of its text."""
    found: list[Occurrence] = []
    for block in script.blocks:
        scope = scope_of(block)
        for kind, text, role in _of_block(block, lexicon):
            name = plain(text.text)
            if not name or name == _ANY or text.span.start >= text.span.end:
                continue
            own = scope if kind in (STEP, LEAD) else ""
            if kind == STEP and not isinstance(block, nodes.Campaign):
                own = ""
            found.append(Occurrence(kind, name, role, file, text.span, own))
    return tuple(sorted(found, key=lambda one: one.span))


def scope_of(block: nodes.Block) -> str:
    """The scope of what is named in a block and belongs to it."""
    if isinstance(block, nodes.Campaign):
        return f"{CAMPAIGN} {key_of(block.name.text)}"
    if isinstance(block, nodes.Scenario):
        return f"{SCENARIO} {block.span.start} {key_of(block.name.text)}"
    return ""


def _of_block(block: nodes.Block, lexicon: Lexicon) -> _Found:
    if isinstance(block, nodes.Campaign):
        for line in block.headers:
            if fold(line.key) == headers.OBJECTIVE and (value := _unquoted(line.value)):
                yield OBJECTIVE, value, NameRole.USES
    for node in walk(block):
        yield from _of_node(node, lexicon)


def _of_node(node: Any, lexicon: Lexicon) -> _Found:
    match node:
        case nodes.Campaign(name=name):
            yield CAMPAIGN, name, NameRole.DECLARES
        case nodes.StepMark(name):
            yield STEP, name, NameRole.DECLARES
        case nodes.GoTo(step=step) | nodes.AtStepUse(step=step):
            yield STEP, step, NameRole.USES
        case nodes.Qualifier(kind="step", value=nodes.Text() as value):
            yield STEP, value, NameRole.USES
        case nodes.ListLine(name):
            yield LIST, name, NameRole.DECLARES
        case nodes.FieldLine(name):
            yield FIELD, name, NameRole.DECLARES
        case nodes.GoalClause(name):
            yield GOAL, name, NameRole.DECLARES
        case nodes.ReachedUse(goal, _, campaign):
            yield GOAL, goal, NameRole.USES
            if campaign is not None:
                yield CAMPAIGN, campaign, NameRole.USES
        case nodes.ExitedUse(_, _, nodes.Text() as campaign):
            yield CAMPAIGN, campaign, NameRole.USES
        case nodes.ObjectiveLine(name):
            yield OBJECTIVE, name, NameRole.DECLARES
        case nodes.ConversionLine(name):
            yield CONVERSION, name, NameRole.DECLARES
        case nodes.PointsBlock(topic=nodes.Text() as topic):
            yield INTEREST, topic, NameRole.DECLARES
        case nodes.LinkBlock(name):
            yield LINK, name, NameRole.DECLARES
        case nodes.SplitBlock(name=nodes.Text() as name):
            yield SPLIT, name, NameRole.DECLARES
        case nodes.ShareBranch(name=nodes.Text() as name):
            yield SHARE, name, NameRole.DECLARES
        case nodes.Scenario(name=name):
            yield SCENARIO, name, NameRole.DECLARES
        case nodes.GivenLead(name, given):
            yield LEAD, name, NameRole.DECLARES
            for label, _ in given:
                yield FIELD, label, NameRole.USES
        case nodes.Stimulus(lead=lead) | nodes.Verify(lead=lead):
            yield LEAD, lead, NameRole.USES
        case nodes.PhraseUse():
            yield from _of_phrase(node, lexicon)


def details_in(script: nodes.Script) -> tuple[str, ...]:
    """What the events of a script are asked to say: « numéro », in « où (numéro) est (A-1) »."""
    found: list[str] = []
    for node in walk(script):
        match node:
            case nodes.Qualifier(kind="where", field_name=nodes.Text() as name):
                found.append(plain(name.text))
            case nodes.HeaderLine(key, value) if headers.HEADERS.get(key) == headers.REENTRY:
                found.append(headers.by_value(value.text) or "")
    return tuple(one for one in found if one)


def _of_phrase(use: nodes.PhraseUse, lexicon: Lexicon) -> _Found:
    if use.phrase is None:
        return
    types = lexicon.slots(use.phrase)
    for name, text in use.slots:
        slot = types[name]
        of_event = use.phrase.kind is Kind.EVENT or isinstance(use.phrase, Composed)
        if of_event and text.text.strip() == _ANY:
            continue
        if key_of(slot.name) == FIELD:
            yield FIELD, text, NameRole.USES
        elif slot.reference:
            role = NameRole.DECLARES if use.letter is not None and slot.in_place else NameRole.USES
            yield key_of(slot.name), text, role
        elif _names_field(slot.name, text.text, lexicon):
            yield FIELD, text, NameRole.USES


def _names_field(kind: str, text: str, lexicon: Lexicon) -> bool:
    """Whether a slot of values holds the name of a field: « Avant (date de visite) »."""
    try:
        value = lexicon.read(kind, text)
    except Exception:  # a plugin's bug must stay its own
        return False
    return not isinstance(value, Unreadable) and isinstance(value, FieldName)


def _unquoted(value: nodes.Text) -> nodes.Text | None:
    """What stands between the signs of « objectif chiffré : « Mille contacts » »."""
    held = value.text.strip(headers.QUOTES)
    if not held:
        return None
    start = value.span.start + value.text.index(held)
    return nodes.Text(held, Span(start, start + len(held)))


def walk(node: Any) -> Iterator[Any]:
    """A node and all it holds, in the order of its fields."""
    yield node
    for name in _holding(node.__class__):
        yield from _within(getattr(node, name))


def _within(held: Any) -> Iterator[Any]:
    if isinstance(held, tuple):
        for one in held:
            yield from _within(one)
    elif is_dataclass(held) and not isinstance(held, _LEAVES):
        yield from walk(held)


#: What no node stands in.
_LEAVES = (nodes.Text, Span, Phrase)


@cache
def _holding(kind: type[Any]) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))
