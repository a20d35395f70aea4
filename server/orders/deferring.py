"""Publishes by itself what somebody confirmed, once its scenarios have passed: nobody has to come back.

What is confirmed is what was shown: it is stopped, and why is said to whoever confirmed it, if the
draft or what runs has changed meanwhile, or what it would do to people, or if a scenario fails. It is
kept in the base: a server that starts again goes on with it. Whoever confirmed it must still have the
right to when it is done. That it is done, and that it waits no more, is one transaction: it is done
once, and not if it was renounced, whatever stops in between.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.access_role import AccessRole
from relance.errors import RelanceError, StoreUnavailable
from relance.host import Clock
from server.access import accounts, api_tokens
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
from server.store.written_with import WriteDown

log = logging.getLogger("relance.orders")

DEFER, CALL_OFF = "publier-ensuite", "ne-pas-publier"
#: Whether it can still be done is looked at this often, in seconds, while scenarios are played.
_LOOKED = 2.0
#: Before a base that does not answer is asked again.
_PATIENCE = 1.0
_UNEXPECTED = "Une erreur imprévue l’a arrêtée ; elle est notée dans le journal du serveur."
#: What is said of one whose server, or base, stopped right after it was done.
_DONE = "Ce que vous aviez confirmé est fait."
_LATE = "Il est trop tard pour y renoncer : elle est faite, ou déjà arrêtée."
_NO_MORE = "Elle n’attend plus."
#: What whoever confirms one must be allowed to, one at least: who may publish may ask for it, too.
_ROLES = {
    PUBLISH: frozenset({AccessRole.PUBLISH}),
    AGREE: frozenset({AccessRole.PUBLISH}),
    ASK: frozenset({AccessRole.WRITE, AccessRole.PUBLISH}),
}


class Perform(Protocol):
    """Has an order done in the name of somebody; `beside` is written in its transaction."""

    async def __call__(
        self, verb: str, given: Mapping[str, str], actor: Actor, beside: WriteDown
    ) -> str:
        """What is said of it; `Declined` when it cannot be done."""


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
        #: Held by who confirms: two at once come one after the other, on PostgreSQL too.
        self._confirming = asyncio.Lock()
        #: The one that waits; and whether it is being done, and can no longer be called off.
        self.current: DeferredPublication | None = None
        self._being_done = False
        #: Whether the last one that is over was done; the campaign to look at next, if it brought one.
        self.succeeded = False
        self.brought: int | None = None

    async def begin(self, verb: str, given: Mapping[str, str], actor: Actor) -> DeferredPublication:
        """Have that order done once its scenarios have passed; `Declined` where it could not be now."""
        order = self._agreements.as_given(Order(verb, given), actor)
        shown = await self._agreements.shown(order)
        now = now_micros(self._clock)
        whose = (actor.who, actor.person, actor.origin)
        async with self._confirming, self._store.write() as conn:
            if (other := await deferred.waiting(conn)) is not None:
                raise Declined(
                    f"{other.who} a déjà confirmé la publication : elle suit dès que les scénarios "
                    "auront passé. Renoncez-y d’abord, ou attendez."
                )
            wished = DeferredPublication(0, now, *whose, order.verb, shown)
            kept = await deferred.keep(conn, wished)
            await OrderRecord(self._register, actor, DEFER, given).write(conn)
        self.current, self.brought = kept, None
        self._wake()
        return kept

    async def call_off(self, number: int, actor: Actor) -> None:
        """Do not publish after all; `Declined` when that is no longer to be had."""
        one = (
            self.current or await self._waiting()
        )  # a server that has just begun may not know it yet
        if one is None or one.number != number or self._being_done:
            raise Declined(_LATE)
        async with self._store.write() as conn:
            said = f"{actor.who} y a renoncé."
            ended = (DeferralState.CALLED_OFF, said, now_micros(self._clock))
            if not await deferred.end(conn, number, *ended):
                raise Declined(_LATE)
            await OrderRecord(self._register, actor, CALL_OFF, {}).write(conn)
        self._over(one, done=False)
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
            if seen := self._outcomes.seen():
                await self._patiently(lambda: self._note_seen(seen))
            if self.current is None:
                await self._woken.wait()

    async def _patiently(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                return await work()
            except StoreUnavailable:
                await asyncio.sleep(_PATIENCE)

    async def _waiting(self) -> DeferredPublication | None:
        async with self._store.read() as conn:
            return await deferred.waiting(conn)

    async def _load(self) -> None:
        waiting = await self._waiting()
        self.current = self.current or waiting  # somebody may have confirmed one meanwhile
        async with self._store.read() as conn:
            for one in await deferred.unseen(conn):
                self._leave(one, one.said, refused=one.state is DeferralState.STOPPED)

    async def _note_seen(self, numbers: Sequence[int]) -> None:
        async with self._store.write() as conn:
            await deferred.see(conn, numbers)

    async def _follow(self, one: DeferredPublication) -> None:
        """Wait for its scenarios, then do it; what keeps it from being done ends it."""
        if await self._settled(one):
            return  # the base stopped answering right after that
        given = False
        try:
            why = await self._played(one)
            actor = await self._actor(one)
            if self.current is not one:
                return  # called off
            if not why and actor is None:
                why = f"{one.who} n’a plus le droit de publier."
            said = why
            if not why and actor is not None:
                self._being_done = given = True
                said = await self._done(one, actor)
        except StoreUnavailable:
            raise
        except Declined as declined:
            said = why = str(declined).partition("\n")[0]
        except Exception:
            log.exception("publication confirmée : erreur imprévue")
            said = why = _UNEXPECTED
        finally:
            self._being_done = False
        if why:
            said = f"La publication que vous aviez confirmée n’est pas faite. {said}"
        # An order that was given, and declined, is in the audit log by itself.
        await self._end(one, said, refused=bool(why), recorded=given)

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

    async def _done(self, one: DeferredPublication, actor: Actor) -> str:
        async def no_more(conn: AsyncConnection) -> None:
            done = DeferralState.DONE, _DONE, now_micros(self._clock)
            if not await deferred.end(conn, one.number, *done):
                raise Declined(_NO_MORE)

        answer = PublishAnswer.of(await self._perform(one.verb, one.given, actor, no_more))
        if answer.problems:
            raise Declined(f"Le brouillon a des erreurs : {answer.problems[0]}")
        words = await published_words(answer, self._store)
        self.brought = words.campaign
        return words.text

    async def _actor(self, one: DeferredPublication) -> Actor | None:
        """Who confirmed it, as their rights are now; None where they no longer may."""
        if one.program:
            return await self._program(one)
        async with self._store.read() as conn:
            account = await accounts.by_email(conn, one.person)
        if account is None or not account.open or _ROLES[one.verb].isdisjoint(account.roles):
            return None
        return Actor(account.who, one.origin, account.roles)

    async def _program(self, one: DeferredPublication) -> Actor | None:
        """The program that did, if its token still opens what it needs.

        Names are not of one token alone: another's is of somebody else, or was made since in its place.
        """
        async with self._store.read() as conn:
            every = await api_tokens.all_tokens(conn)
        now = self._register.now()
        for token in every:
            actor = Actor(one.who, one.origin, token.roles, token.created_by)
            theirs = actor.person == one.person and token.created_at <= one.at
            opens = token.opens(now) and not _ROLES[one.verb].isdisjoint(token.roles)
            if token.who == one.who and theirs and opens:
                return actor
        return None

    async def _end(
        self, one: DeferredPublication, said: str, *, refused: bool, recorded: bool
    ) -> None:
        state = DeferralState.STOPPED if refused else DeferralState.DONE
        async with self._store.write() as conn:
            ended = await deferred.end(conn, one.number, state, said, now_micros(self._clock))
            if ended and not recorded:
                who = Actor(one.who, one.origin)
                await OrderRecord(self._register, who, one.verb, one.given).refused(conn)
            if not ended and not refused:
                ended = await deferred.say(conn, one.number, said)
        if not ended and await self._settled(one):
            return
        self._leave(one, said, refused=refused)
        self._over(one, done=not refused)

    async def _settled(self, one: DeferredPublication) -> bool:
        """Whether it waits no more, as the base has it: what came of it is then left to be said."""
        async with self._store.read() as conn:
            now = await deferred.find(conn, one.number)
        if now is None or now.state is DeferralState.WAITING:
            return False
        if now.state is not DeferralState.CALLED_OFF:
            self._leave(now, now.said, refused=now.state is DeferralState.STOPPED)
        self._over(one, done=now.state is DeferralState.DONE)
        return True

    def _over(self, one: DeferredPublication, *, done: bool) -> None:
        """It waits no more; another may by now."""
        self.succeeded = done
        if self.current is one:
            self.current = None

    def _leave(self, one: DeferredPublication, said: str, *, refused: bool = True) -> None:
        if not one.program:
            self._outcomes.leave(one.person, DeferredOutcome(one.number, said, refused))

    def _wake(self) -> None:
        self._woken.set()
