"""Verbs of trust: accept or refuse what was said without proof, and separate leads merged by mistake."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.french import quoted
from relance.host import Clock, Identities, Incoming
from relance.proof import Proof
from server.engine.own_events import LEAD_MERGED
from server.intake.identities import PHONE
from server.intake.incoming import read_again
from server.intake.intake import Intake
from server.intake.taught import PHONES
from server.orders.declined import Declined
from server.reports.people import find_lead
from server.store import arrivals, declarations, leads, separation
from server.store.arrivals import EventRow
from server.store.declarations import ACCEPTED, MERGE, REFUSED
from server.store.instants import Micros, now_micros
from server.store.reopening import InHand
from server.store.store import Store

#: Whose word it is, in receipts and declarations.
_TEAM = "équipe"


async def accept(
    conn: AsyncConnection, store: Store, clock: Clock, given: Mapping[str, str]
) -> str:
    """Take what was said as the team's own word. `numero`: the declaration's."""
    row = await _declaration(conn, given["numero"])
    if row.field == MERGE:
        said = await _join(conn, store, clock, row)
    else:
        said = await _write(conn, store, clock, row)
    await declarations.decide(conn, row.id, ACCEPTED, now_micros(clock))
    return said


async def refuse(
    conn: AsyncConnection, store: Store, clock: Clock, given: Mapping[str, str]
) -> str:
    """Put what was said aside for good. `numero`: the declaration's."""
    row = await _declaration(conn, given["numero"])
    if row.state == ACCEPTED:
        raise Declined(
            f"La déclaration n° {row.id} a été acceptée : ce qu’elle disait est déjà écrit."
        )
    await declarations.decide(conn, row.id, REFUSED, now_micros(clock))
    return f"La déclaration n° {row.id} est refusée ; redite, elle le restera."


async def _declaration(conn: AsyncConnection, number: str) -> Any:
    found = None
    if number.isdecimal() and len(number) < 19:
        found = await declarations.find(conn, int(number))
    if found is None:
        raise Declined(
            f"Aucune déclaration ne porte le numéro {number}. « relance declarations » donne la liste."
        )
    return found


async def _write(conn: AsyncConnection, store: Store, clock: Clock, row: Any) -> str:
    known = store.fields.of_column(row.field)
    value = None if known is None else read_again(known, json.loads(row.value))
    if known is None or value is None:
        raise Declined(
            f"La déclaration n° {row.id} ne se lit plus : le champ n’est plus du même type, ou n’est "
            "plus déclaré."
        )
    who = Identities(
        lead_id=row.lead_id,
        email=str(value) if known.key == "courriel" else None,
        phone=str(value) if known.key in PHONES else None,
    )
    fact = Incoming(_TEAM, who, {known.name: value}, proof=Proof.TEAM)  # type: ignore[dict-item]
    await Intake(store, clock).write(conn, [fact])
    return f"Le champ {quoted(known.name)} du lead n° {row.lead_id} est maintenant {quoted(str(value))}."


async def _join(conn: AsyncConnection, store: Store, clock: Clock, row: Any) -> str:
    other = int(json.loads(row.value))
    now = await leads.survivors(conn, [row.lead_id, other])
    one, two = now.get(row.lead_id), now.get(other)
    if one is None or two is None:
        raise Declined(f"Les leads de la déclaration n° {row.id} n’existent plus.")
    if one != two:
        held = (await leads.known_identities(conn, [two]))[two]
        phone = next((value for kind, value in held if kind == PHONE), None)
        fact = Incoming(_TEAM, Identities(lead_id=one, phone=phone), proof=Proof.TEAM)
        await Intake(store, clock).write(conn, [fact])
        if (await leads.survivors(conn, [two]))[two] != one:
            raise Declined(
                f"Les leads n° {one} et n° {two} ont chacun leur courriel : ce sont deux personnes."
            )
    return f"Les leads n° {row.lead_id} et n° {other} n’en font plus qu’un."


async def separate(
    conn: AsyncConnection, store: Store, clock: Clock, given: Mapping[str, str]
) -> str:
    """Make two leads again of what was found to be one. `lead`: either of them."""
    now = now_micros(clock)
    source = await _merged(conn, given["lead"])
    try:
        target = await separation.separate(conn, store.fields.table, source, now)
    except separation.Further as further:
        between, last = further.args
        raise Declined(
            f"Le lead n° {between}, auquel il avait été réuni, a été réuni ensuite au lead "
            f"n° {last}. Séparez d’abord celui-là : « relance separer {between} »."
        ) from further
    except InHand as held:
        raise Declined(
            f"Un message part en ce moment pour le lead n° {held.args[0]}. Réessayez dans un instant."
        ) from held
    await _look_again(conn, store, (source, target), now)
    return f"Les leads n° {source} et n° {target} sont de nouveau deux."


async def _merged(conn: AsyncConnection, asked: str) -> int:
    """The lead to be separated: the one named, or the only one that was merged into it."""
    if asked.isdecimal() and len(asked) < 19 and await separation.known(conn, int(asked)):
        return int(asked)
    lead = await find_lead(conn, asked)
    if lead is None:
        raise Declined(f"Aucun lead ne répond à « {asked} ».")
    sources = await separation.merged_into(conn, lead)
    if not sources:
        raise Declined(f"Aucun lead n’a été réuni au lead n° {lead}.")
    if len(sources) > 1:
        numbers = ", ".join(f"n° {source}" for source in sources[:20])
        raise Declined(
            f"Plusieurs leads ont été réunis au lead n° {lead} : {numbers}. Dites lequel, par son "
            f"numéro : « relance separer {sources[0]} »."
        )
    return sources[0]


async def _look_again(
    conn: AsyncConnection, store: Store, changed: tuple[int, int], now: Micros
) -> None:
    """Have lists and campaigns look at both anew: anything may have changed of either."""
    first = store.ids.reserve(len(changed))
    rows = [
        EventRow(
            lead_id=lead,
            type=LEAD_MERGED,
            id=first + place,
            occurred_at=now,
            received_at=now,
            properties='{"separees": true}',
        )
        for place, lead in enumerate(changed)
    ]
    await arrivals.insert_events(conn, rows)
