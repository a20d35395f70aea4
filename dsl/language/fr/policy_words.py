"""A line of « politique », word by word: where its reading stands, and where it stops."""

import re
from dataclasses import dataclass

from relance.fold import fold

_WORD = re.compile(
    r"\([^()]*\)|\d{1,4}-\d{1,2}-\d{1,2}|\d+|[^\W\d_]+(?:[-‐‑][^\W\d_]+)*['’]?|[,:]|\S"
)


@dataclass(frozen=True, slots=True)
class Spelt:
    """LineWords of a line, and where they stand in it."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Misread:
    """Why a line cannot be read, from where to where, and what to write there, if that is known."""

    reason: str
    start: int
    end: int
    instead: str | None = None


class Stopped(Exception):
    """The reading of a line ends here."""

    def __init__(self, found: Misread) -> None:
        super().__init__(found.reason)
        self.found = found


class LineWords:
    """The words of a line, folded, and how many of them are read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = [
            Spelt(fold(one[0]).replace("’", "'"), *one.span()) for one in _WORD.finditer(text)
        ]
        self._at = 0

    @property
    def _next(self) -> str:
        return self._words[self._at].text if self._at < len(self._words) else ""

    def _coming(self, *forms: tuple[str, ...]) -> int:
        """How many words of one of these forms come next; the longest."""
        found = 0
        for form in forms:
            here = tuple(one.text for one in self._words[self._at : self._at + len(form)])
            found = max(found, len(form) * (here == form))
        return found

    def _take(self, *forms: tuple[str, ...]) -> bool:
        count = self._coming(*forms)
        self._at += count
        return count > 0

    def _stop(self, reason: str, instead: str | None = None, since: int | None = None) -> Stopped:
        """Nothing can be made of what stands from `since` (else from here) to the end."""
        first = self._at if since is None else since
        rest = self._words[first:]
        start = rest[0].start if rest else len(self._text)
        end = rest[-1].end if rest else len(self._text)
        return Stopped(Misread(reason, start, end, instead))

    def _since(self, first: int) -> str:
        """The text from a word to the one before this."""
        return self._text[self._words[first].start : self._words[self._at - 1].end]
