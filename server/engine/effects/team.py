"""The team in the store: who is in it, in which order, whose turn it is, and who is away for now.

Who is away keeps a place below zero, where no turn comes: for good, as the file of the team says, or
between two days. The second comes and goes by the clock alone, so that places are looked at anew
before leads are dealt (`arrange`).
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.fold import key_of
from relance.person import Person
from server.store import absences
from server.store.instants import Micros
from server.store.schema.rules import team, team_absences

_NOW = bindparam("p_now", type_=BigInteger)
_within = exists().where(
    team_absences.c.key == team.c.key,
    team_absences.c.begins_at <= _NOW,
    team_absences.c.ends_at > _NOW,
)
#: Those whose place is not the one they are to have now.
MISPLACED = select(team.c.key).where(
    or_(
        (team.c.position >= 0) & (_within | func.coalesce(team.c.absent, False)),
        (team.c.position < 0) & ~_within & ~func.coalesce(team.c.absent, True),
    )
)


#: What tells when somebody's turn is.
_PLACE = ("position", "turn", "rank", "absent")
_PLACED = (
    update(team)
    .where(team.c.key == bindparam("v_key"))
    .values({name: bindparam(f"v_{name}") for name in _PLACE})
)


async def publish(conn: AsyncConnection, people: Sequence[Person], now: Micros) -> None:
    """Make this the team. The turn stays whose it was, or goes to the next who is still there."""
    old = (await conn.execute(select(team).order_by(team.c.position))).all()
    away = await absences.away(conn, now)
    rows = _rows(people, [row.key for row in _from_turn(old)], away)
    if [tuple(row) for row in old] == [tuple(row.values()) for row in rows]:
        return
    await conn.execute(delete(team))
    if rows:
        await conn.execute(insert(team), rows)


async def arrange(conn: AsyncConnection, now: Micros) -> None:
    """Give each the place that they have now: none to who is away, their own to who is back."""
    query = select(team).order_by(func.coalesce(team.c.rank, team.c.position), team.c.position)
    if conn.dialect.name == "postgresql":
        query = query.with_for_update()
    old = (await conn.execute(query)).all()
    away = await absences.away(conn, now)
    people = [
        Person(
            row.name, row.email, row.phone, row.position < 0 if row.absent is None else row.absent
        )
        for row in old
    ]
    rows = _rows(people, [row.key for row in _from_turn(old)], away)
    if rows:
        places = [{f"v_{name}": row[name] for name in ("key", *_PLACE)} for row in rows]
        await conn.execute(_PLACED, places)


async def begin(conn: AsyncConnection) -> None:
    """Give the turn to the first."""
    await conn.execute(update(team).values(turn=team.c.position == 0))


def _from_turn(rows: Sequence[Any]) -> Sequence[Any]:
    """The team from whose turn it is, round."""
    at = next((n for n, row in enumerate(rows) if row.turn), 0)
    return [*rows[at:], *rows[:at]]


def _rows(
    people: Sequence[Person], turns: Sequence[str], away: Collection[str]
) -> list[dict[str, Any]]:
    named: dict[str, Person] = {}
    for person in people:
        named.setdefault(key_of(person.name), person)
    there = [key for key, person in named.items() if not person.absent and key not in away]
    turn = next((key for key in turns if key in there), next(iter(there), None))
    places = {key: at for at, key in enumerate(there)}
    gone = [key for key in named if key not in places]
    places |= {key: -1 - at for at, key in enumerate(gone)}
    ranks = {key: at for at, key in enumerate(named)}
    return [
        {
            "key": key,
            "name": person.name,
            "email": person.email,
            "phone": person.phone,
            "position": places[key],
            "turn": key == turn,
            "rank": ranks[key],
            "absent": person.absent,
        }
        for key, person in sorted(named.items(), key=lambda one: places[one[0]])
    ]
