"""Who names a list, or a campaign: campaigns, lists, points and conversions, in the words of people."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

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
from server.engine.publication.live import live_versions, those
from server.engine.rules import stored
from server.store.schema.rules import dynamic_lists

_MOST = 10
#: Whether a program, a condition or a rule names what has that key.
Naming: TypeAlias = Callable[[object, str], bool]
_OF_CAMPAIGNS = (EnterCampaign, LeaveCampaign, Entered, Exited)


@dataclass(frozen=True, slots=True)
class ListUser:
    """What asks about a list, or puts leads in it; `campaign`, `dynamic_list`: its number, of what is one."""

    words: str
    campaign: int | None = None
    dynamic_list: int | None = None


async def users(conn: AsyncConnection, key: str, names: Naming | None = None) -> AsyncIterator[str]:
    """What asks about that list, or puts leads in it, as last published; `names`: of something else."""
    names = names or names_list
    programs = (await conn.execute(live_versions())).all()
    async for user, node in _owners(conn, programs):
        if names(node, key):
            yield user.words


async def users_of_lists(conn: AsyncConnection) -> Mapping[str, Sequence[ListUser]]:
    """By the key of each list, what asks about it or puts leads in it, as last published.

    Former versions that somebody is still in are passed over: they are to be looked for among all.
    """
    found: defaultdict[str, list[ListUser]] = defaultdict(list)
    programs = (await conn.execute(those(()))).all()
    async for user, node in _owners(conn, programs):
        for key in {key_of(name) for name in _lists(node)}:
            found[key].append(user)
    return found


async def _owners(
    conn: AsyncConnection, programs: Iterable[Any]
) -> AsyncIterator[tuple[ListUser, object]]:
    """Each of what may name something, and what it says."""
    for row in programs:
        program = from_json(row.program)
        yield ListUser(f"la campagne {quoted(program.name)}", row.campaign_id), program
    of = dynamic_lists.c
    for row in await conn.execute(select(of.number, of.name, of.condition)):
        who = ListUser(f"la liste {quoted(row.name)}", dynamic_list=row.number)
        yield who, contract.from_json(row.condition)
    for one in await goals.read(conn):
        named = f"l’objectif {quoted(one.rule.name)}"
        yield ListUser(f"{named} de la campagne {quoted(one.rule.campaign)}"), one.rule
    yield ListUser("les points et conversions des scripts"), tuple(await stored.read(conn))


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
