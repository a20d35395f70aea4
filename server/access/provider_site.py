"""What a provider publishes of itself and answers, asked over the guarded network, and kept an hour.

What it publishes says where else to ask: those addresses are judged as any other machine's, and are
ciphered unless the provider stands on this very machine.
"""

import asyncio
import logging
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import httpx

from relance.errors import NetworkRefused
from relance.host import Network
from relance.origin import origin_of
from server.oidc_settings import OidcSettings
from server.store.instants import HOUR, MINUTE, SECOND, Micros

T = TypeVar("T")
log = logging.getLogger("relance.server")
_DISCOVERY = "/.well-known/openid-configuration"
#: All that one trip may take, in seconds: within the deadline of a page.
_PATIENCE = 6.0
#: The most that an answer may be, in signs: a list of keys is ten times less.
_LONGEST = 400_000
_KEPT = HOUR
#: How old what it says of itself may be when a browser is sent there: it is then known to answer.
_SEEN_LATELY = MINUTE
#: How soon it is asked for its keys again, by a token that none of them signed.
_NO_OFTENER = 5 * SECOND
#: How long one that did not answer is not asked again, by whoever insists.
_LEFT_ALONE = 10 * SECOND
_PLACES = ("authorization_endpoint", "token_endpoint", "jwks_uri")
#: What a provider answers who does not say its secret in the way that it was told to be said.
_OTHER_WAY = ("invalid_client",)


class ProviderUnreachable(Exception):
    """It does not answer, or not as it must: why, in French."""


class CodeRefused(Exception):
    """It does not know the code it is shown, or not of us: its own word for why."""


class ProviderSite:
    """A provider, by what it publishes."""

    def __init__(self, settings: OidcSettings, network: Network | None) -> None:
        self._settings, self._network = settings, network
        self._failed: tuple[Micros, str] | None = None
        self._metadata: tuple[Micros, Mapping[str, Any]] | None = None
        self._keys: tuple[Micros, Sequence[Mapping[str, Any]]] | None = None

    async def answering(self, now: Micros) -> Mapping[str, Any]:
        """What it says of itself, by which it is seen to answer. Raises `ProviderUnreachable`."""
        return await self.metadata(now, _SEEN_LATELY)

    async def metadata(self, now: Micros, kept: Micros = _KEPT) -> Mapping[str, Any]:
        """What it says of itself, or said no longer ago than that. Raises `ProviderUnreachable`."""
        if self._metadata is not None and now - self._metadata[0] <= kept:
            return self._metadata[1]
        if self._failed is not None and now - self._failed[0] < _LEFT_ALONE:
            raise ProviderUnreachable(self._failed[1])
        address = self._settings.issuer.rstrip("/") + _DISCOVERY
        try:
            found = await self._in_time(lambda client: _read(client.get(address)))
            self._refuse(found)
        except (ProviderUnreachable, CodeRefused) as down:
            log.warning("le fournisseur d’identité %s : %s", self._settings.issuer, down)
            self._failed = now, str(down)
            raise ProviderUnreachable(str(down)) from down
        self._metadata, self._failed = (now, found), None
        return found

    def _refuse(self, found: Mapping[str, Any]) -> None:
        if found.get("issuer") != self._settings.issuer:
            raise ProviderUnreachable(
                "il se dit à une autre adresse que le réglage «\u00a0emetteur\u00a0»\u00a0: recopiez-la telle qu’il la donne"
            )
        for name in _PLACES:
            if not self._fit(found.get(name)):
                raise ProviderUnreachable(
                    f"il ne dit pas comme il faut son adresse «\u00a0{name}\u00a0»"
                )

    def _fit(self, address: object) -> bool:
        if not isinstance(address, str) or origin_of(address) is None:
            return False
        return self._settings.plain or urlsplit(address).scheme == "https"

    @property
    def way_out(self) -> str:
        """Where whoever came in by it leaves it too; empty when it has not said."""
        address = self._metadata[1].get("end_session_endpoint") if self._metadata else None
        if not isinstance(address, str) or not self._fit(address):
            return ""
        return f"{address}{'&' if '?' in address else '?'}client_id={quote(self._settings.client, safe='')}"

    async def keys(
        self, named: str, now: Micros, *, signed: bool = True
    ) -> Sequence[Mapping[str, Any]]:
        """Its keys; asked for anew when one of that name is not among them, or when none of them
        `signed`, but not at each try."""
        held = self._keys
        if held is not None:
            age = now - held[0]
            known = signed and (not named or any(one.get("kid") == named for one in held[1]))
            if age < (_KEPT if known else _NO_OFTENER):
                return held[1]
        address = str((await self.metadata(now))["jwks_uri"])
        found = (await self._in_time(lambda client: _read(client.get(address)))).get("keys")
        if not isinstance(found, list):
            raise ProviderUnreachable("il ne donne pas ses clés")
        self._keys = now, [one for one in found if isinstance(one, dict)]
        return self._keys[1]

    async def tokens(self, code: str, verifier: str, back: str, now: Micros) -> Mapping[str, Any]:
        """What that code is worth. Raises `CodeRefused`, `ProviderUnreachable`."""
        metadata = await self.metadata(now)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
        }
        said = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        ways = said if isinstance(said, list) else []
        address, basic = str(metadata["token_endpoint"]), "client_secret_basic" in ways
        try:
            return await self._asked(address, form, basic=basic)
        except CodeRefused as refused:
            # It has both ways, and was told by who created the client to take the other.
            if refused.args != _OTHER_WAY or not basic or "client_secret_post" not in ways:
                raise
        return await self._asked(address, form, basic=False)

    async def _asked(
        self, address: str, form: Mapping[str, str], *, basic: bool
    ) -> Mapping[str, Any]:
        client, secret = self._settings.client, self._settings.secret
        headers = {}
        if secret and basic:
            pair = f"{quote(client, safe='')}:{quote(secret, safe='')}"
            headers["authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form = {**form, "client_id": client, **({"client_secret": secret} if secret else {})}
        return await self._in_time(
            lambda client: _read(client.post(address, data=form, headers=headers))
        )

    async def person(self, token: str, now: Micros) -> Mapping[str, Any]:
        """What it says besides of whoever that token is of; nothing, where it has no place for that."""
        address = (await self.metadata(now)).get("userinfo_endpoint")
        if not self._fit(address):
            return {}
        headers = {"authorization": f"Bearer {token}"}
        return await self._in_time(lambda client: _read(client.get(str(address), headers=headers)))

    async def _in_time(self, ask: Callable[[httpx.AsyncClient], Awaitable[T]]) -> T:
        if self._network is None:
            raise ProviderUnreachable("ce serveur ne sort pas")
        try:
            async with asyncio.timeout(_PATIENCE), self._network.http(timeout=_PATIENCE) as client:
                return await ask(client)
        except NetworkRefused as error:
            raise ProviderUnreachable(str(error)) from error
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise ProviderUnreachable("il ne répond pas, ou trop lentement") from error


async def _read(asked: Awaitable[httpx.Response]) -> Mapping[str, Any]:
    """The object that it answers."""
    answer = await asked
    found: object = None
    with suppress(ValueError, RecursionError):
        found = answer.json() if len(answer.content) <= _LONGEST else None
    if answer.status_code in (400, 401) and isinstance(found, dict) and "error" in found:
        raise CodeRefused(str(found["error"])[:80])
    if answer.status_code != 200:
        raise ProviderUnreachable(f"il répond {answer.status_code}")
    if not isinstance(found, dict):
        raise ProviderUnreachable("ce qu’il répond n’est pas lisible")
    return found
