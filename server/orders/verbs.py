"""What may be ordered: each verb, and the function that does it in one writing transaction.

A verb answers with a French sentence, or raises `Declined` with one. It may be done twice (a
server killed before it answered) and must then come to the same.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from relance.host import Clock
from server.dispatch import held
from server.orders import lists, trust
from server.orders.declined import Declined as Declined
from server.reports import french
from server.store import suppressions
from server.store.instants import now_micros
from server.store.store import Store

Verb: TypeAlias = Callable[[Store, Clock, Mapping[str, str]], Awaitable[str]]


async def lift(store: Store, clock: Clock, given: Mapping[str, str]) -> str:
    """Let an address be written to again. `canal`, `adresse`, `raison`; `malgre` its own refusal."""
    channel, address, why = given["canal"], given["adresse"], given["raison"]
    async with store.write() as conn:
        known = await suppressions.find(conn, channel, address)
        if known is None:
            if await suppressions.lifted(conn, channel, address):
                return f"On peut de nouveau écrire à {address} ({channel})."
            raise Declined(
                f"{address} n’est pas écartée du canal « {channel} ». "
                "« relance ecartees » donne la liste."
            )
        if known.asked and given.get("malgre") != "oui":
            raise Declined(
                f"{address} ne veut plus qu’on lui écrive ({known.reason}) : c’est à elle de revenir. "
                "Si cela a été noté par erreur, ajoutez --malgre-refus ; la raison que vous donnez "
                "en reste la preuve."
            )
        await suppressions.lift(conn, known, why, now_micros(clock))
    return f"On peut de nouveau écrire à {address} ({channel})."


async def send_held(store: Store, clock: Clock, given: Mapping[str, str]) -> str:
    """Send what was held since the base was restored. `canal`, `message`: empty for all."""
    async with store.write() as conn:
        count = await held.release(
            conn, given["canal"] or None, given["message"] or None, now_micros(clock)
        )
    return f"{french.count(count, 'envoi retenu part', 'envois retenus partent')}."


async def abandon_held(store: Store, clock: Clock, given: Mapping[str, str]) -> str:
    """Never send what was held since the base was restored. `canal`, `message`: empty for all."""
    async with store.write() as conn:
        count = await held.abandon(
            conn, given["canal"] or None, given["message"] or None, now_micros(clock)
        )
    return f"{french.count(count, 'envoi retenu est abandonné', 'envois retenus sont abandonnés')}."


VERBS: Mapping[str, Verb] = {
    "retablir": lift,
    "envoyer-retenus": send_held,
    "abandonner-retenus": abandon_held,
    "accepter": trust.accept,
    "refuser": trust.refuse,
    "separer": trust.separate,
    "supprimer-liste": lists.remove,
}
