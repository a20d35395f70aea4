"""Whoever follows a link is led there at once, whatever the base does, and counts once."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import URL, make_url

from dsl.rules import TrackedLink
from relance.errors import StoreUnavailable
from relance.events import NewEvent
from relance.host import Identities, Incoming
from relance.proof import Proof
from relance.values import Amount
from server.spool import Spool
from tests.http.conftest import Site, Start
from tests.http.test_deadline import locked
from tests.web.conftest import FIREFOX, SECTIONS

PAGE = "https://www.exemple.ca/promo"
FILE = Path(".relance") / "de-cote.jsonl"
ALL = "SELECT type, occurred_at, received_at FROM events WHERE type LIKE 'link_%'"
WAITING = {"email": {"attente_des_clics": "10 min"}, "web": SECTIONS["web"]}


async def mailed(site: Site) -> str:
    """The tracked link of a message sent an hour ago."""
    host = site.runtime.host
    (receipt,) = await host.record([Incoming("essai", Identities(email="lea@exemple.ca"))])
    url, name, message = await host.keep([PAGE, "Promo", "Bienvenue"])
    sent = int(time.time()) - 3600
    return f"/c/{host.sign('click', receipt.lead_id, 'm1', url, name, message, sent, 1)}"


async def short(site: Site) -> str:
    """The short address of a link."""
    await site.runtime.host.declare_links([TrackedLink("Promo", PAGE)])
    (link,) = await site.runtime.host.links()
    return f"/l/{link.slug}"


async def notified(site: Site) -> str:
    """The link of a notification."""
    host = site.runtime.host
    (receipt,) = await host.record([Incoming("essai", Identities(email="lea@exemple.ca"))])
    name, url = await host.keep(["Promo", PAGE])
    return f"/n/{host.sign('push-click', receipt.lead_id, 'm1', name, url)}"


async def follow(site: Site, path: str) -> httpx.Response:
    said = {"user-agent": FIREFOX, "accept": "text/html", "accept-language": "fr"}
    return await site.client.get(path, headers=said)


async def stored(site: Site, folder: Path, query: str = ALL) -> list[Any]:
    """What is in the base, once nothing is aside any more."""
    assert await site.runtime.visit_buffer.replay()
    assert (folder / FILE).stat().st_size == 0
    return list(await site.rows(query))


@pytest.mark.parametrize(("link", "type_"), [(mailed, "link_clicked"), (short, "link_clicked")])
async def test_a_click_is_answered_at_once_and_stored_as_of_then_when_the_lock_goes(
    start: Start, tmp_path: Path, link: Any, type_: str
) -> None:
    async with start(sections=SECTIONS) as site:
        path = await link(site)
        async with locked(tmp_path):
            began, instant = time.monotonic(), time.time()
            answer = await follow(site, path)
            assert (answer.status_code, answer.headers["location"]) == (302, PAGE)
            assert time.monotonic() - began < 2
            # What comes while something is aside does not even try the base.
            began = time.monotonic()
            assert (await follow(site, path)).status_code == 302
            assert time.monotonic() - began < 0.5
        ((first, at, _), (second, *_)) = await stored(site, tmp_path)
        assert (first, second) == (type_, type_)
        assert abs(at / 1_000_000 - instant) < 1


async def test_a_click_on_a_notification_leads_there_at_once_too(
    start: Start, tmp_path: Path
) -> None:
    async with start() as site:
        path = await notified(site)
        async with locked(tmp_path):
            answer = await follow(site, path)
            assert (answer.status_code, answer.headers["location"]) == (302, PAGE)
        query = "SELECT count(*) FROM events WHERE type = 'push_clicked'"
        assert await stored(site, tmp_path, query) == [(1,)]


async def test_what_is_aside_survives_a_restart_and_counts_once_if_replayed_again(
    start: Start, tmp_path: Path
) -> None:
    async with start(sections=SECTIONS) as site:
        path = await mailed(site)
        async with locked(tmp_path):
            assert (await follow(site, path)).status_code == 302
            content = (tmp_path / FILE).read_bytes()
            assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
            site.runtime.stop()
    # As if killed after the base had it, before the file knew; twice, and a line cut by the kill.
    (tmp_path / FILE).write_bytes(content + content + content[:40])
    async with start(sections=SECTIONS) as site:
        assert len(await stored(site, tmp_path)) == 1
    (tmp_path / FILE).write_bytes(content)
    async with start(sections=SECTIONS) as site:
        assert len(await stored(site, tmp_path)) == 1


async def test_a_visit_that_waits_to_be_judged_is_kept_aside_and_held_once(
    start: Start, tmp_path: Path
) -> None:
    async with start(sections=WAITING) as site:
        path = await mailed(site)
        async with locked(tmp_path):
            assert (await follow(site, path)).status_code == 302
            content = (tmp_path / FILE).read_bytes()
        assert await stored(site, tmp_path, "SELECT count(*) FROM held") == [(1,)]
    (tmp_path / FILE).write_bytes(content)
    async with start(sections=WAITING) as site:
        assert await stored(site, tmp_path, "SELECT count(*) FROM held") == [(1,)]


async def test_what_finds_no_room_aside_is_told_and_keeps_nobody_from_their_page(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start(sections=SECTIONS) as site:
        path = await mailed(site)
        monkeypatch.setattr(site.runtime.visit_buffer, "_spool", Spool(tmp_path / FILE, most=10))
        async with locked(tmp_path):
            assert (await follow(site, path)).status_code == 302
            with pytest.raises(StoreUnavailable):
                await site.runtime.host.note([Incoming("essai", Identities(email="a@b.ca"))])
        found = [one for one in site.runtime.concerns() if one.code == "visites.perdues"]
        assert "(2\u00a0fois)" in found[0].fact
        assert ".relance/de-cote.jsonl" in found[0].remedy


async def test_a_crowd_behind_a_lock_is_answered_and_each_counts_once(
    site: Site, tmp_path: Path
) -> None:
    facts = [
        Incoming("essai", Identities(email=f"p{n}@b.ca"), events=[NewEvent("vu", str(n))])
        for n in range(50)
    ]
    host = site.runtime.host
    async with locked(tmp_path):
        began = time.monotonic()
        # The first are tried, and may be stored behind; the others are not even tried.
        await asyncio.gather(*(host.note([one]) for one in facts[:30]))
        await asyncio.gather(*(host.note([one]) for one in facts[30:]))
        assert time.monotonic() - began < 3
    query = "SELECT count(*), count(DISTINCT subject) FROM events WHERE type = 'vu'"
    assert await stored(site, tmp_path, query) == [(50, 50)]


async def test_what_is_aside_is_stored_by_itself_with_all_it_said(
    site: Site, tmp_path: Path
) -> None:
    event = NewEvent("vu", "Été", "https://a.ca", "Là", {"n": 1}, amount=Amount(Decimal("2.5")))
    who = Identities(email="lea@exemple.ca")
    async with locked(tmp_path):
        fact = Incoming("essai", who, {"prénom": "Léa"}, [event], proof=Proof.SIGNED)
        await site.runtime.host.note([fact])
    async with asyncio.timeout(15):
        while not await site.rows("SELECT 1 FROM events WHERE type = 'vu'"):
            await asyncio.sleep(0.05)
    assert (await site.runtime.host.fields(1) or {})["prénom"] == "Léa"
    ((subject, address, context, amount),) = await site.rows(
        "SELECT subject, address, context, amount FROM events WHERE type = 'vu'"
    )
    assert (subject, address, context) == ("Été", "https://a.ca", "Là")
    assert amount is not None


def test_a_cut_line_is_passed_over_and_hides_neither_what_is_before_nor_after(
    tmp_path: Path,
) -> None:
    path = tmp_path / FILE
    Spool(path).append([{"n": 1}])
    with path.open("ab") as file:
        file.write(b'{"n": 2, "cou')
    spool = Spool(path)
    spool.append([{"n": 3}])
    lines, end = Spool(path).read()
    assert [one["n"] for one in lines] == [1, 3]
    spool.forget(end)
    assert not spool.waiting
    assert path.read_bytes() == b""


def test_a_long_file_is_read_by_parts_and_what_comes_meanwhile_is_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path / FILE)
    for number in range(8):
        spool.append([{"n": number, "text": "x" * 60_000}])
    seen = []
    while spool.waiting:
        lines, end = spool.read()
        seen += [one["n"] for one in lines]
        if seen[-1] == 7:
            spool.append([{"n": 8}])
        spool.forget(end)
    assert seen == list(range(9))


async def test_who_waits_sees_no_later_time_than_what_is_aside(
    start: Start, tmp_path: Path
) -> None:
    """« passé ce délai » must not be taken over a click that was answered and is not stored yet."""
    async with start(sections=SECTIONS) as site:
        path = await mailed(site)
        oldest = site.runtime.engine.oldest
        assert oldest() is None
        async with locked(tmp_path):
            instant = time.time()
            assert (await follow(site, path)).status_code == 302
            assert abs((oldest() or 0) / 1_000_000 - instant) < 1
            site.runtime.stop()
    async with start(sections=SECTIONS) as site:
        since = site.runtime.engine.oldest()
        assert since is None or abs(since / 1_000_000 - instant) < 1
        await site.runtime.visit_buffer.replay()
        assert site.runtime.engine.oldest() is None


class Cable:
    """A port that leads to another, until it is cut: what an outage of PostgreSQL looks like."""

    def __init__(self, url: URL) -> None:
        self._host, self._to = str(url.host or url.query["host"]), url.port or 5432
        self._server: asyncio.Server | None = None
        self._ends: list[asyncio.StreamWriter] = []
        self.port = 0

    async def plug(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._host.startswith("/"):
            other, to = await asyncio.open_unix_connection(f"{self._host}/.s.PGSQL.{self._to}")
        else:
            other, to = await asyncio.open_connection(self._host, self._to)
        self._ends += [writer, to]
        await asyncio.gather(self._pour(reader, to), self._pour(other, writer))

    @staticmethod
    async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        writer.close()


@pytest.mark.parametrize("stops_there", [False, True])
async def test_while_postgresql_is_away_clicks_are_answered_and_kept_and_count_once(
    start: Start, tmp_path: Path, new_postgresql: Callable[[], str], stops_there: bool
) -> None:
    url = make_url(await asyncio.to_thread(new_postgresql))
    cable = Cable(url)
    await cable.plug()
    reached = url.set(host="127.0.0.1", port=cable.port, query={})
    database = reached.render_as_string(hide_password=False)
    async with start(sections=SECTIONS, database=database) as site:
        path = await mailed(site)
        cable.cut()
        began, instant = time.monotonic(), time.time()
        for _ in range(2):
            answer = await follow(site, path)
            assert (answer.status_code, answer.headers["location"]) == (302, PAGE)
        assert time.monotonic() - began < 3
        assert (tmp_path / FILE).stat().st_size
        if stops_there:
            site.runtime.stop()
        else:
            await cable.plug()
            await _clicked_twice(site, instant)
    if stops_there:
        await cable.plug()
        async with start(sections=SECTIONS, database=database) as site:
            await _clicked_twice(site, instant)
    cable.cut()


async def _clicked_twice(site: Site, instant: float) -> None:
    async with asyncio.timeout(30):
        while site.runtime.visit_buffer.oldest() is not None:
            await asyncio.sleep(0.1)
    found = await site.rows(ALL)
    assert [kind for kind, *_ in found] == ["link_clicked"] * 2
    assert all(abs(at / 1_000_000 - instant) < 2 for _, at, _ in found)
