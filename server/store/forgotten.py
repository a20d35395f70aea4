"""Those who asked to be forgotten, recognised by a keyed hash of each of their addresses.

Nobody reads an address in a hash, nor tries a list of addresses against it without the secret of the
server, which the base does not hold. They are few: all are at hand, so that a form costs no question more.
"""

from collections.abc import Callable, Collection, Iterable
from typing import TypeAlias

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store import contacts
from server.store.bulk import insert_rows
from server.store.contacts import address_key
from server.store.instants import Micros
from server.store.schema.rights import forgotten

#: Said of a row of a file about one of them; what the row held is kept nowhere.
ROW_FORGOTTEN = "cette personne a demandé à être oubliée\u00a0: rien de cette ligne n’est gardé"

EMAIL, PHONE = "email", "phone"
#: The columns of a lead that hold an address, and of what kind.
ADDRESSES = {"f_courriel": EMAIL, "f_telephone": PHONE, "f_cellulaire": PHONE}

#: The keyed hash of (kind, value).
Digest: TypeAlias = Callable[[str, str], str]


class Forgotten:
    """Those of a store; nobody, until it is given the key to recognise them."""

    def __init__(self) -> None:
        self._digest: Digest | None = None
        self._hashes: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._hashes)

    async def recognise(self, conn: AsyncConnection, digest: Digest) -> None:
        """Take up those of the base, under that key."""
        self._digest = digest
        known = set((await conn.execute(select(forgotten.c.hash))).scalars())
        if known != self._hashes:
            contacts.forget()
        self._hashes = known

    def knows(self, identities: Iterable[tuple[str, str]]) -> bool:
        """Whether one of those (kind, value) is of somebody who was forgotten."""
        return bool(self._hashes) and not self._hashes.isdisjoint(self.hashes(identities))

    def knows_address(self, address: str) -> bool:
        """Whether that address of a channel is."""
        return bool(self._hashes) and not self._hashes.isdisjoint(self.hashes_of(address))

    def hashes_of(self, address: str) -> set[str]:
        """How that address of a channel is kept."""
        return self.hashes([(EMAIL if "@" in address else PHONE, address_key(address))])

    def hashes(self, identities: Iterable[tuple[str, str]]) -> set[str]:
        """How those are kept; what is no address is left out."""
        digest = self._digest
        if digest is None:
            return set()
        kinds = (EMAIL, PHONE)
        return {digest(kind, address_key(value)) for kind, value in identities if kind in kinds}

    def take(self, hashes: Iterable[str]) -> None:
        """Recognise those too, now that it is committed."""
        self._hashes.update(hashes)

    def release(self, hashes: Iterable[str]) -> None:
        """Recognise those no more, now that it is committed."""
        self._hashes.difference_update(hashes)


async def keep(conn: AsyncConnection, hashes: Collection[str], now: Micros) -> None:
    """Keep those for good."""
    rows = [(one, now) for one in sorted(hashes)]
    await insert_rows(conn, "forgotten", ("hash", "at"), rows, "ON CONFLICT DO NOTHING")


async def lift(conn: AsyncConnection, hashes: Collection[str]) -> bool:
    """Let them come back; whether they were kept."""
    gone = delete(forgotten).where(forgotten.c.hash.in_(sorted(hashes)))
    return bool((await conn.execute(gone)).rowcount)
