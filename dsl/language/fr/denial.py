"""How French denies, and what is left said once nothing denies it.

The language puts « non » before a condition, where French says « n’est pas vide ». To propose the
nearest phrase without its denial would be to propose the contrary of what was meant.
"""

from collections.abc import Sequence
from dataclasses import replace

from dsl.language.lexeme import Lexeme

#: The keys (`fold_word`) of the words that deny, whatever stands around them.
DENIALS = frozenset(
    {"non", "pas", "ne", "n", "jamai", "jamais", "aucun", "aucune", "sauf", "san", "rien", "ni"}
)
#: Those of a verb: none is ever part of a name that nothing marks off, as « taxe sans TPS » may be.
REFUSING = frozenset({"pas", "ne", "n", "jamai", "jamais"})
DIFFERENT = frozenset({"different", "differente", "≠", "!=", "<>"})
#: « égal », as « = » reads too.
SAME = "egal"


def affirmed(lexemes: Sequence[Lexeme]) -> Sequence[Lexeme] | None:
    """The words without what denies them, « différent de » made « égal à »; None if nothing does."""
    kept: list[Lexeme] = []
    deny = differ = after = False
    for lexeme in lexemes:
        if lexeme.kind == "w" and lexeme.key in DENIALS:
            deny = True
        elif lexeme.key in DIFFERENT:
            differ = after = True
            kept.append(replace(lexeme, kind="w", key=SAME))
            continue
        elif after and lexeme.key == "de":
            kept.append(replace(lexeme, key="a"))
        else:
            kept.append(lexeme)
        after = False
    if differ and deny:  # « n’est pas différent de » denies nothing
        return None
    return kept if kept and (differ or deny) else None


def denies(lexemes: Sequence[Lexeme]) -> bool:
    """Whether words say the contrary of what they say without what denies; twice is not at all."""
    deny = any(one.kind == "w" and one.key in DENIALS for one in lexemes)
    return deny ^ any(one.key in DIFFERENT for one in lexemes)


def differs(lexemes: Sequence[Lexeme]) -> bool:
    """Whether a comparison is « différent de »."""
    return any(one.key in DIFFERENT for one in lexemes)
