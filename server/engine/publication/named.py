"""Who names a list: campaigns, other lists, points and conversions, in the words of people."""

from collections.abc import AsyncIterator, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program_codec import from_json
from relance.codec import contract
from relance.effects import AddToList, RemoveFromList
from relance.events import LIST_ADDED, LIST_REMOVED, EventPattern
from relance.facts import InList
from relance.fold import key_of
from relance.french import quoted
from server.engine.contents import parts
from server.engine.publication.live import live_versions
from server.engine.rules import stored
from server.store.schema.rules import dynamic_lists

_MOST = 10


async def users(conn: AsyncConnection, key: str) -> AsyncIterator[str]:
    """What asks about that list, or puts leads in it, as last published."""
    for row in await conn.execute(live_versions()):
        program = from_json(row.program)
        if names(program, key):
            yield f"la campagne {quoted(program.name)}"
    for row in await conn.execute(select(dynamic_lists.c.name, dynamic_lists.c.condition)):
        if names(contract.from_json(row.condition), key):
            yield f"la liste {quoted(row.name)}"
    if any(names(rule, key) for rule in await stored.read(conn)):
        yield "les points et conversions des scripts"


def listed(users: Sequence[str]) -> str:
    """The first of them, and how many more."""
    more = len(users) - _MOST
    rest = f" et {more} autre{'s' if more > 1 else ''}" if more > 0 else ""
    return ", ".join(users[:_MOST]) + rest


def names(node: object, key: str) -> bool:
    """Whether a program, a condition or a rule names that list."""
    return any(key_of(name) == key for name in _lists(node))


def _lists(node: object) -> Iterator[str]:
    for one in parts(node):
        if isinstance(one, InList | AddToList | RemoveFromList):
            yield one.name
        elif isinstance(one, EventPattern) and one.type in (LIST_ADDED, LIST_REMOVED):
            yield one.subject or ""
