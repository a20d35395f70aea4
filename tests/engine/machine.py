"""What the state machines of the engine share: a world of their own, hours that pass, restarts and failures."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from relance.testing import VirtualClock
from server.engine.engine import Engine
from server.store.counters import keeping
from server.store.store import Store
from tests.counters import counters_agree
from tests.engine.world import UTC, World, emptied


class EngineMachine(RuleBasedStateMachine):
    """An engine to which anything happens. Each says what begins it, and looks when all is settled."""

    url = "sqlite://"

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.clock = VirtualClock()
        self.do(self._open())

    async def _open(self) -> None:
        self.store = await Store.open(self.url, self.clock)
        async with self.store.write() as conn:
            await emptied(conn)
        await keeping.keep(self.store, UTC)
        self.world = World(self.store, self.clock)
        await self.first()

    async def first(self) -> None:
        """Publish, and bring in the first leads."""

    def look(self) -> None:
        """See that all is as it must be."""

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def through(self, target: datetime, then: Callable[[datetime], None]) -> None:
        """Let time pass until then, and stop wherever the engine has something to do; `then` has it done."""
        self.do(self.world.settle())
        while (wake := self.world.wakes()) is not None and wake <= target:
            assert wake > self.clock.now(), "it looks again and again at the same instant"
            self.clock.set(wake)
            then(wake)
        self.clock.set(target)

    @rule()
    def restart(self) -> None:
        self.world.engine = Engine(self.world.store, self.clock, zone=UTC)

    @rule()
    def fail_before_commit(self) -> None:
        """A transaction that does not commit must leave no trace."""
        engine = self.world.engine

        async def fail(*_: object) -> None:
            raise RuntimeError("power cut")

        engine._look = fail  # type: ignore[method-assign]
        with pytest.raises(RuntimeError):
            self.do(engine.tick())
        del engine._look

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.do(counters_agree(self.store))
            self.do(self.store.close())
            self.runner.close()


class SleepyMachine(EngineMachine):
    """One that may also be looked at only after hours or days during which nobody did."""

    @rule(minutes=st.integers(1, 10_000))
    def stop_at_each_instant(self, minutes: int) -> None:
        self.through(self.clock.now() + timedelta(minutes=minutes), lambda _: self.look())

    @rule(days=st.integers(1, 40))
    def asleep(self, days: int) -> None:
        self.clock.advance(timedelta(days=days))


def run(
    machine: type[EngineMachine],
    examples: int,
    steps: int,
    url: str = "sqlite://",
    *,
    shrinking: bool = True,
) -> None:
    """Run so many examples of so many steps. `shrinking`: unless a step takes too long for it."""

    class OnThisBase(machine):  # type: ignore[misc, valid-type]
        pass

    OnThisBase.url = url
    phases = tuple(Phase) if shrinking else (Phase.generate,)
    run_state_machine_as_test(
        OnThisBase,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=phases,
        ),
    )
