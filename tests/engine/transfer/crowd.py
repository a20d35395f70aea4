"""People at every place where anybody can stand in a program, with the past that brought them there."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from dsl.program import (
    Act,
    Await,
    Decide,
    Jump,
    Loop,
    LoopStart,
    Pause,
    Program,
    Split,
    Statement,
    Step,
)
from relance import facts
from relance.effects import Send
from relance.waits import Wait, WaitUntil, WaitUpTo
from server.engine.draw import RANGE, draw
from server.engine.moves import Move
from server.engine.statements.rests import at_most, until
from server.engine.transfer.landing import topics
from server.engine.wake import weekdays
from server.store.calendar import later, zone_named
from server.store.instants import Micros
from server.store.schema.campaigns import campaigns, enrolments, journal, waits
from server.store.schema.messages import outbox
from tests.engine.world import UTC, World

_KINDS: Mapping[type, Move] = {
    Act: Move.ACTED,
    Decide: Move.DECIDED,
    Step: Move.STEPPED,
    Jump: Move.JUMPED,
    LoopStart: Move.LOOP_BEGUN,
    Loop: Move.LOOPED,
    Split: Move.SPLIT,
}


@dataclass(frozen=True)
class Placed:
    """Who stands where, since when, until when, and what was sent to him before."""

    lead: int
    at: int
    start: Micros
    end: Micros | None
    sent: Sequence[str]


def rests(program: Program) -> Iterator[int]:
    """Where people may stand, of what can be reached."""
    for at in sorted(paths(program)):
        if isinstance(program.statements[at], Pause | Await):
            yield at


def paths(program: Program) -> dict[int, tuple[int, ...]]:
    """By statement, those that are passed before it, by the shortest way."""
    found: dict[int, tuple[int, ...]] = {program.first: ()} if program.first >= 0 else {}
    todo = deque(found)
    while todo:
        at = todo.popleft()
        for to in _next(program.statements[at]):
            if to >= 0 and to not in found:
                found[to] = (*found[at], at)
                todo.append(to)
    return found


def _next(statement: Statement) -> Sequence[int]:
    match statement:
        case Decide():
            return (statement.yes, statement.no)
        case Await():
            return (*(one.next for one in statement.branches), statement.timeout)
        case Jump():
            return (statement.target, statement.next)
        case Loop():
            return (statement.body, statement.next)
        case Split():
            return tuple(one.next for one in statement.shares)
        case Act() | Pause() | Step() | LoopStart():
            return (statement.next,)
    return ()


def wait_of(statement: Statement) -> Wait | None:
    """What ends a rest there at the latest."""
    if isinstance(statement, Await):
        return at_most(statement.limit)
    return statement.wait if isinstance(statement, Pause) else None


def end_of(program: Program, at: int, start: Micros, lead: int) -> Micros | None:
    """Until when somebody without a zone rests there who began then; None: without end."""
    wait = wait_of(program.statements[at])
    if wait is None or (isinstance(wait, WaitUntil) and isinstance(wait.day, facts.Field)):
        return None
    end = until(wait, start, zone_named(program.zone) or UTC, weekdays)
    if isinstance(wait, WaitUpTo):
        return start + (end - start) * draw(lead, wait.salt) // RANGE
    return end


async def place(world: World, program: Program, start: Micros) -> list[Placed]:
    """Somebody at each of them, resting since `start`."""
    found = []
    (row,) = await world.rows(select(campaigns.c.id, campaigns.c.version_id))
    zone = zone_named(program.zone) or UTC
    limit = later(start, program.timeout, zone) if program.timeout else None
    for at in rests(program):
        lead, passed = await world.lead(), paths(program)[at]
        key = {"lead_id": lead, "campaign_id": row.id, "entry": 1}
        one = Placed(lead, at, start, end_of(program, at, start, lead), _sent(program, passed))
        found.append(one)
        moves = [("entered", None, None)]
        for number in passed:
            statement = program.statements[number]
            if isinstance(statement, Pause | Await):
                moves += [("waited", number, start), ("resumed", number, None)]
            else:
                moves.append((_KINDS[type(statement)].value, number, None))
        moves.append(("waited", at, one.end))
        said = {"version_id": row.version_id, "at": start, "cause": "move"}
        rows = [
            {**key, **said, "move": move, "kind": kind, "statement": number, "until": end}
            for move, (kind, number, end) in enumerate(moves, 1)
        ]
        mail = [
            {**key, "move": move, "ordinal": 0, "channel": "email", "message": message}
            | {"state": "sent", "created_at": start, "attempts": 1}
            for move, message in enumerate(one.sent, 1)
        ]
        steps = [each for number in passed if isinstance(each := program.statements[number], Step)]
        bounds = [each for each in (one.end, limit) if each is not None]
        async with world.store.write() as conn:
            await conn.execute(
                insert(enrolments).values(
                    **key,
                    version_id=row.version_id,
                    active=True,
                    statement=at,
                    step=steps[-1].name if steps else None,
                    moves=len(moves),
                    entered_at=start,
                    since_at=start,
                    since_event=0,
                    wake_at=min(bounds, default=None),
                    deadline=one.end,
                    expires_at=limit,
                )
            )
            await conn.execute(insert(journal), rows)
            if mail:
                await conn.execute(insert(outbox), mail)
            for topic in topics(program.statements[at]):
                await conn.execute(insert(waits).values(**key, topic=topic))
    return found


def _sent(program: Program, passed: Sequence[int]) -> list[str]:
    return [message for at in passed for message in messages(program.statements[at])]


def messages(statement: Statement) -> list[str]:
    """What it sends."""
    effects: Sequence[Any] = statement.effects if isinstance(statement, Act) else ()
    return [effect.message for effect in effects if isinstance(effect, Send)]
