"""Publishes by itself what somebody confirmed, once its scenarios have passed: nobody has to come back.

What is confirmed is what was shown: it is stopped, and why is said to whoever confirmed it, if the
draft or what runs has changed meanwhile, or what it would do to people, or if a scenario fails. It is
kept in the base: a server that starts again goes on with it. Whoever confirmed it must still have the
right to when it is done.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from relance.access_role import AccessRole
from relance.errors import RelanceError, StoreUnavailable
from relance.host import Clock
from server.access import accounts
from server.access.actor import Actor
from server.access.register import AccessRegister
from server.orders.agreement import AGREE, ASK, Agreements
from server.orders.declined import Declined
from server.orders.outcomes import DeferredOutcome
from server.orders.published import published_words
from server.orders.publishing import PUBLISH, PublishAnswer
from server.orders.recorded import OrderRecord
from server.orders.spool import Order
from server.publication import deferred
from server.publication.deferred import DeferralState, DeferredPublication
from server.store.instants import now_micros
from server.store.store import Store

log = logging.getLogger("relance.orders")

DEFER, CALL_OFF = "publier-ensuite", "ne-pas-publier"
#: Whether it can still be done is looked at this often, in seconds, while scenarios are played.
_LOOKED = 2.0
#: Before a base that does not answer is asked again.
_PATIENCE = 1.0
_UNEXPECTED = "une erreur imprévue l’a arrêtée ; elle est notée dans le journal du serveur."
#: What whoever confirms one must be allowed to.
_ROLES = {PUBLISH: AccessRole.PUBLISH, AGREE: AccessRole.PUBLISH, ASK: AccessRole.WRITE}

#: Has an order done in the name of somebody.
Perform: TypeAlias = Callable[[str, Mapping[str, str], Actor], Awaitable[str]]
#: Has the scenarios played that an order depends upon.
Rehearse: TypeAlias = Callable[[str, Mapping[str, str]], Awaitable[None]]


class Deferring:
    """Keeps the one that waits, and has it done."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        register: AccessRegister,
        agreements: Agreements,
        orders: tuple[Rehearse, Perform],
    ) -> None:
        self._store, self._clock, self._register = store, clock, register
        self._agreements, (self._rehearse, self._perform) = agreements, orders
        self._outcomes = agreements.awaited.outcomes
        self._outcomes.on_seen = self._wake
        self._woken = asyncio.Event()
        #: The one that waits; and whether it is being done, and can no longer be called off.
        self.current: DeferredPublication | None = None
        self._being_done = False
        #: Whether the last one that is over was done.
        self.succeeded = False

    async def begin(self, verb: str, given: Mapping[str, str], actor: Actor) -> None:
        """Have that order done once its scenarios have passed; `Declined` where it could not be now."""
        order = self._agreements.as_given(Order(verb, given), actor)
        shown = await self._agreements.shown(order)
        now = now_micros(self._clock)
        whose = (actor.who, actor.person, actor.origin)
        async with self._store.write() as conn:
            if (other := await deferred.waiting(conn)) is not None:
                raise Declined(
                    f"{other.who} a déjà confirmé la publication : elle suit dès que les scénarios "
                    "auront passé. Renoncez-y d’abord, ou attendez."
                )
            wished = DeferredPublication(0, now, *whose, verb, shown)
            kept = await deferred.keep(conn, wished)
            await OrderRecord(self._register, actor, DEFER, given).write(conn)
        self.current = kept
        self._wake()

    async def call_off(self, number: int, actor: Actor) -> None:
        """Do not publish after all; `Declined` when that is no longer to be had."""
        one = self.current
        if one is None or one.number != number or self._being_done:
            raise Declined("Il est trop tard pour y renoncer : elle est faite, ou déjà arrêtée.")
        async with self._store.write() as conn:
            said = f"{actor.who} y a renoncé."
            ended = (DeferralState.CALLED_OFF, said, now_micros(self._clock))
            await deferred.end(conn, number, *ended)
            await OrderRecord(self._register, actor, CALL_OFF, {}).write(conn)
        self.current, self.succeeded = None, False
        if one.person != actor.person:
            self._leave(one, f"{actor.name} a renoncé à la publication que vous aviez confirmée.")
        self._wake()

    async def run(self) -> None:
        """Follow the one that waits, and those after it, until cancelled."""
        await self._patiently(self._load)
        while True:
            self._woken.clear()
            if (one := self.current) is not None:
                await self._patiently(lambda: self._follow(one))
            await self._patiently(self._note_seen)
            if self.current is None:
                await self._woken.wait()

    async def _patiently(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                return await work()
            except StoreUnavailable:
                await asyncio.sleep(_PATIENCE)

    async def _load(self) -> None:
        async with self._store.read() as conn:
            self.current = await deferred.waiting(conn)
            for one in await deferred.unseen(conn):
                self._leave(one, one.said, refused=one.state is DeferralState.STOPPED)

    async def _note_seen(self) -> None:
        if numbers := self._outcomes.seen():
            async with self._store.write() as conn:
                await deferred.see(conn, numbers)

    async def _follow(self, one: DeferredPublication) -> None:
        """Wait for its scenarios, then do it; what keeps it from being done ends it."""
        try:
            why = await self._played(one)
            if self.current is not one:
                return  # called off
            self._being_done = not why
            said = why or await self._done(one)
        except StoreUnavailable:
            raise
        except Declined as declined:
            said, why = str(declined).partition("\n")[0], str(declined)
        except Exception:
            log.exception("publication confirmée : erreur imprévue")
            said = why = _UNEXPECTED
        finally:
            self._being_done = False
        if why:
            said = f"La publication que vous aviez confirmée n’est pas faite. {said}"
        await self._end(one, said, refused=bool(why))

    async def _played(self, one: DeferredPublication) -> str:
        """Why it cannot be done any more, once its scenarios were played, or sooner; empty where it can."""
        order = Order(one.verb, one.given)
        playing = asyncio.ensure_future(self._rehearse(one.verb, one.given))
        try:
            while self.current is one:
                ended, _ = await asyncio.wait({playing}, timeout=_LOOKED)
                try:
                    await self._agreements.look_again(order)
                except (RelanceError, OSError):
                    pass  # what cannot be read now is said as it is done, if it still cannot
                except Declined as declined:
                    return str(declined)
                if ended:
                    break
            return ""
        finally:
            playing.cancel()

    async def _done(self, one: DeferredPublication) -> str:
        actor = await self._actor(one)
        if actor is None:
            raise Declined(f"{one.who} n’a plus le droit de publier.")
        answer = PublishAnswer.of(await self._perform(one.verb, one.given, actor))
        if answer.problems:
            raise Declined(f"Le brouillon a des erreurs : {answer.problems[0]}")
        return (await published_words(answer, self._store)).text

    async def _actor(self, one: DeferredPublication) -> Actor | None:
        """Who confirmed it, as their rights are now; None where they no longer may."""
        async with self._store.read() as conn:
            account = await accounts.by_email(conn, one.person)
        if account is None or not account.open or _ROLES[one.verb] not in account.roles:
            return None
        return Actor(account.who, one.origin, account.roles)

    async def _end(self, one: DeferredPublication, said: str, *, refused: bool) -> None:
        state = DeferralState.STOPPED if refused else DeferralState.DONE
        async with self._store.write() as conn:
            ended = await deferred.end(conn, one.number, state, said, now_micros(self._clock))
        if ended:
            self._leave(one, said, refused=refused)
        self.current, self.succeeded = None, not refused

    def _leave(self, one: DeferredPublication, said: str, *, refused: bool = True) -> None:
        self._outcomes.leave(one.person, DeferredOutcome(one.number, said, refused))

    def _wake(self) -> None:
        self._woken.set()
