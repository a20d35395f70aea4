"""Coming in by the identity provider: whose account that is, with what rights, and who is refused.

A person is known there by a number (« sub »). The first time, the address that the provider verified
says which account awaits them; from then on the number alone does, and is never bound anew unseen.
"""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.access_role import AccessRole
from server.access import accounts, one_time_links, provider_identities, roles, sessions, throttle
from server.access.accounts import BY_PROVIDER, Account
from server.access.actor import Actor, Whence
from server.access.callers import Requester
from server.access.challenges import EntryChallenge
from server.access.entry_refused import EntryRefused
from server.access.opaque import digest_of
from server.access.provider_claims import ProviderClaims
from server.access.provider_identities import ProviderIdentity
from server.access.provider_trip import AWAY, ProviderTrip, TripBack, TripPurpose, TripRefused
from server.access.register import AccessRegister
from server.access.signing_in import Admitted, TurnedAway
from server.oidc_settings import OidcSettings
from server.store.instants import MINUTE, SECOND, Micros

_OLD = "Ce passage a vieilli, ou il a déjà servi, ou il a commencé dans un autre navigateur\u00a0: recommencez."


class ProviderEntry:
    """Lets people in on the word of a provider."""

    def __init__(
        self, register: AccessRegister, settings: OidcSettings, trip: ProviderTrip
    ) -> None:
        self._register, self._settings, self._trip = register, settings, trip

    @property
    def name(self) -> str:
        """As the button says it; empty where there is no provider."""
        return self._settings.name if self._settings.issuer else ""

    @property
    def way_out(self) -> str:
        """Where one leaves the provider itself; empty when it has not said."""
        return self._trip.way_out

    async def leave(self, purpose: TripPurpose, holder: str, then: str) -> str | TurnedAway:
        """Where to send a browser that holds that; `then`: where it goes once back."""
        try:
            return await self._trip.address(purpose, holder, then, self._register.now())
        except TripRefused as down:
            return TurnedAway(why=down.message)

    def left_for(self, state: str) -> tuple[TripPurpose, str]:
        """What a browser left for, and where it was going; to enter, when it says nothing that is ours."""
        purpose, then = self._trip.left_for(state)
        return purpose or TripPurpose.ENTER, then

    async def identity(self, account: int) -> ProviderIdentity | None:
        """What the provider calls whoever has that account; None of one that is not bound."""
        if not self.name:
            return None
        async with self._register.store.read() as conn:
            return await provider_identities.of_account(conn, self._settings.issuer, account)

    # --- Coming back ------------------------------------------------------------------------

    async def enter(
        self, holder: str, back: TripBack, whence: Whence, network: str
    ) -> tuple[Admitted, str] | TurnedAway:
        """Come in; the session, and where to go. What is refused is in the log, and why."""
        key = throttle.key("fournisseur", network)
        try:
            asked = await self._asked(TripPurpose.ENTER, holder, back, key)
            if isinstance(asked, TurnedAway):
                return asked
            now = self._register.now()
            claims = await self._trip.claims(asked, back, now)
            async with self._register.store.write() as conn:
                found = await self._admitted(conn, claims, whence, now)
                await throttle.take_back(conn, key)
                return found, asked.then
        except TripRefused as wrong:
            return await self._refused(wrong, whence)

    async def _asked(
        self, purpose: TripPurpose, holder: str, back: TripBack, key: str
    ) -> EntryChallenge | TurnedAway:
        """What the browser left with, spent; counted first, as a password that is tried."""
        register, now = self._register, self._register.now()
        bound, counted = digest_of(holder) if holder else "", {key: throttle.OF_ADDRESS}
        if wait := await register.wait_of(counted):
            return TurnedAway(wait)
        async with register.store.write() as conn:
            if wait := await throttle.attempt(conn, counted, now):
                return TurnedAway(wait)
            asked = await register.challenges.take(
                conn, purpose.value, bound, back.state, now, AWAY
            )
        if asked is None:
            raise TripRefused(_OLD, "état inconnu, ancien ou déjà servi")
        return asked

    async def _refused(
        self, wrong: TripRefused, whence: Whence, account: Account | None = None
    ) -> TurnedAway:
        register = self._register
        about = account.who if account is not None else self.name
        async with register.store.write() as conn:
            nobody, why = Actor("quelqu’un", whence.address), {"pourquoi": wrong.reason}
            await register.audit.note(conn, nobody, "fournisseur.refuse", about, after=why)
        return TurnedAway(why=wrong.message)

    async def _admitted(
        self, conn: AsyncConnection, claims: ProviderClaims, whence: Whence, now: Micros
    ) -> Admitted:
        register, issuer = self._register, self._settings.issuer
        if not await accounts.administrators(conn):
            raise TripRefused(
                "Personne n’administre encore ce serveur\u00a0: ouvrez d’abord le premier compte, par le lien "
                "qu’il a écrit en démarrant.",
                "aucun compte n’administre",
            )
        known = await provider_identities.named(conn, issuer, claims.subject)
        if known is None or claims.email:
            self._refuse_domain(claims)
        if known is None:
            account = await self._met(conn, claims, whence, now)
        else:
            account = await self._one(conn, known.account_id)
            await provider_identities.note(conn, issuer, claims.subject, now)
        account = await self._with_roles(conn, account, claims)
        whole = not account.two_factors or claims.two_factors(self._settings)
        if whole:
            who, by = Actor(account.who, whence.address), {"par": self.name}
            await register.audit.note(conn, who, "connexion", account.who, after=by)
        return Admitted(await sessions.begin(conn, account.id, whence, now, whole=whole), whole)

    def _refuse_domain(self, claims: ProviderClaims) -> None:
        if not claims.email:
            raise TripRefused(
                f"{self.name} ne dit pas votre adresse de courriel («\u00a0email\u00a0»)\u00a0: donnez-la-lui, ou demandez à "
                "qui administre de la lui faire dire, puis recommencez. Si vous avez déjà un compte ici, "
                "entrez autrement, et reliez-le depuis «\u00a0Mon compte\u00a0».",
                "aucune adresse",
            )
        if not claims.of_domains(self._settings):
            domains = ", ".join(sorted(self._settings.domains))
            raise TripRefused(
                f"Cette adresse n’est pas d’un domaine admis ici ({domains})\u00a0: choisissez un autre compte chez "
                f"{self.name}.",
                f"domaine non admis ({claims.email.rpartition('@')[2]})",
            )

    async def _one(self, conn: AsyncConnection, number: int) -> Account:
        return self._not_closed(await accounts.by_id(conn, number))

    def _not_closed(self, found: Account | None) -> Account:
        if found is None or found.disabled_at is not None:
            raise TripRefused(
                "Ce compte est fermé ici\u00a0: demandez à qui administre de le rouvrir.",
                "compte fermé",
            )
        return found

    # --- The first time ---------------------------------------------------------------------

    async def _met(
        self, conn: AsyncConnection, claims: ProviderClaims, whence: Whence, now: Micros
    ) -> Account:
        """The account that awaits whoever has that address, bound to them from now on."""
        if not claims.verified:
            raise TripRefused(
                f"{self.name} ne dit pas que cette adresse est la vôtre («\u00a0email_verified\u00a0»)\u00a0: confirmez-la chez "
                "lui, puis recommencez. Si vous avez déjà un compte ici, entrez autrement, et reliez-le "
                "depuis «\u00a0Mon compte\u00a0».",
                "adresse non vérifiée",
            )
        known = await accounts.by_email(conn, claims.email)
        if known is None:
            if not self._settings.creates:
                raise TripRefused(
                    "Aucun compte n’attend cette adresse\u00a0: demandez une invitation à qui administre, à cette "
                    "adresse-là.",
                    f"personne d’invité ({self._register.audit.masked(claims.email)})",
                )
            named = claims.name or claims.email.partition("@")[0]
            account = await accounts.create(conn, claims.email, named, self._settings.roles, now)
        else:
            account = self._not_closed(known)
        if account.password is None:
            await accounts.change(conn, account.id, password=BY_PROVIDER)
            await one_time_links.withdraw(conn, account.id)
        await self._bind(conn, account, claims, Actor(account.who, whence.address), now)
        if known is None:
            after = {"rôles": roles.words(account.roles), "par": self.name}
            who = Actor(account.who, whence.address)
            await self._register.audit.note(conn, who, "compte.cree", account.who, after=after)
        return await self._one(conn, account.id)

    async def _bind(
        self,
        conn: AsyncConnection,
        account: Account,
        claims: ProviderClaims,
        actor: Actor,
        now: Micros,
    ) -> None:
        issuer = self._settings.issuer
        address = claims.email or account.email
        if not await provider_identities.bind(
            conn, issuer, claims.subject, account.id, address, now
        ):
            raise TripRefused(
                f"Ce compte est déjà relié à quelqu’un d’autre chez {self.name}, ou cette personne l’est à un autre "
                "compte\u00a0: qui administre peut défaire ce lien, et vous pourrez recommencer.",
                "déjà relié à une autre identité",
            )
        after = {"fournisseur": issuer}
        await self._register.audit.note(conn, actor, "fournisseur.relie", account.who, after=after)

    async def _with_roles(
        self, conn: AsyncConnection, account: Account, claims: ProviderClaims
    ) -> Account:
        """The rights that groups give, where they do; the last who can administer keeps that."""
        if not self._settings.by_group:
            return account
        given = claims.roles(self._settings)
        losing = account.administers and AccessRole.ADMINISTER not in given
        if losing and await accounts.administrators(conn) < 2:
            given |= {AccessRole.ADMINISTER}
        await self._register.give_roles(conn, Actor(self.name, "groupes"), account, given)
        return replace(account, roles=given)

    # --- Who is signed in already -----------------------------------------------------------

    async def again(
        self, caller: Requester, holder: str, back: TripBack, whence: Whence
    ) -> str | TurnedAway:
        """The provider's word instead of the password given again; where to go."""
        account, session = caller.account, caller.session
        if account is None or session is None:
            return TurnedAway()
        key = throttle.key("fournisseur-compte", str(account.id))
        try:
            asked = await self._asked(TripPurpose.AGAIN, holder, back, key)
            if isinstance(asked, TurnedAway):
                return asked
            now = self._register.now()
            claims = await self._trip.claims(asked, back, now)
            identity = await self.identity(account.id)
            if identity is None or identity.subject != claims.subject:
                raise TripRefused(
                    f"C’est un autre compte de {self.name} que celui qui est relié ici\u00a0: choisissez le vôtre.",
                    "confirmé par une autre identité",
                )
            left = (asked.at - MINUTE) // SECOND
            if claims.authenticated is None or claims.authenticated < left:
                raise TripRefused(
                    f"{self.name} ne vous a pas redemandé qui vous êtes («\u00a0auth_time\u00a0»)\u00a0: confirmez par un mot "
                    "de passe ou une clé d’accès, ou déconnectez-vous et entrez de nouveau.",
                    "identité non redemandée",
                )
            async with self._register.store.write() as conn:
                await throttle.forget(conn, key)
                await sessions.prove(conn, session.id, now)
            return asked.then
        except TripRefused as wrong:
            return await self._refused(wrong, whence, account)

    async def bind(
        self, caller: Requester, holder: str, back: TripBack, whence: Whence
    ) -> TurnedAway | None:
        """The account of whoever is signed in is that person there; None when it is done."""
        account = caller.account
        if account is None:
            return TurnedAway()
        key = throttle.key("fournisseur-compte", str(account.id))
        try:
            asked = await self._asked(TripPurpose.BIND, holder, back, key)
            if isinstance(asked, TurnedAway):
                return asked
            now = self._register.now()
            claims = await self._trip.claims(asked, back, now)
            if claims.email:
                self._refuse_domain(claims)
            async with self._register.store.write() as conn:
                await throttle.forget(conn, key)
                await self._bind(conn, account, claims, caller.actor, now)
        except TripRefused as wrong:
            return await self._refused(wrong, whence, account)
        return None

    async def unbind(self, caller: Requester) -> None:
        """One is nobody there any more; refused to whoever has no other way in."""
        account = caller.account
        if account is None or not account.has_password:
            raise EntryRefused(
                "Ce serait fermer votre seule entrée\u00a0: demandez d’abord à qui administre un lien, qui "
                "donne un mot de passe."
            )
        async with self._register.store.write() as conn:
            if await provider_identities.unbind(conn, account.id):
                await self._register.audit.note(
                    conn, caller.actor, "fournisseur.delie", account.who
                )
