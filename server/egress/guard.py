"""Connections to other machines, opened to addresses that were judged."""

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping

import aiosmtplib
import httpx

from relance.errors import NetworkRefused
from server.egress.addresses import Range, is_public, plain
from server.egress.transport import GuardedTransport


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
        except (OSError, UnicodeError) as error:  # UnicodeError: it could be no machine's name
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
        address = plain(ipaddress.ip_address(text.partition("%")[0]))
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
            transport=GuardedTransport(self.addresses),
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,
            # A compressed answer could be a hundred times what `MAX_ANSWER` allows.
            headers={"accept-encoding": "identity"},
        ) as client:
            yield client


def _folded(host: str) -> str:
    return host.strip("[] ").rstrip(".").lower()
