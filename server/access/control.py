"""All of access, put together once a server."""

from relance.host import Clock, Network
from server.access.callers import Callers
from server.access.integrations import Integrations
from server.access.own_account import OwnAccount
from server.access.own_passkeys import OwnPasskeys
from server.access.passkey_ceremony import relying_party
from server.access.passkey_entry import PasskeyEntry
from server.access.provider_entry import ProviderEntry
from server.access.provider_site import ProviderSite
from server.access.provider_trip import ProviderTrip
from server.access.register import AccessRegister
from server.access.second_factor import Seals
from server.access.signing_in import SigningIn
from server.access.team import Accounts
from server.oidc_settings import OidcSettings
from server.store.store import Store

_NOBODY = OidcSettings()


class AccessControl:
    """Who asks, who comes in, who may what, and what they did.

    `public_url`: where browsers find it; `oidc`: who else is taken at their word of who people are,
    asked over `network`.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        seals: Seals,
        public_url: str = "",
        oidc: OidcSettings = _NOBODY,
        network: Network | None = None,
    ) -> None:
        self.register = AccessRegister.of(store, clock, seals)
        self.callers = Callers(self.register)
        self.signing_in = SigningIn(self.register)
        self.own = OwnAccount(self.register)
        party = relying_party(public_url)
        self.keys = PasskeyEntry(self.register, party)
        self.own_keys = OwnPasskeys(self.register, party)
        site = ProviderSite(oidc, network)
        trip = ProviderTrip(oidc, site, self.register.challenges, seals, public_url)
        self.provider = ProviderEntry(self.register, oidc, trip)
        self.team = Accounts(self.register)
        self.integrations = Integrations(self.register)
        #: The path by which the first account is made; None once there is one.
        self.first_link: str | None = None

    @classmethod
    async def open(
        cls,
        store: Store,
        clock: Clock,
        seals: Seals,
        public_url: str,
        oidc: OidcSettings,
        network: Network,
    ) -> "AccessControl":
        """That of a server that starts: the link to the first account is new at each start."""
        opened = cls(store, clock, seals, public_url, oidc, network)
        opened.first_link = await opened.team.first_link()
        return opened
