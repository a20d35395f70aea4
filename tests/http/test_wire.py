"""Connections of clients that never finish, never stop, or do not speak HTTP."""

import asyncio
import json
import time

import pytest

from server.http import wire
from tests.http.conftest import Site

Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connect(site: Site) -> Pair:
    return await asyncio.open_connection("127.0.0.1", int(site.runtime.url.rpartition(":")[2]))


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, object]]:
    async with asyncio.timeout(5):
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"POST / HTTP/1.1\r\nhost: x\r\n"])
async def test_a_head_that_does_not_come_is_given_up(
    site: Site, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "HEAD_SECONDS", 0.2)
    reader, writer = await connect(site)
    writer.write(sent)
    began = time.monotonic()
    status, told = await answer(reader)
    assert (status, told["title"]) == (408, "La demande n’est pas arrivée à temps.")
    assert time.monotonic() - began < 3
    writer.close()


async def test_a_second_head_that_does_not_come_is_given_up_too(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "HEAD_SECONDS", 0.2)
    reader, writer = await connect(site)
    writer.write(b"GET /robots.txt HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhos")
    async with asyncio.timeout(5):
        said = await reader.read()
    assert said.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.1 408" in said
    writer.close()


@pytest.mark.parametrize("piece", [b"x" * 9_999, b"a: " + b"x" * 9_996 + b"\r\n"])
async def test_a_head_without_end_is_refused(site: Site, piece: bytes) -> None:
    reader, writer = await connect(site)
    writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n" if b"\n" in piece else b"GET /")
    for _ in range(7):
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.01)
    status, told = await answer(reader)
    assert (status, told["title"]) == (431, "L’adresse ou les en-têtes sont trop longs.")
    writer.close()


async def test_what_is_no_http_is_told_so_in_french(site: Site) -> None:
    reader, writer = await connect(site)
    writer.write(b"\x16\x03\x01\x02\x00\r\n\r\n")
    status, told = await answer(reader)
    assert (status, told["title"]) == (400, "Cette demande n’est pas du HTTP bien formé.")
    writer.close()


async def test_a_large_body_sent_with_its_head_is_no_large_head(site: Site) -> None:
    reader, writer = await connect(site)
    body = b"courriel=a@b.ca&x=" + b"y" * 3_000
    head = b"POST /webhooks/forms/Contact HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
    head += b"content-type: application/x-www-form-urlencoded\r\ncontent-length: %d\r\n\r\n"
    writer.write(head % len(body) + body)
    assert (await answer(reader))[0] == 201
    writer.close()
