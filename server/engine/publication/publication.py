"""Publishing: a program becomes an immutable version; what the project no longer has goes quiet."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import bindparam, func, insert, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program_codec import content_hash, to_json
from relance.fold import key_of
from server.engine.life.journal import note_each
from server.engine.life.state import CampaignChange, State
from server.engine.publication import renaming
from server.engine.publication.project import ProgramSource, Project
from server.engine.version import RecordedProgram
from server.store.instants import Micros
from server.store.schema.campaigns import campaign_changes, campaigns, versions

#: What is written in the transaction of a publication, at its instant.
Also: TypeAlias = Callable[[AsyncConnection, Micros], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Written:
    """A program as it is stored. What it takes to write it is done before any transaction."""

    key: str
    name: str
    source: str
    text: str
    hash: str
    #: The key of its exclusive group, and its priority there.
    group: str | None
    priority: int = 0
    #: On what basis its marketing messages leave.
    consent: int | None = None


def written(published: Iterable[ProgramSource]) -> list[Written]:
    """Each program, ready to be stored."""
    return [
        Written(
            key_of(item.program.name),
            item.program.name,
            item.source,
            to_json(item.program),
            content_hash(item.program),
            key_of(item.program.group) if item.program.group else None,
            item.program.priority,
            item.program.consent,
        )
        for item in published
    ]


async def publish(
    conn: AsyncConnection,
    project: Project,
    programs: Sequence[Written],
    now: Micros,
) -> list[RecordedProgram]:
    """Store each program, as `written`; one that does what the current version does makes none.

    All of them at once: whoever posts a form meanwhile waits for the transaction.
    """
    keys = [item.key for item in programs]
    await renaming.rename(conn, project.programs)
    await conn.execute(update(campaigns).where(campaigns.c.key.not_in(keys)).values(present=False))
    known = await _known(conn, keys)
    fresh = [
        item for item in programs if item.key not in known or known[item.key].hash != item.hash
    ]
    ids = {key: row.id for key, row in known.items()}
    ids |= await _begun(conn, [item for item in fresh if item.key not in known], project, now)
    made = await _made(conn, ids, fresh, now)
    current = {key: row.version_id for key, row in known.items()} | made
    # Those that do the same: how it is said, and where, is as the script says now.
    await _say(
        conn,
        [
            {"v_id": current[item.key], "v_program": item.text, "v_source": item.source}
            for item in programs
            if item.key not in made and known[item.key].program != item.text
        ],
    )
    await _turn_to(
        conn,
        [
            {
                "v_id": ids[item.key],
                "v_version": current[item.key],
                "v_name": item.name,
                "v_group": item.group,
                "v_priority": item.priority,
                "v_consent": item.consent,
            }
            for item in programs
            if item.key in made or not _stands(known[item.key], item)
        ],
    )
    return [_recorded(item, ids, current, made, known.get(item.key)) for item in programs]


async def _known(conn: AsyncConnection, keys: Sequence[str]) -> dict[str, Any]:
    """The campaigns of those keys, with the hash of the version they run."""
    query = (
        select(
            campaigns.c.key,
            campaigns.c.id,
            campaigns.c.name,
            campaigns.c.present,
            campaigns.c.version_id,
            versions.c.hash,
            versions.c.program,
        )
        .join_from(campaigns, versions, versions.c.id == campaigns.c.version_id, isouter=True)
        .where(campaigns.c.key.in_(keys))
    )
    return {row.key: row for row in await conn.execute(query)}


def _stands(known: Any, item: Written) -> bool:
    """Whether that campaign runs, under that name, already."""
    return bool(known.present and known.name == item.name)


async def _begun(
    conn: AsyncConnection, items: Sequence[Written], project: Project, now: Micros
) -> dict[str, int]:
    """Begin campaigns; their numbers, by key."""
    if not items:
        return {}
    begun = {"present": True, "state_at": now, "runs": False}
    rows = [
        {
            "key": item.key,
            "name": item.name,
            "state": (State.ACTIVE if project.begins(item.key) else State.INACTIVE).value,
            **begun,
        }
        for item in items
    ]
    if conn.dialect.name == "sqlite":
        # It would give a deleted campaign’s number again, whose history the journal keeps.
        used = union_all(select(campaigns.c.id), select(campaign_changes.c.campaign_id)).subquery()
        last = await conn.scalar(select(func.max(used.c.id))) or 0
        rows = [{"id": last + at, **row} for at, row in enumerate(rows, 1)]
    await conn.execute(insert(campaigns), rows)
    keys = [item.key for item in items]
    known = select(campaigns.c.key, campaigns.c.id).where(campaigns.c.key.in_(keys))
    ids = {row.key: row.id for row in await conn.execute(known)}
    active = [number for key, number in ids.items() if project.begins(key)]
    await note_each(conn, active, CampaignChange.ACTIVATED, project.author, now)
    return ids


async def _made(
    conn: AsyncConnection, ids: Mapping[str, int], items: Sequence[Written], now: Micros
) -> dict[str, int]:
    """Make versions; their numbers, by the key of their campaign."""
    if not items:
        return {}
    rows = [
        {
            "campaign_id": ids[item.key],
            "hash": item.hash,
            "program": item.text,
            "source": item.source,
            "published_at": now,
        }
        for item in items
    ]
    await conn.execute(insert(versions), rows)
    of = versions.c.campaign_id
    last = (
        select(of, func.max(versions.c.id).label("id"))
        .where(of.in_([ids[item.key] for item in items]))
        .group_by(of)
    )
    numbers = {row.campaign_id: row.id for row in await conn.execute(last)}
    return {item.key: numbers[ids[item.key]] for item in items}


async def _say(conn: AsyncConnection, rows: Sequence[Mapping[str, object]]) -> None:
    """Have versions say what they do in other words."""
    if rows:
        await conn.execute(_SAID, rows)


async def _turn_to(conn: AsyncConnection, rows: Sequence[Mapping[str, object]]) -> None:
    """Make versions those that campaigns run."""
    if rows:
        await conn.execute(_CURRENT, rows)


def _recorded(
    item: Written,
    ids: Mapping[str, int],
    current: Mapping[str, int],
    made: Mapping[str, int],
    known: Any,
) -> RecordedProgram:
    number, version = ids[item.key], current[item.key]
    if item.key in made:
        former = known.version_id if known is not None and known.present else None
        return RecordedProgram(number, version, True, former=former)
    return RecordedProgram(number, version, False, not known.present)


_CURRENT = (
    update(campaigns)
    .where(campaigns.c.id == bindparam("v_id"))
    .values(
        present=True,
        version_id=bindparam("v_version"),
        name=bindparam("v_name"),
        exclusive_group=bindparam("v_group"),
        priority=bindparam("v_priority"),
        consent=bindparam("v_consent"),
    )
)
_SAID = (
    update(versions)
    .where(versions.c.id == bindparam("v_id"))
    .values(program=bindparam("v_program"), source=bindparam("v_source"))
)
