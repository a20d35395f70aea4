"""What failed as it ran is set apart until the next publication, so that the others go on.

A campaign is set apart whole, by its version; a rule outside campaigns or a list alone.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from sqlalchemy.exc import DBAPIError

from server.engine.owner import RULES, Key
from server.store.store import unavailable

logger = logging.getLogger(__name__)

#: An owner and the number of what failed there; None: all that it owns.
Culprit: TypeAlias = tuple[int, int | None]


class RuleFailed(Exception):
    """What one rule does failed, and is to be set apart; `what`: as people are told of it."""

    def __init__(self, culprit: Culprit, what: str) -> None:
        super().__init__(what)
        self.culprit, self.what = culprit, what


def version_failed(version_id: int, error: Exception) -> Exception:
    """What to raise for an error met while running a version."""
    return blame((version_id, None), f"version {version_id}", error)


def blame(culprit: Culprit, what: str, error: Exception) -> Exception:
    """What to raise for an error met: the culprit's failure, or the store's."""
    if isinstance(error, RuleFailed) or (isinstance(error, DBAPIError) and unavailable(error)):
        return error
    return RuleFailed(culprit, what)


class Quarantine:
    """What is set apart, and why."""

    def __init__(self) -> None:
        self._reasons: dict[Culprit, str] = {}

    def add(self, failure: RuleFailed) -> None:
        """Set it apart; what fails although it is set apart is a bug, and raised."""
        if failure.culprit in self._reasons:
            raise failure
        logger.error("moteur : %s mise de côté", failure.what, exc_info=failure.__cause__)
        self._reasons[failure.culprit] = repr(failure.__cause__)

    def lift(self) -> None:
        """Let all of it run again."""
        self._reasons.clear()

    @property
    def empty(self) -> bool:
        """Whether nothing is set apart."""
        return not self._reasons

    def holds(self, key: Key) -> bool:
        """Whether that, or all that its owner has, is set apart."""
        return key in self._reasons or (key[0], None) in self._reasons

    @property
    def versions(self) -> Mapping[int, str]:
        """The versions set apart, and why."""
        return {owner: why for (owner, number), why in self._reasons.items() if number is None}

    @property
    def holes(self) -> Mapping[str, Sequence[int]]:
        """What statements over the versions and rules there are fill in."""
        rules = self.of(RULES)
        return {"p_quarantine": list(self.versions), "p_rules_quarantined": list(rules)}

    def of(self, owner: int) -> Mapping[int, str]:
        """What of an owner is set apart, by number, and why."""
        found = self._reasons.items()
        return {
            number: why for (whose, number), why in found if whose == owner and number is not None
        }
