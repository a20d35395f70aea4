"""Taking leads out: by a campaign's exit rules, by its time limit, by an effect; and the goodbye."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    case,
    delete,
    literal,
    select,
    tuple_,
    update,
)

from dsl.program import Exit
from server.engine.batch import (
    DUE,
    LEFT,
    RUNNING,
    arrivals,
    batch,
    beside_leads,
    finished,
    gone,
    handled,
    insert_from,
    insert_new,
    of_enrolment,
)
from server.engine.conditions.history import of_stay
from server.engine.conditions.leaves import leaves_json
from server.engine.conditions.scope import Scope
from server.engine.listener import CampaignListener
from server.engine.moves import Cause, Move
from server.engine.own_events import STATE_STANDS
from server.engine.parameters import NOW, QUARANTINE, before
from server.engine.tick import Prepared, Tick
from server.engine.triggers.entries import fired, newer, own
from server.store.schema.campaigns import enrolments, journal, same, waits
from server.store.schema.messages import outbox
from server.store.schema.transfers import carried

#: Exits that take back what is not sent yet; the other ways out let it leave.
CANCELLING = (
    *(Exit.SUCCESS, Exit.FAILURE, Exit.TIMEOUT, Exit.SUPPRESSED, Exit.PERIOD_OVER, Exit.REMOVED),
    Exit.RESTARTED,
)


class ExitBy:
    """A trigger that takes out, compiled."""

    def __init__(self, listener: CampaignListener, scope: Scope) -> None:
        self.listener = listener
        version = listener.version
        leads = scope.fields.table
        state = listener.by_state
        here = scope.of(
            lead_id=arrivals.c.lead_id,
            horizon=arrivals.c.id,
            enrolment=None if state else enrolments,
        )
        rows = (
            select(enrolments.c.lead_id)
            .select_from(
                beside_leads(arrivals, leads).join(
                    enrolments,
                    and_(
                        enrolments.c.lead_id == arrivals.c.lead_id,
                        enrolments.c.campaign_id == version.campaign_id,
                    ),
                )
            )
            .where(
                handled,
                enrolments.c.active,
                enrolments.c.version_id == version.id,
                newer(listener),
                *fired(listener, here, own(STATE_STANDS, listener.subject)),
                *([of_stay(arrivals, enrolments, scope)] if scope.stays_by else []),
            )
        )
        outcome = listener.outcome or Exit.REMOVED
        values = of_enrolment(
            mode=literal(LEFT, Integer),
            outcome=literal(outcome.value, Text),
            cause=literal(Cause.EVENT.value, Text),
            cause_event=arrivals.c.id,
            leaves=leaves_json((listener.trigger.condition,), here),
        )
        self._insert = Prepared(insert_new(scope.dialect, batch, values, rows))

    async def run(self, tick: Tick, heard_from: int) -> int:
        """Take them out; how many."""
        return await tick.run(self._insert, self.listener.version, p_heard_from=heard_from)


_expire = Prepared(
    update(batch)
    .where(batch.c.mode.in_([DUE, RUNNING]), batch.c.expires_at <= NOW)
    .values(mode=LEFT, outcome=Exit.TIMEOUT.value)
)


class Overdue:
    """Those whose time in a campaign was over before an event came that is only handled now."""

    def __init__(self, dialect: str) -> None:
        rows = (
            select(enrolments.c.lead_id)
            .select_from(arrivals.join(enrolments, enrolments.c.lead_id == arrivals.c.lead_id))
            .where(
                handled,
                enrolments.c.active,
                enrolments.c.expires_at <= NOW,
                before(enrolments.c.expires_at) < arrivals.c.id,
                enrolments.c.version_id.not_in(QUARANTINE),
            )
        )
        values = of_enrolment(mode=literal(DUE, Integer), cause=literal(Cause.TIME.value, Text))
        self._insert = Prepared(insert_new(dialect, batch, values, rows))

    async def run(self, tick: Tick, still: Sequence[int]) -> None:
        """Take them out before the event is looked at, but in the versions where nobody moves."""
        if await tick.do(self._insert, p_quarantine=still):
            await expire(tick)


async def expire(tick: Tick) -> None:
    """Take out those whose time in the campaign is over."""
    await tick.do(_expire)


_left = batch.c.mode == LEFT


def _goodbye(whose: ColumnElement[bool], **said: Any) -> Prepared:
    """What the journal says of those who leave."""
    names = ("lead_id", "campaign_id", "entry", "version_id")
    columns: dict[str, Any] = {name: batch.c[name] for name in names}
    columns |= {"move": batch.c.moves + 1, "at": NOW, "kind": literal(Move.LEFT.value, Text)}
    return Prepared(insert_from(journal, {**columns, **said}, select(batch.c.lead_id).where(whose)))


_end = _goodbye(finished, cause=literal(Cause.MOVE.value, Text))
_leave = _goodbye(
    _left,
    statement=case((batch.c.statement >= 0, batch.c.statement)),
    cause=batch.c.cause,
    cause_event=batch.c.cause_event,
    leaves=batch.c.leaves,
)


def _departed(whose: ColumnElement[bool]) -> Select[Any]:
    return select(batch.c.lead_id, batch.c.campaign_id, batch.c.entry).where(whose)


class Departure:
    """What leaving entails, for every row that leaves in this tick."""

    def __init__(self, dialect: str) -> None:

        self._unsubscribe = Prepared(
            delete(waits).where(
                waits.c.lead_id.in_(select(batch.c.lead_id).where(_left)),
                tuple_(waits.c.lead_id, waits.c.campaign_id, waits.c.entry).in_(_departed(_left)),
            )
        )
        self._forget = Prepared(
            delete(carried).where(
                carried.c.lead_id.in_(select(batch.c.lead_id).where(gone)),
                tuple_(carried.c.lead_id, carried.c.campaign_id, carried.c.entry).in_(
                    _departed(gone)
                ),
            )
        )
        taken_back = [exit_.value for exit_ in CANCELLING]
        self._cancel = Prepared(
            update(outbox)
            .where(
                outbox.c.state == "pending",
                outbox.c.gathering.is_(None),  # one that stands for others leaves for them
                same(outbox, batch),
                _left,
                batch.c.cause != Cause.MOVE.value,
                batch.c.outcome.in_(taken_back),
            )
            .values(
                state="cancelled", due_at=None, overdue_at=None, settled_at=NOW, reason="sortie"
            )
        )

    async def run(self, tick: Tick) -> None:
        """Say goodbye."""
        ended = await tick.do(_end)
        left = await tick.do(_leave)
        if tick.carries and (ended or left):
            await tick.do(self._forget)
        if left:
            await tick.do(self._unsubscribe)
            await tick.do(self._cancel)
