"""How the scenarios of a draft went before it is published: one that fails keeps it from being."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from relance.french import quoted
from server.reports import french

#: Of those that fail, how many are named.
_NAMED = 5
_TURNS = "scénario échoue", "scénarios échouent"


@dataclass(frozen=True, slots=True)
class FailedScenario:
    """One that fails, by its file and which of it it is, from 1.

    `line`: the one that does not hold; `expected`: as it is written; `found`: what was instead.
    """

    file: str
    place: int
    name: str
    line: int
    expected: str
    message: str
    found: Sequence[str] = ()

    @property
    def where(self) -> str:
        """Its name, its file and the line that does not hold."""
        return f"{quoted(self.name)} ({self.file}, ligne {self.line})"

    @property
    def lines(self) -> Sequence[str]:
        """What was expected and what was found; where nothing was, why it could not go on."""
        if not self.found:
            return [one for one in (self.expected, self.message) if one]
        return [f"attendu : {self.expected}", *(f"trouvé : {one}" for one in self.found)]


@dataclass(frozen=True, slots=True)
class DraftRehearsal:
    """How those of some files went; `digest`: the name of these files.

    `played`: how many, those that `failed` included, and those that passed before and that nothing
    changed since can touch, `lasting`, which were not played again. `unplayed`: why they could not be
    played, if so.
    """

    digest: str = ""
    played: int = 0
    failed: Sequence[FailedScenario] = ()
    unplayed: str = ""
    lasting: int = 0

    @property
    def passes(self) -> bool:
        """Whether nothing of it forbids to publish."""
        return not (self.failed or self.unplayed)

    @property
    def places(self) -> Sequence[str]:
        """Each that failed, and where."""
        return [one.where for one in self.failed]

    @property
    def success(self) -> str:
        """That they pass, in a sentence; empty where there was none to play."""
        passing = french.count(self.played, "scénario passe", "scénarios passent")
        shared = f" : {self._shared}" if self.lasting else ""
        return f"{passing}{shared}." if self.played and self.passes else ""

    @property
    def _shared(self) -> str:
        """How many were played again, and how many last."""
        again = french.count(self.played - self.lasting, "rejoué", "rejoués")
        return f"{again}, {french.count(self.lasting, 'inchangé', 'inchangés')}"

    @property
    def headline(self) -> str:
        """What forbids it, in a sentence; empty where nothing does."""
        if self.unplayed:
            return f"Les scénarios du brouillon n’ont pas pu être joués. {self.unplayed}"
        if not self.failed:
            return ""
        several = french.count(len(self.failed), "scénario")
        fail = "échouent" if len(self.failed) > 1 else "échoue"
        shared = f" ({self._shared})" if self.lasting else ""
        return f"{several} sur {self.played} {fail}{shared}."

    @property
    def overlooked(self) -> str:
        """What is passed over by who publishes all the same, to be kept; empty where it passes."""
        if not self.failed:
            return self.headline
        names = ", ".join(f"{quoted(one.name)} ({one.file})" for one in self.failed[:_NAMED])
        rest = len(self.failed) - _NAMED
        return f"{french.count(len(self.failed), *_TURNS)} : {names}" + (
            f" et {rest} de plus." if rest > 0 else "."
        )

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> "DraftRehearsal":
        """As `asdict` wrote it."""
        found = cls(**written)
        return replace(found, failed=[FailedScenario(**one) for one in written.get("failed", ())])
