"""Dynamic lists that a publication would take out: who is in them, and what still rests on them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Program
from relance.facts import Condition
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
    #: Of these, what the scripts still have: it would ask about a list of nobody.
    still: Sequence[str] = ()

    @property
    def refusal(self) -> str:
        """Why the scripts cannot be published without it; empty when they can."""
        if not self.still:
            return ""
        return (
            f"La liste {quoted(self.name)} n’est plus dans les scripts, et ils s’en servent encore\u00a0: "
            f"{listed(self.still)}. Remettez sa ligne, ou ôtez d’abord ce qui s’en sert."
        )

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
    conn: AsyncConnection,
    programs: Iterable[Program],
    asked: Mapping[str, Condition],
    others: Sequence[object] = (),
) -> Sequence[Loss]:
    """The lists published before that the scripts no longer declare; `programs`, what lists ask by
    name, and `others`, what else asks: the new ones.
    """
    kept = set(map(key_of, asked))
    new = tuple(programs)
    found = []
    for row in list(await conn.execute(select(dynamic_lists.c.key, dynamic_lists.c.name))):
        if row.key in kept:
            continue
        counted = select(func.count()).where(list_members.c.list_key == row.key)
        still = [f"la campagne {quoted(one.name)}" for one in new if names_list(one, row.key)]
        still += [
            f"la liste {quoted(name)}" for name, one in asked.items() if names_list(one, row.key)
        ]
        if any(names_list(one, row.key) for one in others):
            still.append("les points, les conversions ou les objectifs")
        before = [one async for one in users(conn, row.key)]
        users_found = tuple(dict.fromkeys((*still, *before)))
        found.append(Loss(row.name, int(await conn.scalar(counted) or 0), users_found, still))
    return found
