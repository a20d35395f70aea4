"""Publishing: a program becomes an immutable version; what the project no longer has goes quiet."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Update, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.fold import key_of
from dsl.program_codec import content_hash, to_json
from server.engine.publication import renaming
from server.engine.publication.project import Published
from server.store.instants import Micros
from server.store.schema.campaigns import campaigns, versions

#: What is written in the transaction of a publication, at its instant.
Also: TypeAlias = Callable[[AsyncConnection, Micros], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where a published program is kept; whether its version is new, or only open again.

    `former`: the version its campaign ran until now, if it did.
    """

    campaign_id: int
    version_id: int
    new: bool
    reopened: bool = False
    former: int | None = None


async def publish(
    conn: AsyncConnection, published: Sequence[Published], now: Micros
) -> list[Recorded]:
    """Store each program; one that does what the current version does makes no new version."""
    keys = [key_of(item.program.name) for item in published]
    await renaming.rename(conn, published)
    await conn.execute(update(campaigns).where(campaigns.c.key.not_in(keys)).values(active=False))
    return [await _record(conn, key, item, now) for key, item in zip(keys, published, strict=True)]


async def _record(conn: AsyncConnection, key: str, item: Published, now: Micros) -> Recorded:
    text = to_json(item.program)
    digest = content_hash(item.program)
    former = None
    found = (
        await conn.execute(
            select(
                campaigns.c.id,
                campaigns.c.active,
                campaigns.c.version_id,
                versions.c.hash,
                versions.c.program,
            )
            .join_from(campaigns, versions, versions.c.id == campaigns.c.version_id, isouter=True)
            .where(campaigns.c.key == key)
        )
    ).first()
    if found is None:
        new = insert(campaigns).values(key=key, name=item.program.name, active=True)
        campaign_id = (await conn.execute(new.returning(campaigns.c.id))).scalar_one()
    else:
        campaign_id = found.id
        former = found.version_id if found.active else None
        if found.hash == digest:
            await conn.execute(_current(campaign_id, found.version_id, item.program.name))
            if found.program != text:
                # It does the same: how it is said, and where, is as the script says now.
                mine = versions.c.id == found.version_id
                said = update(versions).where(mine).values(program=text, source=item.source)
                await conn.execute(said)
            return Recorded(campaign_id, found.version_id, False, not found.active)
    version = insert(versions).values(
        campaign_id=campaign_id, hash=digest, program=text, source=item.source, published_at=now
    )
    version_id = (await conn.execute(version.returning(versions.c.id))).scalar_one()
    await conn.execute(_current(campaign_id, version_id, item.program.name))
    return Recorded(campaign_id, version_id, True, former=former)


def _current(campaign_id: int, version_id: int, name: str) -> Update:
    return (
        update(campaigns)
        .where(campaigns.c.id == campaign_id)
        .values(active=True, version_id=version_id, name=name)
    )
