"""A real server on loopback, its store, and a client."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response

from relance.hookspecs import hookimpl
from relance.host import Host
from relance.route import Guard, Route
from server.plugins import Plugins, load_plugins, plugins_of
from server.runtime import Runtime
from server.settings import EventSettings, FormSettings, PublishingMode, Settings
from tests.databases import put_sqlite
from tests.signed import sign_in


@cache
def all_plugins() -> Plugins:
    return load_plugins()


class Site:
    """A running server, and looks into its store."""

    def __init__(self, runtime: Runtime, client: httpx.AsyncClient) -> None:
        self.runtime = runtime
        self.client = client

    async def rows(self, query: str) -> Sequence[Any]:
        async with self.runtime.store.read() as conn:
            return (await conn.execute(text(query))).all()

    async def count(self, table: str) -> int:
        return int((await self.rows(f"SELECT count(*) FROM {table}"))[0][0])

    async def post(self, form: str = "Contact", **options: Any) -> httpx.Response:
        return await self.client.post(f"/webhooks/forms/{form}", **options)


Start = Callable[..., Any]


@asynccontextmanager
async def running(
    settings: Settings, plugins: Plugins, *, signed_in: bool = True
) -> AsyncIterator[Site]:
    runtime = Runtime(settings, plugins=plugins)
    await runtime.open()
    serving = asyncio.create_task(runtime.serve(signals=False))
    ready = asyncio.create_task(runtime.ready.wait())
    await asyncio.wait([serving, ready], return_when=asyncio.FIRST_COMPLETED)
    try:
        async with httpx.AsyncClient(base_url=runtime.url, timeout=10) as client:
            # A browser of the team, with every role: what others see is asked by `stranger`.
            if signed_in:
                await sign_in(runtime, client)
            yield Site(runtime, client)
    finally:
        runtime.stop()
        await serving
        await runtime.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        folder=tmp_path,
        port=0,
        database=put_sqlite(tmp_path / ".relance" / "relance.db"),
        forms=FormSettings(rate=0),
        events=EventSettings(token="jeton-de-test-assez-long"),
        publishing=PublishingMode.ON_SAVING,
    )


@pytest.fixture
def start(settings: Settings) -> Start:
    """A function that starts a server with other settings: `async with start(…) as site`."""

    def start_with(
        forms: Mapping[str, Any] | None = None,
        plugins: Plugins | None = None,
        sections: Mapping[str, Any] | None = None,
        **others: Any,
    ) -> Any:
        chosen = replace(settings, plugins=sections or {}, **others)
        if forms is not None:
            chosen = replace(chosen, forms=replace(settings.forms, **forms))
        return running(chosen, plugins or all_plugins())

    return start_with


@pytest.fixture
async def site(start: Start) -> AsyncIterator[Site]:
    async with start() as opened:
        yield opened


def plugin(*routes: Route, on_host: Callable[[Host], None] | None = None) -> Plugins:
    """Plugins of one: « essai », with these routes."""

    class Essai:
        relance_contract = 1

        @hookimpl
        def relance_routes(self, host: Host) -> Sequence[Route]:
            if on_host:
                on_host(host)
            return routes

    return plugins_of({"essai": Essai()})


def route(
    path: str,
    handler: Callable[[Request], Awaitable[Response]],
    guard: Guard = Guard.PUBLIC,
    methods: tuple[str, ...] = ("GET",),
    **more: Any,
) -> Route:
    return Route(path, methods, guard, handler, **more)
