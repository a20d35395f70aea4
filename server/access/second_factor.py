"""Codes of six figures that a telephone makes (TOTP, RFC 6238), and recovery codes: a second factor.

A code serves once. The secret is sealed with the server's own, which stands apart from the base;
recovery codes are kept as keyed digests.
"""

import hmac
import io
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import pyotp
import segno
from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from server.access import accounts
from server.access.accounts import Account
from server.store.schema.access import recovery_codes

_ISSUER = "Relance"
_KEPT, _OFFERED, _RECOVERY = "factor", "factor-offer", "factor-recovery"
_CODES, _HALF = 10, 5
#: Without letters and figures that look alike.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
_STEP = 30
#: A telephone's clock may be a step early or late.
_SLACK = (-1, 0, 1)


class Seals(Protocol):
    """What seals texts (`server.tokens.Signer`)."""

    def seal(self, purpose: str, *parts: str | int) -> str:
        """The parts, which nobody else can read."""

    def unsign(self, purpose: str, token: str) -> tuple[str, ...] | None:
        """The parts again."""

    def digest(self, purpose: str, *parts: str | int) -> str:
        """A keyed hash."""


class SecondFactor:
    """Makes secrets, and reads codes."""

    def __init__(self, seals: Seals) -> None:
        self._seals = seals

    def offer(self, account: int) -> tuple[str, str]:
        """A new secret, and the same sealed for the form that takes it up."""
        secret = pyotp.random_base32()
        return secret, self._seals.seal(_OFFERED, account, secret)

    def offered(self, account: int, offer: str) -> str | None:
        """The secret of such a form, when it was offered to that account."""
        parts = self._seals.unsign(_OFFERED, offer)
        return parts[1] if parts and parts[0] == str(account) else None

    def picture(self, secret: str, email: str) -> str:
        """What a telephone reads off the screen: an SVG, that loads nothing and styles nothing."""
        address = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=_ISSUER)
        out = io.BytesIO()
        segno.make_qr(address, error="m").save(
            out, kind="svg", scale=5, border=4, xmldecl=False, svgns=False, omitsize=True, light="#fff", dark="#000",
            svgclass="qr", lineclass=None, title="Code à lire avec le téléphone",
        )  # fmt: skip
        return out.getvalue().decode()

    def kept(self, account: int, secret: str) -> str:
        """The secret, as the base holds it."""
        return self._seals.seal(_KEPT, account, secret)

    def shown_by(self, secret: str, code: str, at: datetime) -> bool:
        """Whether that is what a telephone with that secret shows."""
        return step_of(secret, "".join(code.split()), at) is not None

    async def take(self, conn: AsyncConnection, account: Account, code: str, at: datetime) -> bool:
        """Whether that is the code of now, or one for recovery; it serves no more."""
        given = "".join(code.split()).replace("-", "").lower()[:40]
        parts = self._seals.unsign(_KEPT, account.factor or "")
        step = (
            None if parts is None or parts[0] != str(account.id) else step_of(parts[1], given, at)
        )
        if step is not None:
            return await accounts.take_step(conn, account.id, step)
        return await self._recover(conn, account.id, given)

    async def _recover(self, conn: AsyncConnection, account: int, given: str) -> bool:
        which = (
            recovery_codes.c.account_id == account,
            recovery_codes.c.digest == self._digest(account, given),
        )
        return (await conn.execute(delete(recovery_codes).where(*which))).rowcount > 0

    async def new_codes(self, conn: AsyncConnection, account: int) -> Sequence[str]:
        """Recovery codes in the place of those before; shown once."""
        await conn.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account))
        halves = ["".join(secrets.choice(_SIGNS) for _ in range(_HALF)) for _ in range(2 * _CODES)]
        pairs = list(zip(halves[::2], halves[1::2], strict=True))
        rows = [
            {"account_id": account, "digest": self._digest(account, one + two)}
            for one, two in pairs
        ]
        await conn.execute(insert(recovery_codes), rows)
        return [f"{one}-{two}" for one, two in pairs]

    async def remove(self, conn: AsyncConnection, account: int) -> None:
        """No telephone makes its codes any more."""
        await accounts.change(conn, account, factor=None, factor_step=None)
        await self.drop_codes_of_none(conn, account)

    async def drop_codes_of_none(self, conn: AsyncConnection, account: int) -> None:
        """Recovery codes go with the last second factor, whichever it was."""
        found = await accounts.by_id(conn, account)
        if found is None or not found.two_factors:
            await conn.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account))

    def _digest(self, account: int, code: str) -> str:
        return self._seals.digest(_RECOVERY, account, code)


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The step of time whose code that is, near that instant."""
    if len(code) != 6 or not code.isascii() or not code.isdigit():
        return None
    totp, now = pyotp.TOTP(secret), int(at.timestamp()) // _STEP
    steps = [now + one for one in _SLACK]
    right = [one for one in steps if hmac.compare_digest(totp.generate_otp(one), code)]
    return max(right, default=None)
