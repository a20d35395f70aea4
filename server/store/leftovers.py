"""What was told of leads and found no place on them: kept, counted, and forgotten after a while.

Anyone may post a form: a fact leaves a few rows at most, values are cut, and only so many are kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.bulk import insert_rows
from server.store.instants import Micros
from server.store.schema.leads import leftovers

#: What a fact may leave, how long a name and a value may be, how many rows there may be in all.
MOST_OF_A_FACT = 10
_LONGEST_NAME, _LONGEST_VALUE = 120, 200
MOST_KEPT = 50_000
#: Rows that are looked at to say what goes wrong most.
_LOOKED_AT = 5_000

#: What is no door: the campaigns' own messages, the forms themselves.
MESSAGES, FORMS = "messages", "forms"
#: Whose rows are about nobody in particular.
NOBODY = 0


class Reason(StrEnum):
    """Why something found no place."""

    NUMBER = "number"  # no number, date…: the field wants one
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"
    PHONE = "phone"
    LANGUAGE = "language"
    ZONE = "zone"
    TEXT = "text"
    SEVERAL = "several"  # one value counts, these came before it
    UNKNOWN = "unknown"  # no field of that name
    ANONYMOUS = "anonymous"  # an address, and nothing that says it is the person's
    UNHEARD = "unheard"  # a form no rule hears
    NO_ADDRESS = "no_address"  # a message for a lead who has none
    FORGOTTEN = "forgotten"  # about somebody who asked to be forgotten: nothing of it is kept


@dataclass(frozen=True, slots=True)
class Leftover:
    """One of them, as it was told."""

    field: str
    value: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Group:
    """Those alike: how many leads, how many times, and the last of them."""

    source: str
    field: str
    reason: str
    value: str
    lead_id: int
    at: Micros
    leads: int
    times: int


async def keep(
    conn: AsyncConnection, found: Iterable[tuple[int, str, Leftover]], now: Micros
) -> None:
    """Keep those (lead, source, what), in the caller's transaction."""
    rows: dict[tuple[int, str, str, str], list[Any]] = {}
    for lead, source, one in found:
        key = (lead, source[:200], _name(_cut(one.field, _LONGEST_NAME)), one.reason.value)
        row = rows.setdefault(key, ["", now, 0])
        row[0] = _storable(_cut(one.value, _LONGEST_VALUE))
        row[2] += 1
    columns = ("lead_id", "source", "field", "reason", "value", "at", "times")
    again = (
        "ON CONFLICT (lead_id, source, field, reason) DO UPDATE SET value = excluded.value, "
        "at = excluded.at, times = leftovers.times + excluded.times"
    )
    await insert_rows(
        conn, "leftovers", columns, [(*key, *row) for key, row in rows.items()], again
    )


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _storable(text: str) -> str:
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


#: Fact after fact leaves the same field; what people wrote in it is not remembered.
_name = lru_cache(maxsize=1_024)(_storable)


async def groups(conn: AsyncConnection, since: Micros = 0) -> Sequence[Group]:
    """The last of them put together, those that came most often first."""
    found: dict[tuple[str, str, str], Group] = {}
    query = (
        select(leftovers)
        .where(leftovers.c.at > since)
        .order_by(leftovers.c.at.desc(), leftovers.c.lead_id.desc())
        .limit(_LOOKED_AT)
    )
    for row in await conn.execute(query):
        key = (row.source, row.field, row.reason)
        last = found.get(key)
        if last is None:
            found[key] = Group(*key, row.value, row.lead_id, row.at, 1, row.times)
        else:
            leads, times = last.leads + 1, last.times + row.times
            found[key] = Group(*key, last.value, last.lead_id, last.at, leads, times)
    return sorted(found.values(), key=lambda one: (-one.times, -one.at))


async def of_lead(conn: AsyncConnection, lead: int) -> Sequence[Any]:
    """The rows of a lead."""
    query = select(leftovers).where(leftovers.c.lead_id == lead).order_by(leftovers.c.at)
    return list(await conn.execute(query))


async def forget(conn: AsyncConnection, before: Micros, at_once: int) -> int:
    """Forget some of those older than that, and of those beyond what is kept; how many."""
    beyond = select(leftovers.c.at).order_by(leftovers.c.at.desc()).offset(MOST_KEPT).limit(1)
    last = await conn.scalar(beyond)
    key = tuple_(leftovers.c.lead_id, leftovers.c.source, leftovers.c.field, leftovers.c.reason)
    old = (
        select(leftovers.c.lead_id, leftovers.c.source, leftovers.c.field, leftovers.c.reason)
        .where(leftovers.c.at <= max(before, last or 0))
        .order_by(leftovers.c.at)
        .limit(at_once)
    )
    return (await conn.execute(delete(leftovers).where(key.in_(old)))).rowcount
