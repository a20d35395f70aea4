"""What campaigns that stop were told, and no tick has handled yet: nothing of it is lost.

For whom a state was told to hold is no longer known, so that it is told again when they run; other
events are kept for them, as for a version that is set apart. Who waits for such an event does not
hear it any more.
"""

from collections.abc import Sequence

from sqlalchemy import delete, select, tuple_

from server.engine.listener import Listener, listeners
from server.engine.own_events import SCHEDULE_DUE, STATE_STANDS
from server.engine.tick import Tick
from server.engine.triggers.backlog import noted
from server.engine.triggers.edge import rows_of
from server.engine.version import Version
from server.store import inbox
from server.store.schema.campaigns import edges
from server.store.schema.events import events
from server.store.schema.events import inbox as _rows

_OWN = (STATE_STANDS, SCHEDULE_DUE)


async def keep(tick: Tick, versions: Sequence[Version]) -> None:
    """Have these find it when they run again."""
    if not await inbox.any_waits(tick.conn):
        return
    key = tuple_(events.c.lead_id, events.c.type, events.c.id)
    waiting = key.in_(select(_rows.c.lead_id, _rows.c.type, _rows.c.id))
    for version in versions:
        for listener in listeners(version):
            if listener.by_state:
                await _tell_again(tick, listener)
            else:
                dialect = tick.store.dialect
                await tick.conn.execute(noted(listener, events, dialect, waiting))


async def _tell_again(tick: Tick, listener: Listener) -> None:
    those = select(_rows.c.lead_id).where(
        _rows.c.type.in_(_OWN), _rows.c.subject_key == listener.subject
    )
    gone = delete(edges).where(rows_of(listener), edges.c.lead_id.in_(those))
    await tick.conn.execute(gone)
