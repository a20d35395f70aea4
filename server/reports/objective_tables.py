"""The objectives in figures as reports: a line an indicator, and the course of one campaign's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from dsl.language.fr.writing import written
from dsl.objectives import IndicatorBound
from relance.french import NBSP
from relance.indicator import Indicator
from relance.report import CellType, Column, Columns, Layout, Report, To, report
from relance.values import Amount
from server.reports.indicator_periods import Period
from server.reports.indicators import Found
from server.reports.measures import KINDS, cell_of
from server.reports.objectives import FollowedObjective, ObjectiveColour, growth
from server.reports.screen import words
from server.store.instants import Micros, local

#: The colours in words: nobody has to see them.
_WORDS = {
    ObjectiveColour.LAUNCHED: "lancée : personne n’y est encore entré",
    ObjectiveColour.GREEN: "vert : atteint",
    ObjectiveColour.RED: "rouge : pas encore",
}


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """One indicator of a campaign's objective; the money is in `currency`."""

    of: FollowedObjective
    indicator: Indicator
    currency: str
    zone: ZoneInfo

    @property
    def bounds(self) -> Sequence[IndicatorBound]:
        """What is asked of it."""
        return [one for one in self.of.objective.bounds if one.indicator == self.indicator.key]

    def text(self, found: Found) -> str:
        """What it came to, in words."""
        cell = cell_of(self.indicator, found, self.currency)
        return words(KINDS[self.indicator.shown], cell, self.zone)

    @property
    def asked(self) -> str | None:
        """« au moins 1 000 et au plus 2 000 », « + 10 % »."""
        return " et ".join(map(self._asked, self.bounds)) or None

    def _asked(self, bound: IndicatorBound) -> str:
        if bound.growth:
            return f"+{NBSP}{words(CellType.SHARE, bound.value, self.zone)}"
        value: Decimal | Amount = bound.value
        if KINDS[self.indicator.shown] is CellType.AMOUNT:
            value = Amount(bound.value, self.currency)
        return f"{written(bound.comparator)} {words(KINDS[self.indicator.shown], value, self.zone)}"

    @property
    def now(self) -> Found:
        """What it came to."""
        return self.of.now.get(self.indicator.key)

    @property
    def before(self) -> Found:
        """What it came to over as long a time before."""
        return self.of.before.get(self.indicator.key)


def colour_words(one: FollowedObjective) -> str:
    """« vert : atteint », « gris : en pause »."""
    return _WORDS.get(one.colour) or f"{one.colour} : {one.state.label}"


def objectives_report(found: Sequence[FollowedObjective], currency: str, zone: ZoneInfo) -> Report:
    """Each indicator of each campaign's objective, what it came to and where the objective is."""
    columns: Columns[IndicatorLine] = {
        Column("Campagne", "campagne"): lambda line: line.of.campaign,
        Column("Objectif chiffré", "objectif"): lambda line: line.of.objective.name,
        Column("", "description"): lambda line: line.of.objective.description,
        Column("Où il en est", "etat"): lambda line: colour_words(line.of),
        Column("", "couleur"): lambda line: line.of.colour.value,
        Column("Du", "du", CellType.DAY, To.SHEET): lambda line: _day(line.of.period.start, zone),
        Column("Au", "au", CellType.DAY, To.SHEET): lambda line: _day(line.of.period.end, zone),
        Column("Indicateur"): lambda line: line.indicator.label,
        Column("", "indicateur"): lambda line: line.indicator.key,
        Column("But", "but"): lambda line: line.asked,
        Column("Valeur"): lambda line: line.text(line.now),
        Column("", "valeur", CellType.VALUE): lambda line: _plain(line.now),
        Column("Avant"): lambda line: line.text(line.before),
        Column("", "avant", CellType.VALUE): lambda line: _plain(line.before),
        Column("Évolution", "evolution", CellType.SHARE): lambda line: growth(
            line.now, line.before
        ),
    }
    return report(
        "Objectifs chiffrés",
        columns,
        _lines(found, currency, zone),
        empty="Aucune campagne n’a d’objectif chiffré.",
        layout=Layout.FOLDING,
        notes=(
            "Depuis que la campagne est active, ou sur le dernier jour, la dernière semaine ou le dernier mois si "
            "l’objectif le dit ; « avant » : aussi longtemps, juste avant.",
        ),
    )


def course_report(
    one: FollowedObjective,
    course: Sequence[tuple[Period, Found]],
    currency: str,
    zone: ZoneInfo,
) -> Report:
    """What the first indicator of a campaign's objective came to, part by part of its time."""
    indicator = one.followed[0]
    columns: Columns[tuple[Period, Found]] = {
        Column("Du", "du", CellType.DAY): lambda part: _day(part[0].start, zone),
        Column("Au", "au", CellType.DAY): lambda part: _day(part[0].end - 1, zone),
        Column(indicator.label, "valeur", KINDS[indicator.shown]): lambda part: cell_of(
            indicator, part[1], currency
        ),
    }
    return report(f"{one.objective.name}, au fil du temps", columns, course)


def _lines(
    found: Sequence[FollowedObjective], currency: str, zone: ZoneInfo
) -> Iterator[IndicatorLine]:
    for one in found:
        for indicator in one.followed:
            yield IndicatorLine(one, indicator, currency, zone)


def _plain(found: Found) -> int | float | str | None:
    return str(found) if isinstance(found, Decimal) else found


def _day(at: Micros, zone: ZoneInfo) -> date:
    return local(at, zone).date()
