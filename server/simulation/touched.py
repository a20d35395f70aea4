"""What a scenario touched, as the facts say that it left on the stage."""

from dataclasses import dataclass

from sqlalchemy import select, union

from relance.fold import fold
from server.store.schema.campaigns import campaigns
from server.store.schema.messages import outbox
from server.store.schema.metadata import metadata
from server.store.store import Store

#: All that is ever written of a lead in a campaign: its stays, its moves, why it was not let in.
_OF_STAYS = [
    one for one in metadata.sorted_tables if {"lead_id", "campaign_id"} <= set(one.c.keys())
]
_CAMPAIGNS = select(campaigns.c.key).where(
    campaigns.c.id.in_(union(*(select(one.c.campaign_id) for one in _OF_STAYS)))
)
_MESSAGES = select(outbox.c.channel, outbox.c.message).distinct()


@dataclass(frozen=True, slots=True)
class Touched:
    """`campaigns`: the keys of those that somebody entered, or was refused by; `messages`: those that
    were to be written, each by its channel and its folded name."""

    campaigns: frozenset[str] = frozenset()
    messages: frozenset[tuple[str, str]] = frozenset()


async def touched(store: Store) -> Touched:
    """All that the leads of the stage touched until now."""
    async with store.read() as conn:
        entered = (await conn.scalars(_CAMPAIGNS)).all()
        messages = (await conn.execute(_MESSAGES)).all()
    return Touched(
        frozenset(entered),
        frozenset((row.channel, fold(row.message)) for row in messages),
    )
