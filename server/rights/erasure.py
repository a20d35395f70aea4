"""Forgetting a person: one transaction, after which nothing in the base tells who she was.

What counts her stays (that somebody came, bought for so much, was sent a message, left a campaign);
what says anything of her goes, and of her addresses a keyed hash alone remains: the proof that she is
not to be brought back.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, case, delete, func, insert, literal, select, text, update
from sqlalchemy import Text as SqlText
from sqlalchemy.ext.asyncio import AsyncConnection

from dsl.program import Exit
from server.crash import crash_point
from server.engine.batch import insert_from
from server.engine.moves import Cause, Move
from server.rights.holdings import HOLDINGS
from server.rights.person import KnownPerson
from server.store import forgotten as proofs
from server.store.counters.folding import let_go_of_nothing
from server.store.declarations import MERGE
from server.store.forgotten import Forgotten
from server.store.instants import Micros
from server.store.leads import among, serialize_intake
from server.store.schema.campaigns import enrolments, journal
from server.store.schema.counters import message_marks
from server.store.schema.events import events
from server.store.schema.messages import kept_texts, lifted_suppressions, outbox, suppressions
from server.store.schema.metadata import metadata
from server.store.schema.rights import erasures
from server.store.schema.trust import declarations

#: `leads.merged_into` of who was forgotten: nobody.
NOBODY = 0
#: Said of the messages that will not leave.
REASON = "personne oubliée"
#: The words of an event that count it among those alike: kept when others have them too.
_COUNTED = (("subject", "subject_key"), ("context", "context_key"), ("address", None))

#: (type, column, value) of the words of events that are not hers alone.
Shared = frozenset[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Erased:
    """What came of it: how many rows by table, the proofs kept, the kept texts that went."""

    counts: Mapping[str, int]
    hashes: frozenset[str]
    texts: tuple[int, ...] = ()


async def shared(conn: AsyncConnection, person: KnownPerson) -> Shared:
    """The words of her events that others' have too; read beside, for it may take seconds."""
    inside = text(f"events.lead_id IN {among(conn.dialect.name, 'ids')}")
    asked = {"ids": person.numbers}
    found: set[tuple[str, str, str]] = set()
    for name, _ in _COUNTED:
        column = events.c[name]
        query = select(events.c.type, column).where(inside, column.is_not(None)).distinct()
        own = [(row[0], row[1]) for row in await conn.execute(query, asked)]
        own = [(type_, word) for type_, word in own if not person.named_in(word)]
        if not own:
            continue
        mine = _pairs(conn.dialect.name)
        others = text(
            f"SELECT DISTINCT e.type, e.{name} FROM events e JOIN {mine} m "  # noqa: S608 — names of ours
            f"ON m.type = e.type AND m.word = e.{name} "
            f"WHERE e.lead_id NOT IN {among(conn.dialect.name, 'ids')}"
        )
        rows = await conn.execute(others, {**asked, "pairs": json.dumps(own)})
        found |= {(row[0], name, row[1]) for row in rows}
    return frozenset(found)


def _pairs(dialect: str) -> str:
    """The rows of a JSON array of (type, word) bound as `:pairs`."""
    if dialect == "sqlite":
        return (
            "(SELECT json_extract(value, '$[0]') AS type, json_extract(value, '$[1]') AS word "
            "FROM json_each(:pairs))"
        )
    return "(SELECT value->>0 AS type, value->>1 AS word FROM json_array_elements(CAST(:pairs AS JSON)))"


async def erase(
    conn: AsyncConnection,
    table: Table,
    person: KnownPerson,
    known: Shared,
    known_forgotten: Forgotten,
    who: str | None,
    now: Micros,
) -> Erased:
    """Forget the person, in the caller's transaction; `table`: that of leads, with every field."""
    work = _Erasure(conn, person, now)
    await serialize_intake(conn)
    await work.wait_for_the_engine()
    await work.leave()
    texts = await work.texts()
    await work.reword(known)
    await work.unmark()
    counts = await work.empty()
    await work.withdraw()
    await work.blank(table)
    # What counted her events alone, by her own words, counts nothing any more.
    await let_go_of_nothing(conn)
    hashes = frozenset(known_forgotten.hashes(person.identities))
    await proofs.keep(conn, hashes, now)
    await work.note(who, counts)
    crash_point("rights.before_commit")
    return Erased(counts, hashes, texts)


class _Erasure:
    """One call of `erase`."""

    def __init__(self, conn: AsyncConnection, person: KnownPerson, now: Micros) -> None:
        self._conn, self._person, self._now = conn, person, now
        self._among = among(conn.dialect.name, "ids")
        self._asked: dict[str, Any] = {"ids": person.numbers}

    def _in(self, column: Column[Any]) -> Any:
        return text(f"{column.table.name}.{column.name} IN {self._among}")

    async def _do(self, statement: Any) -> int:
        return int((await self._conn.execute(statement, self._asked)).rowcount)

    async def wait_for_the_engine(self) -> None:
        """Let a tick that moves her end first, as a merge does."""
        if self._conn.dialect.name != "postgresql":
            return
        for rows in ("inbox WHERE", "enrolments WHERE active AND", "flips WHERE"):
            query = f"SELECT 1 FROM {rows} lead_id IN {self._among} ORDER BY lead_id FOR UPDATE"  # noqa: S608
            await self._conn.execute(text(query), self._asked)

    async def leave(self) -> None:
        """She leaves every campaign, and nothing more is sent to her."""
        inside = (self._in(enrolments.c.lead_id), text("enrolments.active"))
        left = {
            "lead_id": enrolments.c.lead_id,
            "campaign_id": enrolments.c.campaign_id,
            "entry": enrolments.c.entry,
            "move": enrolments.c.moves + 1,
            "version_id": enrolments.c.version_id,
            "at": literal(self._now, journal.c["at"].type),
            "kind": literal(Move.LEFT.value, SqlText),
            "statement": case((enrolments.c.statement >= 0, enrolments.c.statement)),
            "cause": literal(Cause.OPERATOR.value, SqlText),
        }
        await self._do(insert_from(journal, left, select(enrolments.c.lead_id).where(*inside)))
        gone = {"active": False, "outcome": Exit.FORGOTTEN.value, "left_at": self._now}
        rest = dict.fromkeys(("wake_at", "deadline", "expires_at", "overdue_at"))
        moves = {"moves": enrolments.c.moves + 1}
        await self._do(update(enrolments).where(*inside).values(**gone, **rest, **moves))
        unsettled = (self._in(outbox.c.lead_id), outbox.c.settled_at.is_(None))
        ended = {"state": "cancelled", "settled_at": self._now}
        silent = dict.fromkeys(("due_at", "overdue_at", "doubted_at"))
        await self._do(update(outbox).where(*unsettled).values(**ended, **silent))

    async def texts(self) -> tuple[int, ...]:
        """The kept texts that are hers."""
        query = select(kept_texts.c.id).where(self._in(kept_texts.c.lead_id))
        return tuple((await self._conn.execute(query, self._asked)).scalars())

    async def reword(self, known: Shared) -> None:
        """Her events keep the words by which they count among others', and no other."""
        for name, key in _COUNTED:
            column = events.c[name]
            query = select(events.c.type, column).where(
                self._in(events.c.lead_id), column.is_not(None)
            )
            rows = await self._conn.execute(query.distinct(), self._asked)
            alone = [(row[0], row[1]) for row in rows if (row[0], name, row[1]) not in known]
            values = {one: None for one in (name, key) if one is not None}
            for type_, word in alone:
                these = (self._in(events.c.lead_id), events.c.type == type_, column == word)
                await self._do(update(events).where(*these).values(**values))

    async def unmark(self) -> None:
        """What became of her messages says no more where they went: a domain may be a family's."""
        key: Any = message_marks.c.key
        if self._conn.dialect.name == "postgresql":
            key = key.collate("C")
        for lead in self._person.leads:
            hers = (key >= f"{lead}.", key < f"{lead}/", message_marks.c.domain.is_not(None))
            await self._conn.execute(update(message_marks).where(*hers).values(domain=None))

    async def empty(self) -> Mapping[str, int]:
        """Every table, as `HOLDINGS` says; how many rows of each."""
        counts: dict[str, int] = {}
        for one in HOLDINGS:
            table = metadata.tables[one.table]
            for name in one.leads:
                hers = self._in(table.c[name])
                if one.blanked is None:
                    done = await self._do(delete(table).where(hers))
                elif one.blanked:
                    blank = dict.fromkeys(one.blanked)
                    done = await self._do(update(table).where(hers).values(**blank))
                else:
                    continue
                counts[one.table] = counts.get(one.table, 0) + done
        merged = (declarations.c.field == MERGE, declarations.c.value.in_(self._as_json()))
        await self._do(delete(declarations).where(*merged))
        return {table: count for table, count in counts.items() if count}

    def _as_json(self) -> Iterable[str]:
        return [json.dumps(lead) for lead in self._person.leads]

    async def withdraw(self) -> None:
        """Her addresses stand nowhere in clear, even among those that are left alone."""
        addresses = sorted(self._person.addresses())
        for table in (suppressions, lifted_suppressions):
            await self._conn.execute(delete(table).where(table.c.address_key.in_(addresses)))

    async def blank(self, table: Table) -> None:
        """Of the lead itself its number stays, and when it came."""
        values: dict[str, Any] = {
            name: None
            for name in table.c.keys()  # noqa: SIM118
            if name.startswith("f_")
        }
        values |= {"merged_into": NOBODY, "score": 0, "proof": 1, "told_at": None}
        await self._do(update(table).where(self._in(table.c.id)).values(**values))

    async def note(self, who: str | None, counts: Mapping[str, int]) -> None:
        """That it was done, and by whom; the files are gone over next."""
        root = self._person.leads[0]
        known = await self._conn.scalar(select(func.count()).where(erasures.c.lead_id == root))
        if known:
            return
        row = {"lead_id": root, "at": self._now, "who": who, "counts": json.dumps(counts)}
        await self._conn.execute(insert(erasures).values(**row))
