"""A condition denied as French does (« n’est pas vide ») where the language puts « non » before it.

To propose the nearest phrase without its denial would be to propose the contrary of what was meant.
"""

from collections.abc import Sequence
from dataclasses import replace

from dsl.lexer import Lexeme

#: The keys of the words that deny, whatever stands around them.
DENIALS = frozenset({"non", "pas", "ne", "n", "jamai", "jamais", "aucun", "sauf"})
_DIFFERENT = frozenset({"different", "differente", "≠", "!=", "<>"})


def affirmed(lexemes: Sequence[Lexeme]) -> Sequence[Lexeme] | None:
    """The words without what denies them, « différent de » made « égal à »; None if nothing does."""
    kept: list[Lexeme] = []
    denied = differs = False
    for lexeme in lexemes:
        if lexeme.kind == "w" and lexeme.key in DENIALS:
            denied = True
        elif lexeme.key in _DIFFERENT:
            denied = differs = True
            kept.append(replace(lexeme, kind="w", key="egal"))
            continue
        elif differs and lexeme.key == "de":
            kept.append(replace(lexeme, key="a"))
        else:
            kept.append(lexeme)
        differs = False
    return kept if kept and denied else None
