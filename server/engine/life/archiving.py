"""Archiving: everybody leaves, neither in success nor in failure, and nothing more is sent.

The campaign stops running first, in one transaction; this is what follows, part by part.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    case,
    delete,
    func,
    literal,
    null,
    select,
    text,
    tuple_,
    update,
)

from dsl.program import Exit
from server.engine.batch import insert_from
from server.engine.life import transitions
from server.engine.life.journal import Author, note
from server.engine.life.state import CampaignChange
from server.engine.life.transitions import PART, PEOPLE, Transition, next_leads
from server.engine.moves import Cause, Move
from server.engine.parts import PART as LEADS
from server.engine.parts import next_part
from server.engine.tick import Tick
from server.store.counters.changes import CounterKey, by_sets
from server.store.counters.counted import OF_ALL_TIME, OF_HOUSE
from server.store.schema.campaigns import (
    campaigns,
    edges,
    enrolments,
    flips,
    journal,
    missed,
    notings,
    schedules,
    takings,
    versions,
    waits,
)
from server.store.schema.messages import outbox

#: Said of the messages that will not leave.
REASON = "campagne archivée"
#: What is done before `PEOPLE`, and after.
MESSAGES, TRACES = "messages", "traces"
_KEY = (outbox.c.lead_id, outbox.c.campaign_id, outbox.c.entry, outbox.c.move, outbox.c.ordinal)


async def begin(tick: Tick, campaign_id: int, author: Author) -> Transition:
    """Have everybody leave from now on."""
    mine = update(campaigns).where(campaigns.c.id == campaign_id)
    await tick.conn.execute(mine.values(followed_to=None))
    one = Transition(campaign_id, CampaignChange.ARCHIVED, author, tick.now, {}, MESSAGES)
    await transitions.begin(tick.conn, one)
    return one


async def go_on(tick: Tick, one: Transition) -> Transition | None:
    """One part more; None once all is done."""
    phase = {MESSAGES: _messages, PEOPLE: _people, TRACES: _traces}[one.phase]
    return await phase(tick, one)


async def _messages(tick: Tick, one: Transition) -> Transition | None:
    """What has not left is cancelled; what is leaving is let go."""
    cancelled = 0
    for place in ("due_at IS NOT NULL", "overdue_at IS NOT NULL"):
        these = select(*_KEY).where(
            text(f"outbox.{place}"),
            outbox.c.campaign_id == one.campaign_id,
            outbox.c.state == "pending",
            outbox.c.gathering.is_(None),
        )
        done = await tick.conn.execute(
            update(outbox)
            .where(tuple_(*_KEY).in_(these.limit(PART)))
            .values(
                state="cancelled",
                due_at=None,
                overdue_at=None,
                settled_at=tick.now,
                reason=REASON,
            )
        )
        cancelled += int(done.rowcount)
    one = one.counting(MESSAGES, cancelled)
    return one if cancelled else one.going_to(PEOPLE)


async def _people(tick: Tick, one: Transition) -> Transition | None:
    inside = (enrolments.c.campaign_id == one.campaign_id, text("enrolments.active"))
    upto, last = await next_leads(tick, enrolments.c.lead_id, one.after, *inside)
    if upto is not None:
        these = and_(*inside, *_within(enrolments.c.lead_id, one, upto))
        await tick.conn.execute(_goodbye(these, tick.now))
        waiting = (waits.c.campaign_id == one.campaign_id, *_within(waits.c.lead_id, one, upto))
        await tick.conn.execute(delete(waits).where(*waiting))
        left = await _take_out(tick, these)
        one = one.counting(PEOPLE, left).reaching(upto)
    if not last:
        return one
    if one.after:
        return one.looking_again()
    await note(tick.conn, one.campaign_id, CampaignChange.EMPTIED, one.author, tick.now, one.counts)
    return one.going_to(TRACES)


async def _traces(tick: Tick, one: Transition) -> Transition | None:
    """Nobody asks any more for whom its states hold."""
    mine = select(versions.c.id).where(versions.c.campaign_id == one.campaign_id)
    if not one.after:
        for owner in (
            *(notings.c.owner, schedules.c.version_id),
            *(takings.c.version_id, missed.c.version_id),
        ):
            await tick.conn.execute(delete(owner.table).where(owner.in_(mine)))
    part = await next_part(tick, one.after, LEADS)
    for owner in (edges.c.version_id, flips.c.owner):
        here = _within(owner.table.c.lead_id, one, part.upto)
        await tick.conn.execute(delete(owner.table).where(*here, owner.in_(mine)))
    return None if part.whole else replace(one, after=part.upto)


def _within(lead_id: ColumnElement[int], one: Transition, upto: int) -> tuple[Any, Any]:
    return lead_id > one.after, lead_id <= upto


def _goodbye(these: ColumnElement[bool], now: int) -> Any:
    values = {
        "lead_id": enrolments.c.lead_id,
        "campaign_id": enrolments.c.campaign_id,
        "entry": enrolments.c.entry,
        "move": enrolments.c.moves + 1,
        "version_id": enrolments.c.version_id,
        "at": literal(now, journal.c["at"].type),
        "kind": literal(Move.LEFT.value, Text),
        "statement": case((enrolments.c.statement >= 0, enrolments.c.statement)),
        "cause": literal(Cause.OPERATOR.value, Text),
    }
    return insert_from(journal, values, select(enrolments.c.lead_id).where(these))


async def _take_out(tick: Tick, these: ColumnElement[bool]) -> int:
    """Have these enrolments left; how many. They may be a million: they are counted together."""
    if tick.counted is None:
        return int((await tick.conn.execute(_leave(these, tick.now))).rowcount)
    one = enrolments.c
    stood = (one.version_id, one.campaign_id, one.statement, one.step)
    where = select(*stood, func.count()).where(these).group_by(*stood)
    for version, campaign, place, step, n in (await tick.conn.execute(where)).all():
        tick.counted.add(CounterKey(campaign, "inside", None, version, place, step or ""), -n)
        left = CounterKey(campaign, "left", tick.now, version, subject=Exit.ARCHIVED.value)
        tick.counted.add(left, n)
        tick.counted.add(CounterKey(campaign, f"{OF_ALL_TIME}left", None, 0), n)
        tick.counted.add(
            CounterKey(0, f"{OF_HOUSE}left", tick.now, 0, subject=Exit.ARCHIVED.value), n
        )
    async with by_sets(tick.conn):
        return int((await tick.conn.execute(_leave(these, tick.now))).rowcount)


def _leave(these: ColumnElement[bool], now: int) -> Any:
    gone = {"active": False, "outcome": Exit.ARCHIVED.value, "left_at": now}
    still = {"wake_at": null(), "deadline": null(), "overdue_at": null()}
    return update(enrolments).where(these).values(moves=enrolments.c.moves + 1, **gone, **still)
