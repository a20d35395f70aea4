"""The verbs that put leads on lists and tag them, however many: a part a transaction, each whole.

A server killed on the way has done some parts, and the row of who asked is there with the first:
asked again, the rest is done.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from relance.french import quoted
from relance.host import Clock
from server.intake.memberships import Belonging, MembershipChange, named
from server.orders.declined import Declined
from server.orders.naming import well_named
from server.orders.recorded import OwnVerb
from server.reports import french
from server.store.instants import now_micros
from server.store.schema.leads import list_members, lists
from server.store.schema.rules import dynamic_lists
from server.store.store import Store
from server.store.written_with import WriteDown

#: Leads that one transaction changes.
PART = 500
CREATE, JOIN, LEAVE, EMPTY = "creer-liste", "mettre-en-liste", "oter-de-liste", "vider-liste"
TAG, UNTAG = "etiqueter", "oter-etiquette"
_CHANGES = {
    JOIN: (Belonging.LIST, True, "mise dans la liste", "mises dans la liste"),
    LEAVE: (Belonging.LIST, False, "retirée de la liste", "retirées de la liste"),
    TAG: (Belonging.TAG, True, "porte maintenant l’étiquette", "portent maintenant l’étiquette"),
    UNTAG: (Belonging.TAG, False, "ne porte plus l’étiquette", "ne portent plus l’étiquette"),
}


class MembershipOrders:
    """Lists and tags of a base, as the team changes them by hand."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def verbs(self) -> Mapping[str, OwnVerb]:
        """Each by its name."""
        changes = {verb: partial(self._change, verb) for verb in _CHANGES}
        return {CREATE: self._create, EMPTY: self._empty, **changes}

    async def _create(self, given: Mapping[str, str], write_down: WriteDown) -> str:
        """Make a static list with nobody on it. `liste`: its name."""
        name = well_named(given["liste"], "liste")
        async with self._store.write() as conn:
            await _by_hand(conn, name)
            known = await conn.scalar(select(lists.c.name).where(lists.c.key == key_of(name)))
            if known is not None:
                raise Declined(f"Il y a déjà une liste {quoted(known)}.", about="liste")
            await named(conn, name)
            await write_down(conn)
        return f"La liste {quoted(name)} est créée ; personne n’y est encore."

    async def _change(self, verb: str, given: Mapping[str, str], write_down: WriteDown) -> str:
        """Do it to `leads`, numbers between spaces. `liste` or `etiquette`: its name."""
        to, joining, one, several = _CHANGES[verb]
        argument = "liste" if to is Belonging.LIST else "etiquette"
        name = well_named(given[argument], argument) if joining else given[argument]
        change = MembershipChange(to, name, joining, given.get("qui", ""))
        asked = [int(each) for each in given["leads"].split()]
        changed = await self._parts(change, _in_parts(asked), write_down)
        said = one if changed < 2 else several
        if not changed:
            return _NOTHING[verb].format(name=quoted(name))
        return f"{french.count(changed, 'personne')} {said} {quoted(name)}."

    async def _empty(self, given: Mapping[str, str], write_down: WriteDown) -> str:
        """Take everybody off a static list, which stays. `liste`: its name."""
        change = MembershipChange(Belonging.LIST, given["liste"], False, given.get("qui", ""))
        changed = await self._parts(change, self._members(change.key), write_down)
        out = french.count(changed, "personne en est sortie", "personnes en sont sorties")
        return f"La liste {quoted(change.name)} est vide : {out}."

    async def _members(self, key: str) -> AsyncIterator[Sequence[int]]:
        after, mine = 0, list_members.c.list_key == key
        order = select(list_members.c.lead_id).order_by(list_members.c.lead_id).limit(PART)
        while True:
            async with self._store.read() as conn:
                query = order.where(mine, list_members.c.lead_id > after)
                found = list(await conn.scalars(query))
            if not found:
                return
            after = found[-1]
            yield found

    async def _parts(
        self,
        change: MembershipChange,
        parts: AsyncIterator[Sequence[int]],
        write_down: WriteDown,
    ) -> int:
        """How many it changed; whoever writes meanwhile has their turn between two parts."""
        changed = 0
        async for part in parts:
            work = partial(self._part, change, part, None if changed else write_down)
            changed += await self._store.attempt(work)
            await asyncio.sleep(0)
        return changed

    async def _part(
        self,
        change: MembershipChange,
        part: Sequence[int],
        write_down: WriteDown | None,
        conn: AsyncConnection,
    ) -> int:
        if change.to is Belonging.LIST:
            await _by_hand(conn, change.name)
        done = await change.carry_out(conn, self._store, part, now_micros(self._clock))
        if done and write_down is not None:
            await write_down(conn)
        return done


_NOTHING = {
    JOIN: "Toutes ces personnes étaient déjà dans la liste {name}.",
    LEAVE: "Aucune de ces personnes n’était dans la liste {name}.",
    TAG: "Toutes ces personnes portaient déjà l’étiquette {name}.",
    UNTAG: "Aucune de ces personnes ne portait l’étiquette {name}.",
}


async def _in_parts(asked: Sequence[int]) -> AsyncIterator[Sequence[int]]:
    for start in range(0, len(asked), PART):
        yield asked[start : start + PART]


async def _by_hand(conn: AsyncConnection, name: str) -> None:
    """Refuse what nobody may decide by hand."""
    query = select(dynamic_lists.c.number).where(dynamic_lists.c.key == key_of(name))
    if await conn.scalar(query) is not None:
        raise Declined(
            f"La liste {quoted(name)} se tient à jour d’elle-même : sa condition dit qui en est "
            "membre, on n’y met ni n’en retire personne à la main.",
            about="liste",
        )
