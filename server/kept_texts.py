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
    "INSERT INTO kept_texts (hash, text) VALUES (:hash, :text) ON CONFLICT (hash) DO NOTHING"
)


class KeptTexts:
    """Those of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._texts: OrderedDict[int, str] = OrderedDict()
        self._numbers: dict[str, int] = {}
        self._storing = asyncio.Lock()

    async def load(self) -> None:
        """Remember the last ones: where the links of the last messages lead."""
        last = select(kept_texts).order_by(kept_texts.c.id.desc()).limit(_REMEMBERED)
        async with self._store.read() as conn:
            rows = (await conn.execute(last)).all()
        for row in reversed(rows):
            self._remember(row.id, row.text)

    async def keep(self, texts: Sequence[str]) -> Sequence[int]:
        """Store texts, each once; their numbers, in order."""
        numbers = self._known(texts)
        if numbers is None:
            # One at a time: the first messages of a mailing bring the same links all together.
            async with self._storing:
                numbers = self._known(texts) or await self._stored(texts)
        for number, one in zip(numbers, texts, strict=True):
            self._remember(number, one)
        return numbers

    async def kept(self, number: int) -> str | None:
        """The text stored under that number, which never changes."""
        if number in self._texts:
            self._texts.move_to_end(number)
            return self._texts[number]
        query = select(kept_texts.c.text).where(kept_texts.c.id == number)
        async with self._store.read() as conn:
            found: str | None = await conn.scalar(query)
        if found is not None:
            self._remember(number, found)
        return found

    def _known(self, texts: Sequence[str]) -> Sequence[int] | None:
        """Their numbers, if all are remembered."""
        found = [number for one in texts if (number := self._numbers.get(one)) is not None]
        return found if len(found) == len(texts) else None

    async def _stored(self, texts: Sequence[str]) -> Sequence[int]:
        hashed = {hashlib.sha256(one.encode()).hexdigest(): one for one in texts}
        async with self._store.read() as conn:
            known = await _numbers(conn, hashed)
        if new := {key: one for key, one in hashed.items() if key not in known}:

            async def work(conn: AsyncConnection) -> Mapping[str, int]:
                rows = [{"hash": key, "text": one} for key, one in new.items()]
                await conn.execute(_INSERT, rows)
                return await _numbers(conn, new)

            known = {**known, **await self._store.transact(work)}
        by_text = {one: known[key] for key, one in hashed.items()}
        return [by_text[one] for one in texts]

    def _remember(self, number: int, kept: str) -> None:
        self._texts[number], self._numbers[kept] = kept, number
        self._texts.move_to_end(number)
        if len(self._texts) > _REMEMBERED:
            _, forgotten = self._texts.popitem(last=False)
            del self._numbers[forgotten]


async def _numbers(conn: AsyncConnection, hashes: Iterable[str]) -> Mapping[str, int]:
    query = select(kept_texts.c.hash, kept_texts.c.id).where(kept_texts.c.hash.in_(list(hashes)))
    return {row.hash: row.id for row in await conn.execute(query)}
