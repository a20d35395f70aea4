"""One deadline for what a request asks of the server, once its body is read.

A base that is locked or slow must not have people wait: a browser shows a blank page, a sender gives
up without knowing. What takes too long is answered 503, and left to end by itself behind: a database
thread cannot be stopped in the middle of a statement.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

ANSWER_SECONDS = 8.0


class TooLong(Exception):
    """The answer could not be made in time."""


#: What goes on behind; kept here, or it could be collected before its end.
_left: set[asyncio.Task[Any]] = set()


async def in_time(work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns, or raises; `TooLong` when it does neither in time."""
    task = asyncio.create_task(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=ANSWER_SECONDS)
    except asyncio.CancelledError:
        _leave(task)
        raise
    if not done:
        _leave(task)
        raise TooLong
    return task.result()


async def stored_in_time(storing: Awaitable[T]) -> T:
    """The same of what lets go as soon as it is cancelled, as facts in the queue of the intake do.

    A form pays for neither a task of its own nor a second one that waits for it.
    """
    try:
        async with asyncio.timeout(ANSWER_SECONDS) as patience:
            return await storing
    except TimeoutError as error:
        if patience.expired():
            raise TooLong from error
        raise


def when_stored(
    storing: "asyncio.Future[T]",
    give_up: Callable[[], object],
    then: Callable[[Callable[[], T]], None],
) -> None:
    """The same for who has no task: `then` is called once, with what returns it or raises.

    `give_up` cancels what is not stored in time.
    """
    late = asyncio.get_running_loop().call_later(ANSWER_SECONDS, give_up)

    def result() -> T:
        if storing.cancelled():
            raise TooLong
        return storing.result()

    def done(_: "asyncio.Future[T]") -> None:
        late.cancel()
        then(result)

    storing.add_done_callback(done)


def _leave(task: asyncio.Task[Any]) -> None:
    _left.add(task)
    task.add_done_callback(_forget)
    task.cancel()


def _forget(task: asyncio.Task[Any]) -> None:
    _left.discard(task)
    if not task.cancelled():
        task.exception()  # nobody waits for it any more
