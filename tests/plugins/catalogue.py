"""The catalogue of the built-in plugins, and what a sentence means in it."""

from functools import cache
from typing import Any

from dsl.text.lexer import lex
from relance.slot import Unreadable
from server.plugins import Plugins, load_plugins


@cache
def built_in() -> Plugins:
    return load_plugins()


def meaning(sentence: str) -> Any:
    """What the phrase written in `sentence` means; AssertionError if it is no phrase."""
    catalogue = built_in().catalogue
    lexemes, _ = lex(sentence, 0, len(sentence))
    found = catalogue.longest(sentence, lexemes, 0)
    assert found, f"no phrase: {sentence}"
    assert found.end == len(lexemes), f"only the beginning is a phrase: {sentence}"
    values = {}
    for slot, captured in zip(found.variant.slots, found.captured, strict=True):
        value = catalogue.slot_types[slot.type].read(captured.text.text)
        assert not isinstance(value, Unreadable), value
        values[slot.name] = value
    return found.value.phrase.means(**values)
