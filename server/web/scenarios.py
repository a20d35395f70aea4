"""The scenarios of a script: read as they are written, and played again when asked.

They are played by the command, in a process of its own that is stopped if it lasts: a script that turns
for ever takes nothing from the server. One at a time, on the files of the draft.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from relance.fold import key_of
from server.web.prose import ProseLine, parted, prose

#: How long they may take, all together.
_SECONDS = 60.0
_COMMAND = ("-m", "server.cli.main", "test")
_CHECKED = "vérifier"
#: What was played of each scenario, by its folded name.
Played = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class TryLine:
    """A line of a scenario; `checks`: it says what must be so. `failed`: why it is not, with what was found."""

    line: ProseLine
    checks: bool
    failed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Try:
    """A scenario. `passed`: None while it was not played."""

    name: str
    lines: Sequence[TryLine]
    passed: bool | None = None


@dataclass(frozen=True, slots=True)
class ScenarioPlayer:
    """Has the scenarios of a script played, one script at a time."""

    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def played(self, path: Path) -> Played | str:
        """The rows of each scenario, by its folded name; else why there are none."""
        async with self._turn:
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                *_COMMAND,
                str(path),
                "--json",
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                out, err = await asyncio.wait_for(child.communicate(), _SECONDS)
            except TimeoutError:
                return (
                    f"Les scénarios durent plus de {_SECONDS:.0f} secondes : ils ont été arrêtés."
                )
            finally:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
        try:
            rows = json.loads(out)
        except ValueError:
            return err.decode("utf-8", "replace").strip()[:2_000] or "Ils n’ont pas pu être joués."
        found: dict[str, list[Any]] = {}
        for row in rows:
            found.setdefault(key_of(row["scenario"]), []).append(row)
        return found


def tries(source: str, played: Played | None = None) -> Sequence[Try]:
    """Each scenario of a script, as it went if it was played."""
    return list(_tries(parted(prose(source))[1], played))


def _tries(written: Sequence[ProseLine], played: Played | None) -> Iterator[Try]:
    """Each between its first line and its « fin »."""
    name, lines = "", list[ProseLine]()
    for line in written:
        text = "".join(one.text for one in line.stretches)
        if not line.depth and text.startswith("scénario"):
            name, lines = text.removeprefix("scénario").strip(" \u00a0«»"), []
        elif not line.depth and text.strip() == "fin" and name:
            yield _try(name, lines, played)
            name = ""
        elif name and text.strip() and not text.strip().startswith("#"):
            lines.append(line)


def _try(name: str, lines: Sequence[ProseLine], played: Played | None) -> Try:
    rows = (played or {}).get(key_of(name))
    wrong = {row["ligne"]: row for row in rows or () if row["ligne"] is not None}
    return Try(
        name,
        [
            TryLine(
                line,
                any(_CHECKED in one.text for one in line.stretches),
                _why(wrong.get(line.number)),
            )
            for line in lines
        ],
        None if rows is None else all(row["passe"] for row in rows),
    )


def _why(row: Any) -> Sequence[str]:
    return () if row is None else (row["message"], *row["trouve"])
