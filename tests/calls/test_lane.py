"""A lane on its own: what it does of a receiver that is down, and of one called anew."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from relance.channel import Retry, Sent
from relance.errors import StoreUnavailable
from relance.sink import Delivery, Handed
from relance.testing import VirtualClock
from server.deliveries import ledger
from server.deliveries.lane import DeliveryLane
from server.store.instants import now_micros
from server.store.schema.messages import deliveries
from server.store.store import Store


class Down:
    """A receiver that fails so many times, then takes what comes."""

    name, wants, concurrency, timeout = "a", (), 8, 5.0

    def __init__(self, fails: int) -> None:
        self.fails = fails

    async def deliver(self, delivery: Delivery) -> Handed:
        self.fails -= 1
        return Retry("en panne") if self.fails >= 0 else Sent()

    async def close(self) -> None:
        """Nothing is open."""


async def note(store: Store, clock: VirtualClock, count: int) -> None:
    now = now_micros(clock)
    rows = [
        {"sink": "a", "id": number, "lead_id": 1, "type": "x", "state": "pending"}
        | {"occurred_at": now, "received_at": now, "due_at": now}
        for number in range(1, count + 1)
    ]
    async with store.write() as conn:
        await conn.execute(insert(deliveries), rows)


def unavailable(*_: object) -> None:
    raise StoreUnavailable("x")


async def test_a_probe_that_the_store_kept_from_leaving_is_still_to_come(
    store: Store, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane = DeliveryLane(store, clock, Down(5), lambda sink, number: f"{number}")
    await note(store, clock, 5)
    assert await lane.turn() == 5
    assert lane.cut
    clock.advance(timedelta(hours=1))
    with monkeypatch.context() as patched:
        patched.setattr(ledger, "delivery", unavailable)
        with pytest.raises(StoreUnavailable):
            await lane.turn()
    assert await lane.turn() == 1
    assert not lane.cut


async def test_what_waited_too_long_is_given_up_and_called_anew_has_its_time_again(
    store: Store, clock: VirtualClock
) -> None:
    lane = DeliveryLane(store, clock, Down(2), lambda sink, number: f"{number}")
    await note(store, clock, 1)
    clock.advance(timedelta(days=6))
    state = select(deliveries.c.state)
    await lane.turn()
    async with store.write() as conn:
        assert await conn.scalar(state) == ledger.FAILED
        now = now_micros(clock)
        assert await ledger.replay(conn, "a", now, number=None, since=None) == 1
    await lane.turn()
    async with store.read() as conn:
        assert await conn.scalar(state) == ledger.PENDING
