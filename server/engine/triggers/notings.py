"""Noting for whom the conditions of state triggers hold: what holds already does not turn true.

It is done for every lead when a trigger is published, and again when a list it asks about was
built: part by part, before any event is handled. All parts are noted as of the instant they were
asked for, and for the leads there were: what has come since is still to set the trigger off.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from functools import partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.codec import contract
from server.engine import parts
from server.engine.batch import insert_from, insert_new
from server.engine.conditions.scope import Scope
from server.engine.listener import Listener
from server.engine.lists.dynamic_list import asked
from server.engine.owner import Key
from server.engine.parts import Part, next_part, progress
from server.engine.quarantine import Quarantine, RuleFailed
from server.engine.tick import Tick
from server.engine.triggers.by_time import ByTime
from server.engine.triggers.edge import held_under, row_of, rows_under
from server.engine.triggers.entries import holding
from server.engine.triggers.state_events import insert_state_events
from server.store.schema.campaigns import edges, notings
from server.store.schema.leads import leads

log = logging.getLogger("relance.triggers")

#: Why a state is told to hold: what the journal shows.
RESUMED = "reprise"
_FORMER = ("former_version", "former_trigger")
#: Of what takes over from nothing.
NO_FORMER: Mapping[Key, Key] = {}


class Notings:
    """What is still to be noted, of the state triggers there are.

    `blame` tells what to raise for an error met in a trigger.
    """

    def __init__(
        self,
        states: Iterable[Listener],
        scope_of: Callable[[int], Scope],
        quarantine: Quarantine,
        blame: Callable[[Listener, Exception], Exception],
        unnoted: Collection[Key] = (),
    ) -> None:
        self._states = {each.key: each for each in states}
        self._scope_of, self._quarantine, self._blame = scope_of, quarantine, blame
        self._waiting: set[Key] = set()
        self.begin_again(unnoted)

    @property
    def waiting(self) -> bool:
        """Whether something is to be noted, what is set apart aside."""
        return not all(map(self._quarantine.holds, self._waiting))

    def begin_again(self, unnoted: Collection[Key]) -> None:
        """Note these anew."""
        self._waiting = set(unnoted) & self._states.keys()

    async def go_on(self, tick: Tick, unbuilt: Set[str] = frozenset()) -> None:
        """Note one part more; of what asks about lists that are yet to be built, nothing."""
        left = parts.PART
        for key in sorted(self._waiting):
            listener = self._states[key]
            if self._quarantine.holds(key) or asked(listener.trigger.condition) & unbuilt:
                continue
            try:
                left -= await self._note(tick, listener, left)
            except Exception as error:
                raise self._blame(listener, error) from error
            if left <= 0:
                break

    async def go_on_at_once(self, tick: Tick, unbuilt: Set[str]) -> None:
        """Note a first part within the publication: of few leads, none can change before it is done.

        What fails is left to the tick, which sets it apart.
        """
        await tick.conn.execute(text("SAVEPOINT noting"))
        began = len(tick.after_commit)
        try:
            await self.go_on(tick, unbuilt)
        except RuleFailed:
            await tick.conn.execute(text("ROLLBACK TO SAVEPOINT noting"))
            del tick.after_commit[began:]

    async def _note(self, tick: Tick, listener: Listener, most: int) -> int:
        """At most so many leads; how many."""
        row = (await tick.conn.execute(select(notings).where(_is(listener)))).one_or_none()
        if row is None:  # another publication has done away with it
            self._done(tick, listener)
            return 0
        part = await next_part(tick, row.noted_to, most, row.last_lead)
        before = _former(row)
        if part.count:
            await self._note_part(tick.at(row.at), listener, part, before, tells=row.tells)
        if part.whole:
            for former in before:  # of who became another meanwhile, and is behind
                await _take_rest(tick.conn, listener.key, former)
            await tick.conn.execute(delete(notings).where(_is(listener)))
            self._done(tick, listener)
            return part.count
        await tick.conn.execute(update(notings).where(_is(listener)).values(noted_to=part.upto))
        done = await progress(tick, part)
        name = self._scope_of(listener.owner.id).words.of(listener.trigger.place.said)
        log.info("«\u00a0%s\u00a0» : en préparation, %d %%", name, done)
        return part.count

    def _done(self, tick: Tick, listener: Listener) -> None:
        tick.after_commit.append(partial(self._waiting.discard, listener.key))

    async def _note_part(
        self, tick: Tick, listener: Listener, part: Part, before: Sequence[Key], *, tells: bool
    ) -> None:
        """Those for whom it holds, and when time changes it.

        `before`: under what else it is noted for whom it held.
        """
        scope = self._scope_of(listener.owner.id)
        here = (edges.c.lead_id > part.after, edges.c.lead_id <= part.upto)
        lead_id = scope.fields.table.c.id
        # Events that wait for the engine have not happened yet: they are still to set it off.
        rows = holding(listener.trigger.condition, scope, literal(0, BigInteger))
        rows = rows.where(lead_id > part.after, lead_id <= part.upto)
        values = row_of(listener, lead_id)
        parameters = dict(tick.parameters(listener.owner))
        if tells:
            known = held_under([listener.key, *before], lead_id)
            turned = insert_state_events(rows.where(~known), lead_id, listener.subject, RESUMED)
            first = tick.store.ids.reserve(part.count)
            await turned.run(tick, True, whose=listener.owner, p_first_id=first)
        for key in (listener.key, *before):
            await tick.conn.execute(delete(edges).where(rows_under(key), *here))
        await tick.conn.execute(insert_from(edges, values, rows), parameters)
        if listener.timed:
            await ByTime(listener, scope).begin(tick, part.after, part.upto)


async def mark(
    tick: Tick,
    listeners: Sequence[Listener],
    unbuilt: Set[str] = frozenset(),
    *,
    tells: bool = False,
    formers: Mapping[Key, Key] = NO_FORMER,
) -> None:
    """Have them noted, as of now and for the leads there are.

    `tells`: nobody followed them for a while, and it sets them off that they have turned true;
    `formers`: the triggers that some of them take over from. If one asks about a list that is yet to
    be built, those who come until then are noted too: the list takes them in without a word.
    """
    last = await tick.conn.scalar(select(func.max(leads.c.id)))
    rows = [
        {
            "owner": each.owner.id,
            "number": each.number,
            "said": contract.to_json(each.trigger.place.said),
            "at": tick.now,
            "last_lead": None if asked(each.trigger.condition) & unbuilt else last,
            "noted_to": 0,
            "tells": tells,
            **dict(zip(_FORMER, formers.get(each.key, (None, None)), strict=True)),
        }
        for each in listeners
    ]
    await _forget(tick.conn, [each.key for each in listeners])
    if rows and last is not None:
        await tick.conn.execute(insert(notings), rows)


async def forget_but(
    conn: AsyncConnection, states: Iterable[Listener], waiting: Collection[int]
) -> None:
    """Nothing else is there to be noted any more, but in the versions that will run again."""
    kept = {each.key for each in states}
    gone = {key for key in await marked(conn) if key not in kept and key[0] not in waiting}
    await _forget(conn, sorted(gone))


async def handed_over(conn: AsyncConnection) -> Mapping[Key, Key]:
    """What is being noted that takes over from a trigger of a former version, and from which."""
    rows = (await conn.execute(select(notings).where(notings.c.former_version.is_not(None)))).all()
    return {(row.owner, row.number): before for row in rows for before in _former(row)}


async def _forget(conn: AsyncConnection, keys: Sequence[Key]) -> None:
    if not keys:
        return
    # Whoever goes on from one that was stopped halfway finds all of it under one key.
    formers = await handed_over(conn)
    for key in formers.keys() & set(keys):
        await _take_rest(conn, key, formers[key])
    gone = [{"k_owner": owner, "k_number": number} for owner, number in keys]
    await conn.execute(_FORGOTTEN, gone)


async def _take_rest(conn: AsyncConnection, key: Key, former: Key) -> None:
    """Have all that is still noted under a former trigger under this one."""
    values = {
        "lead_id": edges.c.lead_id,
        "version_id": literal(key[0], BigInteger),
        "trigger": literal(key[1], Integer),
    }
    rows = select(edges.c.lead_id).where(rows_under(former))
    await conn.execute(insert_new(conn.dialect.name, edges, values, rows))
    await conn.execute(delete(edges).where(rows_under(former)))


def _former(row: Any) -> Sequence[Key]:
    """The trigger it takes over from, if there is one."""
    return () if row.former_version is None else ((row.former_version, row.former_trigger),)


async def marked(conn: AsyncConnection, *tests: ColumnElement[bool]) -> set[Key]:
    """What is still to be noted, if it passes these tests."""
    found = await conn.execute(select(notings.c.owner, notings.c.number).where(*tests))
    return {(row.owner, row.number) for row in found}


def _is(listener: Listener) -> ColumnElement[bool]:
    return and_(notings.c.owner == listener.owner.id, notings.c.number == listener.number)


_FORGOTTEN = delete(notings).where(
    notings.c.owner == bindparam("k_owner"), notings.c.number == bindparam("k_number")
)
