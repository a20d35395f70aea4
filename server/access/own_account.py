"""What people do of their own account: its name, its password, its second factor, its sessions."""

from collections.abc import Sequence

from server.access import accounts, entries, sessions, throttle
from server.access.accounts import Account, email_key
from server.access.actor import Whence
from server.access.callers import Requester
from server.access.entry_refused import EntryRefused
from server.access.register import AccessRegister
from server.access.sessions import Session
from server.store.instants import MINUTE


class OwnAccount:
    """Each does it of themselves alone; programs have none."""

    def __init__(self, register: AccessRegister) -> None:
        self._register = register

    async def browsers(self, caller: Requester) -> Sequence[Session]:
        """Where one is signed in."""
        async with self._register.store.read() as conn:
            return await sessions.of_account(conn, _account(caller).id, self._register.now())

    async def rename(self, caller: Requester, name: str) -> None:
        """Be called so."""
        account, kept = _account(caller), entries.name(name)
        if kept == account.name:
            return
        async with self._register.store.write() as conn:
            await accounts.change(conn, account.id, name=kept)
            before, after = {"nom": account.name}, {"nom": kept}
            await self._register.audit.note(
                conn, caller.actor, "compte.nom", account.who, before=before, after=after
            )

    async def change_password(
        self, caller: Requester, present: str, new: str, again: str, whence: Whence
    ) -> str:
        """Every session ends; the token of a new one for this browser."""
        account, register = _account(caller), self._register
        await self._prove(account, present)
        entries.password(new, again, account.email, account.name)
        made = await register.passwords.hashed(new)
        now = register.now()
        async with register.store.write() as conn:
            await accounts.change(conn, account.id, password=made)
            ended = await sessions.end_all(conn, account.id)
            token = await sessions.begin(conn, account.id, whence, now, whole=True)
            after = {"sessions fermées": max(ended - 1, 0)}
            await register.audit.note(
                conn, caller.actor, "compte.mot-de-passe", account.who, after=after
            )
        return token

    async def _prove(self, account: Account, password: str) -> None:
        register, key = self._register, throttle.key("compte", email_key(account.email))
        async with register.store.write() as conn:
            wait = await throttle.attempt(conn, {key: throttle.OF_ACCOUNT}, register.now())
        if wait:
            minutes = -(-wait // MINUTE)
            raise EntryRefused(
                f"Trop d’essais\u00a0: attendez {minutes} min, puis recommencez.", "actuel"
            )
        if not await register.passwords.right(account.password, password):
            raise EntryRefused("Ce n’est pas votre mot de passe actuel.", "actuel")
        async with register.store.write() as conn:
            await throttle.forget(conn, key)

    def offer_factor(self, caller: Requester) -> tuple[str, str, str]:
        """A secret for the telephone, the same sealed for the form, and its picture."""
        account = _account(caller)
        secret, offer = self._register.factor.offer(account.id)
        return secret, offer, self._register.factor.picture(secret, account.email)

    def offered(self, caller: Requester, offer: str) -> tuple[str, str] | None:
        """The secret of a form, and its picture; None for what was offered to somebody else."""
        account = _account(caller)
        secret = self._register.factor.offered(account.id, offer)
        if secret is None:
            return None
        return secret, self._register.factor.picture(secret, account.email)

    async def add_factor(self, caller: Requester, offer: str, code: str) -> Sequence[str]:
        """Ask for a code at each sign-in from now on; the recovery codes."""
        account, factor = _account(caller), self._register.factor
        secret = factor.offered(account.id, offer)
        if secret is None:
            raise EntryRefused(
                "Ce formulaire a vieilli\u00a0: lisez le nouveau code à barres.", "code"
            )
        if not factor.shown_by(secret, code, self._register.clock.now()):
            raise EntryRefused(
                "Ce n’est pas le code que le téléphone montre maintenant\u00a0: il en change toutes "
                "les trente secondes. Si cela continue, mettez son horloge à l’heure.",
                "code",
            )
        async with self._register.store.write() as conn:
            await factor.remove(conn, account.id)
            await accounts.change(conn, account.id, factor=factor.kept(account.id, secret))
            codes = await factor.new_codes(conn, account.id)
            session = caller.session.id if caller.session else None
            await sessions.end_all(conn, account.id, but=session)
            await self._register.audit.note(conn, caller.actor, "facteur.ajoute", account.who)
        return codes

    async def remove_factor(self, caller: Requester) -> None:
        """Ask for none any more."""
        account = _account(caller)
        async with self._register.store.write() as conn:
            await self._register.factor.remove(conn, account.id)
            await self._register.audit.note(conn, caller.actor, "facteur.retire", account.who)

    async def new_codes(self, caller: Requester) -> Sequence[str]:
        """Other recovery codes: those before serve no more."""
        account = _account(caller)
        if not account.two_factors:
            raise EntryRefused("Ces codes vont avec un second facteur\u00a0: ajoutez-le d’abord.")
        async with self._register.store.write() as conn:
            codes = await self._register.factor.new_codes(conn, account.id)
            await self._register.audit.note(conn, caller.actor, "facteur.codes", account.who)
        return codes

    async def end(self, caller: Requester, session: int | None) -> None:
        """End one's session of that number; None: all but this one."""
        account = _account(caller)
        own = caller.session.id if caller.session else None
        async with self._register.store.write() as conn:
            if session is None:
                ended = await sessions.end_all(conn, account.id, but=own)
            else:
                ended = int(await sessions.end(conn, account.id, session))
            if ended:
                after = {"sessions fermées": ended}
                await self._register.audit.note(
                    conn, caller.actor, "session.fermee", account.who, after=after
                )


def _account(caller: Requester) -> Account:
    if caller.account is None:
        raise EntryRefused("Un programme n’a pas de compte.")
    return caller.account
