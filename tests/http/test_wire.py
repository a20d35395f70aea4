"""Connections of clients that never finish, never stop, never read, or do not speak HTTP.

The deadlines are shortened: those of the server are in `server.http.connections`.
"""

import asyncio
import json
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from server.http import exchange
from server.http.connections import ConnectionLimits, Patience
from server.http.listener import listen
from server.http.wire import MAX_HEADERS, MAX_QUEUED
from tests.http.conftest import Site, Start

Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]

ROBOTS = b"GET /robots.txt HTTP/1.1\r\nhost: x\r\n\r\n"
POST = b"POST /webhooks/forms/Contact HTTP/1.1\r\nhost: x\r\n"
FORM = POST + b"content-type: application/x-www-form-urlencoded\r\n"


async def connect(site: Site) -> Pair:
    return await asyncio.open_connection("127.0.0.1", int(site.runtime.url.rpartition(":")[2]))


async def said(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the server closes."""
    async with asyncio.timeout(5):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, object]]:
    head, _, body = (await said(reader)).partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


@asynccontextmanager
async def deaf(site: Site) -> AsyncIterator[socket.socket]:
    """A client that keeps the least it can of what it is sent, and reads none of it."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_024)
        client.setblocking(False)
        place = ("127.0.0.1", int(site.runtime.url.rpartition(":")[2]))
        await asyncio.get_running_loop().sock_connect(client, place)
        yield client


async def ask_on(client: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(10):
        while True:
            await loop.sock_sendall(client, ROBOTS)


async def nobody_left(site: Site) -> None:
    """Wait until no connection is left but that of the operator's own browser."""
    async with asyncio.timeout(5):
        while len(site.runtime.connections) > 1:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"POST / HTTP/1.1\r\nhost: x\r\n"])
async def test_a_head_that_does_not_come_is_given_up(site: Site, sent: bytes) -> None:
    site.runtime.connections.patience = Patience(head=0.2)
    reader, writer = await connect(site)
    writer.write(sent)
    began = time.monotonic()
    status, problem = await answer(reader)
    assert (status, problem["title"]) == (408, "La demande n’est pas arrivée à temps.")
    assert time.monotonic() - began < 3
    writer.close()


async def test_a_second_head_that_does_not_come_is_given_up_too(
    site: Site,
) -> None:
    site.runtime.connections.patience = Patience(head=0.2)
    reader, writer = await connect(site)
    writer.write(b"GET /robots.txt HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhos")
    received = await said(reader)
    assert received.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.1 408" in received
    writer.close()


@pytest.mark.parametrize("piece", [b"x" * 9_999, b"a: " + b"x" * 9_996 + b"\r\n"])
async def test_a_head_without_end_is_refused(site: Site, piece: bytes) -> None:
    reader, writer = await connect(site)
    writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n" if b"\n" in piece else b"GET /")
    for _ in range(7):
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.01)
    status, problem = await answer(reader)
    assert (status, problem["title"]) == (431, "L’adresse ou les en-têtes sont trop longs.")
    writer.close()


async def test_what_is_no_http_is_told_so_in_french(site: Site) -> None:
    reader, writer = await connect(site)
    writer.write(b"\x16\x03\x01\x02\x00\r\n\r\n")
    status, problem = await answer(reader)
    assert (status, problem["title"]) == (400, "Cette demande n’est pas du HTTP bien formé.")
    writer.close()


async def test_a_large_body_sent_with_its_head_is_no_large_head(site: Site) -> None:
    reader, writer = await connect(site)
    body = b"courriel=a@b.ca&x=" + b"y" * 3_000
    head = b"POST /webhooks/forms/Contact HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
    head += b"content-type: application/x-www-form-urlencoded\r\ncontent-length: %d\r\n\r\n"
    writer.write(head % len(body) + body)
    assert (await answer(reader))[0] == 201
    writer.close()


async def test_requests_sent_without_waiting_are_answered_in_order_up_to_a_few(site: Site) -> None:
    reader, writer = await connect(site)
    writer.write(ROBOTS * 1_000)
    received = await said(reader)
    assert received.count(b"HTTP/1.1 200") == MAX_QUEUED + 1
    assert received.count(b"connection: close") == 1, "the last one says that no other will come"
    await nobody_left(site)
    writer.close()


@pytest.mark.parametrize("number", [1, 1 + MAX_QUEUED])
async def test_a_few_requests_sent_at_once_keep_the_connection(site: Site, number: int) -> None:
    reader, writer = await connect(site)
    for _ in range(2):
        writer.write(ROBOTS * number)
        for _ in range(number):
            async with asyncio.timeout(5):
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readuntil(b"Disallow: /\n")
            assert b"connection: close" not in head
    writer.close()


async def test_who_never_reads_what_he_asked_for_is_left(site: Site) -> None:
    site.runtime.connections.patience = Patience(answer=0.2)
    async with deaf(site) as client:
        with pytest.raises((ConnectionError, TimeoutError)):
            await ask_on(client)
        await nobody_left(site)


async def test_a_body_that_never_begins_is_given_up(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "BODY_SECONDS", 0.2)
    reader, writer = await connect(site)
    writer.write(FORM + b"content-length: 20\r\n\r\n")
    status, problem = await answer(reader)
    assert (status, problem["title"]) == (408, "Le contenu n’est pas arrivé à temps.")
    writer.close()


async def test_a_body_that_comes_by_drops_is_given_up(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "BODY_SECONDS", 0.2)
    reader, writer = await connect(site)
    writer.write(FORM + b"content-length: 2000\r\n\r\n")
    ended = asyncio.create_task(said(reader))
    while not ended.done():
        writer.write(b"x")
        await asyncio.sleep(0.02)
    received = await ended  # what comes after our last word may take it away with a reset
    assert not received or received.startswith(b"HTTP/1.1 408")
    await nobody_left(site)
    writer.close()


async def test_a_body_nobody_reads_does_not_keep_the_connection(site: Site) -> None:
    site.runtime.connections.patience = Patience(rest=0.2)
    reader, writer = await connect(site)
    writer.write(b"GET /robots.txt HTTP/1.1\r\nhost: x\r\ncontent-length: 2000\r\n\r\nx")
    assert (await said(reader)).startswith(b"HTTP/1.1 200")
    await nobody_left(site)
    writer.close()


@pytest.mark.parametrize("stray", [b"", b"\r\n", b"\n"])
async def test_a_stray_byte_after_an_answer_does_not_keep_the_connection(
    site: Site, stray: bytes
) -> None:
    site.runtime.connections.patience = Patience(idle=0.2)
    reader, writer = await connect(site)
    writer.write(ROBOTS + stray)
    began = time.monotonic()
    assert (await said(reader)).count(b"HTTP/1.1 200") == 1
    assert time.monotonic() - began < 3
    writer.close()


async def test_another_protocol_asked_for_is_answered_in_this_one_for_the_last_time(
    site: Site,
) -> None:
    reader, writer = await connect(site)
    asked = ROBOTS.replace(b"\r\n\r\n", b"\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n")
    writer.write(asked + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" * 9)
    received = await said(reader)
    assert received.startswith(b"HTTP/1.1 200")
    assert received.count(b"HTTP/1.1") == 1
    writer.close()


async def test_when_the_room_is_full_who_kept_us_waiting_longest_makes_place(site: Site) -> None:
    site.runtime.connections.limits = ConnectionLimits(most=20, of_one=20, backlog=20)
    silent = [await connect(site) for _ in range(60)]
    assert len(site.runtime.connections) <= 20
    response = await site.post(data={"courriel": "a@b.ca"})
    assert response.status_code == 201
    assert await said(silent[0][0]) == b"", "the first who came went without a word"
    for _, writer in silent:
        writer.close()


async def test_one_address_cannot_fill_the_room(site: Site) -> None:
    """Connections of this machine count all together; those of others, by address."""
    room = site.runtime.connections
    room.limits = ConnectionLimits(most=20, of_one=5, backlog=20)

    class Silent:
        def __init__(self, address: str) -> None:
            self.address = address
            self.left = False

        def look(self, now: float) -> None:
            pass

        def leave(self) -> None:
            self.left = True

    near = [Silent("127.0.0.1") for _ in range(6)]
    far = [Silent("203.0.113.9") for _ in range(6)]
    household = [Silent(f"2001:db8::{n}") for n in range(1, 7)]
    assert all(room.come(one) for one in (*near, *far, *household))
    assert [one.left for one in near] == [False] * 6
    assert [one.left for one in far] == [True] + [False] * 5
    assert [one.left for one in household] == [True] + [False] * 5
    for one in (*far, *household):
        room.works(one)
    assert not room.come(Silent("203.0.113.9")), "all of his are at work: he has to wait"
    assert room.come(Silent("203.0.113.10"))
    for one in (*near, *far, *household):
        room.go(one)


def test_the_room_leaves_the_system_something() -> None:
    assert ConnectionLimits.within(1_000, 4_096).most == 1_000
    little = ConnectionLimits.within(1_000, 1_024)
    assert little.most + little.backlog < 1_024 - 100
    assert little.backlog > 100


async def test_too_many_large_bodies_at_once_wait_and_small_ones_do_not(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "LARGE_BODIES", 150_000)
    async with start() as site:
        head = b"POST /webhooks/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        head += b"authorization: Bearer jeton-de-test-assez-long\r\n"
        head += b"content-length: 200000\r\n\r\n" + b" " * 150_000
        held = await connect(site)
        held[1].write(head)
        await asyncio.sleep(0.1)
        refused = await connect(site)
        refused[1].write(head)
        status, problem = await answer(refused[0])
        assert (status, problem["title"]) == (503, "Trop d’envois arrivent en même temps.")
        assert (await site.post(data={"courriel": "a@b.ca"})).status_code == 201
        held[1].close()
        await nobody_left(site)
        taken = await connect(site)
        taken[1].write(head + b" " * 50_000)
        async with asyncio.timeout(5):
            assert (await taken[0].readline()).split()[1] != b"503"
        taken[1].close()


async def refused(site: Site, head: bytes) -> int:
    """The status of the one answer to that; the connection closes."""
    reader, writer = await connect(site)
    writer.write(head)
    received = await said(reader)
    writer.close()
    assert received.count(b"HTTP/1.1 ") == 1
    return int(received.split()[1])


async def test_a_head_of_many_lines_is_refused_wherever_they_are(site: Site) -> None:
    lines = b"".join(b"x-%d: y\r\n" % n for n in range(MAX_HEADERS))
    assert await refused(site, b"GET / HTTP/1.1\r\nhost: x\r\n" + lines + b"\r\n") == 431
    assert await refused(site, b"GET / HTTP/1.1\r\nhost: x\r\n" + b"a:\r\n" * 12_500) == 431
    assert await refused(site, b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n") == 431
    assert await refused(site, b"GET / HTTP/1.1\r\na: " + b"x" * 70_000 + b"\r\n\r\n") == 431


async def test_lines_that_follow_a_body_are_not_taken_for_its_head(site: Site) -> None:
    reader, writer = await connect(site)
    chunked = b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    trailers = b"accept: text/html\r\n" * 3_000
    writer.write(FORM + chunked + b"f\r\ncourriel=a@b.ca\r\n0\r\n" + trailers + b"\r\n")
    received = await said(reader)
    assert received.startswith(b"HTTP/1.1 201")
    assert b"text/html" not in received
    writer.close()


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\nhost:\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nHost: a\r\n",
        b"GET / HTTP/1.0\r\nhost: a\r\nhost: b\r\n",
        b"GET / HTTP/1.1\r\nhost: a, b\r\n",
        b"GET / HTTP/1.1\r\nhost: a/b\r\n",
        b"GET / HTTP/1.1\r\nhost: moi@a\r\n",
        b"GET / HTTP/1.1\r\nhost: a:b\r\n",
        b"GET / HTTP/1.1\r\nhost: a\xc3\xa9\r\n",
        b"GET / HTTP/1.1\r\nhost : a\r\n",
        b"GET / HTTP/1.1\r\n host: a\r\nhost: b\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\n b\r\n",
        b"GET / HTTP/2.0\r\nhost: a\r\n",
        b"GET / HTTP/0.9\r\nhost: a\r\n",
        b"GET http://b/ HTTP/1.1\r\nhost: a\r\n",
        b"GET http://a@b/ HTTP/1.1\r\nhost: b\r\n",
        b"GET //a HTTP/1.1\r\n",
        b"GET a HTTP/1.1\r\nhost: a\r\n",
        b"OPTIONS * HTTP/1.1\r\nhost: a\r\n",
        b"CONNECT a:80 HTTP/1.1\r\nhost: a:80\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 1\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1, 1\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: +1\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ncontent-length: 1\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, identity\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n",
        b"POST / HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n",
    ],
)
async def test_a_head_that_two_programs_could_read_in_two_ways_is_refused(
    site: Site, head: bytes
) -> None:
    assert await refused(site, head + b"\r\n") == 400


@pytest.mark.parametrize(
    "head",
    [
        b"GET /robots.txt HTTP/1.1\r\nHOST: a:8080\r\n",
        b"GET /robots.txt HTTP/1.1\r\nhost: [::1]:8080\r\n",
        b"GET /robots.txt HTTP/1.1\r\nhost: xn--t-9ga.example\r\n",
        b"GET /robots.txt HTTP/1.1\r\nhost: un_site:\r\n",
        b"GET http://A.example/robots.txt HTTP/1.1\r\nhost: a.example\r\n",
        b"GET /robots.txt HTTP/1.0\r\n",
    ],
)
async def test_unusual_but_well_formed_heads_are_taken(site: Site, head: bytes) -> None:
    assert await refused(site, head + b"connection: close\r\n\r\n") == 200


async def test_what_was_asked_before_a_bad_head_is_answered_and_nothing_else(site: Site) -> None:
    reader, writer = await connect(site)
    writer.write(ROBOTS + b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n" + ROBOTS)
    received = await said(reader)
    assert received.startswith(b"HTTP/1.1 200")
    assert received.count(b"HTTP/1.1") == 1
    writer.close()


async def test_a_bad_body_is_refused_in_its_turn_after_what_was_asked_before(site: Site) -> None:
    reader, writer = await connect(site)
    chunked = POST + b"transfer-encoding: chunked\r\n\r\nzz\r\n"
    writer.write(ROBOTS + ROBOTS + chunked)
    assert re.findall(rb"HTTP/1.1 (\d+)", await said(reader)) == [b"200", b"200", b"400"]
    writer.close()


async def test_what_is_sent_in_two_parts_waits_for_nobody_between_them() -> None:
    """TCP would keep the body of a page until the client says that its head came, 40 ms later."""
    kept: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def came(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ours = writer.get_extra_info("socket")
        kept.set_result(ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async with await asyncio.start_server(came, sock=listen("127.0.0.1", 0)) as server:
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        assert await kept == 1
        writer.close()
