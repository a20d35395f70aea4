"""Those inside of the campaigns that a publication changes: where they stand, and what would become
of them.
"""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Pause, Program, Statement, Step
from dsl.program_codec import content_hash, from_json
from relance.facts import Condition
from relance.fold import key_of
from relance.said import Said
from relance.waits import WaitFor
from server.engine.publication.project import Project
from server.engine.transfer.fate import Fate, TransferPlan
from server.engine.transfer.landing import Landing, Use, landings
from server.reports.departures import PlaceKey, departures
from server.reports.performance.places import Stand, stands
from server.reports.presence import version_of
from server.reports.verdict import Askable
from server.store.calendar import later
from server.store.instants import DEFAULT_ZONE, Micros
from server.store.schema.campaigns import campaigns, enrolments, versions


class Becoming(StrEnum):
    """What would become of those who stand somewhere."""

    KEEPS = "keeps"  # the version they entered
    PASSES = "passes"  # to the same place of the new version
    WAITS_ANEW = "waits_anew"  # there, where the wait has another end
    RETURNS = "returns"  # to a step, the place being gone
    LEAVES = "leaves"
    TAKEN_OUT = "taken_out"  # at once, by an exit or a time limit of the new version


#: To the new version.
_MOVES = frozenset({Becoming.PASSES, Becoming.WAITS_ANEW, Becoming.RETURNS})


@dataclass(frozen=True, slots=True)
class Insiders:
    """So many who stand at one place of one version.

    `at`: what is said there; `step`: the one they are in; `gone`: whether the new version has that
    place no more, nor `step`. `to`: the step they return to; None: the last they passed that is left,
    else the start. `due`: of those whose wait gets another end, how many it would be past for.
    """

    campaign: str
    step: str | None
    at: Said | None
    count: int
    gone: bool
    becoming: Becoming
    to: str | None = None
    due: int = 0


async def insiders(
    store: Askable,
    conn: AsyncConnection,
    project: Project,
    now: Micros,
    zone: ZoneInfo,
    changed: Collection[str] = (),
) -> Sequence[Insiders]:
    """Those of the campaigns that the project changes, or decides the people of."""
    lists = {key_of(name): condition for name, condition in project.lists.items()}
    asked = {key_of(name) for name in changed} | set(project.transfers)
    found: list[Insiders] = []
    for item in project.programs:
        keys = [key_of(name) for name in (item.program.name, *reversed(item.former))]
        if not asked.isdisjoint(keys):
            plan = project.transfers.get(keys[0], TransferPlan())
            asked_of = _Asked(store, conn, lists, now, zone)
            found += [one async for one in _of(asked_of, item.program, keys, plan)]
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the base is asked by, and as of when. `lists`: what dynamic lists ask, by folded name."""

    store: Askable
    conn: AsyncConnection
    lists: Mapping[str, Condition]
    now: Micros
    zone: ZoneInfo

    async def out(
        self, here: Sequence[Any], new: Program, old: Mapping[int, Program]
    ) -> Mapping[PlaceKey, int]:
        """How many would leave as they pass, by place."""
        version = version_of(0, 0, key_of(new.name), new, self.zone)
        return await departures(self.store, self.conn, here, version, old, self.lists, self.now)


async def _of(
    asked: _Asked, new: Program, keys: Sequence[str], plan: TransferPlan
) -> AsyncIterator[Insiders]:
    conn = asked.conn
    query = select(campaigns.c.id).where(campaigns.c.key.in_(keys))
    campaign = await conn.scalar(query.limit(1))
    if campaign is None:
        return
    here = (enrolments.c.campaign_id == campaign, text("enrolments.active"))
    found = sorted(await stands(conn, campaign), key=_in_order)
    old = await _programs(conn, {one.version_id for one in found}, new)
    there = {number: _Places(number, program, new) for number, program in old.items()}
    late = await _late(conn, here, there, asked.now) if plan.moves else {}
    out = await asked.out(here, new, old) if plan.moves else {}
    for version, statement, step, count in found:
        if version not in there:
            continue
        key = (version, statement, step)
        one = there[version].becoming(statement, step, count, plan)
        gone = min(out.get(key, 0), count) if one.becoming in _MOVES else 0
        if gone:
            yield replace(one, count=gone, becoming=Becoming.TAKEN_OUT, to=None)
            one = replace(one, count=count - gone)
        if one.becoming is Becoming.WAITS_ANEW:
            one = replace(one, due=min(late.get(key, 0), one.count))
        if one.count:
            yield one


async def _late(
    conn: AsyncConnection, here: Sequence[Any], there: Mapping[int, "_Places"], now: Micros
) -> Mapping[tuple[int, int, str | None], int]:
    """How many would wait no more, by place: their wait is made shorter, and its new end is past."""
    row = enrolments.c
    tests = [
        and_(row.version_id == version, row.statement == at, row.deadline <= now + sooner)
        for version, places in there.items()
        for at, sooner in places.sooner
    ]
    if not tests:
        return {}
    place = (row.version_id, row.statement, row.step)
    query = select(*place, func.count()).where(*here, or_(*tests)).group_by(*place)
    return {tuple(one[:3]): one[3] for one in (await conn.execute(query)).all()}


def _in_order(one: Stand) -> tuple[int, int, str]:
    return (one.version_id, one.statement, one.step or "")


async def _programs(
    conn: AsyncConnection, ids: Collection[int], new: Program
) -> Mapping[int, Program]:
    """The versions they are in, but for one that does what the new one does."""
    query = select(versions.c.id, versions.c.program, versions.c.hash)
    rows = (await conn.execute(query.where(versions.c.id.in_(ids)).order_by(versions.c.id))).all()
    same = content_hash(new)
    return {row.id: from_json(row.program) for row in rows if row.hash != same}


class _Places:
    """What becomes of the places of one version."""

    def __init__(self, version: int, old: Program, new: Program) -> None:
        self._old, self._new = old, new
        found = list(landings(version, old, new))
        self._stands: dict[int, Landing] = {
            one.statement: one for one in found if one.use is Use.STANDS
        }
        self._steps = {
            _named(old.statements[one.statement]): _named(new.statements[one.at])
            for one in found
            if one.use is Use.RETURNS
        }

    def becoming(
        self, statement: int, step: str | None, count: int, plan: TransferPlan
    ) -> Insiders:
        """Of those who stand there, in that step."""
        landing = self._stands.get(statement)
        inside = 0 <= statement < len(self._old.statements)
        at = self._old.statements[statement].place.said if inside else None
        gone = landing is None or (step is not None and step not in self._steps)
        fate = plan.steps.get(key_of(step or ""), plan.fate)
        becoming, to = Becoming.PASSES, None
        if fate is Fate.KEEP:
            becoming = Becoming.KEEPS
        elif fate is Fate.LEAVE:
            becoming = Becoming.LEAVES
        elif landing is None:
            becoming, to = Becoming.RETURNS, self._steps.get(step)
        elif not landing.same:
            becoming = Becoming.WAITS_ANEW
        return Insiders(self._new.name, step, at, count, gone, becoming, to)

    @property
    def sooner(self) -> Iterator[tuple[int, Micros]]:
        """The waits that end earlier, and by how much, about."""
        for at, landing in self._stands.items():
            spans = [
                later(0, one.wait.duration, DEFAULT_ZONE)
                for one in (self._old.statements[at], self._new.statements[landing.at])
                if isinstance(one, Pause) and isinstance(one.wait, WaitFor)
            ]
            if len(spans) == 2 and spans[0] > spans[1]:
                yield at, spans[0] - spans[1]


def _named(statement: Statement) -> str | None:
    return statement.name if isinstance(statement, Step) else None
