"""Passkeys as the base holds them: the public half of each, whose it is, and when it last served."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.instants import Micros
from server.store.schema.access import passkeys


@dataclass(frozen=True, slots=True)
class Passkey:
    """One. `credential` and `public_key` in base64url; `rp`: the server's name it is bound to."""

    id: int
    account_id: int
    credential: str
    public_key: str
    handle: str
    rp: str
    name: str
    counter: int
    created_at: Micros
    used_at: Micros | None

    def of(self, who: str) -> str:
        """As the audit log names it."""
        return f"clé d’accès «\u00a0{self.name}\u00a0» de {who}"


async def of_account(conn: AsyncConnection, account: int) -> Sequence[Passkey]:
    """Those of an account, in the order they were added."""
    return await _some(conn, passkeys.c.account_id == account)


async def by_credential(conn: AsyncConnection, credential: str) -> Passkey | None:
    """The one that calls itself so."""
    found = await _some(conn, passkeys.c.credential == credential)
    return found[0] if found else None


async def _some(conn: AsyncConnection, which: ColumnElement[bool]) -> Sequence[Passkey]:
    rows = await conn.execute(select(passkeys).where(which).order_by(passkeys.c.id))
    return [Passkey(**row) for row in rows.mappings()]


async def any_for(conn: AsyncConnection, rp: str, account: int | None) -> bool:
    """Whether one would open the server of that name, to that account; None: to anybody."""
    query = select(passkeys.c.id).where(passkeys.c.rp == rp)
    if account is not None:
        query = query.where(passkeys.c.account_id == account)
    return (await conn.execute(query.limit(1))).first() is not None


async def add(conn: AsyncConnection, values: Mapping[str, Any]) -> bool:
    """A new one; whether it was not there yet."""
    insert = (sqlite if conn.dialect.name == "sqlite" else postgresql).insert(passkeys)
    unless = insert.values(**values).on_conflict_do_nothing(index_elements=["credential"])
    return (await conn.execute(unless)).rowcount > 0


async def note(conn: AsyncConnection, key: int, counter: int, now: Micros) -> None:
    """It served, and says that so often."""
    which = passkeys.c.id == key
    await conn.execute(update(passkeys).where(which).values(counter=counter, used_at=now))


async def remove(conn: AsyncConnection, account: int, key: int | None = None) -> int:
    """That one of an account, or all of them; how many."""
    which = [passkeys.c.account_id == account]
    if key is not None:
        which.append(passkeys.c.id == key)
    return (await conn.execute(delete(passkeys).where(*which))).rowcount
