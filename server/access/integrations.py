"""What an administrator does of the tokens of programs."""

from collections.abc import Sequence

from relance.access_role import AccessRole
from server.access import api_tokens, entries, roles
from server.access.actor import Actor
from server.access.api_tokens import ApiToken
from server.access.entry_refused import EntryRefused
from server.access.register import AccessRegister
from server.store.instants import DAY

#: How long one may last, in days: none is for ever.
LIVES = (30, 90, 365)
#: What one may open. Accounts and tokens are for people, who are asked for their password again.
OPENED = tuple(role for role in AccessRole if role is not AccessRole.ADMINISTER)


class Integrations:
    """The tokens of a server."""

    def __init__(self, register: AccessRegister) -> None:
        self._register = register

    async def everything(self) -> Sequence[ApiToken]:
        """All tokens, the last made first."""
        async with self._register.store.read() as conn:
            return await api_tokens.all_tokens(conn)

    async def create(self, actor: Actor, name: str, given: frozenset[AccessRole], days: int) -> str:
        """A new one for that integration; what opens, shown this once."""
        kept = entries.name(name)
        if days not in LIVES:
            raise EntryRefused("Choisissez combien de temps il vaut.", "duree")
        if not given.issubset(OPENED):
            raise EntryRefused(
                "Un jeton ne gère ni comptes ni jetons\u00a0: cela se fait par une personne connectée, ou "
                "par «\u00a0relance utilisateur\u00a0».",
                "roles",
            )
        now = self._register.now()
        async with self._register.store.write() as conn:
            token = await api_tokens.create(conn, kept, given, actor.who, now, now + days * DAY)
            after = {"rôles": roles.words(given), "jours": days}
            about = f"jeton «\u00a0{kept}\u00a0»"
            await self._register.audit.note(conn, actor, "jeton.cree", about, after=after)
        return token

    async def revoke(self, actor: Actor, number: int) -> None:
        """It opens nothing more, from now on."""
        async with self._register.store.write() as conn:
            token = await api_tokens.by_id(conn, number)
            if token is None:
                raise EntryRefused("Ce jeton n’existe pas.")
            if await api_tokens.revoke(conn, number, self._register.now()):
                await self._register.audit.note(conn, actor, "jeton.revoque", token.who)
