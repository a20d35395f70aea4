"""Assignment: a lead gets an owner, by name or in turn, and messages about it go to that owner.

Turns are set SQL: the leads of a batch without an owner are numbered, the team too, and both are
matched from whose turn it is. The turn moves on in the tick's own transaction, so that a tick
that is played again deals the same leads to the same people.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Subquery,
    Text,
    bindparam,
    func,
    literal,
    or_,
    select,
    update,
)

from relance import effects
from relance import events as names
from relance.fold import key_of
from server.engine.batch import batch
from server.engine.conditions.scope import Scope
from server.engine.effects import team as turns
from server.engine.effects.operation import Operation, passed, recorded
from server.engine.event_insertion import insert_events_from
from server.engine.own_events import NOT_ASSIGNED
from server.engine.tick import Prepared, Tick
from server.engine.version import Version
from server.store.schema.rules import team

#: The lead field that holds the owner's name.
OWNER = "vendeur"
#: Said of a message to an owner who is not there.
NO_OWNER = "aucun vendeur assigné"
STRANGER = "le vendeur du lead est une adresse, et non une personne de l’équipe"

_COUNT = bindparam("p_dealt", type_=Integer)


def owner_of(scope: Scope) -> ColumnElement[Any]:
    """The column of the owner's name."""
    found = scope.fields.get(OWNER)
    if found is None:
        raise LookupError(f"no such field: {OWNER}")
    return found.column


def _nobody(owner: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(owner.is_(None), owner == "")


@dataclass(frozen=True, slots=True)
class Addressing:
    """Whom a message goes to. `joined`: the test by which what it is read from is joined, if any.

    `refusals`: why it goes to nobody, each reason with the test of those to whom it applies.
    """

    columns: Mapping[str, Any] = field(default_factory=dict)
    joined: tuple[Any, ...] = ()
    refusals: tuple[tuple[ColumnElement[bool], str], ...] = ()


def addressed(effect: effects.Send, scope: Scope) -> Addressing:
    """The columns of the outbox that say whom a message goes to, and what they are read from."""
    if effect.to is None:
        return Addressing()
    if isinstance(effect.to, str):
        return Addressing({"recipient": literal(effect.to, Text)})
    owner = owner_of(scope)
    # A form anybody can fill may have written the field: about a lead, an owner's name leads to an
    # address by the team alone.
    refusals = ((owner.contains("@"), STRANGER), (_nobody(owner), NO_OWNER))
    joined = (scope.fields.table.c.id == batch.c.lead_id,)
    return Addressing({"recipient": owner}, joined, refusals)


def assign(effect: effects.Assign, version: Version, scope: Scope) -> list[Any]:
    """The statements that give the leads of a visit their owner."""
    if effect.to is None:
        return _in_turn(version, scope)
    return _to(effect.to, version, scope)


def _to(name: str, version: Version, scope: Scope) -> list[Operation]:
    """Make that person the owner, under the name the team knows."""
    leads, owner = scope.fields.table, owner_of(scope)
    known = select(team.c.name).where(team.c.key == key_of(name)).scalar_subquery()
    person = func.coalesce(known, literal(name, Text))
    changes = owner.is_distinct_from(person)
    source = passed(version, leads.c.id == batch.c.lead_id, changes)
    write = update(leads).where(leads.c.id.in_(passed(version)), changes).values({owner: person})
    return [
        recorded(names.ASSIGNED, name, source),
        recorded(names.LEAD_UPDATED, OWNER, source),
        Operation(write),
    ]


def _in_turn(version: Version, scope: Scope) -> list[Any]:
    leads, owner = scope.fields.table, owner_of(scope)
    ownerless = passed(version, leads.c.id == batch.c.lead_id, _nobody(owner))
    dealt = _dealt(version, scope)
    rows = select(dealt.c.lead_id)
    recording = insert_events_from(
        rows, dealt.c.lead_id, names.ASSIGNED, dealt.c.name, key=dealt.c.key
    )
    write = update(leads).where(leads.c.id == dealt.c.lead_id).values({owner: dealt.c.name})
    anybody = select(team.c.key).where(team.c.position >= 0).exists()
    alone, there = ownerless.where(~anybody), ownerless.where(anybody)
    return [
        TurnsHeld(),
        recorded(NOT_ASSIGNED, None, alone),
        Operation(recording, event=names.ASSIGNED),
        recorded(names.LEAD_UPDATED, OWNER, there),
        Deal(write),
    ]


def _dealt(version: Version, scope: Scope) -> Subquery:
    """The leads of the visit without an owner, each with the person whose turn it is."""
    leads, owner = scope.fields.table, owner_of(scope)
    number = (func.row_number().over(order_by=batch.c.lead_id) - 1).label("number")
    ownerless = passed(version, leads.c.id == batch.c.lead_id, _nobody(owner))
    waiting = ownerless.add_columns(number).subquery("waiting")
    place = (_whose_turn() + waiting.c.number) % _strength()
    return (
        select(waiting.c.lead_id, waiting.c.number, team.c.key, team.c.name)
        .join_from(waiting, team, team.c.position == place)
        .subquery("dealt")
    )


def _whose_turn() -> Any:
    whose = team.alias("whose")
    return select(whose.c.position).where(whose.c.turn).scalar_subquery()


def _strength() -> Any:
    everyone = team.alias("everyone")
    return select(func.count()).where(everyone.c.position >= 0).scalar_subquery()


class TurnsHeld:
    """Each has the place they have now; where other processes deal too, whose turn it is stays so until
    this tick is committed."""

    def __init__(self) -> None:
        self._misplaced = Prepared(turns.MISPLACED.limit(1))
        self._hold = Prepared(select(team.c.key).order_by(team.c.position).with_for_update())

    async def run(self, tick: Tick, version: Version, visit: int, count: int) -> None:
        """Wait for who deals now; look who went away or came back since."""
        if tick.shards is not None:
            await tick.ask(self._hold)
        if await tick.ask(self._misplaced, p_now=tick.clock or tick.now):
            await turns.arrange(tick.conn, tick.clock or tick.now)


class Deal:
    """Writes the owners dealt, then moves the turn on by as many."""

    def __init__(self, write: Any) -> None:
        self._write = Prepared(write)
        here = (_whose_turn() + _COUNT) % _strength()
        self._pass_on = Prepared(update(team).values(turn=team.c.position == here))

    async def run(self, tick: Tick, version: Version, visit: int, count: int) -> None:
        """Apply it to the rows of that visit."""
        dealt = await tick.run(self._write, version, p_visit=visit)
        if dealt:
            await tick.do(self._pass_on, p_dealt=dealt)
