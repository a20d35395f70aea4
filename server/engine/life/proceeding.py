"""Going on with what is done to people part by part, whichever it is."""

from server.engine.life import archiving, resuming, transitions
from server.engine.life.state import CampaignChange
from server.engine.tick import Tick

_GOING_ON = {CampaignChange.ARCHIVED: archiving.go_on, CampaignChange.RESUMED: resuming.go_on}


async def go_on(tick: Tick) -> bool:
    """One part of what was begun first; whether which campaigns run is to be looked at again."""
    one = await transitions.first(tick.conn)
    if one is None:
        return True
    left = await _GOING_ON[one.change](tick, one)
    if left is None:
        await transitions.end(tick.conn, one)
        return True
    await transitions.keep(tick.conn, left)
    return left.phase != one.phase
