"""The text of a phrase or a condition as its author wrote it, on one line."""

from dsl.language.fr import sayings
from dsl.tree import nodes
from dsl.tree.nodes import PhraseUse


def plain(text: str) -> str:
    """`text` on one line, single spaces."""
    return " ".join(text.split())


def phrase_text(use: PhraseUse) -> str:
    """A phrase with its slots and qualifiers, which the parser has written canonically."""
    return use.written


def condition_text(condition: nodes.Condition) -> str:
    """A condition on one line."""
    if isinstance(condition, nodes.PhraseUse):
        return phrase_text(condition)
    if isinstance(condition, nodes.Negation):
        return sayings.denied(_grouped(condition.item))
    if isinstance(condition, nodes.Conjunction):
        return sayings.AND.join(_grouped(item) for item in condition.items)
    if isinstance(condition, nodes.Disjunction):
        return sayings.OR.join(_grouped(item) for item in condition.items)
    if isinstance(condition, nodes.AtStepUse):
        return sayings.at_step(plain(condition.step.text))
    if isinstance(condition, nodes.ExitedUse | nodes.ReachedUse | nodes.MeasureUse):
        return condition.written
    day = plain(condition.day.text) if condition.day else None
    return sayings.every(day, plain(condition.at.text) if condition.at else None)


def _grouped(condition: nodes.Condition) -> str:
    text = condition_text(condition)
    return f"[{text}]" if isinstance(condition, nodes.Conjunction | nodes.Disjunction) else text
