"""Dynamic lists that a publication would take out: who is in them, and what still rests on them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Program
from relance.fold import key_of
from relance.french import quoted
from server.engine.publication.named import listed, names_list, users
from server.reports import french
from server.store.schema.leads import list_members
from server.store.schema.rules import dynamic_lists


@dataclass(frozen=True, slots=True)
class Loss:
    """A list that is no longer in the scripts, how many leave it, and what names it."""

    name: str
    members: int
    users: Sequence[str]

    @property
    def said(self) -> str:
        """In a sentence."""
        lost = "aucun membre ne s’y trouve"
        if self.members:
            lost = f"à la publication, {french.count(self.members, 'membre en sort', 'membres en sortent')}"
        sentence = f"La liste {quoted(self.name)} n’est plus dans les scripts\u00a0: {lost}."
        if not self.users:
            return sentence
        return f"{sentence} S’en servent\u00a0: {listed(self.users)}."


async def losses(
    conn: AsyncConnection, programs: Iterable[Program], lists: Iterable[str]
) -> Sequence[Loss]:
    """The lists published before that the scripts no longer declare; `programs`: the new ones."""
    kept = set(map(key_of, lists))
    new = tuple(programs)
    found = []
    for row in list(await conn.execute(select(dynamic_lists.c.key, dynamic_lists.c.name))):
        if row.key in kept:
            continue
        counted = select(func.count()).where(list_members.c.list_key == row.key)
        still = [f"la campagne {quoted(one.name)}" for one in new if names_list(one, row.key)]
        before = [one async for one in users(conn, row.key)]
        users_found = tuple(dict.fromkeys((*still, *before)))
        found.append(Loss(row.name, int(await conn.scalar(counted) or 0), users_found))
    return found
