"""The scenarios that try a campaign: read as they are written, and played again when asked.

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

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from relance.fold import key_of
from server.store.schema.campaigns import versions
from server.web.campaign.draft_script import draft_script
from server.web.campaign.overview import top
from server.web.campaign.prose import ProseLine, parted, prose
from server.web.office import Office
from server.web.page import Access, Page

#: How long they may take, all together.
_SECONDS = 60.0
_COMMAND = ("-m", "server.cli.main", "test")
_CHECKED = "vérifier"


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
class TriesPage:
    """Shows them, and has them played."""

    office: Office
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def pages(self) -> Iterator[Page]:
        """Where they are; playing takes the machine some seconds."""
        yield Page("/campagnes/{campagne}/scenarios", Access.READ, self.page)
        play = "/campagnes/{campagne}/jouer"
        yield Page(play, Access.WRITE, self.page, ("POST",), in_time=False)

    async def page(self, request: Request) -> Response:
        """As they are written; as they went, once played."""
        one = await self.office.campaign(request)
        async with self.office.store.read() as conn:
            values = await top(self.office, conn, one)
            mine = select(versions.c.source).where(versions.c.id == one.version)
            kept = await conn.scalar(mine)
        draft = await asyncio.to_thread(draft_script, self.office.settings.folder, one.name)
        source = draft.text if draft is not None else kept
        written = parted(prose(source or ""))[1]
        played: Mapping[str, Sequence[Any]] | None = None
        refused = ""
        if request.method == "POST":
            gone = "Le brouillon n’a plus de script qui déclare cette campagne."
            found = await self._played(draft.path) if draft is not None else gone
            played, refused = ({}, found) if isinstance(found, str) else (found, "")
        tries = list(_tries(written, played if not refused else None))
        return self.office.frame.page(
            request,
            "tries.html",
            here="campagnes",
            title=one.name,
            trail=(("Campagnes", "/campagnes"),),
            tab="scenarios",
            status=422 if refused else 200,
            tries=tries,
            played=played is not None and not refused,
            passed=sum(one.passed is True for one in tries),
            refused=refused,
            **values,
        )

    async def _played(self, path: Path) -> Mapping[str, Sequence[Any]] | str:
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


def _tries(
    written: Sequence[ProseLine], played: Mapping[str, Sequence[Any]] | None
) -> Iterator[Try]:
    """Each scenario between its first line and its « fin »."""
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


def _try(name: str, lines: Sequence[ProseLine], played: Mapping[str, Sequence[Any]] | None) -> Try:
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
