"""What comes for versions that are set apart is kept for them: nothing is lost.

Why they are set apart is written where everyone can read it. The events their triggers would have looked at
are noted, and looked at when they are back: at the next publication, or when the server starts.
"""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    delete,
    exists,
    literal,
    or_,
    select,
    tuple_,
)

from server.engine.batch import OF_EVENTS, arrivals, handled, insert_from, insert_new
from server.engine.conditions.patterns import matches
from server.engine.index import Index
from server.engine.listener import CampaignListener
from server.engine.own_events import CAMPAIGN_REQUESTED, SCHEDULE_DUE, STATE_STANDS
from server.engine.quarantine import Quarantine
from server.engine.tick import Tick
from server.engine.triggers.entries import own, touching
from server.store.schema.campaigns import campaigns, enrolments, missed, set_aside, versions
from server.store.schema.events import events


@dataclass(frozen=True, slots=True, order=True)
class Missed:
    """Events one version missed, by its exits or as entries."""

    version_id: Any  # its number, or in a statement the column that tells it
    entering: bool
    campaign_id: Any = None  # likewise

    def listeners(self, index: Index) -> Sequence[CampaignListener]:
        """Who looks at them now: the same exits; the entries its campaign has by now."""
        if not self.entering:
            mine = index.by_version.get(self.version_id, ())
            return [each for each in mine if each.outcome is not None]
        # Another version may have been published since, and nobody be left in this one.
        return [
            each
            for other in index.versions.values()
            if other.campaign_id == self.campaign_id
            for each in index.by_version[other.id]
            if each.outcome is None
        ]


class Backlog:
    """What versions set apart miss, and what the store says of them."""

    def __init__(self, quarantine: Quarantine) -> None:
        self._quarantine = quarantine
        self._written: Set[int] | None = None
        #: Whether there may be events to catch up with.
        self.returning = True

    @property
    def unsettled(self) -> bool:
        """Whether the store does not know yet, or has events to give back."""
        return self.returning or self._written != self._quarantine.versions.keys()

    def begin_again(self) -> None:
        """Nothing is set apart any more, whatever the store says."""
        self._written, self.returning = None, True

    def caught_up(self) -> None:
        """Nothing is left to give back."""
        self.returning = False

    async def settle(self, tick: Tick) -> None:
        """Make the table say what is known here."""
        reasons = self._quarantine.versions
        if self._written == reasons.keys():
            return
        back = set_aside.c.version_id.not_in(list(reasons))
        await tick.conn.execute(delete(set_aside).where(back))
        known = set((await tick.conn.execute(select(set_aside.c.version_id))).scalars())
        new = [
            {"version_id": version_id, "reason": reason, "at": tick.now}
            for version_id, reason in reasons.items()
            if version_id not in known
        ]
        if new:
            await tick.conn.execute(set_aside.insert(), new)
        tick.after_commit.append(partial(self._settled, reasons.keys()))

    def _settled(self, written: Set[int]) -> None:
        self._written = written

    async def keep(self, tick: Tick, listeners: Sequence[CampaignListener]) -> None:
        """Note the events handled now that these would have looked at."""
        for listener in listeners:
            tests = [handled]
            if listener.waits_for_the_hour and listener.outcome is None:
                tests.append(arrivals.c.type != STATE_STANDS)  # told on the hour, answered at once
            await tick.conn.execute(noted(listener, arrivals, tick.store.dialect, *tests))

    async def take(
        self, tick: Tick, index: Index, limit: int, still: Collection[int]
    ) -> Missed | None:
        """Fill the arrivals with events missed, the oldest of each lead; whose they are.

        `still`: the versions that do not run, for which they go on being kept.
        """
        for group in await self._groups(tick):
            if group.version_id in still:
                continue
            listeners = group.listeners(index)
            if any(self._quarantine.holds(each.key) for each in listeners):
                continue
            if listeners:
                await tick.conn.execute(these(group, limit))
                return group
            await tick.conn.execute(delete(missed).where(_of(group)))
        return None

    async def _groups(self, tick: Tick) -> Sequence[Missed]:
        """Asked of each version there is: what they missed may be a million events."""
        found: list[Missed] = []
        for entering in (False, True):
            one = select(missed.c.lead_id).where(_of(Missed(versions.c.id, entering))).limit(1)
            some = one.correlate(versions).scalar_subquery().is_not(None)
            back = versions.c.id.not_in(list(self._quarantine.versions))
            query = (
                select(versions.c.id, versions.c.campaign_id)
                .join_from(versions, campaigns, campaigns.c.id == versions.c.campaign_id)
                # Of one that does not run, they go on being kept.
                .where(campaigns.c.runs, back, some)
            )
            found += [
                Missed(row.id, entering, row.campaign_id)
                for row in (await tick.conn.execute(query)).all()
            ]
        return sorted(found)

    async def done(self, tick: Tick, group: Missed) -> None:
        """They were looked at."""
        taken = select(arrivals.c.lead_id, arrivals.c.id)
        key = tuple_(missed.c.lead_id, missed.c.event_id)
        await tick.conn.execute(delete(missed).where(_of(group), key.in_(taken)))


def noted(listener: CampaignListener, source: Table, dialect: str, *tests: Any) -> Any:
    """The insertion of what a trigger misses of the events of `source` that pass the tests."""
    version, entering = listener.version, listener.outcome is None
    tests = (*tests, _heard(listener, source, dialect))
    # For whom a state holds is followed whoever is inside: on the hour, for those who wait for it.
    if not entering and not (listener.by_state and listener.waits_for_the_hour):
        inside = select(1).where(
            enrolments.c.lead_id == source.c.lead_id,
            enrolments.c.version_id == version.id,
            enrolments.c.active,
        )
        tests = (*tests, exists(inside))
    values = {
        "lead_id": source.c.lead_id,
        "version_id": literal(version.id),
        "event_id": source.c.id,
        "entering": literal(entering),
        "type": source.c.type,
    }
    return insert_new(dialect, missed, values, select(source.c.lead_id).where(*tests))


def _of(group: Missed) -> ColumnElement[bool]:
    return and_(missed.c.version_id == group.version_id, missed.c.entering == group.entering)


def these(group: Missed, limit: int, upto: int | None = None) -> Any:
    """Missed events as arrivals, the oldest of each lead; none after the event `upto`."""
    earlier = missed.alias()
    first = ~exists(
        select(1).where(
            earlier.c.version_id == missed.c.version_id,
            earlier.c.entering == missed.c.entering,
            earlier.c.lead_id == missed.c.lead_id,
            earlier.c.event_id < missed.c.event_id,
        )
    )
    numbered = (
        select(missed.c.lead_id, missed.c.type, missed.c.event_id)
        .where(_of(group), first, *([] if upto is None else [missed.c.event_id <= upto]))
        .order_by(missed.c.lead_id)
        .limit(limit)
        .subquery("numbered")
    )
    values: Mapping[str, Any] = {name: events.c[name] for name in OF_EVENTS}
    rows = select(events.c.id).join_from(
        numbered,
        events,
        and_(
            events.c.lead_id == numbered.c.lead_id,
            events.c.type == numbered.c.type,
            events.c.id == numbered.c.event_id,
        ),
    )
    return insert_from(arrivals, {**values, "turn": literal(1)}, rows)


def _heard(listener: CampaignListener, source: Table, dialect: str) -> ColumnElement[bool]:
    """The events a trigger would look at, a state only arrivals; what may fail is left out."""
    trigger = listener.trigger
    if listener.requested is not None:
        return own(CAMPAIGN_REQUESTED, listener.requested, source)
    by_time = own(SCHEDULE_DUE, listener.subject, source)
    if trigger.on is not None:
        return matches(replace(trigger.on, properties=()), source, dialect)
    if trigger.schedule:
        return by_time
    return or_(touching(listener, dialect), by_time, own(STATE_STANDS, listener.subject, source))
