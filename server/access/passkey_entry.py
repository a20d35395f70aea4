"""Coming in by a passkey: alone, after the password, or to confirm that it is still oneself.

A key that asked who holds it (a code, a finger, a face) is two factors by itself: what one has, and
what one knows or is. Alone it must have asked; after the password, it need not.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from server.access import accounts, passkey_ceremony, passkeys, sessions, throttle
from server.access.accounts import Account
from server.access.actor import Actor, Whence
from server.access.callers import Requester
from server.access.opaque import digest_of
from server.access.passkey_ceremony import CounterWentBack, KeyRefused, RelyingParty
from server.access.passkeys import Passkey
from server.access.register import AccessRegister
from server.access.sessions import Session
from server.access.signing_in import Admitted, TurnedAway

OLD = "Cette demande a vieilli, ou elle a déjà servi\u00a0: recommencez."
UNKNOWN = (
    "Cette clé n’ouvre aucun compte ici. Choisissez-en une autre, ou entrez par votre mot de passe."
)
_WRONG = "La réponse de cette clé n’est pas la bonne. Recommencez, ou entrez autrement."
_BACK = (
    "Cette clé dit avoir moins servi qu’avant\u00a0: il en existe peut-être une copie. Elle est refusée, et "
    "c’est noté au journal. Entrez autrement, retirez-la de votre compte, et parlez-en à qui administre."
)


class KeyUse(Enum):
    """What a key is shown for: a challenge for one serves for no other."""

    ENTER = "entrer"
    SECOND = "code"
    AGAIN = "confirmer"
    ADD = "ajouter"


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """What a form of ours brings: the challenge as it was sealed, and what the browser said of a key."""

    offer: str
    said: str


class PasskeyEntry:
    """Lets people in by their keys. `party`: this server, or in French why it takes none."""

    def __init__(self, register: AccessRegister, party: RelyingParty | str) -> None:
        self._register, self._party = register, party

    @property
    def lacking(self) -> str:
        """Why no key is taken here, in French; empty when they are."""
        return self._party if isinstance(self._party, str) else ""

    @property
    def name(self) -> str:
        """The server's name, that keys are bound to; empty when none can be."""
        return self._party.id if isinstance(self._party, RelyingParty) else ""

    async def useful(self, account: int | None = None) -> bool:
        """Whether somebody could come in so; that account, if one is named."""
        if not self.name:
            return False
        async with self._register.store.read() as conn:
            return await passkeys.any_for(conn, self.name, account)

    # --- What is asked ----------------------------------------------------------------------

    async def ask_anybody(self, door: str) -> Mapping[str, Any] | None:
        """What to ask of whoever comes; `door`: what that browser alone holds."""
        return await self._asked(KeyUse.ENTER, door, None)

    async def ask_second(self, token: str) -> Mapping[str, Any] | None:
        """What to ask of a session that waits for its second factor; None when none does."""
        half = await self._half(token)
        return None if half is None else await self._asked(KeyUse.SECOND, token, half.account_id)

    async def _half(self, token: str) -> Session | None:
        """The session of that token that waits for its second factor: a stranger has none."""
        if not token:
            return None
        async with self._register.store.read() as conn:
            found = await sessions.find(conn, token, self._register.now())
        return None if found is None or found.whole else found

    async def ask_again(self, caller: Requester, token: str) -> Mapping[str, Any] | None:
        """What to ask of somebody who is signed in, before what matters most."""
        who = caller.account.id if caller.account else None
        return None if who is None else await self._asked(KeyUse.AGAIN, token, who)

    async def _asked(
        self, use: KeyUse, holder: str, account: int | None
    ) -> Mapping[str, Any] | None:
        register, party = self._register, self._party
        if isinstance(party, str):
            return None
        known: list[Passkey] = []
        if account is not None:
            async with register.store.read() as conn:
                found = await passkeys.of_account(conn, account)
            known = [one for one in found if one.rp == party.id]
        await asyncio.to_thread(passkey_ceremony.load)
        asked = register.challenges.new(use.value, digest_of(holder), register.now())
        options = passkey_ceremony.to_show(party, known, asked, verified=use is not KeyUse.SECOND)
        return {"offre": asked.offer, "publicKey": options}

    # --- What is answered -------------------------------------------------------------------

    async def enter(
        self, door: str, answer: KeyAnswer, whence: Whence, network: str
    ) -> Admitted | TurnedAway:
        """Come in by a key alone; it must have asked who holds it."""
        register, now = self._register, self._register.now()
        of_address = throttle.key("adresse", network)
        if wait := await register.wait_of({of_address: throttle.OF_ADDRESS}):
            return TurnedAway(wait)
        await self._load()
        async with register.store.write() as conn:
            key = await passkeys.by_credential(conn, passkey_ceremony.credential_of(answer.said))
            counted = {of_address: throttle.OF_ADDRESS}
            if key is not None:
                counted[_counted(key)] = throttle.OF_ACCOUNT
            if wait := await throttle.attempt(conn, counted, now):
                return TurnedAway(wait)
            account = None if key is None else await accounts.by_id(conn, key.account_id)
            if key is None or account is None or not account.open:
                return TurnedAway(why=UNKNOWN)
            wrong = await self._wrong(conn, KeyUse.ENTER, door, answer, key, account, whence)
            if wrong:
                return TurnedAway(why=wrong)
            await throttle.forget(conn, _counted(key))
            await throttle.take_back(conn, of_address)
            return Admitted(await self._begun(conn, account, key, whence), True)

    async def second(
        self, token: str, answer: KeyAnswer, whence: Whence
    ) -> Admitted | TurnedAway | None:
        """A key after the password; None when no session waits for one."""
        register, now = self._register, self._register.now()
        if await self._half(token) is None:
            return None
        await self._load()
        async with register.store.write() as conn:
            owned = await sessions.with_account(conn, token, now)
            if owned is None or owned[0].whole or not owned[1].open:
                return None
            half, account = owned
            found = await self._own(conn, KeyUse.SECOND, token, answer, account, whence)
            if isinstance(found, TurnedAway):
                return found
            await sessions.end(conn, account.id, half.id)
            return Admitted(await self._begun(conn, account, found, whence), True)

    async def again(
        self, caller: Requester, token: str, answer: KeyAnswer, whence: Whence
    ) -> TurnedAway | None:
        """A key instead of the password given again; None when it is right."""
        account, session = caller.account, caller.session
        if account is None or session is None:
            return TurnedAway()
        await self._load()
        async with self._register.store.write() as conn:
            found = await self._own(conn, KeyUse.AGAIN, token, answer, account, whence)
            if isinstance(found, TurnedAway):
                return found
            await sessions.prove(conn, session.id, self._register.now())
        return None

    async def _load(self) -> None:
        if self.name:
            await asyncio.to_thread(passkey_ceremony.load)

    async def _own(
        self,
        conn: AsyncConnection,
        use: KeyUse,
        token: str,
        answer: KeyAnswer,
        account: Account,
        whence: Whence,
    ) -> Passkey | TurnedAway:
        """The key of that account that answers: counted as its codes are."""
        key = await passkeys.by_credential(conn, passkey_ceremony.credential_of(answer.said))
        counted = throttle.key("code", str(account.id))
        now = self._register.now()
        if wait := await throttle.attempt(conn, {counted: throttle.OF_ACCOUNT}, now):
            return TurnedAway(wait)
        if key is None or key.account_id != account.id:
            return TurnedAway(why=UNKNOWN)
        wrong = await self._wrong(conn, use, token, answer, key, account, whence)
        if wrong:
            return TurnedAway(why=wrong)
        await throttle.forget(conn, counted)
        return key

    async def _wrong(
        self,
        conn: AsyncConnection,
        use: KeyUse,
        holder: str,
        answer: KeyAnswer,
        key: Passkey,
        account: Account,
        whence: Whence,
    ) -> str:
        """Why that answer is refused, in French; empty when it is right, which is then noted."""
        register, now, party = self._register, self._register.now(), self._party
        bound = digest_of(holder) if holder else ""
        asked = await register.challenges.take(conn, use.value, bound, answer.offer, now)
        why, action = "", "cle.refusee"
        if isinstance(party, str):
            why = party
        elif asked is None:
            why = OLD
        else:
            alone = use is not KeyUse.SECOND
            try:
                count = passkey_ceremony.shown(party, asked, key, answer.said, verified=alone)
                await passkeys.note(conn, key.id, count, now)
            except CounterWentBack:
                why, action = _BACK, "cle.compteur"
            except KeyRefused:
                why = _WRONG
        if why:
            nobody = Actor("quelqu’un", whence.address)
            await register.audit.note(conn, nobody, action, key.of(account.who))
        return why

    async def _begun(
        self, conn: AsyncConnection, account: Account, key: Passkey, whence: Whence
    ) -> str:
        register = self._register
        who, by = (
            Actor(account.who, whence.address),
            {"par": f"clé d’accès «\u00a0{key.name}\u00a0»"},
        )
        await register.audit.note(conn, who, "connexion", account.who, after=by)
        return await sessions.begin(conn, account.id, whence, register.now(), whole=True)


def _counted(key: Passkey) -> str:
    return throttle.key("cle", str(key.id))
