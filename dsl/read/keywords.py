"""Keywords in a line: the construct it begins with, and the pieces that stand inside it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Final

from dsl.language.construct import Construct, Piece, Role
from dsl.language.fr.constructs import ROWS
from dsl.language.fr.pieces import PIECES
from dsl.language.lexeme import Lexeme
from dsl.phrases.pattern import expand
from dsl.phrases.trie import Trie
from dsl.text.lexer import keys_of


def _trie(*kinds: str) -> Trie[Piece]:
    trie: Trie[Piece] = Trie()
    for piece in PIECES:
        if piece.terminal in kinds:
            for pattern in piece.patterns:
                for variant in expand(pattern):
                    trie.add(variant, piece)
    return trie


QUALIFIERS: Final = _trie("QUALIFIER")
OPERANDS: Final = _trie("EVERY", "AT_STEP", "LISTED", "EXITED", "REACHED", "MEASURE")
MOMENTS: Final = _trie("MOMENT")
#: Keyword → the bound that may follow it.
BOUNDS: Final = {row.terminal: _trie(row.bound) for row in ROWS if row.bound}


def written(piece: Piece, values: Mapping[str, str]) -> str:
    """The canonical writing of a piece, with these texts in its slots."""
    return _canonical(piece, frozenset(values)).format_map(values)


def limit(duration: str) -> str:
    """« au plus 3 jours »."""
    return written(_LIMIT, {"d": duration})


_LIMIT = next(piece for piece in PIECES if piece.terminal == "ATMOST")


@cache
def _canonical(piece: Piece, slots: Collection[str]) -> str:
    """The shortest way to write it with these slots, of the first of its patterns that has them."""
    for pattern in piece.patterns:
        fitting = [v for v in expand(pattern) if {slot.name for slot in v.slots} == slots]
        if fitting:
            shortest = min(fitting, key=lambda variant: len(variant.edges))
            return shortest.written({slot: f"{{{slot}}}" for slot in slots})
    raise ValueError(f"{piece.name}: {slots}")


def _table(rows: Iterable[Construct]) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    table: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for row in rows:
        for form in row.forms:
            keys = keys_of(form)
            table.setdefault(keys[0], []).append((keys, row.terminal))
    for found in table.values():
        found.sort(key=lambda pair: -len(pair[0]))
    return table


_LEADING = _table(row for row in ROWS if row.role not in (Role.RECORD, Role.WORD))
_RECORDS = _table(row for row in ROWS if row.role is Role.RECORD)
#: Folded word after « fin » → the opener it closes.
CLOSED_BY: Final = {keys_of(word)[0]: row.terminal for row in ROWS for word in row.closes}
#: The key of a word within a line → its terminal; of a word that is meant for one → that one's.
WORDS: Final = {keys_of(row.form)[0]: row.terminal for row in ROWS if row.role is Role.WORD}
MEANT: Final = {
    keys_of(word)[0]: row.terminal for row in ROWS if row.role is Role.WORD for word in row.meant
}
#: The keys of what links conditions.
LINKS: Final = frozenset(key for key, terminal in WORDS.items() if terminal in ("AND", "OR"))


def key(terminal: str) -> str:
    """The first key of a construct's canonical writing."""
    return _KEYS[terminal]


_KEYS = {row.terminal: keys_of(row.form)[0] for row in ROWS if row.forms}


def leading(lexemes: Sequence[Lexeme], *, record: bool = False) -> tuple[str, int] | None:
    """The construct a line begins with, and the index past its words; or the record."""
    table = _RECORDS if record else _LEADING
    first = next((i for i, lexeme in enumerate(lexemes) if lexeme.key), None)
    if first is None or lexemes[first].kind not in ("w", "p"):
        return None
    for keys, terminal in table.get(lexemes[first].key, ()):
        end = _match(lexemes, first, keys)
        if end is not None:
            return terminal, end
    return None


def _match(lexemes: Sequence[Lexeme], index: int, keys: tuple[str, ...]) -> int | None:
    for word in keys:
        while index < len(lexemes) and lexemes[index].kind == "w" and not lexemes[index].key:
            index += 1
        if index >= len(lexemes) or lexemes[index].key != word:
            return None
        index += 1
    return index
