"""A version compiled for the store: its triggers and its statements, each made when first needed."""

from dsl.phrases.words import Words
from dsl.program import Await, Pause, Split
from server.engine.batch import batch
from server.engine.conditions.scope import Scope
from server.engine.statements.lines import ProgramLines
from server.engine.statements.splitting import SplitByGoal
from server.engine.statements.statements import PASSAGES
from server.engine.statements.stretches import Runnable
from server.engine.statements.waiting import Awaiting, Pausing
from server.engine.version import Version
from server.engine.wake import Works
from server.store.store import Store


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
        self._lines = {whole: ProgramLines(version.program, whole=whole) for whole in (True, False)}
        self._statements: dict[tuple[int, bool], Runnable] = {}

    def statement(self, index: int, *, alone: bool = False) -> Runnable:
        """The statement at that index of the program, with those its leads pass by the same stride.

        `alone`: without them.
        """
        key = index, not alone
        found = self._statements.get(key)
        if found is None:
            found = self._statements[key] = self._compile(index, self._lines[not alone])
        return found

    def _compile(self, index: int, lines: ProgramLines) -> Runnable:
        statement = self.version.program.statements[index]
        if isinstance(statement, Pause):
            return Pausing(statement, index, self.version, self.scope, lines)
        if isinstance(statement, Await):
            return Awaiting(statement, index, self.version, self.scope)
        if isinstance(statement, Split) and statement.floor is not None:
            return SplitByGoal(statement, index, self.version, self.scope)
        make = PASSAGES[type(statement)]
        return make(statement, index, self.version, self.scope, lines)
