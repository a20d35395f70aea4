"""Several engines that share leads, against the model that one is held to: no move more, none less."""

from datetime import datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy import func, select

from server.engine.engine import Engine
from server.store.instants import from_micros
from server.store.schema.campaigns import enrolments
from server.store.store import Store
from tests.engine.machine import run
from tests.engine.sharing.processes import Several
from tests.engine.test_machine import PROGRAM, Machine
from tests.engine.world import UTC, World


class SharedMachine(Machine):
    """The same, done by three processes: each lead's events come in by one, whoever moves it."""

    async def _open(self) -> None:
        await super()._open()
        stores = [await Store.open(self.url, self.clock, number) for number in (1, 2)]
        self.helpers = [World(store, self.clock) for store in stores]
        self.them = Several([self.world, *self.helpers])
        for world in self.helpers:
            world.engine.sharing.helps = True
        alone = self.world.settle
        self.world.settle = self.settled  # type: ignore[method-assign]
        self.them.first = _Alone(self.world, alone)
        self.them.worlds = [self.them.first, *self.helpers]
        self.world.wakes = self.wakes  # type: ignore[method-assign]
        await self.begin_first()

    def wakes(self) -> datetime | None:
        """When somebody's time comes next, whoever moves them."""
        found = self.do(self.world.rows(select(func.min(enrolments.c.wake_at))))
        return None if found[0][0] is None else from_micros(found[0][0])

    async def begin_first(self) -> None:
        await self.world.engine.begin_sharing()
        await self.world.engine.have_beside(2)

    async def settled(self) -> int:
        await self.them.settle()
        return 0

    @rule(lead=st.integers(0, 2), name=st.sampled_from(["go", "go", "a", "b", "stop", "x"]))
    def event(self, lead: int, name: str) -> None:
        number = list(self.models)[lead]
        self.do(self.them.worlds[lead].event(number, "custom", name))
        self.queue.append((number, name))

    @rule()
    def restart(self) -> None:
        self.world.engine = Engine(self.world.store, self.clock, zone=UTC)
        self.do(self.begin_first())

    @rule(number=st.integers(0, 1))
    def restart_a_helper(self, number: int) -> None:
        world = self.helpers[number]
        world.engine = Engine(world.store, self.clock, zone=UTC)
        world.engine.sharing.helps = True

    @rule()
    def publish_again(self) -> None:
        self.do(self.world.publish(PROGRAM))

    def teardown(self) -> None:
        for world in getattr(self, "helpers", ()):
            self.do(world.store.close())
        super().teardown()


class _Alone:
    """The first process, as it settles by itself."""

    def __init__(self, world: World, settle: Any) -> None:
        self._world, self.settle = world, settle

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world, name)


def test_three_processes_do_what_the_model_does(new_postgresql: Any) -> None:
    run(SharedMachine, 3, 20, new_postgresql(), shrinking=False)
