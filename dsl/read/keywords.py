"""Keywords in a line: the terminal it begins with, and what stands inside it."""

from typing import Final

from dsl.language.fr.keywords import CLOSES, EXITED, IN_SCENARIO, INSIDE, LEADING
from dsl.phrases.pattern import expand
from dsl.phrases.trie import Trie
from dsl.text.lexer import Lexeme, keys_of


def _trie(*names: str) -> Trie[str]:
    trie: Trie[str] = Trie()
    for name in names:
        for pattern in INSIDE[name]:
            for variant in expand(pattern):
                trie.add(variant, name)
    return trie


QUALIFIERS = _trie("entry", "step", "since", "last_days", "times", "where")
OPERANDS = _trie("EVERY", "AT_STEP", "all", "any", *(f"exited {how}" for how in EXITED))
MOMENTS = _trie("at", "later")
ARGUMENTS = {
    "WAIT": _trie("ATMOST"),
    "WAIT_THAT": _trie("ATMOST"),
    "GOTO": _trie("TIMES"),
    "REPEAT": _trie("TIMES"),
    "AFTER": _trie("DURATION"),
    "SHARE": _trie("SHARE"),
}


def _table(forms: dict[str, tuple[str, ...]]) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    table: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for terminal, writings in forms.items():
        for writing in writings:
            keys = keys_of(writing)
            table.setdefault(keys[0], []).append((keys, terminal))
    for found in table.values():
        found.sort(key=lambda pair: -len(pair[0]))
    return table


_LEADING = _table(LEADING)
_IN_SCENARIO = _table(IN_SCENARIO)
#: Folded word after « fin » → the openers it closes.
CLOSED_BY: Final[dict[str, str]] = {
    keys_of(word)[0]: opener for opener, words in CLOSES.items() for word in words
}


def leading(lexemes: list[Lexeme], *, scenario: bool = False) -> tuple[str, int] | None:
    """The terminal a line begins with, and the index past its words."""
    table = _IN_SCENARIO if scenario else _LEADING
    first = next((i for i, lexeme in enumerate(lexemes) if lexeme.key), None)
    if first is None or lexemes[first].kind not in ("w", "p"):
        return None
    for keys, terminal in table.get(lexemes[first].key, ()):
        end = _match(lexemes, first, keys)
        if end is not None:
            return terminal, end
    return None


def _match(lexemes: list[Lexeme], index: int, keys: tuple[str, ...]) -> int | None:
    for key in keys:
        while index < len(lexemes) and lexemes[index].kind == "w" and not lexemes[index].key:
            index += 1
        if index >= len(lexemes) or lexemes[index].key != key:
            return None
        index += 1
    return index
