"""The dynamic lists of a project, followed from event to event and from list to list in one tick.

A list is built over every lead before any event is handled: what is asked of a list is never asked of half of it.
"""

import heapq
import logging
from collections.abc import Collection, Iterable, Sequence, Set
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update

from relance.events import LIST_ADDED, LIST_REMOVED
from relance.fold import key_of
from server.engine import parts
from server.engine.batch import changes
from server.engine.conditions.scope import Scope
from server.engine.listening import Happening, Listening
from server.engine.lists.dynamic_list import DynamicList, open_to_new
from server.engine.lists.members import Members
from server.engine.own_events import LEAD_CREATED, LEAD_MERGED
from server.engine.owner import LISTS, Key
from server.engine.parts import next_part, progress
from server.engine.quarantine import Quarantine, blame
from server.engine.tick import Tick
from server.engine.watches import forget
from server.store.schema.rules import dynamic_lists
from server.store.store import Store

log = logging.getLogger("relance.lists")


class Lists:
    """Keeps the members of every list. `lists`: those that others rest on first.

    `unbuilt`: the numbers of those whose members are not all known; `members`: what was compiled
    of lists, these or those of a publication before, by number.
    """

    def __init__(
        self,
        lists: Sequence[DynamicList],
        unbuilt: Collection[int],
        store: Store,
        zone: ZoneInfo,
        quarantine: Quarantine,
        members: dict[int, Members],
    ) -> None:
        self._lists, self._quarantine = tuple(lists), quarantine
        self._waiting = set(unbuilt)
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
        self._blank = open_to_new(lists)
        self._new = [list_ for list_ in lists if list_.key in self._blank]
        self._watched: Listening[DynamicList] = Listening()
        for list_ in lists:
            under = [by_key[key] for key in sorted(list_.rests_on) if key in by_key]
            self._under[list_.number] = [each.number for each in under]
            for each in under:
                self._resting.setdefault(each.number, []).append(list_)
            self._watch(list_, list_.rests_on & by_key.keys() - list_.listens_to)
        self._members = members
        for list_ in lists:
            former = members.get(list_.number)
            if former is not None and not former.suits(list_, blank=list_.key in self._blank):
                del members[list_.number]
        #: Those that the store says are set apart.
        self._written: set[int] = set()

    def _watch(self, list_: DynamicList, followed: Set[str]) -> None:
        """`followed`: the lists whose changes are followed within the tick that makes them."""
        for pattern in list_.wakes:
            membership = pattern.type in (LIST_ADDED, LIST_REMOVED)
            if not (membership and key_of(pattern.subject or "") in followed):
                self._watched.add(pattern, list_)

    # --- What stands still ------------------------------------------------------------------

    @property
    def waiting(self) -> bool:
        """Whether some list's members are not all known."""
        return any(map(self._goes_on, self._waiting))

    @property
    def unsettled(self) -> bool:
        """Whether a list failed and the store does not say so yet."""
        return not self._written >= self._quarantine.of(LISTS).keys()

    def _goes_on(self, number: int) -> bool:
        return not self._quarantine.holds((LISTS, number))

    def _known(self, list_: DynamicList) -> bool:
        """Whether its members are all known, and followed."""
        return list_.number not in self._waiting and self._goes_on(list_.number)

    def build_again(self) -> None:
        """Every list is to be built anew, as the store says."""
        self._waiting = set(self._rank)

    async def settle(self, tick: Tick) -> None:
        """Write which lists are set apart: they will be built again."""
        failed = self._quarantine.of(LISTS)
        new = sorted(failed.keys() - self._written)
        for number in new:
            row = dynamic_lists.c.number == number
            change = update(dynamic_lists).where(row)
            await tick.conn.execute(change.values(reason=failed[number], built_to=0))
            await forget(tick, LISTS, number)
        tick.after_commit.append(lambda: self._written.update(new))

    @property
    def stopped(self) -> Sequence[str]:
        """The names of those set apart."""
        return [list_.name for list_ in self._lists if not self._goes_on(list_.number)]

    # --- From event to event ----------------------------------------------------------------

    @property
    def heard(self) -> Set[str]:
        """The types of the events that may change a list."""
        return self._watched.types

    def owns(self, key: Key) -> bool:
        """Whether that is a list."""
        return key[0] == LISTS

    def hears(self, event: Happening) -> bool:
        """Whether such an event may change a list."""
        return any(True for _ in self._of(event))

    def _of(self, event: Happening) -> Iterable[DynamicList]:
        """The lists an event may change."""
        if event.type == LEAD_MERGED:
            return self._lists
        if event.type == LEAD_CREATED:
            return self._new
        return self._watched.of(event)

    async def follow(self, tick: Tick, happenings: Iterable[Happening]) -> None:
        """Look at the leads of the events handled now, in the lists they may change."""
        concerned = {list_.number for event in happenings for list_ in self._of(event)}
        await self._follow(tick, concerned, "arrivals")

    async def turn(self, tick: Tick, due: Iterable[Key]) -> None:
        """Look at the leads whose time has come, in these lists."""
        mine = {number for _, number in due}
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
            if not self._known(list_):
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
            return await self._compiled(list_).look(tick, *sources, **holes)
        except Exception as error:
            raise _blame(list_, error) from error

    def _compiled(self, list_: DynamicList) -> Members:
        found = self._members.get(list_.number)
        if found is None:
            blank = list_.key in self._blank
            found = self._members[list_.number] = Members(list_, self._scope, blank=blank)
        return found

    # --- Building ---------------------------------------------------------------------------

    async def go_on(self, tick: Tick) -> None:
        """Go on building, those that others rest on first."""
        left = parts.PART
        for list_ in self._lists:
            if list_.number not in self._waiting or not self._goes_on(list_.number):
                continue
            left = await self._build(tick, list_, left)
            if left <= 0:
                break

    async def _build(self, tick: Tick, list_: DynamicList, left: int) -> int:
        mine = dynamic_lists.c.number == list_.number
        columns = (dynamic_lists.c.built_to, dynamic_lists.c.told)
        row = (await tick.conn.execute(select(*columns).where(mine))).one_or_none()
        if row is None:  # another publication has done away with it
            tick.after_commit.append(partial(self._waiting.discard, list_.number))
            return left
        part = await next_part(tick, row.built_to or 0, left)
        change = update(dynamic_lists).where(mine)
        if part.count:
            await self._put(tick, list_, part.after, part.upto, announced=row.told)
        if part.whole:
            await tick.conn.execute(change.values(built_to=None, told=True, reason=None))
            tick.after_commit.append(partial(self._waiting.discard, list_.number))
            if part.after:
                log.info("liste «\u00a0%s\u00a0» : construite", list_.name)
        else:
            await tick.conn.execute(change.values(built_to=part.upto))
            done = await progress(tick, part)
            log.info("liste «\u00a0%s\u00a0» : en construction, %d %%", list_.name, done)
        return left - part.count

    async def _put(
        self, tick: Tick, list_: DynamicList, after: int, upto: int, *, announced: bool
    ) -> None:
        """Take these leads in or out: the first time, nobody is told."""
        if not announced:
            try:
                await self._compiled(list_).fill(tick, after, upto)
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
            if (
                under
                and self._known(above)
                and await self._look(tick, above, ["changes"], p_lists=under)
            ):
                changed.add(above.number)


def _blame(list_: DynamicList, error: Exception) -> Exception:
    return blame((LISTS, list_.number), f"liste «\u00a0{list_.name}\u00a0»", error)
