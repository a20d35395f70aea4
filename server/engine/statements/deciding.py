"""A decision, and what follows either answer as far as nothing else is asked: one stretch."""

from dataclasses import replace

from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import SelectBase

from dsl.program import Decide
from server.engine.batch import batch
from server.engine.conditions.conditions import compiled
from server.engine.conditions.leaves import leaves_json
from server.engine.conditions.scope import Scope
from server.engine.moves import Move
from server.engine.statements.lines import ProgramLines
from server.engine.statements.recording import MoveMade
from server.engine.statements.stretches import Door, Runnable, WayOn, stretch
from server.engine.version import Version


def after(
    door: Door, index: int, target: int, version: Version, scope: Scope, lines: ProgramLines
) -> Runnable:
    """What those do who leave that statement by that door for `target`."""
    decision = lines.decision(index, target)
    if decision is not None:
        fork = decided(door, decision, target, version, scope, lines)
        if fork is not None:
            return fork
    return stretch(door, [WayOn(lines.beyond(index, target))], version, scope)


def decided(
    door: Door, at: Decide, index: int, version: Version, scope: Scope, lines: ProgramLines
) -> Runnable | None:
    """The decision at that statement, and what follows either answer, as a stretch from that door on.

    None where the condition is to be looked up: it is then asked once, and not for each column. None too
    where it asks about what the door changes.
    """
    holds, leaves = compiled(at.condition, scope), leaves_json((at.condition,), scope)
    if any(isinstance(node, SelectBase) for node in visitors.iterate(holds)):
        return None
    if door.reads(holds, leaves):
        return None
    here = replace(door, changes={**door.changes, "leaves": leaves})
    ways = [
        WayOn(line, (MoveMade(index, Move.DECIDED, branch=branch, leaves=batch.c.leaves),))
        for line, branch in zip(lines.fork(index, (at.yes, at.no)), (1, 0), strict=True)
    ]
    return stretch(here, ways, version, scope, holds)
