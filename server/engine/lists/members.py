"""Keeping the members of one dynamic list: looked at for some leads at a time, in set statements."""

from functools import cached_property
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    literal,
    not_,
    null,
    or_,
    select,
)

from relance.events import LIST_ADDED, LIST_REMOVED
from server.engine.batch import (
    EVERYTHING,
    arrivals,
    beside_leads,
    changes,
    emptying,
    foreseen,
    insert_from,
    insert_new,
    looked,
    turning,
)
from server.engine.conditions.conditions import compiled
from server.engine.conditions.flips import prospect
from server.engine.conditions.scope import Scope
from server.engine.conditions.woken import woken
from server.engine.event_insertion import insert_events_from
from server.engine.listening import Happening
from server.engine.lists.dynamic_list import DynamicList
from server.engine.owner import LISTS
from server.engine.parameters import NOW
from server.engine.parts import AFTER, UPTO
from server.engine.tick import Prepared, Tick
from server.engine.watches import Watch
from server.store.schema.leads import list_members

_UNDER = bindparam("p_lists", type_=BigInteger, expanding=True)
#: Events that wait for the engine have not happened yet.
_HANDLED = literal(0, BigInteger)


class Members:
    """The members of one list. `blank`: whether it may take in a lead just created."""

    def __init__(self, list_: DynamicList, scope: Scope, *, blank: bool) -> None:
        self.list = list_
        self._blank = blank
        self._scope = scope
        self._leads = scope.fields.table
        self._watch = Watch(LISTS, list_.number, list_.condition, scope) if list_.timed else None
        self._fill_looked(blank)
        self._compare = Prepared(self._comparing())
        mine = changes.c.number == list_.number
        self._insert_events = self._event_insertion(mine)
        joined = {"lead_id": changes.c.lead_id, **self._membership()}
        added = select(changes.c.lead_id).where(mine, changes.c.added)
        self._join = Prepared(insert_new(scope.dialect, list_members, joined, added))
        gone = select(changes.c.lead_id).where(mine, ~changes.c.added)
        self._leave = Prepared(
            delete(list_members).where(self._is_mine, list_members.c.lead_id.in_(gone))
        )

    def suits(self, list_: DynamicList, *, blank: bool) -> bool:
        """Whether that list, read again from the store, is kept by the same statements."""
        mine = self.list
        same = (list_.key, list_.name, list_.zone) == (mine.key, mine.name, mine.zone)
        return same and blank == self._blank and list_.condition == mine.condition

    @property
    def _is_mine(self) -> ColumnElement[bool]:
        return list_members.c.list_key == self.list.key

    def _membership(self) -> dict[str, Any]:
        return {"list_key": literal(self.list.key, Text), "since": NOW}

    def _fill_looked(self, blank: bool) -> None:
        """The ways leads come to be looked at."""

        def put(lead_id: Any, horizon: Any, *tests: Any) -> Prepared:
            values = {"lead_id": lead_id, "horizon": horizon}
            rows = select(lead_id).where(*tests)
            return Prepared(insert_new(self._scope.dialect, looked, values, rows))

        concerned = woken(self.list.wakes, self._scope.dialect, blank=blank)
        everything = literal(EVERYTHING, BigInteger)
        mine = and_(turning.c.owner == LISTS, turning.c.number == self.list.number)
        part = and_(self._leads.c.id > AFTER, self._leads.c.id <= UPTO)
        arrived = put(arrivals.c.lead_id, arrivals.c.id, arrivals.c.turn == 1, concerned)
        self.sources = {
            "arrivals": arrived,
            "turning": put(turning.c.lead_id, everything, mine),
            "changes": put(changes.c.lead_id, changes.c.horizon, changes.c.number.in_(_UNDER)),
            "leads": put(self._leads.c.id, _HANDLED, part),
        }

    def _comparing(self) -> Any:
        """Of those looked at, who is not where he should be."""
        here = self._scope.of(lead_id=looked.c.lead_id, horizon=looked.c.horizon)
        member = exists(select(1).where(list_members.c.lead_id == looked.c.lead_id, self._is_mine))
        holds = compiled(self.list.condition, here)
        wrong = case((holds, 1), else_=0) != case((member, 1), else_=0)
        values = {
            "number": literal(self.list.number, BigInteger),
            "lead_id": looked.c.lead_id,
            "horizon": looked.c.horizon,
            "added": not_(member),
        }
        source = beside_leads(looked, self._leads)
        known = self._leads.c.merged_into.is_(None)
        return insert_from(
            changes, values, select(looked.c.lead_id).select_from(source).where(known, wrong)
        )

    def _event_insertion(self, mine: ColumnElement[bool]) -> Any:
        added = changes.c.added
        return insert_events_from(
            select(changes.c.lead_id).where(mine),
            changes.c.lead_id,
            case((added, literal(LIST_ADDED, Text)), else_=literal(LIST_REMOVED, Text)),
            self.list.name,
            key=self.list.key,
        )

    async def look(self, tick: Tick, *sources: str, **holes: Any) -> int:
        """Put right the membership of the leads these sources give; how many changed."""
        await tick.conn.execute(delete(looked))
        count = 0
        for source in sources:
            count += await tick.run(self.sources[source], self.list, **holes)
        if not count:
            return 0
        changed = await tick.run(self._compare, self.list)
        if changed:
            await self._change(tick, changed)
        if self._watch is not None:
            await self._watch.look(tick, self.list)
        return changed

    async def _change(self, tick: Tick, changed: int) -> None:
        told = (LIST_ADDED, LIST_REMOVED)
        heard = [one for one in told if tick.hears(Happening(one, self.list.key))]
        first = tick.store.ids.reserve(changed)
        await self._insert_events.run(tick, heard, whose=self.list, p_first_id=first)
        await tick.run(self._join, self.list)
        await tick.run(self._leave, self.list)

    @cached_property
    def _filling(self) -> tuple[Prepared, ...]:
        """Who goes and who comes among the leads of a part; built once for all parts."""
        leads = self._leads
        here = self._scope.of(lead_id=leads.c.id, horizon=_HANDLED)
        rows = select(leads.c.id).where(
            leads.c.id > AFTER, leads.c.id <= UPTO, leads.c.merged_into.is_(None)
        )
        foreseeing: tuple[Prepared, ...] = ()
        if self._watch is None:
            rows = rows.where(compiled(self.list.condition, here))
        else:
            emptied = Prepared(emptying(foreseen, self._scope.dialect))
            foreseeing = (emptied, Prepared(self._foreseeing(rows, here)))
            rows = select(foreseen.c.lead_id).where(foreseen.c.holds)
        part = and_(list_members.c.lead_id > AFTER, list_members.c.lead_id <= UPTO)
        gone = delete(list_members).where(self._is_mine, part, list_members.c.lead_id.not_in(rows))
        values = {"lead_id": rows.selected_columns[0], **self._membership()}
        come = insert_new(self._scope.dialect, list_members, values, rows)
        return *foreseeing, Prepared(gone), Prepared(come)

    def _foreseeing(self, rows: Select[Any], here: Scope) -> Any:
        """Who of these leads is in it, and when time will next change that: all in one look."""
        found = prospect(self.list.condition, here.of(enrolment=None))
        if found.among is not None:
            rows = rows.where(found.among)
        at = cast(null(), BigInteger) if found.flip.at is None else found.flip.at
        day = cast(null(), Date) if found.flip.day is None else found.flip.day
        # Computed once: left to itself, SQLite writes the expressions out wherever they are used.
        asked = rows.add_columns(found.holds.label("holds"), at.label("at"), day.label("day"))
        seen = asked.cte("seen").prefix_with("MATERIALIZED")
        names = ("lead_id", "holds", "at", "day")
        values = dict(zip(names, seen.c, strict=True))
        kept = or_(seen.c.holds, seen.c["at"].is_not(None), seen.c.day.is_not(None))
        return insert_from(foreseen, values, select(seen.c[0]).where(kept))

    async def fill(self, tick: Tick, after: int, upto: int) -> None:
        """Take in, without a word, those of these leads for whom the condition holds; no other stays."""
        for statement in self._filling:
            await tick.run(statement, self.list, p_after=after, p_upto=upto)
        if self._watch is not None:
            await self._watch.take(tick, self.list, after, upto)
