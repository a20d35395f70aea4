"""What may be ordered: each verb, and the function that does it in the writing transaction it is given.

A verb answers with a French sentence, or raises `Declined` with one. It may be done twice (a
server killed before it answered) and must then come to the same.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.host import Clock
from server.dispatch import held
from server.dispatch.held import Hold
from server.orders import counters, deliveries, leads, lists, shelving, trust
from server.orders.declined import Declined as Declined
from server.reports import french
from server.store import forgotten, suppressions
from server.store.instants import now_micros
from server.store.store import Store

Verb: TypeAlias = Callable[[AsyncConnection, Store, Clock, Mapping[str, str]], Awaitable[str]]


async def lift(conn: AsyncConnection, store: Store, clock: Clock, given: Mapping[str, str]) -> str:
    """Let an address be written to again. `canal`, `adresse`, `raison`; `malgre` its own refusal."""
    channel, address, why = given["canal"], given["adresse"], given["raison"]
    known = await suppressions.find(conn, channel, address)
    if known is None and store.forgotten.knows_address(address):
        return await _welcome(conn, store, given)
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


async def _welcome(conn: AsyncConnection, store: Store, given: Mapping[str, str]) -> str:
    """Let somebody who was forgotten be known again, as she asks."""
    address = given["adresse"]
    if given.get("malgre") != "oui":
        raise Declined(
            f"{address} est l’adresse d’une personne qui a demandé à être oubliée : c’est à elle de "
            "revenir. Si elle le demande, ajoutez --malgre-refus."
        )
    hashes = store.forgotten.hashes_of(address)
    await forgotten.lift(conn, hashes)
    store.forgotten.release(hashes)
    return (
        f"{address} peut revenir : rien n’est retrouvé de ce qui fut oublié, et ce qu’elle dira "
        "désormais sera gardé."
    )


def _send(hold: Hold) -> Verb:
    """Send what is held so. `canal`, `message`: empty for all."""

    async def send(
        conn: AsyncConnection, store: Store, clock: Clock, given: Mapping[str, str]
    ) -> str:
        only = (given["canal"] or None, given["message"] or None)
        count = await held.release(conn, hold, *only, now_micros(clock))
        return f"{french.count(count, 'envoi retenu part', 'envois retenus partent')}."

    return send


def _abandon(hold: Hold) -> Verb:
    """Never send what is held so. `canal`, `message`: empty for all."""

    async def abandon(
        conn: AsyncConnection, store: Store, clock: Clock, given: Mapping[str, str]
    ) -> str:
        only = (given["canal"] or None, given["message"] or None)
        count = await held.abandon(conn, hold, *only, now_micros(clock))
        left = french.count(count, "envoi retenu est abandonné", "envois retenus sont abandonnés")
        return f"{left}."

    return abandon


#: Asked of a running server alone, which knows how it is doing (`Desk`).
HEALTH = "sante"

#: The verbs about what is held, by why it is.
SENDING = {held.RESTORED: "envoyer-retenus", held.OVER_LIMITS: "envoyer-limites"}
ABANDONING = {held.RESTORED: "abandonner-retenus", held.OVER_LIMITS: "abandonner-limites"}

VERBS: Mapping[str, Verb] = {
    shelving.PUT: shelving.put,
    shelving.LABEL: shelving.label,
    shelving.UNLABEL: shelving.unlabel,
    shelving.COPY: shelving.copy,
    shelving.ARRANGE: shelving.arrange,
    "retablir": lift,
    **{verb: _send(hold) for hold, verb in SENDING.items()},
    **{verb: _abandon(hold) for hold, verb in ABANDONING.items()},
    "accepter": trust.accept,
    "refuser": trust.refuse,
    leads.SEPARATE: trust.separate,
    leads.CREATE: leads.create,
    leads.CORRECT: leads.correct,
    leads.MERGE: leads.merge,
    "supprimer-liste": lists.remove,
    "refaire-appels": deliveries.replay,
    "reprendre-appels": deliveries.resume,
    "refaire-comptes": counters.recount,
}
