"""Objectives in figures: which indicators they ask about, and whether they can be."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from dsl.check.bounds import bounded
from dsl.check.findings import Findings
from dsl.check.names import Names
from dsl.check.naming import well_named
from dsl.check.references import References
from dsl.check.text import plain
from dsl.diagnostics import Span
from dsl.language.fr import objectives, values
from dsl.language.fr.constructs import form
from dsl.objectives import IndicatorBound, Objective
from dsl.tree import nodes
from dsl.tree.nodes import Text
from relance.fold import key_of
from relance.french import quoted
from relance.indicator import Indicator, Shown
from relance.values import Amount, Comparator, Duration, Percentage

_NOUNS = {
    Shown.COUNT: ("un nombre", "1000"),
    Shown.SHARE: ("une part", "25 %"),
    Shown.DELAY: ("une durée", "2 minutes"),
    Shown.AMOUNT: ("une somme", "5000 $"),
}
_HOW = (
    "Écrivez par exemple «\u00a0nombre de contacts au moins 1000 et au plus 2000\u00a0», ou «\u00a0augmenter le panier "
    "moyen de 10 %\u00a0»."
)


@dataclass(slots=True)
class ObjectiveChecker:
    """Reads those of a project."""

    references: References
    #: Those that stand by themselves, by the key of their name.
    found: dict[str, Objective] = field(default_factory=dict)
    _lines: dict[str, tuple[nodes.ObjectiveLine, Findings]] = field(default_factory=dict)
    _names: Names = field(default_factory=Names)

    def declare(self, line: nodes.ObjectiveLine, findings: Findings) -> None:
        """« objectif chiffré « Mille contacts » : … »."""
        if not well_named(line.name, findings):
            return
        name = plain(line.name.text)
        first, where = self._lines.setdefault(key_of(name), (line, findings))
        if first is not line:
            findings.error(
                "R318",
                line.name.span,
                f"L’objectif {quoted(name)} est déjà déclaré dans {where.file}, ligne {where.line(first.span)}. Donnez "
                "un autre nom à celui-ci.",
            )
            return
        self._names.add(name)
        read = self._read(name, line.text, findings)
        if read is not None:
            self.found[key_of(name)] = read

    def of_campaign(self, text: Text, findings: Findings) -> Objective | None:
        """The one a campaign names, or says itself: « augmenter le panier moyen de 10 % »."""
        if objectives.growth(text.text) is not None:
            return self._read(plain(text.text), text, findings)
        name = self.references.among(self._names, form("OBJECTIVE"), text, findings, "R458")
        return None if name is None else self.found.get(key_of(name))

    def _read(self, name: str, text: Text, findings: Findings) -> Objective | None:
        faults = findings.faults
        bounds: list[IndicatorBound] = []
        about: str | None = None
        every: Duration | None = None
        for segment in objectives.segments(text.text):
            if (said := objectives.description(segment)) is not None:
                about = said
            elif (span := objectives.SPANS.get(key_of(segment).replace("-", " "))) is not None:
                every = span
            else:
                bounds += self._bounds(segment, text, findings)
        if faults == findings.faults and not bounds:
            findings.error(
                "R456", text.span, f"Cet objectif ne demande rien d’aucun indicateur. {_HOW}"
            )
        if faults == findings.faults:
            _judge(bounds, text, findings)
        return None if faults != findings.faults else Objective(name, tuple(bounds), about, every)

    def _bounds(self, segment: str, text: Text, findings: Findings) -> list[IndicatorBound]:
        grown = objectives.growth(segment)
        if grown is not None:
            indicator, more = self._indicator(grown[0], text, findings), grown[1]
            share = bounded(values.percentage(more))
            if not isinstance(share, Percentage) or share.value <= 0:
                self._illegible(f"{quoted(more)} n’est pas un taux de progression", text, findings)
                return []
            if indicator is None:
                return []
            least = Comparator.AT_LEAST
            return [IndicatorBound(indicator.key, least, share.value / 100, growth=True)]
        found = objectives.bounds(segment)
        if not found:
            self._illegible(f"{quoted(segment)} ne compare rien à rien", text, findings)
            return []
        indicator = self._indicator(found[0].indicator, text, findings)
        if indicator is None:
            return []
        return [
            IndicatorBound(indicator.key, one.comparator, value)
            for one in found
            if (value := self._value(one.value, indicator, text, findings)) is not None
        ]

    def _indicator(self, name: str, text: Text, findings: Findings) -> Indicator | None:
        return self.references.indicator(_within(text, name), findings)

    def _value(
        self, written: str, indicator: Indicator, text: Text, findings: Findings
    ) -> Decimal | None:
        value = _plain(_READERS[indicator.shown](written))
        if value is None or value < 0:
            noun, example = _NOUNS[indicator.shown]
            self._illegible(
                f"{quoted(indicator.label)} se compare à {noun}, comme {quoted(example)}, et non à {quoted(written)}",
                _within(text, written),
                findings,
            )
            return None
        return value

    def _illegible(self, what: str, text: Text, findings: Findings) -> None:
        findings.error("R456", text.span, f"{what}. {_HOW}")


def _within(text: Text, words: str) -> Text:
    """These words, where they stand in a text."""
    # With its article, which may not suit the name proposed instead.
    pattern = r"(?:\b(?:les?|la)\s+|\bl[’'])?" + r"\s+".join(map(re.escape, words.split()))
    found = re.search(pattern, text.text, re.IGNORECASE) if words else None
    if found is None:
        return Text(words, text.span)
    start = text.span.start
    return Text(words, Span(start + found.start(), start + found.end()))


def _judge(bounds: list[IndicatorBound], text: Text, findings: Findings) -> None:
    """Refuse bounds between which there is nothing."""
    least: dict[str, Decimal] = {}
    most: dict[str, Decimal] = {}
    for one in bounds:
        if one.comparator in (Comparator.AT_LEAST, Comparator.GREATER, Comparator.EQUAL):
            least[one.indicator] = max(one.value, least.get(one.indicator, one.value))
        if one.comparator in (Comparator.AT_MOST, Comparator.LESS, Comparator.EQUAL):
            most[one.indicator] = min(one.value, most.get(one.indicator, one.value))
    if any(least[key] > most[key] for key in least.keys() & most.keys()):
        findings.error(
            "R457",
            text.span,
            "Cet objectif ne peut pas être atteint : il demande au moins plus qu’il n’admet au plus. Inversez les deux "
            "bornes, ou corrigez-les.",
        )


def _plain(value: object) -> Decimal | None:
    match value:
        case Percentage(share):
            return share / 100
        case Amount(amount):
            return amount
        case Duration():
            return Decimal((value.months * 30 + value.days) * 86_400 + value.seconds)
        case Decimal():
            return value
    return None


_READERS: Mapping[Shown, Callable[[str], object]] = {
    Shown.COUNT: lambda text: bounded(values.number(text)),
    Shown.SHARE: lambda text: bounded(values.percentage(text)),
    Shown.DELAY: lambda text: bounded(values.duration(text)),
    Shown.AMOUNT: lambda text: bounded(values.amount(text)),
}
