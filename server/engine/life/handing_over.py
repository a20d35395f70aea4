"""A version published while its campaign did not run takes over what the one before it had followed.

An entry that asks the same then tells for whom it turned true meanwhile, as if nothing had been
published; one that asks something else is new. What was followed may be of a million leads: it goes
over part by part, as it is noted (`triggers.notings`).
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from dsl.program_codec import from_json
from server.engine.life.lifecycle import Lifecycle
from server.engine.listener import CampaignListener
from server.engine.owner import Key
from server.engine.tick import Tick
from server.engine.triggers.takings import same_entry
from server.store.schema.campaigns import versions


async def taken_over(
    tick: Tick, begun: Sequence[Lifecycle], states: Sequence[CampaignListener]
) -> Mapping[Key, Key]:
    """The entries, of campaigns that begin to run, that ask what one asked before: and which."""
    before = {one.id: one.followed_to for one in begun if one.followed_to is not None}
    new = [
        each
        for each in states
        if each.outcome is None
        and each.owner.id > before.get(each.owner.campaign_id, each.owner.id)
    ]
    if not new:
        return {}
    wanted = {before[each.owner.campaign_id] for each in new}
    query = select(versions.c.id, versions.c.program).where(versions.c.id.in_(wanted))
    programs = {row.id: from_json(row.program) for row in await tick.conn.execute(query)}
    found: dict[Key, Key] = {}
    for each in new:
        former = before[each.owner.campaign_id]
        number = same_entry(each, programs[former]) if former in programs else None
        if number is not None:
            found[each.key] = (former, number)
    return found
