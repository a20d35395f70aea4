"""A version published while its campaign did not run takes over what the one before it had followed.

An entry that asks the same then tells for whom it turned true meanwhile, as if nothing had been
published; one that asks something else is new.
"""

from collections.abc import Sequence

from sqlalchemy import select, update

from dsl.program_codec import from_json
from server.engine.life.lifecycle import Lifecycle
from server.engine.listener import CampaignListener
from server.engine.owner import Key
from server.engine.tick import Tick
from server.engine.triggers.takings import same_entry
from server.store.schema.campaigns import edges, versions


async def hand_over(
    tick: Tick, begun: Sequence[Lifecycle], states: Sequence[CampaignListener]
) -> set[Key]:
    """The entries, of campaigns that begin to run, that now have for whom they held before."""
    before = {one.id: one.followed_to for one in begun if one.followed_to is not None}
    new = [
        each
        for each in states
        if each.outcome is None
        and each.owner.id > before.get(each.owner.campaign_id, each.owner.id)
    ]
    if not new:
        return set()
    wanted = {before[each.owner.campaign_id] for each in new}
    query = select(versions.c.id, versions.c.program).where(versions.c.id.in_(wanted))
    programs = {row.id: from_json(row.program) for row in await tick.conn.execute(query)}
    found = set()
    for each in new:
        former = before[each.owner.campaign_id]
        number = same_entry(each, programs[former]) if former in programs else None
        if number is None:
            continue
        mine = (edges.c.version_id == former, edges.c.trigger == number)
        there = {"version_id": each.owner.id, "trigger": each.number}
        await tick.conn.execute(update(edges).where(*mine).values(there))
        found.add(each.key)
    return found
