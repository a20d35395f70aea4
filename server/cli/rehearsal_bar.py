"""How far the scenarios are that are played before a publication, on the terminal of who waits for them."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from server.cli.terminal import Console

T = TypeVar("T")

#: How many are over, of how many; None while none is played.
HowFar = Callable[[], tuple[int, int] | None]
#: What ends before needs no bar.
_SECONDS, _EVERY = 1.0, 0.2


async def with_bar(work: Coroutine[Any, Any, T], how_far: HowFar) -> T:
    """What `work` returns, or raises; a bar is there as long as it lasts, if it lasts."""
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task}, timeout=_SECONDS)
        if not task.done():
            await _shown(task, how_far)
        return await task
    finally:
        task.cancel()


async def _shown(task: "asyncio.Task[Any]", how_far: HowFar) -> None:
    columns = TextColumn("  Scénarios joués"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        shown = bar.add_task("", total=None, visible=False)
        while not task.done():
            found = await asyncio.to_thread(how_far)
            if found is not None:
                bar.update(shown, completed=found[0], total=found[1], visible=True)
            await asyncio.wait({task}, timeout=_EVERY)
