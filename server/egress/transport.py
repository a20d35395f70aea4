"""HTTP through the guard: httpcore's pool on judged addresses, as a transport of httpx.

httpx's own transport does not let one choose how connections are opened; httpcore's pool does.
"""

import asyncio
import ssl
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeAlias, cast

import httpcore
import httpx

from relance.errors import NetworkRefused

#: The addresses of a host and a port that one may connect to.
Judge: TypeAlias = Callable[[str, int], Awaitable[list[str]]]

#: An answer larger than this is no answer to what we ask.
MAX_ANSWER = 4 * 1024 * 1024


@cache
def _authorities() -> ssl.SSLContext:
    """Whom the world trusts, read once: it takes tens of milliseconds, for nobody else to work."""
    return httpx.create_ssl_context(trust_env=False)


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends requests to judged addresses only; answers are bounded."""

    def __init__(self, judge: Judge) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_authorities(),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=5.0,
            network_backend=_Backend(judge),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to one request."""
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=cast(AsyncIterable[bytes], request.stream),
            extensions=request.extensions,
        )
        with _as_httpx():
            answer = await self._pool.handle_async_request(asked)
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Bounded(answer),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Let the connections go."""
        await self._pool.aclose()


class _Backend(httpcore.AsyncNetworkBackend):
    """httpcore's door to the network: judged addresses only, no Unix sockets."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 — of httpcore
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await self._judge(host, port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        failure: Exception = httpcore.ConnectError(f"« {host} » ne répond pas")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Bounded(httpx.AsyncByteStream):
    """A body that stops at `MAX_ANSWER` bytes."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        with _as_httpx():
            async for chunk in self._answer.aiter_stream():
                seen += len(chunk)
                if seen > MAX_ANSWER:
                    raise NetworkRefused("la réponse est trop grande")
                yield chunk

    async def aclose(self) -> None:
        await self._answer.aclose()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """httpcore's errors under the names httpx gives them, the same."""
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
    ) as error:
        raise getattr(httpx, type(error).__name__)(str(error)) from error
