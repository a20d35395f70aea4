"""A publication, within its transaction; and what the last one left in the store, read again."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Program
from server.engine import own_zone
from server.engine.conditions.scope import Scope
from server.engine.effects import team
from server.engine.index import Index
from server.engine.listener import CampaignListener, Listener
from server.engine.lists import declared
from server.engine.lists.dynamic_list import asked
from server.engine.publication import publication
from server.engine.publication.live import forget_gone
from server.engine.publication.project import Project
from server.engine.publication.publication import Written
from server.engine.publication.published import NOTHING, published
from server.engine.running import Live, Running
from server.engine.standing import standing_rules
from server.engine.standing.standing import Standing
from server.engine.statements.plan import Plan
from server.engine.tick import Tick
from server.engine.triggers import takings
from server.engine.triggers.notings import Notings, forget_but, mark, marked
from server.engine.triggers.schedules import plan_recurrence
from server.engine.version import Recorded


async def publish(
    tick: Tick, project: Project, programs: Sequence[Written], running: Running
) -> Live:
    """Make this the project of the store; `programs`: its own, as `written`."""
    conn, store, zone = tick.conn, running.store, running.zone
    recorded = await publication.publish(conn, project.programs, programs, tick.clock)
    read = [item.program for item in project.programs]
    fresh = dict(zip((one.version_id for one in recorded), read, strict=True))
    await team.publish(conn, project.people)
    former = Standing(await standing_rules.read(conn), store, zone)
    await standing_rules.publish(conn, project.rules)
    moved = await own_zone.moved(conn, zone)
    if moved:
        await declared.look_again(conn)
    await declared.publish(conn, project.lists)
    standing = Standing(project.rules, store, zone)
    index = await _read(conn, running, fresh)
    if any(item.new for item in recorded):
        await forget_gone(tick)
    states = (*index.states, *standing.states)
    unbuilt = {list_.key for list_ in index.lists if not list_.built}
    unknown = _unknown(recorded, former, running.index)
    await forget_but(conn, states)
    for each in states:
        if moved or unknown(each) or asked(each.trigger.condition) & unbuilt:
            await mark(tick, each, unbuilt)

    def scope_of(number: int) -> Scope:
        version = index.versions.get(number)
        return Plan(version, store, running.works).scope if version else standing.scope

    await Notings(states, scope_of, await marked(conn)).go_on_at_once(tick, unbuilt)
    for listener in (*index.scheduled.values(), *standing.scheduled.values()):
        await plan_recurrence(tick, listener)
    await takings.plan(tick, index, recorded)
    return Live(index, standing, await marked(conn))


def _unknown(
    recorded: Sequence[Recorded], former: Standing, index: Index
) -> Callable[[Listener], bool]:
    """Tells the state triggers that nobody followed until now; `index`: of what ran until now."""
    begin = {item.version_id for item in recorded if item.new or item.reopened}
    # The exits of a campaign that was away went on listening, if there was somebody inside.
    known = {item.version_id for item in recorded if not item.new} & index.versions.keys()
    rules = {each.number for each in former.states}

    def unknown(listener: Listener) -> bool:
        if not isinstance(listener, CampaignListener):
            return listener.number not in rules
        number = listener.version.id
        return number in begin and not (number in known and listener.outcome is not None)

    return unknown


async def read(conn: AsyncConnection, running: Running) -> Live:
    """What was published last."""
    index = await _read(conn, running)
    rules = await standing_rules.read(conn)
    return Live(index, Standing(rules, running.store, running.zone), await marked(conn))


async def _read(
    conn: AsyncConnection, running: Running, fresh: Mapping[int, Program] = NOTHING
) -> Index:
    """Its campaigns and lists; `fresh`: programs known already, by version."""
    known = {number: one.program for number, one in running.index.versions.items()}
    return await published(conn, running.zone, {**known, **fresh})
