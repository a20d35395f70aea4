"""What an administrator does of the accounts of others, and links that let people in once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.access_role import AccessRole
from server.access import (
    accounts,
    entries,
    one_time_links,
    passkeys,
    provider_identities,
    roles,
    sessions,
)
from server.access.accounts import Account
from server.access.actor import Actor, Whence
from server.access.entry_refused import EntryRefused
from server.access.one_time_links import LinkPurpose, OneTimeLink
from server.access.register import AccessRegister

#: The hash of no password: one is never right.
_NONE = "!"
_LAST = (
    "C’est le dernier compte qui peut administrer\u00a0: donnez d’abord ce rôle à quelqu’un d’autre, sans "
    "quoi plus personne ne gérerait les comptes."
)


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What a form says of who takes up a link. `email` of the first account alone."""

    name: str
    password: str
    again: str
    email: str = ""


class Accounts:
    """The accounts of a server."""

    def __init__(self, register: AccessRegister) -> None:
        self._register = register

    async def everybody(self) -> Sequence[Account]:
        """All accounts, by name."""
        async with self._register.store.read() as conn:
            return await accounts.everybody(conn)

    async def of(self, number: int) -> Account | None:
        """Somebody, open or not; None when nobody bears it."""
        async with self._register.store.read() as conn:
            return await accounts.by_id(conn, number)

    async def named(self, email: str) -> Account:
        """The account of that address; `EntryRefused` when there is none."""
        async with self._register.store.read() as conn:
            found = await accounts.by_email(conn, email)
        if found is None:
            raise EntryRefused(f"Aucun compte n’a l’adresse {email}.", "courriel")
        return found

    async def begun(self) -> bool:
        """Whether anybody can sign in."""
        async with self._register.store.read() as conn:
            return await accounts.any_open(conn)

    # --- Links ------------------------------------------------------------------------------

    async def first_link(self) -> str | None:
        """The link by which the first account is made, in the place of any before; None once it is."""
        if await self.begun():
            return None
        async with self._register.store.write() as conn:
            token = await one_time_links.make(conn, LinkPurpose.FIRST, None, self._register.now())
        return one_time_links.PATH + token

    async def entry_link(self, email: str, name: str) -> str:
        """A link that signs in, once, to an account with every right: the demonstration's."""
        async with self._register.store.write() as conn:
            account = await accounts.by_email(conn, email)
            if account is None:
                now = self._register.now()
                account = await accounts.create(conn, email, name, roles.ALL, now)
                await accounts.change(conn, account.id, password=_NONE)
            token = await one_time_links.make(
                conn, LinkPurpose.ENTRY, account.id, self._register.now()
            )
        return one_time_links.PATH + token

    async def invite(
        self, actor: Actor, email: str, name: str, given: frozenset[AccessRole]
    ) -> tuple[Account, str]:
        """A new account, and the link by which it is opened within three days."""
        address, kept = entries.email(email), entries.name(name)
        now = self._register.now()
        async with self._register.store.write() as conn:
            if await accounts.by_email(conn, address) is not None:
                raise EntryRefused(
                    "Cette adresse a déjà un compte\u00a0: changez ses rôles, ou donnez-lui un nouveau lien.",
                    "courriel",
                )
            account = await accounts.create(conn, address, kept, given, now)
            token = await one_time_links.make(conn, LinkPurpose.INVITATION, account.id, now)
            after = {"rôles": roles.words(given)}
            await self._register.audit.note(conn, actor, "compte.invite", account.who, after=after)
        return account, one_time_links.PATH + token

    async def new_link(self, actor: Actor, number: int) -> str:
        """A link for who lost the first, or the password: its session is not opened before it serves."""
        async with self._register.store.write() as conn:
            account = await self._one(conn, number)
            if account.disabled_at is not None:
                raise EntryRefused("Ce compte est fermé\u00a0: rouvrez-le d’abord.")
            purpose = LinkPurpose.INVITATION if account.password is None else LinkPurpose.RESET
            token = await one_time_links.make(conn, purpose, number, self._register.now())
            await self._register.audit.note(conn, actor, "compte.lien", account.who)
        return one_time_links.PATH + token

    async def link(self, token: str) -> tuple[OneTimeLink, Account | None] | None:
        """What that token opens, and to whom; None when it opens nothing (any more)."""
        async with self._register.store.read() as conn:
            found = await one_time_links.find(conn, token, self._register.now())
            if found is None:
                return None
            if found.account_id is None:
                return None if await accounts.any_open(conn) else (found, None)
            account = await accounts.by_id(conn, found.account_id)
        return None if account is None or account.disabled_at is not None else (found, account)

    async def take_up(self, token: str, person: NewPerson, whence: Whence) -> str | None:
        """Open an account by a link, or give it a new password; the token of a session.

        None when the link opens nothing any more; `EntryRefused` when something is to be corrected. An
        account with a second factor still gives it: the session is then not whole.
        """
        opened = await self.link(token)
        if opened is None:
            return None
        link, known = opened
        email = entries.email(person.email) if known is None else known.email
        keeps = known is not None and link.purpose is LinkPurpose.RESET
        name = known.name if keeps and known is not None else entries.name(person.name)
        entries.password(person.password, person.again, email, name)
        made = await self._register.passwords.hashed(person.password)
        now = self._register.now()
        async with self._register.store.write() as conn:
            if not await one_time_links.spend(conn, token):
                return None
            account = known or await self._first(conn, email, name)
            if account is None:
                return None
            await accounts.change(conn, account.id, password=made, name=name)
            await sessions.end_all(conn, account.id)
            whole = not account.two_factors
            session = await sessions.begin(conn, account.id, whence, now, whole=whole)
            who = f"{name} <{email}>"
            action = {LinkPurpose.FIRST: "compte.premier", LinkPurpose.RESET: "compte.mot-de-passe"}
            await self._register.audit.note(
                conn, Actor(who, whence.address), action.get(link.purpose, "compte.ouvert"), who
            )
        return session

    async def _first(self, conn: AsyncConnection, email: str, name: str) -> Account | None:
        if await accounts.any_open(conn):
            return None
        await one_time_links.withdraw_first(conn)
        known = await accounts.by_email(conn, email)  # invited, say, by a command
        if known is not None:
            await accounts.change(conn, known.id, roles=roles.stored(roles.ALL))
            return known
        return await accounts.create(conn, email, name, roles.ALL, self._register.now())

    async def enter(self, token: str, whence: Whence) -> str | None:
        """Sign in by the link of the demonstration; the token of the session."""
        opened = await self.link(token)
        if opened is None or opened[1] is None or opened[0].purpose is not LinkPurpose.ENTRY:
            return None
        account, now = opened[1], self._register.now()
        async with self._register.store.write() as conn:
            if not await one_time_links.spend(conn, token):
                return None
            who = Actor(account.who, whence.address)
            await self._register.audit.note(conn, who, "connexion", account.who)
            return await sessions.begin(conn, account.id, whence, now, whole=True)

    # --- What is changed of an account ------------------------------------------------------

    async def give_roles(self, actor: Actor, number: int, given: frozenset[AccessRole]) -> Account:
        """These roles and no others, from the next page on."""
        async with self._register.store.write() as conn:
            account = await self._one(conn, number)
            if AccessRole.ADMINISTER not in given:
                await self._not_last(conn, account)
            await self._register.give_roles(conn, actor, account, given)
        return account

    async def close(self, actor: Actor, number: int) -> Account:
        """It signs in no more; its sessions end, its links open nothing."""
        async with self._register.store.write() as conn:
            account = await self._one(conn, number)
            await self._not_last(conn, account)
            if account.disabled_at is None:
                await accounts.change(conn, number, disabled_at=self._register.now())
                await sessions.end_all(conn, number)
                await one_time_links.withdraw(conn, number)
                await self._register.audit.note(conn, actor, "compte.ferme", account.who)
        return account

    async def reopen(self, actor: Actor, number: int) -> Account:
        """It signs in again."""
        async with self._register.store.write() as conn:
            account = await self._one(conn, number)
            if account.disabled_at is not None:
                await accounts.change(conn, number, disabled_at=None)
                await self._register.audit.note(conn, actor, "compte.rouvert", account.who)
        return account

    async def end_sessions(self, actor: Actor, number: int) -> int:
        """Everywhere it is signed in; how many."""
        async with self._register.store.write() as conn:
            account = await self._one(conn, number)
            ended = await sessions.end_all(conn, number)
            after = {"sessions fermées": ended}
            await self._register.audit.note(conn, actor, "session.fermee", account.who, after=after)
        return ended

    async def remove_factor(self, actor: Actor, number: int) -> None:
        """For who lost the telephone and the recovery codes: the password alone will do."""
        async with self._register.store.write() as conn:
            account = await self._one(conn, number)
            await self._register.factor.remove(conn, number)
            await sessions.end_all(conn, number)
            await self._register.audit.note(conn, actor, "facteur.retire", account.who)

    async def unbind(self, actor: Actor, number: int) -> int:
        """Nobody at the provider any more: who comes from there is met anew by their address."""
        async with self._register.store.write() as conn:
            account = await self._one(conn, number)
            undone = await provider_identities.unbind(conn, number)
            if undone:
                if not account.has_password:
                    await accounts.change(conn, number, password=None)
                await sessions.end_all(conn, number)
                await self._register.audit.note(conn, actor, "fournisseur.delie", account.who)
        return undone

    async def remove_keys(self, actor: Actor, number: int) -> int:
        """For who lost the device that held them; how many."""
        async with self._register.store.write() as conn:
            account = await self._one(conn, number)
            removed = await passkeys.remove(conn, number)
            if removed:
                await self._register.factor.drop_codes_of_none(conn, number)
                await sessions.end_all(conn, number)
                after = {"clés retirées": removed}
                await self._register.audit.note(
                    conn, actor, "cle.retirees", account.who, after=after
                )
        return removed

    async def _one(self, conn: AsyncConnection, number: int) -> Account:
        found = await accounts.by_id(conn, number)
        if found is None:
            raise EntryRefused("Ce compte n’existe plus.")
        return found

    async def _not_last(self, conn: AsyncConnection, account: Account) -> None:
        if account.administers and await accounts.administrators(conn) < 2:
            raise EntryRefused(_LAST)
