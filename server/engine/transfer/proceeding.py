"""Going on with the first transfer under way: one part more, and the word of it once all is done."""

from dataclasses import replace

from sqlalchemy import text

from server.engine.life.journal import note
from server.engine.life.state import CampaignChange
from server.engine.life.transitions import next_leads
from server.engine.running import Running
from server.engine.tick import Tick
from server.engine.transfer import passing, transfers, undoing
from server.engine.transfer.transfers import Transfer, TransferState
from server.store.schema.campaigns import enrolments

#: People one transaction moves: many, since to ask it all costs as much as to move a thousand.
PART = 20_000
_DONE = {
    TransferState.DONE: CampaignChange.TRANSFERRED,
    TransferState.UNDONE: CampaignChange.PUT_BACK,
}


async def go_on(tick: Tick, running: Running) -> bool:
    """One part of it; whether all there was to do is done."""
    one = await transfers.first(tick.conn)
    if one is None:
        return True
    left = await _part(tick, one, running)
    await transfers.keep(tick.conn, left)
    change = _DONE.get(left.state)
    if change is None:
        return False
    await note(tick.conn, one.campaign_id, change, one.plan.author, tick.now, left.counts)
    return not await transfers.any_under_way(tick.conn)


async def _part(tick: Tick, one: Transfer, running: Running) -> Transfer:
    version = running.version(one.version_id)
    if version is None:  # it is archived, or the project has it no more: nobody passes to it
        return one.ended()
    lead, inside = enrolments.c.lead_id, enrolments.c.campaign_id == one.campaign_id
    back = one.state is TransferState.UNDOING
    there = enrolments.c.version_id == one.version_id
    these = (inside, text("enrolments.active"))
    whose = there if back else ~there
    # Nearly all are to be moved: a part is of those inside, whichever their version, whom their index
    # alone tells. Behind it, nearly nobody is.
    sought = (*these, whose) if one.again else these
    upto, last = await next_leads(tick, lead, one.after, *sought, most=PART)
    if upto is not None:
        within = (*these, whose, lead > one.after, lead <= upto)
        if back:
            one = await undoing.put_back(tick, one, within)
        else:
            one = await passing.move(tick, one, within, version, running)
        one = replace(one, after=upto)
    if not last:
        return one
    # Who became another meanwhile may now be behind.
    return one.ended() if one.again else replace(one, again=True, after=0)
