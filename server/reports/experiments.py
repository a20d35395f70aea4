"""The shares of each « répartir » compared by the goal of their campaign: who was in each, who reached it.

Versions are never put together: what one sends is not what another does.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import END, HOLDOUT, Program, Split
from dsl.program_codec import from_json
from relance.report import CellType, Column, Columns, Layout, Report, To, report
from relance.said import Said
from server.engine.experiments.likelihood import (
    LEAST_LEADS,
    SURELY,
    Outcome,
    best,
    interval,
    winner,
)
from server.engine.experiments.outcomes import principal, read_outcomes
from server.reports import french
from server.reports.glossary import Glossary
from server.reports.version_number import numbered
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
    #: What each share does first, as said in the script; None where it does nothing.
    first: tuple[Said | None, ...] = ()

    @cached_property
    def surely(self) -> Sequence[float]:
        """Of each share, how surely it is the best."""
        return best(self.outcomes)

    @cached_property
    def winner(self) -> int | None:
        """The share that is surely the best."""
        return winner(self.outcomes) if self.goal is not None else None

    @property
    def holds_out(self) -> bool:
        """Whether it is who gets nothing beside who does."""
        return self.split.key == HOLDOUT

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
    def name(self) -> str:
        """What it is called: its part, where the script gives it no name."""
        return self.of.split.shares[self.number].name

    def begins(self, glossary: Glossary) -> str:
        """What it does first."""
        said = self.of.first[self.number] if self.of.first else None
        return glossary.said(said) if said is not None else ""

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


_NOTES = (
    "«\u00a0Au moins\u00a0» et «\u00a0au plus\u00a0» : le taux vrai est entre les deux 95 fois sur 100.",
    "«\u00a0Meilleure à\u00a0» : la probabilité que ce taux soit le plus haut. Une "
    f"part est gagnante à partir de {french.number(round(100 * SURELY, 1))} %, et de {LEAST_LEADS} leads dans chacune.",
)


_EMPTY = (
    "Aucune campagne ne répartit ses leads («\u00a0répartir «\u00a0Objet\u00a0»\u00a0») ni n’en garde de témoin "
    "(«\u00a0témoin : 10\u00a0%\u00a0»)."
)


def experiments_report(
    found: Sequence[Experiment], glossary: Glossary, *, of_one: bool = False, held: bool = False
) -> Report:
    """Each share of each, and what may be said of it.

    `of_one`: beside what else is told of its campaign; `held`: of whom it holds back, there.
    """
    columns: Columns[ShareLine] = {
        Column("Répartition", to=To.SCREEN): lambda line: _called(line.of, alone=of_one),
        Column("Campagne", "campagne", to=To.SHEET): lambda line: line.of.campaign,
        Column("Version", "version", CellType.NUMBER, To.SHEET): lambda line: line.of.version,
        Column("Répartition", "repartition", to=To.SHEET): lambda line: _name(line.of.split),
        Column("", "objectif"): lambda line: line.of.goal,
        # Of two that are both « 50 % », which is the first written, and what it does.
        Column("Part", to=To.SCREEN): lambda line: (
            f"{line.number + 1}. {line.name} : {line.begins(glossary)}".removesuffix(" : ")
        ),
        Column("N°", "rang", CellType.NUMBER, To.SHEET): lambda line: line.number + 1,
        Column("Part", "part", to=To.SHEET): lambda line: line.name,
        Column("Commence par", "commence", to=To.SHEET): lambda line: line.begins(glossary),
        Column("Prévue", "prevue", CellType.SHARE, To.SHEET): lambda line: line.planned,
        Column("Suivie", "suivie", CellType.SHARE, To.SHEET): lambda line: line.part,
        Column("Leads", "leads", CellType.COUNT): lambda line: line.outcome.leads,
        Column("L’ont atteint", "atteints", CellType.COUNT, To.SHEET): lambda line: (
            line.outcome.reached
        ),
        Column("Taux", "taux", CellType.SHARE, base="leads"): lambda line: line.rate,
        Column("Au moins", "taux_min", CellType.SHARE, base="leads"): lambda line: line.bounds[0],
        Column("Au plus", "taux_max", CellType.SHARE, base="leads"): lambda line: line.bounds[1],
        Column("Meilleure à", "probabilite", CellType.SHARE, base="leads"): lambda line: (
            line.of.surely[line.number] if line.rate is not None else None
        ),
        Column("Verdict", "verdict"): lambda line: line.verdict,
    }
    lines = [ShareLine(one, number) for one in found for number in range(len(one.outcomes))]
    if held:
        title, empty = "Témoin, depuis le début", "Aucun témoin : tous reçoivent la campagne."
    elif of_one:
        title, empty = "Répartitions, depuis le début", "Aucune répartition."
    else:
        title, empty = "Répartitions", _EMPTY
    return report(title, columns, lines, empty=empty, notes=_NOTES, layout=Layout.FOLDING)


def _called(one: Experiment, *, alone: bool) -> str:
    """« Relance des tarifs, v. 2, Objet »."""
    mine = f"v.\u00a0{one.version}, {_name(one.split) or 'sans nom'}"
    return mine if alone else f"{one.campaign}, {mine}"


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
        splits = _splits(program)
        goal = await principal(conn, row.campaign_id) if splits else None
        for at, split in splits:
            outcomes = await read_outcomes(
                conn, row.id, at, len(split.shares), goal[0] if goal else None
            )
            if campaign is None or row.current or any(one.leads for one in outcomes):
                named = goal[1] if goal else None
                parts = await _parts(conn, row.id, at) if split.floor is not None else ()
                first = _first(program, split)
                found.append(Experiment(row.name, row.number, split, named, outcomes, parts, first))
    return found


def _versions(campaign: str | None) -> Select[Any]:
    """The versions asked about, each with its number."""
    rank = numbered()
    current = campaigns.c.version_id == versions.c.id
    query = (
        select(
            versions.c.id,
            versions.c.campaign_id,
            versions.c.program,
            campaigns.c.name,
            rank.c.number,
            current.label("current"),
        )
        .join_from(versions, campaigns, campaigns.c.id == versions.c.campaign_id)
        .join(rank, rank.c.id == versions.c.id)
        # Of thousands of programs, those alone that may hold one are read.
        .where(versions.c.program.contains(f'"{Split.__name__}"'))
        .order_by(campaigns.c.key, versions.c.id)
    )
    if campaign is None:
        return query.where(current, campaigns.c.present)
    return query.where(campaigns.c.key == campaign)


def _splits(program: Program) -> Sequence[tuple[int, Split]]:
    return [(at, one) for at, one in enumerate(program.statements) if isinstance(one, Split)]


def _first(program: Program, split: Split) -> tuple[Said | None, ...]:
    """What each share does first, as said in the script."""
    if split.key == HOLDOUT:
        return None, program.statements[split.shares[1].next].place.said
    return tuple(
        None if share.next == END else program.statements[share.next].place.said
        for share in split.shares
    )


async def _parts(conn: AsyncConnection, version: int, at: int) -> tuple[int, ...]:
    mine = (split_parts.c.version_id == version, split_parts.c.statement == at)
    kept = await conn.scalar(select(split_parts.c.parts).where(*mine))
    return tuple(json.loads(kept)) if kept else ()
