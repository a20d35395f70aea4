"""Undoing a merge: what a lead was before it was found to be another, and giving it back.

`remember` keeps the source's rows before they are handed over. `separate` gives them back as they
have become: a journey that went on goes on as the source's. What the two did together since stays
with the one they had become, the target.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store import field_proofs, goal_counts, tallies
from server.store import leads as lead_rows
from server.store.bulk import insert_rows
from server.store.field_proofs import Sure
from server.store.instants import Micros
from server.store.reopening import Reopening, typed
from server.store.schema.metadata import metadata

#: What tells a lead's row apart in each table that is remembered whole.
_KEPT: Mapping[str, tuple[str, ...]] = {
    "list_members": ("list_key",),
    "lead_tags": ("tag_key",),
    "edges": ("version_id", "trigger"),
    "refusals": ("campaign_id", "reason"),
    "interests": ("topic_key",),
    "leftovers": ("source", "field", "reason"),
    "flips": ("owner", "number"),
    "points": ("id",),
    "missed": ("version_id", "event_id", "entering"),
    "enrolments": ("campaign_id", "entry"),
    "waits": ("topic", "campaign_id", "entry"),
    "identities": ("kind", "value"),
    "attached": ("channel", "hash"),
}
#: Rows the target keeps its own of; the source's is one more only where it had none.
_SHARED = ("list_members", "lead_tags", "edges", "refusals", "interests", "leftovers")
#: Of those below, what may be handed over part by part.
_LONG = ("points",)
#: Rows that were handed over as they are.
_MOVED = ("points", "missed", "identities", "attached")
_COLUMNS = ("source", "kind", "key", "row", "extra")

Pair = tuple[int, int]


class TakenField(NamedTuple):
    """A field the target took of the source, and what it had before."""

    column: str
    before: object
    #: None: as surely as its lead was made.
    sure: Sure | None


class NotMerged(LookupError):
    """That lead was not merged, or before what a merge moved was remembered."""


class Further(LookupError):
    """What it had become was merged in turn: `.args` are that lead, and what it is now."""


def _object(dialect: str, table: Table, alias: str) -> str:
    """A row as JSON, in SQL."""
    pairs = ", ".join(f"'{name}', {alias}.\"{name}\"" for name in table.c.keys())  # noqa: SIM118
    return f"json_object({pairs})" if dialect == "sqlite" else f"json_build_object({pairs})::text"


def _key(alias: str, columns: Sequence[str]) -> str:
    parts = " || '|' || ".join(f'CAST({alias}."{name}" AS TEXT)' for name in columns)
    return f"substr({parts}, 1, 400)"


async def remember(conn: AsyncConnection, pairs: str, bound: str, short: str) -> None:
    """Keep what the sources have. `pairs` is a subquery of (source, target) over `:pairs`.

    `short`: those of them whose whole history is handed over at once.
    """
    await _forget(conn, pairs, bound)
    names = ", ".join(_COLUMNS)
    for name, key in _KEPT.items():
        table = metadata.tables[name]
        extra = "0"
        if name in _SHARED:
            same = " AND ".join(f't."{column}" = s."{column}"' for column in key)
            extra = (
                f"(SELECT CASE WHEN count(*) = 0 THEN 1 ELSE 0 END FROM {name} t "  # noqa: S608
                f"WHERE t.lead_id = p.target AND {same})"
            )
        elif name == "enrolments":
            extra = (
                "coalesce((SELECT max(t.entry) FROM enrolments t WHERE t.lead_id = p.target "
                "AND t.campaign_id = s.campaign_id), 0)"
            )
        written = _object(conn.dialect.name, table, "s")
        await conn.execute(
            text(
                f"INSERT INTO merged_rows ({names}) SELECT p.source, '{name}', {_key('s', key)}, "  # noqa: S608
                f"{written}, {extra} FROM {pairs} JOIN {name} s ON s.lead_id = p.source"
            ),
            {"pairs": short if name in _LONG else bound},
        )


async def remember_points(conn: AsyncConnection, part: str, values: Mapping[str, Any]) -> None:
    """Keep a part of the points of a source, those whose numbers the query `part` gives."""
    written = _object(conn.dialect.name, metadata.tables["points"], "s")
    await conn.execute(
        text(
            f"INSERT INTO merged_rows ({', '.join(_COLUMNS)}) SELECT :source, 'points', "  # noqa: S608
            f"{_key('s', _KEPT['points'])}, {written}, 0 FROM points s "
            f"WHERE s.lead_id = :source AND s.id IN ({part})"
        ),
        {name: values[name] for name in ("source", "room")},
    )


async def _forget(conn: AsyncConnection, pairs: str, bound: str) -> None:
    """A lead that is merged a second time is remembered as it is now."""
    for table in ("merged_rows", "merges"):
        await conn.execute(
            text(f"DELETE FROM {table} WHERE source IN (SELECT p.source FROM {pairs})"),  # noqa: S608
            {"pairs": bound},
        )


async def remember_ended(
    conn: AsyncConnection, ended: Sequence[Mapping[str, Any]], sources: Mapping[int, int]
) -> None:
    """Keep the target's journeys that are about to end for the source's, with all they wait for.

    Also the messages that are called back, whosever they are. `sources`: by lead, the source.
    """
    this = "lead_id = :lead_id AND campaign_id = :campaign_id AND entry = :entry"
    rows: list[tuple[Any, ...]] = []
    for one in ended:
        source = sources[one["lead_id"]]
        tables = {"outbox": f"{this} AND state = 'pending' AND attempts = 0"}
        if one["lead_id"] != source:
            tables |= {"enrolments": this, "waits": this}
        for name, which in tables.items():
            written = _object(conn.dialect.name, metadata.tables[name], name)
            found = await conn.execute(
                text(f"SELECT {written} FROM {name} WHERE {which}"),  # noqa: S608
                {key: one[key] for key in ("lead_id", "campaign_id", "entry")},
            )
            for number, (row,) in enumerate(found):
                mine = json.dumps([one["lead_id"], one["campaign_id"], one["entry"], number])
                rows.append((source, f"ended:{name}", mine, row, 0))
    await insert_rows(conn, "merged_rows", _COLUMNS, rows)


async def keep(
    conn: AsyncConnection,
    pairs: Sequence[Pair],
    scores: Mapping[int, int],
    taken: Mapping[int, Sequence[TakenField]],
    now: Micros,
) -> None:
    """Remember the merges themselves; `taken` by source."""
    rows = [
        (
            source,
            target,
            now,
            scores[source],
            json.dumps(
                [[one.column, _plain(one.before), one.sure] for one in taken.get(source, ())],
                ensure_ascii=False,
            ),
        )
        for source, target in pairs
    ]
    await insert_rows(conn, "merges", ("source", "target", "at", "score", "taken"), rows)


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


async def merged_into(conn: AsyncConnection, lead: int) -> Sequence[int]:
    """The leads that were merged into that one and can be separated again, the last first."""
    query = text("SELECT source FROM merges WHERE target = :lead ORDER BY at DESC, source DESC")
    return list((await conn.execute(query, {"lead": lead})).scalars())


async def known(conn: AsyncConnection, lead: int) -> bool:
    """Whether that lead was merged into another, and can be separated again."""
    query = text("SELECT 1 FROM merges WHERE source = :lead")
    return (await conn.execute(query, {"lead": lead})).first() is not None


async def separate(conn: AsyncConnection, leads: Table, source: int, now: Micros) -> int:
    """Make two leads of what was merged; the one it had become.

    `NotMerged` when it was not; `Further` when that one was merged in turn; `InHand` while a channel
    has a message of a journey that is to be given back. Nothing is told of either meanwhile.
    """
    await lead_rows.serialize_intake(conn)
    merge = (
        await conn.execute(text("SELECT * FROM merges WHERE source = :lead"), {"lead": source})
    ).one_or_none()
    if merge is None:
        raise NotMerged(source)
    now_is = (await lead_rows.survivors(conn, [merge.target])).get(merge.target)
    if now_is != merge.target:
        raise Further(merge.target, now_is)
    await _Separation(conn, leads, source, merge, now).run()
    return int(merge.target)


class _Separation(Reopening):
    """One call of `separate`."""

    def __init__(
        self, conn: AsyncConnection, leads: Table, source: int, merge: Any, now: Micros
    ) -> None:
        super().__init__(conn, source, int(merge.target), int(merge.at), now)
        self._leads, self._merge = leads, merge

    async def run(self) -> None:
        await self._do("UPDATE leads SET merged_into = NULL WHERE id = :source")
        been = await goal_counts.entered(self._conn, self._source, self._target)
        rows = await self._remembered()
        await self._give_back_entries(rows.get("enrolments", []))
        await self._remember_later(rows)
        await self._reopen(rows)
        for name in _SHARED:
            await self._unshare(name, rows.get(name, []))
        for name in _MOVED:
            await self._take_back(name, rows.get(name, []))
        await self._put("flips", [row for row, _ in rows.get("flips", [])])
        await self._return_events()
        await goal_counts.separate(self._conn, self._source, self._target, been)
        await self._return_fields()
        await self._do(
            "UPDATE enrolments SET wake_at = :now WHERE active AND lead_id IN (:source, :target) "
            "AND EXISTS (SELECT 1 FROM waits w WHERE w.lead_id = enrolments.lead_id "
            "AND w.campaign_id = enrolments.campaign_id AND w.entry = enrolments.entry)"
        )
        await self._do("DELETE FROM merged_rows WHERE source = :source")
        await self._do("DELETE FROM merges WHERE source = :source")

    async def _remembered(self) -> dict[str, list[tuple[dict[str, Any], int]]]:
        query = text("SELECT kind, row, extra FROM merged_rows WHERE source = :lead")
        found: dict[str, list[tuple[dict[str, Any], int]]] = {}
        for kind, row, extra in await self._conn.execute(query, {"lead": self._source}):
            found.setdefault(kind, []).append((json.loads(row), extra))
        return found

    async def _unshare(self, name: str, rows: Sequence[tuple[dict[str, Any], int]]) -> None:
        """Give the source its own; the target keeps what it had, or has got by itself since."""
        key = _KEPT[name]
        for row, alone in rows:
            same = " AND ".join(f'"{column}" = :own_{column}' for column in key)
            values = {f"own_{column}": row[column] for column in key}
            if name == "interests":
                await self._do(
                    f"UPDATE interests SET value = value - :less WHERE lead_id = :target AND {same}",  # noqa: S608
                    less=row["value"],
                    **values,
                )
                same += " AND value = 0"
            elif (when := next((one for one in ("since", "at") if one in row), None)) is not None:
                same += f" AND {when} = :own_{when}"
                values[f"own_{when}"] = row[when]
            if not alone:
                continue
            heir = await self._heir(name, row)
            if heir is not None and name == "interests":
                continue  # its part of the sum is there already
            gone = f"DELETE FROM {name} WHERE lead_id = :target AND {same}"  # noqa: S608
            await self._do(gone, **values)
            if heir is not None:
                await self._put(name, [{**heir, "lead_id": self._target}])
        await self._put(name, [row for row, _ in rows])

    async def _heir(self, name: str, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """The same of another lead that still is one with the target, which has it of that one now."""
        key = "|".join(str(row[column]) for column in _KEPT[name])[:400]
        query = text(
            "SELECT r.source, r.row FROM merges m JOIN merged_rows r ON r.source = m.source "
            "WHERE m.target = :target AND m.source <> :source AND r.kind = :kind AND r.key = :key "
            "ORDER BY m.at, m.source LIMIT 1"
        )
        asked = {"target": self._target, "source": self._source, "kind": name, "key": key}
        heir = (await self._conn.execute(query, asked)).one_or_none()
        if heir is None:
            return None
        await self._conn.execute(
            text(
                "UPDATE merged_rows SET extra = 1 "
                "WHERE source = :heir AND kind = :kind AND key = :key"
            ),
            {"heir": heir.source, "kind": name, "key": key},
        )
        found: dict[str, Any] = json.loads(heir.row)
        return found

    async def _take_back(self, name: str, rows: Sequence[tuple[dict[str, Any], int]]) -> None:
        """Give the source the rows that were handed over, if they still are the target's."""
        same = " AND ".join(f'"{column}" = :{column}' for column in _KEPT[name])
        asked = [
            {column: row[column] for column in _KEPT[name]}
            | {"source_": self._source, "target_": self._target}
            for row, _ in rows
        ]
        if asked:
            moved = f"UPDATE {name} SET lead_id = :source_ WHERE lead_id = :target_ AND {same}"  # noqa: S608
            await self._conn.execute(text(moved), [_booleans(one) for one in asked])

    async def _return_events(self) -> None:
        """Those told of the source, and of the leads merged into it before."""
        await tallies.forget(self._conn, self._source, self._target)
        query = text(
            "WITH RECURSIVE own(id) AS (SELECT CAST(:source AS BIGINT) UNION "
            "SELECT m.source FROM merges m JOIN own ON m.target = own.id) SELECT id FROM own"
        )
        own = list((await self._conn.execute(query, {"source": self._source})).scalars())
        # What was not handed over yet stays, and what was on its way to the source goes to it.
        await self._do("DELETE FROM moving WHERE source = :source")
        for lead in own:
            await self._do(
                "UPDATE moving SET target = :source WHERE source = :lead AND target = :target",
                lead=lead,
            )
            # Their points may have gone to the target by themselves, after the source had.
            await self._do(
                "UPDATE points SET lead_id = :source WHERE lead_id = :target AND id IN "
                "(SELECT CAST(key AS BIGINT) FROM merged_rows "
                "WHERE source = :lead AND kind = 'points')",
                lead=lead,
            )
        for origin in own:
            kept = "NULL" if origin == self._source else "origin"
            await self._do(
                "UPDATE inbox SET lead_id = :source WHERE lead_id = :target AND EXISTS (SELECT 1 "
                "FROM events e WHERE e.lead_id = :target AND e.type = inbox.type AND e.id = inbox.id "
                "AND e.origin = :origin)",
                origin=origin,
            )
            await self._do(
                f"UPDATE events SET lead_id = :source, origin = {kept} "  # noqa: S608
                "WHERE lead_id = :target AND origin = :origin",
                origin=origin,
            )

    async def _return_fields(self) -> None:
        """The target has again what it had, where it still has what it took."""
        taken = json.loads(self._merge.taken)
        columns = [column for column, *_ in taken]
        ids = [self._source, self._target]
        rows = await field_proofs.read(self._conn, self._leads, ids, [*columns, "score"])
        source, target = rows[self._source], rows[self._target]
        changes: dict[str, object] = {}
        for column, before, sure in taken:
            unchanged = target.values[column] == source.values[column]
            if unchanged and target.sure(column) == source.sure(column):
                changes[column] = typed(self._leads, column, before)
                if sure is None:
                    await self._do(
                        "DELETE FROM field_proofs WHERE lead_id = :target AND field = :field",
                        field=column,
                    )
                else:
                    proofs = {(self._target, column): Sure(*sure)}
                    await field_proofs.write(self._conn, proofs)
            else:
                of_source = [column, _plain(source.values[column]), [*source.sure(column)]]
                await self._bequeath(of_source, [column, before, sure])
        changes["score"] = target.values["score"] - self._merge.score
        await lead_rows.change(
            self._conn,
            self._leads,
            {self._target: changes, self._source: {"score": self._merge.score}},
        )

    async def _bequeath(self, given: list[object], before: list[object]) -> None:
        """What another took over in its turn was the source's: that one gives back what was before."""
        query = text(
            "SELECT source, taken FROM merges WHERE target = :target AND source <> :source"
        )
        asked = {"target": self._target, "source": self._source}
        for other, taken in (await self._conn.execute(query, asked)).all():
            inherited = json.loads(taken)
            if given in inherited:
                left = [before if one == given else one for one in inherited]
                await self._conn.execute(
                    text("UPDATE merges SET taken = :taken WHERE source = :other"),
                    {"taken": json.dumps(left, ensure_ascii=False), "other": other},
                )


def _booleans(values: dict[str, Any]) -> dict[str, Any]:
    if "entering" in values:
        values["entering"] = bool(values["entering"])
    return values
