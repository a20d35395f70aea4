"""Two leads found to be one: all that the source has becomes the target's.

Set statements over a list of (source, target); the caller sees to it that no lead is target
twice nor both source and target in one call. The source's row stays, pointing to the target, so
that links already sent still find their lead.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store import field_proofs, goal_counts, moving, separation, shards, tallies
from server.store import leads as lead_rows
from server.store.field_proofs import ProvenRow, Sure
from server.store.instants import Micros
from server.store.moving import PAIRS
from server.store.separation import TakenField

#: Rows the target may have too; its own stay.
_SHARED = (
    ("list_members", ("list_key", "since")),
    ("lead_tags", ("tag_key", "name", "since")),
    ("edges", ("version_id", "trigger")),
    ("leftovers", ("source", "field", "reason", "value", "at", "times")),
    ("refusals", ("campaign_id", "reason", "at", "event_id")),
)

#: Rows numbered by entry. A message already handed to a channel keeps its key, so it stays.
_NUMBERED = (
    ("waits", ""),
    ("journal", ""),
    ("outbox", " AND NOT (outbox.attempts > 0 AND outbox.settled_at IS NULL)"),
    ("transferred", ""),
    ("carried", ""),
    ("enrolments", ""),
)

Pair = tuple[int, int]

#: Why a message of the entry that ends is not sent.
_FOLLOWED = "La personne a été reconnue\u00a0: elle suit déjà cette campagne."
_OUTRANKED = (
    "La personne a été reconnue\u00a0: elle suit une autre campagne du même groupe exclusif."
)
#: A score goes no further, up or down.
_MOST = 2**31 - 1


async def merge(conn: AsyncConnection, leads: Table, pairs: Sequence[Pair], now: Micros) -> None:
    """Merge each source into its target, in the caller's transaction."""
    await _Merge(conn, pairs, now).run(leads)


async def merge_rounds(
    conn: AsyncConnection, leads: Table, merged: Mapping[int, int], now: Micros
) -> None:
    """Merge each source into its target, in rounds where no lead is target twice."""
    pending = dict(merged)
    while pending:
        round_: dict[int, int] = {}
        for source, target in pending.items():
            round_.setdefault(target, source)
        pairs = [(source, target) for target, source in round_.items()]
        await merge(conn, leads, pairs, now)
        for source, _ in pairs:
            del pending[source]


class _Merge:
    """One call of `merge`."""

    def __init__(self, conn: AsyncConnection, pairs: Sequence[Pair], now: Micros) -> None:
        self._conn = conn
        self._couples = tuple(pairs)
        self._bound = json.dumps(pairs)
        self._pairs = PAIRS[conn.dialect.name] + " AS p"
        self._now = now

    async def run(self, leads: Table) -> None:
        await self._wait_for_the_engine()
        long = await moving.too_long(self._conn, self._pairs, self._bound)
        short = json.dumps([pair for pair in self._couples if pair not in long])
        await separation.remember(self._conn, self._pairs, self._bound, short)
        await self._end_doubles()
        await self._end_outranked()
        for table, columns in _SHARED:
            await self._share(table, columns)
        await goal_counts.merge(self._conn, self._pairs, self._bound)
        for table, further in _NUMBERED:
            await self._renumber(table, further)
        await self._add_interests()
        await tallies.forget_moving(self._conn, self._pairs, self._bound)
        await moving.begin(self._conn, self._pairs, self._bound, long)
        await self._do(
            "UPDATE events SET lead_id = p.target, origin = coalesce(events.origin, p.source) "  # noqa: S608
            f"FROM {self._pairs} WHERE events.lead_id = p.source",
            pairs=short,
        )
        await self._do(
            f"UPDATE points SET lead_id = p.target FROM {self._pairs} "  # noqa: S608
            "WHERE points.lead_id = p.source",
            pairs=short,
        )
        for table in ("inbox", "missed", "identities", "attached"):
            await self._do(
                f"UPDATE {table} SET lead_id = p.target FROM {self._pairs} "  # noqa: S608
                f"WHERE {table}.lead_id = p.source"
            )
        # The target is looked at anew, by the event that says it became another.
        await self._do(
            f"DELETE FROM flips WHERE lead_id IN (SELECT p.source FROM {self._pairs})"  # noqa: S608
        )
        await self._look_again()
        await self._choose_fields(leads)
        await self._join_rows()
        if self._conn.dialect.name == "postgresql":
            await shards.raise_targets(self._conn, self._pairs, self._bound)

    async def _wait_for_the_engine(self) -> None:
        """Let a tick that is moving the sources end first, else it would write to who they were.

        It holds the events it handles, and the enrolments and the looks whose time has come, as we
        do from here.
        """
        if self._conn.dialect.name != "postgresql":
            return
        sources = f"SELECT p.source FROM {self._pairs}"  # noqa: S608
        for held in ("inbox WHERE", "enrolments WHERE active AND", "flips WHERE"):
            await self._do(
                f"SELECT 1 FROM {held} lead_id IN ({sources}) ORDER BY lead_id FOR UPDATE"  # noqa: S608
            )

    async def _look_again(self) -> None:
        """What the target waits for may have happened to the source already."""
        await self._do(
            "UPDATE enrolments SET wake_at = :now WHERE active AND lead_id IN "  # noqa: S608
            f"(SELECT p.target FROM {self._pairs}) AND EXISTS (SELECT 1 FROM waits w "
            "WHERE w.lead_id = enrolments.lead_id AND w.campaign_id = enrolments.campaign_id "
            "AND w.entry = enrolments.entry)",
            now=self._now,
        )

    async def _do(self, statement: str, **values: object) -> None:
        await self._conn.execute(text(statement), {"pairs": self._bound, **values})

    async def _end_doubles(self) -> None:
        """Where both are in one campaign, the later entry leaves."""
        rows = await self._conn.execute(
            text(
                "SELECT later.lead_id, later.campaign_id, later.entry, later.moves, "  # noqa: S608
                f"later.version_id, later.statement FROM {self._pairs} "
                "JOIN enrolments a ON a.lead_id = p.source AND a.active "
                "JOIN enrolments b ON b.lead_id = p.target AND b.active "
                "AND b.campaign_id = a.campaign_id AND b.stay_value = a.stay_value "
                "JOIN enrolments later ON later.campaign_id = a.campaign_id AND later.active "
                "AND later.stay_value = a.stay_value "
                "AND later.lead_id = CASE WHEN a.entered_at >= b.entered_at "
                "THEN a.lead_id ELSE b.lead_id END"
            ),
            {"pairs": self._bound},
        )
        await self._end([dict(row) for row in rows.mappings()], "merged", _FOLLOWED)

    async def _end_outranked(self) -> None:
        """Where they are in two campaigns of an exclusive group that run, the one that comes first has
        the lead: the smallest priority, then the name.
        """
        mine = ("lead_id", "campaign_id", "entry", "moves", "version_id", "statement")
        columns = [f"{side}.{name} AS {side}_{name}" for side in "ab" for name in mine]
        columns += [
            f"c{side}.{name} AS {side}_{name}" for side in "ab" for name in ("priority", "key")
        ]
        rows = await self._conn.execute(
            text(
                f"SELECT {', '.join(columns)} FROM {self._pairs} "  # noqa: S608
                "JOIN enrolments a ON a.lead_id = p.source AND a.active "
                "JOIN campaigns ca ON ca.id = a.campaign_id AND ca.runs "
                "JOIN enrolments b ON b.lead_id = p.target AND b.active "
                "AND b.campaign_id <> a.campaign_id "
                "JOIN campaigns cb ON cb.id = b.campaign_id AND cb.runs "
                "AND cb.exclusive_group = ca.exclusive_group"
            ),
            {"pairs": self._bound},
        )
        ended: dict[tuple[int, ...], dict[str, object]] = {}
        for row in rows.mappings():
            first = (row["a_priority"], row["a_key"]) < (row["b_priority"], row["b_key"])
            last = {name: row[f"{'b' if first else 'a'}_{name}"] for name in mine}
            ended[tuple(last[name] for name in mine[:3])] = last
        await self._end(list(ended.values()), "outranked", _OUTRANKED)

    async def _end(self, rows: Sequence[dict[str, object]], outcome: str, why: str) -> None:
        """Have these journeys end, so that separating the two again gives them back."""
        ended: list[dict[str, Any]] = [
            {**row, "now": self._now, "outcome": outcome, "reason": why} for row in rows
        ]
        if not ended:
            return
        sources = {lead: source for source, target in self._couples for lead in (source, target)}
        await separation.remember_ended(self._conn, ended, sources)
        this = "lead_id = :lead_id AND campaign_id = :campaign_id AND entry = :entry"
        for statement in (
            "UPDATE enrolments SET active = false, outcome = :outcome, left_at = :now, "  # noqa: S608
            "wake_at = NULL, deadline = NULL, expires_at = NULL, overdue_at = NULL, moves = moves + 1 "
            f"WHERE {this}",
            "INSERT INTO journal (lead_id, campaign_id, entry, move, version_id, at, kind, cause) "
            "VALUES (:lead_id, :campaign_id, :entry, :moves + 1, :version_id, :now, 'left', 'event')",
            f"DELETE FROM waits WHERE {this}",  # noqa: S608
            "UPDATE outbox SET state = 'cancelled', due_at = NULL, overdue_at = NULL, settled_at = :now, "  # noqa: S608
            "reason = :reason "
            f"WHERE {this} AND state = 'pending' AND attempts = 0",
        ):
            await self._conn.execute(text(statement), ended)

    async def _share(self, table: str, columns: Sequence[str]) -> None:
        names = ", ".join(columns)
        await self._do(
            f"INSERT INTO {table} (lead_id, {names}) "  # noqa: S608
            f"SELECT p.target, {', '.join('s.' + name for name in columns)} "
            f"FROM {self._pairs} JOIN {table} s ON s.lead_id = p.source WHERE true "
            "ON CONFLICT DO NOTHING"
        )
        await self._do(
            f"DELETE FROM {table} WHERE lead_id IN (SELECT p.source FROM {self._pairs})"  # noqa: S608
        )

    async def _add_interests(self) -> None:
        """Interests add up, as scores do: the history is the sum of both."""
        await self._do(
            "INSERT INTO interests (lead_id, topic_key, topic, value) "  # noqa: S608
            "SELECT p.target, s.topic_key, s.topic, s.value "
            f"FROM {self._pairs} JOIN interests s ON s.lead_id = p.source WHERE true "
            "ON CONFLICT (lead_id, topic_key) DO UPDATE SET value = "
            f"{self._sum('interests.value', 'excluded.value')}"
        )
        await self._do(
            f"DELETE FROM interests WHERE lead_id IN (SELECT p.source FROM {self._pairs})"  # noqa: S608
        )

    def _sum(self, one: str, other: str) -> str:
        """Two scores together, within what their column can hold."""
        least, greatest = (
            ("least", "greatest") if self._conn.dialect.name == "postgresql" else ("min", "max")
        )
        wide = f"CAST({one} AS BIGINT) + {other}"
        return f"CAST({greatest}({least}({wide}, {_MOST}), -{_MOST}) AS INTEGER)"

    async def _renumber(self, table: str, further: str) -> None:
        """Hand the rows over, their entries counted on from the target's last."""
        await self._do(
            f"UPDATE {table} SET lead_id = p.target, entry = {table}.entry + coalesce("  # noqa: S608
            "(SELECT max(t.entry) FROM enrolments t WHERE t.lead_id = p.target "
            f"AND t.campaign_id = {table}.campaign_id), 0) "
            f"FROM {self._pairs} WHERE {table}.lead_id = p.source{further}"
        )

    async def _choose_fields(self, table: Table) -> None:
        """Of each field, the target takes what the source knows more surely, or since later."""
        columns = [name for name in table.c.keys() if name.startswith("f_")]  # noqa: SIM118
        ids = {lead for pair in self._couples for lead in pair}
        rows = await field_proofs.read(self._conn, table, ids, [*columns, "score"])
        changes: dict[int, dict[str, object]] = {}
        sure: dict[tuple[int, str], Sure] = {}
        taken: dict[int, list[TakenField]] = {}
        for source, target in self._couples:
            for name in columns:
                if _better(name, rows[source], rows[target]):
                    changes.setdefault(target, {})[name] = rows[source].values[name]
                    sure[target, name] = rows[source].sure(name)
                    before = rows[target]
                    known = TakenField(name, before.values[name], before.since.get(name))
                    taken.setdefault(source, []).append(known)
        await lead_rows.change(self._conn, table, changes)
        await field_proofs.write(self._conn, sure)
        scores = {source: rows[source].values["score"] for source, _ in self._couples}
        await separation.keep(self._conn, self._couples, scores, taken, self._now)

    async def _join_rows(self) -> None:
        """Add the scores, point the source to the target; its own fields stay in its row."""
        await self._do(
            f"UPDATE leads SET score = {self._sum('leads.score', 's.score')} "  # noqa: S608
            f"FROM {self._pairs} JOIN leads s ON s.id = p.source WHERE leads.id = p.target"
        )
        await self._do(
            f"UPDATE leads SET merged_into = p.target, score = 0 FROM {self._pairs} "  # noqa: S608
            "WHERE leads.id = p.source"
        )


def _better(name: str, source: ProvenRow, target: ProvenRow) -> bool:
    """Whether the source's field is to be taken; an address stays the target's own."""
    if source.values[name] is None or source.values[name] == target.values[name]:
        return False
    if target.values[name] is None:
        return True
    return name != "f_courriel" and source.sure(name) > target.sure(name)
