"""The journal of campaigns: what was done to each, when, by whom and why. Never written over."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.engine.life.state import CampaignChange
from server.store.instants import Micros
from server.store.schema.campaigns import campaign_changes
from server.store.schema.rules import publications

#: The longest reason there is, of a decision as of a publication: what is longer is refused at the
#: door, and never cut unseen.
LONGEST_WHY = 1_000


@dataclass(frozen=True, slots=True)
class Author:
    """Whose decision it is; `who` None: nobody’s, the calendar or a folder that is saved brought it."""

    who: str | None = None
    why: str | None = None


CALENDAR = Author()


async def note(
    conn: AsyncConnection,
    campaign_id: int,
    change: CampaignChange,
    author: Author,
    at: Micros,
    details: Mapping[str, object] | None = None,
) -> None:
    """Write what was done, in the transaction that does it."""
    await note_each(conn, [campaign_id], change, author, at, details)


async def note_each(
    conn: AsyncConnection,
    campaign_ids: Sequence[int],
    change: CampaignChange,
    author: Author,
    at: Micros,
    details: Mapping[str, object] | None = None,
) -> None:
    """Write that the same was done to each of them."""
    if not campaign_ids:
        return
    values = {
        "at": at,
        "kind": change.value,
        "who": author.who,
        "why": (author.why or "").strip()[:LONGEST_WHY] or None,
        "publication": select(func.max(publications.c.number)).scalar_subquery(),
        "details": json.dumps(details, ensure_ascii=False) if details else None,
    }
    rows = [{"campaign_id": each} for each in campaign_ids]
    await conn.execute(insert(campaign_changes).values(**values), rows)


async def last(conn: AsyncConnection) -> int:
    """The number of the last change by which a campaign began to run again."""
    again = campaign_changes.c.kind.in_([CampaignChange.RESUMED.value, CampaignChange.OPENED.value])
    return await conn.scalar(select(func.max(campaign_changes.c.id)).where(again)) or 0
