"""Where the running server takes the orders that commands leave."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.errors import RelanceError, StoreUnavailable
from relance.host import Clock
from server.access.actor import Actor, by_command
from server.access.register import AccessRegister
from server.crash import crash_point
from server.engine.engine import Engine
from server.orders import campaigns, spool
from server.orders.absences import AbsenceOrders
from server.orders.agreement import PUBLISHING, Agreements
from server.orders.deferring import Deferring
from server.orders.memberships import MembershipOrders
from server.orders.publishing import PUBLISH, PublishOrder
from server.orders.recorded import OrderRecord, OwnVerb, RecordedEngine
from server.orders.spool import Order
from server.orders.team import TEAM, TeamOrders
from server.orders.verbs import VERBS, Declined
from server.settings import Settings
from server.store.store import Store
from server.store.written_with import WriteDown

log = logging.getLogger("relance.orders")

EVERY_SECONDS = 0.5
_UNEXPECTED = "Une erreur imprévue a arrêté cet ordre ; elle est notée dans le journal du serveur."


class Desk:
    """Does what is asked, one order at a time; `own`: what takes more of a server than its base.

    `agreements`: where publications are made.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        wake: Callable[[], None],
        engine: Engine,
        own: Mapping[str, OwnVerb],
        team: TeamOrders,
        settings: Settings,
        agreements: Agreements | None = None,
    ) -> None:
        self._settings, self._agreements = settings, agreements
        self._store, self._clock, self._wake = store, clock, wake
        self._engine, self._register = engine, team.register
        memberships = MembershipOrders(store, clock).verbs()
        asked = agreements.verbs() if agreements is not None else {}
        absences = AbsenceOrders(store, clock, settings.zone).verbs()
        self._own = {**own, **memberships, **absences, **asked, TEAM: team.perform}
        #: What publishes by itself what was confirmed; None where nothing is published.
        self.deferring: Deferring | None = None
        if agreements is not None:
            doing = (self.rehearse, self.perform)
            self.deferring = Deferring(store, clock, team.register, agreements, doing)
        #: The orders whose scenarios are played first, by their files.
        self._rehearsing: dict[Path, asyncio.Task[None]] = {}

    async def run(self, project: Path) -> None:
        """Take what is left in the project, and do what was deferred, until cancelled."""
        following = asyncio.create_task(self._follow())
        try:
            while not following.done():
                left = await asyncio.to_thread(lambda: list(spool.left(project)))
                for file, order in left:
                    if not await self._rehearses(file, order):
                        await self._take(file, order)
                for given_up in self._rehearsing.keys() - {file for file, _ in left}:
                    self._rehearsing.pop(given_up).cancel()
                await asyncio.sleep(EVERY_SECONDS)
            following.result()  # it never ends but by an error
        finally:
            following.cancel()
            for task in self._rehearsing.values():
                task.cancel()
            self._rehearsing.clear()

    async def _follow(self) -> None:
        if self.deferring is None:
            await asyncio.Event().wait()
        else:
            await self.deferring.run()

    async def _rehearses(self, file: Path, order: Order) -> bool:
        """Whether scenarios are played that it depends upon: meanwhile the orders behind are done."""
        if order.verb not in PUBLISHING:
            return False
        if file not in self._rehearsing:
            spool.take(file)
            task = asyncio.create_task(self.rehearse(order.verb, order.arguments))
            self._rehearsing[file] = task
        task = self._rehearsing[file]
        await asyncio.wait({task}, timeout=EVERY_SECONDS)
        if not task.done():
            if self._agreements is not None:
                spool.take(file, self._agreements.publishing.rehearsals.how_far)
            return True
        del self._rehearsing[file]
        task.exception()  # what is wrong with an order is said as it is taken
        return False

    async def rehearse(self, verb: str, given: Mapping[str, str]) -> None:
        """Have played the scenarios that this order depends upon, if any; what is wrong, it says itself."""
        if self._agreements is not None:
            with contextlib.suppress(RelanceError, OSError, Declined):
                await self._agreements.rehearse(Order(verb, given))

    async def _take(self, file: Path, order: Order) -> None:
        spool.take(file)
        try:
            said, done = await self._do(order, by_command(order.by)), True
        except Declined as declined:
            said, done = str(declined), False
        except StoreUnavailable:
            raise  # it stays there, and is taken up again
        except Exception:
            # Whatever it is, the orders behind this one must not wait for it for ever.
            log.exception("ordre « %s » : erreur imprévue", order.verb)
            said, done = _UNEXPECTED, False
        spool.answer(file, said, done=done)
        self._wake()

    async def perform(
        self, verb: str, given: Mapping[str, str], actor: Actor, beside: WriteDown | None = None
    ) -> str:
        """Do one order at once; what is said of it. `Declined` when it cannot be done.

        `beside`: writes something more in the transaction that does it, or raises and undoes it.
        """
        try:
            return await self._do(Order(verb, given), actor, beside)
        finally:  # of one that stopped half way, some is done
            self._wake()

    def record_of(self, order: PublishOrder) -> OrderRecord:
        """The row of who has this published as the server starts."""
        return OrderRecord(self._register, by_command(order.who), PUBLISH, order.arguments())

    async def _do(self, order: Order, actor: Actor, beside: WriteDown | None = None) -> str:
        if self._agreements is not None:
            try:
                order = await self._agreements.naming(self._agreements.as_given(order, actor))
            except Declined:
                record = OrderRecord(self._register, actor, order.verb, order.arguments)
                await record.refused()
                raise
        said = await perform(
            *(self._store, self._clock, self._engine, order, self._own, self._register, actor),
            *(self._settings, beside),
        )
        if order.verb in self._own:
            return said
        log.info("ordre « %s » : %s", order.verb, said)
        return said


async def perform(
    store: Store,
    clock: Clock,
    engine: Engine,
    order: Order,
    own: Mapping[str, OwnVerb],
    register: AccessRegister,
    actor: Actor,
    settings: Settings,
    beside: WriteDown | None = None,
) -> str:
    """Do one order, and write who did it; what is said of it. `Declined` when it cannot be done.

    `own`: what takes more than the base, by its verb. The row of the audit log is written in the
    transaction of what the order does; one of an order that did nothing, apart.
    """
    record = OrderRecord(register, actor, order.verb, order.arguments)

    async def write_down(conn: AsyncConnection) -> None:
        await record.write(conn)
        if beside is not None:
            await beside(conn)

    try:
        said = await _performed(store, clock, engine, order, own, write_down, settings)
    except Declined:
        await record.refused()
        raise
    await record.over()
    return said


async def _performed(
    store: Store,
    clock: Clock,
    engine: Engine,
    order: Order,
    own: Mapping[str, OwnVerb],
    write_down: WriteDown,
    settings: Settings,
) -> str:
    mine = own.get(order.verb)
    if mine is not None:
        return await mine(order.arguments, write_down)
    decision = campaigns.DECISIONS.get(order.verb)
    if decision is not None:
        return await decision(RecordedEngine(engine, write_down, settings), order.arguments)
    verb = VERBS.get(order.verb)
    if verb is None:
        raise Declined(
            "Ce serveur ne connaît pas cet ordre : il est d’une autre version que la commande. "
            "Redémarrez-le."
        )

    async def work(conn: AsyncConnection) -> str:
        said = await verb(conn, store, clock, order.arguments)
        await write_down(conn)
        crash_point("orders.before_commit")
        return said

    said = await store.attempt(work)
    crash_point("orders.after_commit")
    return said
