"""A rule of points, compiled: what each lead gains is noted once an event, then given."""

from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, func, literal, select, update

from dsl.rules import PointRule
from server.engine.batch import arrivals, beside_leads, handled, insert_new
from server.engine.conditions.history import by_lead
from server.engine.conditions.operands import interest_of
from server.engine.conditions.scope import Scope
from server.engine.effects.points import changed, gathered, history
from server.engine.listener import Listener
from server.engine.parameters import FIRST
from server.engine.rules.rule import reason_of
from server.engine.seed import number_of
from server.engine.tick import Prepared, Tick
from server.engine.triggers.entries import fired
from server.store.ids import floor_of
from server.store.instants import MINUTE
from server.store.schema.rules import points

_COUNT = bindparam("p_count", type_=BigInteger)
#: Where the ids of the last hour begin.
_RECENT = bindparam("p_recent", type_=BigInteger)
#: A rule gives to a lead so many times an hour at most: more is a machine, or rules that answer
#: one another without end.
_MOST_AN_HOUR = 1_000


class Points:
    """A rule of points, compiled."""

    def __init__(self, rule: PointRule, listener: Listener, scope: Scope) -> None:
        self._owner = listener.owner
        leads = scope.fields.table
        lead_id = arrivals.c.lead_id
        current = leads.c.score if rule.topic is None else interest_of(lead_id, rule.topic)
        delta = changed(current, rule.change) - current
        number, known = number_of(rule.key, 63), points.alias("known")
        often = select(func.count()).where(
            known.c.lead_id == lead_id, known.c.id >= _RECENT, known.c.rule == number
        )
        given = by_lead(often, known, scope).correlate_except(known).scalar_subquery()
        seldom = func.coalesce(given, 0) < _MOST_AN_HOUR
        rows = (
            select(lead_id)
            .select_from(beside_leads(arrivals, leads))
            .where(handled, *fired(listener, scope), delta != 0, seldom)
        )
        values = history(lead_id, rule.topic, delta, literal(reason_of(rule, scope.words), Text))
        values |= {
            "event_id": arrivals.c.id,
            "rule": literal(number, BigInteger),
        }
        self._note = Prepared(insert_new(scope.dialect, points, values, rows))
        self._give = Prepared(_given(rule, scope))

    async def run(self, tick: Tick, count: int) -> int:
        """Note what each lead gains, then give it; to how many."""
        first = tick.store.ids.reserve(count)
        recent = floor_of(tick.now - 60 * MINUTE)
        noted = await tick.run(self._note, self._owner, p_first_id=first, p_recent=recent)
        if noted:
            await tick.do(self._give, p_first_id=first, p_count=count)
        return noted


def _given(rule: PointRule, scope: Scope) -> Any:
    """What was just noted becomes theirs."""
    mine = (
        handled,
        points.c.lead_id == arrivals.c.lead_id,
        points.c.id >= FIRST,
        points.c.id < FIRST + _COUNT,
    )
    if rule.topic is None:
        leads = scope.fields.table
        gained = update(leads).where(leads.c.id == arrivals.c.lead_id, *mine)
        return gained.values(score=leads.c.score + points.c.delta)
    value = interest_of(points.c.lead_id, rule.topic) + points.c.delta
    rows = select(points.c.lead_id).where(*mine)
    return gathered(scope.dialect, rows, rule.topic, value)
