"""The verb that removes a list: never one that something still rests on."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.fold import key_of
from relance.codec import contract
from relance.effects import AddToList, RemoveFromList
from relance.events import LIST_ADDED, LIST_REMOVED, EventPattern
from relance.facts import InList
from relance.french import quoted
from relance.host import Clock
from server.engine.publication.live import live_versions
from server.engine.publication.parts import parts
from server.engine.publication.publication import decode
from server.engine.standing import standing_rules
from server.orders.declined import Declined
from server.store.schema.leads import list_members, lists
from server.store.schema.rules import dynamic_lists
from server.store.store import Store

_MOST_NAMED = 10


async def remove(store: Store, clock: Clock, given: Mapping[str, str]) -> str:
    """Remove a static list and forget its members. `liste`: its name."""
    name = given["liste"]
    key = key_of(name)
    async with store.write() as conn:
        dynamic = select(dynamic_lists.c.number).where(dynamic_lists.c.key == key)
        if await conn.scalar(dynamic) is not None:
            raise Declined(
                f"La liste {quoted(name)} se tient à jour d’elle-même : elle s’ôte des scripts, avec sa "
                "ligne, à la publication suivante."
            )
        users = [one async for one in _users(conn, key)]
        if users:
            told = ", ".join(users[:_MOST_NAMED])
            more = f" et {len(users) - _MOST_NAMED} autres" if len(users) > _MOST_NAMED else ""
            raise Declined(
                f"La liste {quoted(name)} sert encore : {told}{more}. Rien n’a été ôté. Ôtez-la d’abord de "
                "là, publiez, et redemandez ; une campagne qui a encore des leads à l’intérieur s’en "
                "sert jusqu’à ce qu’ils sortent."
            )
        gone = await conn.execute(delete(list_members).where(list_members.c.list_key == key))
        await conn.execute(delete(lists).where(lists.c.key == key))
    count = int(gone.rowcount)
    left = f"\u00a0; {count} lead{'s en sortent' if count > 1 else ' en sort'}" if count else ""
    return f"La liste {quoted(name)} n’existe plus{left}."


async def _users(conn: AsyncConnection, key: str) -> AsyncIterator[str]:
    """What asks about that list, or puts leads in it: by name, in the words of people."""
    for row in await conn.execute(live_versions()):
        program = decode(row.program)
        if _names(program, key):
            yield f"la campagne {quoted(program.name)}"
    for row in await conn.execute(select(dynamic_lists.c.name, dynamic_lists.c.condition)):
        if _names(contract.decode(json.loads(row.condition)), key):
            yield f"la liste {quoted(row.name)}"
    if any(_names(rule, key) for rule in await standing_rules.read(conn)):
        yield "les points et conversions des scripts"


def _names(node: object, key: str) -> bool:
    return any(key_of(name) == key for name in _lists(node))


def _lists(node: object) -> Iterator[str]:
    """The lists that are named somewhere in a program, a condition or a rule."""
    for one in parts(node):
        if isinstance(one, InList | AddToList | RemoveFromList):
            yield one.name
        elif isinstance(one, EventPattern) and one.type in (LIST_ADDED, LIST_REMOVED):
            yield one.subject or ""
