"""The `relance` command in processes of their own, each of which begins as a copy of one that has loaded all.

Loading takes two seconds of a processor, and hundreds of these are started. From there on nothing is
other than it is at a user's: it listens, writes, and dies by `kill -9`. How a command loads, and what,
is tried by `tests/cli/test_usage.py` and those that start it as a shell does.
"""

import atexit
import importlib
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__, "tests.loaded"])


class Ended(NamedTuple):
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


class Command:
    """A command under way. What it says goes to files, together if `err` is none; `skew`: by how many
    seconds its clock is off."""

    def __init__(
        self,
        *words: object,
        out: Path = Path(os.devnull),
        err: Path | None = None,
        variables: Mapping[str, str] | None = None,
        skew: float = 0.0,
    ) -> None:
        environment = {**os.environ, **(variables or {})}
        said = [str(word) for word in words]
        self._process = _CONTEXT.Process(
            target=_run, args=(said, environment, out, err or out, skew)
        )
        self._process.start()

    @property
    def returncode(self) -> int | None:
        """As the system tells it: 137, or -9 when it was killed; None while it runs."""
        return self._process.exitcode

    @property
    def pid(self) -> int:
        """Its number on this machine."""
        assert self._process.pid is not None
        return self._process.pid

    def wait(self, timeout: float) -> int:
        """Wait for its end, TimeoutError after so many seconds; its code."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutError
        return self._process.exitcode

    def terminate(self) -> None:
        """Ask it to stop."""
        self._process.terminate()

    def kill(self) -> None:
        """kill -9: no handler runs, nothing is flushed."""
        self._process.kill()
        self._process.join()


def command(*words: object, variables: Mapping[str, str] | None = None) -> Ended:
    """Run it to its end."""
    with tempfile.TemporaryDirectory(prefix="relance-dit-") as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        code = Command(*words, out=out, err=err, variables=variables).wait(120)
        return Ended(code, out.read_text("utf-8"), err.read_text("utf-8"))


def _run(
    words: list[str], environment: Mapping[str, str], out: Path, err: Path, skew: float
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for stream, path in ((sys.stdout, out), (sys.stderr, err)):
        written = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(written, stream.fileno())
        os.close(written)
        stream.reconfigure(encoding="utf-8")
    if skew:
        _put_off(skew)
    # It reads where to die as it is loaded.
    importlib.reload(importlib.import_module("server.crash"))
    try:
        importlib.import_module("server.cli.main").main(words)
    finally:
        atexit._run_exitfuncs()


def _put_off(seconds: float) -> None:
    """Have the clock of this process be off by so much, as that of another machine may be."""
    clock = importlib.import_module("server.clock").SystemClock
    right = clock.now
    clock.now = lambda self: right(self) + timedelta(seconds=seconds)
