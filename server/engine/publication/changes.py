"""What publishing a project would change of its campaigns and lists, by their names."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program_codec import content_hash
from relance.facts import Condition
from relance.fold import key_of
from server.engine.life.state import State
from server.engine.lists import declared
from server.engine.publication.project import ProgramSource, Project
from server.store import policies
from server.store.schema.campaigns import campaigns, enrolments, versions
from server.store.schema.rules import dynamic_lists


@dataclass(frozen=True, slots=True)
class ProjectChanges:
    """Names, as the project writes them, or wrote them of what is gone.

    `back`: campaigns that were gone. `renamed`: former names, by what each is called now; one whose
    rules change as well is changed too.
    """

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    back: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    #: Those that would let nobody in: paused, archived, or never activated.
    resting: list[str] = field(default_factory=list)
    lists_new: list[str] = field(default_factory=list)
    lists_changed: list[str] = field(default_factory=list)
    lists_gone: list[str] = field(default_factory=list)
    #: Whether the policy says something else.
    policy: bool = False


async def changes(conn: AsyncConnection, project: Project) -> ProjectChanges:
    """What would change; `project` as it inherits from earlier releases."""
    query = select(
        campaigns.c.key,
        campaigns.c.name,
        campaigns.c.present,
        campaigns.c.state,
        versions.c.hash,
    ).join_from(campaigns, versions, versions.c.id == campaigns.c.version_id)
    known = {row.key: row for row in await conn.execute(query)}
    lists = {row.key: row for row in await conn.execute(select(dynamic_lists))}
    # Of ten thousand campaigns this takes seconds.
    found = await asyncio.to_thread(_compared, project, known, lists)
    return replace(found, policy=(await policies.read(conn)).policy != project.policy)


async def staying(
    conn: AsyncConnection, project: Project, changed: Iterable[str]
) -> Mapping[str, int]:
    """How many stay in the version they entered, by the name of each campaign of which some do.

    `changed`: the names of those that the project changes; of one that has people moved, nobody is told.
    """
    moving = {key for key, plan in project.transfers.items() if plan.moves}
    names = {key_of(name): name for name in changed}
    here = (campaigns.c.key.in_(names.keys() - moving), text("enrolments.active"))
    query = select(campaigns.c.key, func.count()).join(
        enrolments, enrolments.c.campaign_id == campaigns.c.id
    )
    rows = await conn.execute(query.where(*here).group_by(campaigns.c.key))
    return {names[key]: n for key, n in rows.all()}


def _compared(
    project: Project, known: Mapping[str, Any], lists: Mapping[str, Any]
) -> ProjectChanges:
    found = ProjectChanges([], [], {}, [], [], [], *_lists(project.lists, lists))
    kept = set()
    for item in project.programs:
        name = item.program.name
        row = _known_as(item, known)
        if row is None:
            found.new.append(name)
            if not project.begins(key_of(name)):
                found.resting.append(name)
            continue
        kept.add(row.key)
        if row.key != key_of(name):
            found.renamed[name] = row.name
        if row.state != State.ACTIVE:
            found.resting.append(name)
        if not row.present:
            found.back.append(name)
        elif row.hash != content_hash(item.program):
            found.changed.append(name)
    found.gone.extend(row.name for row in known.values() if row.present and row.key not in kept)
    return found


def _known_as(item: ProgramSource, known: Mapping[str, Any]) -> Any:
    """The campaign it is, under its own name else the latest of those it had; None for a new one."""
    keys = map(key_of, (item.program.name, *reversed(item.former)))
    return next((known[key] for key in keys if key in known), None)


def _lists(
    wanted: Mapping[str, Condition], known: Mapping[str, Any]
) -> tuple[list[str], list[str], list[str]]:
    """Those that are new, changed, gone."""
    by_key = {key_of(name): name for name in wanted}
    both = [key for key in by_key if key in known]
    return (
        [name for key, name in by_key.items() if key not in known],
        [
            by_key[key]
            for key in both
            if declared.written(wanted[by_key[key]]) != known[key].condition
        ],
        [row.name for key, row in known.items() if key not in by_key],
    )
