"""What people do of their own passkeys: add one, name it, see when it served, remove it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from server.access import entries, passkey_ceremony, passkeys, sessions
from server.access.accounts import Account
from server.access.callers import Requester
from server.access.entry_refused import EntryRefused
from server.access.opaque import digest_of
from server.access.passkey_ceremony import KeyRefused, RelyingParty
from server.access.passkey_entry import OLD, KeyAnswer, KeyUse
from server.access.passkeys import Passkey
from server.access.register import AccessRegister

#: How many one person may have: a telephone, a computer, a key in a drawer, and some to spare.
MOST = 20
_HANDLE = "passkey-user"


class OwnPasskeys:
    """Each does it of themselves alone. `party`: this server, or in French why it takes no key."""

    def __init__(self, register: AccessRegister, party: RelyingParty | str) -> None:
        self._register, self._party = register, party

    async def all_of(self, account: int) -> Sequence[Passkey]:
        """What an account may be opened by."""
        async with self._register.store.read() as conn:
            return await passkeys.of_account(conn, account)

    async def one_of(self, caller: Requester, key: int) -> Passkey | None:
        """The one of that number, if it is one's own."""
        return next((one for one in await self.all_of(_account(caller).id) if one.id == key), None)

    async def ask(self, caller: Requester, token: str) -> Mapping[str, Any] | None:
        """What to ask of a browser so that it makes one; None when no key is taken here."""
        account, party = _account(caller), self._party
        if isinstance(party, str):
            return None
        register = self._register
        known = [one for one in await self.all_of(account.id) if one.rp == party.id]
        await asyncio.to_thread(passkey_ceremony.load)
        asked = register.challenges.new(KeyUse.ADD.value, digest_of(token), register.now())
        options = passkey_ceremony.to_make(party, account, self._handle(account), known, asked)
        return {"offre": asked.offer, "publicKey": options}

    def _handle(self, account: Account) -> str:
        """Whom a key says it is of: nothing that names anybody."""
        return self._register.seals.digest(_HANDLE, account.id)

    async def add(
        self, caller: Requester, token: str, name: str, answer: KeyAnswer
    ) -> Sequence[str]:
        """Keep the key that answers; recovery codes, when it is the first second factor."""
        account, party, register = _account(caller), self._party, self._register
        kept = entries.name(name)
        if isinstance(party, str):
            raise EntryRefused(party)
        if account.keys >= MOST:
            raise EntryRefused(f"Vous avez déjà {MOST} clés\u00a0: retirez-en une d’abord.")
        await asyncio.to_thread(passkey_ceremony.load)
        async with register.store.write() as conn:
            now = register.now()
            asked = await register.challenges.take(
                conn, KeyUse.ADD.value, digest_of(token), answer.offer, now
            )
        if asked is None:  # it stays spent, whatever is refused next
            raise EntryRefused(OLD)
        try:
            new = passkey_ceremony.made(party, asked, answer.said)
        except KeyRefused as wrong:
            raise EntryRefused(
                "La réponse de cette clé n’est pas lisible\u00a0: recommencez, ou essayez-en une autre."
            ) from wrong
        row = {
            "account_id": account.id,
            "credential": new.credential,
            "public_key": new.public_key,
            "handle": self._handle(account),
            "rp": party.id,
            "name": kept,
            "counter": new.counter,
            "created_at": now,
        }
        async with register.store.write() as conn:
            if not await passkeys.add(conn, row):
                raise EntryRefused("Cette clé est déjà ajoutée\u00a0: ajoutez-en une autre.")
            codes: Sequence[str] = ()
            if not account.two_factors:
                codes = await register.factor.new_codes(conn, account.id)
                own = caller.session.id if caller.session else None
                await sessions.end_all(conn, account.id, but=own)
            about = f"clé d’accès «\u00a0{kept}\u00a0» de {account.who}"
            await register.audit.note(conn, caller.actor, "cle.ajoutee", about)
        return codes

    async def remove(self, caller: Requester, key: Passkey) -> None:
        """It opens nothing more; recovery codes go with the last second factor."""
        account, register = _account(caller), self._register
        async with register.store.write() as conn:
            if await passkeys.remove(conn, account.id, key.id):
                await register.factor.drop_codes_of_none(conn, account.id)
                about = key.of(account.who)
                await register.audit.note(conn, caller.actor, "cle.retiree", about)


def _account(caller: Requester) -> Account:
    if caller.account is None:
        raise EntryRefused("Un programme n’a pas de compte.")
    return caller.account
