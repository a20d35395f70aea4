"""Whether and where people may be written to, as facts change it (`relance.reach`)."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from relance.host import Receipt
from relance.reach import Attach, Detach, Reach, Suppress, Welcome
from server.intake.identities import UnknownLead
from server.intake.incoming import Arrival
from server.store import attached, suppressions
from server.store.attached import BroughtBy
from server.store.forgotten import Forgotten
from server.store.instants import Micros


async def change(
    conn: AsyncConnection,
    facts: Sequence[Arrival],
    answers: Sequence[Receipt | UnknownLead],
    now: Micros,
    forgotten: Forgotten,
) -> list[tuple[int, str]]:
    """Make the changes of those facts, told again or not: what comes to be told of leads, by type."""
    events: list[tuple[int, str]] = []
    for fact, answer in zip(facts, answers, strict=True):
        for one in fact.incoming.reach:
            # Who was forgotten is written to no more, and the address must not be written anew.
            if isinstance(one, Suppress | Welcome) and forgotten.knows_address(one.address):
                continue
            known = None if isinstance(answer, UnknownLead) or answer.forgotten else answer
            events += await _change(conn, one, known, now)
    return events


async def _change(
    conn: AsyncConnection, one: Reach, receipt: Receipt | None, now: Micros
) -> list[tuple[int, str]]:
    match one:
        case Suppress(channel, address, reason, asked):
            await suppressions.suppress(conn, channel, address, reason, now, asked=asked)
        case Welcome(channel, address) if receipt is not None and not receipt.duplicate:
            await suppressions.forget(conn, channel, address)
        case Attach(channel, name, text, visitor, type_) if receipt is not None:
            brought = BroughtBy(visitor, type_)
            await attached.attach(conn, channel, name, receipt.lead_id, text, now, brought)
        case Detach(channel, name, last):
            whose = await attached.detach(conn, channel, name)
            if whose is not None and last and not await attached.of_lead(conn, channel, whose):
                return [(whose, last)]
    return []
