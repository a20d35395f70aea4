"""Looking at every lead there is: part by part in the order they came, a commit each.

What a publication has done for everybody (building lists, noting conditions) thus leaves the
intake its turn, and goes on after a stop where it had got to.
"""

from dataclasses import dataclass

from sqlalchemy import BigInteger, bindparam, func, select

from server.engine.tick import Tick
from server.store.schema.leads import leads

#: Leads that one transaction looks at: nothing is taken in meanwhile, and that must not last a
#: tenth of a second. Larger parts are no faster.
PART = 20_000
#: The bounds of a part, for statements built once and run for each.
AFTER = bindparam("p_after", type_=BigInteger)
UPTO = bindparam("p_upto", type_=BigInteger)


@dataclass(frozen=True, slots=True)
class Part:
    """The leads numbered above `after`, up to `upto`; `whole`: no one is left after them."""

    after: int
    upto: int
    count: int
    whole: bool


async def next_part(tick: Tick, after: int, most: int, last: int | None = None) -> Part:
    """At most so many leads after that one; none numbered above `last`."""
    found = select(leads.c.id).where(leads.c.id > after)
    if last is not None:
        found = found.where(leads.c.id <= last)
    part = found.order_by(leads.c.id).limit(most).subquery()
    ((count, upto),) = (await tick.conn.execute(select(func.count(), func.max(part.c.id)))).all()
    return Part(after, upto or after, int(count), count < most)


async def progress(tick: Tick, part: Part) -> int:
    """How far that is, in hundredths."""
    return share(part.upto, await tick.conn.scalar(select(func.max(leads.c.id))) or 1)


def share(reached: int, last: int) -> int:
    """How far a lead is from the first to the last, in hundredths."""
    return min(99, 100 * reached // max(last, 1))
