"""What files received would do, tried in the background: whoever asks again is told how far it is.

Shared by the pages, which follow a trial as it goes, and by programs, which ask until it is done.
"""

import asyncio
from dataclasses import dataclass, field

from relance.errors import RelanceError
from server.imports.deposit import Deposit
from server.imports.opening import open_sheet
from server.imports.order import ImportOrder
from server.imports.people import People
from server.imports.run import Progress
from server.imports.trial import Trial, attempt
from server.store.dynamic import dynamic_keys
from server.store.instants import now_micros
from server.web.imports.mapping import by_form
from server.web.office import Office

_MOST = 8
_TOO_MANY = "Trop d’essais sont en cours : attendez que l’un finisse."


@dataclass
class RunningTrial:
    """A trial under way, or done: how far, what it found, why it could not."""

    task: "asyncio.Task[None] | None" = None
    progress: Progress | None = None
    found: Trial | None = None
    wrong: str = ""

    @property
    def over(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.found is not None or bool(self.wrong)


@dataclass
class ImportTrials:
    """Those of a server, by the mark of what is asked."""

    office: Office
    _running: dict[str, RunningTrial] = field(default_factory=dict)

    @property
    def stamp(self) -> str:
        """What is other once one went on."""
        return str([(one.progress, one.wrong, one.found is None) for one in self._running.values()])

    def begun(self, kept: Deposit, mark: str) -> RunningTrial:
        """The trial of that file, asked so: begun now unless it was."""
        found = self._running.get(mark)
        if found is None:
            over = [key for key, one in self._running.items() if one.task and one.task.done()]
            for key in over[: max(0, len(self._running) - _MOST + 1)]:
                del self._running[key]
            if len(self._running) >= _MOST:
                return RunningTrial(wrong=_TOO_MANY)
            found = self._running[mark] = RunningTrial()
            found.task = asyncio.create_task(self._try(kept, found), name="relance-essai")
        return found

    def forget(self, mark: str) -> None:
        """It is brought in: what it would have done is of no use."""
        self._running.pop(mark, None)

    async def people(self, kept: Deposit, order: ImportOrder) -> People:
        """How its rows are read; BadFile when they cannot be."""
        office = self.office
        async with office.store.read() as conn:
            dynamic = await dynamic_keys(conn)

        def read() -> People:
            sheet = open_sheet(kept.path)
            try:
                given = (sheet.heading.names, office.store.fields, order, office.settings.region)
                return People(*given, dynamic, office.glossary.channels)
            finally:
                sheet.close()

        return await asyncio.to_thread(read)

    async def _try(self, kept: Deposit, running: RunningTrial) -> None:
        def report(progress: Progress) -> None:
            running.progress = progress

        store = self.office.store
        try:
            people = await self.people(kept, kept.order)
            sheet = await asyncio.to_thread(open_sheet, kept.path)
            try:
                now = now_micros(self.office.clock)
                given = (store.read, store.fields, sheet, people, report)
                running.found = await attempt(*given, now=now, forgotten=store.forgotten)
            finally:
                sheet.close()
        except RelanceError as fault:
            running.wrong = by_form(str(fault))
        except Exception:
            running.wrong = "Une erreur imprévue a arrêté l’essai : recommencez."
            raise
