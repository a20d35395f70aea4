"""The way out refuses what leads inside, whatever name it goes by."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpcore
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.errors import NetworkRefused
from server.egress import Egress, is_public, relays


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "192.0.0.8",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "4000::1",
        "5f00::1",
        "2002:7f00:1::",
        "fc00::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_inside_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111"])
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_hiding_an_address_in_ipv6_changes_nothing(address: Any) -> None:
    assert is_public(f"::ffff:{address}") == is_public(str(address))


@pytest.fixture
async def server() -> AsyncIterator[int]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1]
        if asked == b"/ailleurs":
            writer.write(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\n")
            writer.write(b"content-length: 0\r\n\r\n")
        else:
            size = 10_000_000 if asked == b"/grand" else 2
            sent = size - 1 if asked == b"/coupe" else size
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size)
            writer.write(b"x" * sent)
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield listening.sockets[0].getsockname()[1]
    listening.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433"])
async def test_http_inside_is_refused(server: int, host: str) -> None:
    async with Egress().http(timeout=2) as client:
        with pytest.raises(NetworkRefused):
            await client.get(f"http://{host}:{server}/")


@pytest.mark.parametrize("allowed", ["127.0.0.1", "localhost", "127.0.0.0/8"])
async def test_http_inside_works_where_the_operator_said_so(server: int, allowed: str) -> None:
    host = "localhost" if allowed == "localhost" else "127.0.0.1"
    async with Egress([allowed]).http(timeout=2) as client:
        assert (await client.get(f"http://{host}:{server}/")).text == "xx"


async def test_a_redirect_is_not_followed(server: int) -> None:
    async with Egress(["127.0.0.1"]).http(timeout=2) as client:
        assert (await client.get(f"http://127.0.0.1:{server}/ailleurs")).status_code == 302


async def test_an_answer_too_large_is_refused(server: int) -> None:
    async with Egress(["127.0.0.1"]).http(timeout=5) as client:
        with pytest.raises(NetworkRefused):
            await client.get(f"http://127.0.0.1:{server}/grand")


async def test_a_name_that_changes_its_answer_is_connected_to_the_address_that_was_judged(
    server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["203.0.113.1", "127.0.0.1"])  # the first is documentation's, not public
    connected: list[str] = []

    async def resolve(self: Egress, host: str, port: int, **_: Any) -> list[str]:
        return [next(answers)]

    async def connect(self: Any, host: str, *rest: Any) -> Any:
        connected.append(host)
        raise httpcore.ConnectError("stop")

    monkeypatch.setattr(Egress, "addresses", resolve)
    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    async with Egress().http(timeout=2) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://change.exemple.ca:{server}/")
    assert connected == ["203.0.113.1"], "resolved once, connected by address"


async def test_errors_of_the_network_are_those_of_httpx(server: int) -> None:
    async with Egress(["127.0.0.1"]).http(timeout=2) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("http://127.0.0.1:1/")
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(f"http://127.0.0.1:{server}/coupe")
        with pytest.raises(httpx.UnsupportedProtocol):
            await client.get("ftp://127.0.0.1/")


async def test_one_inside_address_among_public_ones_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def resolve(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, 1, 6, "", (ip, port)) for ip in ("1.1.1.1", "10.0.0.1")]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    with pytest.raises(NetworkRefused, match=r"10\.0\.0\.1"):
        await Egress().addresses("double.exemple.ca", 443)


async def test_a_mail_server_the_operator_named_is_trusted_for_mail_alone(server: int) -> None:
    trusting = Egress(mail=relays({"email": {"serveur": "127.0.0.1"}}))
    sock = await trusting.connect("127.0.0.1", server, 2)
    sock.close()
    async with trusting.http(timeout=2) as client:
        with pytest.raises(NetworkRefused):
            await client.get(f"http://127.0.0.1:{server}/")


@pytest.mark.parametrize("host", ["a..exemple.ca", "a" * 64 + ".ca"])
async def test_a_name_no_machine_can_have_is_a_machine_that_is_not_there(host: str) -> None:
    with pytest.raises(ConnectionError, match="introuvable"):
        await Egress().addresses(host, 443)
