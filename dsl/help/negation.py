"""A condition denied as French does (« n’est pas vide ») where the language puts « non » before it.

To propose the nearest phrase without its denial would be to propose the contrary of what was meant.
"""

from collections.abc import Sequence
from dataclasses import replace

from dsl.language.fr.denial import DENIALS, DIFFERENT
from dsl.text.lexer import Lexeme, lex


def affirmed(lexemes: Sequence[Lexeme]) -> Sequence[Lexeme] | None:
    """The words without what denies them, « différent de » made « égal à »; None if nothing does."""
    kept: list[Lexeme] = []
    deny = differ = differs = False
    for lexeme in lexemes:
        if lexeme.kind == "w" and lexeme.key in DENIALS:
            deny = True
        elif lexeme.key in DIFFERENT:
            differ = differs = True
            kept.append(replace(lexeme, kind="w", key="egal"))
            continue
        elif differs and lexeme.key == "de":
            kept.append(replace(lexeme, key="a"))
        else:
            kept.append(lexeme)
        differs = False
    if differ and deny:  # « n’est pas différent de » denies nothing
        return None
    return kept if kept and (differ or deny) else None


def denies(lexemes: Sequence[Lexeme]) -> bool:
    """Whether words say the contrary of what they say without what denies; twice is not at all."""
    deny = any(one.kind == "w" and one.key in DENIALS for one in lexemes)
    return deny ^ any(one.key in DIFFERENT for one in lexemes)


def differs(written: str) -> bool:
    """Whether a comparison, as it was written, is « différent de »."""
    lexemes, _ = lex(written.strip("()«»\u00a0 "), 0, len(written.strip("()«»\u00a0 ")))
    return any(one.key in DIFFERENT for one in lexemes)
