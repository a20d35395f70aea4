"""A text by its lines, each with its end: what is arranged line by line stays made of those it had."""

import re
from bisect import bisect_right
from collections.abc import Iterable

from dsl.text.physical import physical

_MARGIN = re.compile(r"[ \t\u00a0]*")


class SourceLines:
    """The lines of a text, the first being 1."""

    def __init__(self, source: str) -> None:
        self.source = source
        starts = [start for start, _ in physical(source)]
        self.count = len(starts)
        self._starts = [*starts, len(source)]

    def of(self, first: int, last: int) -> list[str]:
        """Those lines, each with its end."""
        return [
            self.source[self._starts[at - 1] : self._starts[at]] for at in range(first, last + 1)
        ]

    def all(self) -> list[str]:
        """The whole text, line by line."""
        return self.of(1, self.count)

    def at(self, offset: int) -> int:
        """Which line holds what is there."""
        return max(1, bisect_right(self._starts, offset, hi=len(self._starts) - 1))

    def margin(self, line: int) -> str:
        """What that line begins with."""
        found = _MARGIN.match(self.of(line, line)[0])
        return found[0] if found else ""

    def edited(self, edits: Iterable[tuple[int, int, str]]) -> "SourceLines":
        """The same, other text in place of some stretches of it: none of them more than a line."""
        text = self.source
        for start, end, words in sorted(edits, reverse=True):
            text = text[:start] + words + text[end:]
        return SourceLines(text)
