"""Templates are read off the event loop, once a publication: other answers go on meanwhile.

What reading one may cost is bounded (`wellformed`), and so are those at work at once: a few threads,
which wait for each other, never for the loop nor it for them. Filling in is `filling`'s.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")

#: Each holds the interpreter as much as the loop does: more would only take turns away from it.
_AT_ONCE = 2
_POOL = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="relance-modeles")


async def in_reading_thread(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """What `work` answers, on a thread of its own kind."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_POOL, partial(work, *given, **named))
