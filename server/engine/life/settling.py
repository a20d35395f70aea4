"""Campaigns that begin to run, and those that stop: what each turn entails, within its transaction.

What stops is left as it is, to the last wait: nothing is written about anybody inside. What begins
looks at the states it asks about: those it followed before tell for whom they turned true meanwhile,
the others are noted, and take those who are there already.
"""

from collections.abc import Collection, Sequence, Set

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.engine.life import handing_over
from server.engine.life.journal import CALENDAR, note
from server.engine.life.lifecycle import Lifecycle, Lifecycles
from server.engine.life.state import CampaignChange, State
from server.engine.listener import CampaignListener, Listener
from server.engine.owner import Key
from server.engine.tick import Tick
from server.engine.triggers import takings, unheard
from server.engine.triggers.notings import mark, marked
from server.store.schema.campaigns import campaigns, notings, schedules


async def settle(
    tick: Tick, lifecycles: Lifecycles, fresh: Collection[int] = ()
) -> Sequence[Lifecycle]:
    """Have the store know which campaigns run; those that begin to.

    `fresh`: the versions that were published just now, which nobody followed yet.
    """
    begun = []
    for one in lifecycles.turned:
        runs = one.runs(lifecycles.at)
        values: dict[str, object] = {"runs": runs}
        if runs:
            begun.append(one)
            # Recurrences that came meanwhile are not made up for; a crowd half let in goes on.
            mine = schedules.c.version_id.in_([each.id for each in one.versions])
            whole = schedules.c.after_lead.is_(None)
            await tick.conn.execute(delete(schedules).where(mine, whole))
        else:
            # Those that the project no longer has, and nobody is in, are followed no more.
            lived = [each for each in one.versions if each.open_ or each.id in lifecycles.inhabited]
            followed = [each.id for each in lived if each.id not in fresh]
            values["followed_to"] = max(followed, default=None)
            await unheard.keep(tick, one.versions)
        await tick.conn.execute(update(campaigns).where(campaigns.c.id == one.id).values(**values))
        if one.state is State.ACTIVE and (not runs or one.opens(lifecycles.at)):
            turned = CampaignChange.OPENED if runs else CampaignChange.SUSPENDED
            await note(tick.conn, one.id, turned, CALENDAR, lifecycles.at)
    return begun


async def begin(
    tick: Tick,
    begun: Sequence[Lifecycle],
    states: Sequence[Listener],
    unbuilt: Set[str] = frozenset(),
) -> None:
    """Look at the states these ask about, of those that begin to run."""
    by_version = {version.id: one for one in begun for version in one.versions}
    mine = [
        each
        for each in states
        if isinstance(each, CampaignListener) and each.owner.id in by_version
    ]
    formers = await handing_over.taken_over(tick, begun, mine)
    half_noted = await marked(tick.conn, ~notings.c.tells) if mine else set[Key]()
    known: list[CampaignListener] = []
    new: list[CampaignListener] = []
    for each in mine:
        followed = by_version[each.owner.id].known(each.owner) or each.key in formers
        followed = followed and each.key not in half_noted
        (known if followed else new).append(each)
    await mark(tick, known, unbuilt, tells=True, formers=formers)
    await mark(tick, new, unbuilt)
    entries = [each for each in new if each.outcome is None]
    for opening in (False, True):
        those = [e for e in entries if by_version[e.owner.id].opens(tick.now) is opening]
        await takings.take_those_there(tick, those, opening=opening)


async def begin_again(conn: AsyncConnection) -> None:
    """Nobody has decided anything, nor followed anything, in a store emptied of its leads."""
    await conn.execute(update(campaigns).values(state_at=0, followed_to=None))
