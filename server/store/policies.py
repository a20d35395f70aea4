"""What messages are asked about when they are about to leave: the policy last published, and consents.

All of it is read at once, by name: where nothing is asked, a turn costs that and no more.
"""

from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.policy import Policy, Term
from dsl.policy_codec import from_json, to_json
from relance.french import quoted
from server.store.instants import Micros
from server.store.schema.server import server_settings

_TEXT, _SINCE, _CONSENTS = "policy", "policy_since", "consents_known"
_MINE = server_settings.c.name.in_((_TEXT, _SINCE))
_ALL = server_settings.c.name.in_((_TEXT, _SINCE, _CONSENTS))


class AskedOfMessages(NamedTuple):
    """The policy that was published, and since when it is so; whether anybody's consent is known."""

    policy: Policy = Policy()
    since: Micros = 0
    consents: bool = False


async def read(conn: AsyncConnection) -> AskedOfMessages:
    """What holds now."""
    query = select(server_settings.c.name, server_settings.c.value).where(_ALL)
    found: dict[str, str] = {row.name: row.value for row in await conn.execute(query)}
    consents = _CONSENTS in found
    if _TEXT not in found:
        return AskedOfMessages(consents=consents)
    return AskedOfMessages(_read(found[_TEXT]), int(found[_SINCE]), consents)


async def know_consents(conn: AsyncConnection) -> None:
    """From now on somebody's consent is known: in the transaction that records it."""
    await conn.exec_driver_sql(_KNOWN)


async def publish(conn: AsyncConnection, policy: Policy, now: Micros) -> bool:
    """Have that one hold from now on; whether it is another."""
    text = to_json(policy)
    known = await conn.scalar(
        select(server_settings.c.value).where(server_settings.c.name == _TEXT)
    )
    if known == text or (known is None and not policy):
        return False
    await conn.execute(delete(server_settings).where(_MINE))
    rows = [{"name": _TEXT, "value": text}, {"name": _SINCE, "value": str(now)}]
    await conn.execute(insert(server_settings), rows)
    return True


_KNOWN = (
    f"INSERT INTO server_settings (name, value) VALUES ('{_CONSENTS}', '1') "  # noqa: S608
    "ON CONFLICT (name) DO NOTHING"
)


def reason(term: Term) -> str:
    """What is said of a message that a line of it holds, or has given up."""
    return f"règle d’envoi : {quoted(term.said)}"


def past_its_time(term: Term) -> str:
    """What is said of a message that was decided too long ago for that line."""
    return f"périmé : {quoted(term.said)}"


# Asked for at every turn of every channel.
@lru_cache(maxsize=8)
def _read(text: str) -> Policy:
    return from_json(text)
