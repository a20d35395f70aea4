"""What lets programs in: one token an integration, with its rights, until a day; kept as a digest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.access_role import AccessRole
from server.access import roles as rights
from server.access.opaque import digest_of, new_token
from server.store.instants import MINUTE, Micros
from server.store.schema.access import api_tokens as tokens

#: What they begin with, so that whoever finds one in a file knows what it is.
MARK = "rlc_"
_NOTED = MINUTE
_COLUMNS = tuple(column for column in tokens.c if column.name != "digest")


@dataclass(frozen=True, slots=True)
class ApiToken:
    """One of them, without what opens."""

    id: int
    name: str
    roles: frozenset[AccessRole]
    created_by: str
    created_at: Micros
    expires_at: Micros
    used_at: Micros | None
    revoked_at: Micros | None

    @property
    def who(self) -> str:
        """As the audit log names the program."""
        return f"jeton «\u00a0{self.name}\u00a0»"

    def opens(self, now: Micros) -> bool:
        """Whether it still lets in."""
        return self.revoked_at is None and self.expires_at > now

    def state(self, now: Micros) -> str:
        """In a word."""
        if self.revoked_at is not None:
            return "révoqué"
        return "expiré" if self.expires_at <= now else "actif"


async def find(conn: AsyncConnection, token: str, now: Micros) -> ApiToken | None:
    """The one that is, if it still opens."""
    which = (
        tokens.c.digest == digest_of(token),
        tokens.c.expires_at > now,
        tokens.c.revoked_at.is_(None),
    )
    row = (await conn.execute(select(*_COLUMNS).where(*which))).mappings().first()
    return None if row is None else _token(dict(row))


async def by_id(conn: AsyncConnection, number: int) -> ApiToken | None:
    """Whether it still opens or not."""
    row = (await conn.execute(select(*_COLUMNS).where(tokens.c.id == number))).mappings().first()
    return None if row is None else _token(dict(row))


async def all_tokens(conn: AsyncConnection) -> Sequence[ApiToken]:
    """All of them, the last made first."""
    found = await conn.execute(select(*_COLUMNS).order_by(tokens.c.id.desc()))
    return [_token(dict(row)) for row in found.mappings()]


async def create(
    conn: AsyncConnection,
    name: str,
    roles: frozenset[AccessRole],
    created_by: str,
    now: Micros,
    expires_at: Micros,
) -> str:
    """A new one; what opens, which nobody can find again."""
    token = MARK + new_token()
    row = {
        "digest": digest_of(token),
        "name": name,
        "roles": rights.stored(roles),
        "created_by": created_by[:400],
        "created_at": now,
        "expires_at": expires_at,
    }
    await conn.execute(insert(tokens), row)
    return token


async def revoke(conn: AsyncConnection, number: int, now: Micros) -> bool:
    """It opens nothing more; whether it did."""
    which = tokens.c.id == number, tokens.c.revoked_at.is_(None)
    return (await conn.execute(update(tokens).where(*which).values(revoked_at=now))).rowcount > 0


def to_note(token: ApiToken, now: Micros) -> bool:
    """Whether that it is used is worth writing."""
    return token.used_at is None or now - token.used_at > _NOTED


async def note(conn: AsyncConnection, number: int, now: Micros) -> None:
    """It is used."""
    await conn.execute(update(tokens).where(tokens.c.id == number).values(used_at=now))


def _token(values: Mapping[str, Any]) -> ApiToken:
    return ApiToken(**{**values, "roles": rights.read(values["roles"])})
