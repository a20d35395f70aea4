"""Whose message leaves first while a crowd waits."""

from relance.testing import VirtualClock
from tests.dispatch.outbox import Outbox


async def test_what_came_last_has_a_share_while_a_crowd_waits(
    outbox: Outbox, clock: VirtualClock
) -> None:
    """Each lead's in their order: what waits longer for the same person leaves first."""
    for number in range(3, 60):
        await outbox.lead(number, f"lead{number}@exemple.ca")
        await outbox.put(number, "Promotion")
    await outbox.put(1, "Promotion")
    clock.advance(seconds=1)
    await outbox.put(1, "Tarifs")
    await outbox.put(2, "Tarifs")
    claims = outbox.claims()
    async with outbox.store.write() as conn:
        taken = await claims.claim(conn, clock.now(), 8)
    found = [(one.key[0], one.message.template) for one in taken]
    assert (2, "Tarifs") in found
    assert (1, "Tarifs") not in found
    assert len({one.key for one in taken}) == len(found) >= 7
