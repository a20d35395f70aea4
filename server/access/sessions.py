"""Browsers that are signed in: begun by a sign-in, ended by its owner or by time.

`whole` is false between the password and the second factor: such a session opens nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.access import accounts
from server.access.accounts import Account
from server.access.actor import Whence
from server.access.opaque import digest_of, new_token
from server.store.instants import DAY, HOUR, MINUTE, Micros
from server.store.schema.access import accounts as people
from server.store.schema.access import sessions

#: How long one lasts that nobody uses, and at most.
IDLE, LONGEST = 12 * HOUR, 7 * DAY
#: How long one has to give the second factor.
HALF = 10 * MINUTE
#: That it is used is written no more often.
_NOTED = MINUTE
_LIVES = (sessions.c.id, sessions.c.account_id, sessions.c.whole, sessions.c.created_at)
_COLUMNS = (
    *_LIVES,
    sessions.c.seen_at,
    sessions.c.proved_at,
    sessions.c.address,
    sessions.c.browser,
)


@dataclass(frozen=True, slots=True)
class Session:
    """A browser, since when, and when it was last heard of."""

    id: int
    account_id: int
    whole: bool
    created_at: Micros
    seen_at: Micros
    proved_at: Micros
    address: str
    browser: str

    def recent(self, now: Micros, within: Micros) -> bool:
        """Whether the password was given not long ago."""
        return now - self.proved_at <= within


def _alive(now: Micros) -> ColumnElement[bool]:
    used = and_(sessions.c.whole, sessions.c.seen_at > now - IDLE)
    half = and_(~sessions.c.whole, sessions.c.created_at > now - HALF)
    return and_(sessions.c.created_at > now - LONGEST, or_(used, half))


async def begin(
    conn: AsyncConnection, account: int, whence: Whence, now: Micros, *, whole: bool
) -> str:
    """A new one; its token. Those whose time is over go."""
    await conn.execute(delete(sessions).where(~_alive(now)))
    token = new_token()
    row = {
        "digest": digest_of(token),
        "account_id": account,
        "whole": whole,
        "created_at": now,
        "seen_at": now,
        "proved_at": now,
        "address": whence.address[:64],
        "browser": whence.browser,
    }
    await conn.execute(insert(sessions), row)
    return token


async def find(conn: AsyncConnection, token: str, now: Micros) -> Session | None:
    """The one of that token, if its time is not over."""
    query = select(*_COLUMNS).where(sessions.c.digest == digest_of(token), _alive(now))
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else Session(**row)


async def with_account(
    conn: AsyncConnection, token: str, now: Micros
) -> tuple[Session, Account] | None:
    """The same with whose it is: every page asks, so that one statement tells both."""
    owned = sessions.join(people, people.c.id == sessions.c.account_id)
    query = select(*_COLUMNS, *accounts.COLUMNS).select_from(owned)
    row = (
        await conn.execute(query.where(sessions.c.digest == digest_of(token), _alive(now)))
    ).first()
    if row is None:
        return None
    count = len(_COLUMNS)
    return Session(*row[:count]), accounts.of_row(row[count:])


def to_note(session: Session, now: Micros) -> bool:
    """Whether that it is used is worth writing."""
    return now - session.seen_at > _NOTED


async def note(conn: AsyncConnection, session: Session, now: Micros) -> None:
    """It is used."""
    await conn.execute(update(sessions).where(sessions.c.id == session.id).values(seen_at=now))


async def prove(conn: AsyncConnection, session: int, now: Micros) -> None:
    """The password was given again."""
    await conn.execute(update(sessions).where(sessions.c.id == session).values(proved_at=now))


async def of_account(conn: AsyncConnection, account: int, now: Micros) -> Sequence[Session]:
    """Those of an account, the last used first."""
    query = select(*_COLUMNS).where(sessions.c.account_id == account, sessions.c.whole, _alive(now))
    found = await conn.execute(query.order_by(sessions.c.seen_at.desc()))
    return [Session(**row) for row in found.mappings()]


async def end(conn: AsyncConnection, account: int, session: int) -> bool:
    """End one of that account's; whether there was one."""
    which = sessions.c.account_id == account, sessions.c.id == session
    return (await conn.execute(delete(sessions).where(*which))).rowcount > 0


async def end_all(conn: AsyncConnection, account: int, *, but: int | None = None) -> int:
    """End those of an account, but one; how many."""
    which = sessions.c.account_id == account, sessions.c.id != (but or 0)
    return (await conn.execute(delete(sessions).where(*which))).rowcount
