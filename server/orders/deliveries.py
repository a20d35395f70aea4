"""Verbs of calls to other programs: told anew what they were not, and no longer stopped."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.french import quoted
from relance.host import Clock
from server.deliveries import ledger
from server.orders.declined import Declined
from server.reports import french
from server.store.instants import now_micros
from server.store.store import Store


async def replay(
    conn: AsyncConnection, store: Store, clock: Clock, given: Mapping[str, str]
) -> str:
    """Call again. `nom`: the receiver's; `numero`: that call, or `depuis`: an instant, in microseconds."""
    name, number = given["nom"], given.get("numero", "")
    if number and not (number.isdecimal() and len(number) < 20):
        raise Declined(f"{quoted(number)} n’est pas le numéro d’un appel.")
    since = given.get("depuis")
    sink = await _sink(conn, name)
    if await ledger.stopped(conn, sink):
        raise Declined(
            f"Les appels à {quoted(name)} sont arrêtés. Reprenez-les d’abord\u00a0: "
            f"«\u00a0relance appels {name} --reprendre\u00a0»."
        )
    count = await ledger.replay(
        conn,
        sink,
        now_micros(clock),
        number=int(number) if number else None,
        since=int(since) if since else None,
    )
    if not count:
        raise Declined(f"Aucun appel à refaire à {quoted(name)}.")
    return f"{french.count(count, 'appel est refait', 'appels sont refaits')}."


async def resume(
    conn: AsyncConnection, store: Store, clock: Clock, given: Mapping[str, str]
) -> str:
    """Call that receiver again from now on. `nom`: the receiver's."""
    name = given["nom"]
    await ledger.resume(conn, await _sink(conn, name))
    return (
        f"Les appels à {quoted(name)} reprennent. «\u00a0relance appels {name} --refaire\u00a0» refait "
        "ceux qui ont manqué."
    )


async def _sink(conn: AsyncConnection, name: str) -> str:
    found = await ledger.find(conn, name)
    if found is None:
        there = ", ".join(await ledger.known(conn))
        hint = f"Il y a eu des appels à\u00a0: {there}." if there else "Il n’y en a eu à personne."
        raise Declined(f"Aucun appel à {quoted(name)}. {hint}")
    return found
