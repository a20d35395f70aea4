"""Texts that messages carry by a number: where each link of a mail leads, stored once for all mails.

The last ones are kept at hand, both ways: a message whose links are known asks the base nothing, and
who follows a link is led there even while the base is away.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.schema.messages import kept_texts
from server.store.store import Store

_REMEMBERED = 2_000
_INSERT = text(
    "INSERT INTO kept_texts (hash, text, lead_id) VALUES (:hash, :text, :lead_id) "
    "ON CONFLICT (hash) DO NOTHING"
)


class KeptTexts:
    """Those of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        #: By number; and the numbers by hash.
        self._texts: OrderedDict[int, tuple[str, str]] = OrderedDict()
        self._numbers: dict[str, int] = {}
        self._storing = asyncio.Lock()

    async def load(self) -> None:
        """Remember the last ones: where the links of the last messages lead."""
        last = select(kept_texts).order_by(kept_texts.c.id.desc()).limit(_REMEMBERED)
        async with self._store.read() as conn:
            rows = (await conn.execute(last)).all()
        # Those of somebody who was forgotten are there no more.
        self._texts.clear()
        self._numbers.clear()
        for row in reversed(rows):
            self._remember(row.id, row.text, row.hash)

    async def keep(self, texts: Sequence[str], lead_id: int | None = None) -> Sequence[int]:
        """Store texts, each once, those of a lead apart from all others; their numbers, in order."""
        hashes = [_hash(one, lead_id) for one in texts]
        numbers = self._known(hashes)
        if numbers is None:
            # One at a time: the first messages of a mailing bring the same links all together.
            async with self._storing:
                numbers = self._known(hashes)
                if numbers is None:
                    numbers = await self._stored(dict(zip(hashes, texts, strict=True)), lead_id)
                    by_hash = dict(zip(dict.fromkeys(hashes), numbers, strict=True))
                    numbers = [by_hash[one] for one in hashes]
        for number, one, key in zip(numbers, texts, hashes, strict=True):
            self._remember(number, one, key)
        return numbers

    def forget(self, numbers: Iterable[int]) -> None:
        """Those are in the base no more."""
        for number in numbers:
            if (known := self._texts.pop(number, None)) is not None:
                self._numbers.pop(known[1], None)

    async def kept(self, number: int) -> str | None:
        """The text stored under that number, which never changes."""
        if number in self._texts:
            self._texts.move_to_end(number)
            return self._texts[number][0]
        query = select(kept_texts.c.text, kept_texts.c.hash).where(kept_texts.c.id == number)
        async with self._store.read() as conn:
            found = (await conn.execute(query)).one_or_none()
        if found is None:
            return None
        self._remember(number, found.text, found.hash)
        return str(found.text)

    def _known(self, hashes: Sequence[str]) -> Sequence[int] | None:
        """Their numbers, if all are remembered."""
        found = [number for one in hashes if (number := self._numbers.get(one)) is not None]
        return found if len(found) == len(hashes) else None

    async def _stored(self, hashed: Mapping[str, str], lead_id: int | None) -> Sequence[int]:
        async with self._store.read() as conn:
            known = await _numbers(conn, hashed)
        if new := {key: one for key, one in hashed.items() if key not in known}:

            async def work(conn: AsyncConnection) -> Mapping[str, int]:
                rows = [{"hash": key, "text": one, "lead_id": lead_id} for key, one in new.items()]
                await conn.execute(_INSERT, rows)
                return await _numbers(conn, new)

            known = {**known, **await self._store.transact(work)}
        return [known[key] for key in hashed]

    def _remember(self, number: int, kept: str, key: str) -> None:
        self._texts[number], self._numbers[key] = (kept, key), number
        self._texts.move_to_end(number)
        if len(self._texts) > _REMEMBERED:
            _, (_, oldest) = self._texts.popitem(last=False)
            del self._numbers[oldest]


def _hash(kept: str, lead_id: int | None) -> str:
    """What tells a text from others, one of a lead from the same of another."""
    own = "" if lead_id is None else f"{lead_id}\0"
    return hashlib.sha256(f"{own}{kept}".encode()).hexdigest()


async def _numbers(conn: AsyncConnection, hashes: Iterable[str]) -> Mapping[str, int]:
    query = select(kept_texts.c.hash, kept_texts.c.id).where(kept_texts.c.hash.in_(list(hashes)))
    return {row.hash: row.id for row in await conn.execute(query)}
