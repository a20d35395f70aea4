"""Publications that somebody asked for, kept until another person agrees to them or declines.

One waits at a time: what another asks after it takes its place, since what is published is the whole
project as it is.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.publication.report import LASTING, PublishedChange
from server.store.instants import Micros
from server.store.schema.rules import publication_requests as requests

_WAITING = text("state = 'waiting'")


class RequestState(StrEnum):
    """What became of one."""

    WAITING = "waiting"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"

    @property
    def label(self) -> str:
        """In words."""
        return _LABELS[self]


_LABELS = {
    RequestState.WAITING: "attend un accord",
    RequestState.AGREED: "accordée",
    RequestState.DECLINED: "déclinée",
    RequestState.WITHDRAWN: "retirée",
    RequestState.REPLACED: "remplacée",
}


@dataclass(frozen=True, slots=True)
class WishedPublication:
    """What is asked, and by whom. `wish`: the order, as it is carried; `over`: the publication it comes
    after; `digest`: of the files; `kept`: what it would do, `written`."""

    who: str
    person: str
    wish: str
    over: int
    digest: str
    kept: str

    @property
    def changes(self) -> Sequence[PublishedChange]:
        """What it would do, read anew: few ask, and of many campaigns it is long."""
        return tuple(PublishedChange(**one) for one in json.loads(self.kept))


@dataclass(frozen=True, slots=True)
class PublicationRequest:
    """One that was asked. `publication`: the one made of it; `why`: of who answered."""

    number: int
    at: Micros
    wished: WishedPublication
    state: RequestState
    answered_at: Micros | None
    answered_by: str | None
    why: str | None
    publication: int | None

    @property
    def note(self) -> str:
        """Why whoever asked wants it published."""
        return str(json.loads(self.wished.wish).get("note", ""))

    @property
    def overlooked(self) -> str:
        """Which scenarios failed when it was asked for all the same, in a sentence; empty: none did."""
        return str(json.loads(self.wished.wish).get("overlooked", ""))


def figures_of(changes: Sequence[PublishedChange]) -> str:
    """A name for what is done to people and to lists, in figures.

    Who stays where they are is not of it: they come and go all day, and nothing is done to them.
    """
    counted = sorted(
        (one.kind, one.name, one.change, one.words, one.count)
        for one in changes
        if one.count is not None and one.change not in LASTING
    )
    return hashlib.sha256(json.dumps(counted, ensure_ascii=False).encode()).hexdigest()


async def keep(conn: AsyncConnection, wished: WishedPublication, now: Micros) -> int:
    """Keep one, instead of the one that waits if there is one; its number."""
    replaced = update(requests).where(_WAITING).values(state=RequestState.REPLACED, answered_at=now)
    await conn.execute(replaced)
    values = {
        **{name: getattr(wished, name) for name in ("who", "person", "wish", "over", "digest")},
        "at": now,
        "changes": wished.kept,
        "state": RequestState.WAITING,
    }
    made = insert(requests).values(values).returning(requests.c.number)
    return int((await conn.execute(made)).scalar_one())


async def shown_anew(
    conn: AsyncConnection, number: int, changes: Sequence[PublishedChange]
) -> None:
    """Note what it would do as it is shown now: that is what is agreed to next."""
    mine = update(requests).where(requests.c.number == number)
    await conn.execute(mine.values(changes=written(changes)))


async def answer(
    conn: AsyncConnection,
    number: int,
    state: RequestState,
    who: str,
    why: str,
    now: Micros,
    publication: int | None = None,
) -> bool:
    """Answer one that waits; whether it still did."""
    mine = update(requests).where(requests.c.number == number, _WAITING)
    values = {
        "state": state,
        "answered_at": now,
        "answered_by": who,
        "why": why or None,
        "publication": publication,
    }
    return bool((await conn.execute(mine.values(values))).rowcount)


async def waiting(conn: AsyncConnection) -> PublicationRequest | None:
    """What nobody has answered yet, if there is anything."""
    newest = select(requests).where(_WAITING).order_by(requests.c.number.desc()).limit(1)
    row = (await conn.execute(newest)).first()
    return None if row is None else _request(row)


async def find(conn: AsyncConnection, number: int) -> PublicationRequest | None:
    """One of them, answered or not; None when no such number was ever given."""
    row = (await conn.execute(select(requests).where(requests.c.number == number))).first()
    return None if row is None else _request(row)


async def latest(
    conn: AsyncConnection, most: int, before: int | None = None, person: str | None = None
) -> Sequence[PublicationRequest]:
    """The last ones, the latest first; `before`: of those below that number; `person`: theirs alone."""
    query = select(requests).order_by(requests.c.number.desc()).limit(most)
    if before is not None:
        query = query.where(requests.c.number < before)
    if person is not None:
        query = query.where(requests.c.person == person)
    return [_request(row) for row in await conn.execute(query)]


async def agreed_by(conn: AsyncConnection, publications: Sequence[int]) -> dict[int, str]:
    """Who agreed to each of these publications, of those that somebody did."""
    query = select(requests.c.publication, requests.c.answered_by)
    rows = await conn.execute(query.where(requests.c.publication.in_(publications)))
    return {row.publication: row.answered_by for row in rows}


def written(changes: Sequence[PublishedChange]) -> str:
    """What a publication would do, as it is kept."""
    return json.dumps([asdict(one) for one in changes], ensure_ascii=False)


def _request(row: Any) -> PublicationRequest:
    wished = WishedPublication(row.who, row.person, row.wish, row.over, row.digest, row.changes)
    answered = (row.answered_at, row.answered_by, row.why, row.publication)
    return PublicationRequest(row.number, row.at, wished, RequestState(row.state), *answered)
