"""Dynamic lists: what building one costs, and what ten thousand of them cost an event.

The rule has the six conditions of the notes on performance. It is built by the engine over a
million leads, against the same rule written by hand in SQL over the same tables, and against a
loop in Python over the rows. Two of its conditions change by time alone: all three also note when,
lead by lead, so that nobody has to look every night; one figure leaves that to us alone. Then
forms are handled with nothing else published, and with ten thousand lists and ten thousand
campaigns about other things.
"""

import asyncio
import sqlite3
import tempfile
import time
from datetime import date, datetime, timedelta
from pathlib import Path

from bench import stage
from bench.figures import Figure, Goal, interleaved, table
from dsl.program import END, Act, Place, Program, Reentry, Trigger
from relance.effects import Send
from relance.events import EventPattern
from relance.facts import (
    Age,
    All,
    AnyOf,
    Compare,
    Condition,
    Contains,
    Events,
    Field,
    Happened,
    InList,
    IsEmpty,
    Literal,
    Score,
    SinceAgo,
)
from relance.fold import key_of
from relance.said import Said
from relance.testing import VirtualClock
from relance.values import Comparator, Duration
from server.engine.engine import Engine
from server.engine.publication.project import ProgramSource, Project
from server.store.arrivals import EventRow, insert_events
from server.store.instants import DAY, Micros, to_micros
from server.store.store import Store

NAME = "Six conditions"
Row = tuple[int, str, int, str, str | None, int, int | None]
_RULE = All(
    (
        Compare(Age(Field("date de naissance")), Comparator.AT_LEAST, Literal(25)),
        Compare(Score(), Comparator.AT_LEAST, Literal(40)),
        Compare(Score(), Comparator.AT_MOST, Literal(80)),
        AnyOf((Contains(Field("courriel"), "@gmail"), InList("newsletter"))),
        AnyOf(
            (
                Happened(Events(EventPattern("page_visited"), SinceAgo(Duration(days=30)))),
                IsEmpty(Field("téléphone")),
            )
        ),
    )
)

#: The same by hand; the tables are ours, the rest is what one writes on an afternoon.
_BY_HAND = """\
INSERT INTO list_members (lead_id, list_key, since)
SELECT l.id, 'a-la-main', :now FROM leads l
WHERE l.score BETWEEN 40 AND 80
AND strftime('%Y', :today) - strftime('%Y', l.f_date_de_naissance)
    - (strftime('%m-%d', l.f_date_de_naissance) > strftime('%m-%d', :today)) >= 25
AND (lower(l.f_courriel) LIKE '%@gmail%' OR EXISTS (SELECT 1 FROM list_members m
    WHERE m.lead_id = l.id AND m.list_key = 'newsletter'))
AND (l.f_telephone IS NULL OR trim(l.f_telephone) = '' OR EXISTS (SELECT 1 FROM events e
    WHERE e.lead_id = l.id AND e.type = 'page_visited' AND e.occurred_at >= :since))"""

#: And when time alone will change it: the end of the thirty days of whoever is in it, the
#: twenty-fifth birthday of whoever will be.
_INSTANTS = """\
WITH found AS MATERIALIZED (
SELECT l.id, CASE WHEN trim(coalesce(l.f_telephone, '')) != '' THEN (SELECT max(e.occurred_at)
    FROM events e WHERE e.lead_id = l.id AND e.type = 'page_visited' AND e.occurred_at >= :since
    ) + :window END AS at,
    date(l.f_date_de_naissance, '+25 years') AS day, trim(coalesce(l.f_telephone, '')) AS phone
FROM leads l WHERE l.score BETWEEN 40 AND 80
AND (lower(l.f_courriel) LIKE '%@gmail%' OR EXISTS (SELECT 1 FROM list_members m
    WHERE m.lead_id = l.id AND m.list_key = 'newsletter')))
INSERT INTO flips (lead_id, owner, number, at, zone, day)
SELECT id, 0, 999999, CASE WHEN day <= :today THEN at END,
    CASE WHEN day > :today THEN 'America/Montreal' END, CASE WHEN day > :today THEN day END
FROM found WHERE at IS NOT NULL OR (day > :today AND phone = '')"""

_ROWS = """\
SELECT l.id, l.f_date_de_naissance, l.score, l.f_courriel, l.f_telephone,
EXISTS (SELECT 1 FROM list_members m WHERE m.lead_id = l.id AND m.list_key = 'newsletter'),
(SELECT max(occurred_at) FROM events e WHERE e.lead_id = l.id AND e.type = 'page_visited')
FROM leads l"""


def _fill(path: Path, count: int) -> None:
    """A third with Gmail, a third in the list, a third seen of late, a fifth without telephone."""

    async def declared() -> None:
        store = await Store.open(f"sqlite:///{path}", VirtualClock(stage.START))
        await store.close()

    asyncio.run(declared())
    db = stage.connect(path)
    now = to_micros(stage.START)
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
    holes = {"count": count, "now": now, "day": DAY}
    db.execute("BEGIN IMMEDIATE")
    db.execute(
        numbers + "INSERT INTO leads (id, created_at, score, f_courriel, f_telephone, "
        "f_date_de_naissance) SELECT i, :now, i * 7919 % 101, 'lead' || i || "
        "iif(i % 3, '@exemple.ca', '@gmail.com'), iif(i % 5, '+15145550199', NULL), "
        "date('2026-12-01', '-' || (i * 7907 % 25000) || ' days') FROM n",
        holes,
    )
    db.execute(
        "INSERT INTO list_members (lead_id, list_key, since) SELECT id, 'newsletter', :now "
        "FROM leads WHERE id % 3 = 1",
        holes,
    )
    db.execute(
        "INSERT INTO events (lead_id, type, id, subject, subject_key, occurred_at, received_at"
        ") SELECT id, 'page_visited', id, '/prix', '/prix', :now - id % 90 * :day, "
        ":now - id % 90 * :day FROM leads WHERE id % 2",
        holes,
    )
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


async def _built(path: Path, rule: Condition) -> float:
    clock = VirtualClock(stage.START)
    store = await Store.open(f"sqlite:///{path}", clock)
    engine = Engine(store, clock)
    began = time.perf_counter()
    await engine.publish(Project(lists={NAME: rule}))
    while await engine.tick():
        pass
    took = time.perf_counter() - began
    async with store.read() as conn:
        _same(tuple((await conn.exec_driver_sql(_LEFT, (key_of(NAME),))).one()))
    await engine.publish(Project())
    await store.close()
    return took


def _by_hand(path: Path, *, instants: bool = True) -> float:
    db = stage.connect(path)
    now = to_micros(stage.START)
    holes = {"now": now, "since": now - 30 * DAY, "today": stage.START.date().isoformat()}
    began = time.perf_counter()
    db.execute("BEGIN IMMEDIATE")
    db.execute(_BY_HAND, holes)
    if instants:
        db.execute(_INSTANTS, {**holes, "window": 30 * DAY + 1})
    db.execute("COMMIT")
    took = time.perf_counter() - began
    return _emptied(db, took, instants=instants)


def _in_python(path: Path) -> float:
    db = stage.connect(path)
    now = to_micros(stage.START)
    began = time.perf_counter()
    db.execute("BEGIN IMMEDIATE")
    cursor = db.cursor().execute(_ROWS)
    while rows := cursor.fetchmany(10_000):
        found = [(row[0], "a-la-main", now) for row in rows if _holds(row, now)]
        db.executemany("INSERT INTO list_members VALUES (?, ?, ?)", found)
        instants = [instant for row in rows if (instant := _instant(row, now))]
        db.executemany("INSERT INTO flips VALUES (?, 0, 999999, ?, ?, ?)", instants)
    db.execute("COMMIT")
    return _emptied(db, time.perf_counter() - began)


def _instant(row: Row, now: Micros) -> tuple[int, int | None, str | None, str | None] | None:
    lead, born, score, email, phone, listed, seen = row
    if not (40 <= score <= 80 and ("@gmail" in email.lower() or listed)):
        return None
    day = date.fromisoformat(born)
    # Of whoever was born on 29 February, no twenty-fifth year has one: it is kept on 1 March.
    leap = (day.month, day.day) == (2, 29)
    adult = date(day.year + 25, 3, 1) if leap else day.replace(year=day.year + 25)
    later = adult > stage.START.date()
    called = bool((phone or "").strip())
    recent = seen is not None and seen >= now - 30 * DAY
    if later:
        return None if called and not recent else (lead, None, "America/Montreal", str(adult))
    if not called or seen is None or not recent:
        return None
    return lead, seen + 30 * DAY + 1, None, None


#: What a way of doing it leaves: members, instants and their sums.
_LEFT = (
    "SELECT (SELECT count(*) FROM list_members WHERE list_key = ?), count(*), count(at), sum(at / 1000000), "
    "count(day), min(day), max(day), sum(lead_id) FROM flips"
)
_left: set[object] = set()


def _same(left: tuple[object, ...]) -> None:
    """Every way must leave the same."""
    _left.add(left)
    if len(_left) > 1:
        raise RuntimeError(f"not the same members and instants: {_left}")


def _holds(row: Row, now: Micros) -> bool:
    _, born, score, email, phone, listed, seen = row
    day, today = datetime.fromisoformat(born), stage.START
    age = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    return (
        age >= 25
        and 40 <= score <= 80
        and ("@gmail" in email.lower() or bool(listed))
        and (not (phone or "").strip() or (seen is not None and seen >= now - 30 * DAY))
    )


def _emptied(db: sqlite3.Connection, took: float, *, instants: bool = True) -> float:
    """For the next run; out of the measure."""
    if instants:
        _same(db.execute(_LEFT, ("a-la-main",)).fetchone())
    db.execute("DELETE FROM list_members WHERE list_key = 'a-la-main'")
    db.execute("DELETE FROM flips WHERE number = 999999")
    db.close()
    return took


def builds(runs: int = 3, leads: int = 1_000_000) -> list[Figure]:
    """The rule built by the engine, by hand, and by a loop."""
    with tempfile.TemporaryDirectory(prefix="relance-bench-") as folder:
        path = Path(folder) / "leads.db"
        _left.clear()
        _fill(path, leads)
        _by_hand(path)  # the pages are read once before anyone is measured
        ours, hand = interleaved(
            runs, lambda: asyncio.run(_built(path, _RULE)), lambda: _by_hand(path)
        )
        loop = [_in_python(path) for _ in range(runs)]
        bare = [_by_hand(path, instants=False) for _ in range(runs)]
    what = "Liste à six conditions, construite"
    return [
        Figure(what, "s", ours, "SQL à la main", hand, Goal.AT_MOST, 1.3),
        Figure("La même", "s", ours, "boucle en Python", loop, Goal.AT_MOST, 1.0),
        Figure("La même", "s", ours, "SQL à la main sans échéances", bare),
    ]


def _idle(number: int) -> Program:
    """A campaign about something else."""
    page = EventPattern("page_visited", f"/autre/{number}")
    act = Act("a", Place(2, Said("a")), (Send("email", "Offre"),), END)
    return Program(
        name=f"Campagne {number}", description=None, zone=None, starts=None, ends=None,
        reentry=Reentry.NEVER, reentry_delay=None, timeout=None,
        entries=(Trigger(Place(1, Said("quand")), page),), exits=(), statements=(act,),
    )  # fmt: skip


class _Crowd:
    """A database where `others` lists and campaigns listen to other things."""

    def __init__(self, path: Path, others: int) -> None:
        self._path, self._others = path, others
        self._clock = VirtualClock(stage.START)

    async def open(self, leads: int) -> None:
        self._store = await Store.open(f"sqlite:///{self._path}", self._clock)
        self._engine = Engine(self._store, self._clock)
        seen = {
            f"Liste {number}": Happened(Events(EventPattern("page_visited", f"/liste/{number}")))
            for number in range(self._others)
        }
        idle = [ProgramSource(_idle(number)) for number in range(self._others)]
        await self._engine.publish(Project([ProgramSource(stage.journey()), *idle], lists=seen))
        while await self._engine.tick():
            pass
        async with self._store.write() as conn:
            await conn.exec_driver_sql(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
                "INSERT INTO leads (id, created_at) SELECT i, 0 FROM n",
                (leads,),
            )
        self._leads = leads

    async def handled(self) -> float:
        """Seconds an event, one at a time: as when a few people visit."""
        self._clock.advance(timedelta(seconds=1))
        spent = 0.0
        for lead in range(1, self._leads + 1):
            await self._record(lead)
            began = time.perf_counter()
            while await self._engine.tick():
                pass
            spent += time.perf_counter() - began
        return 1_000 * spent / self._leads

    async def _record(self, lead: int) -> None:
        now = to_micros(self._clock.now())
        async with self._store.write() as conn:
            form = EventRow(
                *(lead, "form_submitted", self._store.ids.next(), now, now),
                *("Inscription", "inscription"),
            )
            await insert_events(conn, [form])

    async def close(self) -> None:
        await self._store.close()


async def _events(folder: Path, runs: int, others: int, leads: int) -> Figure:
    alone, crowd = _Crowd(folder / "seul.db", 0), _Crowd(folder / "foule.db", others)
    ours, base = [], []
    for each in (alone, crowd):
        await each.open(leads)
        await each.handled()  # the leads enter once; afterwards each form is refused, as is usual
    for _ in range(runs):
        base.append(await alone.handled())
        ours.append(await crowd.handled())
    for each in (alone, crowd):
        await each.close()
    what = f"Un événement parmi {others} listes et {others} campagnes"
    return Figure(what, "ms", ours, "sans elles", base, Goal.AT_MOST, 1.2)


def measure(
    runs: int = 3, leads: int = 1_000_000, others: int = 10_000, forms: int = 200
) -> list[Figure]:
    """Every figure."""
    found = builds(runs, leads)
    with tempfile.TemporaryDirectory(prefix="relance-bench-") as folder:
        return [*found, asyncio.run(_events(Path(folder), max(runs, 2), others, forms))]


if __name__ == "__main__":
    print(table(measure()))
