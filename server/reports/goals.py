"""The goals of the campaigns: how many leads entered, how many reached each, and whether that is enough."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.goals import Goal
from dsl.language.fr.goals import KINDS
from dsl.program_codec import codec
from relance.report import CellType, Column, Columns, Report, To, report
from relance.values import Percentage
from server.engine.parts import share
from server.reports import french
from server.store.schema.campaigns import campaigns
from server.store.schema.goals import campaign_leads, goal_counts, goals
from server.store.schema.leads import leads

REACHED, NOT_YET, COUNTING = "atteinte", "pas encore", "en cours de compte"


@dataclass(frozen=True, slots=True)
class GoalLine:
    """One goal. `entered`, `reached`: leads, each once; `done`: how far it is counted, None when it is."""

    campaign: str
    rule: Goal
    entered: int
    reached: int
    done: int | None = None

    @property
    def rate(self) -> float | None:
        """Of those who entered, the share that reached it."""
        return self.reached / self.entered if self.entered else None

    @property
    def met(self) -> bool | None:
        """Whether it is where it was meant to be; None without a target."""
        match self.rule.target:
            case None:
                return None
            case Percentage(least):
                return self.rate is not None and Decimal(100 * self.reached) >= least * self.entered
            case least:
                return self.reached >= least

    @property
    def target(self) -> str | None:
        """« 25 % », « 500 leads »."""
        target = self.rule.target
        if target is None:
            return None
        if isinstance(target, Percentage):
            return french.value(target)
        return french.count(int(target), "lead")

    @property
    def state(self) -> str | None:
        """What is said of its target, in words."""
        if self.done is not None:
            return f"{COUNTING} : {self.done} %"
        return None if self.met is None else REACHED if self.met else NOT_YET


_COLUMNS: Columns[GoalLine] = {
    Column("Objectif", to=To.SCREEN): lambda line: (
        f"{line.rule.name} (principal)" if line.rule.main else line.rule.name
    ),
    Column("Objectif", "objectif", to=To.SHEET): lambda line: line.rule.name,
    Column("Principal", "principal", CellType.FLAG, To.SHEET): lambda line: line.rule.main,
    Column("Type", "type", to=To.SHEET): lambda line: KINDS[line.rule.kind][0],
    Column("Entrés", "entres", CellType.COUNT): lambda line: line.entered,
    Column("L’ont atteint", "atteints", CellType.COUNT): lambda line: line.reached,
    Column("Taux", "taux", CellType.SHARE, base="entres"): lambda line: line.rate,
    Column("Cible", "cible"): lambda line: line.target,
    Column("Où il en est", to=To.SCREEN): lambda line: line.state,
    Column("Cible atteinte", "etat", to=To.SHEET): lambda line: line.state,
    Column("Fenêtre", "fenetre"): lambda line: french.duration(line.rule.window),
}
_EMPTY = (
    "Aucun objectif. Un objectif s’écrit en tête d’une campagne : «\u00a0objectif «\u00a0Abonnement\u00a0» : Formulaire "
    "(Abonnement) rempli, cible 25\u00a0%\u00a0»."
)
_NOTES = (
    "Des leads, comptés une fois chacun, qui ont atteint l’objectif dans la campagne ou dans la fenêtre qui suit leur "
    "sortie.",
)


def goals_report(lines: Sequence[GoalLine], *, of_one: bool = False) -> Report:
    """Each goal, who entered and who reached it; `of_one`: beside what else is told of its campaign."""
    campaign = Column("Campagne", "campagne", to=To.SHEET if of_one else To.BOTH)
    columns: Columns[GoalLine] = {campaign: lambda line: line.campaign, **_COLUMNS}
    if of_one:
        title, empty = "Objectifs, depuis le début", "Aucun objectif."
    else:
        title, empty = "Objectifs des campagnes", _EMPTY
    return report(title, columns, lines, empty=empty, notes=_NOTES)


async def goal_lines(
    conn: AsyncConnection, campaign: str | None = None, among: Collection[int] | None = None
) -> Sequence[GoalLine]:
    """The goals of the project, or of the campaign of that key; `among`: of these, by their numbers."""
    last = await conn.scalar(select(func.max(leads.c.id))) or 1
    query = goals_query(campaign)
    if among is not None:
        query = query.where(campaigns.c.id.in_(among))
    return [_line(row, last) for row in await conn.execute(query)]


def goals_query(campaign: str | None) -> Any:
    """The goals with their counts, the principal one of each campaign first."""
    query = (
        select(
            campaigns.c.name,
            goals.c.rule,
            goals.c.counted_to,
            campaign_leads.c.entered,
            goal_counts.c.reached,
        )
        .join_from(goals, campaigns, campaigns.c.id == goals.c.campaign_id)
        .join(campaign_leads, campaign_leads.c.campaign_id == goals.c.campaign_id, isouter=True)
        .join(goal_counts, goal_counts.c.goal_id == goals.c.id, isouter=True)
        .where(goals.c.present)
        .order_by(campaigns.c.key, goals.c.position)
    )
    return query if campaign is None else query.where(campaigns.c.key == campaign)


def _line(row: Any, last: int) -> GoalLine:
    done = None if row.counted_to is None else share(row.counted_to, last)
    return GoalLine(row.name, codec.from_json(row.rule), row.entered or 0, row.reached or 0, done)
