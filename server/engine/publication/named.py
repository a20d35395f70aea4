"""Who names a list, or a campaign: campaigns, lists, points and conversions, in the words of people."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program_codec import from_json
from relance.codec import contract
from relance.effects import AddToList, EnterCampaign, LeaveCampaign, RemoveFromList
from relance.events import LIST_ADDED, LIST_REMOVED, EventPattern
from relance.facts import Entered, Exited, InList
from relance.fold import key_of
from relance.french import quoted
from server.engine.contents import parts
from server.engine.goals import stored as goals
from server.engine.publication.live import live_versions
from server.engine.rules import stored
from server.store.schema.rules import dynamic_lists

_MOST = 10
#: Whether a program, a condition or a rule names what has that key.
Naming: TypeAlias = Callable[[object, str], bool]
_OF_CAMPAIGNS = (EnterCampaign, LeaveCampaign, Entered, Exited)


async def users(conn: AsyncConnection, key: str, names: Naming | None = None) -> AsyncIterator[str]:
    """What asks about that list, or puts leads in it, as last published; `names`: of something else."""
    names = names or names_list
    for row in await conn.execute(live_versions()):
        program = from_json(row.program)
        if names(program, key):
            yield f"la campagne {quoted(program.name)}"
    for row in await conn.execute(select(dynamic_lists.c.name, dynamic_lists.c.condition)):
        if names(contract.from_json(row.condition), key):
            yield f"la liste {quoted(row.name)}"
    for one in await goals.read(conn):
        if names(one.rule, key):
            named = f"l’objectif {quoted(one.rule.name)}"
            yield f"{named} de la campagne {quoted(one.rule.campaign)}"
    if any(names(rule, key) for rule in await stored.read(conn)):
        yield "les points et conversions des scripts"


def listed(users: Sequence[str]) -> str:
    """The first of them, and how many more."""
    more = len(users) - _MOST
    rest = f" et {more} autre{'s' if more > 1 else ''}" if more > 0 else ""
    return ", ".join(users[:_MOST]) + rest


def names_campaign(node: object, key: str) -> bool:
    """Whether a program, a condition or a rule names that campaign."""
    return any(
        key_of(one.campaign) == key
        for one in parts(node)
        if isinstance(one, _OF_CAMPAIGNS) and one.campaign is not None
    )


def names_list(node: object, key: str) -> bool:
    """Whether a program, a condition or a rule names that list."""
    return any(key_of(name) == key for name in _lists(node))


def _lists(node: object) -> Iterator[str]:
    for one in parts(node):
        if isinstance(one, InList | AddToList | RemoveFromList):
            yield one.name
        elif isinstance(one, EventPattern) and one.type in (LIST_ADDED, LIST_REMOVED):
            yield one.subject or ""
