"""Noting for whom the conditions of state triggers hold: what holds already does not turn true.

It is done for every lead when a trigger is published, and again when a list it asks about was
built: part by part, before any event is handled. All parts are noted as of the instant they were
asked for, and for the leads there were: what has come since is still to set the trigger off.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence, Set
from functools import partial

from sqlalchemy import (
    BigInteger,
    ColumnElement,
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
from server.engine.batch import insert_from
from server.engine.conditions.scope import Scope
from server.engine.listener import Listener
from server.engine.lists.dynamic_list import asked
from server.engine.owner import Key
from server.engine.parts import Part, next_part, progress
from server.engine.quarantine import Quarantine, RuleFailed
from server.engine.tick import Tick
from server.engine.triggers.by_time import ByTime
from server.engine.triggers.edge import held, row_of, rows_of
from server.engine.triggers.entries import holding
from server.engine.triggers.state_events import insert_state_events
from server.store.schema.campaigns import edges, notings
from server.store.schema.leads import leads

log = logging.getLogger("relance.triggers")

#: Why a state is told to hold: what the journal shows.
RESUMED = "reprise"


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
        if part.count:
            await self._note_part(tick.at(row.at), listener, part, tells=row.tells)
        if part.whole:
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

    async def _note_part(self, tick: Tick, listener: Listener, part: Part, *, tells: bool) -> None:
        """Those for whom it holds, and when time changes it."""
        scope = self._scope_of(listener.owner.id)
        here = (edges.c.lead_id > part.after, edges.c.lead_id <= part.upto)
        lead_id = scope.fields.table.c.id
        # Events that wait for the engine have not happened yet: they are still to set it off.
        rows = holding(listener.trigger.condition, scope, literal(0, BigInteger))
        rows = rows.where(lead_id > part.after, lead_id <= part.upto)
        values = row_of(listener, lead_id)
        parameters = dict(tick.parameters(listener.owner))
        if tells:
            turned = insert_state_events(
                rows.where(~held(listener, lead_id)), lead_id, listener.subject, RESUMED
            )
            first = tick.store.ids.reserve(part.count)
            await tick.conn.execute(turned, {**parameters, "p_first_id": first})
        await tick.conn.execute(delete(edges).where(rows_of(listener), *here))
        await tick.conn.execute(insert_from(edges, values, rows), parameters)
        if listener.timed:
            await ByTime(listener, scope).begin(tick, part.after, part.upto)


async def mark(
    tick: Tick,
    listeners: Sequence[Listener],
    unbuilt: Set[str] = frozenset(),
    *,
    tells: bool = False,
) -> None:
    """Have them noted, as of now and for the leads there are.

    `tells`: nobody followed them for a while, and it sets them off that they have turned true. If one asks about a list that is yet to be built, those who come until then are noted too: the
    list takes them in without a word.
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


async def _forget(conn: AsyncConnection, keys: Sequence[Key]) -> None:
    if keys:
        gone = [{"k_owner": owner, "k_number": number} for owner, number in keys]
        await conn.execute(_FORGOTTEN, gone)


async def marked(conn: AsyncConnection, *tests: ColumnElement[bool]) -> set[Key]:
    """What is still to be noted, if it passes these tests."""
    found = await conn.execute(select(notings.c.owner, notings.c.number).where(*tests))
    return {(row.owner, row.number) for row in found}


def _is(listener: Listener) -> ColumnElement[bool]:
    return and_(notings.c.owner == listener.owner.id, notings.c.number == listener.number)


_FORGOTTEN = delete(notings).where(
    notings.c.owner == bindparam("k_owner"), notings.c.number == bindparam("k_number")
)
