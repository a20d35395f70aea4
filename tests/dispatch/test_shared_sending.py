"""Several processes send on one PostgreSQL as one would: as fast, as often, and each message by one."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from relance.channel import Doubt, Limits, Message, Outcome, Retry, Sent
from relance.errors import StoreUnavailable
from relance.testing import FakeChannel, Slow, VirtualClock
from server.clock import SystemClock
from server.dispatch.allowance import Allowance
from server.dispatch.book import Book
from server.dispatch.breaker import FAILURES, Circuit
from server.dispatch.claim import Claim, Settled
from server.dispatch.claims import Claims, lease
from server.dispatch.dispatch import Dispatch
from server.dispatch.interrupted import INTERRUPTED, SILENT, Interrupted
from server.dispatch.settling import Settling
from server.dispatch.terms import Terms
from server.intake.intake import Intake
from server.store import policies
from server.store.instants import now_micros
from server.store.schema.messages import lanes, outbox
from server.store.schema.rules import publications
from server.store.sole import alone
from server.store.store import Store
from tests.dispatch.outbox import Outbox
from tests.policies import policy


@dataclass
class Sender:
    """One process, and the channel it sends on."""

    store: Store
    channel: FakeChannel
    dispatch: Dispatch
    claims: Claims
    settling: Settling

    async def take(self, **later: float) -> Sequence[Claim]:
        """What it takes to send, now or so much later."""
        async with self.store.write() as conn:
            return await self.claims.claim(conn, SystemClock().now() + timedelta(**later), 10)

    async def settle(self, claim: Claim, outcome: Outcome) -> None:
        """What it makes of it."""
        async with self.store.write() as conn:
            await self.settling.settle(conn, [Settled(claim, outcome, SystemClock().now())])


@dataclass
class Company:
    """Processes that send on one database."""

    outbox: Outbox
    senders: list[Sender]

    @property
    def sent(self) -> list[Message]:
        """What left, of all."""
        return [one for sender in self.senders for one in sender.channel.sent]

    async def put(self, count: int, domain: str = "exemple.ca") -> None:
        """So many messages, each to somebody."""
        for number in range(1000, 1000 + count):
            await self.outbox.lead(number, f"a{number}@{domain}")
            await self.outbox.put(number)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While all send."""
        tasks = [asyncio.create_task(one.dispatch.run()) for one in self.senders]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def until(self, done: Callable[[], bool], seconds: float = 20) -> None:
        """AssertionError after so long."""
        limit = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < limit, "something is stuck"
            await asyncio.sleep(0.01)

    async def states(self) -> Counter[str]:
        """How many messages there are of each state."""
        return Counter(await self.outbox.states())


@asynccontextmanager
async def company(
    url: str,
    count: int = 3,
    limits: Limits | None = None,
    otherwise: Callable[[Message], Outcome | Slow] | None = None,
    doubt: Doubt = Doubt.RESEND,
    folder: Path | None = None,
) -> AsyncIterator[Company]:
    """So many processes, which know of one another."""
    clock = SystemClock()
    stores = [await Store.open(url, clock, number) for number in range(count)]
    filled = Outbox(stores[0], clock)  # type: ignore[arg-type] — a clock like another
    await filled.campaign()
    senders = []
    for store in stores:
        channel = FakeChannel(limits=limits, doubt=doubt)
        if otherwise is not None:
            channel = FakeChannel(limits=limits, doubt=doubt, otherwise=otherwise)
        intake = Intake(store, clock)
        terms = Terms(Allowance(proven=2))
        book = Book(folder and folder / "envois", "one", store.process)
        dispatch = Dispatch(store, clock, [channel], intake, terms, book)
        await dispatch.recover()
        await dispatch.have_beside(others=True)
        settling = Settling(channel, intake.tell)
        senders.append(Sender(store, channel, dispatch, Claims(store, channel, terms), settling))
    yield Company(filled, senders)
    for store in reversed(stores):
        with suppress(StoreUnavailable):
            await store.close()


async def test_three_that_send_hold_the_pace_of_one_and_send_each_message_once(
    lent_postgresql: str,
) -> None:
    async with company(lent_postgresql, limits=Limits(per_second=20)) as three:
        await three.put(150)
        began = time.monotonic()
        async with three.running():
            await asyncio.sleep(2)
            sent, spent = len(three.sent), time.monotonic() - began
        assert sent <= 20 + 20 * spent + 1, "together they went faster than one may"
        assert sent >= 20, "they waited for nothing"
        assert len({one.key for one in three.sent}) == len(three.sent)
        assert await three.states() == {"sent": len(three.sent), "pending": 150 - len(three.sent)}


async def test_all_of_them_send_and_no_message_leaves_twice(lent_postgresql: str) -> None:
    def slowly(_: Message) -> Slow:
        return Slow(0.02)

    async with company(lent_postgresql, limits=Limits(concurrency=6), otherwise=slowly) as three:
        await three.put(120)
        async with three.running():
            await three.until(lambda: len(three.sent) >= 120)
        assert len({one.key for one in three.sent}) == len(three.sent) == 120
        assert await three.states() == {"sent": 120}
        async with three.outbox.store.read() as conn:
            owners = await conn.execute(select(outbox.c.owner).distinct())
            assert set(owners.scalars()) <= {one.store.owner for one in three.senders}


async def test_no_more_are_under_way_of_all_than_the_channel_bears(lent_postgresql: str) -> None:
    under_way = most = 0

    class Counting(FakeChannel):
        async def send(self, message: Message) -> Outcome:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.02)
            under_way -= 1
            return await super().send(message)

    async with company(lent_postgresql, limits=Limits(concurrency=3)) as three:
        for one in three.senders:
            one.channel.__class__ = Counting
        await three.put(40)
        async with three.running():
            await three.until(lambda: len(three.sent) == 40)
        assert most <= 3


async def test_a_domain_bears_no_more_for_there_being_three(lent_postgresql: str) -> None:
    limits = Limits(paces={"lent.example": 4})
    async with company(lent_postgresql, limits=limits) as three:
        await three.put(40, "lent.example")
        began = time.monotonic()
        async with three.running():
            await asyncio.sleep(1.5)
            sent, spent = len(three.sent), time.monotonic() - began
        assert 4 <= sent <= 4 + 4 * spent + 1


async def test_a_sender_that_nobody_knows_sends_its_first_day_once_for_all(
    lent_postgresql: str,
) -> None:
    async with company(lent_postgresql, limits=Limits(first_day=10)) as three:
        await three.put(40)
        async with three.running():
            await three.until(lambda: len(three.sent) == 10)
            await asyncio.sleep(0.3)
        assert len(three.sent) == 10


async def test_one_recipient_is_written_to_no_more_for_there_being_three(
    lent_postgresql: str,
) -> None:
    async with company(lent_postgresql) as three:
        await three.outbox.lead(1, "aline@exemple.ca")
        for _ in range(12):
            await three.outbox.put(1)
        async with three.running():
            await three.until(lambda: len(three.sent) >= 2)
            await asyncio.sleep(0.3)
        assert await three.states() == {"sent": 2, "limited": 10}


async def test_a_channel_that_is_cut_for_one_is_cut_for_all_until_one_message_passes(
    lent_postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.dispatch.breaker.FIRST_PAUSE", timedelta(seconds=2.5))
    down = True

    def answer(message: Message) -> Outcome:
        return Retry("en panne", after=600) if down else Sent(message.key)

    limits = Limits(concurrency=1)
    async with company(lent_postgresql, limits=limits, otherwise=answer) as three:
        await three.put(12)
        tried = lambda: sum(len(one.channel.attempts) for one in three.senders)  # noqa: E731
        async with three.running():
            await three.until(lambda: tried() >= FAILURES)
            # Those who have something to send know of it without having met the fault.
            cut = lambda one: one.dispatch.status()[0].circuit is Circuit.OPEN  # noqa: E731
            await three.until(lambda: all(map(cut, three.senders)))
            assert tried() == FAILURES, "a channel that is cut was called"
            down = False
            await three.until(lambda: len(three.sent) == 12 - FAILURES)
        assert tried() == 12


async def test_what_a_process_that_is_gone_was_sending_leaves_again_by_another(
    lent_postgresql: str,
) -> None:
    async with company(lent_postgresql) as three:
        first, gone, _ = three.senders
        await three.put(2)
        taken = await gone.take()
        await first.dispatch.recover()
        await first.dispatch.take_back()
        assert await three.states() == {"sending": 2}, "somebody took what another sends"
        # Its number is taken by another process: nothing of it can be written any more.
        again = await Store.open(lent_postgresql, SystemClock(), 1)
        await first.dispatch.take_back()
        rows = await three.outbox.rows()
        assert {(row["state"], row["reason"]) for row in rows} == {("pending", INTERRUPTED)}
        assert all(row["doubted_at"] for row in rows)
        with pytest.raises(StoreUnavailable):
            await gone.settle(taken[0], Sent("trop tard"))
        assert await three.states() == {"pending": 2}
        await again.close()


async def test_what_may_never_leave_twice_is_left_for_a_person_to_decide(
    lent_postgresql: str,
) -> None:
    async with company(lent_postgresql, doubt=Doubt.HOLD) as three:
        first, gone, _ = three.senders
        await three.put(1)
        await gone.take()
        again = await Store.open(lent_postgresql, SystemClock(), 1)
        await first.dispatch.take_back()
        async with three.running():
            await asyncio.sleep(0.2)
        assert await three.states() == {"doubtful": 1}
        assert not three.sent
        await again.close()


async def test_what_the_book_of_a_process_that_is_gone_says_spares_doubts(
    lent_postgresql: str, tmp_path: Path
) -> None:
    limits = Limits(announced=True)
    async with company(lent_postgresql, limits=limits, doubt=Doubt.HOLD, folder=tmp_path) as three:
        first, gone, _ = three.senders
        await three.put(3)
        names = [
            f"email {claim.message.key} {claim.message.attempt}" for claim in await gone.take()
        ]
        book = Book(tmp_path / "envois", "one", 1)
        book.begin()
        for name in names:
            book.taken(name)
        for name in names[:2]:
            book.leaving(name)
        book.answered(names[0], Sent("ref"), SystemClock().now())
        book.close()
        again = await Store.open(lent_postgresql, SystemClock(), 1)
        await first.dispatch.take_back()
        assert await three.states() == {"sent": 1, "doubtful": 1, "pending": 1}
        await again.close()


async def test_a_process_paused_for_longer_than_it_may_writes_over_nothing_others_did(
    lent_postgresql: str,
) -> None:
    async with company(lent_postgresql) as three:
        first, paused, _ = three.senders
        await three.put(1)
        (taken,) = await paused.take()
        tell = Intake(first.store, SystemClock()).tell
        interrupted = Interrupted(first.store, [first.channel], tell, lambda _: {})
        now = SystemClock().now()
        assert await interrupted.now_and_then(now + lease(first.channel) / 2) == 0
        assert await interrupted.now_and_then(now + lease(first.channel) + timedelta(1)) == 1
        (row,) = await three.outbox.rows()
        assert (row["state"], row["reason"]) == ("pending", SILENT)
        await paused.settle(taken, Sent("de retour"))
        assert await three.states() == {"pending": 1}
        (again,) = await first.take(days=2)
        await paused.settle(taken, Sent("de retour"))
        assert await three.states() == {"sending": 1}
        await first.settle(again, Sent("ref"))
        assert await three.states() == {"sent": 1}


async def test_a_message_does_not_leave_once_another_process_may_have_it(
    lent_postgresql: str,
) -> None:
    clock = VirtualClock()
    store = await Store.open(lent_postgresql, clock)
    filled = Outbox(store, clock)
    await filled.campaign()
    await filled.lead(1, "aline@exemple.ca")
    await filled.put(1)
    left: list[str] = []

    def answer(message: Message) -> Outcome:
        if message.attempt == 1:
            clock.advance(hours=1)  # as a process that was frozen finds
        message.leaving()
        left.append(message.key)
        return Sent()

    channel = FakeChannel(otherwise=answer, limits=Limits(announced=True))
    dispatch = Dispatch(store, clock, [channel], Intake(store, clock))
    await dispatch.drain()
    (row,) = await filled.rows()
    assert (left, row["state"], row["doubted_at"]) == ([], "pending", None)
    clock.advance(hours=1)
    await dispatch.drain()
    assert (len(left), await filled.states()) == (1, ["sent"])
    await store.close()


async def test_who_has_not_read_what_is_published_leaves_its_messages_to_others(
    lent_postgresql: str,
) -> None:
    async with company(lent_postgresql, count=2) as two:
        first, helper = two.senders
        helper.dispatch.sharing.publication = 0
        seen = asyncio.Event()
        helper.dispatch.sharing.outdated = seen.set
        values = {"number": 1, "files": "{}", "edition": "", "problems": "[]", "at": 0}
        async with first.store.write() as conn:
            await conn.execute(insert(publications).values(values))
        await two.put(3)
        two.senders.remove(first)
        async with two.running():
            await asyncio.wait_for(seen.wait(), 10)
            assert await two.states() == {"pending": 3}
            helper.dispatch.sharing.publication = 1
            await two.until(lambda: len(helper.channel.sent) == 3)
        two.senders.insert(0, first)


async def test_a_process_alone_keeps_nothing_of_its_pace_in_the_base(lent_postgresql: str) -> None:
    async with company(lent_postgresql, count=1, limits=Limits(per_second=50)) as one:
        (sender,) = one.senders
        await sender.dispatch.have_beside(others=False)
        async with sender.store.write() as conn:
            await conn.execute(lanes.delete())
        await one.put(5)
        async with one.running():
            await one.until(lambda: len(one.sent) == 5)
        async with sender.store.read() as conn:
            assert await conn.scalar(select(func.count()).select_from(lanes)) == 0


async def test_a_cap_over_several_channels_keeps_no_server_waiting(lent_postgresql: str) -> None:
    sole = await alone(lent_postgresql)
    async with company(lent_postgresql, count=1) as one:
        (sender,) = one.senders
        async with sender.store.write() as conn:
            await policies.publish(
                conn, policy("au plus 3 messages par jour"), now_micros(SystemClock())
            )
        await one.put(1)
        async with asyncio.timeout(20):
            await sender.dispatch.have_beside(others=False)
            await sender.dispatch.drain()
        assert len(one.sent) == 1
    await sole.release()
