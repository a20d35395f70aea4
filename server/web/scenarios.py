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
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from relance.fold import key_of
from relance.french import quoted
from server.reports import french
from server.web.prose import ProseLine, parted, prose

#: How long they may take, all together.
_SECONDS = 60.0
_COMMAND = ("-P", "-m", "server.cli.main", "test")
_CHECKED = "vérifier"
#: Where scenarios are made, by the script that they try.
ATTEMPTS = "/essais/"
#: What was played of each scenario, by its folded name.
Played = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class TryLine:
    """A line of a scenario (`line`), or what happened in its course (`happened`, and `why`).

    `checks`: it says what must be so. `failed`: why it is not, with what was found. `hour`: when it was.
    `campaign`: the one it happened in, where several move.
    """

    line: ProseLine | None
    checks: bool = False
    failed: Sequence[str] = ()
    hour: str = ""
    happened: str = ""
    why: str = ""
    kind: str = ""
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class TryDay:
    """What was of one day; « » for what is not played."""

    day: str
    lines: Sequence[TryLine]


@dataclass(frozen=True, slots=True)
class Try:
    """A scenario, day by day once it was played. `passed`: None while it was not."""

    name: str
    days: Sequence[TryDay]
    passed: bool | None = None


@dataclass(frozen=True, slots=True)
class ScenarioPlayer:
    """Has the scenarios of a script played, one script at a time."""

    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def played(self, path: Path, suite: str = "") -> Played | str:
        """The rows of each scenario, by its folded name; else why there are none.

        `suite`: scenarios played in the place of those of the script, as if they were at its end.
        """
        async with self._turn:
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                *_COMMAND,
                str(path),
                "--json",
                "--deroule",
                *(("--suite",) if suite else ()),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                out, err = await asyncio.wait_for(child.communicate(suite.encode()), _SECONDS)
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
            said = err.decode("utf-8", "replace").strip()[:2_000]
            return said or "Les scénarios n’ont pas pu être joués."
        found: dict[str, list[Any]] = {}
        for row in rows:
            found.setdefault(key_of(row["scenario"]), []).append(row)
        return found


def attempt_path(file: str, campaign: str = "") -> str:
    """Where a scenario is made for a script of the draft."""
    return ATTEMPTS + quote(file) + (f"?campagne={quote(campaign, safe='')}" if campaign else "")


def tries(source: str, played: Played | None = None) -> Sequence[Try]:
    """Each scenario of a script, as it went if it was played."""
    return list(_tries(parted(prose(source))[1], played))


def _tries(written: Sequence[ProseLine], played: Played | None) -> Iterator[Try]:
    """Each between its first line and its « fin »."""
    name, lines = "", list[ProseLine]()
    for line in written:
        text = _text(line)
        if not line.depth and text.startswith("scénario"):
            name, lines = text.removeprefix("scénario").strip(" \u00a0«»"), []
        elif not line.depth and text.strip() == "fin" and name:
            yield _try(name, lines, played)
            name = ""
        elif name and text.strip() and not text.strip().startswith("#"):
            lines.append(line)


def _try(name: str, lines: Sequence[ProseLine], played: Played | None) -> Try:
    rows = (played or {}).get(key_of(name))
    written = {line.number: line for line in lines}
    if rows is None:
        return Try(name, [TryDay("", [_line(line) for line in lines])])
    several = len({row["campagne"] for row in rows if row["campagne"]}) > 1
    days: list[tuple[str, TryLine]] = []
    for row in rows:
        line = written.pop(row["ligne"], None) if row["ligne"] is not None else None
        if line is not None or row["arrive"]:
            days.append((_day(row), _line(line, row, named=several)))
    first = [line for line in written.values() if _text(line).startswith("lead")]
    rest = [line for line in written.values() if line not in first]
    course = [*(("", _line(line)) for line in first), *days, *(("", _line(line)) for line in rest)]
    grouped = [
        TryDay(day, [one for _, one in each]) for day, each in groupby(course, key=itemgetter(0))
    ]
    return Try(name, grouped, all(row["passe"] for row in rows))


def _line(line: ProseLine | None, row: Any = None, *, named: bool = False) -> TryLine:
    checks = line is not None and _CHECKED in _text(line)
    if row is None:
        return TryLine(line, checks)
    hour = french.hour(datetime.fromisoformat(row["quand"]).time()) if row["quand"] else ""
    failed = (row["message"], *row["trouve"]) if row["message"] else ()
    happened, why = row["arrive"] or "", row["pourquoi"] or ""
    campaign = row["campagne"] or ""
    if not named or quoted(campaign) in happened:
        campaign = ""
    return TryLine(line, checks, failed, hour, happened, why, row["sorte"] or "", campaign)


def _day(row: Any) -> str:
    return french.day(datetime.fromisoformat(row["quand"]).date()) if row["quand"] else ""


def _text(line: ProseLine) -> str:
    return "".join(one.text for one in line.stretches)
