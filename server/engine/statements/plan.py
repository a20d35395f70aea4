"""A version compiled for the store: its triggers and its statements, each made when first needed."""

from collections.abc import Sequence
from typing import Protocol

from dsl.phrases.words import Words
from dsl.program import Await, Pause, Split
from server.engine.batch import batch
from server.engine.conditions.scope import Scope
from server.engine.statements.splitting import SplitByGoal
from server.engine.statements.statements import PASSAGES
from server.engine.statements.waiting import Awaiting, Pausing
from server.engine.tick import Tick
from server.engine.version import Version
from server.engine.wake import Works
from server.store.store import Store


class Runnable(Protocol):
    """A statement, compiled."""

    async def run(self, tick: Tick) -> Sequence[int]:
        """Move those who stand here; the statements where they may stand next."""


class CompiledVersion:
    """What the engine runs for a version."""

    def __init__(self, version: Version, store: Store, works: Works, words: Words) -> None:
        self.version = version
        self.scope = Scope(
            dialect=store.dialect,
            fields=store.fields,
            zone=version.zone,
            lead_id=batch.c.lead_id,
            enrolment=batch,
            horizon=batch.c.horizon,
            steps=version.steps,
            works=works,
            words=words,
            stays_by=version.program.reentry_property,
        )
        self._statements: dict[int, Runnable] = {}

    def statement(self, index: int) -> Runnable:
        """The statement at that index of the program."""
        found = self._statements.get(index)
        if found is None:
            found = self._statements[index] = self._compile(index)
        return found

    def _compile(self, index: int) -> Runnable:
        statement = self.version.program.statements[index]
        if isinstance(statement, Pause):
            return Pausing(statement, index, self.version, self.scope)
        if isinstance(statement, Await):
            return Awaiting(statement, index, self.version, self.scope)
        if isinstance(statement, Split) and statement.floor is not None:
            return SplitByGoal(statement, index, self.version, self.scope)
        runnable: Runnable = PASSAGES[type(statement)](statement, index, self.version, self.scope)
        return runnable
