"""What a browser must answer once, soon, and where it was asked: for passkeys, and trips to a provider.

A challenge is sealed and handed out rather than kept: a stranger who asks for a thousand of them
writes nothing. What is kept is that one was answered, for as long as it could be answered again.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from server.access.opaque import digest_of
from server.access.second_factor import Seals
from server.store.instants import MINUTE, Micros
from server.store.schema.access import spent_challenges as spent

#: How long one has to answer.
HOLDS = 5 * MINUTE
_BYTES = 32
_PURPOSE = "challenge"


@dataclass(frozen=True, slots=True)
class EntryChallenge:
    """`value`: 32 bytes of chance; `offer`: the same sealed, for what brings the answer; `at`: since when."""

    value: bytes
    offer: str
    at: Micros
    then: str = ""

    @property
    def text(self) -> str:
        """The bytes, as addresses and JSON write them."""
        return urlsafe_b64encode(self.value).rstrip(b"=").decode()


class EntryChallenges:
    """Makes them, and takes them back. `bound`: the browser, by a digest of what it alone holds."""

    def __init__(self, seals: Seals) -> None:
        self._seals = seals

    def new(self, purpose: str, bound: str, now: Micros, then: str = "") -> EntryChallenge:
        """One for that purpose and that browser. `then`: what is to be known when it comes back."""
        value = secrets.token_bytes(_BYTES)
        coded = urlsafe_b64encode(value).decode()
        offer = self._seals.seal(_PURPOSE, purpose, bound, coded, now, then)
        return EntryChallenge(value, offer, now, then)

    def said(self, offer: str) -> tuple[str, str]:
        """Its purpose and its `then`, whoever brings it and however late; empty when it is none of ours."""
        parts = self._seals.unsign(_PURPOSE, offer)
        return (parts[0], parts[4]) if parts is not None and len(parts) == 5 else ("", "")

    async def take(
        self,
        conn: AsyncConnection,
        purpose: str,
        bound: str,
        offer: str,
        now: Micros,
        holds: Micros = HOLDS,
    ) -> EntryChallenge | None:
        """The one that was so offered, which serves no more; None when it is of another, old or spent."""
        parts = self._seals.unsign(_PURPOSE, offer)
        if parts is None or len(parts) != 5 or parts[:2] != (purpose, bound):
            return None
        over = int(parts[3]) + holds
        if not bound or over <= now:
            return None
        await conn.execute(delete(spent).where(spent.c.expires_at <= now))
        insert = (sqlite if conn.dialect.name == "sqlite" else postgresql).insert(spent)
        noted = insert.values(digest=digest_of(parts[2]), expires_at=over)
        if (
            await conn.execute(noted.on_conflict_do_nothing(index_elements=["digest"]))
        ).rowcount < 1:
            return None
        return EntryChallenge(urlsafe_b64decode(parts[2]), offer, int(parts[3]), parts[4])
