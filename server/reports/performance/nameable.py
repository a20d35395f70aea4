"""What a report may be of, by name: what a form proposes beside the field where it is written."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.reports.performance import house, lists
from server.reports.performance.messages import message_names
from server.reports.performance.offered import NamedFor, ReportGround
from server.reports.performance.reading import EVER, DaySpan
from server.store.links import all_links
from server.store.schema.campaigns import campaigns

#: More are not proposed: who looks for one of them types its name.
_MOST = 500


async def names_of(
    conn: AsyncConnection, ground: ReportGround, kind: NamedFor | None, days: DaySpan
) -> Sequence[str]:
    """Those there are, in order; of messages, those of these days; none of leads, who are not listed in
    a form."""
    found: Sequence[str] = ()
    match kind:
        case NamedFor.CAMPAIGN:
            named = select(campaigns.c.name).order_by(campaigns.c.name).limit(_MOST)
            found = (await conn.scalars(named)).all()
        case NamedFor.MESSAGE:
            found = await message_names(conn, days, _MOST)
        case NamedFor.LIST:
            found = await lists.names(conn)
        case NamedFor.CONVERSION:
            found = [row.subject for row in await house.conversions(conn, EVER)]
        case NamedFor.LINK:
            found = [one.name for one in await all_links(conn)]
        case NamedFor.INDICATOR:
            found = [one.label for one in ground.indicators() if one.label]
    return found[:_MOST]
