"""Facts that say since when they hold: of two, the one that came to be later wins, in any order.

Only sources that date what they say (`Incoming.as_of`) pay for it: what each of them last told of
a field is kept with its date, and what is not newer is left out.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.intake.incoming import Arrival
from server.store.bulk import insert_rows
from server.store.instants import Micros, to_micros
from server.store.leads import among

#: A lead, a source, a column of `leads`.
_Told = tuple[int, str, str]
_KEPT = "ON CONFLICT (lead_id, source, field) DO UPDATE SET at = excluded.at"


@dataclass
class Dated:
    """The dated facts of one batch."""

    #: By index in the batch: the columns something newer is known of.
    late: dict[int, frozenset[str]] = field(default_factory=dict)
    #: What is newly told, by the lead as the register numbers it.
    new: dict[_Told, Micros] = field(default_factory=dict)

    def fields(self, index: int, given: Mapping[str, object]) -> Mapping[str, object]:
        """Those of the fields of a fact that are not late."""
        late = self.late.get(index)
        return {name: given[name] for name in given if name not in late} if late else given

    async def write(self, conn: AsyncConnection, number: Callable[[int], int]) -> None:
        """Keep the dates; `number` tells the lead's own number."""
        if self.new:
            rows = [(number(lead), *rest, at) for (lead, *rest), at in self.new.items()]
            await insert_rows(conn, "learned", ("lead_id", "source", "field", "at"), rows, _KEPT)


async def dated(
    conn: AsyncConnection,
    batch: Sequence[Arrival],
    places: Mapping[int, int],
    same: Mapping[int, int],
) -> Dated:
    """Judge the dated facts of a batch. `same` tells which lead each merged one becomes."""
    told = {index: lead for index, lead in places.items() if batch[index].incoming.as_of}
    if not told:
        return Dated()
    becomes = {lead: _end(lead, same) for lead in {*told.values(), *same, *same.values()}}
    known = await _known(conn, becomes)
    found = Dated()
    for index, lead in told.items():
        incoming = batch[index].incoming
        at = to_micros(incoming.as_of) if incoming.as_of else 0
        late = set()
        for column in batch[index].fields:
            key = (becomes[lead], incoming.source, column)
            if known.get(key, at - 1) >= at:
                late.add(column)
            else:
                known[key] = found.new[key] = at
        found.late[index] = frozenset(late)
    return found


async def _known(conn: AsyncConnection, becomes: Mapping[int, int]) -> dict[_Told, Micros]:
    """When each was last told, the latest of those that are one lead now."""
    query = text(
        "SELECT lead_id, source, field, at FROM learned "  # noqa: S608
        f"WHERE lead_id IN {among(conn.dialect.name, 'ids')}"
    )
    known: dict[_Told, Micros] = {}
    for lead, source, column, at in await conn.execute(query, {"ids": _json(becomes)}):
        key = (becomes[lead], source, column)
        known[key] = max(at, known.get(key, at))
    return known


def _json(leads: Iterable[int]) -> str:
    return json.dumps([lead for lead in leads if lead > 0])


def _end(lead: int, same: Mapping[int, int]) -> int:
    while lead in same:
        lead = same[lead]
    return lead
