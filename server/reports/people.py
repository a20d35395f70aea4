"""Finding a lead by what a person knows of them: an e-mail, a telephone, a number."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relance.legible import legible
from server.store.contacts import email_key
from server.store.schema.leads import identities, leads

_NOT_DIGITS = re.compile(r"\D+")
#: Fewer digits than this find no telephone: « 5 » is a lead's number.
_SHORTEST_PHONE = 7


async def find_lead(conn: AsyncConnection, words: str) -> int | None:
    """The id of the lead meant, merged ones followed; None when nobody answers to that."""
    words = legible(words).strip()  # PostgreSQL refuses a text with a zero in it
    found = await _by_identity(conn, words)
    if found is None and words.isdecimal() and len(words) < 19:
        found = await conn.scalar(select(leads.c.id).where(leads.c.id == int(words)))
    # Who was forgotten is nobody.
    return None if found is None else await _followed(conn, found) or None


async def _by_identity(conn: AsyncConnection, words: str) -> int | None:
    email = email_key(words) or words.lower()
    kinds = [(identities.c.kind == "email") & (identities.c.value == email)]
    digits = _NOT_DIGITS.sub("", words)
    if len(digits) >= _SHORTEST_PHONE and "@" not in words:
        kinds.append((identities.c.kind == "phone") & identities.c.value.in_(_spellings(digits)))
    found: int | None = await conn.scalar(select(identities.c.lead_id).where(or_(*kinds)).limit(1))
    return found


def _spellings(digits: str) -> Sequence[str]:
    """As it was given, and with the prefix of North America left out by those who live there."""
    return (f"+{digits}", f"+1{digits}", digits)


async def _followed(conn: AsyncConnection, lead_id: int) -> int:
    """The lead that this one became, when two were found to be the same person."""
    seen = {lead_id}
    while True:
        into = await conn.scalar(select(leads.c.merged_into).where(leads.c.id == lead_id))
        if into is None or into in seen:
            return lead_id
        seen.add(into)
        lead_id = into


async def latest_leads(conn: AsyncConnection, count: int) -> Sequence[Any]:
    """The leads created last."""
    query = (
        select(leads.c.id, leads.c.f_prenom, leads.c.f_courriel, leads.c.score, leads.c.created_at)
        .where(leads.c.merged_into.is_(None))
        .order_by(leads.c.id.desc())
        .limit(count)
    )
    return (await conn.execute(query)).all()
