"""What was planned for a batch of people, written: a statement or two for each thing done."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import compress

from sqlalchemy import bindparam, func, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from relance.proof import Proof
from server.engine.own_events import LEAD_CREATED, LEAD_MERGED
from server.imports.people import OWN
from server.imports.upsert import Ground, UpsertPlan
from server.imports.upsert_events import (
    EventsAlike,
    Named,
    consent_events,
    record,
    upsert_events,
)
from server.intake.identities import Register
from server.store import contacts, field_proofs, leads, merges
from server.store.bulk import insert_alike, insert_rows
from server.store.ids import EventIds
from server.store.instants import Micros
from server.store.leads import among
from server.store.schema.leads import lead_tags, list_members

_SILENCED = "Importé d’un fichier : ne veut plus qu’on lui écrive."


async def carry_out(
    conn: AsyncConnection,
    ground: Ground,
    ids: EventIds,
    plan: UpsertPlan,
    now: Micros,
    heard: bool,
) -> bool:
    """Write what was planned; whether the engine has something to do.

    Unless `heard`, campaigns hear nothing of it, save those in which the lead already waits.
    """
    numbers = await _create(conn, ground, plan, now)

    def number(lead: int) -> int:
        return numbers.get(lead, lead)

    def numbered(named: Named) -> Named:
        return {name: [number(lead) for lead in leads] for name, leads in named.items()}

    merged = _merged(plan.register, numbers)
    await merges.merge_rounds(conn, ground.fields.table, merged, now)
    await _claim(conn, plan.register, numbers)
    await _correct(conn, ground, plan.changes)
    sure = {(number(lead), name): found for (lead, name), found in plan.sure.items()}
    await field_proofs.write(conn, sure)
    joined, tagged = numbered(plan.joined), numbered(plan.tagged)
    await _join(conn, joined, now)
    await _tag(conn, tagged, now)
    await _silence(conn, ground, plan, now)
    events = [*upsert_events(_changed(ground, plan, numbers), joined, tagged)]
    if heard:
        events.append(EventsAlike(list(numbers.values()), LEAD_CREATED))
        events.append(EventsAlike(sorted(set(merged.values())), LEAD_MERGED))
    if ground.consent is not None:
        agreed = {number(plan.register.final(place)): person.at for person, place in plan.places}
        events += consent_events(ground.consent, agreed)
    await record(conn, ids, now, events, pending=heard)
    waiting = not heard and await _look_again(conn, plan, now)
    return heard or waiting


def _changed(
    ground: Ground, plan: UpsertPlan, numbers: Mapping[int, int]
) -> Mapping[tuple[str, ...], Sequence[int]]:
    """The leads of whom fields were written, by the keys of those."""
    changed: dict[tuple[str, ...], list[int]] = {}
    for lead, values in plan.changes.items():
        changed.setdefault(tuple(ground.fields.names_of(values)), []).append(lead)
    filled: dict[tuple[bool, ...], list[int]] = {}
    every = (True,) * len(ground.columns)
    for lead, number in numbers.items():
        given = plan.fresh[lead]
        said = tuple([one is not None for one in given]) if None in given else every
        filled.setdefault(said, []).append(number)
    for said, created in filled.items():
        names = tuple(ground.fields.names_of(compress(ground.columns, said)))
        changed.setdefault(names, []).extend(created)
    return changed


async def _create(
    conn: AsyncConnection, ground: Ground, plan: UpsertPlan, now: Micros
) -> Mapping[int, int]:
    """Insert the new leads with their fields: the number of each."""
    created = [lead for lead in plan.register.created if lead in plan.fresh]
    if not created:
        return {}
    ids = await leads.new_ids(conn, len(created))
    values = zip(*(plan.fresh[lead] for lead in created), strict=True)
    fields = dict(zip(ground.columns, values, strict=True))
    as_of = [plan.as_of[lead] for lead in created]
    await leads.create_alike(conn, ground.fields.table, ids, fields, now, Proof.TEAM, as_of)
    return dict(zip(created, ids, strict=True))


async def _claim(conn: AsyncConnection, register: Register, numbers: Mapping[int, int]) -> None:
    """Give identities to whom they belong, once leads are one."""
    claimed: dict[tuple[str, int], dict[str, int]] = defaultdict(dict)
    for identity, lead in register.claimed.items():
        kind, value = identity
        owner = register.final(lead) if register.merged else lead
        claimed[kind, register.proofs[identity]][value] = numbers.get(owner, owner)
    for (kind, proof), owners in claimed.items():
        if kind != OWN:
            await leads.claim_alike(conn, kind, proof, owners)


def _merged(register: Register, numbers: Mapping[int, int]) -> dict[int, int]:
    """The known leads found to be one with another."""
    pairs = {source: register.final(source) for source in register.merged if source > 0}
    return {source: numbers.get(target, target) for source, target in pairs.items()}


async def _correct(
    conn: AsyncConnection, ground: Ground, changes: Mapping[int, Mapping[str, object]]
) -> None:
    """Write what differs, in one statement: a column the file leaves empty stays as it is."""
    if not changes:
        return
    table = ground.fields.table
    names = sorted({name for values in changes.values() for name in values})
    statement = (
        update(table)
        .where(table.c.id == bindparam("lead"))
        .values(
            {
                name: func.coalesce(
                    bindparam(f"new_{name}", type_=table.c[name].type), table.c[name]
                )
                for name in names
            }
        )
    )
    rows = [
        {"lead": lead, **{f"new_{name}": values.get(name) for name in names}}
        for lead, values in changes.items()
    ]
    await conn.execute(statement, rows)


async def _join(conn: AsyncConnection, joined: Named, now: Micros) -> None:
    names: dict[str, str] = {}
    for name, members in joined.items():
        key = key_of(name)
        names.setdefault(key, name)
        shared = {"list_key": key, "since": now}
        given = {"lead_id": members}
        await insert_alike(conn, list_members, shared, given, "ON CONFLICT DO NOTHING")
    known = "ON CONFLICT (key) DO NOTHING"
    await insert_rows(conn, "lists", ("key", "name"), list(names.items()), known)


async def _tag(conn: AsyncConnection, tagged: Named, now: Micros) -> None:
    for name, bearers in tagged.items():
        shared = {"tag_key": key_of(name), "name": name, "since": now}
        given = {"lead_id": bearers}
        await insert_alike(conn, lead_tags, shared, given, "ON CONFLICT DO NOTHING")


async def _silence(conn: AsyncConnection, ground: Ground, plan: UpsertPlan, now: Micros) -> None:
    """Note whom nobody is to write to: a file may say so, never take it back."""
    places = {column: place for place, column in enumerate(ground.columns)}
    rows = [
        (channel, contacts.address_key(str(address)), _SILENCED, now)
        for person, _ in plan.places
        for channel, column in person.silence
        if column in places and (address := person.values[places[column]]) is not None
    ]
    columns = ("channel", "address_key", "reason", "at")
    await insert_rows(conn, "suppressions", columns, rows, "ON CONFLICT DO NOTHING")


async def _look_again(conn: AsyncConnection, plan: UpsertPlan, now: Micros) -> bool:
    """Have those who wait in a campaign looked at: what they wait for may be so now."""
    touched = plan.touched
    if not touched:
        return False
    statement = text(
        "UPDATE enrolments SET wake_at = :now WHERE active "  # noqa: S608 — names of ours
        f"AND lead_id IN {among(conn.dialect.name, 'ids')} AND EXISTS (SELECT 1 FROM waits w "
        "WHERE w.lead_id = enrolments.lead_id AND w.campaign_id = enrolments.campaign_id "
        "AND w.entry = enrolments.entry)"
    )
    done = await conn.execute(statement, {"ids": json.dumps(sorted(touched)), "now": now})
    return done.rowcount > 0
