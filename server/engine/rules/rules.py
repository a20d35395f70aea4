"""What the project says outside campaigns, applied to the events of a tick: points, conversions.

One event a lead is handled at a time, so that each rule is a few statements over all the leads it
concerns, one rule after another in the order of the scripts: a later one sees what an earlier one
gave. A rule counts once an event, which the key of the history holds.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, bindparam, exists, func, select

from dsl.phrases.words import Words
from dsl.rules import PointRule
from relance import events as names
from relance.events import EventPattern
from relance.fold import key_of
from server.engine.batch import arrivals, handled
from server.engine.conditions.blank import may_hold
from server.engine.conditions.scope import Scope
from server.engine.contents import parts
from server.engine.event_insertion import EventInsertion, insert_events_from
from server.engine.listener import Listener
from server.engine.listening import Happening, Listening
from server.engine.own_events import LEAD_CREATED, LEAD_MERGED, SCHEDULE_DUE
from server.engine.owner import RULES, Key
from server.engine.parameters import holes_of
from server.engine.quarantine import Quarantine, blame
from server.engine.rules.converting import Converting
from server.engine.rules.points import Points
from server.engine.rules.rule import Rule, numbered, reason_of
from server.engine.tick import Prepared, Tick
from server.engine.triggers.states import States
from server.engine.watches import forget
from server.store.schema.rules import points
from server.store.store import Store

_GIVEN_FROM = bindparam("p_given_from", type_=BigInteger)
_waiting = Prepared(select(func.count()).where(handled))


@dataclass(frozen=True, slots=True)
class RulesOwner:
    """What « now » means to the rules: the project's zone."""

    zone: ZoneInfo
    #: The names of the holes their facts leave to fill.
    holes: frozenset[str]
    id: int = RULES


@dataclass(frozen=True, slots=True)
class _Place:
    """A trigger of a rule, as the rest of the engine knows triggers; `order`: in the scripts."""

    order: int
    rule: Rule
    listener: Listener


class Rules:
    """The rules of a project."""

    def __init__(
        self,
        rules: Sequence[Rule],
        store: Store,
        zone: ZoneInfo,
        quarantine: Quarantine,
        words: Words,
    ) -> None:
        self.rules, self._quarantine = tuple(rules), quarantine
        self.owner = RulesOwner(zone, holes_of(parts(self.rules)))
        self.scope = Scope(
            dialect=store.dialect,
            fields=store.fields,
            zone=zone,
            words=words,
            lead_id=arrivals.c.lead_id,
            horizon=arrivals.c.id,
        )
        self._listening: Listening[_Place] = Listening()
        #: The triggers the calendar sets off, as `schedules` looks for them.
        self.scheduled: dict[Key, Listener] = {}
        self._states: dict[int, _Place] = {}
        self._followed = States(lambda _: self.scope)
        self._applied: dict[int, Points | Converting] = {}
        self._announcements: dict[str | None, EventInsertion] = {}
        self._numbers = dict(numbered(self.rules))
        for order, (number, rule) in enumerate(self._numbers.items()):
            self._add(order, number, rule)

    def _add(self, order: int, number: int, rule: Rule) -> None:
        trigger = rule.trigger
        blank = trigger.on is None and may_hold(trigger.condition)
        listener = Listener(self.owner, number, trigger, blank=blank)
        place = _Place(order, rule, listener)
        if trigger.on is not None:
            self._listening.add(trigger.on, place)
            return
        self._listening.add(EventPattern(SCHEDULE_DUE, listener.subject), place)
        if trigger.schedule is not None:
            self.scheduled[RULES, number] = listener
        else:
            self._states[number] = place
            self._listening.add_all(listener.wakes, place)

    @property
    def states(self) -> tuple[Listener, ...]:
        """The triggers that fire when a condition turns true."""
        return tuple(place.listener for place in self._states.values())

    def _of(self, event: Happening) -> Iterator[_Place]:
        """The triggers an event may concern."""
        if event.type == LEAD_MERGED:
            yield from self._states.values()
        elif event.type == LEAD_CREATED:
            yield from (place for place in self._states.values() if place.listener.blank)
        else:
            yield from self._listening.of(event)

    @property
    def stopped(self) -> Sequence[str]:
        """The rules set apart, as written."""
        failed = self._quarantine.of(RULES)
        return [
            reason_of(rule, self.scope.words)
            for number, rule in self._numbers.items()
            if number in failed
        ]

    @cached_property
    def heard(self) -> frozenset[str]:
        """The types of the events some rule looks at."""
        own = {LEAD_MERGED, LEAD_CREATED} if self._states else set()
        return frozenset(self._listening.types | own)

    def hears(self, event: Happening) -> bool:
        """Whether some rule looks at such an event."""
        return any(True for _ in self._of(event))

    def owns(self, key: Key) -> bool:
        """Whether that is a rule."""
        return key[0] == RULES

    async def follow(self, tick: Tick, happenings: Iterable[Happening]) -> None:
        """Give what the events being handled are worth."""
        concerned = {place.order: place for event in happenings for place in self._of(event)}
        found = [place for _, place in sorted(concerned.items()) if self._goes_on(place)]
        if not found:
            return
        ((count,),) = await tick.ask(_waiting)
        first = tick.store.ids.next()
        touched: dict[str, str | None] = {}
        for place in found:
            try:
                gave = await self._compiled(place).run(tick, count)
                # At once: what later rules give is told by an event, which must find it as it was.
                if place.listener.by_state:
                    await self._followed.follow(tick, place.listener)
            except Exception as error:
                raise _blame(place.listener, place.rule, self.scope.words, error) from error
            if gave and isinstance(place.rule, PointRule):
                topic = place.rule.topic
                touched.setdefault(key_of(topic) if topic else "", topic)
        for topic in touched.values():
            await self._record_change(tick, topic, first, count)

    async def turn(self, tick: Tick, due: Iterable[Key]) -> None:
        """Look at the leads whose time has come, for these rules."""
        for _, number in due:
            place = self._states.get(number)
            if place is None:
                await forget(tick, RULES, number)
                continue
            try:
                await self._followed.turn(tick, place.listener)
            except Exception as error:
                raise _blame(place.listener, place.rule, self.scope.words, error) from error

    def _goes_on(self, place: _Place) -> bool:
        return not self._quarantine.holds(place.listener.key)

    def _compiled(self, place: _Place) -> Points | Converting:
        applied = self._applied.get(place.order)
        if applied is None:
            maker: Any = Points if isinstance(place.rule, PointRule) else Converting
            applied = self._applied[place.order] = maker(place.rule, place.listener, self.scope)
        return applied

    def blame(self, listener: Listener, error: Exception) -> Exception:
        """What to raise for an error met in that trigger of a rule."""
        return _blame(listener, self._numbers[listener.number], self.scope.words, error)

    async def _record_change(self, tick: Tick, topic: str | None, first: int, count: int) -> None:
        """Record that scores, or interests in a topic, changed: once a lead."""
        type_ = names.SCORE_CHANGED if topic is None else names.INTEREST_CHANGED
        key = key_of(topic) if topic else None
        if key not in self._announcements:
            self._announcements[key] = _gained(type_, topic, key)
        await self._announcements[key].run(
            tick,
            tick.hears(Happening(type_, key)),
            p_given_from=first,
            p_first_id=tick.store.ids.reserve(count),
        )


def _gained(type_: str, topic: str | None, key: str | None) -> Any:
    """The insertion of that event for those to whom the rules just gave something."""
    about = points.c.topic_key.is_(None) if key is None else points.c.topic_key == key
    given = exists(
        select(1).where(points.c.lead_id == arrivals.c.lead_id, points.c.id >= _GIVEN_FROM, about)
    )
    rows = select(arrivals.c.lead_id).where(handled, given)
    return insert_events_from(rows, arrivals.c.lead_id, type_, topic)


def _blame(listener: Listener, rule: Rule, words: Words, error: Exception) -> Exception:
    return blame(listener.key, f"règle «\u00a0{reason_of(rule, words)}\u00a0»", error)
