"""Publications that somebody confirmed, which follow by themselves once their scenarios have passed.

One waits at a time, as one is made at a time: what is published is the whole project.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.instants import Micros
from server.store.schema.rules import deferred_publications as deferred

_WAITING = text("state = 'waiting'")
_UNSEEN = text("seen = false AND state <> 'waiting'")
#: How many of those that nobody has come to see are still said.
_MOST = 200
#: How the audit log names a program (`server.access.api_tokens`); a person, by their address too.
_PROGRAM = "jeton «\u00a0"


class DeferralState(StrEnum):
    """What became of one."""

    WAITING = "waiting"
    DONE = "done"
    STOPPED = "stopped"
    CALLED_OFF = "called_off"


@dataclass(frozen=True, slots=True)
class DeferredPublication:
    """One of them: the order that is given then, by whom, from where; `said`: what came of it."""

    number: int
    at: Micros
    who: str
    person: str
    origin: str
    verb: str
    given: Mapping[str, str]
    state: DeferralState = DeferralState.WAITING
    said: str = ""

    @property
    def program(self) -> bool:
        """Whether a program confirmed it, by its token: it asks what came of it, nobody is to be told."""
        return self.who.startswith(_PROGRAM)


async def keep(conn: AsyncConnection, one: DeferredPublication) -> DeferredPublication:
    """Keep it, whatever its number: the same, under the one it has from then on."""
    values = {
        **{name: getattr(one, name) for name in ("at", "who", "person", "origin", "verb")},
        "given": json.dumps(one.given, ensure_ascii=False),
        "state": one.state,
        "said": "",
        "seen": one.program,
    }
    made = await conn.execute(insert(deferred).values(values).returning(deferred))
    return _deferred(made.one())


async def waiting(conn: AsyncConnection) -> DeferredPublication | None:
    """The one that waits for its scenarios, if one does."""
    found = await conn.execute(select(deferred).where(_WAITING).order_by(deferred.c.number))
    row = found.first()
    return None if row is None else _deferred(row)


async def find(conn: AsyncConnection, number: int) -> DeferredPublication | None:
    """That one, as the base has it now; None where there is none."""
    row = (await conn.execute(select(deferred).where(deferred.c.number == number))).first()
    return None if row is None else _deferred(row)


async def end(
    conn: AsyncConnection, number: int, state: DeferralState, said: str, now: Micros
) -> bool:
    """Say what came of one that waits; whether it still did. Who calls one off has seen it."""
    mine = update(deferred).where(deferred.c.number == number, _WAITING)
    values: dict[str, Any] = {"state": state, "said": said, "ended_at": now}
    if state is DeferralState.CALLED_OFF:
        values["seen"] = True
    return bool((await conn.execute(mine.values(values))).rowcount)


async def say(conn: AsyncConnection, number: int, said: str) -> bool:
    """Say more of one that was done; whether it was."""
    mine = deferred.c.number == number, deferred.c.state == DeferralState.DONE
    return bool((await conn.execute(update(deferred).where(*mine).values(said=said))).rowcount)


async def unseen(conn: AsyncConnection) -> Sequence[DeferredPublication]:
    """Those that came to something which whoever confirmed them has not seen, the latest last."""
    latest = select(deferred).where(_UNSEEN).order_by(deferred.c.number.desc()).limit(_MOST)
    return [_deferred(row) for row in await conn.execute(latest)][::-1]


async def see(conn: AsyncConnection, numbers: Sequence[int]) -> None:
    """Note that what came of these was seen."""
    await conn.execute(update(deferred).where(deferred.c.number.in_(numbers)).values(seen=True))


def _deferred(row: Any) -> DeferredPublication:
    who = (row.number, row.at, row.who, row.person, row.origin, row.verb)
    return DeferredPublication(*who, json.loads(row.given), DeferralState(row.state), row.said)
