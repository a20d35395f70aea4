"""Who asks: the account of a browser that is signed in, or the program that shows a token."""

from collections import OrderedDict
from dataclasses import dataclass

from relance.access_role import AccessRole
from relance.errors import StoreUnavailable
from server.access import api_tokens, sessions
from server.access.accounts import Account
from server.access.actor import Actor, Whence
from server.access.opaque import digest_of, form_token
from server.access.register import AccessRegister
from server.access.sessions import IDLE, Session

_REMEMBERED = 500


@dataclass(frozen=True, slots=True)
class Requester:
    """Somebody who is let in. `account` and `session` of people; `form`: what their forms hold."""

    name: str
    roles: frozenset[AccessRole]
    actor: Actor
    account: Account | None = None
    session: Session | None = None
    form: str = ""

    def may(self, role: AccessRole) -> bool:
        """Whether that is among their rights."""
        return role in self.roles


class Callers:
    """Knows who asks."""

    def __init__(self, register: AccessRegister) -> None:
        self._register = register
        #: Who was let in last, for when the base does not answer: they are told what is wrong.
        self._remembered: OrderedDict[str, Requester] = OrderedDict()

    async def of_session(
        self, token: str, whence: Whence, *, used: bool = True
    ) -> Requester | None:
        """Whose browser that is. `used`: somebody acts, an open page does not ask by itself."""
        now, digest = self._register.now(), digest_of(token)
        try:
            async with self._register.store.read() as conn:
                owned = await sessions.with_account(conn, token, now)
        except StoreUnavailable:
            known = self._remembered.get(digest)
            if known is None or known.session is None or now - known.session.seen_at > IDLE:
                raise
            return known
        if owned is None or not (owned[0].whole and owned[1].open):
            self._remembered.pop(digest, None)
            return None
        session, account = owned
        if used and sessions.to_note(session, now):
            await self._note(session)
        actor = Actor(account.who, whence.address, account.roles)
        found = Requester(account.name, account.roles, actor, account, session, form_token(token))
        self._remember(digest, found)
        return found

    async def of_token(self, token: str, whence: Whence) -> Requester | None:
        """Which program that is."""
        now = self._register.now()
        async with self._register.store.read() as conn:
            found = await api_tokens.find(conn, token, now)
        if found is None:
            return None
        if api_tokens.to_note(found, now):
            try:
                async with self._register.store.write() as conn:
                    await api_tokens.note(conn, found.id, now)
            except StoreUnavailable:
                pass  # it is let in all the same: what it asks may be what is wrong
        actor = Actor(found.who, whence.address, found.roles, found.created_by)
        return Requester(found.name, found.roles, actor)

    async def _note(self, session: Session) -> None:
        try:
            async with self._register.store.write() as conn:
                await sessions.note(conn, session, self._register.now())
        except StoreUnavailable:
            pass  # whoever looks at why the base is full must not be kept from it

    def _remember(self, digest: str, caller: Requester) -> None:
        self._remembered[digest] = caller
        self._remembered.move_to_end(digest)
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
