"""The engine against a model in plain Python: any events, in any order, at any time, with crashes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from sqlalchemy import exists, func, select

from dsl.program import END, Act, Await, Branch, Exit, ExitRule, Jump, Pause, Reentry
from relance.effects import Send
from relance.values import Duration
from relance.waits import WaitFor
from server.store.schema.campaigns import enrolments, journal, waits
from tests.engine.machine import EngineMachine, run
from tests.engine.world import HERE, heard, on, program

DAY = timedelta(days=1)


def send(message: str, next_: int) -> Act:
    return Act(message, HERE, (Send("email", message),), next_)


PROGRAM = program(
    send("un", 1),
    Await(
        "attente",
        HERE,
        (Branch(HERE, heard("custom", "a"), 2), Branch(HERE, heard("custom", "b"), 3)),
        Duration(days=2),
        4,
        ("custom",),
    ),
    Pause("pause", HERE, WaitFor(Duration(days=1)), 5),
    send("b", 5),
    send("délai", 5),
    Jump("retour", HERE, 0, 1, END),
    entries=(on("custom", "go"),),
    exits=(ExitRule(Exit.SUCCESS, on("custom", "stop")),),
    timeout=Duration(days=3),
    reentry=Reentry.AFTER_EXIT,
)


@dataclass
class Model:
    """One lead, as the program says it should fare."""

    sent: list[str] = field(default_factory=list)
    outcomes: list[str | None] = field(default_factory=list)
    statement: int = END
    deadline: datetime | None = None
    expires: datetime | None = None
    jumped: bool = False

    @property
    def inside(self) -> bool:
        return bool(self.outcomes) and self.outcomes[-1] is None

    def event(self, name: str, now: datetime) -> None:
        if self.inside and name == "stop":
            self._leave("success")
        elif self.inside and self.statement == 1 and name in "ab":
            self._run(2 if name == "a" else 3, now)
        elif name == "go" and not self.inside:
            self.outcomes.append(None)
            self.expires, self.jumped = now + 3 * DAY, False
            self._run(0, now)

    def time(self, now: datetime) -> None:
        if not self.inside:
            return
        if self.expires is not None and self.expires <= now:
            self._leave("timeout")
        elif self.deadline is not None and self.deadline <= now:
            self._run(4 if self.statement == 1 else 5, now)

    def _leave(self, outcome: str) -> None:
        self.outcomes[-1] = outcome
        self.statement, self.deadline, self.expires = END, None, None

    def _run(self, statement: int, now: datetime) -> None:
        self.statement, self.deadline = statement, None
        if statement == 0:
            self.sent.append("un")
            self._run(1, now)
        elif statement == 1:
            self.deadline = now + 2 * DAY
        elif statement == 2:
            self.deadline = now + DAY
        elif statement in (3, 4):
            self.sent.append("b" if statement == 3 else "délai")
            self._run(5, now)
        elif self.jumped:
            self._leave("finished")
        else:
            self.jumped = True
            self._run(0, now)


class Machine(EngineMachine):
    """Drives both."""

    async def first(self) -> None:
        self.models: dict[int, Model] = {}
        self.queue: list[tuple[int, str]] = []
        await self.world.publish(PROGRAM)
        for _ in range(3):
            self.models[await self.world.lead()] = Model()

    @rule(lead=st.integers(0, 2), name=st.sampled_from(["go", "go", "a", "b", "stop", "x"]))
    def event(self, lead: int, name: str) -> None:
        number = list(self.models)[lead]
        self.do(self.world.event(number, "custom", name))
        self.queue.append((number, name))

    def _handled(self) -> None:
        for number, name in self.queue:
            self.models[number].event(name, self.clock.now())
        self.queue.clear()

    @rule()
    def settle(self) -> None:
        self.do(self.world.settle())
        self._handled()

    @rule(hours=st.integers(1, 60))
    def advance(self, hours: int) -> None:
        self.settle()

        def turned(now: datetime) -> None:
            self.do(self.world.settle())
            for model in self.models.values():
                model.time(now)

        self.through(self.clock.now() + timedelta(hours=hours), turned)

    @rule()
    def publish_again(self) -> None:
        self.do(self.world.publish(PROGRAM))

    @invariant()
    def both_agree(self) -> None:
        if not hasattr(self, "models") or self.queue:
            return
        self.do(self.world.settle())
        for number, model in self.models.items():
            assert self.do(self.world.sent_ever(number)) == model.sent
            assert self.do(self.world.outcomes(number)) == model.outcomes
            rows = self.do(self.world.enrolments(number))
            if model.inside:
                assert rows[-1].statement == model.statement
        assert self.do(self.world.rows(stuck())) == []
        assert self.do(self.world.rows(skipped_moves())) == []


def stuck() -> Any:
    """Active enrolments that nothing will ever move."""
    subscribed = exists().where(
        waits.c.lead_id == enrolments.c.lead_id, waits.c.campaign_id == enrolments.c.campaign_id
    )
    return select(enrolments).where(
        enrolments.c.active, enrolments.c.wake_at.is_(None), ~subscribed
    )


def skipped_moves() -> Any:
    """Enrolments whose journal is not exactly 1, 2, … up to their number of moves."""
    key = (enrolments.c.lead_id, enrolments.c.campaign_id, enrolments.c.entry, enrolments.c.moves)
    whole = enrolments.join(
        journal,
        (journal.c.lead_id == enrolments.c.lead_id)
        & (journal.c.campaign_id == enrolments.c.campaign_id)
        & (journal.c.entry == enrolments.c.entry),
        isouter=True,
    )
    complete = (func.count(journal.c.move) == enrolments.c.moves) & (
        func.coalesce(func.max(journal.c.move), 0) == enrolments.c.moves
    )
    return select(*key).select_from(whole).group_by(*key).having(~complete)


def test_the_engine_does_what_the_model_does() -> None:
    run(Machine, 40, 25)


def test_the_engine_does_what_the_model_does_on_postgresql(new_postgresql: Any) -> None:
    run(Machine, 5, 25, new_postgresql())
