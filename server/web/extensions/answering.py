"""The code of an extension asked for what it shows: within a time, off the loop when it is no coroutine.

Whatever it does, what is answered can be drawn: its blocks, or that it failed, in its name.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from inspect import isawaitable, iscoroutinefunction
from typing import Any, TypeVar

from relance.blocks import Block
from relance.errors import StoreUnavailable

log = logging.getLogger("relance.plugins")

#: What extensions run in: one that never ends keeps a place here, and none of the server's own.
_THREADS = ThreadPoolExecutor(4, "extension")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ExtensionFailure:
    """That it could not answer: whose it is, and why, in French."""

    plugin: str
    why: str


async def answer_of(
    plugin: str, body: Callable[[T], Any], about: T, longest: float
) -> Sequence[Block] | ExtensionFailure:
    """The blocks that a body answers; `longest`: the seconds it may take."""
    try:
        async with asyncio.timeout(longest):
            return tuple(await _called(body, about))
    except StoreUnavailable:
        raise  # no fault of theirs: the whole page says so
    except TimeoutError:
        log.warning("l’extension «\u00a0%s\u00a0» n’a pas répondu en %g s", plugin, longest)
        return ExtensionFailure(plugin, f"Elle n’a pas répondu en {longest:g} secondes.")
    except Exception as error:
        return failed(plugin, error)


def failed(plugin: str, error: Exception) -> ExtensionFailure:
    """That it failed; what exactly is for the log, as it may tell of anybody."""
    log.error("l’extension «\u00a0%s\u00a0» a échoué", plugin, exc_info=error)
    return ExtensionFailure(plugin, f"Elle a échoué ({type(error).__name__}).")


async def _called(body: Callable[[T], Any], about: T) -> Any:
    if iscoroutinefunction(body):
        return await body(about)
    loop = asyncio.get_running_loop()
    found: Awaitable[Any] | Any = await loop.run_in_executor(_THREADS, body, about)
    return await found if isawaitable(found) else found
