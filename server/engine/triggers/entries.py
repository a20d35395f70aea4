"""Letting leads in, and refusing them: who asks is decided by trigger, the answer once for all."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    true,
)

from dsl.program import Exit, Reentry
from relance import facts
from relance.events import CAMPAIGN_ENTERED
from server.engine.batch import (
    LEFT,
    RUNNING,
    arrivals,
    batch,
    beside_leads,
    entrants,
    handled,
    insert_from,
    insert_new,
    insert_or,
    of_enrolment,
)
from server.engine.conditions.conditions import compiled
from server.engine.conditions.history import stay_value
from server.engine.conditions.leaves import leaves_json
from server.engine.conditions.patterns import matches
from server.engine.conditions.scope import Scope
from server.engine.conditions.woken import woken
from server.engine.event_insertion import insert_events_from
from server.engine.listener import CampaignListener, Listener
from server.engine.moves import Cause, Move
from server.engine.own_events import CAMPAIGN_REQUESTED, SCHEDULE_DUE, STATE_STANDS
from server.engine.parameters import NOW
from server.engine.tick import Prepared, Tick
from server.engine.triggers.edge import held, row_of, rows_of
from server.engine.unsought import Unsought
from server.engine.version import Version
from server.store.instants import MINUTE
from server.store.schema.campaigns import campaigns, edges, enrolments, journal, refusals, same

#: Entries of a lead in a campaign within an hour.
_MOST_ENTRIES = 1_000
_CUTOFF = bindparam("p_cutoff", type_=BigInteger)
_EXPIRY = bindparam("p_expiry", type_=BigInteger)
_HEARD_FROM = bindparam("p_heard_from", type_=BigInteger)
_LISTENED = bindparam("p_listened", type_=BigInteger, expanding=True)


def fired(
    listener: Listener, scope: Scope, stands: ColumnElement[bool] | None = None
) -> list[ColumnElement[bool]]:
    """The tests of an arrival (and its lead) that make the trigger fire.

    `stands`: the arrivals that a state trigger answers though its condition held before.
    """
    trigger = listener.trigger
    if listener.requested is not None:
        return [own(CAMPAIGN_REQUESTED, listener.requested)]
    by_time = own(SCHEDULE_DUE, listener.subject)
    if trigger.schedule is not None:
        return [by_time]
    if trigger.on is None:
        asked = and_(touching(listener, scope.dialect), ~held(listener, arrivals.c.lead_id))
        if stands is not None:
            asked = or_(asked, stands)
        return [or_(and_(asked, compiled(trigger.condition, scope)), by_time)]
    return [matches(trigger.on, arrivals, scope.dialect), compiled(trigger.condition, scope)]


def newer(listener: Listener) -> ColumnElement[bool]:
    """The arrivals a trigger hears: not what its campaign, which did not run, let pass.

    For a state, it is what holds that counts.
    """
    return true() if listener.by_state else arrivals.c.id > _HEARD_FROM


def touching(listener: Listener, dialect: str) -> ColumnElement[bool]:
    """The arrivals that may change the answer of a state trigger's condition."""
    return woken(listener.wakes, dialect, blank=listener.blank)


def own(kind: str, subject: str, source: Table = arrivals) -> ColumnElement[bool]:
    """An event the engine made itself, for leads it chose already."""
    return and_(source.c.type == kind, source.c.subject_key == subject)


class EntryTrigger:
    """A trigger that lets in, compiled."""

    def __init__(self, listener: CampaignListener, scope: Scope, *, at_once: bool = False) -> None:
        """`at_once`: it answers only that a state is told to stand."""
        self.listener = listener
        version = listener.version
        scope = scope.of(lead_id=arrivals.c.lead_id, horizon=arrivals.c.id)
        leads = scope.fields.table
        last, highest = enrolments.alias("last"), _highest(version)
        value, latest = stay_value(arrivals, scope), highest
        if version.program.reentry_property is not None:
            latest = _highest(version, value)
        source = beside_leads(arrivals, leads).outerjoin(
            last,
            and_(
                last.c.lead_id == arrivals.c.lead_id,
                last.c.campaign_id == version.campaign_id,
                last.c.entry == latest,
            ),
        )
        # Told twice, by two states or by its turning true at that very instant, it enters once.
        state_event = own(STATE_STANDS, listener.subject)
        since = or_(last.c.entry.is_(None), last.c.entered_at < arrivals.c.occurred_at)
        stands = and_(state_event, since)
        tests = (newer(listener), *fired(listener, scope, stands))
        if at_once:
            tests = (*tests, state_event)
        rows = select(arrivals.c.lead_id).select_from(source).where(handled, *tests)
        timer = listener.trigger.schedule is not None
        condition = None if timer else listener.trigger.condition
        leaves: Any = arrivals.c.properties if timer else leaves_json((condition,), scope)
        first = version.program.first if version.program.statements else -1
        values = {
            "campaign_id": literal(version.campaign_id, BigInteger),
            "lead_id": arrivals.c.lead_id,
            "version_id": literal(version.id, BigInteger),
            "entry": func.coalesce(last.c.entry if latest is highest else highest, 0) + 1,
            "stay_value": value,
            "reason": _reason(version, scope, last, value, highest),
            "exclusive_group": literal(version.group, Text),
            "place": literal(version.place, Integer),
            "event_id": arrivals.c.id,
            "occurred_at": arrivals.c.occurred_at,
            "expires_at": _EXPIRY,
            "statement": literal(first, Integer),
            "cause": literal(Cause.TIME if timer else Cause.EVENT, Text),
            "leaves": leaves,
        }
        self._insert = Prepared(insert_new(scope.dialect, entrants, values, rows))

    async def run(self, tick: Tick, heard_from: int) -> int:
        """Put down who asks to enter; how many."""
        version = self.listener.version
        return await tick.run(
            self._insert,
            version,
            p_cutoff=version.reentry_cutoff(tick.now),
            p_expiry=version.expiry(tick.now),
            p_heard_from=heard_from,
        )


def _highest(version: Version, value: ColumnElement[str] | None = None) -> Any:
    """The last entry of the lead in the campaign; `value`: of those for that value."""
    other = enrolments.alias("other")
    mine = [other.c.lead_id == arrivals.c.lead_id, other.c.campaign_id == version.campaign_id]
    if value is not None:
        mine.append(other.c.stay_value == value)
    found = select(func.max(other.c.entry)).where(*mine)
    return found.correlate(arrivals).scalar_subquery()


def _reason(
    version: Version,
    scope: Scope,
    last: Any,
    value: ColumnElement[str],
    highest: ColumnElement[int],
) -> ColumnElement[Any]:
    """Why not, the reason that will last first."""
    program = version.program
    whens: list[tuple[ColumnElement[bool], str]] = []
    # Who begins again is inside, not back: the re-entry clause says nothing of him.
    inside = and_(last.c.active, ~leaving(last))
    back = last.c.entry.is_not(None)
    if program.restarts:
        back = and_(back, ~inside)
    else:
        whens.append((or_(inside, _inside_otherwise(version, last)), "already_in"))
    if program.reentry is Reentry.BY_VALUE:
        whens.append((value == "", "no_value"))
    whens += [(compiled(one.condition, scope), "excluded") for one in program.exclusions]
    whens += [(compiled(one.condition, scope), "suppressed") for one in program.suppressions]
    if program.reentry is Reentry.NEVER:
        whens.append((back, "once_only"))
    if program.reentry is Reentry.BY_VALUE:
        whens.append((back, "value_came"))
    if program.restarts or program.reentry is not Reentry.NEVER:
        whens.append((_often(version, highest), "too_often"))
    whens.append((and_(back, last.c.entered_at > _CUTOFF), "too_soon"))
    return case(*whens, else_=cast(null(), Text))


def _inside_otherwise(version: Version, last: Any) -> ColumnElement[bool]:
    """Whether the lead is in by an entry before the last: its campaign had a stay for each value, or
    it is two leads found to be one, of whom the first to enter goes on.
    """
    early = enrolments.alias("early")
    tests = [
        early.c.lead_id == last.c.lead_id,
        early.c.campaign_id == last.c.campaign_id,
        early.c.active,
        ~leaving(early),
    ]
    if version.program.reentry is Reentry.BY_VALUE:
        tests.append(early.c.stay_value == last.c.stay_value)
    return and_(last.c.entry > 1, exists(select(1).where(*tests)))


def leaving(enrolment: Any) -> ColumnElement[bool]:
    """Whether it ends in this tick."""
    return exists(select(1).where(same(batch, enrolment), batch.c.mode == LEFT))


def _often(version: Version, highest: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether campaigns must be sending the lead round: nobody comes back so often by himself."""
    early = enrolments.alias("early")
    return exists(
        select(1).where(
            early.c.lead_id == arrivals.c.lead_id,
            early.c.campaign_id == version.campaign_id,
            early.c.entry == highest - (_MOST_ENTRIES - 1),
            early.c.entered_at > NOW - literal(60 * MINUTE, BigInteger),
        )
    )


class Turn:
    """Keeps the record of the leads for which a state trigger's condition holds."""

    def __init__(self, listener: Listener, scope: Scope) -> None:
        self.listener = listener
        here = scope.of(lead_id=arrivals.c.lead_id, horizon=arrivals.c.id, enrolment=None)
        leads = scope.fields.table
        concerned = and_(handled, touching(listener, scope.dialect))
        holds = compiled(listener.trigger.condition, here)
        source = select(arrivals.c.lead_id).select_from(beside_leads(arrivals, leads))
        row = row_of(listener, arrivals.c.lead_id)
        begun = source.where(concerned, holds)
        self._begin = Prepared(insert_new(scope.dialect, edges, row, begun))
        over = edges.c.lead_id.in_(source.where(concerned, ~holds))
        self._end = Prepared(delete(edges).where(rows_of(listener), over))

    async def run(self, tick: Tick) -> None:
        """After the trigger has fired for those it turned true for."""
        await tick.run(self._begin, self.listener.owner)
        await tick.run(self._end, self.listener.owner)


class Admission:
    """The answer to those who asked: into the batch, or a refusal with its reason."""

    def __init__(self, dialect: str) -> None:
        welcome = select(entrants.c.lead_id).where(entrants.c.reason.is_(None))
        values = {
            "lead_id": entrants.c.lead_id,
            "campaign_id": entrants.c.campaign_id,
            "entry": entrants.c.entry,
            "stay_value": entrants.c.stay_value,
            "version_id": entrants.c.version_id,
            "statement": entrants.c.statement,
            "mode": literal(RUNNING, Integer),
            "moves": literal(1, Integer),
            "fresh": literal(True),
            "held_out": literal(False),
            "entered_at": NOW,
            "since_at": entrants.c.occurred_at,
            "since_event": entrants.c.event_id,
            "horizon": entrants.c.event_id,
            "expires_at": entrants.c.expires_at,
            "cause": literal(Cause.MOVE.value, Text),
        }
        self._admit = Prepared(insert_from(batch, values, welcome))
        self._record = Prepared(
            insert_from(
                journal,
                {
                    "lead_id": entrants.c.lead_id,
                    "campaign_id": entrants.c.campaign_id,
                    "entry": entrants.c.entry,
                    "move": literal(1, Integer),
                    "version_id": entrants.c.version_id,
                    "at": NOW,
                    "kind": literal(Move.ENTERED.value, Text),
                    "cause": entrants.c.cause,
                    "cause_event": entrants.c.event_id,
                    "leaves": entrants.c.leaves,
                },
                welcome,
            )
        )
        # Whoever is let in while inside leaves first, and begins again.
        leaves = of_enrolment(
            mode=literal(LEFT, Integer),
            outcome=literal(Exit.RESTARTED.value, Text),
            cause=entrants.c.cause,
            cause_event=entrants.c.event_id,
        )
        again = and_(
            enrolments.c.lead_id == Unsought(entrants.c.lead_id),
            enrolments.c.campaign_id == Unsought(entrants.c.campaign_id),
            or_(entrants.c.stay_value == "", enrolments.c.stay_value == entrants.c.stay_value),
        )
        inside = select(enrolments.c.lead_id).join_from(entrants, enrolments, again)
        inside = inside.where(entrants.c.reason.is_(None), enrolments.c.active)
        self._restart = Prepared(insert_new(dialect, batch, leaves, inside))
        refused = select(entrants.c.lead_id).where(entrants.c.reason.is_not(None))
        put = insert_or(
            dialect,
            refusals,
            {
                "lead_id": entrants.c.lead_id,
                "campaign_id": entrants.c.campaign_id,
                "reason": entrants.c.reason,
                "at": NOW,
                "event_id": entrants.c.event_id,
                "held_by": entrants.c.held_by,
            },
            refused,
        )
        self._refuse = Prepared(
            put.on_conflict_do_update(
                index_elements=["lead_id", "campaign_id", "reason"],
                set_={name: put.excluded[name] for name in ("at", "event_id", "held_by")},
            )
        )

        listened = welcome.where(entrants.c.campaign_id.in_(_LISTENED)).join_from(
            entrants, campaigns, campaigns.c.id == entrants.c.campaign_id
        )
        self._insert_events = insert_events_from(
            listened,
            entrants.c.lead_id,
            CAMPAIGN_ENTERED,
            campaigns.c.name,
            key=campaigns.c.key,
            then=[entrants.c.campaign_id],
        )

    async def run(
        self, tick: Tick, asked: int, listened: frozenset[int], *, restarting: bool
    ) -> None:
        """Answer the `asked` who asked; the entries in the campaigns `listened` to are events.

        `restarting`: some may be inside, and begin again.
        """
        if restarting:
            await tick.do(self._restart)
        admitted = await tick.do(self._admit)
        if admitted:
            await tick.do(self._record)
        if admitted and listened:
            first = tick.store.ids.reserve(admitted)
            await self._insert_events.run(tick, True, p_first_id=first, p_listened=sorted(listened))
        if admitted < asked:
            await tick.do(self._refuse)


def outside(scope: Scope, horizon: ColumnElement[int] | None = None) -> Scope:
    """Every lead there is, looked at outside any campaign and any tick's tables."""
    return scope.of(lead_id=scope.fields.table.c.id, horizon=horizon, enrolment=None, in_tick=False)


def holding(
    condition: facts.Condition | None, scope: Scope, horizon: ColumnElement[int] | None = None
) -> Select[Any]:
    """Every lead for which a condition holds now, outside any campaign."""
    leads = scope.fields.table
    here = outside(scope, horizon)
    return select(leads.c.id).where(leads.c.merged_into.is_(None), compiled(condition, here))
