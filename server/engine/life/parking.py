"""Those whose time comes while their campaign does not run: set apart once, by the tick that meets them.

Until it is resumed they are due no more, so that a million of them costs nothing later.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, null, select, tuple_, update

from server.engine.parameters import LIMIT, NOW
from server.engine.tick import Prepared, Tick
from server.store.schema.campaigns import enrolments

#: Of those whose time has come, how many are looked at by one tick.
PART = 5_000
_RESTING = bindparam("p_resting", type_=BigInteger, expanding=True)
_QUARANTINED = bindparam("p_quarantined", type_=BigInteger, expanding=True)
_KEY = (enrolments.c.lead_id, enrolments.c.campaign_id, enrolments.c.entry)


class Parking:
    """Sets them apart."""

    def __init__(self, dialect: str) -> None:
        due: Any = select(*_KEY, enrolments.c.version_id).where(
            enrolments.c.wake_at <= NOW, enrolments.c.version_id.not_in(_QUARANTINED)
        )
        due = due.order_by(enrolments.c.wake_at).limit(LIMIT)
        if dialect == "postgresql":
            due = due.with_for_update(skip_locked=True)
        first = due.subquery("first")
        key = (first.c.lead_id, first.c.campaign_id, first.c.entry)
        these = select(*key).where(first.c.version_id.in_(_RESTING))
        self._park = Prepared(
            update(enrolments)
            .where(tuple_(*_KEY).in_(these))
            .values(
                overdue_at=func.coalesce(enrolments.c.overdue_at, enrolments.c.wake_at),
                wake_at=null(),
            )
        )

    async def park(self, tick: Tick, resting: Sequence[int], quarantined: Collection[int]) -> int:
        """Of the first that are due, those in versions that do not run; how many.

        `quarantined`: those in them stay due, and stand before nobody.
        """
        if not resting:
            return 0
        others = sorted(set(quarantined).difference(resting))
        return await tick.do(self._park, p_resting=resting, p_quarantined=others, p_limit=PART)
