"""Messages are filled in by a process of their own, which can be killed: whatever one costs, nobody waits.

The work is handed over and its answer taken back as pickles, over pipes: both ends are ours. The
process ends with the server, and another takes its place when it was killed.
"""

import asyncio
import atexit
import pickle
import select
import struct
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from typing import Any, ParamSpec, TypeVar, cast

from relance.templates.lasting import hold, recipe_of

T = TypeVar("T")
P = ParamSpec("P")

#: What one message may take, in seconds, far beyond what its steps allow.
MOST_SECONDS = 5.0
#: What making a large value of a publication may take.
_MAKING_SECONDS = 60.0
#: What beginning may take, on a machine that has much else to do: no message is judged by it.
_BEGINNING_SECONDS = 60.0
_LENGTH = struct.Struct(">I")
TOO_LONG = "ce modèle prend trop de temps à remplir"
GONE = "ce dont il parle vient d’être remplacé"


class Unfilled(Exception):
    """A message that cannot be filled in; the message says why, in French."""


class _Gone(Exception):
    """The process ended before it answered."""


class _Child:
    """The process, asked one thing at a time; each method blocks its thread."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, work: bytes, module: str) -> object:
        """What the work answers; Unfilled when it says so, lasts, or twice takes the process away.

        `module`: where it is written, loaded before the time of a message is counted.
        """
        try:
            return self._asked(work, module)
        except _Gone:
            # Somebody may have killed it for another message's sake, or for memory's.
            pass
        try:
            return self._asked(work, module)
        except _Gone:
            raise Unfilled("ce modèle demande trop de mémoire") from None

    def _asked(self, work: bytes, module: str) -> object:
        if self._process is None or self._process.poll() is not None:
            self._answered(pickle.dumps((load, (module,), {})), _BEGINNING_SECONDS)
        sound, answer = self._answered(work, MOST_SECONDS)
        lacking = set[str]()
        while sound is None and answer not in lacking:
            lacking.add(answer)
            self._hand_over(answer)
            sound, answer = self._answered(work, MOST_SECONDS)
        if not sound:
            raise Unfilled(answer if sound is False else GONE)
        return answer

    def _hand_over(self, key: str) -> None:
        """Give the process a large value that it does not hold."""
        recipe = recipe_of(key)
        if recipe is None:
            raise Unfilled(GONE)
        sound, answer = self._answered(pickle.dumps((hold, (key, recipe), {})), _MAKING_SECONDS)
        if not sound:
            raise Unfilled(answer)

    def _answered(self, work: bytes, most: float) -> tuple[bool | None, Any]:
        """Whether it could be done, and what it answers, or why not; None: the key it lacks."""
        process = self._running()
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            raise _Gone
        try:
            stdin.write(_LENGTH.pack(len(work)) + work)
            stdin.flush()
            ready, _, _ = select.select([stdout], [], [], most)
            if not ready:
                self.kill()
                raise Unfilled(TOO_LONG)
            head = stdout.read(_LENGTH.size)
            pickled = stdout.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else b""
        except OSError as error:
            self.kill()
            raise _Gone from error
        if not pickled:
            self.kill()
            raise _Gone
        return cast(tuple[bool | None, Any], pickle.loads(pickled))  # noqa: S301 — our own process

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            command = [sys.executable, "-P", "-m", "relance.templates.filler"]
            self._process = subprocess.Popen(  # noqa: S603 — ourselves
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        return self._process

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        if self._process is not None:
            self._process.kill()
            for pipe in (self._process.stdin, self._process.stdout):
                with suppress(OSError):  # what was on its way to it goes with it
                    if pipe is not None:
                        pipe.close()
            self._process.wait()
            self._process = None


_CHILD = _Child()
_TURN = ThreadPoolExecutor(1, thread_name_prefix="relance-remplir")
atexit.register(_CHILD.kill)


def load(module: str) -> None:
    """Have that module at hand."""
    import_module(module)


async def filled(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """What `work` answers there: a function of a module, over values that can be pickled."""
    written = pickle.dumps((work, given, named))
    loop = asyncio.get_running_loop()
    return cast(T, await loop.run_in_executor(_TURN, _CHILD.ask, written, work.__module__))
