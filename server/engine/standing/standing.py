"""What the project says outside campaigns, applied to the events of a tick: points, conversions.

One event a lead is handled at a time, so that each rule is a few statements over all the leads it
concerns, one rule after another in the order of the scripts: a later one sees what an earlier one
gave. A rule counts once an event, which the key of the history holds.
"""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    Text,
    bindparam,
    exists,
    func,
    literal,
    select,
    update,
)

from dsl.standing import Conversion, PointRule
from relance import events as names
from relance.events import EventPattern
from relance.fold import key_of
from server.engine.batch import arrivals, beside_leads, handled, insert_new
from server.engine.conditions.blank import may_hold
from server.engine.conditions.operands import interest_of
from server.engine.conditions.scope import Scope
from server.engine.contents import parts
from server.engine.effects.points import changed, gathered, history
from server.engine.failure import VersionFailed, blame
from server.engine.listener import Listener
from server.engine.listening import Happening, Listening
from server.engine.moment import FIRST, TICK_FLOOR, holes_of
from server.engine.own_events import LEAD_CREATED, LEAD_MERGED, SCHEDULE_DUE
from server.engine.telling import tell
from server.engine.tick import Prepared, Tick
from server.engine.triggers.entries import fired
from server.engine.triggers.states import States
from server.engine.watches import Key, forget
from server.store.ids import floor_of
from server.store.instants import MINUTE
from server.store.schema.events import events
from server.store.schema.rules import points
from server.store.store import Store

logger = logging.getLogger(__name__)

#: Stands for a version where one is asked for: rules have none, and no version has this number.
STANDING = -1

Rule: TypeAlias = PointRule | Conversion

_COUNT = bindparam("p_count", type_=BigInteger)
_GIVEN_FROM = bindparam("p_given_from", type_=BigInteger)
#: Where the ids of the last hour begin.
_RECENT = bindparam("p_recent", type_=BigInteger)
#: A rule gives to a lead so many times an hour at most: more is a machine, or rules that answer
#: one another without end.
_MOST_AN_HOUR = 1_000
_waiting = Prepared(select(func.count()).where(handled))


def number_of(key: str, bits: int) -> int:
    """A number for a text, the same from one publication to the next."""
    return int.from_bytes(sha256(key.encode()).digest()[:8], "big") >> (64 - bits)


@dataclass(frozen=True, slots=True)
class Rules:
    """What « now » means to the rules: the project's zone."""

    zone: ZoneInfo
    #: The names of the holes their facts leave to fill.
    holes: frozenset[str]
    id: int = STANDING


@dataclass(frozen=True, slots=True)
class _Place:
    """A trigger of a rule, as the rest of the engine knows triggers; `order`: in the scripts."""

    order: int
    rule: Rule
    listener: Listener


class Standing:
    """The rules of a project."""

    def __init__(
        self,
        rules: Sequence[Rule],
        store: Store,
        zone: ZoneInfo,
    ) -> None:
        self.rules = tuple(rules)
        self.owner = Rules(zone, holes_of(parts(self.rules)))
        self.scope = Scope(
            dialect=store.dialect,
            fields=store.fields,
            zone=zone,
            lead_id=arrivals.c.lead_id,
            horizon=arrivals.c.id,
        )
        self._listening: Listening[_Place] = Listening()
        #: The triggers the calendar sets off, as `schedules` looks for them.
        self.scheduled: dict[Key, Listener] = {}
        self._states: dict[int, _Place] = {}
        self._followed = States(lambda _: self.scope)
        self._alike: Counter[str] = Counter()
        self._applied: dict[int, _Points | _Converting] = {}
        self._told: dict[str | None, Prepared] = {}
        #: Rules that failed, left out until the next publication.
        self._aside: set[int] = set()
        for order, rule in enumerate(self.rules):
            self._add(order, rule)

    def _add(self, order: int, rule: Rule) -> None:
        trigger = rule.trigger
        key = _key(rule)
        self._alike[key] += 1
        number = number_of(f"{key} {self._alike[key]}", 31)
        blank = trigger.on is None and may_hold(trigger.condition)
        listener = Listener(self.owner, number, trigger, blank=blank)
        place = _Place(order, rule, listener)
        if trigger.on is not None:
            self._listening.add(trigger.on, place)
            return
        self._listening.add(EventPattern(SCHEDULE_DUE, listener.subject), place)
        if trigger.schedule is not None:
            self.scheduled[STANDING, number] = listener
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
    def aside(self) -> tuple[str, ...]:
        """The rules that failed, as written."""
        return tuple(reason_of(self.rules[order]) for order in sorted(self._aside))

    @property
    def heard(self) -> frozenset[str]:
        """The types of the events some rule looks at."""
        own = {LEAD_MERGED, LEAD_CREATED} if self._states else set()
        return frozenset(self._listening.types | own)

    def hears(self, event: Happening) -> bool:
        """Whether some rule looks at such an event."""
        return any(True for _ in self._of(event))

    async def apply(self, tick: Tick, happenings: Iterable[Happening]) -> None:
        """Give what the events being handled are worth."""
        concerned = {place.order: place for event in happenings for place in self._of(event)}
        found = [concerned[order] for order in sorted(concerned) if order not in self._aside]
        if not found:
            return
        ((count,),) = await tick.ask(_waiting)
        first = tick.store.ids.next()
        touched: dict[str, str | None] = {}
        for place in found:
            try:
                gave = await self._compiled(place).run(tick, count)
            except Exception as error:
                raise self._failed(place, error) from error
            # At once: what later rules give is told by an event, which must find it as it was.
            if place.listener.by_state:
                await self._follow(tick, place)
            if gave and isinstance(place.rule, PointRule):
                topic = place.rule.topic
                touched.setdefault(key_of(topic) if topic else "", topic)
        for topic in touched.values():
            await self._tell(tick, topic, first, count)

    async def _follow(self, tick: Tick, place: _Place) -> None:
        """Keep the record of those for whom a condition holds, and when to look at them again."""
        try:
            await self._followed.follow(tick, place.listener)
        except Exception as error:
            raise self._failed(place, error) from error

    async def turn(self, tick: Tick, due: Iterable[Key], aside: Collection[int]) -> None:
        """Look at the leads whose time has come, for the rules among these."""
        for number in [number for owner, number in due if owner == STANDING]:
            place = self._states.get(number)
            if place is None or place.order in self._aside:
                await forget(tick, STANDING, number)
                continue
            try:
                await self._followed.turn(tick, place.listener)
            except Exception as error:
                raise self._failed(place, error) from error

    def _compiled(self, place: _Place) -> "_Points | _Converting":
        applied = self._applied.get(place.order)
        if applied is None:
            maker: Any = _Points if isinstance(place.rule, PointRule) else _Converting
            applied = self._applied[place.order] = maker(place.rule, place.listener, self.scope)
        return applied

    def leaves_out(self, number: int) -> bool:
        """Whether the rule of that number is set aside."""
        return self._states[number].order in self._aside

    def failed(self, number: int, error: Exception) -> Exception:
        """What to raise for an error met in the state trigger of that number."""
        return self._failed(self._states[number], error)

    def _failed(self, place: _Place, error: Exception) -> Exception:
        """A rule that fails is a bug: it is left out, so that the others and the tick go on."""
        blamed = blame(STANDING, error)
        if not isinstance(blamed, VersionFailed):
            return blamed
        logger.error("moteur : règle mise de côté : %s", reason_of(place.rule), exc_info=error)
        self._aside.add(place.order)
        return RuleFailed()

    async def _tell(self, tick: Tick, topic: str | None, first: int, count: int) -> None:
        """Record that scores, or interests in a topic, changed: once a lead."""
        type_ = names.SCORE_CHANGED if topic is None else names.INTEREST_CHANGED
        key = key_of(topic) if topic else None
        if key not in self._told:
            self._told[key] = Prepared(_gained(type_, topic, key))
        await tick.do(
            self._told[key],
            p_given_from=first,
            p_first_id=tick.store.ids.reserve(count),
            p_heard=tick.hears(Happening(type_, key)),
        )


def _gained(type_: str, topic: str | None, key: str | None) -> Any:
    """The insertion of that event for those to whom the rules just gave something."""
    about = points.c.topic_key.is_(None) if key is None else points.c.topic_key == key
    given = exists(
        select(1).where(points.c.lead_id == arrivals.c.lead_id, points.c.id >= _GIVEN_FROM, about)
    )
    rows = select(arrivals.c.lead_id).where(handled, given)
    return tell(rows, arrivals.c.lead_id, type_, topic)


class RuleFailed(Exception):
    """The tick is to be done again, without the rule that failed."""


class _Points:
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
        seldom = often.correlate_except(known).scalar_subquery() < _MOST_AN_HOUR
        rows = (
            select(lead_id)
            .select_from(beside_leads(arrivals, leads))
            .where(handled, *fired(listener, scope), delta != 0, seldom)
        )
        values = history(lead_id, rule.topic, delta, literal(reason_of(rule), Text))
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


class _Converting:
    """A conversion, compiled."""

    def __init__(self, rule: Conversion, listener: Listener, scope: Scope) -> None:
        self._owner = listener.owner
        leads, source = scope.fields.table, events.alias("source")
        known = events.alias("known")
        # The only conversions this tick has made of that name come from this very event.
        counted = exists(
            select(1).where(
                known.c.lead_id == arrivals.c.lead_id,
                known.c.type == names.CONVERTED,
                known.c.id >= TICK_FLOOR,
                known.c.subject_key == key_of(rule.name),
            )
        )
        event = (
            (source.c.lead_id == arrivals.c.lead_id)
            & (source.c.type == arrivals.c.type)
            & (source.c.id == arrivals.c.id)
        )
        rows = (
            select(arrivals.c.lead_id)
            .select_from(beside_leads(arrivals, leads).join(source, event))
            .where(handled, *fired(listener, scope), ~counted)
        )
        self._told = Happening(names.CONVERTED, key_of(rule.name))
        self._record = Prepared(
            tell(
                rows,
                arrivals.c.lead_id,
                names.CONVERTED,
                rule.name,
                occurred_at=arrivals.c.occurred_at,
                amount=source.c.amount,
                currency=source.c.currency,
            )
        )

    async def run(self, tick: Tick, count: int) -> int:
        """Count it; for how many."""
        return await tick.run(
            self._record,
            self._owner,
            p_first_id=tick.store.ids.reserve(count),
            p_heard=tick.hears(self._told),
        )


def reason_of(rule: Rule) -> str:
    """A rule as people read it: « +5 quand Formulaire (Démo) rempli »."""
    if isinstance(rule, Conversion):
        return f"conversion {rule.name}"
    change = rule.change
    return f"{f'={change.amount}' if change.absolute else f'{change.amount:+d}'} {rule.trigger.place.text}"


def _key(rule: Rule) -> str:
    return rule.key if isinstance(rule, PointRule) else f"conversion {rule.name}"
