"""What a tick takes on: events in the order received, then the enrolments whose time has come."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    Text,
    and_,
    bindparam,
    case,
    delete,
    exists,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    tuple_,
    update,
)

from relance.events import LEAD_UPDATED
from server.engine.batch import (
    DUE,
    KEPT,
    OF_EVENTS,
    RUNNING,
    WAITING,
    WOKEN,
    arrivals,
    batch,
    gone,
    handled,
    insert_from,
    insert_new,
    of_enrolment,
    outcome,
)
from server.engine.dividing import event_tests, shared_tests
from server.engine.listening import Happening, changed
from server.engine.moved import Moved
from server.engine.moves import Cause
from server.engine.parameters import LIMIT, NEXT_HOUR, NOW, QUARANTINE
from server.engine.tick import Prepared, Tick
from server.engine.turns import Kinds, alike
from server.engine.watches import whole
from server.store.counters.changes import by_sets
from server.store.inbox import know_the_crowd, same_event
from server.store.schema.campaigns import enrolments, same, waits
from server.store.schema.events import events, inbox

_HEARD = bindparam("p_types", type_=String, expanding=True)
#: Who waits for an event such as one of the arrivals.
_AWAITED = and_(waits.c.lead_id == arrivals.c.lead_id, waits.c.topic == arrivals.c.type)
#: How many of the newest events have their turn while a crowd waits before them.
_FRESH = bindparam("p_fresh", type_=Integer)
#: Of a crowd that is due, how many of the last ones are looked at.
_LAST = 10_000
#: Of a tick, one part in so many.
_SHARE = 4


class Pending:
    """What waits for a tick: the statements that fill its tables, and give its events back done.

    `divided`: for a tick that has some leads to itself.
    """

    def __init__(self, dialect: str, *, divided: bool = False) -> None:
        mine = event_tests() if divided else ()
        due = shared_tests(enrolments.c.lead_id) if divided else ()
        others = inbox.c.lead_id.not_in(select(arrivals.c.lead_id))
        newest = select(inbox.c.lead_id).order_by(inbox.c.id.desc()).limit(_FRESH)
        fresh = inbox.c.lead_id.in_(select(newest.subquery("newest").c.lead_id))
        self._take = Prepared(_taken(dialect, *mine))
        self._take_others = Prepared(_taken(dialect, others, *mine))
        self._take_fresh = Prepared(_taken(dialect, fresh, others, *mine))
        self._take_kind = {
            plain: Prepared(_taken(dialect, _oldest_of(plain), others, *mine))
            for plain in (True, False)
        }
        self._progress = Prepared(select(func.count()).where(arrivals.c.turn <= 1))
        self._kinds = Prepared(_kinds())
        self._wake = Prepared(_woken(dialect))
        self._postpone = Prepared(_postponed(NOW))
        sooner = and_(enrolments.c.wake_at.is_not(None), enrolments.c.wake_at < NEXT_HOUR)
        until = case((sooner, enrolments.c.wake_at), else_=NEXT_HOUR)
        self._until_the_hour = Prepared(_postponed(until))
        # Asked of each lead due: a million events may wait while one lead's time has come.
        unheard = exists(select(1).where(inbox.c.lead_id == enrolments.c.lead_id))
        self._due = Prepared(_due(dialect, *due))
        self._quiet_due = Prepared(_due(dialect, ~unheard, *due))
        self._last_due = Prepared(_due(dialect, ~unheard, *due, source=_last_due()))
        self._done = Prepared(_done())

    async def take_events(self, tick: Tick, limit: int, waiting: Kinds) -> int:
        """Claim events that wait, the oldest first; one a lead is handled now, the rest in turn.

        Should a few leads fill the limit with theirs, others are claimed besides. Should a crowd
        fill it, what is of another kind has a share of the tick, and so have those who came last,
        each lead with all that waits of its own: a form does not wait behind the million that a
        file or a list brought in, nor behind those who go on coming.
        """
        holes = {"p_limit": limit, "p_types": sorted(tick.heard)}
        taken = await tick.do(self._take, **holes)
        if taken == limit:
            if tick.store.dialect == "postgresql":
                await know_the_crowd(tick.conn, taken)
            ((progress,),) = await tick.ask(self._progress)
            if 2 * progress < limit:
                taken += await tick.do(self._take_others, **holes)
            share = max(limit // _SHARE, 1)
            kinds = await waiting.left_out(tick)
            for kind in kinds:
                take = self._take_kind[kind.subject is None]
                fresh = max(share // len(kinds), 1)
                taken += await tick.do(take, **holes, **kind.holes, p_fresh=fresh)
            taken += await tick.do(self._take_fresh, **holes, p_fresh=share)
        return taken

    async def happenings(self, tick: Tick) -> list[Happening]:
        """What the index needs to know of the events handled now."""
        return [
            Happening(type_, subject, address, context, changed(type_, properties))
            for type_, subject, address, context, properties in await tick.ask(self._kinds)
        ]

    async def wake(
        self,
        tick: Tick,
        quarantine: Sequence[int],
        still: Sequence[int],
        hourly: Collection[int] = (),
    ) -> int:
        """Wake those who wait for such an event, but in the versions where nobody moves.

        Of these, those set aside look when they are back; those that rest hear nothing of it; those
        of versions looked at on the hour, on the next.
        """
        if later := [one for one in hourly if one not in still]:
            await tick.do(self._until_the_hour, p_quarantine=later)
            still = [*still, *later]
        if quarantine:
            await tick.do(self._postpone, p_quarantine=quarantine)
        return await tick.do(self._wake, p_quarantine=still)

    async def take_due(
        self,
        tick: Tick,
        limit: int,
        still: Sequence[int],
        *,
        crowded: bool,
        behind: bool,
    ) -> int:
        """Claim the enrolments whose time has come, the longest due first.

        Leads with events to handle are left for later: events come before timers. `crowded`:
        not all events there are were claimed. `behind`: a crowd that is not to move has been due
        for longer; only those due last are looked at.
        """
        if behind:
            return await tick.do(self._last_due, p_limit=limit, p_quarantine=still)
        due = self._quiet_due if crowded else self._due
        return await tick.do(due, p_limit=limit, p_quarantine=still)

    async def done(self, tick: Tick) -> None:
        """The events that were handled wait no more."""
        await tick.do(self._done)


def _taken(dialect: str, *tests: Any) -> Any:
    """Events that wait, the oldest first, as arrivals: one a lead has its turn."""
    window = (
        select(inbox.c.lead_id, inbox.c.type, inbox.c.id)
        .where(whole(inbox.c.lead_id), *tests)
        .order_by(inbox.c.id)
        .limit(LIMIT)
    )
    if dialect == "postgresql":
        window = window.with_for_update(skip_locked=True)
    row = window.subquery("waiting")
    listened = case((row.c.type.in_(_HEARD), 1), else_=0)
    turn = func.row_number().over(partition_by=[row.c.lead_id, listened], order_by=row.c.id)
    values: dict[str, Any] = {name: events.c[name] for name in OF_EVENTS}
    rows = select(row.c.id).join_from(row, events, and_(*same_event(events, row)))
    return insert_from(arrivals, {**values, "turn": turn * listened}, rows)


def _kinds() -> Select[Any]:
    """What is told apart of the events handled now."""
    columns = (arrivals.c.type, arrivals.c.subject_key, arrivals.c.address, arrivals.c.context_key)
    fields = case((arrivals.c.type == LEAD_UPDATED, arrivals.c.properties))
    return select(*columns, fields).where(handled).distinct()


def _woken(dialect: str) -> Any:
    """Those who wait for an event handled now, as a batch."""
    waiting = arrivals.join(waits, _AWAITED).join(enrolments, same(enrolments, waits))
    rows = (
        select(enrolments.c.lead_id)
        .select_from(waiting)
        .where(handled, enrolments.c.active, enrolments.c.version_id.not_in(QUARANTINE))
    )
    values = of_enrolment(
        mode=literal(WOKEN, Integer),
        horizon=arrivals.c.id,
        cause=literal(Cause.EVENT.value, Text),
        cause_event=arrivals.c.id,
        cause_at=arrivals.c.occurred_at,
    )
    return insert_new(dialect, batch, values, rows)


def _postponed(until: Any) -> Any:
    """Those who wait for an event handled now in versions where nobody moves: looked at then."""
    concerned = (
        select(waits.c.lead_id)
        .select_from(waits.join(arrivals, _AWAITED))
        .where(handled, same(waits, enrolments))
        .correlate(enrolments)
    )
    return (
        update(enrolments)
        .where(
            enrolments.c.lead_id.in_(select(arrivals.c.lead_id).where(handled)),
            enrolments.c.version_id.in_(QUARANTINE),
            enrolments.c.active,
            concerned.exists(),
        )
        .values(wake_at=until)
    )


def _last_due() -> Any:
    """The enrolments whose time came last."""
    keys = (enrolments.c.lead_id, enrolments.c.campaign_id, enrolments.c.entry)
    due: Select[Any] = select(*keys).where(enrolments.c.wake_at <= NOW)
    last = due.order_by(enrolments.c.wake_at.desc()).limit(_LAST).subquery("last")
    return last.join(enrolments, same(enrolments, last))


def _due(dialect: str, *tests: Any, source: Any = enrolments) -> Any:
    """The enrolments whose time has come, as a batch; no lead that has events to handle."""
    due: Select[Any] = (
        select(enrolments.c.lead_id)
        .select_from(source)
        .where(
            enrolments.c.wake_at <= NOW,
            whole(enrolments.c.lead_id),
            enrolments.c.lead_id.not_in(select(arrivals.c.lead_id)),
            enrolments.c.version_id.not_in(QUARANTINE),
            *tests,
        )
        .order_by(enrolments.c.wake_at)
        .limit(LIMIT)
    )
    if dialect == "postgresql":
        due = due.with_for_update(skip_locked=True, of=enrolments)
    mode = case((enrolments.c.arriving, RUNNING), else_=DUE)
    values = of_enrolment(mode=mode, cause=literal(Cause.TIME.value, Text))
    return insert_new(dialect, batch, values, due)


def _done() -> Any:
    """The events handled, and those nobody hears of, wait no more."""
    these = select(arrivals.c.lead_id, arrivals.c.id, arrivals.c.type).where(arrivals.c.turn <= 1)
    return delete(inbox).where(tuple_(inbox.c.lead_id, inbox.c.id, inbox.c.type).in_(these))


def _oldest_of(plain: bool) -> ColumnElement[bool]:
    """The leads of the oldest events of a kind."""
    oldest = select(inbox.c.lead_id).where(*alike(plain=plain)).order_by(inbox.c.id)
    return inbox.c.lead_id.in_(select(oldest.limit(_FRESH).subquery("oldest").c.lead_id))


class Return:
    """Writing the batch back: one UPDATE, one INSERT."""

    def __init__(self, dialect: str) -> None:
        settled = or_(batch.c.mode == WAITING, gone)
        kept: dict[str, Any] = {name: batch.c[name] for name in KEPT}
        # To leave is a move too, after which there is nothing to wait for.
        kept["moves"] = batch.c.moves + case((gone, 1), else_=0)
        kept |= {name: case((~gone, batch.c[name])) for name in ("wake_at", "deadline")}
        kept["outcome"] = outcome
        ended = {"active": ~gone, "left_at": case((gone, NOW)), "overdue_at": null()}
        ended |= {"arriving": false()}
        self._update = Prepared(
            update(enrolments)
            .where(same(enrolments, batch), settled, ~batch.c.fresh)
            .values({**kept, **ended})
        )
        carried = (
            *("lead_id", "campaign_id", "entry", "version_id", "entered_at", "expires_at"),
            "stay_value",
        )
        values = {name: batch.c[name] for name in carried}
        self._insert = Prepared(
            insert_from(
                enrolments,
                {**values, **kept, **ended},
                select(batch.c.lead_id).where(settled, batch.c.fresh),
            )
        )
        self._moved = Moved()
        self._astray = Prepared(select(batch.c.version_id).where(not_(settled)).limit(1))

    async def run(self, tick: Tick) -> int | None:
        """Write; the version of a row that neither rests nor left, if there is one (a bug)."""
        if tick.counted is None:
            await self._write(tick)
        else:
            async with by_sets(tick.conn):
                await self._write(tick)
            await self._moved.count(tick, tick.counted)
        astray = await tick.ask(self._astray)
        return astray[0].version_id if astray else None

    async def _write(self, tick: Tick) -> None:
        await tick.do(self._update)
        await tick.do(self._insert)
