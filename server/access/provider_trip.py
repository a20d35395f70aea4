"""A trip to the identity provider and back: the authorization code of OAuth, with PKCE, state and nonce.

Nothing of it is kept meanwhile: the state is a sealed challenge, bound to the browser that left, and
the verifier and the nonce are made of it by the server's own secret.
"""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from server.access.challenges import EntryChallenge, EntryChallenges
from server.access.id_token import (
    TokenExpected,
    TokenRefused,
    UnknownSignature,
    key_named,
    read_id_token,
)
from server.access.opaque import digest_of
from server.access.provider_claims import ProviderClaims
from server.access.provider_site import CodeRefused, ProviderSite, ProviderUnreachable
from server.access.second_factor import Seals
from server.oidc_settings import OidcSettings
from server.store.instants import MINUTE, SECOND, Micros

#: How long one may be away: a provider asks for a password, then for a telephone.
AWAY = 10 * MINUTE
#: Where providers send browsers back.
BACK = "/connexion/fournisseur/retour"
_SCOPE = "openid email profile"
_LONGEST_CODE = 2_000
#: What a provider publishes when each of its answers says that it is its own.
_NAMES_ITSELF = "authorization_response_iss_parameter_supported"
#: Its words for what passes, and for what whoever came did or is still to do there.
_BUSY = frozenset({"server_error", "temporarily_unavailable"})
_BY_WHO_ASKS = frozenset(
    {
        *("access_denied", "login_required", "consent_required", "interaction_required"),
        "account_selection_required",
    }
)
#: All that coming back may take, in seconds: within the deadline of a page.
_PATIENCE = 7.0


class TripPurpose(Enum):
    """Why somebody goes there: a state for one serves for no other."""

    ENTER = "fournisseur-entrer"
    AGAIN = "fournisseur-confirmer"
    BIND = "fournisseur-relier"


class TripRefused(Exception):
    """Why, in French; `reason`: the same in a few words, for the log."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.message, self.reason = message, reason


@dataclass(frozen=True, slots=True)
class TripBack:
    """What a browser comes back with; `error`: the provider's own word, when it sends it back empty."""

    state: str
    code: str
    error: str = ""
    issuer: str = ""


class ProviderTrip:
    """Sends browsers there, and reads what they come back with. `public_url`: where they come back."""

    def __init__(
        self,
        settings: OidcSettings,
        site: ProviderSite,
        challenges: EntryChallenges,
        seals: Seals,
        public_url: str,
    ) -> None:
        self._settings, self._site, self._challenges = settings, site, challenges
        self._seals, self._back = seals, public_url + BACK

    async def address(self, purpose: TripPurpose, holder: str, then: str, now: Micros) -> str:
        """Where to send a browser that holds that. Raises `TripRefused` when nobody answers there."""
        asked = self._challenges.new(purpose.value, digest_of(holder), now, then)
        try:
            metadata = await self._site.answering(now)
        except ProviderUnreachable as down:
            raise self.unreachable(str(down)) from down
        challenge = sha256(self._verifier(asked).encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self._settings.client,
            "redirect_uri": self._back,
            "scope": _SCOPE,
            "state": asked.offer,
            "nonce": self._nonce(asked),
            "code_challenge": urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        if purpose is TripPurpose.AGAIN:
            query |= {"prompt": "login", "max_age": "0"}
        address = str(metadata["authorization_endpoint"])
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"

    @property
    def way_out(self) -> str:
        """Where one leaves the provider itself; empty when it has not said."""
        return self._site.way_out

    def left_for(self, state: str) -> tuple[TripPurpose | None, str]:
        """What a browser left for, and where it was going, if it left from here."""
        said, then = self._challenges.said(state)
        return next(((one, then) for one in TripPurpose if one.value == said), (None, ""))

    async def claims(self, asked: EntryChallenge, back: TripBack, now: Micros) -> ProviderClaims:
        """Who comes back, by the provider's word, verified. Raises `TripRefused`."""
        name = self._settings.name
        if back.issuer and back.issuer != self._settings.issuer:
            raise self._unfit("il vient d’un autre fournisseur")
        if back.error or not 0 < len(back.code) <= _LONGEST_CODE:
            raise TripRefused(self._sent_away(back.error[:80]), back.error[:80] or "sans code")
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._refuse_nameless(back, now)
                claims = await self._said(asked, back, now)
        except TimeoutError as slow:
            raise self.unreachable("il répond trop lentement") from slow
        except TokenRefused as wrong:
            raise self._unfit(str(wrong)) from wrong
        except CodeRefused as wrong:
            raise TripRefused(
                f"{name} ne reconnaît pas ce passage («\u00a0{wrong}\u00a0»)\u00a0: recommencez. Si cela continue, qui "
                "administre vérifiera «\u00a0client\u00a0» et «\u00a0secret\u00a0» dans [oidc].",
                f"code refusé ({wrong})",
            ) from wrong
        except ProviderUnreachable as down:
            raise self.unreachable(str(down)) from down
        return ProviderClaims.read(claims, self._settings)

    async def _said(self, asked: EntryChallenge, back: TripBack, now: Micros) -> Mapping[str, Any]:
        """The claims of its token; and, of those that lack, what it says besides of the same person."""
        found = await self._site.tokens(back.code, self._verifier(asked), self._back, now)
        token, access = found.get("id_token"), found.get("access_token")
        if not isinstance(token, str):
            raise TokenRefused("il n’y a pas de jeton d’identité")
        settings = self._settings
        expected = TokenExpected(
            settings.issuer, settings.client, self._nonce(asked), now // SECOND
        )
        claims = await self._read(token, expected, now)
        lacking = "email" not in claims or (settings.by_group and settings.groups not in claims)
        if not lacking or not isinstance(access, str) or not access.isascii():
            return claims
        more = dict(await self._site.person(access, now))
        if more.get("sub") != claims["sub"]:
            return claims
        if "email" in claims:  # that it is verified is said of this one, or not at all
            more.pop("email_verified", None)
        return {**more, **claims}

    async def _read(self, token: str, expected: TokenExpected, now: Micros) -> Mapping[str, Any]:
        """Its claims; by the keys of now, where those that were kept did not sign it."""
        named = key_named(token)
        keys = await self._site.keys(named, now)
        try:
            return read_id_token(token, keys, expected)
        except UnknownSignature:
            others = await self._site.keys(named, now, signed=False)
            if others is keys:
                raise
            return read_id_token(token, others, expected)

    async def _refuse_nameless(self, back: TripBack, now: Micros) -> None:
        """Who says that it always names itself, and does not, is another (RFC 9207, section 2.4)."""
        metadata = await self._site.metadata(now)
        if metadata.get(_NAMES_ITSELF) is True and not back.issuer:
            raise TokenRefused("elle ne dit pas de qui elle vient")

    def _sent_away(self, error: str) -> str:
        """What its own word for why nobody came in means, and what to do."""
        name = self._settings.name
        if error in _BUSY:
            return (
                f"{name} ne peut pas répondre pour l’instant («\u00a0{error}\u00a0»)\u00a0: recommencez plus tard, ou "
                "entrez autrement."
            )
        if not error or error in _BY_WHO_ASKS:
            return f"{name} ne vous a pas laissé passer, ou vous avez annulé\u00a0: recommencez, ou entrez autrement."
        return (
            f"{name} refuse ce que ce serveur lui demande («\u00a0{error}\u00a0»)\u00a0: montrez ce mot à qui "
            "administre, et entrez autrement."
        )

    def _unfit(self, why: str) -> TripRefused:
        return TripRefused(
            f"La réponse de {self._settings.name} n’est pas recevable\u00a0: {why}. Recommencez\u00a0; si cela "
            "continue, montrez ces mots à qui administre.",
            why,
        )

    def unreachable(self, why: str) -> TripRefused:
        """That there is nobody to ask, for that reason."""
        return TripRefused(
            f"{self._settings.name} ne peut pas être joint\u00a0: {why}. Entrez par votre mot de passe si vous en "
            "avez un, ou recommencez plus tard.",
            why,
        )

    def _nonce(self, asked: EntryChallenge) -> str:
        return self._seals.digest("oidc-nonce", asked.text)

    def _verifier(self, asked: EntryChallenge) -> str:
        """64 hexadecimal figures: as long as PKCE wants it, and known to this server alone."""
        halves = (self._seals.digest("oidc-verifier", half, asked.text) for half in (1, 2))
        return "".join(halves)
