"""Canonical text: how a phrase, a condition or a statement is named in the journal and in reports."""

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
        return f"non {_grouped(condition.item)}"
    if isinstance(condition, nodes.Conjunction):
        return " et ".join(_grouped(item) for item in condition.items)
    if isinstance(condition, nodes.Disjunction):
        return " ou ".join(_grouped(item) for item in condition.items)
    if isinstance(condition, nodes.AtStepUse):
        return f"à l’étape « {plain(condition.step.text)} »"
    if isinstance(condition, nodes.ExitedUse):
        return condition.written
    day = plain(condition.day.text) if condition.day else "jour"
    return f"chaque {day}" + (f" à {plain(condition.at.text)}" if condition.at else "")


def _grouped(condition: nodes.Condition) -> str:
    text = condition_text(condition)
    return f"[{text}]" if isinstance(condition, nodes.Conjunction | nodes.Disjunction) else text


def wait_text(wait: nodes.WaitBlock | nodes.WaitThat) -> str:
    """The line that opens a wait."""
    limit = f"au plus {plain(wait.limit.text)}" if wait.limit else ""
    if isinstance(wait, nodes.WaitThat):
        return f"attendre que {condition_text(wait.condition)}" + (f", {limit}" if limit else "")
    return f"attendre {limit}".rstrip()


def jump_text(jump: nodes.GoTo) -> str:
    """« aller à l’étape … »."""
    bound = f", {plain(jump.times.text)} fois au plus" if jump.times else ""
    return f"aller à l’étape « {plain(jump.step.text)} »{bound}"
