"""Has the scenarios of a draft played before it is published: once for the same files, whoever asks.

One draft at a time, and never for ever: a scenario that does not end is given up, and named.
"""

import asyncio
import contextlib
import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import TypeAlias

from relance.errors import RelanceError
from relance.project_files import ProjectFiles
from server.publication.draft import edited
from server.publication.reading import DraftReading
from server.rehearsal.draft_rehearsal import DraftRehearsal, FailedScenario
from server.rehearsal.progress import SECONDS_OF_ONE, RehearsalProgress
from server.system_words import os_message

log = logging.getLogger("relance.rules")

#: How long they may take, all together.
SECONDS_OF_ALL = 600.0
#: Whether one goes on is looked at this often.
_WATCHED = 0.25
#: Of how many drafts what was found is kept: the one that is written, and those before it.
_KEPT = 4
#: How long, in seconds, what kept them from being played is held to keep them still; as long, at least,
#: as it took to find: who passes over it has the time to say why before they are all played again.
_UNPLAYED = 20.0
_UNEXPECTED = "Une erreur imprévue les a arrêtés ; elle est notée dans le journal du serveur."


#: Plays those of a draft, and says as each begins; raises OSError or RelanceError where it cannot.
Play: TypeAlias = Callable[[DraftReading, RehearsalProgress], Awaitable[DraftRehearsal]]


@dataclass(slots=True)
class _Playing:
    task: asyncio.Task[DraftRehearsal]
    progress: RehearsalProgress
    #: How many wait for it.
    waiting: int = 0


class Rehearsals:
    """Has them played one draft at a time, and keeps how they went by the name of its files."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self._turn = asyncio.Lock()
        #: How they went, and until when that is held to be so (monotonic).
        self._found: dict[str, tuple[DraftRehearsal, float]] = {}
        self._playing: dict[str, _Playing] = {}

    async def of(self, reading: DraftReading) -> DraftRehearsal:
        """How those of that draft go; who gives up waiting leaves them being played."""
        digest = await name_of(reading.files)
        if not reading.checked.scenarios:
            return DraftRehearsal(digest)
        if (found := self._lately(digest)) is not None:
            return found
        playing = self._begun(digest, reading)
        playing.waiting += 1
        try:
            return await asyncio.shield(playing.task)
        finally:
            playing.waiting -= 1

    async def known(self, reading: DraftReading) -> DraftRehearsal | RehearsalProgress:
        """How they went, if that is known; else how far they are: they are played from now on."""
        digest = await name_of(reading.files)
        if not reading.checked.scenarios:
            return DraftRehearsal(digest)
        if (found := self._lately(digest)) is not None:
            return found
        return self._begun(digest, reading).progress

    def _lately(self, digest: str) -> DraftRehearsal | None:
        """How they went; what kept them from being played is asked again after a while."""
        found, until = self._found.get(digest, (None, 0.0))
        return found if monotonic() < until else None

    def _begun(self, digest: str, reading: DraftReading) -> _Playing:
        for other, former in list(self._playing.items()):
            if other != digest and not former.waiting:
                former.task.cancel()  # the draft has changed, and nobody waits for what it was
                del self._playing[other]
        playing = self._playing.get(digest)
        if playing is None:
            progress = RehearsalProgress()
            task = asyncio.create_task(self._kept(digest, reading, progress))
            playing = self._playing[digest] = _Playing(task, progress)
            task.add_done_callback(lambda _: self._over(digest, playing))
        return playing

    def _over(self, digest: str, playing: _Playing) -> None:
        if self._playing.get(digest) is playing:
            del self._playing[digest]
        if not playing.task.cancelled():
            playing.task.exception()  # perhaps nobody waits for it

    async def _kept(
        self, digest: str, reading: DraftReading, progress: RehearsalProgress
    ) -> DraftRehearsal:
        async with self._turn:
            began = monotonic()
            found = await self._bounded(digest, reading, progress)
        self._found.pop(digest, None)
        now = monotonic()
        held = max(_UNPLAYED, now - began) if found.unplayed else math.inf
        self._found[digest] = found, now + held
        for old in list(self._found)[:-_KEPT]:
            del self._found[old]
        return found

    async def _bounded(
        self, digest: str, reading: DraftReading, progress: RehearsalProgress
    ) -> DraftRehearsal:
        began = progress.since = monotonic()
        task = asyncio.ensure_future(self._play(reading, progress))
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=_WATCHED)
                if progress.late or monotonic() - began > SECONDS_OF_ALL:
                    return _given_up(digest, progress)
            return replace(await task, digest=digest)
        except OSError as error:
            return DraftRehearsal(digest, unplayed=os_message(error))
        except RelanceError as error:
            return DraftRehearsal(digest, unplayed=str(error))
        except Exception:
            log.exception("scénarios d’une publication : erreur imprévue")
            return DraftRehearsal(digest, unplayed=_UNEXPECTED)
        finally:
            if not task.done():
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    @property
    def how_far(self) -> tuple[int, int] | None:
        """Of those that are played now, how many are over, and how many there are."""
        under_way = [one.progress for one in self._playing.values() if one.progress.total]
        return (under_way[0].done, under_way[0].total) if under_way else None

    async def failed(self, reading: DraftReading) -> Sequence[FailedScenario]:
        """Those of that draft that failed already, while the others are played."""
        playing = self._playing.get(await name_of(reading.files))
        return () if playing is None else tuple(playing.progress.failed)

    async def close(self) -> None:
        """Stop what is played: nobody is there any more to hear of it."""
        tasks = [one.task for one in self._playing.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def name_of(files: ProjectFiles) -> str:
    """A name for what of those files a team edits."""
    return await asyncio.to_thread(lambda: edited(files).digest)


def _given_up(digest: str, progress: RehearsalProgress) -> DraftRehearsal:
    current = progress.current
    if current is None:
        return DraftRehearsal(digest, unplayed="Le projet est trop long à préparer.")
    if not progress.late:
        minutes = f"{SECONDS_OF_ALL / 60:.0f}"
        why = f"Ils durent plus de {minutes} minutes : {progress.done} sur {progress.total} ont été joués."
        return DraftRehearsal(digest, unplayed=why)
    why = f"Il dure plus de {SECONDS_OF_ONE:.0f} secondes : il a été arrêté, et ceux d’après n’ont pas été joués."
    late = FailedScenario(current.file, current.place, current.name, current.line, "", why)
    failed, played = (*progress.failed, late), progress.done + 1 + progress.lasting
    return DraftRehearsal(digest, played, failed, lasting=progress.lasting)
