"""Signing in: the password, then the second factor where there is one; a new session at each step."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from server.access import accounts, sessions, throttle
from server.access.accounts import Account, email_key
from server.access.actor import Actor, Whence
from server.access.callers import Requester
from server.access.register import AccessRegister
from server.store.instants import Micros


@dataclass(frozen=True, slots=True)
class Admitted:
    """The token of a new session; not `whole`: the second factor is still to be given."""

    token: str
    whole: bool


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """It was wrong; or, nothing having been looked at, how long to `wait`.

    `why`: in French, where there is more to say than that.
    """

    wait: Micros = 0
    why: str = ""


class SigningIn:
    """Lets people in. `network`: what counts as one address, in `Whence`, is for the caller to say."""

    def __init__(self, register: AccessRegister) -> None:
        self._register = register

    async def by_password(
        self, email: str, password: str, whence: Whence, network: str
    ) -> Admitted | TurnedAway:
        """The answer is the same, and takes as long, whether there is such an account or not."""
        register, of_account = self._register, throttle.key("compte", email_key(email))
        of_address = throttle.key("adresse", network)
        keys = {of_account: throttle.OF_ACCOUNT, of_address: throttle.OF_ADDRESS}
        if wait := await register.wait_of(keys):
            return TurnedAway(wait)
        async with register.store.write() as conn:
            wait = await throttle.attempt(conn, keys, register.now())
            account = await accounts.by_email(conn, email)
        if wait:
            return TurnedAway(wait)
        known = account is not None and account.open and account.has_password
        kept = account.password if account is not None and known else None
        right = await register.passwords.right(kept, password)
        async with register.store.write() as conn:
            if not right or account is None or kept is None:
                await self._refused(conn, keys, account, whence)
                return TurnedAway()
            await throttle.forget(conn, of_account)
            await throttle.take_back(conn, of_address)
            found = await self._admitted(conn, account, kept, whence)
        if isinstance(found, Admitted) and register.passwords.stale(kept):
            await self._rehash(account, password)
        return found

    async def _admitted(
        self, conn: AsyncConnection, account: Account, kept: str, whence: Whence
    ) -> Admitted | TurnedAway:
        """Unless the account was closed, or its password changed, while the hash was made."""
        present = await accounts.by_id(conn, account.id)
        if present is None or not present.open or present.password != kept:
            return TurnedAway()
        whole, now = not present.two_factors, self._register.now()
        token = await sessions.begin(conn, account.id, whence, now, whole=whole)
        if whole:
            await self._register.audit.note(
                conn, Actor(account.who, whence.address), "connexion", account.who
            )
        return Admitted(token, whole)

    async def _refused(
        self,
        conn: AsyncConnection,
        keys: Mapping[str, int],
        account: Account | None,
        whence: Whence,
    ) -> None:
        await throttle.wrong(conn, keys, self._register.now())
        if account is not None:
            nobody = Actor("quelqu’un", whence.address)
            await self._register.audit.note(conn, nobody, "connexion.refusee", account.who)

    async def _rehash(self, account: Account, password: str) -> None:
        made = await self._register.passwords.hashed(password)
        async with self._register.store.write() as conn:
            present = await accounts.by_id(conn, account.id)
            if present is not None and present.password == account.password:
                await accounts.change(conn, account.id, password=made)

    async def waiting(self, token: str) -> Account | None:
        """Whose session waits for its second factor; None when it does not."""
        if not token:
            return None
        async with self._register.store.read() as conn:
            owned = await sessions.with_account(conn, token, self._register.now())
        return None if owned is None or owned[0].whole else owned[1]

    async def by_code(self, token: str, code: str, whence: Whence) -> Admitted | TurnedAway | None:
        """The second factor of a session that waits for it; None when there is none that does."""
        register, now = self._register, self._register.now()
        if await self.waiting(token) is None:  # a stranger: nothing is to be written
            return None
        async with register.store.write() as conn:
            owned = await sessions.with_account(conn, token, now)
            if owned is None or owned[0].whole or not owned[1].open:
                return None
            half, account = owned
            key = throttle.key("code", str(account.id))
            if wait := await throttle.attempt(conn, {key: throttle.OF_ACCOUNT}, now):
                return TurnedAway(wait)
            who = Actor(account.who, whence.address)
            if not await register.factor.take(conn, account, code, register.clock.now()):
                await register.audit.note(conn, who, "connexion.refusee", account.who)
                return TurnedAway()
            await throttle.forget(conn, key)
            await sessions.end(conn, account.id, half.id)
            made = await sessions.begin(conn, account.id, whence, now, whole=True)
            await register.audit.note(conn, who, "connexion", account.who)
        return Admitted(made, True)

    async def again(self, caller: Requester, password: str) -> TurnedAway | None:
        """The password given again, before what matters most; None when it is right."""
        account, session = caller.account, caller.session
        if account is None or session is None:
            return TurnedAway()
        register, key = self._register, throttle.key("compte", email_key(account.email))
        async with register.store.write() as conn:
            wait = await throttle.attempt(conn, {key: throttle.OF_ACCOUNT}, register.now())
        if wait:
            return TurnedAway(wait)
        if not await register.passwords.right(account.password, password):
            return TurnedAway()
        async with register.store.write() as conn:
            await throttle.forget(conn, key)
            await sessions.prove(conn, session.id, register.now())
        return None

    async def out(self, caller: Requester) -> None:
        """The session of that browser ends."""
        if caller.account is None or caller.session is None:
            return
        async with self._register.store.write() as conn:
            if await sessions.end(conn, caller.account.id, caller.session.id):
                await self._register.audit.note(
                    conn, caller.actor, "deconnexion", caller.account.who
                )
