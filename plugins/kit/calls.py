"""One call to a provider over the guarded network, and what may be said of it afterwards.

A channel must know whether a message that got no answer can have left: only what failed before
the connection stood never did.
"""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, TypeAlias

from relance.errors import NetworkRefused
from relance.host import Network


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What the provider said. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def after(self) -> float | None:
        """The seconds to wait before trying again, if it said so (`Retry-After`)."""
        text = self.headers.get("retry-after", "").strip()
        return min(float(text), 86_400.0) if text.isascii() and text.isdigit() else None


@dataclass(frozen=True, slots=True)
class Unreached:
    """Nothing left: the provider could not be reached."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The request left, in whole or in part, and no answer came."""

    reason: str


Called: TypeAlias = ProviderAnswer | Unreached | Unanswered


class Caller:
    """Calls one provider, its connections kept open between calls."""

    def __init__(self, network: Network, timeout: float) -> None:
        self._network = network
        self._timeout = timeout
        self._stack = AsyncExitStack()
        self._client: Any = None

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> Called:
        """What came of posting `content` there."""
        return await self.call("POST", url, headers, content)

    async def call(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes = b""
    ) -> Called:
        """What came of one request."""
        # Scripts are checked without calling anyone, and HTTP takes a tenth of a second to load.
        import httpx

        # What fails before a byte of the request has left; names that no look-up takes among it.
        before = (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.UnsupportedProtocol,
            httpx.InvalidURL,
            UnicodeError,
        )
        try:
            if self._client is None:
                network = self._network.http(timeout=self._timeout)
                self._client = await self._stack.enter_async_context(network)
            answer = await self._client.request(method, url, content=content, headers=dict(headers))
        except NetworkRefused as error:
            return Unreached(str(error))
        except before:
            return Unreached("le fournisseur est injoignable")
        except httpx.HTTPError:
            return Unanswered("la connexion au fournisseur s’est coupée avant sa réponse")
        return ProviderAnswer(answer.status_code, dict(answer.headers), answer.content)

    async def close(self) -> None:
        """Let the connections go."""
        self._client = None
        await self._stack.aclose()
