"""Runs the demonstration: mailbox, server, shop and clock, in one process, stopped together."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn

from relance.errors import ConfigurationError
from relance.host import Incoming
from server.clock import SystemClock
from server.demo.clock import DemoClock
from server.demo.mailbox import DemoMailbox
from server.demo.project import SHOP, make_project
from server.demo.shop import WAY_IN, Shop, shop_app
from server.http.listener import Server, listen, url_of
from server.orders.publishing import PublishOrder
from server.reports import french
from server.runtime import Runtime
from server.settings import load_settings
from server.system_words import os_reason
from server.web.frame import FrameNotice

_HOST = "127.0.0.1"
#: Whose account the visitor has.
_EMAIL, _NAME = "camille@lapetiteroue.example", "Camille Morin"
_AT_START = PublishOrder("", "démonstration", activate=None)
#: How long the engine is given to finish what an instant brings before the clock moves on.
_SETTLE = 0.15
_MOST_STOPS = 2_000


@dataclass(frozen=True)
class Demo:
    """A running demonstration."""

    runtime: Runtime
    mailbox: DemoMailbox
    clock: DemoClock
    folder: Path
    server_url: str
    shop_url: str

    @property
    def interface_url(self) -> str:
        """Where whoever tries it comes in, signed in: an address of the shop, a link at each visit."""
        return f"{self.shop_url}{WAY_IN}"

    async def way_in(self) -> str:
        """A link that signs in to the interface, once."""
        path = await self.runtime.access.team.entry_link(_EMAIL, _NAME)
        return f"{self.server_url}{path}"

    @property
    def curl(self) -> str:
        """The sample form as one command."""
        return (
            f"curl {self.server_url}/webhooks/forms/Infolettre "
            "-d courriel=bruno@example.com -d prénom=Bruno"
        )

    async def skip(self, by: timedelta) -> None:
        """Move the clock forward, stopping at each instant at which something is due."""
        target = self.clock.now() + by
        for _ in range(_MOST_STOPS):
            due = await self._next_due()
            if due is None or due > target:
                break
            self.clock.skip_to(due)
            await self._settle()
        self.clock.skip_to(target)
        await self._settle()

    async def _next_due(self) -> datetime | None:
        mailed = await self.runtime.report_mailing.next_due()
        found = [self.runtime.engine.next_wake(), await self.runtime.dispatch.next_due(), mailed]
        return min((due for due in found if due is not None), default=None)

    async def _settle(self) -> None:
        self.runtime.engine.wake()
        self.runtime.dispatch.wake()
        self.runtime.report_mailing.wake()
        await asyncio.sleep(_SETTLE)


@asynccontextmanager
async def demonstration(folder: Path, port: int, shop_port: int) -> AsyncIterator[Demo]:
    """Everything running, in `folder`; stopped in order at the end. Port 0: any free one."""
    clock = DemoClock()
    mailbox = DemoMailbox(clock)
    shop_socket = _listen(shop_port)
    shop_url = url_of(shop_socket)
    server_url = f"http://{_HOST}:{_port(port)}"
    async with mailbox.listening(_HOST) as smtp_port:
        make_project(folder, server_url=server_url, shop_url=shop_url, smtp_port=smtp_port)
        settings = load_settings(folder, {})
        runtime = Runtime(
            settings,
            clock=clock,
            at_start=_AT_START,
            access_clock=SystemClock(),
            notice=_notice(clock, settings.zone, shop_url),
        )
        await runtime.open()
        await runtime.access.team.entry_link(_EMAIL, _NAME)  # its account is the first
        demo = Demo(runtime, mailbox, clock, folder, server_url, shop_url)
        try:
            async with _serving(runtime), _shop(demo, shop_socket):
                yield demo
        finally:
            await runtime.close()


@asynccontextmanager
async def _serving(runtime: Runtime) -> AsyncIterator[None]:
    """The real server, beside."""
    task = asyncio.create_task(runtime.serve(signals=False))
    ready = asyncio.create_task(runtime.ready.wait())
    try:
        await asyncio.wait([task, ready], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        yield
    finally:
        ready.cancel()
        runtime.stop()
        await task


@asynccontextmanager
async def _shop(demo: Demo, listening: socket.socket) -> AsyncIterator[None]:
    async def record(incoming: Incoming) -> object:
        return await demo.runtime.host.record([incoming])

    shop = Shop(
        store=demo.runtime.store,
        mailbox=demo.mailbox,
        now=demo.clock.now,
        skip=demo.skip,
        record=record,
        server_url=demo.server_url,
        way_in=demo.way_in,
        shop_url=demo.shop_url,
        folder=demo.folder,
        curl=demo.curl,
        zone=demo.runtime.settings.zone,
        glossary=demo.runtime.plugins.glossary,
    )
    server = Server(
        uvicorn.Config(
            shop_app(shop),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


def _notice(clock: DemoClock, zone: ZoneInfo, shop_url: str) -> FrameNotice:
    """What every page of the interface says: the time it shows is this clock's, which one moves."""

    def words() -> str:
        return f"Démonstration. Horloge simulée : {french.instant(clock.now(), zone)}."

    places = (("La boutique et l’horloge", "/"), ("Les courriels reçus", "/courriels"))
    links = [(title, shop_url + path) for title, path in places]
    return FrameNotice(words, links, f"{shop_url}/interface", (SHOP, shop_url))


def _listen(port: int) -> socket.socket:
    try:
        return listen(_HOST, port)
    except OSError as error:
        ports = "--port 9080 --port-boutique 9081"
        raise ConfigurationError(
            f"Le port {port} ne peut pas servir : {os_reason(error)}. Choisissez-en un autre : "
            f"« relance demo {ports} », ou « make demo ARGS='{ports}' »."
        ) from error


def _port(asked: int) -> int:
    """The server's port, tried before anything is made; 0: any free one."""
    with _listen(asked) as probe:
        return int(probe.getsockname()[1])


async def run_demo(folder: Path, port: int, shop_port: int, tell: Callable[[Demo], None]) -> None:
    """Run until Ctrl-C or SIGTERM; `tell` is called once everything answers."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with demonstration(folder, port, shop_port) as demo:
        tell(demo)
        await stopped.wait()
