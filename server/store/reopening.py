"""The journeys of leads that a merge had made one, as each is itself again.

Where several were in one campaign, the first to have entered stayed inside, and each merge that
ended a journey remembers it. They go on in whatever order the leads are separated.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Date, Table, delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.instants import Micros
from server.store.schema.metadata import metadata

_ENTRIES = ("waits", "journal", "outbox", "transferred", "carried", "enrolments")
_JOURNEY = "WHERE lead_id = :target AND campaign_id = :campaign AND entry = :entry"


class InHand(Exception):
    """A channel has a message of theirs, for a moment: `.args` are whom it goes to."""


class Reopening:
    """Of one separation: what it does to journeys, and how it writes rows."""

    def __init__(
        self, conn: AsyncConnection, source: int, target: int, merged_at: Micros, now: Micros
    ) -> None:
        self._conn, self._merged_at, self._now = conn, merged_at, now
        self._source, self._target = source, target

    async def _do(self, statement: str, **values: Any) -> None:
        values |= {"source": self._source, "target": self._target, "now": self._now}
        asked = {name: values[name] for name in values if f":{name}" in statement}
        await self._conn.execute(text(statement), asked)

    async def _put(self, name: str, rows: Sequence[dict[str, Any]]) -> None:
        """Write rows as they were; one that is there again stays."""
        table = metadata.tables[name]
        key = [column.name for column in table.primary_key]
        for row in rows:
            held = {column: typed(table, column, value) for column, value in row.items()}
            same = (table.c[column] == held[column] for column in key)
            if (await self._conn.execute(select(table.c[key[0]]).where(*same))).first() is None:
                await self._conn.execute(insert(table).values(**held))

    async def _give_back_entries(self, rows: Sequence[tuple[dict[str, Any], int]]) -> None:
        """The source's journeys, as far as they have come since.

        `InHand` where a channel has a message of one: what it answers is kept by the message's key,
        which is to be another's.
        """
        for row, offset in rows:
            there = {"entry": row["entry"] + offset, "campaign": row["campaign_id"]}
            for name in _ENTRIES:
                still = " AND state <> 'sending'" if name == "outbox" else ""
                await self._do(
                    f"UPDATE {name} SET lead_id = :source, entry = :own {_JOURNEY}{still}",  # noqa: S608
                    own=row["entry"],
                    **there,
                )
            # Looked at afterwards: a channel may have taken one meanwhile.
            left = text(f"SELECT 1 FROM outbox {_JOURNEY}")  # noqa: S608
            if (await self._conn.execute(left, {"target": self._target, **there})).first():
                raise InHand(self._target)

    async def _remember_later(self, rows: dict[str, list[tuple[dict[str, Any], int]]]) -> None:
        """Of the source's journeys that a third lead, joined since, ended: as they were by then.

        They are the source's again, and nothing that third lead is to give back.
        """
        for row, offset in rows.get("enrolments", []):
            mine = {name: row[name] for name in ("lead_id", "campaign_id", "entry")}
            there = {**mine, "lead_id": self._target, "entry": row["entry"] + offset}
            query = text(
                "SELECT r.source, r.kind, r.key, r.row FROM merges m "
                "JOIN merged_rows r ON r.source = m.source WHERE m.target = :target "
                "AND m.source <> :source AND r.kind LIKE 'ended:%' AND r.key LIKE :place"
            )
            asked = {"target": self._target, "source": self._source, "place": _place(there)}
            found = (await self._conn.execute(query, asked)).all()
            if not found:
                continue
            for kind in ("enrolments", "waits"):
                kept = [one for one in rows.get(kind, []) if not _of(one[0], mine)]
                rows[kind] = (
                    kept if kind == "waits" else [*kept, ({**row, "active": False}, offset)]
                )
            for one in found:
                rows.setdefault(one.kind, []).append(({**json.loads(one.row), **mine}, 0))
                await self._conn.execute(
                    text("DELETE FROM merged_rows WHERE source = :s AND kind = :k AND key = :key"),
                    {"s": one.source, "k": one.kind, "key": one.key},
                )

    async def _reopen(self, rows: Mapping[str, list[tuple[dict[str, Any], int]]]) -> None:
        """The journeys that ended because the two were in one campaign, go on."""
        ended = [row for row, _ in rows.get("ended:enrolments", [])]
        ended += [row for row, _ in rows.get("enrolments", []) if row["active"]]
        # As in a merge, the first to have entered is the one that is inside.
        for row in sorted(ended, key=lambda row: int(row["entered_at"])):
            place = {name: row[name] for name in ("lead_id", "campaign_id", "entry")}
            if not await self._may_go_on(place):
                await self._go_on_after(place)
                continue
            if (archived_at := await self._archived(place["campaign_id"])) is not None:
                await self._left_with_all(place, archived_at)
                continue
            table = metadata.tables["enrolments"]
            same = [table.c[name] == value for name, value in place.items()]
            await self._conn.execute(delete(table).where(*same))
            await self._put("enrolments", [_due_again(row)])
            await self._do(
                "DELETE FROM journal WHERE lead_id = :lead_id AND campaign_id = :campaign_id "
                "AND entry = :entry AND move > :moves AND kind = 'left'",
                **place,
                moves=row["moves"],
            )
            waits = [*rows.get("waits", []), *rows.get("ended:waits", [])]
            await self._put("waits", [one for one, _ in waits if _of(one, place)])
            for message, _ in rows.get("ended:outbox", []):
                if _of(message, place):
                    await self._send_again(message)

    async def _go_on_after(self, place: Mapping[str, int]) -> None:
        """A journey of the target that another lead's still stands for, goes on when that one goes.

        That lead was joined since, and is to give it back in the source's stead.
        """
        query = text(
            "SELECT r.source, r.row, r.extra, e.entry FROM enrolments e "
            "JOIN merges m ON m.target = e.lead_id AND m.source <> :source "
            "JOIN merged_rows r ON r.source = m.source AND r.kind = 'enrolments' "
            "WHERE e.lead_id = :lead_id AND e.campaign_id = :campaign_id AND e.active"
        )
        asked = {"source": self._source, **place}
        asked.pop("entry")
        for heir in (await self._conn.execute(query, asked)).all():
            row = json.loads(heir.row)
            of_it = row["campaign_id"] == place["campaign_id"]
            if of_it and row["entry"] + heir.extra == heir.entry:
                await self._conn.execute(
                    text(
                        "UPDATE merged_rows SET source = :heir WHERE source = :source "
                        "AND kind LIKE 'ended:%' AND key LIKE :place"
                    ),
                    {"heir": heir.source, "source": self._source, "place": _place(place)},
                )
                return

    async def _may_go_on(self, place: Mapping[str, int]) -> bool:
        """Whether that journey ended by the merge, and no other has begun since."""
        query = text(
            "SELECT 1 FROM enrolments e WHERE e.lead_id = :lead_id "
            "AND e.campaign_id = :campaign_id AND e.entry = :entry AND e.outcome IN ('merged', 'outranked') "
            "AND NOT EXISTS (SELECT 1 FROM enrolments o WHERE o.lead_id = e.lead_id "
            "AND o.campaign_id = e.campaign_id AND o.stay_value = e.stay_value AND o.active) "
            "AND (e.outcome = 'merged' OR NOT EXISTS (SELECT 1 FROM campaigns mine "
            "JOIN campaigns its ON its.exclusive_group = mine.exclusive_group AND its.runs "
            "JOIN enrolments o ON o.campaign_id = its.id AND o.lead_id = e.lead_id AND o.active "
            "WHERE mine.id = e.campaign_id))"
        )
        return (await self._conn.execute(query, dict(place))).first() is not None

    async def _archived(self, campaign: int) -> Micros | None:
        """When that campaign was last archived, if it was since the merge: everybody left it then."""
        query = text(
            "SELECT max(at) FROM campaign_changes WHERE campaign_id = :campaign "
            "AND kind = 'archived' AND at >= :merged"
        )
        asked = {"campaign": campaign, "merged": self._merged_at}
        found: Micros | None = await self._conn.scalar(query, asked)
        return found

    async def _left_with_all(self, place: Mapping[str, int], at: Micros) -> None:
        """That journey ended as all of its campaign did, had there been no merge."""
        this = "lead_id = :lead_id AND campaign_id = :campaign_id AND entry = :entry"
        for change in (
            "UPDATE enrolments SET outcome = 'archived', left_at = :at",
            "UPDATE journal SET cause = 'operator', at = :at",
        ):
            left = " AND kind = 'left'" if "journal" in change else ""
            await self._do(f"{change} WHERE {this}{left}", at=at, **place)

    async def _send_again(self, message: Mapping[str, Any]) -> None:
        """A message that the merge called back is to be sent after all."""
        due = message["due_at"]
        key = ("lead_id", "campaign_id", "entry", "move", "ordinal")
        same = " AND ".join(f"{name} = :{name}" for name in key)
        await self._do(
            "UPDATE outbox SET state = 'pending', due_at = :due_at, settled_at = NULL, "  # noqa: S608
            f"reason = NULL WHERE {same} AND state = 'cancelled'",
            # Its campaign may have kept it for its return: whether it still does is seen when it is due.
            due_at=message.get("overdue_at") if due is None else due,
            **{name: message[name] for name in key},
        )


def _place(of: Mapping[str, Any]) -> str:
    """How the keys of what ended in a journey begin, as `LIKE` asks."""
    return f"[{of['lead_id']}, {of['campaign_id']}, {of['entry']}, %"


def _due_again(row: Mapping[str, Any]) -> dict[str, Any]:
    """A journey set apart until its campaign is resumed: by now it may be."""
    if row["wake_at"] is None and row.get("overdue_at") is not None:
        return {**row, "wake_at": row["overdue_at"], "overdue_at": None}
    return dict(row)


def _of(row: Mapping[str, Any], place: Mapping[str, int]) -> bool:
    return all(row[name] == value for name, value in place.items())


def typed(table: Table, column: str, value: object) -> object:
    """A value that was JSON, as the column holds it."""
    kind = table.c[column].type
    if isinstance(kind, Date) and isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(kind, Boolean) and value is not None:
        return bool(value)
    if type(kind).__name__ == "Number" and isinstance(value, str):
        return Decimal(value)
    return value
