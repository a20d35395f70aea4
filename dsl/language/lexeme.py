"""What words come in: a piece of a line, with the key by which it is compared."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

#: word, number, date, clock, text, punctuation, bad (an unclosed delimiter, an unknown sign).
KindOfLexeme: TypeAlias = Literal["w", "n", "d", "c", "t", "p", "!"]


@dataclass(slots=True)
class Lexeme:
    """A piece of a line. `key` is the folded word, empty for an article; else the text itself."""

    kind: KindOfLexeme
    start: int
    end: int
    key: str
