"""The events that a goal asks about, kept as they are handled, or looked for among those of before."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, and_, exists, literal, or_, select

from server.engine.batch import arrivals, beside_leads, handled, insert_new
from server.engine.conditions.conditions import compiled
from server.engine.conditions.patterns import matches, property_text
from server.engine.conditions.scope import Scope
from server.engine.goals.stored import StoredGoal
from server.engine.own_events import LEAD_MERGED
from server.engine.parts import AFTER, UPTO
from server.engine.tick import Prepared
from server.engine.unsought import Unsought
from server.store import inbox
from server.store.schema.campaigns import enrolments
from server.store.schema.events import events
from server.store.schema.goals import goal_events

#: What an event that follows from a message says it by: `server.dispatch.claim.message_key`.
_MESSAGE = "message"


class Hearing:
    """One question, compiled: what goals of those campaigns ask alike."""

    def __init__(self, goals: tuple[StoredGoal, ...], scope: Scope) -> None:
        self._goal, self._scope = goals[0], scope
        self._campaigns = sorted({one.campaign_id for one in goals})
        triggers = self._goal.rule.triggers
        self.handled = [Prepared(self._of_handled(one)) for one in triggers]
        self.merged = [Prepared(self._of_merged(one)) for one in triggers]
        self.before = [Prepared(self._of_before(one)) for one in triggers]

    def _of_handled(self, trigger: Any) -> Any:
        """Those handled now, of the leads who have been in one of the campaigns."""
        row, scope = events.alias("source"), self._scope
        stay = enrolments.alias("stay")
        been = exists(
            select(1).where(
                stay.c.lead_id == arrivals.c.lead_id, stay.c.campaign_id.in_(self._campaigns)
            )
        )
        same = and_(
            row.c.lead_id == arrivals.c.lead_id,
            row.c.type == arrivals.c.type,
            row.c.id == arrivals.c.id,
        )
        here = scope.of(lead_id=arrivals.c.lead_id, horizon=arrivals.c.id)
        source = beside_leads(arrivals, scope.fields.table).join(row, same)
        return self._kept(
            row,
            source,
            handled,
            matches(trigger.on, arrivals, scope.dialect),
            self._own(row),
            compiled(trigger.condition, here),
            been,
        )

    def _of_merged(self, trigger: Any) -> Any:
        """Those that came with another lead, of who is now known to be one with it."""
        row = events.alias("source")
        stays = arrivals.join(enrolments, enrolments.c.lead_id == Unsought(arrivals.c.lead_id))
        tests = (handled, arrivals.c.type == LEAD_MERGED, row.c.origin.is_not(None))
        return self._of_stays(trigger, row, stays, *tests)

    def _of_before(self, trigger: Any) -> Any:
        """Those of a part of the leads, that were handled before."""
        row = events.alias("source")
        within = (enrolments.c.lead_id > AFTER, enrolments.c.lead_id <= UPTO)
        return self._of_stays(trigger, row, enrolments, *within)

    def _of_stays(self, trigger: Any, row: Any, stays: Any, *tests: Any) -> Any:
        """Those of the leads of these stays; what else they ask is asked as things are now."""
        scope, leads = self._scope, self._scope.fields.table
        here = scope.of(lead_id=row.c.lead_id, horizon=None, in_tick=False)
        source = stays.join(
            row,
            and_(row.c.lead_id == Unsought(enrolments.c.lead_id), row.c.type == trigger.on.type),
        ).join(leads, leads.c.id == row.c.lead_id)
        return self._kept(
            row,
            source,
            *tests,
            enrolments.c.campaign_id.in_(self._campaigns),
            inbox.handled(row, scope.dialect),
            matches(trigger.on, row, scope.dialect),
            self._own(row),
            compiled(trigger.condition, here),
        )

    def _own(self, row: Any) -> ColumnElement[bool]:
        """Whether the message an event names is one of the campaign; one that names none may be."""
        if not self._goal.rule.own:
            return literal(True)
        named = property_text(_MESSAGE, row, self._scope.dialect)
        # Six numbers between points, the second of them the campaign's.
        of_campaign = literal(f"%.{self._goal.campaign_id}.%.%.%.%", Text)
        return or_(named.is_(None), named.like(of_campaign))

    def _kept(self, row: Any, source: Any, *tests: Any) -> Any:
        values = {
            "lead_id": row.c.lead_id,
            "question": literal(self._goal.question, BigInteger),
            "event_id": row.c.id,
            "at": row.c.occurred_at,
            "received_at": row.c.received_at,
        }
        rows = select(row.c.lead_id).select_from(source).where(*tests)
        return insert_new(self._scope.dialect, goal_events, values, rows)
