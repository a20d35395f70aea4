"""What is written with something else: in its very transaction, so that neither is there alone."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

#: Writes down who had something done, in the transaction that does it.
WriteDown: TypeAlias = Callable[[AsyncConnection], Awaitable[None]]
