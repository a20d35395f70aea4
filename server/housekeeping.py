"""What need not be kept for ever: receipts, once nobody can still send the same thing again; notes
of plugins that nobody came back for; the rows an import refused; what found no place; codes that
hold no more; what other programs were told; how much each recipient and each domain was written to, and each
sender had kept, past the day that limits look at.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.host import Clock
from server.deliveries import ledger
from server.http.quota import Quota
from server.store import api_answers, challenges, hourly, lanes, leftovers, report_mails, shares
from server.store.counters.folding import fold
from server.store.instants import to_micros
from server.store.schema.events import held, receipts
from server.store.schema.server import import_rejects, imports
from server.store.store import Store

#: Senders retry for four days at most (Standard Webhooks); a month leaves room for their outages.
KEPT = timedelta(days=30)
EVERY_MINUTES = 60
#: Rows a transaction, so that forms never wait long behind the broom.
_AT_ONCE = 1_000


async def sweep(store: Store, clock: Clock) -> int:
    """Forget all of those that are too old; how many, the rows of imports not counted."""
    before = to_micros(clock.now() - KEPT)
    key = tuple_(receipts.c.source, receipts.c.key)
    old = select(receipts.c.source, receipts.c.key).where(receipts.c.received_at < before)
    async with store.write() as conn:
        total = (await conn.execute(delete(held).where(held.c.at < before))).rowcount
        # Their file said what they were; what became of the import itself is kept.
        over = select(imports.c.id).where(imports.c.finished_at < before)
        await conn.execute(delete(import_rejects).where(import_rejects.c.import_id.in_(over)))
    now = to_micros(clock.now())
    async with store.write() as conn:
        total += await api_answers.forget(conn, now)
    total += await _parts(store, lambda conn: leftovers.forget(conn, before, _AT_ONCE))
    total += await _parts(store, lambda conn: hourly.forget(conn, now, _AT_ONCE))
    total += await _parts(store, lambda conn: lanes.forget(conn, now, _AT_ONCE))
    total += await _parts(store, lambda conn: challenges.forget(conn, now, _AT_ONCE))
    total += await _parts(store, lambda conn: shares.forget(conn, now, _AT_ONCE))
    total += await _parts(store, lambda conn: report_mails.forget(conn, before, _AT_ONCE))
    total += await _parts(store, lambda conn: ledger.forget(conn, before, _AT_ONCE))

    async def of_receipts(conn: AsyncConnection) -> int:
        return (await conn.execute(delete(receipts).where(key.in_(old.limit(_AT_ONCE))))).rowcount

    return total + await _parts(store, of_receipts)


async def _parts(store: Store, forget: Callable[[AsyncConnection], Awaitable[int]]) -> int:
    """Forget part by part, each in a transaction; how many."""
    total = 0
    while True:
        async with store.write() as conn:
            forgotten = await forget(conn)
        total += forgotten
        if forgotten < _AT_ONCE:
            return total
        await asyncio.sleep(0)


async def keep_tidy(store: Store, clock: Clock, quota: Quota) -> None:
    """Sweep every hour, write the shares of the day and fold counters every minute, until cancelled."""
    while True:
        await sweep(store, clock)
        for _ in range(EVERY_MINUTES):
            await asyncio.sleep(60)
            await quota.keep(store)
            await fold(store)
