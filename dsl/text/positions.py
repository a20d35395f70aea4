"""Offsets to lines and columns; the one place where code points become UTF-16 units for editors."""

from bisect import bisect_right
from functools import cached_property
from itertools import accumulate, pairwise

from dsl.text.physical import physical


class Positions:
    """The lines of one source."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._stretches = list(physical(source))
        self._starts = [start for start, _ in self._stretches]

    def line(self, offset: int) -> int:
        """The 1-based line of an offset."""
        return max(1, bisect_right(self._starts, offset))

    def column(self, offset: int) -> int:
        """The 1-based column of an offset, in code points."""
        return offset - self._starts[self.line(offset) - 1] + 1 if self._starts else 1

    def text(self, line: int) -> str:
        """A line, its end excluded."""
        start, end = self._stretches[line - 1]
        return self._source[start:end]

    def start(self, line: int) -> int:
        """The offset at which a line begins."""
        return self._starts[line - 1]

    def utf16(self, offset: int) -> tuple[int, int]:
        """The 0-based line and UTF-16 column of an offset, as editors count."""
        line = self.line(offset)
        start, end = self._stretches[line - 1]
        return line - 1, utf16_length(self._source[start : min(offset, end)])

    def utf16_offset(self, offset: int) -> int:
        """An offset from the beginning of the source, in UTF-16 units."""
        line = self.line(offset)
        start = self._starts[line - 1]
        if offset < start:  # within the byte order mark
            return utf16_length(self._source[:offset])
        return self._units[line - 1] + utf16_length(self._source[start:offset])

    @cached_property
    def _units(self) -> list[int]:
        """The UTF-16 units before each line: a thousand diagnostics count them once."""
        first = utf16_length(self._source[: self._starts[0]])
        lengths = (utf16_length(self._source[a:b]) for a, b in pairwise(self._starts))
        return list(accumulate(lengths, initial=first))


def utf16_length(text: str) -> int:
    """How many UTF-16 units a text takes."""
    return len(text) + sum(char > "\uffff" for char in text)
