"""What programs were answered under a key of theirs, for a day."""

from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.instants import Micros
from server.store.schema.server import api_answers

KEPT = timedelta(hours=24)
_KEPT_MICROS = KEPT // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """`mark` and `asked` are digests: of who asked under which key, and of what."""

    mark: str
    asked: str
    answer: str


async def find(conn: AsyncConnection, mark: str, now: Micros) -> KeptAnswer | None:
    """What was answered, if it is still kept."""
    query = select(api_answers.c.mark, api_answers.c.asked, api_answers.c.answer).where(
        api_answers.c.mark == mark, api_answers.c.at >= now - _KEPT_MICROS
    )
    found = (await conn.execute(query)).first()
    return None if found is None else KeptAnswer(*found)


async def keep(conn: AsyncConnection, one: KeptAnswer, now: Micros) -> None:
    """Keep it, and nothing that is too old."""
    await forget(conn, now)
    await conn.execute(insert(api_answers), {**asdict(one), "at": now})


async def forget(conn: AsyncConnection, now: Micros) -> int:
    """Let go of what is too old; how many."""
    old = delete(api_answers).where(api_answers.c.at < now - _KEPT_MICROS)
    return (await conn.execute(old)).rowcount
