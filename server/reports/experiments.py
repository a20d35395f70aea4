"""The shares of each « répartir » compared by the goal of their campaign: who was in each, who reached it.

Versions are never put together: what one sends is not what another does.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Program, Split
from dsl.program_codec import from_json
from server.engine.experiments.likelihood import (
    LEAST_LEADS,
    SURELY,
    Outcome,
    best,
    interval,
    winner,
)
from server.engine.experiments.outcomes import principal, read_outcomes
from server.reports.report import CellType, Column, Columns, Report, report
from server.store.schema.campaigns import campaigns, versions
from server.store.schema.goals import split_parts

WON, UNDECIDED, TOO_FEW = "gagnante", "indécis", "trop peu de leads"


@dataclass(frozen=True)
class Experiment:
    """One « répartir » of one version. `goal`: the name of the principal one, None without."""

    campaign: str
    version: int
    split: Split
    goal: str | None
    outcomes: tuple[Outcome, ...]
    #: Of one that follows its goal, the part of each share of those who come, of 10,000.
    parts: tuple[int, ...] = ()

    @cached_property
    def surely(self) -> Sequence[float]:
        """Of each share, how surely it is the best."""
        return best(self.outcomes)

    @cached_property
    def winner(self) -> int | None:
        """The share that is surely the best."""
        return winner(self.outcomes) if self.goal is not None else None

    @property
    def enough(self) -> bool:
        """Whether each share has leads enough to be compared."""
        return min(one.leads for one in self.outcomes) >= LEAST_LEADS


@dataclass(frozen=True, slots=True)
class ShareLine:
    """A branch of a « répartir », beside the others of its version."""

    of: Experiment
    number: int

    @property
    def outcome(self) -> Outcome:
        """Who was in it, and who of them reached the goal."""
        return self.of.outcomes[self.number]

    @property
    def planned(self) -> float:
        """Its part, as the script has it."""
        shares = self.of.split.shares
        before = shares[self.number - 1].upto if self.number else 0
        return (shares[self.number].upto - before) / 10_000

    @property
    def part(self) -> float:
        """Its part of those who come now."""
        return self.of.parts[self.number] / 10_000 if self.of.parts else self.planned

    @property
    def rate(self) -> float | None:
        """Of its leads, the share that reached the goal."""
        one = self.outcome
        return one.reached / one.leads if one.leads and self.of.goal is not None else None

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """Between which the true rate is, 95 times in a hundred."""
        return interval(self.outcome) if self.rate is not None else (None, None)

    @property
    def verdict(self) -> str | None:
        """What is said of it."""
        if self.of.goal is None:
            return "sans objectif"
        if not self.of.enough:
            return TOO_FEW
        if self.of.winner is None:
            return UNDECIDED
        return WON if self.of.winner == self.number else None


_COLUMNS: Columns[ShareLine] = {
    Column("Campagne", "campagne"): lambda line: line.of.campaign,
    Column("Version", "version", CellType.NUMBER): lambda line: line.of.version,
    Column("Répartition", "repartition"): lambda line: _name(line.of.split),
    Column("", "objectif"): lambda line: line.of.goal,
    Column("Part", "part"): lambda line: line.of.split.shares[line.number].name,
    Column("Prévue", "prevue", CellType.SHARE): lambda line: line.planned,
    Column("Suivie", "suivie", CellType.SHARE): lambda line: line.part,
    Column("Leads", "leads", CellType.COUNT): lambda line: line.outcome.leads,
    Column("L’ont atteint", "atteints", CellType.COUNT): lambda line: line.outcome.reached,
    Column("Taux", "taux", CellType.SHARE): lambda line: line.rate,
    Column("Au moins", "taux_min", CellType.SHARE): lambda line: line.bounds[0],
    Column("Au plus", "taux_max", CellType.SHARE): lambda line: line.bounds[1],
    Column("Meilleure à", "probabilite", CellType.SHARE): lambda line: (
        line.of.surely[line.number] if line.rate is not None else None
    ),
    Column("Verdict", "verdict"): lambda line: line.verdict,
}
_NOTES = (
    "«\u00a0Au moins\u00a0» et «\u00a0au plus\u00a0» : le taux vrai est entre les deux 95 fois sur 100 (intervalle de "
    "Wilson, 1927).",
    "«\u00a0Meilleure à\u00a0» : la probabilité que ce taux soit le plus haut (lois bêta, sans préférence au départ). Une part "
    f"est gagnante à partir de {100 * SURELY:.1f} %, et de {LEAST_LEADS} leads dans chacune.".replace(
        ".", ",", 1
    ),
)


def experiments_report(found: Sequence[Experiment]) -> Report:
    """Each share of each, and what may be said of it."""
    return report(
        "Répartitions",
        _COLUMNS,
        [ShareLine(one, number) for one in found for number in range(len(one.outcomes))],
        empty="Aucune campagne ne répartit ses leads : «\u00a0répartir «\u00a0Objet\u00a0»\u00a0».",
        notes=_NOTES,
    )


def _name(split: Split) -> str:
    named = dict(split.place.said.values).get("name")
    return str(named or "")


async def read_experiments(
    conn: AsyncConnection, campaign: str | None = None
) -> Sequence[Experiment]:
    """Those of the versions that run; of the campaign of that key, those of every version."""
    found = []
    for row in (await conn.execute(_versions(campaign))).all():
        program = from_json(row.program)
        goal = await principal(conn, row.campaign_id)
        for at, split in _splits(program):
            outcomes = await read_outcomes(
                conn, row.id, at, len(split.shares), goal[0] if goal else None
            )
            if campaign is None or row.current or any(one.leads for one in outcomes):
                named = goal[1] if goal else None
                parts = await _parts(conn, row.id, at) if split.floor is not None else ()
                found.append(Experiment(row.name, row.number, split, named, outcomes, parts))
    return found


def _versions(campaign: str | None) -> Select[Any]:
    """The versions asked about, each with its rank among those of its campaign."""
    earlier = versions.alias("earlier")
    rank = (
        select(func.count())
        .where(earlier.c.campaign_id == versions.c.campaign_id, earlier.c.id <= versions.c.id)
        .scalar_subquery()
    )
    current = campaigns.c.version_id == versions.c.id
    query = (
        select(
            versions.c.id,
            versions.c.campaign_id,
            versions.c.program,
            campaigns.c.name,
            rank.label("number"),
            current.label("current"),
        )
        .join_from(versions, campaigns, campaigns.c.id == versions.c.campaign_id)
        .order_by(campaigns.c.key, versions.c.id)
    )
    if campaign is None:
        return query.where(current, campaigns.c.present)
    return query.where(campaigns.c.key == campaign)


def _splits(program: Program) -> Iterator[tuple[int, Split]]:
    return ((at, one) for at, one in enumerate(program.statements) if isinstance(one, Split))


async def _parts(conn: AsyncConnection, version: int, at: int) -> tuple[int, ...]:
    mine = (split_parts.c.version_id == version, split_parts.c.statement == at)
    kept = await conn.scalar(select(split_parts.c.parts).where(*mine))
    return tuple(json.loads(kept)) if kept else ()
