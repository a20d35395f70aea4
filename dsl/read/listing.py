"""Conditions listed one a line, whose dash may be left out: which lines belong to the list."""

from dsl.help.suggestions import Suggestions
from dsl.phrases.catalogue import DECISIONS, STATEMENTS, Catalogue
from dsl.read.keywords import OPERANDS
from dsl.read.lines import Line, Mode

_MODES = frozenset({Mode.CAMPAIGN, Mode.POINTS})


class Listing:
    """Follows the lines after « toutes ces conditions » and its like."""

    def __init__(self, source: str, catalogue: Catalogue, suggestions: Suggestions) -> None:
        self._source = source
        self._catalogue = catalogue
        self._suggestions = suggestions
        #: How many conditions were listed; None outside a list.
        self._items: int | None = None

    @property
    def under_way(self) -> bool:
        """Whether the line before belongs to a list, or opens one."""
        return self._items is not None

    def holds(self, line: Line) -> bool:
        """Whether `line`, which begins with no keyword, is a condition of the list under way."""
        if self._items is None or line.keyword is not None or line.mode not in _MODES:
            return False
        first = next((lexeme for lexeme in line.lexemes if lexeme.key), line.lexemes[0])
        if first.key in ("non", "["):
            return True
        if OPERANDS.longest(self._source, line.lexemes, 0) is not None:
            return True
        found = self._catalogue.longest(self._source, line.lexemes, 0)
        if found is not None:
            return found.value.phrase.kind in DECISIONS
        if self._suggestions.nearest(line.lexemes, STATEMENTS):
            return False
        # The first line has to be a condition; a later one only if it looks like one.
        return not self._items or bool(self._suggestions.nearest(line.lexemes, DECISIONS))

    def follow(self, line: Line) -> None:
        """Take note of a line that was read."""
        if any(token.type == "LISTED" for token in line.tokens):
            self._items = 0
        elif line.keyword == "ITEM" and self._items is not None:
            self._items += 1
        elif line.lexemes:
            self._items = None
