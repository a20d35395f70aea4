"""The people of the team, as the base holds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.access_role import AccessRole
from server.access import roles as rights
from server.store.instants import Micros
from server.store.schema.access import accounts, passkeys


@dataclass(frozen=True, slots=True)
class Account:
    """One of them. `password`: its hash; `factor`: the sealed secret of the second one."""

    id: int
    email: str
    name: str
    roles: frozenset[AccessRole]
    password: str | None
    factor: str | None
    factor_step: int | None
    created_at: Micros
    disabled_at: Micros | None
    #: How many passkeys it has.
    keys: int = 0

    @property
    def who(self) -> str:
        """As the audit log names it."""
        return f"{self.name} <{self.email}>"

    @property
    def open(self) -> bool:
        """Whether one may sign in."""
        return self.disabled_at is None and self.password is not None

    @property
    def has_password(self) -> bool:
        """Whether one may sign in here, whatever becomes of an identity provider."""
        return self.password is not None and self.password != BY_PROVIDER

    @property
    def administers(self) -> bool:
        """Whether it manages accounts, and signs in here, were the identity provider away for good."""
        return self.open and self.has_password and AccessRole.ADMINISTER in self.roles

    @property
    def two_factors(self) -> bool:
        """Whether a password alone does not let in."""
        return self.factor is not None or self.keys > 0


#: In the place of a password, of who comes in by the identity provider alone: it is no hash of any.
BY_PROVIDER = "*"
_KEYS = select(func.count()).where(passkeys.c.account_id == accounts.c.id).scalar_subquery()
#: What is asked of the base to have one, for who asks it with something else.
COLUMNS = (
    *(column for column in accounts.c if column.name != "email_key"),
    _KEYS.label("keys"),
)


def email_key(email: str) -> str:
    """One address, however its capitals are written."""
    return email.strip().casefold()[:254]


async def by_id(conn: AsyncConnection, number: int) -> Account | None:
    """The one that bears it, open or not."""
    return await _one(conn, number=number)


async def by_email(conn: AsyncConnection, email: str) -> Account | None:
    """The account of that address."""
    return await _one(conn, email=email)


async def _one(
    conn: AsyncConnection, *, number: int | None = None, email: str = ""
) -> Account | None:
    which = accounts.c.id == number if number else accounts.c.email_key == email_key(email)
    row = (await conn.execute(select(*COLUMNS).where(which))).first()
    return None if row is None else of_row(row)


def of_row(row: Sequence[Any]) -> Account:
    """The one that the base answered so, by `COLUMNS`."""
    values = dict(zip((column.name for column in COLUMNS), row, strict=True))
    return Account(**{**values, "roles": rights.read(values["roles"])})


async def everybody(conn: AsyncConnection) -> Sequence[Account]:
    """All of them, by name."""
    found = await conn.execute(select(*COLUMNS).order_by(accounts.c.name, accounts.c.id))
    return [of_row(row) for row in found]


async def any_open(conn: AsyncConnection) -> bool:
    """Whether anybody can sign in."""
    query = select(accounts.c.id).where(
        accounts.c.password.is_not(None), accounts.c.disabled_at.is_(None)
    )
    return (await conn.execute(query.limit(1))).first() is not None


async def administrators(conn: AsyncConnection) -> int:
    """How many manage accounts, whatever becomes of an identity provider."""
    return sum(one.administers for one in await everybody(conn))


async def create(
    conn: AsyncConnection, email: str, name: str, roles: frozenset[AccessRole], now: Micros
) -> Account:
    """A new one, without a password yet."""
    row = {
        "email": email,
        "email_key": email_key(email),
        "name": name,
        "roles": rights.stored(roles),
        "created_at": now,
    }
    await conn.execute(insert(accounts), row)
    found = await by_email(conn, email)
    if found is None:
        raise LookupError(email)
    return found


async def change(conn: AsyncConnection, account: int, **values: object) -> None:
    """Write these columns of it."""
    await conn.execute(update(accounts).where(accounts.c.id == account).values(**values))


async def take_step(conn: AsyncConnection, account: int, step: int) -> bool:
    """Take a code of the second factor for used; whether it was not yet."""
    fresh = func.coalesce(accounts.c.factor_step, 0) < step
    done = update(accounts).where(accounts.c.id == account, fresh).values(factor_step=step)
    return (await conn.execute(done)).rowcount > 0
