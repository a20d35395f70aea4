"""The goals of a publication: they follow events as rules do, and are counted for who was there before.

One that changes is counted anew part by part, beside everything else: what happens meanwhile is counted
at once, and again with its part, once.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import cache, cached_property, partial
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, bindparam, delete, select, update

from dsl.phrases.words import Words
from relance.french import quoted
from server.engine.batch import arrivals, handled
from server.engine.conditions.scope import Scope
from server.engine.contents import parts
from server.engine.goals import counts
from server.engine.goals.hearing import Hearing
from server.engine.goals.reaching import of_arrivals, of_leads_handled, of_part, reached_by
from server.engine.goals.stored import StoredGoal
from server.engine.listening import Happening, Listening
from server.engine.own_events import LEAD_MERGED
from server.engine.owner import GOALS, Key
from server.engine.parameters import holes_of
from server.engine.parts import AFTER, PART, UPTO, next_part
from server.engine.quarantine import Quarantine, blame
from server.engine.tick import Prepared, Tick
from server.store.schema.goals import goal_events, goals, goals_reached
from server.store.store import Store

log = logging.getLogger("relance.engine")

_LEAD = arrivals.c.lead_id
_QUESTION, _GOAL = (bindparam(name, type_=BigInteger) for name in ("p_question", "p_goal"))
_merged = select(arrivals.c.lead_id).where(handled, arrivals.c.type == LEAD_MERGED)
_forget = Prepared(
    delete(goals_reached)
    .where(goals_reached.c.lead_id.in_(_merged))
    .returning(goals_reached.c.goal_id)
)
_forget_part = Prepared(
    delete(goals_reached)
    .where(
        goals_reached.c.lead_id > AFTER,
        goals_reached.c.lead_id <= UPTO,
        goals_reached.c.goal_id == _GOAL,
    )
    .returning(goals_reached.c.goal_id)
)


@dataclass(frozen=True, slots=True)
class GoalsOwner:
    """What « now » means to goals: the project's zone."""

    zone: ZoneInfo
    #: The names of the holes their facts leave to fill.
    holes: frozenset[str]
    id: int = GOALS


class _Statements:
    """What is asked of all goals alike, whatever they are."""

    def __init__(self, dialect: str) -> None:
        asked = goal_events.c.question == _QUESTION
        merged = of_leads_handled(LEAD_MERGED)
        self.handled = Prepared(reached_by(dialect, of_arrivals(), handled, asked))
        self.again = Prepared(reached_by(dialect, goal_events, merged))
        self.of_part = Prepared(reached_by(dialect, goal_events, of_part(), goals.c.id == _GOAL))
        self.entrants = counts.Entrants(dialect)


#: Built once for all publications.
_statements = cache(_Statements)


class Goals:
    """Those of a project."""

    def __init__(
        self,
        found: Sequence[StoredGoal],
        store: Store,
        zone: ZoneInfo,
        quarantine: Quarantine,
        words: Words,
    ) -> None:
        self.goals, self._quarantine = tuple(found), quarantine
        self.owner = GoalsOwner(zone, holes_of(parts(tuple(one.rule for one in self.goals))))
        self._scope = Scope(
            dialect=store.dialect, fields=store.fields, zone=zone, words=words, lead_id=_LEAD
        )
        by_question = sorted(self.goals, key=lambda one: (one.question, one.id))
        self._alike = {
            question: tuple(mine)
            for question, mine in groupby(by_question, key=lambda one: one.question)
        }
        self._listening: Listening[int] = Listening()
        for question, (one, *_) in self._alike.items():
            for trigger in one.rule.triggers:
                if trigger.on is not None:
                    self._listening.add(trigger.on, question)
        self._hearing: dict[int, Hearing] = {}
        self._uncounted = {one.id for one in self.goals if not one.counted}
        self._statements = _statements(store.dialect)

    # --- From event to event ----------------------------------------------------------------

    @cached_property
    def heard(self) -> Set[str]:
        """The types of the events that may reach a goal."""
        return self._listening.types | ({LEAD_MERGED} if self.goals else set())

    def owns(self, key: Key) -> bool:
        """Whether that is a goal."""
        return key[0] == GOALS

    def hears(self, event: Happening) -> bool:
        """Whether some goal asks about such an event."""
        merged = event.type == LEAD_MERGED and bool(self.goals)
        return merged or any(True for _ in self._listening.of(event))

    async def follow(self, tick: Tick, happenings: Iterable[Happening]) -> None:
        """Keep the events handled now that goals ask about, and who reaches one by them."""
        found = {one for event in happenings for one in self._listening.of(event)}
        for question in sorted(found):
            if await self._hear(tick, question, "handled"):
                rows = await tick.ask(self._statements.handled, p_question=question)
                tick.reached.update(row.goal_id for row in rows)
        if self.goals and any(event.type == LEAD_MERGED for event in happenings):
            await self._look_again(tick)

    async def turn(self, tick: Tick, due: Iterable[Key]) -> None:
        """Time alone reaches no goal."""

    async def count_entrants(self, tick: Tick) -> None:
        """Count who entered a campaign in this tick, or reached a goal, once the batch is written."""
        await counts.add(tick.conn, tick.reached)
        tick.reached.clear()
        await self._statements.entrants.run(tick)

    async def _hear(self, tick: Tick, question: int, which: str, **holes: Any) -> int:
        one = self._alike[question][0]
        if self._quarantine.holds((GOALS, one.id)):
            return 0
        try:
            hearing = self._hearing.get(question)
            if hearing is None:
                made = Hearing(self._alike[question], self._scope)
                hearing = self._hearing[question] = made
            statements: Sequence[Prepared] = getattr(hearing, which)
            return sum([await tick.run(each, self.owner, **holes) for each in statements])
        except Exception as error:
            named = f"objectif {quoted(one.rule.name)} de la campagne {quoted(one.rule.campaign)}"
            raise blame((GOALS, one.id), named, error) from error

    async def _look_again(self, tick: Tick) -> None:
        """Who became one with another, or two again: what each did and where each was is another."""
        gone = await tick.ask(_forget)
        tick.reached.subtract(row.goal_id for row in gone)
        for question in self._alike:
            await self._hear(tick, question, "merged")
        tick.reached.update(row.goal_id for row in await tick.ask(self._statements.again))

    @property
    def stopped(self) -> Sequence[str]:
        """The goals set apart, as they are named."""
        failed = self._quarantine.of(GOALS)
        return [f"objectif {one.rule.name}" for one in self.goals if one.id in failed]

    # --- Counting for everybody -------------------------------------------------------------

    @property
    def waiting(self) -> bool:
        """Whether some are still to be counted for those who were there before."""
        return bool(self._uncounted)

    def count_again(self) -> None:
        """All of them are to be, as the store says (`stored.count_again`)."""
        self._uncounted = {one.id for one in self.goals}

    async def go_on(self, tick: Tick) -> None:
        """Count for one part more of the leads."""
        one = next(each for each in self.goals if each.id in self._uncounted)
        mine = goals.c.id == one.id
        columns = (goals.c.counted_to, goals.c.unsearched)
        row = (await tick.conn.execute(select(*columns).where(mine))).one()
        if row.counted_to is None:  # another server has done it
            tick.after_commit.append(partial(self._uncounted.discard, one.id))
            return
        part = await next_part(tick, row.counted_to, PART)
        bounds = {"p_after": part.after, "p_upto": part.upto}
        gone = await tick.ask(_forget_part, p_goal=one.id, **bounds)
        if row.unsearched:
            await self._hear(tick, one.question, "before", **bounds)
        reached = await tick.ask(self._statements.of_part, p_goal=one.id, **bounds)
        await counts.add(tick.conn, Counter({one.id: len(reached) - len(gone)}))
        done = {"counted_to": None, "unsearched": False}
        values = done if part.whole else {"counted_to": part.upto}
        await tick.conn.execute(update(goals).where(mine).values(**values))
        if part.whole:
            tick.after_commit.append(partial(self._uncounted.discard, one.id))
            if part.after:
                log.info("objectif %s : compté", quoted(one.rule.name))
