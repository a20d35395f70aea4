"""Who somebody is at the provider: its number of them, bound to one account and never to another."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.instants import Micros
from server.store.schema.access import provider_identities as identities


@dataclass(frozen=True, slots=True)
class ProviderIdentity:
    """One. `email`: the address that the provider gave when it was bound."""

    issuer: str
    subject: str
    account_id: int
    email: str
    bound_at: Micros
    used_at: Micros | None


async def named(conn: AsyncConnection, issuer: str, subject: str) -> ProviderIdentity | None:
    """Whose number that is."""
    return await _one(conn, identities.c.issuer == issuer, identities.c.subject == subject)


async def of_account(conn: AsyncConnection, issuer: str, account: int) -> ProviderIdentity | None:
    """What that provider calls whoever has it; None of one that is not bound."""
    return await _one(conn, identities.c.issuer == issuer, identities.c.account_id == account)


async def _one(conn: AsyncConnection, *which: ColumnElement[bool]) -> ProviderIdentity | None:
    row = (await conn.execute(select(identities).where(*which))).mappings().first()
    return None if row is None else ProviderIdentity(**row)


async def bind(
    conn: AsyncConnection, issuer: str, subject: str, account: int, email: str, now: Micros
) -> bool:
    """That account is that person there, from now on; no when either is bound already."""
    insert = (sqlite if conn.dialect.name == "sqlite" else postgresql).insert(identities)
    row = {
        "issuer": issuer,
        "subject": subject,
        "account_id": account,
        "email": email[:254],
        "bound_at": now,
    }
    return (await conn.execute(insert.values(**row).on_conflict_do_nothing())).rowcount > 0


async def note(conn: AsyncConnection, issuer: str, subject: str, now: Micros) -> None:
    """It served."""
    which = identities.c.issuer == issuer, identities.c.subject == subject
    await conn.execute(update(identities).where(*which).values(used_at=now))


async def unbind(conn: AsyncConnection, account: int) -> int:
    """That account is nobody there any more, whichever the provider; how many it was."""
    return (
        await conn.execute(delete(identities).where(identities.c.account_id == account))
    ).rowcount
