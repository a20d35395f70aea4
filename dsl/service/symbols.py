"""The outline of a script: its campaigns and their steps, its scenarios, all it declares."""

from dataclasses import dataclass

from dsl.check.text import plain
from dsl.diagnostics import Span
from dsl.language.fr.constructs import form
from dsl.service.occurrences import walk
from dsl.tree import nodes


@dataclass(frozen=True, slots=True)
class Symbol:
    """`what` is the word of the language that declares it; `span` all of it, `name_span` its name."""

    name: str
    what: str
    span: Span
    name_span: Span
    within: tuple["Symbol", ...] = ()


#: What declares what, and the field that holds its name.
_KINDS: dict[type, tuple[str, str]] = {
    nodes.Campaign: ("CAMPAIGN", "name"),
    nodes.StepMark: ("STEP", "name"),
    nodes.Scenario: ("SCENARIO", "name"),
    nodes.ListLine: ("LIST", "name"),
    nodes.ConversionLine: ("CONVERSION", "name"),
    nodes.ObjectiveLine: ("OBJECTIVE", "name"),
    nodes.LinkBlock: ("LINK", "name"),
    nodes.PointsBlock: ("INTEREST", "topic"),
    nodes.FieldsBlock: ("FIELDS", ""),
    nodes.PolicyBlock: ("POLICY", ""),
}


def symbols(script: nodes.Script) -> tuple[Symbol, ...]:
    """The outline, in the order of the text."""
    return tuple(found for one in script.blocks if (found := _symbol(one)) is not None)


def _symbol(node: nodes.Block | nodes.StepMark) -> Symbol | None:
    terminal, field = _KINDS[type(node)]
    name = getattr(node, field) if field else None
    if isinstance(node, nodes.PointsBlock) and name is None:
        terminal = "POINTS"
    steps: tuple[Symbol, ...] = ()
    if isinstance(node, nodes.Campaign):
        marks = (one for one in walk(node) if isinstance(one, nodes.StepMark))
        steps = tuple(found for one in marks if (found := _symbol(one)) is not None)
    word = form(terminal)
    text = plain(name.text) if name is not None else word
    own = name.span if name is not None and name.span.end > name.span.start else node.span
    if node.span.end <= node.span.start:
        return None
    return Symbol(text or word, word, node.span, own, steps)
