"""The scenarios that passed lately, kept beside the base: what lasts of them is not played again.

By a file of the folder, for whoever plays them: a server, the process it has play, a command. Losing it
loses nothing but time. It holds names of what was played, never what they are names of.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from time import time
from typing import Any

from server import private
from server.simulation.lasting import ScenarioSuccess

_FILE = "scenarios.json"
#: Another way to keep them has another number: what is not read is played again.
_FORMAT = 1
#: How many are kept of the drafts that take turns, for each scenario of one; and in all.
_DRAFTS, _MOST = 4, 20_000
#: What is being written for longer, in seconds, is left by a process that was killed.
_LEFT = 3_600.0


class KeptSuccesses:
    """What passed, the latest first."""

    def __init__(self, project: Path) -> None:
        self._file = project / private.FOLDER / _FILE
        self._found = list(self._read())

    def by_scenario(self) -> Mapping[str, Sequence[ScenarioSuccess]]:
        """What passed, under the name of each that did."""
        found: dict[str, list[ScenarioSuccess]] = {}
        for one in self._found:
            found.setdefault(one.scenario, []).append(one)
        return found

    def keep(self, successes: Sequence[ScenarioSuccess], scenarios: int) -> None:
        """Keep these too, of a draft that has so many; what cannot be written is played again.

        A project without a folder of its own yet is left as it is: who only tries writes nothing.
        """
        if not self._file.parent.is_dir():
            return
        new = set(map(_named, successes))
        others = [one for one in self._found if _named(one) not in new]
        self._found = [*successes, *others][: min(_DRAFTS * max(scenarios, 1), _MOST)]
        written = {"format": _FORMAT, "passes": [asdict(one) for one in self._found]}
        making = self._file.with_name(f"{_FILE}.{os.getpid()}")
        with suppress(OSError):
            with private.file(making).open("w", encoding="utf-8") as file:
                json.dump(written, file, ensure_ascii=False)
            making.replace(self._file)
            for left in self._file.parent.glob(f"{_FILE}.*"):
                if time() - left.stat().st_mtime > _LEFT:
                    left.unlink()

    def _read(self) -> Sequence[ScenarioSuccess]:
        try:
            read = json.loads(self._file.read_text(encoding="utf-8"))
            if read["format"] != _FORMAT:
                return ()
            return [_success(one) for one in read["passes"]]
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return ()


def _success(read: Any) -> ScenarioSuccess:
    """One as it is written; ValueError or the like for what is none, which somebody else wrote."""
    one = ScenarioSuccess(**read)
    if not all(isinstance(text, str) for text in _texts(one)):
        raise ValueError
    return one


def _named(one: ScenarioSuccess) -> tuple[str, ...]:
    return tuple(_texts(one))


def _texts(one: ScenarioSuccess) -> Iterator[str]:
    """All that it says, in an order."""
    yield from (one.scenario, one.ground)
    for several in (one.campaigns, one.messages):
        yield str(len(several))
        for key, mark in several.items():
            yield from (key, mark)
