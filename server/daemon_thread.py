"""Long work on a thread of its own, which a server that stops does not wait for.

The threads that asyncio lends are waited for when the process ends: a first reading of ten thousand
campaigns would keep a stopped server there for minutes.
"""

import asyncio
from collections.abc import Callable
from threading import Thread
from typing import ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


async def in_daemon_thread(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """What `work` returns, or raises; cancelled, it goes on behind, and ends with the process."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def hand_over(result: T | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is None:
            answer.set_result(result)  # type: ignore[arg-type]
        else:
            answer.set_exception(error)

    def run() -> None:
        try:
            result, error = work(*given, **named), None
        except BaseException as raised:
            result, error = None, raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(hand_over, result, error)

    Thread(target=run, name="relance-à-part", daemon=True).start()
    return await answer
