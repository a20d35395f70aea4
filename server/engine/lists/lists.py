"""The dynamic lists of a project, followed from event to event and from list to list in one tick.

A list is built over every lead before any event is handled: what is asked of a list is never asked of half of it.
"""

import heapq
import logging
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from server.engine import parts
from server.engine.batch import changes
from server.engine.conditions.blank import may_hold
from server.engine.conditions.scope import Scope
from server.engine.lists.dynamic_list import DynamicList
from server.engine.lists.members import Members
from server.engine.parts import next_part, progress
from server.engine.tick import Tick
from server.engine.watches import LISTS, Key, forget
from server.store.schema.rules import dynamic_lists
from server.store.store import Store, unavailable

log = logging.getLogger("relance.lists")


class ListFailed(Exception):
    """A list's own condition failed; the others need not stop for it."""

    def __init__(self, number: int) -> None:
        super().__init__(f"list {number}")
        self.number = number


class Lists:
    """Keeps the members of every list. `lists`: those that others rest on first."""

    def __init__(self, lists: Sequence[DynamicList], store: Store, zone: ZoneInfo) -> None:
        self._lists = tuple(lists)
        #: Those whose members are not all known, asked several times a tick.
        self._waiting = {list_.number for list_ in lists if not list_.built}
        self._rank = {list_.number: rank for rank, list_ in enumerate(lists)}
        self._resting: dict[int, list[DynamicList]] = {}
        self._under: dict[int, list[int]] = {}
        self._scope = Scope(
            dialect=store.dialect,
            fields=store.fields,
            zone=zone,
            lead_id=store.fields.table.c.id,
            in_tick=False,
        )
        by_key = {list_.key: list_ for list_ in lists}
        self._blank: set[str] = set()
        for list_ in lists:
            under = [by_key[key] for key in sorted(list_.rests_on) if key in by_key]
            self._under[list_.number] = [each.number for each in under]
            for each in under:
                self._resting.setdefault(each.number, []).append(list_)
            if may_hold(list_.condition, self._blank):
                self._blank.add(list_.key)
        self._members: dict[int, Members] = {}
        #: Why lists are set aside, and what of it the store knows.
        self.reasons: dict[int, str] = {}
        self._written: set[int] = set()
        self._writing: set[int] = set()
        self._finished: list[DynamicList] = []

    # --- What stands still ------------------------------------------------------------------

    @property
    def unbuilt(self) -> bool:
        """Whether some list's members are not all known."""
        return bool(self._waiting - self.reasons.keys())

    @property
    def unsettled(self) -> bool:
        """Whether a list failed and the store does not say so yet."""
        return not self._written >= self.reasons.keys()

    def build_again(self) -> None:
        """Every list is to be built anew, as the store says."""
        for list_ in self._lists:
            list_.built = False
        self._waiting = set(self._rank)

    def committed(self) -> None:
        """The tick is committed: what it finished is finished."""
        for list_ in self._finished:
            list_.built = True
            self._waiting.discard(list_.number)
        self._finished.clear()
        self._written |= self._writing

    def set_aside(self, number: int, why: str) -> None:
        """Leave a list alone until the next publication."""
        self.reasons[number] = why

    async def settle(self, tick: Tick) -> None:
        """Write which lists are set aside: they will be built again."""
        self._finished.clear()
        self._writing = set(self.reasons) - self._written
        for number in sorted(self._writing):
            row = dynamic_lists.c.number == number
            change = update(dynamic_lists).where(row)
            why = self.reasons[number]
            await tick.conn.execute(change.values(reason=why, built_to=0))
            await forget(tick, LISTS, number)

    def names(self) -> list[str]:
        """The lists set aside."""
        return [list_.name for list_ in self._lists if list_.number in self.reasons]

    # --- From event to event ----------------------------------------------------------------

    async def follow(self, tick: Tick, concerned: Iterable[DynamicList]) -> None:
        """Look at the leads of the events handled now, in the lists they may change."""
        await self._follow(tick, {list_.number for list_ in concerned}, "arrivals")

    async def turn(self, tick: Tick, due: Iterable[Key], aside: Collection[int]) -> None:
        """Look at the leads whose time has come, in the lists among these."""
        mine = {number for owner, number in due if owner == LISTS}
        for number in mine - self._rank.keys():
            await forget(tick, LISTS, number)
        await self._follow(tick, mine & self._rank.keys(), "turning")

    async def _follow(self, tick: Tick, first: Collection[int], source: str) -> None:
        if not first:
            return
        await tick.conn.execute(delete(changes))
        changed: set[int] = set()
        waiting = sorted(self._rank[number] for number in first)
        queued = set(waiting)
        while waiting:
            list_ = self._lists[heapq.heappop(waiting)]
            if not list_.built or list_.number in self.reasons:
                continue
            under = [number for number in self._under[list_.number] if number in changed]
            sources = ([source] if list_.number in first else []) + (["changes"] if under else [])
            if await self._look(tick, list_, sources, p_lists=under):
                changed.add(list_.number)
                for above in self._resting.get(list_.number, ()):
                    rank = self._rank[above.number]
                    if rank not in queued:
                        queued.add(rank)
                        heapq.heappush(waiting, rank)

    async def _look(
        self, tick: Tick, list_: DynamicList, sources: Sequence[str], **holes: Any
    ) -> int:
        try:
            return await self._of(list_).look(tick, *sources, **holes)
        except Exception as error:
            raise _blame(list_, error) from error

    def _of(self, list_: DynamicList) -> Members:
        found = self._members.get(list_.number)
        if found is None:
            blank = list_.key in self._blank
            found = self._members[list_.number] = Members(list_, self._scope, blank=blank)
        return found

    # --- Building ---------------------------------------------------------------------------

    async def build(self, tick: Tick) -> None:
        """Go on building, those that others rest on first."""
        self._finished.clear()
        left = parts.PART
        for list_ in self._lists:
            if list_.built or list_.number in self.reasons:
                continue
            left = await self._build(tick, list_, left)
            if left <= 0:
                break

    async def _build(self, tick: Tick, list_: DynamicList, left: int) -> int:
        mine = dynamic_lists.c.number == list_.number
        columns = (dynamic_lists.c.built_to, dynamic_lists.c.told)
        row = (await tick.conn.execute(select(*columns).where(mine))).one_or_none()
        if row is None:  # another publication has done away with it
            self._finished.append(list_)
            return left
        part = await next_part(tick, row.built_to or 0, left)
        change = update(dynamic_lists).where(mine)
        if part.count:
            await self._put(tick, list_, part.after, part.upto, told=row.told)
        if part.whole:
            await tick.conn.execute(change.values(built_to=None, told=True, reason=None))
            self._finished.append(list_)
            if part.after:
                log.info("liste «\u00a0%s\u00a0» : construite", list_.name)
        else:
            await tick.conn.execute(change.values(built_to=part.upto))
            done = await progress(tick, part)
            log.info("liste «\u00a0%s\u00a0» : en construction, %d %%", list_.name, done)
        return left - part.count

    async def _put(
        self, tick: Tick, list_: DynamicList, after: int, upto: int, *, told: bool
    ) -> None:
        """Take these leads in or out: the first time, nobody is told."""
        if not told:
            try:
                await self._of(list_).fill(tick, after, upto)
            except Exception as error:
                raise _blame(list_, error) from error
            return
        await tick.conn.execute(delete(changes))
        if not await self._look(tick, list_, ["leads"], p_after=after, p_upto=upto):
            return
        # What others have of it they learn now; those still to be built will see it then.
        changed = {list_.number}
        for above in self._lists:
            under = [number for number in self._under[above.number] if number in changed]
            known = above.built and above.number not in self.reasons
            if under and known and await self._look(tick, above, ["changes"], p_lists=under):
                changed.add(above.number)


def _blame(list_: DynamicList, error: Exception) -> Exception:
    """What to raise for an error met while looking at a list."""
    if isinstance(error, DBAPIError) and unavailable(error):
        return error
    return ListFailed(list_.number)
