"""Somebody of the team, signed in without going through the door: for tests of what is behind it."""

from collections.abc import Iterable

import httpx

from relance.access_role import AccessRole
from server.access import accounts, api_tokens, roles, sessions
from server.access.actor import Whence
from server.access.opaque import form_token
from server.runtime import Runtime
from server.store.instants import DAY

#: A hash of nothing: nobody signs in by this account's password.
NO_PASSWORD = "!"


async def session_of(
    runtime: Runtime, given: Iterable[AccessRole] = roles.ALL, email: str = "camille@exemple.ca"
) -> str:
    """The token of a session of an account with these roles."""
    register = runtime.access.register
    async with register.store.write() as conn:
        known = await accounts.by_email(conn, email)
        account = known or await accounts.create(
            conn, email, "Camille Morin", frozenset(given), register.now()
        )
        await accounts.change(
            conn, account.id, password=account.password or NO_PASSWORD, roles=roles.stored(given)
        )
        return await sessions.begin(conn, account.id, Whence(), register.now(), whole=True)


async def sign_in(
    runtime: Runtime,
    client: httpx.AsyncClient,
    given: Iterable[AccessRole] = roles.ALL,
    email: str = "camille@exemple.ca",
) -> None:
    """That client is, from now on, the browser of an account with these roles, on a page of ours."""
    token = await session_of(runtime, given, email)
    client.cookies.set("relance_session", token)
    client.headers["x-relance-sceau"] = form_token(token)


async def browser_of(runtime: Runtime, *given: AccessRole) -> dict[str, str]:
    """What the browser of an account with these roles sends, on a page of ours."""
    email = f"{'-'.join(one.code for one in given)}@exemple.ca"
    token = await session_of(runtime, given, email)
    return {"cookie": f"relance_session={token}", "x-relance-sceau": form_token(token)}


async def token_of(runtime: Runtime, *given: AccessRole, days: int = 1) -> str:
    """A token with these roles; of negative `days`, expired."""
    register = runtime.access.register
    async with register.store.write() as conn:
        until = register.now() + days * DAY
        return await api_tokens.create(
            conn, "essai", frozenset(given), "test", register.now(), until
        )
