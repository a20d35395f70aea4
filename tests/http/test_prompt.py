"""A form that comes whole is answered by no task of its own: as the same form in two pieces is."""

import asyncio
import re
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.http.conftest import Site, Start
from tests.http.test_deadline import locked
from tests.http.test_wire import connect

FORM = b"content-type: application/x-www-form-urlencoded\r\n"
PAGE = b"accept: text/html\r\n"
EMAIL = b"courriel=a%40b.ca"
#: What is posted, by what makes its answer another: its lines beside the usual ones, its body.
POSTS = {
    "taken": (FORM, EMAIL),
    "taken from a page": (FORM + PAGE, EMAIL),
    "taken from a named site": (FORM + b"origin: https://boutique.example\r\n", EMAIL),
    "from a stranger": (FORM + b"origin: https://ailleurs.example\r\n", EMAIL),
    "led elsewhere": (FORM, EMAIL + b"&_retour=https://boutique.example/merci"),
    "trapped": (FORM, EMAIL + b"&site_web=x"),
    "last of its connection": (FORM + b"connection: close\r\n", EMAIL),
    "of no format": (b"content-type: text/plain\r\n", EMAIL),
    "too large": (FORM, EMAIL + b"&x=" + b"y" * 65_536),
    "empty": (FORM + PAGE, b"courriel="),
    "no address": (FORM, b"courriel=personne"),
    "again": (FORM + b"idempotency-key: une\r\n", EMAIL + b"&nom=Zoe"),
    "another under its key": (FORM + b"idempotency-key: une\r\n", EMAIL + b"&nom=Lea"),
}


async def answered(site: Site, lines: bytes, body: bytes, *, whole: bool, name: bytes) -> bytes:
    """All that is sent back, but the date and the mark of a browser."""
    reader, writer = await connect(site)
    head = b"POST /webhooks/forms/%s HTTP/1.1\r\nhost: x\r\n" % name
    head += lines + b"content-length: %d\r\n\r\n" % len(body)
    if whole:
        writer.write(head + body)
    else:
        writer.write(head)
        await writer.drain()
        await asyncio.sleep(0.03)
        writer.write(body)
    async with asyncio.timeout(5):
        said = await reader.readuntil(b"\r\n\r\n")
        size = [line for line in said.split(b"\r\n") if line.startswith(b"content-length")]
        said += await reader.readexactly(int(size[0].split()[1]) if size else 0)
        if b"connection: close" in said:
            assert await reader.read() == b""
    writer.close()
    said = re.sub(rb"date: .*\r\n", b"", said)
    return re.sub(rb"visiteur=[\w-]+", b"visiteur=", b"\r\n".join(sorted(said.split(b"\r\n"))))


async def test_what_comes_whole_is_answered_as_what_comes_in_pieces(start: Start) -> None:
    named = frozenset({"https://boutique.example"})
    async with start(forms={"origins": named, "redirects": named}) as site:
        for what, (lines, body) in POSTS.items():
            pieces = await answered(site, lines, body, whole=False, name=b"Contact")
            at_once = await answered(site, lines, body, whole=True, name=b"Contact")
            assert at_once == pieces, what
            assert b"content-security-policy" in at_once, what
        nowhere = [
            await answered(site, FORM, EMAIL, whole=one, name=b"--") for one in (True, False)
        ]
        assert nowhere[0] == nowhere[1]
        assert b"HTTP/1.1 404 Not Found" in nowhere[0]
        assert (
            len(site.runtime.forms.refusals.latest("Contact")) == site.runtime.forms.refusals.noted
        )


async def test_several_forms_sent_at_once_are_answered_in_their_order(site: Site) -> None:
    reader, writer = await connect(site)
    bodies = [EMAIL, b"courriel=personne", EMAIL + b"&nom=Zoe", b"courriel="]
    head = b"POST /webhooks/forms/Contact HTTP/1.1\r\nhost: x\r\n" + FORM
    posts = [head + b"content-length: %d\r\n\r\n" % len(body) + body for body in bodies]
    writer.write(
        b"".join(posts) + b"GET /robots.txt HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    )
    async with asyncio.timeout(5):
        said = await reader.read()
    codes = re.findall(rb"HTTP/1.1 (\d+)", said)
    assert codes == [b"201", b"422", b"201", b"422", b"200"]
    writer.close()


async def test_who_leaves_before_the_answer_is_stored_all_the_same(
    site: Site, tmp_path: Path
) -> None:
    async with AsyncExitStack() as held:
        await held.enter_async_context(locked(tmp_path))
        _, writer = await connect(site)
        head = b"POST /webhooks/forms/Contact HTTP/1.1\r\nhost: x\r\n" + FORM
        writer.write(head + b"content-length: %d\r\n\r\n" % len(EMAIL) + EMAIL)
        async with asyncio.timeout(5):
            while site.runtime.intake.oldest() is None:
                await asyncio.sleep(0.01)
        writer.transport.abort()
        await asyncio.sleep(0.05)
    await site.runtime.intake.drain()
    assert await site.count("leads") == 1


async def test_what_nobody_expected_is_answered_and_told_to_nobody(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **_named: object) -> None:
        raise RuntimeError("secret")

    with monkeypatch.context() as breaking:
        breaking.setattr(site.runtime.store, "transact", broken)
        whole = await answered(site, FORM, EMAIL, whole=True, name=b"Contact")
        breaking.setattr(site.runtime.forms, "_let_in", None)
        sooner = await answered(site, FORM, EMAIL, whole=True, name=b"Contact")
    for said in (whole, sooner):
        assert b"HTTP/1.1 500" in said
        assert b"/problemes/interne" in said
        assert b"secret" not in said
    assert (await site.post(data={"courriel": "a@b.ca"})).status_code == 201


async def test_behind_a_proxy_each_visitor_counts_for_himself(start: Start) -> None:
    async with start(forms={"rate": 0.001, "burst": 1}, proxies=("127.0.0.1",)) as site:
        codes = []
        for visitor in (b"203.0.113.1", b"203.0.113.2", b"203.0.113.1"):
            lines = FORM + b"x-forwarded-for: " + visitor + b"\r\n"
            said = await answered(site, lines, EMAIL, whole=True, name=b"Contact")
            codes += re.findall(rb"HTTP/1.1 (\d+)", said)
        assert codes == [b"201", b"201", b"429"]
