"""The scenarios of a script: read as they are written, and played again when asked.

They are played by the command, in a process of its own that is stopped if it lasts: a script that turns
for ever takes nothing from the server. One at a time, on the files of the draft.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
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
_LATE = f"Les scénarios durent plus de {_SECONDS:.0f} secondes : ils ont été arrêtés."
_UNPLAYED = "Les scénarios n’ont pas pu être joués."
#: Of what was played, how much is read.
_LONGEST = 16 * 1024 * 1024
#: What ends a text of scenarios on the entry of the command, and its answer.
END_OF_SUITE = b"\f\n"
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
class TryBeside:
    """What happened meanwhile in another campaign than the one that is tried: in how many lines."""

    campaign: str
    count: int
    days: Sequence[TryDay]


@dataclass(frozen=True, slots=True)
class Try:
    """A scenario, day by day once it was played. `passed`: None while it was not.

    `campaign`: the one that is tried, where others moved too, each of them in `beside`.
    """

    name: str
    days: Sequence[TryDay]
    passed: bool | None = None
    campaign: str = ""
    beside: Sequence[TryBeside] = ()


@dataclass(frozen=True, slots=True)
class ScenarioPlayer:
    """Has the scenarios of a script played, one script at a time."""

    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def played(self, path: Path) -> Played | str:
        """The rows of each scenario of a script, by its folded name; else why there are none."""
        async with self._begun(path) as child:
            try:
                out, err = await asyncio.wait_for(child.communicate(), _SECONDS)
            except TimeoutError:
                return _LATE
        return _read(out, err)

    @contextlib.asynccontextmanager
    async def following(self, path: Path) -> AsyncIterator["FollowedPlayer"]:
        """What plays scenarios in the place of those of a script, as if they were at its end."""
        async with self._begun(path, "--suite") as child:
            yield FollowedPlayer(child)

    @contextlib.asynccontextmanager
    async def _begun(self, path: Path, *more: str) -> AsyncIterator[asyncio.subprocess.Process]:
        async with self._turn:
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, *_COMMAND, str(path), "--json", "--deroule", *more),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=_LONGEST,
            )
            try:
                yield child
            finally:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
                await child.wait()


@dataclass(frozen=True, slots=True)
class FollowedPlayer:
    """Plays one text of scenarios after another, the project being read and made to run but once."""

    _child: asyncio.subprocess.Process

    async def played(self, suite: str) -> Played | str:
        """The rows of each, by its folded name; else why there are none, and there are no others."""
        given, said, complaint = self._child.stdin, self._child.stdout, self._child.stderr
        if given is None or said is None or complaint is None:
            raise RuntimeError("a process asked for pipes has none")
        try:
            async with asyncio.timeout(_SECONDS):
                with contextlib.suppress(ConnectionError):  # what it complains of says why
                    given.write(suite.encode() + END_OF_SUITE)
                    await given.drain()
                out = await said.readuntil(END_OF_SUITE)
        except TimeoutError:
            return _LATE
        except asyncio.IncompleteReadError as ended:
            return _read(ended.partial, await complaint.read())
        except asyncio.LimitOverrunError:
            return _UNPLAYED
        return _read(out.removesuffix(END_OF_SUITE), b"")


def _read(out: bytes, err: bytes) -> Played | str:
    try:
        rows = json.loads(out)
    except ValueError:
        return err.decode("utf-8", "replace").strip()[:2_000] or _UNPLAYED
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(key_of(row["scenario"]), []).append(row)
    return found


def attempt_path(file: str, campaign: str = "") -> str:
    """Where a scenario is made for a script of the draft."""
    return ATTEMPTS + quote(file) + (f"?campagne={quote(campaign, safe='')}" if campaign else "")


def tries(source: str, played: Played | None = None, tried: str = "") -> Sequence[Try]:
    """Each scenario of a script, as it went if it was played.

    `tried`: the campaign whose moves are among its lines; those of others stand apart then.
    """
    return list(_tries(parted(prose(source))[1], played, tried))


def _tries(written: Sequence[ProseLine], played: Played | None, tried: str) -> Iterator[Try]:
    """Each between its first line and its « fin »."""
    name, lines = "", list[ProseLine]()
    for line in written:
        text = _text(line)
        if not line.depth and text.startswith("scénario"):
            name, lines = text.removeprefix("scénario").strip(" \u00a0«»"), []
        elif not line.depth and text.strip() == "fin" and name:
            yield _try(name, lines, played, tried)
            name = ""
        elif name and text.strip() and not text.strip().startswith("#"):
            lines.append(line)


def _try(name: str, lines: Sequence[ProseLine], played: Played | None, tried: str) -> Try:
    every = (played or {}).get(key_of(name))
    written = {line.number: line for line in lines}
    if every is None:
        return Try(name, [TryDay("", [_line(line) for line in lines])])
    rows, beside = _parted(every, tried)
    several = len({row["campagne"] for row in rows if row["campagne"]}) > 1
    days: list[tuple[str, TryLine]] = []
    for row in rows:
        line = written.pop(row["ligne"], None) if row["ligne"] is not None else None
        if line is not None or row["arrive"]:
            days.append((_day(row), _line(line, row, named=several)))
    first = [line for line in written.values() if _text(line).startswith("lead")]
    rest = [line for line in written.values() if line not in first]
    course = [*(("", _line(line)) for line in first), *days, *(("", _line(line)) for line in rest)]
    passed = all(row["passe"] for row in every)
    return Try(name, _by_day(course), passed, tried if beside else "", beside)


def _parted(rows: Sequence[Any], tried: str) -> tuple[Sequence[Any], Sequence[TryBeside]]:
    """The lines of a scenario and what happened in the campaign that is tried; the rest, by campaign."""
    mine, others = list[Any](), dict[str, list[Any]]()
    for row in rows:
        elsewhere = tried and row["ligne"] is None and row["campagne"]
        if elsewhere and key_of(row["campagne"]) != key_of(tried):
            others.setdefault(row["campagne"], []).append(row)
        else:
            mine.append(row)
    return mine, [
        TryBeside(name, len(each), _by_day([(_day(row), _line(None, row)) for row in each]))
        for name, each in others.items()
    ]


def _by_day(course: Sequence[tuple[str, TryLine]]) -> Sequence[TryDay]:
    return [
        TryDay(day, [one for _, one in each]) for day, each in groupby(course, key=itemgetter(0))
    ]


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
