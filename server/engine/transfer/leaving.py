"""Who passes to a version whose new exits already hold for him leaves by them, as if they turned true.

An exit by a state takes out those for whom it turns true; of one that was added or changed, those who
pass to it are told that it stands.
"""

from collections.abc import Iterator

from sqlalchemy import select

from dsl.program import Program
from relance.facts import Condition
from server.engine.listener import CampaignListener, listeners
from server.engine.lists.declared import written
from server.engine.running import Running
from server.engine.tick import Tick
from server.engine.transfer.positions import PASSING, movers
from server.engine.triggers.entries import holding
from server.engine.triggers.state_events import insert_state_events
from server.engine.version import Version

#: Why a state is told to stand: what the journal shows.
_PASSED = "nouvelle version"


async def tell_exits(tick: Tick, version: Version, running: Running, most: int) -> None:
    """Tell of the states that take out of `version`, and not of the one the movers of a part come from.

    `most`: how many they are.
    """
    if not any(_exits(version)):
        return
    scope = running.scope(version.id)
    leads = scope.fields.table
    for number in await tick.conn.scalars(select(movers.c.version_id).where(PASSING).distinct()):
        former = running.version(number)
        came = select(movers.c.lead_id).where(movers.c.version_id == number, PASSING)
        for each in new_exits(version, former.program if former is not None else None):
            rows = holding(each.trigger.condition, scope).where(leads.c.id.in_(came))
            stands = insert_state_events(rows, leads.c.id, each.subject, _PASSED)
            first = tick.store.ids.reserve(most)
            await stands.run(tick, True, whose=version, p_first_id=first)


def _exits(version: Version) -> Iterator[CampaignListener]:
    """What takes out of it by a state."""
    return (each for each in listeners(version) if each.outcome is not None and each.by_state)


def new_exits(version: Version, former: Program | None) -> Iterator[CampaignListener]:
    """Those of a version, by a state, that a former program has not."""
    rules = former.exits if former is not None else ()
    known = {_written(rule.trigger.condition) for rule in rules if rule.trigger.on is None}
    return (each for each in _exits(version) if _written(each.trigger.condition) not in known)


def _written(condition: Condition | None) -> str | None:
    return None if condition is None else written(condition)
