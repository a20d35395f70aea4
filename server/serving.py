"""What `relance serve` does: a server opened, run until a signal, closed, its operator told meanwhile."""

import asyncio
import gc

import uvloop

from relance.host import Clock
from server.onlooker import Onlooker
from server.orders.publishing import PublishOrder
from server.runtime import Runtime
from server.settings import Settings


async def serve(
    settings: Settings,
    onlooker: Onlooker,
    at_start: PublishOrder | None = None,
    *,
    clock: Clock | None = None,
) -> None:
    """Open a server, run it until a signal, close it; `at_start`: publish the draft first."""
    runtime = Runtime(settings, clock=clock, at_start=at_start)
    runtime.listen()
    await runtime.begin()
    gc.collect()
    gc.freeze()  # what is loaded stays: to go through it all again would stop everybody for 0.1 s
    announcing = asyncio.create_task(_announce(runtime, onlooker))
    try:
        await runtime.serve()
    finally:
        announcing.cancel()
        await runtime.close()


async def _announce(runtime: Runtime, onlooker: Onlooker) -> None:
    await runtime.ready.wait()
    onlooker.answers(runtime.address)
    if runtime.access.first_link is not None:
        onlooker.awaits_first(runtime.address + runtime.access.first_link)
    await runtime.prepared.wait()
    gc.freeze()
    onlooker.examined(await runtime.checkup.health())


def run(settings: Settings, onlooker: Onlooker, at_start: PublishOrder | None = None) -> None:
    """What `relance serve` does."""
    uvloop.run(serve(settings, onlooker, at_start))
