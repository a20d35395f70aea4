"""The team in the store: who is in it, in which order, and whose turn it is."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from relance.person import Person
from server.store.schema.rules import team


async def publish(conn: AsyncConnection, people: Sequence[Person]) -> None:
    """Make this the team. The turn stays whose it was, or goes to the next who is still there."""
    old = (await conn.execute(select(team).order_by(team.c.position))).all()
    rows = _rows(people, [row.key for row in _from_turn(old)])
    if [tuple(row) for row in old] == [tuple(row.values()) for row in rows]:
        return
    await conn.execute(delete(team))
    if rows:
        await conn.execute(insert(team), rows)


async def begin(conn: AsyncConnection) -> None:
    """Give the turn to the first."""
    await conn.execute(update(team).values(turn=team.c.position == 0))


def _from_turn(rows: Sequence[Any]) -> Sequence[Any]:
    """The team from whose turn it is, round."""
    at = next((n for n, row in enumerate(rows) if row.turn), 0)
    return [*rows[at:], *rows[:at]]


def _rows(people: Sequence[Person], turns: Sequence[str]) -> list[dict[str, Any]]:
    named: dict[str, Person] = {}
    for person in people:
        named.setdefault(key_of(person.name), person)
    there = {key: person for key, person in named.items() if not person.absent}
    turn = next((key for key in turns if key in there), next(iter(there), None))
    # Who is away keeps a place, from -1 down, where no turn comes.
    places = {key: at for at, key in enumerate(there)}
    away = [key for key in named if key not in there]
    places |= {key: -1 - at for at, key in enumerate(away)}
    return [
        {
            "key": key,
            "name": person.name,
            "email": person.email,
            "phone": person.phone,
            "position": places[key],
            "turn": key == turn,
        }
        for key, person in sorted(named.items(), key=lambda one: places[one[0]])
    ]
