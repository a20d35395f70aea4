"""A campaign called otherwise is the same campaign: those inside, its history and its keys are kept.

Its text says so (« anciennement : … »). When it does not, and a campaign has gone while another
came whose rules are the same to the letter, nobody can tell a rename from a copy: it is asked.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program_codec import doing, from_json
from relance.fold import key_of
from server.engine.publication.project import ProgramSource
from server.store import binders
from server.store.schema.campaigns import campaigns, enrolments, versions

log = logging.getLogger("relance.rules")


async def rename(conn: AsyncConnection, published: Sequence[ProgramSource]) -> None:
    """Give the campaigns that say they had another name the one they have now."""
    for item in published:
        if item.former:
            await _rename(conn, item.program.name, item.former)


async def _rename(conn: AsyncConnection, name: str, former: Sequence[str]) -> None:
    key = key_of(name)
    keys = {key, *map(key_of, former)}
    rows = (await conn.execute(select(campaigns).where(campaigns.c.key.in_(sorted(keys))))).all()
    known = {row.key: row for row in rows}
    # The latest of its names first: the others it had before that.
    old = next((known[each] for each in map(key_of, reversed(former)) if each in known), None)
    if old is None:
        return
    new = known.get(key)
    if new is not None and not await _forget_unused(conn, new.id):
        log.warning(
            "« %s » a déjà accueilli des personnes sous ce nom : son histoire et celle de « %s » "
            "restent séparées",
            name,
            old.name,
        )
        return
    change = update(campaigns).where(campaigns.c.id == old.id).values(key=key, name=name)
    await conn.execute(change)
    if old.key != key:
        await binders.rename(conn, old.key, key)
    log.info("« %s » prend la suite de « %s » : c’est la même campagne", name, old.name)


async def _forget_unused(conn: AsyncConnection, campaign_id: int) -> bool:
    """Do away with a campaign nobody ever entered; whether it could be."""
    used = select(enrolments.c.lead_id).where(enrolments.c.campaign_id == campaign_id).limit(1)
    if await conn.scalar(used) is not None:
        return False
    await conn.execute(delete(versions).where(versions.c.campaign_id == campaign_id))
    await conn.execute(delete(campaigns).where(campaigns.c.id == campaign_id))
    return True


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A campaign that looks like one that has gone, called otherwise."""

    name: str
    former: str

    @property
    def question(self) -> str:
        """What to ask whoever publishes, and what to write."""
        return (
            f"« {self.name} » a les mêmes règles que « {self.former} », que les scripts n’ont plus. "
            "Est-ce la même campagne, renommée ? Écrivez alors sous son nom : « anciennement : "
            f"« {self.former} » » ; ceux qui y sont, son histoire et ses envois restent les siens. "
            "Si c’en est une autre : « anciennement : aucune »."
        )


async def unsaid(conn: AsyncConnection, published: Sequence[ProgramSource]) -> list[Unsaid]:
    """The campaigns of which nobody can tell whether they were renamed."""
    rows = (
        await conn.execute(
            select(campaigns.c.key, campaigns.c.name, versions.c.program)
            .join_from(campaigns, versions, versions.c.id == campaigns.c.version_id)
            .where(campaigns.c.present)
        )
    ).all()
    running = {row.key for row in rows}
    kept = {key_of(item.program.name) for item in published}
    kept |= {key_of(name) for item in published for name in item.former}
    gone = {doing(from_json(row.program)): row.name for row in rows if row.key not in kept}
    found = []
    for item in published if gone else ():
        name = item.program.name
        if key_of(name) in running or item.former or item.new:
            continue
        former = gone.get(doing(item.program))
        if former is not None:
            found.append(Unsaid(name, former))
    return found
