"""Processes that die, freeze and come back at any instant: whatever happens, a send is one's at a time."""

import os
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from relance.channel import Doubt, Retry, Sent
from relance.errors import StoreUnavailable
from relance.testing import FakeChannel, VirtualClock
from server.dispatch.allowance import Allowance
from server.dispatch.claim import Claim, Settled
from server.dispatch.claims import Claims, lease
from server.dispatch.interrupted import Interrupted
from server.dispatch.settling import Settling
from server.dispatch.terms import Terms
from server.intake.intake import Intake
from server.store.instants import to_micros
from server.store.schema.messages import outbox
from server.store.store import Store
from tests.dispatch.outbox import Outbox

#: A process never sends twice on the second.
CHANNELS = (FakeChannel("email"), FakeChannel("sms", "courriel", doubt=Doubt.HOLD))
TERMS = Terms(Allowance(proven=0))


@dataclass
class Held:
    """A message that a process has taken; `until`: afterwards it is not to leave from there."""

    channel: FakeChannel
    claim: Claim
    until: datetime
    called: bool = False


@dataclass
class Process:
    """One that sends, and what it has in hand."""

    store: Store
    held: list[Held] = field(default_factory=list)


class Play:
    """What processes do, one thing at a time, in an order that chance says."""

    def __init__(self, url: str, clock: VirtualClock, seed: int) -> None:
        self._url, self.clock, self.chance = url, clock, random.Random(seed)
        self.processes: list[Process] = []
        #: How often each message was handed over.
        self.calls: Counter[str] = Counter()
        self._gone: list[Store] = []
        self._leads = 0

    async def begin(self) -> None:
        for number in range(3):
            self.processes.append(Process(await Store.open(self._url, self.clock, number)))
        self.outbox = Outbox(self.processes[0].store, self.clock)
        await self.outbox.campaign()

    async def end(self) -> None:
        for store in [*self._gone, *(one.store for one in self.processes[::-1])]:
            with suppress(StoreUnavailable):
                await store.close()

    async def step(self) -> None:
        weighted = {
            "put": 3,
            "take": 4,
            "call": 6,
            "settle": 5,
            "die": 1,
            "take_back": 3,
            "wait": 2,
        }
        (name,) = self.chance.choices(list(weighted), list(weighted.values()))
        await getattr(self, name)(self.chance.choice(self.processes))

    async def put(self, _: Process) -> None:
        self._leads += 1
        await self.outbox.lead(self._leads, f"a{self._leads}@exemple.ca")
        for channel in CHANNELS:
            await self.outbox.put(self._leads, channel=channel.name)

    async def take(self, process: Process) -> None:
        channel, now = self.chance.choice(CHANNELS), self.clock.now()
        async with process.store.write() as conn:
            found = await Claims(process.store, channel, TERMS).claim(conn, now, 3)
        process.held += [Held(channel, claim, now + lease(channel)) for claim in found]

    async def call(self, process: Process) -> None:
        for one in process.held:
            if not one.called and self.clock.now() < one.until:
                one.called = True
                self.calls[f"{one.channel.name} {one.claim.message.key}"] += 1
                return

    async def settle(self, process: Process) -> None:
        if not process.held:
            return
        one = process.held.pop(self.chance.randrange(len(process.held)))
        outcome = Sent("ref") if one.called else Retry("figé", ours=True)
        settling = Settling(one.channel, Intake(process.store, self.clock).tell)
        before = await self.outbox.row(one.claim.key[3])
        async with process.store.write() as conn:
            await settling.settle(conn, [Settled(one.claim, outcome, self.clock.now())])
        if (before["state"], before["attempts"]) != ("sending", one.claim.message.attempt):
            after = await self.outbox.row(one.claim.key[3])
            assert after == before, "a late outcome was written over what another did"

    async def die(self, process: Process) -> None:
        """Its number is another's at once."""
        self._gone.append(process.store)
        number = process.store.process
        process.store = await Store.open(self._url, self.clock, number)
        if not number:
            self.outbox.store = process.store
        process.held.clear()

    async def take_back(self, process: Process) -> None:
        tell = Intake(process.store, self.clock).tell
        interrupted = Interrupted(process.store, CHANNELS, tell, lambda _: {})
        now = self.clock.now()
        await interrupted.now_and_then(now)
        late = (outbox.c.state == "sending", outbox.c.due_at < to_micros(now))
        theirs = outbox.c.owner != process.store.owner
        async with process.store.read() as conn:
            assert not (await conn.execute(select(outbox).where(*late, theirs))).all()

    async def wait(self, _: Process) -> None:
        self.clock.advance(timedelta(seconds=self.chance.choice([1, 5, 30, 120, 400])))

    async def check(self) -> None:
        """What holds at any time."""
        for row in await self.outbox.rows():
            key = ".".join(
                str(row[name])
                for name in ("lead_id", "campaign_id", "entry", "move", "ordinal", "created_at")
            )
            calls = self.calls[f"{row['channel']} {key}"]
            assert calls <= 1 or row["channel"] == "email", "what never leaves twice did"
            assert calls <= 1 or row["doubted_at"], "it left twice and nobody says so"
            assert calls or row["state"] != "sent", "it is said to be sent and never left"


async def test_a_send_is_one_process_s_at_a_time_whatever_becomes_of_any(
    lent_postgresql: str, clock: VirtualClock
) -> None:
    play = Play(lent_postgresql, clock, seed=int(os.environ.get("CHAOS", "1")))
    await play.begin()
    for _ in range(300):
        await play.step()
    await play.check()
    # All come back, and what was under way is taken back or settled.
    for process in play.processes:
        await play.die(process)
    await play.take_back(play.processes[0])
    await play.check()
    rows = await play.outbox.rows()
    assert "sending" not in {row["state"] for row in rows}
    assert {"sent", "doubtful"} <= {row["state"] for row in rows}, "too little happened"
    assert max(play.calls.values()) > 1, "nothing ever left twice: too little happened"
    await play.end()
