"""Plays the scenarios of a draft for who is about to publish it.

A server that answers others has them played by a process of its own, in no haste: what is long takes
nothing from those it serves, and what does not end can be killed. A command, which serves nobody,
plays them by itself, and has nothing to load.

As a process (`python -m server.rehearsal.process`), it is no command for people, who have `relance test`: it
is handed the files and the settings that run, whatever those of the folder have become since, and says
in JSON as each scenario begins, which fails, then how they went.
"""

import asyncio
import contextlib
import json
import os
import pickle
import signal
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from relance.errors import RelanceError
from relance.project_files import ProjectFiles
from server.daemon_thread import in_daemon_thread
from server.folder import SCRIPT
from server.plugins import Plugins, load_plugins
from server.publication.draft import edited
from server.publication.reading import DraftReader, DraftReading
from server.rehearsal.draft_rehearsal import DraftRehearsal, FailedScenario
from server.rehearsal.progress import RehearsalProgress, ScenarioBegun
from server.rehearsal.rehearsals import SECONDS_OF_ALL, Play
from server.rehearsal.stage_play import rehearse
from server.settings import Settings
from server.setup import setup_of

#: `-P`: what lies where the server was started is none of its modules.
_COMMAND = ("-P", "-m", "server.rehearsal.process")
#: A line of what it answers, which holds all that failed.
_LONGEST_LINE = 16 * 1024 * 1024
#: Of what it complains of, how much is kept: its end says why it ended.
_COMPLAINT = 64 * 1024

#: The files that run, beside which what changed is played first; None: nothing does.
Running = Callable[[], ProjectFiles | None]


def playing(
    settings: Settings, plugins: Plugins, running: Running, *, serves: Callable[[], bool]
) -> Play:
    """What plays them, as whoever asks serves others by then, or nobody."""

    async def play(reading: DraftReading, progress: RehearsalProgress) -> DraftRehearsal:
        changed = await in_daemon_thread(_changed, reading.files, running())
        if serves():
            return await _apart(settings, reading, changed, progress)
        return await in_daemon_thread(rehearse, reading, plugins, settings, changed, progress)

    return play


def _changed(draft: ProjectFiles, running: ProjectFiles | None) -> frozenset[str]:
    """The scripts of a draft that are not as they run."""
    former = running.contents if running is not None else {}
    return frozenset(
        name
        for name, content in draft.contents.items()
        if name.endswith(SCRIPT) and former.get(name) != content
    )


# --- By a process of its own ----------------------------------------------------------------


async def _apart(
    settings: Settings,
    reading: DraftReading,
    changed: Collection[str],
    progress: RehearsalProgress,
) -> DraftRehearsal:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, *_COMMAND),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    given, said, complaint = child.stdin, child.stdout, child.stderr
    if given is None or said is None or complaint is None:
        raise RuntimeError("a process asked for pipes has none")
    complaints = asyncio.create_task(_end_of(complaint))
    try:
        # Where it ended at once, what it complains of says why.
        with contextlib.suppress(ConnectionError):
            given.write(await asyncio.to_thread(_packed, settings, reading.files, changed))
            await given.drain()
            given.close()
        async for line in said:
            one: dict[str, Any] = json.loads(line)
            if "begins" in one:
                begun = ScenarioBegun(**one["begins"])
                progress.begins(begun, one["done"], one["total"], one["lasting"])
            elif "fails" in one:
                progress.fails(FailedScenario(**one["fails"]))
            elif "refused" in one:
                raise RelanceError(one["refused"])
            else:
                return DraftRehearsal.of(one)
        last = (await complaints).decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise RelanceError(last[:500] or "Le processus qui les joue s’est arrêté.")
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        complaints.cancel()
        await child.wait()


async def _end_of(complaint: asyncio.StreamReader) -> bytes:
    kept = b""
    while read := await complaint.read(_COMPLAINT):
        kept = (kept + read)[-_COMPLAINT:]
    return kept


def _packed(settings: Settings, files: ProjectFiles, changed: Collection[str]) -> bytes:
    return pickle.dumps((settings, dict(edited(files).contents), changed))


def _unpacked(packed: bytes) -> tuple[Settings, ProjectFiles, Collection[str]]:
    settings, contents, changed = pickle.loads(packed)  # noqa: S301 — written by the server itself
    return settings, ProjectFiles(contents), changed


@dataclass(frozen=True, slots=True)
class _Saying:
    """What is announced, as it is answered."""

    say: Callable[[Mapping[str, object]], None]

    def begins(self, current: ScenarioBegun, done: int, total: int, lasting: int = 0) -> None:
        begun = asdict(current)
        self.say({"begins": begun, "done": done, "total": total, "lasting": lasting})

    def fails(self, one: FailedScenario) -> None:
        self.say({"fails": asdict(one)})


def _main() -> None:
    _yield_to_others()
    say = _say_alone()
    try:
        settings, files, changed = _unpacked(sys.stdin.buffer.read())
        plugins = load_plugins(settings.enabled, settings.disabled)
        reading = DraftReader(plugins, setup_of(settings, files)).read(files, None)
        say(asdict(rehearse(reading, plugins, settings, changed, _Saying(say))))
    except RelanceError as error:
        say({"refused": str(error)})


def _say_alone() -> Callable[[Mapping[str, object]], None]:
    """What answers; all that others print, an extension say, is no answer, and goes to complaints."""
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def say(said: Mapping[str, object]) -> None:
        answer.write(json.dumps(said) + "\n")
        answer.flush()

    return say


def _yield_to_others() -> None:
    """Leave the processor to the server, and end though it be no longer there to end this."""
    os.nice(5)
    signal.alarm(int(SECONDS_OF_ALL))


if __name__ == "__main__":
    _main()
