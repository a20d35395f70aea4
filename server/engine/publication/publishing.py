"""A publication, within its transaction."""

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from zoneinfo import ZoneInfo

from dsl.program import Program
from server.engine import own_zone
from server.engine.effects import team
from server.engine.goals import objectives
from server.engine.goals import stored as goals
from server.engine.index import Index
from server.engine.life import resuming, settling
from server.engine.life.lifecycle import Lifecycle
from server.engine.listener import CampaignListener, Listener
from server.engine.lists import declared
from server.engine.lists.dynamic_list import asked
from server.engine.publication import publication
from server.engine.publication.latest import latest
from server.engine.publication.live import forget_gone, inhabited, inside
from server.engine.publication.project import Project
from server.engine.publication.publication import Written
from server.engine.published import Published
from server.engine.rules import stored
from server.engine.rules.rule import state_rules
from server.engine.running import Running
from server.engine.tick import Tick
from server.engine.transfer import transfers
from server.engine.triggers import takings
from server.engine.triggers.notings import forget_but, mark, marked
from server.engine.triggers.schedules import plan_recurrences
from server.engine.version import RecordedProgram
from server.store import policies


async def publish(
    tick: Tick, project: Project, programs: Sequence[Written], running: Running
) -> Running:
    """Make this the project of the store; what is to run once that is committed.

    `programs`: its own, as `written`.
    """
    conn, zone = tick.conn, running.zone
    recorded = await publication.publish(conn, project, programs, tick.clock)
    await takings.take_over(tick, zone, recorded)
    await _transfer(tick, project, programs, recorded, running.programs.keys())
    await team.publish(conn, project.people, tick.now)
    former = await stored.read(conn)
    await stored.publish(conn, project.rules)
    await objectives.publish(conn, project.objectives)
    run = (one.program for one in project.programs)
    await goals.publish(conn, project.goals, run, zone, tick.clock)
    # What the former policy put off is asked about again.
    tick.sent = await policies.publish(conn, project.policy, tick.clock) or tick.sent
    moved = await own_zone.moved(conn, zone)
    if moved:
        await declared.look_again(conn)
    await declared.publish(conn, project.lists)
    read = [item.program for item in project.programs]
    fresh = dict(zip((one.version_id for one in recorded), read, strict=True))
    people = await inside(tick)
    live = await inhabited(conn, people)
    published = await _published(tick, zone, running.programs | fresh, live)
    if any(item.new for item in recorded):
        await forget_gone(tick, people)
    unknown = _unknown(recorded, state_rules(former), running.published.index)
    made = [item.version_id for item in recorded if item.new]
    coming, begun = await _take_up(tick, running, published, made)
    unbuilt = {list_.key for list_ in published.lists if list_.number in published.unbuilt}
    begin = {version.id for one in begun for version in one.versions}
    await mark(
        tick,
        [
            each
            for each in coming.states
            if each.key[0] not in begin
            and (moved or unknown(each) or asked(each.trigger.condition) & unbuilt)
        ],
        unbuilt,
    )
    await settling.begin(tick, begun, coming.states, unbuilt)
    coming.notings.begin_again(await marked(conn))
    await coming.notings.go_on_at_once(tick, unbuilt)
    await takings.plan(
        tick, published.index, [one for one in recorded if one.version_id not in begin]
    )
    coming.notings.begin_again(await marked(conn))
    return coming


async def _transfer(
    tick: Tick,
    project: Project,
    programs: Sequence[Written],
    recorded: Sequence[RecordedProgram],
    live: Set[int],
) -> None:
    """Have those inside become what was decided."""
    for item, one in zip(programs, recorded, strict=True):
        plan = project.transfers.get(item.key)
        if plan is not None and plan.moves:
            await transfers.begin(tick, one.campaign_id, one.version_id, plan, live)


async def turn(tick: Tick, running: Running) -> Running:
    """What is to run once it is committed that campaigns are in the states the store has now."""
    people = running.published.lifecycles.inhabited
    published = await _published(tick, running.zone, running.programs, people)
    coming, begun = await _take_up(tick, running, published)
    unbuilt = {list_.key for list_ in published.lists if list_.number in published.unbuilt}
    await settling.begin(tick, begun, coming.states, unbuilt)
    coming.notings.begin_again(await marked(tick.conn))
    return coming


async def _published(
    tick: Tick,
    zone: ZoneInfo,
    known: Mapping[int, Program],
    people: frozenset[int],
) -> Published:
    """What the store has published, whoever is overdue in a period that opens being given back first."""
    found = await latest(tick.conn, zone, known, tick.now, people)
    again = [one for one in found.lifecycles.all if one.comes_back(tick.now)]
    for one in again:
        await resuming.open_again(tick, one.id)
    return await latest(tick.conn, zone, known, tick.now, people) if again else found


async def _take_up(
    tick: Tick, running: Running, published: Published, fresh: Collection[int] = ()
) -> tuple[Running, Sequence[Lifecycle]]:
    """What is to run, and the campaigns that begin to: the store is told which they are."""
    begun = await settling.settle(tick, published.lifecycles, fresh)
    coming = running.followed_by(published.settled())
    waiting = {version.id for version in published.lifecycles.waiting}
    await forget_but(tick.conn, coming.states, waiting)
    await plan_recurrences(tick, coming.scheduled.values())
    return coming, begun


def _unknown(
    recorded: Sequence[RecordedProgram], rules: Set[int], index: Index
) -> Callable[[Listener], bool]:
    """Tells the state triggers that nobody followed until now.

    `rules`, `index`: the numbers of the rules, and the campaigns, that were followed until now.
    """
    begin = {item.version_id for item in recorded if item.new or item.reopened}
    # The exits of a campaign that was away went on listening, if there was somebody inside.
    known = {item.version_id for item in recorded if not item.new} & index.versions.keys()

    def unknown(listener: Listener) -> bool:
        if not isinstance(listener, CampaignListener):
            return listener.number not in rules
        number = listener.version.id
        return number in begin and not (number in known and listener.outcome is not None)

    return unknown
