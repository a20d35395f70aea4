"""Verbs of one lead: made, corrected, made one with another, as the team says by hand."""

import json
from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.errors import Unacceptable
from relance.host import Clock
from server.engine.by_hand import BY
from server.engine.own_events import LEAD_MERGED
from server.intake.correction import EMAIL, AddressTaken, LeadCorrection
from server.intake.taught import PHONES
from server.orders.declined import Declined
from server.store import arrivals, leads, merges
from server.store.arrivals import EventRow
from server.store.instants import now_micros
from server.store.store import Store

CREATE, CORRECT, MERGE, SEPARATE = "creer-lead", "modifier-lead", "reunir", "separer"


def faults(store: Store, values: Mapping[str, str]) -> Mapping[str, str]:
    """What is wrong with what was typed, by the key of its field."""
    try:
        LeadCorrection(values, "").read(store)
    except Unacceptable as wrong:
        return {one.pointer.removeprefix("/"): one.message for one in wrong.problems}
    return {}


async def create(
    conn: AsyncConnection, store: Store, clock: Clock, given: Mapping[str, str]
) -> str:
    """Make a lead. `valeurs`: JSON, the text of each field by its key; an e-mail or a telephone."""
    values = {key: text for key, text in json.loads(given["valeurs"]).items() if text.strip()}
    if EMAIL not in values and not PHONES & values.keys():
        raise Declined(
            "Il faut un courriel ou un téléphone : c’est ce qui dit de qui il s’agit.", about=EMAIL
        )
    number, _ = await _corrected(conn, store, clock, None, values, given)
    return f"Le lead n° {number} est créé."


async def correct(
    conn: AsyncConnection, store: Store, clock: Clock, given: Mapping[str, str]
) -> str:
    """Write what the team says of a lead. `lead`: its number; `valeurs`, as of one that is made."""
    lead = await _known(conn, given["lead"])
    values = json.loads(given["valeurs"])
    _, changed = await _corrected(conn, store, clock, lead, values, given)
    if not changed:
        return f"Rien n’était à changer du lead n° {lead}."
    return f"Le lead n° {lead} est à jour : {', '.join(changed)}."


async def _corrected(
    conn: AsyncConnection,
    store: Store,
    clock: Clock,
    lead: int | None,
    values: Mapping[str, str],
    given: Mapping[str, str],
    *,
    lets_go: bool = True,
) -> tuple[int, list[str]]:
    correction = LeadCorrection(values, given.get("qui", ""), lets_go)
    try:
        number, changed = await correction.carry_out(conn, store, clock, lead)
    except AddressTaken as taken:
        raise Declined(
            f"Cette adresse est celle du lead n° {taken.lead}. Si c’est la même personne, réunissez-les.",
            about=taken.field,
        ) from taken
    except Unacceptable as wrong:
        first = wrong.problems[0]
        raise Declined(first.message, about=first.pointer.removeprefix("/")) from wrong
    return number, list(changed)


async def merge(conn: AsyncConnection, store: Store, clock: Clock, given: Mapping[str, str]) -> str:
    """Make two leads one. `lead`: which is left; `avec`: the other; `valeurs`: the fields chosen."""
    target, source = await _known(conn, given["lead"]), await _known(conn, given["avec"])
    if target == source:
        return f"Les leads n° {given['lead']} et n° {given['avec']} n’en font déjà plus qu’un."
    now = now_micros(clock)
    await leads.serialize_intake(conn)
    await merges.merge_rounds(conn, store.fields.table, {source: target}, now)
    row = EventRow(
        lead_id=target,
        type=LEAD_MERGED,
        id=store.ids.reserve(1),
        occurred_at=now,
        received_at=now,
        properties=json.dumps({BY: given.get("qui", "")}, ensure_ascii=False),
    )
    await arrivals.insert_events(conn, [row])
    chosen = json.loads(given.get("valeurs") or "{}")
    if chosen:
        await _corrected(conn, store, clock, target, chosen, given, lets_go=False)
    return f"Les leads n° {target} et n° {source} n’en font plus qu’un, le n° {target}."


async def _known(conn: AsyncConnection, asked: str) -> int:
    """The lead of that number, or who it became."""
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else 0
    found = (await leads.survivors(conn, [number])).get(number)
    if not found:
        raise Declined(f"Aucun lead ne porte le numéro {asked}.", about="lead")
    return found
