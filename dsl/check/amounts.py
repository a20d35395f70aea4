"""Amounts: the limits, counts and shares that structures hold."""

from decimal import Decimal

from dsl.check.findings import Findings
from dsl.check.meanings import Meanings
from dsl.tree.nodes import Text
from relance.french import quoted
from relance.values import Duration, Percentage

_MOST_TIMES = 10_000


class Amounts:
    """Reads them; what cannot be read is reported."""

    def __init__(self, meanings: Meanings, findings: Findings) -> None:
        self._meanings = meanings
        self._findings = findings

    def limit(self, text: Text | None) -> Duration | None:
        """« au plus 3 jours »."""
        if text is None:
            return None
        read = self._meanings.read("durée", text, self._findings)
        return read if isinstance(read, Duration) else None

    def times(self, text: Text) -> int:
        """« 3 fois au plus »; 1 when it cannot be read."""
        read = self._meanings.read("nombre", text, self._findings)
        if not isinstance(read, Decimal):
            return 1
        if read < 1 or read > _MOST_TIMES or read != int(read):
            self._findings.error(
                "R317",
                text.span,
                f"{quoted(text.text)} fois n’est pas possible : écrivez un nombre entier, de 1 à 10 000.",
            )
        return int(read)

    def percent(self, text: Text) -> int:
        """A share, of 10,000; `dsl.check.shares` has reported what is wrong with it."""
        read = self._meanings.lexicon.read_core("pourcentage", text.text)
        return int(read.value * 100) if isinstance(read, Percentage) else 0
