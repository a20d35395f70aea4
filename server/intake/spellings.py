"""Leads known before by two spellings of one address: made one, once, when the server first starts.

« a@été.ca » and « a@xn--t-9fab.ca » used to be two leads, who got two mails. This is no step of the
schema's: merging leads is what the engine's tables allow at the time, and goes by parts.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.host import Clock
from server.engine.own_events import LEAD_MERGED
from server.intake.identities import EMAIL
from server.store import arrivals, leads, merges
from server.store.arrivals import EventRow
from server.store.contacts import email_key
from server.store.instants import now_micros
from server.store.leads import Owned
from server.store.schema.leads import identities
from server.store.schema.server import server_settings
from server.store.store import Store

_DONE = "email_spellings"
_FORM = "2"
#: Identities looked at, and addresses made one, at a time.
_PAGE, _PART = 5_000, 200


async def join_spellings(store: Store, clock: Clock) -> int:
    """Bring every address to its one form; how many leads became another."""
    async with store.read() as conn:
        done = select(server_settings.c.value).where(server_settings.c.name == _DONE)
        if await conn.scalar(done) == _FORM:
            return 0
    merged, after = 0, ""
    while True:
        async with store.read() as conn:
            page = await _page(conn, after)
        if not page:
            break
        after = page[-1]
        respelled = {value: key for value in page if (key := email_key(value)) and key != value}
        olds = list(respelled)
        for start in range(0, len(olds), _PART):
            part = {old: respelled[old] for old in olds[start : start + _PART]}
            merged += await _join(store, clock, part)
    async with store.write() as conn:
        await conn.execute(delete(server_settings).where(server_settings.c.name == _DONE))
        await conn.execute(insert(server_settings).values(name=_DONE, value=_FORM))
    return merged


async def _page(conn: AsyncConnection, after: str) -> Sequence[str]:
    value = identities.c.value
    query = select(value).where(identities.c.kind == EMAIL, value > after).order_by(value)
    return list((await conn.execute(query.limit(_PAGE))).scalars())


async def _join(store: Store, clock: Clock, respelled: Mapping[str, str]) -> int:
    """Respell those addresses and merge the leads found to be one: the oldest stays."""
    now = now_micros(clock)
    async with store.write() as conn:
        await leads.serialize_intake(conn)
        owners = await leads.owners(conn, {EMAIL: [*respelled, *respelled.values()]})
        merged: dict[int, int] = {}
        claimed: dict[tuple[str, str], Owned] = {}

        def final(lead: int) -> int:
            return final(merged[lead]) if lead in merged else lead

        for old, key in respelled.items():
            if (EMAIL, old) not in owners:
                continue  # merged away meanwhile
            mine = owners[EMAIL, old]
            theirs = claimed.get((EMAIL, key), owners.get((EMAIL, key)))
            claimed[EMAIL, key] = max(mine, theirs or mine, key=lambda one: one.proof)
            if theirs is None:
                continue
            lead, other = final(mine.lead_id), final(theirs.lead_id)
            if lead != other:  # one mailbox, however it is spelled: no other proof is wanted
                merged[max(lead, other)] = min(lead, other)
        await conn.execute(
            delete(identities).where(
                identities.c.kind == EMAIL, identities.c.value.in_(list(respelled))
            )
        )
        owned = {one: Owned(final(own.lead_id), own.proof) for one, own in claimed.items()}
        await leads.claim(conn, owned)
        pairs = {source: final(source) for source in merged}
        await merges.merge_rounds(conn, store.fields.table, pairs, now)
        became = sorted(set(pairs.values()))
        # What the engine looks at these leads anew for, as when the intake merges them.
        merge_events = [EventRow(lead, LEAD_MERGED, store.ids.next(), now, now) for lead in became]
        await arrivals.insert_events(conn, merge_events)
    return len(merged)
