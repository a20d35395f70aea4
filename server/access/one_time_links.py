"""Links that let in once: the first account, an invitation, a new password, the demonstration."""

from dataclasses import dataclass
from enum import Enum

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.access.opaque import digest_of, new_token
from server.store.instants import DAY, HOUR, Micros
from server.store.schema.access import one_time_links as links

#: Where they lead.
PATH = "/ouvrir/"


class LinkPurpose(Enum):
    """Why somebody is let in."""

    FIRST = "premier"
    INVITATION = "invitation"
    RESET = "reprise"
    ENTRY = "entree"


#: How long each holds; the first one's holds until the server starts again.
_HOLDS = {
    LinkPurpose.FIRST: 365 * DAY,
    LinkPurpose.INVITATION: 3 * DAY,
    LinkPurpose.RESET: DAY,
    LinkPurpose.ENTRY: HOUR,
}


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """One that still holds."""

    purpose: LinkPurpose
    account_id: int | None


async def make(
    conn: AsyncConnection, purpose: LinkPurpose, account: int | None, now: Micros
) -> str:
    """The token of a new one, in the place of those for the same; what is over goes."""
    which = links.c.purpose == purpose.value, links.c.account_id.is_not_distinct_from(account)
    if purpose is not LinkPurpose.ENTRY:
        await conn.execute(delete(links).where(*which))
    await conn.execute(delete(links).where(links.c.expires_at <= now))
    token = new_token()
    row = {
        "digest": digest_of(token),
        "purpose": purpose.value,
        "account_id": account,
        "created_at": now,
        "expires_at": now + _HOLDS[purpose],
    }
    await conn.execute(insert(links), row)
    return token


async def find(conn: AsyncConnection, token: str, now: Micros) -> OneTimeLink | None:
    """What that token opens, if it still does."""
    query = select(links.c.purpose, links.c.account_id)
    which = links.c.digest == digest_of(token), links.c.expires_at > now
    row = (await conn.execute(query.where(*which))).first()
    return None if row is None else OneTimeLink(LinkPurpose(row.purpose), row.account_id)


async def spend(conn: AsyncConnection, token: str) -> bool:
    """It opens nothing more; whether it did."""
    which = links.c.digest == digest_of(token)
    return (await conn.execute(delete(links).where(which))).rowcount > 0


async def withdraw(conn: AsyncConnection, account: int) -> None:
    """Those of that account open nothing more."""
    await conn.execute(delete(links).where(links.c.account_id == account))


async def withdraw_first(conn: AsyncConnection) -> None:
    """There is a first account: no other is made so."""
    await conn.execute(delete(links).where(links.c.purpose == LinkPurpose.FIRST.value))
