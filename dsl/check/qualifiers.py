"""Qualifiers: how an event phrase is narrowed, « depuis l’entrée », « au moins 3 fois », « où … »."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dsl.check.bounds import bounded
from dsl.check.findings import Findings
from dsl.check.meanings import Meanings
from dsl.check.scope import CheckScope, Setting
from dsl.language.fr import values
from dsl.tree.nodes import Qualifier
from relance.events import PropertyTest
from relance.facts import Anchor, SinceAgo, SinceDate, SinceEntry, SinceStep
from relance.french import quoted
from relance.slot import Unreadable
from relance.values import Amount, Comparator, Duration, Percentage, Value

#: A hundred years in days; nobody counts further.
_MOST = 36_500
_ORDER = (Comparator.GREATER, Comparator.AT_LEAST, Comparator.AT_MOST, Comparator.LESS)
_INSIDE = (Setting.DECISION, Setting.WAIT, Setting.EXIT)


@dataclass(slots=True)
class Narrowing:
    """What the qualifiers of one phrase say together."""

    since: Anchor | None = None
    times: int = 1
    tests: tuple[PropertyTest, ...] = ()


class Qualifiers:
    """Reads the qualifiers of the phrases of one scope."""

    def __init__(self, meanings: Meanings, findings: Findings, scope: CheckScope) -> None:
        self._meanings = meanings
        self._findings = findings
        self._scope = scope

    def read(self, written: tuple[Qualifier, ...]) -> Narrowing:
        """What they say; what cannot be said here is reported."""
        narrowing = Narrowing()
        since: Qualifier | None = None
        for one in written:
            if one.kind == "times":
                narrowing.times = self.count(one)
            elif one.kind == "where":
                test = self.test(one)
                narrowing.tests += (test,) if test else ()
            else:
                if since is not None:
                    self._findings.error(
                        "R315",
                        one.span,
                        "Cette phrase dit déjà depuis quand\u00a0: gardez une seule de ces précisions.",
                    )
                since = one
                narrowing.since = self._anchor(one)
        return narrowing

    def count(self, one: Qualifier) -> int:
        """« au moins (N) fois »."""
        return whole(one, self._meanings, self._findings)

    def test(self, one: Qualifier) -> PropertyTest | None:
        """« où (champ) (comparateur) (valeur) »."""
        if one.field_name is None or one.comparator is None or one.value is None:
            self._findings.fault()
            return None
        read = self._meanings.read("comparateur", one.comparator, self._findings)
        value = typed(one.value.text)
        if not isinstance(read, Comparator):
            return None
        if read in _ORDER and isinstance(value, str):
            self._findings.error(
                "R316",
                one.value.span,
                f"{quoted(one.value.text)} n’est ni un nombre ni une date : il n’a ni plus grand ni "
                "plus petit. Écrivez « égal à » ou « différent de », ou donnez un nombre.",
            )
            return None
        return PropertyTest(one.field_name.text.strip(), read, value)

    def _anchor(self, one: Qualifier) -> Anchor | None:
        if one.kind in ("entry", "step") and self._scope.setting not in _INSIDE:
            self._findings.error(
                "R315",
                one.span,
                "Cette précision n’a de sens que dans le parcours d’une campagne : ici, aucun lead "
                f"n’y est encore entré. Ôtez-la, ou écrivez {quoted('depuis (date)')}.",
            )
            return None
        if one.kind == "entry":
            return SinceEntry()
        if one.value is None:
            self._findings.fault()
            return None
        if one.kind == "step":
            name = self._meanings.references.among(
                self._scope.steps, "étape", one.value, self._findings, "R304"
            )
            return SinceStep(name) if name else None
        if one.kind == "since":
            day = self._meanings.read("date", one.value, self._findings)
            return SinceDate(day) if isinstance(day, date) else None
        return SinceAgo(Duration(days=whole(one, self._meanings, self._findings)))


def whole(one: Qualifier, meanings: Meanings, findings: Findings) -> int:
    """The whole number, 1 or more, of a qualifier; 1 when it is none, which is reported."""
    if one.value is None:
        findings.fault()
        return 1
    number = meanings.read("nombre", one.value, findings)
    if not isinstance(number, Decimal):
        return 1
    if number != int(number) or not 1 <= number <= _MOST:
        findings.error(
            "R317",
            one.value.span,
            f"{quoted(one.value.text)} ne compte rien : écrivez un nombre entier, de 1 à 36 500.",
        )
        return 1
    return int(number)


def typed(text: str) -> Value:
    """A property's value: a number, else a date, else text."""
    for read in (values.number, values.day, values.amount, values.percentage):
        value = bounded(read(text))
        if not isinstance(value, Unreadable):
            return value.value if isinstance(value, Amount | Percentage) else value
    return text.strip()
