"""What a script names, and where: its phrases, slot by slot, found in its tree."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

from dsl.phrases.pattern import expand
from dsl.tree.nodes import Campaign, ExitedUse, ListLine, PhraseUse, Text
from relance.phrase import Phrase

#: The types of slots that the language itself has.
CAMPAIGN, LIST = "campagne", "liste"


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a script; `type` is that of the slot where it stands."""

    type: str
    text: Text


def nodes_of(node: object) -> Iterator[object]:
    """A node of a tree, and all that stand below it, in the order of the text."""
    if isinstance(node, tuple):
        for one in node:
            yield from nodes_of(one)
    elif is_dataclass(node) and not isinstance(node, Phrase):
        yield node
        for field in fields(node):
            yield from nodes_of(getattr(node, field.name))


def mentions(node: object) -> Iterator[Mention]:
    """All that is named in a tree, declarations included."""
    for one in nodes_of(node):
        if isinstance(one, PhraseUse) and one.phrase is not None:
            types = {slot.name: slot.type for slot in expand(one.phrase.pattern)[0].slots}
            yield from (Mention(types.get(name, ""), text) for name, text in one.slots)
        elif isinstance(one, Campaign):
            yield Mention(CAMPAIGN, one.name)
        elif isinstance(one, ExitedUse) and one.campaign is not None:
            yield Mention(CAMPAIGN, one.campaign)
        elif isinstance(one, ListLine):
            yield Mention(LIST, one.name)
