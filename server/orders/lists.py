"""The verb that removes a list: never one that something still rests on."""

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from relance.french import quoted
from relance.host import Clock
from server.engine.publication.named import listed, users
from server.orders.declined import Declined
from server.store.schema.leads import list_members, lists
from server.store.schema.rules import dynamic_lists
from server.store.store import Store


async def remove(
    conn: AsyncConnection, store: Store, clock: Clock, given: Mapping[str, str]
) -> str:
    """Remove a static list and forget its members. `liste`: its name."""
    name = given["liste"]
    key = key_of(name)
    dynamic = select(dynamic_lists.c.number).where(dynamic_lists.c.key == key)
    if await conn.scalar(dynamic) is not None:
        raise Declined(
            f"La liste {quoted(name)} se tient à jour d’elle-même : elle s’ôte des scripts, avec sa "
            "ligne, à la publication suivante."
        )
    used = [one async for one in users(conn, key)]
    if used:
        raise Declined(
            f"La liste {quoted(name)} sert encore : {listed(used)}. Rien n’a été ôté. Ôtez-la d’abord de "
            "là, publiez, et redemandez ; une campagne qui a encore des leads à l’intérieur s’en "
            "sert jusqu’à ce qu’ils sortent."
        )
    gone = await conn.execute(delete(list_members).where(list_members.c.list_key == key))
    await conn.execute(delete(lists).where(lists.c.key == key))
    count = int(gone.rowcount)
    left = f"\u00a0; {count} lead{'s en sortent' if count > 1 else ' en sort'}" if count else ""
    return f"La liste {quoted(name)} n’existe plus{left}."
