"""Exclusive groups: a lead is in one campaign of a group at most (seed 004: the workflows of Audience).

Campaigns that do not run have nobody as far as their group goes: whoever is in one that is paused
may be in another, and in both once it is resumed. What is asked is asked of the leads at hand, by
their own enrolments: however many campaigns and groups there are, an event costs the same.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, func, select, update

from dsl.program import Exit, Reentry
from server.engine.batch import batch, entrants, gone, outcome
from server.engine.parameters import NOW
from server.engine.tick import Prepared, Tick
from server.engine.triggers.entries import leaving
from server.engine.triggers.state_events import state_events
from server.engine.triggers.takings import FOR_GOOD, LEAVING
from server.engine.version import Version
from server.store.arrivals import insert_events
from server.store.schema.campaigns import campaigns, edges, enrolments

IN_GROUP = "in_group"
_welcome = (entrants.c.reason.is_(None), entrants.c.exclusive_group.is_not(None))


def _refusing(found: Any, *tests: Any) -> Prepared:
    """Refuse the entrants of `found`, each for the campaign `held_by`."""
    mine = and_(
        entrants.c.lead_id == found.c.lead_id, entrants.c.campaign_id == found.c.campaign_id
    )
    return Prepared(
        update(entrants).where(mine, *tests).values(reason=IN_GROUP, held_by=found.c.held_by)
    )


def _inside() -> Prepared:
    """Those who are in another campaign of the group, which runs."""
    other, its = enrolments.alias("other"), campaigns.alias("its")
    found = (
        select(
            entrants.c.lead_id,
            entrants.c.campaign_id,
            func.min(other.c.campaign_id).label("held_by"),
        )
        .select_from(
            entrants.join(other, other.c.lead_id == entrants.c.lead_id).join(
                its, its.c.id == other.c.campaign_id
            )
        )
        .where(
            *_welcome,
            other.c.active,
            other.c.campaign_id != entrants.c.campaign_id,
            its.c.exclusive_group == entrants.c.exclusive_group,
            its.c.runs,
            ~leaving(other),
        )
        .group_by(entrants.c.lead_id, entrants.c.campaign_id)
        .subquery("found")
    )
    return _refusing(found)


def _outranked() -> Prepared:
    """Those who may enter another at the same instant, which comes first."""
    first = func.first_value(entrants.c.campaign_id).over(
        partition_by=[entrants.c.lead_id, entrants.c.exclusive_group], order_by=entrants.c.place
    )
    found = (
        select(entrants.c.lead_id, entrants.c.campaign_id, first.label("held_by"))
        .where(*_welcome)
        .subquery("found")
    )
    return _refusing(found, found.c.held_by != entrants.c.campaign_id)


_left = (gone, outcome != Exit.MERGED.value)
#: Who leaves a campaign of a group, and each state that holds for him.
_held = Prepared(
    select(
        batch.c.lead_id,
        batch.c.campaign_id,
        outcome.label("outcome"),
        (batch.c.fresh | (batch.c.entered_at >= NOW)).label("passing"),
        campaigns.c.exclusive_group,
        edges.c.version_id,
        edges.c.trigger,
    )
    .join_from(batch, campaigns, campaigns.c.id == batch.c.campaign_id)
    .join(edges, edges.c.lead_id == batch.c.lead_id)
    .where(*_left, campaigns.c.exclusive_group.is_not(None))
)
#: Where those who leave have been.
_been = Prepared(
    select(enrolments.c.lead_id, enrolments.c.campaign_id)
    .join_from(batch, enrolments, enrolments.c.lead_id == batch.c.lead_id)
    .where(*_left)
)
_refusals = (_inside(), _outranked())


class OneOfEach:
    """Keeps a lead in one campaign of each group. `groups`: the versions that let into each."""

    def __init__(self, groups: Mapping[str, Sequence[Version]]) -> None:
        self._groups = groups

    async def refuse(self, tick: Tick) -> None:
        """Refuse, of those who ask to enter, who is in another or may enter one that comes first."""
        for statement in _refusals:
            await tick.do(statement)

    async def return_(self, tick: Tick) -> None:
        """Tell of the states that hold for those who leave, the first to let in first.

        Each is an event, answered in its turn: the first that lets in is the one entered, and the
        others are refused for it.
        """
        if not self._groups:
            return
        rows = await tick.ask(_held)
        if not rows:
            return
        passing = any(row.passing for row in rows)
        been = {tuple(row) for row in await tick.ask(_been)} if passing else set()
        held: dict[tuple[int, int], dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        whose = {}
        for row in rows:
            whose[row.lead_id, row.campaign_id] = row
            held[row.lead_id, row.campaign_id][row.version_id].add(row.trigger)
        openings = [
            (key[0], version, number)
            for key, row in whose.items()
            for version in self._groups.get(row.exclusive_group, ())
            if _may_enter(row, version, been)
            for number in _opening(version, held[key].get(version.id, ()))
        ]
        if openings:
            stands = ((lead, f"{version.id}/{number}") for lead, version, number in openings)
            await insert_events(tick.conn, state_events(tick, stands, LEAVING))


def _may_enter(row: Any, version: Version, been: set[Any]) -> bool:
    """Whether whoever leaves so may be let in by a version of the group.

    Who went through without waiting does so at the same instant: he would turn for ever between
    campaigns where nobody waits, so he enters only those where he has never been.
    """
    own = version.campaign_id == row.campaign_id
    if row.passing:
        return not own and (row.lead_id, version.campaign_id) not in been
    if own:
        return version.program.reentry is not Reentry.NEVER and Exit(row.outcome) not in FOR_GOOD
    return True


def _opening(version: Version, held: Any) -> Iterator[int]:
    """The entries that those states open, unless one takes out."""
    program = version.program
    entries = len(program.entries)
    if all(number < entries + len(program.suppressions) for number in held):
        yield from sorted(number for number in held if number < entries)
