"""Resuming: what came due meanwhile is given back as was asked, and then the campaign runs again.

What no lane has met yet is set apart; then the people, while it still rests, so that nobody moves in a campaign half resumed; then it runs,
and the messages that waited are given back to the outbox. Waits keep their dates, and hear of nothing
that happened meanwhile; those that look at more than events are looked at again.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Await, Pause, Statement
from dsl.program_codec import from_json
from relance import facts
from relance.events import EventPattern
from relance.values import Duration
from relance.waits import WaitUntil
from server.engine.draw import RANGE, draw_sql
from server.engine.effects.sending import TOO_OLD
from server.engine.life import overdue, transitions
from server.engine.life.journal import CALENDAR, Author, note
from server.engine.life.state import CampaignChange, State
from server.engine.life.transitions import PARKING, PEOPLE, Transition, next_leads
from server.engine.tick import Tick
from server.store.calendar import later
from server.store.instants import DAY, DEFAULT_ZONE, Micros
from server.store.schema.campaigns import campaign_changes, campaigns, enrolments, versions
from server.store.schema.messages import outbox

#: What is done after `PEOPLE`.
MESSAGES = "messages"
#: In the plan, and in what is told of a pause: of those shifted by a resume that it interrupted,
#: the number their last event is not below, and until when they were.
SHIFTED = "shifted"
#: Likewise, of the messages it had not come to: those overdue since then or before, of leads numbered
#: above the last it had dealt with, wait so much longer.
POSTPONED = "postponed"
#: Later than any time limit.
_EVER = 2**62
#: Into how many parts the time over which they are spread is cut: older ones go first.
_BUCKETS = 50
#: What waits ask when they ask of events alone.
_OF_EVENTS = (
    *(facts.All, facts.AnyOf, facts.Leaf, facts.Happened, facts.Events, EventPattern),
    *(facts.SinceWait, facts.Literal),
)


#: Up to which instant, the share of all that is overdue before it begins, and by its end.
Course: TypeAlias = Sequence[tuple[Micros, float, float]]


#: The longest span there is to spread over, or to skip beyond: a year, as the API always had it.
LONGEST_SPAN = 366 * DAY


class How(StrEnum):
    """What is done of what came due meanwhile."""

    ALL = "all"
    SPREAD = "spread"
    SKIP = "skip"
    SHIFT = "shift"


def span_of(duration: Duration) -> Micros:
    """It in microseconds; more than the longest there is, for one that no calendar holds."""
    try:
        return later(0, duration, DEFAULT_ZONE)
    except (ValueError, OverflowError):
        return LONGEST_SPAN + 1


@dataclass(frozen=True, slots=True)
class Plan:
    """`span`: over how long it is spread, or beyond which lateness it is skipped; microseconds."""

    how: How = How.ALL
    span: Micros = 0


async def begin(
    tick: Tick, campaign: Any, plan: Plan, author: Author, course: Course = ()
) -> Transition:
    """Have it resumed from now on. `campaign`: its row; `course`: of what is to be spread."""
    details: dict[str, Any] = {
        "how": plan.how.value,
        "span": plan.span,
        "since": campaign.state_at,
        **await _before(tick.conn, campaign.id),
        "floor": tick.floor,
        "buckets": list(course),
    }
    await note(tick.conn, campaign.id, CampaignChange.RESUMING, author, tick.now, _details(plan))
    one = Transition(campaign.id, CampaignChange.RESUMED, author, tick.now, details, PARKING)
    await transitions.begin(tick.conn, one)
    return one


async def open_again(tick: Tick, campaign_id: int) -> None:
    """The same when its period opens anew: all that came due meanwhile, whatever its age."""
    details: dict[str, Any] = {"how": How.ALL.value, "span": 0, "since": tick.now}
    details |= {"opening": True, SHIFTED: [], POSTPONED: [], "floor": tick.floor}
    one = Transition(campaign_id, CampaignChange.RESUMED, CALENDAR, tick.now, details, PARKING)
    await transitions.begin(tick.conn, one)


async def go_on(tick: Tick, one: Transition) -> Transition | None:
    """One part more; None once all is done."""
    phase = {PARKING: _parking, PEOPLE: _people, MESSAGES: _messages}[one.phase]
    return await phase(tick, one)


async def _parking(tick: Tick, one: Transition) -> Transition:
    """Messages that came due before it began are not to leave by themselves once it runs again."""
    part = transitions.PART
    parked = await overdue.park_messages(tick, one.campaign_id, one.begun_at, part)
    return one if parked == part else one.going_to(PEOPLE)


async def _people(tick: Tick, one: Transition) -> Transition:
    inside = (enrolments.c.campaign_id == one.campaign_id, text("enrolments.active"))
    upto, last = await next_leads(tick, enrolments.c.lead_id, one.after, *inside)
    if upto is not None:
        within = (enrolments.c.lead_id > one.after, enrolments.c.lead_id <= upto)
        here = (*inside, *within, enrolments.c.since_event < one.plan["floor"])
        overdue_in = await _overdue_in(tick, one, here)
        if overdue_in:
            one = one.counting(PEOPLE, sum(overdue_in.values()))
            back = await _back(tick, one, overdue_in)
            await tick.conn.execute(update(enrolments).where(*here).values(back))
        one = one.reaching(upto)
    if not last:
        return one
    if not one.plan.get("again"):
        return one.looking_again()
    if one.plan.get("opening"):
        return one.going_to(MESSAGES)
    mine = update(campaigns).where(campaigns.c.id == one.campaign_id)
    await tick.conn.execute(mine.values(state=State.ACTIVE.value, state_at=tick.now))
    details = {**_details(Plan(How(one.plan["how"]), one.plan["span"])), **one.counts}
    await note(tick.conn, one.campaign_id, CampaignChange.RESUMED, one.author, tick.now, details)
    return one.going_to(MESSAGES)


async def _overdue_in(tick: Tick, one: Transition, here: Sequence[Any]) -> Mapping[int, int]:
    """The versions these people are in, and how many of each are overdue."""
    late = func.sum(case((overdue.late(one.begun_at), 1), else_=0))
    query = select(enrolments.c.version_id, late).where(*here).group_by(enrolments.c.version_id)
    return dict(map(tuple, (await tick.conn.execute(query)).all()))


async def _back(tick: Tick, one: Transition, live: Collection[int]) -> dict[str, Any]:
    """What becomes of an enrolment. `live`: the versions that these people are in."""
    looks = or_(
        literal(False),
        *(
            and_(enrolments.c.version_id == version, enrolments.c.statement.in_(statements))
            for version, statements in await _looking_further(tick, live)
        ),
    )
    how, span, now = How(one.plan["how"]), one.plan["span"], one.begun_at
    row, late, since = enrolments.c, overdue.late(now), overdue.SINCE
    behind = {
        "since_event": case((row.since_event < tick.floor, tick.floor), else_=row.since_event)
    }
    if how is How.SHIFT:
        gone = now - _since(one)
        moved = {name: row[name] + gone for name in ("deadline", "expires_at", "since_at")}
        again = case((late, since + gone), (looks, now), else_=row.wake_at + gone)
        return {**behind, **moved, "wake_at": again, "overdue_at": null()}
    back: Any = since
    if how is How.SPREAD:
        # Those whose time here is over leave at once, and none stays longer than his.
        over = and_(row.expires_at.is_not(None), row.expires_at <= now)
        turn = _spread(one, row.lead_id, since)
        sooner = func.least if tick.store.dialect == "postgresql" else func.min
        limit = func.coalesce(row.expires_at, literal(_EVER, BigInteger))
        back = case((over, since), else_=sooner(turn, limit))
    kept: Any = null()
    if how is How.SKIP:
        kept = case((and_(late, since < now - span), since), else_=cast(null(), BigInteger))
    again = case((late, back), (looks, now), else_=row.wake_at)
    return {**behind, "wake_at": again, "overdue_at": kept}


def interrupted(one: Transition) -> Mapping[str, Sequence[Sequence[int]]]:
    """What is to be told of a resume stopped midway, and of those stopped before it, to the next one."""
    if one.change is not CampaignChange.RESUMED:
        return {}
    shifts = How(one.plan["how"]) is How.SHIFT
    postponed = list(one.plan.get(POSTPONED, ()))
    if one.phase == MESSAGES:
        whole = not one.after and MESSAGES in one.counts  # all were dealt with, it was about to end
        mine = [[one.begun_at, one.begun_at - one.plan["since"], one.after]]
        return {POSTPONED: [*postponed, *(mine if shifts and not whole else [])]}
    mine = [[one.plan["floor"], one.begun_at]] if shifts else []
    return {SHIFTED: [*one.plan[SHIFTED], *mine], POSTPONED: postponed}


async def _before(conn: AsyncConnection, campaign_id: int) -> dict[str, Sequence[Sequence[int]]]:
    """As the pause that interrupted one tells."""
    changes = campaign_changes.c
    query = select(changes.details).where(
        changes.campaign_id == campaign_id, changes.kind == CampaignChange.PAUSED.value
    )
    found = await conn.scalar(query.order_by(changes.id.desc()).limit(1))
    details = json.loads(found or "{}")
    return {name: details.get(name, []) for name in (SHIFTED, POSTPONED)}


def _since(one: Transition) -> ColumnElement[int]:
    """Since when an enrolment has not been shifted by the time its campaign did not run."""
    since = literal(one.plan["since"], BigInteger)
    whens = [
        (enrolments.c.since_event >= floor, literal(until, BigInteger))
        for floor, until in reversed(one.plan[SHIFTED])
    ]
    return case(*whens, else_=since) if whens else since


async def _looking_further(tick: Tick, live: Collection[int]) -> list[tuple[int, list[int]]]:
    """By version, the waits that more than an event may end: a list, a field, a day."""
    query = select(versions.c.id, versions.c.program).where(versions.c.id.in_(live))
    found = []
    for version, program in (await tick.conn.execute(query)).all():
        at = [
            index
            for index, statement in enumerate(from_json(program).statements)
            if _looks_further(statement)
        ]
        if at:
            found.append((version, at))
    return found


def _looks_further(statement: Statement) -> bool:
    """Whether more than an event or an hour may end that wait, or a change of a field move its end."""
    if isinstance(statement, Pause):
        wait = statement.wait
        return isinstance(wait, WaitUntil) and isinstance(wait.day, facts.Field)
    return isinstance(statement, Await) and not all(map(_of_events, statement.branches))


def _of_events(branch: Any) -> bool:
    return all(isinstance(node, _OF_EVENTS) for node in facts.walk(branch.condition))


async def _messages(tick: Tick, one: Transition) -> Transition | None:
    late = overdue.parked_messages(one.campaign_id)
    upto, last = await next_leads(tick, outbox.c.lead_id, one.after, late)
    if upto is None:
        return one.looking_again() if one.after else None
    how, span, now, since = How(one.plan["how"]), one.plan["span"], one.begun_at, _overdue(one)
    these = and_(late, outbox.c.lead_id > one.after, outbox.c.lead_id <= upto)
    if how is How.SKIP:
        expired = {"state": "expired", "settled_at": tick.now, "reason": TOO_OLD}
        old = update(outbox).where(these, since < now - span, outbox.c.gathering.is_(None))
        done = await tick.conn.execute(old.values(**expired, overdue_at=null()))
        one = one.counting("expired", int(done.rowcount))
    back: Any = since
    if how is How.SPREAD:
        back = _spread(one, outbox.c.lead_id, since)
    elif how is How.SHIFT:
        back = since + (now - one.plan["since"])
    given = update(outbox).where(these).values(due_at=back, overdue_at=null())
    one = one.counting(MESSAGES, int((await tick.conn.execute(given)).rowcount))
    tick.sent = True
    return one.looking_again() if last else one.reaching(upto)


def _overdue(one: Transition) -> ColumnElement[int]:
    """Since when a message is overdue, resumes that were to shift it and did not come to it counted."""
    since: ColumnElement[int] = outbox.c.overdue_at
    for until, span, after in one.plan.get(POSTPONED, ()):
        missed = and_(outbox.c.overdue_at <= until, outbox.c.lead_id > after)
        since = since + case((missed, span), else_=0)
    return since


# --- Spreading ------------------------------------------------------------------------------


async def course(conn: AsyncConnection, campaign_id: int, now: Micros) -> Course:
    """The course of what is overdue: up to each instant, the shares of all of it before and with it.

    A million are gone through: it is asked before the transaction that nobody else may write beside.
    """
    people = select(overdue.late_people(campaign_id, now).c.since)
    mail = select(overdue.late_messages(campaign_id, now).c.since)
    each = people.union_all(mail).subquery()
    bounds = select(func.min(each.c.since), func.max(each.c.since), func.count())
    ((first, last, count),) = (await conn.execute(bounds)).all()
    if not count:
        return []
    width = max((last - first) // _BUCKETS + 1, 1)
    number = (each.c.since - first) // literal(width, BigInteger)
    query = select(number.label("number"), func.count()).group_by(number).order_by(number)
    found, before = [], 0
    for bucket, size in (await conn.execute(query)).all():
        upto = first + (int(bucket) + 1) * width
        found.append((upto, before / count, (before + size) / count))
        before += size
    return found


def _spread(
    one: Transition, lead_id: ColumnElement[int], since: ColumnElement[int]
) -> ColumnElement[Any]:
    """When it is its turn: the older first, and evenly among those as old, by a hash."""
    buckets, span, now = one.plan["buckets"], one.plan["span"], one.begun_at
    if not buckets:
        return since
    drawn = draw_sql(lead_id, f"reprise {one.campaign_id} {now}")
    whens = []
    for upto, before, through in buckets:
        begins, lasts = now + int(span * before), max(int(span * (through - before)), 1)
        share = literal(lasts, BigInteger) * drawn // literal(RANGE, BigInteger)
        whens.append((since < upto, literal(begins, BigInteger) + share))
    return case(*whens, else_=literal(now + span, BigInteger))


def _details(plan: Plan) -> dict[str, object]:
    return {"plan": plan.how.value} | ({"span": plan.span} if plan.span else {})
