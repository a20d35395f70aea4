"""What undoing a transfer would make of those it concerned: put back, moved on since, or out for good."""

from dataclasses import dataclass

from sqlalchemy import and_, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.report import CellType, Column, Columns, Layout, Report, report
from server.engine.transfer.passing import LEFT_FOR_GOOD
from server.engine.transfer.transfers import last as last_transfer
from server.reports import french
from server.store.schema.campaigns import enrolments, same
from server.store.schema.transfers import transferred


@dataclass(frozen=True, slots=True)
class Undoing:
    """What undoing the last transfer of a campaign would make of those it concerned.

    `back` are put back; `moved` have moved since, and go on; `gone` have left since they passed, by
    an exit or at their end; `taken_out` left because it was so decided. Who has left stays out.
    """

    back: int = 0
    moved: int = 0
    gone: int = 0
    taken_out: int = 0

    @property
    def out(self) -> int:
        """Those who do not come back."""
        return self.gone + self.taken_out


async def undoing(conn: AsyncConnection, campaign_id: int) -> Undoing:
    """That, counted."""
    last = await last_transfer(conn, campaign_id)
    if last is None:
        return Undoing()
    passed = and_(same(transferred, enrolments), transferred.c.transfer_id == last.id)
    here = transferred.c.move == enrolments.c.moves
    mine = select(here.label("here"), func.count()).where(enrolments.c.campaign_id == campaign_id)
    mine = mine.select_from(enrolments.join(transferred, passed)).group_by(here)
    inside = mine.where(text("enrolments.active"))
    outside = mine.where(text("NOT enrolments.active"), enrolments.c.left_at >= last.begun_at)
    counts = {bool(row.here): row[1] for row in await conn.execute(inside)}
    gone = sum(row[1] for row in await conn.execute(outside))
    decided = last.counts.get(LEFT_FOR_GOOD, 0)
    return Undoing(counts.get(True, 0), counts.get(False, 0), gone, decided)


#: Why nobody who left is put back.
STAY_OUT = (
    "une sortie ne s’annule pas : ce qui leur était destiné l’a été, et une autre campagne a pu les "
    "prendre"
)


def undoing_text(one: Undoing) -> str:
    """« 3 ont bougé depuis et continuent ; 2 en sont sorties depuis… »; empty when all are put back."""
    said = []
    if one.moved:
        said.append(
            french.count(one.moved, "a bougé depuis et continue", "ont bougé depuis et continuent")
        )
    if one.out:
        who = french.count(
            one.out, "en est sortie et n’y revient pas", "en sont sorties et n’y reviennent pas"
        )
        by = f", dont {french.number(one.taken_out)} par cette publication" if one.taken_out else ""
        said.append(f"{who}{by} ({STAY_OUT})")
    return "\u00a0; ".join(said)


_UNDOING: Columns[Undoing] = {
    Column("Retrouvent leur version", "rendues", CellType.COUNT): lambda one: one.back,
    Column("Ont bougé depuis", "continuent", CellType.COUNT): lambda one: one.moved,
    Column("Sorties depuis", "sorties_depuis", CellType.COUNT): lambda one: one.gone,
    Column("Sorties par elle", "sorties_par_elle", CellType.COUNT): lambda one: one.taken_out,
}


def undoing_report(campaign: str, one: Undoing) -> Report:
    """What undoing would make of each."""
    return report(campaign, _UNDOING, [one], layout=Layout.RECORD)
