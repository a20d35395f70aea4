"""The words by which an editor colours a script as it is typed, before anything answers: from the tables
of the language, so that no editor holds a second copy of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from dsl.language.construct import Role
from dsl.language.fr import headers
from dsl.language.fr.constructs import CONSTRUCTS, OPENERS, ROWS, form
from dsl.language.fr.pieces import PIECES
from dsl.phrases.pattern import Slot, expand
from dsl.text.lexer import keys_of


@dataclass(frozen=True, slots=True)
class ColouredWords:
    """`leading` begin a line, `inside` stand in it, `headers` before a « : »; the longest first.

    `opening` and `parting` are those after which a line stands further in, `closing` what ends a block.
    `bounded`: those of `opening` that open one only with some of these words after them.
    """

    leading: tuple[str, ...]
    inside: tuple[str, ...]
    headers: tuple[str, ...]
    opening: tuple[str, ...]
    parting: tuple[str, ...]
    closing: str
    bounded: Mapping[str, tuple[str, ...]]


def vocabulary() -> ColouredWords:
    """The words of the language."""
    begin = [one for row in ROWS if row.role is not Role.WORD for one in row.forms]
    begin += [f"{form('END')} {one}" for row in ROWS for one in row.closes]
    begin += [form("VERIFY")]
    within = [one for row in ROWS if row.role is Role.WORD for one in row.forms]
    within += [_first(pattern) for piece in PIECES for pattern in piece.patterns]
    branches = [row for row in ROWS if row.role in (Role.PART, Role.BRANCH, Role.SECTION)]
    return ColouredWords(
        leading=_longest([one for one in begin if one[0].isalpha()]),
        inside=_longest([one for one in within if one and one[0].isalpha()]),
        headers=_longest(list(headers.HEADERS.values())),
        opening=_longest([CONSTRUCTS[one].form for one in OPENERS]),
        parting=_longest([one for row in branches for one in row.forms]),
        closing=form("END"),
        bounded={form("WAIT"): tuple(sorted(_at_most()))},
    )


def _at_most() -> set[str]:
    """The words of a bound that a phrase of waiting, « Attendre jusqu’à demain », does not use."""
    bound = next(one for one in PIECES if one.terminal == "ATMOST")
    said = {
        " ".join(one for one in way.pieces if not isinstance(one, Slot))
        for pattern in bound.patterns
        for way in expand(pattern)
    }
    return {one for one in said if not keys_of(one)[0].startswith("jusq")}


def _first(pattern: str) -> str:
    """The words of a pattern before its first slot."""
    words: list[str] = []
    for piece in expand(pattern)[-1].pieces:
        if isinstance(piece, Slot):
            break
        words.append(piece)
    return " ".join(words)


def _longest(words: list[str]) -> tuple[str, ...]:
    return tuple(sorted(dict.fromkeys(words), key=lambda one: (-len(keys_of(one)), -len(one), one)))
