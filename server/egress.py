"""The way out: the only module that opens connections to other machines.

Names are resolved here, every address is judged, and the connection goes to the very address
that was judged, so that a name which changes its answer in between gains nothing. What is not
a public address is refused unless the operator named it (`[réseau] hôtes_permis`).
"""

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, TypeAlias

import aiosmtplib
import httpcore
import httpx

from relance.errors import NetworkRefused

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Range: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Ranges that Python calls global, or some Pythons do, and that lead back inside all the same.
_INSIDE: tuple[Range, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
        "ff00::/8",
    )
)

#: An answer larger than this is no answer to what we ask.
MAX_ANSWER = 4 * 1024 * 1024


def _plain(address: Address) -> Address:
    """The IPv4 address hidden in an IPv6 one, else the address itself."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_public(text: str) -> bool:
    """Whether an address is one of the open Internet."""
    address = _plain(ipaddress.ip_address(text.partition("%")[0]))
    if not address.is_global:
        return False
    return not any(address.version == inside.version and address in inside for inside in _INSIDE)


def relays(sections: Mapping[str, Mapping[str, object]]) -> list[str]:
    """The mail servers that the sections of a configuration name (« serveur »).

    An operator who writes one there trusts it, and most stand inside: « localhost » by default.
    """
    named = [section.get("serveur") for section in sections.values()]
    return [*(host for host in named if isinstance(host, str)), "localhost"]


class Egress:
    """Opens guarded connections.

    `allowed`: host names, addresses or ranges the operator trusts; `mail`: hosts trusted for
    SMTP alone.
    """

    def __init__(self, allowed: Iterable[str] = (), mail: Iterable[str] = ()) -> None:
        self._mail = {_folded(host) for host in mail}
        self._names: set[str] = set()
        self._ranges: list[Range] = []
        for text in allowed:
            self.allow(text)

    def allow(self, text: str) -> None:
        """Trust one more host name, address or range."""
        try:
            self._ranges.append(ipaddress.ip_network(text.strip("[] "), strict=False))
        except ValueError:
            self._names.add(_folded(text))

    async def addresses(self, host: str, port: int, *, trusted: bool = False) -> list[str]:
        """The addresses of `host` one may connect to; NetworkRefused when there is one too many.

        One inside address among public ones is enough to refuse: honest names do not mix them.
        """
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host.strip("[]"), port, type=socket.SOCK_STREAM
            )
        except OSError as error:
            raise ConnectionError(f"le nom « {host} » est introuvable") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            if not trusted and not self._permits(host, address):
                raise NetworkRefused(
                    f"« {host} » mène à {address}, une adresse interne ; "
                    "ajoutez l’hôte à « hôtes_permis » dans [réseau] si c’est voulu"
                )
        return addresses

    def _permits(self, host: str, text: str) -> bool:
        if _folded(host) in self._names or is_public(text):
            return True
        address = _plain(ipaddress.ip_address(text.partition("%")[0]))
        return any(address.version == one.version and address in one for one in self._ranges)

    async def connect(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ASYNC109 — of the contract
        """A socket for SMTP, connected to one of the judged addresses of `host`."""
        trusted = _folded(host) in self._mail
        failure: OSError = ConnectionError(f"« {host} » ne répond pas")
        async with asyncio.timeout(timeout):
            for address in await self.addresses(host, port, trusted=trusted):
                family = socket.AF_INET6 if ":" in address else socket.AF_INET
                sock = socket.socket(family, socket.SOCK_STREAM)
                sock.setblocking(False)
                try:
                    await asyncio.get_running_loop().sock_connect(sock, (address, port))
                except OSError as error:
                    sock.close()
                    failure = error
                except BaseException:
                    sock.close()
                    raise
                else:
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    return sock
        raise failure

    @contextlib.asynccontextmanager
    async def smtp(
        self,
        host: str,
        port: int,
        *,
        tls: bool,
        context: ssl.SSLContext | None,
        timeout: float,  # noqa: ASYNC109 — of the contract
    ) -> AsyncIterator[aiosmtplib.SMTP]:
        """A connected SMTP client; STARTTLS and the login are the caller's to ask for."""
        sock = await self.connect(host, port, timeout)
        client = aiosmtplib.SMTP(
            hostname=host,
            sock=sock,
            use_tls=tls,
            tls_context=context,
            start_tls=False,
            timeout=timeout,
            local_hostname=socket.gethostname() or "localhost",
        )
        try:
            await client.connect()
        except BaseException:
            sock.close()
            raise
        try:
            yield client
        finally:
            client.close()

    @contextlib.asynccontextmanager
    async def http(self, *, timeout: float) -> AsyncIterator[httpx.AsyncClient]:  # noqa: ASYNC109 — of the contract
        """An HTTP client that follows no redirect and reads no proxy from the environment."""
        async with httpx.AsyncClient(
            transport=_Guarded(self),
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,
            # A compressed answer could be a hundred times what `MAX_ANSWER` allows.
            headers={"accept-encoding": "identity"},
        ) as client:
            yield client


def _folded(host: str) -> str:
    return host.strip("[] ").rstrip(".").lower()


class _Backend(httpcore.AsyncNetworkBackend):
    """httpcore's door to the network: judged addresses only, no Unix sockets."""

    def __init__(self, egress: Egress, inner: httpcore.AsyncNetworkBackend) -> None:
        self._egress = egress
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 — of httpcore
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await self._egress.addresses(host, port)
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


class _Guarded(httpx.AsyncHTTPTransport):
    """httpx's transport over the guarded door, its answers bounded."""

    def __init__(self, egress: Egress) -> None:
        super().__init__(trust_env=False)
        pool: Any = self._pool
        pool._network_backend = _Backend(egress, pool._network_backend)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        response.stream = _Bounded(response.stream)
        return response


class _Bounded(httpx.AsyncByteStream):
    """A body that stops at `MAX_ANSWER` bytes."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for chunk in self._inner:
            seen += len(chunk)
            if seen > MAX_ANSWER:
                raise NetworkRefused("la réponse est trop grande")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
